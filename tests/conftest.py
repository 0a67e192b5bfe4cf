"""Settings that hold for all tests."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

from watcher import paths

# A shared machine pauses when it likes: examples are judged by what they show, never by the clock.
settings.register_profile("watcher", deadline=None)
settings.load_profile("watcher")


@pytest.fixture(autouse=True)
def _nothing_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the settings of a watcher that is installed on this machine from those who ask without any."""
    monkeypatch.setattr(paths, "SYSTEM_CONFIG", Path("/nonexistent/watcher/config.toml"))
