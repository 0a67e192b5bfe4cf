"""Whether feeds that drip hold up those that do not: fifty of each in the real daemon.

    python tests/bench/dripping.py                  # five minutes

A dripping feed sends a byte every half second, as long as it is let. All hundred are to be asked every ten seconds. For a while
they are all good; then half of them drip. Printed is how late the good half is asked, beyond its ten seconds: at the median and
at worst, in both times, and the difference. Who was asked last and is waiting still counts with how late it is by then.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1]))

from latency import daemon
from manyfeeds import ManyFeeds, Request
from processes import Home
from spending import spend

GOOD, DRIPPING = range(50), range(50, 100)
EVERY_S, BYTE_S = 10.0, 0.5


def lateness(requests: list[Request], begin: float, end: float) -> list[float]:
    """How much later than its interval each good feed was asked within these times, one number for each time."""
    found = []
    for feed in GOOD:
        at = [request.at for request in requests if request.feed == feed and request.at < end]
        found += [later - earlier - EVERY_S for earlier, later in pairwise(at) if later > begin]
        waiting = end - at[-1] - EVERY_S
        found += [waiting] if waiting > 0 else []
    return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--good", type=float, default=60, help="seconds without dripping")
    parser.add_argument("--seconds", type=float, default=240, help="seconds with it")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch, ManyFeeds(len(GOOD) + len(DRIPPING)) as feeds:
        home = Home(Path(scratch), feeds.settings(each=f'every = "{EVERY_S:.0f}s"'))
        # Feeds that are new are asked one after the other; a first pass takes them all.
        spend(home.command("poll"), home.environ())
        with daemon(home):
            begin = time.monotonic()
            time.sleep(args.good)
            feeds.drip(DRIPPING, BYTE_S)
            middle = time.monotonic()
            time.sleep(args.seconds)
            end = time.monotonic()
        requests = feeds.log()[0]
    without, beside = lateness(requests, begin, middle), lateness(requests, middle, end)
    print(f"{len(GOOD)} good feeds, asked every {EVERY_S:g} s   polls   late: median, s   worst, s")
    for name, late in (("beside good ones", without), (f"beside {len(DRIPPING)} that drip", beside)):
        print(f"{name:36}   {len(late):5}   {statistics.median(late):15.1f}   {max(late):8.1f}")
    more = statistics.median(beside) - statistics.median(without)
    print(
        f"later by {more:.1f} s at the median ({more / EVERY_S:.2f} of the interval), {max(beside) - max(without):.1f} s at worst"
    )


if __name__ == "__main__":
    main()
