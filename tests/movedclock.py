"""A clock that can be moved under a process (libfaketime): it reads from a file how far it is off."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest


def moved(path: Path) -> dict[str, str]:
    """What makes the clock of a process follow a file: it holds how far the clock is off."""
    found = find_spec("libfaketime")
    assert found is not None
    assert found.origin is not None
    return {
        "LD_PRELOAD": str(Path(found.origin).parent / "vendor/libfaketime/src/libfaketime.so.1"),
        "FAKETIME_TIMESTAMP_FILE": str(path),
        "FAKETIME_NO_CACHE": "1",
        "DONT_FAKE_MONOTONIC": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }


def clock_that_moves(path: Path) -> Path:
    """The file that says how far the clock is off; the test is left out where the library cannot move it."""
    path.write_text("-3d", encoding="ascii")
    words = [sys.executable, "-c", "import time; print(time.time())"]
    told = subprocess.run(words, env=os.environ | moved(path), capture_output=True, text=True, check=False).stdout
    real = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    if not told or float(real) - float(told) < 86_400:
        pytest.skip("libfaketime cannot move the clock on this machine")
    path.write_text("+0", encoding="ascii")
    return path
