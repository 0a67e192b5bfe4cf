"""Settings that hold for all tests."""

from __future__ import annotations

import os

import pytest
from hypothesis import settings

# A shared machine pauses when it likes: examples are judged by what they show, never by the clock.
settings.register_profile("watcher", deadline=None)
settings.load_profile("watcher")


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Half of the time goes into waiting for real processes: `-n auto` starts two workers for each core."""
    del config
    return 2 * len(os.sched_getaffinity(0))
