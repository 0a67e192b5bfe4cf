"""What comes next after the configuration was changed: how a running watcher gets to know of it, or how one is started."""

from __future__ import annotations

import shlex
import signal
from dataclasses import dataclass
from pathlib import Path

import click

from watcher.clean import plain
from watcher.cli import asking
from watcher.cli.living import Daemon, is_system_service, proc_lines
from watcher.errors import DaemonSilent

#: A reload lets what is being asked and sent come to its end first, in seconds.
_RELOAD_S = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What to do next: in words that end before the command, and the command, which may be broken into no lines."""

    words: str
    command: str

    def __str__(self) -> str:
        return f"{self.words} {self.command}"


def next_step(daemon: Daemon, name: str, config_path: str | None, *, reload: Path | None = None) -> Step:
    """How a title that was added gets watched. The daemon of the state directory `reload` is asked to take it in at once."""
    if reload is not None and (problems := _reloaded(reload)) is not None:
        return _taken(name, problems, config_option(config_path))
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


def _taken(name: str, problems: list[str], option: str) -> Step:
    """That a daemon has reloaded, or why it has not."""
    if not problems:
        return Step(words=f"The running watcher has taken {name} in. See:", command=f"watcher {option}status")
    why = f"since the new one has a problem: {plain(problems[0])}"
    words = f"The running watcher stays with the configuration before, {why}. See:"
    return Step(words=words, command=f"watcher {option}config check")


def _reloaded(state: Path) -> list[str] | None:
    """What a daemon says is wrong with the new configuration, nothing where it was taken in; None where none can be asked."""
    try:
        holder = asking.holder(state)
        if holder is None or holder.socket is None:
            return None
        asking.ask(holder.socket, "state")
        found = asking.ask(holder.socket, "reload", within=_RELOAD_S).get("problems")
    except (OSError, DaemonSilent):
        return None
    return [str(problem).rstrip(".") for problem in found] if isinstance(found, list) else None


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
