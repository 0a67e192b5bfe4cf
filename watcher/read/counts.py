"""Days counted from a date to a release: "on June 6, a week before it opens in Japan" tells of two."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from watcher.read.dates import APPOSED, When
from watcher.read.grammar import Grammar, ReleaseCue, either
from watcher.read.index import has_any
from watcher.read.meaning import LONGEST_STEP
from watcher.read.phrases import Hit
from watcher.read.scene import Shot
from watcher.read.text import Span, longest_words, lowered

#: The rule of a date that is counted from another one.
COUNTED = "release.counted"
#: Farthest, in characters, that the verb may stand behind "a week before", and "a week before" behind its date.
COUNT_REACH = 70

#: A film stands right behind a count with a blank and a quotation mark between, and then its sentence or clause ends.
_RIGHT_BEHIND = 2
_ENDS = re.compile(r"[.,;]?[\"']?(?:[.,;)\n]|$|\s*$)")
_PLAIN = re.compile(r"[a-z][a-z'-]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Count(Span):
    """Words like "a week before": so many days from the date before it to the one meant, below 0 back in time.

    `own` is set where our film stands right behind: "Paper Tigers opens on June 6, a week before NAME".
    """

    days: int
    own: bool = False


class CountFinder:
    """Finds what the sentences of one language count."""

    def __init__(self, grammar: Grammar) -> None:
        table = grammar.dates

        def any_of(key: str) -> str:
            return either(table.get(key, ()))

        self._ways = longest_words([*table.get("before", ()), *table.get("after", ())])
        self._measured = longest_words([*table["later"], *table.get("earlier", ())])
        self._units, self._numbers = table["units"], table["numbers"]
        self._count = re.compile(
            rf"(?<!\w)(?P<number>\d{{1,3}}|{any_of('numbers')})\s+(?P<unit>{any_of('units')})\s+"
            rf"(?:(?P<before>{any_of('before')})|(?P<after>{any_of('after')}))(?!\w)",
            re.IGNORECASE,
        )
        self._place = re.compile(rf"\s+{grammar.the}(?:{either(grammar.region_names)})(?!\w)")
        adjective = rf"(?:{either(grammar.nationalities)})"
        its = rf"(?:(?:{either(grammar.mentions['determiners'])})\s)?"
        also, opening = rf"(?:,|\s(?:{either(grammar.credit['list_words'])}))\s", any_of("opens")
        self._adjective = re.compile(rf"\s+{its}{adjective}(?:{also}{adjective})*\s(?:[a-z]+ )?(?:{opening})(?!\w)")
        way = either([*table["later"], *table.get("earlier", ())])
        self._measure = re.compile(
            rf"(?<!\w)(?:\d{{1,3}}|{any_of('numbers')})\s+(?:{any_of('units')})\s+(?:{way})"
            rf"(?:\s+(?:{any_of('than')})(?:\s+[^\W\d_]+){{1,2}})?(?!\w)",
            re.IGNORECASE,
        )
        self._than = re.compile(rf"(?<!\w)(?:{any_of('than')})(?!\w)", re.IGNORECASE)
        self._opens = re.compile(rf"(?<!\w)(?:{any_of('opens')})(?!\w)", re.IGNORECASE)
        self._roughly = re.compile(rf"(?<!\w)(?:{any_of('roughly')})\s+$", re.IGNORECASE)

    def without_measures(self, cues: Sequence[Hit[ReleaseCue]], text: str, start: int, end: int) -> list[Hit[ReleaseCue]]:
        """The cues but for those in "two weeks earlier than planned": how far a film moves governs no date."""
        if not has_any(self._measured, text, start, end):
            return list(cues)
        measures = [Span(start=match.start(), end=match.end()) for match in self._measure.finditer(text, start, end)]
        return [cue for cue in cues if not any(measure.holds(cue) for measure in measures)]

    def find(self, text: str, shot: Shot, cues: Sequence[Hit[ReleaseCue]], dates: Sequence[When]) -> list[Count]:
        """Where a sentence counts exact days to a release of no other film, which has no date of its own."""
        found: list[Count] = []
        if not has_any(self._ways, text, shot.line.start, shot.line.end):
            return found
        for match in self._count.finditer(text, shot.line.start, shot.line.end):
            number, unit = lowered(match.group("number")), self._units[lowered(match.group("unit"))]
            days = (int(number) if number.isdigit() else self._numbers[number]) * unit
            rough = self._roughly.search(text, max(0, match.start() - 16), match.start())
            if unit not in (1, 7) or days > LONGEST_STEP or rough:
                continue
            own = _is_ours(text, shot, match.end())
            if own or self._is_release(text, shot, cues, dates, match.end()):
                found.append(Count(start=match.start(), end=match.end(), days=days if match.group("before") else -days, own=own))
        return found

    def _is_release(self, text: str, shot: Shot, cues: Sequence[Hit[ReleaseCue]], dates: Sequence[When], start: int) -> bool:
        """Whether a country follows, or a verb of release, of no other film and without a date of its own."""
        if self._place.match(text, start) or self._adjective.match(text, start):
            return True
        if self._than.search(text, max(0, start - 12), start):
            return False  # "a week later than planned" is the same film's own way
        end = min(shot.clause(start).end, start + COUNT_REACH)
        near = [cue for cue in cues if start <= cue.start < end]
        opens = self._opens.search(text, start, end)
        first = min([cue.start for cue in near] + ([opens.start()] if opens else []), default=None)
        if first is None or any(cue.start == first and cue.what.kind != "release" for cue in near):
            return False
        if any(start <= when.start < first + APPOSED for when in dates):
            return False
        inner = [mark for mark in shot.marks if start <= mark.start < first]
        rest = text[start:first]
        for mark in inner:
            rest = rest.replace(text[mark.start : mark.end], "")
        plain = all(_PLAIN.fullmatch(word) for word in rest.replace(",", "").split())
        return plain and all(mark.kind != "work" for mark in inner)


def _is_ours(text: str, shot: Shot, start: int) -> bool:
    """Whether our film stands right behind a count, and nothing of it: "a week before NAME", not "before NAME's trailer"."""
    ours = next((m for m in shot.marks if m.kind == "ours" and not m.beside and 0 < m.start - start <= _RIGHT_BEHIND), None)
    return ours is not None and bool(_ENDS.match(text, ours.end))
