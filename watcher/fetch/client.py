"""One polite, bounded, conditional GET, its redirects followed by hand.

httpx does the HTTP. What it does by default and we do not want is turned off here: proxies from the environment, cookies,
automatic redirects, generous decompression, and time limits that start anew with every byte.
"""

from __future__ import annotations

import asyncio
import functools
import ssl
from collections.abc import Awaitable, Callable, Mapping, Sequence
from http.cookiejar import CookieJar, DefaultCookiePolicy
from urllib.parse import urldefrag, urljoin, urlsplit

import anyio
import httpcore
import httpx

from watcher.clean import LINK_LIMIT
from watcher.errors import FetchError
from watcher.fetch.body import read_body
from watcher.fetch.exchange import Limits, Request, Response
from watcher.fetch.guard import GuardedBackend, Network, Resolver, resolve_by_system
from watcher.fetch.headers import joined, max_age, retry_after, value
from watcher.fetch.sentences import about, for_exception, for_status

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
    ValueError,
)


class Fetcher:
    """Fetches one URL at a time. Cheap; each worker has its own, for a shared pool's bookkeeping grows with what waits in it.

    `user_agent` and `accept` are sent as they are; of other media types than `types`, where any are given, nothing is read.
    `allow` are networks that may be talked to though they are not public. `resolve` and `tls`
    are for tests and unusual networks: who looks up names, and whom to trust.
    """

    def __init__(
        self,
        *,
        user_agent: str,
        allow: Sequence[Network] = (),
        accept: str = _ACCEPT,
        types: Sequence[str] = (),
        limits: Limits = _LIMITS,
        resolve: Resolver = resolve_by_system,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._limits = limits
        self._types = frozenset(types)
        self._client = httpx.AsyncClient(
            transport=_GuardedTransport(
                GuardedBackend(allow=allow, resolve=resolve, lookup_s=limits.lookup_s), tls or _public_trust()
            ),
            headers={
                "User-Agent": user_agent,
                "Accept": accept,
                "Accept-Encoding": "gzip",
                # Polls are half an hour apart; an open connection would only cost the server.
                "Connection": "close",
            },
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
            timeout=httpx.Timeout(limits.total_s, connect=limits.connect_s),
            follow_redirects=False,
            trust_env=False,
        )

    async def fetch(self, request: Request, *, may: Callable[[str], Awaitable[None]] | None = None) -> Response:
        """Ask for a URL, and say what came.

        `may` is awaited before each URL is asked, those of redirects too, and raises `FetchError` for what must not be.

        Raises:
            FetchError: no usable answer came; its text is for a person and names the URL without its secrets.
        """
        trail = [request.url]
        try:
            async with asyncio.timeout(self._limits.total_s):
                return await self._follow(request, trail, may)
        except FetchError as error:
            raise FetchError(
                about(trail, str(error)), status=error.status, retry_after=error.retry_after, lasting=error.lasting
            ) from error
        except _FAILURES as error:
            raise FetchError(about(trail, for_exception(error, total_s=self._limits.total_s))) from error

    async def aclose(self) -> None:
        """Close what is open. The fetcher cannot be used afterwards."""
        await self._client.aclose()

    async def _follow(self, request: Request, trail: list[str], may: Callable[[str], Awaitable[None]] | None) -> Response:
        """Ask, and ask again where a redirect points, a bounded number of times. `trail` grows by each URL asked."""
        permanent = True
        if not _is_on_web(request.url):
            raise FetchError("is no http or https address", lasting=True)
        while True:
            url = trail[-1]
            if may is not None:
                await may(url)
            validators = _validators(request) if url == (request.validators_from or request.url) else {}
            async with self._client.stream("GET", url, headers=validators) as answer:
                if answer.status_code not in _REDIRECTS:
                    return await self._response(answer, url, bool(validators), permanent and len(trail) > 1)
                permanent = permanent and answer.status_code in _PERMANENT
                onward = _next(url, answer)
            if onward in trail:
                raise FetchError("sends us in a circle")
            if len(trail) > self._limits.redirects:
                raise FetchError(f"sends us on more than {self._limits.redirects} times")
            trail.append(onward)

    async def _response(self, answer: httpx.Response, url: str, conditional: bool, moved: bool) -> Response:
        status, headers = answer.status_code, answer.headers.raw
        if status == 304 and not conditional:
            raise FetchError("304: says that nothing changed, though it was not asked that", status=status)
        if status != 304 and (not 200 <= status < 300 or status == 206):
            raise FetchError(for_status(status), status=status, retry_after=retry_after(headers))
        kind = (value(headers, "content-type") or "").partition(";")[0].strip().lower()
        if self._types and kind and kind not in self._types:
            raise FetchError("is no web page but a file of another kind", status=status, lasting=True)
        encoding = joined(headers, "content-encoding")
        return Response(
            status=status,
            url=url,
            body=None
            if status == 304
            else await read_body(answer.aiter_raw(), encoding=encoding, limit=self._limits.body, cut=self._limits.cut),
            content_type=value(headers, "content-type"),
            etag=value(headers, "etag"),
            last_modified=value(headers, "last-modified"),
            max_age=max_age(headers),
            retry_after=retry_after(headers),
            permanent_url=url if moved else None,
            encoding=encoding.strip().lower() or None,
        )


class _GuardedTransport(httpx.AsyncHTTPTransport):
    """httpx's transport over a network of ours; httpx 0.28 has no public way to say which."""

    def __init__(self, network: httpcore.AsyncNetworkBackend, tls: ssl.SSLContext) -> None:
        super().__init__(verify=tls, trust_env=False)
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=tls, max_connections=2, max_keepalive_connections=0, network_backend=network
        )


@functools.cache
def _public_trust() -> ssl.SSLContext:
    """The certificates that are trusted, read once: that takes longer than everything else that a fetcher needs."""
    return httpx.create_ssl_context()


def _validators(request: Request) -> Mapping[bytes, bytes]:
    """Both validators, byte for byte as they once came (RFC 9110, section 13.1; some servers compare dates as text)."""
    stored = {b"If-None-Match": request.etag, b"If-Modified-Since": request.last_modified}
    return {name: text.encode("latin-1") for name, text in stored.items() if text}


def _is_on_web(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and len(url) <= LINK_LIMIT


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
