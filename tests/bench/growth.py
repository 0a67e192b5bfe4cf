"""Whether deciding grows slower with the age of the store: polls of the same news on a young store and on an old one.

    python tests/bench/growth.py                    # 10,000 and 1,000,000 stored items: some minutes, and 1 GB in /tmp
    python tests/bench/growth.py 10000 100000

One stored item in a hundred is about the title and tells its date again, over so many days as a hundred items a day take. A
poll brings thirty items, of which one is about the title. Printed are milliseconds of processor for each poll, reading left
out, as the median of fifty, with the ratio of the two stores; then folding 100,000 claims of one date from nothing, in seconds.
"""

from __future__ import annotations

import gc
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1]))

from builders import JUDGE, NOW, TITLE, feed_state, item, moved, release, world

from watcher.decide.arrivals import arrive, item_id, version_of
from watcher.decide.fold import Checkpoint
from watcher.decide.intents import Plan
from watcher.decide.marks import fold
from watcher.learn import take
from watcher.model import Feed, Reading, Verdict
from watcher.store import rows
from watcher.store.store import Store

A_DAY, ABOUT, POLLS, ITEMS = 100, 100, 50, 30
FEED = Feed(url="https://example.org/feed", outlet="Morning Reel")
OUTLETS = ("The Ledger", "Morning Reel", "Reel Talk", "Third Voice", "Copycat")


def filled(path: Path, count: int) -> tuple[Store, datetime]:
    """A store with so many items, and the day after the last of them."""
    store = Store(path)
    store.configure([TITLE], [], NOW, [])
    store.apply(Plan(at=NOW, feeds=(feed_state(FEED.url, polled=NOW),), learned=(TITLE.id,)))
    take(store, world({"first": [release("2026-06-05").claim]}), FEED, [item("first")], after=feed_state(FEED.url), now=NOW)
    db = store.connection
    db.execute("PRAGMA synchronous = OFF")
    with db:
        db.executemany("INSERT INTO item (id, feed, guid, first_seen_at, version) VALUES (?, ?, ?, ?, ?)", items(count))
        db.executemany("INSERT INTO item_version VALUES (?, ?, ?, ?, ?, NULL, NULL, NULL, ?, 'time', ?)", versions(count))
    for number in range(0, count, ABOUT):
        write_claim(store, number)
    db.commit()
    db.execute("PRAGMA synchronous = FULL")
    return store, when(count) + timedelta(days=1)


def when(number: int) -> datetime:
    """When an item came out."""
    return NOW + timedelta(days=number / A_DAY)


def items(count: int) -> Iterator[tuple[str, ...]]:
    """Rows of `item`."""
    for number in range(count):
        yield item_id(FEED.url, f"n{number}"), FEED.url, f"n{number}", rows.stamp(when(number)), f"v{number}"


def versions(count: int) -> Iterator[tuple[str, ...]]:
    """Rows of `item_version`."""
    body = "Something else happened at another studio, and nobody of this film was there to see it. " * 3
    for number in range(count):
        at = rows.stamp(when(number))
        yield f"v{number}", item_id(FEED.url, f"n{number}"), f"d{number}", f"Headline {number}", body, at, at


def write_claim(store: Store, number: int) -> None:
    """An item that is about the title, as the line writes it, without deciding."""
    version = version_of(FEED.url, item(f"n{number}", on=when(number)), when(number))
    reading = Reading(title=TITLE.id, reader="script", verdict=Verdict.ABOUT, claims=(release("2026-06-05").claim,))
    arrival = arrive(
        version,
        [reading],
        feed=feed_state(FEED.url, polled=NOW),
        outlet=OUTLETS[number // ABOUT % len(OUTLETS)],
        titles={TITLE.id: TITLE},
        people={},
        fresh_for=timedelta(days=3),
    )
    store.db.table("source").insert(rows.source_record(arrival.source, f"v{number}"), pk="id")
    store._write_reading(arrival.reads[0])


def polls(store: Store, begin: datetime) -> list[float]:
    """Milliseconds of processor for each of fifty polls an hour apart, the first few left out."""
    taken = []
    for poll in range(POLLS + 5):
        now = begin + timedelta(hours=poll)
        new = [item(f"p{poll}-{number}", on=now) for number in range(ITEMS)]
        claim = moved("2027-06-04", "2026-06-05").claim if poll == POLLS // 2 else release("2026-06-05").claim
        there = world({f"p{poll}-0": [claim]})
        gc.collect()
        start = time.process_time()
        take(store, there, FEED, new, after=feed_state(FEED.url, polled=now), now=now)
        taken.append((time.process_time() - start) * 1000)
    return taken[5:]


def main() -> None:
    """Fill both stores and print."""
    sizes = [int(size) for size in sys.argv[1:]] or [10_000, 1_000_000]
    medians = []
    with tempfile.TemporaryDirectory() as directory:
        for size in sizes:
            store, begin = filled(Path(directory) / f"{size}.db", size)
            first = polls(store, begin)
            medians.append(statistics.median(first))
            print(f"{size:>9,} stored items   {medians[-1]:6.2f} ms a poll   worst {max(first):7.2f}")
            store.close()
    print(f"ratio {medians[-1] / medians[0]:.2f}")
    said = [release("2026-06-05", OUTLETS[n % 5], NOW + timedelta(minutes=n), name=f"f{n}") for n in range(100_000)]
    start = time.process_time()
    fold(said[0].key, Checkpoint(), said, JUDGE)
    print(f"folding 100,000 claims {time.process_time() - start:.2f} s")


if __name__ == "__main__":
    main()
