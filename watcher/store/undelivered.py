"""What has not left the outbox: listed, tried again, or ended untold because nobody is to hear it any more."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from watcher.model import Change, Confidence
from watcher.store import ask, rows
from watcher.store.store import Store

#: Not at its end, and not on its way either.
_STILL = "delivery.state IN ('pending', 'unknown')"
_WAITING = """
SELECT outbox.*, CASE WHEN instr(:sureness, fact.confidence) < instr(:sureness, outbox.needs) THEN outbox.needs END AS lacks
FROM outbox LEFT JOIN change ON change.id = outbox.change LEFT JOIN fact ON fact.key = change.key
WHERE outbox.target = :target AND outbox.delivery IS NULL AND outbox.dropped IS NULL ORDER BY outbox.not_before, outbox.id
"""
_EMPTY = f"DELETE FROM delivery WHERE {ask.OPEN} AND NOT EXISTS (SELECT 1 FROM outbox WHERE outbox.delivery = delivery.id)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Undelivered:
    """One delivery that did not get through, or rows that wait for the same moment (`id` None, no attempts). Times are UTC.

    `state` is waiting (for its time), pending (tried, and tried again), sending, unknown or dead. `titles` are the titles that
    it tells of, "" for the service's own; `kinds` are those of its rows, one for each, and `changes` what it tells. `due_at` is
    its earliest next try, None where it is not tried by itself. `needs` is how sure its changes must become before they leave,
    None where they are, and `detail` says why it did not get through.
    """

    id: str | None
    target: str
    state: str
    titles: tuple[str, ...]
    kinds: tuple[str, ...]
    changes: tuple[Change, ...]
    since: datetime
    due_at: datetime | None
    attempts: int = 0
    may_repeat: bool = False
    needs: Confidence | None = None
    detail: str | None = None


def undelivered(db: sqlite3.Connection, target: str) -> list[Undelivered]:
    """All that a target has not got, what was tried first, the oldest first."""
    tried = db.execute(
        "SELECT delivery.*, target.not_before AS rests FROM delivery LEFT JOIN target ON target.name = delivery.target "
        "WHERE delivery.target = ? AND state <> 'sent' ORDER BY created_at, id",
        [target],
    ).fetchall()
    found = [_tried(db, row) for row in tried]
    waiting: dict[tuple[str, str, str | None], list[sqlite3.Row]] = {}
    for row in db.execute(_WAITING, {"target": target, "sureness": ask.SURENESS}):
        waiting.setdefault((row["title"], row["not_before"], row["lacks"]), []).append(row)
    return [*found, *(_waiting(db, target, several) for several in waiting.values())]


def _tried(db: sqlite3.Connection, row: sqlite3.Row) -> Undelivered:
    held = db.execute("SELECT * FROM outbox WHERE delivery = ? ORDER BY id", [row["id"]]).fetchall()
    rests = max((at for at in (row["not_before"], row["rests"]) if at is not None), default=None)
    return Undelivered(
        id=row["id"],
        target=row["target"],
        state=row["state"],
        titles=tuple(dict.fromkeys(one["title"] for one in held)),
        kinds=tuple(one["kind"] for one in held),
        changes=_changes(db, held),
        since=rows.moment(row["created_at"]),
        due_at=None if row["state"] in ("dead", "sending") else rows.moment(rests or row["created_at"]),
        attempts=row["attempts"],
        may_repeat=bool(row["may_repeat"]),
        detail=row["detail"],
    )


def _waiting(db: sqlite3.Connection, target: str, held: list[sqlite3.Row]) -> Undelivered:
    return Undelivered(
        id=None,
        target=target,
        state="waiting",
        titles=(held[0]["title"],),
        kinds=tuple(one["kind"] for one in held),
        changes=_changes(db, held),
        since=rows.moment(min(one["created_at"] for one in held)),
        due_at=rows.moment(held[0]["not_before"]) if held[0]["lacks"] is None else None,
        needs=None if held[0]["lacks"] is None else Confidence(held[0]["lacks"]),
    )


def _changes(db: sqlite3.Connection, held: list[sqlite3.Row]) -> tuple[Change, ...]:
    return tuple(ask.changes_by_id(db, [one["change"] for one in held if one["change"]]))


def retry(store: Store, ids: Collection[str]) -> int:
    """Have deliveries tried again as soon as their targets may be rung: dead, held and resting ones. Returns how many."""
    given = json.dumps(list(ids))
    with store.transaction() as db:
        asked = (
            "UPDATE delivery SET state = 'pending', refused = 0, not_before = NULL, ended_at = NULL "
            "WHERE id IN (SELECT value FROM json_each(?)) AND state IN ('pending', 'unknown', 'dead')"
        )
        tried = db.execute(asked, [given]).rowcount
        db.execute(
            "UPDATE target SET not_before = NULL WHERE name IN "
            "(SELECT target FROM delivery WHERE id IN (SELECT value FROM json_each(?)))",
            [given],
        )
        return int(tried)


def mute(store: Store, title: str, until: datetime | None, reason: str) -> int:
    """Silence a title until then, or let it speak again (None). Returns how many alerts waited that nobody gets now."""
    with store.transaction() as db:
        db.execute("UPDATE title SET muted_until = ? WHERE id = ?", [rows.stamp_or_none(until), title])
        return _drop_title(store, title, reason) if until is not None else 0


def drop_muted(store: Store, reasons: Mapping[str, str]) -> int:
    """Drop what waits for muted titles (with the reason for each): somebody made it while the title was being muted."""
    waiting = "SELECT count(*) FROM outbox WHERE dropped IS NULL AND title IN (SELECT value FROM json_each(?))"
    waiting += f" AND (delivery IS NULL OR delivery IN (SELECT id FROM delivery WHERE {_STILL}))"
    if not reasons or not store.connection.execute(waiting, [json.dumps(list(reasons))]).fetchone()[0]:
        return 0
    with store.transaction():
        return sum(_drop_title(store, title, reason) for title, reason in reasons.items())


def drop_strangers(store: Store, targets: Collection[str], reason: str) -> dict[str, int]:
    """End untold what waits for targets that are none of these any more. Returns how many rows that are, by target."""
    strange = "target NOT IN (SELECT value FROM json_each(?)) AND dropped IS NULL AND (delivery IS NULL OR delivery IN "
    strange += f"(SELECT id FROM delivery WHERE {ask.OPEN}))"
    given = json.dumps(list(targets))
    found = store.connection.execute(f"SELECT target, count(*) AS rows FROM outbox WHERE {strange} GROUP BY target", [given])
    dropped = {row["target"]: row["rows"] for row in found}
    if dropped:
        with store.transaction() as db:
            db.execute(f"UPDATE outbox SET dropped = ?, delivery = NULL WHERE {strange}", [reason, given])
            db.execute(_EMPTY)
    return dropped


def _drop_title(store: Store, title: str, reason: str) -> int:
    """End untold what waits for a title, and keep the reason on the changes that nobody at all was told of."""
    given = {"title": title, "why": reason, "perhaps": f"{reason}; it may have been sent before"}
    db = store.db
    dropped = db.execute(
        "UPDATE outbox SET dropped = CASE WHEN delivery IN (SELECT id FROM delivery WHERE may_repeat) THEN :perhaps "
        "ELSE :why END, delivery = NULL WHERE title = :title AND dropped IS NULL AND (delivery IS NULL OR delivery IN "
        f"(SELECT id FROM delivery WHERE {_STILL}))",
        given,
    ).rowcount
    db.execute(_EMPTY)
    db.execute(
        "UPDATE change SET silent = :why WHERE title = :title AND silent IS NULL AND id IN "
        "(SELECT change FROM outbox WHERE dropped = :why) AND id NOT IN "
        "(SELECT change FROM outbox WHERE title = :title AND change IS NOT NULL AND dropped IS NOT :why)",
        given,
    )
    return int(dropped)


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenUp:
    """A delivery that is not tried again by itself: the title of its message, and why."""

    id: str
    target: str
    subject: str
    detail: str


def given_up(db: sqlite3.Connection) -> list[GivenUp]:
    """All deliveries that were given up."""
    return [
        GivenUp(id=row["id"], target=row["target"], subject=row["subject"] or "", detail=row["detail"] or "")
        for row in db.execute("SELECT * FROM delivery WHERE state = 'dead' ORDER BY created_at, id")
    ]
