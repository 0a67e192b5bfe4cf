"""What the daemon costs while it only waits, and how quickly it comes and goes: 25 feeds and 1,000, as whole processes.

    python tests/bench/daemon.py
    python tests/bench/daemon.py --sizes 25 --times 5

For each size: seconds from the start of the process to READY and from SIGTERM to its end (median of several starts on a state
that is filled), and the memory of all its processes once every feed was read and it waits, in MB (PSS: what it shares with
nobody, and its share of the rest). Beside them stands what a bare interpreter takes to start, so that the times can be compared
between machines. The goal is 70 MB with 25 feeds.
"""

from __future__ import annotations

import argparse
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

sys.path.append(str(Path(__file__).parents[1]))

from managers import Manager
from manyfeeds import ManyFeeds
from processes import Home, children

GOAL_MB = 70


def bare() -> float:
    """Seconds of an interpreter that does nothing."""
    begun = time.monotonic()
    subprocess.run([sys.executable, "-c", "pass"], check=True)
    return time.monotonic() - begun


def memory(pid: int) -> float:
    """What a process and its children hold, in MB."""
    return sum(_pss(one) for one in (pid, *children("", of=pid)))


def _pss(pid: int) -> float:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1000


def life(home: Home, feeds: ManyFeeds | None, count: int) -> tuple[float, float, float]:
    """One start: seconds to READY, memory once all feeds were read (where they are to be), seconds to its end."""
    with Manager(home.path) as manager, (home.path / "log").open("a") as log:
        begun = time.monotonic()
        process = subprocess.Popen(home.command("run"), env=home.environ() | manager.environ, stdout=log, stderr=log)
        try:
            manager.wait_for("READY=1")
            ready = time.monotonic() - begun
            if feeds is not None:
                _wait_for_all(feeds, count)
            manager.wait_for("WATCHDOG=1", times=manager.lines().count("WATCHDOG=1") + 3, within=120)
            held = memory(process.pid)
            ended = time.monotonic()
            process.send_signal(signal.SIGTERM)
            assert process.wait(60) == 0
            return ready, held, time.monotonic() - ended
        finally:
            process.kill()
            (home.path / "notify").unlink()


def _wait_for_all(feeds: ManyFeeds, count: int) -> None:
    """Until every feed was asked: at a first start they are spread over the first minutes."""
    end = time.monotonic() + 1800
    while len({request.feed for request in feeds.log()[0]}) < count:
        assert time.monotonic() < end, "not all feeds were asked within half an hour"
        time.sleep(2)


def measure(path: Path, count: int, times: int) -> None:
    """Print what a size costs."""
    path.mkdir()
    with ManyFeeds(count) as feeds:
        home = Home(path, feeds.settings(feeds=range(count)))
        first = life(home, feeds, count)
        lives = [life(home, None, count) for _ in range(times)]
    ready, ended = median(one[0] for one in lives), median(one[2] for one in lives)
    later = median(one[1] for one in lives)
    print(f"{count:>6} feeds   READY after {ready:5.2f} s ({ready / bare():3.0f} x python -c pass)   end after {ended:5.2f} s")
    print(f"               waiting {first[1]:5.1f} MB after its first pass, {later:5.1f} MB after a restart")


def main() -> None:
    """Each size in turn."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[25, 1000])
    parser.add_argument("--times", type=int, default=3)
    asked = parser.parse_args()
    print(f"The goal is {GOAL_MB} MB with 25 feeds.")
    with tempfile.TemporaryDirectory() as scratch:
        for count in asked.sizes:
            measure(Path(scratch) / str(count), count, asked.times)


if __name__ == "__main__":
    main()
