"""Parses what came, beside the event loop."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Protocol

from watcher.parse import Page, ParsedFeed, parse_feed, parse_page


class Parses(Protocol):
    """What the line needs of a parser. Both raise `ParseError` and nothing else."""

    async def feed(self, body: bytes, *, content_type: str | None, url: str, now: datetime) -> ParsedFeed:
        """The feed in these bytes; see `parse_feed`."""
        ...

    async def page(self, body: bytes, *, content_type: str | None, url: str) -> Page:
        """The page in these bytes; see `parse_page`."""
        ...


class Threads:
    """Parses in threads of this process: for what needs no wall between itself and what it parses."""

    async def feed(self, body: bytes, *, content_type: str | None, url: str, now: datetime) -> ParsedFeed:
        """The feed in these bytes, or `ParseError`."""
        return await asyncio.to_thread(parse_feed, body, content_type=content_type, url=url, now=now)

    async def page(self, body: bytes, *, content_type: str | None, url: str) -> Page:
        """The page in these bytes, or `ParseError`."""
        return await asyncio.to_thread(parse_page, body, content_type=content_type, url=url)
