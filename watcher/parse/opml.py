"""Subscription lists: OPML as feed readers write it in, OPML 2.0 out (opml.org/spec2.opml).

No library does it well enough. The best kept one, listparser, reads a list as HTML: one that was cut off passes for whole, a
web page for an empty list, and the XML declaration's charset is not looked at. What is left to do is little.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from xml.sax.saxutils import escape, quoteattr

from watcher.clean import clean_text
from watcher.errors import ParseError
from watcher.parse.decode import decode
from watcher.parse.wellformed import NotWellFormedError, mended, read

#: Nobody follows more, and whoever has more keeps them elsewhere.
OUTLINES_LIMIT = 5_000
SIZE_LIMIT = 5_000_000
TITLE_LIMIT = 80

_PAGE = re.compile(r"<!doctype\s+html|<html[\s>]", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """A feed of a list: its URL as it stood there, and what it is called, which may be nothing."""

    url: str
    title: str


def read_opml(body: bytes) -> tuple[Outline, ...]:
    """The feeds of a list in its order, however deep they lie in folders; each URL once.

    Raises:
        ParseError: it is no OPML, not whole, too large, or not to be trusted; the text goes on after the name of the file.
    """
    if len(body) > SIZE_LIMIT:
        raise ParseError(f"is larger than {SIZE_LIMIT // 1_000_000} MB, which no list of feeds is")
    text = decode(body, None).lstrip("\ufeff \t\r\n")
    if not text:
        raise ParseError("is empty")
    if _PAGE.search(text[:1000]):
        raise ParseError("is a web page, not OPML; export the subscriptions of your feed reader as OPML")
    elements = _Elements()
    try:
        read(mended(text), elements.start)
    except NotWellFormedError as error:
        raise ParseError(f"is not OPML, or not whole ({error})") from None
    return tuple(elements.found.values())


def write_opml(feeds: Iterable[Outline], *, title: str, created: datetime) -> str:
    """A list of these feeds; `created` is aware."""
    outlines = "".join(
        f"    <outline type={quoteattr('rss')} text={quoteattr(feed.title)} title={quoteattr(feed.title)}"
        f" xmlUrl={quoteattr(feed.url)}/>\n"
        for feed in feeds
    )
    date = format_datetime(created.astimezone(UTC), usegmt=True)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<opml version="2.0">\n  <head>\n'
        f"    <title>{escape(title)}</title>\n    <dateCreated>{date}</dateCreated>\n"
        f"  </head>\n  <body>\n{outlines}  </body>\n</opml>\n"
    )


class _Elements:
    """What was found of a list so far."""

    def __init__(self) -> None:
        self.found: dict[str, Outline] = {}
        self._root: str | None = None

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Take an element."""
        if self._root is None:
            self._root = name.lower()
            if self._root != "opml":
                raise ParseError(f"is XML, but no OPML: it holds <{clean_text(name, limit=40)}>")
        if name.lower() != "outline":
            return
        said = {key.lower(): value.strip() for key, value in attributes.items()}
        url = said.get("xmlurl", "")
        # A comment of the list's author is no subscription (OPML 2.0, isComment), nor is another list.
        if not url or said.get("iscomment", "").lower() == "true" or said.get("type", "").lower() == "include":
            return
        if len(self.found) >= OUTLINES_LIMIT:
            raise ParseError(f"lists more than {OUTLINES_LIMIT} feeds; take the ones that write about films")
        title = clean_text(said.get("text") or said.get("title") or "", limit=TITLE_LIMIT)
        self.found.setdefault(url, Outline(url=url, title=title))
