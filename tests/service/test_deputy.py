"""Verbs that write, asked of the daemon: by members of its group who may not write, and by whoever else may connect."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections.abc import Iterator
from datetime import UTC, datetime

import others
import pytest
from feedserver import Answer, Entry, FeedServer, rss
from others import MEMBER, OWNER, SharedHome, house, watching
from processes import one_feed

pytestmark = pytest.mark.skipif(others.why_not() is not None, reason=others.why_not() or "")

_YEAR = datetime.now(UTC).year + 1
_ARTICLE = f"<html><body><article><p>Harbor Lights will open in US cinemas on June 5, {_YEAR}.</p></article></body></html>"


@pytest.fixture
def server() -> Iterator[FeedServer]:
    """The feed, with nothing in it yet."""
    with FeedServer() as server:
        server.answer("/feed", Answer(rss()))
        yield server


@pytest.fixture
def home(server: FeedServer) -> Iterator[SharedHome]:
    """A state that is one user's and open to their group, with a feed that is asked once in a long while."""
    with house() as path:
        yield SharedHome(path, one_feed(server.url()).replace('every = "1s"', 'every = "1d"'))


def owners(home: SharedHome) -> set[int]:
    """Whose files lie in the state."""
    return {path.stat().st_uid for path in (home.path / "state").iterdir()}


async def test_members_write_through_the_daemon(home: SharedHome) -> None:
    """Every verb that writes does for a member what it does for the owner, says the same, and is done by the daemon."""
    async with watching(home):
        fixed = await home.run_as(MEMBER, "fix", "Harbor Lights", "release", f"{_YEAR}-05-09", "--json")
        assert fixed.status == 0, fixed.err
        word = json.loads(fixed.out)["word"]
        assert f"May 9, {_YEAR}" in (await home.run_as(MEMBER, "status")).out
        ignored = await home.run_as(MEMBER, "ignore", word)
        assert (ignored.status, "Discarded" in ignored.out) == (0, True)
        muted = await home.run_as(MEMBER, "--config", str(home.config), "mute", "harbor-lights", "--for", "3d")
        assert (muted.status, "is muted until" in muted.out) == (0, True)
        rebuilt = await home.run_as(MEMBER, "rebuild", "--commit", f"--config={home.config}", "--json")
        assert (rebuilt.status, json.loads(rebuilt.out)["committed"]) == (0, True)
        retried = await home.run_as(MEMBER, "notify", "retry", "--all", "--json")
        assert (retried.status, json.loads(retried.out)) == (0, {"version": 1, "retried": []})
        assert owners(home) == {OWNER.uid}


async def test_mistakes_are_told_as_they_are_elsewhere(home: SharedHome) -> None:
    """A mistake on the command line has the same words and status through the daemon as without it."""
    wrong = (("fix", "Nothing Watched", "release", "2031"), ("ignore", "0123456789ab"), ("mute", "harbor-lights", "--for", "x"))
    async with watching(home):
        through = [await home.run_as(MEMBER, *words) for words in wrong]
    alone = [await home.run_as(OWNER, *words) for words in wrong]
    assert [(one.status, one.out, one.err) for one in through] == [(one.status, one.out, one.err) for one in alone]
    assert [one.status for one in through] == [2, 2, 2]


async def test_files_are_read_with_the_rights_of_whoever_asks(home: SharedHome) -> None:
    """`learn` takes a member's own file and standard input along; a file that is the owner's alone stays closed to them."""
    own, secret = home.path / "article.html", home.path / "secret.html"
    for path, who in ((own, MEMBER), (secret, OWNER)):
        path.write_text(_ARTICLE, encoding="utf-8")
        path.chmod(0o600)
        os.chown(path, who.uid, who.gid)
    async with watching(home):
        refused = await home.run_as(MEMBER, "learn", str(secret))
        assert (refused.status, f"{secret}: cannot be read: permission denied" in refused.err) == (2, True)
        learned = await home.run_as(MEMBER, "learn", str(own), "--outlet", "Morning Reel", "--json")
        assert learned.status == 0, learned.err
        (source,) = json.loads(learned.out)["sources"]
        assert (source["source"], len(source["items"])) == (str(own), 1)
        piped = await home.run_as(
            MEMBER, "learn", "-", "--outlet", "Evening Reel", given=_ARTICLE.replace("June 5", "June 6").encode()
        )
        assert (piped.status, "HARBOR LIGHTS" in piped.out) == (0, True), piped.out


async def test_pass_is_asked_of_the_daemon(home: SharedHome, server: FeedServer) -> None:
    """`poll` beside a daemon is a pass of the daemon's own: it asks the feed now, believes what it says, and tells of it."""
    async with watching(home):
        said = Entry(guid="one", title="Harbor Lights is dated", body=f"Harbor Lights opens on June 5, {_YEAR}.")
        server.answer("/feed", Answer(rss(said)))
        polled = await home.run_as(MEMBER, "poll")
        assert "1 feed answered: 1 new item, 1 named Harbor Lights." in polled.out, polled.err
        again = json.loads((await home.run_as(MEMBER, "poll", "Morning Reel", "--json")).out)
        assert [(feed["outlet"], feed["error"]) for feed in again["feeds"]] == [("Morning Reel", None)]
        assert (await home.run_as(MEMBER, "poll", "No Such Outlet")).status == 2
        rehearsed = await home.run_as(MEMBER, "poll", "--dry-run")
        assert (rehearsed.status, "A dry run: nothing was stored or sent." in rehearsed.out) == (0, True), rehearsed.err
        assert owners(home) == {OWNER.uid}
    rehearsed = await home.run_as(MEMBER, "poll", "--dry-run")
    assert (rehearsed.status, "A dry run" in rehearsed.out) == (0, True), rehearsed.err


async def test_without_a_daemon_only_the_owner_and_root_write(home: SharedHome) -> None:
    """With the daemon down a member hears whose the state is and the whole command; root's word is written as the owner."""
    async with watching(home) as daemon:
        daemon.send_signal(signal.SIGTERM)
        await daemon.wait()
    for words in (("mute", "harbor-lights"), ("poll",)):
        refused = await home.run_as(MEMBER, *words)
        assert refused.status == 1
        assert f"it is {OWNER.uid}'s: sudo -u '#{OWNER.uid}' watcher {' '.join(words)}\n" in refused.err
    for path in (home.path / "state").iterdir():
        path.unlink()
    for words in (("mute", "harbor-lights"), ("poll",), ("fix", "harbor-lights", "release", f"{_YEAR}-05-09")):
        done = await home.run_as(None, *words)
        assert done.status == 0, done.err
        assert owners(home) == {OWNER.uid}
    async with watching(home):
        assert f"May 9, {_YEAR}" in (await home.run_as(MEMBER, "status")).out


async def test_daemon_that_stops_tells_whoever_waits(home: SharedHome, server: FeedServer) -> None:
    """A pass that a stopping daemon gives up ends for whoever asked with one line, and the daemon stops within its budget."""
    async with watching(home) as daemon:
        server.answer("/feed", Answer(rss(), pause=30))
        polling = asyncio.create_task(home.run_as(MEMBER, "poll"))
        async with asyncio.timeout(30):
            while len(await asyncio.to_thread(server.asked, "/feed")) < 2:
                pass
        daemon.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(daemon.wait(), 30) == 0
        ended = await polling
        assert (ended.status, ended.out, "Traceback" in ended.err) == (1, "", False)
        assert ended.err.startswith("watcher: the daemon ")
