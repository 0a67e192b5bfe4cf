"""What speaks against a name being that of somebody who comes to a film or leaves it: its letters, and what stands around it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from watcher.model import Status
from watcher.read.frame import NEWS, Frame
from watcher.read.grammar import BLANK, Grammar, either, ends_with
from watcher.read.people import Person

#: Farthest that the words stand before a name that say it is another's, in characters.
_REACH = 24


class Somebody:
    """Tells, in one language, whether a name can be the subject of a verb of coming or leaving."""

    def __init__(self, grammar: Grammar) -> None:
        table = grammar.credit
        self._another = ends_with([*table["relatives"], *table["stands_for"]], rf"{BLANK}{grammar.the}")
        self._leads_in = ends_with(table["leads_in"], rf"{BLANK}{grammar.the}(?:\S+ )?[\"']?")
        self._listed = re.compile(rf"(?:\W|^)(?:{either(table['list_words'])})\s")
        self._of_many = re.compile(rf",?\s(?:{either(table['of_many'])})(?!\w)")

    def means_another(self, text: str, person: Person) -> bool:
        """Whether a name only says whose relative, or whose part, somebody is: "the granddaughter of Ann Lee"."""
        return self._another.search(text, max(0, person.start - _REACH), person.start) is not None

    def one_or_many(self, frame: Frame, found: list[Person], status: Status) -> list[Person]:
        """Of a list before a verb those who are its subject.

        A pair with nothing but a comma between is a list in a headline only: "After Paper Tigers, Ann Lee has joined". And one
        name before "are" is a band's.
        """
        if status not in NEWS:
            return found
        if len(found) > 1 and not self._is_list(frame, found):
            return found[-1:]
        if len(found) == 1 and self._is_band(frame, found[0]):
            return []
        return found

    def _is_list(self, frame: Frame, found: Sequence[Person]) -> bool:
        first, last = found[0], found[-1]
        if self._leads_in.search(frame.text, max(frame.shot.line.start, first.start - _REACH), first.start):
            return self._listed.search(frame.text, first.end, last.start) is not None
        pair = len(found) == 2 and not frame.shot.line.headline
        return not pair or frame.text[first.end : last.start] != ", "

    def _is_band(self, frame: Frame, person: Person) -> bool:
        """Whether a verb for several stands behind one name, which begins its clause."""
        clause = frame.clause(person.start)
        begins = not frame.text[clause.start : person.start].strip(" \"'")
        return begins and self._of_many.match(frame.text, person.end) is not None
