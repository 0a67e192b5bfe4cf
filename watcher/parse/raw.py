"""What the readers of the formats hand over: a feed as it stood there, nothing of it clean."""

from __future__ import annotations

from dataclasses import dataclass

#: Entries of a feed that are read, from its first on.
ENTRY_LIMIT = 500


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
class RawEntry:
    """An entry as its feed had it. `texts` are summary and content, `times` are notations of a time, the best first."""

    title: str
    guid: str
    link: str
    texts: tuple[str, ...]
    times: tuple[str, ...]
    author: str
    language: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RawFeed:
    """A feed as it stood there, entries in its order. `truncated` says that it broke off and lost what came last."""

    title: str
    entries: tuple[RawEntry, ...]
    hints: Hints = Hints()
    truncated: bool = False
