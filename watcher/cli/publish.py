"""`watcher publish`: the page, the calendar, the feed of changes and the status for programs, written into a directory now.

``--json`` prints one object::

    version    1; raised when a key changes its meaning or goes
    at         when
    directory  where the files lie
    files      of each: name, bytes, and written (false: it lay there just so, and was not touched)
    kept       whether the configuration has the daemon keep this directory current
"""

from __future__ import annotations

import os
from pathlib import Path

import click

from watcher.board.board import Board, board
from watcher.board.objects import VERSION, Object, time_text
from watcher.board.words import count_in_words
from watcher.clean import plain
from watcher.cli import common
from watcher.cli.inquiry import Inquiry, inquire
from watcher.cli.layout import bold, quiet, show, show_json, wrap
from watcher.errors import PublishError, UsageError
from watcher.publish.files import Published, publish
from watcher.tell.lists import names_in_words


@click.command("publish")
@click.argument("directory", required=False, metavar="[DIR]", type=click.Path())
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
@common.config_option
def command(directory: str | None, *, as_json: bool, config_path: str | None) -> None:
    """Write the page, the calendar, the feed of changes and the status into DIR, with the daemon running or without it.

    DIR is made where it is missing; without it, the files go where publish = "…" in the configuration says. Files that have not
    changed are not touched.
    """
    with inquire(config_path) as inquiry:
        place = inquiry.config.publish if directory is None else Path(directory)
        # An empty name is a variable of a script that was never set, and would be the directory that one happens to be in.
        if place is None or directory == "":
            raise UsageError('where to? Name a directory: watcher publish DIR, or set publish = "/…" under [watcher]')
        _make(place)
        published = publish(place, _board(inquiry))
        if as_json:
            show_json(_object(published, inquiry))
        else:
            show(_lines(published, inquiry))


def _board(inquiry: Inquiry) -> Board:
    config = inquiry.config
    if inquiry.db is not None:
        # One state of the store for all of it, while the daemon goes on: a change and the fact that it is of.
        inquiry.db.execute("BEGIN")
    return board(inquiry.db, config.titles, config.feeds, judge=inquiry.judge, audience=inquiry.audience, now=inquiry.now)


def _make(directory: Path) -> None:
    """Make a directory that is missing; what it lies in has to be there, since a slip of the finger makes no tree.

    Raises:
        PublishError: it cannot be made.
    """
    try:
        directory.mkdir(exist_ok=True)
    except FileNotFoundError:
        raise PublishError(f"{directory}: {directory.parent} is not there; make it first, or name another directory") from None
    except FileExistsError:
        raise PublishError(f"{directory}: this is no directory; name another one") from None
    except OSError as error:
        raise PublishError(f"{directory}: cannot be made ({error.strerror}); check who may write there") from error


def _lines(published: Published, inquiry: Inquiry) -> list[str]:
    names, place = [*published.written, *published.stood], plain(str(published.directory))
    lines = [bold(f"{count_in_words(len(names), 'file')} in {place}: {', '.join(sorted(names))}")]
    if not published.written:
        lines += wrap("All were current already, and were not touched.", width=inquiry.width)
    elif published.stood:
        one = len(published.stood) == 1
        said = f"{names_in_words(published.stood)} {'was' if one else 'were'} current already, and {'was' if one else 'were'}"
        lines += wrap(f"{said} not touched.", width=inquiry.width)
    if inquiry.db is None:
        lines += wrap("Nothing is stored yet: they say what is known beforehand.", width=inquiry.width)
    words = "Let any web server or sync folder carry it: open index.html, subscribe to releases.ics in a calendar and to "
    lines += wrap(f"{words}changes.atom in a feed reader; status.json is for programs.", width=inquiry.width)
    return [*lines, "", *_what_next(published.directory, inquiry)]


def _what_next(directory: Path, inquiry: Inquiry) -> list[str]:
    if _is_kept(directory, inquiry):
        return [quiet("The daemon keeps them current:  watcher run")]
    place = plain(str(directory.absolute()))
    return [quiet(f'To have the daemon keep them current, under [watcher]:  publish = "{place}"')]


def _is_kept(directory: Path, inquiry: Inquiry) -> bool:
    kept = inquiry.config.publish
    return kept is not None and os.path.realpath(kept) == os.path.realpath(directory)


def _object(published: Published, inquiry: Inquiry) -> Object:
    directory = published.directory.absolute()
    return {
        "version": VERSION,
        "at": time_text(inquiry.now),
        "directory": str(directory),
        "files": [
            {"name": name, "bytes": (directory / name).stat().st_size, "written": name in published.written}
            for name in sorted((*published.written, *published.stood))
        ],
        "kept": _is_kept(directory, inquiry),
    }
