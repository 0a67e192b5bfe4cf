"""What is said of the daemon: that it runs, that it does not, since when, and what keeps it from its work."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from builders import NOW, release
from desks import Desk

from watcher import __version__
from watcher.cli import common
from watcher.cli.common import is_file
from watcher.cli.deputy import without_config
from watcher.cli.living import Daemon, daemon_remarks, lesser_troubles
from watcher.cli.permits import is_missing, who_may_read, who_may_write
from watcher.lock import StateLock
from watcher.store import rows
from watcher.tell.dates_in_words import Dates

_LATER = NOW + timedelta(hours=3)
_WELL = Daemon(running=True, answers=True, pid=1, started_at=NOW, pass_at=_LATER, version=__version__)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A desk with a date that is held, some time after the daemon's last pass."""
    monkeypatch.setattr(common, "now", lambda: _LATER + timedelta(minutes=1))
    desk = Desk(tmp_path)
    desk.learn(release("2026-06-05", "The Ledger"))
    return desk


@pytest.fixture
def dates() -> Dates:
    """How dates are written."""
    return Dates(zone=ZoneInfo("UTC"))


@pytest.mark.parametrize(
    ("daemon", "words", "bad"),
    [
        (_WELL, ["Running since 12:00; last pass 15:00."], [False]),
        (replace(_WELL, answers=None), ["Running since 12:00; last pass 15:00."], [False]),
        (
            replace(_WELL, answers=False),
            ["Running since 12:00, but it does not answer; last pass 15:00. Its log says more."],
            [True],
        ),
        (
            replace(_WELL, pass_at=NOW, trouble="/s/watcher.db: the disk is full", trouble_since=NOW),
            [
                "Running since 12:00; last pass 12:00.",
                "In trouble since 12:00: /s/watcher.db: the disk is full. It goes on trying.",
            ],
            [False, True],
        ),
        (replace(_WELL, pass_at=NOW), ["Running since 12:00, but it seems stuck; last pass 12:00. Its log says more."], [True]),
        (
            Daemon(running=False, started_at=NOW, pass_at=NOW, stopped_at=_LATER),
            ["Not running since 15:00, when it was stopped. Start it with: watcher run"],
            [True],
        ),
        (
            Daemon(running=False, started_at=NOW, pass_at=NOW),
            ["Not running; last pass 12:00, and it ended without a word. Start it with: watcher run"],
            [True],
        ),
        (
            Daemon(running=False, pid=77, pass_at=NOW),
            ["Not running (process 77 is at work, but is not the daemon); last pass 12:00. Start it with: watcher run"],
            [True],
        ),
        (Daemon(running=None, pass_at=NOW), ["Whether the daemon runs cannot be seen from here; last pass 12:00."], [False]),
    ],
)
def test_daemon_is_put_into_words(daemon: Daemon, words: list[str], bad: list[bool], dates: Dates) -> None:
    """Whether it runs comes first, then what keeps it from its passes; in colour what is bad."""
    assert daemon_remarks(daemon, _LATER + timedelta(minutes=1), dates) == list(zip(words, bad, strict=True))


def test_what_the_daemon_goes_on_without_is_put_into_words(dates: Dates) -> None:
    """Files that cannot be published and a configuration that is refused are named with their reasons."""
    refused = ("config.toml:3: wrong", "config.toml:9: wrong too", "and more")
    daemon = replace(_WELL, publish_trouble="the disk is full", publish_trouble_since=NOW, reload_at=NOW, reload_problems=refused)
    assert lesser_troubles(daemon, _LATER, dates) == [
        "The published files are not current since 12:00: the disk is full.",
        "The configuration of 12:00 cannot be used, the one before is in force: config.toml:3: wrong. "
        "And 2 more problems: watcher config check",
    ]


@pytest.mark.parametrize("stopped", [True, False])
def test_whoever_asks_hears_that_the_daemon_is_down(desk: Desk, stopped: bool) -> None:
    """`why` and `history` say on standard error that what is held may be old and since when, and nothing while a daemon runs."""
    with desk.store() as store:
        at = rows.stamp(_LATER) if stopped else ""
        store.note(pid=str(os.getpid()), started_at=rows.stamp(NOW), pass_at=rows.stamp(_LATER), stopped_at=at)
    said = (
        "Not running since 15:00, when it was stopped" if stopped else "Not running; last pass 15:00, and it ended without a word"
    )
    for words in (("why", "harbor"), ("history",)):
        result = desk.run(*words)
        assert f"What is held may be old. {said}" in " ".join(result.stderr.split())
        assert "may be old" not in result.stdout
        assert desk.run(*words, "--json").stderr == ""
        assert desk.run(*words, "--as-of", "2026-01-01").stderr == ""
        with StateLock(desk.state):
            assert desk.run(*words).stderr == ""
    daemon = desk.json("status")["daemon"]
    assert isinstance(daemon, dict)
    assert (daemon["running"], daemon["answers"], daemon["stopped_at"] is not None) == (False, None, stopped)


def test_without_any_daemon_ever_nothing_is_said_of_one(desk: Desk) -> None:
    """Who only polls by hand is not told that a daemon is missing each time that they ask."""
    assert desk.run("history").stderr == ""


@pytest.mark.parametrize(
    ("words", "kept"),
    [
        (("a", "--config", "c.toml", "b"), ["a", "b"]),
        (("--config=c.toml", "a"), ["a"]),
        (("a", "--", "--config", "c.toml"), ["a", "--", "--config", "c.toml"]),
        (("a", "--config"), ["a"]),
        (("--configure", "a"), ["--configure", "a"]),
    ],
)
def test_configuration_is_left_out_of_what_a_daemon_is_asked(words: tuple[str, ...], kept: list[str]) -> None:
    """The daemon has its own configuration: the caller's is left out, wherever it was written, and nothing else is."""
    assert without_config(words) == kept


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make files that are somebody else's")
def test_who_may_is_said_by_what_stands_in_the_way(tmp_path: Path) -> None:
    """The first directory that is closed names who may; a directory of a person's own is no group to join."""
    path = tmp_path / "state" / "watcher.db"
    path.parent.mkdir(mode=0o750)
    path.touch()
    for owner, group, words in (
        (61_101, 61_102, "members of the group 61102 may; to be one: sudo usermod -aG 61102 root, then log in again"),
        (1_717, 1_717, "ask as 1717: sudo -u '#1717' watcher …"),
        (0, 0, "ask as root: sudo watcher …"),
    ):
        for at in (path, path.parent):
            os.chown(at, owner, group)
        path.chmod(0o640)
        assert who_may_read(path) == words
    os.chown(path.parent, 61_101, 61_102)
    assert who_may_write(path.parent, "watcher mute x") == "it is 61101's: sudo -u '#61101' watcher mute x"
    assert is_file(path)
    shutil.rmtree(path.parent)
    assert who_may_read(path) == f"{path.parent} is not there"
    assert is_missing(path)
