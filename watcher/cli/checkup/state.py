"""The state: its directory and who can read it, room on the disk, and whether the database is whole and its log bounded."""

from __future__ import annotations

import os
import shlex
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from watcher.cli.checkup.patient import Notes, Patient
from watcher.cli.checkup.verdict import Matter, Verdict
from watcher.cli.feeds_words import size_in_words
from watcher.cli.permits import sudo_for, user_name, who_may_read
from watcher.store import ask

SECTION = "state"
DIRECTORY = Matter(SECTION, "directory")
_ROOM = Matter(SECTION, "room")
_OWNER = Matter(SECTION, "owner")
DATABASE = Matter(SECTION, "database")
WHOLE = Matter(SECTION, "whole")
BACKUP = Matter(SECTION, "backup")
_LOG = Matter(SECTION, "log")

#: A full disk stops everything; a nearly full one soon will. In bytes.
_TOO_LITTLE, _LITTLE = 20_000_000, 200_000_000
#: The timer makes one a day.
_OLD_BACKUP = timedelta(days=8)
#: SQLite empties its log at some MB; one that is far larger is held open by somebody who reads.
_LONG_LOG = 64_000_000


def check_directory(patient: Patient) -> Iterator[Verdict]:
    """The directory, the room on its disk, and whose its files are."""
    state = patient.state
    try:
        found = state.stat()
    except (FileNotFoundError, NotADirectoryError):
        yield DIRECTORY.unseen(f"{state} is not there yet; the first run makes it.")
        return
    except OSError as error:
        yield DIRECTORY.unseen(f"{state} cannot be looked at ({error.strerror}): {who_may_read(state)}.")
        return
    if not stat.S_ISDIR(found.st_mode):
        yield DIRECTORY.broken(f"{state} is no directory.", 'name another: state = "…" under [watcher]')
        return
    if found.st_mode & stat.S_IRWXO:
        words = f"{state} can be entered by everybody on this machine ({stat.S_IMODE(found.st_mode):04o})."
        yield DIRECTORY.look(words, f"{sudo_for(state)}chmod o-rwx {shlex.quote(str(state))}")
    else:
        yield DIRECTORY.well(f"{state}, of {user_name(found.st_uid)}.")
    yield _room(state)
    yield from _owner(patient, found.st_uid)


def _room(state: Path) -> Verdict:
    free = os.statvfs(state)
    room = free.f_bavail * free.f_frsize
    words = f"{room / 1e9:.0f} GB are free." if room > 10e9 else f"{size_in_words(room)} are free."
    show = f"df -h {shlex.quote(str(state))}"
    if room < _TOO_LITTLE or (free.f_files and not free.f_favail):
        full = f"Only {words}" if room < _TOO_LITTLE else "The disk can hold no more files."
        return _ROOM.broken(f"{full} Nothing new can be kept, and nothing is told.", show)
    if room < _LITTLE:
        return _ROOM.look(f"Only {words}", show)
    return _ROOM.well(words)


def _owner(patient: Patient, owner: int) -> Iterator[Verdict]:
    """Files that are somebody else's: the daemon cannot write them, or could not for long."""
    others = []
    for name in ("watcher.db", "watcher.db-wal", "watcher.db-shm", "lock"):
        try:
            uid = (patient.state / name).stat().st_uid
        except OSError:
            continue
        if uid != owner:
            others.append((name, uid))
    if not others:
        return
    names = ", ".join(f"{name} is of {user_name(uid)}" for name, uid in others)
    user = user_name(owner)
    words = f"{names}, the directory of {user}: the daemon cannot write what is not its own."
    yield _OWNER.broken(words, f"sudo chown -R {user}: {shlex.quote(str(patient.state))}")


def check_database(patient: Patient, notes: Notes) -> Iterator[Verdict]:
    """Whether it opens, and how long its log is."""
    try:
        size = patient.database.stat().st_size
    except (FileNotFoundError, NotADirectoryError):
        yield DATABASE.unseen("There is none yet; the first run makes it.")
        return
    except OSError as error:
        yield DATABASE.unseen(f"It cannot be looked at: {error.strerror}.")
        return
    if not os.access(patient.database, os.R_OK):
        yield DATABASE.unseen(f"It is not yours to read: {who_may_read(patient.database)}.")
        return
    if notes.error is not None:
        words, _, do = notes.error.partition("; ")
        yield DATABASE.broken(words + ".", do or _go_back(patient))
        return
    yield DATABASE.well(f"It opens: schema {ask.SCHEMA_VERSION}, {size_in_words(size)}.")
    yield from _log(patient)


def _go_back(patient: Patient) -> str:
    return f"stop watcher and put a backup in its place: {patient.command('restore FILE')}"


def _log(patient: Patient) -> Iterator[Verdict]:
    try:
        size = Path(f"{patient.database}-wal").stat().st_size
    except OSError:
        return
    if size > _LONG_LOG:
        words = f"Its log of writes has grown to {size_in_words(size)}: some program has been reading it for long."
        yield _LOG.look(words, f"fuser -v {shlex.quote(str(patient.database))}")


def check_backup(patient: Patient) -> Iterator[Verdict]:
    """How old the newest backup is, where the timer puts them; of others nobody knows."""
    folder = patient.state / "backups"
    try:
        newest = max((file.stat().st_mtime for file in folder.glob("*.db")), default=None)
    except OSError:
        newest = None
    timer = "sudo systemctl enable --now watcher-backup.timer" if patient.is_system else patient.command("backup FILE")
    if folder.is_dir() and not os.access(folder, os.R_OK | os.X_OK):
        yield BACKUP.unseen(f"{folder} is not yours to look into.")
        return
    if newest is None:
        yield BACKUP.unseen(f"None is in {folder}; of others nobody knows here.", timer)
        return
    made = datetime.fromtimestamp(newest, UTC)
    if patient.now - made > _OLD_BACKUP:
        yield BACKUP.look(f"The newest is of {patient.when(made)}.", timer)
    else:
        yield BACKUP.well(f"The newest is of {patient.when(made)}.")


def check_whole(patient: Patient, notes: Notes) -> Iterator[Verdict]:
    """Every page of the database read; for a large one this takes a while."""
    if notes.error is not None or not os.access(patient.database, os.R_OK):
        return
    do = _go_back(patient)
    try:
        with closing(ask.open_reader(patient.database)) as db:
            found = [str(row[0]) for row in db.execute("PRAGMA quick_check(3)")]
            lost = db.execute("PRAGMA foreign_key_check").fetchmany(3)
    except sqlite3.Error as error:
        yield WHOLE.broken(f"It is damaged: {error}.", do)
        return
    if found != ["ok"]:
        yield WHOLE.broken(f"It is damaged: {found[0]}.", do)
    elif lost:
        yield WHOLE.broken(f"Rows of {lost[0][0]} belong to something that is not there.", do)
    else:
        yield WHOLE.well("It was read through: no damage.")
