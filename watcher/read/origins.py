"""Who said it first: the outlet that a sentence credits."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property

from watcher.model import Modality, Outlet
from watcher.read.grammar import Grammar
from watcher.read.index import has_any
from watcher.read.patterns import alternatives
from watcher.read.text import Line, Span, flat, longest_words

_LEFT_GAP = re.compile(r"(?:'s [A-Z][\w'.-]* [A-Z][\w'.-]*)?(?:,)?\s(?:\w+ly\s|first\s|also\s)?$")
_RIGHT_GAP = re.compile(r"\s*(?:the\s|our\s|friends\s|at\s|over\s|outlet\s|trade\s){0,4}[\"']?$", re.IGNORECASE)


class OutletFinder:
    """Finds credited outlets by the names and aliases of a catalogue."""

    def __init__(self, outlets: Sequence[Outlet], grammar: Grammar) -> None:
        self._grammar = grammar
        self._names: dict[str, str] = {}
        for outlet in outlets:
            for name in (outlet.name, *outlet.aliases):
                if name.strip():
                    self._names.setdefault(flat(name), outlet.name)
        self._pattern = re.compile(rf"(?<![\w])(?:{alternatives(self._names)})(?!\w)")
        self._words = longest_words(self._names)
        people = alternatives(grammar.official_nouns)
        companies = alternatives(grammar.companies)
        self._speaker = re.compile(rf"(?<!\w)(?:{people}|{companies})(?:'s)?(?!\w)[^.;:!?]{{0,30}}$", re.IGNORECASE)

    @cached_property
    def names(self) -> frozenset[str]:
        """All names and aliases in lower case."""
        return frozenset(name.lower() for name in self._names)

    def credited(self, text: str, line: Span, own: Outlet | None) -> str | None:
        """The name of the outlet that a sentence credits; None for none, or for the very outlet that speaks."""
        if not has_any(self._words, text, line.start, line.end):
            return None
        hits = self._grammar.attribution.find(text, line.start, line.end)
        named = list(self._pattern.finditer(text, line.start, line.end)) if hits else []
        for hit in hits:
            for outlet in named:
                right = "right" in hit.what and outlet.start() >= hit.end and _RIGHT_GAP.fullmatch(text[hit.end : outlet.start()])
                left = "left" in hit.what and outlet.end() <= hit.start and _LEFT_GAP.fullmatch(text[outlet.end() : hit.start])
                if right or left:
                    name = self._names[outlet.group()]
                    return None if own is not None and own.name == name else name
        return None

    def governs_all(self, text: str, line: Span) -> bool:
        """Whether the sentence says who was first with the whole story."""
        return bool(self._grammar.attribution_item.find(text, line.start, line.end))

    def modality(self, text: str, line: Line, credited: str | None) -> Modality:
        """Official where the sentence gives the studio's or the filmmakers' own words and credits nobody else."""
        if credited is None:
            for verb in self._grammar.official.find(text, line.start, line.end):
                if self._speaker.search(text, max(line.start, verb.start - 60), verb.start):
                    return Modality.OFFICIAL
        return Modality.REPORTED
