"""What `watcher` knows before it has read anything: outlets, feeds and the titles that it ships with.

All of it is data, in the files beside this one. `builtin()` reads them once, when somebody first asks.
"""

from __future__ import annotations

import csv
import re
import tomllib
import unicodedata
from collections.abc import Container, Iterable
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from watcher.catalogue.build import slug, tag_slug, title_from
from watcher.model import Feed, Outlet, Title, Trust

__all__ = ["Catalogue", "Index", "builtin", "host_of", "slug", "title_from"]

#: Where the data lies. `importlib.resources` would find it inside a zip file too, and costs every command 8 ms.
_HERE = Path(__file__).parent

#: What feeds and copies add to an outlet's name: "Screen Rant RSS", "NewsBreak (Deadline text)".
_TRIMMING = re.compile(r"\s*(?:\([^()]*\)|\brss)$")


class Index:
    """Outlets by name, alias and host. Where two share one, a name wins over an alias, and the first outlet over the second."""

    __slots__ = ("_aliases", "_hosts", "_named")

    def __init__(self, outlets: Iterable[Outlet]) -> None:
        self._named: dict[str, Outlet] = {}
        #: The plain name of the outlet that an alias or a host stands for.
        self._aliases: dict[str, str] = {}
        self._hosts: dict[str, str] = {}
        for outlet in outlets:
            self.put(outlet)

    def put(self, outlet: Outlet) -> None:
        """One more outlet, or another in the place of that of the same name."""
        name = _plain(outlet.name)
        was = self._named.get(name)
        if was is not None:
            for words, known in ((map(_plain, was.aliases), self._aliases), (was.hosts, self._hosts)):
                for word in words:
                    if known.get(word) == name:
                        del known[word]
        self._named[name] = outlet
        for alias in outlet.aliases:
            self._aliases.setdefault(_plain(alias), name)
        for host in outlet.hosts:
            self._hosts.setdefault(host, name)

    def find(self, name: str) -> Outlet | None:
        """As of the catalogue."""
        plain = _plain(name)
        known = self._called(plain) or self._called(_TRIMMING.sub("", plain))
        if known is None and "." in plain and " " not in plain:
            known = self._by_host(plain)
        return known

    def outlet_of(self, url: str) -> Outlet | None:
        """As of the catalogue."""
        host = host_of(url)
        return self._by_host(host) if host else None

    def _called(self, plain: str) -> Outlet | None:
        return self._named.get(plain) or self._named.get(self._aliases.get(plain, ""))

    def _by_host(self, host: str) -> Outlet | None:
        labels = host.rstrip(".").split(".")
        parents = (".".join(labels[start:]) for start in range(len(labels) - 1))
        return next((self._named[self._hosts[parent]] for parent in parents if parent in self._hosts), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """Outlets, feeds and titles, with the outlets found by name and by host.

    `tags` are patterns of feeds, with `{slug}` for a tag.
    """

    outlets: tuple[Outlet, ...] = ()
    feeds: tuple[Feed, ...] = ()
    titles: tuple[Title, ...] = ()
    tags: tuple[Feed, ...] = ()
    _index: Index = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Index the outlets."""
        object.__setattr__(self, "_index", Index(self.outlets))

    def outlet(self, name: str) -> Outlet:
        """The outlet of that name, alias or host, in any capitals; one that nobody knows owns itself and counts as press."""
        return self.find(name) or Outlet(name=name, owner=name, trust=Trust.PRESS)

    def find(self, name: str) -> Outlet | None:
        """The outlet of that name, alias or host, in any capitals; None where the catalogue has none."""
        return self._index.find(name)

    def outlet_of(self, url: str) -> Outlet | None:
        """The outlet whose host, or a parent domain of it, stands in the URL; None where no outlet is known by it."""
        return self._index.outlet_of(url)

    def tag_feeds(self, names: Iterable[str], outlets: Container[str]) -> tuple[Feed, ...]:
        """The feeds in which these outlets gather what they tagged with any of these names."""
        slugs = dict.fromkeys(found for name in names if (found := tag_slug(name)))
        asked = [pattern for pattern in self.tags if pattern.outlet in outlets]
        return tuple(replace(feed, url=feed.url.replace("{slug}", found)) for feed in asked for found in slugs)

    def with_outlets(self, *outlets: Outlet) -> Catalogue:
        """This catalogue with the given outlets in the place of those of the same name, new ones at the end."""
        merged = {_plain(outlet.name): outlet for outlet in (*self.outlets, *outlets)}
        return replace(self, outlets=tuple(merged.values()))


def host_of(url: str) -> str | None:
    """The host in a URL, in lower case; None where it has none or is no URL."""
    try:
        return urlsplit(url).hostname
    except ValueError:  # a bracket that never closes
        return None


@cache
def builtin() -> Catalogue:
    """The catalogue that ships with `watcher`; read once."""
    feeds = _rows("feeds.toml", "feed")
    return Catalogue(
        outlets=_outlets(),
        feeds=tuple(Feed(url=row["url"], outlet=row["outlet"], every=row.get("every")) for row in feeds),
        titles=_titles(),
        tags=tuple(Feed(url=row["tag"], outlet=row["outlet"]) for row in feeds if "tag" in row),
    )


def _titles() -> tuple[Title, ...]:
    folder = _HERE / "titles"
    texts = sorted((file.name, file.read_text("utf-8")) for file in folder.iterdir() if file.name.endswith(".toml"))
    return tuple(title_from(tomllib.loads(text), builtin=True) for _, text in texts)


def _rows(file: str, key: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = tomllib.loads((_HERE / file).read_text("utf-8"))[key]
    return rows


def _outlets() -> tuple[Outlet, ...]:
    """The outlets of the table, whose first row has the names of its columns."""
    lines = (_HERE / "outlets.csv").read_text("utf-8").splitlines()
    _, *rows = csv.reader(line for line in lines if line and not line.startswith("#"))
    return tuple(
        Outlet(
            name=name,
            owner=owner or name,
            country=country or None,
            trust=Trust(trust or Trust.PRESS),
            aliases=tuple(filter(None, aliases.split("|"))),
            hosts=tuple(filter(None, hosts.split("|"))),
        )
        for name, owner, country, trust, aliases, hosts in rows
    )


def _plain(name: str) -> str:
    """A name as it is compared: no capitals, one kind of blank, no article before it."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split()).removeprefix("the ")
