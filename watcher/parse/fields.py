"""What RSS and Atom have in common once their elements are read: fields by feedparser's names, to a raw entry and to hints.

Both ways of reading XML end here, so that they can differ in nothing but how they take a document apart.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from watcher.model import Hints
from watcher.parse.raw import RawEntry

#: The kinds of content that hold text.
READABLE = frozenset({"text/plain", "text/html", "application/xhtml+xml"})

#: Not a Char of XML 1.0 (section 2.2).
_NO_CHARACTER = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_REFERENCE = re.compile(r"&#(?:[xX]0*([0-9a-fA-F]+)|0*([0-9]+));?")

_PERIODS = {"hourly": 3600, "daily": 86_400, "weekly": 604_800, "monthly": 2_592_000, "yearly": 31_536_000}
_LONGEST = 31_536_000
_SKIP = {name: re.compile(f"<{name}>", re.IGNORECASE) for name in ("skiphours", "skipdays")}
_HOUR = re.compile(r"<hour>\s*(\d{1,2})\s*</hour>", re.IGNORECASE)
_DAY = re.compile(r"<day>\s*([a-z]{3,9})\s*</day>", re.IGNORECASE)
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def legal_characters(text: str) -> str:
    """The text without the characters that XML has not."""
    return _NO_CHARACTER.sub("", text)


def legal_references(text: str) -> str:
    """The text without references to characters that XML has not."""
    return _REFERENCE.sub(_legal_reference, text)


def _legal_reference(reference: re.Match[str]) -> str:
    digits = reference[1] or reference[2]
    if len(digits) > 8:
        return ""
    code = int(digits, 16 if reference[1] else 10)
    return reference[0] if code <= 0x10FFFF and not _NO_CHARACTER.match(chr(code)) else ""


def to_entry(entry: Mapping[str, object], feed: Mapping[str, object]) -> RawEntry:
    """The entry that these fields are, with what it leaves to its feed."""
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
        times=(_text(entry, "published"), _text(entry, "updated"), _text(entry, "created")),
        author=_author(entry) or _author(feed),
        language=(_text(detail, "language") if isinstance(detail, Mapping) else "") or _text(feed, "language"),
    )


def to_hints(feed: Mapping[str, object], text: str) -> Hints:
    """What a feed says of its rhythm; `text` is the whole document, since feedparser keeps only the last of several hours."""
    hours = {int(hour) % 24 for hour in _skipped(text, "skiphours", _HOUR) if int(hour) <= 24}
    days = {_DAYS.index(day.lower()) for day in _skipped(text, "skipdays", _DAY) if day.lower() in _DAYS}
    ttl = _number(_text(feed, "ttl"))
    return Hints(
        ttl_s=min(ttl * 60, _LONGEST) if ttl else None,
        update_s=_update(_text(feed, "sy_updateperiod"), _text(feed, "sy_updatefrequency")),
        skip_hours=tuple(sorted(hours)),
        skip_days=tuple(sorted(days)),
    )


def _contents(entry: Mapping[str, object]) -> list[str]:
    contents = entry.get("content")
    parts = contents if isinstance(contents, list) else []
    return [_text(part, "value") for part in parts if isinstance(part, Mapping) and part.get("type") in READABLE]


def _author(holder: Mapping[str, object]) -> str:
    """The author's name rather than the address that some feeds put beside it."""
    detail = holder.get("author_detail")
    return (_text(detail, "name") if isinstance(detail, Mapping) else "") or _text(holder, "author")


def _text(holder: Mapping[str, object], name: str) -> str:
    value = holder.get(name)
    return value if isinstance(value, str) else ""


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
