"""A line of time on the screen, for `demo`, `replay` and `history`: years as heads, days in the margin, what happened beside."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from watcher.cli.layout import bold, quiet, wrap
from watcher.tell.dates_in_words import Dates
from watcher.tell.message import quoted

#: Where the text starts, after the day.
MARGIN = 11

_QUOTE_ROWS = 2


class Timeline:
    """Entries of a line of time, given in order; remembers which year was named last."""

    def __init__(self, dates: Dates) -> None:
        self._year, self._dates = 0, dates

    def entry(self, day: date, lines: Iterable[str], *, same_day: bool = False) -> list[str]:
        """Lines that leave the margin free, with their day in it, and the year before them where it begins.

        `same_day` leaves the margin empty: the entry before is of that day, and says so.
        """
        head = []
        if day.year != self._year:
            self._year, same_day = day.year, False
            head = ["", bold(str(day.year))]
        return [*head, *(lines if same_day else self._with_day(day, lines))]

    def _with_day(self, day: date, lines: Iterable[str]) -> Iterator[str]:
        first, *rest = lines
        margin = "  " + " ".join(part.rjust(2) for part in self._dates.short(day, year=False).split())
        # The margin may be within a style: only its blanks are taken.
        yield first.replace(" " * len(margin), margin, 1)
        yield from rest


def cut(lines: Sequence[str], rows: int, *, end: str = "…") -> list[str]:
    """At most so many rows, with dots for the words that are missing."""
    return list(lines) if len(lines) <= rows else [*lines[: rows - 1], f"{lines[rows - 1].rpartition(' ')[0]} {end}"]


def quote_lines(quote: str, *, width: int) -> list[str]:
    """The beginning of a quoted sentence, beside the margin; given with its quotation marks or without."""
    marked = quote if quote.startswith("“") else quoted(quote)
    return [quiet(line) for line in cut(wrap(marked, width=width, indent=MARGIN), _QUOTE_ROWS, end="…”")]
