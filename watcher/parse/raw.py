"""What the readers of the formats hand over: a feed as it stood there, nothing of it clean."""

from __future__ import annotations

from dataclasses import dataclass, field

from watcher.model import Hints

#: Entries of a feed that are read, from its first on.
ENTRY_LIMIT = 500


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
    hints: Hints = field(default_factory=Hints)
    truncated: bool = False
