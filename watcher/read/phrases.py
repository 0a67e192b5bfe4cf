"""Phrases of a lexicon and how they are found: data in, one pass over the words of a sentence.

A phrase is words with one blank between. ``a|b`` is either word, ``word?`` may be missing, ``<group>`` stands for the words
of a group of the lexicon, ``<Name>`` for any word with a capital, and ``...`` for up to four words. A hyphen may be a blank
or nothing. Every repetition is bounded, so the time is linear in the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Generic, TypeVar

from watcher.read.text import CAPITAL, Span, words

T = TypeVar("T")

_TAIL = re.compile(r"['-]")
_GAP = r"(?:[^\s.;:!?]{1,40}\s+){0,4}?"
_NAME = rf"(?-i:{CAPITAL}[\w'.-]*)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit(Span, Generic[T]):
    """A phrase found in a text, with what the lexicon says of it."""

    what: T


class Phrases(Generic[T]):
    """A set of phrases, each with its meaning, found by their first words."""

    def __init__(self, entries: Iterable[tuple[str, T]], groups: Mapping[str, Sequence[str]]) -> None:
        self._by_word: dict[str, list[tuple[re.Pattern[str], T]]] = {}
        for phrase, what in ((p, what) for entry, what in entries for p in _both_ends(entry)):
            pattern = re.compile(_pattern(phrase, groups), re.IGNORECASE)
            for word in sorted(first_words(phrase, groups)):
                self._by_word.setdefault(word, []).append((pattern, what))

    def find(self, text: str, start: int, end: int) -> list[Hit[T]]:
        """All hits in a stretch of flat text, from left to right; of two that overlap the first stays."""
        index = _index(text, start, end)
        known = self._by_word.keys() & index.keys()
        if not known:
            return []
        found: list[Hit[T]] = []
        reach = -1
        best: Hit[T] | None = None
        for at, _, key in sorted((*place, word) for word in known for place in index[word]):
            if best and at > best.start:
                found.append(best)
                reach, best = best.end, None
            if at < reach:
                continue
            for pattern, what in self._by_word[key]:
                match = pattern.match(text, at, end)
                if match and match.end() > (best.end if best else -1):
                    best = Hit(start=at, end=match.end(), what=what)
        return [*found, best] if best else found


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
    if whole[len(head)] == "'":
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
    return "".join(parts) + r"(?!\w)"


def _word(word: str) -> str:
    """The expression of one alternative."""
    if word == "<Name>":
        return _NAME
    return re.escape(word).replace(r"\-", "[- ]?").replace(r"\ ", r"\s+")
