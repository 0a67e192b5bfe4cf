"""The dead man's ping: an address of the user's that is called as long as all is well, so that somebody notices when it stops.

It goes on beside the ticks: a server that hangs delays neither a tick nor a stop. The address is a secret, and the user's own
word: it may be anywhere, and is never logged.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Protocol

from watcher.engine import Engine
from watcher.errors import FetchError
from watcher.fetch import Request, Response
from watcher.fetch.exchange import Limits
from watcher.fetch.sentences import for_exception
from watcher.store.wholeness import is_whole

log = logging.getLogger("watcher")

#: It is called this often at most.
EVERY = timedelta(minutes=5)

#: Of the answer nobody needs more than its status.
LIMITS = Limits(body=4096, cut=True, total_s=10)


class Calls(Protocol):
    """What is needed of a fetcher."""

    async def fetch(self, request: Request, *, may: Callable[[str], Awaitable[None]] | None = None) -> Response:
        """One GET, or `FetchError`."""
        ...

    async def aclose(self) -> None:
        """Close its connections."""
        ...


class Ping:
    """Calls `url` after whole passes, on the engine's event loop, by a fetcher that nobody else uses."""

    def __init__(self, url: str, fetcher: Calls) -> None:
        self._url, self._fetcher = url, fetcher
        self._begun: datetime | None = None
        self._call: asyncio.Task[None] | None = None
        self._fails = False
        self._closed = False

    async def passed(self, engine: Engine, now: datetime) -> None:
        """A tick ended without failure: call, if the pass was whole and the last call is long enough ago.

        Raises:
            StoreError: the store could not be asked.
        """
        under_way = self._call is not None and not self._call.done()
        # A moment from the future is of a clock that was set back since.
        too_soon = self._begun is not None and self._begun <= now < self._begun + EVERY
        if under_way or too_soon or not await engine.in_store(lambda: _is_whole(engine, now)) or self._closed:
            return
        self._begun = now
        self._call = asyncio.ensure_future(self._ask())
        self._call.add_done_callback(self._end)

    async def aclose(self) -> None:
        """Give up what is under way; no other call begins."""
        self._closed = True
        if self._call is not None:
            self._call.cancel()
            await asyncio.gather(self._call, return_exceptions=True)
        await self._fetcher.aclose()

    async def _ask(self) -> None:
        await self._fetcher.fetch(Request(url=self._url), may=self._only_here)

    async def _only_here(self, url: str) -> None:
        """No redirect is followed: what answers there need not be the service, but a login of the network we are in.

        Raises:
            FetchError: this is another address than the user's.
        """
        if url != self._url:
            raise FetchError("sends us to another address; if it is right, write that one")

    def _end(self, call: asyncio.Task[None]) -> None:
        """Tell the log when calls begin to fail and when they work again, and not each time."""
        if call.cancelled():
            return
        error = call.exception()
        if error is not None and not self._fails:
            log.warning(
                "the ping is not taken (%s); it is tried again every %d minutes", _reason(error), EVERY.total_seconds() / 60
            )
        elif error is None and self._fails:
            log.warning("the ping is taken again")
        self._fails = error is not None


def _is_whole(engine: Engine, now: datetime) -> bool:
    return is_whole(engine.store.connection, [feed.url for feed in engine.world.feeds], engine.world.targets, now)


def _reason(error: BaseException) -> str:
    """Why a call failed, without a word of the address: the fetcher's own text names it in part."""
    cause = error.__cause__
    if not isinstance(error, FetchError) or cause is None:
        return type(error).__name__
    return str(cause) if isinstance(cause, FetchError) else for_exception(cause, total_s=LIMITS.total_s)
