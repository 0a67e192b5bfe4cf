"""Where in a TOML file a key stands. `tomllib` gives values without places, and a problem without its line is half told."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from typing import NamedTuple

from watcher.config.values import Trail

_TOKEN = re.compile(
    r"""
    (?P<blank> [ \t\r]+ | \#[^\n]* )
  | (?P<newline> \n )
  | (?P<string> \"{3}(?:\\.|[^\\])*?\"{3,5} | '{3}.*?'{3,5} | "(?:\\.|[^"\\\n])*" | '[^'\n]*' )
  | (?P<mark> [\[\]{}=,.] )
  | (?P<word> [^\s\#"'\[\]{}=,.]+ )
    """,
    re.VERBOSE | re.DOTALL,
)


class _Token(NamedTuple):
    kind: str
    text: str
    line: int
    start: int = 0

    @property
    def end(self) -> int:
        return self.start + len(self.text)


class Value(NamedTuple):
    """Where a value stands in the text: from `start` to `end`; `comma` says that one follows the last entry of an array."""

    start: int
    end: int
    comma: bool = False


def places(text: str) -> dict[Trail, int]:
    """The line, counted from 1, of every table, key and array element of a TOML text that `tomllib` has accepted."""
    return _Locator(text).locate()


def line_of(found: dict[Trail, int], trail: Trail) -> int:
    """The line of a trail, or of the nearest thing around it that stands in the file; 1 for the file as a whole."""
    return next((found[trail[:end]] for end in range(len(trail), 0, -1) if trail[:end] in found), 1)


def values(text: str) -> dict[Trail, Value]:
    """Where every value of a TOML text stands that `tomllib` has accepted; tables under headers of their own are none."""
    locator = _Locator(text)
    locator.locate()
    return locator.values


class _Locator:
    """A walk along the tokens of a valid file that notes where each thing begins, and where each value stands."""

    def __init__(self, text: str) -> None:
        self.tokens = list(_tokens(text))
        self.at = 0
        self.found: dict[Trail, int] = {}
        self.values: dict[Trail, Value] = {}
        self.lengths: dict[Trail, int] = {}

    def locate(self) -> dict[Trail, int]:
        table: Trail = ()
        while (token := self._peek()) is not None:
            if token.kind == "newline":
                self.at += 1
            elif token.text == "[":
                table = self._header()
            else:
                self._pair(table)
        return self.found

    def _header(self) -> Trail:
        line, many = self._next().line, False
        if (token := self._peek()) and token.text == "[":
            many = bool(self._next())
        *parents, last = self._key("]")
        table: Trail = ()
        for name in parents:
            self.found.setdefault((*table, name), line)
            table = self._inside((*table, name))
        table = (*table, last)
        if many:
            self._next()
            self.found.setdefault(table, line)
            self.lengths[table] = self.lengths.get(table, 0) + 1
        table = self._inside(table)
        self.found.setdefault(table, line)
        return table

    def _inside(self, table: Trail) -> Trail:
        """The last element where the trail names an array of tables, since later headers mean that one."""
        return (*table, self.lengths[table] - 1) if table in self.lengths else table

    def _pair(self, table: Trail) -> None:
        start = self._peek()
        trail = (*table, *self._key("="))
        if start:
            for end in range(len(table) + 1, len(trail) + 1):
                self.found.setdefault(trail[:end], start.line)
        self._value(trail)

    def _key(self, end: str) -> list[str]:
        parts = []
        while (token := self._next()).text != end or token.kind == "string":
            if token.text != "." or token.kind == "string":
                parts.append(_unquoted(token))
        return parts

    def _value(self, trail: Trail) -> None:
        """Walk over one value; numbers and dates are several tokens, so a plain value ends where something else begins."""
        token = self._peek()
        start, comma = self.at, False
        if token and token.text == "[":
            comma = self._array(trail)
        elif token and token.text == "{":
            self._inline(trail)
        else:
            self.at += 1
            while (token := self._peek()) and (token.kind in ("string", "word") or token.text == "."):
                self.at += 1
        self.values[trail] = Value(self.tokens[start].start, self.tokens[self.at - 1].end, comma)

    def _array(self, trail: Trail) -> bool:
        """Walk over an array; whether a comma follows its last entry."""
        self._next()
        count, comma = 0, False
        while (token := self._peek()) and token.text != "]":
            if token.kind == "newline" or token.text == ",":
                comma = comma or token.text == ","
                self.at += 1
                continue
            self.found[(*trail, count)] = token.line
            self._value((*trail, count))
            count, comma = count + 1, False
        self._next()
        return comma

    def _inline(self, trail: Trail) -> None:
        self._next()
        while (token := self._peek()) and token.text != "}":
            if token.kind == "newline" or token.text == ",":
                self.at += 1
            else:
                self._pair(trail)
        self._next()

    def _peek(self) -> _Token | None:
        return self.tokens[self.at] if self.at < len(self.tokens) else None

    def _next(self) -> _Token:
        self.at += 1
        return self.tokens[self.at - 1]


def _tokens(text: str) -> Iterator[_Token]:
    line = 1
    for match in _TOKEN.finditer(text):
        if match.lastgroup != "blank":
            yield _Token(match.lastgroup or "", match.group(), line, match.start())
        line += match.group().count("\n")


def _unquoted(token: _Token) -> str:
    if token.kind != "string":
        return token.text
    return next(iter(tomllib.loads(f"{token.text} = 0")))
