"""`changes.atom`: what changed, as a feed (RFC 4287)."""

from __future__ import annotations

from xml.etree import ElementTree

from watcher.board.board import Board

_ATOM = "http://www.w3.org/2005/Atom"


def changes(board: Board) -> bytes:
    """The document, in UTF-8."""
    feed = ElementTree.Element(f"{{{_ATOM}}}feed")
    del board
    return bytes(ElementTree.tostring(feed, encoding="utf-8", xml_declaration=True))
