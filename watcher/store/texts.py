"""Questions about the texts behind the claims: read-only SQL, as in `ask`."""

from __future__ import annotations

import sqlite3
from datetime import datetime, timedelta

from watcher.decide.edits import Earlier
from watcher.model import Source
from watcher.store import rows
from watcher.store.ask import EVIDENCE, SOURCE

#: So far ahead of our clock a text may say that it was published (see `parse.when`), and some more for a clock that was wrong.
_AHEAD = timedelta(days=8)


def earlier(db: sqlite3.Connection, item: str) -> Earlier | None:
    """What an item says so far, its page too; None for one that is new."""
    texts = [
        rows.item_of(row).text
        for row in db.execute(
            "SELECT v.*, item.guid FROM item JOIN source ON source.item = item.id AND source.current "
            "JOIN item_version AS v ON v.id = source.version WHERE item.id = ?",
            [item],
        )
    ]
    if not texts:
        return None
    said = db.execute(EVIDENCE + "WHERE source.item = ? AND source.current AND reading.current", [item])
    return Earlier(text="\n".join(texts), said=tuple(rows.evidence_of(row) for row in said))


def telling(db: sqlite3.Connection, title: str, since: datetime, until: datetime, *, limit: int) -> list[tuple[Source, str]]:
    """The sources published in a span of time whose texts are about a title, and those texts; the newest of too many.

    No text is read long before it was published, so of all that was ever read of the title only what was read since needs to
    be looked at. SQLite keeps the order of a CROSS JOIN: from these readings to their sources, which are far fewer than all
    that came out in those days.
    """
    found = db.execute(
        f"SELECT {SOURCE}, v.*, item.guid FROM reading CROSS JOIN source ON source.id = reading.source "
        "JOIN item_version AS v ON v.id = source.version JOIN item ON item.id = source.item "
        "WHERE reading.title = ? AND reading.read_at >= ? AND reading.current AND reading.verdict IN ('about', 'likely') "
        "AND source.current AND source.published BETWEEN ? AND ? ORDER BY source.published DESC, source.id LIMIT ?",
        [title, rows.stamp(since - _AHEAD), rows.stamp(since), rows.stamp(until), limit],
    )
    return [(rows.source_of(row, "s_"), rows.item_of(row).text) for row in found]
