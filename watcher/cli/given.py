"""Items from a file, for `read` and `replay`: JSON Lines, a feed, a page or plain text, told apart by what the file holds."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from watcher.clean import clean_link, clean_text
from watcher.cli import common
from watcher.cli.deputy import file_in_place
from watcher.cli.raw import refuse_binary, utf8
from watcher.edtf import Edtf
from watcher.errors import DateError, ParseError, UsageError
from watcher.model import Item, Precision

_TITLE_LIMIT, _BODY_LIMIT, _NAME_LIMIT = 300, 1_000_000, 100
#: A first line longer than this is no headline but the first paragraph.
_HEADLINE = 200

#: So much of a document is looked at for its first element.
_HEAD = 4000
_COMMENT = re.compile(rb"<!--.*?-->", re.DOTALL)
_ELEMENT = re.compile(rb"<([a-z_][\w.:-]*)", re.IGNORECASE)
_FEEDS = frozenset((b"rss", b"rdf", b"feed"))
_SHAPE = 'an item is one JSON object in a line: {"id": "1", "published": "2026-06-06", "headline": "…", "text": "…"}'


class Kind(StrEnum):
    """What a file can be."""

    JSONL = "jsonl"
    FEED = "feed"
    HTML = "html"
    TEXT = "text"


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """An item from a file, with the outlet that the file names for it; empty where nobody does."""

    item: Item
    outlet: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """What the user says of items where their file does not: whose words they are, when published, in which language."""

    outlet: str = ""
    published: str = ""
    language: str = ""

    def fill(self, given: Given) -> Given:
        """The item with what it lacked.

        Raises:
            UsageError: `published` is no date.
        """
        item = given.item
        if item.published is None and self.published:
            try:
                published, precision = when_published(self.published)
            except ValueError as error:
                raise UsageError(f"--published {self.published!r} is no day; write it as 2026-06-06, 2026-06 or 2026") from error
            item = replace(item, published=published, precision=precision)
        if not item.language and self.language:
            item = replace(item, language=self.language)
        return Given(item=item, outlet=given.outlet or self.outlet)


def given_items(path: str, *, now: datetime, kind: Kind | None = None, missing: Missing | None = None) -> list[Given]:
    """The items in a file; ``-`` is standard input.

    Args:
        path: the file.
        now: a feed's date after it is a mistake of the feed's.
        kind: what the file is, where the user knows it better than its first bytes tell.
        missing: what the user says of the items where the file does not.

    Raises:
        UsageError: the file cannot be read, or a line of it is no item; the text says which, and what to do.
    """
    name = "standard input" if path == "-" else path
    body = _bytes(path, name)
    readers = {Kind.JSONL: _json_lines, Kind.FEED: _feed, Kind.HTML: _page, Kind.TEXT: _text}
    found = readers[kind or kind_of(body)](body, name, now)
    return [(missing or Missing()).fill(given) for given in found]


def kind_of(body: bytes) -> Kind:
    """What a file is, by what it holds: its name may lie, and standard input has none."""
    start = body.lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.startswith(b"{"):
        return Kind.FEED if _is_json_feed(start) else Kind.JSONL
    if start.startswith((b"[{", b"[\n", b"[\r")):
        return Kind.JSONL
    if start.startswith((b"\xff\xfe<", b"\xfe\xff\0<", b"<\0", b"\0<")):
        return Kind.FEED  # UTF-16, in which hardly any page is saved
    if not start.startswith(b"<"):
        return Kind.TEXT
    element = _ELEMENT.search(_COMMENT.sub(b"", start[:_HEAD]))
    root = element[1].lower().rpartition(b":")[2] if element else b""
    if root in _FEEDS or (start.startswith(b"<?xml") and root != b"html"):
        return Kind.FEED
    return Kind.HTML


def when_published(text: str) -> tuple[datetime, Precision]:
    """When an item was published, from a moment, a day, a month or a year; of what is not known, the last.

    Nothing tells that it was known before. Times are in UTC.

    Raises:
        ValueError: the text is none of these.
    """
    try:
        day = Edtf(text)
    except DateError:
        moment = datetime.fromisoformat(text)
        try:
            return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC), Precision.TIME
        except OverflowError as error:
            raise ValueError(f"{text!r} is out of all time") from error
    if day.is_unset:
        raise ValueError(f"{text!r} is no time")
    last = day.latest
    precision = {10: Precision.DAY, 7: Precision.MONTH}.get(len(text), Precision.YEAR)
    return datetime(last.year, last.month, last.day, tzinfo=UTC), precision


def _bytes(path: str, name: str) -> bytes:
    try:
        at = file_in_place(path)
        body = sys.stdin.buffer.read() if at == Path("-") else at.read_bytes()
    except OSError as error:
        raise UsageError(f"{name}: cannot be read: {(error.strerror or 'no reason given').lower()}") from error
    except ValueError as error:
        raise UsageError(f"{name!r} is no name of a file") from error
    if not body.strip():
        raise UsageError(f"{name}: is empty")
    refuse_binary(body, name)
    return body


def _is_json_feed(start: bytes) -> bool:
    """Whether a document is one JSON object with a list of items, wherever it names its version."""
    if b"jsonfeed.org" in start[:300]:
        return True
    if b'"items"' not in start:
        return False
    try:
        value = json.loads(start)
    except (ValueError, RecursionError):
        return False
    return isinstance(value, dict) and isinstance(value.get("items"), list)


def _feed(body: bytes, name: str, now: datetime) -> list[Given]:
    from watcher.parse import parse_feed  # noqa: PLC0415 - feedparser costs 30 ms that JSON Lines do not need

    try:
        feed = parse_feed(body, content_type=None, url="", now=now)
    except ParseError as error:
        said = str(error).removeprefix("the file ")
        raise UsageError(f"{name}: {said}; say what it is with --as: html, jsonl or text") from error
    if feed.truncated:
        common.tell(f"{name}: breaks off; the entry that may be cut is left out")
    return [Given(item=item, outlet=feed.title) for item in feed.items]


def _page(body: bytes, name: str, _: datetime) -> list[Given]:
    from watcher.parse.page import parse_page  # noqa: PLC0415 - trafilatura takes longer to load than most files to read

    try:
        page = parse_page(body, content_type=None, url="")
    except ParseError as error:
        said = str(error).removeprefix("the file ")
        raise UsageError(f"{name}: {said}; say what it is with --as: feed, jsonl or text") from error
    return [Given(item=page.item(guid=Path(name).name), outlet="")]


def _text(body: bytes, name: str, _: datetime) -> list[Given]:
    return [_article(_clean_lines(utf8(body, name)), name)]


def _article(plain: str, name: str) -> Given:
    """An article of plain text; its first line is the headline, if it is short and more follows."""
    title, _, rest = plain.strip().partition("\n")
    if not rest.strip() or len(title) > _HEADLINE:
        title, rest = "", plain
    return Given(item=Item(guid=Path(name).name, title=title, body=rest.strip()), outlet="")


def _json_lines(body: bytes, name: str, _: datetime) -> list[Given]:
    return list(_each_line(utf8(body, name), name))


def _each_line(text: str, name: str) -> Iterator[Given]:
    # Not splitlines(): JSON may hold U+2028 as it is.
    for number, line in enumerate(text.lstrip("\ufeff").split("\n"), 1):
        if not line.strip():
            continue
        where = f"{name}, line {number}"
        try:
            row = json.loads(line)
        except json.JSONDecodeError as error:
            raise UsageError(
                f"{where}: is no JSON (column {error.colno}: {error.msg[:1].lower()}{error.msg[1:]}); {_SHAPE}"
            ) from error
        except (ValueError, RecursionError) as error:
            raise UsageError(f"{where}: is no JSON that can be read; {_SHAPE}") from error
        if not isinstance(row, dict):
            advice = "; make lines of a list with: jq -c '.[]'" if isinstance(row, list) else ""
            raise UsageError(f"{where}: is no JSON object{advice}; {_SHAPE}")
        yield _json_item(row, where, number)


def _json_item(row: dict[str, Any], where: str, number: int) -> Given:
    said = {key: _string(row, key, where) for key in ("headline", "text", "url", "published", "outlet", "lang")}
    if "headline" not in row and "text" not in row:
        raise UsageError(f'{where}: has neither "headline" nor "text"; {_SHAPE}')
    published, precision = None, Precision.TIME
    if said["published"]:
        try:
            published, precision = when_published(said["published"])
        except ValueError as error:
            raise UsageError(
                f'{where}: "published" is {said["published"]!r}; write a day, a month, a year (2026-06-06, 2026-06, 2026) or null'
            ) from error
    item = Item(
        guid=clean_text(str(row.get("id") or number), limit=_TITLE_LIMIT),
        title=clean_text(said["headline"], limit=_TITLE_LIMIT),
        body=_clean_lines(said["text"]),
        link=clean_link(said["url"]) if said["url"] else None,
        published=published,
        precision=precision,
        language=said["lang"] or None,
    )
    return Given(item=item, outlet=clean_text(said["outlet"], limit=_NAME_LIMIT))


def _string(row: dict[str, Any], key: str, where: str) -> str:
    """The text under a key; empty where there is none, or null."""
    value = row.get(key)
    if value is not None and not isinstance(value, str):
        raise UsageError(f'{where}: "{key}" is {json.dumps(value)[:40]}, which is no text; put it in quotation marks')
    return value or ""


def _clean_lines(text: str) -> str:
    return "\n".join(clean_text(line, limit=_BODY_LIMIT) for line in text[:_BODY_LIMIT].splitlines())
