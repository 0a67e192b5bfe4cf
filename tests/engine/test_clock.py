"""The daemon when somebody sets the clock: a real process whose clock is moved under it (libfaketime)."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from subprocess import DEVNULL

import pytest
from feedserver import Answer, Entry, FeedServer, rss
from movedclock import clock_that_moves, moved
from processes import Home, one_feed


@pytest.fixture
def clock(tmp_path: Path) -> Path:
    """A file that says how far the clock is off."""
    return clock_that_moves(tmp_path / "clock")


def wait_until(true: Callable[[], bool], *, within: float) -> None:
    """Wait for something to become true."""
    end = time.monotonic() + within
    while not true():
        assert time.monotonic() < end, f"not within {within:g} seconds"
        time.sleep(0.1)


def test_polls_go_on_when_the_clock_is_set(tmp_path: Path, clock: Path) -> None:
    """Set back by days and forward by years the daemon polls on as often as before, and stops cleanly when asked to."""
    with FeedServer() as server:
        url = server.answer("/feed", Answer(rss(Entry("Story", guid="a")), etag='"1"'))
        home = Home(tmp_path, one_feed(url))
        with subprocess.Popen(home.command("run"), stdout=DEVNULL, stderr=DEVNULL, env=home.environ() | moved(clock)) as daemon:
            try:
                for off in ("+0", "-3d", "+3650d"):
                    clock.write_text(off, encoding="ascii")
                    asked, began = len(server.asked()), time.monotonic()
                    wait_until(lambda asked=asked: len(server.asked()) >= asked + 2, within=40)  # type: ignore[misc]
                    # One a second, however slow this machine is, and one more for a clock that was set: no burst.
                    assert len(server.asked()) - asked <= (time.monotonic() - began) + 5
                daemon.send_signal(signal.SIGTERM)
                assert daemon.wait(20) == 0
            finally:
                daemon.kill()
