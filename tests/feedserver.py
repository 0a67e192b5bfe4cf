"""A real web server on 127.0.0.1 for the tests: answers by script, logs what it was asked, and misbehaves on request.

    with FeedServer() as server:
        server.answer("/feed", Answer(rss(Entry("A title")), etag='"v1"'))
        ...fetch server.url("/feed")...
        assert server.asked("/feed")[0].headers["user-agent"] == "…"

A path answers its script in order and then repeats the last answer; a path without a script answers 404. An `Answer` with
`etag` or `last_modified` answers 304 by itself when the request brings one of them back unchanged. `answer` may be called
again at any time, from any thread.
"""

from __future__ import annotations

import gzip
import ssl
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from xml.sax.saxutils import escape

RSS_TYPE = "application/rss+xml; charset=utf-8"
DATE = "Mon, 03 Mar 2025 12:00:00 GMT"


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer, honest unless told otherwise. Lengths are in bytes, times in seconds.

    `date` is the Date header, None sends none. `gzip` compresses the body and says so.

    Manners of misbehaving: `pause` waits before answering; `drip` waits before every single byte of the body, `drip_head`
    before every byte of the whole answer; `cut` sends only so much of the body and closes; `length` is the Content-Length to
    claim; `endless` repeats the body without end; `close` hangs up unanswered; `raw` is sent instead of everything else (but for
    the endless body).
    """

    body: bytes = b""
    status: int = 200
    content_type: str | None = RSS_TYPE
    etag: str | None = None
    last_modified: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    date: str | None = DATE
    reason: str | None = None
    gzip: bool = False
    pause: float = 0
    drip: float = 0
    drip_head: float = 0
    cut: int | None = None
    length: int | None = None
    endless: bool = False
    close: bool = False
    raw: bytes | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as it arrived: header names in lower case, repeated ones joined with a comma; `target` with its query."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes = b""

    @property
    def path(self) -> str:
        """The target without its query."""
        return self.target.partition("?")[0]


Script = Answer | Callable[[Asked], Answer]


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry for `rss`. `body` is HTML; an empty field is left out of the document."""

    title: str
    body: str = ""
    guid: str = ""
    link: str = ""
    published: str = ""


def rss(*entries: Entry, title: str = "A feed", channel: str = "") -> bytes:
    """An RSS 2.0 document with these entries, newest first as feeds are; `channel` is XML to put into its head."""
    items = "".join(
        f"<item><title>{escape(entry.title)}</title>"
        + (f"<link>{escape(entry.link)}</link>" if entry.link else "")
        + (f'<guid isPermaLink="false">{escape(entry.guid)}</guid>' if entry.guid else "")
        + (f"<pubDate>{escape(entry.published)}</pubDate>" if entry.published else "")
        + (f"<description>{escape(entry.body)}</description>" if entry.body else "")
        + "</item>"
        for entry in entries
    )
    head = f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>{escape(title)}</title>{channel}'
    return f"{head}{items}</channel></rss>".encode()


def redirect(location: str, status: int = 302) -> Answer:
    """An answer that sends the client on."""
    return Answer(status=status, content_type=None, headers={"Location": location})


class FeedServer:
    """The server; a context manager. `origin` is how a client reaches it; `tls` makes it an https server.

    `host` may be another address of the loopback (127.0.0.2), for a place that a client should not go to.
    """

    def __init__(self, *, tls: ssl.SSLContext | None = None, host: str = "127.0.0.1") -> None:
        self._scripts: dict[str, list[Script]] = {}
        self._log: list[Asked] = []
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._http = _Server(self, tls, host)
        self.port: int = self._http.server_address[1]
        self.origin = f"{'https' if tls else 'http'}://{host}:{self.port}"
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)

    def __enter__(self) -> FeedServer:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._stopping.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def url(self, path: str = "/feed") -> str:
        """The address of a path."""
        return self.origin + path

    def answer(self, path: str, *script: Script) -> str:
        """Answer this path so from now on, in this order, the last for ever. Returns its URL."""
        with self._lock:
            self._scripts[path] = list(script)
        return self.url(path)

    def asked(self, path: str | None = None) -> list[Asked]:
        """What it was asked so far, in order; only of one path where given."""
        with self._lock:
            return [asked for asked in self._log if path is None or asked.path == path]

    def wait(self, seconds: float) -> bool:
        """Wait, or less when the server is stopped; whether it was."""
        return self._stopping.wait(seconds)

    def take(self, asked: Asked) -> Answer:
        """Log a request and choose its answer."""
        with self._lock:
            self._log.append(asked)
            script = self._scripts.get(asked.path) or [Answer(b"Nothing here.", status=404, content_type="text/plain")]
            chosen = script.pop(0) if len(script) > 1 else script[0]
        answer = chosen if isinstance(chosen, Answer) else chosen(asked)
        return _not_modified(answer) if _matches(answer, asked) else answer


def _matches(answer: Answer, asked: Asked) -> bool:
    """Whether the client has this already. If-None-Match wins over If-Modified-Since (RFC 9110, section 13.2.2)."""
    if answer.status != 200:
        return False
    if "if-none-match" in asked.headers:
        return answer.etag is not None and asked.headers["if-none-match"] == answer.etag
    return answer.last_modified is not None and asked.headers.get("if-modified-since") == answer.last_modified


def _not_modified(answer: Answer) -> Answer:
    return replace(answer, status=304, body=b"", content_type=None, gzip=False)


class _Server(ThreadingHTTPServer):
    """Passes requests to the feed server; a client that went away is no error."""

    daemon_threads = True
    # More connections may wait than a busy test opens at once.
    request_queue_size = 128

    def __init__(self, owner: FeedServer, tls: ssl.SSLContext | None, host: str) -> None:
        self.owner = owner
        super().__init__((host, 0), _Handler)
        if tls is not None:
            self.socket = tls.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: most clients of these tests hang up in the middle, and a failed handshake is often the point."""


class _Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    server: _Server

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the name is the standard library's
        """Say nothing: the log is `FeedServer.asked`."""

    def do_GET(self) -> None:
        """Answer by the script."""
        names = {name.lower() for name in self.headers}
        headers = {name: ", ".join(self.headers.get_all(name, [])) for name in names}
        length = int(headers.get("content-length") or 0)
        asked = Asked(method=self.command, target=self.path, headers=headers, body=self.rfile.read(length))
        self._send(self.server.owner.take(asked))

    do_POST = do_PUT = do_HEAD = do_GET  # noqa: N815  the names are the standard library's

    def _send(self, answer: Answer) -> None:
        if answer.pause and self.server.owner.wait(answer.pause):
            self.close_connection = True
            return
        misbehaves = answer.close or answer.cut is not None or answer.length is not None or answer.endless
        self.close_connection = self.close_connection or misbehaves or answer.raw is not None or answer.drip_head > 0
        if answer.close:
            return
        if answer.raw is not None:
            self._write(answer.raw, answer.drip_head)
            self._repeat(answer)
            return
        body = gzip.compress(answer.body, mtime=0) if answer.gzip else answer.body
        self._write(self._head(answer, body), answer.drip_head)
        if self.command == "HEAD":
            return
        self._write(body[: answer.cut], answer.drip_head or answer.drip)
        self._repeat(replace(answer, body=body))

    def _repeat(self, answer: Answer) -> None:
        while answer.endless and not self.server.owner.wait(0):
            self._write(answer.body, 0)

    def _head(self, answer: Answer, body: bytes) -> bytes:
        phrase = answer.reason if answer.reason is not None else HTTPStatus(answer.status).phrase
        length = None if answer.endless or answer.status in {204, 304} else len(body) if answer.length is None else answer.length
        headers = {
            "Date": answer.date,
            "Content-Type": answer.content_type,
            "Content-Encoding": "gzip" if answer.gzip else None,
            "Content-Length": None if length is None else str(length),
            "ETag": answer.etag,
            "Last-Modified": answer.last_modified,
            "Connection": "close" if self.close_connection else None,
            **answer.headers,
        }
        lines = [f"HTTP/1.1 {answer.status} {phrase}"]
        lines += [f"{name}: {value}" for name, value in headers.items() if value is not None]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")

    def _write(self, data: bytes, drip: float) -> None:
        if not drip:
            self.wfile.write(data)
            return
        for at in range(len(data)):
            if self.server.owner.wait(drip):
                return
            self.wfile.write(data[at : at + 1])
            self.wfile.flush()
