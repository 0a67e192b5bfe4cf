"""`watcher history`: every change of what was believed, in the order of the news, old -> new.

``--json`` prints one object: ``version`` (1), ``at``, ``stored``, and ``titles``, of each ``id``, ``name`` and ``changes``,
shaped as in `status`.
"""

from __future__ import annotations

from itertools import groupby

import click

from watcher.cli import common
from watcher.cli.inquiry import Book, Inquiry, as_of_option, inquire, titles_asked
from watcher.cli.layout import bold, heading, plain, quiet, show, show_json, wrap
from watcher.cli.objects import VERSION, change_object, time_text
from watcher.cli.view import change_rows, count_in_words
from watcher.model import Change
from watcher.tell.dates_in_words import day_in_words


@click.command("history")
@click.argument("title", required=False)
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
@as_of_option
@common.config_option
def command(title: str | None, as_json: bool, as_of: str | None, config_path: str | None) -> None:
    """Tell what changed for TITLE (or for all), oldest first, who said it, and why nobody was told."""
    with inquire(config_path, as_of) as inquiry:
        books = [inquiry.book(one) for one in titles_asked(inquiry, title)]
        if as_json:
            show_json(
                {
                    "version": VERSION,
                    "at": time_text(inquiry.now),
                    "stored": inquiry.db is not None,
                    "titles": [
                        {
                            "id": book.title.id,
                            "name": book.title.name,
                            "changes": [change_object(change) for change in book.changes()],
                        }
                        for book in books
                    ],
                }
            )
        else:
            show(line for book in books for line in _lines(book, inquiry))


def _lines(book: Book, inquiry: Inquiry) -> list[str]:
    changes = book.changes()
    name = plain(book.title.name).upper()
    as_of = f", as it was held on {day_in_words(inquiry.today)}" if inquiry.as_of else ""
    if not changes:
        return [bold(line) for line in wrap(f"{name}: no changes{as_of}", width=inquiry.width, indent=0)]
    span = f"{day_in_words(changes[0].at.date())} to {day_in_words(changes[-1].at.date())}"
    head = f"{name}: {count_in_words(len(changes), 'change')}, {span}{as_of}"
    lines = [bold(line) for line in wrap(head, width=inquiry.width, indent=0)]
    # Laid out as a whole, so that the columns go through all the groups.
    rows = iter(change_rows(changes, width=inquiry.width))
    for reason, group in groupby(changes, key=_reason):
        lines.append(heading(reason))
        lines += [line for _ in group for line in next(rows)]
    return [*lines, quiet(f"The evidence:  watcher why {book.title.id}")]


def _reason(change: Change) -> str:
    """The head of a run of changes: told, or in short why not."""
    if change.silent is None:
        return "TOLD, LATE" if change.late else "TOLD"
    return f"NOT TOLD: {plain(change.silent).partition(',')[0]}"
