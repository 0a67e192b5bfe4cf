"""Linked pages: what a robots.txt forbids is never asked for, nothing but HTML is read, and the bounds of feeds hold."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network

import pytest
from feedserver import Answer, FeedServer, redirect
from pages import PARAGRAPHS, page
from protego import Protego

from watcher.errors import FetchError
from watcher.fetch import Limits, PageFetcher
from watcher.fetch.robots import Robots

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
LOOPBACK = [ip_network("127.0.0.1/32")]
HTML = Answer(page("Harbor Lights Sets Sail", PARAGRAPHS).encode(), content_type="text/html; charset=utf-8")
QUICK = Limits(body=200_000, total_s=0.4)


@pytest.fixture
def server() -> Iterator[FeedServer]:
    """A web server with one page and no robots.txt."""
    with FeedServer() as running:
        running.answer("/page", HTML)
        yield running


def robots(text: str, *, endless: bool = False) -> Answer:
    """A robots.txt."""
    return Answer(text.encode(), content_type="text/plain", endless=endless)


def fetcher(server: FeedServer, limits: Limits | None = None) -> PageFetcher:
    """A fetcher for somebody who has a feed on this server."""
    return PageFetcher(user_agent="watcher/1 (+tests)", allow=LOOPBACK, own=[server.url()], limits=limits or Limits(total_s=5))


@contextmanager
def refused(match: str) -> Iterator[list[FetchError]]:
    """A block that ends with a FetchError whose text matches."""
    caught: list[FetchError] = []
    with pytest.raises(FetchError, match=match) as error:
        yield caught
    caught.append(error.value)


async def test_page_is_asked_for_politely(server: FeedServer) -> None:
    """A page is fetched after one look at robots.txt, as HTML, under our own name, without cookies or referrer."""
    found = await fetcher(server).fetch(server.url("/page"), NOW)
    assert found.body == HTML.body
    assert [asked.path for asked in server.asked()] == ["/robots.txt", "/page"]
    headers = server.asked("/page")[0].headers
    assert headers["user-agent"] == "watcher/1 (+tests)"
    assert headers["accept"].startswith("text/html")
    assert not {"cookie", "referer", "if-none-match"} & set(headers)


@pytest.mark.parametrize(
    ("rules", "allowed"),
    [
        ("", True),
        ("User-agent: *\nDisallow: /", False),
        ("User-agent: *\nDisallow:", True),
        ("User-agent: *\nDisallow: /\n\nUser-agent: Watcher\nDisallow: /private", True),
        ("User-agent: watcher\nDisallow: /pa", False),
        ("User-agent: otherbot\nDisallow: /", True),
        ("User-agent: *\nDisallow: /\nAllow: /page", True),
        ("User-agent: *\nAllow: /\nDisallow: /*age$", False),
        ("User-agent: *\nDisallow: /page$\nAllow: /page", False),
        ("<html><p>Not here</p></html>", True),
        ("\ufeffUser-agent: *\r\nDisallow: /", False),
        ("User-agent: a\nUser-agent: *\nDisallow: /page", False),
    ],
)
async def test_robots_txt_is_obeyed(server: FeedServer, rules: str, allowed: bool) -> None:
    """Our own group counts, else everybody's; the longest rule wins, wildcards hold, and what is forbidden is never asked."""
    server.answer("/robots.txt", robots(rules))
    if allowed:
        assert (await fetcher(server).fetch(server.url("/page"), NOW)).body
    else:
        with refused(r"robots\.txt asks us not to") as caught:
            await fetcher(server).fetch(server.url("/page"), NOW)
        assert caught[0].lasting
    assert len(server.asked("/page")) == int(allowed)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410])
async def test_missing_robots_txt_allows_everything(server: FeedServer, status: int) -> None:
    """A robots.txt that is refused or not there forbids nothing (RFC 9309, section 2.3.1.3)."""
    server.answer("/robots.txt", Answer(status=status))
    assert (await fetcher(server).fetch(server.url("/page"), NOW)).status == 200


@pytest.mark.parametrize("answer", [Answer(status=503), Answer(status=429), Answer(close=True), Answer(pause=2)])
async def test_broken_robots_txt_means_not_now(server: FeedServer, answer: Answer) -> None:
    """While a robots.txt cannot be had nothing is read there, and it is asked again after some minutes, not for every page."""
    server.answer("/robots.txt", answer, robots("User-agent: *\nAllow: /"))
    pages = fetcher(server, QUICK)
    for minutes in (0, 1):
        with refused(r"robots\.txt cannot be read just now") as caught:
            await pages.fetch(server.url("/page"), NOW + timedelta(minutes=minutes))
        assert not caught[0].lasting
    assert len(server.asked("/robots.txt")) == 1
    assert (await pages.fetch(server.url("/page"), NOW + timedelta(minutes=6))).status == 200
    assert len(server.asked("/page")) == 1


async def test_robots_txt_is_remembered_for_a_day(server: FeedServer) -> None:
    """One look at robots.txt serves a day; then it is read again, and a new rule holds."""
    server.answer("/robots.txt", robots("User-agent: *\nAllow: /"), robots("User-agent: *\nDisallow: /"))
    pages = fetcher(server)
    for hours in (0, 1, 23):
        await pages.fetch(server.url("/page"), NOW + timedelta(hours=hours))
    assert len(server.asked("/robots.txt")) == 1
    with refused("asks us not to"):
        await pages.fetch(server.url("/page"), NOW + timedelta(hours=24))


async def test_long_robots_txt_is_read_as_far_as_its_bound(server: FeedServer) -> None:
    """Of a robots.txt without end the first 500 KiB are read, and they hold."""
    server.answer("/robots.txt", robots("User-agent: *\nDisallow: /page\n" + "# dust\n" * 1000, endless=True))
    with refused("asks us not to"):
        await fetcher(server).fetch(server.url("/page"), NOW)


async def test_hostile_robots_txt_keeps_nobody_waiting(server: FeedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """A robots.txt is read while other work goes on, however long that takes, and of many large ones few are remembered."""
    begun, go, parse = threading.Event(), threading.Event(), Protego.parse

    def slowly(text: str) -> Protego:
        begun.set()
        # Read on the event loop itself, nobody would ever say go.
        assert go.wait(5)
        return parse(text)

    monkeypatch.setattr(Protego, "parse", slowly)
    server.answer("/robots.txt", robots("User-agent: *\nAllow: /$1/*a*a\n"))
    task = asyncio.create_task(fetcher(server).fetch(server.url("/page"), NOW))
    await asyncio.to_thread(begun.wait, 20)
    go.set()
    assert (await task).status == 200

    async def long(url: str) -> str:
        return f"# {url}\n" + "x" * 400_000

    known = Robots()
    for n in range(9):
        await known.check(f"http://site{n}.example/", NOW, long)
    assert len(known._sites) == 2


@pytest.mark.parametrize("wish", ["nan", "inf", "1e999", "-5", "soon"])
async def test_crawl_delay_of_no_sense_is_none(server: FeedServer, wish: str) -> None:
    """A Crawl-delay that is no time is no wish, or the longest that is granted; never an error."""
    server.answer("/robots.txt", robots(f"User-agent: *\nCrawl-delay: {wish}"))
    pages = fetcher(server)
    await pages.fetch(server.url("/page"), NOW)
    assert pages.delay(server.url("/page")) in {timedelta(0), timedelta(hours=1)}


async def test_crawl_delay_is_known_within_reason(server: FeedServer) -> None:
    """A Crawl-delay is told to whoever spaces the requests, at most an hour of it."""
    server.answer("/robots.txt", robots("User-agent: *\nCrawl-delay: 12"), robots("User-agent: *\nCrawl-delay: 99999999"))
    pages = fetcher(server)
    assert pages.delay(server.url("/page")) == timedelta(0)
    await pages.fetch(server.url("/page"), NOW)
    assert pages.delay(server.url("/page")) == timedelta(seconds=12)
    await pages.fetch(server.url("/page"), NOW + timedelta(days=2))
    assert pages.delay(server.url("/page")) == timedelta(hours=1)


async def test_redirect_is_followed_as_far_as_the_next_site_allows(server: FeedServer) -> None:
    """A redirect within the rules is followed; one to a page that its robots.txt forbids is not."""
    server.answer("/short", redirect("/page"))
    assert (await fetcher(server).fetch(server.url("/short"), NOW)).url == server.url("/page")
    with FeedServer() as other:
        other.answer("/robots.txt", robots("User-agent: *\nDisallow: /"))
        server.answer("/away", redirect(other.url("/page")))
        with refused("asks us not to"):
            await fetcher(server).fetch(server.url("/away"), NOW)
        assert [asked.path for asked in other.asked()] == ["/robots.txt"]


async def test_redirect_to_a_private_address_is_refused(server: FeedServer) -> None:
    """Neither the page nor the robots.txt of an address that is not public is asked for, and no second try would help."""
    with FeedServer(host="127.0.0.2") as inside:
        server.answer("/away", redirect(inside.url("/page")))
        with refused("private network") as caught:
            await fetcher(server).fetch(server.url("/away"), NOW)
        assert caught[0].lasting
        assert inside.asked() == []


@pytest.mark.parametrize("kind", ["application/pdf", "video/mp4", "application/rss+xml", "text/plain; charset=utf-8"])
async def test_nothing_but_html_is_read(server: FeedServer, kind: str) -> None:
    """Other media types are refused before their body is read, however long it is."""
    server.answer("/file", Answer(b"x" * 1000, content_type=kind, endless=True))
    with refused("no web page") as caught:
        await fetcher(server).fetch(server.url("/file"), NOW)
    assert caught[0].lasting


async def test_pages_have_the_bounds_of_feeds(server: FeedServer) -> None:
    """Endless bodies, bombs and servers that drip come to an end as an error."""
    server.answer("/endless", Answer(b"<p>x</p>" * 1000, content_type="text/html", endless=True))
    server.answer("/bomb", Answer(b"\0" * 20_000_000, content_type="text/html", gzip=True))
    server.answer("/drip", Answer(HTML.body, content_type="text/html", drip=0.1))
    for path, match in (("/endless", "larger than"), ("/bomb", "larger than"), ("/drip", "longer than")):
        with refused(match):
            await fetcher(server, QUICK).fetch(server.url(path), NOW)
