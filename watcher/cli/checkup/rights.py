"""What whoever asks may do: ask the store, write to it, and speak with the daemon."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator

from watcher.cli.checkup.patient import Notes, Patient
from watcher.cli.checkup.verdict import Matter, Verdict
from watcher.cli.checkup.who import join_group, user_name
from watcher.paths import runtime_dir

SECTION = "permissions"
ASKING = Matter(SECTION, "asking")
_WRITING = Matter(SECTION, "writing")
_SOCKET = Matter(SECTION, "socket")
_PATIENCE_S = 2.0


def check(patient: Patient, notes: Notes) -> Iterator[Verdict]:
    """All of it."""
    database = patient.database
    me = user_name(os.geteuid())
    if not patient.state.is_dir():
        yield ASKING.unseen("There is no state yet.")
        return
    if os.access(database, os.R_OK):
        yield ASKING.well(f"You, {me}, may ask.")
    elif os.access(patient.state, os.X_OK) and not os.access(database, os.F_OK):
        yield ASKING.unseen("There is nothing to ask yet.")
    else:
        yield ASKING.look(f"You, {me}, may not ask: what is stored is its owner's and their group's.", join_group(patient.state))
    connects = list(_connects(patient, notes))
    yield from connects
    yield from _writing(patient)


def _writing(patient: Patient) -> Iterator[Verdict]:
    if os.access(patient.state, os.W_OK) and (not patient.database.exists() or os.access(patient.database, os.W_OK)):
        yield _WRITING.well("You may write, with or without the daemon.")
        return
    owner = user_name(patient.state.stat().st_uid)
    yield _WRITING.unseen(
        f"What you write goes through the daemon; without it only {owner} may write.", f"sudo -u {owner} watcher …"
    )


def _connects(patient: Patient, notes: Notes) -> Iterator[Verdict]:
    """Whether the daemon's socket takes a connection."""
    if not notes.daemon.running:
        return
    path = runtime_dir(os.environ, patient.state) / "control"
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC) as line:
        line.settimeout(_PATIENCE_S)
        try:
            line.connect(str(path))
        except OSError as error:
            yield _SOCKET.look(
                f"{path} takes no connection: {error.strerror or 'no answer'}.", f"{patient.systemctl} restart watcher"
            )
            return
    yield _SOCKET.well("The daemon's socket answers.")
