"""One item as the readers of claims see it: its text in sentences, with the films and people each of them names."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise

from watcher.edtf import Edtf
from watcher.model import Item, Modality, Outlet, Sentence, Title
from watcher.read.dates import Anchor, When
from watcher.read.films import Films, Mark
from watcher.read.grammar import Grammar
from watcher.read.people import People
from watcher.read.text import Line, Span, flat, words

#: Farthest, in characters, that the subject of a sentence begins behind its start.
_SUBJECT = 20
#: The same where it names ours as well: then another must open it.
_OPENS = 6
#: Marks that stand in no name over an entry of a list.
_NO_HEADING = frozenset(",;:()")
#: A mark, or a dash between blanks and the second of them. It begins with a plain set, to which a search leaps.
_STOPS = re.compile(r"[;()\[\]–-](?:(?<=\s[–-])\s|(?<!-))")


@dataclass(frozen=True, kw_only=True)
class Scene:
    """An item with all that is known before claims are read from it.

    `text` is flat; spans hold in `item.text` too. `years` are those that the entries of a calendar leave out, by their starts,
    and `heads` the days that stand over lines of their own.
    """

    item: Item
    text: str
    title: Title
    outlet: Outlet | None
    anchor: Anchor
    lines: Sequence[Line]
    films: Films
    people: People
    years: Mapping[int, int]
    heads: Mapping[int, When] = field(default_factory=dict)

    @cached_property
    def ours_alone(self) -> bool:
        """Whether the headline names our title and no other work."""
        kinds = {m.kind for line in self.lines if line.headline for m in self.films.in_line(line)}
        return "ours" in kinds and "work" not in kinds

    @cached_property
    def others_alone(self) -> bool:
        """Whether the headline names another work and not our title, and the text below goes on about that work."""
        named = [m for line in self.lines if line.headline for m in self.films.in_line(line)]
        if any(m.kind == "ours" for m in named):
            return False
        works = {self.text[m.start : m.end].casefold() for m in named if m.kind == "work"}
        body = (m for line in self.lines if works and not line.headline for m in self.films.in_line(line))
        return any(self.text[m.start : m.end].casefold() in works for m in body)

    @cached_property
    def names(self) -> frozenset[str]:
        """What our title is called."""
        return frozenset(flat(name).casefold() for name in (self.title.name, *self.title.aliases))

    def sentence(self, span: Span) -> Sentence:
        """A stretch of the item as evidence."""
        return evidence(self.item, span)


def evidence(item: Item, span: Span) -> Sentence:
    """A stretch of an item as evidence: the very words, from the text as it came."""
    return Sentence(text=item.text[span.start : span.end], start=span.start, end=span.end)


class Clauses:
    """The clauses of a sentence; `starts` are in order those of all but the first."""

    def __init__(self, line: Line, starts: Sequence[int]) -> None:
        self.line, self.starts = line, starts
        self._all = [Span(start=start, end=end) for start, end in pairwise((line.start, *starts, line.end))]

    def at(self, place: int) -> Span:
        """The clause that holds a place."""
        return self._all[bisect_right(self.starts, place)]

    def without(self, asides: Sequence[Span]) -> Clauses:
        """The same where none begins within an aside, nor right behind it."""
        return Clauses(self.line, [s for s in self.starts if not any(a.start < s <= a.end for a in asides)])


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """One sentence of a scene.

    `topic` is what the sentences before spoke of: ours, work (another film) or None. `cast_topic` is the same for credits,
    where a sentence that names our film at all keeps it in mind. `credits` is the outlet it credits, `told` the release
    date that the sentence before gave.
    """

    line: Line
    marks: Sequence[Mark]
    topic: str | None
    cast_topic: str | None
    clauses: Clauses
    credits: str | None = None
    modality: Modality = Modality.REPORTED
    title_case: bool = False
    told: Edtf | None = None

    def clause(self, at: int) -> Span:
        """The clause that holds a place."""
        return self.clauses.at(at)

    def asks(self, at: int) -> bool:
        """Whether a place stands in a question: only the last clause of a sentence asks."""
        return self.line.question and self.clause(at).end == self.line.end

    @property
    def capitals(self) -> bool:
        """Whether it is a headline that writes every word with a capital."""
        return self.title_case

    @property
    def names_ours(self) -> bool:
        """Whether the sentence names our title."""
        return any(m.kind == "ours" for m in self.marks)


@dataclass(slots=True, kw_only=True)
class Notes:
    """What was made of one sentence, for `explain`: reasons why something was not taken."""

    reasons: list[str] = field(default_factory=list)

    def say(self, reason: str) -> None:
        """Remember a reason once."""
        if reason not in self.reasons:
            self.reasons.append(reason)


def clauses(text: str, line: Line, marks: Sequence[Mark], grammar: Grammar) -> Clauses:
    """The clauses of a sentence; none begins within a film's name."""
    found = [m.end() for m in _STOPS.finditer(text, line.start, line.end)]
    found.extend(hit.start for hit in grammar.breaks.find(text, line.start, line.end) if hit.what)
    return Clauses(line, sorted(b for b in set(found) if not any(m.start < b < m.end for m in marks)))


def pointed(marks: Sequence[Mark], latest: str | None, scene: Scene, line: Line, grammar: Grammar) -> list[Mark]:
    """The films of a sentence, where "That film" at its start is the one that was named last, and not the one spoken of."""
    first = grammar.mentions["demonstratives"]
    found = list(marks)
    if found and found[0].kind == "it" and found[0].start == line.start and latest:
        word = scene.text[line.start : found[0].end].split()[0].lower()
        found[0] = replace(found[0], kind=latest) if word in first else found[0]
    return found


def next_topic(scene: Scene, line: Line, marks: Sequence[Mark], topic: str | None, grammar: Grammar) -> str | None:
    """What "it" means after this sentence: the film that it named first and that can own a verb, else what it meant before.

    Where the headline is of ours alone, another work must be the sentence's subject to become what is spoken of.
    """
    text = scene.text
    both = any(mark.kind == "ours" and not mark.beside for mark in marks)
    reach = (_OPENS if both else _SUBJECT) if scene.ours_alone else line.end
    for mark in marks:
        if mark.kind == "ours" and not mark.beside:
            return "ours"
        if mark.kind == "work" and not mark.beside and mark.start - line.start <= reach:
            return "work"
    told = text[line.start : line.end]
    heading = not line.headline and not line.question and is_heading(told, grammar)
    return "work" if heading and not scene.films.is_ours(told.strip(" .\"'")) else topic


def next_cast_topic(marks: Sequence[Mark], topic: str | None) -> str | None:
    """Whose cast the next sentence means: ours if this one named it, another's if it named only others."""
    kinds = {m.kind for m in marks if m.kind == "ours" or not m.beside} - {"it"}
    return "ours" if "ours" in kinds else "work" if kinds else topic


def leads_with_ours(line: Line, marks: Sequence[Mark]) -> bool:
    """Whether our title comes before any other film of a sentence, and before "it", near its start."""
    first = next(iter(marks), None)
    return first is not None and first.kind == "ours" and first.start - line.start <= _SUBJECT and not first.beside


def is_heading(text: str, grammar: Grammar) -> bool:
    """Whether a sentence is only a name, as over the entries of a list; "## Cast" and its like head a part of an article."""
    if text.startswith("#") and any(grammar.is_plain(w.group().lower()) for w in words(text) if len(w.group()) > 3):
        return False
    bare = text.strip(" .\"'")
    if not 3 < len(bare) < 60 or not _NO_HEADING.isdisjoint(bare):
        return False
    return all(w[0].isupper() or w[0].isdigit() or len(w) < 4 for w in bare.split())
