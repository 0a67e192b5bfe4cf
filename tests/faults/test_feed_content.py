"""Feeds that behave badly, down the whole line on the test's own clock: one fact stays one alert, and nothing hostile comes out.

Engine, store, parser, reader, sender and servers are real. Each feed is asked every half hour for as long as its script lasts.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from email.utils import format_datetime
from ipaddress import ip_network
from pathlib import Path

import pytest
from builders import NOW, OUTLETS, TITLE, world
from daemons import TAKEN, running, settings, wait_until
from engines import silent
from feedserver import Answer, Entry, FeedServer, rss
from invariants import asked, check, check_store, check_text
from processes import Home
from receivers import WebhookReceiver
from stopped import quick

from watcher.engine import Engine
from watcher.fetch import Fetcher
from watcher.model import Feed, Target
from watcher.read import Reader
from watcher.send import Sender

HALF = timedelta(minutes=30)
START = NOW + timedelta(minutes=1)
QUIET = Answer(rss())


def news(day: int = 12, *, guid: str = "one", link: str = "", hour: float = 1) -> Entry:
    """An article that gives the film a day in June, published so many hours after the beginning."""
    text = f"Mira Solis said that Harbor Lights opens in theaters on June {day}, 2026."
    at = format_datetime(NOW + timedelta(hours=hour))
    return Entry("Harbor Lights has a date", text, guid, link, at)


def other(number: int) -> Entry:
    """An article about nothing that anybody waits for."""
    at = format_datetime(NOW - timedelta(hours=number))
    return Entry(f"Another story, number {number}", "Nothing of it matters.", f"other-{number}", "", at)


def feed(*entries: Entry) -> Answer:
    """A feed of these articles."""
    return Answer(rss(*entries))


async def play(path: Path, *scripts: Sequence[Answer], more: int = 5) -> list[str]:
    """What a target is told while each feed's script is played, a poll each half hour and a pass between, and `more` polls."""
    with FeedServer() as server:
        feeds = [
            Feed(url=server.answer(f"/{n}", *script), outlet=outlet, every=1800)
            for n, (script, outlet) in enumerate(zip(scripts, ("Morning Reel", "Reel Talk"), strict=False))
        ]
        async with WebhookReceiver() as hook:
            there = world(feeds=feeds, targets=[Target(name="phone", url=hook.url())])
            there = replace(there, readers=(Reader((TITLE,), OUTLETS.outlets),), allow=(ip_network("127.0.0.0/8"),))
            async with (
                Sender(timeout=20, terminal=silent) as sender,
                await Engine.open(
                    path / "watcher.db",
                    there,
                    sender=sender,
                    make_fetcher=lambda: Fetcher(user_agent="test", allow=there.allow),
                    now=NOW,
                ) as engine,
            ):
                for poll in range(max(map(len, scripts)) + more):
                    await engine.tick(START + poll * HALF)
                    await engine.tick(START + poll * HALF + HALF / 2)
            return [json.loads(post.body)["title"] for post in hook.posts]


ONE = [news(), other(1), other(2)]
BEHAVIOURS = {
    "new guids each time": ([QUIET, QUIET, *(feed(news(guid=f"g{n}")) for n in range(12))],),
    "no guid and no link": ([QUIET, QUIET, *[feed(replace(news(), guid=""))] * 6],),
    "one guid, other links": ([QUIET, QUIET, *(feed(news(link=f"https://example.org/{n}")) for n in range(12))],),
    "a guid twice": ([QUIET, QUIET, *[feed(news(), news())] * 6],),
    "vanishes and returns": ([QUIET, QUIET, *[feed(*ONE), feed(other(1)), QUIET] * 5],),
    "in another order": ([QUIET, QUIET, *[feed(*ONE), feed(*reversed(ONE))] * 5],),
    "in two feeds": ([QUIET, QUIET, *[feed(*ONE)] * 8], [QUIET, QUIET, QUIET, *[feed(news(guid="two"))] * 8]),
    "edited, the fact unchanged": ([QUIET, QUIET, *(feed(replace(news(), title=f"Updated, {n}: a date")) for n in range(8))],),
}


@pytest.mark.parametrize("scripts", BEHAVIOURS.values(), ids=BEHAVIOURS)
async def test_one_fact_is_one_alert_however_its_feed_behaves(tmp_path: Path, scripts: tuple[Sequence[Answer], ...]) -> None:
    """Whatever guids, links and orders an article comes with, and however often it vanishes, its date is told once."""
    titles = await play(tmp_path, *scripts)
    assert len(titles) == 1
    assert "June 12, 2026" in titles[0]
    check_store(tmp_path / "watcher.db")


@pytest.mark.parametrize("hold", [1, 2, 5], ids=lambda hold: f"each {hold}")
async def test_an_article_that_flaps_does_not_ring_at_each_edit(tmp_path: Path, hold: int) -> None:
    """An article that is edited to and fro for two days is told once a day after its first correction, and how it ends up."""
    edits = [feed(news(12 if n // hold % 2 else 19)) for n in range(97)]
    titles = await play(tmp_path, [QUIET, QUIET, *edits], more=60)
    assert 2 <= len(titles) <= 5, titles
    assert "opens June 19" in titles[0]
    assert f"opens June {12 if 96 // hold % 2 else 19}, 2026" in titles[-1]
    check_store(tmp_path / "watcher.db")


async def test_a_first_fetch_of_five_hundred_is_no_flood(tmp_path: Path) -> None:
    """A feed that begins with five hundred old articles, many of them about the film, ends in one summary."""
    old = [news(1 + n % 28, guid=f"old-{n}", hour=-n) for n in range(1, 500)]
    titles = await play(tmp_path, [feed(*old)] * 4)
    assert len(titles) == 1
    check_store(tmp_path / "watcher.db")


HOSTILE = (
    "\x1b]0;owned\x07Harbor Lights \x1b[2J has a date",
    "Harbor Lights \u202ehas\u2066 a date",
    "Harbor Lights @everyone <script>alert(1)</script> has a date",
    "Harbor Lights " + "has a date " * 100_000,
    "Harbor Lights\u2028has a\x85date\x00",
)


@pytest.mark.parametrize("title", HOSTILE, ids=("escapes", "bidi", "markup", "a megabyte", "line ends and NUL"))
def test_hostile_titles_reach_log_screen_and_alert_as_plain_text(tmp_path: Path, title: str) -> None:
    """A title with control, bidi or markup characters, or a megabyte long, steers nothing in log, screens and alert."""
    with FeedServer() as server:
        url = server.answer("/feed", QUIET)
        server.answer("/hook", TAKEN)
        target = f'[[notify]]\nname = "hook"\nurl = "json://127.0.0.1:{server.port}/hook"\n'
        home = Home(tmp_path, settings(url, more=target))
        assert asked(home, "poll").returncode == 0
        words = "".join(f"&#{ord(char)};" if ord(char) > 127 else char.replace("<", "&lt;") for char in title)
        entry = "<item><title>{}</title><guid>one</guid><description>{}</description></item>"
        said = "Northwind Pictures said that Harbor Lights, with Orla Finch, opens in theaters on May 14, 2030."
        body = rss().replace(b"</channel>", (entry.format(words, said) + "</channel>").encode())
        server.answer("/feed", Answer(body))
        with running(home, command=quick(["--config", str(home.config), "run"])) as daemon:
            wait_until(lambda: server.asked("/hook") != [], "the alert")
            assert daemon.stop() == 0
        check(home, daemon.said)
        for verb in (["history"], ["why", "Harbor Lights"], ["feeds"], ["notify", "list"]):
            assert asked(home, *verb).returncode == 0, verb
        (post,) = server.asked("/hook")
        alert = json.loads(post.body)
        check_text(f"{alert['title']}\n{alert['message']}")
        assert len(alert["title"]) < 300


@pytest.mark.parametrize("body", [b"/etc/passwd", b"/dev/zero", b"/dev/tty", b"file:///etc/passwd"], ids=bytes.decode)
def test_a_body_that_names_a_place_is_only_a_body(tmp_path: Path, body: bytes) -> None:
    """A body that is a path is told as no feed, and nothing is opened for it: no line of that file, and no hang."""
    with FeedServer() as server:
        home = Home(tmp_path, settings(server.answer("/feed", Answer(body)), server.answer("/other", QUIET)))
        assert asked(home, "poll").returncode == 0
        one, two = check(home, "")["feeds"]
        assert "feed" in one["error"]
        assert "root:" not in json.dumps(one)
        assert two["error"] is None


def test_a_body_that_is_an_address_is_not_fetched(tmp_path: Path) -> None:
    """A body that is the address of a feed is told as no feed, and that address is never asked for."""
    with FeedServer() as server:
        secret = server.answer("/secret", QUIET)
        home = Home(tmp_path, settings(server.answer("/feed", Answer(secret.encode())), server.answer("/other", QUIET)))
        assert asked(home, "poll").returncode == 0
        assert check(home, "")["feeds"][0]["error"]
        assert server.asked("/secret") == []
