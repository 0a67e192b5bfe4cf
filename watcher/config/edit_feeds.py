"""Adds feeds to the text of a configuration, takes some out, and keeps the list of those that are never asked.

As with titles, every character that is not meant stays where it stood.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from watcher.config.pieces import INDENT, Pieces, appended, bare_text, checked, data_of
from watcher.config.show import pairs, toml_value

#: The key under [fetch] with the feeds that are never asked.
NOT = "not"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewFeed:
    """A [[feed]] to write; what is None is left out. `every` is a duration as the file has it, "30m"."""

    url: str
    outlet: str | None = None
    trust: str | None = None
    every: str | None = None

    @property
    def table(self) -> dict[str, Any]:
        """As TOML reads it."""
        said = {"url": self.url, "outlet": self.outlet, "trust": self.trust, "every": self.every}
        return {key: value for key, value in said.items() if value is not None}


def block(feed: NewFeed) -> str:
    """The [[feed]] as lines of TOML."""
    return "\n".join(["[[feed]]", *pairs(feed.table)]) + "\n"


def feeds_added(text: str, feeds: Sequence[NewFeed]) -> str:
    """The text with more feeds: at its end, or within the brackets in which it lists them.

    Raises:
        NoPlaceError: the file is written in a way that takes none.
    """
    if not feeds:
        return text
    bare = bare_text(text)
    meant = data_of(bare)
    held = meant.get("feed", [])
    lists = Pieces(bare, (), data_of(bare))
    meant["feed"] = [*held, *(feed.table for feed in feeds)]
    if lists.has("feed"):
        lists.extend("feed", feeds, [f"{{ {', '.join(pairs(feed.table))} }}" for feed in feeds])
        return checked(text, lists.joined(), meant)
    return appended(text, "\n".join(block(feed) for feed in feeds), meant)


def feed_removed(text: str, number: int) -> str:
    """The text without its [[feed]] of that number, counted from 0, and the comments between its lines.

    Raises:
        NoPlaceError: it cannot be taken out.
    """
    bare = bare_text(text)
    meant = data_of(bare)
    pieces = Pieces(bare, (), meant)
    pieces.take_out("feed", number)
    del meant["feed"][number]
    if not meant["feed"] and not pieces.has("feed"):
        del meant["feed"]
    return checked(text, pieces.joined(), meant)


def refused(text: str, urls: Sequence[str]) -> str:
    """The text with more addresses under [fetch] that are never asked.

    Raises:
        NoPlaceError: the file is written in a way that takes none.
    """
    if not urls:
        return text
    bare = bare_text(text)
    meant = data_of(bare)
    fetch = meant.get("fetch")
    written = [f"{INDENT}{toml_value(url)},\n" for url in urls]
    lines = f"{NOT} = [\n{''.join(written)}]"
    if fetch is None:
        meant["fetch"] = {NOT: list(urls)}
        return appended(text, f"[fetch]\n{lines}\n", meant)
    pieces = Pieces(bare, ("fetch",), data_of(bare)["fetch"])
    if NOT in fetch:
        pieces.extend(NOT, urls)
    else:
        pieces.line(lines)
    fetch[NOT] = [*fetch.get(NOT, ()), *urls]
    return checked(text, pieces.joined(), meant)


def allowed(text: str, url: str) -> str:
    """The text without an address among those that are never asked, however often it stands there.

    Raises:
        NoPlaceError: it cannot be taken out.
    """
    bare = bare_text(text)
    meant = data_of(bare)
    said = [str(entry).strip() for entry in meant.get("fetch", {}).get(NOT, ())]
    if url not in said:
        return text
    number = said.index(url)
    pieces = Pieces(bare, ("fetch",), meant["fetch"])
    pieces.take_out(NOT, number)
    del meant["fetch"][NOT][number]
    return allowed(checked(text, pieces.joined(), meant), url)
