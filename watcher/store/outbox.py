"""The outbox: what waits for which target, claimed before it leaves and recorded after, so that a crash loses nothing.

A delivery is claimed by one ``UPDATE … RETURNING``, committed before the request leaves. Found in ``sending`` at start, it
may or may not have gone out: it is ``unknown``, sent again and marked, or held where the target asks for that.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from watcher.model import Change, Confidence, Target
from watcher.store import ask, rows
from watcher.store.store import Store

#: Rows of one kind and title that go out together; others go out one by one.
_TOGETHER = ("change", "health")

#: Confidences from weakest to strongest: the place of one in this text is its rank in SQL.
_SURENESS = " ".join(Confidence)

_DUE_ROWS = """
SELECT outbox.* FROM outbox
LEFT JOIN change ON change.id = outbox.change
LEFT JOIN fact ON fact.key = change.key
WHERE outbox.delivery IS NULL AND outbox.dropped IS NULL AND outbox.target = :target AND outbox.not_before <= :now
  AND (fact.key IS NULL OR instr(:sureness, fact.confidence) >= instr(:sureness, outbox.needs))
ORDER BY outbox.id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One claimed delivery: what it must tell to one target about one title. `id` is stable over all attempts."""

    id: str
    target: str
    title: str
    kind: str
    changes: tuple[Change, ...]
    subjects: tuple[str, ...]
    attempts: int
    may_repeat: bool


class Outbox:
    """The outbox of one store, for the thread that owns the store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def claim(self, target: Target, now: datetime, *, early: timedelta = timedelta(0)) -> Delivery | None:
        """Claim the next delivery that is due for a target, or None while it rests after a failure or nothing is due.

        An earlier delivery that failed comes first, so that the order per target holds. New due rows of the same title join
        it unless it may have gone out already. Rows count as due `early` before their time.
        """
        with self._store.transaction() as db:
            state = ask.target(self._store.connection, target.name)
            if state.not_before is not None and state.not_before > now:
                return None
            due = self._due(target, now + early)
            opened = self._tried_before(target) or self._new(target, due, now)
            if opened is None:
                return None
            joining = [row["id"] for row in due if _joins(opened, row)]
            db.execute(
                "UPDATE outbox SET delivery = ? WHERE id IN (SELECT value FROM json_each(?))", [opened["id"], json.dumps(joining)]
            )
            claimed = db.execute(
                "UPDATE delivery SET state = 'sending', claimed_at = ?, attempts = attempts + 1 WHERE id = ? RETURNING *",
                [rows.stamp(now), opened["id"]],
            ).fetchone()
            return self._delivery(claimed)

    def _due(self, target: Target, now: datetime) -> list[sqlite3.Row]:
        given = {"target": target.name, "now": rows.stamp(now), "sureness": _SURENESS}
        return list(self._store.connection.execute(_DUE_ROWS, given))

    def _tried_before(self, target: Target) -> sqlite3.Row | None:
        """The oldest delivery of a target that did not get through, so that order holds; a held unknown one is passed over."""
        found = self._store.connection.execute(
            "SELECT * FROM delivery WHERE target = ? AND state IN ('pending', ?) ORDER BY created_at, id LIMIT 1",
            [target.name, "pending" if target.hold_unknown else "unknown"],
        ).fetchone()
        assert found is None or isinstance(found, sqlite3.Row)
        return found

    def _new(self, target: Target, due: Sequence[sqlite3.Row], now: datetime) -> sqlite3.Row | None:
        """A new delivery for the first row that is due."""
        if not due:
            return None
        first = due[0]
        made = self._store.db.execute(
            "INSERT INTO delivery (id, target, title, kind, state, created_at) VALUES (?, ?, ?, ?, 'pending', ?) RETURNING *",
            [_stable_id(first), target.name, first["title"], first["kind"], rows.stamp(now)],
        ).fetchone()
        assert isinstance(made, sqlite3.Row)
        return made

    def _delivery(self, row: sqlite3.Row) -> Delivery:
        parts = list(self._store.connection.execute("SELECT * FROM outbox WHERE delivery = ? ORDER BY id", [row["id"]]))
        return Delivery(
            id=row["id"],
            target=row["target"],
            title=row["title"],
            kind=row["kind"],
            changes=tuple(ask.changes_by_id(self._store.connection, [p["change"] for p in parts if p["change"]])),
            subjects=tuple(p["subject"] for p in parts),
            attempts=row["attempts"],
            may_repeat=bool(row["may_repeat"]),
        )

    def sent(self, delivery: Delivery, subject: str, now: datetime) -> None:
        """The target took it."""
        with self._store.transaction() as db:
            db.execute(
                "UPDATE delivery SET state = 'sent', ended_at = ?, subject = ?, detail = NULL WHERE id = ?",
                [rows.stamp(now), subject, delivery.id],
            )
            db.execute(
                "INSERT INTO target (name, last_ok_at) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET "
                "failures = 0, not_before = NULL, error = NULL, error_since = NULL, last_ok_at = excluded.last_ok_at",
                [delivery.target, rows.stamp(now)],
            )

    def failed(self, delivery: Delivery, detail: str, now: datetime, wait: timedelta, *, unknown: bool = False) -> None:
        """The target did not take it, or we cannot know (`unknown`); nothing else goes to this target before `wait` is over."""
        with self._store.transaction() as db:
            db.execute(
                "UPDATE delivery SET state = ?, may_repeat = max(may_repeat, ?), detail = ? WHERE id = ?",
                ["unknown" if unknown else "pending", int(unknown), detail, delivery.id],
            )
            db.execute(
                "INSERT INTO target (name, failures, not_before, error, error_since) VALUES (?, 1, ?, ?, ?) ON CONFLICT (name) "
                "DO UPDATE SET failures = failures + 1, not_before = excluded.not_before, error = excluded.error, "
                "error_since = coalesce(error_since, excluded.error_since)",
                [delivery.target, rows.stamp(now + wait), detail, rows.stamp(now)],
            )

    def dropped(self, delivery: Delivery, reason: str) -> None:
        """Nothing of it holds any more: its rows end untold, and say why."""
        with self._store.transaction() as db:
            db.execute("UPDATE outbox SET dropped = ?, delivery = NULL WHERE delivery = ?", [reason, delivery.id])
            db.execute("DELETE FROM delivery WHERE id = ?", [delivery.id])

    def mute(self, title: str, until: datetime | None, reason: str) -> int:
        """Silence a title until then, or let it speak again (None). Returns how many alerts waited that nobody gets now."""
        with self._store.transaction() as db:
            db.execute("UPDATE title SET muted_until = ? WHERE id = ?", [rows.stamp_or_none(until), title])
            return self._drop_title(title, reason) if until is not None else 0

    def drop_muted(self, reasons: Mapping[str, str]) -> int:
        """Drop what waits for muted titles (with the reason for each): somebody made it while the title was being muted."""
        waiting = "SELECT count(*) FROM outbox WHERE dropped IS NULL AND title IN (SELECT value FROM json_each(?))"
        waiting += " AND (delivery IS NULL OR delivery IN (SELECT id FROM delivery WHERE state IN ('pending', 'unknown')))"
        if not reasons or not self._store.connection.execute(waiting, [json.dumps(list(reasons))]).fetchone()[0]:
            return 0
        with self._store.transaction():
            return sum(self._drop_title(title, reason) for title, reason in reasons.items())

    def _drop_title(self, title: str, reason: str) -> int:
        """End untold what waits for a title, and keep the reason on the changes that nobody at all was told of."""
        given = {"title": title, "why": reason, "perhaps": f"{reason}; it may have been sent before"}
        db = self._store.db
        dropped = db.execute(
            "UPDATE outbox SET dropped = CASE WHEN delivery IN (SELECT id FROM delivery WHERE may_repeat) THEN :perhaps "
            "ELSE :why END, delivery = NULL WHERE title = :title AND dropped IS NULL AND (delivery IS NULL OR delivery IN "
            "(SELECT id FROM delivery WHERE title = :title AND state IN ('pending', 'unknown')))",
            given,
        ).rowcount
        db.execute("DELETE FROM delivery WHERE title = :title AND state IN ('pending', 'unknown')", given)
        db.execute(
            "UPDATE change SET silent = :why WHERE title = :title AND silent IS NULL AND id IN "
            "(SELECT change FROM outbox WHERE dropped = :why) AND id NOT IN "
            "(SELECT change FROM outbox WHERE title = :title AND change IS NOT NULL AND dropped IS NOT :why)",
            given,
        )
        return int(dropped)

    def released(self, delivery: Delivery) -> None:
        """Given back unsent: it never left, and is due again."""
        with self._store.transaction() as db:
            db.execute("UPDATE delivery SET state = 'pending', attempts = attempts - 1 WHERE id = ?", [delivery.id])

    def recover(self, under_way: Collection[str] = ()) -> int:
        """What is in ``sending`` though nobody sends it may have gone out. Returns how many deliveries that is.

        `under_way` are the ids of those that this process is sending now.
        """
        sending = self._store.connection.execute("SELECT id FROM delivery WHERE state = 'sending'")
        left = [row["id"] for row in sending if row["id"] not in under_way]
        if left:
            with self._store.transaction() as db:
                for name in left:
                    db.execute("UPDATE delivery SET state = 'unknown', may_repeat = 1 WHERE id = ?", [name])
        return len(left)


def _joins(delivery: sqlite3.Row, row: sqlite3.Row) -> bool:
    """Whether a due row goes out with a delivery: it made it, or tells changes of the same title before it ever went out."""
    if delivery["id"] == _stable_id(row):
        return True
    together = delivery["title"] == row["title"] and delivery["kind"] == row["kind"] in _TOGETHER
    return together and delivery["state"] == "pending" and not delivery["may_repeat"]


def _stable_id(row: sqlite3.Row) -> str:
    """A name for the delivery that an outbox row makes: the same at every attempt, another for every target."""
    mark = hashlib.blake2s(f"{row['target']}\0{row['subject']}".encode(), digest_size=5).hexdigest()
    return f"{row['title'] or row['kind']}-{mark}"
