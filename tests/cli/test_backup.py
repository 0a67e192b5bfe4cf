"""`watcher backup` and `watcher restore`: beside a daemon that runs, and back without telling anything twice."""

from __future__ import annotations

import asyncio
import json
import signal
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from feedserver import Answer, Entry, FeedServer, rss
from processes import Home, one_feed
from receivers import WebhookReceiver

YEAR = datetime.now(UTC).year + 1
EMPTY = Answer(rss())


def entry(guid: str, month: str, *, minutes: int) -> Entry:
    """An item that dates the film, published so many minutes ago."""
    at = format_datetime(datetime.now(UTC) - timedelta(minutes=minutes))
    text = f"Harbor Lights, the film, opens in US theaters on {month} 14, {YEAR}, Northwind Pictures announced."
    return Entry(f"Harbor Lights opens {month} 14, {YEAR}", text, guid, f"https://example.org/{guid}", at)


def home_with(path: Path, server: FeedServer, hook: WebhookReceiver | None = None) -> Home:
    """Somebody who waits for one film, and tells a webhook at once."""
    notify = f'[[notify]]\nname = "hook"\nurl = "{hook.url()}"\n' if hook else ""
    settings = one_feed(server.url()).replace("[fetch]", '[policy]\ngroup_wait = "0s"\n[fetch]\narticle_pages = false')
    return Home(path, settings + notify)


async def test_restored_store_tells_nothing_twice_and_goes_on(tmp_path: Path) -> None:
    """An alert that left after the backup was taken does not leave again once it is put back, and the next news does."""
    async with WebhookReceiver() as hook:
        with FeedServer() as server:
            home = home_with(tmp_path, server, hook)
            server.answer("/feed", EMPTY)
            await home.run("poll")
            saved = await home.run("backup", str(tmp_path / "copy.db"))
            assert (saved.status, saved.err) == (0, "")
            assert f"watcher restore {tmp_path / 'copy.db'}" in saved.out
            server.answer("/feed", Answer(rss(entry("a", "June", minutes=5))))
            await home.run("poll")
            assert len(hook.posts) == 1
            back = await home.run("restore", str(tmp_path / "copy.db"))
            assert (back.status, back.err) == (0, "")
            assert "learned" in back.out
            await home.run("poll")
            assert len(hook.posts) == 1
            with closing(sqlite3.connect(home.database)) as db:
                assert db.execute("SELECT restored_at FROM feed").fetchall() == [(None,)]
            status = json.loads((await home.run("status", "--json")).out)
            assert status["titles"][0]["releases"][0]["date"] == f"{YEAR}-06-14"
            moved = f"Harbor Lights has been pushed from June 14, {YEAR} to September 14, {YEAR}, Northwind Pictures announced."
            newer = Entry("Harbor Lights delayed", moved, "b", "https://example.org/b", format_datetime(datetime.now(UTC)))
            server.answer("/feed", Answer(rss(newer, entry("a", "June", minutes=5))))
            await home.run("poll")
            assert len(hook.posts) == 2
            assert f"September 14, {YEAR}" in hook.posts[1].body.decode()


async def test_backup_beside_a_daemon_and_no_restore_under_it(tmp_path: Path) -> None:
    """A backup is taken while the daemon runs; putting one back then is refused with status 75, and changes nothing."""
    with FeedServer() as server:
        home = home_with(tmp_path, server)
        server.answer("/feed", EMPTY)
        daemon = await home.start("run")
        for _ in range(600):
            if home.database.exists() and (await home.run("backup", str(tmp_path / "first.db"))).status == 0:
                break
            await asyncio.sleep(0.1)
        saved = await home.run("backup", "--json", str(tmp_path / "copy.db"))
        told = json.loads(saved.out)
        assert (told["file"], told["removed"], told["bytes"]) == (
            str(tmp_path / "copy.db"),
            [],
            (tmp_path / "copy.db").stat().st_size,
        )
        refused = await home.run("restore", str(tmp_path / "copy.db"))
        assert (refused.status, refused.out) == (75, "")
        assert f"(process {daemon.pid})" in refused.err
        daemon.send_signal(signal.SIGTERM)
        await asyncio.wait_for(daemon.communicate(), 60)
        assert daemon.returncode == 0
        back = json.loads((await home.run("restore", "--json", str(tmp_path / "copy.db"))).out)
        assert (back["held"], Path(back["aside"]).parent) == (0, home.database.parent)
        with closing(sqlite3.connect(back["aside"])) as db:
            assert db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"


async def test_directory_gets_dated_backups_and_keeps_some(tmp_path: Path) -> None:
    """In a directory each backup has a dated name, and --keep leaves the newest."""
    with FeedServer() as server:
        home = home_with(tmp_path, server)
        server.answer("/feed", EMPTY)
        await home.run("poll")
        there = tmp_path / "backups"
        there.mkdir()
        (there / "watcher-2020-01-01T000000Z.db").write_bytes(b"")
        told = json.loads((await home.run("backup", "--json", "--keep", "1", str(there))).out)
        assert [Path(one).name for one in told["removed"]] == ["watcher-2020-01-01T000000Z.db"]
        assert [str(one) for one in there.iterdir()] == [told["file"]]


@pytest.mark.parametrize(
    ("words", "status", "says"),
    [
        (["backup", "{}/copy.db"], 1, "nothing stored yet"),
        (["backup", "--keep", "3", "{}/none"], 2, "is for a directory"),
        (["restore", "{}/none.db"], 2, "no such file"),
        (["restore", "{}/config.toml"], 78, "no store of watcher"),
    ],
)
async def test_what_cannot_be_is_said_in_one_line(tmp_path: Path, words: list[str], status: int, says: str) -> None:
    """A backup of nothing, or a restore from what is no backup, ends with one line that says so."""
    home = Home(tmp_path, one_feed("http://127.0.0.1:9/feed"))
    ended = await home.run(*(word.format(tmp_path) for word in words))
    assert (ended.status, ended.out) == (status, "")
    (line,) = ended.err.splitlines()
    assert says in line
    assert not home.database.exists()


async def test_backup_to_where_nobody_may_write_says_so(tmp_path: Path) -> None:
    """A directory that is not there is named, and the store is left as it is."""
    with FeedServer() as server:
        home = home_with(tmp_path, server)
        server.answer("/feed", EMPTY)
        await home.run("poll")
        ended = await home.run("backup", str(tmp_path / "none" / "copy.db"))
    assert ended.status == 1
    assert "cannot be written (No such file or directory)" in ended.err
