"""What is asked and what is answered, as values."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bounds of one fetch, redirects and all. Sizes are in bytes, after decompression; times in seconds.

    With `cut` the first `body` bytes are taken of what is longer; else that is an error.
    """

    body: int = 8_000_000
    cut: bool = False
    total_s: float = 30
    connect_s: float = 10
    lookup_s: float = 5
    redirects: int = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A URL to fetch and the validators that its last answer gave, exactly as they came.

    `validators_from` is the URL that gave them (`Response.url`), where that is not `url` itself but one that it redirects to.
    `inward`: it is the user who named this URL, so that it may be in a network that they allowed. `at` is when it is asked: an
    answer that does not say its own date is taken to be from then.
    """

    url: str = field(repr=False)
    etag: str | None = None
    last_modified: str | None = None
    validators_from: str | None = field(default=None, repr=False)
    inward: bool = True
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """A usable answer: a body, or None for "not modified" (status 304).

    `url` gave the answer, after redirects; `permanent_url` is the same where every step there was permanent (301 or 308).
    `etag` and `last_modified` are what to send next time; None with a body means there is none, and None with 304 that the one
    sent still holds. `max_age` and `retry_after` are in seconds from the answer. `encoding` is how the body was compressed, and
    `told_at` what time it was by the server's clock.
    """

    status: int
    url: str = field(repr=False)
    body: bytes | None = field(repr=False)
    content_type: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    max_age: int | None = None
    retry_after: float | None = None
    permanent_url: str | None = field(default=None, repr=False)
    encoding: str | None = None
    told_at: datetime | None = None
