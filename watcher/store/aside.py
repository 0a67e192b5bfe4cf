"""A store is read by somebody who may not write beside it: as it lies, or from a copy of their own.

SQLite reads a database in WAL mode with the help of two files beside it. While a writer lives they are there; a writer that
ended well has put all into the database and removed them; one that was killed left the log behind, with commits in it that
the database has not got yet.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path


def connect(path: Path, timeout: float) -> sqlite3.Connection:
    """A connection that only reads, and has: with a writer at work or without one, in a directory that may be written or not.

    Raises:
        sqlite3.Error: the store cannot be read, or is held by somebody else for longer than `timeout` seconds.
    """
    try:
        return _tried(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=timeout))
    except sqlite3.OperationalError as error:
        if getattr(error, "sqlite_errorname", "").startswith("SQLITE_BUSY"):
            raise
        # Its files are not there and cannot be made: nobody is at work.
        return _connect_as_it_lies(path, timeout)


def _connect_as_it_lies(path: Path, timeout: float) -> sqlite3.Connection:
    """With nobody at work nothing changes, and no lock is needed. What a killed writer left in its log is read too."""
    try:
        log = Path(f"{path}-wal")
        if log.exists() and log.stat().st_size:
            return _connect_to_copy(path, timeout)
    except OSError as error:
        raise sqlite3.OperationalError(error.strerror or str(error)) from error
    return _tried(sqlite3.connect(f"{path.absolute().as_uri()}?immutable=1", uri=True, timeout=timeout))


def _connect_to_copy(path: Path, timeout: float) -> sqlite3.Connection:
    # Only after a writer was killed are these needed, and they cost every question 4 ms.
    import shutil  # noqa: PLC0415
    from tempfile import TemporaryDirectory  # noqa: PLC0415

    with TemporaryDirectory(prefix="watcher-asks-") as scratch:
        copy = Path(scratch) / path.name
        for end in ("", "-wal"):
            shutil.copyfile(f"{path}{end}", f"{copy}{end}")
        # From the first question on SQLite holds its files open; without a name they are gone when it ends.
        return _tried(sqlite3.connect(copy, timeout=timeout))


def _tried(connection: sqlite3.Connection) -> sqlite3.Connection:
    """The connection, once it has read: SQLite opens its files no sooner."""
    try:
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except BaseException:
        connection.close()
        raise
    return connection
