"""Whom no verb but the form alone shows to be of the cast: in brackets behind a part, before "as Joan", as owner of a part."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from watcher.model import Status
from watcher.read.frame import Frame
from watcher.read.grammar import BLANK, CreditCue, Grammar, either, ends_with, such_as
from watcher.read.parts import Part, PartFinder, names_of
from watcher.read.people import Person
from watcher.read.phrases import Hit
from watcher.read.text import CAPITAL, SMALL, Span

_FORM = CreditCue(name="form", left=Status.LISTED, promote=True, acts=True)
#: A form that tells of acting and of nothing new.
_KNOWN = CreditCue(name="form_known", left=Status.LISTED, acts=True)
#: A part before the brackets with its actor.
_PART = re.compile(r"[A-Z][\w'.-]*[\"']? \($")
_NAME = rf"{CAPITAL}[\w'-]*"
#: "Ann Lee's Captain Orrin": one word could be a film.
_OWN_PART = re.compile(rf"'s ((?:{_NAME})(?: {_NAME}){{1,2}})(?![\w'])")


class Shown:
    """Finds actors by form in sentences of one language."""

    def __init__(self, grammar: Grammar, parts: PartFinder) -> None:
        table = grammar.credit
        self._grammar = grammar
        self._parts = parts
        self._of_film = ends_with([*table["film_after"], *table["film_of"], *table["recalled"]])
        self._joins = re.compile(rf"(?:^|\s)(?:{either(table['list_words'])})$")
        self._closes_bracket = re.compile(rf"\)|,?\s(?:{either(table['in_brackets'])})\b[^()]{{0,40}}\)")
        part = rf"(?:{either(table['as'])}){such_as(table)}{BLANK}(?:(?:{either(grammar.text['articles'])}){BLANK})?"
        small = rf"(?:(?!(?:{either([*table['list_words'], *table['list_stops']])})\s){SMALL}[\w'-]*,?\s){{0,3}}"
        self._as_part = re.compile(rf",?\s{part}{small}({_NAME})")
        doing = rf"(?:\s(?!(?:{either(table['no_acting'])})\s){SMALL}[\w'-]*){{1,6}}"
        #: "Ann Lee is ferocious as the widow Orrin": only of whom the title knows.
        self._does_as = re.compile(rf"{doing}\s{part}{small}({_NAME})")

    def is_actor(self, text: str, person: Person, people: Sequence[Person]) -> bool:
        """Whether somebody stands in brackets behind the part: "Joan (Ann Lee)", but not "Ann Lee (Joan Orrin)"."""
        if text[max(0, person.start - 2) : person.start] != " (" or not _PART.search(
            text, max(0, person.start - 30), person.start
        ):
            return False
        closed = self._closes_bracket.match(text, person.end)
        if closed is None:
            return False
        return len(closed.group()) > 1 or not any(p.end == person.start - 2 for p in people)

    def find(self, frame: Frame) -> list[tuple[Hit[CreditCue], Part]]:
        """People whom only the form shows to be of the cast: in brackets behind a part, in a bare list, beside a part."""
        found = [p for p in frame.people if p.start in frame.shown and p.name not in frame.told]
        line = frame.shot.line
        alone = (
            not found and len(frame.people) > 2 and frame.people[0].start == line.start and line.end - frame.people[-1].end < 2
        )
        if alone and len(self._parts.list_from(frame, frame.people)) == len(frame.people):
            found = list(frame.people)
        if not found:
            return [_one(person, _KNOWN) for person in self._with_parts(frame)]
        cue = Hit(start=found[0].start, end=found[0].start, what=_FORM)
        return [(cue, Part(people=names_of(found), spans=tuple(found), status=Status.LISTED))]

    def _with_parts(self, frame: Frame) -> Iterator[Person]:
        """Those with a part right behind the name: "Ann Lee as Joan", "Ann Lee's Captain Orrin"."""
        for person in frame.people:
            owned = _OWN_PART.match(frame.text, person.end)
            match = (
                self._as_part.match(frame.text, person.end)
                or (owned if self._may_own(frame, person) else None)
                or (self._does_as.match(frame.text, person.end) if frame.scene.people.knows(person.name) else None)
            )
            if match is None or person.name in frame.told:
                continue
            part = Span(start=match.start(1), end=match.end(1))
            words = match.group(1).lower().split()
            named = any(self._grammar.is_plain(w) or w in self._grammar.companies or w in self._grammar.not_people for w in words)
            if not named and not any(m.meets(part) for m in frame.shot.marks if m.kind == "work"):
                yield person

    def _may_own(self, frame: Frame, person: Person) -> bool:
        """Whether what somebody owns may be a part: the subject of its clause, or of one whom the title knows; else a film."""
        start = frame.clause(person.start).start
        if self._of_film.search(frame.text, max(start, person.start - 12), person.start):
            return False
        lead = frame.text[start : person.start].strip()
        return not lead or self._joins.search(lead) is not None or frame.scene.people.knows(person.name)


def _one(person: Person, what: CreditCue) -> tuple[Hit[CreditCue], Part]:
    cue = Hit(start=person.start, end=person.end, what=what)
    return cue, Part(people=(person.name,), spans=(person,), status=Status.LISTED)
