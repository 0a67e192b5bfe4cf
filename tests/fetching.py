"""Helpers of the fetch room's tests: one fetch by a fresh fetcher, or the error that it ends with."""

from __future__ import annotations

import asyncio
from ipaddress import ip_network
from typing import TYPE_CHECKING

import pytest
from feedserver import Entry, rss

from watcher.errors import FetchError
from watcher.fetch import Fetcher, Limits, Request, Response
from watcher.fetch.names import Resolver, resolve_by_system

if TYPE_CHECKING:
    import ssl
    from collections.abc import Sequence

    from watcher.fetch.guard import Network

AGENT = "watcher/0 (+mailto:test@example.org)"
LOOPBACK = (ip_network("127.0.0.0/8"),)
FEED = rss(Entry("The Glass Orchard opens in May", guid="1"))


def fetch(
    request: Request | str,
    *,
    allow: Sequence[Network] = LOOPBACK,
    limits: Limits = Limits(total_s=5),  # noqa: B008  a frozen value
    proxy: str | None = None,
    resolve: Resolver = resolve_by_system,
    tls: ssl.SSLContext | None = None,
) -> Response:
    """One fetch by a fresh fetcher; a fetch that hangs fails its test."""

    async def run() -> Response:
        fetcher = Fetcher(user_agent=AGENT, allow=allow, limits=limits, proxy=proxy, resolve=resolve, tls=tls)
        try:
            async with asyncio.timeout(30):
                return await fetcher.fetch(Request(url=request) if isinstance(request, str) else request)
        finally:
            await fetcher.aclose()

    return asyncio.run(run())


def refusal(request: Request | str, **options: object) -> FetchError:
    """The error that a fetch ends with."""
    with pytest.raises(FetchError) as caught:
        fetch(request, **options)  # type: ignore[arg-type]
    return caught.value
