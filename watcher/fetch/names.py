"""Looks up the addresses of names without ever waiting for longer than asked to."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import Awaitable, Callable
from queue import SimpleQueue

Resolver = Callable[[str, int], Awaitable[list[str]]]


class _Threads:
    """Daemon threads that wait for work. One that hangs is left alone, and the next piece of work gets another.

    An executor's would keep the process from ending, and be used up by names that a silent DNS server was asked for.
    """

    def __init__(self) -> None:
        self._work: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._idle = threading.Semaphore(0)

    def run(self, work: Callable[[], None]) -> None:
        """Run it soon, in a thread that has nothing else to do."""
        self._work.put(work)
        if not self._idle.acquire(blocking=False):
            threading.Thread(target=self._serve, name="lookup", daemon=True).start()

    def _serve(self) -> None:
        while True:
            self._work.get()()
            self._idle.release()


_THREADS = _Threads()


async def resolve_by_system(host: str, port: int) -> list[str]:
    """The addresses of a host by the system's resolver.

    In a thread of ours, for getaddrinfo cannot be cancelled.

    Raises:
        socket.gaierror: the name has no address, or the resolver no answer.
        ValueError: the host is no name at all.
    """
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[list[str]] = loop.create_future()

    def settle(result: list[str] | OSError | ValueError) -> None:
        if answer.done():
            return
        if isinstance(result, list):
            answer.set_result(result)
        else:
            answer.set_exception(result)

    def look_up() -> None:
        result: list[str] | OSError | ValueError
        try:
            result = [str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
        except (OSError, ValueError) as error:
            result = error
        # The loop may be gone by now, and with it whoever asked.
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(settle, result)

    _THREADS.run(look_up)
    return await answer
