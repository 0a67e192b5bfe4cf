"""Dates that no cue leads up to: calendars, labels, entries of lists, and sentences told the other way round."""

from __future__ import annotations

import re

from watcher.model import Action
from watcher.read.dated import BESIDE, Bound, Frame, rule_of
from watcher.read.dates import When
from watcher.read.films import Mark
from watcher.read.grammar import BLANK, Grammar, ReleaseCue, either, ends_with
from watcher.read.phrases import Hit

_AFTER_NAME = re.compile(r"[\"']?\s*(?:\([^)]{0,24}\)\s*)?[:–(-]\s*$")
_BEFORE_NAME = re.compile(r"\s*[:–-]\s*[\"']?$")
#: Farthest, in characters, that a date begins behind its sentence which it opens ("A week later, on June 6, it opens").
_OPENING = 20
#: A few words and a comma before such a date.
_LED = re.compile(r"[^,.;:!?\d]{3,30}, (?:[^\W\d_]{1,3} ){0,2}")
#: Farthest, in characters, that such a word as "before" begins from the verb that it sets apart from a date.
_APART = 36
#: So many other films with a day of theirs make a row.
_ROW = 2
#: Farthest, in characters, that "that is when" may stand behind its date and a colon.
_INVERSE = 36


class Listed:
    """Binds dates without a cue before them, in sentences of one language."""

    def __init__(self, grammar: Grammar) -> None:
        self._grammar = grammar
        self._year_after = ends_with(grammar.dates["year_after"], BLANK + grammar.the)
        said = either(grammar.release["is_the_date"])
        self._is_the_date = re.compile(rf"\s+(?:{said})[\"']?(?=[.,;!\"']|$|\n)", re.IGNORECASE)
        table = grammar.dates
        preps = either(
            [
                *table["on"],
                *table["month_after"],
                *table["season_after"],
                *table["year_after"],
                *table["from"],
                *table["reference"],
            ]
        )
        lead = rf"(?:(?:{preps}){BLANK})?{grammar.the}"
        self._opener = re.compile(rf"(?:^|(?<!\w)(?:{preps}){BLANK}){grammar.the}\W*$", re.IGNORECASE)
        self._apart = ends_with(table["reference"], rf"(?:{BLANK}[\w-]+){{0,2}}{BLANK}")
        self._second = re.compile(rf", (?:{either(grammar.credit['list_words'])}) {lead}$", re.IGNORECASE)
        self._on = frozenset(grammar.dates["on"])

    def bind(self, frame: Frame, when: When) -> Bound | None:
        """Dates without a cue before them: calendars ("June 6: NAME"), labels ("NAME - June 6"), "June 6 is when it opens"."""
        for mark in (m for m in frame.shot.marks if m.kind == "ours"):
            if 0 <= mark.start - when.end <= 5 and _BEFORE_NAME.match(frame.text, when.end, mark.start):
                return Bound(when=when, role="new", rule="release.calendar", ours=True)
            fine = when.day or (when.month and when.relative is None)
            if fine and 0 <= when.start - mark.end <= 30 and _AFTER_NAME.match(frame.text[mark.end : when.start]):
                return Bound(when=when, role="new", rule="release.label", ours=True)
            if fine and _is_entry(frame, mark, when):
                return Bound(when=when, role="new", rule="release.entry", ours=True)
        if self._is_the_date.match(frame.text, when.end):
            return Bound(when=when, role="new", rule="release.is_the_date", action=Action.CONFIRMS)
        beside, cue = self._beside(frame, when), self._following(frame, when)
        if cue and not beside:
            return Bound(when=when, role="new", cue=cue, action=cue.what.action, rule=rule_of(cue))
        return beside

    def row(self, frame: Frame, when: When) -> Bound | None:
        """Our film's day in a row of films with theirs, whatever leads up to it: "A on June 6, NAME on July 3, B on May 1"."""
        pairs = [(mark, date) for date in frame.dates for mark in frame.shot.marks if self._is_pair(frame, mark, date)]
        mine = next((mark for mark, date in pairs if date is when and mark.kind == "ours"), None)
        if mine is None or sum(mark.kind == "work" for mark, _ in pairs) < _ROW:
            return None
        return Bound(when=when, role="new", rule="release.row", ours=True)

    def _is_pair(self, frame: Frame, mark: Mark, when: When) -> bool:
        """Whether a day stands right behind a film's name: "NAME on June 6"."""
        gap = frame.text[mark.end : when.start].strip(" \"'").lower()
        return bool(when.day) and 0 <= when.start - mark.end < 9 and gap in self._on and mark.kind != "it"

    def _beside(self, frame: Frame, when: When) -> Bound | None:
        """A date to come right behind our title's name: "before NAME this June"."""
        led = self._year_after.search(frame.text, max(0, when.start - 14), when.start)
        coming = when.relative in ("this", "next") or (when.month and led)
        day = bool(when.day and when.month)
        for mark in frame.shot.marks:
            gap = frame.text[mark.end : when.start].strip(" \"'").lower()
            near = mark.kind == "ours" and 0 <= when.start - mark.end < 9
            on = day and gap in self._on
            if near and (on or (coming and (not gap or self._year_after.search(f" {gap} ")))):
                return Bound(when=when, role="new", rule=BESIDE, ours=True)
        return None

    def _following(self, frame: Frame, when: When) -> Hit[ReleaseCue] | None:
        """The verb after a date that opens its sentence, or that is told the other way round ("June 6 is when …")."""
        end = min(frame.shot.clause(when.start).end, when.end + 70, *(p.start for p in frame.points if p.start > when.start))
        after = [c for c in frame.cues if when.end <= c.start < end and not c.what.near]
        inverse = self._grammar.inverse.find(frame.text, when.end, max(when.end, end))
        inverse = [h for h in inverse if h.start - when.end < (_INVERSE if ":" in frame.text[when.end : h.start] else 3)]
        after = [c for c in after if not any(h.meets(c) for h in inverse) or self._is_of_film(frame, c)]
        if after and not inverse and self._apart.search(frame.text, max(when.end, after[0].start - _APART), after[0].start):
            return None  # "On Wednesday, weeks before the premiere, she said"
        start = frame.shot.line.start
        lead = frame.text[start : when.start]
        opens = when.start - start < _OPENING and bool(self._opener.search(lead))
        opens = opens or bool(_LED.fullmatch(lead) or self._second.search(lead))
        if not after or not (inverse or opens) or after[0].what.kind != "release":
            return None
        acts = after[0].what.action in (Action.MOVES, Action.SETS)
        looks_back = (when.relative or "").startswith("last") and not after[0].what.past
        return None if ((when.is_near or when.is_lately) and acts and not inverse) or looks_back else after[0]

    def second(self, frame: Frame, when: When) -> Bound | None:
        """A date that opens the second half of a sentence, with its own subject: "…, and next Tuesday it is out on disc"."""
        start = frame.shot.line.start
        cue = self._following(frame, when) if self._second.search(frame.text[start : when.start]) else None
        if cue is None or not any(when.end <= mark.start and mark.end <= cue.start for mark in frame.shot.marks):
            return None
        return Bound(when=when, role="new", cue=cue, action=cue.what.action, rule=rule_of(cue))

    @staticmethod
    def _is_of_film(frame: Frame, cue: Hit[ReleaseCue]) -> bool:
        """Whether a film stands close behind a cue: "is the date of NAME", and not "is the date of the hearing"."""
        return any(0 <= mark.start - cue.end < _OPENING for mark in frame.shot.marks)


def _is_entry(frame: Frame, mark: Mark, when: When) -> bool:
    """Whether a clause is nothing but "NAME, June 6", as in a list with semicolons."""
    clause = frame.shot.clause(when.start)
    around = frame.text[clause.start : mark.start] + frame.text[when.end : clause.end]
    return frame.text[mark.end : when.start].strip("\"' ") == "," and not around.strip(" ;.\"'")
