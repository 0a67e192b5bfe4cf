"""Which dates of a sentence are release dates: each date is bound to the cue that governs it.

The nearest cue before a date in its clause governs it, or a noun right after it ("its June 6 release"). The cue says what kind
of date it is: new, old ("from June 6", "originally slated for"), or no release date at all.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import replace

from watcher.model import Action
from watcher.read.counts import CountFinder
from watcher.read.dated import Bound, Frame, rule_of
from watcher.read.dates import DateFinder, When
from watcher.read.films import Mark
from watcher.read.grammar import BLANK, Grammar, ReleaseCue, either, ends_with, maybe
from watcher.read.listed import Listed
from watcher.read.phrases import Hit
from watcher.read.points import Points
from watcher.read.scene import Scene, Shot
from watcher.read.text import Span
from watcher.read.verbs import verb_behind

#: Farthest, in characters, that a date may stand from the one before it and still be governed by the same verb.
CHAIN = 45

#: Nearer than this, in characters, stand the dates of a row.
_ROW = 8
#: Nearer than this to its noun's date, in characters, a cue says that it is an old one; a film's name between is not counted.
_OLD = 20
#: Fewer words than this may stand between a date and its noun.
_WORDS = 6
#: A possessive, a comma or a quotation mark right behind a date.
_TAIL = re.compile(r"^(?:'s)?[\s,\"']*")
_STOP = re.compile(r"[,;:.()–]")


class Binder:
    """Binds the dates of sentences of one language."""

    def __init__(self, grammar: Grammar) -> None:
        self._grammar = grammar
        self.dates = DateFinder(grammar.dates)
        self._counts = CountFinder(grammar)
        after = BLANK + grammar.the
        self._reference = ends_with(grammar.dates["reference"], after)
        self._from = ends_with(grammar.dates["from"], after)
        self._from_then = re.compile(rf"\s(?:{either(grammar.dates['from'])})(?!\w)", re.IGNORECASE)
        self._onwards = ends_with(grammar.dates["onwards"], after)
        said, whom = either(grammar.release["said"]), either(grammar.release["said_to"])
        place = rf"(?:{either(grammar.release['said_at'])}){BLANK}{maybe(grammar.text['articles'])}"
        where = rf"(?:\s+{place}[\w+-]+(?:\s[A-Z][\w+-]+)?)?"
        on = rf"(?:\s+(?:{either(grammar.release['said_on'])}))?{BLANK}$"
        self._said = re.compile(rf"(?<!\w)(?:{said})(?:\s+(?:{whom}))?{where}{on}", re.IGNORECASE)
        self._said_after = re.compile(rf",?\s+(?:[\w'.&-]+\s){{0,4}}(?:{said})(?!\w)", re.IGNORECASE)
        self._to = ends_with(grammar.dates["to"], after)
        self._instead = ends_with(grammar.dates["instead"], after)
        self._year_after = ends_with(grammar.dates["year_after"], after)
        self._joined = re.compile(rf"(?:{either(grammar.credit['list_words'])})", re.IGNORECASE)
        self._verb_last = bool(grammar.dates["verb_last"])
        self._listed = Listed(grammar)
        self._points = Points(grammar)
        self._links = frozenset(grammar.release["links"])
        adjectives = {word for term in grammar.nationalities for word in term.lower().split()}
        self._now = ends_with(grammar.release["now"], r"(?:\s+[\w-]+){0,4}\s+")
        self._noun_adjectives = frozenset(grammar.release["noun_adjectives"]) | adjectives

    def frame(self, scene: Scene, shot: Shot) -> Frame:
        """The cues and dates of a sentence; what stands inside a film's name is neither."""
        names = [m for m in shot.marks if m.kind != "it"]
        span = (scene.text, shot.line.start, shot.line.end)
        cues = [c for c in self._grammar.release_cues.find(*span) if c.what.kind != "apart" and not _inside(c, shot.marks)]
        cues = self._counts.without_measures(cues, *span)
        ends = {c.end for c in cues if c.what.kind == "release"}
        dates = [d for d in self.dates.find(*span) if not _inside(d, names)]
        ends |= self._from_on(scene.text, shot.line, ends) if any(d.is_near and not d.lead for d in dates) else set()
        plain = [d for d in dates if self._is_date(scene.text, d) or (d.is_near and d.start - 1 in ends)]
        dates = [d for d in dates if d in plain or (d.is_bare_year and self._is_joined(scene.text, d, plain))]
        year = scene.years.get(shot.line.start)
        if year is not None:
            dates = [replace(d, year=d.year or year) if d.month else d for d in dates]
        counts = self._counts.find(scene.text, shot, cues, dates)
        dates = [d for d in dates if not (d.is_step and any(d.meets(count) for count in counts))]
        return Frame(scene=scene, shot=shot, cues=cues, dates=dates, counts=counts)

    def _from_on(self, text: str, line: Span, ends: Collection[int]) -> set[int]:
        """Where "from" ends behind a verb of release or its place: "in cinemas from Friday"."""
        places = (kind.end for kind in self._grammar.release_types.find(text, line.start, line.end) if kind.what)
        return {match.end() for end in (*ends, *places) if (match := self._from_then.match(text, end))}

    def _is_date(self, text: str, when: When) -> bool:
        """Whether a bare year or weekday stands where a date would."""
        if when.lead or self._grammar.release_nouns.find(text, when.end, min(len(text), when.end + 12)):
            return True
        if self._points.is_eve(text, when):
            return True
        return when.is_bare_year and bool(self._year_after.search(text, max(0, when.start - 14), when.start))

    def _is_joined(self, text: str, when: When, dates: Sequence[When]) -> bool:
        """Whether a bare year stands behind another that is a date: "delayed to 2028 and 2029"."""
        before = next((d for d in dates if d.is_bare_year and 0 < when.start - d.end < _ROW), None)
        return before is not None and bool(self._joined.fullmatch(text[before.end : when.start].strip(" ,")))

    def bind(self, frame: Frame) -> list[Bound]:
        """Each date of the sentence with what governs it."""
        return self._outdated(frame, [self._bind(frame, index) for index in range(len(frame.dates))])

    def is_now(self, frame: Frame, one: Bound) -> bool:
        """Whether a date is told as the one that holds now: "will now be released on"."""
        if one.cue is None or not one.leads or one.action is Action.CONFIRMS:
            return False
        start = max(frame.shot.clause(one.when.start).start, one.cue.start - 30)
        return bool(self._now.search(frame.text, start, one.cue.end + 1) or self._now.search(frame.text, start, one.cue.start))

    def _outdated(self, frame: Frame, bound: list[Bound]) -> list[Bound]:
        """The same, where "moved last month to A, now opens on B" makes A an old date."""
        for index, one in enumerate(bound[1:], 1):
            first = bound[index - 1]
            both = one.role == first.role == "new" and one.cue and first.cue and one.cue.start > first.when.end
            if self._is_step_on(frame, first, one):
                bound[index - 1] = replace(first, role="old")
                continue
            if not both or one.cue is None or first.when.relative or not frame.shot.clause(first.when.start).holds(one.when):
                continue
            led = self._now.search(frame.text, first.when.end, one.cue.end + 1)
            if led and not any(first.when.end <= m.start < one.cue.start and m.kind == "work" for m in frame.shot.marks):
                bound[index - 1] = replace(first, role="old")
        return bound

    def _is_step_on(self, frame: Frame, first: Bound, one: Bound) -> bool:
        """Whether a second date of one move follows: "moved to A and then to B"."""
        if first.role != "new" or first.cue is None or first.cue is not one.cue or first.cue.what.action is not Action.MOVES:
            return False
        return all(self._to.search(frame.text, max(0, w.start - 10), w.start) for w in (first.when, one.when))

    def _bind(self, frame: Frame, index: int) -> Bound:
        when = frame.dates[index]
        certain = (
            self._points.ago(frame, when)
            or self._pair(frame, index)
            or _held(frame, when)
            or self._stepped_from(frame, index)
            or self._corrected(frame, when)
            or self._listed.row(frame, when)
            or self._listed.second(frame, when)
        )
        if certain:
            return certain
        cue = self._nearest(frame, when)
        if self._verb_last:
            kinds = self._grammar.release_types.find(frame.text, frame.shot.line.start, frame.shot.line.end)
            cue = verb_behind(frame, when, cue, kinds)
        noun = self._noun(frame.text, when)
        if not noun and self._is_told(frame, when, cue):
            return Bound(when=when, role="the day on which it was told", cue=cue)
        if self._is_from(frame, when) and self._leaves(frame, cue, index):
            return Bound(when=when, role="old", cue=cue)
        if noun:
            return _by_noun(frame, when, noun, cue)
        led = cue is not None and cue.what.kind == "release" and cue.end == when.start - 1  # "has been out since Tuesday"
        if not led and self._is_reference(frame, index):
            return self._points.since(frame, when) or Bound(when=when, role="only a point in time")
        found = _by_cue(when, self._chained(frame, cue)) if cue else self._listed.bind(frame, when)
        return self._points.premiere(frame, when, cue) or found or self._stepped(frame, when)

    def _is_reference(self, frame: Frame, index: int) -> bool:
        """Whether something counts from a date, or from the one before it in a row: "ahead of Easter and the Fourth of July"."""
        when = frame.dates[index]
        if self._reference.search(frame.text, max(0, when.start - 16), when.start):
            return True
        gap = frame.text[frame.dates[index - 1].end : when.start].strip(" ,") if index else ""
        return bool(gap) and bool(self._joined.fullmatch(gap)) and self._is_reference(frame, index - 1)

    def _chained(self, frame: Frame, cue: Hit[ReleaseCue]) -> Hit[ReleaseCue]:
        """The cue that rules a row of cues: "was supposed" in "was supposed to open in theaters"."""
        clause = frame.shot.clause(cue.start)
        row = cue
        for earlier in reversed([c for c in frame.cues if clause.start <= c.start and c.end <= cue.start and not c.what.near]):
            gap = frame.text[earlier.end : row.start]
            for mark in frame.shot.marks:
                if earlier.end <= mark.start and mark.end <= row.start:
                    gap = gap.replace(frame.text[mark.start : mark.end], "")
            if len(gap) > CHAIN or not self._links.issuperset(gap.lower().split()):
                break
            if earlier.what.kind in ("old", "none") or earlier.what.heads:
                return earlier
            row = earlier
        return cue

    def _is_told(self, frame: Frame, when: When, cue: Hit[ReleaseCue] | None) -> bool:
        """Whether a date is the day of the news: beside a verb of saying, or a weekday that no film moves to.

        "opens June 6, the studio said on Tuesday", "moved on Friday to June 6", "on Monday the studio dated its film for June 6".
        """
        before = frame.text[max(frame.shot.line.start, when.start - 60) : when.start]
        if self._said.search(before):
            return True
        if not (when.is_near or when.is_lately) or self._to.search(before[-10:]):
            return False
        if cue is None:
            return bool(self._said_after.match(frame.text, when.end))
        told = [d for d in frame.dates if cue.end <= d.start and d.end <= when.start and d.day and d.month]
        return bool(told) or cue.what.action in (Action.MOVES, Action.SETS)

    def _pair(self, frame: Frame, index: int) -> Bound | None:
        """The second date of "from A to B", governed as the first is."""
        when = frame.dates[index]
        if not index or not self._to.search(frame.text, max(0, when.start - 10), when.start):
            return None
        first = frame.dates[index - 1]
        left = next((c for c in frame.cues if c.what.leaves and 0 <= first.start - c.end <= 2), None)
        stepped = left or self._is_from(frame, first) or self._is_step(frame, index) or self._resumes(frame, index)
        if not stepped:
            return None
        cue = self._nearest(frame, frame.dates[index - 1], skip_old=True)
        if cue and cue.what.kind in ("other", "none"):
            return Bound(when=when, role=_why_not(cue), cue=cue)
        return Bound(when=when, role="new", cue=cue, action=Action.MOVES, rule="release.from_to")

    def _corrected(self, frame: Frame, when: When) -> Bound | None:
        """The second date of "not on A but on B"."""
        if not self._instead.search(frame.text, max(0, when.start - 24), when.start):
            return None
        before = [c for c in frame.cues if c.end <= when.start and c.what.kind in ("none", "old")]
        end = frame.shot.clause(when.start).end
        if not before or any(m.kind == "work" and when.end <= m.start < end for m in frame.shot.marks):
            return None
        cue = before[-1]
        return Bound(when=when, role="new", cue=cue, action=Action.MOVES, rule="release.instead")

    def _resumes(self, frame: Frame, index: int) -> bool:
        """Whether a verb of moving takes its new date behind an aside: "delays NAME, which was set for A, to B"."""
        first, when = frame.dates[index - 1], frame.dates[index]
        cue = self._nearest(frame, first)
        if cue is None or self._chained(frame, cue).what.kind != "old" or frame.text[first.end : first.end + 1] != ",":
            return False
        start = frame.shot.clause(when.start).start
        return any(c.what.action is Action.MOVES and start <= c.start and c.end <= cue.start for c in frame.cues)

    def _stepped_from(self, frame: Frame, index: int) -> Bound | None:
        """The first date of a step in brackets, and a date that a film is taken off with its calendar."""
        when = frame.dates[index]
        off = next((c for c in frame.cues if c.what.kind == "unset" and c.holds(when)), None)
        step = index + 1 < len(frame.dates) and self._is_step(frame, index + 1)
        return Bound(when=when, role="old", cue=off) if off or step else None

    def _is_step(self, frame: Frame, index: int) -> bool:
        """Whether two dates are told as a step, in brackets: "(March 5 to June 6)"."""
        first, second = frame.dates[index - 1], frame.dates[index]
        whole = bool(first.day and second.day)
        opens = frame.text[first.start - 1 : first.start] == "(" and frame.text[second.end : second.end + 1] == ")"
        between = frame.text[first.end : second.start]
        return whole and opens and len(between) < 10 and bool(self._to.search(f" {between.lstrip()}"))

    def _is_from(self, frame: Frame, when: When) -> bool:
        start = max(0, when.start - 20)
        away = self._from.search(frame.text, max(0, when.start - 12), when.start)
        return bool(away) and not self._onwards.search(frame.text, start, when.start)

    def _leaves(self, frame: Frame, cue: Hit[ReleaseCue] | None, index: int) -> bool:
        """Whether "from A" is what a film moves away from, and not "in cinemas from A"."""
        if cue and (cue.what.kind == "old" or cue.what.action is Action.MOVES):
            return True
        if index + 1 == len(frame.dates) or (cue and cue.what.kind != "release"):
            return False
        follower = frame.dates[index + 1]
        near = follower.start - frame.dates[index].end < CHAIN
        return near and bool(self._to.search(frame.text, max(0, follower.start - 10), follower.start))

    def _nearest(self, frame: Frame, when: When, *, skip_old: bool = False) -> Hit[ReleaseCue] | None:
        """The nearest cue before a date in its clause; a verb spent on an earlier date far away does not count."""
        clause = frame.shot.clause(when.start)
        before = [c for c in frame.cues if clause.start <= c.start and c.end <= when.start + 1]
        before = [c for c in before if not (c.what.near and when.start - c.end > 2) and not (skip_old and c.what.kind == "old")]
        last = [c for c in before if c.what.last]
        before = [c for c in before if not c.what.last]
        if last and (not before or (before[-1].what.kind == "other" and not before[-1].what.heads)):
            return last[-1]
        if not before:
            return None
        cue = before[-1]
        between = [d for d in frame.dates if cue.end <= d.start and d.end <= when.start]
        far = between and self._distance(frame, between[-1].end, when.start) > CHAIN
        if far and not self._points.follows(frame, between[-1].end, when.start):
            return None
        return cue

    def _distance(self, frame: Frame, start: int, end: int) -> int:
        """How far two dates stand apart: "on A and then on Blu-ray and DVD on B" is still one row."""
        kinds = self._grammar.release_types.find(frame.text, start, end)
        return end - start - sum(kind.end - kind.start for kind in kinds)

    def _noun(self, text: str, when: When) -> Hit[bool] | None:
        """A noun right after a date that says what date it is."""
        found = self._grammar.release_nouns.find(text, when.end, min(len(text), when.end + 40))
        if not found:
            return None
        gap = _TAIL.sub("", text[when.end : found[0].start])
        if not found[0].what and "," in text[when.end : found[0].start]:
            return None
        plain = not _STOP.search(gap.replace("U.S.", "US").replace("U.K.", "UK"))
        between = [word for word in gap.split() if not word[0].isupper()]
        return (
            found[0]
            if plain and len(gap.split()) < _WORDS and self._noun_adjectives.issuperset(w.lower() for w in between)
            else None
        )

    def _stepped(self, frame: Frame, when: When) -> Bound:
        """A step from the date of the sentence before, for a country: "In Japan it is a day later"."""
        clause = frame.shot.clause(when.start)
        if when.is_step and frame.shot.told and self._grammar.regions.search(frame.text, clause.start, clause.end):
            return Bound(when=when, role="new", rule="release.step")
        return Bound(when=when, role="no verb of release governs it")


def _held(frame: Frame, when: When) -> Bound | None:
    """A date that "still holds"."""
    holds = next((c for c in frame.cues if 0 <= c.start - when.end <= 3 and c.what.action is Action.CONFIRMS), None)
    return Bound(when=when, role="new", cue=holds, action=Action.CONFIRMS, rule=rule_of(holds)) if holds else None


def _by_noun(frame: Frame, when: When, noun: Hit[bool], cue: Hit[ReleaseCue] | None) -> Bound:
    """A date before "release", "premiere", "slot", or before a noun of something else ("June 6 episode")."""
    led = cue is not None and cue.what.earns and 0 <= when.start - cue.end < _ROW  # "led the Easter frame"
    if not noun.what or led:
        return Bound(when=when, role="a date of something else")
    names = sum(
        m.end - m.start for m in frame.shot.marks if cue and m.kind != "it" and cue.end <= m.start and m.end <= when.start
    )
    if cue and cue.what.kind == "old" and when.start - cue.end - names < _OLD:
        return Bound(when=when, role="old", cue=cue, noun=noun)
    if cue and cue.what.kind == "release":
        return Bound(when=when, role="new", cue=cue, noun=noun, rule=rule_of(cue), action=cue.what.action)
    return Bound(when=when, role="new", noun=noun, rule="release.noun")


def _by_cue(when: When, cue: Hit[ReleaseCue]) -> Bound:
    """A date after a cue."""
    if cue.what.kind == "release":
        return Bound(when=when, role="new", cue=cue, rule=rule_of(cue), action=cue.what.action)
    return Bound(when=when, role="old" if cue.what.kind == "old" else _why_not(cue), cue=cue)


def _why_not(cue: Hit[ReleaseCue]) -> str:
    return "the text says there is no date" if cue.what.kind == "none" else f"a date of {cue.what.name}, not of release"


def _inside(span: Span, marks: Sequence[Mark]) -> bool:
    return any(m.start <= span.start and span.end <= m.end for m in marks)
