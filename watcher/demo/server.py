"""The demo's side of the network: a web server on 127.0.0.1 that serves the feeds as of a simulated moment and takes alerts.

It is polite in the ways that a poller can prove itself on: ETag, Last-Modified, and 304 for whoever brings them back.
"""

from __future__ import annotations

import json
import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType

from watcher.clean import clean_text
from watcher.demo.story import Document, Story

_ALERT_LIMIT = 100_000
_TITLE_LIMIT, _LINE_LIMIT = 200, 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """An alert as it arrived: its title, and the lines of its body. Nothing in it that a terminal would obey."""

    title: str
    lines: tuple[str, ...]


class Newsroom:
    """Serves a story from entering the block to leaving it. `now` is the simulated moment (UTC); set it at any time."""

    def __init__(self, story: Story) -> None:
        self.story = story
        self.now = story.begins
        self._path = f"/alerts/{secrets.token_urlsafe(9)}"
        self._alerts: list[Alert] = []
        self._http = _Server(self)
        self.port: int = self._http.server_address[1]
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    def __enter__(self) -> Newsroom:
        """The server, running."""
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Stop it."""
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    @property
    def alert_url(self) -> str:
        """Where alerts are taken, as Apprise writes it; nobody can guess its path."""
        return f"json://127.0.0.1:{self.port}{self._path}"

    def feed_url(self, name: str) -> str:
        """The address of a feed."""
        return f"http://127.0.0.1:{self.port}/{name}"

    def taken(self) -> tuple[Alert, ...]:
        """The alerts that arrived since the last call, in their order."""
        alerts, self._alerts = self._alerts, []
        return tuple(alerts)

    def feed(self, path: str) -> Document | None:
        """What stands at a path now."""
        return self.story.document(path.removeprefix("/"), self.now)

    def take(self, path: str, body: bytes) -> bool:
        """Take what was posted; whether it was an alert in the right place."""
        if path != self._path:
            return False
        try:
            posted = json.loads(body)
            title, message = str(posted["title"]), str(posted["message"])
        except (ValueError, KeyError, TypeError):
            return False
        lines = tuple(clean_text(line, limit=_LINE_LIMIT) for line in message.splitlines())
        self._alerts.append(Alert(title=clean_text(title, limit=_TITLE_LIMIT), lines=lines))
        return True


class _Server(ThreadingHTTPServer):
    """Hands requests to the newsroom."""

    daemon_threads = True
    # All feeds are asked at once; with the standard library's five, the sixth waits a second to be let in.
    request_queue_size = 64

    def __init__(self, newsroom: Newsroom) -> None:
        self.newsroom = newsroom
        super().__init__(("127.0.0.1", 0), _Handler)

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: whoever hangs up, as at Ctrl-C, must not write into the demo's picture."""


class _Handler(BaseHTTPRequestHandler):
    """One request."""

    protocol_version = "HTTP/1.1"
    server: _Server

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the standard library's
        """Say nothing: the demo shows what was asked."""

    def date_time_string(self, timestamp: float | None = None) -> str:
        """The Date header: the simulated moment."""
        return super().date_time_string(timestamp) if timestamp is not None else _http_date(self.server.newsroom.now)

    def do_GET(self) -> None:
        """A feed, or that it has not changed."""
        document = self.server.newsroom.feed(self.path)
        if document is None:
            self._answer(404, {"Content-Length": "0"})
            return
        validators = {"ETag": document.etag}
        if document.modified is not None:
            validators["Last-Modified"] = _http_date(document.modified)
        if self.headers.get("If-None-Match", "") == document.etag:
            self._answer(304, validators)
        else:
            length = {"Content-Type": document.content_type, "Content-Length": str(len(document.body))}
            self._answer(200, validators | length, document.body)

    def do_POST(self) -> None:
        """An alert."""
        length = min(int(self.headers.get("Content-Length") or 0), _ALERT_LIMIT)
        taken = self.server.newsroom.take(self.path, self.rfile.read(length))
        self._answer(200 if taken else 404, {"Content-Length": "0"})

    def _answer(self, status: int, headers: Mapping[str, str], body: bytes = b"") -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


def _http_date(moment: datetime) -> str:
    """A moment as HTTP writes it (RFC 9110, section 5.6.7)."""
    return format_datetime(moment, usegmt=True)
