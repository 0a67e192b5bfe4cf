"""A page's HTML, made small enough for what comes after: libxml2 and trafilatura take quadratic time on some of it.

Measured (lxml 6.1, trafilatura 2.3): 200,000 attributes in one tag take 50 seconds, 200,000 elements in one paragraph four
minutes. With the bounds below no page takes more than two. Everything here reads forwards only, in linear time.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from watcher.untag import html_tags

#: Characters of a page that are looked at; what comes after is left out.
LENGTH_LIMIT = 3_000_000
#: Tags that are kept, those of scripts and drawings not counted. Articles have one to five thousand.
TAGS_LIMIT = 12_000
#: A tag longer than this loses its attributes. Class names and links are shorter; what is longer is a page's own machinery.
TAG_LIMIT = 2_000
NAME_LIMIT = 30
#: Pieces of linked data that are kept, and the longest.
DATA_COUNT, DATA_LIMIT = 20, 300_000

#: What no XML may hold (XML 1.0, section 2.2), and libxml2 ends at.
_IMPOSSIBLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_IS_DATA = re.compile(r"application/ld\+json", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reduced:
    """A page without scripts, styles, drawings and comments, `tags` tags of it; `data` are the texts of its linked data."""

    html: str
    data: tuple[str, ...]
    tags: int


def reduce(text: str) -> Reduced:
    """The part of a page that is read."""
    text = _IMPOSSIBLE.sub(" ", text[:LENGTH_LIMIT])
    kept: list[str] = []
    data: list[str] = []
    at, tags, hidden, is_data = 0, 0, False, False
    for tag in html_tags(text):
        between = text[at : tag.start]
        if is_data and len(between) <= DATA_LIMIT and len(data) < DATA_COUNT:
            data.append(between)
        if not hidden:
            kept.append(between)
        whole = text[tag.start : tag.end]
        is_data = tag.hides and tag.name == "script" and _IS_DATA.search(whole[:TAG_LIMIT]) is not None
        closes_hidden, hidden, at = hidden, tag.hides, tag.end
        if not tag.name or hidden or closes_hidden or len(tag.name) > NAME_LIMIT:
            continue
        tags += 1
        if tags > TAGS_LIMIT:
            break
        kept.append(whole if len(whole) <= TAG_LIMIT else f"<{tag.name}>")
    else:
        kept.append("" if hidden else text[at:])
    return Reduced(html="".join(kept), data=tuple(data), tags=tags)
