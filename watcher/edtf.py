"""Release dates as precise as somebody said them, and never more precise.

The notation is EDTF (ISO 8601-2:2019, levels 0 and 1, and the quarters of level 2): ``2025-06-06`` a day, ``2025-06`` a
month, ``2025-22`` a season, ``2025-34`` a quarter, ``2025`` a year, and our own word ``unset`` for "taken off the calendar".
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache, total_ordering

from watcher.errors import DateError

_SHAPE = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?", re.ASCII)

#: First and last (month, day) of the parts of a year that are no month. Film seasons are wider than the calendar's: a
#: "summer film" may open in May, so a season holds every day that the trade calls by its name. "Winter 2025" is said of
#: both ends of a year, so it holds the whole of it.
_PARTS: dict[int, tuple[tuple[int, int], tuple[int, int]]] = {
    21: ((3, 1), (6, 20)),
    22: ((5, 1), (9, 22)),
    23: ((9, 1), (12, 20)),
    24: ((1, 1), (12, 31)),
    33: ((1, 1), (3, 31)),
    34: ((4, 1), (6, 30)),
    35: ((7, 1), (9, 30)),
    36: ((10, 1), (12, 31)),
}


@total_ordering
@dataclass(frozen=True, slots=True)
class Edtf:
    """A date in EDTF, or ``unset``. Has no time zone: a release day is a day on the wall calendar of its region.

    Two dates are equal when their notation is; they are ordered by earliest day, the wider first, and ``unset`` is last.
    """

    text: str

    def __post_init__(self) -> None:
        """Refuse what is no date.

        Raises:
            DateError: the text is no EDTF date of these levels, or names a day that no calendar has.
        """
        if self.text != "unset":
            _span(self.text)

    @classmethod
    def of(cls, day: date) -> Edtf:
        """The notation of one day."""
        return cls(day.isoformat())

    @property
    def is_unset(self) -> bool:
        """Whether this says that there is no date."""
        return self.text == "unset"

    @property
    def is_day(self) -> bool:
        """Whether this names a single day."""
        return len(self.text) == 10

    @property
    def earliest(self) -> date:
        """The first day it can mean; for ``unset`` the last day there is."""
        return date.max if self.is_unset else _span(self.text)[0]

    @property
    def latest(self) -> date:
        """The last day it can mean; for ``unset`` the last day there is."""
        return date.max if self.is_unset else _span(self.text)[1]

    @property
    def year(self) -> int:
        """The year it lies in; for ``unset`` 9999."""
        return self.earliest.year

    def holds(self, other: Edtf) -> bool:
        """Whether ``other`` says nothing that this excludes: the same date, or a finer one inside it."""
        if self.is_unset or other.is_unset:
            return self.text == other.text
        return self.earliest <= other.earliest and other.latest <= self.latest

    def agrees(self, other: Edtf) -> bool:
        """Whether one of the two holds the other."""
        return self.holds(other) or other.holds(self)

    def __lt__(self, other: Edtf) -> bool:
        return (self.earliest, -self.latest.toordinal(), self.text) < (other.earliest, -other.latest.toordinal(), other.text)

    def __str__(self) -> str:
        return self.text


@lru_cache(maxsize=4096)
def _span(text: str) -> tuple[date, date]:
    """First and last day of a notation; raises `DateError`."""
    shape = _SHAPE.fullmatch(text)
    if shape is None:
        raise DateError(
            f"{text!r} is no date: write 2025-06-06, 2025-06, 2025-22 (summer), 2025-34 (second quarter), 2025 or unset"
        )
    year, part, day = (int(n) if n else None for n in shape.groups())
    try:
        if year is None or part is None:
            return date(year or 0, 1, 1), date(year or 0, 12, 31)
        if part in _PARTS and day is None:
            return date(year, *_PARTS[part][0]), date(year, *_PARTS[part][1])
        if day is None:
            return date(year, part, 1), date(year, part, calendar.monthrange(year, part)[1])
        return date(year, part, day), date(year, part, day)
    except (ValueError, calendar.IllegalMonthError) as error:
        raise DateError(f"{text!r} is no date on any calendar") from error


UNSET = Edtf("unset")
