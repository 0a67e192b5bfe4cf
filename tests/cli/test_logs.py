"""The log in its three forms: records for journald, JSON, plain lines; each one line of printable characters."""

from __future__ import annotations

import json
import logging
import os
import socket
import sys
from collections.abc import Iterator
from contextlib import closing
from io import StringIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watcher.cli.logs import AsJson, AsText, Journal, is_journal, printable

NASTY = "Reel\x1b[31m\x00\n<0>forged\u202e\u2028\ud800 é"


def record(message: str, level: int = logging.WARNING, **fields: str) -> logging.LogRecord:
    """A record of the daemon's."""
    made = logging.LogRecord("watcher", level, __file__, 1, "%s", (message,), None)
    made.__dict__.update(fields)
    return made


@pytest.fixture
def journald(tmp_path: Path) -> Iterator[socket.socket]:
    """Where journald would listen."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(tmp_path / "journal"))
        listening.settimeout(5)
        yield listening


def test_journald_gets_priority_and_fields(tmp_path: Path, journald: socket.socket) -> None:
    """A record reaches journald with its words, its priority, and of which feed and target it speaks."""
    with closing(Journal(tmp_path / "journal")) as journal:
        journal.emit(record("nobody answers", feed="Morning Reel", target="phone"))
    assert dict(line.split("=", 1) for line in journald.recv(4096).decode().splitlines()) == {
        "MESSAGE": "nobody answers",
        "PRIORITY": "4",
        "SYSLOG_IDENTIFIER": "watcher",
        "WATCHER_FEED": "Morning Reel",
        "WATCHER_TARGET": "phone",
    }


def test_journald_takes_no_forged_field(tmp_path: Path, journald: socket.socket) -> None:
    """A line break in words or fields makes no field of its own, and no control byte gets through."""
    with closing(Journal(tmp_path / "journal")) as journal:
        journal.emit(record(NASTY + "\nPRIORITY=0", feed=NASTY + "\nMESSAGE=forged"))
    said = journald.recv(4096).decode()
    assert [line.split("=")[0] for line in said.splitlines()] == ["MESSAGE", "PRIORITY", "SYSLOG_IDENTIFIER", "WATCHER_FEED"]
    assert not any(ord(char) < 32 for char in said.replace("\n", ""))


def test_journald_gets_the_beginning_of_a_record_of_any_length(tmp_path: Path, journald: socket.socket) -> None:
    """A record that is too long for a datagram is cut, and has its priority and its last line's end all the same."""
    with closing(Journal(tmp_path / "journal")) as journal:
        journal.emit(record("\N{SNOWMAN}" * 100_000, feed="Morning Reel"))
    said = journald.recv(1 << 18).decode()
    assert [line.split("=")[0] for line in said.splitlines()] == ["MESSAGE", "PRIORITY", "SYSLOG_IDENTIFIER", "WATCHER_FEED"]
    assert said.endswith("WATCHER_FEED=Morning Reel\n")


def test_journald_that_is_away_costs_no_record(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Where journald's socket cannot be reached, the record goes to standard error with its priority before it."""
    with closing(Journal(tmp_path / "nobody")) as journal:
        journal.emit(record("nobody answers", logging.ERROR))
    assert capsys.readouterr().err == "<3>nobody answers\n"


def test_json_says_when_how_grave_and_of_whom() -> None:
    """Each record is one JSON object in ASCII, with what it speaks of, and a traceback where there is one."""
    line = AsJson().format(record(NASTY, delivery="film-1"))
    said = json.loads(line)
    assert (said["level"], said["message"], said["delivery"], "feed" in said) == ("warning", NASTY, "film-1", False)
    assert said["time"].endswith("+00:00")
    assert line.isascii()
    assert "\n" not in line
    with pytest.raises(ZeroDivisionError) as failed:
        _ = 1 / 0
    bad = logging.LogRecord("watcher", logging.ERROR, __file__, 1, "failed", (), failed._excinfo)
    assert json.loads(AsJson().format(bad))["trace"].endswith("ZeroDivisionError: division by zero")


@given(st.text())
def test_a_record_is_one_printable_line(text: str) -> None:
    """Whatever a record says, it is one line without a character that a terminal obeys; ordinary letters stay."""
    line = AsText("%(message)s").format(record(text))
    assert len(line.splitlines()) <= 1
    assert not any(ord(char) < 32 or 0x7F <= ord(char) < 0xA0 or char in "\u202e\u2066" for char in line)
    assert printable("Catalina é 東京") == "Catalina é 東京"


def test_journal_is_known_by_its_stream(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Standard error leads to journald only where it is the very stream that systemd names."""
    with (tmp_path / "err").open("w") as stream:
        monkeypatch.setattr(sys, "stderr", stream)
        there = os.fstat(stream.fileno())
        assert is_journal({"JOURNAL_STREAM": f"{there.st_dev}:{there.st_ino}"})
        assert not is_journal({"JOURNAL_STREAM": f"{there.st_dev}:{there.st_ino + 1}"})
        assert not is_journal({})
    monkeypatch.setattr(sys, "stderr", StringIO())
    assert not is_journal({"JOURNAL_STREAM": "1:1"})
