"""The real daemon and the files that it publishes: they follow the news, its settings and its troubles, and hold nothing up."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from daemons import QUIET, TAKEN, YEAR, Running, feed, hook, news, running, settings, told, wait_until
from feedserver import FeedServer
from invariants import asked, check, status
from processes import Home
from publishes import names_in, stands
from stopped import HANGS, Step, quick

from watcher.publish.files import DOCUMENTS

ALL = sorted(DOCUMENTS)


@pytest.fixture
def server() -> Iterator[FeedServer]:
    """A server of a feed in which nothing happened, and of a webhook."""
    with FeedServer() as one:
        one.answer("/feed", QUIET)
        one.answer("/hook", TAKEN)
        yield one


@pytest.fixture
def home(tmp_path: Path, server: FeedServer) -> Home:
    """A watcher that has learned, and publishes into `site`."""
    place = Home(tmp_path, publishing("site", server))
    assert asked(place, "poll").returncode == 0
    return place


def publishing(directory: str, server: FeedServer) -> str:
    """The settings of somebody who publishes there."""
    return f'publish = "{directory}"\n{settings(server.url("/feed"), more=hook(server))}'


@contextmanager
def daemon_of(home: Home, step: Step | None = None) -> Iterator[Running]:
    """The daemon with a short breath."""
    words = ["--config", str(home.config), "run"]
    with running(home, command=step.command(words) if step else quick(words)) as one:
        yield one


def stands_in(directory: Path, day: str) -> bool:
    """Whether the status that is published holds this day."""
    try:
        return day in (directory / "status.json").read_text(encoding="utf-8")
    except FileNotFoundError:
        return False


def trouble(home: Home) -> str | None:
    """What `status` says of the published files."""
    found: str | None = status(home)["daemon"]["publish_trouble"]
    return found


def test_files_are_there_from_the_start_and_follow_the_news(home: Home, server: FeedServer, tmp_path: Path) -> None:
    """All files are written when the daemon starts, stay untouched while nothing happens, and hold a date once it was read."""
    site = tmp_path / "site"
    site.mkdir()
    with daemon_of(home) as daemon:
        wait_until(lambda: names_in(site) == ALL, "the files")
        before, today = stands(site), datetime.now(UTC).date()
        polls = len(server.asked("/feed"))
        wait_until(lambda: len(server.asked("/feed")) >= polls + 3, "more polls")
        after = stands(site)
        assert after == before or datetime.now(UTC).date() != today
        server.answer("/feed", feed(news()))
        wait_until(lambda: stands_in(site, f"{YEAR}-05-14"), "the date in status.json")
        wait_until(lambda: f"{YEAR}0514" in (site / "releases.ics").read_text("utf-8"), "the date in the calendar")
        assert trouble(home) is None
        assert daemon.stop() == 0
    assert names_in(site) == ALL
    assert {(site / name).stat().st_mode & 0o777 for name in ALL} == {0o644}
    check(home, daemon.said)


def test_a_directory_that_cannot_be_written_keeps_nobody_from_the_news(home: Home, server: FeedServer, tmp_path: Path) -> None:
    """Without its directory the daemon starts, tells the news, and says what is wrong, once; when it is made, all is well."""
    site = tmp_path / "site"
    with daemon_of(home) as daemon:
        wait_until(lambda: "there is no such directory" in daemon.said, "the trouble in the log")
        server.answer("/feed", feed(news()))
        wait_until(lambda: len(server.asked("/hook")) == 1, "the alert")
        assert f"make it: watcher publish {site}" in (trouble(home) or "")
        shown = " ".join(asked(home, "status").stdout.split())
        assert "The published files are not current" in shown
        found = json.loads(asked(home, "doctor", "--offline", "--json").stdout)["checks"]
        assert [one["verdict"] for one in found if one["section"] == "published files"] == ["broken"]
        site.mkdir()
        wait_until(lambda: stands_in(site, f"{YEAR}-05-14"), "the date in status.json")
        wait_until(lambda: trouble(home) is None, "the end of the trouble")
        assert daemon.stop() == 0
    assert daemon.said.count("there is no such directory") == 1
    assert daemon.said.count(f"the files in {site} are current again") == 1
    assert len(told(server.asked("/hook"))) == 1


def test_a_reload_takes_another_directory_and_none(home: Home, server: FeedServer, tmp_path: Path) -> None:
    """After SIGHUP the files are written where the new settings say; those of before stay, and without a directory none is."""
    site, other = tmp_path / "site", tmp_path / "other"
    site.mkdir()
    other.mkdir()
    with daemon_of(home) as daemon:
        wait_until(lambda: names_in(site) == ALL, "the files")
        home.write(publishing("other", server))
        daemon.process.send_signal(signal.SIGHUP)
        wait_until(lambda: names_in(other) == ALL, "the files in the other directory")
        assert names_in(site) == ALL
        home.write(settings(server.url("/feed"), more=hook(server)))
        (other / "status.json").unlink()
        daemon.process.send_signal(signal.SIGHUP)
        wait_until(lambda: daemon.said.count("the new configuration is in force") == 2, "the second reload")
        server.answer("/feed", feed(news()))
        wait_until(lambda: len(server.asked("/hook")) == 1, "the alert")
        assert daemon.stop() == 0
    assert "status.json" not in names_in(other)


def test_a_stop_waits_for_files_that_are_being_written(home: Home, tmp_path: Path) -> None:
    """A daemon that is told to stop while it writes ends with status 0, and nothing half made lies there."""
    site = tmp_path / "site"
    os.mkdir(site)  # noqa: PTH102
    with daemon_of(home) as daemon:
        wait_until(lambda: "status.json" in names_in(site), "the first file")
        assert daemon.stop() == 0
    assert names_in(site) == ALL
    assert "Traceback" not in daemon.said


def test_a_disk_that_hangs_keeps_nobody_from_the_news_nor_from_the_end(home: Home, server: FeedServer, tmp_path: Path) -> None:
    """While a file is being written and never comes to its end the news goes out, and a stop ends with status 0."""
    (tmp_path / "site").mkdir()
    with daemon_of(home, Step(at="watcher.publish.files:_put_once", when="hangs")) as daemon:
        wait_until(lambda: HANGS in daemon.said, "the disk that hangs")
        server.answer("/feed", feed(news()))
        wait_until(lambda: len(server.asked("/hook")) == 1, "the alert")
        assert daemon.stop() == 0
    assert names_in(tmp_path / "site") == []
    check(home, daemon.said)


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("at", ["watcher.publish.files:_put_once", "watcher.publish.files:_settle"])
def test_killed_while_it_publishes_it_goes_on_at_the_next_start(
    home: Home, server: FeedServer, tmp_path: Path, at: str, when: str
) -> None:
    """Killed in the middle of its files, the daemon tells the news after the next start, and its files hold it."""
    site = tmp_path / "site"
    site.mkdir()
    (site / ".watcher-00.tmp").write_text("half")
    with daemon_of(home, Step(at=at, when=when)) as daemon:  # type: ignore[arg-type]
        assert daemon.process.wait(60) == -signal.SIGKILL
    server.answer("/feed", feed(news()))
    with daemon_of(home) as daemon:
        wait_until(lambda: stands_in(site, f"{YEAR}-05-14"), "the date in status.json")
        wait_until(lambda: len(server.asked("/hook")) == 1, "the alert")
        assert daemon.stop() == 0
    assert names_in(site) == ALL
    check(home, daemon.said)


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A directory on a disk of its own that holds next to nothing."""
    if os.geteuid() != 0:
        pytest.skip("only root may mount a file system to fill it")
    path = tmp_path / "site"
    path.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1M", "tmpfs", path], check=True)
    try:
        yield path
    finally:
        subprocess.run(["umount", path], check=True)


def test_a_full_disk_leaves_the_old_files_and_the_news_goes_out(home: Home, server: FeedServer, small: Path) -> None:
    """With no room for the files the daemon tells the news and says so, the old files stand whole; with room they follow."""
    with daemon_of(home) as daemon:
        wait_until(lambda: names_in(small) == ALL, "the files")
        before = {name: (small / name).read_bytes() for name in ALL}
        with (small / "filler").open("wb", buffering=0) as filler:
            try:
                while True:
                    filler.write(b"x" * 4096)
            except OSError:
                pass
        server.answer("/feed", feed(news()))
        wait_until(lambda: len(server.asked("/hook")) == 1, "the alert")
        wait_until(lambda: "no space left on device" in (trouble(home) or ""), "the trouble in `status`")
        assert {name: (small / name).read_bytes() for name in ALL} == before
        assert names_in(small) == sorted([*ALL, "filler"])
        (small / "filler").unlink()
        wait_until(lambda: stands_in(small, f"{YEAR}-05-14"), "the date in status.json")
        wait_until(lambda: trouble(home) is None, "the end of the trouble")
        assert daemon.stop() == 0
    check(home, daemon.said)
