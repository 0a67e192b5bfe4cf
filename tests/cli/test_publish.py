"""`publish`: the files written by hand, with a store or without one; and what `doctor` and `config` say of their directory."""

from __future__ import annotations

import json
import os
import pwd
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from boards import STORY, Newsroom
from click.testing import CliRunner, Result
from publishes import names_in

from watcher.board.book import Book
from watcher.cli import watcher
from watcher.cli.checkup import published
from watcher.cli.checkup.patient import Notes, Patient, read
from watcher.cli.checkup.verdict import How
from watcher.cli.condition import Service
from watcher.cli.living import Daemon
from watcher.errors import PublishError, UsageError
from watcher.model import Change
from watcher.publish.files import DOCUMENTS

ALL = sorted(DOCUMENTS)


class Desk:
    """A configuration in a scratch directory, and the verbs in this process."""

    def __init__(self, path: Path) -> None:
        self.path, self.config, self.out = path, path / "config.toml", path / "site"
        (path / "state").mkdir(mode=0o750)
        self.write()

    def write(self, general: str = "") -> None:
        """Write the configuration, for its owner alone."""
        self.config.write_text(
            f'[watcher]\nstate = "state"\ntimezone = "UTC"\nregions = ["US"]\nbuiltin_titles = false\nbuiltin_feeds = false\n'
            f'{general}[[title]]\nname = "Glass Orchard"\ncontext = ["Ines Varga", "Marrow Pictures"]\n',
            encoding="utf-8",
        )
        self.config.chmod(0o600)

    def fill(self) -> None:
        """Store some news."""
        Newsroom(path=self.path / "state").take(*STORY[:3])

    def run(self, *words: str) -> Result:
        """Run a verb."""
        clean = {"WATCHER_CONFIG": None, "XDG_CONFIG_HOME": None, "HOME": str(self.path), "COLUMNS": "80", "NO_COLOR": "1"}
        return CliRunner().invoke(watcher, ["--config", str(self.config), *words], env=clean)

    def checks(self) -> dict[str, Any]:
        """What `doctor` says of published files, by the name of the check."""
        found = json.loads(self.run("doctor", "--offline", "--json").stdout)["checks"]
        return {one["check"]: one for one in found if one["section"] == "published files"}


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """A desk of its own."""
    return Desk(tmp_path)


def test_a_directory_that_is_missing_is_made_and_filled(desk: Desk) -> None:
    """The files are written into a directory that is made for them, and the screen says which, where, and what comes next."""
    desk.fill()
    done = desk.run("publish", str(desk.out))
    assert done.exit_code == 0, done.output
    assert names_in(desk.out) == ALL
    lines = done.stdout.splitlines()
    assert lines[0] == f"4 files in {desk.out}: {', '.join(ALL)}"
    assert "subscribe to releases.ics in a calendar" in " ".join(done.stdout.split())
    assert lines[-1].endswith(f'publish = "{desk.out}"')
    assert all(len(line) <= 80 for line in lines if str(desk.out) not in line)


def test_what_is_known_beforehand_is_published_before_anything_is_stored(desk: Desk) -> None:
    """Without a store the files are written too, it is said, and none is made."""
    done = desk.run("publish", str(desk.out))
    assert "Nothing is stored yet" in done.stdout
    assert names_in(desk.out) == ALL
    assert names_in(desk.path / "state") == []


def test_before_anything_is_stored_a_second_writing_touches_nothing(desk: Desk) -> None:
    """What is known beforehand counts from its day's beginning, so that files of the same day are the same, to the letter."""
    with desk.config.open("a", encoding="utf-8") as config:
        config.write('known = [{ on = 2026-02-03, release = "2027-06-04" }, { on = 2026-02-03, release = "2027-06-11" }]\n')
    moments = iter([datetime(2026, 4, 1, 9, tzinfo=UTC), datetime(2026, 4, 1, 17, tzinfo=UTC)])
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("watcher.cli.common.now", lambda: next(moments))
        desk.run("publish", str(desk.out))
        assert "2027-06-11" in (desk.out / "status.json").read_text("utf-8")
        assert "All were current already" in desk.run("publish", str(desk.out)).stdout


def test_news_that_come_while_it_is_read_are_in_all_files_or_in_none(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a daemon stores while the files are made is not in some of them and missing in others."""
    room = Newsroom(path=desk.path / "state")
    room.take(*STORY[:1])
    read_changes, pending = Book.changes, [STORY[2:6]]

    def changes(book: Book) -> list[Change]:
        found = read_changes(book)
        if pending:
            room.take(*pending.pop())
        return found

    monkeypatch.setattr(Book, "changes", changes)
    assert desk.run("publish", str(desk.out)).exit_code == 0
    assert pending == []
    assert "20260306" not in (desk.out / "releases.ics").read_text("utf-8")
    desk.run("publish", str(desk.out))
    assert "20260306" in (desk.out / "releases.ics").read_text("utf-8")


def test_the_configured_directory_is_the_default_and_said_to_be_kept(desk: Desk) -> None:
    """Without a directory the one of the configuration is meant, relative to that file; who keeps it current is said."""
    desk.write('publish = "site"\n')
    done = desk.run("publish")
    assert names_in(desk.out) == ALL
    assert done.stdout.splitlines()[-1] == "The daemon keeps them current:  watcher run"
    assert f'publish = "{desk.out}"' in desk.run("config", "show").stdout.replace("'", '"')


def test_without_any_directory_both_ways_are_said(desk: Desk) -> None:
    """With none named and none configured it is a usage error that says how to name one."""
    done = desk.run("publish")
    assert isinstance(done.exception, UsageError)
    assert "watcher publish DIR" in str(done.exception)
    assert 'publish = "/…" under [watcher]' in str(done.exception)


def test_an_empty_name_writes_nowhere(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A script's variable that was never set is no directory, neither the one that one is in nor the configured one."""
    desk.write('publish = "site"\n')
    (desk.path / "here").mkdir()
    monkeypatch.chdir(desk.path / "here")
    assert isinstance(desk.run("publish", "").exception, UsageError)
    assert names_in(desk.path / "here") == []
    assert not desk.out.exists()
    assert desk.run("publish", ".").exit_code == 0
    assert names_in(desk.path / "here") == ALL


def test_a_slip_of_the_finger_makes_no_tree(desk: Desk) -> None:
    """Where what the directory is to lie in is missing, nothing is made, and one line says so; a file in its place likewise."""
    done = desk.run("publish", str(desk.path / "stie" / "out"))
    assert isinstance(done.exception, PublishError)
    assert str(done.exception).endswith("stie is not there; make it first, or name another directory")
    assert not (desk.path / "stie").exists()
    file = desk.run("publish", str(desk.config))
    assert isinstance(file.exception, PublishError)
    assert file.exception.exit_status == 1


def test_json_says_of_each_file_whether_it_was_written(desk: Desk) -> None:
    """`--json` has a version, an absolute directory and each file with its size; of two writings only what differs is."""
    desk.fill()
    first = json.loads(desk.run("publish", str(desk.out), "--json").stdout)
    assert (first["version"], first["directory"], first["kept"]) == (1, str(desk.out), False)
    assert [(one["name"], one["written"]) for one in first["files"]] == [(name, True) for name in ALL]
    assert [one["bytes"] for one in first["files"]] == [(desk.out / name).stat().st_size for name in ALL]
    (desk.out / "changes.atom").unlink()
    again = {one["name"]: one["written"] for one in json.loads(desk.run("publish", str(desk.out), "--json").stdout)["files"]}
    assert again["changes.atom"]
    assert not again["status.json"]


# ---- what doctor says


def test_doctor_is_silent_where_nothing_is_published(desk: Desk) -> None:
    """Who publishes nothing hears nothing of it."""
    assert desk.checks() == {}


def test_doctor_finds_a_directory_that_is_well(desk: Desk) -> None:
    """A directory that is there and filled is well, and so are its files."""
    desk.write('publish = "site"\n')
    desk.run("publish")
    assert {name: one["verdict"] for name, one in desk.checks().items()} == {"directory": "well", "files": "well"}


def test_doctor_names_a_directory_that_is_missing_or_none(desk: Desk) -> None:
    """One that is not there is broken, with the command that makes it; so is one that is a file."""
    desk.write('publish = "site"\n')
    found = desk.checks()["directory"]
    assert found["verdict"] == "broken"
    assert found["do"].endswith(f"publish {desk.out}")
    desk.out.touch()
    assert desk.checks()["directory"]["words"] == f"{desk.out} is no directory."


def test_doctor_asks_whether_whoever_runs_the_daemon_may_write(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A directory that the daemon's user cannot write into is broken, with the command that mends it."""
    desk.write('publish = "site"\n')
    desk.run("publish")
    stranger = pwd.struct_passwd(("harbor", "x", os.getuid() + 4001, os.getgid() + 4001, "", "/", "/bin/sh"))
    monkeypatch.setattr("watcher.cli.checkup.published.pwd.getpwuid", lambda _: stranger)
    found = desk.checks()["directory"]
    assert found["words"] == f"harbor, as whom the daemon runs, cannot write into {desk.out}."
    assert found["do"] == f"sudo chown harbor {desk.out}"


def test_doctor_knows_what_is_hidden_from_the_service(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """For the system's service a directory in a home or in /tmp is broken: it sees neither."""
    monkeypatch.setattr(Patient, "is_system", True)
    desk.write('publish = "/home/ann/site"\n')
    assert "cannot be seen by the service" in desk.checks()["directory"]["words"]
    (desk.path / "loop").symlink_to("loop")
    desk.write('publish = "loop"\n')
    assert "The check itself failed" not in desk.checks()["directory"]["words"]


def test_doctor_sees_files_that_are_missing_or_old(desk: Desk) -> None:
    """Files that were never written are to be looked at, and those of days ago where a daemon runs."""
    desk.write('publish = "site"\n')
    desk.out.mkdir()
    assert desk.checks()["files"]["verdict"] == "look"
    desk.run("publish")
    old = (datetime.now(UTC) - timedelta(days=3)).timestamp()
    os.utime(desk.out / "index.html", (old, old))
    assert desk.checks()["files"]["verdict"] == "well"
    notes = Notes(service=Service(daemon=Daemon(running=True), feeds=(), targets=()))
    patient = Patient(settings=read(desk.config), state=desk.path / "state", now=datetime.now(UTC))
    (_, files) = published.check(patient, notes)
    assert (files.how, files.words.partition(". ")[2]) == (How.LOOK, "They should be written each day.")
