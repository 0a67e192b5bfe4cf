"""The published files: which there are, and how they come into a directory."""

from __future__ import annotations

from watcher.board.board import Board
from watcher.publish.atom import changes
from watcher.publish.calendar import calendar
from watcher.publish.page import page
from watcher.publish.status import status_json

#: The name of each file, and what makes it.
DOCUMENTS = {"index.html": page, "releases.ics": calendar, "changes.atom": changes, "status.json": status_json}


def documents(board: Board) -> dict[str, bytes]:
    """Every file's content by its name."""
    return {name: make(board) for name, make in DOCUMENTS.items()}
