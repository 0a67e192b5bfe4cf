"""Calendars in a text: short lines with a date each, where only the first of a year says which year it is.

In some the day stands on a line of its own, over the films that open on it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from watcher.read.dates import When
from watcher.read.text import Line

#: An entry begins with its date, up to so many characters, or is no longer than the second number and ends with it.
_AT_START, _SHORT = 4, 36
#: Longest entry, in characters: what is longer is a sentence, and its dates stand by themselves.
LONGEST_ENTRY = 100


def entry_years(lines: Sequence[Line], dates_in: Callable[[Line], Sequence[When]]) -> Mapping[int, int]:
    """The year of each entry that leaves it out, by the entry's start: that of the entry before it, and then the next.

    Args:
        lines: the sentences of an item, in order.
        dates_in: finds the dates of one of them.
    """
    found: dict[int, int] = {}
    year = month = None
    for line in lines:
        if line.headline or line.end - line.start > LONGEST_ENTRY:
            continue
        dated = [when for when in dates_in(line) if when.month and when.relative is None]
        if len(dated) != 1 or not _is_entry(line, dated[0]):
            continue
        when = dated[0]
        if when.year is None and year is not None and month is not None and when.month is not None:
            year += when.month < month
            found[line.start] = year
        year, month = when.year or year, when.month
    return found


def day_heads(
    text: str, lines: Sequence[Line], dates_in: Callable[[Line], Sequence[When]], years: Mapping[int, int]
) -> Mapping[int, When]:
    """The day that heads each line of a calendar in which days and films stand on lines of their own, by the line's start.

    One line with nothing but a day makes no calendar.

    Args:
        text: the flat text of an item.
        lines: its sentences, in order.
        dates_in: finds the dates of one of them.
        years: what `entry_years` says of them.
    """
    found: dict[int, When] = {}
    days, head = 0, None
    for line in lines:
        alone = None if line.headline or line.end - line.start > _SHORT else _day_alone(text, line, dates_in(line))
        if alone:
            days, head = days + 1, replace(alone, year=alone.year or years.get(line.start))
        elif head and not line.headline:
            found[line.start] = head
    return found if days > 1 else {}


def _day_alone(text: str, line: Line, dates: Sequence[When]) -> When | None:
    """The day that a line is, and nothing else."""
    day = dates[0] if len(dates) == 1 and dates[0].month and dates[0].day else None
    if day is None or any(c.isalnum() for c in text[line.start : day.start] + text[day.end : line.end]):
        return None
    return day


def _is_entry(line: Line, when: When) -> bool:
    """Whether a line is an entry and no sentence: its date opens it, or closes a short one."""
    return when.start - line.start <= _AT_START or (line.end - when.end <= _AT_START and line.end - line.start <= _SHORT)
