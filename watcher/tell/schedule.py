"""When to poll a feed next: as often as it changes, never sooner than its server wants, and not when everybody else does.

Nothing here is random: what spreads polls is a digest of the feed's address and the moment. So a restart asks nobody early, and
two machines that watch the same feed are not driven to its server at one moment.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from watcher.model import FeedState, Hints

#: No interval is longer, whatever a server asks for: a year-long max-age is a mistake (RFC 9111 sets no bound).
LONGEST = timedelta(hours=24)

#: Days on which a feed asks not to be read are obeyed for so long: a weekend, and some more.
_LONGEST_SKIP = timedelta(hours=72)

#: A feed is polled so many times for each item that it brings: news waits for a fiftieth of the feed's rhythm, and a feed that
#: brings one item a day is still polled every half hour.
_POLLS_PER_ITEM = 48

#: Of what a document holds, so many parts may be new at a poll before it must be feared that some fell out unread.
_WINDOWS = 3

#: The first try again after no answer came.
_UNANSWERED = timedelta(minutes=2)

#: Who refuses us, or asks us to slow down and does not say until when, is asked again after this at the earliest.
_REFUSED = timedelta(hours=4)
_REFUSALS = frozenset({401, 402, 403, 429, 451})

#: A server's wish is kept with so much to spare, for its clock and the way there.
_TO_SPARE = timedelta(seconds=10)

#: Where all its readers come back at one moment (a wish kept, a closed hour over, an outage ended), ours is spread over this
#: part of the wait, and over so much time at most.
_SPREAD, _LONGEST_SPREAD = 0.1, timedelta(minutes=10)

#: No server keeps an alert from its target for longer.
LONGEST_REST = timedelta(hours=6)

#: Between the first polls of new feeds, so that no burst leaves the machine, and how long all of them may take.
_APART, _ALL_ASKED = timedelta(seconds=2), timedelta(minutes=10)


def next_poll(now: datetime, state: FeedState, *, every: timedelta, own: bool = False) -> datetime:
    """The next poll after a good one.

    `every` is the least interval; unless it is the feed's `own` (the user's word), a feed that brings items seldom is polled
    less often. The interval is never shorter than the answer stays fresh (RFC 9111, section 4.2) and, as long as nothing can
    be missed by it, than ttl or sy:updatePeriod ask; a day bounds both. Hours and days on which the feed asks not to be read
    (RSS 2.0, skipHours and skipDays) are waited out, up to three days.
    """
    interval = every if own else max(every, _by_rhythm(state, now))
    wished = max(_fresh_for(state), _by_hints(state))
    wait = interval if wished <= interval else wished + _TO_SPARE
    wait = min(wait, max(every, LONGEST))
    due = now + wait
    open_at = _after_skipped(due, state.hints)
    if wished > interval or open_at != due:
        open_at += _spread(state.url, now, wait)
    return open_at


def retry(
    now: datetime, state: FeedState, *, every: timedelta, answered: bool = True, retry_after: float | None = None
) -> datetime:
    """The next try after a failed poll: the interval doubled for each failure in a row, within a day, and spread.

    `state` counts the failure already. Where nobody `answered` at all, a network that is down for a moment is likelier than a
    server that wants to be left alone: then the doubling starts at two minutes. Who refuses us is left alone for four hours.
    `retry_after` is in seconds (RFC 9110, section 10.2.3); it is obeyed, within a day, and so is the configured interval.
    """
    start = min(every, _UNANSWERED) if not answered else max(every, _REFUSED) if state.status in _REFUSALS else every
    doubled = min(start * (1 << min(max(state.failures - 1, 0), 12)), max(start, LONGEST))
    if retry_after is None:
        return now + doubled + _spread(state.url, now, doubled)
    until = max(asked_until(now, retry_after), now + every + _TO_SPARE)
    return until + _spread(state.url, now, until - now)


def asked_until(now: datetime, retry_after: float) -> datetime:
    """Until when a server wants us to stay away that asks for so many seconds, within a day."""
    return now + timedelta(seconds=min(max(retry_after, 0.0), LONGEST.total_seconds())) + _TO_SPARE


def rebased(state: FeedState, now: datetime) -> FeedState:
    """The state of a feed that was polled in the future: the clock was set back, and waits go on from now."""
    if state.last_poll_at is None or state.last_poll_at <= now:
        return state
    back = state.last_poll_at - now
    return replace(
        state,
        next_poll_at=max(state.next_poll_at - back, now),
        last_poll_at=now,
        not_before=None if state.not_before is None else max(state.not_before - back, now),
    )


def first_polls(urls: Sequence[str], now: datetime) -> list[datetime]:
    """When feeds that were never polled are first due: one after the other, ten minutes for any number of them."""
    apart = min(_APART, _ALL_ASKED / max(len(urls), 1))
    return [now + apart * number for number in range(len(urls))]


def resend(failures: int, retry_after: float | None = None) -> timedelta:
    """How long a target rests after its last send failed: half a minute, doubled for each failure, an hour at most.

    `retry_after` is what its server asks for, in seconds (RFC 9110, section 10.2.3): obeyed up to six hours, for an alert waits.
    """
    asked = timedelta(seconds=min(max(retry_after or 0.0, 0.0), LONGEST_REST.total_seconds()))
    return max(min(timedelta(seconds=30) * (1 << min(max(failures, 0), 10)), timedelta(hours=1)), asked)


def share(text: str) -> float:
    """A number from 0 up to 1 that is always the same for a text."""
    return int.from_bytes(hashlib.blake2s(text.encode(), digest_size=4).digest(), "big") / 2**32


def _by_rhythm(state: FeedState, now: datetime) -> timedelta:
    """A small part of the time from one item to the next, by what the document held and by how long nothing came."""
    quiet = timedelta(0) if state.changed_at is None else now - state.changed_at
    return min(max(state.rhythm or timedelta(0), quiet) / _POLLS_PER_ITEM, LONGEST)


def _fresh_for(state: FeedState) -> timedelta:
    return timedelta(seconds=min(max(state.max_age_s or 0, 0), LONGEST.total_seconds()))


def _by_hints(state: FeedState) -> timedelta:
    """What the document asks for; a suggestion, so it is not followed where items would fall out unread meanwhile."""
    asked = timedelta(seconds=min(max(state.hints.ttl_s or 0, state.hints.update_s or 0), LONGEST.total_seconds()))
    return asked if state.window is None else min(asked, max(state.window / _WINDOWS, timedelta(0)))


def _after_skipped(due: datetime, hints: Hints) -> datetime:
    """The first moment from `due` on that lies in no skipped hour or day (GMT); `due` itself where that is too far."""
    at = due.astimezone(UTC)
    while at - due <= _LONGEST_SKIP:
        if at.weekday() not in hints.skip_days and at.hour not in hints.skip_hours:
            return at
        at = at.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    return due


def _spread(url: str, now: datetime, wait: timedelta) -> timedelta:
    return min(wait * _SPREAD, _LONGEST_SPREAD) * share(f"{url} {now.isoformat()}")
