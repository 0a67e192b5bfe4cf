"""What is kept and what goes: facts, changes, all that named a title and all that was told stay for ever, the rest for a time.

An item goes that never named a title and that its feed dropped long ago. How long ago is counted in days that watcher lived
through, in `meta`: a clock that is ten years ahead for a minute adds one day to them, and deletes nothing. Of what went its
name is kept (`forgotten`), so that it is not taken for news when its feed brings it again. The pages of the file that come
free are used again; the file does not shrink.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from watcher.store import rows
from watcher.store.listing import RENEWED
from watcher.store.store import Store

#: So much of the time between two notes counts at most: no more has been lived through that a clock can vouch for.
_COUNTED = timedelta(days=1)

#: So many items are looked at in one step, and so many go with it at most: a tick must stay short.
LOOKED_AT, GO_AT_ONCE = 300, 50

_NEVER_NAMED = """
item.ignored_at IS NULL AND NOT EXISTS (SELECT 1 FROM page WHERE page.item = item.id)
AND NOT EXISTS (SELECT 1 FROM source JOIN reading ON reading.source = source.id WHERE source.item = item.id)
"""
_GONE = f"""
SELECT item.rowid AS place, item.id FROM item JOIN feed ON feed.url = item.feed
WHERE item.rowid > :after AND item.rowid <= :until AND item.listed_on < :before AND item.listed_on + {RENEWED} < feed.listed_on
AND {_NEVER_NAMED} ORDER BY item.rowid LIMIT {GO_AT_ONCE}
"""
_REPLACED = f"""
SELECT v.id FROM item JOIN item_version AS v ON v.item = item.id AND v.id <> item.version
WHERE item.rowid > :after AND item.rowid <= :until AND {_NEVER_NAMED} LIMIT {GO_AT_ONCE}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lived:
    """How long watcher has lived with this store, noted `at` a moment (UTC), and how far the items were looked through."""

    time: timedelta = timedelta(0)
    at: datetime | None = None
    looked: int = 0

    def on(self, now: datetime) -> Lived:
        """The same at a later moment. A clock that was set back adds nothing, one that was set forward a day at most."""
        more = timedelta(0) if self.at is None else min(max(now - self.at, timedelta(0)), _COUNTED)
        return Lived(time=self.time + more, at=now, looked=self.looked)


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    """What one step did: how far it looked, whether that is the end, and how many items and superseded texts went."""

    looked: int
    is_end: bool
    items: int = 0
    texts: int = 0


def lived(db: sqlite3.Connection) -> Lived:
    """What is noted of the time that watcher lived with this store."""
    held = {row["key"]: row["value"] for row in db.execute("SELECT * FROM meta WHERE key IN ('lived_s', 'lived_at', 'looked')")}
    return Lived(
        time=timedelta(seconds=int(held.get("lived_s", 0))),
        at=rows.moment_or_none(held.get("lived_at")),
        looked=int(held.get("looked", 0)),
    )


def note_lived(store: Store, lived: Lived) -> None:
    """Keep it."""
    assert lived.at is not None
    store.note(lived_s=str(int(lived.time.total_seconds())), lived_at=rows.stamp(lived.at), looked=str(lived.looked))


def sweep(store: Store, *, after: int, before: int) -> Swept:
    """One step through the items behind `after`, in one short transaction: what its feed had last before that day goes.

    Superseded texts of items that never named a title go whatever their age: nobody asks for them.

    Raises:
        StoreError: nothing went.
    """
    db = store.connection
    step = "SELECT max(rowid) FROM (SELECT rowid FROM item WHERE rowid > ? ORDER BY rowid LIMIT ?)"
    last = db.execute(step, [after, LOOKED_AT]).fetchone()[0]
    if last is None:
        return Swept(looked=0, is_end=True)
    found = _found(db, after, last, before)
    if not found.names:
        return Swept(looked=last, is_end=False)
    with _unchecked(store), store.transaction():
        # Somebody else may have read one of them for a title meanwhile.
        found = _found(db, after, last, before)
        _forget(db, found)
    return Swept(looked=found.looked, is_end=False, items=len(found.items), texts=len(found.texts))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """The items and the superseded texts that go, up to where was `looked`."""

    items: tuple[str, ...]
    texts: tuple[str, ...]
    looked: int

    @property
    def names(self) -> tuple[str, ...]:
        return self.items + self.texts


def _found(db: sqlite3.Connection, after: int, until: int, before: int) -> _Found:
    gone = db.execute(_GONE, {"after": after, "until": until, "before": before}).fetchall()
    looked = gone[-1]["place"] if len(gone) == GO_AT_ONCE else until
    old = db.execute(_REPLACED, {"after": after, "until": looked})
    return _Found(items=tuple(row["id"] for row in gone), texts=tuple(row["id"] for row in old), looked=looked)


def _forget(db: sqlite3.Connection, found: _Found) -> None:
    whole, parts = json.dumps(found.items), json.dumps(found.texts)
    these = "IN (SELECT value FROM json_each(?))"
    db.execute("INSERT OR IGNORE INTO forgotten SELECT value FROM json_each(?)", [whole])
    db.execute(f"DELETE FROM source WHERE item {these} OR id {these}", [whole, parts])
    db.execute(f"DELETE FROM item_version WHERE item {these} OR id {these}", [whole, parts])
    db.execute(f"DELETE FROM item WHERE id {these}", [whole])


@contextmanager
def _unchecked(store: Store) -> Iterator[None]:
    """Without SQLite's checks of references. What refers to what goes, goes with it.

    It would look through all sources for each text that goes: they have no index by their text, and need none otherwise.
    """
    store.connection.execute("PRAGMA foreign_keys = OFF")
    try:
        yield
    finally:
        store.connection.execute("PRAGMA foreign_keys = ON")
