"""The service on a real systemd: installed as README says, started, reloaded, stopped, hung, rebooted, upgraded and asked."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path

import pytest
from booted import CannotBoot, Machine, until, wheel, why_not
from feedserver import Answer, Entry, FeedServer, rss
from sqlite_utils import Database

from watcher.store.ask import SCHEMA_VERSION
from watcher.store.schema import APPLICATION_ID, migrations

#: The first machine of a cache takes a minute, the others a second; each test a few seconds.
pytestmark = pytest.mark.timeout(600)

SYSTEMD = Path(__file__).parents[2] / "systemd"
CONFIG = "/etc/watcher/config.toml"
STORE = "/var/lib/watcher/watcher.db"
DROP_INS = "/etc/systemd/system/watcher.service.d"

#: A guard against hanging. Whether a stop took too long systemd says: after the unit's 45 seconds it is no success.
PATIENCE_S = 120.0

#: What systemd says of a process that ended by itself (CLD_EXITED of sigaction(2)), and was not ended by a signal.
EXITED = "1"

DATES = ("January 8, 2027", "March 5, 2027", "May 7, 2027")


class Service:
    """The service in the machine, and one film's press and post on this side of it."""

    def __init__(self, machine: Machine, server: FeedServer) -> None:
        self.machine, self.server = machine, server
        self.feed, self.hook = "/feed", "/hook"
        self.server.answer(self.hook, Answer(b"ok", content_type="text/plain"))
        self.news()

    def news(self, *dates: str, how: Answer | None = None) -> None:
        """Put into the feed that the film opens on each of these dates, the last one newest."""
        now = format_datetime(datetime.now(UTC), usegmt=True)
        told = [f"Harbor Lights, the new drama with Ada Quill, {_verb(n)} {day}." for n, day in enumerate(dates)]
        entries = [Entry(text, f"<p>{text}</p>", guid=f"g{n}", published=now) for n, text in enumerate(told)]
        quiet = Entry("Nothing of note happened today", guid="quiet", published=now)
        body = rss(*reversed(entries), quiet)
        self.server.answer(self.feed, how or Answer(body, etag=f'"{len(dates)}"', date=now))

    def configure(self, *more: str, feeds: tuple[str, ...] = ("/feed",), target: str = "") -> None:
        """Write the settings."""
        urls = "".join(
            f'[[feed]]\nurl = "{self.server.url(feed)}"\noutlet = "Paper {n}"\ntrust = "trade"\nevery = "1s"\n'
            for n, feed in enumerate(feeds)
        )
        where = target or f'url = "{self.url()}"'
        self.machine.write(
            CONFIG,
            '[watcher]\nbuiltin_titles = false\nbuiltin_feeds = false\ntimezone = "UTC"\nregions = ["US"]\n'
            '[policy]\ngroup_wait = "0s"\n[fetch]\nallow_addresses = ["127.0.0.0/8"]\narticle_pages = false\n'
            '[[title]]\nname = "Harbor Lights"\ncontext = ["Ada Quill"]\n'
            f'{urls}[[notify]]\nname = "hook"\n{where}\non = ["release"]\n{"".join(more)}',
        )

    def url(self) -> str:
        """The address of the target, as the settings have it."""
        return f"json://127.0.0.1:{self.server.port}{self.hook}"

    def systemctl(self, *words: str, check: bool = True) -> int:
        """Call systemctl for the service; its exit status."""
        return self.machine.run("systemctl", *words, "watcher", check=check).status

    def start(self) -> None:
        """Start it, and wait until its feed has answered: news from then on is news."""
        self.systemctl("start")
        assert until(lambda: "1 of 1 feeds answer" in self.show("StatusText"))

    def show(self, name: str) -> str:
        """What systemd knows of it."""
        return self.machine.show("watcher", name)

    def told(self) -> list[str]:
        """The titles of the alerts that arrived, in order."""
        return [json.loads(post.body)["title"] for post in self.server.asked(self.hook)]

    def drop_in(self, text: str) -> None:
        """Change the unit as its users are to change it."""
        self.machine.write(f"{DROP_INS}/test.conf", text)
        self.machine.run("systemctl", "daemon-reload")


def _verb(number: int) -> str:
    return "opens in theaters on" if number == 0 else "has been moved to"


@pytest.fixture(scope="module")
def machine() -> Iterator[Machine]:
    """A machine on which the program was installed as README says, and not yet started."""
    reason = why_not()
    if reason is not None:
        pytest.skip(reason)
    try:
        built = wheel()
        booted = Machine()
        booted.__enter__()
    except CannotBoot as error:
        pytest.skip(str(error))
    try:
        booted.copy(built, f"/root/{built.name}")
        booted.run("python3", "-m", "venv", "/opt/watcher")
        booted.run("/opt/watcher/bin/pip", "install", "--quiet", "--no-index", f"/root/{built.name}")
        booted.run("/opt/watcher/bin/watcher", "service", "install")
        booted.run("useradd", "--create-home", "--groups", "watcher", "ann")
        booted.run("useradd", "--create-home", "bob")
        yield booted
    finally:
        shutil.rmtree(built.parent)
        booted.__exit__(None, None, None)


@pytest.fixture
def service(machine: Machine) -> Iterator[Service]:
    """The service as it was just installed, with settings of a film, a feed and a target."""
    with FeedServer() as server:
        one = Service(machine, server)
        one.configure()
        # Of a unit that nothing names, systemd forgets all when it has stopped: how it ended too.
        machine.run("systemctl", "enable", "--quiet", "watcher")
        yield one
        machine.run("systemctl", "kill", "--signal=SIGKILL", "watcher", check=False)
        machine.run("systemctl", "disable", "--quiet", "--now", "watcher", check=False)
        machine.run("rm", "-rf", "/var/lib/watcher", DROP_INS)
        machine.run("systemctl", "daemon-reload")
        machine.run("systemctl", "reset-failed", check=False)


def test_second_install_changes_nothing(machine: Machine) -> None:
    """Installed a second time, every file is as it was, and the settings are for root to write and the group to read."""
    again = machine.run("/opt/watcher/bin/watcher", "service", "install").out
    assert again.startswith("All was as it should be.")
    assert "written" not in again
    assert machine.run("stat", "--format=%a %U %G", CONFIG).out == "640 root watcher\n"
    assert machine.run("systemd-analyze", "verify", "watcher.service", "watcher-backup.timer").said == ""


def test_edited_unit_is_left_and_said(machine: Machine) -> None:
    """A unit that somebody edited is left as it is, with a word about drop-ins and status 1; --force puts ours back."""
    unit = "/etc/systemd/system/watcher.service"
    machine.run("sed", "-i", "s/^Nice=5/Nice=6/", unit)
    left = machine.run("/opt/watcher/bin/watcher", "service", "install", check=False)
    assert left.status == 1
    assert "systemctl edit watcher.service" in left.out
    assert "Nice=6" in machine.run("cat", unit).out
    machine.run("/opt/watcher/bin/watcher", "service", "install", "--force")
    assert "Nice=5" in machine.run("cat", unit).out


def test_start_waits_until_ready_and_shows_the_countdown(service: Service) -> None:
    """`systemctl start` comes back when the daemon is ready, and `systemctl status` shows how long there is to wait."""
    service.news(DATES[0])
    service.start()
    assert service.show("ActiveState") == "active"
    shown = service.machine.run("systemctl", "status", "--no-pager", "watcher").out
    assert re.search(r'Status: "Harbor Lights: .*January 8, 2027', shown), shown


def test_reboot_tells_nothing_twice(service: Service) -> None:
    """After a reboot the daemon is up by itself, goes on where it was, and tells again nothing of what it has told."""
    service.start()
    service.news(DATES[0])
    assert until(lambda: len(service.told()) == 1)
    service.machine.reboot()
    assert until(lambda: service.show("ActiveState") == "active")
    service.news(*DATES[:2])
    assert until(lambda: len(service.told()) == 2)
    first, second = service.told()
    assert DATES[0] in first
    assert DATES[1] in second


def test_reload_takes_in_new_settings(service: Service) -> None:
    """A reload with good settings succeeds, and the feed that is new in them is asked by the same process."""
    service.start()
    pid = service.show("MainPID")
    service.server.answer("/second", Answer(rss(Entry("Nothing here either", guid="q"))))
    service.configure(feeds=("/feed", "/second"))
    service.systemctl("reload")
    assert until(lambda: "2 of 2 feeds answer" in service.show("StatusText"))
    assert service.show("MainPID") == pid


def test_reload_with_bad_settings_fails_and_changes_nothing(service: Service) -> None:
    """A reload with bad settings fails where it was asked for, is shown, and the daemon goes on with the old ones."""
    service.start()
    pid = service.show("MainPID")
    service.configure("[[feed]\n")
    assert service.systemctl("reload", check=False) == 1
    assert until(lambda: "the old one is in force" in service.show("StatusText"))
    service.news(DATES[0])
    assert until(lambda: len(service.told()) == 1)
    assert (service.show("ActiveState"), service.show("MainPID")) == ("active", pid)


def test_reload_with_settings_that_only_root_can_read_fails(service: Service) -> None:
    """Root can read what the service's user cannot: a reload of such settings fails, and the daemon goes on with the old ones."""
    service.start()
    service.machine.run("chmod", "0600", CONFIG)
    service.machine.run("chown", "root:root", CONFIG)
    try:
        assert service.systemctl("reload", check=False) == 1
        assert until(lambda: "the old one is in force" in service.show("StatusText"))
        said = service.machine.run("watcher", "doctor", "--offline", check=False).out
        assert f"watcher, as whom the service runs, cannot read {CONFIG}." in " ".join(said.split())
    finally:
        service.machine.run("chgrp", "watcher", CONFIG)
        service.machine.run("chmod", "0640", CONFIG)
    service.systemctl("reload")


def test_hung_daemon_is_started_again(service: Service) -> None:
    """A daemon that completes no pass any more is ended by the watchdog, and a new one goes on."""
    service.drop_in("[Service]\nWatchdogSec=12\nTimeoutAbortSec=1\nRestartSec=1\n")
    service.start()
    pid = service.show("MainPID")
    service.systemctl("kill", "--kill-whom=main", "--signal=SIGSTOP")
    assert until(lambda: service.show("MainPID") not in {pid, "0"})
    assert until(lambda: service.show("ActiveState") == "active")
    assert any("watchdog" in line.lower() for line in service.machine.journal("--unit=watcher"))


def test_broken_settings_end_the_service_for_good(service: Service) -> None:
    """A start with broken settings fails with status 78, names the line, and is not tried again."""
    service.drop_in("[Service]\nRestartSec=100ms\n")
    service.machine.write(CONFIG, "[watcher]\nregion = 3\n")
    assert service.systemctl("start", check=False) == 1
    assert until(lambda: service.show("ActiveState") == "failed")
    assert (service.show("ExecMainStatus"), service.show("NRestarts")) == ("78", "0")
    assert any(f"{CONFIG}:2" in line for line in service.machine.journal("--unit=watcher", "--priority=err"))


def stop(service: Service) -> None:
    """Stop the service, and see that it ended in time and by itself."""
    service.machine.run("systemctl", "stop", "watcher", seconds=PATIENCE_S)
    assert (service.show("ActiveState"), service.show("Result")) == ("inactive", "success")
    assert (service.show("ExecMainCode"), service.show("ExecMainStatus")) == (EXITED, "0")


def test_stops_when_idle(service: Service) -> None:
    """A daemon with nothing to do ends with status 0."""
    service.start()
    stop(service)


def test_stops_while_a_feed_drips(service: Service) -> None:
    """A feed whose answer does not end holds no stop up, nor another feed."""
    service.server.answer("/drip", Answer(rss(Entry("Nothing", guid="q")) * 9, drip=0.3))
    service.configure(feeds=("/drip", "/feed"))
    service.systemctl("start")
    assert until(lambda: bool(service.server.asked("/drip") and service.server.asked("/feed")))
    stop(service)


def test_stops_while_a_target_drips(service: Service) -> None:
    """A target whose answer does not end holds no stop up; the alert is sent again after the next start, and says so."""
    service.start()
    service.server.answer(service.hook, Answer(b"ok", drip_head=0.4, headers={"X-Filler": "x" * 900}))
    service.news(DATES[0])
    assert until(lambda: len(service.told()) == 1)
    stop(service)
    service.server.answer(service.hook, Answer(b"ok"))
    service.systemctl("start")
    assert until(lambda: len(service.told()) == 2)
    assert "may be a repeat" in json.loads(service.server.asked(service.hook)[-1].body)["message"]


@pytest.mark.parametrize("wait", ["0", "0.3", "0.6"])
def test_stops_during_its_start(service: Service, wait: str) -> None:
    """A stop in the middle of a start ends the daemon at once, as a success, and the next start is a whole one."""
    service.machine.run("sh", "-c", f"systemctl start --no-block watcher; sleep {wait}; systemctl stop watcher")
    assert (service.show("ActiveState"), service.show("Result")) == ("inactive", "success")
    service.start()


@pytest.mark.parametrize("runs", [True, False], ids=("up", "down"))
def test_members_of_the_group_may_ask(service: Service, runs: bool) -> None:
    """A member of group watcher gets status, why and history, whether the daemon runs or not."""
    service.start()
    service.news(DATES[0])
    assert until(lambda: len(service.told()) == 1)
    if not runs:
        service.systemctl("stop")
    status = service.machine.run_as("ann", "watcher", "status").out
    assert "January 8, 2027" in status
    assert ("Running since" if runs else "not running") in status
    assert "Ada Quill" in service.machine.run_as("ann", "watcher", "why", "harbor-lights", "release").out
    assert "January 8, 2027" in service.machine.run_as("ann", "watcher", "history").out


@pytest.mark.parametrize("verb", ["status", "history"])
def test_others_are_told_why_not(service: Service, verb: str) -> None:
    """Who is not in the group gets one plain line, and not what is kept."""
    service.start()
    asked = service.machine.run_as("bob", "watcher", verb, check=False)
    assert asked.status != 0
    assert asked.out == ""
    assert asked.err.startswith("watcher: ")
    assert len(asked.err.splitlines()) == 1


def test_credentials_reach_the_daemon_and_outlive_a_reload(service: Service) -> None:
    """A target's address that root alone can read reaches the daemon, one that is missing hinders nothing, a reload succeeds."""
    service.drop_in((SYSTEMD / "drop-ins" / "credentials.conf").read_text(encoding="utf-8"))
    service.machine.write("/etc/credstore/phone-url", service.url())
    service.machine.run("chmod", "0600", "/etc/credstore/phone-url")
    service.configure(target='url_file = "phone-url"')
    service.start()
    service.systemctl("reload")
    service.news(DATES[0])
    assert until(lambda: len(service.told()) == 1)


def test_journal_has_priorities_and_no_secrets(service: Service) -> None:
    """A feed that fails is a warning in the journal, news is not, and the address of a target is in neither."""
    service.hook = "/hook-secret-topic"
    service.server.answer(service.hook, Answer(b"no", status=500))
    service.configure()
    service.start()
    service.news(DATES[0])
    assert until(lambda: bool(service.server.asked(service.hook)))
    service.server.answer(service.feed, Answer(b"broken", status=503, content_type="text/plain"))
    assert until(lambda: any("Paper 0" in line for line in service.machine.journal("--unit=watcher", "--priority=warning")))
    warned = service.machine.journal("--unit=watcher", "--priority=warning", "SYSLOG_IDENTIFIER=watcher")
    said = service.machine.journal("--unit=watcher")
    assert not any("watching Harbor Lights" in line for line in warned)
    assert any("watching Harbor Lights" in line for line in said)
    assert not any("secret-topic" in line for line in said)


def test_user_service_lives_without_a_login(service: Service) -> None:
    """A user's own service is installed without root, and with linger it runs after a boot though nobody is logged in."""
    machine = service.machine
    machine.run("loginctl", "enable-linger", "bob")
    assert until(lambda: machine.run_as("bob", "systemctl", "--user", "is-system-running", check=False).out == "running\n")
    installed = machine.run_as("bob", "watcher", "service", "install", "--user").out
    assert "enable-linger bob" in installed
    machine.run("cp", CONFIG, "/home/bob/.config/watcher/config.toml")
    machine.run_as("bob", "systemctl", "--user", "enable", "--quiet", "--now", "watcher")
    machine.reboot()
    show = ("systemctl", "--user", "show", "--value", "--property=StatusText", "watcher")
    assert until(lambda: "1 of 1 feeds answer" in machine.run_as("bob", *show, check=False).out)
    assert "Running since" in machine.run_as("bob", "watcher", "status").out
    machine.run_as("bob", "systemctl", "--user", "reload", "watcher")
    machine.run_as("bob", "systemctl", "--user", "disable", "--now", "watcher")
    machine.run("loginctl", "disable-linger", "bob")
    machine.run("rm", "-rf", "/home/bob/.config", "/home/bob/.local")


def test_upgrade_takes_over_what_the_version_before_left(service: Service, tmp_path: Path) -> None:
    """A store as the version before left it is taken over at the start; nothing is told again, and new news is told."""
    service.start()
    service.news(DATES[0])
    assert until(lambda: len(service.told()) == 1)
    service.systemctl("stop")
    with closing(sqlite3.connect(service.machine.fetch(STORE, tmp_path / "watcher.db"))) as db:
        assert db.execute("PRAGMA user_version").fetchone() == (SCHEMA_VERSION,)
    as_before(tmp_path / "watcher.db", tmp_path / "older.db")
    service.machine.run("find", "/var/lib/watcher", "-name", "watcher.db*", "-delete")
    service.machine.copy(tmp_path / "older.db", STORE)
    service.machine.run("chown", "watcher:watcher", STORE)
    service.systemctl("start")
    service.news(*DATES[:2])
    assert until(lambda: len(service.told()) == 2)
    assert DATES[1] in service.told()[1]
    service.systemctl("stop")
    with closing(sqlite3.connect(service.machine.fetch(STORE, tmp_path / "after.db"))) as db:
        assert db.execute("PRAGMA user_version").fetchone() == (SCHEMA_VERSION,)
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def as_before(store: Path, older: Path) -> None:
    """Write a store as the version before the last change of the schema would have it."""
    with closing(sqlite3.connect(older)) as db:
        migrations.apply(Database(db), stop_before=[one.name for one in migrations.pending(Database(db))][-1])
        db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        db.execute("ATTACH ? AS newer", (str(store),))
        tables = [name for (name,) in db.execute("SELECT name FROM main.sqlite_schema WHERE type = 'table'")]
        for table in tables:
            if table.startswith(("sqlite_", "_sqlite_")):
                continue
            columns = ", ".join(row[1] for row in db.execute(f"PRAGMA main.table_info({table})"))
            db.execute(f"INSERT OR REPLACE INTO main.{table} ({columns}) SELECT {columns} FROM newer.{table}")
        db.commit()
        assert db.execute("PRAGMA main.user_version").fetchone() == (SCHEMA_VERSION - 1,)


def test_daily_copy_is_made_without_secrets_and_restored(service: Service) -> None:
    """The timer's service copies the store of a running daemon and needs none of its secrets; the copy can be gone back to."""
    service.machine.write(f"{DROP_INS}/credentials.conf", (SYSTEMD / "drop-ins" / "credentials.conf").read_text(encoding="utf-8"))
    service.machine.write("/etc/credstore/phone-url", service.url())
    service.machine.run("systemctl", "daemon-reload")
    service.configure(target='url_file = "phone-url"')
    service.start()
    service.news(DATES[0])
    assert until(lambda: len(service.told()) == 1)
    service.machine.run("systemctl", "start", "watcher-backup.service")
    made = service.machine.run("find", "/var/lib/watcher/backups", "-type", "f", "-printf", "%u %g %m %p\n").out.split()
    assert made[:3] == ["watcher", "watcher", "640"]
    service.systemctl("stop")
    restored = service.machine.run("runuser", "-u", "watcher", "--", "watcher", "restore", made[3]).out
    assert restored.endswith("Start it again:  sudo systemctl start watcher\n")
    service.systemctl("start")
    service.news(*DATES[:2])
    assert until(lambda: service.machine.run("watcher", "history").out.count(" -> ") == 1)
    # The move may be news or not; the date before it was told once and for all.
    assert len([title for title in service.told() if DATES[1] not in title]) == 1


def test_timer_is_one_that_systemd_takes(machine: Machine) -> None:
    """The timer can be switched on, and its next copy is due within a day or so."""
    machine.run("systemctl", "start", "watcher-backup.timer")
    due = machine.show("watcher-backup.timer", "NextElapseUSecRealtime")
    machine.run("systemctl", "stop", "watcher-backup.timer")
    assert due


def test_members_of_the_group_may_have_their_say(service: Service) -> None:
    """A verb that writes goes from a member of the group through the daemon's socket, within the walls of the unit."""
    service.start()
    service.news(DATES[0])
    assert until(lambda: len(service.told()) == 1)
    said = service.machine.run_as("ann", "watcher", "fix", "harbor-lights", "release", "2027-02-05", "--outlet", "Paper 9")
    assert "February 5, 2027" in said.out
    assert "February 5, 2027" in service.machine.run_as("ann", "watcher", "status").out
    owners = service.machine.run("find", "/var/lib/watcher", "-not", "-user", "watcher").out
    assert owners == ""
    service.machine.run_as("ann", "watcher", "poll")
    refused = service.machine.run_as("bob", "watcher", "poll", check=False)
    assert refused.status != 0
    assert len(refused.err.splitlines()) == 1


def test_files_are_published_through_the_walls_of_the_unit(service: Service) -> None:
    """With the drop-in the service publishes for everybody to read; without it, it says that it may not, and tells the news."""
    machine, place = service.machine, "/srv/www/watcher"
    machine.run("install", "-d", "-o", "watcher", "-g", "watcher", "-m", "0755", place)
    machine.run("sed", "-i", f's|^.watcher.$|[watcher]\\npublish = "{place}"|', CONFIG)
    service.start()
    service.news(DATES[0])
    assert until(lambda: len(service.told()) == 1)
    assert until(lambda: "read-only file system" in _published(machine))
    assert machine.run("ls", "-A", place).out == ""
    machine.write(f"{DROP_INS}/publish.conf", (SYSTEMD / "drop-ins" / "publish.conf").read_text(encoding="utf-8"))
    machine.run("systemctl", "daemon-reload")
    service.systemctl("restart")
    assert until(lambda: "status.json" in machine.run("ls", "-A", place).out)
    assert "Harbor Lights" in machine.run_as("bob", "cat", f"{place}/status.json").out
    assert machine.run("stat", "--format=%a %U", f"{place}/index.html").out == "644 watcher\n"
    machine.run("rm", "-r", place)
    service.systemctl("restart")
    assert until(lambda: "there is no such directory" in _published(machine))


def _published(machine: Machine) -> str:
    """What keeps the files from being current, in the daemon's own words."""
    return str(json.loads(machine.run("watcher", "status", "--json").out)["daemon"]["publish_trouble"])
