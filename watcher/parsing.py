"""Parses what came: a plain feed here and now, everything else in the sandbox.

Nearly every feed is well-formed and is read in a millisecond or two; what is not, and every page, may take any time and memory.
"""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Protocol

from watcher.parse import Page, ParsedFeed, parse_feed, parse_page, parse_quickly
from watcher.sandbox import Sandbox


class Parses(Protocol):
    """What the line needs of a parser. Both raise `ParseError` and nothing else."""

    async def feed(self, body: bytes, *, content_type: str | None, url: str, now: datetime) -> ParsedFeed:
        """The feed in these bytes; see `parse_feed`."""
        ...

    async def page(self, body: bytes, *, content_type: str | None, url: str) -> Page:
        """The page in these bytes; see `parse_page`."""
        ...


class Parser:
    """The parser of whatever comes from a network. Close it with `aclose`, or use it as an asynchronous context manager."""

    def __init__(self) -> None:
        self._sandbox = Sandbox()

    async def __aenter__(self) -> Parser:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def feed(self, body: bytes, *, content_type: str | None, url: str, now: datetime) -> ParsedFeed:
        """The feed in these bytes, or `ParseError`."""
        found = parse_quickly(body, content_type=content_type, url=url, now=now)
        return found or await self._sandbox.feed(body, content_type=content_type, url=url, now=now)

    async def page(self, body: bytes, *, content_type: str | None, url: str) -> Page:
        """The page in these bytes, or `ParseError`."""
        return await self._sandbox.page(body, content_type=content_type, url=url)

    async def aclose(self) -> None:
        """End the sandbox; what is being parsed there is given up."""
        await self._sandbox.aclose()


class Threads:
    """Parses in threads of this process: for what needs no wall between itself and what it parses."""

    async def feed(self, body: bytes, *, content_type: str | None, url: str, now: datetime) -> ParsedFeed:
        """The feed in these bytes, or `ParseError`."""
        return await asyncio.to_thread(parse_feed, body, content_type=content_type, url=url, now=now)

    async def page(self, body: bytes, *, content_type: str | None, url: str) -> Page:
        """The page in these bytes, or `ParseError`."""
        return await asyncio.to_thread(parse_page, body, content_type=content_type, url=url)
