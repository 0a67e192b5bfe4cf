"""What the database looks like, how it came to look so, and how it is opened for writing.

Each migration runs in one transaction together with its record (sqlite-utils). `application_id` and `user_version` are
SQLite's own marks (https://www.sqlite.org/pragma.html): the first says that a file is ours, the second keeps an older
watcher away from a newer file.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from watcher.errors import StoreBusy, StoreError, StoreFull, StoreUnusable
from watcher.store import aside
from watcher.store.ask import SCHEMA_VERSION, newer

#: "wtch" in ASCII.
APPLICATION_ID = 0x77746368

#: How it is opened. Ids are digests, so rows are spread over the whole of an index: SQLite's own cache of 2 MB is small. One of
#: 16 MB is no faster, not even with a million items (the system keeps the file in memory anyway), and stays ours for ever.
_PRAGMAS = (
    f"application_id = {APPLICATION_ID}",
    "journal_mode = WAL",
    "synchronous = FULL",
    "foreign_keys = ON",
    "cache_size = -4000",
    # The log grows while somebody reads for long; afterwards it is cut to this again.
    "journal_size_limit = 8388608",
)

migrations = Migrations("watcher")

_GROUND = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;

CREATE TABLE title (
  id TEXT PRIMARY KEY, name TEXT NOT NULL, first_seen_at TEXT NOT NULL,
  learned_at TEXT,   -- end of the first finished pass, which is silent
  known TEXT         -- digest of the known values last taken from the configuration
) STRICT;

CREATE TABLE feed (
  url TEXT PRIMARY KEY, next_poll_at TEXT NOT NULL, etag TEXT, last_modified TEXT, validators_from TEXT, digest TEXT,
  first_ok_at TEXT, last_ok_at TEXT, last_poll_at TEXT, not_before TEXT,
  failures INTEGER NOT NULL DEFAULT 0, status INTEGER, error TEXT, items INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX feed_due ON feed (next_poll_at);

CREATE TABLE item (
  id TEXT PRIMARY KEY, feed TEXT NOT NULL REFERENCES feed (url), guid TEXT NOT NULL,
  first_seen_at TEXT NOT NULL, version TEXT NOT NULL, UNIQUE (feed, guid)
) STRICT;
CREATE TABLE item_version (
  id TEXT PRIMARY KEY, item TEXT NOT NULL REFERENCES item (id) DEFERRABLE INITIALLY DEFERRED, digest TEXT NOT NULL,
  title TEXT NOT NULL, body TEXT NOT NULL, link TEXT, author TEXT, language TEXT,
  published TEXT, precision TEXT NOT NULL, seen_at TEXT NOT NULL, UNIQUE (item, digest)
) STRICT;

CREATE TABLE source (
  id TEXT PRIMARY KEY, item TEXT NOT NULL, kind TEXT NOT NULL, version TEXT REFERENCES item_version (id),
  outlet TEXT, link TEXT, title TEXT NOT NULL, published TEXT, first_seen TEXT NOT NULL,
  story TEXT NOT NULL, fresh INTEGER NOT NULL,
  current INTEGER NOT NULL   -- 0 when a newer version of the same item took its place
) STRICT;
CREATE INDEX source_item ON source (item);

CREATE TABLE reading (
  id TEXT PRIMARY KEY, source TEXT NOT NULL REFERENCES source (id), title TEXT NOT NULL, reader TEXT NOT NULL,
  verdict TEXT NOT NULL, reasons TEXT NOT NULL, read_at TEXT NOT NULL,
  outcome TEXT NOT NULL,     -- the stage and the reason that ended it: why it told, or told nobody
  current INTEGER NOT NULL   -- 0 when a newer reading superseded it
) STRICT;
CREATE INDEX reading_source ON reading (source);
CREATE INDEX reading_title ON reading (title, read_at);

CREATE TABLE claim (
  id TEXT PRIMARY KEY, reading TEXT NOT NULL REFERENCES reading (id), key TEXT NOT NULL, kind TEXT NOT NULL, title TEXT NOT NULL,
  type TEXT, region TEXT, date TEXT, from_date TEXT, action TEXT,
  person TEXT, job TEXT, role TEXT, status TEXT,
  modality TEXT NOT NULL, credits TEXT, rule TEXT NOT NULL,
  sentence TEXT NOT NULL, start INTEGER NOT NULL, "end" INTEGER NOT NULL
) STRICT;
CREATE INDEX claim_key ON claim (key);
CREATE INDEX claim_reading ON claim (reading);

CREATE TABLE revision (
  key TEXT NOT NULL, revision INTEGER NOT NULL, title TEXT NOT NULL,
  date TEXT, status TEXT, role TEXT, person TEXT,
  confidence TEXT NOT NULL, evidence TEXT NOT NULL, outlets TEXT NOT NULL, superseded TEXT NOT NULL,
  since TEXT NOT NULL, recorded_at TEXT NOT NULL, cause TEXT NOT NULL, pinned INTEGER NOT NULL,
  PRIMARY KEY (key, revision)
) STRICT;
CREATE INDEX revision_title ON revision (title);
CREATE TRIGGER revision_is_never_updated BEFORE UPDATE ON revision
  BEGIN SELECT RAISE(ABORT, 'the ledger of facts is append-only'); END;
CREATE TRIGGER revision_is_never_deleted BEFORE DELETE ON revision
  BEGIN SELECT RAISE(ABORT, 'the ledger of facts is append-only'); END;
CREATE VIEW fact AS SELECT * FROM revision AS r
  WHERE revision = (SELECT max(revision) FROM revision WHERE key = r.key);

CREATE TABLE change (
  id TEXT PRIMARY KEY, key TEXT NOT NULL, revision INTEGER NOT NULL, title TEXT NOT NULL, kind TEXT NOT NULL,
  old TEXT, new TEXT NOT NULL, confidence TEXT NOT NULL, at TEXT NOT NULL, recorded_at TEXT NOT NULL,
  sentence TEXT NOT NULL, outlet TEXT, credits TEXT, link TEXT, sources TEXT NOT NULL, silent TEXT, late INTEGER NOT NULL,
  FOREIGN KEY (key, revision) REFERENCES revision (key, revision)
) STRICT;
CREATE INDEX change_title ON change (title, recorded_at);

CREATE TABLE delivery (
  id TEXT PRIMARY KEY, target TEXT NOT NULL, title TEXT NOT NULL, kind TEXT NOT NULL, state TEXT NOT NULL
    CHECK (state IN ('pending', 'sending', 'sent', 'unknown', 'dead')),
  created_at TEXT NOT NULL, claimed_at TEXT, ended_at TEXT, attempts INTEGER NOT NULL DEFAULT 0,
  may_repeat INTEGER NOT NULL DEFAULT 0, subject TEXT, detail TEXT
) STRICT;
CREATE INDEX delivery_open ON delivery (target, created_at) WHERE state NOT IN ('sent', 'dead');

CREATE TABLE outbox (
  id INTEGER PRIMARY KEY, target TEXT NOT NULL, title TEXT NOT NULL, subject TEXT NOT NULL, kind TEXT NOT NULL,
  change TEXT REFERENCES change (id), needs TEXT NOT NULL, not_before TEXT NOT NULL, created_at TEXT NOT NULL,
  delivery TEXT REFERENCES delivery (id), dropped TEXT, UNIQUE (target, subject)
) STRICT;
CREATE INDEX outbox_open ON outbox (target, not_before) WHERE delivery IS NULL AND dropped IS NULL;
CREATE INDEX outbox_delivery ON outbox (delivery);

CREATE TABLE target (
  name TEXT PRIMARY KEY, failures INTEGER NOT NULL DEFAULT 0, not_before TEXT, error TEXT, error_since TEXT, last_ok_at TEXT
) STRICT;
"""


@migrations()
def m001_ground(db: Database) -> None:
    """Items and their versions, readings and claims, the ledger of facts, changes, and the outbox."""
    for statement in _statements(_GROUND):
        db.execute(statement)
    db.execute("PRAGMA user_version = 1")


_PAGES = """
CREATE TABLE page (
  item TEXT PRIMARY KEY REFERENCES item (id), url TEXT NOT NULL, host TEXT NOT NULL, story TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('due', 'read', 'given_up')), due_at TEXT NOT NULL, wanted_at TEXT NOT NULL,
  tries INTEGER NOT NULL, visits INTEGER NOT NULL, asked_at TEXT,
  silence TEXT, late INTEGER NOT NULL,
  outcome TEXT NOT NULL      -- the last error, or why it was given up
) STRICT;
CREATE INDEX page_due ON page (due_at) WHERE state = 'due';
CREATE INDEX page_asked ON page (asked_at, host) WHERE asked_at IS NOT NULL;
CREATE INDEX page_story ON page (story);
"""


@migrations()
def m002_pages(db: Database) -> None:
    """The pages behind items: which are to be asked for and when, and what became of them."""
    for statement in _statements(_PAGES):
        db.execute(statement)
    db.execute("PRAGMA user_version = 2")


_USER_AND_EDITS = """
ALTER TABLE claim ADD COLUMN said_at TEXT;       -- when an edit of the article brought it; NULL: when the article came out
ALTER TABLE claim ADD COLUMN at TEXT;            -- when it was said, of whichever of the two
ALTER TABLE claim ADD COLUMN seen_at TEXT;       -- when its source was first seen
UPDATE claim SET (at, seen_at) = (SELECT coalesce(source.published, source.first_seen), source.first_seen
  FROM reading JOIN source ON source.id = reading.source WHERE reading.id = claim.reading);
DROP INDEX claim_key;
CREATE INDEX claim_key_at ON claim (key, at);
CREATE INDEX claim_key_seen ON claim (key, seen_at);
CREATE TABLE mark (
  key TEXT PRIMARY KEY, at TEXT NOT NULL, open TEXT NOT NULL, revision INTEGER NOT NULL, title TEXT NOT NULL,
  date TEXT, status TEXT, role TEXT, person TEXT,
  confidence TEXT NOT NULL, evidence TEXT NOT NULL, outlets TEXT NOT NULL, superseded TEXT NOT NULL,
  since TEXT NOT NULL, recorded_at TEXT NOT NULL, cause TEXT NOT NULL, pinned INTEGER NOT NULL
) STRICT;
ALTER TABLE item ADD COLUMN ignored_at TEXT;     -- since when the user discards it
ALTER TABLE title ADD COLUMN muted_until TEXT;   -- until when the user wants to hear nothing of it
CREATE INDEX source_published ON source (published);
CREATE INDEX source_story ON source (story);
CREATE INDEX outbox_subject ON outbox (subject);
"""


@migrations()
def m003_user_and_edits(db: Database) -> None:
    """What an edit adds is said when it was edited; items are discarded and titles silenced; stories are found by their time."""
    for statement in _statements(_USER_AND_EDITS):
        db.execute(statement)
    db.execute("PRAGMA user_version = 3")


_POLLING = """
ALTER TABLE feed ADD COLUMN failing_since TEXT;  -- the first failure in a row
ALTER TABLE feed ADD COLUMN title TEXT;          -- what the feed calls itself
ALTER TABLE feed ADD COLUMN address TEXT;        -- asked in place of url, since a permanent redirect is proven
ALTER TABLE feed ADD COLUMN moved_to TEXT;
ALTER TABLE feed ADD COLUMN moved_polls INTEGER NOT NULL DEFAULT 0;
ALTER TABLE feed ADD COLUMN moved_since TEXT;
ALTER TABLE feed ADD COLUMN gone_at TEXT;        -- since when the server says 410 Gone; not polled any more
ALTER TABLE feed ADD COLUMN hints TEXT;          -- JSON: how often the document asks to be read
ALTER TABLE feed ADD COLUMN max_age_s INTEGER;
ALTER TABLE feed ADD COLUMN dated INTEGER NOT NULL DEFAULT 0;
ALTER TABLE feed ADD COLUMN window_s INTEGER;
ALTER TABLE feed ADD COLUMN newest_at TEXT;
ALTER TABLE feed ADD COLUMN changed_at TEXT;
UPDATE feed SET failing_since = last_poll_at WHERE failures > 0;
"""


@migrations()
def m004_polling(db: Database) -> None:
    """A feed's own rhythm and wishes, its moves and its end."""
    for statement in _statements(_POLLING):
        db.execute(statement)
    db.execute("PRAGMA user_version = 4")


_TELLING = """
ALTER TABLE delivery ADD COLUMN refused INTEGER NOT NULL DEFAULT 0;  -- how often it was this very message that was refused
ALTER TABLE delivery ADD COLUMN not_before TEXT;                     -- until when it alone rests
CREATE INDEX delivery_dead ON delivery (target) WHERE state = 'dead';
"""


@migrations()
def m005_telling(db: Database) -> None:
    """A delivery that is refused for what it says rests by itself, and holds no other up."""
    for statement in _statements(_TELLING):
        db.execute(statement)
    db.execute("PRAGMA user_version = 5")


_KEEPING = """
ALTER TABLE item ADD COLUMN listed_on INTEGER NOT NULL DEFAULT 0;  -- the day (see retention) on which its feed had it last
ALTER TABLE feed ADD COLUMN listed_on INTEGER NOT NULL DEFAULT 0;  -- the day on which its last document was read
ALTER TABLE feed ADD COLUMN restored_at TEXT;    -- what was published by then is learned in silence by the next good poll
CREATE TABLE forgotten (item TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
"""


@migrations()
def m006_keeping(db: Database) -> None:
    """When items were last in their feeds, and which were stored once; feeds that catch up after a backup was put back."""
    for statement in _statements(_KEEPING):
        db.execute(statement)
    db.execute("PRAGMA user_version = 6")


_SEARCHING = """
CREATE VIRTUAL TABLE words USING fts5 (
  title, body, content = 'item_version', columnsize = 0, tokenize = 'unicode61 remove_diacritics 2'
);
CREATE TABLE indexed (   -- how far `words` has come: the place (rowid) of the last text in it, and that text's id
  only INTEGER PRIMARY KEY CHECK (only = 1), place INTEGER NOT NULL, version TEXT
) STRICT;
INSERT INTO indexed VALUES (1, 0, NULL);
CREATE TRIGGER text_leaves_the_index BEFORE DELETE ON item_version
  WHEN (SELECT old.rowid <= place AND version IS (SELECT id FROM item_version WHERE rowid = place) FROM indexed)
BEGIN
  INSERT INTO words (words, rowid, title, body) VALUES ('delete', old.rowid, old.title, old.body);
  UPDATE indexed SET place = coalesce((SELECT max(rowid) FROM item_version WHERE rowid < old.rowid), 0),
    version = (SELECT id FROM item_version WHERE rowid < old.rowid ORDER BY rowid DESC LIMIT 1) WHERE place = old.rowid;
END;
"""


@migrations()
def m007_searching(db: Database) -> None:
    """The words of all texts, to be searched; still empty, whatever is stored: housekeeping fills it a little at a time."""
    for statement in _statements(_SEARCHING):
        db.execute(statement)
    db.execute("PRAGMA user_version = 7")


def open_writer(path: Path, *, busy_timeout: float = 5.0) -> Database:
    """Open (or make) the database for writing, checked and migrated. `busy_timeout` is in seconds.

    WAL, `synchronous=FULL`: a commit that an alert depends on survives a power cut. Foreign keys are on.

    Raises:
        StoreError: the file is no database of ours, is newer than this watcher, is corrupt, or cannot be written.
        StoreBusy: another process holds it for longer than the timeout.
    """
    if not path.exists() and (left := _wal_of(path)) is not None:
        raise StoreUnusable(f"{path} is missing, but {left.name} is there; put the file back, or a backup: watcher restore FILE")
    try:
        connection = sqlite3.connect(path, timeout=busy_timeout)
    except sqlite3.Error as error:
        found = f"{path}: cannot be opened ({error}); check that the directory exists and is ours to write"
        raise StoreUnusable(found) from error
    db = Database(connection)
    try:
        _refuse_foreign(connection, path)
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}").fetchall()
        _make_sure_of_search(connection, path)
        migrations.apply(db)
    except sqlite3.Error as error:
        connection.close()
        raise explain(error, path) from error
    except BaseException:
        connection.close()
        raise
    return db


def _wal_of(path: Path) -> Path | None:
    """The log that a store left behind which was not closed; None where it was closed, or the log is empty."""
    wal = path.with_name(path.name + "-wal")
    return wal if wal.exists() and wal.stat().st_size else None


def copy_store(path: Path, copy: Path) -> None:
    """Copy a store to a new file while others may write to it (SQLite's online backup).

    Raises:
        StoreError: it cannot be read, or the copy cannot be written.
    """
    try:
        source = aside.connect(path, timeout=5.0)
        with closing(source), closing(sqlite3.connect(copy)) as target:
            source.backup(target)
    except sqlite3.Error as error:
        raise explain(error, path) from error


def _refuse_foreign(connection: sqlite3.Connection, path: Path) -> None:
    """Refuse a file of somebody else, of a later watcher, or with broken pages, before anything is written to it."""
    application = connection.execute("PRAGMA application_id").fetchone()[0]
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    empty = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0
    if not empty and application != APPLICATION_ID:
        raise StoreUnusable(f"{path} is a database of another program; name another state directory")
    if version > SCHEMA_VERSION:
        raise StoreUnusable(newer(path, version))
    found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    if found != "ok":
        raise StoreUnusable(f"{path} is damaged ({found}); stop watcher and put a backup in its place: watcher restore FILE")


def _make_sure_of_search(connection: sqlite3.Connection, path: Path) -> None:
    """SQLite can be built without the full-text search that the schema needs."""
    if not connection.execute("SELECT count(*) FROM pragma_module_list WHERE name = 'fts5'").fetchone()[0]:
        raise StoreUnusable(f"{path}: this Python's SQLite has no full-text search (FTS5); run watcher with another Python")


def explain(error: sqlite3.Error, path: Path) -> StoreError:
    """The error of SQLite as one that says what to do."""
    code = getattr(error, "sqlite_errorcode", None)
    name = getattr(error, "sqlite_errorname", "") or type(error).__name__
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return StoreBusy(f"{path} is held by another process; try again")
    if name.startswith("SQLITE_FULL"):
        return StoreFull(f"{path}: the disk is full; make room, nothing was lost")
    if name.startswith("SQLITE_IOERR"):
        return StoreFull(f"{path}: the disk fails or takes no more ({name}); look at it, nothing was lost")
    if name.startswith("SQLITE_READONLY") or name == "SQLITE_CANTOPEN":
        return StoreUnusable(f"{path} cannot be written; check owner and mode of the file and its directory")
    if name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
        return StoreUnusable(
            f"{path} is damaged or no database; stop watcher and put a backup in its place: watcher restore FILE"
        )
    return StoreError(f"{path}: {error} ({name}{f' {code}' if code else ''})")


def _statements(script: str) -> list[str]:
    """The statements of a script; a trigger's body holds semicolons, so SQLite is asked where one ends."""
    found, rest = [], ""
    for line in script.splitlines(keepends=True):
        rest += line
        if sqlite3.complete_statement(rest):
            found.append(rest.strip())
            rest = ""
    return found
