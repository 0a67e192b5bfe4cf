"""The fetch room against real servers on the loopback: manners, bounds, and a network that lets nobody in by the back door."""

from __future__ import annotations

import asyncio
import gzip
import socket
import ssl
import sys
import zlib
from datetime import UTC, datetime
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from feedserver import Answer, FeedServer, redirect
from fetching import AGENT, FEED, LOOPBACK, fetch, refusal
from hypothesis import given
from hypothesis import strategies as st

from watcher.errors import FetchError
from watcher.fetch import Fetcher, Limits, Request, Response
from watcher.fetch.guard import is_public
from watcher.fetch.headers import max_age, retry_after
from watcher.fetch.names import Resolver, resolve_by_system

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def server() -> Iterator[FeedServer]:
    """A running feed server."""
    with FeedServer() as running:
        yield running


# Manners


def test_a_first_request_carries_our_name_and_nothing_about_us_otherwise(server: FeedServer) -> None:
    """A request names the program, the feed types and gzip, and brings no cookie, referer, proxy word or invented validator."""
    server.answer("/feed", Answer(FEED, headers={"Set-Cookie": "id=1; Path=/"}))

    async def twice() -> None:
        fetcher = Fetcher(user_agent=AGENT, allow=LOOPBACK)
        for _ in range(2):
            await fetcher.fetch(Request(url=server.url()))
        await fetcher.aclose()

    asyncio.run(twice())
    for asked in server.asked():
        assert set(asked.headers) == {"host", "user-agent", "accept", "accept-encoding", "connection"}
        assert asked.headers["user-agent"] == AGENT
        assert asked.headers["accept-encoding"] == "gzip"
        assert "application/rss+xml" in asked.headers["accept"]
    assert len(server.asked()) == 2


def test_the_environment_sends_us_through_no_proxy(server: FeedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy in the environment is not used: behind it no address could be checked."""
    with FeedServer() as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.origin)
        for name in ("NO_PROXY", "no_proxy"):
            monkeypatch.delenv(name, raising=False)
        server.answer("/feed", Answer(FEED))
        assert fetch(server.url()).body == FEED
        assert proxy.asked() == []


def test_validators_come_back_exactly_as_they_were_given(server: FeedServer) -> None:
    """Both validators are sent byte for byte as they came, quotes, weakness, odd dates and bytes above ASCII included."""
    etag, modified = 'W/"v-\xe9,1"', "Yesterday, about noon"
    server.answer("/feed", Answer(FEED, etag=etag, last_modified=modified))
    first = fetch(server.url())
    assert (first.status, first.body, first.etag, first.last_modified) == (200, FEED, etag, modified)
    second = fetch(Request(url=server.url(), etag=first.etag, last_modified=first.last_modified))
    assert (second.status, second.body) == (304, None)
    assert server.asked()[1].headers["if-none-match"] == etag
    assert server.asked()[1].headers["if-modified-since"] == modified


def test_a_304_refreshes_the_validators_it_brings(server: FeedServer) -> None:
    """A 304 with a new ETag gives the new one, and one without gives None, which means that the old one holds."""
    server.answer("/new", Answer(status=304, etag='"v2"', headers={"Cache-Control": "max-age=60"}))
    server.answer("/old", Answer(status=304))
    assert fetch(Request(url=server.url("/new"), etag='"v1"')).etag == '"v2"'
    assert fetch(Request(url=server.url("/new"), etag='"v1"')).max_age == 60
    assert fetch(Request(url=server.url("/old"), etag='"v1"')).etag is None


def test_a_304_that_nobody_asked_for_is_an_error(server: FeedServer) -> None:
    """Nothing-changed without a validator sent is no answer, for there is nothing that it could be unchanged from."""
    server.answer("/feed", Answer(status=304))
    assert refusal(server.url()).status == 304


def test_validators_go_only_to_the_url_that_gave_them(server: FeedServer) -> None:
    """A redirect's target does not see the validators of another URL, and does see its own."""
    server.answer("/feed", redirect("/target"))
    server.answer("/target", Answer(FEED, etag='"t"'))
    fetch(Request(url=server.url("/feed"), etag='"t"'))
    assert "if-none-match" in server.asked("/feed")[0].headers
    assert "if-none-match" not in server.asked("/target")[0].headers
    again = fetch(Request(url=server.url("/feed"), etag='"t"', validators_from=server.url("/target")))
    assert again.status == 304
    assert "if-none-match" not in server.asked("/feed")[1].headers


# Redirects


@pytest.mark.parametrize(
    ("hops", "permanent"),
    [((301,), True), ((308, 301), True), ((302,), False), ((301, 302), False), ((307, 308), False), ((), False)],
)
def test_only_a_wholly_permanent_way_is_a_permanent_url(server: FeedServer, hops: tuple[int, ...], permanent: bool) -> None:
    """The new address is offered for keeping only if each hop on the way there was 301 or 308, and never without a hop."""
    for n, status in enumerate(hops):
        server.answer(f"/{n}", redirect(server.url(f"/{n + 1}") if n % 2 else f"/{n + 1}", status))
    server.answer(f"/{len(hops)}", Answer(FEED))
    found = fetch(server.url("/0"))
    assert found.url == server.url(f"/{len(hops)}")
    assert found.permanent_url == (found.url if permanent else None)


def test_five_redirects_are_followed_and_a_sixth_is_not(server: FeedServer) -> None:
    """A way of five hops arrives; a longer one ends in an error after six requests, a circle when it closes."""
    for n in range(6):
        server.answer(f"/{n}", redirect(f"/{n + 1}"))
    server.answer("/6", Answer(FEED))
    assert fetch(server.url("/1")).body == FEED
    before = len(server.asked())
    assert "more than 5 times" in str(refusal(server.url("/0")))
    assert len(server.asked()) == before + 6
    server.answer("/a", redirect("/b"))
    server.answer("/b", redirect("/a", 301))
    assert "in a circle" in str(refusal(server.url("/a")))
    assert len(server.asked("/a")) == len(server.asked("/b")) == 1


@pytest.mark.parametrize(
    "location", ["file:///etc/passwd", "gopher://127.0.0.1/", "data:,x", "http://", "http://[::1/", "//u:p@127.0.0.1/"]
)
def test_a_redirect_leads_to_web_addresses_only(server: FeedServer, location: str) -> None:
    """Another scheme, a malformed address and one with credentials are refused."""
    server.answer("/feed", redirect(location))
    refusal(server.url())
    assert len(server.asked()) == 1


def test_a_redirect_to_nowhere_is_an_error(server: FeedServer) -> None:
    """A redirect without a Location is told as such."""
    server.answer("/feed", Answer(status=302))
    assert "points elsewhere" in str(refusal(server.url()))


# The guard


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "255.255.255.255",
        "168.63.129.16",
        "224.0.0.1",
        "240.0.0.1",
        "192.88.99.1",
        "::",
        "::1",
        "fe80::1",
        "fc00::1",
        "fec0::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::7f00:1",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::1",
        "2002:7f00:1::",
        "2001::1",
    ],
)
def test_what_is_not_public_is_refused(address: str) -> None:
    """Loopback, private, link-local, metadata, multicast and reserved addresses are not public, however they are wrapped."""
    assert not is_public(ip_address(address))


@pytest.mark.parametrize("address", ["1.1.1.1", "93.184.216.34", "::ffff:1.1.1.1", "2606:4700:4700::1111"])
def test_what_is_public_is_let_through(address: str) -> None:
    """Ordinary addresses of the Internet are public."""
    assert is_public(ip_address(address))


@given(st.ip_addresses(v=4))
def test_wrapping_an_address_changes_nothing(address: object) -> None:
    """An IPv4 address and its mapped IPv6 form get the same verdict, and its NAT64 and 6to4 forms never a better one."""
    plain = ip_address(str(address))
    assert is_public(ip_address(f"::ffff:{plain}")) == is_public(plain)
    assert not is_public(ip_address(f"64:ff9b::{plain}"))


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]", "localhost"])
def test_no_way_of_writing_loopback_gets_a_packet_through(server: FeedServer, host: str) -> None:
    """However this machine is written, without leave it is not connected to, directly or by a redirect."""
    server.answer("/feed", Answer(FEED))
    error = refusal(f"http://{host}:{server.port}/feed", allow=())
    assert "allow_addresses" in str(error)
    assert server.asked() == []


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux answers on all of 127.0.0.0/8 unasked")
def test_a_redirect_inwards_is_refused(server: FeedServer) -> None:
    """A server that may be talked to cannot send us to one that may not, and no packet reaches that one."""
    with FeedServer(host="127.0.0.2") as inner:
        inner.answer("/secret", Answer(FEED))
        server.answer("/feed", redirect(inner.url("/secret")))
        error = refusal(server.url(), allow=(ip_network("127.0.0.1/32"),))
        assert f"(which sends us to {inner.url('/secret')}): is at an address of this machine" in str(error)
        assert inner.asked() == []
        for target in ("http://169.254.169.254/latest/", "http://[::1]/", "http://10.0.0.1/", "http://0x7f.2/"):
            server.answer("/feed", redirect(target))
            assert "allow_addresses" in str(refusal(server.url(), allow=(ip_network("127.0.0.1/32"),)))


def _as(*addresses: str) -> Resolver:
    """A resolver that answers every name, but not a literal address, with these."""

    async def resolve(host: str, port: int) -> list[str]:
        return list(addresses) if not host[0].isdigit() else await resolve_by_system(host, port)

    return resolve


def test_a_name_is_resolved_once_and_the_checked_address_is_connected_to(server: FeedServer) -> None:
    """A name that would change its answer between check and connection (DNS rebinding) has no second chance to."""
    server.answer("/feed", Answer(FEED))
    answers = [["127.0.0.2"], ["127.0.0.1"]]

    async def rebinding(host: str, port: int) -> list[str]:
        assert (host, port) == ("rebinding.example", server.port)
        return answers.pop(0)

    # 127.0.0.2 is allowed and nobody listens there: the server is on 127.0.0.1 alone.
    error = refusal(f"http://rebinding.example:{server.port}/feed", allow=(ip_network("127.0.0.2/32"),), resolve=rebinding)
    assert "nobody answers" in str(error)
    assert answers == [["127.0.0.1"]]
    assert server.asked() == []


def test_the_next_address_is_tried_when_one_fails(server: FeedServer) -> None:
    """A host with a dead first address, such as IPv6 that leads nowhere, is reached by its second; forbidden ones are skipped."""
    server.answer("/feed", Answer(FEED))
    resolve = _as("10.0.0.1", "::1", "127.0.0.1", "127.0.0.3")
    found = fetch(f"http://two.example:{server.port}/feed", allow=(*LOOPBACK, ip_network("::1/128")), resolve=resolve)
    assert found.body == FEED
    assert server.asked()[0].headers["host"] == f"two.example:{server.port}"


def test_a_silent_name_server_is_given_up() -> None:
    """A lookup that never ends is given up, in an error that says so."""

    async def silent(host: str, port: int) -> list[str]:
        await asyncio.Event().wait()
        raise AssertionError((host, port))

    assert "DNS did not answer" in str(refusal("http://silent.example/", limits=Limits(lookup_s=0.1), resolve=silent))


def test_an_unknown_host_is_named_as_such() -> None:
    """A host that does not exist, or cannot, is told as such and not as a failed connection."""
    assert "host name" in str(refusal("http://no-such-host.invalid/"))
    assert "host name" in str(refusal(f"http://{'a' * 64}.example/"))


# Bounds and broken answers


def test_compressed_and_plain_bodies_come_out_the_same(server: FeedServer) -> None:
    """Gzip is undone, several members and padding behind them included, and an empty answer is empty."""
    server.answer("/gzip", Answer(FEED, gzip=True))
    server.answer(
        "/two", Answer(gzip.compress(FEED[:99]) + gzip.compress(FEED[99:]) + b"\0" * 9, headers={"Content-Encoding": "x-gzip"})
    )
    server.answer("/empty", Answer(b"", headers={"Content-Encoding": "gzip"}))
    assert fetch(server.url("/gzip")).body == FEED
    assert fetch(server.url("/two")).body == FEED
    assert fetch(server.url("/empty")).body == b""


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (Answer(gzip.compress(FEED)[:-9], headers={"Content-Encoding": "gzip"}), "broke off"),
        (Answer(FEED, headers={"Content-Encoding": "gzip"}), "damaged"),
        (Answer(zlib.compress(FEED), headers={"Content-Encoding": "deflate"}), "compression"),
        (Answer(FEED, headers={"Content-Encoding": "br"}), "compression"),
        (Answer(gzip.compress(gzip.compress(FEED)), headers={"Content-Encoding": "gzip, gzip"}), "compression"),
        (Answer(gzip.compress(b"") * 1000, headers={"Content-Encoding": "gzip"}), "too many"),
        (Answer(FEED, length=len(FEED) + 50), "broke off"),
        (Answer(FEED, cut=20), "broke off"),
        (Answer(close=True), "broke off"),
        (Answer(raw=b"SSH-2.0-OpenSSH_9.2\r\n"), "does not speak HTTP"),
        (Answer(raw=b"HTTP/1.1 200 OK\r\nX: \x00\r\n\r\n"), "does not speak HTTP"),
        (Answer(raw=b"HTTP/1.1 200 OK\r\n" + b"X-Endless: 1\r\n" * 50_000), "does not speak HTTP"),
        (Answer(b"x" * 100_000, endless=True), "larger"),
        (Answer(status=206, body=FEED), "206"),
    ],
)
def test_a_broken_answer_is_an_error_and_never_half_a_feed(server: FeedServer, answer: Answer, words: str) -> None:
    """What is cut, damaged, too large or in a compression we did not ask for is refused whole."""
    server.answer("/feed", answer)
    assert words in str(refusal(server.url(), limits=Limits(total_s=5, body=1_000_000)))


@pytest.mark.skipif(sys.platform != "linux", reason="reads the peak of memory as Linux gives it")
def test_a_bomb_is_defused_without_the_memory_it_asks_for(server: FeedServer) -> None:
    """Three hundred megabytes in three hundred kilobytes of gzip end at the limit, with a few megabytes spent."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    bomb = b"".join(packer.compress(bytes(1_000_000)) for _ in range(300)) + packer.flush()
    server.answer("/feed", Answer(bomb, headers={"Content-Encoding": "gzip"}))
    refusal(server.url("/nothing"))  # what is loaded once is not the bomb's
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the peak starts anew (proc(5))
    before = _resident()
    assert "larger than 8 MB" in str(refusal(server.url()))
    assert _resident() - before < 20_000_000


def _resident() -> int:
    """Bytes of memory at the highest so far."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) * 1000 for line in lines if line.startswith("VmHWM"))


@pytest.mark.parametrize("answer", [Answer(FEED, drip=0.05), Answer(FEED, drip_head=0.05), Answer(FEED, pause=30)])
def test_the_time_limit_is_for_the_whole_exchange(server: FeedServer, answer: Answer) -> None:
    """A server that sends a byte now and then, in head or body, gets no more time than a silent one; the fetcher stays usable."""
    server.answer("/slow", answer)
    server.answer("/feed", Answer(FEED))

    async def slow_then_quick() -> Response:
        fetcher = Fetcher(user_agent=AGENT, allow=LOOPBACK, limits=Limits(total_s=0.3))
        try:
            async with asyncio.timeout(30):
                with pytest.raises(FetchError, match=r"took longer than 0\.3 seconds"):
                    await fetcher.fetch(Request(url=server.url("/slow")))
                return await fetcher.fetch(Request(url=server.url("/feed")))
        finally:
            await fetcher.aclose()

    assert asyncio.run(slow_then_quick()).body == FEED


# Errors that a person can read


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (401, "asks for a login"),
        (403, "403 Forbidden: refuses us"),
        (404, "404 Not Found"),
        (410, "for good"),
        (429, "slow down"),
        (500, "500 Internal Server Error"),
        (503, "503 Service Unavailable"),
        (499, "refuses us"),
        (599, "server is broken"),
    ],
)
def test_a_status_becomes_a_plain_sentence(server: FeedServer, status: int, words: str) -> None:
    """An error status is told in our words with its number, and never in the server's, which may hold escape sequences."""
    server.answer("/feed", Answer(b"\x1b[31m", status=status, reason="\x1b[31mRED", headers={"Retry-After": "120"}))
    error = refusal(server.url("/feed?token=s3cret"))
    assert (error.status, error.retry_after) == (status, 120.0)
    assert words in str(error)
    assert str(error).isprintable()
    assert "RED" not in str(error)


def test_no_secret_of_a_url_is_in_an_error(server: FeedServer) -> None:
    """User, password, query and fragment of an address are in no error about it, whatever went wrong."""
    with socket.socket() as unheard:
        unheard.bind(("127.0.0.1", 0))
        dead = f"http://user:hunter2@127.0.0.1:{unheard.getsockname()[1]}/feed?key=hunter2#hunter2"
        server.answer("/feed", Answer(close=True))
        for url in (dead, dead.replace("http:", "ftp:"), server.url("/feed?key=hunter2"), "http://hunter2@[/", "hunter2"):
            error = refusal(url)
            assert "hunter2" not in str(error).replace("hunter2: is no", ""), url
            assert "hunter2" not in repr(Request(url=url))


def test_refused_connections_are_named_as_such() -> None:
    """Where nobody listens, that is what is said."""
    with socket.socket() as unheard:
        unheard.bind(("127.0.0.1", 0))
        assert "nobody answers there" in str(refusal(f"http://127.0.0.1:{unheard.getsockname()[1]}/"))


@given(st.text(max_size=60))
def test_no_address_raises_anything_but_a_fetch_error(address: str) -> None:
    """Whatever stands where an address should, the answer is a sentence without control bytes."""

    async def nowhere(host: str, port: int) -> list[str]:
        assert host
        assert 0 <= port < 65_536
        return []

    for url in (address, f"http://{address}", f"http://127.0.0.1:1/{address}"):
        assert str(refusal(url, allow=(), resolve=nowhere)).isprintable()


# TLS


def test_a_certificate_nobody_vouches_for_is_refused(secure: FeedServer) -> None:
    """A self-signed certificate ends in an error that says so, before the request is sent."""
    secure.answer("/feed", Answer(FEED))
    assert "certificate cannot be trusted" in str(refusal(secure.url()))
    assert secure.asked() == []


def test_a_certificate_for_another_host_is_refused(secure: FeedServer, certificate: Path) -> None:
    """The certificate is checked against the name that was asked for, not the address that was connected to."""
    trust = ssl.create_default_context(cafile=str(certificate))
    secure.answer("/feed", Answer(FEED))
    assert fetch(secure.url(), tls=trust).body == FEED
    error = refusal(f"https://other.example:{secure.port}/feed", tls=trust, resolve=_as("127.0.0.1"))
    assert "certificate cannot be trusted" in str(error)


def test_nobody_is_led_from_https_to_http(secure: FeedServer, server: FeedServer, certificate: Path) -> None:
    """A redirect from a secure address to an open one is refused, the other way round is followed."""
    trust = ssl.create_default_context(cafile=str(certificate))
    secure.answer("/down", redirect(server.url("/feed")))
    assert "to an open one" in str(refusal(secure.url("/down"), tls=trust))
    assert server.asked() == []
    server.answer("/up", redirect(secure.url("/feed")))
    secure.answer("/feed", Answer(FEED))
    assert fetch(server.url("/up"), tls=trust).body == FEED


def test_plain_http_on_a_secure_port_is_an_error(server: FeedServer) -> None:
    """A server that does not speak TLS gets no second try without it."""
    server.answer("/feed", Answer(FEED))
    assert "no secure connection" in str(refusal(server.url().replace("http:", "https:")))


# What the headers mean


def _headers(**fields: str) -> list[tuple[bytes, bytes]]:
    return [(name.replace("_", "-").encode(), text.encode("latin-1")) for name, text in fields.items()]


@pytest.mark.parametrize(
    ("fields", "seconds"),
    [
        ({}, None),
        ({"cache_control": "public, max-age=3600"}, 3600),
        ({"CACHE_CONTROL": 'Max-Age="60", s-maxage=9'}, 60),
        ({"cache_control": "max-age=3600", "age": "600"}, 3000),
        ({"cache_control": "max-age=10", "age": "600"}, 0),
        ({"cache_control": "max-age=3600, no-cache"}, 0),
        ({"cache_control": "max-age=99999999999999"}, 366 * 86_400),
        ({"cache_control": "public", "Cache_Control": "max-age=60"}, 60),
        ({"cache_control": "max-age=-1"}, None),
        (
            {"cache_control": "max-age=60", "expires": "Mon, 03 Mar 2025 14:00:00 GMT", "date": "Mon, 03 Mar 2025 12:00:00 GMT"},
            60,
        ),
        ({"expires": "Mon, 03 Mar 2025 14:00:00 GMT", "date": "Mon, 03 Mar 2025 12:00:00 GMT"}, 7200),
        ({"expires": "Mon, 03 Mar 2025 11:00:00 GMT", "date": "Mon, 03 Mar 2025 12:00:00 GMT"}, 0),
        ({"expires": "Mon, 03 Mar 2025 14:00:00 GMT"}, None),
        ({"expires": "0", "date": "Mon, 03 Mar 2025 12:00:00 GMT"}, 0),
    ],
)
def test_freshness_is_read_as_http_defines_it(fields: dict[str, str], seconds: int | None) -> None:
    """Cache-Control wins over Expires, Expires counts from the answer's own Date, age is taken off, nothing exceeds a year."""
    assert max_age(_headers(**fields)) == seconds


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("120", 120.0),
        ("0", 0.0),
        ("1" + "0" * 12, 366 * 86_400.0),
        ("-5", None),
        ("soon", None),
        ("", None),
        ("1e9", None),
        ("Mon, 03 Mar 2025 12:10:00 GMT", 600.0),
        ("Mon, 03 Mar 2025 11:00:00 GMT", 0.0),
        ("Mon, 99 Mar 2025 11:00:00 GMT", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(text: str, seconds: float | None) -> None:
    """Retry-After is read in both its forms, a past date is now, and garbage is no wish at all."""
    assert retry_after(_headers(retry_after=text, date="Mon, 03 Mar 2025 12:00:00 GMT")) == seconds


@given(st.text(st.characters(max_codepoint=255), max_size=60))
def test_no_header_is_too_strange(text: str) -> None:
    """Any header value is read to a bounded number or None."""
    for read in (max_age, retry_after):
        for name in ("cache_control", "expires", "age", "retry_after", "date"):
            fields = {"cache_control": "max-age=9", "expires": "Mon, 03 Mar 2025 12:10:00 GMT", name: text}
            found = read(_headers(**fields))
            assert found is None or 0 <= found <= 366 * 86_400


def test_the_servers_clock_is_its_date_and_the_age_of_the_answer(server: FeedServer) -> None:
    """An answer says what time it is by its server, be it kept in a cache for a while; one without a Date says nothing."""
    server.answer("/feed", Answer(FEED), Answer(FEED, headers={"Age": "90"}), Answer(FEED, date=None))
    told = [fetch(server.url("/feed")).told_at for _ in range(3)]
    assert told == [datetime(2025, 3, 3, 12, 0, tzinfo=UTC), datetime(2025, 3, 3, 12, 1, 30, tzinfo=UTC), None]
