"""What a poll makes of a feed's state: old state, answer and `now` in, new state out. No poll is decided anywhere else.

The rules of moving follow RFC 9110, section 15.4 (301 and 308 are for good, 302 and 307 are not) and its section 15.5.11 (410).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

from watcher.clean import safe_url
from watcher.errors import FeedError, FetchError
from watcher.model import FeedState, Hints, Item
from watcher.tell.schedule import asked_until, next_poll, retry

#: A permanent redirect is believed after so many good polls in a row and so much time: servers redirect by mistake too.
MOVED_POLLS, MOVED_FOR = 3, timedelta(days=2)

#: An adopted address that fails so often in a row is given up for the one that the user wrote.
_BACK_AFTER = 3

#: The oldest fifth of the items says nothing of a feed's rhythm: some feeds keep what they are proud of.
_COUNTED = 0.8


class Answer(Protocol):
    """What is asked of a good answer; `fetch.Response` is one."""

    @property
    def status(self) -> int:
        """HTTP status."""
        ...

    @property
    def url(self) -> str:
        """Who answered, after redirects."""
        ...

    @property
    def body(self) -> bytes | None:
        """None for "not modified"."""
        ...

    @property
    def etag(self) -> str | None:
        """Verbatim; None with a 304 where the one that was sent holds."""
        ...

    @property
    def last_modified(self) -> str | None:
        """As `etag`."""
        ...

    @property
    def max_age(self) -> int | None:
        """Seconds for which the answer stays fresh."""
        ...

    @property
    def permanent_url(self) -> str | None:
        """Where only permanent redirects led."""
        ...


class Document(Protocol):
    """What is asked of a feed that was parsed; `parse.ParsedFeed` is one."""

    @property
    def title(self) -> str:
        """What it calls itself."""
        ...

    @property
    def items(self) -> tuple[Item, ...]:
        """Its items."""
        ...

    @property
    def hints(self) -> Hints:
        """How often it asks to be read."""
        ...


def went_well(
    before: FeedState, answer: Answer, document: Document | None, *, every: timedelta, own: bool, now: datetime
) -> FeedState:
    """The state after a good answer; `document` is None where nothing changed.

    A 304 may bring new validators and a new max-age, and keeps those that it does not name (RFC 9111, section 4.3.4).
    """
    fresh = answer.body is not None
    after = replace(
        before,
        etag=answer.etag if fresh else answer.etag or before.etag,
        last_modified=answer.last_modified if fresh else answer.last_modified or before.last_modified,
        validators_from=answer.url,
        digest=before.digest if answer.body is None else body_digest(answer.body),
        max_age_s=answer.max_age if fresh or answer.max_age is not None else before.max_age_s,
        first_ok_at=before.first_ok_at or now,
        last_ok_at=now,
        last_poll_at=now,
        not_before=None,
        failures=0,
        failing_since=None,
        gone_at=None,
        restored_at=None,
        status=answer.status,
        error=None,
    )
    if document is not None:
        after = _read(after, document, now)
    after = _moved(after, answer.permanent_url, now)
    return replace(after, next_poll_at=next_poll(now, after, every=every, own=own))


def with_news(after: FeedState, *, every: timedelta, own: bool, now: datetime) -> FeedState:
    """The state after a good poll that brought something new: what was quiet before it no longer is."""
    changed = replace(after, changed_at=now)
    return replace(changed, next_poll_at=next_poll(now, changed, every=every, own=own))


def went_wrong(before: FeedState, error: FeedError, *, every: timedelta, now: datetime) -> FeedState:
    """The state after a failure: validators and items stay as they were, the next try comes later; after a 410 none does."""
    status = error.status if isinstance(error, FetchError) else None
    wish = error.retry_after if isinstance(error, FetchError) and status in (429, 503) else None
    answered = not isinstance(error, FetchError) or status is not None
    failures = before.failures + 1
    after = replace(
        before,
        last_poll_at=now,
        failures=failures,
        failing_since=before.failing_since or now,
        gone_at=(before.gone_at or now) if status == 410 else None if answered else before.gone_at,
        status=status,
        error=reason(error, before),
        moved_to=None,
        moved_polls=0,
        moved_since=None,
    )
    if after.address is not None and (failures >= _BACK_AFTER or status == 410):
        after = replace(after, address=None, gone_at=None)
    due = retry(now, after, every=every, answered=answered, retry_after=wish)
    if wish is not None:
        return replace(after, next_poll_at=due, not_before=min(due, asked_until(now, wish)))
    waits = not answered and before.not_before is not None and before.not_before > now
    if waits:
        assert before.not_before is not None
        return replace(after, next_poll_at=max(due, before.next_poll_at, before.not_before))
    return replace(after, next_poll_at=due, not_before=None)


def is_same(before: FeedState, answer: Answer) -> bool:
    """Whether an answer brings nothing: a 304, or the very bytes of last time from a feed that was well then."""
    return answer.body is None or (before.digest is not None and body_digest(answer.body) == before.digest)


def body_digest(body: bytes) -> str:
    """What names a body."""
    return hashlib.blake2s(body, digest_size=16).hexdigest()


def reason(error: FeedError, state: FeedState) -> str:
    """Why a feed failed, without the address that stands before it: whoever shows it names the outlet."""
    return str(error).removeprefix(f"{safe_url(state.asked)}: ")


def _read(state: FeedState, document: Document, now: datetime) -> FeedState:
    """With what the document says of itself."""
    ages = sorted(now - item.published for item in document.items if item.published is not None)
    return replace(
        state,
        items=len(document.items),
        title=document.title or None,
        hints=document.hints,
        dated=len(ages),
        window_s=_window(ages),
        newest_at=now - ages[0] if ages else None,
    )


def _window(ages: Sequence[timedelta]) -> int | None:
    """How many seconds the items span that have these ages, youngest first, judged by those that are not the oldest."""
    if not ages:
        return None
    last = int(_COUNTED * (len(ages) - 1))
    return max(int(ages[last].total_seconds() / (last + 1) * len(ages)), 0)


def _moved(state: FeedState, target: str | None, now: datetime) -> FeedState:
    """With one more good poll that permanent redirects led to `target`; adopted once that is proven."""
    if target is None:
        return replace(state, moved_to=None, moved_polls=0, moved_since=None)
    again = target == state.moved_to and state.moved_since is not None
    since = state.moved_since if again else now
    polls = state.moved_polls + 1 if again else 1
    assert since is not None
    if polls >= MOVED_POLLS and now - since >= MOVED_FOR:
        return replace(state, address=None if target == state.url else target, moved_to=None, moved_polls=0, moved_since=None)
    return replace(state, moved_to=target, moved_polls=polls, moved_since=since)
