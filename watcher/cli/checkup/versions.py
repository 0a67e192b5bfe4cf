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
from itertools import zip_longest

from watcher import __version__
from watcher.cli.checkup.verdict import Matter, Verdict

SECTION = "versions"
ALL = Matter(SECTION, "programs")
_LIBRARIES = Matter(SECTION, "libraries")
_DISTRIBUTION = "film-watcher"
#: Tables with types that are kept (STRICT) need it.
_OLDEST_SQLITE = (3, 37, 0)
_REQUIREMENT = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)\s*(?:\[[^\]]*\])?\s*\(?(?P<bounds>[^;)]*)\)?\s*(?:;(?P<marker>.*))?$")
_BOUND = re.compile(r"(?P<sign>>=|<=|==|!=|<|>|~=)\s*(?P<version>[0-9][0-9A-Za-z.*]*)")
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
    for name, bounds in filter(None, map(requirement, wanted)):
        try:
            version = metadata.version(name)
        except metadata.PackageNotFoundError:
            bad = True
            yield _LIBRARIES.broken(f"{name} is missing.", install(f"{name}{bounds}"))
            continue
        if not is_within(version, bounds):
            bad = True
            yield _LIBRARIES.look(f"{name} is {version}; watcher was tested with {bounds}.", install(f"{name}{bounds}"))
        good += 1
    if not bad:
        yield _LIBRARIES.well(f"All {good} are of versions that watcher was tested with.")


def install(requirement: str) -> str:
    """How a library is installed beside this watcher."""
    import sys  # noqa: PLC0415 - for this one line

    return f"{sys.executable} -m pip install '{requirement}'"


def requirement(text: str) -> tuple[str, str] | None:
    """The name and the bounds of a requirement (PEP 508); None of one that only tests or other systems need."""
    found = _REQUIREMENT.match(text.strip())
    if found is None or found["marker"]:
        return None
    return found["name"], found["bounds"].replace(" ", "")


def is_within(version: str, bounds: str) -> bool:
    """Whether a version is within all bounds, by its numbers alone: what is before or after a release counts as the release."""
    return all(_holds(_numbers(version), bound["sign"], bound["version"]) for bound in _BOUND.finditer(bounds))


def _holds(version: tuple[int, ...], sign: str, bound: str) -> bool:
    order = _compare(version, _numbers(bound))
    if sign == "~=":
        start = _numbers(bound)[:-1]
        return order >= 0 and version[: len(start)] == start
    if bound.endswith(".*"):
        same = version[: len(_numbers(bound))] == _numbers(bound)
        return same if sign == "==" else not same
    return {">=": order >= 0, "<=": order <= 0, "==": order == 0, "!=": order != 0, "<": order < 0, ">": order > 0}[sign]


def _compare(one: tuple[int, ...], other: tuple[int, ...]) -> int:
    for mine, theirs in zip_longest(one, other, fillvalue=0):
        if mine != theirs:
            return 1 if mine > theirs else -1
    return 0


def _numbers(version: str) -> tuple[int, ...]:
    """The numbers of the release: "6.1.3" of "6.1.3rc1+local"."""
    release = re.match(r"[0-9]+(?:\.[0-9]+)*", version)
    return tuple(int(part) for part in release[0].split(".")) if release else ()
