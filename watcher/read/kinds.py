"""Which release a date is of: its type, its countries and how firmly it is said, from the words of its own stretch.

A clause may hold several dates; each has the words on its own side. What "a week before it opens in Japan" counts to is a
point of its own, so that its words are not those of the date before it.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import TypeVar

from watcher.model import UNKNOWN_REGION, Modality, ReleaseType
from watcher.read.counts import Count
from watcher.read.dated import Frame
from watcher.read.grammar import Grammar, either
from watcher.read.hedges import doubts
from watcher.read.owners import OURS
from watcher.read.phrases import Hit
from watcher.read.text import Span

#: Farthest, in characters, that a region may stand from its date.
REGION_REACH = 90
#: A word this close behind a date belongs to it, whatever stands before ("its June 6 digital release").
_ADJACENT = 1
#: Farthest, in characters, that a word of a showing that is no release may stand behind a date.
_BEHIND = 25
#: A word behind a date counts as so much farther away than one before it.
_RATHER_BEFORE = 12
#: What may stand between the name of a country and its date in a list: "Japan: June 6", "Japan on June 6".
_TO_DATE = re.compile(r",?\s(?:on\s)?|:\s|\s[-–]\s|\s\(")
_AT_HOME: frozenset[ReleaseType | None] = frozenset(
    {ReleaseType.DIGITAL, ReleaseType.STREAMING, ReleaseType.PHYSICAL, ReleaseType.TV}
)
W = TypeVar("W")

_STOPPED = re.compile(r"[,;:(|/–-]\s?(?:the\s)?$")


class Kinds:
    """Tells the releases of one language apart."""

    def __init__(self, grammar: Grammar) -> None:
        self._grammar = grammar
        self._any_type = frozenset(grammar.release.get("any_type", ()))
        self._behind = re.compile(rf"\s+{grammar.the}({either(grammar.region_names)})(?!\w)")
        self._names = re.compile(rf"(?<!\w)(?:{either(grammar.region_names)})(?!\w)")

    def type_of(self, frame: Frame, when: Span, cue: Span | None = None) -> ReleaseType | None:
        """The type of a date's release; None for a showing that is none ("fan screenings", "a re-release")."""
        clause = frame.shot.clause(when.start)
        hits = self._grammar.release_types.find(frame.text, clause.start, clause.end)
        mine = _on_its_side(hits, when, frame.points, clause)
        if cue is not None and cue.start >= when.end:
            mine = [h for h in mine if h.start >= when.end] or _behind(hits, when, frame.points, clause)
        if isinstance(when, Count) and not any(hit.what for hit in mine):
            hits = [
                hit for hit in hits if hit.what is not ReleaseType.PREMIERE
            ]  # "the premiere is two days before the UK release"
        if any(hit.what is None and self._governs(frame, hit, when) for hit in mine):
            return None
        ends = {point.end + 1 for point in frame.points}
        real = [h for h in mine if h.what] or [h for h in hits if h.what and h.end <= when.start and h.start not in ends]
        if real:
            return min(real, key=lambda hit: _distance(hit, when)).what
        return ReleaseType.THEATRICAL if cue is None else self._carried(frame, cue)

    def _carried(self, frame: Frame, cue: Span) -> ReleaseType:
        """The type of what stands before, or in the headline, where a verb of any release names none.

        Only for release at home, and only where they speak of nothing else: "NAME is coming to Hulu. It arrives on June 6."
        """
        verb = frame.text[cue.start : cue.end].lower().split()
        if self._any_type.isdisjoint(verb):
            return ReleaseType.THEATRICAL
        for span in _before(frame, cue):
            kinds = {hit.what for hit in self._grammar.release_types.find(frame.text, span.start, span.end)}
            if len(kinds) == 1 and kinds <= _AT_HOME:
                return kinds.pop() or ReleaseType.THEATRICAL
        return ReleaseType.THEATRICAL

    @staticmethod
    def _governs(frame: Frame, hit: Span, when: Span) -> bool:
        """Whether a word of no release is said of a date: before it without a comma, or close behind it."""
        between = frame.text[hit.end : when.start] if hit.end <= when.start else frame.text[when.end : hit.start]
        return "," not in between and (hit.end <= when.start or len(between) < _BEHIND)

    def regions_of(self, frame: Frame, when: Span) -> list[str]:
        """The countries that the clause gives a date for; none where it names none."""
        to = self._behind.match(frame.text, when.end) if isinstance(when, Count) else None
        listed = self._grammar.region_codes[to.group(1)] if to else self._listed(frame, when)
        if listed:
            return [listed]
        clause = frame.shot.clause(when.start)
        matches = [
            match
            for match in self._grammar.regions.finditer(frame.text, clause.start, clause.end)
            if not any(mark.kind != "it" and mark.start <= match.start() and match.end() <= mark.end for mark in frame.shot.marks)
        ]
        subject = [m for m in matches if m.lastgroup == "subject" and _next_point(frame, m.end()) == when.start]
        if subject:
            return [self._code(subject[-1], frame.scene.title.origin)]
        places = [
            Hit(start=m.start(), end=m.end(), what=self._code(m, frame.scene.title.origin))
            for m in matches
            if not _is_anothers(frame, m, when) and not _is_undated(frame, m, when, clause)
        ]
        near = [p for p in _on_its_side(places, when, frame.points, clause) if abs(p.start - when.start) < REGION_REACH]
        codes = dict.fromkeys(p.what for p in near)
        outlet = frame.scene.outlet
        if not codes and outlet and outlet.country and self._grammar.local.find(frame.text, clause.start, clause.end):
            return [outlet.country]
        return list(codes)

    def _code(self, match: re.Match[str], origin: str) -> str:
        """The code of a place; "outside Japan" is the rest of the world, and somewhere else for a film of Japan."""
        code = self._grammar.region_codes[match.group(match.lastgroup or 0)]
        if match.lastgroup != "outside":
            return code
        return UNKNOWN_REGION if code == origin else "001"

    def _listed(self, frame: Frame, when: Span) -> str | None:
        """The country that stands between a stop and a date, as in a list: "Japan: June 6; Spain: June 13"."""
        text, start = frame.text, frame.shot.line.start
        for match in self._names.finditer(text, max(start, when.start - 30), when.start):
            alone = _STOPPED.search(text, max(start, match.start() - 6), match.start()) or match.start() == start
            if alone and _TO_DATE.fullmatch(text, match.end(), when.start) and not isinstance(when, Count):
                return self._grammar.region_codes[match.group()]
        return None

    def modality_of(self, frame: Frame, when: Span) -> Modality:
        """Rumoured where a hedge stands in the clause up to the date, or close behind it."""
        clause = frame.shot.clause(when.start)
        comma = frame.text.find(",", when.end, min(clause.end, when.end + 40))
        end = comma if comma >= 0 else min(clause.end, when.end + 40)
        hedged = any(not hit.meets(when) for hit in doubts(self._grammar, frame.scene, clause.start, end))
        return Modality.RUMOURED if hedged else frame.shot.modality


def _before(frame: Frame, cue: Span) -> Iterator[Span]:
    """What stands before the clause of a verb: the rest of its sentence, the sentence before, the headline of our film."""
    line, lines, ours = frame.shot.line, frame.scene.lines, frame.shot.topic == OURS
    yield Span(start=line.start, end=frame.shot.clause(cue.start).start)
    here = bisect_left(lines, line.start, key=lambda one: one.start)
    if ours:
        yield from lines[max(0, here - 1) : here]
    if here and lines[0].headline and (ours or frame.scene.ours_alone):
        yield lines[0]


def _behind(hits: Sequence[Hit[W]], when: Span, points: Sequence[Span], clause: Span) -> list[Hit[W]]:
    """The words behind a date, up to the next one."""
    end = min((p.start for p in points if p.start > when.start), default=clause.end)
    return [hit for hit in hits if when.end <= hit.start < end]


def _next_point(frame: Frame, at: int) -> int | None:
    """Where the next date behind a place begins."""
    return min((point.start for point in frame.points if point.start >= at), default=None)


def _is_anothers(frame: Frame, match: re.Match[str], when: Span) -> bool:
    """Whether a country is the subject of a later date: "June 6, with Japan getting it on June 13"."""
    return match.lastgroup == "subject" and _next_point(frame, match.end()) not in (None, when.start)


def _is_undated(frame: Frame, match: re.Match[str], when: Span, clause: Span) -> bool:
    """Whether a country behind a date and a comma is one without a date: "June 6 in the US, there is no UK date yet"."""
    apart = "," in frame.text[when.end : match.start()]
    return apart and any(cue.what.kind == "none" and when.end <= cue.start < clause.end for cue in frame.cues)


def _distance(hit: Span, when: Span) -> tuple[int, int]:
    if hit.start < when.end:
        return (when.start - hit.end, hit.start)
    gap = hit.start - when.end
    return (gap if gap <= _ADJACENT else gap + _RATHER_BEFORE, hit.start)


def _on_its_side(hits: Sequence[Hit[W]], when: Span, points: Sequence[Span], clause: Span) -> list[Hit[W]]:
    """Of the words of a clause those that go with one of its dates.

    A single date has them all. Of several each has those before it where the clause begins with one, or ends with a date ("in
    the US on A and in the UK on B"), else those behind it; what stands right behind a date is always its own.
    """
    inside = [point for point in points if clause.holds(point)]
    others = [point for point in inside if not point.meets(when)]
    if not others or not hits:
        return list(hits)
    behind = [h for h in hits if when.end <= h.start < min((p.start for p in others if p.start > when.start), default=clause.end)]
    adjacent = [h for h in behind if h.start - when.end <= _ADJACENT]
    if adjacent:
        return adjacent
    dates = [point for point in inside if not isinstance(point, Count)]
    leads = hits[0].start < min(point.start for point in inside) or not any(h.start > max(p.end for p in dates) for h in hits)
    if leads and not isinstance(when, Count):
        start = max((p.end for p in others if p.end <= when.start), default=clause.start)
        return [h for h in hits if start + (start > clause.start) * (_ADJACENT + 1) <= h.start < when.start]
    return behind
