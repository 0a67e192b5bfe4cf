"""The daemon's socket: others on this machine ask it how it is, to reload, and to do what only it may do.

A Unix stream socket that speaks JSON lines: a client sends one request, `{"ask": NAME, …}`, and gets one reply, an object;
`{"error": WORDS}` where it cannot be done. Who may connect is said by the socket's mode and group. Whoever sends nothing,
too much or too often is cut off, and a client that goes away takes what it asked for with it.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import socket
import struct
from collections.abc import Awaitable, Callable, Collection, Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any

from watcher.errors import UsageError, WatcherError

log = logging.getLogger("watcher")

#: A request: an object of JSON. A reply is the same.
Object = dict[str, Any]
Handler = Callable[[Object], Awaitable[Object]]

#: The longest request, in bytes: an article that is to be learned, or a saved feed, is part of one.
LONGEST = 8 << 20

#: All requests that are arriving may have so many bytes together.
_TOGETHER = 3 * LONGEST

#: So long may a request take to arrive, and a reply to be taken, in seconds.
PATIENCE_S = 5.0

#: A request has so few values: more would take a hundred times their bytes in memory. Those in texts are counted too.
_VALUES = 20_000

#: So many may be connected and have sent no request yet; the one that has kept us waiting longest gives way to the next.
_WAITING = 32

#: So many requests may be under way: more are told to come back.
_AT_WORK = 8

#: Its owner and group may ask; a directory that is made for it is closed to others too.
_MODE, _DIRECTORY_MODE = 0o660, 0o750

#: What Linux says of the other side: process, user and group (unix(7), SO_PEERCRED).
_CREDENTIALS = struct.Struct("3i")


class Control:
    """Answers on a socket from entering the block to leaving it. `handlers` are by the names of requests.

    Who asked for what is logged, but for what is `quiet`: what changes nothing and is asked often.

    Whoever enters holds the lock of the state: a socket that lies there already is a dead daemon's.
    """

    def __init__(self, path: Path, handlers: Mapping[str, Handler], *, quiet: Collection[str] = ()) -> None:
        self.path = path
        self._handlers, self._quiet = handlers, quiet
        self._server: asyncio.Server | None = None
        self._file: tuple[int, int] | None = None
        self._waiting: dict[asyncio.Task[None], None] = {}
        self._arriving = 0
        self._clients: set[asyncio.Task[None]] = set()
        self._at_work = 0

    async def __aenter__(self) -> Control:
        """Begin to listen. A socket that cannot be made costs no more than the asking: the daemon watches without one."""
        await self._begin()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Stop: nobody is answered any more, and what was asked for is given up."""
        if self._server is None:
            return
        self._server.close()
        if _file_at(self.path) == self._file:
            with suppress(OSError):
                self.path.unlink()
        for client in self._clients:
            client.cancel()
        await asyncio.gather(*self._clients, return_exceptions=True)

    @property
    def listens(self) -> bool:
        """Whether anybody can ask."""
        return self._server is not None

    async def renew(self) -> None:
        """Listen anew where the socket was taken away: a session's directory goes when its user logs out, the daemon may not."""
        if self._server is None or _file_at(self.path) == self._file:
            return
        before = self._server
        if await self._begin():
            log.info("%s was taken away; the daemon listens there again", self.path)
            before.close()

    async def _begin(self) -> bool:
        """Listen. Returns whether that can be done."""
        try:
            listening = _listen(self.path)
        except OSError as error:
            if self._server is None:
                why = error.strerror or error
                log.warning("%s: no socket can be made there (%s); verbs cannot ask this daemon", self.path, why)
            return False
        self._file = _file_at(self.path)
        self._server = await asyncio.start_unix_server(self._meet, sock=listening)
        return True

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One client from its coming to its going."""
        task = asyncio.current_task()
        assert task is not None
        self._clients.add(task)
        # Only a reply that has left us to its last byte is sent: what the transport still held would go with it.
        writer.transport.set_write_buffer_limits(high=0)
        try:
            request = await self._wait_for_request(task, reader, writer)
            if request is not None:
                await _say(writer, await self._answer(request, reader, writer))
        except (OSError, TimeoutError, asyncio.CancelledError):
            # It went away, takes no answer, gave way to another, or the daemon stops: there is nobody to tell.
            pass
        finally:
            self._clients.discard(task)
            writer.transport.abort() if writer.transport.get_write_buffer_size() else writer.close()

    async def _wait_for_request(
        self, task: asyncio.Task[None], reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bytes | None:
        """The line that a client sends; None where it sends none in time, or too long a one."""
        if len(self._waiting) >= _WAITING:
            oldest = next(iter(self._waiting))
            # Out of the list at once: many may come before it has ended, and each must find another.
            del self._waiting[oldest]
            oldest.cancel()
        self._waiting[task] = None
        line = bytearray()
        try:
            async with asyncio.timeout(PATIENCE_S):
                while not line.endswith(b"\n"):
                    piece = await reader.read(1 << 16)
                    line += piece
                    self._arriving += len(piece)
                    if not piece:
                        return None
                    if len(line) > LONGEST or self._arriving > _TOGETHER:
                        await _say(writer, {"error": f"a request may have {LONGEST >> 20} MiB at most"})
                        return None
        finally:
            self._waiting.pop(task, None)
            self._arriving -= len(line)
        return bytes(line)

    async def _answer(self, line: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Object:
        try:
            name, request = self._understood(line)
        except UsageError as error:
            return {"error": str(error)}
        if self._at_work >= _AT_WORK and name not in self._quiet:
            return {"error": "too much is being asked of the daemon at once; try again"}
        log.log(logging.DEBUG if name in self._quiet else logging.INFO, "%s asks for: %s", _peer(writer), name)
        self._at_work += 1
        try:
            return await _unless_gone(self._handlers[name](request), reader)
        except WatcherError as error:
            return {"error": str(error), "status": error.exit_status}
        except ConnectionResetError:
            raise
        except OSError as error:
            log.warning("what was asked for cannot be done: %s", error.strerror or error)
            return {"error": f"the daemon cannot do that now ({error.strerror or error}); try again"}
        finally:
            self._at_work -= 1

    def _understood(self, line: bytes) -> tuple[str, Object]:
        """What is asked for by its name, and the request.

        Raises:
            UsageError: it is no request.
        """
        if sum(map(line.count, (b"[", b"{", b","))) > _VALUES:
            raise UsageError("this is no request: it has too many parts")
        try:
            request = json.loads(line)
        except (ValueError, RecursionError):
            raise UsageError("this is no request: it is no JSON") from None
        name = request.get("ask") if isinstance(request, dict) else None
        if not isinstance(name, str) or name not in self._handlers:
            raise UsageError(f"this daemon cannot be asked that; it knows {', '.join(self._handlers)}")
        return name, request


async def _unless_gone(answer: Awaitable[Object], reader: asyncio.StreamReader) -> Object:
    """The answer; given up when the client closes its side, as somebody who presses Ctrl-C at a command expects.

    Raises:
        ConnectionResetError: the client has gone.
    """
    work = asyncio.ensure_future(answer)
    # Nothing may follow a request, so that whatever can be read now is the end.
    gone = asyncio.ensure_future(reader.read(1))
    try:
        await asyncio.wait((work, gone), return_when=asyncio.FIRST_COMPLETED)
        if not work.done():
            raise ConnectionResetError
        return work.result()
    finally:
        for one in (work, gone):
            one.cancel()
        await asyncio.gather(work, gone, return_exceptions=True)


async def _say(writer: asyncio.StreamWriter, reply: Object) -> None:
    writer.write(json.dumps(reply, ensure_ascii=False).encode("utf-8", "replace") + b"\n")
    async with asyncio.timeout(PATIENCE_S):
        await writer.drain()
        writer.write_eof()


def _listen(path: Path) -> socket.socket:
    """A socket at a path, in the place of a dead one's. Nobody can connect before its mode is right."""
    path.parent.mkdir(mode=_DIRECTORY_MODE, parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC | socket.SOCK_NONBLOCK)
    try:
        bind(listening, path)
        path.chmod(_MODE)
        listening.listen(_WAITING)
    except BaseException:
        listening.close()
        raise
    return listening


def _file_at(path: Path) -> tuple[int, int] | None:
    """What lies at a path, by its device and number; None where nothing does."""
    try:
        found = path.lstat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def bind(sock: socket.socket, path: Path) -> None:
    """Bind a socket to a path of any length: an address of a socket holds 107 bytes, a state directory may be longer."""
    directory = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        sock.bind(f"/proc/self/fd/{directory}/{path.name}")
    finally:
        os.close(directory)


def _peer(writer: asyncio.StreamWriter) -> str:
    """Who is on the other side, for the log."""
    pid, uid, _ = _CREDENTIALS.unpack(
        writer.get_extra_info("socket").getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    )
    return f"user {uid} (process {pid})"
