"""Whose date it is: the subject of the cue that governs it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TypeVar

from watcher.read.dated import Bound, Frame
from watcher.read.films import Mark
from watcher.read.grammar import BLANK, Grammar, either, ends_with, starts_with
from watcher.read.places import is_place
from watcher.read.text import CAPITAL, SMALL, Span

OURS = "ours"
#: An entry of a list up to its label.
_ENTRY = re.compile(r"\d{1,3}[.)] [\"']?([^\W_][^–\n]{1,60}?)[\"']?(?: –|:| -) ")
#: "NAME (1998), which": what follows is of that film, though it stands beside another.
_YEAR_ASIDE = re.compile(r"[\"']? \(\d{4}\),")
T = TypeVar("T", bound=Span)


class Owners:
    """Finds the owners of dates in sentences of one language."""

    def __init__(self, grammar: Grammar) -> None:
        self._grammar = grammar
        self._beside = ends_with(grammar.mentions["beside"], rf"{BLANK}{grammar.the}[\"']?")
        self._apposed = starts_with(grammar.release["apposed"], r"[\"']?, ")
        self._relative = re.compile(rf",\s(?:{either(grammar.release['relative'])})(?:\s[\w']+){{0,3}}\s?$")
        self._helpers = {word for phrase in grammar.works["helpers"] for word in phrase.split()}
        self._months = {name for names in grammar.dates["months"] for name in names}
        small = either(grammar.text["inner"])
        people = rf"(?:{CAPITAL}[\w.'-]*[ ,]+(?:(?:{either(grammar.credit['list_words'])}) )?)"
        self._with = re.compile(rf"(?<!\w)(?:{either(grammar.works['asides'])}) {people}{{1,12}}$")
        long = either([aside for aside in grammar.works["asides"] if " " in aside])
        self._by = re.compile(rf"(?<!\w)(?:{long})\s$", re.IGNORECASE)
        self._in = re.compile(rf"\s(?:{either(grammar.mentions['past_in'])})\s[\"']?", re.IGNORECASE)
        self._and = frozenset(grammar.credit["list_words"])
        self._links = re.compile(rf"(?:\s(?:{small}|&))+$")
        self._run = re.compile(
            rf"(?:^|[,;:(\"]\s?|\b(?:{either(grammar.release['subject_after'])})\s)"
            rf"((?:(?i:{either(grammar.text['definite'])})\s)?{CAPITAL}[\w'!&*-]*(?:\s(?:{CAPITAL}[\w'!&*-]*|[0-9][\w'!&-]*|&|{small})){{0,7}})"
            rf"(?:,?\s(?:{either(grammar.release['relative'])}))?(?:\s{SMALL}(?:{SMALL}|['-])*){{0,5}}\s?$"
        )

        self._name_behind = re.compile(
            rf"\s[\"']?({CAPITAL}[\w'!&*-]*(?:\s(?:(?:{small})\s)?(?:{CAPITAL}[\w'!&*-]*|\d{{1,2}}(?!\d))){{0,6}})"
        )
        nouns = (*grammar.mentions["nouns"], *grammar.release["nouns"], *grammar.release["latest"])
        self._film_words = frozenset(word for noun in nouns for word in noun.split())
        self._thing = re.compile(
            rf"(?:^|[,;:]\s|\b(?:{either(grammar.release['subject_after'])})\s)"
            rf"({CAPITAL}[\w&-]*(?:\s{CAPITAL}[\w&-]*){{0,3}})'s ((?:{SMALL}[\w-]*\s|\d{{1,2}}\s){{1,5}})$"
        )

    def owner(self, frame: Frame, one: Bound) -> str | None:
        """`OURS`, the words of another work, or None where the sentence names nothing and its topic decides."""
        if one.ours:
            return OURS
        when, shot = one.when, frame.shot
        pivot = one.cue.start if one.cue and one.leads else when.start
        clause = shot.clause(when.start)
        direct = (
            self._respective(frame, one, pivot)
            or self._object(frame, one)
            or self._adjacent(frame, pivot)
            or self._inverted(frame, one)
            or self._inside(frame, one)
        )
        if direct:
            return _name(frame, direct)
        event = self._after(frame, one) if one.cue and one.cue.what.needs else None
        if event:
            return event  # "Ann Lee walks the carpet on Monday for the premiere of NAME"
        other = (
            self._entry(frame, pivot)
            or self._behind_verb(frame, one)
            or self._antecedent(frame, pivot)
            or self._things(frame, clause.start, pivot)
            or self._unmarked(frame, clause.start, pivot)
        )
        if other:
            return other
        left = [m for m in shot.marks if m.end <= pivot + 1 and not m.beside]
        near = [m for m in left if m.start >= clause.start] or left
        if near:
            return _name(frame, near[-1])
        return self._after(frame, one)

    def _respective(self, frame: Frame, one: Bound, pivot: int) -> Mark | None:
        """The film of a row that has the same place as the date in its row: "A and B open on June 6 and July 3"."""
        named = [m for m in frame.shot.marks if m.end <= pivot and m.kind != "it"]
        if not named or one.when not in frame.dates:
            return None
        films, dates = self._row(frame, named, len(named) - 1), self._row(frame, frame.dates, frame.dates.index(one.when))
        return films[dates.index(one.when)] if len(films) == len(dates) > 1 else None

    def _row(self, frame: Frame, spans: Sequence[T], index: int) -> Sequence[T]:
        """Those of spans in order that stand with one in a row, with nothing but commas and "and" between."""
        start, end = index, index + 1
        while start > 0 and self._is_joined(frame.text[spans[start - 1].end : spans[start].start]):
            start -= 1
        while end < len(spans) and self._is_joined(frame.text[spans[end - 1].end : spans[end].start]):
            end += 1
        return spans[max(0, start) : end]

    def _is_joined(self, gap: str) -> bool:
        return self._and.issuperset(gap.strip(" ,\"'").lower().split())

    def _object(self, frame: Frame, one: Bound) -> Mark | None:
        """The film between verb and date ("has set NAME for June 6"), or after the noun ("June 6 release of NAME")."""
        marks = frame.shot.marks
        if one.noun:
            after = [m for m in marks if 0 < m.start - one.noun.end <= 9 and m.kind != "it"]
            if after:
                return after[0]
        if one.cue is None:
            return None
        inner = [m for m in marks if one.cue.end <= m.start and m.end <= one.when.start and not m.beside and m.kind != "it"]
        inner = [m for m in inner if not self._beside.search(frame.text, max(one.cue.end, m.start - 24), m.start)]
        return inner[-1] if inner else None

    def _inverted(self, frame: Frame, one: Bound) -> Mark | None:
        """The subject right behind its verb, where a language puts it there: "Regulär läuft der Film ab"."""
        if not self._grammar.dates["verb_last"] or one.cue is None or not one.leads:
            return None
        return next((m for m in frame.shot.marks if 0 <= m.start - one.cue.end <= 1 and m.end <= one.when.start), None)

    def _adjacent(self, frame: Frame, pivot: int) -> Mark | None:
        """Another work right before the verb, even where it stands beside ours: "with NAME taking its slot"."""
        for mark in frame.shot.marks:
            gap = frame.text[mark.end : pivot]
            if mark.kind != "work" or not 0 <= pivot - mark.end <= 20 or len(gap.split()) > 2:
                continue
            if "," not in gap or self._apposed.match(frame.text, mark.end):
                return mark
        return None

    def _inside(self, frame: Frame, one: Bound) -> Mark | None:
        """The film in which somebody is seen on a date: "whom we see in December in NAME"."""
        lead = self._in.match(frame.text, one.when.end)
        return next((m for m in frame.shot.marks if lead and m.kind != "it" and m.start == lead.end()), None)

    def _entry(self, frame: Frame, pivot: int) -> str | None:
        """The name that an entry of a list begins with, before its label: "2. PAPER 2.0 – Release date: June 6"."""
        match = _ENTRY.fullmatch(frame.text, frame.shot.line.start, pivot)
        if match is None or any(m.start < match.end() and match.start() < m.end for m in frame.shot.marks):
            return None
        name = match.group(1)
        plain = all(self._grammar.is_plain(w) or w in self._grammar.companies for w in name.lower().split())
        return None if plain or frame.scene.films.is_ours(name) else name

    def _behind_verb(self, frame: Frame, one: Bound) -> str | None:
        """A strange name right behind its verb, where a language may put the subject there: "El día 7 llega Tigres de papel"."""
        if not self._grammar.release["subject_behind"] or one.cue is None or one.leads:
            return None
        kinds = self._grammar.release_types.find(frame.text, one.cue.end, frame.shot.line.end)
        place = next((kind.end for kind in kinds if kind.start - one.cue.end == 1), one.cue.end)  # "llega a los cines NAME"
        named = next((m for m in frame.shot.marks if m.kind == "work" and 0 < m.start - place <= 2), None)
        if named is not None:
            return _name(frame, named)
        match = self._name_behind.match(frame.text, place, frame.shot.line.end)
        if match is None:
            return None
        span = Span(start=match.start(1), end=match.end(1))
        return match.group(1) if self._is_strange(frame, span, span.end) else None

    @staticmethod
    def _after(frame: Frame, one: Bound) -> str | None:
        """The film after the date: "this Friday: A, B, C" or "On June 6, NAME opens"."""
        end = frame.shot.clause(one.when.start).end
        right = [m for m in frame.shot.marks if one.when.end <= m.start and m.end <= end + 1 and not m.beside]
        if ":" in frame.text[one.when.end : one.when.end + 2] and any(m.kind == OURS for m in right):
            return OURS
        near = [m for m in right if m.start - one.when.end < 45]
        return _name(frame, near[0]) if near else None

    def _antecedent(self, frame: Frame, pivot: int) -> str | None:
        """The other film that a relative clause speaks of: "at the end of NAME, which opened"."""
        lead = self._relative.search(frame.text, max(frame.shot.line.start, pivot - 40), pivot)
        older = next((m for m in frame.shot.marks if lead and _YEAR_ASIDE.fullmatch(frame.text, m.end, lead.start() + 1)), None)
        if older is not None:
            return _name(frame, older)
        if lead is None or any(m.end <= lead.start() + 1 and lead.start() - m.end < 3 for m in frame.shot.marks):
            return None
        runs = frame.scene.people.runs_in(max(frame.shot.line.start, lead.start() - 60), lead.start() + 1)
        last = runs[-1] if runs and lead.start() - runs[-1].end < 2 else None
        if last is None or not self._is_strange(frame, last, pivot):
            return None
        return frame.text[last.start : last.end]

    def _things(self, frame: Frame, start: int, pivot: int) -> str | None:
        """Something that somebody has and that is no film, in the subject's place: "Acme's new phone is released"."""
        begin = max(start, pivot - 70)
        match = self._thing.search(frame.text[begin:pivot])
        if match is None:
            return None
        said = [w for w in match.group(2).lower().split() if w not in self._helpers]
        if not said or not self._film_words.isdisjoint(said):
            return None
        place = Span(start=begin + match.start(), end=pivot)
        return None if any(place.meets(m) for m in frame.shot.marks) else f"{match.group(1)}'s {' '.join(said)}"

    def _unmarked(self, frame: Frame, start: int, pivot: int) -> str | None:
        """A capitalised name in the subject's place that is no company, no person and not ours: most likely another film."""
        begin = max(start, pivot - 70)
        match = self._run.search(frame.text[begin:pivot])
        if match is None or re.search(r"'s?$", match.group(1)):
            return None
        span = Span(start=begin + match.start(1), end=begin + match.end(1))
        if self._links.search(frame.text, span.start, span.end) or self._with.search(frame.text, start, span.start):
            return None  # "it stars Ann Lee and Bo Reed and opens"
        if self._by.search(frame.text, start, span.start):
            return None  # "the film directed by Ann Lee opens"
        if any(span.end <= m.start and m.end <= pivot for m in frame.shot.marks):
            return None  # "Lee wrote that the film opens": the film is nearer
        return match.group(1) if self._is_strange(frame, span, pivot) else None

    def _is_strange(self, frame: Frame, span: Span, pivot: int) -> bool:
        """Whether a capitalised run is nothing that is known: no place, company, person, month or plain word."""
        name = frame.text[span.start : span.end]
        parts = name.lower().replace("'s", "").split()
        if self._grammar.text["noun_capitals"] and parts[0] in self._grammar.text["definite"]:
            return False
        gap = frame.text[span.end : pivot].lower().split()
        alone = len(parts) == 1 and span.start == frame.shot.line.start
        if alone and (not self._helpers.issuperset(gap) or frame.is_date(pivot)):
            return False  # "Fans can see it from June 6": a sentence's first word has its capital anyway
        if self._grammar.release_types.find(frame.text, span.start, span.end) or frame.scene.films.is_ours(name):
            return False
        plain = all(self._grammar.is_plain(p) or p in self._grammar.companies for p in parts)
        if any(d.meets(span) for d in frame.dates):
            return False
        place = " ".join(w for w in name.split() if not self._grammar.is_plain(w.lower()))
        inner = name.partition(" ")[2]
        if is_place(name) or inner in self._grammar.region_codes:
            return False  # "Negli Stati Uniti uscirà"
        known = plain or name.lower() in self._grammar.companies or not {name, place}.isdisjoint(self._grammar.region_codes)
        known = known or not self._months.isdisjoint(parts) or frame.scene.people.knows(name)
        return not known and not any(m.meets(span) for m in frame.shot.marks)


def _name(frame: Frame, mark: Mark) -> str | None:
    """`OURS` or the work's words; for "it" those of the film named first before it."""
    if mark.kind == "it":
        named = [m for m in frame.shot.marks if m.end <= mark.start and m.kind != "it" and not m.beside]
        return _name(frame, named[0]) if named else None
    return OURS if mark.kind == OURS else frame.text[mark.start : mark.end]
