"""The milestones that have come, of every date that was ever held: the same on every later board, for a feed that keeps them.

Alerts ring at their hour, once for each target (`decide.milestones`). Here is no target and no hour, only days: a milestone has
come when its day has begun for the user, if the date was held by then, firmly enough, and was the one that was counted to.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from watcher.model import Confidence, Fact, ReleaseKey
from watcher.tell.countdown import Dated, counted_to, releases_in, whose
from watcher.tell.dates_in_words import Dates
from watcher.tell.milestones import moment_of

#: Days before a release; the last is the day itself, which is the release.
MILESTONES = (30, 7, 1, 0)

Ledger = Mapping[ReleaseKey, Sequence[Fact]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ring:
    """A milestone that came: so many `days` before a release, on a day of the user's that began `at` (UTC).

    The release's fact is the revision that was held then. `also` are the title's other releases of the same date; `note` says
    whose date it is.
    """

    release: Dated
    days: int
    at: datetime
    also: tuple[Dated, ...] = ()
    note: str = ""

    @property
    def day(self) -> date:
        """The user's day on which it came."""
        return self.release.date.earliest - timedelta(days=self.days)


def rings(ledger: Ledger, chain: Sequence[str], *, dates: Dates, today: date) -> Iterator[Ring]:
    """All milestones of a title up to `today`, in the order of its releases. `chain` are the regions that count, in order."""
    for key, revisions in ledger.items():
        days = {fact.value.date.earliest for fact in revisions if fact.value.date is not None and fact.value.date.is_day}
        for release in sorted(days) if key.region in chain else ():
            for before in MILESTONES:
                # In the calendar's first year there may be no day so long before.
                if release.year > 1 and release - timedelta(days=before) <= today:
                    at = moment_of(release, before, zone=dates.zone, at=time())
                    there = releases_in([fact for held in ledger.values() for fact in _held(held, at)], chain)
                    counted = _counted(key, release, there, release - timedelta(days=before))
                    if counted is not None:
                        also = tuple(other for other in there if other.key != key and other.date == counted.date)
                        yield Ring(release=counted, days=before, at=at, also=also, note=whose(key, chain))


def _counted(key: ReleaseKey, release: date, there: Sequence[Dated], day: date) -> Dated | None:
    """A release of this key and date, if on that day it was what was counted to, and more than a rumour."""
    counted = counted_to(there, day)
    if counted is None or counted.key != key or not counted.date.is_day or counted.date.earliest != release:
        return None
    return counted if counted.fact.confidence.rank >= Confidence.REPORTED.rank else None


def _held(revisions: Sequence[Fact], at: datetime) -> list[Fact]:
    """What was held at a moment, at most one."""
    return [fact for fact in revisions if fact.recorded_at <= at][-1:]
