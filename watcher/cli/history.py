"""`watcher history`: every change of what was believed, in the order of the news: old -> new, how sure, and who said it.

A change stands on the day its news was published. What told nobody is dim, with the reason below; ``--all`` adds the sentence
and the link of each. ``--as-of`` leaves out what was recorded later.

``--json`` prints one object: ``version`` (1), ``at`` (the moment asked about), ``stored`` (false before the first run), and
``titles``, each with ``id``, ``name`` and ``changes``, of which each has::

    id, kind      the change, and what it does: set, moved, refined, unset, confirmed, corrected, joined, left, recast, status
    region, type, date           of a release, or
    person, job, role, status    of a credit, as they are after it
    old, new      the value before (null for the first) and after
    confidence    rumoured, reported or confirmed
    at            when its news was published; recorded_at: when it came to us
    outlet        who said it first; credits: whose report that is, else null; sentence, link
    silent        why nobody was told, else null; late: true where the news had to wait for us

Dates are EDTF, times are UTC.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby

import click

from watcher.board.book import Book
from watcher.board.objects import VERSION, Object, change_object, time_text
from watcher.board.words import capital, change_in_words, count_in_words, reason_in_short, step_in_words, subject
from watcher.clean import plain
from watcher.cli import common, completions
from watcher.cli.inquiry import Inquiry, as_of_option, inquire, titles_asked
from watcher.cli.layout import bold, cells, ends, quiet, show, show_json, wrap
from watcher.cli.living import tell_if_old
from watcher.cli.timeline import MARGIN, Timeline
from watcher.decide.byhand import OWN_WORD
from watcher.model import Change, Title
from watcher.tell.dates_in_words import Dates
from watcher.tell.message import quoted

#: Where what belongs to a change stands.
_BELOW = MARGIN + 2


@click.command("history")
@click.argument("title", required=False, shell_complete=completions.titles)
@click.option("--all", "show_all", is_flag=True, help="Show also the sentence and the link of each change.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
@click.option("--plain", "as_plain", is_flag=True, help="One change a line, without columns.")
@as_of_option
@common.config_option
def command(  # noqa: PLR0917 - click passes all of them by name
    title: str | None, show_all: bool, as_json: bool, as_plain: bool, as_of: str | None, config_path: str | None
) -> None:
    """Tell what changed for TITLE (or for all), oldest first, who said it, and why nobody was told."""
    with inquire(config_path, as_of) as inquiry:
        books = [inquiry.book(one) for one in titles_asked(inquiry, title)]
        if as_json:
            show_json(_object(books, inquiry))
            return
        tell_if_old(inquiry)
        if as_plain:
            show(line for book in books for line in _plain_lines(book, inquiry, show_all=show_all))
            return
        parts = [_lines(book, inquiry, show_all=show_all) for book in books]
        show(line for number, lines in enumerate(parts) for line in ([""] if number else []) + lines)


def _object(books: Sequence[Book], inquiry: Inquiry) -> Object:
    return {
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


def _lines(book: Book, inquiry: Inquiry, *, show_all: bool) -> list[str]:
    """A title: its head, its line of time, and where the evidence is."""
    changes, width = book.changes(), inquiry.width
    name = plain(book.title.name).upper()
    as_of = f", as it was held on {inquiry.dates.day(inquiry.today)}" if inquiry.as_of else ""
    if not changes:
        return [bold(line) for line in wrap(f"{name}: no changes{as_of}", width=width, indent=0)]
    span = " to ".join(dict.fromkeys(inquiry.dates.said(changes[end].at) for end in (0, -1)))
    head = f"{name}: {count_in_words(len(changes), 'change')}, {span}{as_of}"
    lines = [bold(line) for line in wrap(head, width=width, indent=0)]
    reasons = Counter(_silence(change) for change in changes)
    common_reason, told_of = "", "Not told" if len(changes) == 1 else "None was told"
    if "" not in reasons:
        # The reason that most of them have stands once, above them all.
        (common_reason, _), *others = reasons.most_common()
        said = f"{told_of}: {common_reason}{', where no other reason is given' if others else ''}."
        lines += [quiet(line) for line in wrap(said, width=width)]
    lines += _time_line(changes, book.title, inquiry.dates, width=width, show_all=show_all, common_reason=common_reason)
    more = "" if show_all else "; --all shows sentences and links"
    return [
        *lines,
        "",
        *(quiet(line) for line in wrap(f"The evidence: watcher why {book.title.id} WHAT{more}", width=width, indent=0)),
    ]


def _time_line(
    changes: Sequence[Change], title: Title, dates: Dates, *, width: int, show_all: bool, common_reason: str
) -> Iterator[str]:
    """The changes by years, each run of those that are silent for one reason with that reason below."""
    line, last = Timeline(dates), None
    for (_, reason), group in groupby(changes, key=lambda change: (dates.day_of(change.at).year, _silence(change))):
        run = list(group)
        for change in run:
            day = dates.day_of(change.at)
            yield from line.entry(day, _change_lines(change, title, dates, width=width, show_all=show_all), same_day=day == last)
            last = day
        if reason and reason != common_reason:
            told = "Not told" if len(run) == 1 else f"These {len(run)} not told"
            yield from map(quiet, wrap(f"{told}: {reason}.", width=width, indent=_BELOW, hanging=_BELOW))


def _change_lines(change: Change, title: Title, dates: Dates, *, width: int, show_all: bool) -> list[str]:
    """What changed from old to new, with how sure and who at the right; then what belongs to it."""
    what = f"{capital(subject(change.key, change.new))}: {step_in_words(change, dates)}"
    who = _who(change, title)
    beside = next(filter(None, (ends(" " * MARGIN + what, words, width=width) for words in who)), None)
    below = {"width": width, "indent": _BELOW, "hanging": _BELOW}
    lines = [beside] if beside else [*wrap(what, width=width, indent=MARGIN, hanging=_BELOW), *_at_the_right(who[0], width)]
    if change.late and not change.silent:
        lines += wrap("Told late: the news had to wait for us.", **below)
    if show_all:
        lines += wrap(quoted(plain(change.sentence)), **below) if change.sentence else []
        lines += [quiet(" " * _BELOW + plain(change.link))] if change.link else []
    return [quiet(line) for line in lines] if change.silent else lines


def _at_the_right(text: str, width: int) -> list[str]:
    """A line of its own that ends where the others do; several, where one has no room for it."""
    room = width - cells(text)
    return [" " * room + text] if room >= _BELOW else wrap(text, width=width, indent=_BELOW, hanging=_BELOW)


def _plain_lines(book: Book, inquiry: Inquiry, *, show_all: bool) -> Iterator[str]:
    """One change a line, for ears and for `grep`."""
    name = plain(book.title.name)
    if not (changes := book.changes()):
        yield f"{name}: no changes."
    for change in changes:
        said = f"{name}: {change_in_words(change, inquiry.dates)}."
        silence = f" Not told: {_silence(change)}." if change.silent else " Told late." if change.late else ""
        sentence = f" {quoted(plain(change.sentence))}" if show_all and change.sentence else ""
        link = f" {plain(change.link)}" if show_all and change.link else ""
        yield said + silence + sentence + link


def _who(change: Change, title: Title) -> tuple[str, str]:
    """How sure, who said it, and whose report that is; and the same for less room."""
    by_hand = change.silent == OWN_WORD or not title.builtin
    outlet = plain(change.outlet) if change.outlet else "your own word" if by_hand else "on record"
    said = f"{change.confidence}, {outlet}"
    credited = plain(change.credits) if change.credits and change.credits != change.outlet else ""
    return (f"{said} (crediting {credited})" if credited else said), said


def _silence(change: Change) -> str:
    """Why a change told nobody; empty where it was told."""
    return reason_in_short(change.silent) if change.silent else ""
