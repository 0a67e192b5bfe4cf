"""`index.html`: one self-contained page that asks nothing of anybody."""

from __future__ import annotations

from jinja2 import Environment

from watcher.board.board import Board

_PAGE = Environment(autoescape=True).from_string("<!doctype html><title>{{ names }}</title><p>{{ names }}</p>")


def page(board: Board) -> bytes:
    """The document, in UTF-8."""
    return _PAGE.render(names=", ".join(sheet.stand.name for sheet in board.sheets)).encode()
