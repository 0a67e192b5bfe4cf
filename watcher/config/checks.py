"""What the shape cannot show: references, secrets, doubles, and settings that do not go together.

Works on the file as it was written, so that a wrong type in one place hides no problem in another.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from watcher import catalogue
from watcher.catalogue import host_of, slug
from watcher.config import values
from watcher.config.expand import Missing, ReadSecret, expand, expand_path, secret
from watcher.config.values import Invalid, Trail

Problem = tuple[Trail, str]

#: Without these nobody knows where anything lies.
_PATHS: tuple[Trail, ...] = (("watcher", "state"), ("watcher", "publish"))

#: How often somebody else's server may be asked at most; one that the user allowed by its address is taken for their own.
SHORTEST = "5m"


class Checks:
    """One look at a whole file. After `problems()`, `resolved` holds its addresses, secrets and paths as they came out.

    `spare` are the tables that may refer to what is not there: a stand-in takes its place.
    """

    def __init__(
        self,
        raw: Mapping[str, Any],
        *,
        environ: Mapping[str, str],
        base: Path,
        read_secret: ReadSecret,
        spare: Collection[str] = (),
    ) -> None:
        self.raw = raw
        self.environ = environ
        self.base = base
        self.read_secret = read_secret
        self.spare = spare
        self.resolved: dict[Trail, Any] = {}

    def problems(self) -> list[Problem]:
        """Everything that is wrong, in no order."""
        return [*self._general(), *self._titles(), *self._feeds(), *self._targets()]

    def _general(self) -> Iterator[Problem]:
        table = _table(self.raw.get("watcher"))
        for key in ("state", "publish"):
            if path := _said(table.get(key)):
                yield from self._resolve(("watcher", key), lambda text: expand_path(text, self.environ, self.base), path)
        yield from self._ping(table)
        if proxy := _said(_table(self.raw.get("fetch")).get("proxy")):
            yield from self._resolve(("fetch", "proxy"), lambda text: values.proxy(expand(text, self.environ)), proxy)

    def _ping(self, table: Mapping[str, Any]) -> Iterator[Problem]:
        """Where the address of the ping comes from. Nothing said here repeats it."""
        trail: Trail = ("watcher", "ping")
        if "ping" in table and "ping_file" in table:
            yield trail, "has two addresses; write either ping or ping_file"
        elif ping := _said(table.get("ping")):
            yield from self._resolve(trail, self._address, ping)
        elif file := _said(table.get("ping_file")):
            for _, words in self._resolve(trail, lambda text: values.web_address(self._secret(text)), file):
                yield ("watcher", "ping_file"), words

    def _titles(self) -> Iterator[Problem]:
        seen: dict[str, int] = {}
        for number, table in _tables(self.raw.get("title")):
            if name := _said(table.get("name")):
                first = seen.setdefault(slug(name), number)
                if first != number:
                    yield ("title", number, "name"), f"names the film of [[title]] {first + 1} again; leave one out"
            for place, entry in _tables(table.get("known")):
                if ("release" in entry) == ("person" in entry):
                    yield ("title", number, "known", place), "write either release or person, and one of them in each entry"

    def _feeds(self) -> Iterator[Problem]:
        seen: dict[str, int] = {}
        trusted: dict[str, tuple[int, object]] = {}
        for number, table in _tables(self.raw.get("feed")):
            trail: Trail = ("feed", number, "url")
            if address := _said(table.get("url")):
                yield from self._resolve(trail, self._address, address)
            url = self.resolved.get(trail)
            if url is not None:
                first = seen.setdefault(url, number)
                if first != number:
                    yield trail, f"is the address of [[feed]] {first + 1} too; leave one of them out"
                yield from self._pace(number, table, url)
            if "trust" in table and (name := _outlet_name(table, url)):
                first, trust = trusted.setdefault(name, (number, table["trust"]))
                if trust != table["trust"]:
                    yield ("feed", number, "trust"), f"is another than [[feed]] {first + 1} gives the same outlet; write the same"
        for number, entry in enumerate(_list(_table(self.raw.get("fetch")).get("not"))):
            if (own := seen.get(_said(entry) or "")) is not None:
                yield ("fetch", "not", number), f"is the address of [[feed]] {own + 1} too; leave one of them out"

    def _pace(self, number: int, table: Mapping[str, Any], url: str) -> Iterator[Problem]:
        """A feed that would be asked more often than is polite."""
        try:
            every = values.seconds("1s", "30d")(table.get("every", SHORTEST))
        except Invalid:
            return  # the shape says so
        if every < values.length_of(SHORTEST) and not self._is_own(url):
            yield (
                ("feed", number, "every"),
                f'{values.quoted(table["every"])} is too short; write at least "{SHORTEST}"',
            )

    def _is_own(self, url: str) -> bool:
        allowed = _table(self.raw.get("fetch")).get("allow_addresses")
        try:
            address = ipaddress.ip_address(host_of(url) or "")
            return any(address in ipaddress.ip_network(entry) for entry in allowed or ())
        except (ValueError, TypeError):  # a name instead of an address, or an entry that the shape complains of
            return False

    def _targets(self) -> Iterator[Problem]:
        seen: dict[str, int] = {}
        names = self._title_names()
        for number, table in _tables(self.raw.get("notify")):
            if target := _said(table.get("name")):
                first = seen.setdefault(target, number)
                if first != number:
                    yield ("notify", number, "name"), f"is the name of [[notify]] {first + 1} too; write another"
            yield from self._recipient(number, table)
            yield from self._twin(number, table)
            if table.get("on") == []:
                yield (
                    ("notify", number, "on"),
                    "is empty, so that it would tell nothing; leave the line or the whole [[notify]] out",
                )
            for place, title in enumerate(_list(table.get("titles"))):
                if (name := _said(title)) and name.casefold() not in names:
                    near = values.nearest(name.casefold(), names)
                    hint = f'did you mean "{names[near[0]]}"' if near else "write the name of a [[title]] or of a built-in one"
                    yield ("notify", number, "titles", place), f"{values.quoted(name)} is not watched; {hint}"

    def _recipient(self, number: int, table: Mapping[str, Any]) -> Iterator[Problem]:
        """Where a target's address comes from. Nothing said here repeats it."""
        given = [key for key in ("url", "url_file") if key in table]
        trail: Trail = ("notify", number, "url")
        if not given:
            yield ("notify", number), 'has no address; write url = "…" or url_file = "…"'
        elif len(given) == 2:
            yield ("notify", number), "has two addresses; write either url or url_file"
        elif url := _said(table.get("url")):
            yield from self._resolve(trail, lambda text: _service(expand(text, self.environ)), url)
        elif file := _said(table.get("url_file")):
            for _, words in self._resolve(trail, lambda text: _service(self._secret(text)), file):
                yield ("notify", number, "url_file"), words

    def _twin(self, number: int, table: Mapping[str, Any]) -> Iterator[Problem]:
        """A recipient who would get each alert twice. One address with two sets of rules is no mistake."""
        address = self.resolved.get(("notify", number, "url"))
        for earlier, other in _tables(self.raw.get("notify")):
            if earlier == number or address is None:
                return
            if self.resolved.get(("notify", earlier, "url")) == address and _rules(other) == _rules(table):
                yield ("notify", number), f"tells the same recipient the same as [[notify]] {earlier + 1}; leave one of them out"

    def _secret(self, file: str) -> str:
        return secret(file, self.environ, self.base, self.read_secret)

    def _address(self, text: str) -> str:
        return str(values.web_address(expand(text, self.environ)))

    def _resolve(self, trail: Trail, how: values.Check, text: str) -> Iterator[Problem]:
        try:
            self.resolved[trail] = how(text)
        except Missing as error:
            if trail[0] not in self.spare or trail in _PATHS:
                yield trail, str(error)
            elif len(trail) > 1 and isinstance(trail[1], int):
                # No two are the same, so that none is taken for the other's twin.
                self.resolved[trail] = text if trail[0] == "feed" else f"unread://{trail[1] + 1}"
        except Invalid as error:
            yield trail, str(error)

    def _title_names(self) -> dict[str, str]:
        """Every name by which a title may be meant, without capitals, and as it is written."""
        tables = [table for _, table in _tables(self.raw.get("title"))]
        own = [name for table in tables if (name := _said(table.get("name")))]
        aliases = [name for table in tables for alias in _list(table.get("aliases")) if (name := _said(alias))]
        known = catalogue.builtin().titles if _table(self.raw.get("watcher")).get("builtin_titles", True) else ()
        builtin = [name for title in known for name in (title.id, title.name, *title.aliases)]
        return {name.casefold(): name for name in [*builtin, *map(slug, own), *aliases, *own]}


def _outlet_name(table: Mapping[str, Any], url: str | None) -> str | None:
    """The name under which a feed's outlet is known, where the file says enough."""
    known = catalogue.builtin()
    if name := _said(table.get("outlet")):
        return known.outlet(name).name
    outlet = known.outlet_of(url) if url else None
    return outlet.name if outlet else None


def _rules(table: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in table.items() if key not in {"name", "url", "url_file"}}


def _service(address: str) -> str:
    """An address that Apprise may know; whether it does is found out where it is sent to."""
    if values.text(address).find("://") < 1:
        raise Invalid('is no address of a service; write "service://…", as in the list of Apprise')
    return address


def _said(value: object) -> str | None:
    """What a text says; None for whatever the shape will complain of."""
    try:
        return values.text(value)
    except Invalid:
        return None


def _table(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _tables(value: object) -> Iterator[tuple[int, Mapping[str, Any]]]:
    return ((number, table) for number, table in enumerate(_list(value)) if isinstance(table, dict))
