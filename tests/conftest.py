"""Settings that hold for all tests."""

from __future__ import annotations

from hypothesis import settings

# A shared machine pauses when it likes: examples are judged by what they show, never by the clock.
settings.register_profile("watcher", deadline=None)
settings.load_profile("watcher")
