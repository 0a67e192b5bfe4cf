"""The real daemon told to stop, whatever it is doing: it ends with status 0 within its budget, and loses nothing."""

from __future__ import annotations

import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest
from daemons import QUIET, TAKEN, YEAR, Running, feed, hook, news, one_value, running, settings, told, wait_until, words
from feedserver import Answer, FeedServer
from invariants import asked, check
from processes import Home, children
from stopped import HANGS, Step, quick

#: A document that keeps a parser busy for as long as it may be.
SLOW = Answer(b"<rss version='2.0'><channel><title>T</title>" + b"<a/>" * 1_900_000 + b"</channel></rss>")

#: The daemon may take twenty seconds, and systemd waits forty-five.
_BUDGET_S = 45

#: One polite signal, an impatient user's several, and Ctrl-C.
SIGNALS = ((signal.SIGTERM,), (signal.SIGTERM, signal.SIGTERM, signal.SIGINT), (signal.SIGINT,))


@pytest.fixture
def server() -> Iterator[FeedServer]:
    """A server of feeds that nothing happened in, and of a webhook."""
    with FeedServer() as running_server:
        running_server.answer("/feed", QUIET)
        running_server.answer("/other", QUIET)
        running_server.answer("/hook", TAKEN)
        yield running_server


@pytest.fixture
def home(tmp_path: Path, server: FeedServer) -> Home:
    """A watcher of two feeds that has learned."""
    place = Home(tmp_path, settings(server.url("/feed"), server.url("/other"), more=hook(server)))
    assert asked(place, "poll").returncode == 0
    return place


def stopped(daemon: Running, *signals: signal.Signals) -> int:
    """Stop it with these signals, one after the other. Returns its status."""
    for name in signals:
        with suppress(ProcessLookupError):
            daemon.process.send_signal(name)
    return daemon.process.wait(_BUDGET_S)


def told_once_more(home: Home, server: FeedServer, *, since: int) -> None:
    """After a restart the news is told once, whatever was under way when it stopped."""
    server.answer("/feed", feed(news()))
    server.answer("/other", QUIET)
    server.answer("/hook", TAKEN)
    with running(home, command=quick(words(home))) as daemon:
        wait_until(lambda: one_value(home, "SELECT count(*) FROM delivery WHERE state = 'sent'") == 1, "the alert")
        assert stopped(daemon, signal.SIGTERM) == 0
    (alert,) = told(server.asked("/hook")[since:])
    assert f"May 14, {YEAR}" in f"{alert.title} {alert.text}"
    check(home, daemon.said)


@pytest.mark.parametrize("signals", SIGNALS, ids=lambda several: "-".join(one.name for one in several))
def test_idle_daemon_ends_when_it_is_told_to(home: Home, server: FeedServer, signals: tuple[signal.Signals, ...]) -> None:
    """Whoever stops an idle daemon, once or impatiently, gets status 0, no traceback, and a lock that is free."""
    with running(home, command=quick(words(home))) as daemon:
        wait_until(lambda: len(server.asked("/feed")) >= 3, "a pass")
        assert stopped(daemon, *signals) == 0
    assert check(home, daemon.said)["daemon"]["running"] is False
    assert (home.path / "state" / "lock").read_bytes().strip() == b""


@pytest.mark.parametrize("signals", SIGNALS, ids=lambda several: "-".join(one.name for one in several))
def test_stop_in_the_middle_of_a_send_keeps_the_alert(
    home: Home, server: FeedServer, signals: tuple[signal.Signals, ...]
) -> None:
    """While its target drips for ever a daemon gives the send up in its budget, and sends it again, marked, when it is back."""
    server.answer("/hook", Answer(b"ok" * 9000, drip_head=0.1))
    server.answer("/feed", feed(news()))
    with running(home, command=quick(words(home))) as daemon:
        wait_until(lambda: len(server.asked("/hook")) == 1, "the send")
        family = children("watcher", daemon.process.pid)
        assert stopped(daemon, *signals) == 0
        wait_until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in family), "the end of the children")
    assert one_value(home, "SELECT group_concat(state) FROM delivery") == "unknown"
    told_once_more(home, server, since=1)
    assert [alert.is_marked for alert in told(server.asked("/hook"))] == [False, True]


def test_stop_while_a_feed_drips_leaves_it_due(home: Home, server: FeedServer) -> None:
    """A feed that drips is given up at once, and asked again after the restart as if nothing had been."""
    server.answer("/feed", Answer(feed(news()).body, drip=0.5))
    polled = len(server.asked("/feed"))
    with running(home, command=quick(words(home))) as daemon:
        wait_until(lambda: len(server.asked("/feed")) > polled, "the poll")
        assert stopped(daemon, signal.SIGTERM) == 0
    assert one_value(home, "SELECT sum(failures) FROM feed") == 0
    told_once_more(home, server, since=0)


def test_stop_while_a_document_is_parsed_ends_the_child(home: Home, server: FeedServer) -> None:
    """A document that takes the parser's every second does not hold the stop up, and its child is gone with the daemon."""
    server.answer("/other", SLOW)
    with running(home, command=quick(words(home))) as daemon:
        wait_until(lambda: children("watcher.sandbox_child", daemon.process.pid) != [], "the child")
        family = children("watcher", daemon.process.pid)
        assert stopped(daemon, signal.SIGTERM) == 0
        wait_until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in family), "the end of the children")
    told_once_more(home, server, since=0)


def test_stop_while_a_name_server_is_silent_waits_for_nobody(home: Home, server: FeedServer) -> None:
    """A look-up that cannot be cancelled is left behind: the daemon ends while its thread still waits."""
    silent = '[[feed]]\nurl = "http://silent.example/feed"\noutlet = "Silent"\n'
    home.write(settings(server.url("/feed"), server.url("/other"), more=silent + hook(server)))
    # By its port: whether a host is an address already is asked of the same function, and no name server.
    step = Step(at="socket:getaddrinfo", when="hangs", last=80)
    with running(home, command=step.command(words(home))) as daemon:
        wait_until(lambda: HANGS in daemon.said, "the look-up")
        assert stopped(daemon, signal.SIGTERM) == 0
    told_once_more(home, server, since=0)


@contextmanager
def held(database: Path) -> Iterator[None]:
    """While this lasts another process may not write to the store."""
    with closing(sqlite3.connect(database, timeout=30)) as db:
        db.execute("BEGIN IMMEDIATE")
        yield


def test_stop_while_the_store_is_held_is_a_stop(home: Home, server: FeedServer) -> None:
    """While another process holds the store the daemon can be stopped all the same, with status 0."""
    with running(home, command=quick(words(home))) as daemon:
        wait_until(lambda: len(server.asked("/feed")) >= 3, "a pass")
        with held(home.database):
            wait_until(lambda: "held by another process" in daemon.said, "the trouble")
            assert stopped(daemon, signal.SIGTERM) == 0, daemon.said
    told_once_more(home, server, since=0)
