"""A pass over 500 feeds as a whole process, start-up included, beside two other programs that poll feeds.

    python tests/bench/peers.py --reader-python /path/to/its/python --newsboat newsboat
    pip install reader sgmllib3k     # https://github.com/lemon24/reader, in an environment of its own; apt install newsboat

Who is not there is left out, and that is said. `reader` is the nearest in kind (Python, SQLite, whole entries), newsboat is
quick (C++). Neither reads what an entry says of a film, decides or tells; `watcher poll` does, for one title. Every program keeps
its state on the same disk. Three passes: the first fetch of everything, one in which every server says 304, and the same with a
tenth of a second until each answer. That each program asked every server once and was answered so is checked. Between the
first two is one that is not measured: newsboat keeps validators only from its second pass on.

Printed are medians of several rounds, in which the programs take turns; seconds, the megabytes of all their processes, and what
ours took for each second of theirs. Trust the ratios.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1]))

from manyfeeds import ManyFeeds
from processes import Home
from spending import Spent, median, spend

LATENCY_S = 0.1
PASSES = {"first fetch": (200, 0.0), "nothing changed": (304, 0.0), "nothing changed, 100 ms away": (304, LATENCY_S)}
OURS = "watcher"

#: `reader` takes its feeds in beforehand; without `scheduled=False` it would leave out what it asked less than an hour ago.
_READER = """
import sys
from reader import make_reader
reader = make_reader(sys.argv[1])
if sys.argv[2] == "add":
    for url in sys.stdin.read().split():
        reader.add_feed(url)
else:
    reader.update_feeds(scheduled=False, workers=int(sys.argv[2]))
"""

Prepare = Callable[[Path, ManyFeeds], tuple[list[str], dict[str, str]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """A program: `prepare` makes a directory ready, and returns the command of a pass and its environment."""

    name: str
    prepare: Prepare
    spent: dict[str, list[Spent]] = field(default_factory=lambda: {name: [] for name in PASSES})


def ours(path: Path, feeds: ManyFeeds) -> tuple[list[str], dict[str, str]]:
    """`watcher poll`; alerts go to the terminal, which is a file."""
    home = Home(path, feeds.settings())
    return home.command("poll"), home.environ()


def newsboat(program: str, threads: int) -> Prepare:
    """`newsboat -x reload`."""

    def prepare(home: Path, feeds: ManyFeeds) -> tuple[list[str], dict[str, str]]:
        (home / "urls").write_text("\n".join(feeds.urls) + "\n", "utf-8")
        (home / "config").write_text(f"reload-threads {threads}\n", "utf-8")
        files = ["-u", f"{home}/urls", "-c", f"{home}/cache.db", "-C", f"{home}/config"]
        return [program, *files, "-x", "reload"], environ(home)

    return prepare


def reader(python: str, workers: int) -> Prepare:
    """`reader`'s `update_feeds`."""

    def prepare(home: Path, feeds: ManyFeeds) -> tuple[list[str], dict[str, str]]:
        command = [python, "-c", _READER, f"{home}/reader.db"]
        subprocess.run([*command, "add"], input="\n".join(feeds.urls), text=True, env=environ(home), check=True)
        return [*command, str(workers)], environ(home)

    return prepare


def programs(args: argparse.Namespace) -> Iterator[Program]:
    """Those that are here; of the others it is said that they are not."""
    yield Program(name=OURS, prepare=ours)
    if there := shutil.which(args.newsboat):
        for threads in (10, 50):
            yield Program(name=f"newsboat, {threads} threads", prepare=newsboat(there, threads))
    else:
        print(f"newsboat is not here ({args.newsboat}); --newsboat says where it is")
    python = shutil.which(args.reader_python) if args.reader_python else None
    if python and subprocess.run([python, "-c", "import reader"], stderr=subprocess.DEVNULL, check=False).returncode == 0:
        for workers in (10, 50):
            yield Program(name=f"reader, {workers} workers", prepare=reader(python, workers))
    else:
        print(f"reader is not here ({args.reader_python}); --reader-python says which Python has it")


def environ(home: Path) -> dict[str, str]:
    """Theirs: without what belongs to our own Python."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONPATH"} | {"HOME": str(home)}


def turn(program: Program, home: Path, feeds: ManyFeeds) -> None:
    """The three passes of one program, one after the other, on a fresh state."""
    home.mkdir()
    command, around = program.prepare(home, feeds)
    for name, (status, latency) in PASSES.items():
        feeds.latency(latency)
        before = len(feeds.log()[0])
        program.spent[name].append(spend(command, around))
        asked = Counter((request.feed, request.status) for request in feeds.log(before)[0])
        if asked != Counter({(feed, status): 1 for feed in range(len(feeds.urls))}):
            raise SystemExit(f"{program.name}, {name}: not every server was asked once and answered {status}")
        if status == 200:
            spend(command, around)
    shutil.rmtree(home)


def show(found: list[Program]) -> None:
    """The table."""
    mine = {name: median(several) for name, several in found[0].spent.items()}
    for name in PASSES:
        print(f"\n{name:32} wall, s   CPU, s      MB   ours/it: wall     CPU")
        for program in found:
            it = median(program.spent[name])
            ratios = f"{mine[name].wall / it.wall:15.2f} {mine[name].cpu / it.cpu:7.2f}"
            print(f"  {program.name:30} {it.wall:7.2f}  {it.cpu:7.2f}  {it.memory:6.0f}{ratios}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--feeds", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--newsboat", default="newsboat", help="the program")
    parser.add_argument("--reader-python", default=os.environ.get("READER_PYTHON"), help="a Python that has it")
    parser.add_argument("--scratch", help="where the programs keep their state (else the system's temporary directory)")
    args = parser.parse_args()
    found = list(programs(args))
    with tempfile.TemporaryDirectory(dir=args.scratch) as scratch, ManyFeeds(args.feeds) as feeds:
        print(f"{args.feeds} feeds of {feeds.size / 1000:.0f} KB with 30 items, {args.rounds} rounds")
        for number in range(args.rounds):
            first = number % len(found)
            for program in (*found[first:], *found[:first]):
                turn(program, Path(scratch) / "state", feeds)
    show(found)


if __name__ == "__main__":
    main()
