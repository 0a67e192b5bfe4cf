"""The configuration as a file that is edited: where it stands, its very bytes, and how another text takes its place."""

from __future__ import annotations

import difflib
import fcntl
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import NamedTemporaryFile

import click

from watcher.cli import common
from watcher.cli.permits import who_may_read
from watcher.errors import ConfigError, WatcherError
from watcher.paths import config_candidates

#: Who may read a new file: its owner alone, since addresses of alerts are secrets.
_MODE = 0o600


class CannotWriteError(WatcherError):
    """The file is not ours to write; nothing was changed."""


def place(given: str | None) -> Path:
    """The file to edit: the one that was named, else the first that is there, else where one would be made."""
    context = click.get_current_context().find_root()
    candidates = config_candidates(os.environ, given or context.obj)
    return next((path for path in candidates if common.is_file(path)), candidates[0])


def text_of(path: Path) -> str | None:
    """The text of a file with its line breaks as they are; None where there is none.

    Raises:
        ConfigError: it cannot be read, or is not in UTF-8.
    """
    try:
        return path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        return None
    except UnicodeDecodeError as error:
        raise ConfigError([f"{path}: is not in UTF-8 (byte {error.start}); save it as UTF-8"]) from error
    except PermissionError as error:
        raise ConfigError([f"{path}: cannot be read by you; {who_may_read(path)}"]) from error
    except OSError as error:
        raise ConfigError([f"{path}: cannot be read: {error.strerror}"]) from error


def write(path: Path, text: str, *, before: str | None, tell: Callable[[str], None]) -> None:
    """`put`; where it cannot be, `tell` gets the lines to write by hand.

    Raises:
        CannotWriteError: the file is as it was; what belongs into it was told.
    """
    try:
        put(path, text, before=before)
    except CannotWriteError as error:
        tell("\n".join(new_lines(before, text)))
        raise CannotWriteError(f"{error}. It is as it was; what was printed belongs into it") from error


def new_lines(before: str | None, after: str | None) -> list[str]:
    """The lines that one text has and the other had not."""
    new = [line[2:] for line in _difference(before, after) if line.startswith("+ ")]
    return new if new[:1] != [""] else new[1:]


def changed_lines(before: str | None, after: str | None) -> list[str]:
    """The lines in which two texts differ, each with a plus or a minus before it; blank ones count for nothing."""
    return [line for line in _difference(before, after) if line[:2] in {"+ ", "- "} and line[2:].strip()]


def _difference(before: str | None, after: str | None) -> list[str]:
    return list(difflib.ndiff((before or "").splitlines(), (after or "").splitlines()))


def put(path: Path, text: str, *, before: str | None) -> None:
    """Put a text in the place of the file's, whole or not at all; owner and mode stay, and a link stays a link.

    `before` is the text that it was made from, None where there was no file.

    Raises:
        CannotWriteError: the file is not ours to write, or was changed meanwhile.
    """
    target = path.resolve()
    try:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with NamedTemporaryFile("wb", dir=target.parent, prefix=".watcher-", delete=False) as draft:
            try:
                draft.write(text.encode("utf-8"))
                draft.flush()
                _dress(draft.fileno(), target)
                os.fsync(draft.fileno())
                with _alone_in(target.parent) as directory:
                    if text_of(target) != before:
                        raise CannotWriteError(f"{path} was changed meanwhile; try again")
                    Path(draft.name).replace(target)
                    os.fsync(directory)  # the new name shall survive a power cut
            finally:
                Path(draft.name).unlink(missing_ok=True)
    except OSError as error:
        raise CannotWriteError(f"{path} cannot be written: {error.strerror}") from error


def _dress(draft: int, target: Path) -> None:
    """Owner and mode of the file whose place it takes."""
    try:
        there = target.stat()
    except FileNotFoundError:
        os.fchmod(draft, _MODE)
        return
    mine = os.fstat(draft)
    if (there.st_uid, there.st_gid) != (mine.st_uid, mine.st_gid):
        os.fchown(draft, there.st_uid, there.st_gid)
    os.fchmod(draft, stat.S_IMODE(there.st_mode))


@contextmanager
def _alone_in(directory: Path) -> Iterator[int]:
    """While no other command of ours puts a file here, so that none takes the place of one that it has not seen."""
    opened = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        with suppress(OSError):  # some file systems have no locks
            fcntl.flock(opened, fcntl.LOCK_EX)
        yield opened
    finally:
        os.close(opened)
