"""`releases.ics`: the release dates as a calendar to subscribe to (RFC 5545)."""

from __future__ import annotations

from icalendar import Calendar

from watcher import __version__
from watcher.board.board import Board


def calendar(board: Board) -> bytes:
    """The document, in UTF-8."""
    document = Calendar.new(prodid=f"-//watcher//watcher {__version__}//EN", name="Release dates")
    del board
    return bytes(document.to_ical())
