"""Polls feeds, many at a time: fetch → parse → (the store's thread:) read → decide → commit. A slow server holds up nobody else.

A feed that fails is an error on that feed alone, and nothing of it is stored half.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from watcher.catalogue import host_of
from watcher.decide.polls import is_same, went_well, went_wrong, with_news
from watcher.errors import FeedError, ParseError
from watcher.fetch import Request, Response
from watcher.intake import Intake
from watcher.learn import Learned, Taking, World
from watcher.model import Feed, FeedState
from watcher.parse import ParsedFeed
from watcher.parsing import Parses

#: A feed that takes longer to fetch and parse than this, in seconds, is slow: another one gets its turn beside it.
_SLOW_S = 2.0
#: So many fetches are under way at most, the slow ones too.
_MOST = 256


class Fetches(Protocol):
    """What is needed of a fetcher; each fetch that is under way has its own."""

    async def fetch(self, request: Request) -> Response:
        """One conditional GET, or `FetchError`."""
        ...

    async def aclose(self) -> None:
        """Close its connections."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Polled:
    """What came of polling one feed; `error` is None when it went well. `moved_to` is an address that was just adopted."""

    feed: Feed
    learned: Learned = field(default_factory=Learned)
    unchanged: bool = False
    error: str | None = None
    moved_to: str | None = None


class Polling:
    """Polls for one engine, on its event loop. `workers` feeds at a time, not counting those that turned out to be slow."""

    def __init__(
        self, world: World, intake: Intake, parser: Parses, *, make_fetcher: Callable[[], Fetches], workers: int
    ) -> None:
        self._world, self._intake, self._parser = world, intake, parser
        self._make_fetcher = make_fetcher
        self._workers = workers
        self._idle: list[Fetches] = []
        self._turns, self._all = asyncio.Semaphore(workers), asyncio.Semaphore(max(_MOST, workers))

    async def aclose(self) -> None:
        """Close the fetchers."""
        while self._idle:
            await self._idle.pop().aclose()

    async def poll(self, feed: Feed, before: FeedState, now: datetime) -> Polled:
        """One feed down the line. What is known of it is `before`; whether it is due was asked already.

        Raises:
            StoreError: nothing was committed.
        """
        # Until it is committed: what came and is not yet stored takes memory.
        async with self._all, _turn(self._turns) as was_not_slow:
            every = timedelta(seconds=feed.every or self._world.every)
            try:
                response = await self._fetch(_request(before, now))
                document = None if is_same(before, response) else await self._parse(response, now)
                was_not_slow()
            except FeedError as error:
                after = went_wrong(before, error, every=every, now=now)
                learned = await self._intake.take(Taking(feed=feed, items=(), before=before, after=after, now=now))
                return Polled(feed=feed, learned=learned, error=after.error)
            own = feed.every is not None
            after = went_well(before, response, document, every=every, own=own, now=now)
            brought = with_news(after, every=every, own=own, now=now)
            items = document.items if document else ()
            taking = Taking(feed=feed, items=items, before=before, after=after, now=now, brought=brought)
            learned = await self._intake.take(taking)
        moved = after.address if after.address != before.address else None
        return Polled(feed=feed, learned=learned, unchanged=document is None, moved_to=moved)

    async def _parse(self, response: Response, now: datetime) -> ParsedFeed:
        """The feed in a response.

        Raises:
            ParseError: it is none, or not all of it came.
        """
        assert response.body is not None
        parsed = await self._parser.feed(response.body, content_type=response.content_type, url=response.url, now=now)
        if parsed.truncated:
            raise ParseError("breaks off before its end; nothing of it was kept")
        return parsed

    async def _fetch(self, request: Request) -> Response:
        """An answer, by a fetcher that nobody else uses meanwhile."""
        fetcher = self._idle.pop() if self._idle else self._make_fetcher()
        try:
            return await fetcher.fetch(request)
        finally:
            if len(self._idle) < self._workers:
                self._idle.append(fetcher)
            else:
                await fetcher.aclose()


@asynccontextmanager
async def _turn(turns: asyncio.Semaphore) -> AsyncIterator[Callable[[], None]]:
    """One of the turns, given back at the end; before, if it is not said in time that neither server nor document was slow."""
    await turns.acquire()
    given = False

    def give_back() -> None:
        nonlocal given
        given = True
        turns.release()

    timer = asyncio.get_running_loop().call_later(_SLOW_S, give_back)
    try:
        yield timer.cancel
    finally:
        timer.cancel()
        if not given:
            turns.release()


def asked_to_wait(state: FeedState, now: datetime) -> str | None:
    """Why a feed must not be asked now though a person wants it; None where it may."""
    if state.not_before is None or state.not_before <= now:
        return None
    return f"asked us to wait until {state.not_before:%Y-%m-%d %H:%M} UTC"


def _request(state: FeedState, now: datetime) -> Request:
    """What is asked: conditionally, and within the user's own network only where it was they who named the host."""
    return Request(
        url=state.asked,
        etag=state.etag,
        last_modified=state.last_modified,
        validators_from=state.validators_from,
        inward=host_of(state.asked) == host_of(state.url),
        at=now,
    )
