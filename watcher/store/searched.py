"""Questions about the items that are stored, whatever titles were watched when they came: read-only SQL, as in `ask`."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from watcher.decide.intents import ItemVersion
from watcher.model import Item, Source, Verdict
from watcher.store import rows
from watcher.store.ask import SOURCE


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A text that is stored and current, of a feed or of the page behind its item. `feed` is where its item came from."""

    version: ItemVersion
    source: Source

    @property
    def item(self) -> Item:
        """The text as an item."""
        return self.version.content


_TEXTS = f"""
SELECT v.*, item.guid, item.feed, {SOURCE}
FROM source JOIN item_version AS v ON v.id = source.version JOIN item ON item.id = source.item
WHERE source.current AND item.ignored_at IS NULL AND
"""

_WITH_WORDS = """
(:words IS NULL OR EXISTS (SELECT 1 FROM json_each(:words) WHERE instr(lower(v.title), value) OR instr(lower(v.body), value)))
ORDER BY coalesce(source.published, source.first_seen), source.id
"""


def stored_texts(db: sqlite3.Connection, words: Iterable[str] = ()) -> Iterator[Stored]:
    """Every current text that has one of the words in it, in the order of publication; all texts where none is given.

    SQLite compares only letters of ASCII in any case, so a word with another one is not asked for and all texts come.
    """
    wanted = list(words)
    asked = all(word.isascii() and word.isalnum() for word in wanted)
    found = db.execute(
        _TEXTS + _WITH_WORDS,
        {"words": json.dumps(wanted) if wanted and asked else None},
    )
    return (_stored(row) for row in found)


def stored_text(db: sqlite3.Connection, source: str) -> Stored | None:
    """The current text of one source; None where there is none."""
    row = db.execute(_TEXTS + "source.id = ?", [source]).fetchone()
    return None if row is None else _stored(row)


def _stored(row: sqlite3.Row) -> Stored:
    return Stored(version=rows.version_of(row), source=rows.source_of(row, "s_"))


def read_before(db: sqlite3.Connection, source: str, title: str) -> Verdict | None:
    """How a text was last read for a title; None where it never was."""
    row = db.execute("SELECT verdict FROM reading WHERE source = ? AND title = ? AND current", [source, title]).fetchone()
    return None if row is None else Verdict(row["verdict"])


def links_stored(db: sqlite3.Connection, links: Iterable[str]) -> set[str]:
    """Which of these addresses came with an item that is stored, from whichever feed."""
    asked = "SELECT DISTINCT link FROM source WHERE current AND link IN (SELECT value FROM json_each(?))"
    return {row["link"] for row in db.execute(asked, [json.dumps(list(links))])}
