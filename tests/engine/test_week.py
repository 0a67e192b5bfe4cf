"""Two days of polling under the eyes of an umpire who knows only what the server was asked."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from feedserver import FeedServer
from week import faults, papers, play, polled


async def test_no_request_is_early_unconditional_or_unidentified(tmp_path: Path) -> None:
    """Over restarts, refusals, moves and wishes of every kind no request breaks the manners, and every feed is asked."""
    with FeedServer() as server:
        log = await play(server, tmp_path, days=2)
    assert list(faults(log)) == []
    asked = Counter(line.asked.path for line in log)
    assert {paper.path for paper in polled(papers())} <= set(asked)
    assert {line.answer.status for line in log} >= {200, 301, 302, 304, 403, 410, 429, 500, 503}
