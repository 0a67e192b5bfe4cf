"""Writes many rows of one table by one statement.

sqlite-utils looks at the table anew for each call, which costs more than the rows where a poll brings thirty of them.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from functools import cache

from watcher.store.rows import Record


def insert_new(db: sqlite3.Connection, table: str, records: Sequence[Record]) -> None:
    """Insert rows with the same columns; one whose key is there already is left as it is."""
    if records:
        db.executemany(_statement(table, tuple(records[0]), "DO NOTHING"), [tuple(record.values()) for record in records])


def upsert(db: sqlite3.Connection, table: str, records: Sequence[Record], *, key: str) -> None:
    """Insert rows with the same columns; of one whose key is there already every other column is replaced."""
    if records:
        columns = tuple(records[0])
        kept = ", ".join(f'"{column}" = excluded."{column}"' for column in columns if column != key)
        statement = _statement(table, columns, f"({key}) DO UPDATE SET {kept}")
        db.executemany(statement, [tuple(record.values()) for record in records])


@cache
def _statement(table: str, columns: tuple[str, ...], conflict: str) -> str:
    names = ", ".join(f'"{column}"' for column in columns)
    return f"INSERT INTO {table} ({names}) VALUES ({', '.join('?' * len(columns))}) ON CONFLICT {conflict}"
