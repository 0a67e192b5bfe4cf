"""Questions to the store: read-only SQL over a plain `sqlite3` connection, so that asking needs no heavy import.

Every function takes a connection whose rows are `sqlite3.Row` (`open_reader`, or the writer's own).
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from watcher.errors import NotReadable, StoreBusy, StoreError
from watcher.model import Cause, Change, Confidence, Evidence, Fact, FeedState, Item, Key, Source, SourceKind, TargetState, Value
from watcher.store import aside, feedrows, rows

if TYPE_CHECKING:
    from watcher.decide.fold import Start

#: The newest `user_version` that this watcher understands: each migration raises it by one.
SCHEMA_VERSION = 7

#: The columns of `source` as `rows.source_of` takes them with the prefix ``s_``.
SOURCE = (
    "source.id AS s_id, source.item AS s_item, source.kind AS s_kind, source.outlet AS s_outlet, source.link AS s_link, "
    "source.title AS s_title, source.published AS s_published, source.first_seen AS s_first_seen, source.story AS s_story, "
    "source.fresh AS s_fresh"
)
#: Claims with their sources, as `rows.evidence_of` takes them; a condition follows.
EVIDENCE = f"""
SELECT claim.*, {SOURCE}
FROM claim JOIN reading ON reading.id = claim.reading JOIN source ON source.id = reading.source
"""


def open_reader(path: Path, *, busy_timeout: float = 2.0) -> sqlite3.Connection:
    """Open the store for asking, while the daemon writes or without one. `busy_timeout` is in seconds.

    Where the directory cannot be written, SQLite cannot make the shared memory of a WAL database; with no daemon running
    the file does not change, and is read as it lies.

    Raises:
        NotReadable: somebody else may read it.
        StoreError: there is no store, it is newer than this watcher, or it cannot be read.
    """
    try:
        path.stat()
    except FileNotFoundError:
        raise StoreError(f"nothing stored yet at {path}; run: watcher run") from None
    except OSError as error:
        raise NotReadable(f"{path} cannot be read by you") from error
    try:
        connection = aside.connect(path, busy_timeout)
        version = connection.execute("PRAGMA user_version").fetchone()[0]
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorname", "").startswith("SQLITE_BUSY"):
            raise StoreBusy(f"{path} is held by another process; try again") from error
        if not os.access(path, os.R_OK):
            raise NotReadable(f"{path} cannot be read by you") from error
        raise StoreError(f"{path} cannot be read ({error})") from error
    connection.row_factory = sqlite3.Row
    if version > SCHEMA_VERSION:
        raise StoreError(newer(path, version))
    if 0 < version < SCHEMA_VERSION:
        raise StoreError(
            f"{path} was last written by an older watcher (schema {version}, this one asks for {SCHEMA_VERSION}); "
            "start the new one once, it takes everything over: watcher run"
        )
    if version == 0:
        raise StoreError(f"{path} is no store of watcher, or was never filled; run: watcher run")
    return connection


def newer(path: Path, version: int) -> str:
    """What to say of a store with a schema that this watcher does not know yet."""
    return f"{path} was written by a newer watcher (schema {version}, this one knows {SCHEMA_VERSION}); upgrade"


def facts(db: sqlite3.Connection, *, title: str | None = None, as_of: datetime | None = None) -> list[Fact]:
    """What is held true, or was on a day: for each key the last revision recorded by then, unless it holds nothing."""
    found = db.execute(
        """
        SELECT * FROM revision AS r WHERE (:title IS NULL OR title = :title) AND revision =
          (SELECT max(revision) FROM revision WHERE key = r.key AND (:at IS NULL OR recorded_at <= :at))
          AND (date IS NOT NULL OR status IS NOT NULL)
        ORDER BY key
        """,
        {"title": title, "at": rows.stamp_or_none(as_of)},
    )
    return [rows.fact_of(row) for row in found]


def fact(db: sqlite3.Connection, key: Key) -> Fact | None:
    """The fact of one key as it stands."""
    row = db.execute("SELECT * FROM revision WHERE key = ? ORDER BY revision DESC LIMIT 1", [str(key)]).fetchone()
    return None if row is None else rows.fact_of(row)


def revisions(db: sqlite3.Connection, key: Key) -> list[Fact]:
    """All revisions of one fact, oldest first."""
    found = db.execute("SELECT * FROM revision WHERE key = ? ORDER BY revision", [str(key)])
    return [rows.fact_of(row) for row in found]


def fact_before(db: sqlite3.Connection, key: Key, horizon: datetime) -> Fact | None:
    """The last revision whose deciding text was published at or before the horizon, and not before it was folded anew."""
    row = db.execute(
        """
        SELECT * FROM revision WHERE key = :key AND since <= :horizon AND revision >=
          (SELECT coalesce(max(revision), 0) FROM revision WHERE key = :key AND cause IN (SELECT value FROM json_each(:anew)))
        ORDER BY revision DESC LIMIT 1
        """,
        {"key": str(key), "horizon": rows.stamp(horizon), "anew": json.dumps([cause for cause in Cause if cause.anew])},
    ).fetchone()
    return None if row is None else rows.fact_of(row)


def start(db: sqlite3.Connection, key: Key, horizon: datetime) -> Start | None:
    """Where folding goes on from: the last revision from before the horizon, or the mark that was made since."""
    from watcher.decide.fold import Start  # noqa: PLC0415 - whoever only looks folds nothing

    row = db.execute("SELECT * FROM mark WHERE key = ?", [str(key)]).fetchone()
    fact = fact_before(db, key, horizon)
    marked = None if row is None else rows.mark_of(row)
    if marked is not None and (fact is None or fact.since <= marked.at):
        return marked
    return None if fact is None else Start.of(fact)


_SINCE = """
WHERE source.current AND reading.current AND claim.id IN (
  SELECT id FROM claim WHERE key = :key AND at > :at UNION SELECT id FROM claim WHERE key = :key AND seen_at > :made_at
  UNION SELECT value FROM json_each(:ids))
"""


def evidence(
    db: sqlite3.Connection,
    key: Key,
    *,
    without_items: Iterable[str] = (),
    kinds: Collection[SourceKind] = tuple(SourceKind),
    start: Start | None = None,
) -> list[Evidence]:
    """All current claims about one fact, in the order they are folded; not those of items that arrive again.

    Of those items the sources of these `kinds` are left out. With a `start` only what is folded from there.
    """
    left_out = set(without_items)
    if start is None:
        found = db.execute(EVIDENCE + "WHERE claim.key = ? AND source.current AND reading.current", [str(key)])
    else:
        ids = json.dumps([*start.backers, *start.open])
        given = {"key": str(key), "at": rows.stamp(start.at), "made_at": rows.stamp(start.made_at), "ids": ids}
        found = db.execute(EVIDENCE + _SINCE, given)
    said = [rows.evidence_of(row) for row in found if row["s_item"] not in left_out or row["s_kind"] not in kinds]
    return sorted(said, key=lambda e: e.order)


def is_said(db: sqlite3.Connection, key: Key) -> bool:
    """Whether any current claim speaks of a fact."""
    found = db.execute(f"SELECT EXISTS ({EVIDENCE} WHERE claim.key = ? AND source.current AND reading.current)", [str(key)])
    return bool(found.fetchone()[0])


#: Confidences from weakest to strongest: the place of one in this text is its rank in SQL.
SURENESS = " ".join(Confidence)

#: A delivery that is not at its end, in the words of the index of those, which SQLite only takes where it sees them.
OPEN = "delivery.state NOT IN ('sent', 'dead')"

#: A delivery that has left: it arrived, or may have.
_LEFT = "(delivery.state IN ('sent', 'sending') OR delivery.may_repeat)"


def told(db: sqlite3.Connection, key: Key, *, but: str | None = None) -> frozenset[str]:
    """The targets that a fact's changes, or a summary with the fact in it, are for.

    `but` is a delivery that is under way: then only the targets that another one has left for.
    """
    left = f"AND EXISTS (SELECT 1 FROM delivery WHERE id = outbox.delivery AND id <> :but AND {_LEFT})" if but else ""
    found = db.execute(
        f"""
        SELECT DISTINCT target FROM outbox WHERE dropped IS NULL {left} AND (subject BETWEEN :key || '/r' AND :key || '/s'
          OR (subject = 'summary/' || :title AND created_at >= (SELECT min(recorded_at) FROM revision WHERE key = :key)))
        """,
        {"key": str(key), "title": key.title, "but": but},
    )
    return frozenset(row["target"] for row in found)


def last_told(db: sqlite3.Connection, target: str, key: Key, *, but: str) -> Value | None:
    """What a target was told last of a fact by an alert, or may have been; None where it was none. `but` is under way now."""
    found = db.execute(
        "SELECT change.* FROM outbox JOIN change ON change.id = outbox.change JOIN delivery ON delivery.id = outbox.delivery "
        "WHERE outbox.target = :target AND outbox.subject BETWEEN :key || '/r' AND :key || '/s' "
        f"AND delivery.id <> :but AND {_LEFT} ORDER BY change.revision DESC LIMIT 1",
        {"target": target, "key": str(key), "but": but},
    ).fetchone()
    return None if found is None else rows.change_of(found).new


def evidence_by_id(db: sqlite3.Connection, ids: Sequence[str]) -> list[Evidence]:
    """These claims, current or not, in the order they are folded."""
    marks = ",".join("?" * len(ids))
    found = db.execute(EVIDENCE + f"WHERE claim.id IN ({marks})", list(ids))
    return sorted((rows.evidence_of(row) for row in found), key=lambda e: e.order)


def keys_of_items(db: sqlite3.Connection, items: Iterable[str]) -> set[str]:
    """The keys that the current claims of these items speak of."""
    found: set[str] = set()
    for item in items:
        found |= {
            row[0]
            for row in db.execute(
                "SELECT DISTINCT claim.key FROM claim JOIN reading ON reading.id = claim.reading "
                "JOIN source ON source.id = reading.source WHERE source.item = ? AND source.current AND reading.current",
                [item],
            )
        }
    return found


def people(db: sqlite3.Connection, title: str) -> list[str]:
    """The slugs of all persons ever named for a title."""
    found = db.execute("SELECT DISTINCT key FROM revision WHERE title = ? AND status IS NOT NULL ORDER BY key", [title])
    return list(dict.fromkeys(row[0].rsplit("/", 1)[1] for row in found))


def changes(db: sqlite3.Connection, *, title: str | None = None, as_of: datetime | None = None, limit: int = -1) -> list[Change]:
    """Changes in the order of the news, newest last; `limit` keeps the newest."""
    found = db.execute(
        "SELECT * FROM change WHERE (:title IS NULL OR title = :title) AND (:at IS NULL OR recorded_at <= :at) "
        "ORDER BY at DESC, recorded_at DESC, key DESC, revision DESC LIMIT :limit",
        {"title": title, "at": rows.stamp_or_none(as_of), "limit": limit},
    )
    return [rows.change_of(row) for row in found][::-1]


def changes_by_id(db: sqlite3.Connection, ids: Sequence[str]) -> list[Change]:
    """These changes."""
    return [rows.change_of(row) for row in (_one(db, "change", name) for name in ids) if row is not None]


def feeds(db: sqlite3.Connection) -> list[FeedState]:
    """The state of every feed, by address."""
    return [feedrows.feed_of(row) for row in db.execute("SELECT * FROM feed ORDER BY url")]


def feed(db: sqlite3.Connection, url: str) -> FeedState | None:
    """The state of one feed."""
    row = db.execute("SELECT * FROM feed WHERE url = ?", [url]).fetchone()
    return None if row is None else feedrows.feed_of(row)


def was_sent(db: sqlite3.Connection, target: str, subject: str) -> bool:
    """Whether a target was told of this subject, or may have been."""
    found = db.execute(
        "SELECT 1 FROM outbox JOIN delivery ON delivery.id = outbox.delivery WHERE outbox.target = ? AND outbox.subject = ? "
        "AND (delivery.state = 'sent' OR delivery.may_repeat)",
        [target, subject],
    )
    return found.fetchone() is not None


def items_stored(db: sqlite3.Connection, ids: Sequence[str]) -> set[str]:
    """Which of these items are stored, with whatever text."""
    found = db.execute("SELECT id FROM item WHERE id IN (SELECT value FROM json_each(?))", [json.dumps(list(ids))])
    return {row["id"] for row in found}


def items_with_sources(db: sqlite3.Connection, ids: Sequence[str]) -> set[str]:
    """Which of these items something was read from."""
    found = db.execute("SELECT item FROM source WHERE item IN (SELECT value FROM json_each(?))", [json.dumps(list(ids))])
    return {row["item"] for row in found}


def versions_seen(db: sqlite3.Connection, feed: str, items: Sequence[Item], ids: Sequence[str]) -> set[str]:
    """Which of these items (`ids` are theirs) are stored with the very text they have now."""
    stored = dict(
        db.execute(
            # The plus keeps SQLite from looking through all items of the feed.
            "SELECT item.id, v.digest FROM item JOIN item_version AS v ON v.id = item.version "
            "WHERE +item.feed = ? AND item.id IN (SELECT value FROM json_each(?))",
            [feed, json.dumps(list(ids))],
        ).fetchall()
    )
    return {name for item, name in zip(items, ids, strict=True) if stored.get(name) == item.digest}


@dataclass(frozen=True, slots=True, kw_only=True)
class TitleState:
    """What is remembered of a title: when its silent first pass ended, which known values were taken in, how long it is mute."""

    id: str
    learned_at: datetime | None
    known: str | None
    muted_until: datetime | None = None


def titles(db: sqlite3.Connection) -> dict[str, TitleState]:
    """The state of every title, by id."""
    return {
        row["id"]: TitleState(
            id=row["id"],
            learned_at=rows.moment_or_none(row["learned_at"]),
            known=row["known"],
            muted_until=rows.moment_or_none(row["muted_until"]),
        )
        for row in db.execute("SELECT * FROM title")
    }


def target(db: sqlite3.Connection, name: str) -> TargetState:
    """The state of one target; of unknown ones there is nothing to tell yet."""
    row = db.execute("SELECT * FROM target WHERE name = ?", [name]).fetchone()
    if row is None:
        return TargetState(name=name)
    return TargetState(
        name=name,
        failures=row["failures"],
        not_before=rows.moment_or_none(row["not_before"]),
        error=row["error"],
        error_since=rows.moment_or_none(row["error_since"]),
        last_ok_at=rows.moment_or_none(row["last_ok_at"]),
    )


def waiting(db: sqlite3.Connection, target: str) -> tuple[int, int]:
    """How many alerts wait for a target, and how many deliveries to it were given up."""
    found = db.execute(
        "SELECT (SELECT count(*) FROM outbox WHERE target = :target AND delivery IS NULL AND dropped IS NULL), "
        "(SELECT count(*) FROM outbox WHERE delivery IN "
        "(SELECT id FROM delivery WHERE target = :target AND state NOT IN ('sent', 'dead'))), "
        "(SELECT count(*) FROM delivery WHERE target = :target AND state = 'dead')",
        {"target": target},
    ).fetchone()
    return found[0] + found[1], found[2]


def meta(db: sqlite3.Connection) -> dict[str, str]:
    """What the daemon notes of itself: ``started_at``, ``pass_at``, ``pid``, ``version``."""
    return {row["key"]: row["value"] for row in db.execute("SELECT * FROM meta")}


def items_count(db: sqlite3.Connection) -> int:
    """How many items are stored."""
    return int(db.execute("SELECT count(*) FROM item").fetchone()[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of an item for a title: its source, the verdict, and the stage and reason that ended it."""

    item: str
    guid: str | None
    feed: str | None
    title: str
    verdict: str
    outcome: str
    source: Source


def outcomes(db: sqlite3.Connection, *, title: str | None = None, item: str | None = None, limit: int = -1) -> list[Outcome]:
    """What became of the items that named a title, newest reading first."""
    found = db.execute(
        "SELECT source.*, reading.title AS r_title, reading.verdict, reading.outcome, item.guid, item.feed FROM reading "
        "JOIN source ON source.id = reading.source LEFT JOIN item ON item.id = source.item "
        "WHERE reading.current AND source.current AND (:title IS NULL OR reading.title = :title) "
        "AND (:item IS NULL OR source.item = :item) ORDER BY reading.read_at DESC, source.id LIMIT :limit",
        {"title": title, "item": item, "limit": limit},
    )
    return [
        Outcome(
            item=row["item"],
            guid=row["guid"],
            feed=row["feed"],
            title=row["r_title"],
            verdict=row["verdict"],
            outcome=row["outcome"],
            source=rows.source_of(row),
        )
        for row in found
    ]


def guids(db: sqlite3.Connection, items: Iterable[str]) -> list[str]:
    """The guids under which these items came in their feeds; what has none (the user's word) is left out."""
    found = [db.execute("SELECT guid FROM item WHERE id = ?", [item]).fetchone() for item in items]
    return [row["guid"] for row in found if row is not None]


def _one(db: sqlite3.Connection, table: str, name: str) -> sqlite3.Row | None:
    found = db.execute(f"SELECT * FROM {table} WHERE id = ?", [name]).fetchone()
    assert found is None or isinstance(found, sqlite3.Row)
    return found
