"""What leaves for a target together and when: one message for each title, or one for all that had to wait.

Pure: the outbox asks here which of its rows go out, and only carries it out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from watcher.model import Confidence, Target
from watcher.tell.hours import minute_of_day, ready_at

#: A delivery of several titles or kinds.
BUNDLE = "bundle"

#: Rows of one title and kind that go out together; others go out one by one, unless they had to wait.
TOGETHER = ("change", "health")

#: Who is told a row so much later than it was due was out of reach, and gets all that gathered in one.
_LATE = timedelta(hours=1)

#: No more rows in one delivery: a message must stay one that is read. The others follow right behind.
_MOST = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row of the outbox that waits; times are UTC.

    `needs` is how sure its change must be and `was` how sure it was when it was made (None: it is no change); `sure_at` is
    when it came to be as sure as it is.
    """

    id: int
    title: str
    kind: str
    subject: str
    not_before: datetime
    needs: Confidence = Confidence.RUMOURED
    was: Confidence | None = None
    sure_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Open:
    """A delivery that did not get through yet. `rows` are how many it holds, `refused` how often it was it that was refused."""

    id: str
    title: str
    kind: str
    created_at: datetime
    rows: int
    refused: int = 0
    may_repeat: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """On which terms a target is told, now: `early` passes over the wait for company, never over its own hours."""

    target: Target
    zone: ZoneInfo
    now: datetime
    early: timedelta = timedelta(0)

    @property
    def is_quiet(self) -> bool:
        """Whether nothing at all may leave: a try that failed in the evening is not repeated at night."""
        return ready_at(self.now, quiet=self.target.quiet_hours, digest=None, zone=self.zone) > self.now


def due(rows: Sequence[Row], terms: Terms) -> list[Row]:
    """Those of the rows whose time has come, in their order."""
    early = timedelta(0) if terms.target.digest is not None else terms.early
    return [row for row in rows if _ready_at(row, terms) <= terms.now + early]


def first(rows: Sequence[Row], terms: Terms) -> list[Row]:
    """The rows of the next delivery: the first of those that are due, and what goes with it."""
    if not rows:
        return []
    lead = rows[0]
    if _was_held(lead, terms):
        return list(rows[:_MOST])
    return [row for row in rows if row is lead or _belong(lead.title, lead.kind, row)][:_MOST]


def joining(opened: Open, rows: Sequence[Row], terms: Terms) -> list[Row]:
    """The rows that a delivery takes along at its next try.

    None where it may have gone out already, for a repeat must say the same; nor where it was refused for what it says.
    """
    if opened.may_repeat or opened.refused:
        return []
    room = max(_MOST - opened.rows, 0)
    if opened.kind == BUNDLE or terms.now - opened.created_at >= _LATE:
        return list(rows[:room])
    return [row for row in rows if _belong(opened.title, opened.kind, row)][:room]


def kind_of(rows: Sequence[tuple[str, str]]) -> tuple[str, str]:
    """The title and the kind of a delivery that holds rows of these titles and kinds; of a single row always its own."""
    alike = len(set(rows)) == 1 and (len(rows) == 1 or rows[0][1] in TOGETHER)
    return rows[0] if alike else ("", BUNDLE)


def _belong(title: str, kind: str, row: Row) -> bool:
    return (row.title, row.kind) == (title, kind) and kind in TOGETHER


def _was_held(row: Row, terms: Terms) -> bool:
    """Whether a row had to wait for the target's own hours, or for the target itself."""
    quiet, digest = terms.target.quiet_hours, terms.target.digest
    at = _ready_at(row, terms)
    released = quiet is not None and minute_of_day(at, terms.zone) == quiet[1]
    return digest is not None or released or terms.now - at >= _LATE


def _ready_at(row: Row, terms: Terms) -> datetime:
    """When a row's time comes; one that is not sure enough when it is made has its hours counted from when it is.

    A moment to come is of a clock that was ahead: nobody knows any more when it was.
    """
    if row.was is None or row.sure_at is None or row.sure_at > terms.now or row.was.rank >= row.needs.rank:
        return row.not_before
    surely = ready_at(row.sure_at, quiet=terms.target.quiet_hours, digest=terms.target.digest, zone=terms.zone)
    return max(row.not_before, surely)
