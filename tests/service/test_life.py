"""The daemon's life: what its service manager is told, reloads with good and bad settings, stops, and a clock never set."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from subprocess import DEVNULL, PIPE, Popen

import pytest
from feedserver import Answer, Entry, FeedServer, rss
from managers import Manager
from movedclock import clock_that_moves, moved
from processes import Home, one_feed

KNOWN = """known = [{ release = "2031-06-06", region = "US", on = "2025-03-01", outlet = "Morning Reel" }]
"""
BAD = '\nbad = "key"\n'


def feed(*, every: float = 0) -> Answer:
    """A feed with one story, which drips where `every` says so."""
    return Answer(rss(Entry("Story", guid="a")), etag='"1"', drip=every)


def waits_for(url: str, name: str = "Harbor Lights") -> str:
    """The settings of somebody who waits for a film that opens in 2031."""
    return one_feed(url).replace('name = "Harbor Lights"\n', f'name = "{name}"\n{KNOWN}')


@contextmanager
def running(home: Home, manager: Manager, **environ: str) -> Iterator[Popen[str]]:
    """The daemon, ready, its log on a pipe; killed at the end of the block if it still runs."""
    environment = home.environ() | manager.environ | environ
    with Popen(home.command("run"), stdout=DEVNULL, stderr=PIPE, text=True, env=environment) as daemon:
        try:
            manager.wait_for("READY=1")
            yield daemon
        finally:
            daemon.kill()


def stopped(daemon: Popen[str]) -> str:
    """End a daemon as a service manager does; it ends well. Returns its log."""
    daemon.send_signal(signal.SIGTERM)
    _, log = daemon.communicate(timeout=60)
    assert daemon.returncode == 0, log
    assert "Traceback" not in log
    return log


def shown(home: Home) -> dict[str, object]:
    """What `status` tells of the daemon."""
    done = subprocess.run(home.command("status", "--json"), env=home.environ(), capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)["daemon"]
    assert isinstance(found, dict)
    return found


def noted(home: Home) -> dict[str, str]:
    """What the daemon notes of itself."""
    with closing(sqlite3.connect(home.database)) as db:
        return dict(db.execute("SELECT key, value FROM meta"))


def test_manager_hears_how_things_stand(tmp_path: Path) -> None:
    """Ready comes once the store is open, passes feed the watchdog, the status counts down, and a stop is told."""
    with FeedServer() as server, Manager(tmp_path) as manager:
        home = Home(tmp_path, waits_for(server.answer("/feed", feed())))
        with running(home, manager) as daemon:
            assert "started_at" in noted(home)
            manager.wait_for("WATCHDOG=1", times=2)
            assert manager.status.startswith("Harbor Lights: in ")
            assert "days (June 6, 2031, US cinemas). 1 of 1 feeds answer." in manager.status
            stopped(daemon)
        assert manager.told()[-1][0] == "STOPPING=1"
        assert noted(home)["stopped_at"] >= noted(home)["started_at"]


def test_good_configuration_takes_over_while_it_runs(tmp_path: Path) -> None:
    """After SIGHUP another title is counted to and another feed is asked by the same process, which says that it reloads."""
    with FeedServer() as server, Manager(tmp_path) as manager:
        home = Home(tmp_path, waits_for(server.answer("/old", feed())))
        with running(home, manager) as daemon:
            manager.wait_for("WATCHDOG=1")
            before = noted(home)
            home.write(waits_for(server.answer("/new", feed()), "Glass Orchard"))
            daemon.send_signal(signal.SIGHUP)
            manager.wait_for("READY=1", times=2)
            manager.wait(lambda _: len(server.asked("/new")) >= 1)
            asked = len(server.asked("/old"))
            assert manager.status.startswith("Glass Orchard: in ")
            assert "RELOADING=1" in manager.lines()
            assert any(line.startswith("MONOTONIC_USEC=") for line in manager.lines())
            manager.wait(lambda _: len(server.asked("/new")) >= 2)
            assert len(server.asked("/old")) == asked
            assert {key: noted(home)[key] for key in ("pid", "started_at")} == {key: before[key] for key in ("pid", "started_at")}
            assert "the new configuration is in force" in stopped(daemon)


def test_bad_configuration_leaves_the_old_one_in_force(tmp_path: Path) -> None:
    """A reload with mistakes names each with its line, changes nothing, and says so until a good one comes."""
    with FeedServer() as server, Manager(tmp_path) as manager:
        good = waits_for(server.answer("/feed", feed()))
        home = Home(tmp_path, good)
        with running(home, manager) as daemon:
            home.write(good + BAD)
            daemon.send_signal(signal.SIGHUP)
            manager.wait_for("READY=1", times=2)
            assert manager.status.startswith("The new configuration has 1 problem, the old one is in force. Harbor Lights: in ")
            asked = len(server.asked())
            manager.wait(lambda _: len(server.asked()) > asked)
            home.write(good)
            daemon.send_signal(signal.SIGHUP)
            manager.wait_for("READY=1", times=3)
            assert manager.status.startswith("Harbor Lights: in ")
            log = stopped(daemon)
        assert f"stays in force: {home.config}:" in log
        assert "bad: is not known" in log


def test_state_cannot_move_under_a_daemon(tmp_path: Path) -> None:
    """A reload that names another state directory is refused: the lock and the ledger are those of the old one."""
    with FeedServer() as server, Manager(tmp_path) as manager:
        home = Home(tmp_path, waits_for(server.answer("/feed", feed())))
        with running(home, manager) as daemon:
            home.config.write_text(home.config.read_text().replace(str(tmp_path / "state"), str(tmp_path / "other")))
            daemon.send_signal(signal.SIGHUP)
            manager.wait_for("READY=1", times=2)
            assert "[watcher], state: is" in stopped(daemon)
        assert not (tmp_path / "other").exists()


def test_reload_asks_nobody_twice(tmp_path: Path) -> None:
    """A feed that is being read when the reload comes is read to its end, and not asked again before its time."""
    with FeedServer() as server, Manager(tmp_path) as manager:
        home = Home(tmp_path, one_feed(server.answer("/slow", feed(every=0.01))).replace('"1s"', '"1h"'))
        with running(home, manager) as daemon:
            manager.wait(lambda _: len(server.asked("/slow")) == 1)
            daemon.send_signal(signal.SIGHUP)
            manager.wait_for("READY=1", times=2)
            manager.wait_for("WATCHDOG=1", times=2)
            stopped(daemon)
        assert len(server.asked("/slow")) == 1


@pytest.mark.parametrize("signals", [(signal.SIGTERM, signal.SIGTERM), (signal.SIGINT,), (signal.SIGHUP, signal.SIGTERM)])
def test_every_way_to_end_is_a_good_end(tmp_path: Path, signals: tuple[signal.Signals, ...]) -> None:
    """Asked to end twice, by the keyboard or in the middle of a reload, the daemon ends with 0 and shows no traceback."""
    with FeedServer() as server, Manager(tmp_path) as manager:
        home = Home(tmp_path, waits_for(server.answer("/feed", feed(every=0.05))))
        with running(home, manager) as daemon:
            manager.wait(lambda _: len(server.asked()) >= 1)
            for one in signals:
                daemon.send_signal(one)
            _, log = daemon.communicate(timeout=60)
            assert (daemon.returncode, "Traceback" in log) == (0, False), log
        assert noted(home)["stopped_at"]


def test_held_store_is_no_reason_to_end(tmp_path: Path) -> None:
    """While somebody else holds the store the daemon says so, feeds its watchdog and asks nobody; then it goes on."""
    with FeedServer() as server, Manager(tmp_path) as manager:
        home = Home(tmp_path, waits_for(server.answer("/feed", feed())))
        with running(home, manager) as daemon:
            manager.wait_for("WATCHDOG=1")
            with closing(sqlite3.connect(home.database, isolation_level=None)) as other:
                other.execute("BEGIN IMMEDIATE")
                manager.wait(lambda manager: manager.status.startswith("In trouble: "))
                assert "is held by another process" in manager.status
                asked, fed = len(server.asked()), manager.lines().count("WATCHDOG=1")
                manager.wait(lambda manager: manager.lines().count("WATCHDOG=1") > fed)
                assert len(server.asked()) == asked
                other.execute("ROLLBACK")
            manager.wait(lambda manager: manager.status.startswith("Harbor Lights: in "), within=90)
            manager.wait(lambda _: len(server.asked()) > asked)
            log = stopped(daemon)
        assert log.count("is held by another process") == 1
        assert "takes everything again" in log


@pytest.mark.parametrize("comes_free", [True, False])
def test_start_waits_for_a_held_store(tmp_path: Path, comes_free: bool) -> None:
    """A daemon that finds its store held says so and begins when it is let go; asked to stop before, it ends well."""
    with FeedServer() as server, Manager(tmp_path) as manager:
        home = Home(tmp_path, waits_for(server.answer("/feed", feed())))
        with running(home, manager) as daemon:
            stopped(daemon)
        with closing(sqlite3.connect(home.database, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with Popen(
                home.command("run"), stdout=DEVNULL, stderr=PIPE, text=True, env=home.environ() | manager.environ
            ) as daemon:
                manager.wait(lambda manager: manager.status.startswith("Waiting for the store: "))
                said = shown(home)
                assert (said["running"], said["answers"], said["pid"]) == (True, True, daemon.pid)
                assert "is held by another process" in str(said["trouble"])
                if comes_free:
                    other.execute("ROLLBACK")
                    manager.wait_for("READY=1", times=2)
                log = stopped(daemon)
        assert (log.count("is held by another process"), log.count("watching Harbor Lights")) == (1, int(comes_free))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a file system to fill it")
@pytest.mark.parametrize("ran_before", [True, False])
def test_start_on_a_full_disk_is_told_in_a_line(tmp_path: Path, ran_before: bool) -> None:
    """A daemon that finds its disk full waits for room where it ran before; where nothing can be begun it says why and ends."""
    with FeedServer() as server, Manager(tmp_path) as manager:
        home = Home(tmp_path, waits_for(server.answer("/feed", feed())))
        state = tmp_path / "state"
        state.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2M", "tmpfs", state], check=True)
        try:
            if ran_before:
                with running(home, manager) as daemon:
                    stopped(daemon)
            with suppress(OSError), (state / "filler").open("wb", buffering=0) as filler:
                while filler.write(bytes(4096)):
                    pass
            with Popen(
                home.command("run"), stdout=DEVNULL, stderr=PIPE, text=True, env=home.environ() | manager.environ
            ) as daemon:
                if ran_before:
                    manager.wait(lambda manager: manager.status.startswith(("Waiting for the store: ", "In trouble: ")))
                    assert "full" in str(shown(home)["trouble"])
                    stopped(daemon)
                else:
                    _, log = daemon.communicate(timeout=60)
                    assert (daemon.returncode, "Traceback" in log) == (1, False), log
                    assert "cannot be written (No space left on device); make room on the disk" in log
        finally:
            subprocess.run(["umount", state], check=True)


def test_nothing_is_kept_before_the_clock_is_set(tmp_path: Path) -> None:
    """On a machine that believes it is 1970 nothing is asked or stored until its clock is set; then the first pass begins."""
    clock = clock_that_moves(tmp_path / "clock")
    with FeedServer() as server, Manager(tmp_path) as manager:
        home = Home(tmp_path, waits_for(server.answer("/feed", feed())))
        clock.write_text("@1970-01-01 00:02:00", encoding="ascii")
        with running(home, manager, **moved(clock)) as daemon:
            manager.wait_for("WATCHDOG=1", times=2)
            assert manager.status == "Waiting for the clock to be set."
            assert "the clock was never set" in str(shown(home)["trouble"])
            assert not home.database.exists()
            assert server.asked() == []
            clock.write_text("+0", encoding="ascii")
            manager.wait_for("READY=1", times=2)
            manager.wait(lambda _: len(server.asked()) >= 1)
            assert noted(home)["started_at"] > "2025"
            stopped(daemon)


def test_broken_configuration_ends_the_start_with_its_own_status(tmp_path: Path) -> None:
    """A daemon with a configuration that cannot be used ends with 78 and one line for each problem, as text and as JSON."""
    home = Home(tmp_path, BAD)
    for form in ("auto", "json"):
        done = subprocess.run(
            home.command("run", "--log-format", form), env=home.environ(), capture_output=True, text=True, check=False
        )
        assert done.returncode == os.EX_CONFIG
        assert "bad: is not known" in done.stderr
        assert len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith('{"time"')
