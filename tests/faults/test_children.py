"""What a hostile document or a hang costs the real daemon: that document, or that life, and nothing else."""

from __future__ import annotations

import os
import select
import signal
import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from daemons import QUIET, TAKEN, Running, feed, hook, news, one_value, rss_of, running, settings, wait_until, words
from feedserver import Answer, FeedServer
from invariants import asked, check, check_store
from processes import Home, children
from stopped import HANGS, Step, quick

#: Takes the parser longer than it may take.
SLOW = b"<rss version='2.0'><channel><title>T</title>" + b"<a/>" * 1_900_000 + b"</channel></rss>"

#: The daemon itself stays far below this, whatever its children do.
_MOST_BYTES = 300_000_000


@pytest.fixture
def server() -> Iterator[FeedServer]:
    """A server of two feeds and a webhook."""
    with FeedServer() as running_server:
        running_server.answer("/feed", QUIET)
        running_server.answer("/bad", QUIET)
        running_server.answer("/hook", TAKEN)
        yield running_server


@pytest.fixture
def home(tmp_path: Path, server: FeedServer) -> Home:
    """A watcher of two feeds that has learned."""
    place = Home(tmp_path, settings(server.url("/feed"), server.url("/bad"), more=hook(server)))
    assert asked(place, "poll").returncode == 0
    return place


def kill_a_busy_child(daemon: Running) -> None:
    """Kill the child that has a document, as the kernel does when memory runs out."""
    wait_until(lambda: children("watcher.sandbox_child", daemon.process.pid) != [], "the child")
    for pid in children("watcher.sandbox_child", daemon.process.pid):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


@pytest.mark.parametrize(
    ("body", "kills", "reason"),
    [(SLOW, False, "to parse"), (SLOW, True, "pars")],
    ids=("takes all its time", "its child is killed"),
)
def test_a_document_that_ends_its_parser_is_that_feeds_failure_alone(
    home: Home, server: FeedServer, body: bytes, kills: bool, reason: str
) -> None:
    """A document that ends its child is told as that feed's error; the other feed's news is told meanwhile, and all goes on."""
    server.answer("/bad", Answer(body))
    with running(home, command=quick(words(home))) as daemon:
        wait_until(lambda: children("watcher.sandbox_child", daemon.process.pid) != [], "the child")
        server.answer("/feed", feed(news()))
        wait_until(lambda: len(server.asked("/hook")) == 1, "the alert of the good feed")
        if kills:
            kill_a_busy_child(daemon)
        wait_until(lambda: one_value(home, "SELECT max(failures) FROM feed") > 0, "the failure")
        polled = len(server.asked("/feed"))
        wait_until(lambda: len(server.asked("/feed")) >= polled + 2, "more polls of the good feed")
        assert rss_of(daemon.process.pid) < _MOST_BYTES
        assert daemon.stop() == 0
    feeds = {one["outlet"]: one for one in check(home, daemon.said)["feeds"]}
    assert feeds["Paper 0"]["error"] is None
    assert reason in feeds["Paper 1"]["error"]


def test_a_daemon_that_hangs_looks_hung_and_says_where(home: Home, server: FeedServer) -> None:
    """A daemon that stands still feeds the watchdog no more; aborted it writes where it stood, and the next tells the news."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(home.path / "notify"))
        step = Step(at="watcher.polling:Polling.poll", when="hangs", armed="watcher.daemon.passes:Passes._well")
        # The unit sets the second of these.
        environ = {"NOTIFY_SOCKET": str(home.path / "notify"), "PYTHONFAULTHANDLER": "1"}
        with running(home, command=step.command(words(home)), environ=environ) as daemon:
            wait_until(lambda: HANGS in daemon.said, "the hang")
            assert "WATCHDOG=1" in heard(manager)
            assert not select.select([manager], [], [], 2)[0], "it said something while it stood still"
            assert daemon.stop(signal.SIGABRT) == -signal.SIGABRT
            assert "Fatal Python error: Aborted" in daemon.said
            assert "in _poll" in daemon.said
    check_store(home.database)
    server.answer("/feed", feed(news()))
    with running(home, command=quick(words(home))) as daemon:
        wait_until(lambda: one_value(home, "SELECT count(*) FROM delivery WHERE state = 'sent'") == 1, "the alert")
        assert daemon.stop() == 0
    assert len(server.asked("/hook")) == 1


def heard(manager: socket.socket) -> str:
    """All that was told so far."""
    told = []
    while select.select([manager], [], [], 0)[0]:
        told.append(manager.recv(4096).decode())
    return "\n".join(told)
