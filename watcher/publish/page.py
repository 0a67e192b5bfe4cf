"""`index.html`: one self-contained page that asks nothing of anybody.

Its values come from `section` and `chart`, its structure and looks from `templates`. A Content Security Policy in the page
itself (CSP Level 3) allows its one style and its one script by their hash and nothing else; every text is escaped by Jinja2's
autoescape, every address was checked to be http or https.
"""

from __future__ import annotations

import re
from base64 import b64encode
from functools import cache
from hashlib import sha256
from importlib.resources import files
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from watcher import __version__
from watcher.board.board import Board
from watcher.board.feeds import failing, feeds_in_words, silent
from watcher.publish.section import section

#: A page that is older than this many hours says so: the daemon writes it anew at least once a day.
STALE_HOURS = 26

#: What the marks of the slip chart look like, about the point they stand for: a cross, arrows to what is out of the picture, an
#: open end, and the head of the line.
_PATHS = {
    "rejected": "M-4-4 4 4M4-4-4 4",
    "above": "M-5 6 0 0 5 6M0 0V10",
    "below": "M-5-6 0 0 5-6M0 0V-10",
    "ended": "M-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0z",
    "now": "M-4.5 0a4.5 4.5 0 1 0 9 0a4.5 4.5 0 1 0-9 0z",
}
#: A rising line on the accent's ground: the page's own sign, so that no browser asks a server for one.
_ICON = (
    "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'><rect width='32' height='32' rx='7' fill='#0b57b0'/>"
    "<path d='M6 24h8v-8h6V8h6' fill='none' stroke='#fff' stroke-width='3.5' stroke-linecap='round'/></svg>"
)
_ADDRESS = re.compile(r"\w+://\S+?(?=[:,;)]?(?:\s|$))")


def page(board: Board) -> bytes:
    """The document, in UTF-8. The same board gives the same bytes."""
    there = board.at.astimezone(board.dates.zone)
    sections = [section(sheet, board) for sheet in board.sheets]
    return (
        _environment()
        .get_template("page.html.j2")
        .render(
            sections=sections,
            feeds=_feeds(board),
            written=board.at.isoformat(timespec="seconds"),
            today=board.dates.day(board.today, weekday=True),
            clock=f"{there:%H:%M}",
            zone=str(board.dates.zone),
            version=__version__,
            stale=STALE_HOURS,
            icon=f"data:image/svg+xml,{quote(_ICON)}",
            style=Markup(_text("page.css")),  # noqa: S704 - our own file
            script=Markup(_text("page.js")),  # noqa: S704 - our own file
            policy=policy(),
        )
        .encode()
    )


def policy() -> str:
    """The page's Content Security Policy: its own style and script by their hash, its icon, and nothing else from anywhere."""
    style, script = (_hash(_text(name)) for name in ("page.css", "page.js"))
    return f"default-src 'none'; style-src '{style}'; script-src '{script}'; img-src data:; base-uri 'none'; form-action 'none'"


def _hash(text: str) -> str:
    """A hash as CSP Level 3 writes it (section 2.3.1)."""
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"


def _feeds(board: Board) -> list[str]:
    """How the feeds fare, outlets by name: a feed's address may hold a secret, and a page may be seen by others."""
    lines = [
        feeds_in_words(board.feeds, board.at, board.dates, runs=False),
        *failing(board.feeds, board.at, board.dates, runs=False),
        *silent(board.feeds, board.at),
    ]
    return [_ADDRESS.sub("its address", line) for line in lines]


@cache
def _text(name: str) -> str:
    """A file of the page's, as it stands in it."""
    return files("watcher.publish").joinpath("templates", name).read_text(encoding="utf-8").strip()


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("watcher.publish"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.globals["paths"] = _PATHS
    environment.filters["num"] = lambda number: f"{number:.1f}".removesuffix(".0")
    return environment
