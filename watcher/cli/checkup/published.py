"""The published files: whether their directory is there and the daemon's to write, and whether they are fresh."""

from __future__ import annotations

import os
import pwd
import shlex
import stat
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from watcher.clean import plain
from watcher.cli.checkup.patient import Notes, Patient
from watcher.cli.checkup.verdict import Matter, Verdict
from watcher.cli.permits import may_put_files_into, user_name, who_may_read

SECTION = "published files"
DIRECTORY = Matter(SECTION, "directory")
_FILES = Matter(SECTION, "files")

#: They are written with each new day at the least; a night may be an hour longer.
_OLD = timedelta(hours=26)

#: What the unit hides from the system's service (ProtectHome=, PrivateTmp=, InaccessiblePaths=).
_HIDDEN = ("/home", "/root", "/run/user", "/tmp", "/var/tmp", "/mnt", "/media", "/boot")  # noqa: S108 - none is written to


def check(patient: Patient, notes: Notes) -> Iterator[Verdict]:
    """All of it; nothing where nothing is published."""
    directory = patient.settings.used.publish
    if directory is None:
        return
    found = _directory(patient, directory)
    yield found if found is not None else _kept(patient, notes, directory)
    if found is None:
        yield _fresh(patient, notes, directory)


def _directory(patient: Patient, directory: Path) -> Verdict | None:
    """What keeps the daemon from writing there, as far as can be seen from here; None where nothing does."""
    if patient.is_system and any(Path(os.path.realpath(directory)).is_relative_to(hidden) for hidden in _HIDDEN):
        words = f"{directory} cannot be seen by the service: homes are hidden from it, and its /tmp is its own."
        return DIRECTORY.broken(words, 'name another one, such as publish = "/srv/www/watcher"')
    try:
        is_directory = stat.S_ISDIR(directory.stat().st_mode)
        user = _who_writes(patient)
        may = may_put_files_into(user, directory) if user else True
    except (FileNotFoundError, NotADirectoryError):
        return DIRECTORY.broken(f"{directory} is not there, so nothing is published.", _make(patient, directory))
    except OSError as error:
        return DIRECTORY.unseen(f"{directory} cannot be looked at ({error.strerror}): {who_may_read(directory)}.")
    if not is_directory:
        return DIRECTORY.broken(f"{directory} is no directory.", 'name another one: publish = "…" under [watcher]')
    if user and not may:
        words = f"{user.pw_name}, as whom the daemon runs, cannot write into {directory}."
        return DIRECTORY.broken(words, f"sudo chown {user.pw_name} {shlex.quote(str(directory))}")
    return None


def _kept(patient: Patient, notes: Notes, directory: Path) -> Verdict:
    """That it can be written, unless the daemon knows better."""
    daemon = notes.daemon
    if daemon.publish_trouble is None:
        return DIRECTORY.well(f"{directory}, of {user_name(directory.stat().st_uid)}.")
    since = f" since {patient.when(daemon.publish_trouble_since)}" if daemon.publish_trouble_since else ""
    said, _, do = plain(daemon.publish_trouble).rstrip(".").partition("; ")
    return DIRECTORY.broken(f"The daemon cannot keep the files current{since}: {said}.", do or "see its log")


def _fresh(patient: Patient, notes: Notes, directory: Path) -> Verdict:
    """Of when the files are; a daemon that runs writes them with each day."""
    last = _last(directory)
    by_hand = patient.command(f"publish {shlex.quote(str(directory))}")
    if last is None:
        return _FILES.look("None that watcher has written is there.", by_hand)
    words = f"Their last change is of {patient.when(last)}."
    if notes.daemon.running and not notes.daemon.publish_trouble and patient.now - last > _OLD:
        return _FILES.look(f"{words} They should be written each day.", by_hand)
    return _FILES.well(words)


def _last(directory: Path) -> datetime | None:
    """When the page was written; its file's time is the moment of which it is."""
    try:
        return datetime.fromtimestamp((directory / "index.html").stat().st_mtime, UTC)
    except OSError:
        return None


def _who_writes(patient: Patient) -> pwd.struct_passwd | None:
    """Whose the state is: as such the daemon runs. Whoever asks, before there is one; None for one without a name."""
    try:
        uid = patient.state.stat().st_uid
    except OSError:
        uid = os.geteuid()
    try:
        return pwd.getpwuid(uid)
    except KeyError:
        return None


def _make(patient: Patient, directory: Path) -> str:
    if patient.is_system:
        return f"sudo install -d -o watcher -g watcher -m 0755 {shlex.quote(str(directory))}"
    return patient.command(f"publish {shlex.quote(str(directory))}")
