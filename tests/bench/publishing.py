"""What `publish` costs a daemon: with it and without it, on the same feeds, at the same time.

    python tests/bench/publishing.py
    python tests/bench/publishing.py --feeds 1000 --seconds 300

Once every feed was read and both wait, it prints for each the processor time of so many seconds and the memory of all its
processes (PSS), and the ratio; then what one look for changes costs, and one making of all files, in milliseconds.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

sys.path.append(str(Path(__file__).parents[1]))

from daemon import memory
from manyfeeds import ManyFeeds
from processes import Home, children

from watcher.cli import compose
from watcher.config.load import parse_config
from watcher.publishing import mark_of, publish_now
from watcher.store import ask


def spent(pid: int) -> float:
    """Seconds of processor time that a process and its children have had."""
    ticks = 0
    for one in (pid, *children("", of=pid)):
        # The name, in brackets, may hold blanks; utime and stime are fields 14 and 15 of proc(5).
        ticks += sum(map(int, Path(f"/proc/{one}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[11:13]))
    return ticks / os.sysconf("SC_CLK_TCK")


def milliseconds(work: Callable[[], object], times: int) -> float:
    """The median of several times."""
    took = []
    for _ in range(times):
        begun = time.perf_counter()
        work()
        took.append(time.perf_counter() - begun)
    return median(took) * 1000


def home_of(path: Path, settings: str) -> Home:
    """A watcher of its own."""
    path.mkdir()
    return Home(path, settings)


def measure(path: Path, count: int, seconds: float) -> None:
    """Print all of it."""
    with ManyFeeds(count) as feeds:
        settings = feeds.settings(feeds=range(count))
        without, kept = home_of(path / "without", settings), home_of(path / "with", f'publish = "site"\n{settings}')
        (kept.path / "site").mkdir()
        homes = (without, kept)
        for home in homes:
            subprocess.run(home.command("poll"), env=home.environ(), check=True, capture_output=True)
        running = [subprocess.Popen(home.command("run"), env=home.environ(), stderr=subprocess.DEVNULL) for home in homes]
        try:
            time.sleep(30)
            before = [spent(one.pid) for one in running]
            time.sleep(seconds)
            cpu = [spent(one.pid) - was for one, was in zip(running, before, strict=True)]
            held = [memory(one.pid) for one in running]
        finally:
            for one in running:
                one.terminate()
            for one in running:
                one.wait(60)
    print(f"{count} feeds, {seconds:g} s of waiting   without {cpu[0]:.2f} s of CPU, {held[0]:.1f} MB")
    print(f"                                with    {cpu[1]:.2f} s of CPU, {held[1]:.1f} MB   ({cpu[1] / cpu[0]:.2f} x the CPU)")
    config = parse_config(kept.config.read_text("utf-8"), path="bench.toml", environ={}, read_secret=Path.read_text)
    world, now = compose.world(config), datetime.now(UTC)
    db = ask.open_reader(kept.database)
    site = kept.path / "site"
    print(f"one look   {milliseconds(lambda: mark_of(db, world, now), 200):.3f} ms")
    print(f"all files  {milliseconds(lambda: publish_now(site, kept.database, world, now), 10):.1f} ms, nothing changed")


def main() -> None:
    """As the words say."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--feeds", type=int, default=25)
    parser.add_argument("--seconds", type=float, default=120)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as path:
        measure(Path(path), asked.feeds, asked.seconds)


if __name__ == "__main__":
    main()
