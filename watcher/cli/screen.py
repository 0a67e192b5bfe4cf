"""Titles on the screen: one with all that is held of it, several as a slate, a line each.

One title is set in one column, and in two where the terminal has room for them: dates and changes, and beside them the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import click

from watcher.board.standing import (
    Standing,
    cast_lines,
    elsewhere,
    first_words,
    gone,
    how_sure,
    is_over,
    release_rows,
    second_words,
)
from watcher.board.words import date_in_column, until_in_words, weekday
from watcher.cli.changes import change_rows
from watcher.cli.inquiry import Inquiry
from watcher.cli.layout import alarm, bold, cells, ends, fit, heading, quiet, table, terminal_size, wrap
from watcher.model import Change, ChangeKind, CreditKey
from watcher.tell.places import place_in_words

_CHANGES_SHOWN = 3

#: How wide names are in the slate at most, where whole ones leave no room for its columns.
_NAME_ROOMS = (36, 28, 20)

#: From this width on there are two columns; no wider than the second number, or the eye loses the line.
_TWO_COLUMNS, _WIDEST = 112, 132

#: How wide the first of two columns may be, and how far the second is from it.
_LEFT, _GAP = 72, 4

#: Makes the lines of the service for a width.
Service = Callable[[int], list[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """How much room there is: `width` in columns.

    `regions` are the countries whose dates are rows besides the user's own; None for all.
    """

    width: int
    regions: tuple[str, ...] | None = ()

    @property
    def is_wide(self) -> bool:
        """Whether there is room for two columns."""
        return self.width >= _TWO_COLUMNS


def frame_of(inquiry: Inquiry, regions: tuple[str, ...] | None) -> Frame:
    """The room that the terminal gives."""
    there = terminal_size()[0]
    return Frame(width=min(there, _WIDEST) if there >= _TWO_COLUMNS else inquiry.width, regions=regions)


def screen(stand: Standing, inquiry: Inquiry, frame: Frame | None = None, *, service: Service | None = None) -> list[str]:
    """One title: the answer, then what it rests on, then the lines of the service."""
    frame = frame or Frame(width=inquiry.width)
    if frame.is_wide and not _fits(release_rows(stand, frame.regions), _LEFT):
        frame = Frame(width=inquiry.width, regions=frame.regions)
    below = (_two_columns if frame.is_wide else _one_column)(stand, inquiry, frame, service)
    return [*_answer(stand, inquiry, frame.width), *(["", *below] if below else ())]


def _one_column(stand: Standing, inquiry: Inquiry, frame: Frame, service: Service | None) -> list[str]:
    lines = [*_dates(stand, inquiry, frame, frame.width), *_changes(stand, inquiry, frame.width), *_cast(stand, frame.width)]
    return [*lines, *(service(frame.width) if service else ())]


def _two_columns(stand: Standing, inquiry: Inquiry, frame: Frame, service: Service | None) -> list[str]:
    left = [*_dates(stand, inquiry, frame, _LEFT), *_changes(stand, inquiry, _LEFT)]
    start = max((cells(click.unstyle(line)) for line in left), default=-_GAP) + _GAP
    right = [*_cast(stand, frame.width - start), *(service(frame.width - start) if service else ())]
    return _beside(left, right, start)


def _fits(rows: Sequence[Sequence[str]], width: int) -> bool:
    """Whether each row takes a line: many countries in a narrow column are harder to read than in a wide one."""
    laid = table(rows, width=width)
    return laid is not None and all(len(lines) == 1 for lines in laid)


def slate(stands: Sequence[Standing], inquiry: Inquiry, frame: Frame) -> list[str]:
    """Several titles, a line each: name, day, where, how far off, how sure."""
    rows = [_slate_row(stand, inquiry) for stand in stands]
    muted = [alarm(line) for stand in stands for line in muted_lines(stand, inquiry, frame.width)]
    first = stands[0].title.id
    hint = f"One of them:  watcher status {first}      All of them:  watcher status --all"
    laid = next(filter(None, (table(one, width=frame.width, indent=0) for one in _narrower(rows))), None)
    if laid is None:
        laid = [wrap(_in_a_sentence(row), width=frame.width, indent=0, hanging=2) for row in rows]
    return [*(line for row in laid for line in row), *muted, "", *(quiet(line) for line in _hint(hint, frame.width))]


def _narrower(rows: Sequence[Sequence[str]]) -> Iterator[list[Sequence[str]]]:
    """The rows, and ever narrower ones: one long name must not take the columns from all; then no weekdays."""
    yield list(rows)
    for room in _NAME_ROOMS:
        yield [(fit(row[0], room), *row[1:]) for row in rows]
    for room in _NAME_ROOMS:
        yield [(fit(row[0], room), *row[2:]) for row in rows]


def muted_lines(stand: Standing, inquiry: Inquiry, width: int) -> list[str]:
    """That a title alerts nobody now, until when, and how it speaks again; nothing where it does."""
    if stand.muted_until is None:
        return []
    until = until_in_words(stand.muted_until, inquiry.now, inquiry.dates)
    return wrap(f"{stand.name} is muted {until}. To hear of it again: watcher mute {stand.title.id} --off", width=width)


def last_changes(stand: Standing) -> list[Change]:
    """The last changes that matter to this user, newest first: not what merely became surer, nor other countries' dates."""
    ours = [
        change
        for change in stand.changes
        if change.kind is not ChangeKind.CONFIRMED and (isinstance(change.key, CreditKey) or change.key.region in stand.chain)
    ]
    return ours[::-1][:_CHANGES_SHOWN]


def _slate_row(stand: Standing, inquiry: Inquiry) -> tuple[str, str, str, str, str, str]:
    main = stand.main
    if main is None:
        return (stand.name, "", "off the calendar" if gone(stand) else "no date yet", "", "", "")
    sure = "nothing ahead" if is_over(stand, inquiry.today) else how_sure(main.fact, stand)
    distance = stand.count.released_words or stand.count.words
    day = date_in_column(main.date, stand.dates)
    return (stand.name, weekday(main.date, stand.dates), day, place_in_words(main.key), distance, sure)


def _in_a_sentence(row: Sequence[str]) -> str:
    """A row of the slate where there is no room for columns: how far off comes first."""
    name, day, when, place, distance, sure = row
    return f"{name}: {', '.join(filter(None, (distance, f'{day} {when}'.strip(), place, sure)))}"


def _hint(text: str, width: int) -> list[str]:
    return [text] if cells(text) <= width else text.split("      ")


def _answer(stand: Standing, inquiry: Inquiry, width: int) -> list[str]:
    sentence, distance = first_words(stand)
    name = stand.name.upper()
    line = ends(f"{name}  {sentence}", distance, width=width)
    if line is not None:
        lines = [bold(line)]
    else:
        lines = [bold(name), *(bold(part) for part in wrap(", ".join(filter(None, (sentence, distance))), width=width))]
    lines += wrap(second_words(stand), width=width)
    return lines + [alarm(line) for line in muted_lines(stand, inquiry, width)]


def _dates(stand: Standing, inquiry: Inquiry, frame: Frame, width: int) -> list[str]:
    rows, others = release_rows(stand, frame.regions), elsewhere(stand)
    if not rows and not others:
        return []
    laid = table(rows, width=width)
    if laid is None:
        told = [(f"{country} {kind}: {day} {when}, {sure}", said) for country, kind, day, when, sure, said in rows]
        laid = [wrap(", ".join(filter(None, row)), width=width, hanging=4) for row in told]
    lines = [heading("DATES"), *(line for row in laid for line in row)]
    if others and frame.regions == ():
        lines += wrap(f"Elsewhere: {others}.", width=width, hanging=4)
        if " countries" in others:  # the sentence keeps most of their days to itself
            asked = f"{stand.title.id} " if len(inquiry.config.titles) > 1 else ""
            hint = f"Each of them: watcher status {asked}--regions all"
            lines += [quiet(line) for line in wrap(hint, width=width, indent=4, hanging=4)]
    return lines


def _changes(stand: Standing, inquiry: Inquiry, width: int) -> list[str]:
    changes = last_changes(stand)
    if not changes:
        return []
    rows = change_rows(changes, inquiry.dates, width=width)
    return [heading("LAST CHANGES" if len(changes) > 1 else "LAST CHANGE"), *(line for row in rows for line in row)]


def _cast(stand: Standing, width: int) -> list[str]:
    lines = [line for said in cast_lines(stand) for line in wrap(said, width=width, hanging=2)]
    return [heading("CAST"), *lines] if lines else []


def _beside(left: Sequence[str], right: Sequence[str], start: int) -> list[str]:
    """Two columns line by line, the second from `start` on. Styles take no room on the screen."""
    height = max(len(left), len(right))
    pairs = zip([*left, *[""] * (height - len(left))], [*right, *[""] * (height - len(right))], strict=True)
    return [(one + " " * (start - cells(click.unstyle(one))) + other).rstrip() for one, other in pairs]
