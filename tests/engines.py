"""An engine for tests: a real store and sender, one title that has been learned, one feed that was polled before."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path

from builders import NOW, TITLE, feed_state

from watcher.decide.intents import Plan
from watcher.engine import Engine
from watcher.fetch import Fetcher
from watcher.learn import World
from watcher.model import Feed
from watcher.parse import Page, ParsedFeed, parse_feed, parse_page
from watcher.send import Sender
from watcher.tell.message import Message

FEED = Feed(url="https://example.org/feed", outlet="Morning Reel")


def no_network() -> Fetcher:
    """A fetcher that no test here may ask for."""
    raise AssertionError("nothing is fetched here")


def silent(message: Message) -> None:
    """A terminal that nobody reads."""
    del message


@asynccontextmanager
async def opened(
    path: Path, there: World, *, seconds: float = 20, make_fetcher: Callable[[], Fetcher] = no_network
) -> AsyncIterator[Engine]:
    """An engine whose title has been learned and whose feed was polled before."""
    async with (
        Sender(timeout=seconds, terminal=silent) as sender,
        await Engine.open(path / "watcher.db", there, sender=sender, make_fetcher=make_fetcher, now=NOW) as engine,
    ):
        past = feed_state(FEED.url, polled=NOW - timedelta(hours=1))
        await engine.in_store(lambda: engine.store.apply(Plan(at=NOW, feeds=(past,), learned=(TITLE.id,))))
        yield engine


class Threads:
    """A parser that needs no child: what tests parse hurts nobody."""

    async def feed(self, body: bytes, *, content_type: str | None, url: str, now: datetime) -> ParsedFeed:
        """The feed in these bytes, or `ParseError`."""
        return await asyncio.to_thread(parse_feed, body, content_type=content_type, url=url, now=now)

    async def page(self, body: bytes, *, content_type: str | None, url: str) -> Page:
        """The page in these bytes, or `ParseError`."""
        return await asyncio.to_thread(parse_page, body, content_type=content_type, url=url)

    async def aclose(self) -> None:
        """Nothing is open."""
