"""Who shares a verb that is told once: "Ann Lee is Joan and Bo Larsen her son", "cast as Joan and Bo Larsen as Tom"."""

from __future__ import annotations

import re
from collections.abc import Sequence

from watcher.read.frame import Frame
from watcher.read.grammar import BLANK, CreditCue, Grammar, either
from watcher.read.people import Person
from watcher.read.phrases import Hit
from watcher.read.text import CAPITAL, SMALL

#: How far before a name the comma or "and" of its list is looked for, in characters.
_REACH_LIST = 8
#: What may stand between a verb and its part ("dará vida" – "a"), in characters.
_REACH_PART = 4
_NAME = rf"[\"']?{CAPITAL}[\w'.-]*"
_WORD = rf"(?:{SMALL}(?:{SMALL}|['-])*)"


class Gapped:
    """Finds the people of a list whose verb stands only once, in sentences of one language."""

    def __init__(self, grammar: Grammar) -> None:
        table = grammar.credit
        listed, as_role = either(table["list_words"]), either(table["role_words"])
        owners = either({*grammar.text["articles"], *grammar.mentions["determiners"], *table["part_of"]})
        end = rf"(?=\s*(?:[,.;:!?)\n\"']|$)|\s(?:{listed})\s)"
        small = rf"(?:(?!(?:{either(table['list_stops'])})\s){_WORD}\s)"
        self._in_list = re.compile(rf"(?:,|\b(?:{listed}))\s+$")
        self._with = re.compile(rf",\s(?:{either(table['beside_role'])})\s$")
        self._for_role = re.compile(rf"\s+(?:{as_role}){BLANK}{grammar.the}")
        self._has_role = re.compile(rf"\s+(?:{as_role}){BLANK}{grammar.the}{small}?{CAPITAL}")
        self._plays = re.compile(
            rf"(?<!\w)(?:{either([*table['plays'], *table['roles_before'], *table['is']])})(?!\w)", re.IGNORECASE
        )
        owned = rf"(?:{owners}){BLANK}"
        named = rf"(?:{owned}){{0,2}}{small}{{0,2}}{_NAME}(?:\s{_NAME}){{0,3}}"
        part = rf"\s(?:{named}|(?:{owned}){{1,2}}(?:{_WORD}\s){{0,3}}{_WORD}){end}"
        self._part = re.compile(part)
        self._as_part = re.compile(rf"\s(?:{as_role}){part}")

    def also(self, frame: Frame, cue: Hit[CreditCue], after: Sequence[Person]) -> list[Person]:
        """Those behind a verb who have a part of their own there and no verb.

        Args:
            frame: the sentence.
            cue: the verb.
            after: the people behind it.
        """
        end = min(len(frame.text), cue.end + _REACH_PART)
        plays = self._plays.search(frame.text, cue.start, end) is not None
        return [p for p in after if self._shares(frame.text, p, plays=plays)]

    def _shares(self, text: str, person: Person, *, plays: bool) -> bool:
        before = max(0, person.start - _REACH_LIST)
        if self._in_list.search(text, before, person.start):
            told = self._has_role.match(text, person.end) or self._as_part.match(text, person.end)
            return bool(told or (plays and self._part.match(text, person.end)))
        return bool(self._with.search(text, before, person.start) and self._for_role.match(text, person.end))
