"""`doctor`: a watcher that is well is called so, and each single thing that is not is named, with what to do."""

from __future__ import annotations

import asyncio
import json
import os
import pwd
import signal
import socket
import sqlite3
import stat
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from importlib import metadata
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click
import others
import pytest
from click.testing import CliRunner, Result
from feedserver import Answer, Entry, FeedServer, rss
from packaging.specifiers import SpecifierSet
from processes import Home, one_feed
from receivers import WebhookReceiver

from watcher.cli import watcher
from watcher.cli.checkup import clock, daemon, making, targets, versions
from watcher.cli.checkup.patient import Patient, Settings
from watcher.cli.checkup.verdict import How, Matter, Verdict
from watcher.cli.checkup.words import lines, summary
from watcher.cli.permits import may_read, sudo_for
from watcher.config import Config
from watcher.config.load import parse_config
from watcher.decide.plan import Plan
from watcher.errors import StoreError
from watcher.lock import StateLock
from watcher.model import FeedState
from watcher.paths import SYSTEM_STATE
from watcher.send import Address, address_of
from watcher.store.rows import stamp
from watcher.store.store import Store

SECRET = "s3cret-t0pic"
DOWN = "daemon runs: broken"


def moment(**ahead: float) -> datetime:
    """Now, or so much later."""
    return datetime.now(UTC) + timedelta(**ahead)


def feed(*, date: datetime | None = None, status: int = 200) -> Answer:
    """A feed with some items of the last hours, from a server whose clock says this."""
    entries = [Entry(title=f"Item {n}", guid=f"n{n}", published=format_datetime(moment(hours=-1 - 2 * n))) for n in range(12)]
    return Answer(rss(*entries), status=status, etag='"v1"', gzip=True, date=format_datetime(date or moment(), usegmt=True))


@dataclass
class Ward:
    """A set-up that is well but for a daemon, and `doctor` in this process."""

    path: Path
    server: FeedServer

    def __post_init__(self) -> None:
        self.config, self.state = self.path / "config.toml", self.path / "state"
        self.state.mkdir(mode=0o750)
        self.server.answer("/feed", feed())
        self.write()
        with Store(self.state / "watcher.db") as store:
            self.settings.titles  # noqa: B018 - a configuration that is broken should be seen here
            store.note(pass_at=stamp(moment(minutes=-1)))

    def write(self, *, general: str = 'contact = "ann@example.org"\n', title: str = "Harbor Lights", more: str = "") -> None:
        """Write the configuration, for its owner alone."""
        target = f'[[notify]]\nname = "phone"\nurl = "json://127.0.0.1:{self.server.port}/{SECRET}"\n'
        text = (
            f'[watcher]\nstate = "{self.state}"\ntimezone = "UTC"\nregions = ["US"]\nbuiltin_titles = false\n{general}'
            f'builtin_feeds = false\n[fetch]\nallow_addresses = ["127.0.0.0/8"]\n[[title]]\nname = "{title}"\n'
            f'[[feed]]\nurl = "{self.server.url("/feed")}"\noutlet = "Morning Reel"\n{more or target}'
        )
        self.config.write_text(text, encoding="utf-8")
        self.config.chmod(0o600)

    @property
    def settings(self) -> Config:
        """What the configuration means."""
        return parse_config(self.config.read_text(encoding="utf-8"), path=str(self.config), environ={}, read_secret=str)

    def run(self, *words: str) -> Result:
        """Run the verb."""
        clean = {"WATCHER_CONFIG": None, "XDG_CONFIG_HOME": None, "HOME": str(self.path), "COLUMNS": "80", "NO_COLOR": "1"}
        done = CliRunner().invoke(watcher, ["--config", str(self.config), "doctor", *words], env=clean)
        assert SECRET not in done.output
        return done

    def report(self, *words: str, status: int = 1) -> dict[str, Any]:
        """The object that it prints; nothing runs here, so that something is always broken."""
        done = self.run("--json", *words)
        assert done.exit_code == status, (done.output, done.exception)
        found = json.loads(done.stdout)
        assert isinstance(found, dict)
        return found

    def troubles(self, *words: str, status: int = 1) -> list[str]:
        """What is not well, each as "section check: verdict", but for the daemon that is down."""
        found = troubles(self.report(*words, status=status))
        assert DOWN in found
        return [one for one in found if one != DOWN]

    def keep(self, state: FeedState) -> None:
        """Store how polling a feed went."""
        with Store(self.state / "watcher.db") as store:
            store.configure((), self.settings.feeds, moment(), [moment()] * len(self.settings.feeds))
            store.apply(Plan(at=moment(), feeds=(state,)))


def troubles(report: dict[str, Any]) -> list[str]:
    """What is not well, each as "section check: verdict"; whether a time server keeps this machine's clock is its own affair."""
    bad = [one for one in report["checks"] if one["verdict"] in ("broken", "look") and one["check"] != "set"]
    assert all(one["do"] for one in bad)
    return [f"{one['section']} {one['check']}: {one['verdict']}" for one in bad]


def words(report: dict[str, Any], section: str, check: str) -> str:
    """What one check says, with what to do."""
    (found,) = [one for one in report["checks"] if (one["section"], one["check"]) == (section, check)]
    return f"{found['words']} {found['do'] or ''}".strip()


@pytest.fixture
def ward(tmp_path: Path) -> Iterator[Ward]:
    """A ward of its own."""
    with FeedServer() as server:
        yield Ward(tmp_path, server)


# ---- all of it


async def test_a_watcher_that_is_well_is_called_so_and_nothing_is_asked_or_sent(tmp_path: Path) -> None:
    """With a daemon that passes, a feed that answers and a target that listens, the status is 0 and no message goes out."""
    async with WebhookReceiver() as hook:
        with FeedServer() as server:
            url = server.answer("/feed", feed())
            general = 'contact = "ann@example.org"\nbuiltin_titles = false\nbuiltin_feeds = false\n'
            rest = (
                f'[fetch]\nallow_addresses = ["127.0.0.0/8"]\n[[title]]\nname = "Harbor Lights"\n[[feed]]\nurl = "{url}"\n'
                f'outlet = "Morning Reel"\n[[notify]]\nname = "phone"\nurl = "{hook.url(SECRET)}"\n'
            )
            home = Home(tmp_path, general + rest)
            home.config.chmod(0o600)
            running = await home.start("run")
            try:
                await asyncio.to_thread(wait_for, lambda: noted(home.database, "pass_at"))
                before = len(server.asked("/feed"))
                done = await home.run("doctor", "--json")
                polite = len(server.asked("/feed")) == before
                asked = await home.run("doctor", "--ask", "--json")
            finally:
                running.terminate()
                await running.communicate()
    report = json.loads(done.out)
    assert troubles(report) == []
    assert (done.status, report["result"], done.err) == (0, "well", "")
    assert words(report, "feeds", "answers") == "1 of 1 feed answers (as of their last polls)."
    assert polite
    assert json.loads(asked.out)["result"] == "well"
    assert words(json.loads(asked.out), "clock", "servers") == "It agrees with a server."
    assert len(server.asked("/feed")) > before
    assert hook.posts == []


def wait_for(happened: Callable[[], bool]) -> None:
    """Wait until something has happened, for as long as a test may take."""
    while not happened():
        time.sleep(0.05)


def noted(database: Path, key: str) -> bool:
    """Whether the daemon has noted this."""
    try:
        with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as db:
            return bool(db.execute("SELECT 1 FROM meta WHERE key = ?", [key]).fetchone())
    except sqlite3.Error:
        return False


def test_the_first_line_answers_and_what_is_broken_comes_before_what_is_well(ward: Ward) -> None:
    """The screen begins with the answer, names what is broken with what to do, and only then tells what is well."""
    shown = ward.run("--offline").stdout.splitlines()
    assert shown[0].startswith("1 thing is broken")
    assert shown[2] == "BROKEN"
    assert shown[3].startswith("  daemon, runs")
    assert any(line.strip() == f"watcher --config {ward.config} run" for line in shown[4:6])
    assert shown.index("BROKEN") < shown.index("CONFIGURATION") < shown.index("VERSIONS")
    assert all(len(line) <= 80 for line in shown if str(ward.path) not in line)


def test_nothing_but_the_daemon_is_amiss_in_the_ward(ward: Ward) -> None:
    """The set-up that the tests below break in one place is well in all others, and the feed was asked once and once again."""
    assert ward.troubles() == []
    assert len(ward.server.asked("/feed")) == 2
    assert ward.server.asked(f"/{SECRET}") == []


def test_without_a_configuration_the_built_in_one_is_looked_at(tmp_path: Path) -> None:
    """Somebody who has only just installed watcher hears what to do first."""
    clean = {"WATCHER_CONFIG": None, "XDG_CONFIG_HOME": None, "XDG_DATA_HOME": None, "STATE_DIRECTORY": None}
    done = CliRunner().invoke(watcher, ["doctor", "--json", "--offline"], env=clean | {"HOME": str(tmp_path)})
    report = json.loads(done.stdout)
    assert done.exit_code == 1
    assert troubles(report) == ["configuration contact: look", DOWN]
    assert words(report, "configuration", "contact").endswith("watcher config init")
    # The first run makes the state: nobody is shut out of what is not there.
    assert words(report, "permissions", "asking") == "There is nothing to ask yet."
    assert "may not" not in done.stdout
    assert "nobody may look" not in done.stdout
    assert words(report, "daemon", "runs").endswith("watcher run")


# ---- configuration


def test_a_broken_configuration_ends_with_78_and_the_rest_is_still_looked_at(ward: Ward) -> None:
    """Each mistake is a verdict, and what needs no settings is checked all the same."""
    ward.config.write_text(ward.config.read_text().replace("contact", "kontakt") + "[policy]\ncolour = 1\n", encoding="utf-8")
    report = ward.report(status=78)
    found = troubles(report)
    assert found.count("configuration file: broken") == 2
    assert set(found) == {"configuration file: broken", DOWN}
    assert words(report, "state", "whole") == "It was read through: no damage."
    assert words(report, "feeds", "answers") == "Which there are only the configuration says."
    assert report["state"] == str(ward.state)


def test_a_configuration_that_is_no_toml_is_one_verdict(ward: Ward) -> None:
    """Where not even the tables can be read, that is said and nothing breaks."""
    ward.config.write_text("[watcher\n", encoding="utf-8")
    assert "configuration file: broken" in troubles(ward.report("--offline", status=78))


def test_a_missing_contact_is_to_be_looked_at(ward: Ward) -> None:
    """Without a contact, the line to write is said."""
    ward.write(general="")
    assert ward.troubles("--offline") == ["configuration contact: look"]
    said = words(ward.report("--offline"), "configuration", "contact")
    assert said.endswith(f'write contact = "you@example.org" under [watcher] in {ward.config}')


def test_a_title_that_may_mean_anything_is_to_be_looked_at(ward: Ward) -> None:
    """A bare word as the only thing that is known of a film is named, with the command that adds to it."""
    ward.write(title="Harbor")
    assert ward.troubles("--offline") == ["configuration titles: look"]
    assert words(ward.report("--offline"), "configuration", "titles").endswith("add Harbor --people NAME")


def test_a_secret_that_everybody_can_read_is_to_be_looked_at(ward: Ward, monkeypatch: pytest.MonkeyPatch) -> None:
    """A configuration with addresses of alerts in it, or a file of one, should be its owner's alone."""
    # The scratch directory is closed to others, as a home often is; what counts is the way as a whole.
    for place in (ward.path, *ward.path.parents):
        if place.stat().st_uid == os.geteuid() and not place.stat().st_mode & stat.S_IXOTH:
            monkeypatch.setattr("watcher.cli.checkup.settings._open_ways", lambda _: True)
    token = ward.path / "phone.url"
    token.write_text(f"json://127.0.0.1:{ward.server.port}/{SECRET}\n", encoding="utf-8")
    ward.write(more='[[notify]]\nname = "phone"\nurl_file = "phone.url"\n')
    token.chmod(0o644)
    assert ward.troubles("--offline") == ["configuration secrets: look"]
    assert words(ward.report("--offline"), "configuration", "secrets").endswith(f"chmod o-rwx {token}")
    token.chmod(0o600)
    assert ward.troubles("--offline") == []
    ward.write()
    ward.config.chmod(0o644)
    assert words(ward.report("--offline"), "configuration", "secrets").endswith(f"chmod o-rwx {ward.config}")


# ---- state


def test_a_state_that_everybody_can_enter_is_to_be_looked_at(ward: Ward) -> None:
    """A directory that is open to others is named with the command that closes it."""
    ward.state.chmod(0o755)
    assert ward.troubles("--offline") == ["state directory: look"]
    assert words(ward.report("--offline"), "state", "directory").endswith(f"chmod o-rwx {ward.state}")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_files_of_somebody_else_in_the_state_are_broken(ward: Ward) -> None:
    """A database that another user left there cannot be written by the daemon."""
    os.chown(ward.state, 65534, 65534)
    found = ward.troubles("--offline")
    assert found == ["state owner: broken"]
    assert f"chown -R nobody: {ward.state}" in words(ward.report("--offline"), "state", "owner")


@pytest.mark.parametrize("damage", ["a page", "the list of free pages"])
def test_a_damaged_database_is_broken(ward: Ward, damage: str) -> None:
    """What was overwritten is found by reading all pages, be it one that cannot be read or one that does not add up."""
    with closing(sqlite3.connect(ward.state / "watcher.db")) as db:
        (page,) = db.execute("SELECT rootpage FROM sqlite_master WHERE name = 'item_version'").fetchone()
        (size,) = db.execute("PRAGMA page_size").fetchone()
    with (ward.state / "watcher.db").open("r+b") as file:
        # The number of free pages stands at byte 36 (https://www.sqlite.org/fileformat2.html).
        file.seek((page - 1) * size if damage == "a page" else 36)
        file.write(os.urandom(size) if damage == "a page" else (7).to_bytes(4))
    assert ward.troubles("--offline") == ["state whole: broken"]
    assert words(ward.report("--offline"), "state", "whole").endswith("restore FILE")


def test_a_database_that_is_none_is_broken(ward: Ward) -> None:
    """A file that is something else is called so, once."""
    for name in ("watcher.db-wal", "watcher.db-shm"):
        (ward.state / name).unlink(missing_ok=True)
    (ward.state / "watcher.db").write_bytes(b"not a database" * 1000)
    assert ward.troubles("--offline") == ["state database: broken"]


def test_a_database_of_a_newer_watcher_is_broken(ward: Ward) -> None:
    """What a newer watcher wrote is refused with the word to upgrade."""
    with closing(sqlite3.connect(ward.state / "watcher.db")) as db:
        db.execute("PRAGMA user_version = 999")
    assert ward.troubles("--offline") == ["state database: broken"]
    assert words(ward.report("--offline"), "state", "database").endswith("upgrade")


def test_a_state_that_is_no_directory_is_broken(ward: Ward) -> None:
    """A file in the place of the state directory is named."""
    for file in ward.state.iterdir():
        file.unlink()
    ward.state.rmdir()
    ward.state.write_text("", encoding="utf-8")
    assert troubles(ward.report("--offline")) == ["state directory: broken"]


def test_a_row_that_belongs_to_nothing_is_broken(ward: Ward) -> None:
    """An item of a feed that is not there shows that something else wrote to the store."""
    with closing(sqlite3.connect(ward.state / "watcher.db")) as db, db:
        db.execute("INSERT INTO item (id, feed, guid, first_seen_at, version) VALUES ('i', 'none', 'g', '2026-01-01', 'v')")
    assert ward.troubles("--offline") == ["state whole: broken"]


@pytest.mark.parametrize(("limit", "verdict"), [("_LITTLE", "look"), ("_TOO_LITTLE", "broken")])
def test_a_disk_with_little_room_is_not_well(ward: Ward, monkeypatch: pytest.MonkeyPatch, limit: str, verdict: str) -> None:
    """Room below one bound is to be looked at, below the other nothing can be kept."""
    monkeypatch.setattr(f"watcher.cli.checkup.state.{limit}", 1 << 62)
    assert ward.troubles("--offline") == [f"state room: {verdict}"]


def test_a_log_that_is_held_open_is_to_be_looked_at(ward: Ward, monkeypatch: pytest.MonkeyPatch) -> None:
    """A log of writes that has grown beyond its bound shows that somebody reads for long."""
    monkeypatch.setattr("watcher.cli.checkup.state._LONG_LOG", 1000)
    with Store(ward.state / "watcher.db") as store:
        store.note(pass_at=stamp(moment()))
        assert ward.troubles("--offline") == ["state log: look"]


def test_a_backup_that_grew_old_is_to_be_looked_at(ward: Ward) -> None:
    """Where the timer's newest backup is more than a week old, the timer should be looked after."""
    saved = ward.state / "backups" / "watcher.db"
    saved.parent.mkdir()
    saved.write_bytes(b"")
    assert ward.troubles("--offline") == []
    os.utime(saved, (time.time() - 10 * 86_400,) * 2)
    assert ward.troubles("--offline") == ["state backup: look"]


# ---- clock


def test_a_last_pass_in_the_future_is_to_be_looked_at(ward: Ward) -> None:
    """A pass that was noted for a time to come shows that the clock was set."""
    with Store(ward.state / "watcher.db") as store:
        store.note(pass_at=stamp(moment(days=2)))
    assert ward.troubles("--offline") == ["clock time: look"]


@pytest.mark.parametrize(("ahead", "verdict"), [(10 * 60, "look"), (-3 * 3600, "broken")])
def test_a_clock_that_servers_contradict_is_not_well(ward: Ward, ahead: float, verdict: str) -> None:
    """Minutes are to be looked at, hours are broken; what the server says is taken from its answer to the feed."""
    ward.server.answer("/feed", feed(date=moment(seconds=ahead)))
    assert ward.troubles() == [f"clock servers: {verdict}"]


def test_one_wrong_server_is_outvoted() -> None:
    """The clock is compared with the middle of what servers say, and an answer that lay in a cache counts its age."""
    differences = [timedelta(seconds=1), timedelta(hours=5), timedelta(seconds=-2)]
    assert clock.compared(differences).how is How.WELL
    assert clock.compared([]).how is How.UNSEEN


# ---- who may read what


@pytest.mark.parametrize(
    ("mode", "expected"), [(0o600, (True, False, False)), (0o640, (True, True, False)), (0o644, (True, True, True))]
)
def test_what_somebody_else_may_read_is_told_by_owner_and_mode(mode: int, expected: tuple[bool, bool, bool]) -> None:
    """A file is its owner's, its group's or everybody's to read, as its mode says; and nobody else's in a closed directory."""
    # Not in pytest's own directory: others cannot enter that.
    with TemporaryDirectory() as name:
        file = Path(name) / "config.toml"
        file.touch()
        file.chmod(mode)
        Path(name).chmod(0o755)
        found = file.stat()
        uid, gid = max(found.st_uid, 4000) + 1, found.st_gid + 1
        # Whom root's file belongs to may read it by being root.
        users = ((found.st_uid, gid), (uid, found.st_gid), (uid, gid))
        people = [pwd.struct_passwd(("nobody-known", "x", *ids, "", "/", "/bin/sh")) for ids in users]
        assert tuple(may_read(one, file) for one in people) == expected
        Path(name).chmod(0o700)
        assert not may_read(people[2], file)


def test_settings_that_the_service_cannot_read_are_told(ward: Ward, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the system's service it is told when its user cannot read what root can, with the command that mends it."""
    stranger = pwd.struct_passwd(("harbor", "x", os.getuid() + 4001, os.getgid() + 4001, "", "/", "/bin/sh"))
    monkeypatch.setattr("watcher.cli.checkup.rights.pwd.getpwuid", lambda _: stranger)
    assert not any(one["section"] == "permissions" and one["check"] == "service" for one in ward.report()["checks"])
    monkeypatch.setattr(Patient, "is_system", True)
    said = words(ward.report(), "permissions", "service")
    assert said.startswith(f"harbor, as whom the service runs, cannot read {ward.config}. sudo chgrp harbor ")


def test_what_somebody_elses_file_needs_is_a_command_for_root(ward: Ward, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file's owner is told the command alone, anybody else the command with sudo."""
    ward.state.chmod(0o755)
    assert words(ward.report(), "state", "directory").endswith(f" chmod o-rwx {ward.state}")
    assert sudo_for(ward.state) == ""
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 4001)
    assert sudo_for(ward.state) == "sudo "


# ---- feeds


def test_a_feed_that_fails_among_others_is_to_be_looked_at(ward: Ward) -> None:
    """One of two that refuses us is named with the command that shows more."""
    url = ward.server.answer("/other", Answer(status=403))
    ward.config.write_text(ward.config.read_text() + f'[[feed]]\nurl = "{url}"\noutlet = "Tide Weekly"\n', encoding="utf-8")
    assert ward.troubles() == ["feeds Tide Weekly: look"]
    assert words(ward.report(), "feeds", "Tide Weekly").endswith("feeds check 'Tide Weekly'")


def test_no_feed_that_answers_is_broken(ward: Ward) -> None:
    """Where all fail, that is one thing."""
    ward.server.answer("/feed", Answer(status=500))
    assert ward.troubles() == ["feeds answers: broken"]


def test_a_feed_that_was_asked_just_now_is_not_asked_again(ward: Ward) -> None:
    """The stored answer counts while it is young, be it a failure; `--ask` asks all the same."""
    url = ward.settings.feeds[0].url
    ward.keep(FeedState(url=url, next_poll_at=moment(), last_poll_at=moment(minutes=-5), last_ok_at=moment(minutes=-5)))
    assert ward.troubles() == []
    assert ward.server.asked("/feed") == []
    since = moment(hours=-5)
    ward.keep(
        FeedState(
            url=url, next_poll_at=moment(hours=1), last_poll_at=moment(hours=-1), failures=3, failing_since=since, error="500"
        )
    )
    assert ward.troubles() == ["feeds answers: broken"]
    assert ward.server.asked("/feed") == []
    assert ward.troubles("--ask") == []
    assert ward.server.asked("/feed") != []


def test_a_feed_that_told_us_to_wait_is_judged_by_its_last_answer(ward: Ward) -> None:
    """A server's Retry-After is obeyed even where the feed is due, and the failure it came with is told."""
    url = ward.settings.feeds[0].url
    since = moment(hours=-5)
    state = FeedState(url=url, next_poll_at=moment(hours=-1), last_poll_at=moment(hours=-2), not_before=moment(hours=1))
    ward.keep(replace(state, failures=2, failing_since=since, error="503: asks us to wait", status=503))
    assert ward.troubles() == ["feeds answers: broken"]
    assert ward.server.asked("/feed") == []


def test_a_feed_that_is_gone_for_good_is_to_be_looked_at(ward: Ward) -> None:
    """What a server said of 410 Gone is told with the command that leaves the feed out."""
    url = ward.settings.feeds[0].url
    ward.keep(FeedState(url=url, next_poll_at=moment(days=9), last_poll_at=moment(), gone_at=moment(days=-1), status=410))
    alone = ward.report()
    assert [one for one in troubles(alone) if one != DOWN] == ["feeds answers: broken", "feeds Morning Reel: look"]
    assert words(alone, "feeds", "answers").startswith("The only feed does not answer: it is gone for good")
    ward.write(more=f'[[feed]]\nurl = "{ward.server.answer("/other", feed())}"\noutlet = "Tide Weekly"\n')
    assert ward.troubles() == ["feeds Morning Reel: look"]
    assert words(ward.report(), "feeds", "Morning Reel").endswith("feeds remove 'Morning Reel'")


def test_a_feed_that_was_never_asked_is_not_said_to_answer(ward: Ward) -> None:
    """Of a feed whose first poll is still to come nothing is known, and nothing is said but that."""
    with Store(ward.state / "watcher.db") as store:
        store.configure((), ward.settings.feeds, moment(), [moment(minutes=5)])
    report = ward.report("--offline")
    assert words(report, "feeds", "answers") == "1 feed could not be asked without the network."
    ward.config.write_text(ward.config.read_text() + '[[feed]]\nurl = "https://tide.example/"\noutlet = "Tide Weekly"\n', "utf-8")
    url = ward.settings.feeds[1].url
    ward.keep(FeedState(url=url, next_poll_at=moment(), last_poll_at=moment(), failures=1, failing_since=moment(), error="500"))
    report = ward.report("--offline")
    assert words(report, "feeds", "answers") == "1 feed could not be asked without the network."
    assert words(report, "feeds", "Tide Weekly").startswith("500, since ")


def test_a_server_that_never_ends_holds_nothing_up_for_ever(ward: Ward, monkeypatch: pytest.MonkeyPatch) -> None:
    """A feed that drips is cut at a limit, which is said, and the other checks are made."""
    monkeypatch.setattr("watcher.cli.checkup.feeds._ENOUGH_S", 1.0)
    ward.server.answer("/feed", Answer(b"x" * 10_000, drip=0.2))
    started = time.monotonic()
    report = ward.report()
    assert time.monotonic() - started < 25
    assert words(report, "feeds", "answers") == "1 feed could not be asked in time."


# ---- targets


def test_an_address_that_apprise_does_not_know_is_broken(ward: Ward) -> None:
    """A scheme that is none is found without sending."""
    ward.write(more=f'[[notify]]\nname = "lamp"\nurl = "nosuch://{SECRET}"\n')
    assert ward.troubles("--offline") == ["targets lamp: broken"]


def test_a_server_of_alerts_that_takes_no_connection_is_broken(ward: Ward) -> None:
    """A port at which nobody listens is found by connecting; offline it is not tried."""
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
    ward.write(more=f'[[notify]]\nname = "phone"\nurl = "json://127.0.0.1:{port}/{SECRET}"\n')
    assert ward.troubles() == ["targets phone: broken"]
    assert "takes no connection: Connection refused." in words(ward.report(), "targets", "phone")
    assert ward.troubles("--offline") == []


def test_a_name_without_an_address_is_broken(ward: Ward) -> None:
    """A host that no name server knows is called so."""
    ward.write(more=f'[[notify]]\nname = "phone"\nurl = "json://relay.invalid/{SECRET}"\n')
    assert ward.troubles() == ["targets phone: broken"]
    assert words(ward.report(), "targets", "phone").startswith("relay.invalid has no address")


def test_a_server_that_takes_connections_and_says_nothing_is_well_and_hears_nothing(ward: Ward) -> None:
    """A connection is made and closed: not one byte goes to the target."""
    heard: list[bytes] = []
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:

        def listen() -> None:
            line, _ = listening.accept()
            with line:
                line.settimeout(10)
                heard.append(line.recv(100))

        thread = threading.Thread(target=listen, daemon=True)
        thread.start()
        ward.write(more=f'[[notify]]\nname = "phone"\nurl = "json://127.0.0.1:{listening.getsockname()[1]}/{SECRET}"\n')
        assert ward.troubles() == []
        thread.join(10)
    assert heard == [b""]


def test_where_a_message_would_go_is_known_and_no_way_leads_out() -> None:
    """The server is found by letting the service send with all ways shut: a listener is never reached."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        port = listening.getsockname()[1]
        listening.setblocking(False)
        found = [
            address_of(target)
            for target in notify(f"json://127.0.0.1:{port}/x", f"mailto://127.0.0.1:{port}/?from=a@b.example&to=c@d.example")
        ]
        assert [one.server for one in found] == [("127.0.0.1", port)] * 2
        with pytest.raises(BlockingIOError):
            listening.accept()


def test_what_shows_on_this_machine_has_no_server_and_is_not_shown() -> None:
    """A log of this machine is no server, and the check writes nothing into it."""
    assert [address_of(target) for target in notify("syslog://")] == [Address()]


def notify(*urls: str) -> list[Any]:
    """Targets with these addresses."""
    from watcher.model import Target  # noqa: PLC0415

    return [Target(name=f"n{number}", url=url) for number, url in enumerate(urls)]


def test_a_target_that_has_failed_or_given_up_is_to_be_looked_at(ward: Ward) -> None:
    """Failures in a row and alerts that were given up are told, though the server listens."""
    with Store(ward.state / "watcher.db") as store, store.transaction() as db:
        at = stamp(moment(hours=-2))
        db.table("target").insert({"name": "phone", "failures": 2, "error": "answered 500", "error_since": at})
        dead = {"id": "d1", "target": "phone", "title": "harbor-lights", "kind": "change", "state": "dead", "created_at": at}
        db.table("delivery").insert(dead)
    assert ward.troubles("--offline") == ["targets phone: look"] * 2


# ---- daemon


def test_a_daemon_that_is_stuck_is_broken_and_one_of_another_version_to_be_looked_at(ward: Ward) -> None:
    """A lock that is held while no pass ends is a daemon that hangs; its version is compared with the installed one."""
    with StateLock(ward.state):
        with Store(ward.state / "watcher.db") as store:
            notes = {"pid": str(os.getpid()), "started_at": stamp(moment(hours=-3)), "version": "0.0.1"}
            store.note(pass_at=stamp(moment(hours=-2)), **notes)
        assert troubles(ward.report("--offline")) == [
            "permissions socket: look",
            "daemon runs: broken",
            "daemon version: look",
        ]
        with Store(ward.state / "watcher.db") as store:
            store.note(pass_at=stamp(moment()))
        assert troubles(ward.report("--offline", status=0)) == ["permissions socket: look", "daemon version: look"]


async def test_a_daemon_that_refused_its_settings_or_answers_no_more_is_told(tmp_path: Path) -> None:
    """A reload that was refused is to be looked at, a daemon that is held still is broken, and one that was stopped is down."""
    with FeedServer() as server:
        home = Home(tmp_path, one_feed(server.answer("/feed", feed())))
        good = home.config.read_text()
        running = await home.start("run")
        try:
            await asyncio.to_thread(wait_for, lambda: noted(home.database, "pass_at"))
            home.config.write_text(good + "[policy]\ncolour = 1\n", encoding="utf-8")
            running.send_signal(signal.SIGHUP)
            while "daemon reload: look" not in (found := troubles(await doctor(home))):
                assert "daemon runs: broken" not in found
            home.config.write_text(good, encoding="utf-8")
            running.send_signal(signal.SIGSTOP)
            held = await doctor(home)
        finally:
            running.send_signal(signal.SIGCONT)
            running.terminate()
            await running.communicate()
        down = await doctor(home)
    assert "but does not answer" in words(held, "daemon", "runs")
    assert words(down, "daemon", "runs").startswith("It was stopped ")


async def doctor(home: Home) -> dict[str, Any]:
    """What the verb says of a home."""
    found = json.loads((await home.run("doctor", "--offline", "--json")).out)
    assert isinstance(found, dict)
    return found


def patient(**given: Any) -> Patient:
    """Somebody to look at."""
    return Patient(**({"settings": Settings(file=None, config=Config()), "state": Path("/nowhere"), "now": moment()} | given))


@pytest.mark.parametrize(
    ("shown", "verdicts"),
    [
        ({"LoadState": "loaded", "ActiveState": "active", "UnitFileState": "enabled"}, [How.WELL]),
        ({"LoadState": "loaded", "ActiveState": "active", "UnitFileState": "disabled"}, [How.LOOK]),
        ({"LoadState": "loaded", "ActiveState": "failed", "UnitFileState": "enabled", "Result": "exit-code"}, [How.BROKEN]),
        ({"LoadState": "not-found"}, [How.LOOK]),
    ],
)
def test_what_systemd_says_of_the_unit_is_judged(shown: dict[str, str], verdicts: list[How]) -> None:
    """A unit that failed is broken, one that no boot starts or that was never read is to be looked at."""
    found = list(daemon.unit_verdicts(patient(state=SYSTEM_STATE), shown))
    assert [one.how for one in found] == verdicts
    assert all("systemctl" in (one.do or "") or "journalctl" in (one.do or "") for one in found if one.how is not How.WELL)


# ---- versions


@pytest.mark.parametrize(
    ("version", "bounds", "within"),
    [
        ("2.2.0", ">=2.2,<3", True),
        ("3.0", ">=2.2,<3", False),
        ("2.1.9", ">=2.2,<3", False),
        ("0.28.1", ">=0.28.1,<0.29", True),
        ("6.1.3rc1", ">=6", True),
        ("1.4", "~=1.4", True),
        ("2.0", "~=1.4", False),
        ("1.4.7", "==1.4.*", True),
        ("1.4.7", "!=1.4.7", False),
        ("2026.6", "", True),
    ],
)
def test_a_version_is_compared_number_by_number(version: str, bounds: str, *, within: bool) -> None:
    """Bounds hold as packages write them."""
    assert versions.is_within(version, SpecifierSet(bounds)) is within


def test_a_library_out_of_bounds_is_to_be_looked_at_and_one_that_is_missing_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each library is compared with what the installed watcher says it needs; what only tests need is left out."""
    wanted = ["click>=8.1", "httpx<0.1,>=0.0.1", "no-such-library-of-ours>=1", 'pytest>=999; extra == "test"']
    monkeypatch.setattr(metadata, "requires", lambda _: wanted)
    found = {one.words: one.how for one in versions.check()}
    assert How.BROKEN in [how for said, how in found.items() if said.startswith("no-such-library-of-ours is missing")]
    assert How.LOOK in [how for said, how in found.items() if said.startswith("httpx is ")]
    assert not any("pytest" in said for said in found)


# ---- processes


def test_processes_that_do_not_start_are_broken(ward: Ward, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the system starts neither the process that parses nor the one that sends, both are told."""
    monkeypatch.setattr("watcher.sandbox.sys.executable", "/nonexistent/python")
    monkeypatch.setattr("watcher.send._CHILD", ("/bin/false",))
    assert [one for one in ward.troubles("--offline") if one.startswith("processes")] == [
        "processes parsing: broken",
        "processes sending: broken",
    ]


# ---- checks that go wrong themselves


async def test_a_check_that_hangs_or_fails_itself_is_a_verdict() -> None:
    """One that hangs is cut and one that fails is told, without what a foreign error may hold; those beside them are made."""

    async def fine() -> list[Verdict]:
        return [Matter("a", "fine").well("It is.")]

    async def hangs() -> list[Verdict]:
        await making.in_thread(threading.Event().wait)
        return []

    async def breaks() -> list[Verdict]:
        raise KeyError(SECRET)

    async def explains() -> list[Verdict]:
        raise StoreError("the store is gone; look for it")

    checks = [
        making.Check(matter=Matter("a", str(number)), make=make, seconds=0.2)
        for number, make in enumerate((hangs, breaks, explains, fine))
    ]
    found = [verdict async for _, several in making.make(checks) for verdict in several]
    assert [one.how for one in found] == [How.UNSEEN, How.UNSEEN, How.UNSEEN, How.WELL]
    assert [one.words for one in found[:3]] == [
        "This took longer than 0.2 seconds and was given up.",
        "The check itself failed (KeyError).",
        "The check itself failed (the store is gone; look for it).",
    ]


async def test_alerts_that_a_service_prints_to_nobody_are_broken(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without a [[notify]] the terminal is told, which a service does not have."""
    from watcher.cli.checkup.patient import look_at_notes  # noqa: PLC0415

    monkeypatch.setattr(targets, "_is_a_service", lambda _: True)
    someone = patient(state=tmp_path)
    found = await targets.look(someone, look_at_notes(someone))
    assert [one.how for one in found] == [How.BROKEN]


def test_the_answer_counts_what_is_not_well() -> None:
    """The first line says how many things are broken and how many are to be looked at, or that all is well."""
    well, look, broken, unseen = (
        Verdict(section="s", check="c", how=how, words="Words.", do="do") for how in (How.WELL, How.LOOK, How.BROKEN, How.UNSEEN)
    )
    assert summary([well]) == "All is well."
    assert summary([well, unseen]) == "All that could be looked at is well; 1 could not."
    assert summary([well, look]) == "Nothing is broken; 1 thing to look at."
    assert summary([broken, broken, look]) == "2 things are broken, 1 to look at."
    assert click.unstyle(lines([broken], width=40)[2]) == "BROKEN"


# ---- as somebody else


@pytest.mark.skipif(others.why_not() is not None, reason=str(others.why_not()))
async def test_a_stranger_hears_what_could_not_be_looked_at_and_nothing_breaks() -> None:
    """Whoever may read neither configuration nor state is told so with who may, and a member of the group sees both."""
    with others.house() as path:
        home = others.SharedHome(path, f'contact = "a@example.org"\n[[notify]]\nname = "phone"\nurl_file = "{path}/token"\n')
        (path / "token").write_text(f"json://127.0.0.1:9/{SECRET}\n", encoding="utf-8")
        (path / "token").chmod(0o600)
        made = await home.run_as(others.OWNER, "poll", "--json", "--dry-run")
        stranger = await home.run_as(others.STRANGER, "doctor", "--offline", "--json")
        member = await home.run_as(others.MEMBER, "doctor", "--offline", "--json")
    assert SECRET not in made.out + stranger.out + member.out + stranger.err + member.err
    assert stranger.err == ""
    seen = json.loads(stranger.out)
    assert words(seen, "configuration", "file").startswith(f"{home.config} is not yours to read")
    assert [one["verdict"] for one in seen["checks"] if one["section"] == "targets"] == ["unseen"]
    report = json.loads(member.out)
    assert words(report, "configuration", "file") == f"{home.config}: no mistake in it."
    assert words(report, "configuration", "secrets").startswith(f"{path}/token is not yours to read")
    assert words(report, "targets", "phone") == "Its address is not yours to read."
    assert "broken" not in [one["verdict"] for one in report["checks"] if one["section"] in ("configuration", "state", "targets")]
