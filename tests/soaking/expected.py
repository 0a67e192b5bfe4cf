"""What each target has to be told in a simulated year, from when and until when: by the script and by what the papers gave out.

Nothing here knows what the daemon did. An alert is due once a feed (or a page) that tells of an event was given out; it may be
late by as much as the target was out of reach, was not to be disturbed, or the machine did not work.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise

from soaking.play import Played
from soaking.press import WAIT_S
from soaking.script import BEGIN, DAY, HOUR, ZONE, Event, Film, Script
from soaking.weather import Spell, Target
from soaking.words import in_words

#: What the configuration says of itself: alerts wait so long for company.
_COMPANY = timedelta(minutes=10)

#: Passes are half an hour apart at most, and a target rests for an hour at most after it failed.
_SLACK, _REST = timedelta(minutes=45), timedelta(minutes=65)

#: So close to a change of the configuration, or of the date, either may come first.
_EITHER = DAY

_MILESTONES = (30, 7, 1, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """One alert for one target: its headline, from when it may come and until when it must; not `must` where it only may.

    A milestone has no fixed headline: it is known by the film and the `day`.
    """

    target: str
    film: str
    headline: str
    earliest: datetime
    latest: datetime
    must: bool = True
    day: date | None = None


def dues(played: Played) -> list[Due]:
    """Everything that is due in the year."""
    found: list[Due] = []
    given = given_out(played)
    for target in played.weather.targets:
        clockwork = Clockwork(played, target)
        found += _summaries(played.script, target, clockwork)
        for event in played.script.events:
            if event in given:
                found += _of_event(played.script, target, event, given[event], clockwork)
        if "countdown" in target.on:
            for film in played.script.films:
                found += _milestones(played.script, target, film, given, clockwork)
    return found


def given_out(played: Played) -> dict[Event, tuple[datetime, datetime]]:
    """For each event the moment when it was first given out at all, and when it was so that it had to be kept."""
    found: dict[Event, tuple[datetime, datetime]] = {}
    for article in played.script.articles:
        if article.tells is None:
            continue
        kept, doubtful = played.served.get(article.guid), played.doubtful.get(article.guid)
        times = [at for at in (kept, doubtful) if at is not None]
        if not times:
            continue
        first, last = min(times), kept or max(times)
        if article.tells in found:
            first, last = min(first, found[article.tells][0]), min(last, found[article.tells][1])
        found[article.tells] = first, last
    return found


class Clockwork:
    """When a target can be told: its own hours, and the spells in which nothing could reach it."""

    def __init__(self, played: Played, target: Target) -> None:
        self._target = target
        weather = played.weather
        rests = {"busy": timedelta(seconds=WAIT_S) + _REST}
        self._blocked = [(spell, rests.get(spell.kind, _REST)) for spell in weather.outages.get(target.name, ())]
        self._blocked += [(spell, timedelta(0)) for spell in weather.asleep]
        self._blocked += [(spell, timedelta(minutes=10)) for spell in (*weather.full, *played.down)]
        self._blocked += [(spell, timedelta(minutes=5)) for spell, _ in weather.offsets]

    def latest(self, ready: datetime) -> datetime:
        """Until when something must have come that was ready then."""
        at = self._digest(ready) if self._target.digest else ready
        while (later := self._unblocked(at)) != at:
            at = later
        # What had to wait may have failed in its last minute, and what was in the queue goes before it.
        return at + _SLACK

    def is_blocked(self, begin: datetime, end: datetime) -> bool:
        """Whether anything stood in the way in this time."""
        return any(spell.begin < end and begin < spell.end + rest for spell, rest in self._blocked)

    def _unblocked(self, at: datetime) -> datetime:
        for spell, rest in self._blocked:
            if spell.begin - _SLACK <= at < spell.end + rest:
                at = spell.end + rest
        local = at.astimezone(ZONE)
        if self._target.quiet and (local.hour >= 22 or local.hour < 8):
            morning = local.date() + timedelta(days=local.hour >= 22)
            at = datetime.combine(morning, time(8), ZONE).astimezone(BEGIN.tzinfo)
        return at

    def _digest(self, at: datetime) -> datetime:
        local = at.astimezone(ZONE)
        today = datetime.combine(local.date(), time(8), ZONE)
        ready = today if local <= today else datetime.combine(local.date() + timedelta(days=1), time(8), ZONE)
        return ready.astimezone(BEGIN.tzinfo)


def _is_told(target: Target, film: Film, at: datetime) -> bool | None:
    """Whether a target is to hear of a film then; None close to the moment from which or until which it is."""
    if target.films and film.name not in target.films:
        return False
    spans = [(film.since, film.until), (target.since, target.until)]
    for since, until in spans:
        if since != BEGIN and abs(at - since) < _EITHER:
            return None
        if until is not None and abs(at - until) < 3 * _EITHER:
            return None
    return all(since <= at and (until is None or at < until) for since, until in spans)


def _film(script: Script, name: str) -> Film:
    return next(film for film in script.films if film.name == name)


def _summaries(script: Script, target: Target, clockwork: Clockwork) -> Iterator[Due]:
    """One summary for each film of which something is known when it is taken in."""
    for film in script.films:
        if film.known is not None and target.is_there(film.since) and (not target.films or film.name in target.films):
            latest = clockwork.latest(film.since + _COMPANY + HOUR)
            yield Due(target=target.name, film=film.name, headline=f"Watching {film.name}", earliest=film.since, latest=latest)


def _of_event(
    script: Script, target: Target, event: Event, given: tuple[datetime, datetime], clockwork: Clockwork
) -> Iterator[Due]:
    told = _is_told(target, _film(script, event.film), given[1])
    if told is False or ("release" if event.is_release else "casting") not in target.on:
        return
    latest = clockwork.latest(given[1] + _COMPANY)
    yield Due(
        target=target.name,
        film=event.film,
        headline=event.headline,
        earliest=given[0],
        latest=latest,
        must=told is True and latest < script.end,
    )


def _milestones(
    script: Script, target: Target, film: Film, given: dict[Event, tuple[datetime, datetime]], clockwork: Clockwork
) -> Iterator[Due]:
    """One for each milestone of each date that the film had when its hour came."""
    for day, since, until in _held(script, film, given):
        moments = [(datetime.combine(day - timedelta(days=n), time(9), ZONE).astimezone(BEGIN.tzinfo), n) for n in _MILESTONES]
        following = [moment for moment, _ in moments[1:]] + [moments[-1][0] + 3 * DAY]
        for (moment, days), after in zip(moments, following, strict=True):
            told = _is_told(target, film, moment)
            if told is False or moment < since - _EITHER or moment > until + 3 * DAY or moment > script.end:
                continue
            latest = clockwork.latest(moment)
            sure = told is True and since + _EITHER < moment and latest + HOUR < min(until, after, script.end)
            yield Due(
                target=target.name,
                film=film.name,
                headline=f"{film.name}: {days} days before {in_words(day)}",
                earliest=moment - 27 * HOUR if clockwork.is_blocked(moment - 27 * HOUR, moment) else moment,
                latest=max(latest, min(moment + 3 * DAY, until)) if not sure else latest,
                must=sure,
                day=day,
            )


def _held(script: Script, film: Film, given: dict[Event, tuple[datetime, datetime]]) -> Iterator[tuple[date, datetime, datetime]]:
    """The days that a film had, each from when until when it was known to have it."""
    steps: list[tuple[datetime, date | None]] = [(film.since, film.known)]
    mine = (event for event in script.events if event.film == film.name and event.is_release and event in given)
    steps += [(given[event][0], None if event.kind == "set-month" else event.new) for event in mine]
    steps.append((script.end + 30 * DAY, None))
    for (since, day), (until, _) in pairwise(sorted(steps, key=lambda step: step[0])):
        if day is not None:
            yield day, since, until


def overlapping(spells: Sequence[Spell], begin: datetime, end: datetime) -> list[Spell]:
    """Those of the spells that fall into this time."""
    return [spell for spell in spells if spell.begin < end and begin < spell.end]
