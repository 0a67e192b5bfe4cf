"""What comes next after the configuration was changed: how a running watcher gets to know of it, or how one is started."""

from __future__ import annotations

import shlex
import signal
from dataclasses import dataclass

import click

from watcher.cli.living import Daemon, is_system_service, proc_lines


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What to do next: in words that end before the command, and the command, which may be broken into no lines."""

    words: str
    command: str

    def __str__(self) -> str:
        return f"{self.words} {self.command}"


def next_step(daemon: Daemon, name: str, config_path: str | None) -> Step:
    """How a title that was added gets watched."""
    start = f"watcher {config_option(config_path)}run"
    if daemon.running is None:
        return Step(words=f"A watcher that runs takes {name} in once it is started anew; where none does:", command=start)
    if not daemon.running or daemon.pid is None:
        return Step(words="Start watching with:", command=start)
    reloads = _catches(daemon.pid, signal.SIGHUP)
    takes = f"The running watcher takes {name} in"
    if is_system_service(daemon.pid):
        return Step(words=f"{takes} with:", command=f"sudo systemctl {'reload' if reloads else 'restart'} watcher")
    if reloads:
        return Step(words=f"{takes} with:", command=f"kill -HUP {daemon.pid}")
    return Step(words=f"{takes} once it (process {daemon.pid}) is stopped and started anew:", command=start)


def config_option(config_path: str | None) -> str:
    """What to write before a verb so that it finds the file that this one was told to use."""
    context = click.get_current_context().find_root()
    named = config_path or context.obj
    return f"--config {shlex.quote(str(named))} " if named else ""


def _catches(pid: int, number: signal.Signals) -> bool:
    """Whether a process has a handler for a signal (proc_pid_status(5)); one that has none would die of it."""
    for line in proc_lines(pid, "status"):
        key, _, mask = line.partition(":")
        if key == "SigCgt":
            return bool(int(mask, 16) >> (number - 1) & 1)
    return False
