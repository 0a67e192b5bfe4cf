"""Parses what came: a plain feed in a thread of this process, everything else in the sandbox.

Nearly every feed is well-formed and is read in a millisecond or two; what is not, and every page, may take any time and memory.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Protocol, TypeVar

from watcher.parse import Page, ParsedFeed, parse_quickly
from watcher.sandbox import Sandbox
from watcher.underway import Aside

T = TypeVar("T")


class Parses(Protocol):
    """What the line needs of a parser. Feeds and pages raise `ParseError` and nothing else."""

    async def feed(self, body: bytes, *, content_type: str | None, url: str, now: datetime) -> ParsedFeed:
        """The feed in these bytes; see `parse_feed`."""
        ...

    async def page(self, body: bytes, *, content_type: str | None, url: str) -> Page:
        """The page in these bytes; see `parse_page`."""
        ...

    async def aclose(self) -> None:
        """Give up what is being parsed."""
        ...


async def in_a_thread(work: Callable[[], T]) -> T:
    """The work done in one of the event loop's own threads."""
    return await asyncio.to_thread(work)


class Parser:
    """The parser of whatever comes from a network. Close it with `aclose`, or use it as an asynchronous context manager.

    `aside` is where a plain feed is parsed. Who has a thread that takes in what is parsed gives that one: two that compute
    would only take turns.
    """

    def __init__(self, aside: Aside = in_a_thread) -> None:
        self._aside = aside
        self._sandbox = Sandbox()

    async def __aenter__(self) -> Parser:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def feed(self, body: bytes, *, content_type: str | None, url: str, now: datetime) -> ParsedFeed:
        """The feed in these bytes, or `ParseError`."""
        found = await self._aside(lambda: parse_quickly(body, content_type=content_type, url=url, now=now))
        return found or await self._sandbox.feed(body, content_type=content_type, url=url, now=now)

    async def page(self, body: bytes, *, content_type: str | None, url: str) -> Page:
        """The page in these bytes, or `ParseError`."""
        return await self._sandbox.page(body, content_type=content_type, url=url)

    async def aclose(self) -> None:
        """End the sandbox; what is being parsed there is given up."""
        await self._sandbox.aclose()
