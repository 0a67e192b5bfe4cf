"""One polite, bounded, conditional GET, its redirects followed by hand.

httpx does the HTTP, by its transport: its client would add proxies from the environment, cookies, automatic redirects and
generous decompression, and all of that would have to be turned off again.
"""

from __future__ import annotations

import asyncio
import functools
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from urllib.parse import urldefrag, urljoin, urlsplit

import anyio
import httpcore
import httpx

from watcher.clean import LINK_LIMIT
from watcher.errors import FetchError
from watcher.fetch.body import read_body, wire_limit
from watcher.fetch.exchange import Limits, Request, Response
from watcher.fetch.guard import GuardedBackend, Network
from watcher.fetch.headers import RawHeaders, joined, max_age, retry_after, told_at, value
from watcher.fetch.names import Resolver, resolve_by_system
from watcher.fetch.sentences import about, for_exception, for_status
from watcher.fetch.transport import ANYWHERE, transport

_ACCEPT = (
    "application/rss+xml, application/atom+xml, application/feed+json, application/rdf+xml;q=0.9, "
    "application/xml;q=0.9, text/xml;q=0.9, application/json;q=0.8, */*;q=0.1"
)
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PERMANENT = frozenset({301, 308})
_LIMITS = Limits()

#: Everything that httpx, httpcore, anyio, ssl and the sockets below have for a connection that fails.
_FAILURES = (
    httpx.HTTPError,
    httpx.InvalidURL,
    httpx.StreamError,
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.TimeoutException,
    httpcore.UnsupportedProtocol,
    anyio.BrokenResourceError,
    anyio.ClosedResourceError,
    anyio.EndOfStream,
    OSError,
    OverflowError,
    ValueError,
)


class Fetcher:
    """Fetches one URL at a time. Cheap; each worker has its own, for a shared pool's bookkeeping grows with what waits in it.

    `user_agent` and `accept` are sent as they are; of other media types than `types`, where any are given, nothing is read.
    `allow` are networks that may be talked to though they are not public, `proxy` is the URL of one to go through. `resolve`
    and `tls` are for tests and unusual networks: who looks up names, and whom to trust.
    """

    def __init__(
        self,
        *,
        user_agent: str,
        allow: Sequence[Network] = (),
        accept: str = _ACCEPT,
        types: Sequence[str] = (),
        limits: Limits = _LIMITS,
        proxy: str | None = None,
        resolve: Resolver = resolve_by_system,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._limits = limits
        self._types = frozenset(types)
        self._headers = [
            (b"User-Agent", user_agent.encode("utf-8")),
            (b"Accept", accept.encode("ascii")),
            (b"Accept-Encoding", b"gzip"),
            # Polls are half an hour apart; an open connection would only cost the server.
            (b"Connection", b"close"),
        ]
        times = httpx.Timeout(limits.total_s, connect=limits.connect_s)
        self._extensions = {"timeout": times.as_dict()}
        self._guard = GuardedBackend(allow=allow, resolve=resolve, lookup_s=limits.lookup_s)
        self._proxied = proxy is not None
        network = GuardedBackend(allow=ANYWHERE, resolve=resolve, lookup_s=limits.lookup_s) if proxy else self._guard
        self._transport = transport(network, tls or _public_trust(), proxy)

    async def fetch(self, request: Request, *, may: Callable[[str], Awaitable[None]] | None = None) -> Response:
        """Ask for a URL, and say what came.

        `may` is awaited before each URL is asked, those of redirects too, and raises `FetchError` for what must not be.

        Raises:
            FetchError: no usable answer came; its text is for a person and names the URL without its secrets.
        """
        trail = [request.url]
        self._guard.inward = request.inward
        try:
            async with asyncio.timeout(self._limits.total_s):
                return await self._follow(request, trail, may)
        except FetchError as error:
            raise FetchError(
                about(trail, str(error)), status=error.status, retry_after=error.retry_after, lasting=error.lasting
            ) from error
        except _FAILURES as error:
            what = for_exception(error, total_s=self._limits.total_s)
            raise FetchError(about(trail, f"through the proxy: {what}" if self._proxied else what)) from error

    @property
    def inward(self) -> bool:
        """Whether what is asked next may be in an allowed network: not once the way led through a public address."""
        return self._guard.inward

    async def aclose(self) -> None:
        """Close what is open. The fetcher cannot be used afterwards."""
        await self._transport.aclose()

    async def _follow(self, request: Request, trail: list[str], may: Callable[[str], Awaitable[None]] | None) -> Response:
        """Ask, and ask again where a redirect points, a bounded number of times. `trail` grows by each URL asked."""
        permanent = True
        if not _is_on_web(request.url):
            raise FetchError("is no http or https address", lasting=True)
        while True:
            url = trail[-1]
            if may is not None:
                await may(url)
            validators = _validators(request) if url == (request.validators_from or request.url) else []
            async with self._ask(url, validators) as answer:
                if answer.status_code not in _REDIRECTS:
                    moved = permanent and len(trail) > 1
                    return await self._response(answer, url, request, conditional=bool(validators), moved=moved)
                permanent = permanent and answer.status_code in _PERMANENT
                onward = _next(url, answer)
            if onward in trail:
                raise FetchError("sends us in a circle")
            if len(trail) > self._limits.redirects:
                raise FetchError(f"sends us on more than {self._limits.redirects} times")
            trail.append(onward)

    @asynccontextmanager
    async def _ask(self, url: str, validators: RawHeaders) -> AsyncIterator[httpx.Response]:
        """One request; its answer's body can be read as long as the block lasts."""
        asked = httpx.Request("GET", url, headers=[*self._headers, *validators], extensions=self._extensions)
        if asked.url.userinfo:
            next(httpx.BasicAuth(asked.url.username, asked.url.password).auth_flow(asked))
        if self._proxied:
            self._guard.check_name(asked.url.raw_host.decode("ascii"))
        try:
            answer = await self._transport.handle_async_request(asked)
        except BaseException:
            await self._transport.clear()
            raise
        try:
            yield answer
        finally:
            await answer.aclose()

    async def _response(self, answer: httpx.Response, url: str, request: Request, *, conditional: bool, moved: bool) -> Response:
        status, headers = answer.status_code, answer.headers.raw
        wait = retry_after(headers, request.at)
        if status == 304 and not conditional:
            raise FetchError("304: says that nothing changed, though it was not asked that", status=status)
        if status != 304 and (not 200 <= status < 300 or status == 206):
            raise FetchError(for_status(status), status=status, retry_after=wait)
        kind = (value(headers, "content-type") or "").partition(";")[0].strip().lower()
        if self._types and kind and kind not in self._types:
            raise FetchError("is no web page but a file of another kind", status=status, lasting=True)
        return Response(
            status=status,
            url=url,
            body=None if status == 304 else await self._body(answer),
            content_type=value(headers, "content-type"),
            etag=value(headers, "etag"),
            last_modified=value(headers, "last-modified"),
            max_age=max_age(headers, request.at),
            retry_after=wait,
            permanent_url=url if moved else None,
            encoding=value(headers, "content-encoding"),
            told_at=told_at(headers),
        )

    async def _body(self, answer: httpx.Response) -> bytes:
        limit = self._limits.body
        answer.extensions["network_stream"].expect(wire_limit(limit))
        encoding = joined(answer.headers.raw, "content-encoding")
        return await read_body(answer.aiter_raw(), encoding=encoding, limit=limit, cut=self._limits.cut)


@functools.cache
def _public_trust() -> ssl.SSLContext:
    """The certificates that are trusted, read once: that takes longer than everything else that a fetcher needs."""
    return httpx.create_ssl_context()


def _validators(request: Request) -> RawHeaders:
    """Both validators, byte for byte as they once came (RFC 9110, section 13.1; some servers compare dates as text)."""
    stored = ((b"If-None-Match", request.etag), (b"If-Modified-Since", request.last_modified))
    return [(name, text.encode("latin-1")) for name, text in stored if text]


def _is_on_web(url: str) -> bool:
    try:
        parts = urlsplit(url)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a bracket that never closes, a port that no server can have
        return False
    return usable and len(url) <= LINK_LIMIT


def _next(url: str, answer: httpx.Response) -> str:
    """Where a redirect points; raises FetchError where we do not go. Credentials stay behind, and none are taken along."""
    location = value(answer.headers.raw, "location")
    if location is None:
        raise FetchError(for_status(answer.status_code), status=answer.status_code)
    try:
        onward = urldefrag(urljoin(url, location.encode("latin-1").decode("utf-8", "replace"))).url
    except ValueError:
        onward = ""
    if not _is_on_web(onward) or ("@" in urlsplit(onward).netloc and urlsplit(onward).netloc != urlsplit(url).netloc):
        raise FetchError("sends us to something that is no plain web address", lasting=True)
    if urlsplit(url).scheme == "https" and urlsplit(onward).scheme == "http":
        raise FetchError("sends us from a secure address to an open one", lasting=True)
    return onward
