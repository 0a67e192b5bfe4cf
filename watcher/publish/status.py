"""`status.json`: what is held, for programs; the titles as in ``watcher status --json``."""

from __future__ import annotations

import json

from watcher.board.board import Board
from watcher.board.objects import VERSION, time_text


def status_json(board: Board) -> bytes:
    """The document, in UTF-8."""
    titles = [{"id": sheet.stand.title.id, "name": sheet.stand.title.name} for sheet in board.sheets]
    return json.dumps({"version": VERSION, "at": time_text(board.at), "titles": titles}, indent=2).encode()
