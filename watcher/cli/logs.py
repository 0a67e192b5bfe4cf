"""Where the daemon's log goes and how it looks: records for journald, a line of JSON for who asks for it, else plain lines.

Whatever the form, a record is one line: feed text was cleaned before it was stored, and what still is no printable character
is written as its escape. No address of a target and no secret of a feed's address ever reaches a record.
"""

from __future__ import annotations

import json
import logging
import os
import re
import socket
import sys
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

#: systemd's own names of how grave a record is (sd-daemon(3)).
_PRIORITIES = {logging.DEBUG: 7, logging.INFO: 6, logging.WARNING: 4, logging.ERROR: 3, logging.CRITICAL: 2}

#: What a record may say beside its words: of which feed, target or delivery it speaks.
_FIELDS = ("feed", "target", "delivery")

#: Where journald takes records with fields (https://systemd.io/JOURNAL_NATIVE_PROTOCOL/).
JOURNAL = Path("/run/systemd/journal/socket")

#: A datagram has to fit into the socket's buffer: so many letters of a record are kept. A traceback of an endless recursion
#: has more; journald passes over a record whose last line has no end.
_LONGEST = 8_000

#: What must not reach a terminal or break a line: controls, and what turns the direction of writing.
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")

FORMATS = ("auto", "text", "json")


def set_up_logging(form: str, *, environ: Mapping[str, str] | None = None, journal: Path = JOURNAL) -> None:
    """Send the log to journald where standard error leads there and `form` is ``auto``, else to standard error."""
    handler = _handler(form, os.environ if environ is None else environ, journal)
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    logging.getLogger("watcher").setLevel(logging.INFO)
    # It warns of each tick that comes while a long one still runs; the next one asks for all that is due.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)


def is_journal(environ: Mapping[str, str]) -> bool:
    """Whether standard error leads to journald: then its device and inode stand in `$JOURNAL_STREAM` (systemd.exec(5))."""
    try:
        stream = os.fstat(sys.stderr.fileno())
    except (OSError, ValueError):
        return False
    return environ.get("JOURNAL_STREAM") == f"{stream.st_dev}:{stream.st_ino}"


def _handler(form: str, environ: Mapping[str, str], journal: Path) -> logging.Handler:
    if form == "auto" and is_journal(environ):
        return Journal(journal)
    plain = logging.StreamHandler(sys.stderr)
    plain.setFormatter(AsJson() if form == "json" else AsText("%(asctime)s %(message)s", "%H:%M:%S"))
    return plain


class AsText(logging.Formatter):
    """One line of printable characters; a traceback's lines follow one another behind a bar."""

    def format(self, record: logging.LogRecord) -> str:
        """The record in one line."""
        return printable(super().format(record).replace("\n", " | "))


class AsJson(logging.Formatter):
    """A line of JSON: ``time`` (UTC), ``level``, ``message``; ``feed``, ``target``, ``delivery`` and ``trace`` where known."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as a line of JSON, ASCII alone."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        said = {"time": at, "level": record.levelname.lower(), "message": record.getMessage(), **_fields(record)}
        if record.exc_info:
            said["trace"] = self.formatException(record.exc_info)
        return json.dumps(said)


class Journal(logging.Handler):
    """Records for journald with their priority and fields; lines on standard error while it cannot be reached."""

    def __init__(self, path: Path = JOURNAL) -> None:
        super().__init__()
        self._path = str(path)
        self._lines = AsText("%(message)s")
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC | socket.SOCK_NONBLOCK)

    def emit(self, record: logging.LogRecord) -> None:
        """Hand the record over, or write it with its priority before it, which journald reads from standard error too."""
        priority, words = _PRIORITIES.get(record.levelno, 6), self._lines.format(record)[:_LONGEST]
        fields = {"MESSAGE": words, "PRIORITY": str(priority), "SYSLOG_IDENTIFIER": "watcher"}
        fields |= {f"WATCHER_{name.upper()}": printable(value) for name, value in _fields(record).items()}
        try:
            self._socket.sendto("".join(f"{name}={value}\n" for name, value in fields.items()).encode(), self._path)
        except OSError:
            with suppress(OSError, ValueError):
                print(f"<{priority}>{words}", file=sys.stderr, flush=True)

    def close(self) -> None:
        """Let go of the socket."""
        self._socket.close()
        super().close()


def printable(text: str) -> str:
    """The text with an escape in the place of every character that a terminal might obey."""
    safe = text.encode("utf-8", "backslashreplace").decode()
    return _UNPRINTABLE.sub(lambda found: found[0].encode("unicode_escape").decode("ascii"), safe)


def _fields(record: logging.LogRecord) -> dict[str, str]:
    return {name: str(getattr(record, name)) for name in _FIELDS if getattr(record, name, None) is not None}
