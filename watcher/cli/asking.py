"""The other end of the daemon's socket: one request to whoever works in a state directory, and its reply.

Nothing heavy is imported here, and the socket only where there is somebody to ask: `status` is asked often.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from watcher.errors import DaemonSilent

if TYPE_CHECKING:
    import socket

#: Set for the child that does a verb in somebody's place: the directory in which the files that it may read lie.
IN_PLACE = "WATCHER_IN_PLACE"

#: How long a daemon that is well may take for what needs no work, in seconds. One that is stopped never answers.
SOON_S = 2.0

#: The longest reply that is taken, in bytes.
_LONGEST = 32 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """The process that works in a state directory: its number, and the socket on which it answers, if it has one."""

    pid: int
    socket: Path | None = None


def holder(state: Path) -> Holder | None:
    """Who works in a state directory; None where nobody does.

    The holder's number stands in the file and is taken out at its end; a number that is left may be a dead process's, so
    only then is the lock tried, for a moment and shared.

    Raises:
        OSError: that cannot be told: the lock cannot be looked at.
    """
    try:
        file = os.open(state / "lock", os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        number, _, path = os.read(file, 4096).decode("utf-8", "replace").strip().partition("\n")
        if not number.isdecimal():
            return None
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return Holder(pid=int(number), socket=Path(path) if path.startswith("/") else None)
    else:
        return None
    finally:
        os.close(file)


def ask(path: Path, name: str, within: float | None = SOON_S, **request: object) -> Mapping[str, Any]:
    """The reply of the daemon at a socket; `within` is in seconds, None to wait for as long as it lives.

    Raises:
        DaemonSilent: it cannot be reached, or gave no answer in time.
    """
    import socket  # noqa: PLC0415 - only where a daemon runs

    line = json.dumps({"ask": name, **request}).encode() + b"\n"
    chunks: list[bytes] = []
    sent = False
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC) as channel:
        _limit(channel, SOON_S)
        try:
            _connect(channel, path)
            channel.sendall(line)
            sent = True
            _limit(channel, within or 0)
            while chunk := channel.recv(1 << 16):
                chunks.append(chunk)
                if sum(map(len, chunks)) > _LONGEST:
                    raise DaemonSilent("says more than can be taken")
        except BlockingIOError:
            raise DaemonSilent("does not answer", sent=sent) from None
        except OSError as error:
            refused = isinstance(error, PermissionError)
            raise DaemonSilent(f"cannot be asked ({error.strerror})", sent=sent, refused=refused) from error
    try:
        reply = json.loads(b"".join(chunks))
    except ValueError:
        raise DaemonSilent("ended before it answered", sent=True) from None
    return reply if isinstance(reply, dict) else {}


def _limit(channel: socket.socket, seconds: float) -> None:
    """How long one step may take; 0 for ever. The system's own limit counts for connecting too, where many others wait."""
    import socket  # noqa: PLC0415 - as above
    from struct import pack  # noqa: PLC0415 - as above

    for which in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
        channel.setsockopt(socket.SOL_SOCKET, which, pack("ll", int(seconds), int(seconds % 1 * 1e6)))


def _connect(channel: socket.socket, path: Path) -> None:
    """Connect to a path of any length: an address of a socket holds 107 bytes."""
    directory = os.open(path.parent, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        channel.connect(f"/proc/self/fd/{directory}/{path.name}")
    finally:
        os.close(directory)
