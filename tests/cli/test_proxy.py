"""The proxy of the configuration is the one that feeds and pages are fetched through."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

from feedserver import Answer, FeedServer

from watcher.cli import compose
from watcher.config.load import parse_config
from watcher.fetch import Request


def test_feeds_and_pages_go_through_the_configured_proxy() -> None:
    """With `proxy` under [fetch] a feed, a page and the page's robots.txt are asked of the proxy by their whole addresses."""
    with FeedServer() as proxy:
        config = parse_config(f'[fetch]\nproxy = "{proxy.origin}"', path="x", environ={}, read_secret=Path.read_text)
        for name in ("feed", "page"):
            proxy.answer(f"http://far.example/{name}", Answer(b"<p>x</p>", content_type="text/html"))

        async def both() -> None:
            fetcher, pages = compose.fetcher(config)(), compose.pages(config)
            await fetcher.fetch(Request(url="http://far.example/feed"))
            await pages.fetch("http://far.example/page", datetime(2025, 3, 3, tzinfo=UTC))
            await fetcher.aclose()

        asyncio.run(both())
        asked = [f"http://far.example/{name}" for name in ("feed", "robots.txt", "page")]
        assert [one.target for one in proxy.asked()] == asked
