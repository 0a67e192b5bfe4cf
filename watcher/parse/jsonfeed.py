"""JSON Feed 1.0 and 1.1 (jsonfeed.org), taken as loosely as feeds are written."""

from __future__ import annotations

import json
from itertools import islice
from typing import TypeGuard

from watcher.parse.raw import ENTRY_LIMIT, RawEntry, RawFeed

_VERSION = "jsonfeed.org/version/1"


def read_json(text: str) -> RawFeed | None:
    """The feed, or None where the text is none."""
    try:
        document = json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return None
    if not isinstance(document, dict) or _VERSION not in _text(document, "version"):
        return None
    entries = document.get("items")
    if not isinstance(entries, list):
        return None
    return RawFeed(
        title=_text(document, "title"),
        entries=tuple(_entry(entry, document) for entry in islice(filter(_is_object, entries), ENTRY_LIMIT)),
    )


def _is_object(entry: object) -> TypeGuard[dict[str, object]]:
    return isinstance(entry, dict)


def _entry(entry: dict[str, object], feed: dict[str, object]) -> RawEntry:
    summary, content = _text(entry, "summary"), _text(entry, "content_html") or _text(entry, "content_text")
    return RawEntry(
        title=_text(entry, "title"),
        guid=_text(entry, "id"),
        link=_text(entry, "url") or _text(entry, "external_url"),
        texts=(summary, content),
        times=(_text(entry, "date_published"), _text(entry, "date_modified")),
        author=_author(entry) or _author(feed),
        language=_text(entry, "language") or _text(feed, "language"),
    )


def _author(holder: dict[str, object]) -> str:
    """The first author's name: `authors` in 1.1, `author` in 1.0."""
    authors = holder.get("authors")
    first = authors[0] if isinstance(authors, list) and authors else holder.get("author")
    return _text(first, "name") if isinstance(first, dict) else ""


def _text(holder: dict[str, object], name: str) -> str:
    """A text field; a number, as ids often are, as text; everything else as none."""
    value = holder.get(name)
    return value if isinstance(value, str) else str(value) if isinstance(value, int) and not isinstance(value, bool) else ""
