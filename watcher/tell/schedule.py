"""When to poll a feed next. No randomness: a feed's own address spreads it, so a restart asks nobody early."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta

#: No interval is longer, whatever a server asks for: a year-long max-age is a mistake (RFC 9111 sets no bound).
LONGEST = timedelta(hours=24)

#: The first try again after no answer came.
_UNANSWERED = timedelta(minutes=2)

#: Between the first polls after a start, so that no burst leaves the machine.
_SPREAD = timedelta(seconds=2)


def next_poll(now: datetime, *, every: timedelta, hints: Sequence[float | None] = ()) -> datetime:
    """The next poll after a good one: the configured interval, or longer where the server asks for it, within a day.

    `hints` are seconds from max-age (RFC 9111, section 5.2.2.1), Expires, ttl or sy:updatePeriod.
    """
    asked = [timedelta(seconds=min(h, LONGEST.total_seconds())) for h in hints if h is not None and h > 0]
    return now + min(max([every, *asked]), max(every, LONGEST))


def retry(
    now: datetime, *, every: timedelta, failures: int, answered: bool = True, retry_after: float | None = None, url: str = ""
) -> datetime:
    """The next try after a failed poll: the interval doubled for each failure in a row, within a day, spread by the address.

    Where nobody `answered` at all, a network that is down for a moment is likelier than a server that wants to be left
    alone: then the doubling starts at two minutes. `retry_after` is in seconds (RFC 9110, section 10.2.3); it is obeyed
    within a day.
    """
    start = every if answered else min(every, _UNANSWERED)
    doubled = min(start * (1 << min(max(failures - 1, 0), 12)), LONGEST)
    asked = timedelta(seconds=min(max(retry_after or 0.0, 0.0), LONGEST.total_seconds()))
    wait = max(doubled, asked)
    return now + wait + wait * 0.1 * share(url)


def first_polls(urls: Sequence[str], now: datetime) -> list[datetime]:
    """When feeds that were never polled are first due: one after the other."""
    return [now + _SPREAD * number for number in range(len(urls))]


def resend(failures: int) -> timedelta:
    """How long a target rests after its last send failed: half a minute, doubled for each failure, an hour at most."""
    return min(timedelta(seconds=30) * (1 << min(max(failures, 0), 10)), timedelta(hours=1))


def share(text: str) -> float:
    """A number from 0 up to 1 that is always the same for a text."""
    return int.from_bytes(hashlib.blake2s(text.encode(), digest_size=4).digest(), "big") / 2**32
