"""The countdown rings at nine by the user's clock, once for each milestone of a date, and again when the date moves."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from builders import NOW, TITLE, feed_state, item, moved, release, world
from hypothesis import given
from hypothesis import strategies as st

from watcher.decide.intents import Plan
from watcher.learn import take
from watcher.model import Evidence, Feed, Target
from watcher.rendering import render
from watcher.ringing import Ringing
from watcher.store.outbox import Outbox
from watcher.store.store import Store
from watcher.tell.milestones import due_milestone

FEED = Feed(url="https://example.org/feed", outlet="The Ledger")
OPENING = date(2026, 6, 5)
BERLIN = ZoneInfo("Europe/Berlin")
USUAL = (30, 7, 1, 0)
#: Hypothesis wants the bounds naive.
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "due"),
    [
        ("2026-05-29T08:59:00+02:00", None),
        ("2026-05-29T09:00:00+02:00", 7),
        ("2026-06-04T08:00:00+02:00", None),
        ("2026-06-04T09:30:00+02:00", 1),
        ("2026-06-05T09:00:00+02:00", 0),
        ("2026-06-07T09:00:00+02:00", 0),
        ("2026-06-09T09:00:00+02:00", None),
    ],
)
def test_milestone_rings_at_nine_on_its_day(now: str, due: int | None) -> None:
    """A milestone is due from nine o'clock on its day, three days long at most, and the latest alone is told."""
    assert due_milestone(OPENING, USUAL, held_since=LONG_AGO, now=datetime.fromisoformat(now), zone=BERLIN) == due


def test_who_learns_a_date_late_hears_of_no_earlier_milestone() -> None:
    """A date that we came to hold after a milestone's hour does not ring it."""
    now = datetime(2026, 5, 29, 12, tzinfo=UTC)
    assert due_milestone(OPENING, USUAL, held_since=now - timedelta(minutes=1), now=now, zone=BERLIN) is None


@given(MOMENTS, st.lists(st.integers(0, 400), max_size=6))
def test_nothing_rings_early(now: datetime, milestones: list[int]) -> None:
    """No milestone is ever told before its hour, and only configured ones are."""
    days = due_milestone(OPENING, milestones, held_since=LONG_AGO, now=now, zone=BERLIN)
    if days is not None:
        assert days in milestones
        local = now.astimezone(BERLIN)
        assert (OPENING - local.date()).days < days or ((OPENING - local.date()).days == days and local.hour >= 9)


def test_milestones_of_a_date_ring_once_and_again_when_it_moves(tmp_path: Path) -> None:
    """Each milestone goes out once, whatever is asked how often; a moved date has milestones of its own."""
    target = Target(name="phone")
    told: list[str] = []

    def pass_at(store: Store, now: datetime, *, news: tuple[str, Evidence] | None = None) -> None:
        there = world({news[0]: [news[1].claim]} if news else {}, targets=[target])
        if news:
            take(store, there, FEED, [item(news[0], on=now)], after=feed_state(FEED.url, polled=now), now=now)
        for _ in range(2):
            Ringing(store, there).ring(now)
        outbox = Outbox(store)
        while (delivery := outbox.claim(target, now + timedelta(minutes=10))) is not None:
            message, *_ = render(store, there, target, delivery, now=now)
            assert message is not None
            told.append(message.title)
            outbox.sent(delivery, message.title, now)

    with Store(tmp_path / "watcher.db") as store:
        store.configure([TITLE], [FEED], NOW, [NOW])
        store.apply(Plan(at=NOW, feeds=(feed_state(FEED.url, polled=NOW),), learned=(TITLE.id,)))
        pass_at(store, NOW, news=("a", release("2025-04-11", "The Ledger")))
        pass_at(store, datetime(2025, 3, 12, 9, tzinfo=UTC))
        pass_at(store, datetime(2025, 3, 12, 10, tzinfo=UTC))
        pass_at(store, datetime(2025, 4, 1, 12, tzinfo=UTC), news=("b", moved("2025-05-09", "2025-04-11", "The Ledger")))
        pass_at(store, datetime(2025, 4, 9, 12, tzinfo=UTC))
        pass_at(store, datetime(2025, 5, 9, 12, tzinfo=UTC))
    assert told == [
        "Harbor Lights: opens April 11, 2025",
        "Harbor Lights opens in 30 days, on Friday, April 11, 2025",
        "Harbor Lights moves to May 9, 2025 (was April 11, 2025)",
        "Harbor Lights opens in 30 days, on Friday, May 9, 2025",
        "Harbor Lights is out today, Friday, May 9, 2025",
    ]


def test_milestone_of_a_date_that_moved_meanwhile_is_not_told(tmp_path: Path) -> None:
    """A milestone that waited for a target while the date moved away is dropped."""
    target = Target(name="phone", on=("countdown",))
    with Store(tmp_path / "watcher.db") as store:
        store.configure([TITLE], [FEED], NOW, [NOW])
        there = world({"a": [release("2025-04-11").claim], "b": [moved("2025-05-09", "2025-04-11").claim]}, targets=[target])
        store.apply(Plan(at=NOW, feeds=(feed_state(FEED.url, polled=NOW),), learned=(TITLE.id,)))
        take(store, there, FEED, [item("a")], after=feed_state(FEED.url, polled=NOW), now=NOW)
        later = datetime(2025, 4, 4, 9, tzinfo=UTC)
        Ringing(store, there).ring(later)
        take(store, there, FEED, [item("b", on=later)], after=feed_state(FEED.url, polled=later), now=later)
        delivery = Outbox(store).claim(target, later)
        assert delivery is not None
        assert render(store, there, target, delivery, now=later)[:2] == (None, ())
