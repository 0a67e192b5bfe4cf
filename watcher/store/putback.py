"""A backup in the place of a store, and what makes it tell nothing twice that was told after it was taken."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path

from watcher.decide.arrivals import RESTORED
from watcher.errors import StoreError
from watcher.store import ask, rows
from watcher.store.backup import checked, sync, take_copy
from watcher.store.outbox import stable_id
from watcher.store.store import Store

#: Why an alert that waited in a backup is not sent by itself.
HELD = "it waited in a backup that was put back, and may have been sent since; watcher notify retry sends it"

#: Why what time alone brings is not told.
OVER = "a backup was put back, its time was before that"

_PART = ".watcher-restore.part"
_BESIDE = ("-wal", "-shm", "-journal")


def unpack(backup: Path, state: Path) -> Path:
    """A checked copy of a backup in the state directory, under a temporary name. What an earlier try left there goes.

    Raises:
        StoreError: the backup is damaged or none, or there is no room for it.
    """
    copy = state / _PART
    forget(copy)
    try:
        take_copy(backup, copy)
        checked(copy)
    except BaseException:
        forget(copy)
        raise
    return copy


def forget(copy: Path) -> None:
    """Remove a copy that is not put in place."""
    for part in (copy, *_beside(copy)):
        part.unlink(missing_ok=True)


def put_in_place(copy: Path, path: Path, now: datetime) -> Path | None:
    """Let a copy take the place of the store, which is kept under a name of its own; that name, or None where there was none.

    At every moment one of the two lies at `path`. Needs the lock of the state, so that nobody writes.

    Raises:
        StoreError: the store stays as it was.
    """
    aside = path.with_name(f"{path.name}.before-{now:%Y-%m-%dT%H%M%SZ}") if path.exists() else None
    try:
        like = (path if aside else path.parent).stat()
        copy.chmod(like.st_mode & 0o660 if aside else 0o640)
        if os.geteuid() == 0:
            os.chown(copy, like.st_uid, like.st_gid)
        _close(path)
        for left in _beside(path):
            # Of a store that could not be opened: its log would be taken for the new one's.
            if left.exists():
                left.rename(left.with_name(left.name.replace(path.name, aside.name if aside else f"{path.name}.lost", 1)))
        if aside is not None:
            os.link(path, aside)
        copy.replace(path)
        sync(path.parent)
    except OSError as error:
        raise StoreError(f"{path}: the backup cannot be put there ({error.strerror}); nothing was changed") from error
    return aside


def catch_up(store: Store, now: datetime) -> int:
    """Let all that came by `now` be learned in silence, and hold what waits. Returns how many alerts are held."""
    with store.transaction() as db:
        store.note(restored_at=rows.stamp(now))
        db.execute("UPDATE feed SET restored_at = ?", [rows.stamp(now)])
        db.execute("UPDATE title SET learned_at = ? WHERE learned_at IS NULL", [rows.stamp(now)])
        db.execute("UPDATE page SET silence = ? WHERE state = 'due' AND silence IS NULL", [RESTORED])
        for row in store.connection.execute(_SURE, {"sureness": ask.SURENESS}).fetchall():
            _hold(store, row, now)
        db.execute(f"UPDATE delivery SET state = 'dead', may_repeat = 1, ended_at = ?, detail = ? WHERE {ask.OPEN}", [
            rows.stamp(now), HELD,
        ])  # fmt: skip
        held = "SELECT count(*) FROM outbox JOIN delivery ON delivery.id = outbox.delivery WHERE delivery.detail = ?"
        return int(store.connection.execute(held, [HELD]).fetchone()[0])


#: What waits and is sure enough to leave. What is not yet stays: it is news once it is, unless it was by `restored_at` already
#: (see `Store.apply`).
_SURE = """
SELECT outbox.* FROM outbox LEFT JOIN change ON change.id = outbox.change LEFT JOIN fact ON fact.key = change.key
WHERE outbox.delivery IS NULL AND outbox.dropped IS NULL
  AND (fact.key IS NULL OR instr(:sureness, fact.confidence) >= instr(:sureness, outbox.needs)) ORDER BY outbox.id
"""


def _hold(store: Store, row: sqlite3.Row, now: datetime) -> None:
    """A change waits for a person; what time alone brought is over."""
    if row["change"] is None:
        store.db.execute("UPDATE outbox SET dropped = ? WHERE id = ?", [OVER, row["id"]])
        return
    name = _delivery_of(store, row)
    store.db.execute("UPDATE delivery SET state = 'dead', ended_at = ?, detail = ? WHERE id = ?", [rows.stamp(now), HELD, name])


def _delivery_of(store: Store, row: sqlite3.Row) -> str:
    """Make a delivery of what waits, marked as one that may have arrived. Returns its id."""
    name = stable_id(row["target"], row["title"] or row["kind"], row["subject"])
    store.db.execute(
        "INSERT OR IGNORE INTO delivery (id, target, title, kind, state, created_at, not_before, may_repeat) "
        "VALUES (?, ?, ?, ?, 'pending', ?, ?, 1)",
        [name, row["target"], row["title"], row["kind"], row["created_at"], row["not_before"]],
    )
    store.db.execute("UPDATE outbox SET delivery = ? WHERE id = ?", [name, row["id"]])
    return name


def tell_again(store: Store) -> None:
    """Let what waits go out, marked: it may have gone out after the backup was taken."""
    with store.transaction() as db:
        for row in store.connection.execute(_SURE, {"sureness": ask.SURENESS}).fetchall():
            _delivery_of(store, row)
        db.execute(f"UPDATE delivery SET may_repeat = 1 WHERE {ask.OPEN}")


def _close(path: Path) -> None:
    """Have the log of a store taken into it, as its last user does; one that cannot be read is left as it is, with its log."""
    if not path.exists():
        return
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=1)) as db:
            db.execute("SELECT count(*) FROM sqlite_master").fetchall()
        with closing(sqlite3.connect(path, timeout=1)) as db:
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    except sqlite3.Error:
        return


def _beside(path: Path) -> list[Path]:
    return [path.with_name(path.name + end) for end in _BESIDE]
