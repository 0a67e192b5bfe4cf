"""The page behind an item, with real servers: what it says is told once, as the item's own word, and in the item's time."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from email.utils import format_datetime
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from builders import NOW, OUTLETS, TITLE, feed_state, world
from feedserver import Answer, Entry, FeedServer, redirect, rss
from pages import page
from receivers import WebhookReceiver

from watcher import follow
from watcher.decide.intents import Plan
from watcher.engine import Engine
from watcher.errors import StoreError
from watcher.fetch import Fetcher, Limits, PageFetcher
from watcher.learn import World
from watcher.model import Confidence, Feed, ReleaseKey, ReleaseType, Target
from watcher.read import Reader
from watcher.send import Sender
from watcher.store import ask
from watcher.store.store import Store
from watcher.tell.message import Message

LOOPBACK = [ip_network("127.0.0.1/32")]
KEY = ReleaseKey(title=TITLE.id, region="US", type=ReleaseType.THEATRICAL)
HEADLINE = "Harbor Lights Gets a Release Date"
DATED = ("Harbor Lights, starring Mira Solis, will be released in theaters on June 5, 2026.", "Nobody at the studio said more.")
OTHER = ("Harbor Lights (1962) is back in a restored print.", "It opens in theaters on June 5, 2026.")
TEASER = "Mira Solis sails again in the thriller."
MINUTE = timedelta(minutes=1)
#: How many claims count.
CURRENT = (
    "SELECT count(*) FROM claim JOIN reading ON reading.id = claim.reading JOIN source ON source.id = reading.source "
    "WHERE source.current AND reading.current"
)


@pytest.fixture
def server() -> Iterator[FeedServer]:
    """A web server for a feed and its pages, without robots.txt."""
    with FeedServer() as running:
        yield running


def html(paragraphs: Sequence[str], headline: str = HEADLINE, *, published: str = "", data: object = ...) -> Answer:
    """A page."""
    linked = {} if data is ... else {"data": data}
    body = page(headline, paragraphs, published=published, canonical="", **linked)
    return Answer(body.encode(), content_type="text/html; charset=utf-8")


def feed(*entries: Entry) -> Answer:
    """The feed with these entries."""
    return Answer(rss(*entries))


def entry(
    server: FeedServer, path: str = "/one", *, title: str = HEADLINE, body: str = TEASER, at: datetime | None = NOW
) -> Entry:
    """An item of the feed that links to a page."""
    published = "" if at is None else format_datetime(at)
    return Entry(title=title, body=body, guid=path, link=server.url(path), published=published)


def reading_world(server: FeedServer, hook: WebhookReceiver, *, pages: bool = True) -> World:
    """A world with the real reader, one feed and one target."""
    there = world(targets=[Target(name="hook", url=hook.url())], feeds=[Feed(url=server.url(), outlet="Morning Reel")])
    return replace(there, readers=(Reader(there.titles, OUTLETS.outlets),), pages=pages)


def silent(message: Message) -> None:
    """A terminal that nobody reads."""
    del message


@asynccontextmanager
async def opened(path: Path, there: World, *, learned: bool = True) -> AsyncIterator[Engine]:
    """An engine; with `learned` its feed was polled before and its title's first pass is over."""
    async with (
        Sender(timeout=20, terminal=silent) as sender,
        await Engine.open(
            path / "watcher.db",
            there,
            sender=sender,
            make_fetcher=lambda: Fetcher(user_agent="watcher/test", allow=LOOPBACK),
            pages=PageFetcher(
                user_agent="watcher/test", allow=LOOPBACK, own=[f.url for f in there.feeds], limits=Limits(total_s=5)
            ),
            now=NOW,
        ) as engine,
    ):
        if learned:
            past = feed_state(there.feeds[0].url, polled=NOW - timedelta(hours=1))
            await engine.in_store(lambda: engine.store.apply(Plan(at=NOW, feeds=(past,), learned=(TITLE.id,))))
        yield engine


async def asked(engine: Engine, question: str) -> list[tuple[Any, ...]]:
    """The rows that answer a question to the store."""
    return await engine.in_store(lambda: [tuple(row) for row in engine.store.connection.execute(question)])


async def page_state(engine: Engine) -> tuple[str, int, str]:
    """State, tries and reason of the only page."""
    ((state, tries, outcome),) = await asked(engine, "SELECT state, tries, outcome FROM page")
    return state, tries, outcome


def titles(hook: WebhookReceiver) -> list[str]:
    """The titles of the alerts that arrived."""
    return [json.loads(post.body)["title"] for post in hook.posts]


async def test_date_that_only_the_page_has_is_one_alert(tmp_path: Path, server: FeedServer) -> None:
    """An item without a date, whose page carries it, makes one alert with the date when the item's time has come, and no more."""
    async with WebhookReceiver() as hook, opened(tmp_path, reading_world(server, hook)) as engine:
        server.answer("/feed", feed(entry(server)))
        server.answer("/one", html(DATED))
        (followed,) = (await engine.tick(NOW)).followed
        assert (followed.error, followed.learned.changes) == (None, 2)
        for minutes in (9, 10, 40, 80):
            await engine.tick(NOW + minutes * MINUTE)
            assert len(hook.posts) == int(minutes >= 10)
        assert titles(hook) == ["Harbor Lights: opens June 5, 2026"]
        message = json.loads(hook.posts[0].body)["message"]
        assert DATED[0] in message
        assert "Morning Reel" in message
        assert [a.path for a in server.asked() if a.path != "/feed"] == ["/robots.txt", "/one"]
        fact = await engine.in_store(lambda: ask.fact(engine.store.connection, KEY))
        assert fact is not None
        assert (str(fact.value.date), fact.confidence, fact.outlets) == ("2026-06-05", Confidence.REPORTED, ("Morning Reel",))
        (outcome,) = await engine.in_store(lambda: ask.outcomes(engine.store.connection))
        assert outcome.outcome.startswith("told: ")


async def test_item_and_page_are_one_voice(tmp_path: Path, server: FeedServer) -> None:
    """What item and page both say is said once: nobody becomes surer, and one alert goes out in the item's time."""
    async with WebhookReceiver() as hook, opened(tmp_path, reading_world(server, hook)) as engine:
        server.answer("/feed", feed(entry(server, body=DATED[0])))
        server.answer("/one", html(DATED))
        await engine.tick(NOW)
        await engine.tick(NOW + 10 * MINUTE)
        assert titles(hook) == ["Harbor Lights: opens June 5, 2026"]
        fact = await engine.in_store(lambda: ask.fact(engine.store.connection, KEY))
        assert fact is not None
        assert (fact.revision, fact.confidence) == (1, Confidence.REPORTED)
        assert await asked(engine, f"{CURRENT} AND claim.kind = 'release'") == [(1,)]
        (outcome,) = await engine.in_store(lambda: ask.outcomes(engine.store.connection))
        assert outcome.outcome.startswith("told: ")
        assert (await engine.tick(NOW + 31 * MINUTE)).polled[0].learned.new == 0


async def test_page_corrects_its_item_before_anybody_is_told(tmp_path: Path, server: FeedServer) -> None:
    """On disagreement the page wins: one alert, as a first date, with the page's day and not a minute later."""
    async with WebhookReceiver() as hook, opened(tmp_path, reading_world(server, hook)) as engine:
        server.answer("/feed", feed(entry(server, body="Harbor Lights will be released in theaters on July 3, 2026.")))
        server.answer("/one", Answer(status=503), html(DATED))
        await engine.tick(NOW)
        await engine.tick(NOW + 4 * MINUTE)
        assert hook.posts == []
        await engine.tick(NOW + 10 * MINUTE)
        await engine.tick(NOW + 60 * MINUTE)
        assert titles(hook) == ["Harbor Lights: opens June 5, 2026"]


async def test_page_corrects_what_was_told(tmp_path: Path, server: FeedServer) -> None:
    """A page that comes after the alert and says another day makes a correction, told at once."""
    async with WebhookReceiver() as hook, opened(tmp_path, reading_world(server, hook)) as engine:
        server.answer("/feed", feed(entry(server, body="Harbor Lights will be released in theaters on July 3, 2026.")))
        server.answer("/one", Answer(status=503), html(DATED))
        await engine.tick(NOW)
        await engine.deliver(NOW + 10 * MINUTE)
        assert titles(hook) == ["Harbor Lights: opens July 3, 2026"]
        await engine.tick(NOW + 11 * MINUTE)
        assert len(hook.posts) == 2
        assert "June 5, 2026" in titles(hook)[1]
        assert "July 3, 2026" in titles(hook)[1]


async def test_page_that_says_the_day_refines_a_month_that_was_told(tmp_path: Path, server: FeedServer) -> None:
    """Where the item knew the month and was told, the page's day is a refinement and no correction."""
    async with WebhookReceiver() as hook, opened(tmp_path, reading_world(server, hook)) as engine:
        server.answer("/feed", feed(entry(server, body="Harbor Lights will be released in theaters in June 2026.")))
        server.answer("/one", Answer(status=503), html(DATED))
        await engine.tick(NOW)
        await engine.deliver(NOW + 10 * MINUTE)
        await engine.tick(NOW + 11 * MINUTE)
        assert await asked(engine, "SELECT kind FROM change WHERE key LIKE '%release%' ORDER BY revision") == [
            ("set",),
            ("refined",),
        ]
        assert len(hook.posts) == 2


async def test_alert_does_not_wait_for_a_slow_page(tmp_path: Path, server: FeedServer) -> None:
    """A page that is not to be had within `group_wait` holds nothing up, and one that later only agrees tells nothing."""
    async with WebhookReceiver() as hook, opened(tmp_path, reading_world(server, hook)) as engine:
        server.answer("/feed", feed(entry(server, body=DATED[0])))
        server.answer("/one", Answer(status=503), Answer(close=True), html(DATED))
        for minutes in (0, 4, 10):
            await engine.tick(NOW + minutes * MINUTE)
        assert titles(hook) == ["Harbor Lights: opens June 5, 2026"]
        assert (await page_state(engine))[0] == "due"
        await engine.tick(NOW + 25 * MINUTE)
        assert await page_state(engine) == ("read", 3, "")
        for minutes in (26, 60):
            await engine.tick(NOW + minutes * MINUTE)
        assert len(hook.posts) == 1


async def test_forbidden_page_is_not_fetched(tmp_path: Path, server: FeedServer) -> None:
    """Where robots.txt forbids it, the page is never asked for, the reason is kept, and the item's own word is told."""
    async with WebhookReceiver() as hook, opened(tmp_path, reading_world(server, hook)) as engine:
        server.answer("/robots.txt", Answer(b"User-agent: *\nDisallow: /one", content_type="text/plain"))
        server.answer("/feed", feed(entry(server, body=DATED[0])))
        for minutes in (0, 10, 40):
            await engine.tick(NOW + minutes * MINUTE)
        assert server.asked("/one") == []
        assert await page_state(engine) == ("given_up", 1, "its robots.txt asks us not to read it")
        assert titles(hook) == ["Harbor Lights: opens June 5, 2026"]


@pytest.mark.parametrize(
    ("answer", "requests", "reason"),
    [
        (Answer(status=404), 1, "404"),
        (Answer(status=410), 1, "410"),
        (Answer(status=403), 1, "403"),
        (Answer(b"%PDF", content_type="application/pdf"), 1, "no web page"),
        (Answer(b"<html><body></body></html>", content_type="text/html"), 1, "no text"),
        (redirect("http://127.0.0.2:9/inside"), 1, "private network"),
        (Answer(status=500), 3, "500"),
        (Answer(close=True), 3, "broke off"),
        (Answer(status=429, headers={"Retry-After": "1800"}), 3, "429"),
    ],
    ids=lambda value: str(value)[:60] if isinstance(value, Answer) else "",
)
async def test_page_that_cannot_be_had_is_given_up(
    tmp_path: Path, server: FeedServer, answer: Answer, requests: int, reason: str
) -> None:
    """What another try cannot mend is asked for once, the rest three times; the reason is kept and the item stays."""
    async with WebhookReceiver() as hook, opened(tmp_path, reading_world(server, hook)) as engine:
        server.answer("/feed", feed(entry(server, body=DATED[0])))
        server.answer("/one", answer)
        for minutes in range(0, 120, 3):
            await engine.follow(NOW + minutes * MINUTE) if minutes else await engine.tick(NOW)
        state, _, outcome = await page_state(engine)
        assert state == "given_up"
        assert reason in outcome
        assert not outcome.startswith(server.origin)
        assert len(server.asked("/one")) == requests
        await engine.deliver(NOW + 120 * MINUTE)
        assert titles(hook) == ["Harbor Lights: opens June 5, 2026"]


async def test_server_that_asks_us_to_wait_is_left_alone(tmp_path: Path, server: FeedServer) -> None:
    """A Retry-After puts the next try off, and a Crawl-delay the next page of that host."""
    async with WebhookReceiver() as hook, opened(tmp_path, reading_world(server, hook)) as engine:
        server.answer("/robots.txt", Answer(b"User-agent: *\nCrawl-delay: 90", content_type="text/plain"))
        server.answer("/feed", feed(entry(server), entry(server, "/two", title="Harbor Lights Adds to Cast")))
        server.answer("/one", Answer(status=503, headers={"Retry-After": "3600"}), html(DATED))
        server.answer("/two", html(DATED))

        def pages() -> list[str]:
            return sorted(a.path for a in server.asked() if a.path in {"/one", "/two"})

        await engine.tick(NOW)
        await engine.follow(NOW + MINUTE)
        assert len(pages()) == 1
        await engine.follow(NOW + 2 * MINUTE)
        assert pages() == ["/one", "/two"]
        await engine.follow(NOW + 59 * MINUTE)
        assert pages() == ["/one", "/two"]
        await engine.follow(NOW + 64 * MINUTE)
        assert pages() == ["/one", "/one", "/two"]


async def test_page_of_another_film_takes_the_alert_back(tmp_path: Path, server: FeedServer) -> None:
    """Where the page shows that another work of the name is meant, the waiting alert never leaves."""
    async with WebhookReceiver() as hook, opened(tmp_path, reading_world(server, hook)) as engine:
        server.answer("/feed", feed(entry(server, body="In theaters June 5, 2026.", title="Harbor Lights gets a date")))
        server.answer("/one", html(OTHER, "1962's Harbor Lights Gets a Release Date"))
        await engine.tick(NOW)
        await engine.tick(NOW + 10 * MINUTE)
        assert hook.posts == []
        assert await asked(engine, CURRENT) == [(0,)]


async def test_hostile_page_reaches_nobody(tmp_path: Path, server: FeedServer) -> None:
    """Escape sequences, bidi marks and markup of a page never come into store or alert."""
    evil = (
        "Harbor Lights, \x1b[31mstarring \u202eMira Solis,\u200b will be released &lt;script&gt;x&lt;/script&gt; on June 5, 2026."
    )
    async with WebhookReceiver() as hook, opened(tmp_path, reading_world(server, hook)) as engine:
        server.answer("/feed", feed(entry(server)))
        server.answer("/one", html((evil, *DATED), f"{HEADLINE} &lt;img src=x onerror=alert(1)&gt;"))
        await engine.tick(NOW)
        await engine.tick(NOW + 10 * MINUTE)
        texts = [text for row in await asked(engine, "SELECT title, body FROM item_version") for text in row]
        texts += [hook.posts[0].body.decode().encode().decode("unicode_escape")]
        for text in texts:
            assert not set("\x1b\u202e\u200b") & set(text)
            assert "<script" not in text
            assert "<img" not in text


async def test_data_of_the_page_states_a_date(tmp_path: Path, server: FeedServer) -> None:
    """A Movie of the title's name and people gives its day and its people where the text has none; people are no news."""
    movie = {"@type": "Movie", "name": "Harbor Lights", "datePublished": "2026-06-05", "actor": ["Mira Solis", "Ada Quill"]}
    async with WebhookReceiver() as hook, opened(tmp_path, reading_world(server, hook)) as engine:
        server.answer("/feed", feed(entry(server)))
        server.answer("/one", html(("Harbor Lights with Mira Solis has a poster now, and it is blue.",), data=movie))
        await engine.tick(NOW)
        await engine.tick(NOW + 10 * MINUTE)
        assert titles(hook) == ["Harbor Lights: opens June 5, 2026"]
        rules = await asked(engine, "SELECT kind, coalesce(status, date), rule FROM claim ORDER BY kind")
        assert ("release", "2026-06-05", "page.jsonld") in rules
        assert ("credit", "listed", "page.jsonld") in rules


async def test_first_poll_reads_fresh_pages_in_silence(tmp_path: Path, server: FeedServer) -> None:
    """The first poll follows what is still news, not what is old or undated, and the summary tells what the pages said."""
    async with WebhookReceiver() as hook, opened(tmp_path, reading_world(server, hook), learned=False) as engine:
        old = entry(server, "/old", at=NOW - timedelta(days=9), title="Harbor Lights Begins to Film")
        undated = entry(server, "/undated", at=None, title="Harbor Lights Is a Film")
        server.answer("/feed", feed(entry(server), old, undated))
        server.answer("/one", html(DATED))
        await engine.tick(NOW + MINUTE)
        await engine.tick(NOW + 20 * MINUTE)
        assert server.asked("/old") == server.asked("/undated") == []
        assert len(hook.posts) == 1
        assert "June 5, 2026" in json.loads(hook.posts[0].body)["message"]
        ((silence,),) = await asked(engine, "SELECT DISTINCT silent FROM change WHERE kind = 'set'")
        assert "first poll" in silence


async def test_old_news_behind_an_undated_item_is_silent(tmp_path: Path, server: FeedServer) -> None:
    """Where only the page says when it was published, and that is long ago, its news is learned in silence."""
    async with WebhookReceiver() as hook, opened(tmp_path, reading_world(server, hook)) as engine:
        server.answer("/feed", feed(entry(server, at=None)))
        server.answer("/one", html(DATED, published="2025-01-02T10:00:00Z"))
        await engine.tick(NOW)
        await engine.tick(NOW + 10 * MINUTE)
        assert hook.posts == []
        ((silence,),) = await asked(engine, "SELECT DISTINCT silent FROM change WHERE key LIKE '%release%'")
        assert silence == "old news, published 2025-01-02"


async def test_one_page_of_a_host_at_a_time(tmp_path: Path, server: FeedServer) -> None:
    """Each pass asks a host for one page only, and an address that two items share is asked for once."""
    async with WebhookReceiver() as hook, opened(tmp_path, reading_world(server, hook)) as engine:
        several = [entry(server, f"/{n}", title=f"Harbor Lights Casts Number {n}") for n in range(3)]
        twin = replace(entry(server, "/1", title="Harbor Lights once more"), guid="twin")
        server.answer("/feed", feed(*several, twin))
        for n in range(3):
            server.answer(f"/{n}", html(DATED))
        counts = [len((await engine.tick(NOW)).followed)]
        counts += [len(await engine.follow(NOW + seconds * timedelta(seconds=5))) for seconds in range(1, 5)]
        assert counts == [1, 1, 1, 0, 0]
        assert len([a for a in server.asked() if a.path[1:].isdigit()]) == 3


async def test_switched_off_nothing_is_followed(tmp_path: Path, server: FeedServer) -> None:
    """With `article_pages = false` no page is asked for, nor a robots.txt."""
    async with WebhookReceiver() as hook, opened(tmp_path, reading_world(server, hook, pages=False)) as engine:
        server.answer("/feed", feed(entry(server)))
        await engine.tick(NOW)
        assert {a.path for a in server.asked()} == {"/feed"}
        assert await asked(engine, "SELECT count(*) FROM page") == [(0,)]


async def test_edited_item_has_its_page_read_again(tmp_path: Path, server: FeedServer) -> None:
    """When a feed edits an item its page is read again, thrice at most; until then what the page said stays."""
    async with WebhookReceiver() as hook, opened(tmp_path, reading_world(server, hook)) as engine:
        server.answer("/one", html(DATED))
        for n in range(5):
            server.answer("/feed", feed(entry(server, body=f"{TEASER} Edited {n} times.")))
            at = NOW + n * timedelta(minutes=31)
            await engine.poll_all(engine.world.feeds, at)
            await engine.follow(at)
            fact = await engine.in_store(lambda: ask.fact(engine.store.connection, KEY))
            assert fact is not None
            assert fact.revision == 1
        assert len(server.asked("/one")) == 3


async def test_crash_before_the_commit_leaves_the_page_due(
    tmp_path: Path, server: FeedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page whose commit fails leaves no trace but its try; when its lease is over it is asked for again."""
    async with WebhookReceiver() as hook, opened(tmp_path, reading_world(server, hook)) as engine:
        server.answer("/feed", feed(entry(server)))
        server.answer("/one", html(DATED))

        def full(*_: object) -> None:
            raise sqlite3.OperationalError("disk I/O error")

        await engine.poll_all(engine.world.feeds, NOW)
        with monkeypatch.context() as broken:
            broken.setattr(Store, "_write_reading", full)
            with pytest.raises(StoreError):
                await engine.follow(NOW)
        assert await page_state(engine) == ("due", 1, "")
        assert await asked(engine, "SELECT count(*) FROM source WHERE kind = 'page'") == [(0,)]
        assert await asked(engine, "SELECT count(*) FROM item_version") == [(1,)]
        assert await engine.follow(NOW + MINUTE) == ()
        assert len(await engine.follow(NOW + 5 * MINUTE)) == 1
        assert await page_state(engine) == ("read", 2, "")


async def test_item_and_its_due_page_are_one_transaction(
    tmp_path: Path, server: FeedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No crash leaves an item without the page that it deserves: where the page cannot be noted, the item is not stored."""
    async with WebhookReceiver() as hook, opened(tmp_path, reading_world(server, hook)) as engine:
        server.answer("/feed", feed(entry(server)))

        def full(*_: object) -> dict[str, object]:
            raise sqlite3.OperationalError("disk I/O error")

        with monkeypatch.context() as broken:
            broken.setattr("watcher.store.linked.page_record", full)
            with pytest.raises(StoreError):
                await engine.poll_all(engine.world.feeds, NOW)
        assert await asked(engine, "SELECT (SELECT count(*) FROM item) + (SELECT count(*) FROM page)") == [(0,)]


async def test_page_that_waited_too_long_is_given_up(tmp_path: Path, server: FeedServer) -> None:
    """After days without us, pages of what is no longer news are given up unasked."""
    async with WebhookReceiver() as hook, opened(tmp_path, reading_world(server, hook)) as engine:
        server.answer("/feed", feed(entry(server)))
        await engine.poll_all(engine.world.feeds, NOW)
        assert await engine.follow(NOW + timedelta(days=4)) == ()
        assert await page_state(engine) == ("given_up", 0, "no longer news when its turn came")
        assert server.asked("/one") == []


def test_nothing_due_costs_one_indexed_query(tmp_path: Path) -> None:
    """A pass without due pages asks the store once, and that by an index."""
    with Store(tmp_path / "watcher.db") as store:
        asked: list[str] = []
        store.connection.set_trace_callback(asked.append)
        assert follow.claim(store, world(), NOW) == ()
        store.connection.set_trace_callback(None)
        assert len(asked) == 1
        plan = " ".join(row[3] for row in store.connection.execute(f"EXPLAIN QUERY PLAN {asked[0]}"))
        assert "USING INDEX page_due" in plan
