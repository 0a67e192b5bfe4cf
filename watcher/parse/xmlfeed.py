"""RSS and Atom, read by feedparser, which knows twenty years of mistakes in them.

Three of its habits are kept away from it here: it opens what looks like a path (so it gets a stream), it fails on numbers that
are no characters (so they are taken out before), and its sanitiser takes time quadratic in hostile input (so it is off, and
`watcher.clean` does that work).
"""

from __future__ import annotations

import io
import re
from xml.sax import SAXException

from watcher.parse.fields import legal_characters, legal_references, to_entry, to_hints
from watcher.parse.raw import RawFeed

#: What feedparser has been seen to raise on broken documents, or may: bugs of its own, not answers.
_ITS_FAULTS = (ArithmeticError, AssertionError, AttributeError, LookupError, RuntimeError, SAXException, TypeError, ValueError)

_HEADERS = {"content-type": "application/xml; charset=utf-8"}
_END = re.compile(r"</(?:[\w.-]{1,40}:)?(?:rss|rdf|feed)\s*>", re.IGNORECASE)


def read_xml(text: str) -> RawFeed | None:
    """The feed, or None where the text is none.

    A document that is not well-formed and has lost its end was cut off in transit or in writing: its last entry is left out.
    """
    # Only whoever parses pays for it: in the daemon that is a child.
    import feedparser  # noqa: PLC0415

    legal = legal_references(legal_characters(text))
    try:
        # A stream, because feedparser takes bytes that are a path for the name of a file.
        found = feedparser.parse(
            io.BytesIO(legal.encode()), response_headers=_HEADERS, sanitize_html=False, resolve_relative_uris=False
        )
    except _ITS_FAULTS:
        return None
    if not found.get("version"):
        return None
    # Plain dictionaries, because feedparser's own give one field for another.
    feed = dict(found["feed"])
    entries = [to_entry(dict(entry), feed) for entry in found["entries"]]
    truncated = bool(found["bozo"]) and not _END.search(legal, max(0, len(legal) - 2000))
    return RawFeed(
        title=title if isinstance(title := feed.get("title"), str) else "",
        entries=tuple(entries[:-1] if truncated else entries),
        hints=to_hints(feed, legal),
        truncated=truncated,
    )
