"""The index of a text: its words with where they stand, made once and asked by all who look for something in its sentences.

Most sentences have none of the words that a reader looks for, and to ask the index costs far less than to look.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import accumulate, chain

from watcher.read.text import LETTERS, WORD

#: Parts a text at its words, and keeps them.
_PARTED = re.compile(f"({WORD.pattern})")
_TAIL = re.compile(r"['-]")


class Index:
    """The words of a flat text in their order: `words` in lower case, `starts` where they begin.

    `numbers` says which of them is a word, or holds it in letters: "co-star" holds "co" and "star". `mixed` is what those of
    more than letters are in letters, by their number.
    """

    def __init__(self, text: str) -> None:
        parted = _PARTED.split(text)
        self.words = list(map(str.lower, parted[1::2]))
        self.starts = list(accumulate(map(len, parted)))[:-1:2]
        self.numbers: defaultdict[str, list[int]] = defaultdict(list)
        for number, word in enumerate(self.words):
            self.numbers[word].append(number)
        self.mixed: dict[int, Sequence[str]] = {}
        # Noted before any of it grows: what is letters of one word ("²" counts as one) may be a whole word elsewhere.
        for word, numbers in [(word, tuple(numbers)) for word, numbers in self.numbers.items() if not word.isalpha()]:
            self._mix(LETTERS.findall(word), numbers)
        self._said = frozenset(self.numbers)
        self._found: dict[frozenset[str], tuple[list[int], list[int]]] = {}

    def _mix(self, parts: Sequence[str], numbers: Sequence[int]) -> None:
        """Note what words of more than letters are in letters."""
        self.mixed.update(dict.fromkeys(numbers, parts))
        for letters in parts:
            self.numbers[letters].extend(numbers)

    def where(self, terms: frozenset[str], start: int, end: int) -> list[int]:
        """Where in a stretch some words in letters stand: the starts of the words that hold them."""
        _, starts = self._found.get(terms) or self._find(terms)
        return starts[bisect_left(starts, start) : bisect_left(starts, end)] if starts else starts

    def which(self, terms: frozenset[str], start: int, end: int) -> list[int]:
        """The same as the numbers of these words."""
        numbers, starts = self._found.get(terms) or self._find(terms)
        return numbers[bisect_left(starts, start) : bisect_left(starts, end)] if starts else numbers

    def _find(self, terms: frozenset[str]) -> tuple[list[int], list[int]]:
        """The words of the whole text that hold some words in letters, by their numbers and by their starts; kept."""
        numbers = sorted(set(chain.from_iterable(map(self.numbers.__getitem__, terms & self._said))))
        found = self._found[terms] = numbers, [self.starts[number] for number in numbers]
        return found

    def exactly(self, terms: frozenset[str], start: int, end: int) -> Iterator[int]:
        """Where in a stretch some words in letters stand, within the words that hold them too."""
        for number in self.which(terms, start, end):
            at, word = self.starts[number], self.words[number]
            if word in terms:
                yield at
            else:
                yield from (at + match.start() for match in LETTERS.finditer(word) if match.group() in terms)

    def letters(self, number: int) -> Sequence[str]:
        """What the word with a number is in letters."""
        return self.mixed[number] if number in self.mixed else (self.words[number],)

    def said(self, terms: frozenset[str], start: int, end: int) -> set[str]:
        """What the words of a stretch that hold some words in letters are in letters."""
        return {letters for number in self.which(terms, start, end) for letters in self.letters(number)}

    def start_at(self, place: int) -> int:
        """Where the last word begins that begins at a place or before it; the place itself where none does."""
        number = bisect_right(self.starts, place)
        return self.starts[number - 1] if number else place

    def number_at(self, start: int) -> int:
        """The number of the first word that starts at a place or behind it."""
        return bisect_left(self.starts, start)

    def beginnings(self, number: int) -> list[tuple[int, int, str]]:
        """As what a phrase may begin with a word: where, which of these ways it is, and the word of the phrase."""
        at, word = self.starts[number], self.words[number]
        if word.isalnum():
            return [(at, 0, word)]
        return [(at + offset, way, begin) for way, (offset, begin) in enumerate(beginnings(word))]


def beginnings(word: str) -> list[tuple[int, str]]:
    """As what a phrase may begin with a word in lower case, and how far in it.

    As the whole; as what stands before a hyphen or an apostrophe; behind an elision ("l'uscita").
    """
    if word.isalnum():
        return [(0, word)]
    head = _TAIL.split(word, maxsplit=1)[0]
    found = [(0, word), (0, head), (0, word.replace("-", ""))]
    if word[len(head) : len(head) + 1] == "'":
        found.append((len(head) + 1, word[len(head) + 1 :]))
    return found


class Anchored:
    """A regular expression whose matches begin with one of some phrases: it is tried only where their first words stand."""

    def __init__(self, pattern: re.Pattern[str], phrases: Iterable[str]) -> None:
        self._pattern = pattern
        self._firsts = frozenset(_first(phrase) for phrase in phrases)

    def finditer(self, text: str, start: int = 0, end: int | None = None) -> Iterator[re.Match[str]]:
        """Its matches in a stretch of flat text, left to right."""
        stop = len(text) if end is None else end
        reach = start
        for at in index_of(text).exactly(self._firsts, start, stop):
            match = self._pattern.match(text, at, stop) if at >= reach else None
            if match:
                yield match
                reach = match.end()

    def search(self, text: str, start: int, end: int, *, begins: int | None = None) -> re.Match[str] | None:
        """Its first match in a stretch of flat text, which may begin within a word; a match begins before `begins`."""
        index = index_of(text)
        places = index.exactly(self._firsts, index.start_at(start), end if begins is None else min(begins, end))
        return next((match for at in places if at >= start and (match := self._pattern.match(text, at, end))), None)


def _first(phrase: str) -> str:
    """The word in letters that a phrase begins with."""
    match = LETTERS.match(phrase.lower())
    if match is None:
        raise ValueError(f"{phrase!r} must begin with a letter")
    return match.group()


@lru_cache(maxsize=4)
def index_of(text: str) -> Index:
    """The index of a text; kept for those asked about last."""
    return Index(text)


def has_any(terms: frozenset[str], text: str, start: int, end: int) -> bool:
    """Whether a stretch of a flat text has any of some words in letters; the empty one stands for terms without any."""
    return bool(index_of(text).where(terms, start, end)) or "" in terms
