"""Whether a feed costs more where there are more of them: `watcher poll` on 500 feeds and on 5,000, as whole processes.

    python tests/bench/scale.py                     # some minutes, and 1 GB in the scratch directory
    python tests/bench/scale.py --sizes 100 1000

The first fetch of everything, and a pass in which every server says 304. A feed's cost is what the pass took beyond one with a
single feed (start-up does not grow with feeds), by the number of feeds; the ratio between the sizes should stay within 1.2.
Memory is the most that all processes of the pass held at once, and should stay under 150 MB.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1]))

from manyfeeds import ManyFeeds
from processes import Home
from spending import Spent, median, spend

PASSES = ("first fetch", "nothing changed")
GOALS = {"ratio": 1.2, "memory": 150}


def passes(path: Path, feeds: ManyFeeds, count: int) -> list[Spent]:
    """Both passes over the first so many feeds, on a fresh state."""
    path.mkdir()
    home = Home(path, feeds.settings(feeds=range(count)))
    found = []
    for status in (200, 304):
        before = len(feeds.log()[0])
        found.append(spend(home.command("poll"), home.environ()))
        asked = feeds.log(before)[0]
        assert sorted(request.feed for request in asked) == list(range(count))
        assert {request.status for request in asked} == {status}
    return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[500, 5000])
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--scratch", help="where the state lies (else the system's temporary directory)")
    args = parser.parse_args()
    sizes: list[int] = [1, *args.sizes]
    spent: dict[tuple[str, int], list[Spent]] = {(name, size): [] for name in PASSES for size in sizes}
    with ManyFeeds(max(sizes)) as feeds:
        for _ in range(args.rounds):
            for size in sizes:
                with tempfile.TemporaryDirectory(dir=args.scratch) as scratch:
                    for name, cost in zip(PASSES, passes(Path(scratch) / "home", feeds, size), strict=True):
                        spent[name, size].append(cost)
    print("pass                feeds   CPU ms a feed   ratio of 1.2   wall, s   CPU, s   MB of 150")
    for name in PASSES:
        alone, base = median(spent[name, 1]).cpu, 0.0
        for size in args.sizes:
            it = median(spent[name, size])
            cost = (it.cpu - alone) / size
            base = base or cost
            ratios = f"{cost * 1000:16.2f} {cost / base / GOALS['ratio']:14.2f}"
            memory = f"{it.memory:4.0f} ({it.memory / GOALS['memory']:.2f})"
            print(f"{name:17} {size:7,}{ratios}   {it.wall:7.1f}   {it.cpu:6.1f}   {memory}")


if __name__ == "__main__":
    main()
