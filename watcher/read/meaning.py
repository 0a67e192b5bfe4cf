"""What a date expression means: the day, month or year, given the day of publication and the dates around it.

Nothing is read from a clock, and nothing invents a day: what cannot be known stays wide, or is None.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from watcher.edtf import Edtf
from watcher.errors import DateError
from watcher.read.dates import Anchor, When

#: A day without a year may lie so many days before the publication and still be meant: news of an opening comes late.
GRACE = 21
#: A full date lends its year to one that stands before it only if so few days lie between the two ("July 9 and July 11, 2027").
BESIDE = 45
#: Steps of more days than this ("100 days after it opened") are not exact enough to give a day.
LONGEST_STEP = 120
#: Nobody tells a release by more years than this from another date ("24 years later" is how long ago it was).
_YEARS = 4
#: How the months end in EDTF.
_MONTHS = tuple(f"{month:02}" for month in range(1, 13))


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What the words around a date make known.

    `previous` is the date named before it, for "the following year" and "a day later". `lender` is a date of the same clause
    that has a year, which one without a year shares. `way` is 1 where a verb moves from the lender to a later date, -1 to an
    earlier one, 0 where none says so. `past` is set where the verb tells of what was: a missing year is then the last that
    fits, else the next.
    """

    previous: Edtf | None = None
    lender: Edtf | None = None
    way: int = 0
    past: bool = False


def resolve(when: When, anchor: Anchor, around: Around | None = None) -> Edtf | None:
    """What a date expression means.

    Args:
        when: the expression.
        anchor: the day the item was published.
        around: what the words around it make known.

    Returns:
        The date, as wide as it must be, or None where it cannot be known or is on no calendar.
    """
    try:
        return _resolve(when, anchor, around or Around())
    except (DateError, ValueError, OverflowError):
        return None


def _resolve(when: When, anchor: Anchor, around: Around) -> Edtf | None:
    relative = when.relative or ""
    if relative in ("step", "following weekday"):
        return _step(when, around.previous) if when.is_step else _next_weekday(when, around.previous)
    if relative in ("today", "tomorrow", "yesterday", "from_now") or relative.endswith("weekday"):
        return _by_day(when, anchor, past=around.past)
    if relative.endswith("month"):
        return _month_step(when, anchor, around.previous)
    if when.day and not when.month:
        return _day_of_month(when.day, anchor, around)
    year = when.year or _relative_year(when, anchor, around.previous)
    return _dated(when, year if year or relative else _missing_year(when, anchor, around))


def _relative_year(when: When, anchor: Anchor, previous: Edtf | None) -> int | None:
    if when.relative in ("following", "same"):
        return previous.year + (when.relative == "following") if previous and not previous.is_unset else None
    if anchor.day is None or when.relative is None:
        return None
    return anchor.day.year + {"this": 0, "next": 1, "last": -1}.get(when.relative, 0)


def _dated(when: When, year: int | None) -> Edtf | None:
    """The expression in a year."""
    if year is None:
        return None
    if when.holiday:
        return _feast(when.holiday, year)
    if when.month and when.day:
        return Edtf(f"{year:04}-{when.month:02}-{when.day:02}")
    if when.month or when.part:
        return Edtf(f"{year:04}-{when.month or when.part:02}")
    return Edtf(f"{year:04}")


# --- Holidays ---


def _feast(rule: Mapping[str, Any], year: int) -> Edtf:
    """A holiday's day, or its month where a film "at Christmas" may open on any day near it."""
    if "easter" in rule:
        day = _easter(year) + timedelta(days=rule["easter"])
        return Edtf(day.isoformat() if rule.get("exact") else day.isoformat()[:7])
    if "part" in rule:
        return Edtf(f"{year:04}-{rule['part']:02}")
    month = rule["month"]
    if "day" in rule:
        return Edtf.of(date(year, month, rule["day"]))
    if "weekday" not in rule:
        return Edtf(f"{year:04}-{month:02}")
    days = [d for d in _days_of(year, month) if d.weekday() == rule["weekday"]]
    return Edtf.of(days[rule["nth"] - 1 if rule["nth"] > 0 else rule["nth"]])


def _days_of(year: int, month: int) -> Iterator[date]:
    day = date(year, month, 1)
    while day.month == month:
        yield day
        day += timedelta(days=1)


def _easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar (the "anonymous" computus, Nature 13, 1876, p. 487)."""
    golden, century, of_century = year % 19, *divmod(year, 100)
    epact = (19 * golden + century - century // 4 - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    to_sunday = (32 + 2 * (century % 4) + 2 * (of_century // 4) - epact - of_century % 4) % 7
    late = (golden + 11 * epact + 22 * to_sunday) // 451
    month, day = divmod(epact + to_sunday - 7 * late + 114, 31)
    return date(year, month, day + 1)


# --- The year of a date that names none ---


def _missing_year(when: When, anchor: Anchor, around: Around) -> int | None:
    """The year that a date without one means: that of the date beside it, else the next time it comes round.

    For what is told as past it is the last time that it came.
    """
    lent = _lent_year(when, anchor, around)
    if lent is not None or not anchor.knows_month or anchor.day is None:
        return lent
    for year in (anchor.day.year, anchor.day.year + (-1 if around.past else 1)):
        found = _dated(when, year)
        if found is None:
            return None
        if around.past and found.earliest <= anchor.day:
            return year
        if not around.past and found.latest >= anchor.day - timedelta(days=GRACE):
            return year
    return None


def _lent_year(when: When, anchor: Anchor, around: Around) -> int | None:
    """The year of the date beside it, or the one after or before where a verb moves that way; never one that is over."""
    lender = around.lender
    if lender is None or lender.is_unset or around.past:
        return None
    known = anchor.day if anchor.knows_month else None
    if known and lender.latest < known - timedelta(days=GRACE):
        return None
    year = lender.year
    found = _dated(when, year)
    if found and around.way > 0 and found.latest < lender.earliest:
        year += 1
    if found and around.way < 0 and found.earliest > lender.latest:
        year -= 1
    meant = _dated(when, year)
    if meant and known and meant.latest < known - timedelta(days=GRACE):
        return year + 1 if around.way >= 0 else None
    return year


# --- Days counted from the publication, or from another date ---


def _by_day(when: When, anchor: Anchor, *, past: bool) -> Edtf | None:
    """Expressions that mean a day counted from the publication."""
    if not anchor.knows_day or anchor.day is None:
        return None
    day = anchor.day
    if when.weekday is not None:
        day += timedelta(days=_to_weekday(when.weekday, anchor.day.weekday(), when.relative, past=past))
    elif when.relative != "from_now":
        day += timedelta(days={"today": 0, "tomorrow": 1, "yesterday": -1}[when.relative or "today"])
    return _from_now(when, day) if when.steps else Edtf.of(day)


def _from_now(when: When, today: date) -> Edtf | None:
    """So many days, weeks or years from today; a month has no length, so months from now are no day."""
    if when.unit == 365:
        return Edtf.of(today.replace(year=today.year + when.steps))
    return Edtf.of(today + timedelta(days=when.steps * when.unit)) if when.unit in (1, 7) else None


def _to_weekday(weekday: int, today: int, relative: str | None, *, past: bool) -> int:
    """Days from today to a weekday; "next Friday" is that of the week after this one, as most people mean it."""
    if relative == "next weekday":
        return 7 - today + weekday
    back = (today - weekday) % 7
    if relative == "last weekday":
        return -(back or 7)
    return -back if past else (weekday - today) % 7


def _step(when: When, previous: Edtf | None) -> Edtf | None:
    """So many days or weeks from the date before; years give only a year, for nobody says that it is the same day."""
    if previous is None or previous.is_unset:
        return None
    if when.unit == 365:
        return Edtf(f"{previous.year + when.steps:04}") if 0 < abs(when.steps) <= _YEARS else None
    days = when.steps * when.unit
    if not previous.is_day or when.unit not in (1, 7) or abs(days) > LONGEST_STEP:
        return None
    return Edtf.of(previous.earliest + timedelta(days=days))


def _day_of_month(day: int, anchor: Anchor, around: Around) -> Edtf | None:
    """A day like "the 14th": the nearest to the date before it, else the next after the publication, or the last for the past."""
    previous = around.previous
    if previous and previous.is_day:
        base = previous.earliest
        near = [Edtf(f"{_month_from(base, step)}-{day:02}") for step in (-1, 0, 1) if day <= _length(base, step)]
        return min(near, key=lambda date: abs(date.earliest - base), default=None)
    if not anchor.knows_day or anchor.day is None:
        return None
    step = (-1 if day > anchor.day.day else 0) if around.past else (1 if day < anchor.day.day else 0)
    return Edtf(f"{_month_from(anchor.day, step)}-{day:02}")


def _length(day: date, step: int) -> int:
    return Edtf(_month_from(day, step)).latest.day


def _next_weekday(when: When, previous: Edtf | None) -> Edtf | None:
    """The first weekday after the day before it: "the following Friday", the first one after the day before it."""
    if when.weekday is None or previous is None or not previous.is_day:
        return None
    days = (when.weekday - previous.earliest.weekday()) % 7 or 7
    return Edtf.of(previous.earliest + timedelta(days=days))


def _month_step(when: When, anchor: Anchor, previous: Edtf | None) -> Edtf | None:
    """Months: "this" and "next" count from the publication, "the following month" from the date before."""
    if when.relative == "following month":
        known = previous is not None and (previous.is_day or previous.text[5:] in _MONTHS)
        return Edtf(_month_from(previous.earliest, 1)) if previous and known else None
    if not anchor.knows_month or anchor.day is None:
        return None
    step = {"this month": 0, "next month": 1, "last month": -1}.get(when.relative or "")
    return None if step is None else Edtf(_month_from(anchor.day, step))


def _month_from(day: date, step: int) -> str:
    months = day.year * 12 + day.month - 1 + step
    return f"{months // 12:04}-{months % 12 + 1:02}"
