"""When to poll next and when a target may be disturbed: politeness without randomness, wall clocks across summer time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from builders import NOW
from hypothesis import given
from hypothesis import strategies as st

from watcher.tell.hours import ready_at
from watcher.tell.schedule import LONGEST, first_polls, next_poll, resend, retry

HOUR = timedelta(hours=1)
SECONDS = st.none() | st.floats(-1e12, 1e12)


@given(st.lists(SECONDS, max_size=4), st.integers(300, 7 * 86400))
def test_next_poll_is_never_early_and_never_for_ever(hints: list[float | None], every: int) -> None:
    """Whatever servers ask for, the next poll is no sooner than the configured interval and no later than it or a day."""
    interval = timedelta(seconds=every)
    wait = next_poll(NOW, every=interval, hints=hints) - NOW
    assert interval <= wait <= max(interval, LONGEST)


def test_server_may_ask_for_patience() -> None:
    """The longest of max-age, ttl and the configured interval counts."""
    assert next_poll(NOW, every=HOUR, hints=[7200, None, 60]) == NOW + 2 * HOUR


@given(st.integers(1, 10_000), SECONDS, st.text(max_size=20))
def test_failures_double_the_wait_within_a_day(failures: int, retry_after: float | None, url: str) -> None:
    """After a failure we wait the interval at least, a day and its spread at most, within that as long as Retry-After asks."""
    wait = retry(NOW, every=HOUR, failures=failures, retry_after=retry_after, url=url) - NOW
    assert HOUR <= wait <= LONGEST * 1.1
    assert wait >= min(timedelta(seconds=min(max(retry_after or 0, 0), 86400)), LONGEST)


def test_silence_is_tried_again_soon() -> None:
    """Where no server answered at all, the next try comes in minutes, and the waits grow to a day all the same."""
    waits = [retry(NOW, every=HOUR, failures=n, answered=False) - NOW for n in (1, 2, 20)]
    assert waits[0] < timedelta(minutes=3)
    assert waits[0] < waits[1] < waits[2]
    assert waits[2] >= LONGEST


def test_back_off_grows() -> None:
    """Each failure in a row doubles the wait; the address spreads it always alike."""
    waits = [retry(NOW, every=HOUR, failures=n, url="u") - NOW for n in (1, 2, 3)]
    assert waits[1] / waits[0] == pytest.approx(2)
    assert waits[2] / waits[0] == pytest.approx(4)
    assert retry(NOW, every=HOUR, failures=1, url="u") == retry(NOW, every=HOUR, failures=1, url="u")


def test_first_polls_are_spread() -> None:
    """Feeds that were never polled are due one after the other, the first at once."""
    due = first_polls(["a", "b", "c"], NOW)
    assert due[0] == NOW
    assert due == sorted(set(due))


def test_resend_grows_to_an_hour() -> None:
    """A failing target rests half a minute, then twice as long each time, an hour at most."""
    assert [resend(n) for n in (0, 1, 2)] == [timedelta(seconds=30), timedelta(minutes=1), timedelta(minutes=2)]
    assert resend(10_000) == HOUR


ZONES = st.sampled_from(["Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "UTC"])
#: Hypothesis wants the bounds naive.
MOMENTS = st.datetimes(datetime(2024, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
MINUTES = st.integers(0, 24 * 60 - 1)


@given(MOMENTS, ZONES, st.none() | st.tuples(MINUTES, MINUTES), st.none() | MINUTES)
def test_told_soon_and_outside_quiet_hours(now: datetime, zone: str, quiet: tuple[int, int] | None, digest: int | None) -> None:
    """A message is never early, waits two days at most, and never comes out inside quiet hours."""
    where = ZoneInfo(zone)
    ready = ready_at(now, quiet=quiet, digest=digest, zone=where)
    assert now <= ready <= now + timedelta(days=3)
    local = ready.astimezone(where)
    minute = local.hour * 60 + local.minute
    if quiet is not None and quiet[0] != quiet[1]:
        start, end = quiet
        inside = start <= minute < end if start < end else minute >= start or minute < end
        assert not inside or local.dst() != (now.astimezone(where)).dst()


@pytest.mark.parametrize(
    ("now", "ready"),
    [
        ("2025-03-29T23:30:00+01:00", "2025-03-30T08:00:00+02:00"),
        ("2025-10-25T23:30:00+02:00", "2025-10-26T08:00:00+01:00"),
        ("2025-06-01T12:00:00+02:00", "2025-06-01T12:00:00+02:00"),
    ],
    ids=["spring forward", "fall back", "by day"],
)
def test_quiet_night_ends_by_the_wall_clock(now: str, ready: str) -> None:
    """Quiet hours end when the clock on the wall says so, on the nights when it is set forward or back too."""
    berlin = ZoneInfo("Europe/Berlin")
    found = ready_at(datetime.fromisoformat(now), quiet=(22 * 60, 8 * 60), digest=None, zone=berlin)
    assert found == datetime.fromisoformat(ready)


def test_digest_waits_for_its_hour_and_quiet_hours_win() -> None:
    """A digest goes out at its hour; inside quiet hours it waits for their end."""
    noon = datetime(2025, 6, 1, 12, tzinfo=UTC)
    assert ready_at(noon, quiet=None, digest=9 * 60, zone=ZoneInfo("UTC")) == datetime(2025, 6, 2, 9, tzinfo=UTC)
    night = ready_at(noon, quiet=(22 * 60, 8 * 60), digest=7 * 60, zone=ZoneInfo("UTC"))
    assert night == datetime(2025, 6, 2, 8, tzinfo=UTC)
