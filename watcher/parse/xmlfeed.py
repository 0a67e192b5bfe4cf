"""RSS and Atom, read by feedparser, which knows twenty years of mistakes in them.

Three of its habits are kept away from it here: it opens what looks like a path (so it gets a stream), it fails on numbers that
are no characters (so they are taken out before), and its sanitiser takes time quadratic in hostile input (so it is off, and
`watcher.clean` does that work).
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from xml.sax import SAXException

from watcher.model import Hints
from watcher.parse.raw import RawEntry, RawFeed

#: What feedparser has been seen to raise on broken documents, or may: bugs of its own, not answers.
_ITS_FAULTS = (ArithmeticError, AssertionError, AttributeError, LookupError, RuntimeError, SAXException, TypeError, ValueError)

_HEADERS = {"content-type": "application/xml; charset=utf-8"}
#: Not a Char of XML 1.0 (section 2.2).
_NO_CHARACTER = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_REFERENCE = re.compile(r"&#(?:[xX]0*([0-9a-fA-F]+)|0*([0-9]+));?")
_END = re.compile(r"</(?:[\w.-]{1,40}:)?(?:rss|rdf|feed)\s*>", re.IGNORECASE)
_READABLE = frozenset({"text/plain", "text/html", "application/xhtml+xml"})

_PERIODS = {"hourly": 3600, "daily": 86_400, "weekly": 604_800, "monthly": 2_592_000, "yearly": 31_536_000}
_LONGEST = 31_536_000
_SKIP = {name: re.compile(f"<{name}>", re.IGNORECASE) for name in ("skiphours", "skipdays")}
_HOUR = re.compile(r"<hour>\s*(\d{1,2})\s*</hour>", re.IGNORECASE)
_DAY = re.compile(r"<day>\s*([a-z]{3,9})\s*</day>", re.IGNORECASE)
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def read_xml(text: str) -> RawFeed | None:
    """The feed, or None where the text is none.

    A document that is not well-formed and has lost its end was cut off in transit or in writing: its last entry is left out.
    """
    # Only whoever parses pays for it: in the daemon that is a child.
    import feedparser  # noqa: PLC0415

    legal = _REFERENCE.sub(_legal_reference, _NO_CHARACTER.sub("", text))
    try:
        # A stream, because feedparser takes bytes that are a path for the name of a file.
        found = feedparser.parse(
            io.BytesIO(legal.encode()), response_headers=_HEADERS, sanitize_html=False, resolve_relative_uris=False
        )
    except _ITS_FAULTS:
        return None
    if not found.get("version"):
        return None
    feed = dict(found["feed"])
    entries = [_entry(dict(entry), feed) for entry in found["entries"]]
    truncated = bool(found["bozo"]) and not _END.search(legal, max(0, len(legal) - 2000))
    return RawFeed(
        title=_text(feed, "title"),
        entries=tuple(entries[:-1] if truncated else entries),
        hints=_hints(feed, legal),
        truncated=truncated,
    )


def _legal_reference(reference: re.Match[str]) -> str:
    """A character reference, or nothing where XML has no such character."""
    digits = reference[1] or reference[2]
    if len(digits) > 8:
        return ""
    code = int(digits, 16 if reference[1] else 10)
    return reference[0] if code <= 0x10FFFF and not _NO_CHARACTER.match(chr(code)) else ""


def _entry(entry: Mapping[str, object], feed: Mapping[str, object]) -> RawEntry:
    guid, link = _text(entry, "id"), _text(entry, "feedburner_origlink") or _text(entry, "link")
    if link == guid and "://" not in link:
        # A guid that says nothing of being no permalink, and plainly is none.
        link = ""
    detail = entry.get("title_detail")
    return RawEntry(
        title=_text(entry, "title"),
        guid=guid,
        link=link,
        texts=(_text(entry, "summary"), *_contents(entry)),
        times=tuple(_text(entry, name) for name in ("published", "updated", "created")),
        author=_author(entry) or _author(feed),
        language=(_text(detail, "language") if isinstance(detail, Mapping) else "") or _text(feed, "language"),
    )


def _contents(entry: Mapping[str, object]) -> list[str]:
    contents = entry.get("content")
    parts = contents if isinstance(contents, list) else []
    return [_text(part, "value") for part in parts if isinstance(part, Mapping) and part.get("type") in _READABLE]


def _author(holder: Mapping[str, object]) -> str:
    """The author's name rather than the address that some feeds put beside it."""
    detail = holder.get("author_detail")
    return (_text(detail, "name") if isinstance(detail, Mapping) else "") or _text(holder, "author")


def _text(holder: Mapping[str, object], name: str) -> str:
    value = holder.get(name)
    return value if isinstance(value, str) else ""


def _hints(feed: Mapping[str, object], text: str) -> Hints:
    # feedparser keeps only the last of several hours and days.
    hours = {int(hour) % 24 for hour in _skipped(text, "skiphours", _HOUR) if int(hour) <= 24}
    days = {_DAYS.index(day.lower()) for day in _skipped(text, "skipdays", _DAY) if day.lower() in _DAYS}
    ttl = _number(_text(feed, "ttl"))
    return Hints(
        ttl_s=min(ttl * 60, _LONGEST) if ttl else None,
        update_s=_update(_text(feed, "sy_updateperiod"), _text(feed, "sy_updatefrequency")),
        skip_hours=tuple(sorted(hours)),
        skip_days=tuple(sorted(days)),
    )


def _update(period: str, frequency: str) -> int | None:
    """Seconds between updates; what is left out means daily and once (RSS 1.0, syndication module)."""
    if not period and not frequency:
        return None
    seconds = _PERIODS.get(period.strip().lower() or "daily")
    times = _number(frequency) if frequency.strip() else 1
    return max(seconds // times, 1) if seconds and times else None


def _skipped(text: str, name: str, part: re.Pattern[str]) -> list[str]:
    """The parts of the first element of this name; 24 hours or 7 days take less than the room that is looked at."""
    start = _SKIP[name].search(text)
    if start is None:
        return []
    inside = text[start.end() : start.end() + 2000]
    end = inside.lower().find(f"</{name}>")
    return part.findall(inside[: max(end, 0)])


def _number(text: str) -> int | None:
    """A small whole number, or None."""
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else None
