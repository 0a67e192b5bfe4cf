"""Fetches a linked page: only what robots.txt allows, only HTML, through the same guarded network as the feeds."""

from __future__ import annotations

import ssl
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from watcher.fetch.client import Fetcher
from watcher.fetch.exchange import Limits, Request, Response
from watcher.fetch.guard import Network
from watcher.fetch.names import Resolver, resolve_by_system
from watcher.fetch.robots import SIZE_LIMIT, Robots, site_of

_ACCEPT = "text/html, application/xhtml+xml;q=0.9"
_ACCEPT_ALL = f"{_ACCEPT}, application/rss+xml, application/atom+xml, application/feed+json, application/xml;q=0.8, */*;q=0.1"
_ANYTHING = "text/plain, */*;q=0.5"
#: What is read of a page; whoever sends more sends no article.
_TYPES = ("text/html", "application/xhtml+xml")
_LIMITS = Limits(body=4_000_000, total_s=20)


class PageFetcher:
    """Fetches pages, any number at a time; who spaces them out is the engine's affair.

    `own` are addresses of the user's own feeds: a page that some feed links to may be in a network of `allow` only on one of
    their sites, or one that the user named. The other arguments are those of `Fetcher`.
    """

    def __init__(
        self,
        *,
        user_agent: str,
        allow: Sequence[Network] = (),
        own: Collection[str] = (),
        limits: Limits = _LIMITS,
        proxy: str | None = None,
        resolve: Resolver = resolve_by_system,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._user_agent, self._allow, self._limits, self._proxy = user_agent, allow, limits, proxy
        self._resolve, self._tls = resolve, tls
        self._own = set(map(site_of, own))
        self._robots = Robots()

    async def fetch(self, url: str, now: datetime, *, feeds: bool = False) -> Response:
        """The page at a URL, wherever its redirects lead; `now` is for how long a robots.txt is remembered.

        With `feeds` it is an address that the user named, and may be a feed too, or anything else.

        Raises:
            FetchError: it cannot be had or must not be asked for; the text says why.
        """
        if feeds:
            self._own.add(site_of(url))
        fetcher = self._fetcher(_ACCEPT_ALL, (), self._limits) if feeds else self._fetcher(_ACCEPT, _TYPES, self._limits)

        async def robots_txt(at: str) -> str:
            return await self._robots_txt(at, now, inward=fetcher.inward)

        async def may(asked: str) -> None:
            await self._robots.check(asked, now, robots_txt)

        try:
            return await fetcher.fetch(Request(url=url, inward=site_of(url) in self._own, at=now), may=may)
        finally:
            await fetcher.aclose()

    async def may(self, url: str, now: datetime, *, inward: bool) -> None:
        """Do nothing where the owner of a URL lets us read it; `inward` as in `Request`.

        Raises:
            FetchError: the owner asks us not to, or what they ask cannot be known just now.
        """

        async def robots_txt(at: str) -> str:
            return await self._robots_txt(at, now, inward=inward)

        await self._robots.check(url, now, robots_txt)

    def delay(self, url: str) -> timedelta:
        """How long the owner of a URL wants us to wait before we ask again (Crawl-delay)."""
        return self._robots.delay(url)

    async def _robots_txt(self, url: str, now: datetime, *, inward: bool) -> str:
        limits = Limits(body=SIZE_LIMIT, cut=True, total_s=self._limits.total_s / 2, connect_s=self._limits.connect_s)
        fetcher = self._fetcher(_ANYTHING, (), limits)
        try:
            answer = await fetcher.fetch(Request(url=url, inward=inward, at=now))
        finally:
            await fetcher.aclose()
        return (answer.body or b"").decode("utf-8-sig", "replace")

    def _fetcher(self, accept: str, types: Sequence[str], limits: Limits) -> Fetcher:
        return Fetcher(
            user_agent=self._user_agent,
            allow=self._allow,
            accept=accept,
            types=types,
            limits=limits,
            proxy=self._proxy,
            resolve=self._resolve,
            tls=self._tls,
        )
