"""The end of the line when it goes wrong: poison, refusals, targets out of reach or gone, a stop in the middle."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal

import pytest
from builders import NOW, TITLE, credit, feed_state, item, moved, release, world
from engines import FEED, opened

from watcher import sending
from watcher.decide.health import health_notices
from watcher.decide.intents import Notice, Plan
from watcher.decide.plan import plan_summary
from watcher.edtf import Edtf
from watcher.engine import Engine
from watcher.learn import World
from watcher.model import Claim, Confidence, Feed, Known, Status, Target, Title
from watcher.send import Receipt
from watcher.store import ask, rows
from watcher.store.outbox import GIVEN_UP_AFTER
from watcher.store.undelivered import undelivered
from watcher.tell.message import Message
from watcher.userword import fix

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
PHONE, MAIL = Target(name="phone"), Target(name="mail")
WELL = Receipt(outcome="sent")


class Scripted:
    """A sender that answers as a test says, by target and message; what it took is in `taken`."""

    def __init__(self, answer: Callable[[str, Message], Receipt] = lambda *_: WELL) -> None:
        self.answer = answer
        self.tried: list[tuple[str, str]] = []
        self.taken: list[tuple[str, str]] = []
        self.messages: list[Message] = []

    async def send(self, target: Target, message: Message) -> Receipt:
        """One send."""
        self.tried.append((target.name, message.title))
        receipt = self.answer(target.name, message)
        if receipt.outcome == "sent":
            self.taken.append((target.name, message.title))
            self.messages.append(message)
        return receipt


def scripted(engine: Engine, sender: Scripted) -> Scripted:
    """Let an engine send by this sender."""
    engine._sending.sender = sender
    return sender


def summaries(*targets: str, titles: Sequence[str] = (TITLE.id,)) -> Plan:
    """A plan with an alert for each target and title: a summary."""
    rows = [
        Notice(target=name, title=title, subject=f"summary/{title}", kind="summary", not_before=NOW)
        for name in targets
        for title in titles
    ]
    return Plan(at=NOW, notices=tuple(rows))


async def arrive(engine: Engine, guid: str, *, at: timedelta = timedelta(0), outlet: str = "Morning Reel") -> None:
    """An item comes in."""
    now = NOW + at
    await engine.learn(Feed(url=FEED.url, outlet=outlet), [item(guid, on=now)], feed_state(FEED.url, polled=now), now)


async def state(engine: Engine, target: str) -> list[str]:
    """The states of what a target has not got."""
    return [one.state for one in await engine.in_store(lambda: undelivered(engine.store.connection, target))]


def there(claims: dict[str, Sequence[Claim]] | None = None, *targets: Target) -> World:
    """A world with these targets."""
    return world(claims, targets=targets or (PHONE,), feeds=[FEED])


async def test_alert_that_cannot_be_put_into_words_holds_nobody_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A bug in the words of one alert costs that alert alone: the others go out, it is tried again, given up, and shown."""
    render = sending.render

    def poisoned(store: Any, world_: Any, target: Target, delivery: Any, **given: Any) -> Any:
        if delivery.parts[0].title == "poison":
            raise ZeroDivisionError
        return render(store, world_, target, delivery, **given)

    monkeypatch.setattr(sending, "render", poisoned)
    caplog.set_level(logging.CRITICAL, "watcher")
    async with opened(tmp_path, there()) as engine:
        sender = scripted(engine, Scripted())
        await engine.in_store(lambda: engine.store.apply(summaries("phone", titles=("poison", TITLE.id))))
        for hours in range(3 * GIVEN_UP_AFTER):
            await engine.deliver(NOW + hours * HOUR)
        assert [title for _, title in sender.taken if title.startswith("Watching")] == [
            "Watching Harbor Lights: no date known yet"
        ]
        assert await state(engine, "phone") == ["dead"]


async def test_message_that_is_refused_is_passed_by_the_others(tmp_path: Path) -> None:
    """What a server refuses for good rests by itself; the next message leaves in the same pass, and the target does not rest."""
    no = Receipt(outcome="failed", detail="too large", refuses=True)
    async with opened(tmp_path, there()) as engine:
        sender = scripted(engine, Scripted(lambda _, message: no if "poison" in message.title else WELL))
        await engine.in_store(lambda: engine.store.apply(summaries("phone", titles=("poison", TITLE.id))))
        await engine.deliver(NOW)
        assert [title for _, title in sender.taken] == ["Watching Harbor Lights: no date known yet"]
        assert await state(engine, "phone") == ["pending"]
        for hours in range(1, GIVEN_UP_AFTER + 1):
            await engine.deliver(NOW + hours * HOUR)
        assert await state(engine, "phone") == ["dead"]
        tried = sum("poison" in title for _, title in sender.tried)
        assert tried == GIVEN_UP_AFTER


async def test_target_that_refuses_everything_loses_nothing(tmp_path: Path) -> None:
    """Where a target took nothing since, a refusal may be its own fault: nothing is given up, and it all arrives in the end."""
    answers = [Receipt(outcome="failed", detail="no", refuses=True)]
    async with opened(tmp_path, there()) as engine:
        sender = scripted(engine, Scripted(lambda *_: answers[-1]))
        await engine.in_store(lambda: engine.store.apply(summaries("phone", titles=("tide", TITLE.id))))
        for hours in range(3 * GIVEN_UP_AFTER):
            await engine.deliver(NOW + hours * HOUR)
        assert await state(engine, "phone") == ["pending", "pending"]
        answers.append(WELL)
        await engine.deliver(NOW + 4 * GIVEN_UP_AFTER * HOUR)
        assert len(sender.taken) == 2


async def test_target_that_refuses_everything_is_not_asked_for_each_of_all(tmp_path: Path) -> None:
    """Of many alerts that a target refuses one after the other it is asked about one an hour, and not about each of them."""
    no = Receipt(outcome="failed", detail="no such chat", refuses=True)
    answers = [no]
    async with opened(tmp_path, there()) as engine:
        sender = scripted(engine, Scripted(lambda *_: answers[-1]))
        titles = [f"film-{number}" for number in range(30)]
        await engine.in_store(lambda: engine.store.apply(summaries("phone", titles=titles)))
        for minutes in range(0, 600, 5):
            await engine.deliver(NOW + minutes * MINUTE)
        before = len(sender.tried)
        for minutes in range(600, 900, 5):
            await engine.deliver(NOW + minutes * MINUTE)
        assert len(sender.tried) - before <= 6
        answers.append(WELL)
        for minutes in range(900, 1000, 5):
            await engine.deliver(NOW + minutes * MINUTE)
        assert await state(engine, "phone") == []


async def test_several_refused_alerts_hold_no_good_one_up(tmp_path: Path) -> None:
    """A target that refused all it was sent lately is asked with what is new first, and takes it within an hour."""
    no = Receipt(outcome="failed", detail="looks like spam", refuses=True)
    async with opened(tmp_path, there()) as engine:
        sender = scripted(engine, Scripted(lambda _, message: no if "poison" in message.title else WELL))
        await engine.in_store(lambda: engine.store.apply(summaries("phone", titles=[f"poison-{n}" for n in range(5)])))
        for minutes in range(0, 600, 5):
            await engine.deliver(NOW + minutes * MINUTE)
        await engine.in_store(lambda: engine.store.apply(summaries("phone")))
        for minutes in range(600, 665, 5):
            await engine.deliver(NOW + minutes * MINUTE)
        assert sender.taken[0] == ("phone", "Watching Harbor Lights: no date known yet")


@pytest.mark.parametrize(("asked", "first"), [(None, 30), (90.0, 90), (10.0, 30), (10**9, 6 * 3600)])
async def test_server_that_asks_to_wait_is_left_alone(tmp_path: Path, asked: float | None, first: int) -> None:
    """After a failure a target rests for half a minute, or for as long as its server asks, within six hours."""
    async with opened(tmp_path, there()) as engine:
        busy = Receipt(outcome="failed", detail="busy", retry_after=asked)
        sender = scripted(engine, Scripted(lambda *_: busy))
        await engine.in_store(lambda: engine.store.apply(summaries("phone")))
        await engine.deliver(NOW)
        await engine.deliver(NOW + timedelta(seconds=first - 1))
        assert len(sender.tried) == 1
        await engine.deliver(NOW + timedelta(seconds=first))
        assert len(sender.tried) == 2


async def stopped_in_the_middle(engine: Engine, begun: threading.Event, go: threading.Event) -> None:
    """A send that is cancelled when the store's thread has `begun` with a piece of work, which ends once it may `go` on."""
    sends = asyncio.ensure_future(engine._sending.to(PHONE, NOW))
    await asyncio.to_thread(begun.wait, 20)
    sends.cancel()
    await asyncio.sleep(0)
    go.set()
    with pytest.raises(asyncio.CancelledError):
        await sends


async def test_stop_between_claim_and_send_leaves_no_doubt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A delivery that was being put into words when the stop came has not left: it is sent later, and not marked."""
    begun, go = threading.Event(), threading.Event()
    render = sending.render

    def slowly(*given: Any, **named: Any) -> Any:
        begun.set()
        go.wait(20)
        return render(*given, **named)

    monkeypatch.setattr(sending, "render", slowly)
    async with opened(tmp_path, there()) as engine:
        sender = scripted(engine, Scripted())
        await engine.in_store(lambda: engine.store.apply(summaries("phone")))
        await stopped_in_the_middle(engine, begun, go)
        assert sender.tried == []
        assert await engine._sending.recover() == 0
        (one,) = await engine.in_store(lambda: undelivered(engine.store.connection, "phone"))
        assert (one.state, one.may_repeat, one.attempts) == ("pending", False, 0)


async def test_stop_while_an_outcome_is_recorded_keeps_the_outcome(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stop that comes while "sent" is written down does not turn it into "may have arrived"."""
    begun, go = threading.Event(), threading.Event()
    async with opened(tmp_path, there()) as engine:
        scripted(engine, Scripted())
        sent = engine._sending.outbox.sent

        def slowly(*given: Any, **named: Any) -> None:
            begun.set()
            go.wait(20)
            sent(*given, **named)

        monkeypatch.setattr(engine._sending.outbox, "sent", slowly)
        await engine.in_store(lambda: engine.store.apply(summaries("phone")))
        await stopped_in_the_middle(engine, begun, go)
        assert await state(engine, "phone") == []


async def test_what_waits_for_a_target_that_is_gone_ends(tmp_path: Path) -> None:
    """Alerts for a target that is not configured any more are dropped when watcher starts, and it says how many."""
    async with opened(tmp_path, there({}, PHONE, MAIL)) as engine:
        await engine.in_store(lambda: engine.store.apply(summaries("phone", "mail")))
        scripted(engine, Scripted(lambda *_: Receipt(outcome="failed", detail="busy")))
        await engine.deliver(NOW)
    async with opened(tmp_path, there({}, MAIL)) as engine:
        assert engine.strangers == {"phone": 1}
        assert await state(engine, "phone") == []
        assert await state(engine, "mail") == ["pending"]
    async with opened(tmp_path, there({}, PHONE, MAIL)) as engine:
        sender = scripted(engine, Scripted())
        await engine.deliver(NOW + HOUR)
        assert engine.strangers == {}
        assert [target for target, _ in sender.taken] == ["mail"]


async def test_correction_is_news_to_whoever_never_heard_what_was_wrong(tmp_path: Path) -> None:
    """A date that corrects another is a correction to whoever got the wrong one, and plain news to a target that did not."""
    bold, careful = Target(name="bold"), Target(name="careful", min_confidence=Confidence.CONFIRMED)
    claims = {
        "a": [release("2026-06-05").claim],
        "b": [release("2026-07-03", "The Ledger").claim],
    }
    async with opened(tmp_path, there(claims, bold, careful)) as engine:
        sender = scripted(engine, Scripted())
        await arrive(engine, "a")
        await engine.deliver(NOW + HOUR)
        assert sender.taken == [("bold", "Harbor Lights: opens June 5, 2026")]
        await arrive(engine, "b", at=2 * HOUR, outlet="The Ledger")
        await engine.deliver(NOW + 4 * HOUR)
        assert dict(sender.taken[1:]) == {
            "bold": "Harbor Lights: correction: opens July 3, 2026, not June 5, 2026",
            "careful": "Harbor Lights: opens July 3, 2026",
        }


@pytest.mark.parametrize("first", ["sent", "unknown"])
async def test_what_a_message_left_out_does_not_count_as_told(tmp_path: Path, first: Literal["sent", "unknown"]) -> None:
    """A date that was put right by hand before its message left was never heard: if news brings it, it is told."""
    answers = [WELL, WELL, Receipt(outcome=first)]
    claims = {
        "a": [release("2026-06-05").claim, credit(Status.JOINS).claim],
        "b": [moved("2026-06-05", "2026-07-03", "The Ledger").claim],
    }
    there_ = there(claims)
    async with opened(tmp_path, there_) as engine:
        sender = scripted(engine, Scripted(lambda *_: answers.pop()))
        await arrive(engine, "a")
        word = Known(on=NOW.date(), release=Edtf("2026-07-03"))
        await engine.in_store(lambda: fix(engine.store, there_, TITLE, word, NOW + MINUTE, dated=False))
        await engine.deliver(NOW + HOUR)
        await engine.deliver(NOW + 2 * HOUR)
        await arrive(engine, "b", at=24 * HOUR, outlet="The Ledger")
        await engine.deliver(NOW + 25 * HOUR)
        assert [title for _, title in sender.taken] == [
            "Harbor Lights: Ada Quill joins",
            "Harbor Lights moves to June 5, 2026 (was July 3, 2026)",
        ]


async def test_end_of_a_failure_that_a_message_left_out_is_not_told(tmp_path: Path) -> None:
    """A feed that was well again before the message left that would have said it fails is not said to answer again."""
    feeds = [Feed(url=f"https://example.org/{name}", outlet=name) for name in ("Ledger", "Reel")]
    there_ = world(targets=[Target(name="phone", on=("health",))], feeds=feeds)
    began = NOW - timedelta(days=2)
    well = [feed_state(feed.url, polled=began) for feed in feeds]
    ill = [replace(state, failures=9, failing_since=began, last_poll_at=NOW, error="no answer") for state in well]
    again = replace(ill[0], failures=0, failing_since=None, error=None, last_poll_at=NOW + HOUR, last_ok_at=NOW + HOUR)
    over = health_notices(ill[0], again, there_.audience, NOW + HOUR)
    assert over
    async with opened(tmp_path, there_) as engine:
        sender = scripted(engine, Scripted())
        begun = [one for now in ill for one in health_notices(well[0], now, there_.audience, NOW)]
        await engine.in_store(lambda: engine.store.apply(Plan(at=NOW, feeds=tuple(ill), notices=tuple(begun))))
        await engine.in_store(lambda: engine.store.apply(Plan(at=NOW, feeds=(again,))))
        await engine.deliver(NOW + HOUR)
        assert [title for _, title in sender.taken] == ["Feeds: Reel has failed since Thursday, February 27, 2025"]
        await engine.in_store(lambda: engine.store.apply(Plan(at=NOW + HOUR, notices=over)))
        await engine.deliver(NOW + 3 * HOUR)
        assert len(sender.taken) == 1


async def test_nobody_is_told_for_ever_that_a_notice_was_refused(tmp_path: Path) -> None:
    """A target that also refuses the notice of what it refused costs the others that one notice, and not one after another."""
    no = Receipt(outcome="failed", detail="looks like spam", refuses=True)

    def spam(name: str, message: Message) -> Receipt:
        return no if name == "phone" and ("poison" in message.title or "notify list" in message.body) else WELL

    async with opened(tmp_path, there({}, PHONE, MAIL)) as engine:
        sender = scripted(engine, Scripted(spam))
        await engine.in_store(lambda: engine.store.apply(summaries("phone", titles=("poison",))))
        for hours in range(40):
            await engine.in_store(lambda n=hours: engine.store.apply(summaries("phone", titles=(f"film-{n}",))))
            await engine.deliver(NOW + hours * HOUR)
        assert [title for target, title in sender.taken if target == "mail"] == ["Alerts: “phone” refuses an alert"]
        assert await state(engine, "phone") == ["dead", "dead"]


async def test_recovered_network_is_back_for_all_targets(tmp_path: Path) -> None:
    """When a target takes something again, those that began to fail with it are tried at once, others are not."""
    async with opened(tmp_path, there({}, PHONE, MAIL)) as engine:
        broken = Scripted(lambda *_: Receipt(outcome="failed", detail="no network"))
        scripted(engine, broken)
        await engine.in_store(lambda: engine.store.apply(summaries("phone", "mail")))
        for minutes in range(0, 300, 5):
            await engine.deliver(NOW + minutes * MINUTE)
        other = "INSERT INTO target (name, failures, error_since, not_before) VALUES ('other', 9, ?, ?)"
        since, until = (rows.stamp(at) for at in (NOW - HOUR, NOW + 9 * HOUR))
        await engine.in_store(lambda: engine.store.db.execute(other, [since, until]))
        await engine.in_store(lambda: engine.store.db.execute("UPDATE target SET not_before = NULL WHERE name = 'mail'"))
        sender = scripted(engine, Scripted())
        await engine.deliver(NOW + 300 * MINUTE)
        await engine.deliver(NOW + 301 * MINUTE)
        states = [await engine.in_store(lambda n=n: ask.target(engine.store.connection, n).failures) for n in ("phone", "mail")]
        assert (states, {target for target, _ in sender.taken}) == ([0, 0], {"phone", "mail"})
        assert (await engine.in_store(lambda: ask.target(engine.store.connection, "other"))).not_before == NOW + 9 * HOUR


@pytest.mark.parametrize(
    ("rules", "hour"), [({"quiet_hours": (10 * 60, 20 * 60)}, 8), ({"digest": 21 * 60}, 9)], ids=("quiet hours", "digest")
)
async def test_what_was_held_arrives_as_one(tmp_path: Path, rules: dict[str, Any], hour: int) -> None:
    """What quiet hours or a digest held back comes at their hour as one message of all films; who has none heard of each."""
    held = Target(name="held", **rules)
    titles = [TITLE, Title(id="tide", name="The Tall Tide")]
    here = world({"a": [release("2026-06-05").claim]}, targets=[PHONE, held], titles=titles, feeds=[FEED])
    async with opened(tmp_path, here) as engine:
        sender = scripted(engine, Scripted())
        await arrive(engine, "a", outlet="The Ledger")
        ready = NOW + hour * HOUR
        rows = [
            Notice(target="phone", title="tide", subject="summary/tide", kind="summary", not_before=NOW),
            Notice(target="held", title="tide", subject="summary/tide", kind="summary", not_before=ready),
        ]
        await engine.in_store(lambda: engine.store.apply(Plan(at=NOW, notices=tuple(rows))))
        for minutes in range(0, hour * 60, 10):
            await engine.deliver(NOW + minutes * MINUTE)
        assert sorted(sender.taken) == [
            ("phone", "Harbor Lights: opens June 5, 2026"),
            ("phone", "Watching The Tall Tide: no date known yet"),
        ]
        await engine.deliver(ready)
        assert sender.taken[2:] == [("held", "Harbor Lights: opens June 5, 2026; and 1 more")]
        body = sender.messages[2].body
        assert body.index("HARBOR LIGHTS") < body.index("THE TALL TIDE") < body.index("No release date is known yet.")
        assert await state(engine, "held") == []


async def test_priority_of_a_kind_is_the_targets(tmp_path: Path) -> None:
    """An alert of a kind to which a target gives a priority has the type that it names, and any other its own."""
    loud = Target(name="loud", priority=(("release", "failure"), ("casting", "success")))
    claims: dict[str, Any] = {"a": [release("2026-06-05").claim]}
    async with opened(tmp_path, there(claims, PHONE, loud)) as engine:
        sender = scripted(engine, Scripted())
        await arrive(engine, "a", outlet="The Ledger")
        await engine.deliver(NOW + HOUR)
        kinds = {target: message.kind for (target, _), message in zip(sender.taken, sender.messages, strict=True)}
        assert kinds == {"phone": "info", "loud": "failure"}


async def test_target_out_of_reach_is_told_to_the_others_once(tmp_path: Path) -> None:
    """A target that takes nothing for an hour is told to those who ask for health, and that it works again; once each."""
    asks = Target(name="asks", on=("release", "health"))
    async with opened(tmp_path, there({}, PHONE, MAIL, asks)) as engine:
        down = [True]
        refused = Receipt(outcome="failed", detail="nobody listens there")
        sender = scripted(engine, Scripted(lambda name, _: refused if name == "phone" and down[0] else WELL))
        await engine.in_store(lambda: engine.store.apply(summaries("phone")))
        for minutes in range(0, 300, 5):
            await engine.deliver(NOW + minutes * MINUTE)
        assert sender.taken == [("asks", "Alerts: “phone” has taken no alert since Saturday, March 1, 2025")]
        assert "nobody listens there" in sender.messages[0].body
        down[0] = False
        for minutes in range(300, 400, 5):
            await engine.deliver(NOW + minutes * MINUTE)
        assert sender.taken[1:] == [
            ("phone", "Watching Harbor Lights: no date known yet"),
            ("asks", "Alerts: “phone” works again"),
        ]


async def test_alert_that_is_given_up_is_told(tmp_path: Path) -> None:
    """An alert that a target refuses for good is told to it and to others, with its title and the reason."""
    no = Receipt(outcome="failed", detail="too large", refuses=True)
    async with opened(tmp_path, there({}, PHONE)) as engine:
        sender = scripted(engine, Scripted(lambda _, message: no if "poison" in message.title else WELL))
        await engine.in_store(lambda: engine.store.apply(summaries("phone", titles=("poison", TITLE.id))))
        for hours in range(GIVEN_UP_AFTER + 2):
            await engine.deliver(NOW + hours * HOUR)
        (_, title), message = sender.taken[-1], sender.messages[-1]
        assert title == "Alerts: “phone” refuses an alert"
        assert "“Watching poison: no date known yet”" in message.body
        assert "too large" in message.body


async def test_recovered_network_does_not_end_what_a_server_asked_for(tmp_path: Path) -> None:
    """A server that asked to be left alone for hours is left alone, though another target takes something again meanwhile."""
    answers = {"phone": Receipt(outcome="failed", detail="too many", retry_after=3 * 3600.0), "mail": Receipt(outcome="failed")}
    async with opened(tmp_path, there({}, PHONE, MAIL)) as engine:
        sender = scripted(engine, Scripted(lambda name, _: answers[name]))
        await engine.in_store(lambda: engine.store.apply(summaries("phone", "mail")))
        await engine.deliver(NOW)
        answers |= {"phone": WELL, "mail": WELL}
        for minutes in range(1, 3 * 60, 10):
            await engine.deliver(NOW + minutes * MINUTE)
        assert [name for name, _ in sender.taken] == ["mail"]
        await engine.deliver(NOW + 3 * HOUR)
        assert [name for name, _ in sender.taken] == ["mail", "phone"]


async def test_target_hears_of_its_titles_alone(tmp_path: Path) -> None:
    """A target that names titles hears their news, their summary and their countdown, and nothing of any other's."""
    there_too = [PHONE, Target(name="fan", titles=(TITLE.id,)), Target(name="other", titles=("tide",))]
    at_nine = NOW.replace(hour=9) + timedelta(days=1)
    opening = at_nine.date() + timedelta(days=7)
    async with opened(tmp_path, there({"a": [release(str(opening)).claim]}, *there_too)) as engine:
        sender = scripted(engine, Scripted())
        await arrive(engine, "a", outlet="The Ledger")
        await engine.in_store(
            lambda: engine.store.apply(plan_summary(TITLE, ask.facts(engine.store.connection), engine.world.audience, NOW))
        )
        await engine.deliver(NOW + HOUR)
        await engine.in_store(lambda: engine._ringing.ring(at_nine))
        await engine.deliver(at_nine)
        heard = {name: [title for target, title in sender.taken if target == name] for name in ("phone", "fan", "other")}
        assert heard["fan"] == heard["phone"]
        assert [words in title for words, title in zip(("opens", "Watching", "in 7 days"), heard["fan"], strict=True)] == [
            True
        ] * 3
        assert heard["other"] == []


@pytest.mark.parametrize(
    ("rules", "hears"),
    [
        ({}, {"US", "cast", "countdown"}),
        ({"on": ("release",)}, {"US"}),
        ({"on": ("casting",)}, {"cast"}),
        ({"on": ("countdown",)}, {"countdown"}),
        ({"regions": ("GB",)}, {"UK", "cast"}),
        ({"regions": ("*",)}, {"US", "UK", "cast", "countdown"}),
        ({"min_confidence": Confidence.CONFIRMED}, {"US", "countdown"}),
    ],
)
async def test_each_rule_lets_through_what_it_names(tmp_path: Path, rules: dict[str, Any], hears: set[str]) -> None:
    """Of a date here and one abroad, a casting and the countdown a target hears what its kinds, regions and confidence allow."""
    at_nine = NOW.replace(hour=9) + timedelta(days=1)
    opening = at_nine.date() + timedelta(days=7)
    abroad = release(str(opening + timedelta(days=90)), region="GB")
    said = {"a": [release(str(opening), "The Ledger").claim], "b": [abroad.claim], "c": [credit(Status.JOINS).claim]}
    async with opened(tmp_path, there(said, Target(name="phone", **rules))) as engine:
        sender = scripted(engine, Scripted())
        for guid, outlet in (("a", "The Ledger"), ("b", "Morning Reel"), ("c", "Morning Reel")):
            await arrive(engine, guid, outlet=outlet)
        await engine.deliver(NOW + HOUR)
        await engine.in_store(lambda: engine._ringing.ring(at_nine))
        await engine.deliver(at_nine)
        told = "\n".join(f"{message.title}\n{message.body}" for message in sender.messages)
        marks = {"US": "US cinemas. 8 days", "UK": "UK cinemas. 98 days", "cast": "Ada Quill", "countdown": "opens in 7 days"}
        assert {kind for kind, mark in marks.items() if mark in told} == hears
