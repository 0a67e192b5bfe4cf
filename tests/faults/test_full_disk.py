"""The real daemon on a disk that is full for a while: it says so, tells nothing that it could not keep, and then all of it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from daemons import QUIET, TAKEN, YEAR, feed, hook, news, one_value, running, settings, told, wait_until
from feedserver import Entry, FeedServer
from invariants import asked, check, status
from processes import Home
from stopped import quick

#: What a disk holds, and more than that: articles that fill it.
_DISK, _ARTICLE, _ARTICLES = 4 * 2**20, "word " * 3900, 300

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a file system to fill it")


@pytest.fixture
def state(tmp_path: Path) -> Iterator[Path]:
    """A state directory on a small disk of its own."""
    path = tmp_path / "state"
    path.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={_DISK},mode=0750", "tmpfs", path], check=True)
    try:
        yield path
    finally:
        subprocess.run(["umount", path], check=True)


def test_full_disk_is_told_and_costs_no_news(tmp_path: Path, state: Path) -> None:
    """While its disk is full the daemon says so and runs on, nobody is told what is not kept; with room it is told once."""
    with FeedServer() as server:
        home = Home(tmp_path, settings(server.answer("/feed", QUIET), more=hook(server)))
        server.answer("/hook", TAKEN)
        assert asked(home, "poll").returncode == 0
        many = [Entry(f"Another story, number {n}", f"{n} {_ARTICLE}", f"other-{n}") for n in range(_ARTICLES)]
        with running(home, command=quick(["--config", str(home.config), "run"])) as daemon:
            wait_until(lambda: len(server.asked("/feed")) >= 3, "a pass")
            server.answer("/feed", feed(news(), *many))
            wait_until(lambda: "the disk is full" in daemon.said, "the trouble")
            wait_until(lambda: "the disk is full" in (status(home)["daemon"]["trouble"] or ""), "the trouble in `status`")
            assert one_value(home, "SELECT count(*) FROM item") == 0
            assert server.asked("/hook") == []
            subprocess.run(["mount", "-o", f"remount,size={20 * _DISK}", state], check=True)
            wait_until(lambda: one_value(home, "SELECT count(*) FROM delivery WHERE state = 'sent'") == 1, "the alert")
            wait_until(lambda: status(home)["daemon"]["trouble"] is None, "the end of the trouble")
            assert daemon.stop() == 0
        (alert,) = told(server.asked("/hook"))
        assert f"May 14, {YEAR}" in f"{alert.title} {alert.text}"
        assert not alert.is_marked
        check(home, daemon.said)
