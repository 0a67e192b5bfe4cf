"""Adds a title to the text of a configuration: text in, text out, and every character that stood there stays.

What is new is put between what is old. A library that reads and writes the whole file would set inner blanks anew and gather
tables that lie apart; here nothing is written but the new words, and the result is read again and compared with what was
meant before anybody gets it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any

from watcher.catalogue import slug
from watcher.config.places import Trail, Value, values
from watcher.config.show import known_table, pairs, toml_value
from watcher.model import Known, ReleaseType, Status, Title

#: What a file of ours begins with.
HEADER = "# What watcher watches. All settings with what is in force: watcher config show\n"
_BOM = "\ufeff"
_INDENT = "  "
#: A list that makes a longer line has a line for each entry.
_LONGEST = 120
#: What a known value means where it does not say it.
_DEFAULTS = {"type": str(ReleaseType.THEATRICAL), "job": "actor", "status": str(Status.JOINS)}


class NoPlaceError(ValueError):
    """The text is written in a way in which nothing can be put between."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What somebody wants to be watched. `origin` is None where they did not say."""

    name: str
    aliases: tuple[str, ...] = ()
    context: tuple[str, ...] = ()
    exclusions: tuple[str, ...] = ()
    origin: str | None = None
    known: tuple[Known, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether it says nothing but the name."""
        return not (self.aliases or self.context or self.exclusions or self.origin or self.known)

    def beyond(self, title: Title) -> Wanted:
        """What of it the title has not got. A known value is the same whatever day it was known on."""
        held = {_undated(known) for known in title.known}
        return replace(
            self,
            name=title.name,
            aliases=_new(self.aliases, (title.name, *title.aliases)),
            context=_new(self.context, title.context),
            exclusions=_new(self.exclusions, title.exclusions),
            origin=self.origin if self.origin != title.origin else None,
            known=tuple(known for known in self.known if _undated(known) not in held),
        )

    def joined(self, title: Title) -> Wanted:
        """The title as it is, and what of this it has not got."""
        more = self.beyond(title)
        return Wanted(
            name=title.name,
            aliases=(*title.aliases, *more.aliases),
            context=(*title.context, *more.context),
            exclusions=(*title.exclusions, *more.exclusions),
            origin=more.origin or title.origin,
            known=(*title.known, *more.known),
        )


def block(wanted: Wanted) -> str:
    """The [[title]] as lines of TOML, without what nobody said."""
    lines = ["[[title]]"]
    for key, value in _table(wanted).items():
        if value and key != "known":
            (line,) = pairs({key: value})
            long = len(line) > _LONGEST and isinstance(value, tuple)
            lines += [f"{key} = [", *(f"{_INDENT}{toml_value(one)}," for one in value), "]"] if long else [line]
    if wanted.known:
        lines += ["known = [", *(f"{_INDENT}{_inline(known)}," for known in wanted.known), "]"]
    return "\n".join(lines) + "\n"


def added(text: str, wanted: Wanted) -> str:
    """The text with a new [[title]] at its end; an empty text becomes a file that says what it is.

    Raises:
        NoPlaceError: the file lists its titles in a way that takes no [[title]].
    """
    bare = text.removeprefix(_BOM)
    break_ = _line_break(bare)
    before = bare if bare.strip() else HEADER
    gap = "" if before.endswith("\n") else "\n"
    new = before + f"{gap}\n{block(wanted)}".replace("\n", break_)
    meant = _data(bare)
    meant["title"] = [*meant.get("title", ()), table_of(wanted)]
    return _checked(text, new, meant)


def extended(text: str, more: Wanted) -> str:
    """The text, its [[title]] of that name with more aliases, context, exclusions and known values, or another origin.

    Raises:
        NoPlaceError: the [[title]] is not there, or is written in a way that takes nothing more.
    """
    bare = text.removeprefix(_BOM)
    meant = _data(bare)
    number = _number(meant, more.name)
    table = meant["title"][number]
    pieces = _Pieces(bare, ("title", number), table)
    for key, value in table_of(more).items():
        if key == "origin":
            pieces.replace(key, value)
            table[key] = value
        elif key != "name":
            pieces.extend(key, value, [_inline(known) for known in more.known] if key == "known" else None)
            table[key] = [*table.get(key, ()), *value]
    return _checked(text, pieces.joined(), meant)


class _Pieces:
    """A text, and what is to be put into it at which places."""

    def __init__(self, text: str, table: Trail, held: dict[str, Any]) -> None:
        self._text, self._table, self._held = text, table, held
        self._values = values(text)
        self._break = _line_break(text)
        self._new: list[tuple[int, int, str]] = []

    def joined(self) -> str:
        """The text with everything put in."""
        parts, at = [], 0
        for start, end, words in sorted(self._new, key=lambda new: new[0]):
            parts += [self._text[at:start], words.replace("\n", self._break)]
            at = end
        return "".join(parts) + self._text[at:]

    def replace(self, key: str, value: str) -> None:
        """Another value for a key, or a line for it where there is none."""
        stands = self._values.get((*self._table, key))
        if stands is None:
            self._line(f"{key} = {toml_value(value)}")
        else:
            self._new.append((stands.start, stands.end, toml_value(value)))

    def extend(self, key: str, entries: Sequence[object], written: Sequence[str] | None = None) -> None:
        """More entries for a list, each `written` so; or a line for it where there is none, or more tables under headers."""
        words = list(written) if written is not None else [toml_value(entry) for entry in entries]
        stands = self._values.get((*self._table, key))
        if stands is not None:
            self._into_array((*self._table, key), stands, words)
        elif key not in self._held:
            self._line(f"{key} = [{', '.join(words)}]")
        else:
            last = max(value.end for trail, value in self._values.items() if trail[: len(self._table)] == self._table)
            tables = ["\n".join(("", "", f"[[title.{key}]]", *pairs(entry))) for entry in entries if isinstance(entry, dict)]
            self._put(self._line_end(last), "".join(tables))

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
            return _INDENT
        before = self._text[self._text.rfind("\n", 0, last.start) + 1 : last.start]
        return _INDENT if before.strip() else before

    def _line(self, words: str) -> None:
        """A line below the one with the name."""
        name = self._values.get((*self._table, "name"))
        if name is None:
            raise NoPlaceError("the name stands nowhere")
        self._put(self._line_end(name.end), f"\n{words}")

    def _line_end(self, at: int) -> int:
        """Where a line ends, before its line break."""
        found = self._text.find("\n", at)
        end = len(self._text) if found < 0 else found
        return end - 1 if self._text[:end].endswith("\r") else end

    def _put(self, at: int, words: str) -> None:
        self._new.append((at, at, words))


def _checked(old: str, new: str, meant: dict[str, Any]) -> str:
    """The new text, if it says what was meant and nothing else."""
    try:
        said = tomllib.loads(new.replace("\r\n", "\n"))
    except ValueError as error:
        raise NoPlaceError(str(error)) from error
    if said != meant:
        raise NoPlaceError("it would say something else")
    return _BOM + new if old.startswith(_BOM) else new


def _data(text: str) -> dict[str, Any]:
    return deepcopy(tomllib.loads(text.replace("\r\n", "\n")))


def _number(data: dict[str, Any], name: str) -> int:
    """Which [[title]] has a name."""
    for number, table in enumerate(data.get("title", ())):
        if slug(str(table.get("name", "")).strip()) == slug(name):
            return number
    raise NoPlaceError("no [[title]] has that name")


def _table(wanted: Wanted) -> dict[str, Any]:
    return {
        "name": wanted.name,
        "aliases": wanted.aliases,
        "context": wanted.context,
        "not": wanted.exclusions,
        "origin": wanted.origin,
        "known": tuple(_said(known) for known in wanted.known),
    }


def table_of(wanted: Wanted) -> dict[str, Any]:
    """The [[title]] as TOML reads it, without what nobody said."""
    return {
        key: list(value) if isinstance(value, tuple) else value
        for key, value in _table(wanted).items()
        if value is not None and value != ()
    }


def _said(known: Known) -> dict[str, Any]:
    """A known value as it is written: days in quotes, and nothing that goes without saying."""
    table = {**known_table(known), "on": known.on.isoformat()}
    return {key: value for key, value in table.items() if value is not None and value != _DEFAULTS.get(key)}


def _inline(known: Known) -> str:
    return f"{{ {', '.join(pairs(_said(known)))} }}"


def _undated(known: Known) -> tuple[object, ...]:
    """What a known value says, without the day and the source."""
    return (str(known.release), known.type, known.region, known.person, known.job, known.role, known.status, known.outlet)


def _new(words: Sequence[str], held: Sequence[str]) -> tuple[str, ...]:
    """The words that are not held yet, in any capitals, each once."""
    known = {word.casefold() for word in held}
    return tuple({word.casefold(): word for word in reversed(words) if word.casefold() not in known}.values())[::-1]


def _line_break(text: str) -> str:
    """How the text ends its lines."""
    return "\r\n" if "\r\n" in text else "\n"
