"""The files that make a service of the program: where each belongs, and how it is put there without losing a word of yours."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Literal

from watcher.cli.config import example
from watcher.cli.service_units import Program, fitted, is_ours, sealed
from watcher.errors import WatcherError
from watcher.paths import SYSTEM_CONFIG, config_candidates

#: What happened to a file. `mine`: somebody changed it, and so it was left.
Outcome = Literal["written", "renewed", "replaced", "as it was", "mine"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A file that the service needs, and what it is for. `yours`: once it is there, it is never touched again."""

    path: Path
    text: str
    note: str
    mode: int = 0o644
    yours: bool = False


def for_system(where: Program, root: Path) -> list[Wanted]:
    """The files of the system's service, below `root`."""
    units = root / "etc/systemd/system"
    return [
        _unit("watcher.sysusers", root / "etc/sysusers.d/watcher.conf", where, "its user and group"),
        _settings(root / SYSTEM_CONFIG.relative_to("/"), 0o640),
        _unit("watcher.service", units / "watcher.service", where, "the daemon"),
        _unit("watcher-backup.service", units / "watcher-backup.service", where, "a copy of the ledger"),
        _unit("watcher-backup.timer", units / "watcher-backup.timer", where, "each day"),
    ]


def for_user(where: Program, environ: Mapping[str, str]) -> list[Wanted]:
    """The files of a user's own service, where systemd and `watcher` look for them.

    Raises:
        WatcherError: the environment names no home.
    """
    settings = config_candidates({name: value for name, value in environ.items() if name != "WATCHER_CONFIG"})[0]
    if settings == SYSTEM_CONFIG:
        raise WatcherError("there is no home to install into: set $HOME")
    unit = settings.parents[1] / "systemd/user/watcher.service"
    return [_settings(settings, 0o600), _unit("user/watcher.service", unit, where, "the daemon")]


def put(wanted: Wanted, *, force: bool, dry_run: bool) -> Outcome:
    """Put a file in its place, whole or not at all. One that was changed by hand is left, unless by `force`.

    Raises:
        WatcherError: it cannot be read or written.
    """
    try:
        outcome = _outcome(wanted, force=force)
        if not dry_run and outcome in ("written", "renewed", "replaced"):
            _write(wanted)
    except OSError as error:
        raise WatcherError(f"{wanted.path} cannot be written: {error.strerror}") from error
    return outcome


def _outcome(wanted: Wanted, *, force: bool) -> Outcome:
    if not wanted.path.exists():
        return "written"
    if wanted.yours:
        return "as it was"
    old = wanted.path.read_text(encoding="utf-8", errors="replace")
    if old == wanted.text:
        return "as it was"
    if is_ours(old):
        return "renewed"
    return "replaced" if force else "mine"


def _write(wanted: Wanted) -> None:
    wanted.path.parent.mkdir(mode=0o700 if wanted.mode == 0o600 else 0o755, parents=True, exist_ok=True)
    with NamedTemporaryFile("w", encoding="utf-8", dir=wanted.path.parent, prefix=".watcher-", delete=False) as draft:
        try:
            draft.write(wanted.text)
            draft.flush()
            os.fchmod(draft.fileno(), wanted.mode)
            os.fsync(draft.fileno())
            Path(draft.name).replace(wanted.path)
        finally:
            Path(draft.name).unlink(missing_ok=True)


def _unit(name: str, path: Path, where: Program, note: str) -> Wanted:
    return Wanted(path=path, text=sealed(fitted(name, where)), note=note)


def _settings(path: Path, mode: int) -> Wanted:
    return Wanted(path=path, text=example(), note="the settings", mode=mode, yours=True)
