"""When the countdown rings, and what it says then."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from watcher.model import ReleaseType
from watcher.tell.blocks import Block, Passage, Piece, Row
from watcher.tell.countdown import Dated
from watcher.tell.dates_in_words import Dates, distance_in_words, from_today_in_words
from watcher.tell.lists import names_in_words
from watcher.tell.message import inert_name
from watcher.tell.passages import evidence_of, opens
from watcher.tell.places import place_in_words
from watcher.tell.summary import release_line, release_says

#: The hour at which milestones ring, by the user's own clock; for who has a digest, the digest's hour of the same day.
RINGS_AT = time(9)

#: A milestone that could not ring for longer than this is not told any more.
_STALE = timedelta(days=3)

#: A release that is out for longer has nothing left to ring, whatever the zone.
_LONG_OUT = timedelta(days=5)

_OPENS = (ReleaseType.THEATRICAL, ReleaseType.LIMITED)


def due_milestone(
    release: date, milestones: Sequence[int], *, held_since: datetime, now: datetime, zone: ZoneInfo, at: time = RINGS_AT
) -> int | None:
    """The milestone, in days before the release, that has to be told now; None when there is none.

    Only the latest whose day has begun can be: who was asleep for several hears one, and who wakes in the night before the
    next one's hour waits for that. Who learns a date late does not hear of milestones that had passed by then. Times are UTC,
    `zone` is the user's, `at` the hour there.
    """
    today = now.astimezone(zone).date()
    days = min((days for days in milestones if (release - today).days <= days), default=None)
    if days is None or is_long_out(release, today):
        return None
    moment = moment_of(release, days, zone=zone, at=at)
    return days if held_since <= moment <= now and now - moment <= _STALE else None


def next_moment(
    release: date, milestones: Sequence[int], *, now: datetime, zone: ZoneInfo, at: time = RINGS_AT
) -> datetime | None:
    """The next moment (UTC) at which one of the milestones of a release may become due; None when there is none."""
    today = now.astimezone(zone).date()
    # One more than are left: where a zone skipped a whole day, its hour is on the next one.
    ahead = [days for days in milestones if days <= (release - today).days + 1]
    return min((m for days in ahead if (m := moment_of(release, days, zone=zone, at=at)) > now), default=None)


def is_long_out(release: date, today: date) -> bool:
    """Whether a release is so long past that nothing can ring for it any more."""
    return today - release > _LONG_OUT


def moment_of(release: date, days: int, *, zone: ZoneInfo, at: time = RINGS_AT) -> datetime:
    """When a milestone rings (UTC): at this hour of the local day that is so many days before the release.

    An hour that a zone skipped is the one after it (PEP 495, fold 0), be it on the next day, where a zone skipped all of one.
    """
    return datetime.combine(release - timedelta(days=days), at, zone).astimezone(UTC)


def milestone(title_name: str, release: Dated, *, today: date, dates: Dates, also: Sequence[Dated] = (), note: str = "") -> Piece:
    """How far off a release is on the day it leaves: "Ballerina is out today, Friday, June 6, 2025".

    `also` are the title's other releases of the same day, `note` says whose date it is.
    """
    name = inert_name(title_name)
    title = _headline(name, release, today, dates)
    places = names_in_words([place_in_words(other.key) for other in also])
    more = tuple(filter(None, (f"The same day: {places}." if places else "", f"{note}." if note else "")))
    passage = Passage(
        opening=opens(name, release.key, release.date, manner="did" if release.date.latest < today else "does"),
        rows=(Row(text=dates.in_words(release.date, weekday=True), beside=from_today_in_words(release.date, today)),),
        paragraphs=(release_says(release), *more),
    )
    return Piece(
        name=name,
        title=title,
        blocks=(Block(headline=title, lines=(release_line(release, dates), *more), passage=passage),),
        kind="success" if release.date.earliest <= today else "info",
        ask=evidence_of(release.key),
    )


def _headline(name: str, release: Dated, today: date, dates: Dates) -> str:
    """What a lock screen shows: that it is out, how long it takes, or how long ago it was, and the day."""
    away, day = distance_in_words(release.date, today), dates.day(release.date.earliest, weekday=True)
    when = f"{away}, {day}" if away in ("today", "tomorrow", "yesterday") else f"{away}, on {day}"
    is_past = release.date.latest < today
    if release.key.type is ReleaseType.PREMIERE:
        return f"{name}: {place_in_words(release.key)} {when}"
    if release.key.type not in _OPENS:
        how = "came out" if is_past else "is out" if release.date.earliest == today else "comes out"
        return f"{name} {how} {away} ({place_in_words(release.key)})"
    how = "opened" if is_past else "is out" if release.date.earliest == today else "opens"
    return f"{name} {how} {when}"
