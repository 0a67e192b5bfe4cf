"""The versions: watcher, Python, SQLite, systemd, and each library against the bounds that watcher was tested with."""

from __future__ import annotations

import platform
import re
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from importlib import metadata

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from watcher import __version__
from watcher.cli.checkup.verdict import Matter, Verdict

SECTION = "versions"
ALL = Matter(SECTION, "programs")
_LIBRARIES = Matter(SECTION, "libraries")
_DISTRIBUTION = "film-watcher"
#: Tables with types that are kept (STRICT) need it.
_OLDEST_SQLITE = (3, 37, 0)
_TIMEOUT_S = 5.0


def check() -> Iterator[Verdict]:
    """All of them."""
    parts = [f"watcher {__version__}", f"Python {platform.python_version()}", f"SQLite {sqlite3.sqlite_version}"]
    if sqlite3.sqlite_version_info < _OLDEST_SQLITE:
        oldest = ".".join(map(str, _OLDEST_SQLITE))
        yield ALL.broken(f"SQLite is {sqlite3.sqlite_version}; {oldest} or newer is needed.", "use a Python with a newer SQLite")
    else:
        yield ALL.well(", ".join([*parts, *_systemd()]) + ".")
    yield from _libraries()


def _systemd() -> list[str]:
    program = shutil.which("systemctl")
    if program is None:
        return []
    with suppress(OSError, subprocess.TimeoutExpired):
        done = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=_TIMEOUT_S, check=False)  # noqa: S603
        if found := re.match(r"systemd (\d+)", done.stdout):
            return [f"systemd {found[1]}"]
    return []


def _libraries() -> Iterator[Verdict]:
    """Each that watcher says it needs."""
    try:
        wanted = metadata.requires(_DISTRIBUTION) or []
    except metadata.PackageNotFoundError:
        yield _LIBRARIES.unseen("watcher is not installed here, so that nobody says which versions it needs.")
        return
    bad, good = False, 0
    # What has a marker only tests or other systems need.
    for need in (one for one in map(Requirement, wanted) if one.marker is None):
        name, bounds = need.name, ",".join(sorted(map(str, need.specifier), reverse=True))
        try:
            version = metadata.version(name)
        except metadata.PackageNotFoundError:
            bad = True
            yield _LIBRARIES.broken(f"{name} is missing.", install(f"{name}{bounds}"))
            continue
        if not is_within(version, need.specifier):
            bad = True
            yield _LIBRARIES.look(f"{name} is {version}; watcher was tested with {bounds}.", install(f"{name}{bounds}"))
        good += 1
    if not bad:
        yield _LIBRARIES.well(f"All {good} are of versions that watcher was tested with.")


def install(requirement: str) -> str:
    """How a library is installed beside this watcher."""
    import sys  # noqa: PLC0415 - for this one line

    return f"{sys.executable} -m pip install '{requirement}'"


def is_within(version: str, bounds: SpecifierSet) -> bool:
    """Whether a version is within all bounds (PEP 440); what is before or after a release counts as the release."""
    return bounds.contains(Version(version).base_version)
