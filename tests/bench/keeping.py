"""What a store with a million items costs: opening it, each step of retention, a backup, and putting that back.

    python tests/bench/keeping.py                   # 1,000,000 stored items: some minutes, and 3 GB in /tmp
    python tests/bench/keeping.py 100000

The items of the first half are older than they are kept for, and one in a hundred of them is about the title and stays. Printed
are seconds for opening, backup and restore, milliseconds (median and worst) for the steps, and what stands in the file after.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1]))

from builders import world
from growth import filled

from watcher.restoring import restore
from watcher.store import backup, retention
from watcher.store.store import Store

KEEP = 100


def main() -> None:
    """Fill, and print."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "state" / "watcher.db"
        path.parent.mkdir()
        store, now = filled(path, count)
        store.close()
        begin = time.perf_counter()
        store = Store(path)
        print(f"{count:,} items, {path.stat().st_size / 1e6:,.0f} MB: opened and checked in {time.perf_counter() - begin:.1f} s")
        store.connection.execute("UPDATE item SET listed_on = 1000 WHERE rowid > ?", [count // 2])
        store.connection.execute("UPDATE feed SET listed_on = 1000")
        store.connection.commit()
        store.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        taken, looked, gone = [], 0, 0
        for _ in range(count):
            begin = time.perf_counter()
            swept = retention.sweep(store, after=looked, before=KEEP)
            taken.append((time.perf_counter() - begin) * 1000)
            looked, gone = swept.looked, gone + swept.items
            if swept.is_end:
                break
        left = store.connection.execute("SELECT count(*) FROM item").fetchone()[0]
        most = sorted(taken)[-1 - len(taken) // 100]
        times = f"{statistics.median(taken):.1f} ms each, 99 of 100 within {most:.1f}, worst {max(taken):.1f}"
        print(f"{len(taken):,} steps, {times}; {gone:,} items gone, {left:,} left")
        broken = len(store.connection.execute("PRAGMA foreign_key_check").fetchall())
        named = store.connection.execute("SELECT count(DISTINCT source.item) FROM source").fetchone()[0]
        wal, size = path.with_name("watcher.db-wal").stat().st_size / 1e6, path.stat().st_size / 1e6
        print(f"{broken} broken references, {named:,} items that named a title; log {wal:.1f} MB, file {size:,.0f} MB")
        begin = time.perf_counter()
        saved = backup.back_up(path, Path(directory) / "copy.db", now)
        print(f"backup of {saved.size / 1e6:,.0f} MB, checked: {time.perf_counter() - begin:.1f} s")
        store.close()
        begin = time.perf_counter()
        restore(path, Path(directory) / "copy.db", world(), now + timedelta(days=1), tell=False)
        print(f"put back: {time.perf_counter() - begin:.1f} s")


if __name__ == "__main__":
    main()
