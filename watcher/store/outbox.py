"""The outbox: what waits for which target, claimed before it leaves and recorded after, so that a crash loses nothing.

A delivery is claimed by one ``UPDATE … RETURNING``, committed before the request leaves. Found in ``sending`` at start, it
may or may not have gone out: it is ``unknown``, sent again and marked, or held where the target asks for that.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from watcher.decide.outgoing import TOGETHER, Open, Row, Terms, due, first, joining, kind_of
from watcher.model import Change, Confidence, Target, TargetState
from watcher.store import ask, rows
from watcher.store.store import Store
from watcher.tell.schedule import LONGEST_REST, resend

#: Why a row ended untold that did not hold any more when its delivery left.
SUPERSEDED = "superseded before it was told"

#: A delivery that was refused so often for what it says is given up, once its target has taken another.
GIVEN_UP_AFTER = 8

#: Targets that began to fail within this time of each other failed for the same reason, which is a network's.
_TOGETHER = timedelta(minutes=15)

#: A target that refused so many and took none does not refuse them for what they say.
_REFUSES_ALL = 3

#: No rest is longer. One that ends later was set by a clock that was wrong, and is over.
_LONGEST_REST = LONGEST_REST + timedelta(minutes=1)

#: So many waiting rows are looked at for one delivery.
_LOOKED_AT = 500

_WAITING_ROWS = """
SELECT outbox.*, change.confidence AS was, fact.recorded_at AS sure_at FROM outbox
LEFT JOIN change ON change.id = outbox.change
LEFT JOIN fact ON fact.key = change.key
WHERE outbox.delivery IS NULL AND outbox.dropped IS NULL AND outbox.target = :target
  AND (outbox.not_before <= :now OR outbox.created_at > :now)
  AND (fact.key IS NULL OR instr(:sureness, fact.confidence) >= instr(:sureness, outbox.needs))
ORDER BY outbox.id LIMIT :most
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What a delivery tells of one title, or (title "") of the service itself: its changes, or what else its rows speak of."""

    title: str
    kind: str
    changes: tuple[Change, ...]
    subjects: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One claimed delivery: what it must tell to one target. `id` is stable over all attempts."""

    id: str
    target: str
    parts: tuple[Part, ...]
    created_at: datetime
    attempts: int
    refused: int
    may_repeat: bool

    @property
    def changes(self) -> tuple[Change, ...]:
        """The changes of all parts."""
        return tuple(change for part in self.parts for change in part.changes)


class Outbox:
    """The outbox of one store, for the thread that owns the store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def claim(
        self, target: Target, now: datetime, *, early: timedelta = timedelta(0), zone: ZoneInfo | None = None
    ) -> Delivery | None:
        """Claim the next delivery that is due for a target, or None while it rests after a failure or nothing is due.

        An earlier delivery that failed comes first, so that the order per target holds, and one that was refused last;
        `decide.outgoing` says what else goes with it. Rows count as due `early` before their time. `zone` is the one of the
        target's hours, UTC without.
        """
        terms = Terms(target=target, zone=zone or ZoneInfo("UTC"), now=now, early=early)
        with self._store.transaction() as db:
            rests_until = ask.target(self._store.connection, target.name).not_before
            if terms.is_quiet or (rests_until is not None and now < rests_until <= now + _LONGEST_REST):
                return None
            waiting = due(self._waiting(target, terms), terms)
            opened = self._tried_before(target, now)
            if opened is not None and not (opened.refused and waiting):
                name, chosen = opened.id, joining(opened, waiting, terms)
            elif waiting:
                chosen = first(waiting, terms)
                name = self._new(target, chosen, now)
            else:
                return None
            self._join(name, chosen)
            claimed = db.execute(
                "UPDATE delivery SET state = 'sending', claimed_at = ?, attempts = attempts + 1 WHERE id = ? RETURNING *",
                [rows.stamp(now), name],
            ).fetchone()
            return self._delivery(claimed)

    def _waiting(self, target: Target, terms: Terms) -> list[Row]:
        """The rows that are in no delivery, and that are sure enough by now; what a clock ahead of ours made is due."""
        until = terms.now + terms.early
        given = {"target": target.name, "now": rows.stamp(until), "sureness": ask.SURENESS, "most": _LOOKED_AT}
        return [
            Row(
                id=row["id"],
                title=row["title"],
                kind=row["kind"],
                subject=row["subject"],
                not_before=terms.now if rows.moment(row["created_at"]) > until else rows.moment(row["not_before"]),
                needs=Confidence(row["needs"]),
                was=None if row["was"] is None else Confidence(row["was"]),
                sure_at=rows.moment_or_none(row["sure_at"]),
            )
            for row in self._store.connection.execute(_WAITING_ROWS, given)
        ]

    def _tried_before(self, target: Target, now: datetime) -> Open | None:
        """The oldest delivery that did not get through, so that order holds; one that is held or rests alone is passed over.

        Of those that were refused, which come after the others, it is the one whose rest ended first: each has its turn.
        """
        found = self._store.connection.execute(
            "SELECT *, (SELECT count(*) FROM outbox WHERE delivery = delivery.id) AS held FROM delivery WHERE target = ? "
            f"AND {ask.OPEN} AND state IN ('pending', ?) AND (not_before IS NULL OR not_before <= ? OR not_before > ?) "
            "ORDER BY refused > 0, not_before, created_at, id LIMIT 1",
            [target.name, "pending" if target.hold_unknown else "unknown", rows.stamp(now), rows.stamp(now + _LONGEST_REST)],
        ).fetchone()
        if found is None:
            return None
        return Open(
            id=found["id"],
            title=found["title"],
            kind=found["kind"],
            created_at=rows.moment(found["created_at"]),
            rows=found["held"],
            refused=found["refused"],
            may_repeat=bool(found["may_repeat"]),
        )

    def _new(self, target: Target, chosen: Sequence[Row], now: datetime) -> str:
        """A new delivery of these rows. Returns its id."""
        name = stable_id(target.name, chosen[0].title or chosen[0].kind, chosen[0].subject)
        self._store.db.execute(
            "INSERT INTO delivery (id, target, title, kind, state, created_at) VALUES (?, ?, ?, ?, 'pending', ?)",
            [name, target.name, chosen[0].title, chosen[0].kind, rows.stamp(now)],
        )
        return name

    def _join(self, delivery: str, chosen: Sequence[Row]) -> None:
        """Put rows into a delivery, which is then of all their titles."""
        if not chosen:
            return
        db = self._store.db
        ids = json.dumps([row.id for row in chosen])
        db.execute("UPDATE outbox SET delivery = ? WHERE id IN (SELECT value FROM json_each(?))", [delivery, ids])
        held = db.execute("SELECT title, kind FROM outbox WHERE delivery = ? ORDER BY id", [delivery]).fetchall()
        title, kind = kind_of([(row["title"], row["kind"]) for row in held])
        db.execute("UPDATE delivery SET title = ?, kind = ? WHERE id = ?", [title, kind, delivery])

    def _delivery(self, row: sqlite3.Row) -> Delivery:
        held = list(self._store.connection.execute("SELECT * FROM outbox WHERE delivery = ? ORDER BY id", [row["id"]]))
        parts: dict[tuple[str, ...], list[sqlite3.Row]] = {}
        for one in held:
            alone = () if one["kind"] in TOGETHER else (one["subject"],)
            parts.setdefault((one["title"], one["kind"], *alone), []).append(one)
        return Delivery(
            id=row["id"],
            target=row["target"],
            parts=tuple(self._part(title, kind, several) for (title, kind, *_), several in parts.items()),
            created_at=rows.moment(row["created_at"]),
            attempts=row["attempts"],
            refused=row["refused"],
            may_repeat=bool(row["may_repeat"]),
        )

    def _part(self, title: str, kind: str, held: Sequence[sqlite3.Row]) -> Part:
        changes = ask.changes_by_id(self._store.connection, [row["change"] for row in held if row["change"]])
        return Part(title=title, kind=kind, changes=tuple(changes), subjects=tuple(row["subject"] for row in held))

    def sent(self, delivery: Delivery, subject: str, now: datetime, *, left_out: Collection[str] = ()) -> None:
        """The target took it. Others that began to fail when it did are tried again at once: a network is back for all.

        The rows of the subjects that the message `left_out` end untold, unless an earlier try may have told them.
        """
        with self._store.transaction() as db:
            self._end_untold(delivery, left_out)
            failed_since = ask.target(self._store.connection, delivery.target).error_since
            db.execute(
                "UPDATE delivery SET state = 'sent', ended_at = ?, subject = ?, detail = NULL WHERE id = ?",
                [rows.stamp(now), subject, delivery.id],
            )
            db.execute(
                "INSERT INTO target (name, last_ok_at) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET "
                "failures = 0, not_before = NULL, error = NULL, error_since = NULL, last_ok_at = excluded.last_ok_at",
                [delivery.target, rows.stamp(now)],
            )
            if failed_since is not None:
                self._try_again(failed_since, now)

    def _try_again(self, failed_since: datetime, now: datetime) -> None:
        """End the rest of the targets that began to fail then, unless a server asked for more than their failures make."""
        around = [rows.stamp(failed_since - _TOGETHER), rows.stamp(failed_since + _TOGETHER)]
        asked = "SELECT name, failures, not_before FROM target WHERE not_before IS NOT NULL AND error_since BETWEEN ? AND ?"
        for other in self._store.db.execute(asked, around).fetchall():
            if rows.moment(other["not_before"]) - now <= resend(other["failures"] - 1):
                self._store.db.execute("UPDATE target SET not_before = NULL WHERE name = ?", [other["name"]])

    def _end_untold(self, delivery: Delivery, left_out: Collection[str]) -> None:
        if left_out and not delivery.may_repeat:
            ended = "UPDATE outbox SET dropped = ?, delivery = NULL WHERE delivery = ? AND subject IN "
            ended += "(SELECT value FROM json_each(?))"
            self._store.db.execute(ended, [SUPERSEDED, delivery.id, json.dumps(sorted(left_out))])

    def failed(
        self,
        delivery: Delivery,
        detail: str,
        now: datetime,
        wait: timedelta,
        *,
        unknown: bool = False,
        left_out: Collection[str] = (),
    ) -> None:
        """The target did not take it, or we cannot know (`unknown`); nothing else goes to this target before `wait` is over.

        What the message `left_out` has not arrived in any case.
        """
        with self._store.transaction() as db:
            if unknown:
                self._end_untold(delivery, left_out)
            db.execute(
                "UPDATE delivery SET state = ?, may_repeat = max(may_repeat, ?), detail = ? WHERE id = ?",
                ["unknown" if unknown else "pending", int(unknown), detail, delivery.id],
            )
            self._count_failure(delivery.target, detail, now, now + wait)

    def refused(self, delivery: Delivery, subject: str, detail: str, now: datetime, wait: timedelta) -> bool:
        """It is this message that is not taken, or that could not even be composed: it rests alone, and others may pass it.

        A bundle falls apart, for one of its parts may be at fault. Given up (``dead``) after so many times if the target has
        taken another meanwhile: then it is not the target's fault. Returns whether it is. Where several were refused and none
        taken, it is: then the target rests too, and is not asked about each of them.
        """
        with self._store.transaction() as db:
            self._fall_apart(delivery)
            target = ask.target(self._store.connection, delivery.target)
            took_others = target.last_ok_at is not None and target.last_ok_at >= delivery.created_at
            dead = delivery.refused + 1 >= GIVEN_UP_AFTER and took_others
            db.execute(
                "UPDATE delivery SET state = ?, refused = refused + 1, not_before = ?, detail = ?, subject = ?, ended_at = ? "
                "WHERE id = ?",
                [
                    "dead" if dead else "pending",
                    rows.stamp(now + wait),
                    detail,
                    subject,
                    rows.stamp(now) if dead else None,
                    delivery.id,
                ],
            )
            if not dead:
                until = now + resend(target.failures) if self._refuses_all(target) else None
                self._count_failure(delivery.target, detail, now, until)
            return dead

    def _refuses_all(self, target: TargetState) -> bool:
        """Whether a target refused so many deliveries that were made since it took one that it would refuse any."""
        refused = f"SELECT count(*) FROM delivery WHERE target = ? AND {ask.OPEN} AND refused > 0 AND created_at > ?"
        given = [target.name, rows.stamp_or_none(target.last_ok_at) or ""]
        return bool(self._store.connection.execute(refused, given).fetchone()[0] >= _REFUSES_ALL)

    def _fall_apart(self, delivery: Delivery) -> None:
        """Leave a delivery the part that it is named after; the others wait again, unless they may have arrived with it.

        The part that waits again must not be that one: it would make a delivery of the same id.
        """
        if len(delivery.parts) <= 1 or delivery.may_repeat:
            return
        part, db = next((part for part in delivery.parts if _names(delivery, part)), delivery.parts[0]), self._store.db
        free = "UPDATE outbox SET delivery = NULL WHERE delivery = ? AND subject NOT IN (SELECT value FROM json_each(?))"
        db.execute(free, [delivery.id, json.dumps(part.subjects)])
        db.execute("UPDATE delivery SET title = ?, kind = ? WHERE id = ?", [part.title, part.kind, delivery.id])

    def _count_failure(self, target: str, detail: str, now: datetime, until: datetime | None) -> None:
        self._store.db.execute(
            "INSERT INTO target (name, failures, not_before, error, error_since) VALUES (?, 1, ?, ?, ?) ON CONFLICT (name) "
            "DO UPDATE SET failures = failures + 1, not_before = excluded.not_before, error = excluded.error, "
            "error_since = coalesce(error_since, excluded.error_since)",
            [target, rows.stamp_or_none(until), detail, rows.stamp(now)],
        )

    def dropped(self, delivery: Delivery, reason: str) -> None:
        """Nothing of it holds any more: its rows end untold, and say why; what may have arrived before counts as told."""
        with self._store.transaction() as db:
            if delivery.may_repeat:
                ended = "UPDATE delivery SET state = 'sent', ended_at = claimed_at, detail = ? WHERE id = ?"
                db.execute(ended, [f"{reason}; it may have arrived", delivery.id])
                return
            db.execute("UPDATE outbox SET dropped = ?, delivery = NULL WHERE delivery = ?", [reason, delivery.id])
            db.execute("DELETE FROM delivery WHERE id = ?", [delivery.id])

    def released(self, delivery: Delivery) -> None:
        """Given back unsent: it never left, and is due again."""
        with self._store.transaction() as db:
            db.execute("UPDATE delivery SET state = 'pending', attempts = attempts - 1 WHERE id = ?", [delivery.id])

    def recover(self, under_way: Collection[str] = ()) -> int:
        """What is in ``sending`` though nobody sends it may have gone out. Returns how many deliveries that is.

        `under_way` are the ids of those that this process is sending now.
        """
        sending = self._store.connection.execute(f"SELECT id FROM delivery WHERE {ask.OPEN} AND state = 'sending'")
        left = [row["id"] for row in sending if row["id"] not in under_way]
        if left:
            with self._store.transaction() as db:
                for name in left:
                    db.execute("UPDATE delivery SET state = 'unknown', may_repeat = 1 WHERE id = ?", [name])
        return len(left)


def stable_id(target: str, name: str, subject: str) -> str:
    """A name for the delivery that an outbox row makes: the same at every attempt, another for every target."""
    mark = hashlib.blake2s(f"{target}\0{subject}".encode(), digest_size=5).hexdigest()
    return f"{name}-{mark}"


def _names(delivery: Delivery, part: Part) -> bool:
    """Whether it was a row of this part that made a delivery; an older row may have joined it since."""
    return delivery.id in (stable_id(delivery.target, part.title or part.kind, subject) for subject in part.subjects)
