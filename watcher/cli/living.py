"""Whether the daemon lives, how it is, and since when not: by its lock, by what it noted in the store, and by its own word."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from watcher import __version__
from watcher.board.objects import Object, time_text
from watcher.board.words import count_in_words, moment_in_words
from watcher.clean import plain
from watcher.cli import asking, common
from watcher.cli.inquiry import Inquiry
from watcher.cli.layout import show, wrap
from watcher.errors import DaemonSilent
from watcher.paths import SYSTEM_STATE
from watcher.store import ask
from watcher.store.rows import moment_or_none
from watcher.tell.dates_in_words import Dates

#: The daemon notes every minute that it is alive; a pass may take some minutes where servers are slow.
_STALE = timedelta(minutes=10)

#: A process that the system's service manager started lies in this part of the tree of control groups.
_SYSTEM = "/system.slice/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Daemon:
    """The daemon as its notes, its lock and its socket show it. Times are UTC.

    `running` is None where the lock cannot be looked at, `answers` where it was not asked. `trouble` keeps it from its passes,
    `publish_trouble` only from keeping the published files current; `reload_problems` are why its configuration is older than
    the file. `start` is the command that starts it.
    """

    running: bool | None
    answers: bool | None = None
    pid: int | None = None
    started_at: datetime | None = None
    pass_at: datetime | None = None
    stopped_at: datetime | None = None
    version: str | None = None
    trouble: str | None = None
    trouble_since: datetime | None = None
    publish_trouble: str | None = None
    publish_trouble_since: datetime | None = None
    reload_at: datetime | None = None
    reload_problems: tuple[str, ...] = ()
    start: str = "watcher run"

    def is_stale(self, now: datetime) -> bool:
        """Whether it runs, and yet has long ended no pass."""
        if self.running is not True or self.trouble is not None or self.started_at is None:
            return False
        return now - max(self.started_at, self.pass_at or self.started_at) > _STALE


def daemon_by_notes(state: Path, db: sqlite3.Connection | None) -> Daemon:
    """The daemon of a state directory, without asking it."""
    return _by_notes(state, db)[0]


def _by_notes(state: Path, db: sqlite3.Connection | None) -> tuple[Daemon, Path | None]:
    """The same, and the socket on which it can be asked."""
    meta = {} if db is None else ask.meta(db)
    try:
        holder, seen = asking.holder(state), True
    except OSError:
        holder, seen = None, False
    pid, socket = (holder.pid, holder.socket) if holder else (None, None)
    # Another verb, `poll`, takes the same lock; the daemon is who listens there, or noted its own process id.
    running = (holder is not None and (socket is not None or meta.get("pid") == str(pid))) if seen else None
    # One that waits for its store, or has just begun, has noted nothing yet: what stands there is the last one's.
    is_new = running is True and meta.get("pid") != str(pid)
    noted = Daemon(
        running=running,
        pid=pid,
        started_at=None if is_new else _noted(meta, "started_at"),
        pass_at=_noted(meta, "pass_at"),
        stopped_at=_noted(meta, "stopped_at"),
        version=meta.get("version"),
        start=start_command(state),
    )
    return noted, socket


def start_command(state: Path) -> str:
    """What starts the daemon of a state directory."""
    return "sudo systemctl start watcher" if state == SYSTEM_STATE else "watcher run"


def daemon_asked(state: Path, db: sqlite3.Connection | None) -> Daemon:
    """The same, with what it says of itself where it answers soon."""
    noted, socket = _by_notes(state, db)
    if socket is None:
        return noted
    try:
        said = asking.ask(socket, "state")
    except DaemonSilent as silent:
        # Somebody who may not connect has learned nothing of it.
        return replace(noted, answers=None if silent.refused else False)
    return replace(
        noted,
        answers=True,
        started_at=_said(said, "started_at") or noted.started_at,
        pass_at=_said(said, "pass_at") or noted.pass_at,
        trouble=said.get("trouble"),
        trouble_since=_said(said, "trouble_since"),
        publish_trouble=said.get("publish_trouble"),
        publish_trouble_since=_said(said, "publish_trouble_since"),
        reload_at=_said(said, "reload_at"),
        reload_problems=tuple(map(str, said.get("reload_problems") or ())),
    )


def daemon_remarks(daemon: Daemon, now: datetime, dates: Dates) -> list[tuple[str, bool]]:
    """Whether it runs, what keeps it from its work, and whether somebody should look after that."""
    said = [_in_a_sentence(daemon, now, dates)]
    if daemon.trouble is not None:
        since = f" since {_when(daemon.trouble_since, now, dates)}" if daemon.trouble_since else ""
        said.append((f"In trouble{since}: {plain(daemon.trouble).rstrip('.')}. It goes on trying.", True))
    return said


def lesser_troubles(daemon: Daemon, now: datetime, dates: Dates) -> list[str]:
    """What the daemon could not do and goes on without: keep the published files current, take the configuration in."""
    said = []
    if daemon.publish_trouble is not None:
        since = f" since {_when(daemon.publish_trouble_since, now, dates)}" if daemon.publish_trouble_since else ""
        said.append(f"The published files are not current{since}: {plain(daemon.publish_trouble).rstrip('.')}.")
    if many := len(daemon.reload_problems):
        at = f" of {_when(daemon.reload_at, now, dates)}" if daemon.reload_at else ""
        first = plain(daemon.reload_problems[0]).rstrip(".")
        more = f" And {count_in_words(many - 1, 'more problem')}: watcher config check" if many > 1 else ""
        said.append(f"The configuration{at} cannot be used, the one before is in force: {first}.{more}")
    return said


def daemon_object(daemon: Daemon) -> Object:
    """The daemon for ``--json``."""
    return {
        "running": daemon.running,
        "answers": daemon.answers,
        "pid": daemon.pid,
        "version": daemon.version,
        "started_at": time_text(daemon.started_at),
        "pass_at": time_text(daemon.pass_at),
        "stopped_at": time_text(daemon.stopped_at),
        "trouble": daemon.trouble,
        "trouble_since": time_text(daemon.trouble_since),
        "publish_trouble": daemon.publish_trouble,
        "publish_trouble_since": time_text(daemon.publish_trouble_since),
        "reload_at": time_text(daemon.reload_at),
        "reload_problems": list(daemon.reload_problems),
    }


def tell_if_old(inquiry: Inquiry) -> None:
    """Say that what is shown may be old, for the verbs that show no service."""
    if inquiry.as_of is not None:
        return
    daemon = daemon_by_notes(common.state(inquiry.config), inquiry.db)
    if daemon.started_at is not None and (daemon.running is False or daemon.is_stale(inquiry.now)):
        said = f"What is held may be old. {_in_a_sentence(daemon, inquiry.now, inquiry.dates)[0]}"
        show(wrap(said, width=inquiry.width, indent=0), err=True)


def is_system_service(pid: int) -> bool:
    """Whether the system's service manager started a process."""
    return any(_SYSTEM in line for line in proc_lines(pid, "cgroup")) and pid != os.getpid()


def proc_lines(pid: int, name: str) -> list[str]:
    """What the system says of a process, in lines; nothing where it does not say."""
    try:
        return Path(f"/proc/{pid}/{name}").read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return []


def _in_a_sentence(daemon: Daemon, now: datetime, dates: Dates) -> tuple[str, bool]:
    """Whether it runs, and whether somebody should look after it."""
    last = f"; last pass {_when(daemon.pass_at, now, dates)}" if daemon.pass_at else ""
    if daemon.running is None:
        return f"Whether the daemon runs cannot be seen from here{last}.", False
    if not daemon.running:
        return _not_running(daemon, last, now, dates), True
    since = f" since {_when(daemon.started_at, now, dates)}" if daemon.started_at else ""
    log = "See: journalctl -u watcher" if daemon.pid and is_system_service(daemon.pid) else "Its log says more."
    if daemon.answers is False:
        return f"Running{since}, but it does not answer{last}. {log}", True
    if daemon.is_stale(now):
        return f"Running{since}, but it seems stuck{last}. {log}", True
    other = f" It is version {plain(daemon.version)}, this is {__version__}." if daemon.version not in {None, __version__} else ""
    return f"Running{since}{last}.{other}", False


def _not_running(daemon: Daemon, last: str, now: datetime, dates: Dates) -> str:
    """That it does not run, since when, and how it is started."""
    start = f"Start it with: {daemon.start}"
    if daemon.pid is not None:
        return f"Not running (process {daemon.pid} is at work, but is not the daemon){last}. {start}"
    if daemon.stopped_at is not None:
        return f"Not running since {_when(daemon.stopped_at, now, dates)}, when it was stopped. {start}"
    ended = ", and it ended without a word" if daemon.pass_at else ""
    return f"Not running{last}{ended}. {start}"


def _noted(meta: dict[str, str], key: str) -> datetime | None:
    return moment_or_none(meta.get(key) or None)


def _said(reply: Mapping[str, object], key: str) -> datetime | None:
    value = reply.get(key)
    return moment_or_none(value) if isinstance(value, str) else None


def _when(moment: datetime | None, now: datetime, dates: Dates) -> str:
    return "never" if moment is None else moment_in_words(moment, now, dates)
