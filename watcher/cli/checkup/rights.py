"""What whoever asks may do: ask the store, write to it, and speak with the daemon."""

from __future__ import annotations

import os
from collections.abc import Iterator

from watcher.cli import asking
from watcher.cli.checkup.patient import Patient
from watcher.cli.checkup.state import user_name
from watcher.cli.checkup.verdict import Matter, Verdict
from watcher.cli.permits import may_write, who_may_read, who_may_write
from watcher.errors import DaemonSilent

SECTION = "permissions"
ASKING = Matter(SECTION, "asking")
_WRITING = Matter(SECTION, "writing")
SOCKET = Matter(SECTION, "socket")


def check(patient: Patient) -> Iterator[Verdict]:
    """Who asks may read what is stored, and write, by themselves or through the daemon."""
    me = user_name(os.geteuid())
    if os.access(patient.state, os.X_OK) and not os.access(patient.database, os.F_OK):
        yield ASKING.unseen("There is nothing to ask yet.")
        return
    if os.access(patient.database, os.R_OK):
        yield ASKING.well(f"You, {me}, may ask.")
    else:
        yield ASKING.unseen(f"You, {me}, may not ask: {who_may_read(patient.database)}.")
    if may_write(patient.state) and os.access(patient.database, os.W_OK):
        yield _WRITING.well("You may write, with or without the daemon.")
    else:
        without = who_may_write(patient.state, "watcher …")
        yield _WRITING.unseen(f"You write through the daemon; where it does not run, {without}")


def check_socket(patient: Patient) -> Iterator[Verdict]:
    """Whether the daemon that works here answers on its socket, and what it says of itself."""
    try:
        holder = asking.holder(patient.state)
    except OSError:
        return
    if holder is None:
        return
    if holder.socket is None:
        yield SOCKET.look("The one that works here has none, so that only its owner can write.", "see its log for why")
        return
    restart = f"{patient.systemctl} restart watcher"
    try:
        said = asking.ask(holder.socket, "state")
    except DaemonSilent as error:
        if not os.access(holder.socket, os.W_OK):
            yield SOCKET.unseen(f"You may not speak with the daemon: {who_may_read(holder.socket)}.")
        else:
            yield SOCKET.broken(f"The daemon {error}.", restart)
        return
    yield SOCKET.well("The daemon answers.")
    if said.get("trouble"):
        yield Matter("daemon", "trouble").broken(f"{str(said['trouble']).rstrip('.')}.", "see its log, and the rest of this list")
    if problems := said.get("reload_problems"):
        words = f"It goes on with the settings from before, since the new ones were refused: {problems[0]}."
        reload = f"{patient.systemctl} reload watcher" if patient.is_system else f"kill -HUP {holder.pid}"
        yield Matter("daemon", "reload").look(words, f"mend the configuration, then {reload}")
