"""One feed's bytes to its items and to what it says of its own rhythm."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from watcher.clean import clean_text
from watcher.errors import ParseError
from watcher.model import Hints, Item
from watcher.parse.decode import decode
from watcher.parse.entry import TITLE_LIMIT, to_item, unique
from watcher.parse.jsonfeed import read_json
from watcher.parse.notfeed import explain
from watcher.parse.quick import read_quickly
from watcher.parse.raw import ENTRY_LIMIT, RawFeed
from watcher.untag import strip_tags

#: Bytes of a body up to which the quick way is tried, some fifteen times what a feed usually has.
QUICK_LIMIT = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedFeed:
    """A feed as it was read, items in its order. `truncated`: it broke off, and the entry that may be cut was left out."""

    title: str
    items: tuple[Item, ...]
    hints: Hints
    truncated: bool = False


def parse_feed(body: bytes, *, content_type: str | None, url: str, now: datetime) -> ParsedFeed:
    """Read RSS 0.9x to 2.0, RSS 1.0 (RDF), Atom 0.3 and 1.0, and JSON Feed 1.0 and 1.1.

    `url` is where the body came from: relative links start there. `now` is aware; a later date is a mistake of the feed's. A
    feed without entries is a feed. At most 500 items are taken, the first of each guid.

    Raises:
        ParseError: the body is no feed; the text says what it is instead, and which feed it links to.
    """
    quick = parse_quickly(body, content_type=content_type, url=url, now=now)
    return quick or parse_thoroughly(body, content_type=content_type, url=url, now=now)


def parse_quickly(body: bytes, *, content_type: str | None, url: str, now: datetime) -> ParsedFeed | None:
    """The same as `parse_feed`, where it can be told safely and soon; None where only feedparser knows.

    Fit for a process that has other things to do: a megabyte at most, whatever its bytes are, takes a small part of a second
    and some tens of megabytes for as long.
    """
    if len(body) > QUICK_LIMIT:
        return None
    text = _text(body, content_type)
    raw = read_json(text) if text.startswith("{") else read_quickly(text)
    return _cleaned(raw, url=url, now=now) if raw else None


def parse_thoroughly(body: bytes, *, content_type: str | None, url: str, now: datetime) -> ParsedFeed:
    """The same as `parse_feed`, without trying the quick way: feedparser reads every XML.

    Raises:
        ParseError: the body is no feed.
    """
    # Most feeds do without it, and it takes longer to load than they to read.
    from watcher.parse.xmlfeed import read_xml  # noqa: PLC0415

    text = _text(body, content_type)
    raw = read_json(text) if text.startswith("{") else read_xml(text)
    if raw is None:
        raise ParseError(explain(body, text, url=url))
    return _cleaned(raw, url=url, now=now)


def _text(body: bytes, content_type: str | None) -> str:
    return decode(body, content_type).lstrip("\ufeff \t\r\n")


def _cleaned(raw: RawFeed, *, url: str, now: datetime) -> ParsedFeed:
    title = clean_text(strip_tags(raw.title, limit=TITLE_LIMIT), limit=TITLE_LIMIT)
    items = unique(to_item(entry, url=url, now=now) for entry in raw.entries[:ENTRY_LIMIT])
    # An entry that says nothing and leads nowhere is of no use to anybody.
    told = tuple(item for item in items if item.text or item.link)
    return ParsedFeed(title=title, items=told, hints=raw.hints, truncated=raw.truncated)
