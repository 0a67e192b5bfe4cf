"""What `watcher status` costs, and how much memory an idle daemon holds.

    python tests/bench/status.py

Measured is processor time (user and system, the median of 21 processes) of `watcher status`, as such and as a ratio to
`python -c pass`: before anything is stored, with the built-in title stored, with a slate of eight titles and a year of news,
and on a store of 10,000 items, one in 50 about the watched title. The ways take turns, so that a busy machine is busy for all
of them; the least of each says what an idle one would take. Then the resident memory of a `watcher run` that had no feed due
for ten seconds, which needs Linux.
"""

from __future__ import annotations

import asyncio
import resource
import statistics
import sys
import tempfile
from asyncio.subprocess import DEVNULL
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1]))

from processes import Home

from watcher.cli import compose
from watcher.config.load import parse_config
from watcher.decide.intents import Plan
from watcher.learn import World, finish_learning, take, take_known
from watcher.model import FeedState, Item
from watcher.store.store import Store

ITEMS, RUNS = 10_000, 21
FEED = """[[feed]]
url = "http://127.0.0.1:9/feed"
outlet = "The Ledger"
trust = "trade"
"""
OWN = "builtin_titles = false\nbuiltin_feeds = false\n"
SETTINGS = f'{OWN}[[title]]\nname = "Harbor Lights"\ncontext = ["Mira Solis"]\n{FEED}'
NAMES = (
    "Glass Orchard",
    "North of Salt",
    "Paper Moth",
    "Old Tide",
    "Lantern Keepers",
    "Harbor Lights",
    "Vesper Station",
    "Quiet Engine",
)
SLATE = OWN + "".join(f'[[title]]\nname = "{name}"\ncontext = ["Ada {name}"]\n' for name in NAMES) + FEED
NEWS = "Harbor Lights, with Mira Solis, opens in theaters on May 7, 2027."
DULL = "The week's new films were counted again on Monday, and nobody was glad or sorry about it. " * 5


def opened(home: Home, now: datetime) -> tuple[Store, World]:
    """A store with the titles and feeds of a home's configuration, and with what is known of the titles."""
    config = parse_config(home.config.read_text("utf-8"), path="bench.toml", environ={}, read_secret=Path.read_text)
    world = compose.world(config)
    home.database.parent.mkdir()
    store = Store(home.database)
    store.configure(world.titles, world.feeds, now, [now] * len(world.feeds))
    take_known(store, world, now)
    return store, world


def fill(home: Home, now: datetime) -> None:
    """Take ten thousand items in; the feed is not due for a day."""
    store, world = opened(home, now)
    (feed,) = world.feeds
    after = FeedState(url=feed.url, next_poll_at=now + timedelta(days=1), first_ok_at=now, last_ok_at=now, last_poll_at=now)
    for start in range(0, ITEMS, 100):
        items = [item(number, now - timedelta(minutes=ITEMS - number)) for number in range(start, start + 100)]
        take(store, world, feed, items, after=after, now=now)
    finish_learning(store, world, now)
    assert store.connection.execute("SELECT count(*) FROM item").fetchone()[0] == ITEMS
    store.close()


def fill_slate(home: Home, now: datetime) -> None:
    """A year in which each of eight films is told of every week and moves nine times."""
    store, world = opened(home, now)
    (feed,) = world.feeds
    for week in range(52):
        at = now - timedelta(days=364 - 7 * week)
        before = FeedState(url=feed.url, next_poll_at=at, first_ok_at=at, last_ok_at=at, last_poll_at=at)
        store.apply(Plan(at=at, feeds=(before,), learned=tuple(title.id for title in world.titles)))
        news = [weekly(name, number, week, at) for number, name in enumerate(NAMES)]
        take(store, world, feed, news, after=replace(before, next_poll_at=now + timedelta(days=1)), now=at)
    store.close()


def fill_builtin(home: Home, now: datetime) -> None:
    """What comes with watcher, stored."""
    store, world = opened(home, now)
    finish_learning(store, world, now)
    store.close()


def item(number: int, published: datetime) -> Item:
    """One item in 50 says what the title's date is."""
    body = f"{NEWS} {DULL}" if number % 50 == 0 else DULL
    link = f"https://ledger.example/{number}"
    return Item(guid=link, title=f"Story {number}", body=body, link=link, published=published, digest=str(number))


def weekly(name: str, number: int, week: int, at: datetime) -> Item:
    """The news of a film in a week: a move every sixth, else the same day told again."""
    opens = (at + timedelta(days=500 + 30 * number)).date()
    day = f"{opens:%B} {opens.day}, {opens.year}"
    told = f"has been delayed to {day}, in US theaters" if week % 6 == 0 else f"opens in US theaters on {day}"
    guid = f"{number}/{week}"
    return Item(guid=guid, title=f"{name}: news", body=f"{name}, with Ada {name}, {told}.", published=at, digest=guid)


async def spent(start: Callable[[], Awaitable[object]]) -> float:
    """Processor time of a process and its children in milliseconds."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    await start()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return 1000 * (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


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


async def compare(homes: Sequence[tuple[str, Home]]) -> None:
    """Print what asking each home costs, taking turns."""
    took: dict[str, list[float]] = {"python -c pass": [], **{name: [] for name, _ in homes}}
    for _ in range(RUNS):
        took["python -c pass"].append(await spent(bare))
        for name, home in homes:
            took[name].append(await spent(lambda home=home: home.run("status")))  # type: ignore[misc]
    python = statistics.median(took["python -c pass"])
    for name, times in took.items():
        median = statistics.median(times)
        print(f"{name:<32} median {median:5.0f} ms, least {min(times):5.0f} ms, {median / python:4.1f} times python")


async def main() -> None:
    """Measure and print."""
    now = datetime.now(UTC)
    made = (("nothing stored", "", None), ("the built-in title", "", fill_builtin), ("eight titles, a year", SLATE, fill_slate),
            (f"{ITEMS} items", SETTINGS, fill))  # fmt: skip
    with tempfile.TemporaryDirectory() as scratch:
        homes = []
        for number, (name, settings, filled) in enumerate(made):
            path = Path(scratch) / str(number)
            path.mkdir()
            home = Home(path, settings)
            if filled is not None:
                filled(home, now)
            homes.append((name, home))
        shown = await homes[-1][1].run("status")
        assert (shown.status, shown.err) == (0, "")
        assert "May 7, 2027" in shown.out
        await compare(homes)
        print(f"idle watcher run: {await idle(homes[-1][1]) / 1024:.0f} MB resident")


if __name__ == "__main__":
    asyncio.run(main())
