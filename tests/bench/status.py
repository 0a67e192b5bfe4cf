"""What `watcher status` costs on a well-filled store, and how much memory an idle daemon holds.

    python tests/bench/status.py

The store has 10,000 items, one in 50 about the watched title. Measured is processor time (user and system, the median of ten
processes) of `watcher status`, as a ratio to `python -c pass`; and the resident memory of a `watcher run` that had no feed due
for ten seconds, which needs Linux.
"""

from __future__ import annotations

import asyncio
import resource
import statistics
import sys
import tempfile
from asyncio.subprocess import DEVNULL
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1]))

from processes import Home

from watcher.cli import compose
from watcher.config.load import parse_config
from watcher.learn import finish_learning, take
from watcher.model import FeedState, Item
from watcher.store.store import Store

ITEMS = 10_000
SETTINGS = """builtin_titles = false
builtin_feeds = false
[[title]]
name = "Harbor Lights"
context = ["Mira Solis"]
[[feed]]
url = "http://127.0.0.1:9/feed"
outlet = "The Ledger"
"""
NEWS = "Harbor Lights, with Mira Solis, opens in theaters on May 7, 2027."
DULL = "The week's new films were counted again on Monday, and nobody was glad or sorry about it. " * 5


def fill(home: Home, now: datetime) -> None:
    """Take ten thousand items in; the feed is not due for a day."""
    config = parse_config(home.config.read_text("utf-8"), path="bench.toml", environ={}, read_secret=Path.read_text)
    world = compose.world(config)
    (feed,) = world.feeds
    home.database.parent.mkdir()
    store = Store(home.database)
    store.configure(world.titles, world.feeds, now, [now])
    later = now + timedelta(days=1)
    after = FeedState(url=feed.url, next_poll_at=later, first_ok_at=now, last_ok_at=now, last_poll_at=now)
    for start in range(0, ITEMS, 100):
        items = [item(number, now - timedelta(minutes=ITEMS - number)) for number in range(start, start + 100)]
        take(store, world, feed, items, after=after, now=now)
    finish_learning(store, world, now)
    assert store.connection.execute("SELECT count(*) FROM item").fetchone()[0] == ITEMS
    store.close()


def item(number: int, published: datetime) -> Item:
    """One item in 50 says what the title's date is."""
    body = f"{NEWS} {DULL}" if number % 50 == 0 else DULL
    link = f"https://ledger.example/{number}"
    return Item(guid=link, title=f"Story {number}", body=body, link=link, published=published, digest=str(number))


async def cost(start: Callable[[], Awaitable[object]]) -> float:
    """Processor time of a process and its children in seconds, the median of ten."""
    took = []
    for _ in range(10):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        await start()
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        took.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return statistics.median(took)


async def bare() -> None:
    """Python alone."""
    process = await asyncio.create_subprocess_exec(sys.executable, "-P", "-c", "pass", stdout=DEVNULL)
    assert await process.wait() == 0


async def idle(home: Home) -> int:
    """Kilobytes that the daemon holds after ten seconds in which nothing was due."""
    daemon = await home.start("run")
    await asyncio.sleep(10)
    held = resident(daemon.pid)
    daemon.terminate()
    await daemon.communicate()
    assert daemon.returncode == 0
    return held


def resident(pid: int) -> int:
    """Kilobytes that a process holds now."""
    return int(Path(f"/proc/{pid}/status").read_text("ascii").partition("VmRSS:")[2].split()[0])


async def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as scratch:
        home = Home(Path(scratch), SETTINGS)
        fill(home, datetime.now(UTC))
        shown = await home.run("status")
        assert (shown.status, shown.err) == (0, "")
        assert "May 7, 2027" in shown.out
        status, python = await cost(lambda: home.run("status")), await cost(bare)
        print(f"watcher status on {ITEMS} items: {status / python:.1f} times `python -c pass` ({python * 1000:.0f} ms CPU)")
        print(f"idle watcher run: {await idle(home) / 1024:.0f} MB resident")


if __name__ == "__main__":
    asyncio.run(main())
