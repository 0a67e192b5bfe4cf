"""The shape of the configuration: which keys there are and what each may hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from watcher.config import values
from watcher.config.values import Invalid, Trail
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
_REQUIRED: dict[tuple[str, ...], str] = {
    ("title", "name"): 'name = "Dune: Part Three"',
    ("title", "known", "on"): 'on = "2025-03-01", the day it was reported',
    ("feed", "url"): 'url = "https://…"',
    ("notify", "name"): 'name = "phone"',
}


def shape(raw: Mapping[str, Any]) -> tuple[dict[str, Any], list[tuple[Trail, str]]]:
    """The checked settings, and every problem of their shape; with a problem the settings are empty."""
    problems: list[tuple[Trail, str]] = []
    checked = _checked(raw, _TABLES, (), problems)
    return ({} if problems else checked), problems


def _checked(value: object, known: Any, trail: Trail, problems: list[tuple[Trail, str]]) -> Any:  # noqa: ANN401 - as TOML has it
    """What a value comes to by its part of `_TABLES`; with what is wrong in it, wherever, `problems` grow."""
    if isinstance(known, dict):
        if isinstance(value, dict):
            return _checked_table(value, known, trail, problems)
        wanted = f"[{trail[0]}]" if len(trail) == 1 else "{ key = value }"
        problems.append((trail, f"is {values.kind_of(value)}; write a table, {wanted}"))
    elif isinstance(known, list):
        if isinstance(value, list):
            return [_checked(entry, known[0], (*trail, number), problems) for number, entry in enumerate(value)]
        several = f"may stand several times; write [[{trail[0]}]]"
        problems.append((trail, several if len(trail) == 1 else 'is no list; write it in brackets, ["…"]'))
    else:
        try:
            return known(value)
        except Invalid as error:
            problems.append((trail, str(error)))
    return None


def _checked_table(
    table: Mapping[str, Any], known: Mapping[str, Any], trail: Trail, problems: list[tuple[Trail, str]]
) -> dict[str, Any]:
    names = tuple(step for step in trail if isinstance(step, str))
    missing = {key: _REQUIRED[*names, key] for key in known if key not in table and (*names, key) in _REQUIRED}
    problems += [((*trail, key), f"is missing; write {example}") for key, example in missing.items()]
    problems += [((*trail, key), _unknown(key, list(known), top=not trail)) for key in table if key not in known]
    return {key: _checked(value, known[key], (*trail, key), problems) for key, value in table.items() if key in known}


def _unknown(key: str, known: list[str], *, top: bool) -> str:
    near = values.nearest(key.casefold(), known)
    names = [_header(name) if top else name for name in (near or known)]
    return f"is not known; did you mean {names[0]}?" if near else f"is not known; there are {', '.join(names)}"


def _header(name: str) -> str:
    return f"[[{name}]]" if isinstance(_TABLES[name], list) else f"[{name}]"


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
