"""The user's word in the ledger: it counts at once and silently, it can be taken back, and what is muted stays quiet."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from builders import NOW, TITLE, credit, day, feed_state, item, moved, release, world
from receivers import WebhookReceiver

from watcher.decide.arrivals import item_id
from watcher.decide.byhand import DISCARDED
from watcher.decide.intents import LinkedPage, Plan
from watcher.decide.rules import FOREVER
from watcher.edtf import Edtf
from watcher.engine import Engine
from watcher.errors import StoreBusy, UsageError
from watcher.fetch import Fetcher
from watcher.learn import World, finish_learning, take
from watcher.model import Cause, ChangeKind, Evidence, Feed, Known, PageState, Status, Target, Value
from watcher.ringing import Ringing
from watcher.send import Sender
from watcher.store import ask
from watcher.store.linked import linked_page
from watcher.store.outbox import Outbox
from watcher.store.store import Store
from watcher.userword import discard, drop_muted, fix, mute, take_back

FEED = Feed(url="https://example.org/feed", outlet="The Ledger")
OTHER = Feed(url="https://example.com/feed", outlet="Morning Reel")
PHONE, MAIL = Target(name="phone"), Target(name="mail")
HOUR = timedelta(hours=1)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A store whose title is past its silent start, and whose feeds were polled before."""
    with Store(tmp_path / "watcher.db") as opened:
        opened.configure([TITLE], [FEED, OTHER], NOW, [NOW, NOW])
        past = tuple(feed_state(feed.url, polled=NOW - HOUR) for feed in (FEED, OTHER))
        opened.apply(Plan(at=NOW, feeds=past, learned=(TITLE.id,)))
        yield opened


def learn(
    store: Store,
    guid: str,
    *said: Evidence,
    feed: Feed = FEED,
    at: datetime = NOW,
    text: str = "",
    targets: tuple[Target, ...] = (PHONE,),
) -> str:
    """An item with these claims comes in. Returns its id."""
    told = world({guid: [e.claim for e in said]}, targets=targets)
    take(store, told, feed, [item(guid, text, on=at, digest=text or "first")], after=feed_state(feed.url, polled=at), now=at)
    return item_id(feed.url, guid)


def held(store: Store) -> list[str]:
    """What is held true, in short."""
    return [str(fact.value) for fact in ask.facts(store.connection)]


def waiting(store: Store) -> list[tuple[str, str]]:
    """For whom something waits to be sent, and what."""
    found = store.connection.execute("SELECT target, subject FROM outbox WHERE dropped IS NULL ORDER BY id")
    return [(row["target"], row["subject"]) for row in found]


def release_word(text: str, *, pin: bool = False, on: datetime = NOW) -> Known:
    """The user's word on the release."""
    return Known(on=on.date(), release=Edtf(text), pin=pin)


# ---- fix


def test_a_value_set_by_hand_holds_at_once_and_tells_nobody(store: Store) -> None:
    """The user's word takes the place of today's news, is confirmed, says whose it is, and makes no alert."""
    learn(store, "a", release("2026-06-05"), at=NOW)
    before = waiting(store)
    done = fix(store, world(), TITLE, release_word("2026-09-04"), NOW + HOUR, dated=False)
    assert (done.before and done.before.value, done.after and done.after.value) == (
        Value(date=Edtf("2026-06-05")),
        Value(date=Edtf("2026-09-04")),
    )
    assert done.holds
    assert done.after is not None
    assert done.after.cause is Cause.USER
    (_, change) = ask.changes(store.connection)
    assert (change.kind, change.silent) == (ChangeKind.MOVED, "your own word")
    assert waiting(store) == before


def test_later_news_moves_what_is_not_pinned(store: Store) -> None:
    """News after the user's word moves the date; a pinned word stands, and a later word of the user frees it."""
    for pin, expected in ((False, "2027-06-04"), (True, "2026-09-04")):
        at = NOW + 2 * HOUR if pin else NOW
        fix(store, world(), TITLE, release_word("2026-09-04", pin=pin), at, dated=False)
        learn(store, f"move-{pin}", moved("2027-06-04", "2026-09-04"), at=at + HOUR)
        assert held(store) == [expected]
    fix(store, world(), TITLE, release_word("2026-09-04"), NOW + 4 * HOUR, dated=False)
    learn(store, "again", moved("2027-08-06", "2026-09-04"), at=NOW + 5 * HOUR)
    assert held(store) == ["2027-08-06"]


def test_the_value_held_can_be_pinned(store: Store) -> None:
    """Pinning what is held changes no value and lets no news move it, and news that says the same is still welcome."""
    learn(store, "a", release("2026-06-05"))
    done = fix(store, world(), TITLE, release_word("2026-06-05", pin=True), NOW + HOUR, dated=False)
    assert done.after is not None
    assert done.after.pinned
    learn(store, "b", moved("2027-06-04", "2026-06-05"), at=NOW + 2 * HOUR)
    assert held(store) == ["2026-06-05"]


@pytest.mark.parametrize(("word", "expected"), [("2026", "2026"), ("2026-06", "2026-06"), ("unset", "unset")])
def test_a_word_by_hand_counts_to_the_letter(store: Store, word: str, expected: str) -> None:
    """A wider date that the user sets is held as it is, though it agrees with the day that was held, and so is none at all."""
    learn(store, "a", release("2026-06-05"))
    fix(store, world(), TITLE, release_word(word), NOW + HOUR, dated=False)
    assert held(store) == [expected]


def test_a_word_of_a_past_day_yields_to_later_news(store: Store) -> None:
    """With a day of its own the word is evidence as of that day: a later move stands, and the answer says so."""
    learn(store, "a", moved("2026-06-05", "2026-03-06"))
    done = fix(store, world(), TITLE, release_word("2026-09-04", on=NOW - timedelta(days=9)), NOW + HOUR, dated=True)
    assert (done.holds, held(store)) == (False, ["2026-06-05"])


def test_two_words_of_one_day_are_two(store: Store) -> None:
    """A date that is set, set otherwise and set back on one day ends where the user put it last."""
    for hours, text in enumerate(("2026-06-05", "2026-09-04", "2026-06-05")):
        fix(store, world(), TITLE, release_word(text), NOW + hours * HOUR, dated=False)
    assert held(store) == ["2026-06-05"]
    assert len(ask.changes(store.connection)) == 3


def test_a_person_is_met_by_any_spelling_and_gets_a_role(store: Store) -> None:
    """A surname alone means the person who is known, and a role is taken on though the status is the same."""
    learn(store, "a", credit(Status.JOINS, "Ada Quill"))
    fix(store, world(), TITLE, Known(on=NOW.date(), person="Quill", role="the keeper"), NOW + HOUR, dated=False)
    (fact,) = ask.facts(store.connection)
    assert (fact.value.person, fact.value.role, fact.value.status) == ("Ada Quill", "the keeper", Status.JOINS)


def test_no_date_can_be_taken_off_where_none_is_held(store: Store) -> None:
    """Where nothing is held, `unset` is refused, and nothing is written."""
    with pytest.raises(UsageError, match="no such date is held"):
        fix(store, world(), TITLE, release_word("unset"), NOW, dated=False)
    assert ask.facts(store.connection) == []


def test_a_word_before_the_first_run_comes_after_what_is_known(tmp_path: Path) -> None:
    """On an empty store the configured values are taken in first, so that the word stands on them."""
    title = replace(TITLE, known=(Known(on=day("2025-01-01").date(), release=Edtf("2026-06-05")),))
    with Store(tmp_path / "watcher.db") as store:
        done = fix(store, world(titles=[title]), title, release_word("2026-09-04"), NOW, dated=False)
        assert done.before is not None
        assert [str(fact.value) for fact in ask.revisions(store.connection, done.key)] == ["2026-06-05", "2026-09-04"]


def test_a_word_is_taken_back(store: Store) -> None:
    """Without the user's word the news decides again, in silence; the word can be given again as it was."""
    learn(store, "a", release("2026-06-05"))
    done = fix(store, world(), TITLE, release_word("2026-09-04"), NOW + HOUR, dated=False)
    word, before = done.word.source.item, waiting(store)
    gone = discard(store, world(), word, NOW + 2 * HOUR)
    assert (held(store), [c.silent for c in gone.changes]) == (["2026-06-05"], ["your own word"])
    assert discard(store, world(), word, NOW + 3 * HOUR).was_so
    take_back(store, world(), word, NOW + 4 * HOUR)
    assert held(store) == ["2026-09-04"]
    assert take_back(store, world(), word, NOW + 5 * HOUR).was_so
    assert waiting(store) == before


# ---- mute


def test_a_muted_title_is_read_and_tells_nobody(store: Store) -> None:
    """While it is muted changes are recorded with the reason on change and reading, and no alert is made."""
    mute(store, world(), TITLE, NOW + 2 * HOUR, NOW)
    name = learn(store, "a", release("2026-06-05"), at=NOW + HOUR)
    (change,) = ask.changes(store.connection)
    assert change.silent == "you muted this title until 2025-03-01 14:00"
    (fate,) = ask.outcomes(store.connection, item=name)
    assert fate.outcome == f"learned in silence: {change.silent}"
    assert waiting(store) == []


def test_a_title_that_speaks_again_does_not_catch_up(store: Store) -> None:
    """After the mute is over, by its time or by the user, new changes are told and those of meanwhile are not."""
    mute(store, world(), TITLE, NOW + 2 * HOUR, NOW)
    learn(store, "a", release("2026-06-05"), at=NOW + HOUR)
    learn(store, "b", moved("2027-06-04", "2026-06-05"), at=NOW + 3 * HOUR)
    assert [subject[-2:] for _, subject in waiting(store)] == ["r2"]
    mute(store, world(), TITLE, FOREVER, NOW + 4 * HOUR)
    learn(store, "c", moved("2027-08-06", "2027-06-04"), at=NOW + 5 * HOUR)
    assert mute(store, world(), TITLE, None, NOW + 6 * HOUR) == (FOREVER, 0)
    learn(store, "d", moved("2027-09-03", "2027-08-06"), at=NOW + 7 * HOUR)
    assert [subject[-2:] for _, subject in waiting(store)] == ["r4"]


def test_muting_drops_what_waits_and_says_so(store: Store) -> None:
    """Alerts that wait when a title is muted are never sent, and change and history keep the reason."""
    learn(store, "a", release("2026-06-05"))
    assert mute(store, world(), TITLE, NOW + timedelta(days=7), NOW)[1] == 1
    assert Outbox(store).claim(PHONE, NOW + timedelta(days=9)) is None
    (change,) = ask.changes(store.connection)
    assert change.silent == "you muted this title until 2025-03-08 12:00"


def test_a_delivery_that_failed_is_dropped_and_one_that_is_leaving_is_not(store: Store) -> None:
    """Muting ends what would be tried again, also what may have been sent; what is being sent right now is left alone."""
    learn(store, "a", release("2026-06-05"), targets=(PHONE, MAIL))
    outbox, later = Outbox(store), NOW + HOUR
    failed = outbox.claim(PHONE, later)
    leaving = outbox.claim(MAIL, later)
    assert failed is not None
    assert leaving is not None
    outbox.failed(failed, "no answer", later, timedelta(0), unknown=True)
    assert mute(store, world(), TITLE, FOREVER, later)[1] == 1
    dropped = store.connection.execute("SELECT dropped FROM outbox WHERE target = 'phone'").fetchone()["dropped"]
    assert dropped == "you muted this title; it may have been sent before"
    outbox.sent(leaving, "a subject", later)
    assert outbox.claim(PHONE, later + HOUR) is None
    (change,) = ask.changes(store.connection)
    assert change.silent is None


def test_what_a_race_made_for_a_muted_title_is_dropped(store: Store) -> None:
    """A row that was made while the title was being muted does not leave."""
    learn(store, "a", release("2026-06-05"))
    store.db.execute("UPDATE title SET muted_until = ?", [FOREVER.isoformat(timespec="microseconds")])
    assert drop_muted(store, world(), NOW) == 1
    assert drop_muted(store, world(), NOW) == 0
    assert waiting(store) == []


def test_milestones_and_summaries_of_a_muted_title_are_over_when_it_speaks(store: Store) -> None:
    """What is told once counts as told while the title is muted: nobody hears of it afterwards."""
    told = world()
    learn(store, "a", release("2025-03-08"), at=NOW)
    mute(store, told, TITLE, NOW + timedelta(days=7), NOW)
    store.db.execute("UPDATE title SET learned_at = NULL")
    assert finish_learning(store, told, NOW) == (TITLE.id,)
    rung = NOW + timedelta(hours=21)
    store.db.execute(
        "UPDATE title SET muted_until = ? WHERE muted_until IS NOT NULL", [(rung + HOUR).isoformat(timespec="microseconds")]
    )
    learn(store, "b", moved("2025-03-09", "2025-03-08"), at=NOW + HOUR)
    Ringing(store, told).ring(rung)
    Ringing(store, told).ring(rung + 2 * HOUR)
    kinds = [
        (row["kind"], row["dropped"] is None) for row in store.connection.execute("SELECT kind, dropped FROM outbox ORDER BY id")
    ]
    assert ("summary", False) in kinds
    assert ("milestone", False) in kinds
    assert all(not is_open for _, is_open in kinds)


async def test_a_running_engine_notices_a_mute(tmp_path: Path) -> None:
    """An engine that runs sends nothing of a title from the moment another process mutes it, and again when it speaks."""
    async with WebhookReceiver() as hook, Sender(timeout=20, terminal=lambda _: None) as sender:
        claims = {"a": [release("2026-06-05").claim], "b": [moved("2027-06-04", "2026-06-05").claim]}
        there = world(claims, targets=[Target(name="hook", url=hook.url())], feeds=[FEED])
        async with await Engine.open(tmp_path / "watcher.db", there, sender=sender, make_fetcher=_no_network, now=NOW) as engine:
            past = feed_state(FEED.url, polled=NOW - HOUR)
            await engine.in_store(lambda: engine.store.apply(Plan(at=NOW, feeds=(past,), learned=(TITLE.id,))))
            with Store(tmp_path / "watcher.db") as beside:
                mute(beside, there, TITLE, FOREVER, NOW)
                await engine.learn(FEED, [item("a")], past, NOW)
                assert await engine.deliver(NOW + HOUR) == ()
                mute(beside, there, TITLE, None, NOW + HOUR)
            at = NOW + 2 * HOUR
            await engine.learn(FEED, [item("b", on=at)], past, at)
            (sent,) = await engine.deliver(at + HOUR)
            assert "June 4, 2027" in sent.message.title
            assert len(hook.posts) == 1


def _no_network() -> Fetcher:
    raise AssertionError("nothing is fetched here")


# ---- ignore


def test_discarding_a_told_item_tells_exactly_those_who_were_told(store: Store) -> None:
    """The correction of what a discarded item brought goes to the targets that had its alert, and to no other."""
    name = learn(store, "a", release("2026-06-05"), targets=(PHONE,))
    assert [target for target, _ in waiting(store)] == ["phone"]
    both = world(targets=(PHONE, MAIL))
    done = discard(store, both, name, NOW + HOUR)
    (change,) = done.changes
    assert (change.kind, change.new.known) == (ChangeKind.CORRECTED, False)
    assert done.told == {change.id: ("phone",)}
    assert held(store) == []
    (fate,) = ask.outcomes(store.connection, item=name)
    assert fate.outcome == DISCARDED


def test_what_others_say_too_stands_without_the_discarded_item(store: Store) -> None:
    """A date that a second outlet reports is held on its word when the first item is discarded, with no alert."""
    name = learn(store, "a", release("2026-06-05"))
    learn(store, "b", release("2026-06-05"), feed=OTHER, at=NOW + HOUR)
    done = discard(store, world(), name, NOW + 2 * HOUR)
    assert held(store) == ["2026-06-05"]
    assert done.told == {}


def test_later_versions_of_a_discarded_item_are_not_read(store: Store) -> None:
    """An edit of a discarded item changes nothing, is kept for the day it is taken back, and says why it told nobody."""
    name = learn(store, "a", release("2026-06-05"))
    discard(store, world(), name, NOW + HOUR)
    learn(store, "a", release("2026-09-04"), at=NOW + 2 * HOUR, text="Another text.")
    assert held(store) == []
    (fate,) = ask.outcomes(store.connection, item=name)
    assert fate.outcome == DISCARDED
    claims = {"a": [release("2026-09-04").claim]}
    take_back(store, world(claims), name, NOW + 3 * HOUR)
    assert held(store) == ["2026-09-04"]


def test_an_item_taken_back_is_read_again_and_told_to_whom_it_was_told(store: Store) -> None:
    """Taking an item back brings its fact back: told where it was told before, silent where it never was."""
    silent_start = world({"a": [release("2026-06-05").claim]}, targets=())
    take(store, silent_start, FEED, [item("a")], after=feed_state(FEED.url, polled=NOW), now=NOW)
    name = item_id(FEED.url, "a")
    reads = world({"a": [release("2026-06-05").claim]})
    discard(store, reads, name, NOW + HOUR)
    assert take_back(store, reads, name, NOW + 2 * HOUR).told == {}
    assert held(store) == ["2026-06-05"]
    other = learn(store, "b", credit(Status.JOINS, "Ada Quill"), at=NOW + 3 * HOUR)
    both = world({"a": [release("2026-06-05").claim], "b": [credit(Status.JOINS, "Ada Quill").claim]})
    discard(store, both, other, NOW + 4 * HOUR)
    assert list(take_back(store, both, other, NOW + 5 * HOUR).told.values()) == [("phone",)]
    assert take_back(store, both, other, NOW + 6 * HOUR).was_so


def test_an_item_can_be_taken_back_long_after(store: Store) -> None:
    """Weeks later an item that is taken back, and a word of the user's, count as they did on their own day."""
    reads = world({"a": [release("2026-06-05").claim]})
    name = learn(store, "a", release("2026-06-05"))
    discard(store, reads, name, NOW + HOUR)
    take_back(store, reads, name, NOW + timedelta(days=30))
    assert held(store) == ["2026-06-05"]
    word = fix(store, reads, TITLE, release_word("2026-09-04"), NOW + timedelta(days=31), dated=False).word.source.item
    discard(store, reads, word, NOW + timedelta(days=32))
    assert held(store) == ["2026-06-05"]
    take_back(store, reads, word, NOW + timedelta(days=60))
    assert held(store) == ["2026-09-04"]


def test_the_page_of_a_discarded_item_is_not_asked_for(store: Store) -> None:
    """The linked page that is due is given up with the reason, and is due again when the item is taken back."""
    name = learn(store, "a", release("2026-06-05"))
    page = LinkedPage(item=name, url="https://example.org/a", host="example.org", story="s", due_at=NOW, wanted_at=NOW)
    store.apply(Plan(at=NOW, pages=(page,)))
    discard(store, world(), name, NOW)
    after = linked_page(store.connection, name)
    assert after is not None
    assert (after.state, after.outcome) == (PageState.GIVEN_UP, DISCARDED)
    take_back(store, world({"a": [release("2026-06-05").claim]}), name, NOW + HOUR)
    again = linked_page(store.connection, name)
    assert again is not None
    assert again.state is PageState.DUE


WRITES: dict[str, Callable[[Store, World, str], object]] = {
    "fix": lambda s, w, _: fix(s, w, TITLE, release_word("2026-09-04"), NOW + HOUR, dated=False),
    "mute": lambda s, w, _: mute(s, w, TITLE, FOREVER, NOW + HOUR),
    "discard": lambda s, w, name: discard(s, w, name, NOW + HOUR),
}


@pytest.mark.parametrize("write", list(WRITES))
def test_a_locked_store_is_left_as_it_is(tmp_path: Path, write: str) -> None:
    """While another process holds the store, no word of the user is half kept; afterwards it is."""
    path = tmp_path / "watcher.db"
    with Store(path, busy_timeout=0.05) as store:
        store.configure([TITLE], [FEED], NOW, [NOW])
        store.apply(Plan(at=NOW, feeds=(feed_state(FEED.url, polled=NOW - HOUR),), learned=(TITLE.id,)))
        name = learn(store, "a", release("2026-06-05"))
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        before = list(store.connection.iterdump())
        with pytest.raises(StoreBusy):
            WRITES[write](store, world(), name)
        assert list(store.connection.iterdump()) == before
        other.execute("ROLLBACK")
        other.close()
        WRITES[write](store, world(), name)
        assert list(store.connection.iterdump()) != before
