"""What a pass over a hundred feeds costs: the real engine, fetcher, reader and store; the server is another process.

    python tests/bench/poll.py

Each feed has 30 items and about 65 KB; one item in 30 is about a watched title. Measured is processor time of one pass: the
first, one in which the server answers 304, and one in which it sends the same bytes without a validator. Printed as a ratio to
the 304 pass, and the most memory that the process ever had.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import resource
import sys
import tempfile
import time
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1]))

from feedserver import Answer, Entry, FeedServer, rss

from watcher.cli import compose
from watcher.config.load import parse_config
from watcher.engine import Engine
from watcher.polling import Polled
from watcher.send import Sender

FEEDS, ITEMS = 100, 30
SETTINGS = """
[watcher]
timezone = "UTC"
builtin_titles = false
builtin_feeds = false
[fetch]
allow_addresses = ["127.0.0.0/8"]
[[title]]
name = "Harbor Lights"
context = ["Mira Solis"]
"""
NEWS = "<p>Mira Solis joins the cast of <em>Harbor Lights</em>, which opens in theaters on May 7, 2027.</p>"
DULL = "<p>The week's new films were counted again on Monday, and the studios were neither glad nor sorry about it.</p>"


def body(feed: int) -> bytes:
    """A feed of about 65 KB; no two hold the same."""
    entries = [
        Entry(
            title=f"Story {item} of paper {feed}" if item else "Harbor Lights finds its keeper",
            body=("" if item else NEWS) + f"<p>Number {item} of paper {feed}.</p>" + DULL * 15,
            guid=f"{feed}-{item}",
            link=f"https://paper{feed}.example/{item}",
            published="Mon, 03 Mar 2025 10:00:00 GMT",
        )
        for item in range(ITEMS)
    ]
    return rss(*entries)


def serve(line: Connection) -> None:
    """The server's process: tells its origin, and forgets its validators when it is spoken to."""
    with FeedServer() as server:
        for forgetful in (False, True):
            for feed in range(FEEDS + 1):
                server.answer(f"/{feed}", Answer(body(feed), etag=None if forgetful else f'"{feed}"'))
            line.send(server.origin)
            line.recv()


async def measure(origin: str, line: Connection) -> dict[str, float]:
    """Seconds of processor time of each kind of pass."""
    feeds = "".join(f'[[feed]]\nurl = "{origin}/{feed}"\noutlet = "Paper {feed}"\n' for feed in range(FEEDS + 1))
    config = parse_config(SETTINGS + feeds, path="bench.toml", environ={}, read_secret=Path.read_text)
    world, now, took = compose.world(config), datetime.now(UTC), {}
    with tempfile.TemporaryDirectory() as scratch:
        async with (
            Sender(terminal=lambda _: None) as sender,
            await Engine.open(
                Path(scratch) / "watcher.db", world, sender=sender, make_fetcher=compose.fetcher(config), now=now
            ) as engine,
        ):
            # What is loaded and compiled once is no part of a pass.
            await engine.poll_all(world.feeds[FEEDS:], now)
            for name in ("first", "304", "same bytes"):
                if name == "same bytes":
                    line.send(None)
                    line.recv()
                started = time.process_time()
                polled = await engine.poll_all(world.feeds[:FEEDS], now)
                took[name] = time.process_time() - started
                check(polled, unchanged=name != "first")
    line.send(None)
    return took


def check(polled: tuple[Polled, ...], *, unchanged: bool) -> None:
    """A pass that did not do its work is not worth a number."""
    assert len(polled) == FEEDS
    assert all(p.error is None and p.unchanged == unchanged and p.learned.new == (0 if unchanged else ITEMS) for p in polled)


def main() -> None:
    """Measure and print."""
    ours, theirs = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(target=serve, args=(theirs,))
    server.start()
    took = asyncio.run(measure(ours.recv(), ours))
    server.join()
    print(f"{FEEDS} feeds of {len(body(1)) / 1000:.0f} KB with {ITEMS} items\npass           ratio to 304   CPU, s")
    for name, seconds in took.items():
        print(f"{name:12}   {seconds / took['304']:12.1f}   {seconds:6.2f}")
    print(f"most memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()
