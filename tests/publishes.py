"""Published files for tests: documents that are quickly made, of every size, and a look at whether what lies there is whole."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from watcher.board.board import Board
from watcher.board.objects import time_text
from watcher.publish.files import DOCUMENTS
from watcher.tell.dates_in_words import Dates

NOON = datetime(2026, 4, 1, 12, 0, tzinfo=UTC)
NAMES = tuple(DOCUMENTS)

#: Stands at the end of each document: what lacks it is torn.
_END = b"the end\n"


def empty(at: datetime = NOON, *, zone: str = "UTC") -> Board:
    """A board of a moment that holds nothing."""
    here = ZoneInfo(zone)
    return Board(at=at, today=at.astimezone(here).date(), dates=Dates(language="en", zone=here), sheets=(), feeds=())


class Press:
    """Makes documents with a text that a test sets: the page and the status say of which moment they are, the others do not."""

    def __init__(self, text: str = "first", *, size: int = 20_000) -> None:
        self.text, self.size = text, size

    def documents(self) -> dict[str, Callable[[Board], bytes]]:
        """What makes each file."""
        return {name: self._maker(name) for name in NAMES}

    def _maker(self, name: str) -> Callable[[Board], bytes]:
        def make(board: Board) -> bytes:
            if name == "status.json":
                said = {"at": time_text(board.at), "today": str(board.today), "titles": [self.text] * (self.size // 10)}
                return json.dumps(said).encode()
            moment = f" {time_text(board.at)} {board.today}. Written by watcher 1" if name == "index.html" else ""
            return f"watcher {self.text}{moment}\n".encode() + b"x" * self.size + _END

        return make


def is_whole(content: bytes) -> bool:
    """Whether a document of such a press is there from its beginning to its end."""
    if content.startswith(b"{"):
        return bool(json.loads(content)["titles"])
    return content.startswith(b"watcher ") and content.endswith(_END)


def torn(directory: Path) -> list[str]:
    """The files that somebody who looks now would find torn."""
    return [name for name in NAMES if (directory / name).exists() and not is_whole((directory / name).read_bytes())]


def text_in(file: Path) -> str:
    """Which text a file of such a press has."""
    content = file.read_bytes()
    return str(json.loads(content)["titles"][0]) if content.startswith(b"{") else content.split()[1].decode()


def stands(directory: Path) -> dict[str, tuple[int, int]]:
    """Of each file what changes when it is touched: which file it is, and when it was written."""
    found = {name: (directory / name).stat() for name in NAMES}
    return {name: (status.st_ino, status.st_mtime_ns) for name, status in found.items()}


def names_in(directory: Path) -> list[str]:
    """All that lies in a directory."""
    return sorted(path.name for path in directory.iterdir())
