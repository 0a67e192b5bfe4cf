"""The whole line with real parts: a feed server, the program in processes of its own, a mail server and a webhook."""

from __future__ import annotations

import asyncio
import json
import signal
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from feedserver import Answer, Entry, FeedServer, rss
from pages import page
from processes import Home, children
from receivers import MailReceiver, Webhook, WebhookReceiver

YEAR = datetime.now(UTC).year + 1

ARTICLE = f"""The lighthouse saga is not over. Deadline reports that cameras rolled on Harbor Lights last week, and that
Orla Finch has joined the cast as the keeper's sister. Tomas Beld, whose Captain Rook opened the first film, is in talks to
return in Harbor Lights. Nobody at Northwind Pictures would say more. With Harbor Lights scheduled for release on
September 14, {YEAR}, we shall not have to wait much longer."""

TITLE = """
[[title]]
name = "Harbor Lights"
context = ["Northwind Pictures", "Tomas Beld"]
"""


@pytest.fixture
def server() -> Iterator[FeedServer]:
    """A feed server."""
    with FeedServer() as running:
        yield running


def config(server: FeedServer, *targets: str, pages: bool = False) -> str:
    """A configuration with one title that knows nothing yet, one feed, and these targets; `pages` follows links too."""
    feed = f'[[feed]]\nurl = "{server.url()}"\noutlet = "Tom\'s Guide"\n'
    notify = "".join(f'[[notify]]\nname = "{name}"\nurl = "{url}"\n' for name, url in (t.split("=", 1) for t in targets))
    return (
        "builtin_titles = false\nbuiltin_feeds = false\n"
        + f'[fetch]\nallow_addresses = ["127.0.0.0/8"]\narticle_pages = {str(pages).lower()}\n'
        + '[policy]\ngroup_wait = "0s"\n'
        + TITLE
        + feed
        + notify
    )


def article(text: str = ARTICLE, *, guid: str = "one") -> Answer:
    """The feed with the article in it, published a moment ago."""
    at = format_datetime(datetime.now(UTC) - timedelta(minutes=1))
    entry = Entry(
        title="Harbor Lights: what we know so far", body=text, guid=guid, link=f"https://example.org/{guid}", published=at
    )
    return Answer(rss(entry), etag=f'"{guid}"')


EMPTY = Answer(rss(), etag='"empty"')


async def test_one_article_is_one_alert_for_each_target(tmp_path: Path, server: FeedServer) -> None:
    """An article becomes one mail and one webhook call that say who joins, who talks and which date; again is a 304, silent."""
    async with MailReceiver() as mail, WebhookReceiver() as hook:
        home = Home(tmp_path, config(server, f"mail={mail.url()}", f"hook={hook.url()}"))
        server.answer("/feed", EMPTY)
        assert (await home.run("poll")).status == 0
        server.answer("/feed", article())
        first = await home.run("poll")
        assert (first.status, first.err) == (0, "")
        second = await home.run("poll")
        assert second.status == 0
        assert "1 unchanged" in second.out
        assert [a.headers.get("if-none-match") for a in server.asked("/feed")] == [None, '"empty"', '"one"']
        assert len(mail.mails) == len(hook.posts) == 1
        (plain,) = [p for p in mail.mails[0].walk() if p.get_content_type() == "text/plain"]
        posted = json.loads(hook.posts[0].body)
        for text in (str(mail.mails[0]["Subject"]) + plain.get_content(), posted["title"] + posted["message"]):
            assert "Orla Finch joins" in text
            assert "Deadline" in text
            assert "Tomas Beld" in text
            assert "in talks" in text
            assert f"September 14, {YEAR}" in text
            assert "Tom's Guide" in text
        status = json.loads((await home.run("status", "--json")).out)
        (title,) = status["titles"]
        (release,) = title["releases"]
        assert (release["date"], release["confidence"], release["outlets"]) == (f"{YEAR}-09-14", "reported", ["Tom's Guide"])
        assert {c["person"]: c["status"] for c in title["credits"]} == {"Orla Finch": "joins", "Tomas Beld": "in_talks"}


async def test_poll_reads_the_article_behind_an_item(tmp_path: Path, server: FeedServer) -> None:
    """`poll` follows the link of an item without a date, says so, and the alert has the date that stands on the page."""
    async with WebhookReceiver() as hook:
        home = Home(tmp_path, config(server, f"hook={hook.url()}", pages=True))
        at = format_datetime(datetime.now(UTC) - timedelta(minutes=1))
        teaser = Entry("Harbor Lights gets a release date", "Northwind Pictures is ready.", "one", server.url("/one"), at)
        server.answer("/feed", EMPTY, Answer(rss(teaser)))
        server.answer("/one", Answer(page("Harbor Lights is dated", [ARTICLE]).encode(), content_type="text/html"))
        await home.run("poll")
        ended = await home.run("poll")
        assert (ended.status, ended.err) == (0, "")
        assert "1 page read behind 1 item." in ended.out
        (post,) = hook.posts
        assert f"September 14, {YEAR}" in json.loads(post.body)["message"]
        assert [asked.path for asked in server.asked() if asked.path != "/feed"] == ["/robots.txt", "/one"]
        assert "1 page" not in (await home.run("poll")).out


async def test_failing_feed_is_an_error_on_that_feed_alone(tmp_path: Path, server: FeedServer) -> None:
    """A page that is no feed, an empty one and one that is gone are told with their outlet; the good feed is learned."""
    others = {"/html": Answer(b"<!doctype html><title>Sign in</title>", content_type="text/html"), "/empty": Answer(b"")}
    more = ""
    for path, answer in others.items():
        server.answer(path, answer)
        more += f'[[feed]]\nurl = "{server.url(path)}"\noutlet = "Outlet {path[1:]}"\n'
    home = Home(tmp_path, config(server) + more + f'[[feed]]\nurl = "{server.url("/nowhere")}"\noutlet = "Outlet nowhere"\n')
    server.answer("/feed", article())
    ended = await home.run("poll", "--json")
    assert ended.status == 0
    feeds = {feed["outlet"]: feed for feed in json.loads(ended.out)["feeds"]}
    assert feeds["Tom's Guide"]["named"] == 1
    assert "404" in feeds["Outlet nowhere"]["error"]
    assert "not a feed" in feeds["Outlet html"]["error"] or "no feed" in feeds["Outlet html"]["error"]
    assert feeds["Outlet empty"]["error"]
    screen = (await home.run("status")).out
    assert "Outlet html" in screen


async def test_unreachable_target_keeps_its_deliveries(tmp_path: Path, server: FeedServer) -> None:
    """While a target refuses, its alert waits and the other target has its own; when it is back it gets the alert once."""
    async with WebhookReceiver() as good, WebhookReceiver(Webhook(status=503)) as bad:
        home = Home(tmp_path, config(server, f"good={good.url()}", f"bad={bad.url()}"))
        server.answer("/feed", EMPTY, article())
        await home.run("poll")
        ended = await home.run("poll")
        assert ended.status == 1
        assert "bad: not sent, will be tried again" in ended.out
        state = {t["name"]: t for t in json.loads((await home.run("status", "--json")).out)["targets"]}
        assert state["bad"]["waiting"] > 0
        assert state["good"]["waiting"] == 0
        bad.manner = Webhook()
        with sqlite3.connect(home.database) as db:
            db.execute("UPDATE target SET not_before = NULL")
        db.close()
        assert (await home.run("poll")).status == 0
        assert (len(good.posts), len(bad.posts)) == (1, 2)


async def test_dry_run_shows_and_changes_nothing(tmp_path: Path, server: FeedServer) -> None:
    """`poll --dry-run` says what would be told; the store stays as it was, and the real poll then tells it."""
    async with WebhookReceiver() as hook:
        home = Home(tmp_path, config(server, f"hook={hook.url()}"))
        server.answer("/feed", EMPTY, article())
        await home.run("poll")
        before = home.database.read_bytes()
        dry = await home.run("poll", "--dry-run")
        assert (dry.status, home.database.read_bytes(), hook.posts) == (0, before, [])
        assert "hook: would be sent: Harbor Lights: opens September 14" in dry.out
        assert (await home.run("poll")).status == 0
        assert len(hook.posts) == 1


async def test_server_that_asks_us_to_wait_is_not_asked_again(tmp_path: Path, server: FeedServer) -> None:
    """After a Retry-After the feed is left alone, also by the next process, until its time or `--force`."""
    home = Home(tmp_path, config(server))
    server.answer("/feed", Answer(status=503, headers={"Retry-After": "7200"}), EMPTY)
    await home.run("poll")
    waiting = await home.run("poll")
    assert "asked us to wait until" in waiting.out
    assert len(server.asked("/feed")) == 1
    assert (await home.run("poll", "--force")).status == 0
    assert len(server.asked("/feed")) == 2


async def test_broken_configuration_names_every_problem(tmp_path: Path) -> None:
    """A configuration with several problems ends with status 78 and a line for each, and no traceback."""
    home = Home(tmp_path, '[fetch]\nevery = "0m"\nevrything = 1\n[[notify]]\nname = "x"\n')
    ended = await home.run("run")
    assert ended.status == 78
    assert "Traceback" not in ended.err
    assert len(ended.err.splitlines()) == 3


@asynccontextmanager
async def running(home: Home) -> AsyncIterator[asyncio.subprocess.Process]:
    """The daemon, running; killed at the end if it still does."""
    process = await home.start("run")
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def until(question: str, home: Home, *, seconds: float = 30) -> None:
    """Wait until a question to the store has the answer yes; fails when it has not in time."""
    async with asyncio.timeout(seconds):
        while True:
            try:
                with sqlite3.connect(f"{home.database.as_uri()}?mode=ro", uri=True) as db:
                    if db.execute(question).fetchone()[0]:
                        return
            except sqlite3.OperationalError:
                pass  # not made yet
            finally:
                if "db" in locals():
                    db.close()
            await asyncio.sleep(0.05)


async def test_killed_between_commit_and_send_alerts_once_after_the_restart(tmp_path: Path, server: FeedServer) -> None:
    """A daemon killed with SIGKILL after its commit and before its send tells the alert once when it runs again."""
    async with WebhookReceiver() as hook:
        wait = config(server, f"hook={hook.url()}").replace('group_wait = "0s"', 'group_wait = "6s"')
        home = Home(tmp_path, wait)
        server.answer("/feed", EMPTY, article())
        assert (await home.run("poll")).status == 0
        with sqlite3.connect(home.database) as db:
            db.execute("UPDATE feed SET next_poll_at = '2000-01-01T00:00:00.000000+00:00'")
        db.close()
        async with running(home) as daemon:
            await until("SELECT count(*) FROM outbox WHERE delivery IS NULL", home)
            daemon.send_signal(signal.SIGKILL)
            await daemon.wait()
        assert hook.posts == []
        async with running(home) as daemon:
            await until("SELECT count(*) FROM delivery WHERE state = 'sent'", home)
            daemon.send_signal(signal.SIGTERM)
            assert await asyncio.wait_for(daemon.wait(), 10) == 0
        assert len(hook.posts) == 1
        assert (await home.run("poll")).status == 0
        assert len(hook.posts) == 1


async def test_second_daemon_refuses_and_the_first_stops_cleanly(tmp_path: Path, server: FeedServer) -> None:
    """A second `run` on the same state refuses with status 75; the first ends with 0 on SIGTERM, and its lock with it."""
    home = Home(tmp_path, config(server))
    server.answer("/feed", EMPTY)
    async with running(home) as daemon:
        await until("SELECT count(*) FROM feed WHERE last_ok_at IS NOT NULL", home)
        second = await home.run("run")
        assert second.status == 75
        assert str(daemon.pid) in second.err
        daemon.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(daemon.wait(), 10) == 0
    assert (await home.run("poll")).status == 0


async def test_addresses_of_targets_stay_where_they_were_written(tmp_path: Path, server: FeedServer) -> None:
    """No part of a target's or the ping's address is in the log, the database, what verbs print, or what the system shows."""
    secrets = ("us3r-s3cret", "p4ss-s3cret", "t0ken-s3cret", "h34der-s3cret", "p1ng-s3cret")
    async with WebhookReceiver() as good, WebhookReceiver(Webhook(status=403)) as bad:
        marks = "us3r-s3cret:p4ss-s3cret@127.0.0.1:{}/t0ken-s3cret?+X-Key=h34der-s3cret"
        targets = [f"good=json://{marks.format(good.port)}", f"bad=json://{marks.format(bad.port)}"]
        ping = f'ping = "http://127.0.0.1:{bad.port}/p1ng-s3cret"\n'
        home = Home(tmp_path, ping + config(server, *targets))
        server.answer("/feed", EMPTY)
        assert (await home.run("poll")).status == 0
        server.answer("/feed", article())
        said = [await home.run("poll"), await home.run("notify", "test"), await home.run("notify", "list")]
        said += [await home.run("notify", "list", "--json"), await home.run("status", "--json"), await home.run("config", "show")]
        daemon = await home.start("run")
        try:
            await until("SELECT count(*) FROM meta WHERE key = 'pass_at'", home)
            seen = await asyncio.to_thread(shown_of, daemon.pid)
        finally:
            daemon.send_signal(signal.SIGTERM)
            out, err = await asyncio.wait_for(daemon.communicate(), 20)
        written = b"".join(file.read_bytes() for file in (tmp_path / "state").iterdir() if file.is_file())
        printed = "".join(one.out + one.err for one in said).encode() + out + err
        assert (len(good.posts), b"403" in printed) == (2, True)
        assert [post.path for post in good.posts] == ["/t0ken-s3cret"] * 2
        for place, text in {"printed": printed, "written": written, "seen": seen}.items():
            assert [secret for secret in secrets if secret.encode() in text] == [], place


def shown_of(pid: int) -> bytes:
    """The command lines and the environments of a process and its children."""
    pids = [pid, *children("watcher", pid)]
    return b"".join((Path("/proc", str(one)) / name).read_bytes() for one in pids for name in ("cmdline", "environ"))
