"""Dates and spans of days in English, never more precise than what was said and never in the machine's language.

`strftime` and `calendar` name days in the locale of the process, so the names stand here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from watcher.edtf import Edtf

#: The Englishes that write the month before the day (CLDR, `dateFormats`); all others have the day first.
_MONTH_FIRST = ("en", "en-US", "en-CA")

_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
#: What the third season is called by who writes the month first, and by all others.
_AUTUMN = ("fall", "autumn")
#: The parts of a year that are no month, by their EDTF number (ISO 8601-2, 4.8).
_PARTS = {
    21: "spring {year}",
    22: "summer {year}",
    23: "{autumn} {year}",
    24: "winter {year}",
    33: "the first quarter of {year}",
    34: "the second quarter of {year}",
    35: "the third quarter of {year}",
    36: "the fourth quarter of {year}",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Dates:
    """Writes dates for one reader: the days of their own zone, day, month and season as their own English has them."""

    zone: ZoneInfo
    language: str = "en"

    def day(self, day: date, *, weekday: bool = False) -> str:
        """A day: "June 6, 2025" or "6 June 2025", and "Friday, June 6, 2025" with the weekday."""
        month = _MONTHS[day.month - 1]
        words = f"{month} {day.day}, {day.year}" if self.language in _MONTH_FIRST else f"{day.day} {month} {day.year}"
        return f"{_WEEKDAYS[day.weekday()]}, {words}" if weekday else words

    def short(self, day: date, *, year: bool = True) -> str:
        """A day for a column: "Jun 6, 2025" or "6 Jun 2025"; "Jun 6" or "6 Jun" without the year."""
        month = _MONTHS[day.month - 1][:3]
        if self.language in _MONTH_FIRST:
            return f"{month} {day.day}, {day.year}" if year else f"{month} {day.day}"
        return f"{day.day} {month} {day.year}" if year else f"{day.day} {month}"

    def in_words(self, when: Edtf, *, weekday: bool = False) -> str:
        """A date exactly as precise as it is: a day, "June 2025", "summer 2025", "the second quarter of 2026", "2026"."""
        if when.is_unset:
            return "off the calendar"
        if when.is_day:
            return self.day(when.earliest, weekday=weekday)
        year, _, part = when.text.partition("-")
        if not part:
            return year
        number, autumn = int(part), _AUTUMN[self.language not in _MONTH_FIRST]
        return _PARTS[number].format(year=year, autumn=autumn) if number in _PARTS else f"{_MONTHS[number - 1]} {year}"

    def day_of(self, moment: datetime) -> date:
        """The day on which something was said, on the reader's calendar.

        Midnight in UTC is how a day without an hour is kept, and such a day is the same everywhere.
        """
        there = moment.astimezone(UTC)
        return there.date() if there.time() == time() else there.astimezone(self.zone).date()

    def said(self, moment: datetime, *, weekday: bool = False) -> str:
        """That day in words."""
        return self.day(self.day_of(moment), weekday=weekday)


#: Dates as an American in no zone of their own reads them.
AMERICAN = Dates(zone=ZoneInfo("UTC"))


def preposition(when: Edtf) -> str:
    """What English puts before it: "on" a day, "in" anything wider."""
    return "on" if when.is_day else "in"


def days_in_words(low: int, high: int) -> str:
    """A number of days, or the range it lies in: "1 day", "471 days", "30 to 121 days"."""
    if low == high:
        return "1 day" if low == 1 else f"{low:,} days"
    return f"{low:,} to {high:,} days"


def move_in_words(old: Edtf, new: Edtf) -> str:
    """Direction and size of a move: "364 days later", "1 day earlier", "328 to 472 days later".

    Empty where there is no telling: one of the two is no date, or they may be the same day.
    """
    if old.is_unset or new.is_unset:
        return ""
    low = (new.earliest - old.latest).days
    high = (new.latest - old.earliest).days
    if low > 0:
        return f"{days_in_words(low, high)} later"
    if high < 0:
        return f"{days_in_words(-high, -low)} earlier"
    return ""


def days_until(when: Edtf, today: date) -> tuple[int, int]:
    """Days from `today` to the first and to the last day that a date can mean; negative once they are past."""
    return (when.earliest - today).days, (when.latest - today).days


def distance_in_words(when: Edtf, today: date) -> str:
    """How far off a date is: "in 471 days", "in 30 to 121 days", "within 20 days", "tomorrow", "today", "535 days ago".

    Empty for a date that is off the calendar.
    """
    if when.is_unset:
        return ""
    low, high = days_until(when, today)
    if low == high and low in _NEAR:
        return _NEAR[low]
    if high < 0:
        return f"{days_in_words(-high, -low)} ago"
    if low > 0:
        return f"in {days_in_words(low, high)}"
    return f"within {days_in_words(high, high)}" if high else "today at the latest"


def to_go_in_words(when: Edtf, today: date) -> str:
    """The same as a remainder: "471 days to go", "30 to 121 days to go"; what is near or past as in `distance_in_words`."""
    words = distance_in_words(when, today)
    return f"{words.removeprefix('in ')} to go" if words.startswith("in ") else words


def from_today_in_words(when: Edtf, today: date) -> str:
    """The same beside the date itself: "471 days from today"; what is near or past as in `distance_in_words`."""
    words = distance_in_words(when, today)
    return f"{words.removeprefix('in ')} from today" if words.startswith("in ") else words


_NEAR = {-1: "yesterday", 0: "today", 1: "tomorrow"}
