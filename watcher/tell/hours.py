"""When a person may be disturbed: quiet hours and the digest's hour, on the wall clock of the user's own zone."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

_DAY_MINUTES = 24 * 60


def ready_at(now: datetime, *, quiet: tuple[int, int] | None, digest: int | None, zone: ZoneInfo) -> datetime:
    """The first moment at or after `now` at which a target may be told.

    `quiet` is (start, end) and `digest` one moment, in minutes after local midnight; quiet hours may cross midnight. A wall
    clock time that a change to summer time skips is taken as the moment that follows (PEP 495, fold 0). Returns UTC.
    """
    ready = now if digest is None else _next(now, digest, zone)
    if quiet is not None and _within(minute_of_day(ready, zone), *quiet):
        ready = _next(ready, quiet[1], zone)
    return ready.astimezone(UTC)


def minute_of_day(moment: datetime, zone: ZoneInfo) -> int:
    """What the local clock shows, in minutes after midnight."""
    local = moment.astimezone(zone)
    return local.hour * 60 + local.minute


def _within(minute: int, start: int, end: int) -> bool:
    return start <= minute < end if start <= end else minute >= start or minute < end


def _next(now: datetime, minute: int, zone: ZoneInfo) -> datetime:
    """The next moment, `now` itself included, at which the local clock shows this minute."""
    local = now.astimezone(zone)
    wall = time(*divmod(minute % _DAY_MINUTES, 60))
    for days in range(3):
        there = datetime.combine(local.date() + timedelta(days=days), wall, zone).astimezone(UTC)
        if there >= now:
            return there
    raise AssertionError("a wall clock shows every minute within two days")
