"""The clock: whether it can be right at all, whether somebody sets it, the zone, and what servers say the time is."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from statistics import median
from zoneinfo import ZoneInfo

from watcher.cli import common
from watcher.cli.checkup.patient import Notes, Patient
from watcher.cli.checkup.verdict import Matter, Verdict
from watcher.cli.feeds_words import duration_in_words
from watcher.daemon.life import FIRST_DAY

SECTION = "clock"
_TIME = Matter(SECTION, "time")
SET = Matter(SECTION, "set")
_ZONE = Matter(SECTION, "zone")
SERVERS = Matter(SECTION, "servers")

#: What a clock may differ by: unseen, and before days are counted wrongly.
_SLACK, _FAR = timedelta(minutes=2), timedelta(hours=1)
_TIMEOUT_S = 5.0
#: Where systemd says that it runs in a container, and in which (systemd.io/CONTAINER_INTERFACE).
_CONTAINER = Path("/run/systemd/container")
_SYNCHRONISE = "sudo timedatectl set-ntp true"


def check(patient: Patient, notes: Notes) -> Iterator[Verdict]:
    """What this machine can tell of itself."""
    noted = notes.daemon.pass_at
    if patient.now < FIRST_DAY:
        yield _TIME.broken(f"It says {patient.now:%Y}: no date can be counted down to.", _SYNCHRONISE)
    elif noted is not None and noted - patient.now > _SLACK:
        ahead = duration_in_words(noted - patient.now)
        yield _TIME.look(
            f"The last pass was noted for {ahead} from now: the clock was set back, or was ahead then.", "timedatectl"
        )
    else:
        yield _TIME.well(f"It says {patient.now:%Y-%m-%d %H:%M:%S} UTC.")
    yield _zone(patient)


def _zone(patient: Patient) -> Verdict:
    config = patient.settings.used
    found = common.zone(config)
    if config.timezone:
        return _ZONE.well(f"{found.key}, as the configuration says.")
    if _system_zone() is None:
        do = 'write timezone = "Europe/London" (yours) under [watcher]'
        return _ZONE.look("This machine does not tell its time zone: UTC is used for countdowns and quiet hours.", do)
    return _ZONE.well(f"{found.key}, as this machine says.")


def _system_zone() -> str | None:
    from tzlocal import get_localzone_name  # noqa: PLC0415 - not needed where a zone is configured

    try:
        name: str | None = get_localzone_name()
        ZoneInfo(name or "")
    except (LookupError, ValueError, OSError):
        return None
    return name


def check_synchronised() -> Iterator[Verdict]:
    """Whether something keeps the clock right; only a service manager knows."""
    program = shutil.which("timedatectl")
    if program is None or not Path("/run/systemd/system").is_dir():
        yield SET.unseen("Who sets the clock cannot be seen here: there is no systemd.")
        return
    if _CONTAINER.exists():
        yield SET.unseen("The clock is kept by the machine that this container runs on.")
        return
    words = [program, "show", "--property=NTPSynchronized", "--value"]
    try:
        done = subprocess.run(  # noqa: S603 - the system's own program and fixed words
            words, capture_output=True, text=True, timeout=_TIMEOUT_S, check=False, env=os.environ | {"LC_ALL": "C"}
        )
    except subprocess.TimeoutExpired:
        yield SET.unseen("timedatectl did not answer.")
        return
    answer = done.stdout.strip()
    if answer == "yes":
        yield SET.well("It is kept right by a time server.")
    elif answer == "no":
        yield SET.look("No time server keeps it right.", _SYNCHRONISE)
    else:
        yield SET.unseen("timedatectl does not know who sets the clock.")


def compared(differences: Sequence[timedelta], do: str | None = None) -> Verdict:
    """What servers say the time is; `differences` are theirs minus ours. One server may be wrong, half of them are not.

    `do` is what to enter to have them asked, where none was.
    """
    if not differences:
        return SERVERS.unseen("No server told the time." if do is None else "No server was asked for the time.", do)
    off = timedelta(seconds=median(one.total_seconds() for one in differences))
    who = f"{len(differences)} servers" if len(differences) > 1 else "a server"
    words = f"The clock is {duration_in_words(abs(off))} {'behind' if off > timedelta() else 'ahead of'} {who}"
    if abs(off) >= _FAR:
        return SERVERS.broken(f"{words}: days are counted wrongly.", _SYNCHRONISE)
    if abs(off) >= _SLACK:
        return SERVERS.look(f"{words}.", _SYNCHRONISE)
    return SERVERS.well(f"It agrees with {who}.")
