"""That no alert is lost and none comes twice unsaid, however often the daemon is killed; judged at the receivers alone.

    python tests/bench/crash.py [--alerts 1000] [--kills 100] [--seed N] [--refuse N] [--keep DIR]

`watcher run` is killed with SIGKILL at random moments and started again at once: while it starts, at any time after that, and
soon after an alert has arrived. So many invented films get a date each, and each is told to three targets: a mailbox behind a
real SMTP server, a JSON webhook, and a server that speaks like ntfy. Only kills that fall while alerts are on their way count.
Every arrival is known by its message id and by what it says; `tests/umpire.py` says what is a fault. The exit status is 1 where
there is any, or where too few kills counted.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1]))

from crashing import MOST, Life, Played, kill_over_and_over
from umpire import Row, Verdict, judge

_SHOWN = 20


def table(rows: tuple[Row, ...]) -> None:
    """What came where."""
    print("target   expected   arrived   lost   more than once   of those unmarked   in the window   refused")
    for row in rows:
        counts = (
            f"{row.expected:8}{row.arrived:10}{row.lost:7}{row.repeated:17}{row.unmarked:20}{row.in_window:16}{row.refused:10}"
        )
        print(f"{row.target:8} {counts}")


def window(rows: tuple[Row, ...]) -> None:
    """How the repeats came about."""
    gaps = [gap for row in rows for gap in row.gaps]
    late = sorted(gap for gap in gaps if gap is not None)
    print(f"repeats: {len(gaps) - len(late)} first copies were not answered yet when the daemon was killed,", end=" ")
    print(f"{len(late)} had been, at most {1000 * late[-1]:.0f} ms before" if late else "and none had been")
    first = sum(row.marked_first for row in rows)
    print(f"marked as a possible repeat though the first to come: {first} (killed after the claim, before the request)")


def lives(played: Played) -> None:
    """What the kills hit."""
    killed = [life for life in played.lives if life.killed is not None]
    phases = Counter(life.phase for life in killed)
    waiting = sorted(life.waiting for life in killed)
    print(f"kills: {', '.join(f'{times} {phase}' for phase, times in phases.most_common())}")
    print(f"alerts on their way at a kill: {waiting[len(waiting) // 2]} (median), {waiting[0]} to {waiting[-1]}")
    print(
        f"children of a killed daemon: the last was gone {played.longest_orphan:.2f} s after it; left over {len(played.orphans)}"
    )
    print(f"store: integrity {played.integrity}, {played.undelivered} rows of the outbox undelivered")


def counted(several: list[Life]) -> int:
    """How many kills fell while alerts were on their way."""
    return sum(life.killed is not None and life.waiting > 0 for life in several)


def verdict_of(played: Played, verdict: Verdict, kills: int) -> int:
    """Print the faults, and return the exit status."""
    for fault in verdict.faults[:_SHOWN]:
        print(f"FAULT {fault}")
    if len(verdict.faults) > _SHOWN:
        print(f"... and {len(verdict.faults) - _SHOWN} more")
    few = counted(played.lives) < kills
    if few:
        print(f"Only {counted(played.lives)} kills fell while alerts were on their way.")
    if not verdict.faults and not few:
        print("No fault.")
    return 1 if verdict.faults or few else 0


def main() -> int:
    """Kill, judge and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--alerts", type=int, default=1000, help=f"how many films get a date, at most {MOST}")
    parser.add_argument("--kills", type=int, default=100, help="while alerts are on their way")
    parser.add_argument("--seed", type=int, help="of the moments and of how long receivers think; printed, else a new one")
    parser.add_argument("--refuse", type=int, default=0, help="how many alerts each receiver refuses (each stops it for 30 s)")
    parser.add_argument("--keep", type=Path, help="a new directory for state and log, which is not deleted")
    args = parser.parse_args()
    if not 0 < args.alerts <= MOST:
        parser.error(f"--alerts must be 1 to {MOST}")
    seed = int.from_bytes(os.urandom(3)) if args.seed is None else args.seed
    with ExitStack() as stack:
        path = args.keep or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        path.mkdir(parents=True, exist_ok=args.keep is None)
        play = kill_over_and_over(path, alerts=args.alerts, kills=args.kills, seed=seed, refusals=args.refuse)
        played = asyncio.run(play)
    verdict = judge(played)
    killed = sum(life.killed is not None for life in played.lives)
    print(f"{args.alerts} alerts to {len(verdict.rows)} targets; {killed} kills, {counted(played.lives)} of them", end=" ")
    print(f"while alerts were on their way; {played.seconds:.0f} s; seed {seed}\n")
    table(verdict.rows)
    print()
    window(verdict.rows)
    lives(played)
    return verdict_of(played, verdict, args.kills)


if __name__ == "__main__":
    sys.exit(main())
