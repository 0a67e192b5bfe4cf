"""What leaves together and when: a target's own hours hold, what had to wait comes as one, and nothing waits for ever."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from builders import NOW
from hypothesis import given
from hypothesis import strategies as st

from watcher.decide.outgoing import BUNDLE, Open, Row, Terms, due, first, joining, kind_of
from watcher.model import Confidence, Target

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
LONDON = ZoneInfo("Europe/London")
PLAIN = Target(name="phone")
NIGHT = Target(name="phone", quiet_hours=(22 * 60, 8 * 60))
DAILY = Target(name="phone", digest=9 * 60)

TARGETS = st.sampled_from(
    [
        PLAIN,
        NIGHT,
        DAILY,
        Target(name="phone", quiet_hours=(8 * 60, 22 * 60)),
        replace(NIGHT, digest=9 * 60),
        replace(DAILY, digest=0),
    ]
)
MOMENTS = st.datetimes(datetime(2025, 1, 1), datetime(2025, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 - its bounds are naive
ZONES = st.sampled_from(["UTC", "Europe/London", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"]).map(ZoneInfo)


def row(number: int, title: str = "harbor", *, kind: str = "change", at: datetime = NOW) -> Row:
    """A row that is due at a moment."""
    return Row(id=number, title=title, kind=kind, subject=f"{title}/{number}", not_before=at)


def terms(target: Target = PLAIN, now: datetime = NOW, *, early: timedelta = timedelta(0), zone: ZoneInfo = LONDON) -> Terms:
    """Terms in London."""
    return Terms(target=target, zone=zone, now=now, early=early)


def ids(rows: Sequence[Row]) -> list[int]:
    """The numbers of rows."""
    return [row.id for row in rows]


def test_titles_leave_apart_in_their_order() -> None:
    """What is due in time goes out a title at a time: its changes together, its countdown by itself."""
    rows = [row(1), row(2, "tide"), row(3), row(4, kind="milestone"), row(5, kind="milestone")]
    assert ids(first(rows, terms())) == [1, 3]
    assert ids(first(rows[1:], terms())) == [2]
    assert ids(first(rows[3:], terms())) == [4]


@pytest.mark.parametrize(
    ("target", "at", "now"),
    [
        (NIGHT, "2025-03-01T08:00:00+00:00", "2025-03-01T08:00:00+00:00"),
        (NIGHT, "2025-07-01T07:00:00+00:00", "2025-07-01T07:05:00+00:00"),
        (DAILY, "2025-03-01T09:00:00+00:00", "2025-03-01T09:00:00+00:00"),
        (PLAIN, "2025-03-01T09:00:00+00:00", "2025-03-01T10:00:00+00:00"),
    ],
)
def test_what_had_to_wait_leaves_as_one(target: Target, at: str, now: str) -> None:
    """At the end of quiet hours, at the digest's hour, and an hour after they were due, all titles and kinds go out as one."""
    due_at = datetime.fromisoformat(at)
    rows = [
        row(1, at=due_at),
        row(2, "tide", at=due_at),
        row(3, kind="milestone", at=due_at),
        row(4, "", kind="health", at=due_at),
    ]
    assert ids(first(rows, terms(target, datetime.fromisoformat(now)))) == [1, 2, 3, 4]


def test_a_message_stays_readable() -> None:
    """No delivery holds more than twenty rows; the rest follows."""
    rows = [row(number, f"film-{number}") for number in range(50)]
    late = terms(now=NOW + 3 * HOUR)
    assert [len(first(rows[n:], late)) for n in (0, 20, 40)] == [20, 20, 10]
    opened = Open(id="a", title="", kind=BUNDLE, created_at=NOW, rows=15)
    assert len(joining(opened, rows, late)) == 5


def test_a_failed_delivery_takes_its_title_along_and_later_everything() -> None:
    """What failed a moment ago takes news of its own title along; after an hour it takes all that gathered."""
    rows = [row(2), row(3, "tide")]
    opened = Open(id="a", title="harbor", kind="change", created_at=NOW, rows=1)
    assert ids(joining(opened, rows, terms(now=NOW + MINUTE))) == [2]
    assert ids(joining(opened, rows, terms(now=NOW + HOUR))) == [2, 3]


@pytest.mark.parametrize("state", [{"may_repeat": True}, {"refused": 1}])
def test_nothing_joins_a_repeat_or_what_was_refused(state: dict[str, int]) -> None:
    """A possible repeat says the same again, and what a server would not take drags nothing else with it."""
    opened = replace(Open(id="a", title="harbor", kind="change", created_at=NOW, rows=1), **state)  # type: ignore[arg-type]
    assert joining(opened, [row(2)], terms(now=NOW + 5 * HOUR)) == []


def test_what_becomes_sure_at_night_waits_for_the_morning() -> None:
    """A change that a target wanted surer, and that is confirmed in its quiet hours, keeps them; so it does a digest's hour."""
    asked = replace(row(1, at=NOW - 9 * HOUR), needs=Confidence.CONFIRMED, was=Confidence.REPORTED)
    night = datetime(2025, 3, 1, 23, tzinfo=UTC)
    sure = replace(asked, sure_at=night)
    assert due([sure], terms(NIGHT, night + 8 * HOUR)) == []
    assert ids(due([sure], terms(NIGHT, night + 9 * HOUR))) == [1]
    assert due([sure], terms(DAILY, night + 9 * HOUR)) == []
    assert ids(due([sure], terms(DAILY, night + 10 * HOUR))) == [1]
    assert ids(due([sure], terms(PLAIN, night))) == [1]


def test_what_a_clock_ahead_of_ours_was_sure_of_does_not_wait_for_that_day() -> None:
    """A change that became sure in a year that has not come, by a clock that was wrong, is due like any other."""
    sure = replace(row(1, at=NOW), needs=Confidence.CONFIRMED, was=Confidence.REPORTED, sure_at=NOW + 9000 * HOUR)
    assert ids(due([sure], terms(PLAIN, NOW))) == [1]
    assert ids(due([sure], terms(DAILY, NOW))) == [1]


def test_a_try_that_failed_in_the_evening_is_not_repeated_at_night() -> None:
    """In quiet hours nothing leaves at all, whatever it is; an impatient person does not end them, nor a digest's wait."""
    night = datetime(2025, 3, 1, 23, tzinfo=UTC)
    assert terms(NIGHT, night).is_quiet
    assert terms(NIGHT, night + 9 * HOUR - MINUTE, early=10 * MINUTE).is_quiet
    assert not terms(NIGHT, night + 9 * HOUR).is_quiet
    morning = datetime(2025, 3, 1, 9, tzinfo=UTC)
    assert due([row(1, at=morning)], terms(DAILY, morning - MINUTE, early=10 * MINUTE)) == []
    assert ids(due([row(1, at=morning)], terms(PLAIN, morning - MINUTE, early=10 * MINUTE))) == [1]


def test_a_delivery_is_called_by_what_it_holds() -> None:
    """A delivery of one title and kind has their names, one of several is a bundle."""
    assert kind_of([("harbor", "milestone")]) == ("harbor", "milestone")
    assert kind_of([("harbor", "change")] * 3) == ("harbor", "change")
    assert kind_of([("harbor", "milestone")] * 2) == ("", BUNDLE)
    assert kind_of([("harbor", "change"), ("tide", "change")]) == ("", BUNDLE)


@given(TARGETS, ZONES, MOMENTS, st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from(["change", "milestone"])), max_size=40))
def test_everything_leaves_once_and_in_order(
    target: Target, zone: ZoneInfo, start: datetime, made: list[tuple[str, str]]
) -> None:
    """Within two days every row leaves exactly once, outside quiet hours, and rows of one title never overtake each other."""
    waits = [row(number, title, kind=kind, at=start) for number, (title, kind) in enumerate(made)]
    left: list[Row] = []
    now = start
    while now <= start + timedelta(days=3):
        there = terms(target, now, zone=zone)
        while not there.is_quiet and (ready := first(due(waits, there), there)):
            left += ready
            waits = [one for one in waits if one not in ready]
        now += 30 * MINUTE
    assert sorted(ids(left)) == list(range(len(made)))
    for title in "ab":
        for kind in ("change", "milestone"):
            alike = [one.id for one in left if (one.title, one.kind) == (title, kind)]
            assert alike == sorted(alike)
