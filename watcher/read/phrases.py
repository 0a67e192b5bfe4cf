"""Phrases of a lexicon and how they are found: data in, one pass over the words of a sentence.

A phrase is words with one blank between. ``a|b`` is either word, ``word?`` may be missing, ``<group>`` stands for the words
of a group of the lexicon, ``<Name>`` for any word with a capital (a quotation mark may open it), and ``...`` for up to four
words. A hyphen may be a blank or nothing. Every repetition is bounded, so the time is linear in the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Generic, TypeVar

from watcher.read.text import CAPITAL, Span, letters_in, longest_words, word_at, words

T = TypeVar("T")

_TAIL = re.compile(r"['-]")
_GAP = r"(?:[^\s.;:!?]{1,40}\s+){0,4}?"
_NAME = rf"(?-i:[\"']?{CAPITAL}[\w'.-]*)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit(Span, Generic[T]):
    """A phrase found in a text, with what the lexicon says of it."""

    what: T


@dataclass(frozen=True, slots=True, kw_only=True)
class _Phrase(Generic[T]):
    """A phrase. Its place in the set of phrases is its place in the lexicon: of two that are as long the first wins."""

    pattern: re.Pattern[str]
    what: T


class Phrases(Generic[T]):
    """A set of phrases, each with its meaning, found by the word that tells them best from others."""

    def __init__(self, entries: Iterable[tuple[str, T]], groups: Mapping[str, Sequence[str]]) -> None:
        self._phrases: list[_Phrase[T]] = []
        #: The places in the lexicon of phrases, by a word that tells them from others, and by the word that they begin with.
        self._by_word: dict[str, dict[str, list[int]]] = {}
        self._by_begin: dict[str, list[int]] = {}
        all_forms = [(form, what) for entry, what in entries for form in _both_ends(entry)]
        for order, (form, what) in enumerate(all_forms):
            self._phrases.append(_Phrase(pattern=re.compile(_pattern(form, groups), re.IGNORECASE), what=what))
            begins = first_words(form, groups)
            for begin in begins:
                self._by_begin.setdefault(begin, []).append(order)
            for word in _telling(form, groups):
                starts = self._by_word.setdefault(word, {})
                for begin in begins:
                    starts.setdefault(begin, []).append(order)
        self._words = frozenset(self._by_word)

    def find(self, text: str, start: int, end: int) -> list[Hit[T]]:
        """All hits in a stretch of flat text, from left to right; of two that overlap the first stays."""
        said = letters_in(text, start, end)
        if self._words.isdisjoint(said):
            return []
        told, index = self._words & said, _index(text, start, end)
        places = {
            (at, rank, order)
            for starts in map(self._by_word.__getitem__, told)
            for word in starts.keys() & index.keys()
            for at, rank in index[word]
            for order in starts[word]
        }
        return self._longest(text, sorted(places), end) if places else []

    def begins(self, text: str, start: int, end: int) -> bool:
        """Whether a phrase stands right at the start of a stretch."""
        first = word_at(text, start, end)
        keys = {key for at, key in _starts(first) if at == start} if first else ()
        return any(self._phrases[order].pattern.match(text, start, end) for key in keys for order in self._by_begin.get(key, ()))

    def _longest(self, text: str, places: Iterable[tuple[int, int, int]], end: int) -> list[Hit[T]]:
        """The hits at some places in their order, each the longest of those that begin there."""
        found: list[Hit[T]] = []
        reach = best_at = best_end = best = -1
        for at, _, order in places:
            if best >= 0 and at > best_at:
                found.append(Hit(start=best_at, end=best_end, what=self._phrases[best].what))
                reach, best, best_end = best_end, -1, -1
            match = self._phrases[order].pattern.match(text, at, end) if at >= reach else None
            if match and match.end() > best_end:
                best_at, best_end, best = at, match.end(), order
        if best >= 0:
            found.append(Hit(start=best_at, end=best_end, what=self._phrases[best].what))
        return found


@lru_cache(maxsize=64)
def _index(text: str, start: int, end: int) -> dict[str, list[tuple[int, int]]]:
    """Where in a stretch of text a phrase may begin, by the word it would begin with; the second number keeps their order.

    Kept for the stretches asked about last, since many sets of phrases are looked for in each sentence.
    """
    index: dict[str, list[tuple[int, int]]] = {}
    for word in words(text, start, end):
        whole = word.group()
        if whole.isalnum():
            index.setdefault(whole.lower(), []).append((word.start(), 0))
            continue
        for rank, (at, key) in enumerate(_starts(word)):
            index.setdefault(key, []).append((at, rank))
    return index


def _both_ends(phrase: str) -> list[str]:
    """The phrase; where its last word may be missing, both of its forms."""
    if not phrase.endswith("?"):
        return [phrase]
    return [phrase.removesuffix("?"), *_both_ends(phrase.rpartition(" ")[0])]


def _starts(word: re.Match[str]) -> list[tuple[int, str]]:
    """Where a phrase may begin in a word: at its start, before a hyphen or an apostrophe, and behind an elision ("l'uscita")."""
    whole = word.group().lower()
    if whole.isalnum():
        return [(word.start(), whole)]
    head = _TAIL.split(whole, maxsplit=1)[0]
    starts = [(word.start(), whole), (word.start(), head), (word.start(), whole.replace("-", ""))]
    if whole[len(head) : len(head) + 1] == "'":
        starts.append((word.start() + len(head) + 1, whole[len(head) + 1 :]))
    return starts


def first_words(phrase: str, groups: Mapping[str, Sequence[str]]) -> set[str]:
    """The lower-case words that a phrase can begin with."""
    found: set[str] = set()
    for part in phrase.split():
        for word in _alternatives(part, groups):
            match = next(words(word.lower()), None)
            if match:
                found.update(key for _, key in _starts(match))
        if not part.endswith("?"):
            break
    return found


def _telling(phrase: str, groups: Mapping[str, Sequence[str]]) -> frozenset[str]:
    """Words in letters without one of which a phrase stands nowhere: those of its part that is told from others best."""
    found: list[frozenset[str]] = []
    for part in phrase.split():
        if not part.endswith("?") and part not in ("...", "<Name>"):
            # "co-star" may be written "costar".
            either = _alternatives(part, groups)
            found.append(longest_words([*either, *(word.replace("-", "") for word in either)]))
    return max(found, key=lambda group: min(map(len, group)), default=frozenset(("",)))


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
    if not split or "..." in (split[0], split[-1]):
        raise ValueError(f"phrase {phrase!r} must begin and end with a word")
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
