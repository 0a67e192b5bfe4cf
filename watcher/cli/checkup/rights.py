"""What whoever asks may do: ask the store, write to it, and speak with the daemon."""

from __future__ import annotations

import os
import pwd
import shlex
from collections.abc import Iterator

from watcher.cli import asking
from watcher.cli.checkup.patient import Notes, Patient
from watcher.cli.checkup.verdict import Matter, Verdict
from watcher.cli.permits import is_missing, may_read, may_write, user_name, who_may_read, who_may_write

SECTION = "permissions"
ASKING = Matter(SECTION, "asking")
_WRITING = Matter(SECTION, "writing")
_SOCKET = Matter(SECTION, "socket")
SERVICE = Matter(SECTION, "service")


def check(patient: Patient, notes: Notes) -> Iterator[Verdict]:
    """Who asks may read what is stored, and write, by themselves or through the daemon."""
    me = user_name(os.geteuid())
    if is_missing(patient.database):
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
    yield from _socket(patient, notes)


def check_service(patient: Patient) -> Iterator[Verdict]:
    """Whether the service, whose the state is, can read its settings: what root can read is not always for it."""
    file = patient.settings.file
    if file is None or not patient.is_system:
        return
    try:
        user = pwd.getpwuid(patient.state.stat().st_uid)
        readable = may_read(user, file)
    except (OSError, KeyError):
        return
    if not readable:
        name = shlex.quote(str(file))
        do = f"sudo chgrp {user.pw_name} {name} && sudo chmod 0640 {name}"
        yield SERVICE.broken(f"{user.pw_name}, as whom the service runs, cannot read {file}.", do)


def _socket(patient: Patient, notes: Notes) -> Iterator[Verdict]:
    """Whether whoever asks can speak with the daemon; that it does not answer anybody is told with the daemon itself."""
    if not notes.daemon.running:
        return
    if notes.daemon.answers:
        yield _SOCKET.well("The daemon answers you.")
        return
    holder = asking.holder(patient.state)
    if holder is not None and holder.socket is None:
        yield _SOCKET.look("The daemon listens on no socket: only its owner can write.", "see its log for why")
    elif holder is not None and notes.daemon.answers is None:
        yield _SOCKET.unseen(f"You may not speak with the daemon: {who_may_read(holder.socket or patient.state)}.")
