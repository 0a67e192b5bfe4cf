"""What a process costs, from its start to its end: wall clock, processor time and memory, its children's too. Needs Linux.

Processor time is what the kernel says at the end (wait4), of the process and of all children that it waited for. Memory is what
the whole family held at once, looked at every 20 ms: a page that two of them share counts twice. The most that the kernel
itself remembers would be of one process alone, and a fresh one inherits it from whoever started it.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from processes import held

_LOOK_S = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """Seconds and megabytes (of 1,000,000 bytes)."""

    wall: float
    cpu: float
    memory: float


def spend(command: Sequence[str], environ: Mapping[str, str]) -> Spent:
    """Run a command to its end; it must end well, or the bench ends with what it wrote."""
    with tempfile.TemporaryFile() as told:
        started = time.monotonic()
        process = subprocess.Popen(command, env=environ, stdin=subprocess.DEVNULL, stdout=told, stderr=told)
        with _Watch(process.pid) as watch:
            _, status, usage = os.wait4(process.pid, 0)
        wall = time.monotonic() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            told.seek(0)
            raise SystemExit(f"{command[0]} ended with {process.returncode}:\n{told.read().decode(errors='replace')}")
    return Spent(wall=wall, cpu=usage.ru_utime + usage.ru_stime, memory=watch.most / 1e6)


def median(several: Sequence[Spent]) -> Spent:
    """The median of each."""
    return Spent(
        wall=statistics.median(one.wall for one in several),
        cpu=statistics.median(one.cpu for one in several),
        memory=statistics.median(one.memory for one in several),
    )


class _Watch(threading.Thread):
    """Looks at a process and its descendants for the length of a `with`; `most` is in bytes."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self._pid = pid
        self._over = threading.Event()
        self.most = 0

    def __enter__(self) -> _Watch:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self.join()

    def run(self) -> None:
        """Look until told that it is over."""
        while not self._over.wait(_LOOK_S):
            self.most = max(self.most, held(self._pid))
