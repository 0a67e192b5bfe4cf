"""The verbs in this process: none of them sees what is installed on the machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from watcher import paths


@pytest.fixture(autouse=True)
def _nothing_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the settings of a watcher that is installed here from those who ask without any."""
    monkeypatch.setattr(paths, "SYSTEM_CONFIG", Path("/nonexistent/watcher/config.toml"))
