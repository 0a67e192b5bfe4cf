"""`watcher service`: the program as a service of systemd, the system's or your own.

What is written is shown, and so is what is yours to do next: nothing is started here. A unit that somebody changed is left as
it is; changes belong in drop-ins.
"""

from __future__ import annotations

import os
import pwd
import shlex
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import click

from watcher.cli.layout import alarm, columns, screen_width, show, wrap
from watcher.cli.service_files import Outcome, Wanted, for_system, for_user, put
from watcher.cli.service_units import Program, fitted, program
from watcher.errors import UsageError, WatcherError

_user_option = click.option("--user", is_flag=True, help="A service of your own (systemctl --user), without root.")

#: Where systemd shows that it is the one that runs the machine (sd_booted(3)).
_BOOTED = Path("/run/systemd/system")

_WORDS: dict[Outcome, tuple[str, str]] = {
    "written": ("written", "to write"),
    "renewed": ("renewed", "to renew"),
    "replaced": ("replaced", "to replace"),
    "as it was": ("as it was", "as it is"),
    "mine": ("left", "to leave"),
}


@click.group("service")
def command() -> None:
    """Run the program as a service of systemd: print the unit, or install what it needs."""


@command.command("unit")
@_user_option
def unit(*, user: bool) -> None:
    """Print the unit, fitted to where this program lies."""
    show([fitted("user/watcher.service" if user else "watcher.service", program()).rstrip("\n")])


@command.command("install")
@_user_option
@click.option("--force", is_flag=True, help="Put our units in the place of units that were changed by hand.")
@click.option("--dry-run", is_flag=True, help="Write nothing; show what would be written.")
@click.option("--root", type=click.Path(path_type=Path), metavar="DIR", help="Write below DIR, for an image of a system.")
def install(*, user: bool, force: bool, dry_run: bool, root: Path | None) -> None:
    """Write the unit and what it needs, and say what to do next. A second time, it changes only what is older."""
    where = program()
    if user and root is not None:
        raise UsageError("--root is for the system's service, not for --user")
    if not user:
        _check_system(where, dry_run=dry_run or root is not None)
    wanted = for_user(where, os.environ) if user else for_system(where, root or Path("/"))
    with nullcontext() if user else _for_all():
        done = [(one, put(one, force=force, dry_run=dry_run)) for one in wanted]
        undone = [] if dry_run else _take_effect(done, user=user, root=root)
        rows = [(_WORDS[outcome][dry_run], str(one.path), one.note) for one, outcome in done]
        if not user and (link := _link(where, root or Path("/"), dry_run=dry_run)):
            rows.append(("to link" if dry_run else "linked", str(link), "for everybody's shell"))
    show([_headline(done, dry_run=dry_run), *columns(rows, width=screen_width())])
    left = [one.path for one, outcome in done if outcome == "mine"]
    if left:
        show(_about_changed(left, user=user))
    elif not dry_run and root is None:
        show(["Next:", *columns([*undone, *_next(done, user=user)], width=screen_width())])
    sys.exit(1 if left else 0)


@contextmanager
def _for_all() -> Iterator[None]:
    """Directories that are made meanwhile are for all to enter, whatever the umask: the service is not root."""
    before = os.umask(0o022)
    try:
        yield
    finally:
        os.umask(before)


def _check_system(where: Program, *, dry_run: bool) -> None:
    """What the system's service asks for.

    Raises:
        UsageError: it is not for this user to install, or the program lies where the service could not see it.
    """
    hidden = where.hidden()
    if hidden is not None:
        raise UsageError(
            f"{hidden}: the system's service does not see homes and /tmp; install the program with the pip of: python3 -m venv "
            f"/opt/watcher, and call /opt/watcher/bin/watcher service install; or have a service of your own: "
            f"watcher service install --user"
        )
    closed = where.closed()
    if closed is not None:
        raise UsageError(
            f"{closed}: not for everybody to read, and the service runs as a user of its own; "
            f"sudo chmod -R go+rX {shlex.quote(str(where.prefix))}, then again"
        )
    if os.geteuid() != 0 and not dry_run:
        raise UsageError(
            f"the system's service is for root to install: sudo {where.command} service install; "
            f"one of your own needs no root: watcher service install --user"
        )


def _take_effect(done: list[tuple[Wanted, Outcome]], *, user: bool, root: Path | None) -> list[tuple[str, str]]:
    """Have systemd make the user and read the units; the settings become readable for the service. What is left to do.

    Raises:
        WatcherError: a command of systemd failed.
    """
    if user:
        try:
            _call("systemctl", "--user", "daemon-reload")
        except WatcherError:
            # Over sudo or su there is no way to a user's manager; the files are good all the same.
            return [("systemctl --user daemon-reload", "once you are logged in")]
        return []
    if os.geteuid() == 0:
        _call("systemd-sysusers", *([f"--root={root}"] if root else ["watcher.conf"]))
        settings = next(one.path for one, _ in done if one.yours)
        if _is_roots_alone(settings):
            os.chown(settings, 0, _group(root or Path("/")))
    if root is None and _BOOTED.is_dir():
        _call("systemctl", "daemon-reload")
    return []


def _is_roots_alone(settings: Path) -> bool:
    """Whether the settings are as they are written before the group is there: now, or by an install that broke off."""
    found = settings.stat()
    return (found.st_uid, found.st_gid, stat.S_IMODE(found.st_mode)) == (0, 0, 0o640)


def _call(*words: str) -> None:
    """Run a command of systemd.

    Raises:
        WatcherError: it failed or is missing; its own words say why.
    """
    try:
        done = subprocess.run(words, capture_output=True, text=True, check=False)  # noqa: S603 - our own words alone
    except FileNotFoundError:
        raise WatcherError(f"{words[0]}: no such command; the service needs systemd") from None
    if done.returncode:
        said = (done.stderr.strip().splitlines() or ["it does not say why"])[-1]
        raise WatcherError(f"{' '.join(words)} failed: {said}")


def _group(root: Path) -> int:
    """The number of the group watcher, in the system below `root`."""
    lines = (root / "etc/group").read_text(encoding="utf-8").splitlines()
    return next(int(line.split(":")[2]) for line in lines if line.startswith("watcher:"))


def _link(where: Program, root: Path, *, dry_run: bool) -> Path | None:
    """Make the command known to every shell, where none finds one yet; the link that was made."""
    link = root / "usr/local/bin/watcher"
    if link.is_symlink() or link.exists() or (root == Path("/") and shutil.which("watcher", path="/usr/local/bin:/usr/bin:/bin")):
        return None
    if not dry_run:
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(where.command)
    return link


def _headline(done: list[tuple[Wanted, Outcome]], *, dry_run: bool) -> str:
    outcomes = {outcome for _, outcome in done}
    if "mine" in outcomes:
        return "Not all is as this version would have it: somebody changed a unit."
    if outcomes == {"as it was"}:
        return "All is as it should be." if dry_run else "All was as it should be."
    return "This would be written:" if dry_run else "The service is installed."


def _about_changed(left: list[Path], *, user: bool) -> list[str]:
    names = " ".join(path.name for path in left)
    text = (
        f"Changed by hand and left: {names}. Changes are better kept in a drop-in (systemctl {'--user ' if user else ''}edit "
        f"{left[0].name}), which outlives what is installed here. --force puts ours in their place."
    )
    return [alarm(line) for line in wrap(text, width=screen_width(), indent=0)]


def _next(done: list[tuple[Wanted, Outcome]], *, user: bool) -> list[tuple[str, str]]:
    """What is left to do, each with its reason."""
    settings, outcome = next((one.path, outcome) for one, outcome in done if one.yours)
    systemctl = f"{_sudo()}systemctl" if not user else "systemctl --user"
    first = [(f"{_sudo()}editor {settings}", "whom to tell of what")] if outcome == "written" else []
    me = pwd.getpwuid(os.getuid()).pw_name
    if user:
        last = [(f"sudo loginctl enable-linger {me}", "or it ends when you log out")]
    else:
        last = [
            (f"{_sudo()}systemctl enable --now watcher-backup.timer", "a copy each day"),
            (f"{_sudo()}usermod -aG watcher {os.environ.get('SUDO_USER', 'YOU')}", "who may ask: watcher status"),
        ]
    if _runs(user=user):
        return [*first, (f"{systemctl} restart watcher", "to run what is installed now")]
    return [*first, (f"{systemctl} enable --now watcher", "start now and at boot"), *last]


def _sudo() -> str:
    return "sudo " if "SUDO_USER" in os.environ else ""


def _runs(*, user: bool) -> bool:
    """Whether the service runs already."""
    try:
        _call("systemctl", *(["--user"] if user else []), "is-active", "--quiet", "watcher")
    except WatcherError:
        return False
    return True
