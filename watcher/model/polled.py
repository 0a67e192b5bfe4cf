"""What is remembered of a feed between two polls, and of a target between two sends. All times are aware and in UTC."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Hints:
    """How often a feed asks to be polled; the scheduler decides what to make of it.

    `ttl_s` (RSS 2.0) and `update_s` (the syndication module of RSS 1.0) are in seconds. `skip_hours` are hours of the day in
    GMT, 0 to 23, and `skip_days` days of the week, Monday 0 to Sunday 6, on which it asks not to be read (RSS 2.0).
    """

    ttl_s: int | None = None
    update_s: int | None = None
    skip_hours: tuple[int, ...] = ()
    skip_days: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedState:
    """What is remembered of a feed; `next_poll_at` is the schedule.

    `etag` and `last_modified` are verbatim and belong to the last committed answer (RFC 9110, section 13.1), which came from
    `validators_from`; `digest` is of its body. `first_ok_at` is None until a poll succeeded: that one learns in silence.
    `error` is None when the last poll went well, else why not; `failing_since` is the first failure in a row. `not_before` is
    set while a server's own Retry-After forbids a request.

    `moved_to` is where permanent redirects led on the last `moved_polls` good polls in a row, since `moved_since`; once that is
    proven it is `address`, and asked in place of `url`. `gone_at` is when the server said that there is nothing any more (410).

    `hints` are the document's, `max_age_s` the last answer's (RFC 9111). The `dated` ones of the
    document's `items` span about `window_s` seconds up to when it was read, a few old ones left aside; the last came out at
    `newest_at`. `changed_at` is when a poll last brought anything. `restored_at` is when a backup was put back, until
    a poll has gone well since: what was published by then may have been told.
    """

    url: str
    next_poll_at: datetime
    etag: str | None = None
    last_modified: str | None = None
    validators_from: str | None = None
    digest: str | None = None
    first_ok_at: datetime | None = None
    last_ok_at: datetime | None = None
    last_poll_at: datetime | None = None
    not_before: datetime | None = None
    failures: int = 0
    failing_since: datetime | None = None
    status: int | None = None
    error: str | None = None
    items: int = 0
    title: str | None = None
    address: str | None = None
    moved_to: str | None = None
    moved_polls: int = 0
    moved_since: datetime | None = None
    gone_at: datetime | None = None
    hints: Hints = field(default_factory=Hints)
    max_age_s: int | None = None
    dated: int = 0
    window_s: int | None = None
    newest_at: datetime | None = None
    changed_at: datetime | None = None
    restored_at: datetime | None = None

    @property
    def asked(self) -> str:
        """The address that is asked."""
        return self.address or self.url

    @property
    def window(self) -> timedelta | None:
        """How much time the document's items span up to when it was read; None where they bear no dates."""
        return None if self.window_s is None else timedelta(seconds=self.window_s)

    @property
    def rhythm(self) -> timedelta | None:
        """From one item to the next, as the document has it; None where it bears no dates."""
        return None if self.window is None or not self.dated else self.window / self.dated


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetState:
    """How a target has answered lately: how often in a row it failed, since when and why, and until when it is left alone."""

    name: str
    failures: int = 0
    not_before: datetime | None = None
    error: str | None = None
    error_since: datetime | None = None
    last_ok_at: datetime | None = None
