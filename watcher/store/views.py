"""Further questions to the store, for the verbs that show and explain: read-only SQL, as in `ask`."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from watcher.model import DeliveryState, Evidence, Fact, Key
from watcher.store import rows
from watcher.store.ask import EVIDENCE


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What became of one change for one target. `state` is None while nobody has tried; `dropped` says why it ended untold.

    `at` is when it was sent, else the first moment at which it may go out (UTC).
    """

    change: str
    target: str
    state: DeliveryState | None
    at: datetime
    dropped: str | None


def told(db: sqlite3.Connection, changes: Sequence[str]) -> list[Told]:
    """To whom these changes were told, or will be, in the order in which they were put down."""
    found = db.execute(
        "SELECT outbox.change, outbox.target, outbox.not_before, outbox.dropped, delivery.state, delivery.ended_at "
        "FROM outbox LEFT JOIN delivery ON delivery.id = outbox.delivery "
        "WHERE outbox.change IN (SELECT value FROM json_each(?)) ORDER BY outbox.id",
        [json.dumps(list(changes))],
    )
    return [
        Told(
            change=row["change"],
            target=row["target"],
            state=None if row["state"] is None else DeliveryState(row["state"]),
            at=rows.moment(row["ended_at"] or row["not_before"]),
            dropped=row["dropped"],
        )
        for row in found
    ]


def evidence_then(db: sqlite3.Connection, key: Key, at: datetime) -> list[Evidence]:
    """The claims about a fact that were current at a moment, in the order they are folded: edits came later."""
    asked = """
        WHERE claim.key = :key AND source.first_seen <= :at AND reading.read_at <= :at
          AND NOT EXISTS (SELECT 1 FROM source AS s WHERE s.item = source.item AND s.first_seen <= :at
            AND s.first_seen > source.first_seen AND (s.kind = source.kind OR (s.kind = 'page' AND source.kind = 'item')))
          AND NOT EXISTS (SELECT 1 FROM reading AS r WHERE r.source = source.id AND r.title = reading.title
            AND r.read_at <= :at AND r.read_at > reading.read_at)
        """
    found = db.execute(EVIDENCE + asked, {"key": str(key), "at": rows.stamp(at)})
    return sorted((rows.evidence_of(row) for row in found), key=lambda e: e.order)


def claims_of_item(db: sqlite3.Connection, item: str) -> list[str]:
    """The ids of the current claims of an item, in the order in which they stand in its text."""
    found = db.execute(
        "SELECT claim.id FROM claim JOIN reading ON reading.id = claim.reading JOIN source ON source.id = reading.source "
        'WHERE source.item = ? AND source.current AND reading.current ORDER BY claim.start, claim."end", claim.id',
        [item],
    )
    return [row["id"] for row in found]


def revisions(db: sqlite3.Connection, title: str) -> list[Fact]:
    """All revisions of all facts of a title."""
    return [rows.fact_of(row) for row in db.execute("SELECT * FROM revision WHERE title = ?", [title])]


def kept_since(db: sqlite3.Connection, title: str) -> datetime | None:
    """When the first revision of a title was recorded (UTC); None where nothing is held."""
    row = db.execute("SELECT min(recorded_at) FROM revision WHERE title = ?", [title]).fetchone()
    return rows.moment_or_none(row[0])


def was_told(db: sqlite3.Connection, item: str) -> bool:
    """Whether anybody was told of a change, or is to be told, because of an item."""
    found = db.execute(
        "SELECT 1 FROM change WHERE silent IS NULL AND EXISTS (SELECT 1 FROM json_each(change.sources) WHERE value = ?) LIMIT 1",
        [item],
    )
    return found.fetchone() is not None


def claims_ever(db: sqlite3.Connection, source: str) -> list[Evidence]:
    """All claims that were ever read in a source."""
    return [rows.evidence_of(row) for row in db.execute(EVIDENCE + "WHERE reading.source = ? ORDER BY claim.id", [source])]
