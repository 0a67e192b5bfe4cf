"""When an edited article said what: what an edit adds is said when we saw the edit, the rest when it was said before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from watcher.model import Claim, Evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """What an item said before its text changed: that text, and the claims that were read in it."""

    text: str
    said: tuple[Evidence, ...] = ()


def said_at(claim: Claim, earlier: Earlier | None, now: datetime) -> datetime | None:
    """Since when an article says a claim (UTC), None for since it came out.

    A sentence that stood there before keeps its time, whatever else changed around it, and whether or not anything was read
    in it then: neither a new title nor a better reader makes an old sentence news.
    """
    if earlier is None:
        return None
    words = _plain(claim.sentence.text)
    for evidence in earlier.said:
        if _plain(evidence.claim.sentence.text) == words:
            return evidence.said_at
    return None if words in _plain(earlier.text) else now


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()
