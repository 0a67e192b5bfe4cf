"""What an answer's headers mean to a poller. Pure: times are measured against the answer's own Date, where it has one."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

#: Headers as they came: names in any case, values still bytes.
RawHeaders = list[tuple[bytes, bytes]]

#: A server that asks for more than a year means something else.
_LONGEST = 366 * 86_400
_VALUE_LIMIT = 2000
_DIRECTIVE = re.compile(r"""([a-z-]{1,40})(?:\s*=\s*"?([^\s",]{0,40})"?)?\s*(?:,|$)""", re.IGNORECASE)


def value(headers: RawHeaders, name: str) -> str | None:
    """The first value of a header, character for byte (Latin-1), so that it can be sent back unchanged; None if absurdly long."""
    wanted = name.lower().encode("ascii")
    found = next((raw for key, raw in headers if key.lower() == wanted), None)
    return None if found is None or not found or len(found) > _VALUE_LIMIT else found.decode("latin-1")


def joined(headers: RawHeaders, name: str) -> str:
    """All values of a header that may be repeated, as one list (RFC 9110, section 5.3)."""
    wanted = name.lower().encode("ascii")
    return ", ".join(raw.decode("latin-1") for key, raw in headers if key.lower() == wanted)[:_VALUE_LIMIT]


def max_age(headers: RawHeaders, came: datetime | None = None) -> int | None:
    """Seconds for which the answer stays fresh (RFC 9111, section 4.2); None where it does not say.

    Cache-Control's max-age wins over Expires, and the time that the answer spent in caches (Age) is taken off. `came` stands
    in for a Date that is missing (RFC 9110, section 6.6.1).
    """
    directives = {key.lower(): text for key, text in _DIRECTIVE.findall(joined(headers, "cache-control"))}
    if "no-store" in directives or "no-cache" in directives:
        return 0
    lifetime = _whole(directives.get("max-age"))
    if lifetime is None:
        lifetime = _until(headers, "expires", came)
    return None if lifetime is None else max(lifetime - (_whole(value(headers, "age")) or 0), 0)


def retry_after(headers: RawHeaders, came: datetime | None = None) -> float | None:
    """Seconds that the server asks us to stay away (RFC 9110, section 10.2.3), never negative; None where it does not ask.

    `came` stands in for a Date that is missing.
    """
    text = value(headers, "retry-after")
    if text is None:
        return None
    seconds = _whole(text)
    if seconds is not None:
        return float(seconds)
    return None if _instant(text) is None else _until(headers, "retry-after", came)


def told_at(headers: RawHeaders) -> datetime | None:
    """What time it was by the server's clock: its Date, and how long the answer lay in a cache since (RFC 9111, section 5.1)."""
    sent = _instant(value(headers, "date") or "")
    return None if sent is None else sent + timedelta(seconds=_whole(value(headers, "age") or "0") or 0)


def _until(headers: RawHeaders, name: str, came: datetime | None) -> int | None:
    """Seconds from the answer's Date to the time in a header. An invalid time is one in the past (RFC 9111, section 5.3)."""
    text = value(headers, name)
    if text is None:
        return None
    then, sent = _instant(text), _instant(value(headers, "date") or "") or came
    if then is None:
        return 0
    return None if sent is None else min(max(int((then - sent).total_seconds()), 0), _LONGEST)


def _instant(text: str) -> datetime | None:
    """An HTTP date, always in GMT."""
    try:
        found = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found


def _whole(text: str | None) -> int | None:
    """A number of seconds, at most a year; None where it is none."""
    text = (text or "").strip()
    if not (text.isascii() and text.isdigit()):
        return None
    return int(text) if len(text) <= 8 and int(text) <= _LONGEST else _LONGEST
