"""What is made around a film and has days of its own: trailers, tickets, songs, books, rides, hearings."""

from __future__ import annotations

import re

from watcher.read.dated import Bound, Frame
from watcher.read.films import Mark
from watcher.read.grammar import Grammar, ends_with, starts_with
from watcher.read.text import Span

#: Farthest, in characters, that a clause's subject begins behind its start ("The new vinyl edition").
_SUBJECT = 24
#: Most words between such a thing and its verb ("the trailer for NAME soon arrives").
_NEAR = 3
#: Most words, but for films, between such a thing and the verb that puts it off for good.
_PUT_OFF = 7
#: Most words between such a thing and the film that it is of ("the miniseries about the three champions of NAME").
_OF = 5
_STOP = re.compile(r"[,;:.()–]")


class Publicity:
    """Tells whether a verb's subject is something made around the film, in sentences of one language."""

    def __init__(self, grammar: Grammar) -> None:
        self._clause_words = frozenset(grammar.release["clause_words"])
        self._verb_last = bool(grammar.dates["verb_last"])
        self._relative = ends_with(grammar.release["relative"], r"\s+")
        self._relative_after = starts_with(grammar.release["relative"], r"[\"']?,?[\"']?\s")
        self._made_of = ends_with(grammar.release["made_of"])

    def owns(self, frame: Frame, one: Bound) -> bool:
        """Whether a date is of such a thing: "the trailer for NAME arrives tomorrow", "the album … is out on June 6"."""
        if one.cue is None:
            return False
        if not one.leads:
            return self._is_object(frame, one)
        clause = frame.shot.clause(one.cue.start)
        nouns = [c for c in frame.cues if c.what.subject and clause.start <= c.start and c.end <= one.cue.start]
        if not nouns:
            return False
        last = Span(start=nouns[-1].end, end=one.cue.start)
        films = self._films(frame, nouns[-1], last.end)
        leads = min(n.start for n in nouns) - clause.start < _SUBJECT and one.noun is None
        if (leads or self._is_antecedent(frame, last)) and not films:
            return True
        gap = frame.text[last.start : last.end]
        for mark in frame.shot.marks:
            if last.holds(mark):
                gap = gap.replace(frame.text[mark.start : mark.end], "")
        return "," not in gap and len(gap.split()) <= _NEAR and self._clause_words.isdisjoint(gap.lower().split())

    def halts(self, frame: Frame, cue: Span) -> bool:
        """Whether what is put off for good is no release: "the shoot of NAME has been indefinitely delayed"."""
        clause = frame.shot.clause(cue.start)
        things = [c for c in frame.cues if c.what.heads or c.what.subject]
        things = [c for c in things if c.what.kind == "other" and clause.start <= c.start and c.end <= cue.start]
        if not things:
            return False
        gap = Span(start=things[-1].end, end=cue.start)
        rest = frame.text[gap.start : gap.end]
        for mark in frame.shot.marks:
            if gap.holds(mark):
                if mark.kind != "it" and not self._is_of(frame, things[-1], mark):
                    return False
                rest = rest.replace(frame.text[mark.start : mark.end], "")
        return not _STOP.search(rest) and len(rest.split()) <= _PUT_OFF and self._clause_words.isdisjoint(rest.lower().split())

    def _is_object(self, frame: Frame, one: Bound) -> bool:
        """Whether such a thing stands between a date and the verb at the end: "Am 6. Juni wurde der Trailer zu NAME gezeigt"."""
        if not self._verb_last or one.cue is None:
            return False
        nouns = [c for c in frame.cues if c.what.subject and one.when.end <= c.start and c.end <= one.cue.start]
        return bool(nouns) and not self._films(frame, nouns[-1], one.cue.start)

    def _is_antecedent(self, frame: Frame, gap: Span) -> bool:
        """Whether the verb stands in a relative clause of the thing: "an episode of Reel Talk that drops on June 6"."""
        text = frame.text[gap.start : gap.end]
        return len(text.split()) < 6 and "," not in text and bool(self._relative.search(frame.text, gap.start, gap.end))

    def _films(self, frame: Frame, noun: Span, end: int) -> list[Mark]:
        """The films named between the thing and the verb, but for the one that it is made of; "it" may be anything."""
        inner = [m for m in frame.shot.marks if noun.end <= m.start and m.end <= end]
        named = [m for m in inner if m.kind == "ours" or " " in frame.text[m.start : m.end]]
        return [m for m in named if not self._is_of(frame, noun, m)]

    def _is_of(self, frame: Frame, noun: Span, mark: Mark) -> bool:
        """Whether a film stands right behind "of" or "for" and the thing."""
        if self._relative_after.match(frame.text, mark.end):
            return False  # "a trailer for NAME, which opens": the verb is the film's
        gap = frame.text[noun.end : mark.start].rstrip("\"'")
        return len(gap.split()) <= _OF and "," not in gap and bool(self._made_of.search(f" {gap.strip()} "))
