"""What a site's robots.txt lets us read (RFC 9309). Protego reads the file; this says what a missing or broken one means."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from watcher.clean import without_url
from watcher.errors import FetchError

if TYPE_CHECKING:
    from protego import Protego

#: The name that a group of rules is looked up by (RFC 9309, section 2.2.1): the first word of our User-Agent.
PRODUCT = "watcher"
#: The part of a file that is read (RFC 9309, section 2.5: at least 500 kibibytes).
SIZE_LIMIT = 500 * 1024
#: For how long a file is believed (RFC 9309, section 2.4: at most 24 hours), and for how long that there was none to be had.
KEPT, KEPT_FAILURE = timedelta(hours=24), timedelta(minutes=5)
#: A site that wants more time between two requests gets this.
LONGEST_DELAY = timedelta(hours=1)
#: What is remembered, in sites and in characters of their files, of which Protego makes forty times as many bytes.
_SITES, _TEXT = 500, 1_000_000

Get = Callable[[str], Awaitable[str]]


@dataclass(frozen=True, slots=True)
class _Known:
    """A site's rules, None where everything is allowed; or the reason why they could not be had."""

    until: datetime
    rules: Protego | None = None
    unreachable: str | None = None
    size: int = 0


class Robots:
    """Remembers the rules of sites, those used last."""

    def __init__(self) -> None:
        self._sites: dict[str, _Known] = {}

    async def check(self, url: str, now: datetime, get: Get) -> None:
        """Do nothing where we may ask for a URL. `get` fetches the text at a URL, and raises `FetchError`.

        Raises:
            FetchError: the owner asks us not to (`lasting`), or what they ask cannot be known just now.
        """
        known = await self._known(url, now, get)
        if known.unreachable is not None:
            raise FetchError(f"its robots.txt cannot be read just now ({known.unreachable}), so nothing is")
        if known.rules is not None and not known.rules.can_fetch(url, PRODUCT):
            raise FetchError("its robots.txt asks us not to read it", lasting=True)

    def delay(self, url: str) -> timedelta:
        """How long the owner wants us to wait between two requests, as far as that was read already, within reason."""
        known = self._sites.get(site_of(url))
        seconds = known.rules.crawl_delay(PRODUCT) if known is not None and known.rules is not None else None
        return timedelta(seconds=min(max(seconds or 0, 0), LONGEST_DELAY.total_seconds()))

    async def _known(self, url: str, now: datetime, get: Get) -> _Known:
        site = site_of(url)
        known = self._sites.pop(site, None)
        if known is None or not now < known.until <= now + KEPT:
            known = await self._read(site, now, get)
        self._sites[site] = known
        self._forget()
        return known

    def _forget(self) -> None:
        """Let go of those used longest ago, but never of the last."""
        text = sum(known.size for known in self._sites.values())
        while len(self._sites) > 1 and (len(self._sites) > _SITES or text > _TEXT):
            text -= self._sites.pop(next(iter(self._sites))).size

    async def _read(self, site: str, now: datetime, get: Get) -> _Known:
        """The file as RFC 9309, section 2.3.1, takes it: refused or missing means all is allowed, broken means nothing is."""
        from protego import Protego  # noqa: PLC0415 - read only where a page is

        try:
            text = await get(f"{site}/robots.txt")
        except FetchError as error:
            if error.status is not None and 400 <= error.status < 500 and error.status != 429:
                return _Known(until=now + KEPT)
            if error.lasting:
                raise
            return _Known(until=now + KEPT_FAILURE, unreachable=without_url(str(error), f"{site}/robots.txt"))
        # A file made for it takes a second to read, and meanwhile others want their turn.
        return _Known(until=now + KEPT, rules=await asyncio.to_thread(Protego.parse, text), size=len(text))


def site_of(url: str) -> str:
    """Scheme, host and port: what a robots.txt speaks for; nothing where there is no telling."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2].lower()}"
