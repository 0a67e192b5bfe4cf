"""The request log of a simulated week: what each of 25 feeds was asked and how often, and every breach of manners.

    python tests/bench/manners.py [--days 7] [--log]

See tests/week.py for what the feeds are like and what the umpire looks for. Ends with 1 where he finds fault.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1]))

from feedserver import FeedServer
from week import faults, papers, play, polled, table


def main() -> None:
    """Play the week, print what was asked, and the faults."""
    words = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    words.add_argument("--days", type=float, default=7)
    words.add_argument("--log", action="store_true", help="print every request")
    given = words.parse_args()
    with FeedServer() as server, tempfile.TemporaryDirectory() as scratch:
        log = asyncio.run(play(server, Path(scratch), days=given.days))
    if given.log:
        for line in log:
            sent = line.asked.headers.get("if-none-match") or line.asked.headers.get("if-modified-since") or "-"
            answered = "hung up" if line.answer.close else line.answer.status
            print(f"{line.at:%a %H:%M:%S}  {line.asked.path:15} {sent:32} {answered}")
    print("\n".join(table(log)))
    found = list(faults(log))
    print(f"{len(log)} requests in {given.days:g} days, {len(polled(papers()))} feeds; faults: {len(found)}")
    print("\n".join(found[:50]))
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
