"""What comes next after the configuration was changed: how a running watcher gets to know of it, or how one is started."""

from __future__ import annotations

import os
import shlex
import signal
from pathlib import Path

import click

from watcher.cli.service import Daemon

#: A process that the system's service manager started lies in this part of the tree of control groups.
_SYSTEM = "/system.slice/"


def next_step(daemon: Daemon, name: str, config_path: str | None) -> str:
    """A sentence that ends with the command."""
    start = f"watcher {config_option(config_path)}run"
    if daemon.running is None:
        return f"A watcher that runs takes {name} in once it is started anew; else start one with: {start}"
    if not daemon.running or daemon.pid is None:
        return f"Start watching with: {start}"
    reloads = _catches(daemon.pid, signal.SIGHUP)
    if _is_system_service(daemon.pid):
        return f"The running watcher takes {name} in with: sudo systemctl {'reload' if reloads else 'restart'} watcher"
    if reloads:
        return f"The running watcher takes {name} in with: kill -HUP {daemon.pid}"
    return f"The running watcher takes {name} in once it is started anew: kill {daemon.pid}, then: {start}"


def config_option(config_path: str | None) -> str:
    """What to write before a verb so that it finds the file that this one was told to use."""
    context = click.get_current_context().find_root()
    named = config_path or context.obj
    return f"--config {shlex.quote(str(named))} " if named else ""


def _catches(pid: int, number: signal.Signals) -> bool:
    """Whether a process has a handler for a signal (proc_pid_status(5)); one that has none would die of it."""
    for line in _lines(Path(f"/proc/{pid}/status")):
        key, _, mask = line.partition(":")
        if key == "SigCgt":
            return bool(int(mask, 16) >> (number - 1) & 1)
    return False


def _is_system_service(pid: int) -> bool:
    return any(_SYSTEM in line for line in _lines(Path(f"/proc/{pid}/cgroup"))) and pid != os.getpid()


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return []
