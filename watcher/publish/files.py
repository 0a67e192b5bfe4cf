"""The published files: which there are, and how they come into a directory.

Each is written beside its place under a name of its own, brought to the disk, and renamed: whoever reads, at whatever moment and
after whatever crash, finds the whole old file or the whole new one. What has not changed is not touched, so that a web server
goes on answering 304 and a sync folder has nothing to carry.

Two that publish into one directory at once do each other no harm: what each renames is whole, and the last one wins.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex

from watcher.board.board import Board
from watcher.decide.health import How, condition
from watcher.errors import PublishError
from watcher.publish.atom import changes
from watcher.publish.calendar import calendar
from watcher.publish.page import page
from watcher.publish.status import status_json

STATUS, PAGE = "status.json", "index.html"

#: The name of each file, and what makes it.
DOCUMENTS: dict[str, Callable[[Board], bytes]] = {
    PAGE: page,
    "releases.ics": calendar,
    "changes.atom": changes,
    STATUS: status_json,
}

#: Stands in every page of ours, and hardly in anybody else's.
_SIGNED = b"Written by watcher "

#: In this order they are written: a page that lies there alone, with no status beside it, is somebody else's.
_ORDER = (STATUS, *(name for name in DOCUMENTS if name != STATUS))

#: A file that is not at its place yet bears a name like this; nothing else of that kind in the directory is ours.
_UNDER_WAY = ".watcher-"

#: Whatever the umask: a file that is put where a web server takes it from has to be read by another user than ours, and the
#: unit's UMask=0027 is for the ledger. Whoever wants to keep others out closes the directory.
_MODE = 0o644

#: A file under way may be taken for one that a killed process left behind, if only by another that begins at that very moment.
_TRIES = 3

_ROOM = "make room; the files from before stay as they are"
_RIGHTS = "it has to belong to whoever runs watcher"
#: What to do, by what the system said.
_REMEDIES = {
    errno.ENOENT: "make it: watcher publish {}",
    errno.ENOTDIR: "name another one",
    errno.EISDIR: "a directory lies at its place, move it away",
    errno.ENOSPC: _ROOM,
    errno.EDQUOT: _ROOM,
    errno.EFBIG: _ROOM,
    errno.EROFS: "a service also needs it in ReadWritePaths= of its unit (systemd/drop-ins/publish.conf), and then a restart",
    errno.EACCES: _RIGHTS,
    errno.EPERM: _RIGHTS,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """What lies in the directory now: `written` are the files that are new or changed, `stood` those that were right already."""

    directory: Path
    written: tuple[str, ...]
    stood: tuple[str, ...]


def publish(directory: Path, board: Board) -> Published:
    """Bring the files of a directory up to date.

    A link that lies at a file's place is replaced itself, as `rename(2)` does; what it leads to is never touched.

    Raises:
        PublishError: some file could not be written; all others were, and the old ones stay as they are.
    """
    # No file system keeps times more coarsely than FAT, which does to two seconds.
    board = replace(board, at=board.at.replace(second=board.at.second // 2 * 2, microsecond=0))
    with _opened(directory) as place:
        _refuse_foreign(directory, place)
        due = _due(place, board)
        failed: dict[str, OSError] = {}
        for name in filter(due.__contains__, _ORDER):
            try:
                _put(place, name, due[name], board.at)
            except OSError as error:
                failed[name] = error
        try:
            _settle(place)
        except OSError as error:
            failed[STATUS] = error
    if failed:
        raise _said(directory, failed)
    return Published(
        directory=directory,
        written=tuple(name for name in DOCUMENTS if name in due),
        stood=tuple(name for name in DOCUMENTS if name not in due),
    )


def is_status(content: bytes) -> bool:
    """Whether this is a `status.json` of ours."""
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        return False
    return isinstance(found, dict) and {"version", "at", "titles"} <= set(found)


def _due(place: int, board: Board) -> dict[str, bytes]:
    """What has to be written.

    A document may say of which moment it is, and with each poll a new one would make it new. So it is made as of the moment at
    which the file that lies there was written, which is the file's own time: only where that is another text it is made as of
    now. With the user's day it may always change: whoever reads it then can tell that the watcher lives.
    """
    due = {}
    for name, make in DOCUMENTS.items():
        there = _read(place, name)
        if there is not None and _as_now(there.at, board) and make(replace(board, at=there.at)) == there.content:
            continue
        made = make(board)
        if there is None or made != there.content:
            due[name] = made
    return due


def _as_now(moment: datetime, board: Board) -> bool:
    """Whether a moment is past, of the day that it is now for the user, and the same feeds were silent at it."""
    if moment > board.at or moment.astimezone(board.dates.zone).date() != board.today:
        return False
    return _silent(board, moment) == _silent(board, board.at)


def _silent(board: Board, at: datetime) -> list[str]:
    """The feeds that are silent at a moment: they become so by time alone, and nothing in the store tells it."""
    return [feed.url for feed, state in board.feeds if state is not None and condition(state, at).how is How.SILENT]


@contextmanager
def _opened(directory: Path) -> Iterator[int]:
    """The directory, open: all that is done to its files goes by this, and not by a path that may lead elsewhere meanwhile.

    Whoever locks it is alone, and removes what the killed left behind. Where somebody else is at work, or the file system
    knows no such lock, nothing is removed, and the work is done all the same.

    Raises:
        PublishError: there is no such directory, or it is closed to us.
    """
    try:
        place = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise PublishError(f"{directory}: {_why(error)}; {_what_to_do(directory, error)}") from error
    try:
        with suppress(OSError):
            fcntl.flock(place, fcntl.LOCK_EX | fcntl.LOCK_NB)
            _clear(place)
        yield place
    finally:
        os.close(place)


def _clear(place: int) -> None:
    """Remove what was under way when its writer was killed."""
    for name in os.listdir(place):
        if name.startswith(_UNDER_WAY) and name.endswith(".tmp"):
            with suppress(OSError):
                os.unlink(name, dir_fd=place)


def _refuse_foreign(directory: Path, place: int) -> None:
    """Keep away from a site that somebody else has made.

    Raises:
        PublishError: a page lies there that is not of watcher's making.
    """
    there = _read(place, PAGE)
    if there is None or not there.content or _SIGNED in there.content:
        return
    status = _read(place, STATUS)
    if status is None or not is_status(status.content):
        raise PublishError(
            f"{directory / PAGE} is not of watcher's making, and is left as it is; move it away, or name another directory"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _There:
    """A file that lies there, and of when it is (UTC)."""

    content: bytes
    at: datetime


def _read(place: int, name: str) -> _There | None:
    """What lies there under a name; None where no plain file does, or it cannot be read."""
    try:
        # A link is not followed, and a pipe keeps nobody waiting.
        file = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=place)
    except OSError:
        return None
    try:
        found = os.fstat(file)
        if not stat.S_ISREG(found.st_mode):
            return None
        with open(file, "rb", closefd=False) as opened:
            return _There(content=opened.read(), at=datetime.fromtimestamp(found.st_mtime, UTC))
    except (OSError, ValueError, OverflowError):
        return None
    finally:
        os.close(file)


def _put(place: int, name: str, content: bytes, at: datetime) -> None:
    """Put a file in its place, whole, as of a moment (UTC). Raises `OSError`, and then all is as it was."""
    for _ in range(_TRIES - 1):
        with suppress(FileNotFoundError):
            return _put_once(place, name, content, at)
    return _put_once(place, name, content, at)


def _put_once(place: int, name: str, content: bytes, at: datetime) -> None:
    under_way = f"{_UNDER_WAY}{token_hex(8)}.tmp"
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    file = os.open(under_way, flags, _MODE, dir_fd=place)
    try:
        with os.fdopen(file, "wb") as opened:
            # A file system without modes and owners of its own (a stick, a share) refuses, and there they are as it was mounted.
            with suppress(PermissionError):
                os.fchmod(file, _MODE)
            opened.write(content)
            opened.flush()
            # There a file bears the time of its writing, and what says a moment is written whenever it is looked at.
            with suppress(PermissionError):
                os.utime(file, (at.timestamp(), at.timestamp()))
            os.fsync(file)
        os.rename(under_way, name, src_dir_fd=place, dst_dir_fd=place)
    except BaseException:
        with suppress(OSError):
            os.unlink(under_way, dir_fd=place)
        raise


def _settle(place: int) -> None:
    """Bring the names to the disk. Not every file system can, and those that cannot say so."""
    try:
        os.fsync(place)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP, errno.ENOSYS, errno.EBADF):
            raise


def _said(directory: Path, failed: dict[str, OSError]) -> PublishError:
    """One line for all that failed: as a rule one reason has kept all of them."""
    names = ", ".join(name for name in DOCUMENTS if name in failed)
    first = next(iter(failed.values()))
    return PublishError(f"{directory}: {names} cannot be written ({_why(first)}); {_what_to_do(directory, first)}")


def _why(error: OSError) -> str:
    if error.errno == errno.ENOENT:
        return "there is no such directory"
    if error.errno == errno.ENOTDIR:
        return "this is no directory"
    return (error.strerror or str(error)).lower()


def _what_to_do(directory: Path, error: OSError) -> str:
    return _REMEDIES.get(error.errno or 0, "look at its disk; the files from before stay as they are").format(directory)
