"""Copies of a store that others may be writing to: taken in one piece, checked, and in place under their name only then.

A copy is made under a temporary name beside its own and renamed at the end. Whoever makes one holds a lock on it, so that the
next backup can tell what a killed one left from what another one is writing.
"""

from __future__ import annotations

import dataclasses
import fcntl
import os
import re
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from watcher.errors import NotReadable, StoreError, StoreUnusable
from watcher.store import aside, rows, schema
from watcher.store.ask import SCHEMA_VERSION, newer

#: Pages copied between two reports of how far it is.
_PAGES = 2000
_TEMPORARY = ".watcher-backup-"
_DATED = re.compile(r"watcher-\d{4}-\d\d-\d\dT\d{6}Z\.db")

#: Called with how many pages of how many are copied.
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """A copy of a store: where it lies, what it holds, and of when it is (UTC)."""

    path: Path
    size: int
    taken_at: datetime
    schema: int
    items: int
    facts: int
    changes: int


def dated(directory: Path, now: datetime) -> Path:
    """The name of a backup among others."""
    return directory / f"watcher-{now:%Y-%m-%dT%H%M%SZ}.db"


def prune(directory: Path, keep: int, made: Path) -> list[Path]:
    """Remove all but the newest dated backups of a directory, never the one just `made`. Returns those that went.

    A clock that was ahead left names that stay the newest for long, and one that is behind makes a name older than all.

    Raises:
        StoreError: one cannot be removed.
    """
    found = sorted(path for path in directory.iterdir() if _DATED.fullmatch(path.name))
    gone = [path for path in found[:-keep] if path.name != made.name]
    try:
        for path in gone:
            path.unlink()
    except OSError as error:
        raise StoreError(f"{path}: an old backup cannot be removed ({error.strerror})") from error
    return gone


def back_up(path: Path, target: Path, now: datetime, *, replace: bool = False, progress: Progress | None = None) -> Saved:
    """Copy the store at `path` to a file, while a daemon may be writing to it, and check the copy.

    Raises:
        NotReadable: somebody else may read the store.
        StoreError: no copy was made; what was there under its name is still there.
    """
    try:
        mode = path.stat().st_mode & 0o640
    except FileNotFoundError:
        raise StoreError(f"nothing stored yet at {path}; there is nothing to back up") from None
    except OSError as error:
        raise NotReadable(f"{path} cannot be read by you") from error
    try:
        if target.exists() and target.samefile(path):
            raise StoreError(f"{target} is the store itself; name another file")
        if target.exists() and not target.is_file():
            raise StoreError(f"{target} is no file that can be replaced; name another one")
        if target.exists() and not replace:
            raise StoreError(f"{target} is there already; name another file, or write over it with --replace")
        clear(target.parent)
        with _temporary(target.parent, mode=mode) as (copy, file):
            _copy(path, copy, now, progress)
            saved = checked(copy)
            os.fsync(file)
            copy.replace(target)
            sync(target.parent)
    except OSError as error:
        raise StoreError(f"{target}: cannot be written ({error.strerror}); check who may write there") from error
    return dataclasses.replace(saved, path=target)


def take_copy(path: Path, copy: Path) -> None:
    """Copy a database to a new file as it stands.

    Raises:
        StoreError: it cannot be read, or the copy cannot be written.
    """
    _copy(path, copy, None, None)


def checked(path: Path) -> Saved:
    """What a copy holds, once every page and reference of it is checked.

    Raises:
        NotReadable: somebody else may read it.
        StoreUnusable: it is damaged, or no store that this watcher knows.
    """
    try:
        with closing(_opened(path)) as db:
            db.row_factory = sqlite3.Row
            _refuse_others(db, path)
            broken = [row[0] for row in db.execute("PRAGMA integrity_check(1)") if row[0] != "ok"]
            broken += [f"{row['table']} refers to nothing" for row in db.execute("PRAGMA foreign_key_check")]
            if broken:
                raise StoreUnusable(f"{path} is damaged ({broken[0]}); it was not used")
            noted = dict(db.execute("SELECT key, value FROM meta WHERE key IN ('backup_at', 'pass_at')").fetchall())
            at = rows.moment_or_none(noted.get("backup_at") or noted.get("pass_at"))
            held = _counts(db)
            version = db.execute("PRAGMA user_version").fetchone()[0]
    except sqlite3.DatabaseError as error:
        raise StoreUnusable(f"{path} is damaged, or no store of watcher; it was not used ({error})") from error
    status = path.stat()
    return Saved(
        path=path,
        size=status.st_size,
        taken_at=at or datetime.fromtimestamp(status.st_mtime, tz=UTC),
        schema=version,
        items=held["item"],
        facts=held["fact"],
        changes=held["change"],
    )


def clear(directory: Path) -> None:
    """Remove what backups left in a directory that were killed; one that is being written is left alone."""
    for left in directory.glob(f"{_TEMPORARY}*.part"):
        try:
            file = os.open(left, os.O_RDWR | os.O_CLOEXEC)
        except (FileNotFoundError, PermissionError):
            continue
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            continue
        else:
            _remove(left)
        finally:
            os.close(file)


@contextmanager
def _temporary(directory: Path, *, mode: int) -> Iterator[tuple[Path, int]]:
    """A new empty file in a directory, locked; gone at the end unless it got another name."""
    path = directory / f"{_TEMPORARY}{os.getpid()}.part"
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        os.fchmod(file, mode | 0o600)
        yield path, file
    finally:
        _remove(path)
        os.close(file)


def _remove(path: Path) -> None:
    for part in (path, *(path.with_name(path.name + end) for end in ("-journal", "-wal", "-shm"))):
        part.unlink(missing_ok=True)


def _copy(path: Path, copy: Path, now: datetime | None, progress: Progress | None) -> None:
    """Copy a database in steps, all of them within one moment of it, so that a writer neither waits nor makes us begin again.

    `now` is noted in the copy, which needs no other file beside it.
    """
    try:
        with closing(_opened(path)) as source, closing(sqlite3.connect(copy)) as target:
            _refuse_others(source, path)
            source.execute("BEGIN")
            held = _counts(source)
            source.backup(target, pages=_PAGES, progress=lambda _, left, of: progress(of - left, of) if progress else None)
            target.execute("PRAGMA journal_mode = DELETE").fetchall()
            if held != _counts(target):
                raise StoreUnusable(f"{path}: the copy does not hold what the store holds; look at the disk")
            if now is not None:
                target.execute("INSERT OR REPLACE INTO meta VALUES ('backup_at', ?)", [rows.stamp(now)])
                target.commit()
    except sqlite3.Error as error:
        name = getattr(error, "sqlite_errorname", "") or ""
        raise schema.explain(error, copy.parent if name.startswith(("SQLITE_FULL", "SQLITE_IOERR")) else path) from error


def _opened(path: Path) -> sqlite3.Connection:
    """A store for reading, beside a daemon or where nobody may write (see `aside`)."""
    try:
        return aside.connect(path, timeout=10)
    except sqlite3.OperationalError as error:
        if os.access(path, os.R_OK):
            raise
        raise NotReadable(f"{path} cannot be read by you") from error


def _refuse_others(db: sqlite3.Connection, path: Path) -> None:
    version = db.execute("PRAGMA user_version").fetchone()[0]
    if db.execute("PRAGMA application_id").fetchone()[0] != schema.APPLICATION_ID or not version:
        raise StoreUnusable(f"{path} is no store of watcher")
    if version > SCHEMA_VERSION:
        raise StoreUnusable(newer(path, version))


def _counts(db: sqlite3.Connection) -> Mapping[str, int]:
    tables = ("item", "item_version", "source", "reading", "claim", "revision", "fact", "change", "delivery", "outbox", "feed")
    return {table: db.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables}


def sync(directory: Path) -> None:
    """Have a new name in a directory survive a power cut."""
    file = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(file)
    finally:
        os.close(file)
