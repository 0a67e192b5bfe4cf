"""What truly happened to films, from a file, to hold a replay against: read, checked, and refused with the place of a mistake.

The file is one JSON object; a key is a title's name, alias or id, and its value has two lists, in the order of the events::

    {"Glass Orchard": {
      "dates":   [{"reported": "2025-03-04", "kind": "theatrical", "region": "US", "old": null, "new": "2026-05-01"}],
      "casting": [{"reported": "2025-03-10", "person": "Ada Quill", "status": "joins"}]}}

`reported` is the day, month or year of the first report. `kind` is a release type. Dates are EDTF; `new` is null or "unset" for
one taken off the calendar. `region` may be left out; `also` lists further countries with the same date. `certainty`: "rumoured"
leaves a date out, and so does a `new` equal to `old`. `status` is joins, in_talks, exits, rumoured, denied or died. Keys that
are not named here are passed over.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from watcher.clean import plain
from watcher.cli.raw import utf8
from watcher.decide.keys import WORLD, person_slug
from watcher.edtf import UNSET, Edtf
from watcher.errors import DateError, UsageError
from watcher.model import ReleaseType, Status, Title

#: What the file may call a status, beside our own words for it.
_STATUSES = {status.value: status for status in Status} | {
    "in talks": Status.IN_TALKS,
    "confirmed": Status.JOINS,
    "cameo": Status.JOINS,
    "listed": Status.JOINS,
    "recast": Status.EXITS,
}
#: What the file may call a country.
_REGIONS = {"UK": "GB"}


@dataclass(frozen=True, slots=True, kw_only=True)
class DateEvent:
    """A release date as it was first reported; without a region it is the title's own country's, or any."""

    reported: Edtf
    type: ReleaseType
    new: Edtf
    region: str | None = None
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CastEvent:
    """Where a person came to stand, as it was first reported."""

    reported: Edtf
    person: str
    status: Status

    @property
    def slug(self) -> str:
        """The person's name as keys have it."""
        return person_slug(self.person)


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """What truly happened to one title, in the order of the file."""

    dates: tuple[DateEvent, ...] = ()
    people: tuple[CastEvent, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """The stories of the titles that are watched, by id, and the names in the file that are not."""

    of: Mapping[str, Story]
    left_out: tuple[str, ...] = ()


def read_truth(path: str, find: Callable[[str], Title | None]) -> Truth:
    """The truth in a file, for the titles that `find` knows.

    Raises:
        UsageError: it cannot be read, or something in it is wrong; the text names the place and what to write.
    """
    rows = _load(path)
    of: dict[str, Story] = {}
    left_out: list[str] = []
    for name, value in rows.items():
        story = _story(value, f"{path}: {plain(name)}")
        title = find(name)
        if title is None:
            left_out.append(name)
        else:
            of[title.id] = story
    if not of:
        raise UsageError(f"{path}: tells of no title that is watched; it has: {plain(', '.join(left_out)) or 'nothing'}")
    return Truth(of=of, left_out=tuple(left_out))


def _load(path: str) -> dict[str, Any]:
    try:
        text = utf8(Path(path).read_bytes(), path)
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {(error.strerror or 'no reason given').lower()}") from error
    except ValueError as error:
        raise UsageError(f"{path!r} is no name of a file") from error
    try:
        rows = json.loads(text.lstrip("\ufeff"))
    except json.JSONDecodeError as error:
        raise UsageError(f"{path}, line {error.lineno}, column {error.colno}: is no JSON: {error.msg}") from error
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{path}: is no JSON that can be read") from error
    if not isinstance(rows, dict):
        raise UsageError(f'{path}: is no JSON object; write {{"NAME OF A TITLE": {{"dates": […], "casting": […]}}}}')
    return rows


def _story(value: object, where: str) -> Story:
    if not isinstance(value, dict):
        raise UsageError(f'{where}: is no JSON object; write {{"dates": […], "casting": […]}}')
    dates = (_date_event(row, place) for row, place in _rows(value, "dates", where))
    people = (_cast_event(row, place) for row, place in _rows(value, "casting", where))
    return Story(dates=tuple(event for event in dates if event is not None), people=tuple(people))


def _rows(value: dict[str, Any], key: str, where: str) -> Iterator[tuple[dict[str, Any], str]]:
    """The rows of a list, each with its place."""
    rows = value.get(key) or []
    if not isinstance(rows, list):
        raise UsageError(f'{where}: "{key}" is no list')
    for number, row in enumerate(rows, 1):
        place = f"{where}, {key}, row {number}"
        if not isinstance(row, dict):
            raise UsageError(f"{place}: is no JSON object")
        yield row, place


def _date_event(row: dict[str, Any], where: str) -> DateEvent | None:
    """A row of dates; None where it says itself that nothing happened, or that it is not known to have."""
    kind = _word(row, "kind", where)
    if kind not in list(ReleaseType):
        raise UsageError(f'{where}: "kind" is {kind!r}; write one of: {", ".join(ReleaseType)}')
    event = DateEvent(
        reported=_reported(row, where),
        type=ReleaseType(kind),
        new=UNSET if row.get("new") is None else _edtf(row, "new", where),
        region=_region(row["region"], "region", where) if row.get("region") is not None else None,
        also=tuple(filter(None, (_region(one, "also", where) for one in _list(row, "also", where)))),
    )
    nothing = event.new == (UNSET if row.get("old") is None else _edtf(row, "old", where))
    return None if nothing or row.get("certainty") == "rumoured" else event


def _cast_event(row: dict[str, Any], where: str) -> CastEvent:
    status = _word(row, "status", where)
    if status not in _STATUSES:
        raise UsageError(f'{where}: "status" is {status!r}; write one of: {", ".join(_STATUSES)}')
    return CastEvent(reported=_reported(row, where), person=_word(row, "person", where), status=_STATUSES[status])


def _word(row: dict[str, Any], key: str, where: str) -> str:
    value = row.get(key)
    if not isinstance(value, str) or not value.strip():
        raise UsageError(f'{where}: has no "{key}"; it needs a text')
    return plain(value)


def _list(row: dict[str, Any], key: str, where: str) -> list[object]:
    value = row.get(key) or []
    if not isinstance(value, list):
        raise UsageError(f'{where}: "{key}" is no list')
    return value


def _region(value: object, key: str, where: str) -> str | None:
    """A country's code; None for the whole world, which is anywhere."""
    if not isinstance(value, str) or not (value == WORLD or (len(value) == 2 and value.isascii() and value.isupper())):
        raise UsageError(f'{where}: "{key}" is {json.dumps(value)[:40]}; write a country as US, GB, DE')
    return None if value == WORLD else _REGIONS.get(value, value)


def _reported(row: dict[str, Any], where: str) -> Edtf:
    when = _edtf(row, "reported", where)
    if when.is_unset:
        raise UsageError(f'{where}: "reported" is no time; write the day, month or year of the first report')
    return when


def _edtf(row: dict[str, Any], key: str, where: str) -> Edtf:
    text = _word(row, key, where)
    try:
        return Edtf(text)
    except DateError as error:
        raise UsageError(f'{where}: "{key}": {error}') from error
