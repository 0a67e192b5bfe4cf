"""Phrases of a lexicon and how they are found: data in, one look at the index of a text.

A phrase is words with one blank between. ``a|b`` is either word, ``word?`` may be missing, ``<group>`` stands for the words
of a group of the lexicon, ``<Name>`` for any word with a capital (a quotation mark may open it), and ``...`` for up to four
words. A hyphen may be a blank or nothing. Every repetition is bounded, so the time is linear in the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Generic, TypeVar

from watcher.read.index import beginnings, index_of
from watcher.read.text import CAPITAL, Span, longest_words, words

T = TypeVar("T")

_GAP = r"(?:[^\s.;:!?]{1,40}\s+){0,4}?"
_NAME = rf"(?-i:[\"']?{CAPITAL}[\w'.-]*)"
#: As how many words the index may hold what stands for these.
_WIDEST = {"...": 12, "<Name>": 4}
_NO_WORDS = frozenset(("",))


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit(Span, Generic[T]):
    """A phrase found in a text, with what the lexicon says of it."""

    what: T


#: Where a phrase may stand: where it would begin, as which of the beginnings of the word there, and its number. They sort so.
_Place = tuple[int, int, int]


#: The phrases that a word tells: the number of words before it with which they begin, and the phrases by the first of these.
_Telling = Sequence[tuple[int, Mapping[str, Sequence[int]]]]


class Phrases(Generic[T]):
    """A set of phrases, each with its meaning, found by the word that tells them best from others.

    The number of a phrase is its place in the lexicon: of two that are as long the first wins.
    """

    def __init__(self, entries: Iterable[tuple[str, T]], groups: Mapping[str, Sequence[str]]) -> None:
        forms = [(form, what) for entry, what in entries for form in _both_ends(entry)]
        self._forms, self._groups = forms, groups
        # Compiled when first needed: of two thousand phrases an article holds the words of a few.
        self._patterns: dict[int, re.Pattern[str]] = {}
        telling: dict[str, dict[int, dict[str, list[int]]]] = {}
        self._by_begin: dict[str, list[int]] = {}
        for number, (form, _) in enumerate(forms):
            if "..." in (first_and_last := form.split()[:1] + form.split()[-1:]) or not first_and_last:
                raise ValueError(f"phrase {form!r} must begin and end with a word")
            told, distances = _told_by(form, groups)
            if told is _NO_WORDS:
                raise ValueError(f"phrase {form!r} must have a word in letters")
            begins = first_words(form, groups)
            for begin in begins:
                self._by_begin.setdefault(begin, []).append(number)
            for word, distance, begin in product(told, distances, begins):
                telling.setdefault(word, {}).setdefault(distance, {}).setdefault(begin, []).append(number)
        self._telling: dict[str, _Telling] = {word: tuple(distances.items()) for word, distances in telling.items()}
        self._words = frozenset(telling)

    def find(self, text: str, start: int, end: int) -> list[Hit[T]]:
        """All hits in a stretch of flat text, from left to right; of two that overlap the first stays."""
        told = index_of(text).which(self._words, start, end)
        return self._longest(text, self._places(text, told, start), end) if told else []

    def begins(self, text: str, start: int, end: int) -> bool:
        """Whether a phrase stands right at the start of a stretch."""
        index = index_of(text)
        if not index.where(self._words, start, end):
            return False
        ways = index.beginnings(index.number_at(start))
        phrases = (phrase for at, _, begin in ways if at == start for phrase in self._by_begin.get(begin, ()))
        return any((self._patterns.get(phrase) or self._compiled(phrase)).match(text, start, end) for phrase in phrases)

    def _compiled(self, phrase: int) -> re.Pattern[str]:
        """The expression of the phrase with this number, when it is first needed."""
        found = self._patterns[phrase] = re.compile(_pattern(self._forms[phrase][0], self._groups), re.IGNORECASE)
        return found

    def _places(self, text: str, told: Iterable[int], start: int) -> list[_Place]:
        """Where phrases may stand: close enough before a word that tells them stands one that they begin with."""
        index, found = index_of(text), set[_Place]()
        for number in told:
            for word in index.letters(number):
                for distance, phrases in self._telling.get(word, ()):
                    first = number - distance
                    if first < 0 or not (index.words[first] in phrases or first in index.mixed):
                        continue  # a word in letters only begins nothing but itself
                    for at, way, begin in index.beginnings(first):
                        if at >= start:
                            found.update([(at, way, phrase) for phrase in phrases.get(begin, ())])
        return sorted(found)

    def _longest(self, text: str, places: Iterable[_Place], end: int) -> list[Hit[T]]:
        """The hits at some places in their order, each the longest of those that begin there."""
        found: list[Hit[T]] = []
        reach = best_at = best_end = best = -1
        for at, _, phrase in places:
            if best >= 0 and at > best_at:
                found.append(Hit(start=best_at, end=best_end, what=self._forms[best][1]))
                reach, best, best_end = best_end, -1, -1
            if at < reach:
                continue
            pattern = self._patterns.get(phrase) or self._compiled(phrase)
            match = pattern.match(text, at, end)
            if match and match.end() > best_end:
                best_at, best_end, best = at, match.end(), phrase
        if best >= 0:
            found.append(Hit(start=best_at, end=best_end, what=self._forms[best][1]))
        return found


def _both_ends(phrase: str) -> list[str]:
    """The phrase; where its last word may be missing, both of its forms."""
    if not phrase.endswith("?"):
        return [phrase]
    return [phrase.removesuffix("?"), *_both_ends(phrase.rpartition(" ")[0])]


def first_words(phrase: str, groups: Mapping[str, Sequence[str]]) -> set[str]:
    """The lower-case words that a phrase can begin with."""
    found: set[str] = set()
    for part in phrase.split():
        for word in _alternatives(part, groups):
            match = next(words(word.lower()), None)
            if match:
                found.update(begin for _, begin in beginnings(match.group()))
        if not part.endswith("?"):
            break
    return found


def _told_by(phrase: str, groups: Mapping[str, Sequence[str]]) -> tuple[frozenset[str], range]:
    """Words in letters without one of which a phrase stands nowhere, and how many words before one of them it may begin.

    They are those of its part that is told from others best.
    """
    best, distances, least, most = _NO_WORDS, range(0), 0, 0
    for part in phrase.split():
        either = _alternatives(part, groups)
        told = longest_words([*either, *(word.replace("-", "") for word in either)])  # "co-star" may be written "costar"
        wide = _WIDEST.get(part) or max(len(list(words(word.replace("-", " ")))) for word in either)
        if not part.endswith("?") and part not in _WIDEST and min(map(len, told)) > min(map(len, best)):
            best, distances = told, range(least, most + wide)
        least, most = least + (not part.endswith("?") and part != "..."), most + wide
    return best, distances


def all_words(phrase: str, groups: Mapping[str, Sequence[str]]) -> set[str]:
    """All lower-case words of a phrase."""
    return {
        match.group().lower()
        for part in phrase.split()
        if part != "..."
        for alternative in _alternatives(part, groups)
        for match in words(alternative)
    }


def _alternatives(part: str, groups: Mapping[str, Sequence[str]]) -> list[str]:
    """The words that one part of a phrase stands for."""
    found: list[str] = []
    for word in part.removesuffix("?").split("|"):
        if word.startswith("<") and word != "<Name>":
            for entry in groups[word[1:-1]]:
                found.extend(_alternatives(entry, groups) if entry.startswith("<") else [entry])
        else:
            found.append(word)
    return found


def _pattern(phrase: str, groups: Mapping[str, Sequence[str]]) -> str:
    """The regular expression of a phrase."""
    split = phrase.split()
    parts = [r"(?<!\w)"]
    for index, part in enumerate(split):
        if part == "...":
            parts.append(_GAP)
            continue
        last = index == len(split) - 1
        either = "|".join(_word(word) for word in sorted(_alternatives(part, groups), key=len, reverse=True))
        piece = f"(?:{either})" + ("" if last else r"\s+")
        parts.append(f"(?:{piece})?" if part.endswith("?") else piece)
    return "".join(parts) + r"(?:(?!\w)|(?<='))"  # behind an elision the next word follows at once: "voix d'Ann"


def _word(word: str) -> str:
    """The expression of one alternative."""
    if word == "<Name>":
        return _NAME
    return re.escape(word).replace(r"\-", "[- ]?").replace(r"\ ", r"\s+")
