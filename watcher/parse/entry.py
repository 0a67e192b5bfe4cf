"""A raw entry of any format to a clean Item: identity, text, link, time."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from datetime import datetime

from watcher.clean import canonical_link, clean_link, clean_text, cut_text
from watcher.model import Item, Precision
from watcher.parse.raw import RawEntry
from watcher.parse.when import read_time
from watcher.untag import strip_tags

TITLE_LIMIT = 300
BODY_LIMIT = 20_000
NAME_LIMIT = 200
GUID_LIMIT = 500
#: Summaries and contents of one entry. Each is compared with each, and no honest entry has more than a few.
TEXTS_LIMIT = 10

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8}){0,3}")


def to_item(entry: RawEntry, *, url: str, now: datetime) -> Item:
    """The Item that an entry is; relative links are resolved against `url`.

    Identity is the guid, else the link, else a hash of the title and time, so that an edited text stays the same item. The
    digest is of title, body and link alone: a new date or a new tracking parameter is no news.
    """
    title = clean_text(strip_tags(entry.title, limit=2 * TITLE_LIMIT), limit=TITLE_LIMIT)
    body = _merge([strip_tags(text, limit=BODY_LIMIT) for text in entry.texts[:TEXTS_LIMIT]])
    link = clean_link(entry.link, base=url) if entry.link.strip() else None
    published, precision = _first_time(entry.times, now=now)
    return Item(
        guid=_identity(entry.guid) or link or text_digest(title or body, *entry.times),
        title=title,
        body=body,
        link=link,
        published=published,
        precision=precision,
        author=clean_text(strip_tags(entry.author, limit=NAME_LIMIT), limit=NAME_LIMIT) or None,
        language=language_tag(entry.language),
        digest=text_digest(title, body, canonical_link(link or "")),
    )


def unique(items: Iterable[Item]) -> tuple[Item, ...]:
    """The items with a guid each of their own: of several the first, which in a feed is the newest."""
    kept: dict[str, Item] = {}
    for item in items:
        kept.setdefault(item.guid, item)
    return tuple(kept.values())


def _merge(texts: list[str]) -> str:
    """Summary and content as one body that says everything once: of two where one holds the other, the longer."""
    whole: list[str] = []
    for text in sorted(texts, key=len, reverse=True):
        if not any(_holds(longer, text) for longer in whole):
            whole.append(text)
    ordered = [text for text in dict.fromkeys(texts) if text in whole]
    lines = dict.fromkeys(line for text in ordered for line in text.split("\n") if line)
    return cut_text("\n".join(lines), BODY_LIMIT)


def _holds(longer: str, text: str) -> bool:
    """Whether a text stands in a longer one; the dots of an excerpt ("… [&hellip;]") do not count."""
    return text.replace("\n", " ").rstrip(" .…[]") in longer.replace("\n", " ")


def _first_time(times: Iterable[str], *, now: datetime) -> tuple[datetime | None, Precision]:
    for text in times:
        published, precision = read_time(text, now=now)
        if published is not None:
            return published, precision
    return None, Precision.TIME


def _identity(guid: str) -> str:
    """A guid that is safe to print and to keep. One too long is known by its hash, for its start may be another's too."""
    cleaned = clean_text(guid, limit=GUID_LIMIT + 1)
    return cleaned if len(cleaned) <= GUID_LIMIT else text_digest(guid)


def language_tag(tag: str) -> str | None:
    """The language as BCP 47 writes it, or None."""
    tag = tag.strip().replace("_", "-")
    return tag if _LANGUAGE.fullmatch(tag) else None


def text_digest(*parts: str) -> str:
    """What names a text: 32 hexadecimal digits, others for every other text."""
    return hashlib.sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()[:32]
