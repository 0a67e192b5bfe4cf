"""Connections straight on the event loop's own sockets, plain or TLS, that count what comes in.

httpcore's own go through three more layers, which cost more than the rest of a request. The names are httpcore's, which asks
nothing further about a connection that is used once.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Callable, Iterator
from functools import partial
from ipaddress import IPv4Address, IPv6Address
from typing import TypeVar

import httpcore
from anyio.lowlevel import checkpoint

from watcher.errors import FetchError

T = TypeVar("T")

#: What may come before the head of an answer is whole, TLS's own words included. h11 takes heads of 100 KB; what goes beyond
#: is a flood of interim answers (RFC 9110, section 15.2), each cheap to send and dear to read.
HEAD = 160_000
_READ = 65_536


async def connect(address: IPv4Address | IPv6Address, port: int, timeout: float | None) -> Wire:  # noqa: ASYNC109  as httpcore
    """A connection to an address.

    Raises:
        httpcore.ConnectError: it was not taken.
        httpcore.ConnectTimeout: nobody said yes or no in time.
    """
    with _named(httpcore.ConnectError, httpcore.ConnectTimeout):
        end = socket.socket(socket.AF_INET if address.version == 4 else socket.AF_INET6, socket.SOCK_STREAM)
        try:
            end.setblocking(False)
            # TLS sends its last greeting and the request one after the other; neither waits for the other to arrive.
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            async with asyncio.timeout(timeout):
                await asyncio.get_running_loop().sock_connect(end, _place(address, port))
        except BaseException:
            end.close()
            raise
    return Wire(end)


class Wire(httpcore.AsyncNetworkStream):
    """A TCP connection. It has no time limits of its own after it stands: the fetch has one for everything."""

    def __init__(self, end: socket.socket) -> None:
        self._socket = end
        self._loop = asyncio.get_running_loop()
        self._left = HEAD

    def expect(self, size: int) -> None:
        """Let so many bytes more come, whatever came so far."""
        self._left = size

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002, ASYNC109  as httpcore
        """What came, at least a byte; nothing at the end.

        Raises:
            FetchError: more came than was to be expected.
            httpcore.ReadError: the connection broke.
        """
        if self._left <= 0:
            raise FetchError("sends more than an answer may hold")
        with _named(httpcore.ReadError):
            try:
                data = self._socket.recv(max_bytes)
            except (BlockingIOError, InterruptedError):
                data = await self._loop.sock_recv(self._socket, max_bytes)
            else:
                # A server that is faster than we are must not keep the others, and the time limit, from their turn.
                await checkpoint()
        self._left -= len(data)
        return data

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002, ASYNC109  as httpcore
        """Send all of it.

        Raises:
            httpcore.WriteError: the connection broke.
        """
        with _named(httpcore.WriteError):
            await self._loop.sock_sendall(self._socket, buffer)

    async def aclose(self) -> None:
        """Hang up."""
        self._socket.close()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109  as httpcore
    ) -> httpcore.AsyncNetworkStream:
        """The same connection, secure.

        Raises:
            httpcore.ConnectError: no secure connection came about, or the other end is not who it should be.
            httpcore.ConnectTimeout: the other end took too long.
        """
        return await _secured(self, ssl_context, server_hostname, timeout)


class _Secure(httpcore.AsyncNetworkStream):
    """TLS over another stream: a wire, or a tunnel that is secure itself."""

    def __init__(self, under: httpcore.AsyncNetworkStream, context: ssl.SSLContext, host: str | None) -> None:
        self._under = under
        self._came, self._goes = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._came, self._goes, server_hostname=host)

    def expect(self, size: int) -> None:
        """As of the wire."""
        self._under.expect(size)  # type: ignore[attr-defined]

    async def shake_hands(self) -> None:
        """Prove who is there."""
        await self._do(self._tls.do_handshake)

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002, ASYNC109  as httpcore
        """As of the wire. Who hangs up without TLS's goodbye, as many do, is at the end: HTTP knows if that is too soon."""
        with _named(httpcore.ReadError):
            try:
                return await self._do(lambda: self._tls.read(max_bytes))
            except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
                return b""

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002, ASYNC109  as httpcore
        """As of the wire."""
        with _named(httpcore.WriteError):
            sent = 0
            while sent < len(buffer):
                sent += await self._do(partial(self._tls.write, buffer[sent:]))

    async def aclose(self) -> None:
        """Hang up."""
        await self._under.aclose()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109  as httpcore
    ) -> httpcore.AsyncNetworkStream:
        """TLS within TLS: a secure site behind a secure proxy."""
        return await _secured(self, ssl_context, server_hostname, timeout)

    async def _do(self, step: Callable[[], T]) -> T:
        """Do a step of TLS, with what has to go and come on the stream below for it."""
        while True:
            try:
                done = step()
            except ssl.SSLWantReadError:
                await self._flush()
                data = await self._under.read(_READ)
                if data:
                    self._came.write(data)
                else:
                    self._came.write_eof()
            except ssl.SSLError:
                # What went wrong is told to the other end too, if it still listens.
                with contextlib.suppress(httpcore.NetworkError):
                    await self._flush()
                raise
            else:
                await self._flush()
                return done

    async def _flush(self) -> None:
        if data := self._goes.read():
            await self._under.write(data)


async def _secured(
    under: httpcore.AsyncNetworkStream,
    context: ssl.SSLContext,
    host: str | None,
    timeout: float | None,  # noqa: ASYNC109
) -> _Secure:
    secure = _Secure(under, context, host)
    try:
        with _named(httpcore.ConnectError, httpcore.ConnectTimeout):
            async with asyncio.timeout(timeout):
                await secure.shake_hands()
    except BaseException:
        await secure.aclose()
        raise
    return secure


@contextlib.contextmanager
def _named(failed: type[Exception], late: type[Exception] = httpcore.ReadTimeout) -> Iterator[None]:
    """Errors of the system under the names that httpcore has for them."""
    try:
        yield
    except TimeoutError as error:
        raise late(error) from error
    except (OSError, httpcore.NetworkError) as error:
        raise failed(error) from error


def _place(address: IPv4Address | IPv6Address, port: int) -> tuple[str, int] | tuple[str, int, int, int]:
    """An address as sockets take it; the scope of a link-local one by its number."""
    if isinstance(address, IPv4Address):
        return str(address), port
    scope = address.scope_id or "0"
    return str(address).partition("%")[0], port, 0, int(scope) if scope.isdigit() else socket.if_nametoindex(scope)
