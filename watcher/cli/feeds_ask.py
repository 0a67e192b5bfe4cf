"""Asks servers for feeds on somebody's command: one request at a time and a second's rest per host, and nothing is stored."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from enum import StrEnum

from watcher.clean import without_url
from watcher.cli import common, compose
from watcher.config import Config
from watcher.errors import FetchError, ParseError
from watcher.fetch import Request, Response
from watcher.hosts import host_to_spare
from watcher.parse import ParsedFeed
from watcher.parse.decode import decode
from watcher.parse.notfeed import is_page
from watcher.parse.survey import Survey, survey
from watcher.parsing import Parser

_SPACING_S = 1.0
_ENOUGH = frozenset({429, 503})


class Again(StrEnum):
    """What a second request came to that brought the first answer's validators back."""

    UNCHANGED = "unchanged"  # 304: as it should be
    SAME = "same"  # all of it once more, though nothing changed
    CHANGED = "changed"  # another document
    FAILED = "failed"
    NOT_ASKED = "not asked"  # there are no validators


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """What came of asking an address.

    `seconds` is the time to the end of the answer, `page` the text where it is a web page. `forbidden`: robots.txt does not let
    us, so it was not asked.
    """

    url: str = field(repr=False)
    seconds: float = 0.0
    response: Response | None = field(default=None, repr=False)
    error: str | None = None
    status: int | None = None
    page: str | None = field(default=None, repr=False)
    parsed: ParsedFeed | None = field(default=None, repr=False)
    survey: Survey | None = None
    again: Again = Again.NOT_ASKED
    again_error: str | None = None
    forbidden: bool = False

    @property
    def is_feed(self) -> bool:
        """Whether a feed came."""
        return self.parsed is not None

    @property
    def is_enough(self) -> bool:
        """Whether the server wants us to stop asking, or cannot be asked."""
        return self.status in _ENOUGH or (self.status is None and not self.forbidden)


class Asker:
    """Asks any number of addresses; those of one host one after the other. An asynchronous context manager."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._make = compose.fetcher(config)
        self._pages = compose.pages(config)
        self._parser = Parser()
        self._turns: dict[str, asyncio.Lock] = {}
        self._free_at: dict[str, float] = {}

    async def __aenter__(self) -> Asker:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._parser.aclose()

    async def ask(self, url: str, *, inward: bool = True) -> Examined:
        """Ask for a feed as the daemon would; `inward` as in `Request`: false for an address that nobody named."""
        started = time.monotonic()
        try:
            response, started = await self._fetch(Request(url=url, inward=inward, at=common.now()))
        except FetchError as error:
            return Examined(url=url, seconds=time.monotonic() - started, error=without_url(str(error), url), status=error.status)
        answered = Examined(url=url, seconds=time.monotonic() - started, response=response, status=response.status)
        return await self._read(answered)

    async def ask_twice(self, url: str) -> Examined:
        """Ask for a feed, and once more with the validators that came, to see whether the server knows them again."""
        first = await self.ask(url)
        answer = first.response
        if answer is None or not first.is_feed or not (answer.etag or answer.last_modified):
            return first
        request = Request(
            url=url, etag=answer.etag, last_modified=answer.last_modified, validators_from=answer.url, at=common.now()
        )
        try:
            second, _ = await self._fetch(request)
        except FetchError as error:
            return replace(first, again=Again.FAILED, again_error=without_url(str(error), url))
        same = Again.UNCHANGED if second.body is None else Again.SAME if second.body == answer.body else Again.CHANGED
        return replace(first, again=same)

    async def ask_if_allowed(self, url: str, *, inward: bool) -> Examined:
        """Ask for an address that nobody gave us, if the owner's robots.txt lets us."""
        if (why := await self.forbids(url, inward=inward)) is not None:
            return Examined(url=url, error=why, forbidden=True)
        return await self.ask(url, inward=inward)

    async def forbids(self, url: str, *, inward: bool) -> str | None:
        """Why the owner of a page does not want us to read it; None where they do not mind."""
        try:
            async with self._turn(url):
                await self._pages.may(url, common.now(), inward=inward)
        except FetchError as error:
            return str(error)
        return None

    async def _read(self, answered: Examined) -> Examined:
        """An answer, read."""
        response = answered.response
        assert response is not None
        body, kind, now = response.body or b"", response.content_type, common.now()
        try:
            parsed = await self._parser.feed(body, content_type=kind, url=response.url, now=now)
        except ParseError as error:
            text = decode(body, kind)
            return replace(answered, error=without_url(str(error), response.url), page=text if is_page(text) else None)
        found = await asyncio.to_thread(survey, body, content_type=kind, now=now)
        return replace(answered, parsed=parsed, survey=found)

    async def _fetch(self, request: Request) -> tuple[Response, float]:
        """The answer, and when it was asked for."""
        fetcher = self._make()
        try:
            async with self._turn(request.url):
                started = time.monotonic()
                return await fetcher.fetch(request), started
        finally:
            await fetcher.aclose()

    @asynccontextmanager
    async def _turn(self, url: str) -> AsyncIterator[None]:
        host = host_to_spare(url, self._config.allow_addresses)
        if host is None:
            yield
            return
        async with self._turns.setdefault(host, asyncio.Lock()):
            rest = self._free_at.get(host, 0.0) - time.monotonic()
            if rest > 0:
                await asyncio.sleep(rest)
            try:
                yield
            finally:
                self._free_at[host] = time.monotonic() + _SPACING_S


async def beside_each_other(
    urls: Sequence[str], ask: Callable[[str], Awaitable[Examined]], *, workers: int = 8
) -> AsyncIterator[Examined]:
    """The answers in the order of the addresses, each as soon as it and all before it are there; some are asked at a time."""
    gate = asyncio.Semaphore(workers)

    async def asked(url: str) -> Examined:
        async with gate:
            return await ask(url)

    tasks = [asyncio.create_task(asked(url)) for url in urls]
    try:
        for task in tasks:
            yield await task
    finally:
        for task in tasks:
            task.cancel()
