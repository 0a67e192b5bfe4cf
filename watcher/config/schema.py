"""The shape of the configuration: which keys there are and what each may hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from voluptuous import DictInvalid, Invalid, MultipleInvalid, Required, RequiredFieldInvalid, Schema, SequenceTypeInvalid

from watcher.config import values
from watcher.config.places import Trail
from watcher.model import Confidence, ReleaseType, Status, Trust

#: The kinds of alerts.
_KINDS = ("release", "casting", "countdown", "health")

_TABLES: dict[str, Any] = {
    "watcher": {
        "timezone": values.timezone,
        "language": values.language,
        "regions": [values.region],
        "contact": values.text,
        "state": values.text,
        "keep": values.span("4w", "5200w"),
        "publish": values.text,
        "ping": values.text,
        "ping_file": values.text,
        "builtin_titles": values.flag,
        "builtin_feeds": values.flag,
    },
    "fetch": {
        "every": values.seconds("5m", "30d"),
        "allow_addresses": [values.network],
        "proxy": values.text,
        "article_pages": values.flag,
        "not": [values.web_address],
    },
    "policy": {
        "fresh_for": values.span("1h", "52w"),
        "group_wait": values.span("0s", "1d"),
        "confirm_origins": values.number(1, 10),
    },
    "title": [
        {
            "name": values.text,
            "aliases": [values.text],
            "context": [values.text],
            "not": [values.text],
            "origin": values.country,
            "known": [
                {
                    "on": values.day,
                    "release": values.edtf,
                    "type": values.member(ReleaseType),
                    "region": values.region,
                    "person": values.text,
                    "job": values.text,
                    "role": values.text,
                    "status": values.member(Status),
                    "outlet": values.text,
                    "url": values.web_address,
                    "pin": values.flag,
                }
            ],
        }
    ],
    "feed": [
        {
            "url": values.text,
            "outlet": values.text,
            "trust": values.member(Trust),
            "every": values.seconds("1s", "30d", advice="5m"),
        }
    ],
    "notify": [
        {
            "name": values.text,
            "url": values.text,
            "url_file": values.text,
            "on": [values.choice(_KINDS)],
            "titles": [values.text],
            "regions": [values.region],
            "min_confidence": values.member(Confidence),
            "quiet_hours": values.quiet_hours,
            "digest": values.clock,
            "milestones": [values.number(0, 3650)],
            "on_unknown": values.choice(["resend", "hold"]),
            "priority": dict.fromkeys(_KINDS, values.choice(["info", "success", "warning", "failure"])),
        }
    ],
}

#: Keys without which a table says nothing, and an example for those who left one out.
_REQUIRED = {
    ("title", "name"): 'name = "Dune: Part Three"',
    ("title", "known", "on"): 'on = "2025-03-01", the day it was reported',
    ("feed", "url"): 'url = "https://…"',
    ("notify", "name"): 'name = "phone"',
}


def shape(raw: Mapping[str, Any]) -> tuple[dict[str, Any], list[tuple[Trail, str]]]:
    """The checked settings, and every problem of their shape; with a problem the settings are empty."""
    try:
        checked: dict[str, Any] = _SCHEMA(raw)
    except MultipleInvalid as error:
        found = ((_trail(one), one) for one in error.errors)
        return {}, [(trail, _words(trail, one, raw)) for trail, one in found]
    return checked, []


def _compiled(known: object, names: tuple[str, ...] = ()) -> object:
    """A check of voluptuous for a part of `_TABLES`; `names` are the keys that lead to it."""
    if isinstance(known, list):
        return _each(_compiled(known[0], names))
    if not isinstance(known, dict):
        return known
    return Schema({_key((*names, key)): _compiled(inner, (*names, key)) for key, inner in known.items()})


def _key(names: tuple[str, ...]) -> str | Required:
    return Required(names[-1], msg=f"is missing; write {_REQUIRED[names]}") if names in _REQUIRED else names[-1]


def _each(check: object) -> values.Check:
    """A list, with the problems of all elements: voluptuous' own stops at the first element that has one inside."""
    element = Schema(check)

    def checked(value: object) -> list[Any]:
        if not isinstance(value, list):
            raise SequenceTypeInvalid("is no list")
        good, bad = [], []
        for number, entry in enumerate(value):
            try:
                good.append(element(entry))
            except MultipleInvalid as error:
                error.prepend([number])
                bad += error.errors
        if bad:
            raise MultipleInvalid(bad)
        return good

    return checked


_SCHEMA = Schema(_compiled(_TABLES))


def _trail(error: Invalid) -> Trail:
    return tuple(step if isinstance(step, int) else str(step) for step in error.path)


def _words(trail: Trail, error: Invalid, raw: Mapping[str, Any]) -> str:
    """The error of voluptuous in words for somebody who never heard of it."""
    if isinstance(error, RequiredFieldInvalid):
        return str(error.msg)
    if isinstance(error, DictInvalid):
        is_top = len(trail) == 1
        return f"is {values.kind_of(_at(raw, trail))}; write a table, " + (f"[{trail[0]}]" if is_top else "{ key = value }")
    if isinstance(error, SequenceTypeInvalid):
        return f"may stand several times; write [[{trail[0]}]]" if len(trail) == 1 else 'is no list; write it in brackets, ["…"]'
    known = _known_keys(trail[:-1])
    if known is not None and trail[-1] not in known:
        return _unknown(str(trail[-1]), known, top=len(trail) == 1)
    return str(error.msg)


def _known_keys(trail: Trail) -> list[str] | None:
    """The keys that the table at a trail may have; None where there is no table."""
    known: Any = _TABLES
    for step in trail:
        known = known[0] if isinstance(step, int) else known[step]
    return list(known) if isinstance(known, dict) else None


def _unknown(key: str, known: list[str], *, top: bool) -> str:
    near = values.nearest(key.casefold(), known)
    names = [_header(name) if top else name for name in (near or known)]
    return f"is not known; did you mean {names[0]}?" if near else f"is not known; there are {', '.join(names)}"


def _header(name: str) -> str:
    return f"[[{name}]]" if isinstance(_TABLES[name], list) else f"[{name}]"


def _at(raw: Mapping[str, Any], trail: Trail) -> object:
    found: Any = raw
    for step in trail:
        found = found[step]
    return found


def where(trail: Trail) -> str:
    """A trail as the user wrote it: `[watcher], every` or `[[title]] 2, known 1, on`."""
    if not trail:
        return ""
    top, rest = str(trail[0]), list(trail[1:])
    many = isinstance(_TABLES.get(top), list)
    words = [f"[[{top}]]" if many else f"[{values.printable(top)}]"]
    for step in rest:
        if isinstance(step, int):
            words[-1] += f" {step + 1}"
        else:
            words.append(values.printable(str(step)))
    return ", ".join(words)
