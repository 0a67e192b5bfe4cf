"""The dates of a sentence one after the other: each may count from another, or take its year.

"June 6 in France and a day later in Spain", "from Nov. 3, 2027, to Sept. 6", "on June 6, a week before it opens in Japan".
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import timedelta

from watcher.edtf import Edtf
from watcher.read.counts import COUNT_REACH, Count
from watcher.read.dated import Bound, Frame
from watcher.read.dates import APPOSED, DateFinder, When
from watcher.read.grammar import BLANK, Grammar, either, ends_with, starts_with
from watcher.read.meaning import BESIDE, Around, resolve
from watcher.read.text import Span

#: Farthest, in characters, that a date which has a year may stand behind one that takes it.
LEND_BACK = 60
#: Of so many dates that a sentence names, the one left is not the one moved to.
_TWO = 2
_YEAR = re.compile(r"(?<![\w,.])(?:19|20)\d\d(?!\w)")


class Reckoner:
    """Says what the dates of the sentences of one language mean together."""

    def __init__(self, grammar: Grammar, finder: DateFinder) -> None:
        self._finder = finder
        table = grammar.dates
        self._grammar = grammar

        def any_of(key: str) -> str:
            return either(table.get(key, ()))

        self._than = starts_with(table.get("than", ()))
        self._roughly = re.compile(rf"(?<!\w)(?:{any_of('roughly')})\s+$", re.IGNORECASE)
        self._since = re.compile(rf"(?<!\w)(?:{any_of('long_after')})(?!\w)", re.IGNORECASE)
        self._everywhere = re.compile(rf"(?<!\w)(?:{any_of('everywhere')})(?!\w)", re.IGNORECASE)
        self._from = ends_with(table["from"], BLANK + grammar.the)
        self._joined = re.compile(rf"(?<!\w)(?:{any_of('joined')})(?!\w)", re.IGNORECASE)
        self._later = re.compile(rf"(?<!\w)(?:{any_of('moves_later')})(?!\w)", re.IGNORECASE)
        self._earlier = re.compile(rf"(?<!\w)(?:{any_of('moves_earlier')})(?!\w)", re.IGNORECASE)

    def counted(self, frame: Frame, count: Count, dates: Sequence[Edtf | None], said: Collection[Edtf | None]) -> Edtf | None:
        """What "a week before it opens" counts to, if the date before it is one that is said of the film."""
        before = [(when, date) for when, date in zip(frame.dates, dates, strict=True) if when.end <= count.start]
        if not before or count.start - before[-1][0].end > COUNT_REACH:
            return None
        base = before[-1][1]
        if base is None or not base.is_day or base not in said:
            return None
        return Edtf.of(base.earliest + timedelta(days=count.days))

    def dates(self, frame: Frame, bound: Sequence[Bound], is_past: Callable[[Bound], bool]) -> list[Edtf | None]:
        """What each of the dates of a sentence means, with what governs it; `is_past` says which are told as past."""
        found: list[Edtf | None] = []
        for index, one in enumerate(bound):
            previous = next((date for date in reversed(found) if date is not None), None)
            if one.when.is_step:
                previous = self._base(frame, bound, index, previous)
            elif one.when.is_day_alone:
                previous = previous or frame.shot.told
                if previous is None and _names_date(frame):
                    found.append(None)
                    continue
            elif one.when.relative == "same":
                previous = previous or _year_before(frame)
            lender, way = self._lender(frame, bound, index, found)
            around = Around(previous=previous, lender=lender, way=way, past=one.role == "new" and is_past(one))
            date = resolve(one.when, frame.scene.anchor, around)
            if (
                date is not None
                and index
                and not around.past
                and self._goes_on(frame, bound[index - 1 : index + 1], found[-1], date)
            ):
                date = resolve(one.when, frame.scene.anchor, replace(around, lender=found[-1], way=1))
            found.append(date)
        return found

    def _goes_on(self, frame: Frame, pair: Sequence[Bound], before: Edtf | None, date: Edtf) -> bool:
        """Whether a day after one to come would be over, were it this year's: "in New York on Dec. 25 and wide Jan. 8"."""
        first, second = (one.when for one in pair)
        today = frame.scene.anchor.day
        plain = all(one.role == "new" and one.when.day and one.when.month and not _has_year(one.when) for one in pair)
        told = plain and not self._since.search(frame.text, first.end, second.start)
        return bool(told and today and before and before.earliest > today > date.latest)

    def _base(self, frame: Frame, bound: Sequence[Bound], index: int, previous: Edtf | None) -> Edtf | None:
        """The date that "a day later" counts from; None where it only says how far another date lies from one not told.

        "June 13, a week later" and "June 13, a week later than planned" say nothing new.
        """
        text, when = frame.text, bound[index].when
        if when.unit == 365:
            measured = self._than.match(text, when.end) and bound[max(0, index - 1)].role != "old"
            return None if measured else previous
        clause = frame.shot.clause(when.start)
        if self._roughly.search(text, max(0, when.start - 16), when.start):
            return None
        if index == 0 or bound[index - 1].when.end < clause.start:
            if when.steps == 0:
                return previous if index else frame.shot.told or self._day_before(frame)
            placed = self._grammar.regions.search(text, clause.start, clause.end)
            placed = placed or self._everywhere.search(text, clause.start, clause.end)
            return (previous if index else frame.shot.told) if placed else None
        before = bound[index - 1]
        second = self._grammar.regions.search(text, before.when.end, min(clause.end, when.end + APPOSED)) or self._joined.search(
            text, before.when.end, when.start
        )
        return previous if before.role == "old" or (second and not self._than.match(text, when.end)) else None

    def _day_before(self, frame: Frame) -> Edtf | None:
        """The one day that the sentence before names, of whatever film: "Paper Tigers leaves June 6. NAME takes that date"."""
        lines = frame.scene.lines
        here = bisect_left(lines, frame.shot.line.start, key=lambda line: line.start)
        days = [d for d in self._finder.find(frame.text, lines[here - 1].start, lines[here - 1].end) if d.day] if here else []
        days = [d for d in days if len(days) < _TWO or not self._from.search(frame.text, max(0, d.start - 12), d.start)]
        date, today = resolve(days[0], frame.scene.anchor) if len(days) == 1 else None, frame.scene.anchor.day
        return date if date and today and date.earliest > today else None  # "it was delayed that same day" tells of news

    def _lender(self, frame: Frame, bound: Sequence[Bound], index: int, found: Sequence[Edtf | None]) -> tuple[Edtf | None, int]:
        """The date whose year one without a year takes, and the way that a verb moves from it."""
        one = bound[index]
        if one.when.year is not None or one.when.relative or not one.when.month:
            return None, 0
        clause = frame.shot.clause(one.when.start)
        for other in range(index - 1, -1, -1):
            date = found[other]
            if date is not None and _has_year(bound[other].when):
                near = clause.holds(bound[other].when) or bound[other].role == "old"
                near = near or (_is_aside(frame, one.when) and _is_aside(frame, bound[other].when))
                return (date, self._way(frame, bound[other].role, one.role)) if near else (None, 0)
        return self._behind(frame, bound, index, clause) or _told_near(frame, one), 0

    def _behind(self, frame: Frame, bound: Sequence[Bound], index: int, clause: Span) -> Edtf | None:
        """A full date close behind one without a year: "on July 9 in Korea and on July 11, 2027 in the US"."""
        when = bound[index].when
        follower = bound[index + 1] if index + 1 < len(bound) else None
        if follower is None or not when.day or not follower.when.day or follower.when.year is None:
            return None
        if bound[index].role != follower.role or not clause.holds(follower.when) or follower.when.start - when.end > LEND_BACK:
            return None
        date = resolve(follower.when, frame.scene.anchor)
        mine = resolve(when, frame.scene.anchor, Around(lender=date))
        if date is None or mine is None:
            return None
        row = self._joined.fullmatch(frame.text[when.end : follower.when.start].strip(" ,")) and mine.earliest <= date.earliest
        return date if row or abs(mine.earliest - date.earliest) <= timedelta(days=BESIDE) else None

    def _way(self, frame: Frame, from_role: str, to_role: str) -> int:
        """1 where the sentence moves a film to later, -1 to earlier, 0 where it does neither or both."""
        if (from_role, to_role) != ("old", "new"):
            return 0
        line = frame.shot.line
        later = self._later.search(frame.text, line.start, line.end)
        earlier = self._earlier.search(frame.text, line.start, line.end)
        return bool(later) - bool(earlier)


def _told_near(frame: Frame, one: Bound) -> Edtf | None:
    """The day that the sentence before gave, if one without a year is near it: "June 6, 2027 here. In Japan it is June 3"."""
    told = frame.shot.told
    if told is None or not told.is_day or not one.when.day or one.role != "new":
        return None
    mine = resolve(one.when, frame.scene.anchor, Around(lender=told))
    return told if mine is not None and abs(mine.earliest - told.earliest) <= timedelta(days=BESIDE) else None


def _year_before(frame: Frame) -> Edtf | None:
    """The last year in figures that the sentence before names, whatever it is of: "that year" means it."""
    lines = frame.scene.lines
    here = bisect_left(lines, frame.shot.line.start, key=lambda line: line.start)
    found = _YEAR.findall(frame.text, lines[here - 1].start, lines[here - 1].end) if here else []
    return Edtf(found[-1]) if found else None


def _names_date(frame: Frame) -> bool:
    """Whether the sentence before has a number: a day alone then counts from what it says, and not from the publication."""
    lines = frame.scene.lines
    here = bisect_left(lines, frame.shot.line.start, key=lambda line: line.start)
    before = lines[here - 1] if here else None
    return before is not None and any(c.isdigit() for c in frame.text[before.start : before.end])


def _is_aside(frame: Frame, when: When) -> bool:
    """Whether a date stands alone in brackets, as in "NAME (June 6), NAME (July 3)"."""
    return frame.text[when.start - 1 : when.start] == "(" and frame.text[when.end : when.end + 1] == ")"


def _has_year(when: When) -> bool:
    """Whether an expression names its year, in figures or as "next year"."""
    return when.year is not None or (when.relative in ("this", "next", "following") and bool(when.month or when.part))
