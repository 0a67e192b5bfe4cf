"""From the text of a configuration to its `Config`, or to every problem that it has."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from watcher import catalogue
from watcher.catalogue import Catalogue, Index, host_of, title_from
from watcher.config.checks import Checks
from watcher.config.expand import ReadSecret
from watcher.config.schema import shape, where
from watcher.config.settings import TERMINAL, Config, Policy
from watcher.config.values import Trail
from watcher.errors import ConfigError
from watcher.model import Confidence, Feed, Outlet, Target, Title, Trust

_AT = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")


def parse_config(
    text: str, *, path: str, environ: Mapping[str, str], read_secret: ReadSecret, spare: Collection[str] = ()
) -> Config:
    """The settings that a configuration file's text makes, the built-in ones among them.

    `path` is the file's, for messages and for paths relative to it; it is not opened. `read_secret` reads a `url_file`.
    `spare` are tables whose secrets and references may be missing, for somebody who needs none of them.

    Raises:
        ConfigError: with all problems, each a line `PATH:LINE: [[feed]] 2, every: what is wrong; what to write`.
    """
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    raw = _toml(text, path)
    checks = Checks(raw, environ=environ, base=Path(path).parent, read_secret=read_secret, spare=spare)
    checked, problems = shape(raw)
    problems += checks.problems()
    if problems:
        from watcher.config.places import line_of, places  # noqa: PLC0415 - only for what is wrong

        found = places(text)
        lines = sorted({(line_of(found, trail), where(trail), words) for trail, words in problems})
        raise ConfigError([f"{path}:{line}: {place}: {words}" for line, place, words in lines])
    return _config(checked, checks.resolved)


def _toml(text: str, path: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise ConfigError([f"{path}:1: brackets are nested too deeply"]) from None
    except ValueError as error:
        said = str(error)
        at = _AT.search(said)
        line = int(at[1]) if at and at[1] else text.count("\n") + 1
        column = f" (column {at[2]})" if at and at[2] else ""
        raise ConfigError([f"{path}:{line}: this is no TOML: {_AT.sub('', said)}{column}"]) from None


def _config(checked: Mapping[str, Any], resolved: Mapping[Trail, Any]) -> Config:
    """Settings from a checked file. `resolved` holds what its secrets, paths and references came to."""
    general, fetch = checked.get("watcher", {}), checked.get("fetch", {})
    known = catalogue.builtin()
    titles = _titles(checked, known)
    feeds, outlets = _feeds(checked, known, resolved)
    return Config(
        timezone=general.get("timezone"),
        language=general.get("language", "en"),
        regions=tuple(general["regions"]) if general.get("regions") else None,
        contact=general.get("contact"),
        state=resolved.get(("watcher", "state")),
        publish=resolved.get(("watcher", "publish")),
        ping=resolved.get(("watcher", "ping")),
        builtin_titles=general.get("builtin_titles", True),
        builtin_feeds=general.get("builtin_feeds", True),
        **_given(general, "keep"),
        **_given(fetch, "every", "article_pages"),
        allow_addresses=tuple(fetch.get("allow_addresses", ())),
        refused=tuple(fetch.get("not", ())),
        proxy=resolved.get(("fetch", "proxy")),
        policy=Policy(**checked.get("policy", {})),
        titles=titles,
        feeds=feeds,
        outlets=outlets,
        targets=tuple(_targets(checked, titles, resolved)) or (TERMINAL,),
    )


def _given(table: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    """Those of the keys that the user wrote, lists as tuples; the rest keep their default."""
    return {key: tuple(table[key]) if isinstance(table[key], list) else table[key] for key in keys if key in table}


def _titles(checked: Mapping[str, Any], known: Catalogue) -> tuple[Title, ...]:
    """The user's titles, after the built-in ones that they do not replace."""
    own = tuple(title_from(table) for table in checked.get("title", ()))
    if not checked.get("watcher", {}).get("builtin_titles", True):
        return own
    taken = {title.id for title in own}
    return (*(title for title in known.titles if title.id not in taken), *own)


def _feeds(checked: Mapping[str, Any], known: Catalogue, resolved: Mapping[Trail, Any]) -> tuple[tuple[Feed, ...], Catalogue]:
    """The user's feeds after the built-in ones that they neither replace nor refuse, and the outlets with the user's trust."""
    own: dict[str, Feed] = {}
    refused = frozenset(checked.get("fetch", {}).get("not", ()))
    known = replace(known, tags=tuple(tag for tag in known.tags if tag.url not in refused)) if refused else known
    # A catalogue with one more outlet takes as long to make as one with all of them.
    index, added = Index(known.outlets), []
    for number, table in enumerate(checked.get("feed", ())):
        url = resolved["feed", number, "url"]
        outlet = _outlet(table, url, index)
        if outlet != index.find(outlet.name):
            index.put(outlet)
            added.append(outlet)
        own[url] = Feed(url=url, outlet=outlet.name, every=table.get("every"))
    builtin = known.feeds if checked.get("watcher", {}).get("builtin_feeds", True) else ()
    taken = refused | own.keys()
    return (*(feed for feed in builtin if feed.url not in taken), *own.values()), known.with_outlets(*added) if added else known


def _outlet(table: Mapping[str, Any], url: str, outlets: Index) -> Outlet:
    """The outlet of a feed: the one it names, else the one that its host belongs to, else the host itself."""
    named = outlets.find(table["outlet"]) if "outlet" in table else outlets.outlet_of(url)
    if named is None:
        host = host_of(url) or url
        name = table.get("outlet", host)
        named = Outlet(name=name, owner=name, hosts=() if outlets.outlet_of(url) else (host,))
    return replace(named, trust=Trust(table["trust"])) if "trust" in table else named


def _targets(checked: Mapping[str, Any], titles: tuple[Title, ...], resolved: Mapping[Trail, Any]) -> Iterator[Target]:
    by_name = Config(titles=titles)
    for number, table in enumerate(checked.get("notify", ())):
        wanted = (by_name.title(name) for name in table.get("titles", ()))
        yield Target(
            name=table["name"],
            url=resolved["notify", number, "url"],
            titles=tuple(title.id for title in wanted if title),
            regions=tuple(table.get("regions", ())),
            min_confidence=Confidence(table.get("min_confidence", Confidence.REPORTED)),
            hold_unknown=table.get("on_unknown") == "hold",
            priority=tuple(table.get("priority", {}).items()),
            **_given(table, "on", "quiet_hours", "digest", "milestones"),
        )
