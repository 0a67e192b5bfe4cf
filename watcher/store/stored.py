"""Questions of who reads everything again: the stored texts, what was read in them, and all that is said. As in `ask`."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

from watcher.decide.intents import ItemVersion
from watcher.model import Evidence, Key, Source, SourceKind, Verdict
from watcher.store import rows
from watcher.store.ask import EVIDENCE, SOURCE
from watcher.store.linked import item_behind

#: So many texts are held in memory at once.
CHUNK = 200

_TEXTS = """
FROM source JOIN item_version AS v ON v.id = source.version JOIN item ON item.id = source.item
WHERE source.current AND source.kind IN ('item', 'page') AND item.ignored_at IS NULL
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A text that counts: its source, the version, and of a page the version of its item that the feed has now."""

    source: Source
    version: ItemVersion
    behind: ItemVersion | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Was:
    """How a source was read for a title before. `id` names that reading."""

    id: str
    title: str
    reader: str
    verdict: Verdict
    outcome: str
    said: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """All that is said now: by key the claims with the readings they stand in, and which readings are current."""

    by_key: dict[Key, list[tuple[str, Evidence]]] = field(default_factory=dict)
    readings: frozenset[str] = frozenset()


def count_texts(db: sqlite3.Connection) -> int:
    """How many texts count."""
    return int(db.execute(f"SELECT count(*) {_TEXTS}").fetchone()[0])


def texts(db: sqlite3.Connection) -> Iterator[list[Text]]:
    """The texts that count, in the order of their ids, some at a time: a writer may work between two chunks."""
    last = ""
    while True:
        found = db.execute(
            f"SELECT v.*, item.guid, item.feed, {SOURCE} {_TEXTS} AND source.id > ? ORDER BY source.id LIMIT ?",
            [last, CHUNK],
        ).fetchall()
        if not found:
            return
        last = found[-1]["s_id"]
        yield [_text(db, row) for row in found]


def readings(db: sqlite3.Connection, sources: Sequence[str]) -> dict[str, dict[str, Was]]:
    """How these sources were read: by source and title, the reading that counts."""
    given = json.dumps(list(sources))
    said: dict[str, list[Evidence]] = {}
    condition = "WHERE reading.current AND reading.source IN (SELECT value FROM json_each(?))"
    for row in db.execute(EVIDENCE + condition, [given]):
        said.setdefault(row["reading"], []).append(rows.evidence_of(row))
    found: dict[str, dict[str, Was]] = {}
    for row in db.execute("SELECT * FROM reading WHERE current AND source IN (SELECT value FROM json_each(?))", [given]):
        found.setdefault(row["source"], {})[row["title"]] = Was(
            id=row["id"],
            title=row["title"],
            reader=row["reader"],
            verdict=Verdict(row["verdict"]),
            outcome=row["outcome"],
            said=tuple(sorted(said.get(row["id"], ()), key=lambda e: e.id)),
        )
    return found


def all_said(db: sqlite3.Connection, titles: Collection[str]) -> Said:
    """All claims about these titles that count, and all readings that do."""
    given = json.dumps(list(titles))
    by_key: dict[Key, list[tuple[str, Evidence]]] = {}
    condition = "WHERE source.current AND reading.current AND reading.title IN (SELECT value FROM json_each(?))"
    for row in db.execute(EVIDENCE + condition + " ORDER BY claim.id", [given]):
        evidence = rows.evidence_of(row)
        by_key.setdefault(evidence.key, []).append((row["reading"], evidence))
    current = db.execute(
        "SELECT reading.id FROM reading JOIN source ON source.id = reading.source " + condition,
        [given],
    )
    return Said(by_key=by_key, readings=frozenset(row["id"] for row in current))


def current_sources(db: sqlite3.Connection, sources: Sequence[str]) -> frozenset[str]:
    """Which of these sources still count."""
    found = db.execute(
        f"SELECT source.id {_TEXTS} AND source.id IN (SELECT value FROM json_each(?))",
        [json.dumps(list(sources))],
    )
    return frozenset(row["id"] for row in found)


def _text(db: sqlite3.Connection, row: sqlite3.Row) -> Text:
    source = rows.source_of(row, "s_")
    behind = item_behind(db, source.item) if source.kind is SourceKind.PAGE else None
    return Text(source=source, version=rows.version_of(row), behind=behind[0] if behind else None)
