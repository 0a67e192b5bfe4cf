"""When an entry was published. Reads the formats of feeds and nothing that would have to be guessed.

feedparser's own reading is not used: it takes the Unix time 1630929600 for November 2016 and every unknown zone for UTC.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

from watcher.model import Precision

_EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
_LATEST = timedelta(days=1)
#: A `now` for whoever has no clock and compares later.
ANY_TIME = datetime(9000, 1, 1, tzinfo=UTC)

_TIME = r"(?P<hour>\d{1,2}):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:[.,]\d{1,9})?)?\s*(?P<half>[AaPp]\.?[Mm]\.?)?"
_ZONE = r"(?P<zone>[A-Za-z]{1,5}|(?:GMT|UTC)?[+-]\d{1,2}:?(?:\d\d)?)"
_CLOCK = rf"(?:,?\s+(?:at\s+)?{_TIME}\s*{_ZONE}?(?:\s*\([^()]*\))?)?"
_WEEKDAY = r"(?:[^\W\d]{2,12}\.?,?\s+)?"
_SHAPES = (
    # RFC 3339 and the W3C's profile of ISO 8601 (Atom, JSON Feed, Dublin Core), also with a blank for the T.
    re.compile(rf"(?P<year>\d{{4}})(?:-(?P<month>\d\d)(?:-(?P<day>\d\d)(?:[Tt]|\s+)?(?:(?<=[\sTt]){_TIME}\s*{_ZONE}?)?)?)?"),
    # RFC 822 and 2822 (RSS); the name of the weekday is not needed, so it may be in any language.
    re.compile(rf"{_WEEKDAY}(?P<day>\d{{1,2}})[\s-]+(?P<name>[A-Za-z]{{3,9}})\.?,?[\s-]+(?P<year>\d{{4}}|\d\d){_CLOCK}"),
    re.compile(rf"{_WEEKDAY}(?P<name>[A-Za-z]{{3,9}})\.?\s+(?P<day>\d{{1,2}}),?\s+(?P<year>\d{{4}}){_CLOCK}"),
)
_MONTHS = {name: n for n, name in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split(), start=1)}  # noqa: SIM905
#: Hours east of Greenwich. Names that mean several places have the one with the most feeds.
_ZONES = (
    {"": 0, "z": 0, "ut": 0, "utc": 0, "gmt": 0, "wet": 0, "west": 1, "bst": 1, "cet": 1, "met": 1, "mez": 1, "cest": 2}
    | {"mest": 2, "mesz": 2, "eet": 2, "eest": 3, "msk": 3, "ist": 5.5, "jst": 9, "kst": 9, "aest": 10, "aedt": 11, "nzst": 12}
    | {"nzdt": 13, "ast": -4, "adt": -3, "est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6, "pst": -8, "pdt": -7}
    | {"akst": -9, "akdt": -8, "hst": -10}
)
_OFFSET = re.compile(r"(?:gmt|utc)?([+-])(\d{1,2}):?(\d\d)?")


def read_time(text: str, *, now: datetime) -> tuple[datetime | None, Precision]:
    """The instant in UTC that a feed gave, and how much of it was given; None for what cannot be so.

    Without a zone it is taken for UTC. A zone whose name is not known leaves only the day. What lies before 2000 or more than
    a day after `now` is a mistake of the feed's, so it gives None, and the caller goes by when it first saw the entry.
    """
    text = " ".join(text[:100].split())
    for shape in _SHAPES:
        if found := shape.fullmatch(text):
            try:
                instant, precision = _instant(found.groupdict())
            except (ValueError, OverflowError):
                break
            return (instant if _EARLIEST <= instant <= now + _LATEST else None), precision
    return None, Precision.TIME


def _instant(parts: dict[str, str | None]) -> tuple[datetime, Precision]:
    """Raises ValueError or OverflowError for a time that no calendar or clock has."""
    year = int(parts["year"] or 0)
    year += 0 if len(parts["year"] or "") == 4 else 2000 if year < 70 else 1900
    name = parts.get("name")
    month = parts.get("month")
    number = _month(name) if name else int(month or 1)
    day = datetime(year, number, int(parts["day"] or 1), tzinfo=UTC)
    offset = _offset((parts["zone"] or "").lower())
    if parts["hour"] is None or offset is None:
        return day, Precision.DAY if parts["day"] else Precision.MONTH if month else Precision.YEAR
    hour = int(parts["hour"])
    if parts["half"]:
        hour = hour % 12 + (12 if parts["half"].lower().startswith("p") else 0)
    # A leap second has no place in datetime; the second before has.
    second = min(int(parts["second"] or 0), 59)
    local = day.replace(hour=hour, minute=int(parts["minute"] or 0), second=second, tzinfo=timezone(offset))
    return local.astimezone(UTC), Precision.TIME


def _month(name: str) -> int:
    if name[:3].lower() not in _MONTHS:
        raise ValueError(name)
    return _MONTHS[name[:3].lower()]


def _offset(zone: str) -> timedelta | None:
    """Difference to UTC, None where the name is not known. RFC 822 has it as +0200, ISO 8601 as +02:00."""
    if zone in _ZONES:
        return timedelta(hours=_ZONES[zone])
    found = _OFFSET.fullmatch(zone)
    if found is None:
        return None
    offset = timedelta(hours=int(found[2]), minutes=int(found[3] or 0))
    return -offset if found[1] == "-" else offset
