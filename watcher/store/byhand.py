"""Questions about what the user discards and mutes: read-only SQL, as in `ask`."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from datetime import datetime

from watcher.clean import canonical_link
from watcher.decide.byhand import BY_HAND, Named
from watcher.decide.intents import ItemVersion, Read
from watcher.model import Reading, Source, SourceKind, Verdict
from watcher.store import ask, rows
from watcher.store.ask import SOURCE


def muted(db: sqlite3.Connection, now: datetime) -> dict[str, datetime]:
    """The titles that are muted now, and until when (UTC)."""
    states = ask.titles(db).values()
    return {one.id: one.muted_until for one in states if one.muted_until is not None and one.muted_until > now}


def discarded(db: sqlite3.Connection, items: Iterable[str]) -> set[str]:
    """Which of these items the user discards."""
    found = db.execute(
        "SELECT id FROM item WHERE ignored_at IS NOT NULL AND id IN (SELECT value FROM json_each(?))", [json.dumps(list(items))]
    )
    return {row["id"] for row in found}


def named(db: sqlite3.Connection, item: str) -> list[Named]:
    """The titles that an item names, as it was read last."""
    found = db.execute(
        "SELECT reading.* FROM reading JOIN source ON source.id = reading.source "
        "WHERE source.item = ? AND source.current AND reading.current ORDER BY reading.read_at, reading.id",
        [item],
    )
    read = {
        row["title"]: Named(title=row["title"], verdict=Verdict(row["verdict"]), reasons=tuple(json.loads(row["reasons"])))
        for row in found
    }
    return list(read.values())


def items_at(db: sqlite3.Connection, link: str) -> list[str]:
    """The items that link to an address, however the reader came there; the same article may stand in several feeds."""
    wanted = canonical_link(link)
    found = db.execute("SELECT DISTINCT item, link FROM item_version WHERE link IS NOT NULL")
    return sorted({row["item"] for row in found if canonical_link(row["link"]) == wanted})


def is_item(db: sqlite3.Connection, name: str) -> bool:
    """Whether there is an item of this id."""
    return db.execute("SELECT 1 FROM item WHERE id = ?", [name]).fetchone() is not None


def word_by_hand(db: sqlite3.Connection, name: str) -> tuple[Source, tuple[Read, ...]] | None:
    """What the user once set under this id, as it was then; None where there is no such word."""
    row = db.execute(
        "SELECT source.* FROM source JOIN reading ON reading.source = source.id WHERE source.id = ? AND source.kind = ? "
        "AND reading.reader = ?",
        [name, str(SourceKind.USER), BY_HAND],
    ).fetchone()
    if row is None:
        return None
    source = rows.source_of(row)
    found = db.execute(
        "SELECT claim.id, claim.reading FROM claim JOIN reading ON reading.id = claim.reading WHERE source = ?", [name]
    )
    reads = []
    for claim in list(found):
        (said,) = ask.evidence_by_id(db, [claim["id"]])
        reading = Reading(title=said.claim.title, reader=BY_HAND, verdict=Verdict.ABOUT, claims=(said.claim,))
        reads.append(Read(id=claim["reading"], source=name, reading=reading, evidence=(said,), read_at=source.first_seen))
    return source, tuple(reads)


def texts(db: sqlite3.Connection, item: str) -> list[tuple[Source, ItemVersion]]:
    """The texts of an item that count, a page before its item: what the feed has now, and what its page made of it.

    A page takes the place of the feed's text that was there when it was read, not of a later one.
    """
    found = db.execute(
        f"SELECT v.*, item.guid, item.feed, {SOURCE} FROM source JOIN item_version AS v ON v.id = source.version "
        "JOIN item ON item.id = source.item WHERE source.item = ? AND (source.kind = 'page' OR source.id = item.version) "
        "ORDER BY source.kind = 'page' DESC, v.seen_at DESC",
        [item],
    ).fetchall()
    read = [(rows.source_of(row, "s_"), rows.version_of(row)) for row in found]
    pages = [one for one in read if one[0].kind is SourceKind.PAGE][:1]
    feeds = [one for one in read if one[0].kind is SourceKind.ITEM]
    return [*pages, *(one for one in feeds if not pages or one[1].seen_at > pages[0][1].seen_at)]
