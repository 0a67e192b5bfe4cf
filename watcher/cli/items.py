"""Items from a file, for `read` and `replay`: JSON Lines, a feed, a page or plain text, told apart by how they begin."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from watcher.clean import clean_link, clean_text, strip_tags
from watcher.edtf import Edtf
from watcher.errors import DateError, ParseError, UsageError
from watcher.model import Item, Precision

_TITLE_LIMIT, _BODY_LIMIT, _NAME_LIMIT = 300, 200_000, 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """An item from a file, with the outlet that the file names for it."""

    item: Item
    outlet: str


def given_items(path: str, *, outlet: str, now: datetime) -> list[Given]:
    """The items in a file; ``-`` is standard input. `outlet` is whose words they are where the file does not say.

    Raises:
        UsageError: the file cannot be read, or a line of it is no item; the text says which.
    """
    try:
        body = sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from error
    start = body.lstrip(b"\xef\xbb\xbf \t\r\n")[:300].lower()
    if start.startswith(b"{") and b"jsonfeed.org" not in start:
        return list(_json_lines(body, path, outlet))
    try:
        from watcher.parse import parse_feed  # noqa: PLC0415 - feedparser costs 30 ms that JSON Lines do not need

        feed = parse_feed(body, content_type=None, url="", now=now)
    except ParseError as error:
        if start.startswith((b"<?xml", b"<rss", b"<feed", b"<rdf", b"{")):
            raise UsageError(f"{path}: {error}") from error
        return [_text(body, path, outlet, html=start.startswith((b"<!doctype", b"<html")), now=now)]
    return [Given(item=item, outlet=outlet or feed.title or path) for item in feed.items]


def _text(body: bytes, path: str, outlet: str, *, html: bool, now: datetime) -> Given:
    """A page or plain text: its first line is the title, published now."""
    text = body.decode("utf-8", "replace")
    plain = (
        strip_tags(text, limit=_BODY_LIMIT)
        if html
        else "\n".join(clean_text(line, limit=_BODY_LIMIT) for line in text.splitlines())
    )
    title, _, rest = plain.strip().partition("\n")
    item = Item(guid=path, title=title[:_TITLE_LIMIT], body=rest.strip(), published=now)
    return Given(item=item, outlet=outlet or path)


def _json_lines(body: bytes, path: str, outlet: str) -> Iterator[Given]:
    for number, line in enumerate(body.decode("utf-8", "replace").splitlines(), 1):
        if not line.strip():
            continue
        try:
            yield _json_item(json.loads(line), outlet, number)
        except (ValueError, TypeError, AttributeError) as error:
            raise UsageError(f"{path}:{number}: is no item; an item is a JSON object with id, headline and text") from error


def _json_item(row: dict[str, Any], outlet: str, number: int) -> Given:
    published, precision = _published(row.get("published"))
    item = Item(
        guid=str(row.get("id") or number),
        title=clean_text(str(row.get("headline") or ""), limit=_TITLE_LIMIT),
        body="\n".join(clean_text(line, limit=_BODY_LIMIT) for line in str(row.get("text") or "").splitlines()),
        link=clean_link(str(row["url"])) if row.get("url") else None,
        published=published,
        precision=precision,
        language=row.get("lang"),
    )
    return Given(item=item, outlet=clean_text(str(row.get("outlet") or outlet or "unknown"), limit=_NAME_LIMIT))


def _published(text: str | None) -> tuple[datetime | None, Precision]:
    """When an item was published: a moment, a day, a month or a year; of what is not known, the first moment."""
    if not text:
        return None, Precision.TIME
    try:
        day = Edtf(text)
    except DateError:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC), Precision.TIME
    precision = {10: Precision.DAY, 7: Precision.MONTH, 4: Precision.YEAR}.get(len(text), Precision.YEAR)
    first = day.earliest
    return datetime(first.year, first.month, first.day, tzinfo=UTC), precision
