"""Fills the index of the words of all stored texts, so that they can be searched (SQLite's FTS5, https://sqlite.org/fts5.html).

It is filled behind the polls, some texts at a time: a poll pays nothing for it, and a large store of an older watcher is
taken over without a pause. What is not in it yet is found all the same (see `searching`). It holds words only; the texts stay
where they are, in `item_version`, and a text that goes takes its words along (a trigger of the schema).

A text is known in it by its place, SQLite's rowid. Nobody here moves texts to other places, but ``VACUUM`` in somebody else's
hands may; so the id of the last text is kept too, and where another text lies in its place the index is begun anew.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from watcher.errors import StoreBusy, StoreError, StoreFull
from watcher.store.indexed import place_of_last
from watcher.store.store import Store

#: So many texts go in at once: a tick must stay short.
AT_ONCE = 1000


def add_texts(store: Store, *, most: int = AT_ONCE) -> int:
    """Put the next texts into the index, at most so many, in one short transaction; returns how many went in.

    Raises:
        StoreError: none did.
    """
    db = store.connection
    with store.explained():
        place = place_of_last(db)
        if (
            place is not None
            and db.execute("SELECT NOT EXISTS (SELECT 1 FROM item_version WHERE rowid > ?)", [place]).fetchone()[0]
        ):
            return 0
    with mending(store), store.transaction():
        return _add(db, most)
    return 0


@contextmanager
def mending(store: Store) -> Iterator[None]:
    """What puts texts into the index, or takes them out: where that fails, it may be the index alone that is damaged.

    It can be had again, and is no reason to end: it is given up, and filled from the first text on.

    Raises:
        StoreError: it fails while the index is given up already, or for a reason that no index has.
    """
    try:
        yield
    except (StoreBusy, StoreFull):
        raise
    except StoreError:
        with store.explained():
            if place_of_last(store.connection) is None:
                raise
        with store.transaction() as db:
            db.execute("UPDATE indexed SET place = 0, version = ''")  # no text has this id


def _add(db: sqlite3.Connection, most: int) -> int:
    place = place_of_last(db)
    if place is None:
        db.execute("INSERT INTO words (words) VALUES ('delete-all')")
        place = 0
    added = db.execute(
        "INSERT INTO words (rowid, title, body) "
        "SELECT rowid, title, body FROM item_version WHERE rowid > ? ORDER BY rowid LIMIT ?",
        [place, most],
    ).rowcount
    last = "SELECT rowid FROM item_version WHERE rowid > ? ORDER BY rowid LIMIT 1 OFFSET ?"
    db.execute(f"UPDATE indexed SET place = coalesce(({last}), 0)", [place, added - 1])
    db.execute("UPDATE indexed SET version = (SELECT id FROM item_version WHERE rowid = place)")
    return added
