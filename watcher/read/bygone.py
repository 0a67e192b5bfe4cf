"""Whether a coming or leaving is told of a time long before the item, and is no news in it."""

from __future__ import annotations

import re

from watcher.model import Status
from watcher.read.frame import Frame
from watcher.read.grammar import BLANK, CreditCue, Grammar, either, ends_with
from watcher.read.phrases import Hit
from watcher.read.text import CAPITAL, Span

_YEAR = re.compile(r"(?<!\()\b((?:19|20)\d\d)\b(?!'|\))")


class Bygone:
    """Finds what a language says of the past."""

    def __init__(self, grammar: Grammar) -> None:
        table = grammar.credit
        self._long_ago = grammar.long_ago
        self._gerunds = tuple(table["gerunds"])
        self._since = ends_with(table["since"])
        self._had = ends_with(table["retold"], r"\s+(?:\w+ly\s+)?")
        #: "The 2013 film": that year is no time of the verb's.
        self._of_film = ends_with([*grammar.text["articles"], *table["year_of"]], BLANK)
        self._recalled = ends_with(table["recalls"])
        somebody = rf"(?:(?i:{either(table['pronouns'])})|{CAPITAL}[\w'.-]*(?:\s{CAPITAL}[\w'.-]*){{0,3}})"
        self._back_then = re.compile(rf"(?<!\w)(?i:{either(table['back_then'])}){BLANK}{somebody}(?:\s[a-zß-ÿ]+){{0,2}}\s$")

    def holds(self, frame: Frame, cue: Hit[CreditCue], status: Status) -> bool:
        """Whether it tells what was long before the item ("had joined", "was hired in October 2019", "when he was cast")."""
        clause = frame.clause(cue.start)
        if self._had.search(frame.text, max(clause.start, cue.start - 20), cue.start):
            return True
        if (
            status is Status.JOINS
            and not frame.shot.line.headline
            and self._back_then.search(frame.text, max(frame.shot.line.start, cue.start - 60), cue.start)
        ):
            return True
        gerund = frame.text[cue.start : cue.end].split(maxsplit=1)[0].lower().endswith(self._gerunds)
        if gerund and self._recalled.search(frame.text, max(frame.shot.line.start, cue.start - 20), cue.start):
            return True
        long_ago = self._long_ago.find(frame.text, clause.start, clause.end)
        if any(h.start < clause.start + 12 or h.start > cue.start for h in long_ago):
            return True
        years = self._years(frame, clause)
        day = frame.scene.anchor.day
        return day is not None and bool(years) and max(years) < day.year

    def _years(self, frame: Frame, clause: Span) -> list[int]:
        """The years of a clause that tell when: outside an aside, no film's, and not "since 2019"."""
        text, aside = frame.text, frame.aside
        told = [m for m in _YEAR.finditer(text, clause.start, clause.end) if not (aside and aside.start <= m.start() < aside.end)]
        own = [m for m in told if not self._of_film.search(text, max(clause.start, m.start() - 12), m.start())]
        return [int(m.group(1)) for m in own if not self._since.search(text, max(clause.start, m.start() - 12), m.start())]
