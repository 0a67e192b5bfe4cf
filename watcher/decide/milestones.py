"""Which targets are told how far off a release is, and when: once for each milestone of a date, again when the date moves.

The day itself is the milestone of no days: time that passes is no step of a fact, so that the ledger has nothing to record.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from watcher.decide.intents import Notice, Plan
from watcher.decide.telling import EVERYWHERE, Audience, follows
from watcher.model import Fact, ReleaseKey, Target, Title, parse_key
from watcher.tell.countdown import Dated, counted_to, region_chain, releases_in
from watcher.tell.hours import ready_at
from watcher.tell.milestones import RINGS_AT, due_milestone, is_long_out, moment_of, next_moment

KIND = "milestone"

#: All revisions of each release fact of one title, oldest first.
Ledger = Mapping[ReleaseKey, Sequence[Fact]]

_LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """What a milestone's subject says: the release, its date, and so many days before it."""

    key: ReleaseKey
    date: date
    days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherRung:
    """Another milestone of the same date and target: whether it was made later, and when it was sent, where it was (UTC)."""

    later: bool
    sent_at: datetime | None = None


def plan_milestones(title: Title, ledger: Ledger, audience: Audience, now: datetime) -> Plan | None:
    """The milestones of a title's releases that are due; None when there are none.

    Partial dates have none: nothing invents a day. Of several releases only the one rings that was counted to at its hour, by
    what was held then as by what is held now.
    """
    targets = [target for target in audience.targets if _asks(target, title)]
    rows = [notice for target in targets for notice in _due(title, target, ledger, audience, now)]
    return Plan(at=now, notices=tuple(rows)) if rows else None


def next_milestone(title: Title, ledger: Ledger, audience: Audience, now: datetime) -> datetime | None:
    """When the next milestone of a title may become due as things stand (UTC), None when none ever does."""
    days = {fact.value.date.earliest for fact in _last(ledger) if fact.value.date is not None and fact.value.date.is_day}
    moments = (
        next_moment(day, target.milestones, now=now, zone=audience.zone, at=_hour(target))
        for target in audience.targets
        if _asks(target, title)
        for day in days
    )
    return min((moment for moment in moments if moment is not None), default=None)


def chain_of(target: Target, title: Title, audience: Audience) -> tuple[str, ...]:
    """The regions whose dates a target counts to, in order: its own where it has some, else the user's and the title's."""
    if target.regions and EVERYWHERE not in target.regions:
        return target.regions
    return region_chain(audience.regions, title.origin)


def rung_of(subject: str) -> Rung:
    """What a milestone's subject speaks of."""
    parts = subject.split("/")
    key = parse_key("/".join(parts[1:5]))
    assert isinstance(key, ReleaseKey)
    return Rung(key=key, date=date.fromisoformat(parts[5]), days=int(parts[7]))


def is_overtaken(rung: Rung, others: Sequence[OtherRung], now: datetime, zone: ZoneInfo) -> bool:
    """Whether a milestone that waited need not be told: a later one is there, or one that left late has said all it could."""
    day = rung.date - timedelta(days=rung.days)
    return any(
        other.later or (other.sent_at is not None and other.sent_at <= now and other.sent_at.astimezone(zone).date() >= day)
        for other in others
    )


def _asks(target: Target, title: Title) -> bool:
    return "countdown" in target.on and follows(target, title)


def _due(title: Title, target: Target, ledger: Ledger, audience: Audience, now: datetime) -> Iterator[Notice]:
    """What is due to one target."""
    zone, chain, at = audience.zone, chain_of(target, title, audience), _hour(target)
    releases = releases_in(_last(ledger), chain)
    today = now.astimezone(zone).date()
    for release in releases:
        day = release.date.earliest
        sure = release.fact.confidence.rank >= target.min_confidence.rank
        if not sure or not release.date.is_day or is_long_out(day, today):
            continue
        history = ledger[release.key]
        days = due_milestone(day, target.milestones, held_since=_held_since(history, now), now=now, zone=zone, at=at)
        if days is None:
            continue
        moment = moment_of(day, days, zone=zone, at=at)
        then = releases_in(_standing(ledger, moment, now), chain)
        on = moment.astimezone(zone).date()
        if _same(counted_to(then, on), release) and counted_to(releases, on) == release:
            yield Notice(
                target=target.name,
                title=title.id,
                subject=f"{KIND}/{release.key}/{release.date}/{_run(history)[0].recorded_at:%Y%m%dT%H%M%S}/{days}",
                kind=KIND,
                not_before=_ready(target, moment, now, zone),
            )


def _hour(target: Target) -> time:
    """When milestones ring for a target: a digest before nine must not tell of the day after it has passed."""
    return RINGS_AT if target.digest is None else time(*divmod(target.digest, 60))


def _ready(target: Target, moment: datetime, now: datetime, zone: ZoneInfo) -> datetime:
    """When a milestone may go out; one whose digest was missed does not wait a day for the next."""
    ready = ready_at(moment, quiet=target.quiet_hours, digest=target.digest, zone=zone)
    return ready if ready >= now else ready_at(now, quiet=target.quiet_hours, digest=None, zone=zone)


def _same(one: Dated | None, other: Dated) -> bool:
    return one is not None and (one.key, one.date) == (other.key, other.date)


def _last(ledger: Ledger) -> list[Fact]:
    return [history[-1] for history in ledger.values()]


def _run(history: Sequence[Fact]) -> Sequence[Fact]:
    """The last revisions that hold the same date without a break; being confirmed does not make it younger."""
    first = len(history) - 1
    while first > 0 and history[first - 1].value.date == history[-1].value.date:
        first -= 1
    return history[first:]


def _held_since(history: Sequence[Fact], now: datetime) -> datetime:
    return _recorded(history, now)[-len(_run(history))]


def _standing(ledger: Ledger, moment: datetime, now: datetime) -> list[Fact]:
    """The facts as they were held at a moment."""
    found = []
    for history in ledger.values():
        held = [fact for fact, at in zip(history, _recorded(history, now), strict=True) if at <= moment]
        found += held[-1:]
    return found


def _recorded(history: Sequence[Fact], now: datetime) -> list[datetime]:
    """When each revision came to be held: none later than those after it.

    A stamp from after `now` is of a clock that was wrong. When it truly was nobody knows any more, so it counts as long ago: at
    worst one milestone of these days rings, and says what is true.
    """
    found, latest = [], now
    for fact in reversed(history):
        latest = min(latest, fact.recorded_at if fact.recorded_at <= now else _LONG_AGO)
        found.append(latest)
    return found[::-1]
