"""When the countdown rings, and what it says then."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from watcher.model import ReleaseType, Target
from watcher.tell.blocks import Block, Passage, Row
from watcher.tell.countdown import Dated
from watcher.tell.dates_in_words import Dates, distance_in_words, from_today_in_words
from watcher.tell.layout import compose
from watcher.tell.message import REPEAT, Message, inert_name
from watcher.tell.passages import evidence_of, opens
from watcher.tell.places import place_in_words
from watcher.tell.summary import release_line, release_says

#: The hour at which milestones ring, by the user's own clock.
RINGS_AT = time(9)

#: A milestone that could not ring for longer than this is not told any more.
_STALE = timedelta(days=3)

_OPENS = (ReleaseType.THEATRICAL, ReleaseType.LIMITED)


def due_milestone(release: date, milestones: Sequence[int], *, held_since: datetime, now: datetime, zone: ZoneInfo) -> int | None:
    """The milestone, in days before the release, that has to be told now; None when there is none.

    It is the latest whose hour has come since the date is held: who was asleep for several hears one, and who learns a date
    late does not hear of milestones that had passed by then. Times are UTC, `zone` is the user's.
    """
    rings = {days: _moment(release - timedelta(days=days), zone) for days in milestones}
    come = [days for days, moment in rings.items() if held_since <= moment <= now and now - moment <= _STALE]
    return min(come, default=None)


def _moment(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, RINGS_AT, zone).astimezone(UTC)


def render_milestone(
    title_name: str, release: Dated, *, message_id: str, target: Target, today: date, dates: Dates, may_repeat: bool = False
) -> Message:
    """One message that says how far off a release is: "Ballerina opens in 7 days"."""
    name, away = inert_name(title_name), distance_in_words(release.date, today)
    out = release.date.latest < today
    if release.key.type in _OPENS:
        title = f"{name} {'opened' if out else 'opens'} {away}"
    else:
        title = f"{name}: {place_in_words(release.key)}, {away}"
    passage = Passage(
        opening=opens(name, release.key, release.date, manner="did" if out else "does"),
        rows=(Row(text=dates.in_words(release.date, weekday=True), beside=from_today_in_words(release.date, today)),),
        paragraphs=(release_says(release),),
    )
    return compose(
        title,
        [Block(headline=title, lines=(release_line(release, dates),), passage=passage)],
        message_id=message_id,
        target=target,
        ask=evidence_of(release.key),
        kind="success" if release.date.earliest <= today else "info",
        before=(REPEAT,) if may_repeat else (),
    )
