"""The real program in processes of its own: with a configuration in a scratch directory, run to its end or in the background."""

from __future__ import annotations

import asyncio
import os
import select
import sys
from asyncio.subprocess import PIPE, Process
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

#: The installed program, not whatever lies in the working directory.
_PROGRAM = (sys.executable, "-P", "-m", "watcher")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a command ended, and what it printed."""

    status: int
    out: str
    err: str


def one_feed(url: str) -> str:
    """The settings of somebody who waits for one film and asks one feed on this machine each second."""
    return f'''builtin_titles = false
builtin_feeds = false
[fetch]
allow_addresses = ["127.0.0.0/8"]
[[title]]
name = "Harbor Lights"
[[feed]]
url = "{url}"
outlet = "Morning Reel"
every = "1s"
'''


class Home:
    """A scratch directory with a configuration and a state, and `watcher` commands that use them."""

    def __init__(self, path: Path, config: str = "") -> None:
        self.path = path
        self.config = path / "config.toml"
        self.database = path / "state" / "watcher.db"
        self.write(config)

    def write(self, config: str) -> None:
        """Write the configuration; the state directory is always ours."""
        head = f'[watcher]\nstate = "{self.path / "state"}"\ntimezone = "UTC"\nregions = ["US"]\n'
        self.config.write_text(head + config, encoding="utf-8")

    def command(self, *words: str) -> list[str]:
        """How the program is called."""
        return [*_PROGRAM, "--config", str(self.config), *words]

    def environ(self) -> dict[str, str]:
        """The environment of a command: the coverage of a parent or a user's own settings must not reach it."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("WATCHER_", "XDG_", "STATE_", "NOTIFY_"))}
        return kept | {"HOME": str(self.path), "NO_COLOR": "1"}

    async def start(self, *words: str) -> Process:
        """Start a command in the background."""
        return await asyncio.create_subprocess_exec(*self.command(*words), stdout=PIPE, stderr=PIPE, env=self.environ())

    async def run(self, *words: str, seconds: float = 60) -> Ended:
        """Run a command to its end."""
        process = await self.start(*words)
        out, err = await asyncio.wait_for(process.communicate(), seconds)
        assert process.returncode is not None
        return Ended(status=process.returncode, out=out.decode(), err=err.decode())


def children(program: str, of: int | None = None) -> list[int]:
    """The living children of a process (ours by default) that run this module."""
    tasks = Path(f"/proc/{of or 'self'}/task").iterdir()
    pids = [pid for task in tasks for pid in _shown(task / "children").split()]
    return [int(pid) for pid in pids if program in _shown(Path("/proc", pid, "cmdline"))]


def held(pid: int) -> int:
    """Bytes that a process and its descendants hold in memory now."""
    found, family = 0, [pid]
    page = os.sysconf("SC_PAGE_SIZE")
    while family:
        one = Path("/proc", str(family.pop()))
        # Whoever has ended in between holds nothing any more.
        with suppress(FileNotFoundError, ProcessLookupError):
            found += int((one / "statm").read_text().split()[1]) * page
            for thread in (one / "task").iterdir():
                with suppress(FileNotFoundError, ProcessLookupError):
                    family += map(int, (thread / "children").read_text().split())
    return found


def _shown(file: Path) -> str:
    """What the system says of a process or a thread; nothing of one that has just ended."""
    try:
        return file.read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return ""


def gone(pid: int, *, within: float) -> bool:
    """Whether a process ends within so many seconds."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([handle], [], [], within)[0])
    finally:
        os.close(handle)
