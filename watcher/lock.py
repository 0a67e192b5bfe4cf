"""One writer per state directory: an advisory lock that the kernel lets go of when its holder dies, however it dies."""

from __future__ import annotations

import fcntl
import os
from contextlib import suppress
from pathlib import Path
from types import TracebackType

from watcher.errors import Locked, StoreFull, StoreUnusable


class StateLock:
    """Holds ``lock`` in a state directory (flock(2)) from entering the block to leaving it.

    The file tells who holds it, and on which socket they answer.
    """

    def __init__(self, state: Path) -> None:
        self._path = state / "lock"
        self._file: int | None = None

    def __enter__(self) -> StateLock:
        """Take the lock.

        Raises:
            Locked: another process holds it; the text names its process id.
            StoreFull: there is no room to write down who holds it.
            StoreUnusable: it cannot be made.
        """
        try:
            self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o640)
            self._give_to_owner(self._file)
        except OSError as error:
            found = f"{self._path} cannot be written ({error.strerror}); check owner and mode of the directory, and the disk"
            raise StoreUnusable(found) from error
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(self._file, 32).decode("ascii", "replace").partition("\n")[0].strip()
            os.close(self._file)
            self._file = None
            who = f" (process {holder})" if holder.isdigit() else ""
            raise Locked(f"another watcher{who} works in {self._path.parent}; stop it, or name another state directory") from None
        try:
            self._write(f"{os.getpid()}\n")
        except BaseException:
            os.close(self._file)
            self._file = None
            raise
        return self

    def _give_to_owner(self, file: int) -> None:
        """What root makes in a directory that is somebody else's is theirs: the daemon must be able to take it too."""
        found = os.fstat(file)
        if os.geteuid() == 0 and found.st_uid == 0 and found.st_nlink == 1:
            owner = self._path.parent.stat()
            os.fchown(file, owner.st_uid, owner.st_gid)

    def answers_at(self, socket: Path | None) -> None:
        """Let whoever looks at the lock know on which socket its holder answers; None: on none."""
        self._write(f"{os.getpid()}\n" + (f"{socket.absolute()}\n" if socket is not None else ""))

    def _write(self, text: str) -> None:
        """Write over what stands there: whoever reads meanwhile finds the process id at any moment.

        Raises:
            StoreFull: the disk takes no more.
        """
        assert self._file is not None
        try:
            os.pwrite(self._file, os.fsencode(text), 0)
            os.ftruncate(self._file, len(os.fsencode(text)))
        except OSError as error:
            raise StoreFull(f"{self._path} cannot be written ({error.strerror}); make room on the disk") from error

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Let go. The file is not emptied to its last byte: what it takes on a disk that fills up is there for the next."""
        if self._file is not None:
            with suppress(StoreFull):
                self._write("\n")
            os.close(self._file)
            self._file = None
