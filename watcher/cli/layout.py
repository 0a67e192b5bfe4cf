"""How the verbs that show lay out their text: columns, wrapped lines and headings, for a terminal as for a pipe.

Widths are counted in cells of a terminal, not in characters: a Japanese character takes two, a combining accent none
(UAX #11). Styles are put on last and taken off where nobody sees them.
"""

from __future__ import annotations

import json
import os
import re
import sys
import unicodedata
from collections.abc import Iterable, Sequence

import click

from watcher.clean import plain
from watcher.cli.asking import IN_PLACE

_NARROWEST, _WIDEST = 20, 100

#: Less room than this for the last column, and a row is better read as running text.
_LAST_COLUMN = 14

#: A day's name is not torn apart: "June 6, 2025", "Jun 6", "6 June 2025".
_DAY = re.compile(r"\b[A-Z][a-z]+ \d{1,2}\b(?:, \d{4}\b)?|\b\d{1,2} [A-Z][a-z]+ \d{4}\b")
_TIED = "\N{NO-BREAK SPACE}"


def screen_width() -> int:
    """The columns to fill: those of the terminal within bounds that the eye can follow, 80 where there is none."""
    return max(_NARROWEST, min(terminal_size()[0], _WIDEST))


def terminal_size() -> tuple[int, int]:
    """Columns and lines of the terminal, or what the environment says of them; 80 and 24 where there is none.

    As `shutil.get_terminal_size`, which costs every command 2 ms for the compressors that it brings along.
    """
    given = [int(said) if (said := os.environ.get(name, "")).isdecimal() else 0 for name in ("COLUMNS", "LINES")]
    try:
        real = os.get_terminal_size(sys.__stdout__.fileno()) if sys.__stdout__ is not None else (0, 0)
    except (OSError, ValueError):  # a pipe, or closed
        real = os.terminal_size((0, 0))
    return given[0] or real[0] or 80, given[1] or real[1] or 24


def cells(text: str) -> int:
    """How many columns a text takes."""
    if text.isascii():
        return len(text)
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def pad(text: str, width: int) -> str:
    """The text, filled with blanks to a width in columns."""
    return text + " " * (width - cells(text))


def fit(text: str, width: int) -> str:
    """A text without styles that takes at most `width` columns; one that would take more ends in a mark."""
    if cells(text) <= width:
        return text
    while cells(text) > width - 1:
        text = text[:-1]
    return f"{text.rstrip()}…"


def wrap(text: str, *, width: int, indent: int = 2, hanging: int | None = None) -> list[str]:
    """A text as lines of at most `width` columns, broken between words; a word that is longer (a link) stays whole.

    `indent` is for the first line, `hanging` for the others. A day keeps together.
    """
    rest = indent if hanging is None else hanging
    lines: list[str] = []
    line, start = "", indent
    tied = _DAY.sub(lambda day: day.group().replace(" ", _TIED), text)
    for word in (tied_word.replace(_TIED, " ") for tied_word in tied.split(" ") if tied_word):
        longer = f"{line} {word}" if line else word
        if line and start + cells(longer) > width:
            lines.append(" " * start + line)
            line, start = word, rest
        else:
            line = longer
    return [*lines, " " * start + line] if line else lines


def table(rows: Sequence[Sequence[str]], *, width: int, indent: int = 2, gap: int = 2) -> list[list[str]] | None:
    """Rows as aligned columns, all of the same number: for each row its lines, since the last column wraps.

    None where no room is left for the last column: then the rows are better read as sentences.
    """
    widths = [max(cells(row[number]) for row in rows) for number in range(len(rows[0]) - 1)] if rows else []
    start = indent + sum(size + gap for size in widths if size)
    if rows and width - start < min(_LAST_COLUMN, max(cells(row[-1]) for row in rows)):
        return None
    laid = []
    for row in rows:
        head = " " * indent + "".join(pad(cell, size) + " " * gap for cell, size in zip(row, widths, strict=False) if size)
        first, *more = wrap(row[-1], width=width, indent=start) or [""]
        laid.append([(head + first.lstrip()).rstrip(), *more])
    return laid


def columns(rows: Sequence[Sequence[str]], *, width: int, indent: int = 2) -> list[str]:
    """The lines of a table; where it does not fit, every row as running text."""
    laid = table(rows, width=width, indent=indent)
    if laid is None:
        laid = [wrap(", ".join(filter(None, row)), width=width, indent=indent, hanging=indent + 2) for row in rows]
    return [line for lines in laid for line in lines]


def ends(left: str, right: str, *, width: int) -> str | None:
    """A line with one text at each end, or None where they do not fit beside each other."""
    room = width - cells(left) - cells(right)
    return None if room < 2 else (left + " " * room + right).rstrip()


def heading(text: str) -> str:
    """The head of a section."""
    return click.style(text, bold=True)


def bold(text: str) -> str:
    """What the eye should find first."""
    return click.style(text, bold=True)


def quiet(text: str) -> str:
    """What may be passed over."""
    return click.style(text, dim=True)


def alarm(text: str) -> str:
    """What somebody should look after."""
    return click.style(text, fg="yellow")


def good(text: str) -> str:
    """What was gained."""
    return click.style(text, fg="green")


def show(lines: Iterable[str], *, err: bool = False) -> None:
    """Print lines; styled only for a terminal that can, and where nobody asked for plain text (https://no-color.org).

    `err` is for standard error, where standard output is for data.
    """
    # A daemon that does a verb for somebody prints for their terminal, and not for its own.
    click.echo("\n".join(lines), err=err, color=False if _is_unstyled() else True if IN_PLACE in os.environ else None)


def styled(line: str) -> str:
    """A line for a terminal that is there, without its styles where nobody wants them."""
    return click.unstyle(line) if _is_unstyled() else line


def _is_unstyled() -> bool:
    return bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM") == "dumb"


def show_json(value: object) -> None:
    """Print one JSON document. No text in it holds a control character, escaped or not."""
    json.dump(_clean(value), sys.stdout, indent=2, ensure_ascii=False)
    sys.stdout.write("\n")


def _clean(value: object) -> object:
    if isinstance(value, str):
        return plain(value)
    if isinstance(value, dict):
        return {key: _clean(held) for key, held in value.items()}
    if isinstance(value, (list, tuple)):
        return [_clean(held) for held in value]
    return value
