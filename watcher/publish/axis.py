"""An axis of days: where a day falls on it, and at which days it is marked (months, quarters, years, centuries)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from watcher.edtf import Edtf
from watcher.tell.dates_in_words import Dates

#: The days that a calendar of ours has, as ordinals.
FIRST, LAST = date.min.toordinal(), date.max.toordinal()

_MONTHS = (1, 2, 3, 6)
#: No axis of more years is marked by months.
_YEARS_BY_MONTH = 40
_YEARS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """A day that is marked, and how; `strong` where a year begins."""

    day: int
    text: str
    strong: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """Days from `low` to `high` (ordinals, the first below the last) laid from `start` to `end` (units of the picture)."""

    low: float
    high: float
    start: float
    end: float

    def at(self, day: float) -> float:
        """Where a day falls, to a tenth; what lies outside falls on the nearer end."""
        share = (min(max(day, self.low), self.high) - self.low) / (self.high - self.low)
        return round(self.start + share * (self.end - self.start), 1)

    def holds(self, day: float) -> bool:
        """Whether a day lies on it."""
        return self.low <= day <= self.high


def spread(days: list[int], *, least: int, pad: float) -> tuple[float, float]:
    """From the first of some days to the last, no less than `least` days, with a share `pad` of that on either side."""
    low, high = min(days), max(days)
    more = max(least - (high - low), 0) / 2 + pad * max(high - low, least)
    low_end, high_end = max(low - more, FIRST), min(high + more, LAST)
    return float(low_end), float(high_end)


def ticks(axis: Axis, dates: Dates, *, room: float) -> list[Tick]:
    """The marks of an axis, as many as there is room for where each takes `room`."""
    most = max(int(abs(axis.end - axis.start) // room), 2)
    days = next((days for days in _steps(axis) if len(days) <= most), [])
    return [_tick(date.fromordinal(day), dates, first=day == days[0]) for day in days]


def _steps(axis: Axis) -> Iterator[list[int]]:
    """The days of ever wider steps."""
    low, high = date.fromordinal(int(axis.low)).year, date.fromordinal(int(axis.high)).year
    if high - low <= _YEARS_BY_MONTH:
        for width in _MONTHS:
            firsts = (date(year, month, 1) for year in range(low, high + 1) for month in range(1, 13, width))
            yield [day.toordinal() for day in firsts if axis.holds(day.toordinal())]
    for width in _YEARS:
        years = range(max(-(-low // width) * width, 1), high + 1, width)
        yield [day for day in (date(year, 1, 1).toordinal() for year in years) if axis.holds(day)]


def _tick(day: date, dates: Dates, *, first: bool) -> Tick:
    """A mark with its words: a year where one begins, else a month; the first always says its year."""
    if day.month == 1:
        return Tick(day=day.toordinal(), text=str(day.year), strong=True)
    month = dates.in_words(Edtf(day.isoformat()[:7]))[:3]
    return Tick(day=day.toordinal(), text=f"{month} {day.year}" if first else month)
