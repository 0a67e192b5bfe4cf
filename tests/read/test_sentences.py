"""Sentences of our own, as film journalists write them: what a careful reader takes from each, and nothing else."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from readings import OUTLETS

from watcher.edtf import Edtf
from watcher.model import CreditClaim, Item, Precision, ReleaseClaim, ReleaseType, Status, Title
from watcher.read import Reader

DATA: dict[str, Any] = tomllib.loads(Path(__file__).with_name("sentences.toml").read_text(encoding="utf-8"))
TITLES = {
    t["id"]: Title(
        id=t["id"],
        name=t["name"],
        aliases=tuple(t.get("aliases", ())),
        context=tuple(t["context"]),
        exclusions=tuple(t.get("exclusions", ())),
        origin=t.get("origin", "US"),
    )
    for t in DATA["title"]
}
NOT_YET = frozenset(DATA["not_yet"])
ANY = "any"
WEEKDAY = re.compile(r"(\w+day),? (\w+ \d{1,2}, \d{4})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One text of the data with what a careful reader takes from it.

    `release` are (date, type) or (date, type, region), where the region `any` fits every region and none. `credit` are
    (person, status, job) or (person, status, job, role). `maybe` are "person status" or "person status job":
    neither right nor wrong.
    """

    name: str
    title: str
    text: str
    published: date
    headline: str = ""
    release: tuple[tuple[str, ...], ...] = ()
    credit: tuple[tuple[str, ...], ...] = ()
    maybe: tuple[str, ...] = ()


def entry(row: dict[str, Any]) -> Entry:
    """An entry of the data; a key that is not ours fails."""
    lists: dict[str, Any] = {k: tuple(tuple(c) for c in row.get(k, ())) for k in ("release", "credit")}
    return Entry(**{**row, **lists, "maybe": tuple(row.get("maybe", ()))})


ENTRIES = [entry(row) for row in DATA["sentence"]]


def params() -> list[Any]:
    """Every entry, with what is not read yet marked as a failure that must be struck from the list once it passes."""
    marks = {True: (pytest.mark.xfail(reason="not read yet", strict=True),), False: ()}
    return [pytest.param(e, id=e.name.replace(" ", "-"), marks=marks[e.name in NOT_YET]) for e in ENTRIES]


@cache
def reader(title: str) -> Reader:
    """A reader that watches one title."""
    return Reader([TITLES[title]], OUTLETS)


def compare(e: Entry) -> tuple[list[str], list[str]]:
    """What is missing in the reading of an entry, and what it has too much."""
    published = datetime.combine(e.published, time(), UTC)
    item = Item(guid=e.name, title=e.headline, body=e.text, published=published, precision=Precision.DAY)
    claims = [c for r in reader(e.title).read(item, None) if r.title == e.title for c in r.claims]
    dated = {(c.date.text, c.type.value, c.region or "") for c in claims if isinstance(c, ReleaseClaim)}
    people = {(c.person, c.status.value, c.job): c.role or "" for c in claims if isinstance(c, CreditClaim)}
    missing: list[str] = []
    for wanted in e.release:
        day, kind, region = (*wanted, "")[:3]
        found = {d for d in dated if d[:2] == (day, kind) and region in (ANY, d[2])}
        dated -= found
        missing += [] if found else [f"release {day} {kind} {region or '-'}"]
    for wanted in e.credit:
        person, status, job = wanted[:3]
        found_role = people.pop((person, status, job), None)
        role = wanted[3] if len(wanted) > 3 else found_role
        missing += [] if found_role is not None and role == found_role else [f"credit {wanted} (role read: {found_role!r})"]
    extra = [f"release {day} {kind} {region or '-'}" for day, kind, region in sorted(dated)]
    extra += [f"credit {c}" for c in sorted(people) if not {" ".join(c[:2]), " ".join(c)} & set(e.maybe)]
    return missing, extra


@pytest.mark.parametrize("e", params())
def test_a_text_gives_what_a_careful_reader_takes(e: Entry) -> None:
    """Each text gives exactly its dates with type and region, and its people with status and job."""
    missing, extra = compare(e)
    assert (missing, extra) == ([], []), f"{e.headline} | {e.text}\n  missing: {missing}\n  extra: {extra}"


def test_the_data_is_in_order() -> None:
    """Names and texts are unique, the list of what is not read yet names entries, and every label is of the model's words."""
    assert [n for n, many in Counter(e.name for e in ENTRIES).items() if many > 1] == []
    assert [t for t, many in Counter(e.text for e in ENTRIES).items() if many > 1] == []
    assert NOT_YET - {e.name for e in ENTRIES} == set()
    for e in ENTRIES:
        for day, kind, *_ in e.release:
            assert Edtf(day).text == day
            assert ReleaseType(kind) == kind
        for person, status, *_ in e.credit:
            assert person in f"{e.headline} {e.text}", e.name
            assert Status(status) == status
        for written in e.maybe:
            assert set(written.split()) & {s.value for s in Status}, e.name


def test_weekdays_in_the_data_are_those_of_the_calendar() -> None:
    """A full date that a text gives with its weekday falls on that weekday."""
    for e in ENTRIES:
        for weekday, day in WEEKDAY.findall(f"{e.headline} {e.text}"):
            assert f"{datetime.strptime(day, '%B %d, %Y').replace(tzinfo=UTC):%A}" == weekday, e.name
