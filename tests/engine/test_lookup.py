"""What was told before a title was added: found in the store, in feeds of tags and in links, believed, and told to nobody."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from email.utils import format_datetime
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from builders import NOW, OUTLETS, TITLE, feed_state, item, world
from engines import Threads
from feedserver import Answer, Entry, FeedServer, redirect, rss
from pages import page

from watcher.catalogue import Catalogue
from watcher.decide.intents import LinkedPage, Plan
from watcher.fetch import Limits, PageFetcher
from watcher.follow import take_page
from watcher.learn import World, take
from watcher.lookup import ADDED, Lookup, Taken, given
from watcher.lookup import Answer as Came
from watcher.model import Confidence, CreditKey, Feed, Item, Outlet, ReleaseKey, ReleaseType, Status, Title
from watcher.parse import Page
from watcher.read import Reader
from watcher.store import ask
from watcher.store.store import Store

LOOPBACK = [ip_network("127.0.0.1/32")]
OTHER = Title(id="moth", name="Paper Moth", context=("Ada Quill",))
KEY = ReleaseKey(title=TITLE.id, region="US", type=ReleaseType.THEATRICAL)
FEED = Feed(url="https://example.org/feed", outlet="The Ledger")
SET = "Harbor Lights, starring Mira Solis, will be released in theaters on June 5, 2026."
MOVED = "Harbor Lights, starring Mira Solis, has moved from June 5, 2026 to July 3, 2026."
BOTH = f"{SET} Paper Moth, with Ada Quill, opens in theaters on May 1, 2026."
DAY = timedelta(days=1)


@pytest.fixture
def server() -> Iterator[FeedServer]:
    """A web server for tags and articles, without robots.txt."""
    with FeedServer() as running:
        yield running


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty store."""
    with Store(tmp_path / "watcher.db") as opened:
        yield opened


def reading(*titles: Title) -> World:
    """A world with the real reader that watches these titles in one feed, and would tell a phone."""
    return replace(world(titles=titles, feeds=[FEED]), readers=(Reader(titles, OUTLETS.outlets),), pages=True)


def poll(store: Store, there: World, *items: Item, at: datetime = NOW, feed: Feed = FEED) -> None:
    """Let a feed bring items, for whatever titles are watched then."""
    store.configure(there.titles, [feed], at, [at])
    take(store, there, feed, items, after=feed_state(feed.url, polled=at), now=at)


class Looking:
    """A look for a title in a store, with a clock that nobody waits for."""

    def __init__(self, store: Store, *titles: Title) -> None:
        self.pauses: list[float] = []
        self.heard: list[Came] = []
        self.look = Lookup(
            store=store,
            world=replace(reading(*titles), feeds=()),
            pages=PageFetcher(user_agent="watcher/test", allow=LOOPBACK, limits=Limits(total_s=5, body=200_000)),
            parser=Threads(),
            now=NOW + DAY,
            silence=ADDED,
            pause=self.pause,
        )
        self.look.enter()

    async def pause(self, seconds: float) -> None:
        """Note how long somebody would have waited."""
        self.pauses.append(seconds)

    def through_the_store(self) -> tuple[Taken, ...]:
        """Read what is stored."""
        return self.look.take(self.look.stored(self.look.world.titles[0]))

    def through_tags(self, *urls: str, outlet: str = "The Ledger") -> tuple[Taken, ...]:
        """Ask for feeds of tags, and take in what they bring."""
        feeds = [Feed(url=url, outlet=outlet) for url in urls]
        answers = asyncio.run(self.look.ask_tags(feeds, self.heard.append))
        return self.look.take(self.look.unknown(answers))

    def at(self, url: str) -> Came:
        """Ask for a link."""
        return asyncio.run(self.look.ask_link(url))


def asked(store: Store, question: str) -> list[tuple[Any, ...]]:
    """The rows that answer a question to the store."""
    return [tuple(row) for row in store.connection.execute(question)]


def date_of(store: Store) -> tuple[str, Confidence] | None:
    """The date that is held for the title in US cinemas, and how sure."""
    fact = ask.fact(store.connection, KEY)
    return None if fact is None else (str(fact.value.date), fact.confidence)


def entry(guid: str, title: str, body: str, *, link: str = "", days: int = 0) -> Entry:
    """An item of a feed, so many days before now."""
    published = format_datetime(NOW - days * DAY)
    return Entry(title=title, body=body, guid=guid, link=link or f"https://example.org/{guid}", published=published)


def html(
    headline: str, paragraphs: Sequence[str], *, published: str = "2025-02-20", canonical: str = "", head: str = ""
) -> Answer:
    """An article."""
    body = page(headline, paragraphs, published=published, canonical=canonical, head=head)
    return Answer(body.encode(), content_type="text/html; charset=utf-8")


def test_what_the_store_says_is_believed_and_nobody_told(store: Store) -> None:
    """Items that came before the title was watched make its facts and its history in their order, without a row to send."""
    old = reading(OTHER)
    poll(store, old, item("two", MOVED, on=NOW - DAY), item("none", "Something else."))
    poll(store, old, item("one", SET, on=NOW - 9 * DAY))
    looking = Looking(store, TITLE)
    taken = looking.through_the_store()
    assert [(one.text.item.guid, bool(one.reads)) for one in taken] == [("one", True), ("two", True)]
    assert date_of(store) == ("2026-07-03", Confidence.CONFIRMED)
    changes = [change for change in ask.changes(store.connection, title=TITLE.id) if change.key == KEY]
    assert [str(change.new) for change in changes] == ["2026-06-05", "2026-07-03"]
    assert {change.silent for change in ask.changes(store.connection, title=TITLE.id)} == {ADDED}
    assert asked(store, "SELECT * FROM outbox") == []
    reasons = {one.outcome for one in ask.outcomes(store.connection, title=TITLE.id)}
    assert reasons == {f"learned in silence: {ADDED}"}


def test_other_titles_stay_as_they_are(store: Store) -> None:
    """A stored item that two titles share is read for the new one; readings, claims and facts of the other do not change."""
    poll(store, reading(OTHER), item("both", BOTH))
    tables = ("reading WHERE title = 'moth'", "revision WHERE title = 'moth'", "source", "item_version")
    before = [asked(store, f"SELECT * FROM {table}") for table in tables]
    Looking(store, TITLE).through_the_store()
    assert date_of(store) == ("2026-06-05", Confidence.CONFIRMED)
    assert [asked(store, f"SELECT * FROM {table}") for table in tables] == before
    assert all(before)


def test_looking_twice_changes_nothing(store: Store) -> None:
    """A second look finds everything read before: no reading, claim, revision or change comes to the store."""
    poll(store, reading(OTHER), item("one", SET), item("two", MOVED))
    Looking(store, TITLE).through_the_store()
    tables = ("reading", "claim", "revision", "change", "source", "item", "feed")
    before = [asked(store, f"SELECT * FROM {table}") for table in tables]
    taken = Looking(store, TITLE).through_the_store()
    assert [one.again for one in taken] == [True, True]
    assert [asked(store, f"SELECT * FROM {table}") for table in tables] == before


def test_title_told_by_better_words_is_read_anew(store: Store) -> None:
    """A rumour of an ambiguous name becomes a report once the title knows who stands beside it, and the date is surer."""
    bare = Title(id="heist", name="Heist")
    key = ReleaseKey(title="heist", region="US", type=ReleaseType.THEATRICAL)
    text = "Heist, a film with Orla Finch, opens in theaters on June 5, 2026."
    poll(store, reading(OTHER), item("one", text, on=NOW - 20 * DAY))
    Looking(store, bare).through_the_store()
    first = ask.fact(store.connection, key)
    assert first is not None
    assert first.confidence is Confidence.RUMOURED
    Looking(store, replace(bare, context=("Orla Finch",))).through_the_store()
    second = ask.fact(store.connection, key)
    assert second is not None
    assert (second.value, second.confidence) == (first.value, Confidence.CONFIRMED)
    assert [o.verdict for o in ask.outcomes(store.connection, title="heist")] == ["about"]
    assert asked(store, "SELECT * FROM outbox") == []


def test_tags_are_read_and_never_polled(store: Store, server: FeedServer) -> None:
    """What a feed of a tag brings is believed and keeps that feed's address, which is due only for who configures it."""
    tag = server.answer("/tag/harbor-lights/feed/", Answer(rss(entry("one", "Harbor Lights is dated", SET, days=3))))
    looking = Looking(store, TITLE)
    looking.through_tags(tag)
    assert date_of(store) == ("2026-06-05", Confidence.CONFIRMED)
    assert asked(store, "SELECT DISTINCT feed FROM item") == [(tag,)]
    later = NOW + 400 * DAY
    assert store.due_feeds([FEED.url], later) == []
    assert [state.url for state in store.due_feeds([tag], later)] == [tag]
    assert asked(store, "SELECT * FROM outbox") == []


def test_dead_tag_is_a_line_and_no_more(store: Store, server: FeedServer) -> None:
    """Feeds of tags that fail in every way are answers with a reason; the good one is taken, and no failure is stored."""
    dead = FeedServer()  # never started: nobody answers there
    with FeedServer(host="127.0.0.2") as elsewhere:
        server.answer("/good", Answer(rss(entry("one", "Harbor Lights is dated", SET))))
        server.answer("/html", html("Sign in", ["Please."]))
        looking = Looking(store, TITLE)
        for url in (server.url("/gone"), server.url("/html"), elsewhere.url("/feed"), server.url("/good")):
            looking.through_tags(url)
    dead._http.server_close()
    assert [(came.missing, came.error is None) for came in looking.heard] == [
        (True, False),
        (False, False),
        (False, False),
        (False, True),
    ]
    assert elsewhere.asked() == []
    assert date_of(store) == ("2026-06-05", Confidence.CONFIRMED)
    assert [url for (url,) in asked(store, "SELECT url FROM feed")] == [server.url("/good")]


def test_one_host_is_asked_slowly_and_given_up_when_it_refuses(store: Store, server: FeedServer) -> None:
    """Tags of one host are asked one after the other with a second between them; a refusal ends it, a missing tag does not."""
    server.answer("/b", Answer(status=429, headers={"Retry-After": "60"}))
    looking = Looking(store, TITLE)
    looking.through_tags(*(server.url(path) for path in ("/a", "/b", "/c")))
    assert [asked.path for asked in server.asked()] == ["/robots.txt", "/a", "/b"]
    assert looking.pauses == [1]


def test_robots_txt_is_obeyed(store: Store, server: FeedServer) -> None:
    """A tag or a link that its owner closes to us is not asked for, and one who wants a minute between visits gets no second."""
    rules = b"User-agent: *\nDisallow: /tag/\nDisallow: /one\nCrawl-delay: 60\n"
    server.answer("/robots.txt", Answer(rules, content_type="text/plain"))
    server.answer("/feed", Answer(rss()))
    looking = Looking(store, TITLE)
    looking.through_tags(server.url("/tag/harbor-lights/feed/"))
    looking.through_tags(server.url("/feed"), server.url("/feed/two"))
    assert "robots.txt" in str(looking.at(server.url("/one")).error)
    assert [asked.path for asked in server.asked()] == ["/robots.txt", "/feed"]


def test_item_that_came_by_its_feed_is_not_taken_again(store: Store, server: FeedServer) -> None:
    """An article that is stored already is left out of a tag's feed, whatever guid it has there."""
    poll(store, reading(OTHER), item("one", SET, on=NOW - DAY))
    tag = server.answer("/tag", Answer(rss(entry("other-guid", "Harbor Lights is dated", SET, link="https://example.org/one"))))
    looking = Looking(store, TITLE)
    looking.through_the_store()
    assert looking.through_tags(tag) == ()
    assert asked(store, "SELECT guid FROM item") == [("one",)]


def test_articles_behind_the_newest_tagged_items_are_read(store: Store, server: FeedServer) -> None:
    """Of items that carry no date the newest three of a host are followed, and what the article says is believed in silence."""
    entries = [entry(f"g{n}", "Harbor Lights news", "Mira Solis speaks.", link=server.url(f"/p{n}"), days=n) for n in range(5)]
    tag = server.answer("/tag", Answer(rss(*entries)))
    server.answer("/p1", html("Harbor Lights news", [SET, "Nobody said more than that on Monday."]))
    looking = Looking(store, TITLE)
    taken = looking.through_tags(tag)
    followed = asyncio.run(looking.look.read_articles(taken))
    assert [one.path for one in server.asked() if one.path.startswith("/p")] == ["/p0", "/p1", "/p2"]
    assert [one.error is None for one in followed] == [False, True, False]
    assert min(looking.pauses) >= 1
    assert asked(store, "SELECT state FROM page ORDER BY url") == [("given_up",), ("read",), ("given_up",)]
    assert date_of(store) == ("2026-06-05", Confidence.CONFIRMED)
    assert asked(store, "SELECT * FROM outbox") == []


def test_link_is_read_as_its_hosts_word_of_its_day(store: Store, server: FeedServer) -> None:
    """An article counts as the word of the outlet of its host, on the day that it gives itself."""
    server.answer("/one", html("Harbor Lights is dated", [SET, "Nobody said more than that on Monday."]))
    looking = Looking(store, TITLE)
    local = Outlet(name="Local Light", owner="Local Light", hosts=("127.0.0.1",))
    look = replace(looking.look, world=replace(looking.look.world, catalogue=Catalogue(outlets=(local,))))
    came = asyncio.run(look.ask_link(server.answer("/short", redirect("/one"))))
    (taken,) = look.take(came.texts)
    assert (came.outlet, taken.text.item.link) == ("Local Light", server.url("/one"))
    fact = ask.fact(store.connection, KEY)
    assert fact is not None
    assert (fact.outlets, fact.since.date().isoformat(), fact.confidence) == (("Local Light",), "2025-02-20", Confidence.REPORTED)


def test_link_to_a_feed_is_read_as_its_items(store: Store, server: FeedServer) -> None:
    """A link that leads to a feed gives the items of it."""
    url = server.answer("/feed", Answer(rss(entry("a", "Harbor Lights is dated", SET), entry("b", "Else", "Nothing."))))
    looking = Looking(store, TITLE)
    taken = looking.look.take(looking.at(url).texts)
    assert [bool(one.reads) for one in taken] == [True, False]
    assert [guid for (guid,) in asked(store, "SELECT guid FROM item")] == ["https://example.org/a"]


@pytest.mark.parametrize(
    "answer",
    [
        Answer(b"\x00\xff" * 5000, content_type="text/html"),
        Answer(b"<html><body>" + b"<div>" * 60_000, content_type="text/html"),
        Answer(b"%PDF-1.7 Harbor Lights", content_type="application/pdf"),
        Answer(b"<p>x", content_type="text/html", endless=True),
        Answer(b"<?xml version='1.0'?><!DOCTYPE x [<!ENTITY a 'b'>]><rss><channel>&a;", content_type="text/xml"),
        Answer(b"", content_type="text/html"),
        Answer(close=True),
    ],
    ids=["bytes", "deep", "pdf", "endless", "entities", "empty", "hangs-up"],
)
def test_hostile_page_is_harmless(store: Store, server: FeedServer, answer: Answer) -> None:
    """Whatever a link gives, it is an error in words or a text that names nothing; nothing of it is stored."""
    looking = Looking(store, TITLE)
    came = looking.at(server.answer("/one", answer))
    looking.look.take(came.texts)
    assert came.error is None or came.error.isprintable()
    assert asked(store, "SELECT * FROM item") == []


def test_page_cannot_speak_for_another_outlet(store: Store, server: FeedServer) -> None:
    """A page that calls another outlet's address its own stays its host's word, dated no later than now."""
    lie = html(
        "Harbor Lights is dated", [SET, "Nobody said more."], published="2099-01-01", canonical="https://ledger.example/real"
    )
    looking = Looking(store, TITLE)
    (text,) = looking.at(server.answer("/one", lie)).texts
    assert (text.outlet, text.item.link, text.item.published) == ("127.0.0.1", server.url("/one"), None)


def test_page_that_is_stored_is_read_for_the_new_title_too(store: Store) -> None:
    """The article behind another title's item is a stored text as well, and stays the one that counts for that title."""
    poll(store, reading(OTHER), item("one", "Ada Quill speaks of Paper Moth.", title="Paper Moth", on=NOW))
    ((name,),) = asked(store, "SELECT id FROM item")
    linked = LinkedPage(item=name, url="https://example.org/one", host="example.org", story="s", due_at=NOW, wanted_at=NOW)
    found = Page(url=linked.url, title="Two films", text=BOTH)
    take_page(store, reading(OTHER), linked, found, NOW, rest=timedelta(0))
    before = asked(store, "SELECT id, current FROM source ORDER BY id")
    Looking(store, TITLE).through_the_store()
    assert date_of(store) == ("2026-06-05", Confidence.CONFIRMED)
    assert asked(store, "SELECT id, current FROM source ORDER BY id") == before


def test_given_texts_are_told_apart_by_what_they_say(store: Store) -> None:
    """Two files of the same name and lines of the same number are two texts; one that is given twice is one."""
    looking = Looking(store, TITLE)
    first, second = (given(Item(guid="1", title="News", body=text), "Morning Reel") for text in (SET, MOVED))
    assert sorted(one.again for one in looking.look.take([first, second, first])) == [False, False, True]
    assert len(asked(store, "SELECT * FROM item")) == 2


def test_people_of_several_texts_are_one_person(store: Store) -> None:
    """A person whom an early text names in full and a later one in short has one credit."""
    early = item("one", "Bo Larsen-Holm has joined the cast of Harbor Lights with Mira Solis.", on=NOW - 5 * DAY)
    late = item("two", "Bo Larsen-Holm joins Harbor Lights, the film with Mira Solis.", on=NOW)
    poll(store, reading(OTHER), late, early)
    Looking(store, TITLE).through_the_store()
    joined = [f for f in ask.facts(store.connection, title=TITLE.id) if isinstance(f.key, CreditKey)]
    assert [f.key.person for f in joined if f.value.status is Status.JOINS] == ["bo-larsen-holm"]


def test_nobody_is_told_though_the_title_is_watched_already(store: Store, server: FeedServer) -> None:
    """For a title past its silent start, what is looked up tells nobody either, however fresh it is."""
    looking = Looking(store, TITLE)
    store.apply(Plan(at=NOW, learned=(TITLE.id,)))
    looking.through_tags(server.answer("/tag", Answer(rss(entry("one", "Harbor Lights is dated", SET)))))
    assert date_of(store) == ("2026-06-05", Confidence.CONFIRMED)
    assert asked(store, "SELECT * FROM outbox") == []
