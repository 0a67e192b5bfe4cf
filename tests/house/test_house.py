"""The house stands as it is drawn: imports only go down and never round, and the pure rooms have no clock, disk or network."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import watcher

ROOT = Path(watcher.__file__).parent
TOP = Path(__file__).parents[2]

#: Each room's floor. A room is a module or a package directly under `watcher`.
FLOORS = {
    "__init__": 0,
    "model": 0,
    "edtf": 0,
    "errors": 0,
    "clean": 0,
    "untag": 0,
    "paths": 0,
    "config": 0,
    "catalogue": 0,
    "parse": 1,
    "read": 1,
    "tell": 1,
    "decide": 2,
    "fetch": 3,
    "store": 3,
    "send": 3,
    "send_child": 3,
    "parsing": 3,
    "sandbox": 3,
    "sandbox_child": 3,
    "lock": 3,
    "underway": 3,
    "hosts": 3,
    "board": 3,
    "publish": 3,
    "learn": 4,
    "intake": 4,
    "polling": 4,
    "sending": 4,
    "follow": 4,
    "rebuild": 4,
    "reread": 4,
    "userword": 4,
    "lookup": 4,
    "rendering": 4,
    "ringing": 4,
    "ping": 4,
    "housekeeping": 4,
    "publishing": 4,
    "restoring": 4,
    "engine": 4,
    "control": 5,
    "daemon": 5,
    "demo": 5,
    "cli": 6,
    "__main__": 7,
}
PURE = 2

#: Rooms that may ask what time it is.
CLOCKED = ("cli", "daemon")
CLOCKS = {
    ("datetime", "now"),
    ("datetime", "utcnow"),
    ("datetime", "today"),
    ("date", "today"),
    ("time", "time"),
    ("time", "monotonic"),
    ("time", "perf_counter"),
    ("time", "sleep"),
    ("asyncio", "sleep"),
}
IMPURE = {
    "socket",
    "ssl",
    "sqlite3",
    "sqlite_utils",
    "httpx",
    "httpcore",
    "apprise",
    "subprocess",
    "asyncio",
    "threading",
    "requests",
}
MOST_LINES = 420

MODULES = sorted(ROOT.rglob("*.py"))


def name_of(path: Path) -> str:
    """The dotted name of a module below `watcher`."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts)


@cache
def tree(path: Path) -> ast.Module:
    """A module's syntax."""
    return ast.parse(path.read_text(encoding="utf-8"))


def imported(path: Path) -> Iterator[str]:
    """The modules of ours that a module imports, by dotted name below `watcher`."""
    known = {name_of(p) for p in MODULES}
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            parts = [f"{node.module}.{alias.name}" for alias in node.names]
            # `from package import module` is an import of the module, not of what the package's __init__ offers.
            names = parts if all(part.removeprefix("watcher.") in known for part in parts) else [node.module, *parts]
        else:
            continue
        for name in names:
            inner = name.removeprefix("watcher.") if name.startswith("watcher.") else ("__init__" if name == "watcher" else "")
            if inner in known:
                yield inner


def room(name: str) -> str:
    """The room of a dotted name."""
    return name.split(".", maxsplit=1)[0]


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_every_module_has_a_floor_and_imports_only_go_down(path: Path) -> None:
    """A module imports from its own room, its own floor or below, never from above."""
    mine = FLOORS[room(name_of(path))]
    above = [name for name in imported(path) if FLOORS[room(name)] > mine]
    assert above == []


def test_imports_never_go_round() -> None:
    """No chain of imports leads back to where it began, between modules as between rooms."""
    modules = {name_of(p): {n for n in imported(p) if n != name_of(p)} for p in MODULES}
    # A package's own __init__ is run before its parts, so an import of a part is no import of the package.
    rooms: dict[str, set[str]] = {}
    for name, others in modules.items():
        rooms.setdefault(room(name), set()).update(room(o) for o in others if room(o) != room(name))
    for graph in (modules, rooms):
        done: set[str] = set()

        def visit(name: str, trail: tuple[str, ...], graph: dict[str, set[str]] = graph, done: set[str] = done) -> None:
            assert name not in trail, f"imports go round: {' > '.join((*trail, name))}"
            if name not in done:
                for other in graph.get(name, ()):
                    visit(other, (*trail, name))
                done.add(name)

        for start in graph:
            visit(start, ())


@pytest.mark.parametrize("path", [p for p in MODULES if room(name_of(p)) not in CLOCKED], ids=name_of)
def test_only_cli_and_daemon_know_the_time(path: Path) -> None:
    """No other room reads a clock or sleeps: the time is always a parameter."""
    read = [
        f"{node.value.id}.{node.attr} in line {node.lineno}"
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and (node.value.id, node.attr) in CLOCKS
    ]
    assert read == []


@pytest.mark.parametrize("path", [p for p in MODULES if FLOORS[room(name_of(p))] <= PURE], ids=name_of)
def test_pure_rooms_touch_neither_disk_nor_network(path: Path) -> None:
    """Floors 0 to 2 import nothing that reaches a network, a database or a process, and open no file."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            assert not {alias.name.split(".")[0] for alias in node.names} & IMPURE
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.module.split(".")[0] not in IMPURE
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id != "open", f"open() in line {node.lineno}"


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_rooms_are_small_and_say_what_they_are_for(path: Path) -> None:
    """A module has a docstring and can be read in one sitting."""
    assert ast.get_docstring(tree(path))
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MOST_LINES


#: A set of characters, in which brackets and signs mean themselves; a group that is repeated and gives nothing back.
_SET, _KEPT_GROUP = re.compile(r"\[\^?\]?(?:\\.|[^\]\\\n])*\]"), re.compile(r"(?<!\()\)(?:[*+?]|\{[\d,]+\})\+")


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_no_group_is_repeated_possessively(path: Path) -> None:
    """No expression has "(...)*+": before Python 3.11.5 (gh-106052) it keeps half of what failed; "(?>(...)*)" does not."""
    lines = path.read_text(encoding="utf-8").splitlines()
    assert not [line for line in lines if _KEPT_GROUP.search(_SET.sub("[]", line))]


def test_broad_excepts_stand_only_in_the_daemons_loops() -> None:
    """`except Exception` appears nowhere but in the two loops that must survive a bad day: ticks, and sends."""
    found = [
        name_of(path)
        for path in MODULES
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or (isinstance(node.type, ast.Name) and node.type.id == "Exception"))
    ]
    assert found == ["daemon.passes", "sending"]


def test_every_test_states_its_guarantee() -> None:
    """Each test has a docstring of one sentence."""
    for path in sorted((TOP / "tests").rglob("test_*.py")):
        for node in ast.walk(tree(path)):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name.startswith("test_"):
                said = ast.get_docstring(node) or ""
                assert said.endswith("."), f"{path.name}: {node.name}"
                assert "\n\n" not in said, f"{path.name}: {node.name} says more than one thing"


def test_top_level_is_what_it_should_be() -> None:
    """Nothing lies at the top but what belongs there."""
    belongs = {
        "pyproject.toml",
        "README.md",
        "watcher",
        "config.example.toml",
        "tests",
        "systemd",
        ".ci",
        ".gitignore",
        "CHANGELOG.md",
        "LICENSE",
    }
    # PKG-INFO is what a source distribution has beside all that.
    passing = {"PKG-INFO", ".git", ".venv", "build", "dist", ".pytest_cache", ".mypy_cache", ".ruff_cache", ".hypothesis"}
    assert {p.name for p in TOP.iterdir()} - passing == belongs


def test_core_libraries_do_their_job() -> None:
    """Each of the five libraries that the project stands on is declared and imported."""
    declared = " ".join(tomllib.loads((TOP / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"])
    text = "\n".join(p.read_text(encoding="utf-8") for p in MODULES)
    for name, module in (
        ("apscheduler",) * 2,
        ("httpx",) * 2,
        ("feedparser",) * 2,
        ("sqlite-utils", "sqlite_utils"),
        ("apprise",) * 2,
    ):
        assert name in declared
        assert f"import {module}" in text or f"from {module}" in text
