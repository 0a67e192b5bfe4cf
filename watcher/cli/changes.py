"""Changes as rows of a terminal: in columns where they fit, as sentences where they do not."""

from __future__ import annotations

from collections.abc import Sequence

from watcher.board.words import change_parts, day_in_column
from watcher.cli.layout import table
from watcher.model import Change
from watcher.tell.dates_in_words import Dates


def change_rows(changes: Sequence[Change], dates: Dates, *, width: int) -> list[list[str]]:
    """Changes for the screen, each as its lines: in columns where every one fits a line, else the day and a sentence."""
    for short in (False, True):
        laid = table([_row(change, dates, short=short) for change in changes], width=width)
        if laid is not None and all(len(lines) == 1 for lines in laid):
            return laid
    cut = [_row(change, dates, short=True) for change in changes]
    told = [(day, f"{what}: {step}{f' ({who})' if who else ''}") for day, what, step, who in cut]
    return table(told, width=width) or []


def _row(change: Change, dates: Dates, *, short: bool) -> tuple[str, str, str, str]:
    _, what, step, who = change_parts(change, dates, short=short)
    return day_in_column(dates.day_of(change.at), dates), what, step, who
