"""The one writer: applies plans, each in one transaction that holds all of it or nothing.

A `Store` and its connection belong to the thread that made them. What SQLite does to an outer ``with`` is not trusted:
every transaction here is an explicit ``BEGIN IMMEDIATE``, so that waiting for another writer happens before anything is read.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from types import TracebackType

from sqlite_utils import Database

from watcher.decide.arrivals import RESTORED, item_id
from watcher.decide.fold import Checkpoint, Start, since_checkpoint
from watcher.decide.intents import ItemVersion, Notice, Plan, Read
from watcher.decide.plan import Before
from watcher.errors import Stale, StoreError, StoreUnusable
from watcher.model import Change, Evidence, Fact, Feed, FeedState, Item, Key, Source, SourceKind, Title, parse_key
from watcher.store import ask, feedrows, linked, listing, manyrows, rows, schema

#: How a transaction begins, ends and is undone, and one inside another.
_OUTER = ("BEGIN IMMEDIATE", "COMMIT", ("ROLLBACK",))
_INNER = ("SAVEPOINT part", "RELEASE part", ("ROLLBACK TO part", "RELEASE part"))


class Store:
    """The state of one watcher in one SQLite file."""

    def __init__(self, path: Path, *, busy_timeout: float = 5.0) -> None:
        """Open or make the store; `busy_timeout` is how many seconds to wait for another writer.

        Raises:
            StoreError: the file cannot be used; the text says why and what to do.
        """
        self.path = path
        self.is_new = not path.exists()
        self.db: Database = schema.open_writer(path, busy_timeout=busy_timeout)
        self.connection: sqlite3.Connection = self.db.conn
        self.connection.row_factory = sqlite3.Row
        self._place = _place(path)

    def __enter__(self) -> Store:
        """The store itself, closed at the end of the block."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Close, whatever happened."""
        self.close()

    def close(self) -> None:
        """Close the connection; what was committed stays."""
        self.db.close()

    def check_place(self) -> None:
        """Make sure that the file is still the one that was opened: what is written to another is lost.

        Raises:
            StoreUnusable: it was removed, or another one lies in its place.
        """
        place = _place(self.path)
        if place is None:
            raise StoreUnusable(f"{self.path} was removed while watcher ran; put it back, or a backup: watcher restore FILE")
        if place != self._place:
            raise StoreUnusable(f"{self.path} was replaced while watcher ran; start watcher again to use what lies there now")

    @contextmanager
    def explained(self) -> Iterator[None]:
        """What SQLite meets here is told as an error that says what to do; a mistake in our own words to it stays what it is.

        Raises:
            StoreError: the store is busy, full or damaged.
        """
        try:
            yield
        except sqlite3.Error as error:
            told = schema.explain(error, self.path)
            if type(told) is StoreError:
                raise
            raise told from error

    @contextmanager
    def transaction(self) -> Iterator[Database]:
        """One ``BEGIN IMMEDIATE … COMMIT``; rolled back whole on any error. Inside another one it is a savepoint of that.

        Raises:
            StoreBusy: another process holds the store; nothing was changed.
            StoreError: the disk is full, the file read-only or damaged; nothing was changed.
        """
        begin, end, undo = _INNER if self.connection.in_transaction else _OUTER
        try:
            self.db.execute(begin)
            try:
                yield self.db
                self.db.execute(end)
            except BaseException:
                # A full disk may have rolled everything back already.
                if self.connection.in_transaction:
                    for statement in undo:
                        self.db.execute(statement)
                raise
        except sqlite3.Error as error:
            raise schema.explain(error, self.path) from error

    def configure(self, titles: Sequence[Title], feeds: Sequence[Feed], now: datetime, first_polls: Sequence[datetime]) -> None:
        """Make rows for titles and feeds that are new in the configuration; `first_polls` says when each feed is first due."""
        with self.transaction() as db:
            for title in titles:
                db.execute(
                    "INSERT INTO title (id, name, first_seen_at) VALUES (?, ?, ?) "
                    "ON CONFLICT (id) DO UPDATE SET name = excluded.name",
                    [title.id, title.name, rows.stamp(now)],
                )
            for feed, due in zip(feeds, first_polls, strict=True):
                db.execute("INSERT OR IGNORE INTO feed (url, next_poll_at) VALUES (?, ?)", [feed.url, rows.stamp(due)])

    def due_feeds(self, urls: Collection[str], now: datetime) -> list[FeedState]:
        """Which of these feeds are due, the longest overdue first; what is gone never is."""
        found = self.db.execute(
            "SELECT * FROM feed WHERE next_poll_at <= ? AND gone_at IS NULL ORDER BY next_poll_at", [rows.stamp(now)]
        )
        return [feedrows.feed_of(row) for row in found if row["url"] in urls]

    def polled_later(self, now: datetime) -> list[FeedState]:
        """The feeds that were polled after `now`: the clock was set back since."""
        found = self.db.execute("SELECT * FROM feed WHERE last_poll_at > ?", [rows.stamp(now)])
        return [feedrows.feed_of(row) for row in found]

    def unseen(self, feed: str, items: Sequence[Item]) -> list[Item]:
        """The items that are new or have a text that we have not got now."""
        ids = [item_id(feed, item.guid) for item in items]
        seen = ask.versions_seen(self.connection, feed, items, ids)
        return [item for item, name in zip(items, ids, strict=True) if name not in seen]

    def before(
        self,
        keys: Sequence[Key],
        items: Sequence[str],
        horizon: datetime,
        *,
        replaces: Collection[SourceKind] = tuple(SourceKind),
        whole: Collection[Key] = (),
    ) -> tuple[list[Key], Before]:
        """All keys that these items touch or touched before, and what is known of each.

        `replaces` are the kinds of sources of these items whose place is taken now.

        The checkpoint of a key is its last revision from before the horizon; claims that it was made from and older ones
        are not folded again, unless they came in after it. The keys in `whole` have none: all their claims are folded.
        """
        touched = sorted({*keys, *map(parse_key, ask.keys_of_items(self.connection, items))}, key=str)
        facts: dict[Key, Fact] = {}
        checkpoints: dict[Key, Checkpoint] = {}
        claims: dict[Key, tuple[Evidence, ...]] = {}
        backing: dict[Key, tuple[Evidence, ...]] = {}
        for key in touched:
            if (fact := ask.fact(self.connection, key)) is not None:
                facts[key] = fact
                behind = ask.evidence_by_id(self.connection, fact.evidence)
                backing[key] = tuple(e for e in behind if e.source.item in items and e.source.kind in replaces)
            start = None if key in whole else ask.start(self.connection, key, horizon)
            said = ask.evidence(self.connection, key, without_items=items, kinds=replaces, start=start)
            checkpoints[key], claims[key] = since_checkpoint(start, said)
        learning = {name for name, state in ask.titles(self.connection).items() if state.learned_at is None}
        return touched, Before(
            facts=facts,
            checkpoints=checkpoints,
            evidence=claims,
            learning=frozenset(learning),
            backing=backing,
            whole=frozenset(whole),
            told={key: ask.told(self.connection, key) for key in touched if key in facts},
        )

    def apply(self, plan: Plan) -> None:
        """Write a plan, all of it or nothing.

        Raises:
            Stale: a fact has a newer revision than the plan was made from; decide again.
            StoreBusy: another process holds the store.
            StoreError: the store cannot be written.
        """
        with self.transaction() as db:
            self._refuse_stale(plan.based_on)
            manyrows.upsert(self.connection, "feed", [feedrows.feed_record(state) for state in plan.feeds], key="url")
            for gone, story in plan.merged.items():
                db.execute("UPDATE source SET story = ? WHERE story = ?", [story, gone])
            self._write_versions(plan.versions)
            self._write_sources(plan.sources)
            for read in plan.readings:
                self._write_reading(read)
            if plan.facts:
                db.table("revision").insert_all([rows.fact_record(fact) for fact in plan.facts], pk=("key", "revision"))
            self._write_marks(plan.marks)
            if plan.changes:
                revisions = {f"{fact.key}/r{fact.revision}": fact.revision for fact in plan.facts}
                db.table("change").insert_all([rows.change_record(c, revisions[c.id]) for c in plan.changes], pk="id")
                self._drop_made_sure([change for change in plan.changes if change.silent == RESTORED])
            for notice in plan.notices:
                self._write_notice(notice, plan.at)
            self._write_pages(plan)
            self._mark(plan)
            listing.note_listed(self.connection, plan.listed)

    def _drop_made_sure(self, caught_up: Sequence[Change]) -> None:
        """What waited in a backup to be sure enough was told before, if what is caught up on since makes it so."""
        self.connection.executemany(
            "UPDATE outbox SET dropped = ? WHERE subject BETWEEN ? || '/r' AND ? || '/s' AND delivery IS NULL "
            "AND dropped IS NULL AND instr(?, ?) >= instr(?, needs) "
            "AND created_at <= (SELECT value FROM meta WHERE key = 'restored_at')",
            [(RESTORED, str(c.key), str(c.key), ask.SURENESS, str(c.confidence), ask.SURENESS) for c in caught_up],
        )

    def _mark(self, plan: Plan) -> None:
        """The marks on titles and items."""
        for title, known in plan.known.items():
            self.db.execute("UPDATE title SET known = ? WHERE id = ?", [known, title])
        for title in plan.learned:
            self.db.execute("UPDATE title SET learned_at = ? WHERE id = ? AND learned_at IS NULL", [rows.stamp(plan.at), title])
        for item, since in plan.discarded.items():
            self.db.execute("UPDATE item SET ignored_at = ? WHERE id = ?", [rows.stamp_or_none(since), item])

    def _refuse_stale(self, based_on: Mapping[Key, int]) -> None:
        for key, revision in based_on.items():
            last = self.db.execute("SELECT coalesce(max(revision), 0) FROM revision WHERE key = ?", [str(key)]).fetchone()[0]
            if last != revision:
                raise Stale(f"{key} is at revision {last}, the plan was made from {revision}")

    def _write_versions(self, versions: Sequence[ItemVersion]) -> None:
        """Versions; that of a page is not what the feed has, which is compared with the next poll."""
        rows_of_items = [rows.item_record(version) for version in versions if version.kind is SourceKind.ITEM]
        self.connection.executemany(
            "INSERT INTO item (id, feed, guid, first_seen_at, version, listed_on) "
            f"VALUES (:id, :feed, :guid, :first_seen_at, :version, {listing.TODAY}) "
            "ON CONFLICT (id) DO UPDATE SET version = excluded.version",
            rows_of_items,
        )
        manyrows.insert_new(self.connection, "item_version", [rows.version_record(version) for version in versions])

    def _write_sources(self, sources: Sequence[tuple[Source, str | None]]) -> None:
        """A source takes the place of the older versions of its item; one that comes back is current again."""
        placed = {(source.item, kind): source.id for source, _ in sources for kind in source.kind.replaces}
        older = ask.items_with_sources(self.connection, [source.item for source, _ in sources])
        self.connection.executemany(
            "UPDATE source SET current = 0 WHERE item = ? AND kind = ?",
            [(item, str(kind)) for item, kind in placed if item in older],
        )
        manyrows.insert_new(self.connection, "source", [rows.source_record(source, version) for source, version in sources])
        # Of two that take one place the later one stands.
        standing = {*placed.values()}
        self.connection.executemany(
            "UPDATE source SET current = ? WHERE id = ?",
            [
                (int(source.id in standing), source.id)
                for source, _ in sources
                if source.item in older or source.id not in standing
            ],
        )

    def _write_reading(self, read: Read) -> None:
        """A reading supersedes the older ones of the same source and title; none is deleted."""
        reading = read.reading
        self.db.execute("UPDATE reading SET current = 0 WHERE source = ? AND title = ?", [read.source, reading.title])
        self.db.execute(
            "INSERT INTO reading (id, source, title, reader, verdict, reasons, read_at, outcome, current) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, 1) ON CONFLICT (id) DO UPDATE SET current = 1, outcome = excluded.outcome",
            [
                read.id,
                read.source,
                reading.title,
                reading.reader,
                str(reading.verdict),
                json.dumps(reading.reasons, ensure_ascii=False),
                rows.stamp(read.read_at),
                read.outcome,
            ],
        )
        claims = [rows.claim_record(e, read.id) for e in read.evidence]
        for record in claims:
            self.db.table("claim").insert(record, pk="id", ignore=True)

    def _write_pages(self, plan: Plan) -> None:
        """Linked pages as they stand; the other pages of a host that wants to rest are not due before."""
        if plan.pages:
            self.db.table("page").upsert_all([linked.page_record(page) for page in plan.pages], pk="item")
        for host, until in plan.hosts_rest.items():
            self.db.execute(
                "UPDATE page SET due_at = ? WHERE state = 'due' AND host = ? AND due_at < ?",
                [rows.stamp(until), host, rows.stamp(until)],
            )

    def _write_marks(self, marks: Mapping[Key, Start | None]) -> None:
        for key, start in marks.items():
            if start is None:
                self.db.execute("DELETE FROM mark WHERE key = ?", [str(key)])
            else:
                self.db.table("mark").upsert(rows.mark_record(start), pk="key")

    def _write_notice(self, notice: Notice, now: datetime) -> None:
        self.db.table("outbox").insert(
            {
                "target": notice.target,
                "title": notice.title,
                "subject": notice.subject,
                "kind": notice.kind,
                "change": notice.change,
                "needs": str(notice.needs),
                "not_before": rows.stamp(notice.not_before),
                "created_at": rows.stamp(now),
                "dropped": notice.dropped,
            },
            ignore=True,
        )

    def has_told(self, notices: Sequence[Notice]) -> bool:
        """Whether all of these have their rows in the outbox already."""
        asked = "SELECT 1 FROM outbox WHERE target = ? AND subject = ?"
        return all(self.connection.execute(asked, [n.target, n.subject]).fetchone() is not None for n in notices)

    def shrink(self) -> None:
        """Let go of the cache: what is asked for next is read from the file again."""
        self.connection.execute("PRAGMA shrink_memory")

    def note(self, **facts: str) -> None:
        """Note something of the daemon itself (when it started, its last whole pass) for `status`."""
        with self.transaction() as db:
            db.table("meta").upsert_all([{"key": key, "value": value} for key, value in facts.items()], pk="key")


def _place(path: Path) -> tuple[int, int] | None:
    """What tells a file from another one of its name; None where there is none."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino
