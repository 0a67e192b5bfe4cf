"""What `watcher` knows before it has read anything: outlets, feeds and the titles that it ships with.

All of it is data, in the TOML files beside this one. `builtin()` reads them once, when somebody first asks.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import urlsplit

from watcher.catalogue.build import slug, tag_slug, title_from
from watcher.model import Feed, Outlet, Title, Trust

__all__ = ["Catalogue", "builtin", "host_of", "parent_domains", "plain_name", "slug", "title_from"]

#: What feeds and copies add to an outlet's name: "Screen Rant RSS", "NewsBreak (Deadline text)".
_TRIMMING = re.compile(r"\s*(?:\([^()]*\)|\brss)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """Outlets, feeds and titles, with the outlets found by name and by host.

    `tags` are patterns of feeds, with `{slug}` for a tag.
    """

    outlets: tuple[Outlet, ...] = ()
    feeds: tuple[Feed, ...] = ()
    titles: tuple[Title, ...] = ()
    tags: tuple[Feed, ...] = ()
    _names: dict[str, Outlet] = field(init=False, repr=False, compare=False)
    _hosts: dict[str, Outlet] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Index the outlets; where two share an alias, the name itself wins over the alias, and the first over the second."""
        names = {plain_name(outlet.name): outlet for outlet in self.outlets}
        hosts: dict[str, Outlet] = {}
        for outlet in self.outlets:
            for alias in outlet.aliases:
                names.setdefault(plain_name(alias), outlet)
            for host in outlet.hosts:
                hosts.setdefault(host, outlet)
        object.__setattr__(self, "_names", names)
        object.__setattr__(self, "_hosts", hosts)

    def outlet(self, name: str) -> Outlet:
        """The outlet of that name, alias or host, in any capitals; one that nobody knows owns itself and counts as press."""
        return self.find(name) or Outlet(name=name, owner=name, trust=Trust.PRESS)

    def find(self, name: str) -> Outlet | None:
        """The outlet of that name, alias or host, in any capitals; None where the catalogue has none."""
        plain = plain_name(name)
        known = self._names.get(plain) or self._names.get(_TRIMMING.sub("", plain))
        if known is None and "." in plain and " " not in plain:
            known = self._by_host(plain)
        return known

    def outlet_of(self, url: str) -> Outlet | None:
        """The outlet whose host, or a parent domain of it, stands in the URL; None where no outlet is known by it."""
        host = host_of(url)
        return self._by_host(host) if host else None

    def tag_feeds(self, names: Iterable[str], outlets: Container[str]) -> tuple[Feed, ...]:
        """The feeds in which these outlets gather what they tagged with any of these names."""
        slugs = dict.fromkeys(found for name in names if (found := tag_slug(name)))
        asked = [pattern for pattern in self.tags if pattern.outlet in outlets]
        return tuple(replace(feed, url=feed.url.replace("{slug}", found)) for feed in asked for found in slugs)

    def with_outlets(self, *outlets: Outlet) -> Catalogue:
        """This catalogue with the given outlets in the place of those of the same name, new ones at the end."""
        merged = {plain_name(outlet.name): outlet for outlet in (*self.outlets, *outlets)}
        return replace(self, outlets=tuple(merged.values()))

    def _by_host(self, host: str) -> Outlet | None:
        return next((self._hosts[parent] for parent in parent_domains(host) if parent in self._hosts), None)


def host_of(url: str) -> str | None:
    """The host in a URL, in lower case; None where it has none or is no URL."""
    try:
        return urlsplit(url).hostname
    except ValueError:  # a bracket that never closes
        return None


def parent_domains(host: str) -> Iterator[str]:
    """A host and the domains that it lies in, but for the last label alone."""
    labels = host.rstrip(".").split(".")
    return (".".join(labels[start:]) for start in range(len(labels) - 1))


@cache
def builtin() -> Catalogue:
    """The catalogue that ships with `watcher`; read once."""
    feeds = _rows("feeds.toml", "feed")
    return Catalogue(
        outlets=tuple(_outlet(row) for row in _rows("outlets.toml", "outlet")),
        feeds=tuple(Feed(url=row["url"], outlet=row["outlet"], every=row.get("every")) for row in feeds),
        titles=_titles(),
        tags=tuple(Feed(url=row["tag"], outlet=row["outlet"]) for row in feeds if "tag" in row),
    )


def _titles() -> tuple[Title, ...]:
    folder = files(__name__) / "titles"
    texts = sorted((file.name, file.read_text("utf-8")) for file in folder.iterdir() if file.name.endswith(".toml"))
    return tuple(title_from(tomllib.loads(text), builtin=True) for _, text in texts)


def _rows(file: str, key: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = tomllib.loads((files(__name__) / file).read_text("utf-8"))[key]
    return rows


def _outlet(row: dict[str, Any]) -> Outlet:
    return Outlet(
        name=row["name"],
        owner=row.get("owner", row["name"]),
        country=row.get("country"),
        trust=Trust(row.get("trust", Trust.PRESS)),
        aliases=tuple(row.get("aliases", ())),
        hosts=tuple(row.get("hosts", ())),
    )


def plain_name(name: str) -> str:
    """A name as it is compared: no capitals, one kind of blank, no article before it."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split()).removeprefix("the ")
