"""Puts words into the text of a configuration, and takes some out: every other character stays where it stood.

A library that reads and writes the whole file would set inner blanks anew and gather tables that lie apart; here nothing is
written but the new words, and the result is read again and compared with what was meant before anybody gets it.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from copy import deepcopy
from typing import Any

from watcher.config.places import Value, places, values
from watcher.config.show import pairs, toml_value
from watcher.config.values import Trail

#: What a file of ours begins with.
HEADER = "# What watcher watches. All settings with what is in force: watcher config show\n"
_BOM = "\ufeff"
INDENT = "  "
_COMMA = re.compile(r"[ \t]*,")
_BLANK_ABOVE = re.compile(r"\n(\r?\n)\Z")


class NoPlaceError(ValueError):
    """The text is written in a way in which nothing can be put between."""


class Pieces:
    """A text, and what is to be put into it at which places."""

    def __init__(self, text: str, table: Trail, held: dict[str, Any]) -> None:
        self._text, self._table, self._held = text, table, held
        self._values, self._places = values(text), places(text)
        self._break = line_break(text)
        self._new: list[tuple[int, int, str]] = []

    def joined(self) -> str:
        """The text with everything put in."""
        parts, at = [], 0
        for start, end, words in sorted(self._new, key=lambda new: new[0]):
            parts += [self._text[at:start], words.replace("\n", self._break)]
            at = end
        return "".join(parts) + self._text[at:]

    def has(self, key: str) -> bool:
        """Whether a key's value stands somewhere; tables under headers do not."""
        return (*self._table, key) in self._values

    def replace(self, key: str, value: str) -> None:
        """Another value for a key, or a line for it where there is none."""
        stands = self._values.get((*self._table, key))
        if stands is None:
            self.line(f"{key} = {toml_value(value)}")
        else:
            self._new.append((stands.start, stands.end, toml_value(value)))

    def extend(self, key: str, entries: Sequence[object], written: Sequence[str] | None = None) -> None:
        """More entries for a list, each `written` so; or a line for it where there is none, or more tables under headers."""
        words = list(written) if written is not None else [toml_value(entry) for entry in entries]
        stands = self._values.get((*self._table, key))
        if stands is not None:
            self._into_array((*self._table, key), stands, words)
        elif key not in self._held:
            self.line(f"{key} = [{', '.join(words)}]")
        else:
            last = max(value.end for trail, value in self._values.items() if trail[: len(self._table)] == self._table)
            tables = ["\n".join(("", "", f"[[title.{key}]]", *pairs(entry))) for entry in entries if isinstance(entry, dict)]
            self._put(self._line_end(last), "".join(tables))

    def take_out(self, key: str, number: int) -> None:
        """One entry less in a list, or one table less under headers, with the comments in it. All around it stays."""
        trail: Trail = (*self._table, key, number)
        stands = self._values.get(trail)
        if stands is not None:
            self._out_of_array(trail, stands)
            return
        start = self._line_start(self._places[trail])
        ends = [value.end for other, value in self._values.items() if other[: len(trail)] == trail]
        end = self._after_line(max(ends, default=start))
        # The blank line that set it off from what stands above, where another does so for what stands below.
        above = _BLANK_ABOVE.search(self._text, 0, start)
        if above and (end == len(self._text) or self._text[end:].startswith(("\n", "\r\n"))):
            start = above.start(1)
        self._new.append((start, end, ""))

    def _out_of_array(self, trail: Trail, entry: Value) -> None:
        """With the comma behind it and, where nothing else stands there, its line; a comma that then ends the list may."""
        comma = _COMMA.match(self._text, entry.end)
        start, end = entry.start, comma.end() if comma else entry.end
        line, after = self._text.rfind("\n", 0, start) + 1, self._after_line(end)
        rest = self._text[end:after].strip()
        if not self._text[line:start].strip() and (not rest or rest.startswith("#")) and after > end:
            start, end = line, after
        elif comma is None and (before := self._values.get((*trail[:-1], int(trail[-1]) - 1))) is not None:
            between = self._text[before.end : start]
            start = before.end if "\n" not in between else start
        elif comma is not None:
            end += len(self._text[end:after]) - len(self._text[end:after].lstrip(" \t"))
        self._new.append((start, end, ""))

    def _after_line(self, at: int) -> int:
        """Where the line behind this place begins."""
        found = self._text.find("\n", at)
        return len(self._text) if found < 0 else found + 1

    def _into_array(self, trail: Trail, array: Value, words: Sequence[str]) -> None:
        """After its last entry: in lines of their own where the bracket that closes it has one, else beside it."""
        last = self._values.get((*trail, len(self._held[str(trail[-1])]) - 1))
        bracket = array.end - 1
        line = self._text.rfind("\n", 0, bracket) + 1
        if "\n" in self._text[array.start : bracket] and not self._text[line:bracket].strip():
            if last is not None and not array.comma:
                self._put(last.end, ",")
            self._put(line, "".join(f"{self._indent(last)}{word},\n" for word in words))
        elif last is None:
            self._put(bracket, ", ".join(words))
        else:
            self._put(last.end, "".join(f", {word}" for word in words))

    def _indent(self, last: Value | None) -> str:
        """What stands before the last entry, where nothing but blanks does."""
        if last is None:
            return INDENT
        before = self._text[self._text.rfind("\n", 0, last.start) + 1 : last.start]
        return INDENT if before.strip() else before

    def line(self, words: str) -> None:
        """A line below the one with the name; in a table without a name below its last value, else below its header."""
        name = self._values.get((*self._table, "name"))
        ends = [value.end for trail, value in self._values.items() if trail[: len(self._table)] == self._table]
        if name is None and not ends and self._table not in self._places:
            raise NoPlaceError("the table stands nowhere")
        at = name.end if name else max(ends) if ends else self._line_start(self._places[self._table])
        self._put(self._line_end(at), f"\n{words}")

    def _line_start(self, number: int) -> int:
        """Where a line begins; lines are counted from 1."""
        return sum(len(line) + 1 for line in self._text.split("\n")[: number - 1])

    def _line_end(self, at: int) -> int:
        """Where a line ends, before its line break."""
        found = self._text.find("\n", at)
        end = len(self._text) if found < 0 else found
        return end - 1 if self._text[:end].endswith("\r") else end

    def _put(self, at: int, words: str) -> None:
        self._new.append((at, at, words))


def appended(text: str, words: str, meant: dict[str, Any]) -> str:
    """The text with lines of ours at its end, set off by a blank line; an empty text becomes a file that says what it is.

    Raises:
        NoPlaceError: it would not say what was meant.
    """
    bare = bare_text(text)
    before = bare if bare.strip() else HEADER
    gap = "" if before.endswith("\n") else "\n"
    return checked(text, before + f"{gap}\n{words}".replace("\n", line_break(bare)), meant)


def checked(old: str, new: str, meant: dict[str, Any]) -> str:
    """The new text, if it says what was meant and nothing else."""
    try:
        said = tomllib.loads(new.replace("\r\n", "\n"))
    except ValueError as error:
        raise NoPlaceError(str(error)) from error
    if said != meant:
        raise NoPlaceError("it would say something else")
    return _BOM + new if old.startswith(_BOM) else new


def data_of(text: str) -> dict[str, Any]:
    """What TOML reads in a text that is known to be valid, to be changed into what is meant."""
    return deepcopy(tomllib.loads(text.replace("\r\n", "\n")))


def bare_text(text: str) -> str:
    """The text without a byte order mark."""
    return text.removeprefix(_BOM)


def line_break(text: str) -> str:
    """How the text ends its lines."""
    return "\r\n" if "\r\n" in text else "\n"
