"""Our title as a part of a series: the numbers it bears, and what a text calls it by them.

"the sequel to NAME" and "the NAME sequel" are ours where its name is "NAME 2", "the eighth NAME" where it is "NAME 8", and
"Part Two" where the text names "NAME: Part One" too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from watcher.model import Title
from watcher.read.grammar import Grammar, either
from watcher.read.names import name_pattern, number_of, part_words
from watcher.read.text import Span, flat

#: No series has more parts; a greater number in a name is none of a part.
_MOST = 15
#: What follows a series' name where the name of another part goes on: its number, or its subtitle.
_GOES_ON = r"(?!\w|[\"']?:? +(?:\d|I{1,3}\b|IV\b|VI{0,3}\b|Part\b|Chapter\b)|[\"']?: +[A-Z])"
_JOINED = re.compile(r" ?(?:&|/|[^\W\d_]{1,3}) ?(\d{1,2}|[IVX]{1,4})(?!\w)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A name of ours that ends in its number. `counted` where a word for a part stands before the number."""

    base: str
    number: int
    counted: bool


def parts_of(title: Title) -> list[Part]:
    """The names of a title that end in a number, without it."""
    found = (_part(flat(name).split()) for name in (title.name, *title.aliases))
    return list(dict.fromkeys(part for part in found if part))


def _part(tokens: Sequence[str]) -> Part | None:
    counted = len(tokens) > 2 and tokens[-2].lower() in part_words()
    number = number_of(tokens[-1], counted=counted) if len(tokens) > 1 else None
    base = " ".join(tokens[: -2 if counted else -1]).rstrip(" :–-,")
    return Part(base=base, number=number, counted=counted) if number and number <= _MOST and base else None


class Series:
    """Our title among the parts of its series, in texts of one language."""

    def __init__(self, title: Title, grammar: Grammar) -> None:
        self._parts = parts_of(title)
        named = [part.number for part in parts_of(Title(id=title.id, name=title.name))]
        #: The numbers by which it may be told; that of its own name, or else those of its other names and the first.
        self.numbers = frozenset(named or [1, *(part.number for part in self._parts)])
        #: One name with a number may be a translation ("The Four" as "The 4").
        self.is_sequel = bool(named) or len({part.base for part in self._parts if part.number > 1}) > 1
        self.bases = tuple(dict.fromkeys(part.base for part in self._parts))
        self._by_number = [pattern for part in self._parts for pattern in _by_number(part, grammar)]
        self._as_sequel = [p for part in self._parts if part.number == 2 for p in _as_sequel(part, grammar)]
        self._alone = [(part, _sibling(part), _alone(part)) for part in self._parts if part.counted]
        self._siblings = [(part, _sibling(part)) for part in self._parts]

    def mentions(self, text: str) -> Iterator[Span]:
        """Where a flat text calls our title by its place in the series."""
        if not any(base in text for base in self.bases):
            return
        later = any(number > own for own, numbers in self.named(text) for number in numbers)
        for pattern in (*self._by_number, *(() if later else self._as_sequel)):
            yield from (Span(start=m.start(), end=m.end()) for m in pattern.finditer(text))
        for part, sibling, alone in self._alone:
            if any(number != part.number for number in _numbers(sibling, text)):
                yield from (Span(start=m.start(), end=m.end()) for m in alone.finditer(text))

    def named(self, text: str) -> tuple[tuple[int, frozenset[int]], ...]:
        """Our number in each way to count the series, with all the numbers that a flat text names in it."""
        stand = ((part, sibling) for part, sibling in self._siblings if part.base in text)
        return tuple((part.number, frozenset(_numbers(sibling, text))) for part, sibling in stand)


def is_ours(named: Iterable[tuple[int, frozenset[int]]], place: int, *, from_first: bool) -> bool | None:
    """Whether "the second" is ours, in a text that names other parts of the series; None where it names none.

    Of parts that follow each other, as 7 and 8, the first is 7, and of 2 and 3 the second is 3 where the text has a first.

    Args:
        named: what `Series.named` finds in the text.
        place: the number told.
        from_first: whether the text tells of "the first" too.
    """
    for own, numbers in named:
        if not numbers - {own}:
            continue
        row = sorted(numbers | {own})
        counted = row[0] > 1 and row == list(range(row[0], row[0] + len(row))) and (from_first or place not in row)
        return (row[place - 1] if counted and place <= len(row) else place) == own
    return None


def _numbers(sibling: re.Pattern[str], text: str) -> Iterator[int]:
    """The numbers behind the name of a series; "NAME 7 and 8" has two."""
    for match in sibling.finditer(text):
        number = number_of(match.group(1), counted=True)
        joined = _JOINED.match(text, match.end())
        second = number_of(joined.group(1), counted=False) if joined else None
        yield from (n for n in (number, second) if n is not None and n <= _MOST)


def _sibling(part: Part) -> re.Pattern[str]:
    count = rf"(?i:{either(part_words())}) +([^\W_]+)" if part.counted else r"(\d{1,2}|[IVX]{1,4})"
    return re.compile(rf"(?<!\w){name_pattern(part.base)}(?:,| *[:–-])? +{count}(?![\w-]|[.,:]\d)")


def _alone(part: Part) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w-])(?=[A-Z]){name_pattern(f'Part {part.number}')}(?![\w-])")


def _by_number(part: Part, grammar: Grammar) -> Iterator[re.Pattern[str]]:
    """Ours as the text counts it: "the eighth NAME"."""
    ordinals = [word for word, number in grammar.mentions["ordinals"].items() if number == part.number]
    if part.number > 1 and ordinals:
        yield re.compile(rf"(?<!\w)(?i:{either(ordinals)}) [\"']?{name_pattern(part.base)}{_GOES_ON}[\"']?")


def _as_sequel(part: Part, grammar: Grammar) -> Iterator[re.Pattern[str]]:
    """A second film told by the first: "the sequel to NAME", "the NAME sequel"."""
    name = name_pattern(part.base)
    table = grammar.mentions
    yield re.compile(rf"(?<!\w)(?i:{either(table['sequel_to'])}) [\"']?{name}{_GOES_ON}[\"']?")
    yield re.compile(rf"(?<!\w)(?:[\"'])?{name}(?:\"|'(?!s))?[ -](?i:{either(table['sequel_behind'])})(?!\w)")
