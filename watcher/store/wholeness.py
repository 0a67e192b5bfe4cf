"""Whether all is well: feeds answer, nothing is overdue, and no target that fails has something waiting for it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from watcher.model import Target
from watcher.store import rows
from watcher.store.ask import OPEN

#: What was due so long ago is stuck. Many feeds of one host take their turns, and need their time after a long sleep.
_OVERDUE = timedelta(hours=1)

_FEEDS = """
SELECT count(*) AS feeds, sum(failures = 0 AND last_poll_at IS NOT NULL) AS well, sum(next_poll_at < :late) AS late
FROM feed WHERE gone_at IS NULL AND url IN (SELECT value FROM json_each(:urls))
"""

_STUCK = f"""
SELECT EXISTS (
  SELECT 1 FROM delivery LEFT JOIN target ON target.name = delivery.target WHERE delivery.target = :target AND {OPEN} AND (
    (delivery.state = 'sending' AND delivery.claimed_at < :late)
    OR (target.failures > 0 AND delivery.state IN ('pending', 'sending', :unknown))))
"""


def is_whole(db: sqlite3.Connection, urls: Collection[str], targets: Sequence[Target], now: datetime) -> bool:
    """Whether what was due by now was done: of these feeds one at least answers, and each of these targets takes what is sent.

    Feeds that are gone do not count, nor does what a target wants to have held.
    """
    late = rows.stamp(now - _OVERDUE)
    feeds = db.execute(_FEEDS, {"urls": json.dumps(list(urls)), "late": late}).fetchone()
    if feeds["feeds"] and (not feeds["well"] or feeds["late"]):
        return False
    return not any(
        db.execute(
            _STUCK, {"target": target.name, "late": late, "unknown": "pending" if target.hold_unknown else "unknown"}
        ).fetchone()[0]
        for target in targets
    )
