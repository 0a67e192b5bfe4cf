"""The daemon: whether it runs, passes, and is the version that is installed; and whether it comes back after a reboot."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

from watcher import __version__
from watcher.clean import plain
from watcher.cli.checkup.patient import Notes, Patient
from watcher.cli.checkup.verdict import Matter, Verdict
from watcher.cli.living import Daemon, is_system_service

SECTION = "daemon"
RUNS = Matter(SECTION, "runs")
UNIT = Matter(SECTION, "unit")
_VERSION = Matter(SECTION, "version")
_TROUBLE = Matter(SECTION, "trouble")
_RELOAD = Matter(SECTION, "reload")
_LINGER = Matter(SECTION, "linger")
_TIMEOUT_S = 5.0
_PROPERTIES = ("LoadState", "ActiveState", "UnitFileState", "Result")


def check(patient: Patient, notes: Notes) -> Iterator[Verdict]:
    """What its lock and its notes tell."""
    daemon = notes.daemon
    last = f", last pass {patient.when(daemon.pass_at)}" if daemon.pass_at else ""
    if daemon.running is None:
        yield RUNS.unseen(f"Whether it runs cannot be seen by you{last}.", "ask as its owner, with sudo")
        return
    if not daemon.running:
        stopped = f"It was stopped {patient.when(daemon.stopped_at)}" if daemon.stopped_at else f"It does not run{last}"
        yield RUNS.broken(f"{stopped}: nothing is read, and nobody is told.", _start(patient))
        return
    since = f" since {patient.when(daemon.started_at)}" if daemon.started_at else ""
    if daemon.answers is False:
        yield RUNS.broken(f"It runs{since}, but does not answer{last}.", _restart(patient))
    elif daemon.is_stale(patient.now):
        yield RUNS.broken(f"It runs{since}, but is stuck{last}.", _restart(patient))
    else:
        yield RUNS.well(f"It runs{since}{last}.")
    yield from _troubles(patient, daemon)
    if daemon.version not in (None, __version__):
        words = f"The running one is {plain(str(daemon.version))}, the installed one {__version__}."
        yield _VERSION.look(words, _restart(patient))


def _troubles(patient: Patient, daemon: Daemon) -> Iterator[Verdict]:
    """What it says of itself."""
    if daemon.trouble is not None:
        since = f" since {patient.when(daemon.trouble_since)}" if daemon.trouble_since else ""
        log = "journalctl -u watcher -n 50" if daemon.pid and is_system_service(daemon.pid) else "see its log"
        yield _TROUBLE.broken(f"It is in trouble{since}: {plain(daemon.trouble).rstrip('.')}.", log)
    if daemon.reload_problems:
        first = plain(daemon.reload_problems[0]).rstrip(".")
        words = f"It goes on with the settings from before; the new ones were refused: {first}."
        yield _RELOAD.look(words, patient.command("config check"))


def _start(patient: Patient) -> str:
    if _has_systemd() and _unit_file(patient) is not None:
        return f"{patient.systemctl} enable --now watcher"
    return patient.command("run")


def _restart(patient: Patient) -> str:
    if _has_systemd() and _unit_file(patient) is not None:
        return f"{patient.systemctl} restart watcher"
    return f"end it (Ctrl-C where it runs), then {patient.command('run')}"


def _unit_file(patient: Patient) -> Path | None:
    """The unit's file, of the system or of this user."""
    if patient.is_system:
        folders = [Path("/etc/systemd/system"), Path("/usr/lib/systemd/system"), Path("/lib/systemd/system")]
    else:
        own = Path(os.environ.get("XDG_CONFIG_HOME") or Path(os.environ.get("HOME", "/")) / ".config")
        folders = [own / "systemd" / "user", Path("/etc/systemd/user"), Path("/usr/lib/systemd/user")]
    return next((path for folder in folders if (path := folder / "watcher.service").exists()), None)


def _has_systemd() -> bool:
    return Path("/run/systemd/system").is_dir() and shutil.which("systemctl") is not None


def check_unit(patient: Patient) -> Iterator[Verdict]:
    """Whether the service manager starts it."""
    if not _has_systemd():
        yield UNIT.unseen("There is no systemd here: whether it comes back after a reboot is yours to see to.")
        return
    if _unit_file(patient) is None:
        user = "" if patient.is_system else " --user"
        yield UNIT.unseen("It is no service, and ends with your session.", patient.command(f"service install{user}"))
        return
    words = ["systemctl", *([] if patient.is_system else ["--user"]), "show", "watcher.service"]
    try:
        done = subprocess.run(  # noqa: S603 - the system's own program and fixed words
            [*words, f"--property={','.join(_PROPERTIES)}"],
            capture_output=True,
            text=True,
            timeout=_TIMEOUT_S,
            check=False,
            env=os.environ | {"LC_ALL": "C", "SYSTEMD_PAGER": ""},
        )
    except subprocess.TimeoutExpired:
        yield UNIT.unseen("systemctl did not answer.")
        return
    if done.returncode:
        yield UNIT.unseen("systemctl does not answer you.")
        return
    yield from unit_verdicts(patient, dict(line.split("=", 1) for line in done.stdout.splitlines() if "=" in line))
    if not patient.is_system:
        yield from _linger()


def unit_verdicts(patient: Patient, shown: Mapping[str, str]) -> Iterator[Verdict]:
    """What ``systemctl show`` says, judged."""
    if shown.get("LoadState") != "loaded":
        yield UNIT.look("systemd has not read the unit.", f"{patient.systemctl} daemon-reload")
        return
    if shown.get("ActiveState") == "failed":
        log = f"journalctl {'-u' if patient.is_system else '--user -u'} watcher -n 50"
        yield UNIT.broken(f"systemd has given it up ({shown.get('Result') or 'no reason given'}).", log)
    if shown.get("UnitFileState") not in ("enabled", "enabled-runtime", "static", "linked"):
        yield UNIT.look("It is not started after a reboot.", f"{patient.systemctl} enable watcher")
    elif shown.get("ActiveState") != "failed":
        yield UNIT.well("systemd starts it after a reboot.")


def _linger() -> Iterator[Verdict]:
    user = pwd.getpwuid(os.getuid()).pw_name
    if not Path("/var/lib/systemd/linger", user).exists():
        yield _LINGER.look("It ends when you log out: a user's services live no longer.", f"sudo loginctl enable-linger {user}")
