"""A feed looked at by its owner's eyes: which format it is in, and what is odd about it. Only `watcher feeds check` asks."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from watcher.parse.decode import charset_trouble, decode
from watcher.parse.jsonfeed import read_json
from watcher.parse.raw import RawEntry
from watcher.parse.wellformed import NotWellFormedError, read
from watcher.parse.when import ANY_TIME, read_time
from watcher.parse.xmlfeed import read_xml

#: Where the root of a document is looked for, and how long its tag may be.
_HEAD = 10_000
_ROOT = re.compile(r"<(?:[\w.-]{1,40}:)?(rss|rdf|feed)\b([^<>]{0,3000})", re.IGNORECASE)
_VERSION = re.compile(r"""\bversion\s*=\s*["']([\d.]{1,8})["']""")
_JSON_VERSION = re.compile(r'"version"\s*:\s*"https?:\\?/\\?/jsonfeed\.org\\?/version\\?/([\d.]{1,8})')
#: Clocks differ by less.
_AHEAD = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """What a feed is like.

    Of its `entries` so many bear no date, one that cannot be read, one that lies in the future, no guid, or a guid that another
    bears too. `charset` and `broken` say what is wrong with the document as such.
    """

    kind: str
    entries: int
    undated: int
    unreadable: int
    ahead: int
    nameless: int
    doubles: int
    charset: str | None
    broken: str | None


def survey(body: bytes, *, content_type: str | None, now: datetime) -> Survey | None:
    """Look at a feed; None where the body is none."""
    text = decode(body, content_type).lstrip("\ufeff \t\r\n")
    is_json = text.startswith("{")
    raw = read_json(text) if is_json else read_xml(text)
    if raw is None:
        return None
    times = [_time(entry) for entry in raw.entries]
    guids = Counter(entry.guid for entry in raw.entries if entry.guid)
    return Survey(
        kind=_json_kind(text) if is_json else _xml_kind(text),
        entries=len(raw.entries),
        undated=sum(not _said(entry.times) for entry in raw.entries),
        unreadable=sum(when is None and bool(_said(entry.times)) for entry, when in zip(raw.entries, times, strict=True)),
        ahead=sum(when is not None and when > now + _AHEAD for when in times),
        nameless=sum(not entry.guid for entry in raw.entries),
        doubles=sum(count - 1 for count in guids.values()),
        charset=charset_trouble(body, content_type),
        broken=None if is_json else _broken(text),
    )


def _said(times: Sequence[str]) -> list[str]:
    return [time for time in times if time.strip()]


def _time(entry: RawEntry) -> datetime | None:
    found = (read_time(time, now=ANY_TIME)[0] for time in _said(entry.times))
    return next((when for when in found if when is not None), None)


def _json_kind(text: str) -> str:
    found = _JSON_VERSION.search(text)
    return f"JSON Feed {found[1]}" if found else "JSON Feed"


def _xml_kind(text: str) -> str:
    root = _ROOT.search(text[:_HEAD])
    if root is None:
        return "a feed"
    name, attributes = root[1].lower(), root[2]
    version = _VERSION.search(attributes)
    if name == "rss":
        return f"RSS {version[1]}" if version else "RSS"
    if name == "rdf":
        return "RSS 0.90" if "rdf/simple/0.9" in attributes else "RSS 1.0"
    return "Atom 0.3" if "purl.org/atom/ns" in attributes else "Atom 1.0"


def _broken(text: str) -> str | None:
    try:
        read(text)
    except NotWellFormedError as error:
        return str(error)
    return None
