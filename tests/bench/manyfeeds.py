"""Many feeds on 127.0.0.1, each at a port of its own, and a webhook: a process of its own, so that it is not measured.

    with ManyFeeds(500) as feeds:
        ...poll feeds.urls...
        feeds.latency(0.1)
        feeds.append(3, "A headline", "What the new entry says.")
        requests, posts = feeds.log()

Every body and every 304 lies ready in memory, compressed, with ETag and Last-Modified. A feed has about 65 KB and 30 entries
of the kind that blogs have, every fifth is Atom; fifty at most have an entry that names "Harbor Lights". Times are of one
monotonic clock, which on Linux is the same in every process. By itself it serves until its input ends:

    python tests/bench/manyfeeds.py 500
"""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import json
import resource
import subprocess
import sys
import time
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from types import TracebackType
from typing import Any, NamedTuple, Self

from papers import CONTEXT, TITLE, Entry, atom, entry_of, rss


class Feed:
    """One feed with its answers as they go out. `version` counts its changes."""

    def __init__(self, number: int, items: int, now: datetime) -> None:
        self.number, self.version = number, 0
        newest = now - timedelta(minutes=30 + number % 200)
        self.entries = [entry_of(number, item, newest - timedelta(minutes=47 * item)) for item in range(items)]
        self._build(now - timedelta(minutes=20))

    def append(self, title: str, text: str, now: datetime) -> None:
        """Put one more entry on top."""
        self.version += 1
        name = f"https://paper{self.number}.example/new-{self.version}/"
        news = Entry(name=name, title=title, summary=text, html=f"<p>{text}</p>", author="Ada Quill", tags=("Movies",), at=now)
        self.entries = [news, *self.entries]
        self._build(now)

    def matches(self, head: dict[bytes, bytes]) -> bool:
        """Whether the client has this already. If-None-Match wins over If-Modified-Since (RFC 9110, section 13.2.2)."""
        if b"if-none-match" in head:
            return self.etag in head[b"if-none-match"]
        return head.get(b"if-modified-since") == self.modified

    def _build(self, now: datetime) -> None:
        is_atom = self.number % 5 == 4
        body = (atom if is_atom else rss)(self.number, self.entries).encode()
        self.size = len(body)
        self.etag = b'"%s"' % hashlib.blake2s(body, digest_size=12).hexdigest().encode()
        self.modified = format_datetime(now.astimezone(UTC), usegmt=True).encode()
        common = b"ETag: %s\r\nLast-Modified: %s\r\nVary: Accept-Encoding\r\n" % (self.etag, self.modified)
        kind = b"Content-Type: application/%s+xml; charset=UTF-8\r\n" % (b"atom" if is_atom else b"rss")
        packed = gzip.compress(body, 6, mtime=0)
        self.not_modified = b"HTTP/1.1 304 Not Modified\r\n%s\r\n" % common
        self._head = b"HTTP/1.1 200 OK\r\n" + common + kind
        self.packed = self._head + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(packed) + packed
        self._body = packed

    @property
    def plain(self) -> bytes:
        """The answer for a client that wants nothing compressed; made when asked for, most do not."""
        return self._head + b"Content-Length: %d\r\n\r\n" % self.size + gzip.decompress(self._body)


class Request(NamedTuple):
    """A request for a feed, by the time at which its answer began to leave, and the version that the feed had."""

    at: float
    feed: int
    status: int
    version: int


class Post(NamedTuple):
    """What came to the webhook, by the time at which it was there whole."""

    at: float
    text: str


class Serving:
    """What the connections share: how to answer, and the log."""

    def __init__(self, feeds: list[Feed]) -> None:
        self.feeds = feeds
        self.latency: dict[int, float] = {}
        self.dripping: dict[int, float] = {}
        self.requests: list[Request] = []
        self.posts: list[Post] = []

    def obey(self, order: dict[str, Any]) -> object:
        """Do what the other side of the pipe asks."""
        match order["do"]:
            case "latency":
                self.latency |= dict.fromkeys(order["feeds"], order["seconds"])
            case "drip":
                self.dripping = dict.fromkeys(order["feeds"], order["seconds"])
            case "append":
                feed = self.feeds[order["feed"]]
                feed.append(order["title"], order["text"], datetime.now(UTC))
                return feed.version, time.monotonic()
            case "log":
                return [self.requests[order["requests"] :], self.posts[order["posts"] :]]
        return None


class Connection(asyncio.Protocol):
    """One connection to a feed's port, or to the webhook's (`feed` is None)."""

    def __init__(self, serving: Serving, feed: Feed | None) -> None:
        self._serving, self._feed = serving, feed
        self._buffer = b""
        self._waits = False
        self._transport: asyncio.Transport | None = None
        self._drip: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way back."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - the signature is asyncio's
        """Stop whatever was to be sent."""
        self._transport = None
        if self._drip is not None:
            self._drip.cancel()

    def data_received(self, data: bytes) -> None:
        """Answer each request that is whole, one after the other."""
        self._buffer += data
        while not self._waits and self._transport is not None:
            head, found, rest = self._buffer.partition(b"\r\n\r\n")
            fields = {k.lower(): v.strip() for k, _, v in (line.partition(b":") for line in head.split(b"\r\n")[1:])}
            length = int(fields.get(b"content-length", 0))
            if not found or len(rest) < length:
                return
            self._buffer = rest[length:]
            self._answer(fields, rest[:length], keep=b"close" not in fields.get(b"connection", b"").lower())

    def _answer(self, head: dict[bytes, bytes], body: bytes, *, keep: bool) -> None:
        if self._feed is None:
            self._serving.posts.append(Post(time.monotonic(), body.decode("utf-8", "replace")))
            self._send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", keep=keep)
        elif latency := self._serving.latency.get(self._feed.number):
            self._waits = True
            asyncio.get_running_loop().call_later(latency, self._answer_feed, self._feed, head, keep)
        else:
            self._answer_feed(self._feed, head, keep)

    def _answer_feed(self, feed: Feed, head: dict[bytes, bytes], keep: bool) -> None:
        slowly = self._serving.dripping.get(feed.number)
        same = slowly is None and feed.matches(head)
        self._serving.requests.append(Request(time.monotonic(), feed.number, 304 if same else 200, feed.version))
        if slowly is not None:
            self._waits = True
            self._drip = asyncio.create_task(self._send_dripping(feed.packed, slowly))
            return
        self._waits = False
        whole = feed.packed if b"gzip" in head.get(b"accept-encoding", b"") else feed.plain
        self._send(feed.not_modified if same else whole, keep=keep)
        if self._buffer:
            self.data_received(b"")

    def _send(self, answer: bytes, *, keep: bool) -> None:
        if self._transport is None:
            return
        self._transport.write(answer if keep else answer.replace(b"\r\n", b"\r\nConnection: close\r\n", 1))
        if not keep:
            self._transport.close()

    async def _send_dripping(self, answer: bytes, seconds: float) -> None:
        """The head at once, then the body a byte at a time."""
        head, end, body = answer.partition(b"\r\n\r\n")
        self._send(head + end, keep=True)
        for at in range(len(body)):
            await asyncio.sleep(seconds)
            self._send(body[at : at + 1], keep=True)


async def serve(count: int, items: int) -> None:
    """Serve until the input ends; a line of JSON in is an order, a line out its answer, the first one says the ports."""
    now = datetime.now(UTC)
    serving = Serving([Feed(number, items, now) for number in range(count)])
    loop = asyncio.get_running_loop()
    ports = []
    for feed in (*serving.feeds, None):
        server = await loop.create_server(lambda feed=feed: Connection(serving, feed), "127.0.0.1", 0, backlog=128)
        ports.append(server.sockets[0].getsockname()[1])
    sizes = sorted(feed.size for feed in serving.feeds)
    print(json.dumps({"ports": ports[:-1], "webhook": ports[-1], "size": sizes[len(sizes) // 2]}), flush=True)
    orders = asyncio.StreamReader(limit=10_000_000)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(orders), sys.stdin)
    while line := await orders.readline():
        print(json.dumps(serving.obey(json.loads(line))), flush=True)


class ManyFeeds:
    """The server's process, for the length of a `with`. `webhook` is an Apprise address, `size` that of a feed in bytes."""

    def __init__(self, count: int, *, items: int = 30) -> None:
        self._command = [sys.executable, __file__, str(count), str(items)]
        self.urls: list[str] = []
        self.webhook = ""
        self.size = 0

    def __enter__(self) -> Self:
        """Start it, and wait until it answers."""
        self._process = subprocess.Popen(self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        ready = self._read()
        self.urls = [f"http://127.0.0.1:{port}/feed" for port in ready["ports"]]
        self.webhook, self.size = f"json://127.0.0.1:{ready['webhook']}/", ready["size"]
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """End it: it stops when its input does."""
        self._process.communicate()

    def latency(self, seconds: float, feeds: Iterable[int] | None = None) -> None:
        """Answer requests for these feeds (all, unless given) so much later from now on."""
        self._ask(do="latency", seconds=seconds, feeds=list(range(len(self.urls)) if feeds is None else feeds))

    def drip(self, feeds: Iterable[int], seconds: float) -> None:
        """Send these feeds a byte at a time from now on, and no others."""
        self._ask(do="drip", feeds=list(feeds), seconds=seconds)

    def append(self, feed: int, title: str, text: str) -> tuple[int, float]:
        """Put one more entry on top of a feed; returns the version that the feed has with it, and since when."""
        version, at = self._ask(do="append", feed=feed, title=title, text=text)
        return version, at

    def log(self, requests: int = 0, posts: int = 0) -> tuple[list[Request], list[Post]]:
        """What came in so far, but for the first so many."""
        found = self._ask(do="log", requests=requests, posts=posts)
        return [Request(*one) for one in found[0]], [Post(*one) for one in found[1]]

    def settings(self, *, feeds: Iterable[int] | None = None, each: str = "", policy: str = "") -> str:
        """What `config.toml` says of these feeds (all, unless given), with `each` in every one's table, and of the one title.

        Only public addresses would be fetched else. Pages are left out: nobody else fetches them.
        """
        numbers = range(len(self.urls)) if feeds is None else feeds
        return (
            f"builtin_titles = false\nbuiltin_feeds = false\n[policy]\n{policy}\n"
            '[fetch]\nallow_addresses = ["127.0.0.0/8"]\narticle_pages = false\n'
            f'[[title]]\nname = "{TITLE}"\ncontext = ["{CONTEXT}"]\n'
            + "".join(f'[[feed]]\nurl = "{self.urls[number]}"\noutlet = "Paper {number}"\n{each}\n' for number in numbers)
        )

    def _ask(self, **order: object) -> Any:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return self._read()

    def _read(self) -> Any:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit("The feed server ended; what it wrote above says why.")
        return json.loads(line)


if __name__ == "__main__":
    # A port for each feed is a file for each feed.
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    asyncio.run(serve(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 30))
