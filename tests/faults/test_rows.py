"""The list of faults is whole, and what it names is there: each row has tests, a drill, or the reason why it cannot be shown."""

from __future__ import annotations

import ast
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import pytest

TOP = Path(__file__).parents[2]
ROWS: list[dict[str, Any]] = tomllib.loads((Path(__file__).parent / "rows.toml").read_text(encoding="utf-8"))["row"]


@cache
def names_in(file: str) -> frozenset[str]:
    """The tests of a file."""
    path = TOP / file
    tree = ast.parse(path.read_text(encoding="utf-8")) if path.is_file() else ast.Module([], [])
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    return frozenset(node.name for node in tree.body if isinstance(node, functions) and node.name.startswith("test_"))


def is_there(name: str) -> bool:
    """Whether a test stands where its name says."""
    file, _, test = name.partition("::")
    return test in names_in(file)


def test_no_row_is_missing() -> None:
    """Each of the seventy-five rows stands in the list, once and in order."""
    assert [row["number"] for row in ROWS] == list(range(1, 76))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"row {row['number']}")
def test_what_shows_a_row_is_there(row: dict[str, Any]) -> None:
    """A row says in words what it is, and every test and drill that it names exists."""
    assert row["words"]
    assert set(row) <= {"number", "words", "tests", "drill", "reason"}
    assert row.get("tests") or row.get("drill") or row.get("reason")
    assert [name for name in row.get("tests", []) if not is_there(name)] == []
    if "drill" in row:
        assert (TOP / row["drill"].split()[1]).is_file()
