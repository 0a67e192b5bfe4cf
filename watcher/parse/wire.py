"""How documents go to the parsing child, and how what it found comes back.

A hostile document may have taken the child over, so its answer is trusted no more than the document was: everything in it is
held against the types and bounds that honest parsing keeps, and `Malformed` is what does not hold. A feed is JSON in lines, one
of the whole and one for each item, so that no answer can make its reader build much more than one line is worth at a time.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from watcher.clean import clean_link
from watcher.edtf import Edtf
from watcher.errors import DateError, ParseError
from watcher.model import Hints, Item, Precision, Work
from watcher.parse.entry import BODY_LIMIT, GUID_LIMIT, NAME_LIMIT, TITLE_LIMIT, language_tag
from watcher.parse.feed import ParsedFeed
from watcher.parse.linkeddata import PEOPLE_LIMIT, WORKS_LIMIT
from watcher.parse.linkeddata import TEXT_LIMIT as WORK_LIMIT
from watcher.parse.page import BODY_LIMIT as PAGE_LIMIT
from watcher.parse.page import Page
from watcher.parse.raw import ENTRY_LIMIT
from watcher.parse.when import ANY_TIME, read_time

#: Bytes of one answer, and of one line of it. The longest honest line is a page's, with 50,000 characters and ten films.
ANSWER_LIMIT, LINE_LIMIT = 16_000_000, 1_500_000
_REFUSAL_LIMIT = 4_000
_YEAR_S = 31_536_000
_DIGEST = re.compile(r"[0-9a-f]{32}")

T = TypeVar("T")


class Malformed(ValueError):
    """An answer that no honest child gives."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What is to be known of a document beside its bytes: of a page without `now`, of a feed with it."""

    content_type: str | None
    url: str
    now: datetime | None = None


def encode_job(job: Job) -> bytes:
    """The job as it goes to the child."""
    # In ASCII: a header may hold what is no text.
    said = {"content_type": job.content_type, "url": job.url, "now": _time(job.now)}
    return json.dumps(said).encode("ascii")


def decode_job(line: bytes) -> Job:
    """The job in the child, which believes its parent."""
    said = json.loads(line)
    now = datetime.fromisoformat(said["now"]) if said["now"] else None
    return Job(content_type=said["content_type"], url=said["url"], now=now)


def encode_refusal(error: ParseError) -> bytes:
    """The answer where a document is not what it should be."""
    return _line({"refused": str(error)})


def encode_feed(feed: ParsedFeed) -> bytes:
    """The answer with a feed."""
    hints = {"ttl_s": feed.hints.ttl_s, "update_s": feed.hints.update_s}
    skipped = {"skip_hours": feed.hints.skip_hours, "skip_days": feed.hints.skip_days}
    head = {"title": feed.title, "truncated": feed.truncated} | hints | skipped
    return b"\n".join((_line(head), *(_line(_said(item)) for item in feed.items)))


def decode_feed(answer: bytes, *, now: datetime) -> ParsedFeed:
    """The feed in an answer; `now` is the job's.

    Raises:
        ParseError: the child says that the document is no feed.
        Malformed: the answer is none.
    """
    head, *rest = _lines(answer, most=1 + ENTRY_LIMIT)
    said = _fields(head, 6)
    hints = Hints(
        ttl_s=_optional(said.get("ttl_s"), _seconds),
        update_s=_optional(said.get("update_s"), _seconds),
        skip_hours=_rising(said.get("skip_hours"), 24),
        skip_days=_rising(said.get("skip_days"), 7),
    )
    title, truncated = _text(said.get("title"), TITLE_LIMIT), said.get("truncated")
    items = tuple(_item(_fields(line, 9), now) for line in rest)
    _hold(isinstance(truncated, bool))
    _hold(len({item.guid for item in items}) == len(items))
    return ParsedFeed(title=title, items=items, hints=hints, truncated=truncated is True)


def encode_page(page: Page) -> bytes:
    """The answer with a page."""
    times = {"published": _time(page.published), "precision": page.precision, "modified": _time(page.modified)}
    works = [[work.name, work.date.text if work.date else None, work.actors, work.directors] for work in page.works]
    said = {"title": page.title, "text": page.text, "canonical": page.canonical, "language": page.language, "works": works}
    return _line(said | times)


def decode_page(answer: bytes, *, url: str) -> Page:
    """The page in an answer; `url` is the job's.

    Raises:
        ParseError: the child says that the document is no page.
        Malformed: the answer is none.
    """
    (line,) = _lines(answer, most=1)
    said = _fields(line, 8)
    return Page(
        url=url,
        # Cleaning puts a blank behind each "<" of a headline that looks like a tag, after the cut.
        title=_text(said.get("title"), 2 * TITLE_LIMIT),
        text=_text(said.get("text"), PAGE_LIMIT, lines=True),
        published=_optional(said.get("published"), lambda value: _instant(value, ANY_TIME)),
        precision=_precision(said.get("precision")),
        modified=_optional(said.get("modified"), lambda value: _instant(value, ANY_TIME)),
        canonical=_optional(said.get("canonical"), _link),
        language=_optional(said.get("language"), _language),
        works=tuple(map(_work, _several(said.get("works"), WORKS_LIMIT))),
    )


def _line(value: object) -> bytes:
    """JSON without a line break; what is no character at all becomes a question mark."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def _time(instant: datetime | None) -> str | None:
    return instant.isoformat() if instant else None


def _said(item: Item) -> dict[str, str | None]:
    who = {"guid": item.guid, "link": item.link, "author": item.author, "digest": item.digest}
    when = {"published": _time(item.published), "precision": item.precision}
    return who | when | {"title": item.title, "body": item.body, "language": item.language}


def _item(said: dict[str, object], now: datetime) -> Item:
    digest = _text(said.get("digest"), 32)
    _hold(_DIGEST.fullmatch(digest) is not None)
    return Item(
        guid=_name(said.get("guid"), GUID_LIMIT),
        title=_text(said.get("title"), TITLE_LIMIT),
        body=_text(said.get("body"), BODY_LIMIT, lines=True),
        link=_optional(said.get("link"), _link),
        published=_optional(said.get("published"), lambda value: _instant(value, now)),
        precision=_precision(said.get("precision")),
        author=_optional(said.get("author"), lambda value: _name(value, NAME_LIMIT)),
        language=_optional(said.get("language"), _language),
        digest=digest,
    )


def _lines(answer: bytes, *, most: int) -> list[bytes]:
    """The lines of an answer that is no refusal."""
    lines = answer.split(b"\n", most)
    _hold(len(answer) <= ANSWER_LIMIT and len(lines) <= most and max(map(len, lines)) <= LINE_LIMIT)
    if lines[0].startswith(b'{"refused":'):
        _hold(len(lines) == 1)
        raise ParseError(_name(_fields(lines[0], 1).get("refused"), _REFUSAL_LIMIT))
    return lines


def _fields(line: bytes, count: int) -> dict[str, object]:
    """The so many fields of a line; one that is missing is read as null."""
    try:
        said = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise Malformed from error
    _hold(isinstance(said, dict) and len(said) == count)
    return dict(said)


def _hold(honest: bool) -> None:
    if not honest:
        raise Malformed


def _optional(value: object, read: Callable[[object], T]) -> T | None:
    return None if value is None else read(value)


def _text(value: object, limit: int, *, lines: bool = False) -> str:
    """A text that is safe to print, in one line unless it may have several."""
    text = value if isinstance(value, str) else None
    if text is None or len(text) > limit or not (text.replace("\n", "") if lines else text).isprintable():
        raise Malformed
    return text


def _name(value: object, limit: int) -> str:
    """A text that is not empty."""
    text = _text(value, limit)
    _hold(text != "")
    return text


def _link(value: object) -> str:
    """A link that is as clean as it can be made."""
    if not isinstance(value, str) or clean_link(value) != value:
        raise Malformed
    return value


def _language(value: object) -> str:
    tag = _name(value, 40)
    _hold(language_tag(tag) == tag)
    return tag


def _instant(value: object, now: datetime) -> datetime:
    """A time that a document may name at `now`."""
    text = _name(value, 40)
    found, _ = read_time(text, now=now)
    if found is None or found.isoformat() != text:
        raise Malformed
    return found


def _precision(value: object) -> Precision:
    try:
        return Precision(_text(value, 10))
    except ValueError as error:
        raise Malformed from error


def _several(value: object, most: int) -> list[object]:
    if not isinstance(value, list) or len(value) > most:
        raise Malformed
    return value


def _whole(value: object) -> int:
    # A bool is an int to Python.
    if not isinstance(value, int) or isinstance(value, bool):
        raise Malformed
    return value


def _seconds(value: object) -> int:
    number = _whole(value)
    _hold(0 < number <= _YEAR_S)
    return number


def _rising(value: object, below: int) -> tuple[int, ...]:
    """Different numbers from 0 on, in their order."""
    found = [_whole(one) for one in _several(value, below)]
    _hold(found == sorted(set(found)) and all(0 <= one < below for one in found))
    return tuple(found)


def _work(value: object) -> Work:
    parts = _several(value, 4)
    _hold(len(parts) == 4)
    name, date, *people = parts
    actors, directors = (tuple(_name(one, WORK_LIMIT) for one in _several(some, PEOPLE_LIMIT)) for some in people)
    return Work(name=_name(name, WORK_LIMIT), date=_optional(date, _day), actors=actors, directors=directors)


def _day(value: object) -> Edtf:
    try:
        date = Edtf(_text(value, 10))
    except DateError as error:
        raise Malformed from error
    _hold(date.is_day)
    return date
