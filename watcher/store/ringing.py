"""What the countdown asks of the store: which releases may ring, and which milestones wait or were told."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Mapping
from datetime import date, datetime

from watcher.decide.milestones import KIND, Ledger, OtherRung
from watcher.model import Fact, ReleaseKey
from watcher.store import rows
from watcher.store.store import Store

_EARLY = """
SELECT outbox.id, outbox.delivery FROM outbox LEFT JOIN delivery ON delivery.id = outbox.delivery
WHERE outbox.kind = :kind AND outbox.dropped IS NULL AND outbox.created_at > :now
  AND (delivery.id IS NULL OR (delivery.state = 'pending' AND NOT delivery.may_repeat))
"""


def ledger_mark(db: sqlite3.Connection) -> int:
    """Another number whenever a fact has a new revision: the ledger only grows."""
    return int(db.execute("SELECT coalesce(max(rowid), 0) FROM revision").fetchone()[0])


def titles_since(db: sqlite3.Connection, mark: int) -> set[str]:
    """The titles of which a fact has a new revision since the ledger had this mark."""
    return {row["title"] for row in db.execute("SELECT DISTINCT title FROM revision WHERE rowid > ?", [mark])}


def ledgers(db: sqlite3.Connection, titles: Collection[str], since: date) -> Mapping[str, Ledger]:
    """The releases, with all their revisions, of those titles that have a release on a day that is not before `since`."""
    dated = db.execute(
        "SELECT DISTINCT title FROM fact WHERE title IN (SELECT value FROM json_each(?)) AND length(date) = 10 AND date >= ?",
        [json.dumps(sorted(titles)), since.isoformat()],
    )
    names = json.dumps([row["title"] for row in dated])
    found: dict[str, dict[ReleaseKey, list[Fact]]] = {}
    told = db.execute(
        "SELECT * FROM revision WHERE title IN (SELECT value FROM json_each(?)) AND instr(key, '/release/') "
        "ORDER BY title, key, revision",
        [names],
    )
    for row in told:
        fact = rows.fact_of(row)
        if isinstance(fact.key, ReleaseKey):
            found.setdefault(fact.key.title, {}).setdefault(fact.key, []).append(fact)
    return found


def other_rungs(db: sqlite3.Connection, target: str, subject: str) -> list[OtherRung]:
    """The other milestones of the same release and date that a target was or is to be told."""
    prefix = "/".join(subject.split("/")[:6]) + "/"
    found = db.execute(
        "SELECT outbox.id > (SELECT id FROM outbox WHERE target = :target AND subject = :subject) AS later, delivery.state, "
        "delivery.ended_at FROM outbox LEFT JOIN delivery ON delivery.id = outbox.delivery WHERE outbox.target = :target "
        "AND outbox.subject BETWEEN :prefix AND :prefix || '~' AND outbox.subject <> :subject AND outbox.dropped IS NULL",
        {"target": target, "subject": subject, "prefix": prefix},
    )
    return [
        OtherRung(later=bool(row["later"]), sent_at=rows.moment(row["ended_at"]) if row["state"] == "sent" else None)
        for row in found
    ]


def forget_early(store: Store, now: datetime) -> int:
    """Forget the milestones that a clock ahead of ours rang and that never left: they ring again when their hour comes.

    What was to leave with them waits again: a delivery may be named after the milestone, and its name is used once.
    """
    found = store.connection.execute(_EARLY, {"kind": KIND, "now": rows.stamp(now)}).fetchall()
    if found:
        made = json.dumps([row["delivery"] for row in found if row["delivery"] is not None])
        with store.transaction() as db:
            db.execute("DELETE FROM outbox WHERE id IN (SELECT value FROM json_each(?))", [json.dumps([r["id"] for r in found])])
            db.execute("UPDATE outbox SET delivery = NULL WHERE delivery IN (SELECT value FROM json_each(?))", [made])
            db.execute("DELETE FROM delivery WHERE id IN (SELECT value FROM json_each(?))", [made])
    return len(found)
