"""Reading: an item in, what it says of each title out. The only room that understands language; pure."""

from __future__ import annotations

from watcher.read.reader import LONGEST_TEXT, NOTHING, READER, Reader, SentenceNote

__all__ = ["LONGEST_TEXT", "NOTHING", "READER", "Reader", "SentenceNote"]
