"""A year of the daemon's life in minutes: news, faults, restarts and clock jumps, written beforehand; judged by what arrived.

    python tests/bench/soak.py [--days 365] [--seed N] [--feeds 25] [--keep DIR]

The daemon is a process of its own with the real engine, store, fetcher, parser, reader and sender, and passes that a clock of
ours sets off; it is killed and started again for real. Feeds and pages come from a real server, alerts go to real webhooks. What
has to be told follows from the script and from what the server gave out; `tests/soaking/umpire.py` compares. Two of the
daemon's processes live long, the first and the last, so that their memory can be compared. Feeds are asked every eight hours,
trade papers every four, which is as many polls in a year as fit into a few minutes. The exit status is 1 where there is any
fault.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from statistics import median

sys.path.append(str(Path(__file__).parents[1]))

from soaking.play import Played, Year
from soaking.script import DAY, write
from soaking.umpire import Verdict, judge, months, week
from soaking.weather import make_weather

_SHOWN = 20
#: The tables that grow with the news, and are worth a line.
_TABLES = ("item", "item_version", "reading", "claim", "revision", "change", "delivery", "page")


def what_happened(played: Played) -> Iterator[str]:
    """The year in numbers, a line for each kind of thing."""
    script, weather = played.script, played.weather
    about = sum(bool(article.text) for article in script.articles)
    others = len(script.articles) - about
    yield f"news      {len(script.events)} events in {about:,} articles about {len(script.films)} films, {others:,} others"
    answers = Counter(line.status for line in played.log)
    given = ", ".join(f"{count:,} × {status or 'no feed'}" for status, count in answers.most_common())
    yield f"requests  {len(played.log):,}: {given}"
    feeds, targets = (sum(map(len, spells.values())) for spells in (weather.feeds, weather.outages))
    yield (
        f"faults    {feeds} spells at feeds, {targets} at targets, {len(weather.offsets)} wrong clocks, "
        f"{len(weather.asleep)} times asleep, {len(weather.full)} times a full disk"
    )
    yield (
        f"daemon    {played.restarts} starts after {len(played.kills)} kills, {played.reloads} reloads, {played.refused} bad "
        "configurations refused"
    )


def table(verdict: Verdict) -> Iterator[str]:
    """What came where."""
    yield "target   expected   arrived   lost   extra   twice   late   repeats after a kill"
    for row in verdict.rows:
        counts = f"{row.expected:8}{row.arrived:10}{row.lost:7}{row.extra:8}{row.twice:8}{row.late:7}{row.repeats:10}"
        yield f"{row.target:8} {counts}"


def costs(played: Played, verdict: Verdict) -> Iterator[str]:
    """What it cost: in the first week and in the last days."""
    samples = played.samples
    if not samples:
        return
    begin, end = samples[0].at, samples[-1].at
    first, last = week(samples, begin + 5 * DAY, begin + 7 * DAY), week(samples, end - 2 * DAY, end)
    alone, family = (
        tuple(median(getattr(s, name) for s in several) / 1e6 for several in (first, last)) for name in ("alone", "family")
    )
    grown = f"{alone[1] / alone[0] - 1:+.0%}"
    yield f"memory    {alone[0]:.1f} MB after a week, {alone[1]:.1f} at the end ({grown}); with children {family[1]:.0f}"
    files, threads = (tuple(max(getattr(s, name) for s in several) for several in (first, last)) for name in ("files", "threads"))
    yield f"handles   {files[0]} files and {threads[0]} threads after a week, {files[1]} and {threads[1]} at the end"
    spent = [median(p.cpu for p in several) for several in months(played.passes)]
    many = f"{len(played.passes):,} passes"
    yield f"a pass    {spent[0]:.1f} ms of processor in the first month, {spent[1]:.1f} in the last (medians; {many} in all)"
    rows = ", ".join(f"{verdict.tables[name]:,} {name}s" for name in _TABLES)
    yield f"store     {verdict.size / 1e6:.1f} MB, integrity {verdict.integrity}; {rows}"


def main() -> int:
    """Play, judge and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--days", type=float, default=365)
    parser.add_argument("--seed", type=int, help="of everything that happens; printed, else a new one")
    parser.add_argument("--feeds", type=int, default=25)
    parser.add_argument("--keep", type=Path, help="a new directory for state and log, which is not deleted")
    args = parser.parse_args()
    if args.feeds < 2 or args.days < 10:
        parser.error("--feeds must be 2 or more, --days 10 or more")
    seed = int.from_bytes(os.urandom(3)) if args.seed is None else args.seed
    print(f"{args.days:g} days with {args.feeds} feeds, seed {seed}", flush=True)
    begun = time.monotonic()
    with ExitStack() as stack:
        path = args.keep or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        path.mkdir(parents=True, exist_ok=args.keep is None)
        script = write(seed, args.days, args.feeds)
        played = asyncio.run(Year(script, make_weather(script), path).play())
        verdict = judge(played)
    print(f"played in {time.monotonic() - begun:.0f} s\n")
    for lines in (what_happened(played), [""], table(verdict), [""], costs(played, verdict), [""]):
        print("\n".join(lines))
    for fault in verdict.faults[:_SHOWN]:
        print(f"FAULT {fault}")
    if len(verdict.faults) > _SHOWN:
        print(f"... and {len(verdict.faults) - _SHOWN} more")
    print(
        f"{len(verdict.faults)} faults; again: --days {args.days:g} --feeds {args.feeds} --seed {seed}"
        if verdict.faults
        else "No fault."
    )
    return 1 if verdict.faults else 0


if __name__ == "__main__":
    sys.exit(main())
