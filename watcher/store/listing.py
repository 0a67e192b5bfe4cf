"""Which items their feeds still list, on days of our own count, and which were stored once: what `retention` goes by.

The days are those that watcher lived through with this store, kept in `meta`; see `retention`.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence

#: That an item is still listed is noted only when the last note is so many days old: a poll must not write all it has read.
RENEWED = 30

#: The day that it is by our own count, in SQL.
TODAY = "coalesce((SELECT CAST(value AS INTEGER) / 86400 FROM meta WHERE key = 'lived_s'), 0)"


def note_listed(db: sqlite3.Connection, listed: Mapping[str, Sequence[str]]) -> None:
    """Note which items the documents of feeds list, inside the transaction that takes these documents in."""
    for feed, items in listed.items():
        db.execute(f"UPDATE feed SET listed_on = {TODAY} WHERE url = ? AND listed_on <> {TODAY}", [feed])
        renewed = f"UPDATE item SET listed_on = {TODAY} WHERE listed_on + {RENEWED} <= {TODAY} AND id IN "
        db.execute(renewed + "(SELECT value FROM json_each(?))", [json.dumps(items)])


def forgotten(db: sqlite3.Connection, items: Sequence[str]) -> set[str]:
    """Which of these items were stored once and are not any more."""
    found = db.execute("SELECT item FROM forgotten WHERE item IN (SELECT value FROM json_each(?))", [json.dumps(list(items))])
    return {row["item"] for row in found}
