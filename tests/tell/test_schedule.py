"""When to poll next and when a target may be disturbed: politeness without randomness, wall clocks across summer time."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from builders import NOW
from hypothesis import given
from hypothesis import strategies as st

from watcher.model import FeedState, Hints
from watcher.tell.hours import ready_at
from watcher.tell.schedule import LONGEST, first_polls, next_poll, rebased, resend, retry

HOUR, DAY, MINUTE = timedelta(hours=1), timedelta(days=1), timedelta(minutes=1)
HALF = timedelta(minutes=30)
SECONDS = st.none() | st.integers(-(10**12), 10**12)
HINTS = st.builds(
    Hints,
    ttl_s=SECONDS,
    update_s=SECONDS,
    skip_hours=st.lists(st.integers(0, 23), unique=True).map(tuple),
    skip_days=st.lists(st.integers(0, 6), unique=True).map(tuple),
)
STATES = st.builds(
    FeedState,
    url=st.text(max_size=20),
    next_poll_at=st.just(NOW),
    hints=HINTS,
    max_age_s=SECONDS,
    dated=st.integers(0, 500),
    window_s=st.none() | st.integers(0, 10**9),
    changed_at=st.none() | st.timedeltas(timedelta(0), timedelta(days=4000)).map(lambda ago: NOW - ago),
    failures=st.integers(1, 10_000),
    status=st.none() | st.sampled_from([401, 403, 404, 410, 429, 500, 503]),
)


def state(**fields: object) -> FeedState:
    """A feed's state that is dull but for these fields."""
    return FeedState(url="https://example.org/feed", next_poll_at=NOW, **fields)  # type: ignore[arg-type]


def wait(every: timedelta = HALF, *, own: bool = False, **fields: object) -> timedelta:
    """How long a feed with these fields waits after a good poll."""
    return next_poll(NOW, state(**fields), every=every, own=own) - NOW


@given(STATES, st.integers(300, 7 * 86400), st.booleans())
def test_next_poll_is_never_early_and_never_for_ever(before: FeedState, every: int, own: bool) -> None:
    """The next poll is no sooner than the interval, and no later than it or a day and the hours skipped, whatever is asked."""
    interval = timedelta(seconds=every)
    waits = next_poll(NOW, before, every=interval, own=own) - NOW
    assert interval <= waits <= max(interval, LONGEST) + 3 * DAY + HOUR + 10 * MINUTE
    if not before.hints.skip_hours and not before.hints.skip_days:
        assert waits <= max(interval, LONGEST) + 10 * MINUTE


@given(STATES, st.integers(300, 7 * 86400))
def test_next_poll_keeps_a_reachable_wish(before: FeedState, every: int) -> None:
    """A max-age of up to a day is waited out, and no poll falls in an hour or on a day that a feed asks us to skip."""
    due = next_poll(NOW, before, every=timedelta(seconds=every))
    assert due - NOW >= min(timedelta(seconds=max(min(before.max_age_s or 0, 10**6), 0)), LONGEST)
    hints = before.hints
    if len(hints.skip_hours) < 24 and len(hints.skip_days) < 3:
        assert due.hour not in hints.skip_hours
        assert due.weekday() not in hints.skip_days


@pytest.mark.parametrize(
    ("fields", "least", "most"),
    [
        ({}, HALF, HALF),
        ({"max_age_s": 60}, HALF, HALF),
        ({"max_age_s": 7200}, 2 * HOUR, 2 * HOUR + 13 * MINUTE),
        ({"max_age_s": 31_536_000}, DAY, DAY + 10 * MINUTE),
        ({"hints": Hints(ttl_s=3600)}, HOUR, HOUR + 7 * MINUTE),
        ({"hints": Hints(update_s=86_400)}, DAY, DAY + 10 * MINUTE),
        # Ten items in three hours, and a wish to be read daily: nine of ten would never be seen.
        ({"hints": Hints(update_s=86_400), "dated": 10, "window_s": 3 * 3600}, HOUR, HOUR + 7 * MINUTE),
        # The same wish by HTTP is no suggestion.
        ({"max_age_s": 86_400, "dated": 10, "window_s": 3 * 3600}, DAY, DAY + 10 * MINUTE),
        # Thirty items a day; one a week; one a month; and one that fell silent a year ago.
        ({"dated": 30, "window_s": 86_400}, HALF, HALF),
        ({"dated": 10, "window_s": 70 * 86_400}, 3 * HOUR, 4 * HOUR),
        ({"dated": 12, "window_s": 360 * 86_400}, 14 * HOUR, 16 * HOUR),
        ({"dated": 30, "window_s": 86_400, "changed_at": NOW - 400 * DAY}, DAY, DAY),
    ],
    ids=str,
)
def test_interval_follows_feed_and_server(fields: dict[str, object], least: timedelta, most: timedelta) -> None:
    """The interval is the configured one, longer where a server asks or a feed is slow, never so long that items go lost."""
    assert least <= wait(**fields) <= most


def test_interval_that_the_user_gave_a_feed_does_not_follow_its_rhythm() -> None:
    """A feed with an interval of its own is asked that often however seldom it changes; what its server asks for still counts."""
    slow = {"dated": 12, "window_s": 360 * 86_400}
    assert wait(own=True, **slow) == HALF
    assert wait(own=True, max_age_s=7200, **slow) > 2 * HOUR


@given(STATES, st.none() | st.floats(-1e12, 1e12), st.booleans())
def test_failures_double_the_wait_within_a_day(before: FeedState, retry_after: float | None, answered: bool) -> None:
    """After a failure we wait a day and a little at most, the interval at least where a server answered, and as it asks."""
    waits = retry(NOW, before, every=HOUR, answered=answered, retry_after=retry_after) - NOW
    assert waits <= LONGEST + 11 * MINUTE
    if answered or retry_after is not None:
        assert waits >= HOUR
    assert waits >= min(timedelta(seconds=min(max(retry_after or 0, 0), 86400)), LONGEST)


def test_silence_is_tried_again_soon() -> None:
    """Where no server answered at all, the next try comes in minutes, and the waits grow to a day all the same."""
    waits = [retry(NOW, state(failures=n), every=HOUR, answered=False) - NOW for n in (1, 2, 20)]
    assert waits[0] < 3 * MINUTE
    assert waits[0] < waits[1] < waits[2]
    assert waits[2] >= LONGEST


def test_back_off_grows() -> None:
    """Each failure in a row doubles the wait, spread by a tenth at most and always alike."""
    waits = [retry(NOW, state(failures=n, status=500), every=HOUR) - NOW for n in (1, 2, 3)]
    assert [HOUR * f <= w <= HOUR * f * 1.1 for w, f in zip(waits, (1, 2, 4), strict=True)] == [True] * 3
    assert retry(NOW, state(failures=1), every=HOUR) == retry(NOW, state(failures=1), every=HOUR)


@pytest.mark.parametrize("status", [401, 403, 429, 451])
def test_refusals_slow_us_down(status: int) -> None:
    """Who refuses us, or asks us to slow down without saying until when, is left alone for four hours."""
    waits = retry(NOW, state(failures=1, status=status), every=HALF) - NOW
    assert 4 * HOUR <= waits <= 4 * HOUR + 10 * MINUTE
    assert retry(NOW, state(failures=1, status=status), every=HALF, retry_after=3600) - NOW < 2 * HOUR


def test_two_machines_do_not_come_back_together() -> None:
    """Two that were asked to stay away at nearly one moment do not return at one, nor do two feeds of one machine."""
    here = retry(NOW, state(failures=1, status=503), every=HALF, retry_after=3600)
    there = retry(NOW + timedelta(microseconds=1), state(failures=1, status=503), every=HALF, retry_after=3600)
    assert abs(here - there) > timedelta(seconds=1)


@given(STATES, st.timedeltas(timedelta(0), timedelta(days=4000)))
def test_clock_set_back_leaves_waits_as_they_were(before: FeedState, back: timedelta) -> None:
    """After the clock was set back, a feed waits as long as it would have waited, and no Retry-After is forgotten."""
    polled = replace(before, last_poll_at=NOW, next_poll_at=NOW + HOUR, not_before=NOW + HOUR)
    after = rebased(polled, NOW - back)
    assert after.next_poll_at == after.not_before == NOW - back + HOUR
    assert after.last_poll_at == NOW - back
    assert rebased(after, NOW) == after


def test_first_polls_are_spread() -> None:
    """Feeds that were never polled are due one after the other, the first at once, thousands of them within ten minutes."""
    due = first_polls(["a", "b", "c"], NOW)
    assert due[0] == NOW
    assert due == sorted(set(due))
    assert first_polls([str(n) for n in range(5000)], NOW)[-1] <= NOW + 10 * MINUTE


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
