"""Between a feed's state and its row in `feed`."""

from __future__ import annotations

import json
from dataclasses import asdict

from watcher.model import FeedState, Hints
from watcher.store.rows import Record, Row, moment, moment_or_none, stamp, stamp_or_none


def feed_record(state: FeedState) -> Record:
    """A feed's state as a row of `feed`."""
    return {
        "url": state.url,
        "next_poll_at": stamp(state.next_poll_at),
        "etag": state.etag,
        "last_modified": state.last_modified,
        "validators_from": state.validators_from,
        "digest": state.digest,
        "first_ok_at": stamp_or_none(state.first_ok_at),
        "last_ok_at": stamp_or_none(state.last_ok_at),
        "last_poll_at": stamp_or_none(state.last_poll_at),
        "not_before": stamp_or_none(state.not_before),
        "failures": state.failures,
        "failing_since": stamp_or_none(state.failing_since),
        "status": state.status,
        "error": state.error,
        "items": state.items,
        "title": state.title,
        "address": state.address,
        "moved_to": state.moved_to,
        "moved_polls": state.moved_polls,
        "moved_since": stamp_or_none(state.moved_since),
        "gone_at": stamp_or_none(state.gone_at),
        "hints": _hints_text(state.hints),
        "max_age_s": state.max_age_s,
        "dated": state.dated,
        "window_s": state.window_s,
        "newest_at": stamp_or_none(state.newest_at),
        "changed_at": stamp_or_none(state.changed_at),
        "restored_at": stamp_or_none(state.restored_at),
    }


def feed_of(row: Row) -> FeedState:
    """The state in a row of `feed`."""
    return FeedState(
        url=row["url"],
        next_poll_at=moment(row["next_poll_at"]),
        etag=row["etag"],
        last_modified=row["last_modified"],
        validators_from=row["validators_from"],
        digest=row["digest"],
        first_ok_at=moment_or_none(row["first_ok_at"]),
        last_ok_at=moment_or_none(row["last_ok_at"]),
        last_poll_at=moment_or_none(row["last_poll_at"]),
        not_before=moment_or_none(row["not_before"]),
        failures=row["failures"],
        failing_since=moment_or_none(row["failing_since"]),
        status=row["status"],
        error=row["error"],
        items=row["items"],
        title=row["title"],
        address=row["address"],
        moved_to=row["moved_to"],
        moved_polls=row["moved_polls"],
        moved_since=moment_or_none(row["moved_since"]),
        gone_at=moment_or_none(row["gone_at"]),
        hints=_hints_of(row["hints"]),
        max_age_s=row["max_age_s"],
        dated=row["dated"],
        window_s=row["window_s"],
        newest_at=moment_or_none(row["newest_at"]),
        changed_at=moment_or_none(row["changed_at"]),
        restored_at=moment_or_none(row["restored_at"]),
    )


def _hints_text(hints: Hints) -> str | None:
    """Hints as JSON; None where a feed gives none, as most do."""
    return None if hints == Hints() else json.dumps(asdict(hints))


def _hints_of(text: str | None) -> Hints:
    if text is None:
        return Hints()
    given = json.loads(text)
    return Hints(
        ttl_s=given["ttl_s"],
        update_s=given["update_s"],
        skip_hours=tuple(given["skip_hours"]),
        skip_days=tuple(given["skip_days"]),
    )
