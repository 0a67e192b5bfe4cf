"""Adds a title to the text of a configuration: text in, text out, and every character that stood there stays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from watcher.catalogue import slug
from watcher.config.pieces import INDENT, NoPlaceError, Pieces, appended, bare_text, checked, data_of
from watcher.config.show import known_table, pairs, toml_value
from watcher.model import Known, ReleaseType, Status, Title

#: A list that makes a longer line has a line for each entry.
_LONGEST = 120
#: What a known value means where it does not say it.
_DEFAULTS = {"type": str(ReleaseType.THEATRICAL), "job": "actor", "status": str(Status.JOINS)}


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
            lines += [f"{key} = [", *(f"{INDENT}{toml_value(one)}," for one in value), "]"] if long else [line]
    if wanted.known:
        lines += ["known = [", *(f"{INDENT}{_inline(known)}," for known in wanted.known), "]"]
    return "\n".join(lines) + "\n"


def added(text: str, wanted: Wanted) -> str:
    """The text with a new [[title]] at its end; an empty text becomes a file that says what it is.

    Raises:
        NoPlaceError: the file lists its titles in a way that takes no [[title]].
    """
    meant = data_of(bare_text(text))
    meant["title"] = [*meant.get("title", ()), table_of(wanted)]
    return appended(text, block(wanted), meant)


def extended(text: str, more: Wanted) -> str:
    """The text, its [[title]] of that name with more aliases, context, exclusions and known values, or another origin.

    Raises:
        NoPlaceError: the [[title]] is not there, or is written in a way that takes nothing more.
    """
    bare = bare_text(text)
    meant = data_of(bare)
    number = _number(meant, more.name)
    table = meant["title"][number]
    pieces = Pieces(bare, ("title", number), table)
    for key, value in table_of(more).items():
        if key == "origin":
            pieces.replace(key, value)
            table[key] = value
        elif key != "name":
            pieces.extend(key, value, [_inline(known) for known in more.known] if key == "known" else None)
            table[key] = [*table.get(key, ()), *value]
    return checked(text, pieces.joined(), meant)


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
