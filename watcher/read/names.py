"""A title's name as a pattern: with any blanks, an optional colon or dash, and its number written in any way."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from functools import cache
from importlib import resources

from watcher.read.patterns import alternatives
from watcher.read.text import flat

#: Of the ways to write a number, those that stand alone too ("NAME 2", "NAME II"); the others want "Part" before them.
_FIGURES = 2


@cache
def _table() -> tuple[frozenset[str], dict[str, list[str]]]:
    """The words for a part, and for each way to write a number all ways."""
    file = resources.files("watcher.read").joinpath("names.toml")
    data = tomllib.loads(file.read_text(encoding="utf-8"))
    return frozenset(data["parts"]), {form: forms for forms in data["numbers"] for form in forms}


def name_pattern(name: str) -> str:
    """The expression of a name: "Name: Part Two" is "Name – Part II" and "Name Part 2" too. Blanks are no line breaks."""
    parts, numbers = _table()
    pieces: list[str] = []
    tokens = flat(name).split()
    for index, token in enumerate(tokens):
        lower = token.lower()
        counted = index and tokens[index - 1].lower() in parts
        last = index == len(tokens) - 1
        if lower in parts and not last and tokens[index + 1].lower() in numbers:
            piece = _either(parts)
        elif lower in numbers and counted:
            piece = _either(numbers[lower])
        elif index and last and lower in numbers.get(lower, ())[:_FIGURES]:
            piece = _either(numbers[lower][:_FIGURES])
        else:
            piece = _word(token)
        pieces.append(piece if not index else _blank(tokens[index - 1], lower, parts) + piece)
    return "".join(pieces)


def part_words() -> frozenset[str]:
    """The words for a part, in lower case."""
    return _table()[0]


def number_of(word: str, *, counted: bool) -> int | None:
    """The number that a word of a name is; in letters ("two") only where it is `counted`, behind a word for a part."""
    lower = word.lower()
    forms = _table()[1].get(lower, [])
    if lower.isdecimal():
        return int(lower)
    return int(forms[0]) if forms and (counted or lower in forms[:_FIGURES]) else None


def fixed_words(name: str) -> str:
    """The words of a name that stand in it however its number is written; empty where there are none."""
    parts, numbers = _table()
    return " ".join(token for token in flat(name).split() if token.lower() not in parts and token.lower() not in numbers)


def _blank(before: str, word: str, parts: frozenset[str]) -> str:
    """What stands between two words: after a colon, and before "Part", a colon or a dash or nothing."""
    return r"(?: *:| *[-–])? +" if before.endswith(":") or word in parts else " +"


def _word(token: str) -> str:
    return re.sub(r"\\?[-–]", "[-–]", re.escape(token.removesuffix(":")))


def _either(words: Iterable[str]) -> str:
    return f"(?i:{alternatives(words)})"
