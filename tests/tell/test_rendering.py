"""What a message says of those who say a thing: taken from the ledger, with the days and the English of the user."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from builders import NOW, TITLE, feed_state, item, release, world

from watcher.decide.intents import Plan
from watcher.learn import World, take
from watcher.model import Confidence, Feed, Target
from watcher.rendering import render
from watcher.store.outbox import Outbox
from watcher.store.store import Store
from watcher.tell.message import Message

MAIL = Target(name="mail", min_confidence=Confidence.RUMOURED)


def told(
    path: Path,
    outlets: dict[str, str | None],
    *,
    at: datetime = NOW,
    zone: str = "UTC",
    language: str = "en",
    to: Target = MAIL,
) -> Message:
    """The one message about a first date that each outlet tells, crediting another or nobody, a minute apart."""
    said = {outlet: release("2026-06-05", outlet, credits=credited).claim for outlet, credited in outlets.items()}
    there = world({outlet: [claim] for outlet, claim in said.items()}, targets=[to])
    there = replace(there, audience=replace(there.audience, zone=ZoneInfo(zone), language=language))
    with Store(path / "watcher.db") as store:
        feeds = [Feed(url=f"https://example.org/{outlet}", outlet=outlet) for outlet in said]
        store.configure([TITLE], feeds, NOW, [NOW for _ in feeds])
        store.apply(Plan(at=NOW, learned=(TITLE.id,)))
        for minute, outlet in enumerate(said):
            _read(store, there, outlet, at + timedelta(minutes=minute))
        delivery = Outbox(store).claim(to, at.replace(hour=23))
        assert delivery is not None
        message, *_ = render(store, there, to, delivery, now=at.replace(hour=23))
    assert message is not None
    return message


def _read(store: Store, there: World, outlet: str, at: datetime) -> None:
    feed = Feed(url=f"https://example.org/{outlet}", outlet=outlet)
    state = feed_state(feed.url, polled=at)
    store.apply(Plan(at=at, feeds=(state,)))
    take(store, there, feed, [item(outlet, "It opens.", title=f"{outlet} on Harbor Lights", on=at)], after=state, now=at)


def test_a_letter_says_why_several_outlets_are_one_voice(tmp_path: Path) -> None:
    """Outlets of one owner and those who pass a report on are named, with the reason why they do not count."""
    outlets = {"The Ledger": None, "Ledger Weekly": None, "Reel Talk": None, "Copycat": "The Ledger"}
    letter = " ".join((told(tmp_path, outlets).letter or "").split())
    assert "Confirmed. The Ledger reported it first, then Reel Talk." in letter
    assert "The Ledger and Ledger Weekly belong to Ledger Media, so they count as one voice." in letter
    assert "Copycat rests on the same report and counts for nothing more." in letter
    assert "The Ledger, March 1, 2025: The Ledger on Harbor Lights" in letter


def test_a_letter_of_independent_voices_explains_nothing(tmp_path: Path) -> None:
    """Where every outlet counts there is nothing to explain."""
    letter = " ".join((told(tmp_path, {"The Ledger": None, "Reel Talk": None}).letter or "").split())
    assert "Confirmed. The Ledger reported it first, then Reel Talk. “" in letter


def test_an_alert_is_written_for_the_users_zone_and_english(tmp_path: Path) -> None:
    """The user's zone and language reach the message: the day on their calendar, the day before the month."""
    early = datetime(2025, 3, 1, 1, tzinfo=UTC)
    message = told(tmp_path, {"The Ledger": None}, at=early, zone="America/New_York", language="en-GB")
    assert message.title == "Harbor Lights: opens 5 June 2026"
    assert "The Ledger, 28 February 2025: " in message.body


def test_the_foot_calls_titles_by_their_names(tmp_path: Path) -> None:
    """A target that hears of some titles only reads their names at the foot of its letter, not what files call them."""
    letter = " ".join((told(tmp_path, {"The Ledger": None}, to=replace(MAIL, titles=(TITLE.id,))).letter or "").split())
    assert "the countdown for Harbor Lights alone" in letter
