"""What went wrong, in words of ours: nothing that a server wrote is repeated, and no URL's user, password or query."""

from __future__ import annotations

import os
import ssl
from collections.abc import Iterator, Sequence

import httpx

from watcher.clean import safe_url

#: Names of statuses (RFC 9110, section 15; RFC 6585) and what each means for us. The server's own reason phrase may hold
#: anything, escape sequences too.
_STATUSES = {
    400: "Bad Request: does not understand us",
    401: "Unauthorized: asks for a login",
    402: "Payment Required: asks for money",
    403: "Forbidden: refuses us",
    404: "Not Found: there is nothing at this address",
    405: "Method Not Allowed: lets nobody read this address",
    406: "Not Acceptable: has nothing of the kind we read",
    407: "Proxy Authentication Required: the proxy asks for a login",
    408: "Request Timeout: did not wait for us",
    410: "Gone: was taken away for good",
    418: "I'm a Teapot: refuses us",
    421: "Misdirected Request: is not the server for this address",
    429: "Too Many Requests: asks us to slow down",
    431: "Request Header Fields Too Large: does not understand us",
    451: "Unavailable For Legal Reasons: may not answer us",
    500: "Internal Server Error: the server is broken",
    501: "Not Implemented: the server cannot answer this",
    502: "Bad Gateway: the server behind it does not answer",
    503: "Service Unavailable: the server is overloaded or being repaired",
    504: "Gateway Timeout: the server behind it does not answer",
}
_KINDS = {2: "an answer that is no page", 3: "points elsewhere without saying where", 4: "refuses us", 5: "the server is broken"}

#: The cause of a failure and what it means, the most telling first.
_CAUSES: tuple[tuple[type[BaseException] | tuple[type[BaseException], ...], str], ...] = (
    (ssl.SSLCertVerificationError, "its certificate cannot be trusted ({why})"),
    (ssl.SSLError, "no secure connection could be made"),
    (ConnectionRefusedError, "nobody answers there (connection refused)"),
    ((httpx.InvalidURL, httpx.UnsupportedProtocol, ValueError), "is no address on the web"),
    (httpx.ProxyError, "it would not pass us on"),
    (httpx.RemoteProtocolError, "broke off, or does not speak HTTP"),
)


def for_status(status: int) -> str:
    """What a status that is no success means."""
    return f"{status} {_STATUSES[status]}" if status in _STATUSES else f"{status}: {_KINDS.get(status // 100, 'no HTTP answer')}"


def for_exception(error: BaseException, *, total_s: float) -> str:
    """What an exception of the network's libraries means. The texts of libraries are not repeated, but for the system's own."""
    if isinstance(error, httpx.ConnectTimeout):
        return "could not be reached in time"
    if isinstance(error, TimeoutError | httpx.TimeoutException):
        return f"took longer than {total_s:g} seconds to answer"
    causes = list(_chain(error))
    for kind, sentence in _CAUSES:
        if found := next((cause for cause in causes if isinstance(cause, kind)), None):
            return sentence.format(why=getattr(found, "verify_message", ""))
    number = next((cause.errno for cause in causes if isinstance(cause, OSError) and cause.errno), None)
    return f"the connection failed ({os.strerror(number)})" if number else "the connection broke off"


def about(trail: Sequence[str], what: str) -> str:
    """A sentence about the URL that was asked and the one that its redirects led to, both named without their secrets."""
    asked, last = safe_url(trail[0]), safe_url(trail[-1])
    return f"{asked} (which sends us to {last}): {what}" if len(trail) > 1 else f"{asked}: {what}"


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """An exception and what led to it, outermost first; libraries wrap each other several times."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__
