"""A wall against bad servers: floods, lying frames, odd addresses, hangs in every phase, and the way in from outside."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import socket
import ssl
import threading
import time
from datetime import UTC, datetime
from ipaddress import ip_network
from typing import TYPE_CHECKING

import pytest
from feedserver import Answer, FeedServer, redirect
from fetching import AGENT, FEED, LOOPBACK, fetch, refusal

from watcher.errors import FetchError
from watcher.fetch import Fetcher, Limits, PageFetcher, Request, guard
from watcher.fetch.names import resolve_by_system

if TYPE_CHECKING:
    from collections.abc import Iterator
    from ipaddress import IPv4Address, IPv6Address
    from pathlib import Path

OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
GZIPPED = OK + b"Content-Encoding: gzip\r\n\r\n"
NOW = datetime(2025, 3, 3, 12, tzinfo=UTC)


def raw(head: bytes, forever: bytes = b"") -> Answer:
    """Bytes as they are, and then others without end."""
    return Answer(forever, raw=head, endless=bool(forever))


# Floods: cheap to send, dear to read


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (raw(b"", b"HTTP/1.1 100 \r\n\r\n" * 4000), "more than an answer may hold"),
        (raw(b"", b"HTTP/1.1 103 Early\r\nLink: " + b"x" * 60_000 + b"\r\n\r\n"), "more than an answer may hold"),
        (raw(CHUNKED, b"1\r\nx\r\n" * 10_000), "too many small pieces"),
        (raw(CHUNKED, b"1;" + b"e" * 60_000 + b"\r\nx\r\n"), "more than an answer may hold"),
        (raw(CHUNKED + b"1;", b"e" * 60_000), "does not speak HTTP"),
        (raw(CHUNKED + b"1\r\nx\r\n0\r\n", b"A: 1\r\n" * 4000), "does not speak HTTP"),
        (raw(OK, b"A: 1\r\n" * 4000), "does not speak HTTP"),
        (raw(OK + b"A: ", b"x" * 60_000), "does not speak HTTP"),
        (raw(b"HTTP/1.1 200 ", b"x" * 60_000), "does not speak HTTP"),
        (raw(GZIPPED + b"\x1f\x8b\x08\x08\0\0\0\0\0\0", b"n" * 60_000), "larger than"),
        (raw(GZIPPED + b"\x1f\x8b\x08\x00\0\0\0\0\0\0", b"\0\0\0\xff\xff" * 12_000), "larger than"),
        (raw(GZIPPED + gzip.compress(FEED), bytes(60_000)), "larger than"),
        (raw(OK + b"\r\n", b"x" * 60_000), "larger than"),
    ],
)
def test_a_flood_ends_by_its_size_and_not_by_the_clock(answer: Answer, words: str) -> None:
    """Interim answers, chunk extensions, crumbs, trailers, headers and names within gzip without end: each is given up early."""
    with FeedServer() as server:
        server.answer("/feed", answer)
        assert words in str(refusal(server.url(), limits=Limits(total_s=25)))


def test_a_server_that_is_always_faster_does_not_stop_our_clock() -> None:
    """While bytes come without a pause the time limit holds, and other fetches of the same loop get their turn."""
    with FeedServer() as server:
        # Blocks of nothing, so that what comes takes no room.
        server.answer("/fast", raw(GZIPPED + b"\x1f\x8b\x08\x00\0\0\0\0\0\0", b"\0\0\0\xff\xff" * 200_000))
        server.answer("/feed", Answer(FEED))

        async def both() -> None:
            limits = Limits(total_s=0.5, body=10**12)
            one, other = (Fetcher(user_agent="x", allow=LOOPBACK, limits=limits) for _ in range(2))
            flood = asyncio.create_task(one.fetch(Request(url=server.url("/fast"))))
            await asyncio.sleep(0.1)
            assert (await other.fetch(Request(url=server.url("/feed")))).body == FEED
            assert not flood.done()
            with pytest.raises(FetchError, match=r"took longer than 0\.5 seconds"):
                await flood
            await one.aclose()
            await other.aclose()

        asyncio.run(both())


def test_fifty_dripping_servers_keep_nobody_waiting() -> None:
    """Fifty answers that drip at once cost another fetch nothing, and all of them end at their time limit."""
    with FeedServer() as server:
        server.answer("/drip", Answer(FEED, drip_head=0.3))
        server.answer("/feed", Answer(FEED))

        async def all_at_once() -> list[str]:
            fetchers = [Fetcher(user_agent="x", allow=LOOPBACK, limits=Limits(total_s=2)) for _ in range(51)]
            drips = [asyncio.create_task(one.fetch(Request(url=server.url("/drip")))) for one in fetchers[1:]]
            await asyncio.sleep(0.2)
            await fetchers[0].fetch(Request(url=server.url("/feed")))
            assert not any(drip.done() for drip in drips)
            ends = await asyncio.gather(*drips, return_exceptions=True)
            for one in fetchers:
                await one.aclose()
            return [str(end) for end in ends]

        assert all("took longer than 2 seconds" in end for end in asyncio.run(all_at_once()))


# Frames that lie


@pytest.mark.parametrize(
    "answer",
    [
        b"Transfer-Encoding: gzip, chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
        b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
        b"Transfer-Encoding: identity\r\n\r\nok",
        b"Transfer-Encoding: xchunked\r\n\r\nok",
        b"Transfer-Encoding: chunked\r\n\r\n5\r\nok",
        b"Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n",
        b"Transfer-Encoding: chunked\r\n\r\n-2\r\nok\r\n0\r\n\r\n",
        b"Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFFFFF\r\nok",
        b"Content-Length: 2\r\nContent-Length: 3\r\n\r\nok",
        b"Content-Length: -2\r\n\r\nok",
        b"Content-Length: 1e1\r\n\r\nok",
        b"Content-Length: " + b"9" * 30 + b"\r\n\r\nok",
        b"ETag : x\r\nContent-Length: 2\r\n\r\nok",
    ],
)
def test_a_frame_that_lies_is_an_error(answer: bytes) -> None:
    """Lengths that are none, contradict each other or are not kept, and codings that nobody asked for, give no body."""
    with FeedServer() as server:
        server.answer("/feed", raw(OK + answer))
        assert "does not speak HTTP" in str(refusal(server.url()))


@pytest.mark.parametrize(
    "answer", [b"<rss></rss>", b"\0\0\x12\x04\0\0\0\0\0\0\3\0\0\0d", b"HTTP/1.1 200 OK\r\r", b"HTTP/1.1 000 x\r\n\r\n"]
)
def test_what_is_no_http_is_an_error(answer: bytes) -> None:
    """HTTP/0.9, HTTP/2 unasked, odd line ends and impossible statuses are no answer."""
    with FeedServer() as server:
        server.answer("/feed", raw(answer))
        assert "does not speak HTTP" in str(refusal(server.url()))


@pytest.mark.parametrize(
    "answer",
    [
        OK + b"Content-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\n\r\nand more",
        OK + b"Content-Length: 2\r\nContent-Length: 2\r\n\r\nok",
        OK + b"Content-Length: 9999\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
        OK + b"Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nContent-Encoding: gzip\r\nETag: evil\r\n\r\n",
        OK + b"A: 1\r\n" * 15_000 + b"Content-Length: 2\r\n\r\nok",
        OK + b"A: " + b"x" * 90_000 + b"\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.0 200 OK\r\n\r\nok",
        b"HTTP/1.1 200 OK\nContent-Length: 2\n\nok",
        b"HTTP/1.1 103 Early\r\n\r\n" + OK + b"Content-Length: 2\r\n\r\nok",
    ],
)
def test_what_follows_or_surrounds_a_body_is_not_of_it(answer: bytes) -> None:
    """Bytes after the answer, trailers, many headers and an interim answer change nothing of the body that was framed."""
    with FeedServer() as server:
        server.answer("/feed", raw(answer))
        found = fetch(server.url())
        assert (found.body, found.etag) == (b"ok", None)


@pytest.mark.parametrize(("status", "body"), [(204, b""), (205, b"ok"), (200, b"")])
def test_an_empty_answer_is_empty(status: int, body: bytes) -> None:
    """A 204 has no body whatever follows it, and a length of nothing means nothing; the parser says that this is no feed."""
    with FeedServer() as server:
        length = b"0" if status == 200 else b"2"
        server.answer("/feed", raw(b"HTTP/1.1 %d x\r\nContent-Length: %b\r\n\r\nok" % (status, length)))
        assert fetch(server.url()).body == body


@pytest.mark.parametrize("head", [b"HTTP/1.1 101 x\r\nUpgrade: h2c\r\nConnection: upgrade\r\n\r\n", b"HTTP/1.1 206 x\r\n\r\n"])
def test_neither_a_part_nor_another_protocol_is_an_answer(head: bytes) -> None:
    """A part of a body (206) and a change of the protocol (101) that nobody asked for are errors."""
    with FeedServer() as server:
        server.answer("/feed", raw(head, b"x" * 1000))
        refusal(server.url())


@pytest.mark.parametrize(
    "fields",
    [
        b"Content-Encoding: gzip\r\nContent-Encoding: gzip\r\n",
        b"Content-Encoding: gzip, identity\r\n",
        b"Content-Encoding: gzip, br\r\n",
        b"Content-Encoding: zstd\r\n",
        b"Content-Encoding: g\xefzip\r\n",
        b"Content-Encoding: gzip;q=1\r\n",
    ],
)
def test_a_coding_is_gzip_or_nothing(fields: bytes) -> None:
    """Repeated, chained, unknown and misspelt content codings are refused before a byte of the body is read."""
    with FeedServer() as server:
        server.answer("/feed", raw(OK + fields + b"\r\n", gzip.compress(FEED)))
        assert "compression that we did not ask for" in str(refusal(server.url()))


# Redirects


def test_the_body_of_a_redirect_is_not_read() -> None:
    """A redirect with a body without end is followed at once."""
    with FeedServer() as server:
        server.answer("/feed", raw(b"HTTP/1.1 302 x\r\nLocation: /ok\r\nContent-Encoding: gzip\r\n\r\n", b"x" * 60_000))
        server.answer("/ok", Answer(FEED))
        assert fetch(server.url()).body == FEED


@pytest.mark.parametrize(
    "location",
    [
        b"/\x01\x1b[31mred",
        b"http://127.0.0.1:0/",
        b"http://127.0.0.1:65536/",
        b"http://127.0.0.1:-1/",
        b"/" + b"x" * 3000,
        b"http://u:p@127.0.0.1/",
        b"HTTPS:127.0.0.1",
        b"javascript:alert(1)",
        b"unix:/run/x.sock",
    ],
)
def test_a_redirect_that_no_browser_would_follow_is_refused(location: bytes) -> None:
    """Control bytes, impossible ports, endless addresses, credentials and other schemes in Location end in a plain sentence."""
    with FeedServer() as server:
        server.answer("/feed", raw(b"HTTP/1.1 302 x\r\nLocation: " + location + b"\r\nContent-Length: 0\r\n\r\n"))
        assert str(refusal(server.url())).isprintable()
        assert len(server.asked()) == 1


def test_a_location_in_utf8_is_understood() -> None:
    """Bytes above ASCII in Location are read as UTF-8, as browsers do, and the first of two Locations counts."""
    with FeedServer() as server:
        head = "HTTP/1.1 302 x\r\nLocation: /caf\u00e9\r\nLocation: http://169.254.169.254/\r\nContent-Length: 0\r\n\r\n"
        server.answer("/feed", raw(head.encode()))
        server.answer("/caf%C3%A9", Answer(FEED))
        assert fetch(server.url()).body == FEED


def test_credentials_stay_with_their_site() -> None:
    """User and password of a URL are sent to its own site, on a redirect within it too, and never to another."""
    with FeedServer() as server, FeedServer() as other:
        server.answer("/feed", redirect("/second"))
        server.answer("/second", redirect(other.url("/third")))
        other.answer("/third", Answer(FEED))
        fetch(server.url().replace("://", "://ann:b%40d@"))
        sent = [asked.headers.get("authorization") for asked in (*server.asked(), *other.asked())]
        assert sent == ["Basic YW5uOmJAZA==", "Basic YW5uOmJAZA==", None]


# Addresses


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1.",
        "127.1",
        "127.0.1",
        "2130706433",
        "0x7f000001",
        "0x7f.0.0.1",
        "017700000001",
        "0177.0.0.1",
        "127.0.0.01",
        "0",
        "0.0.0.0",
        "[::]",
        "[::1]",
        "[0:0:0:0:0:0:0:1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[::ffff:0:127.0.0.1]",
        "[::127.0.0.1]",
        "[64:ff9b::127.0.0.1]",
        "[2002:7f00:1::]",
        "[::1%25lo]",
        "[fe80::1%25lo]",
        "LocalHost",
        "\u2460\u2461\u2466.\u24ea.\u24ea.\u2460",
        "\uff11\uff12\uff17.\uff10.\uff10.\uff11",
        "127\u30020\u30020\u30021",
        "127\uff0e0\uff0e0\uff0e1",
        "\uff4c\uff4f\uff43\uff41\uff4c\uff48\uff4f\uff53\uff54",
        "%6cocalhost",
        "example.org@127.0.0.1",
    ],
)
def test_no_spelling_of_this_machine_gets_through(host: str) -> None:
    """However this machine is written, no packet reaches it: not directly, by a redirect, or through a proxy."""
    with FeedServer() as server, FeedServer(host="127.0.0.2") as door:
        server.answer("/feed", Answer(FEED))
        inward = f"http://{host}:{server.port}/feed"
        door.answer("/feed", raw(f"HTTP/1.1 302 x\r\nLocation: {inward}\r\nContent-Length: 0\r\n\r\n".encode()))
        refusal(inward, allow=())
        refusal(door.url(), allow=[ip_network("127.0.0.2/32")])
        assert server.asked() == []
        refusal(inward, allow=(), proxy=server.origin)
        assert server.asked() == []


@pytest.mark.parametrize(
    "address",
    [
        "192.0.0.192",
        "100.100.100.200",
        "fd00:ec2::254",
        "fe80::a9fe:a9fe%1",
        "2001::1",
        "2001:20::1",
        "3fff::1",
        "5f00::1",
        "4000::1",
        "100:0:0:1::1",
        "::ffff:0:7f00:1",
        "198.18.0.1",
    ],
)
def test_no_address_for_special_use_is_public(address: str) -> None:
    """Metadata of clouds, benchmarks, documents, protocols, and IPv6 beyond what is given to networks are not public."""
    assert not guard.is_public(guard.ip_address(address))


def test_of_mixed_addresses_the_public_are_taken() -> None:
    """A name with private and allowed addresses leads to an allowed one; one with private ones alone to none."""
    with FeedServer() as server, FeedServer(host="127.0.0.2") as inner:
        server.answer("/feed", Answer(FEED))

        async def mixed(host: str, port: int) -> list[str]:
            assert (host, port) == ("mixed.example", server.port)
            return ["169.254.169.254", "127.0.0.2", "::1", "127.0.0.1"]

        url = f"http://mixed.example:{server.port}/feed"
        assert fetch(url, allow=[ip_network("127.0.0.1/32")], resolve=mixed).body == FEED
        assert "allow_addresses" in str(refusal(url, allow=(), resolve=mixed))
        assert inner.asked() == []


@pytest.fixture
def outside(monkeypatch: pytest.MonkeyPatch) -> Iterator[FeedServer]:
    """A server whose address counts as public, though it is of this machine."""
    with FeedServer(host="127.0.0.9") as server:

        def is_public(address: IPv4Address | IPv6Address) -> bool:
            return str(address) == "127.0.0.9"

        monkeypatch.setattr(guard, "is_public", is_public)
        yield server


def test_the_outside_cannot_send_us_into_an_allowed_network(outside: FeedServer) -> None:
    """What is allowed is for the addresses that the user wrote: no redirect from a public server leads there, not by a detour."""
    with FeedServer() as inside:
        inside.answer("/feed", Answer(FEED))
        inside.answer("/moved", redirect("/feed"))
        inside.answer("/out", redirect(outside.url("/in")))
        outside.answer("/in", redirect(inside.url("/feed")))
        assert fetch(inside.url("/moved")).body == FEED
        before = len(inside.asked())
        error = refusal(outside.url("/in"))
        assert "nobody outside may send us" in str(error)
        assert error.lasting
        assert len(inside.asked()) == before
        refusal(inside.url("/out"))
        assert [asked.path for asked in inside.asked()[before:]] == ["/out"]


async def test_links_into_an_allowed_network_are_for_its_own_feeds(outside: FeedServer) -> None:
    """An article in an allowed network is read on the site of a feed or of an address the user named, and else not asked for."""
    with FeedServer() as inside:
        inside.answer("/page", Answer(b"<p>x</p>", content_type="text/html"))
        outside.answer("/page", redirect(inside.url("/page")))
        public = PageFetcher(user_agent="x", allow=LOOPBACK, own=[outside.url()])
        for url in (inside.url("/page"), outside.url("/page")):
            with pytest.raises(FetchError, match="nobody outside may send us"):
                await public.fetch(url, NOW)
        assert inside.asked() == []
        assert (await PageFetcher(user_agent="x", allow=LOOPBACK, own=[inside.url()]).fetch(inside.url("/page"), NOW)).body
        assert (await public.fetch(inside.url("/page"), NOW, feeds=True)).body


def test_names_that_hang_keep_no_other_name_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many lookups hang, the next name is looked up at once, and the threads are left behind at the end."""
    release = threading.Event()
    real = socket.getaddrinfo

    def getaddrinfo(host: str, *rest: object, **more: object) -> object:
        if host == "silent.example":
            release.wait(20)
        return real("127.0.0.1", *rest, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)

    async def many() -> list[str]:
        hung = [asyncio.create_task(resolve_by_system("silent.example", 80)) for _ in range(40)]
        await asyncio.sleep(0.05)
        async with asyncio.timeout(5):
            found = [await resolve_by_system("quick.example", 80) for _ in range(20)]
        for one in hung:
            one.cancel()
        return [address for addresses in found for address in addresses]

    try:
        assert set(asyncio.run(many())) == {"127.0.0.1"}
        assert all(thread.daemon for thread in threading.enumerate() if thread.name == "lookup")
    finally:
        release.set()


# Servers that hang


@contextlib.contextmanager
def listener(*, backlog: int = 5) -> Iterator[int]:
    """A port that takes connections and neither reads nor writes."""
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(backlog)
        yield deaf.getsockname()[1]


@pytest.mark.parametrize(
    ("scheme", "words"), [("http", "took longer than 0.5 seconds"), ("https", "could not be reached in time")]
)
def test_a_server_that_never_says_a_word_is_given_up(scheme: str, words: str) -> None:
    """Whoever takes the connection and is silent, in the handshake or after it, is given up at the limit of that phase."""
    with listener() as port:
        limits = Limits(total_s=0.5 if scheme == "http" else 5, connect_s=0.3)
        assert words in str(refusal(f"{scheme}://127.0.0.1:{port}/", limits=limits))


def test_a_connection_that_is_cut_hard_is_an_error() -> None:
    """A reset in the middle of a body is told as a connection that broke, and nothing of the body is kept."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()

        def answer() -> None:
            end, _ = server.accept()
            end.recv(65_536)
            end.sendall(OK + b"Content-Length: 100\r\n\r\nabc")
            time.sleep(0.1)
            end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            end.close()

        thread = threading.Thread(target=answer)
        thread.start()
        assert "connection" in str(refusal(f"http://127.0.0.1:{server.getsockname()[1]}/"))
        thread.join()


# Proxies


@pytest.fixture
def proxy() -> Iterator[FeedServer]:
    """A server that a proxy's requests are sent to."""
    with FeedServer() as running:
        yield running


def test_a_configured_proxy_gets_the_whole_address_and_its_own_password(proxy: FeedServer) -> None:
    """Through a proxy no name is looked up here: the proxy is asked for the whole URL, and its password is for it alone."""

    async def nobody(host: str, port: int) -> list[str]:
        raise AssertionError((host, port))

    proxy.answer("http://far.example/feed", Answer(FEED, etag='"v"'))
    through = proxy.origin.replace("://", "://ann:s3cret@")
    found = fetch("http://far.example/feed", allow=(), proxy=through, resolve=nobody)
    assert (found.body, found.etag) == (FEED, '"v"')
    asked = proxy.asked()[0]
    assert asked.headers["host"] == "far.example"
    assert asked.headers["proxy-authorization"] == "Basic YW5uOnMzY3JldA=="
    assert "authorization" not in asked.headers


def test_a_secure_site_is_reached_through_a_tunnel(proxy: FeedServer) -> None:
    """For https the proxy is asked for a tunnel; one that refuses is named, and sees neither path nor query."""
    error = refusal("https://far.example/feed?token=s3cret", allow=(), proxy=proxy.origin)
    assert "through the proxy" in str(error)
    assert [(asked.method, asked.target) for asked in proxy.asked()] in ([], [("CONNECT", "far.example:443")])


@pytest.mark.parametrize(
    "host",
    [
        "10.0.0.1",
        "127.1",
        "localhost",
        "x.localhost.",
        "nas.local",
        "nas",
        "metadata.internal",
        "[::1]",
        "127.0.0.1%20",
        "a.b%00.example",
    ],
)
def test_what_is_private_by_its_spelling_is_not_asked_of_a_proxy(proxy: FeedServer, host: str) -> None:
    """A proxy resolves names itself, so that what can be seen by the spelling is refused here, on redirects too."""
    proxy.answer(f"http://{host}/", Answer(FEED))
    assert "private network" in str(refusal(f"http://{host}/", allow=(), proxy=proxy.origin))
    assert proxy.asked() == []
    proxy.answer("http://far.example/", redirect(f"http://{host}/"))
    refusal("http://far.example/", allow=[ip_network("10.0.0.0/8")], proxy=proxy.origin)
    assert [asked.target for asked in proxy.asked()] == ["http://far.example/"]


def test_a_proxy_that_is_not_there_or_refuses_is_named() -> None:
    """A failure on the way through a proxy says so, without the proxy's password, and nothing is asked without it."""
    with FeedServer() as server, socket.socket() as unheard:
        server.answer("/feed", Answer(FEED))
        unheard.bind(("127.0.0.1", 0))
        gone = f"http://ann:s3cret@127.0.0.1:{unheard.getsockname()[1]}"
        error = str(refusal(server.url(), proxy=gone))
        assert "through the proxy: nobody answers there" in error
        assert "s3cret" not in error
        assert server.asked() == []
        server.answer("http://far.example/", Answer(status=407))
        assert "the proxy asks for a login" in str(refusal("http://far.example/", proxy=server.origin))


# Waiting


@pytest.mark.parametrize(
    ("fields", "age", "wait"),
    [
        ({"Expires": "Mon, 03 Mar 2025 14:00:00 GMT"}, 7200, None),
        ({"Retry-After": "Mon, 03 Mar 2025 12:10:00 GMT"}, None, 600.0),
        ({"Retry-After": "Mon, 03 Mar 2025 11:00:00 GMT"}, None, 0.0),
        ({"Date": "Mon, 03 Mar 2025 13:00:00 GMT", "Retry-After": "Mon, 03 Mar 2025 13:01:00 GMT"}, None, 60.0),
        ({"Date": "yesterday", "Retry-After": "Mon, 03 Mar 2025 12:01:00 GMT"}, None, 60.0),
    ],
)
def test_an_answer_without_a_date_is_from_the_time_of_asking(fields: dict[str, str], age: int | None, wait: float | None) -> None:
    """Expires and Retry-After count from the answer's own Date, and from the time of asking where it has none."""
    with FeedServer() as server:
        server.answer("/feed", Answer(FEED, headers=fields, date=None))
        found = fetch(Request(url=server.url(), at=NOW))
        assert (found.max_age, found.retry_after) == (age, wait)
        server.answer("/busy", Answer(status=503, headers=fields, date=None))
        assert refusal(Request(url=server.url("/busy"), at=NOW)).retry_after == wait


@pytest.mark.parametrize("etag", ['W/"a\xff\x80"', '"\x01\x1b[31m"', "bare", '""', '"a", "b"', "W/"])
def test_any_etag_comes_back_as_it_was(etag: str) -> None:
    """An ETag is nobody's to understand: weak, bare, empty, a list, with control bytes or above ASCII, it is sent as it came."""
    with FeedServer() as server:
        server.answer("/feed", Answer(FEED, etag=etag))
        first = fetch(server.url())
        assert fetch(Request(url=server.url(), etag=first.etag)).status == 304
        assert server.asked()[1].headers["if-none-match"] == etag


def test_an_etag_that_changes_each_time_is_asked_about_each_time() -> None:
    """A server with another ETag at each answer gets the last one back, and its whole answers are taken."""
    with FeedServer() as server:
        server.answer("/feed", *(Answer(FEED, etag=f'"{n}"') for n in range(3)))
        etag: str | None = None
        for _ in range(3):
            found = fetch(Request(url=server.url(), etag=etag))
            assert found.body == FEED
            etag = found.etag
        assert [asked.headers.get("if-none-match") for asked in server.asked()] == [None, '"0"', '"1"']


def test_a_date_alone_is_a_validator_too() -> None:
    """Where only Last-Modified came, If-Modified-Since is sent alone, as it came."""
    with FeedServer() as server:
        server.answer("/feed", Answer(FEED, last_modified="Sun, 02 Mar 2025 11:22:33 GMT"))
        first = fetch(server.url())
        assert fetch(Request(url=server.url(), last_modified=first.last_modified)).status == 304
        assert server.asked()[1].headers["if-modified-since"] == "Sun, 02 Mar 2025 11:22:33 GMT"
        assert "if-none-match" not in server.asked()[1].headers


# TLS, which is read and written by hand here


def test_a_long_answer_over_tls_comes_whole(secure: FeedServer, trust: ssl.SSLContext) -> None:
    """Many records of TLS, plain, behind gzip or in chunks, come out as they went in."""
    body = bytes(range(256)) * 8000
    secure.answer("/plain", Answer(body))
    secure.answer("/gzip", Answer(body, gzip=True))
    secure.answer("/close", raw(OK + b"\r\n" + body))
    for path in ("/plain", "/gzip", "/close"):
        assert fetch(secure.url(path), tls=trust).body == body


def test_a_body_that_breaks_off_over_tls_is_an_error(secure: FeedServer, trust: ssl.SSLContext) -> None:
    """A server that hangs up in the middle, without TLS's goodbye, has given no body."""
    secure.answer("/feed", Answer(FEED, length=len(FEED) + 9))
    assert "broke off" in str(refusal(secure.url(), tls=trust))


def test_a_flood_over_tls_ends_by_its_size(secure: FeedServer, trust: ssl.SSLContext) -> None:
    """The bounds of what comes in hold over TLS too."""
    secure.answer("/feed", raw(b"", b"HTTP/1.1 100 \r\n\r\n" * 4000))
    secure.answer("/body", raw(OK + b"\r\n", b"x" * 60_000))
    assert "more than an answer may hold" in str(refusal(secure.url(), tls=trust, limits=Limits(total_s=25)))
    assert "larger than 8 MB" in str(refusal(secure.url("/body"), tls=trust, limits=Limits(total_s=25)))


def test_a_redirect_to_a_site_with_a_bad_certificate_is_refused(secure: FeedServer) -> None:
    """A redirect to https is held to the certificate as the first address would be."""
    with FeedServer() as server:
        server.answer("/feed", redirect(secure.url()))
        assert "certificate cannot be trusted" in str(refusal(server.url()))
        assert secure.asked() == []


def test_an_expired_certificate_is_refused(expired: Path) -> None:
    """A certificate that was good once ends in an error that says so, whoever vouches for it, and no request is sent."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(expired)
    with FeedServer(tls=context) as server:
        server.answer("/feed", Answer(FEED))
        error = str(refusal(server.url(), tls=ssl.create_default_context(cafile=str(expired))))
        assert "certificate has expired" in error
        assert server.asked() == []


class Tunnel:
    """A proxy that gives everybody a tunnel to one port of this machine, and notes what it was asked."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.asked = ""
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        near, _ = self._listener.accept()
        with near, socket.create_connection(("127.0.0.1", self._port)) as far:
            while not self.asked.endswith("\r\n\r\n"):
                self.asked += near.recv(1).decode("latin-1")
            near.sendall(b"HTTP/1.1 200 Go\r\n\r\n")
            threading.Thread(target=self._pump, args=(far, near), daemon=True).start()
            self._pump(near, far)

    @staticmethod
    def _pump(source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65_536):
                sink.sendall(data)

    def close(self) -> None:
        """Give up."""
        self._listener.close()
        self._thread.join(5)


def test_within_a_tunnel_the_site_is_who_it_should_be(secure: FeedServer, trust: ssl.SSLContext) -> None:
    """Through a proxy's tunnel the certificate is checked as without; the proxy sees the host and no path, password or query."""
    secure.answer("/feed", Answer(FEED))
    tunnel = Tunnel(secure.port)
    url = f"https://ann:s3cret@127.0.0.1:{secure.port}/feed?token=s3cret"
    assert fetch(url, tls=trust, proxy=tunnel.url).body == FEED
    tunnel.close()
    assert tunnel.asked.startswith(f"CONNECT 127.0.0.1:{secure.port} HTTP/1.1\r\n")
    assert "s3cret" not in tunnel.asked
    assert secure.asked()[0].headers["authorization"] == "Basic YW5uOnMzY3JldA=="
    tunnel = Tunnel(secure.port)
    assert "certificate cannot be trusted" in str(refusal("https://far.example/feed", tls=trust, proxy=tunnel.url))
    tunnel.close()


def test_tunnels_that_fail_do_not_use_the_fetcher_up() -> None:
    """However many secure sites a proxy leads to nowhere, or to nobody who answers, the next feed is had as ever."""

    async def proxy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = (await reader.readuntil(b"\r\n\r\n")).split()[1]
        writer.write(b"HTTP/1.1 200 Go\r\n\r\n")
        if asked == b"silent.example:443":
            await reader.read()  # all that comes, until the other end gives up
        writer.write(b"no such thing" if b":443" in asked else FEED)
        writer.close()

    async def run() -> bytes | None:
        async with await asyncio.start_server(proxy, "127.0.0.1", 0) as server:
            way = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
            fetcher = Fetcher(user_agent=AGENT, limits=Limits(total_s=5, connect_s=0.5), proxy=way)
            for host in ("broken.example", "silent.example", "broken.example"):
                with pytest.raises(FetchError, match=r"no secure connection|could not be reached in time"):
                    await fetcher.fetch(Request(url=f"https://{host}/"))
            found = await fetcher.fetch(Request(url="http://far.example/feed"))
            await fetcher.aclose()
            return found.body

    assert asyncio.run(run()) == FEED


# Ways to a server


def test_an_address_that_leads_nowhere_costs_little(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where packets to the first address vanish, as on a broken IPv6 network, the second is tried before the time is up."""
    monkeypatch.setattr(guard, "_PATIENCE_S", 0.3)
    with FeedServer() as server, socket.socket() as hole, contextlib.ExitStack() as stack:
        server.answer("/feed", Answer(FEED))
        hole.bind(("127.0.0.3", server.port))
        hole.listen(0)
        for _ in range(3):  # what waits to be accepted fills the queue: Linux drops who comes then
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(("127.0.0.3", server.port))

        async def both(host: str, port: int) -> list[str]:
            assert (host, port) == ("two.example", server.port)
            return ["127.0.0.3", "127.0.0.1"]

        begun = time.monotonic()
        assert fetch(f"http://two.example:{server.port}/feed", resolve=both).body == FEED
        assert 0.3 <= time.monotonic() - begun < 3


def test_a_host_with_ipv6_alone_is_reached() -> None:
    """A server that has an IPv6 address and no other is fetched from, by its name and by the address."""
    try:
        server = socket.create_server(("::1", 0), family=socket.AF_INET6)
    except OSError:
        pytest.skip("this machine has no IPv6")

    def answer() -> None:
        for _ in range(2):
            end, _ = server.accept()
            with end:
                end.recv(65_536)
                end.sendall(OK + b"Content-Length: 2\r\n\r\nok")

    async def six(host: str, port: int) -> list[str]:
        assert (host, port) == ("six.example", server.getsockname()[1])
        return ["::1"]

    with server:
        thread = threading.Thread(target=answer)
        thread.start()
        port, allow = server.getsockname()[1], [ip_network("::1/128")]
        assert fetch(f"http://six.example:{port}/", allow=allow, resolve=six).body == b"ok"
        assert fetch(f"http://[::1]:{port}/", allow=allow).body == b"ok"
        thread.join()


def test_a_304_has_no_body_whatever_follows_it() -> None:
    """Lengths, codings and bytes after a 304 are not read, and fresh validators and freshness are taken from it."""
    with FeedServer() as server:
        head = b'HTTP/1.1 304 x\r\nETag: "2"\r\nCache-Control: max-age=60\r\nContent-Encoding: br\r\nContent-Length: 9\r\n\r\n'
        server.answer("/feed", raw(head, b"x" * 60_000))
        found = fetch(Request(url=server.url(), etag='"1"'))
        assert (found.status, found.body, found.etag, found.max_age) == (304, None, '"2"', 60)
