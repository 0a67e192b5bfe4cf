"""`watcher status`: how long to wait, what is believed of the dates and the people, what changed last, how the service fares.

``--json`` prints one object::

    version    1; raised when a key changes its meaning or goes
    at         the moment that is asked about
    stored     false before the first `run` or `poll`: then the titles' known values are all there is
    titles     a list, soonest first; of each:
        id, name
        muted_until  while nobody is alerted of it (`watcher mute`), else null
        countdown  words ("in 25 days"), days ([first, last] it can mean, null without a date), date, region, type, note;
                   released (date, region, type; null until the opening is past), released_words;
                   day (the date where it is a day, else null), date_words ("summer 2025"), confidence
        releases   key, region, type, date (EDTF), confidence, outlets, since, recorded_at, superseded, revision, pinned
        credits    key, person, job, role, status, confidence, outlets, since, recorded_at, superseded, revision, pinned
        changes    the last ten, newest last: id, kind, what changed, old, new, confidence, at, recorded_at, outlet, credits,
                   sentence, link, silent (why nobody was told; null if somebody was), late
    daemon     running (null: cannot be seen), answers (on its socket; null: it was not asked), pid, version, started_at,
               pass_at (its last whole pass), stopped_at (null: it runs, or ended without a word), trouble and trouble_since (what
               keeps it from its passes, such as a full disk), reload_at and reload_problems (why the configuration is not taken)
    feeds      url (without user, password and query), outlet, last_ok_at, next_poll_at, failures, status, error, items
    targets    name, waiting, dead, failures, error, failing_since, next_try_at, last_ok_at

Dates are EDTF, times are UTC. With ``--as-of`` there are no daemon, feeds and targets: nobody remembers how they were.
"""

from __future__ import annotations

from collections.abc import Sequence

import click

from watcher.board.objects import VERSION, Object, time_text
from watcher.board.standing import (
    Standing,
    cast_lines,
    date_rows,
    elsewhere,
    first_words,
    in_brief,
    second_words,
    soonest_first,
)
from watcher.board.titles import title_object
from watcher.board.words import change_in_words, until_in_words
from watcher.cli import common, completions
from watcher.cli.changes import change_rows
from watcher.cli.condition import Service, look, remarks, service_lines, service_object
from watcher.cli.inquiry import Inquiry, as_of_option, inquire, titles_asked
from watcher.cli.layout import alarm, bold, columns, ends, heading, quiet, show, show_json, wrap
from watcher.model import Change, ChangeKind, CreditKey

_CHANGES_SHOWN = 3


@click.command("status")
@click.argument("title", required=False, shell_complete=completions.titles)
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
@click.option("--plain", "as_plain", is_flag=True, help="One fact a line, without columns.")
@as_of_option
@common.config_option
def command(title: str | None, as_json: bool, as_plain: bool, as_of: str | None, config_path: str | None) -> None:
    """Tell how long to wait for TITLE (or for all), what is believed, and how the service fares."""
    with inquire(config_path, as_of) as inquiry:
        stands = [inquiry.standing(one) for one in titles_asked(inquiry, title)]
        stands.sort(key=soonest_first)
        service = look(inquiry) if inquiry.as_of is None else None
        if as_json:
            show_json(_object(stands, service, inquiry))
        elif as_plain:
            show(_plain_lines(stands, service, inquiry))
        else:
            show(_lines(stands, service, inquiry))


def _lines(stands: Sequence[Standing], service: Service | None, inquiry: Inquiry) -> list[str]:
    lines = screen(stands[0], inquiry) if len(stands) == 1 else _overview(stands, inquiry)
    if service is None:
        return [*lines, *wrap(_as_of(stands, inquiry), width=inquiry.width, indent=0)]
    if inquiry.db is None:
        said = "Nothing stored yet: so much is known beforehand. Start with: watcher run"
        return [*lines, "", *wrap(said, width=inquiry.width, indent=0)]
    return [*lines, heading("SERVICE"), *service_lines(service, inquiry)]


def screen(stand: Standing, inquiry: Inquiry) -> list[str]:
    """One title: the answer, then what it rests on."""
    width = inquiry.width
    sentence, distance = first_words(stand)
    name = stand.name.upper()
    line = ends(f"{name}  {sentence}", distance, width=width)
    if line is not None:
        lines = [bold(line)]
    else:
        lines = [bold(name), *(bold(part) for part in wrap(", ".join(filter(None, (sentence, distance))), width=width))]
    lines += wrap(second_words(stand), width=width)
    lines += [alarm(line) for line in _muted([stand], inquiry)]
    lines.append("")
    if (rows := date_rows(stand)) or elsewhere(stand):
        lines += [heading("DATES"), *columns(rows, width=width)]
        if others := elsewhere(stand):
            lines += wrap(f"Elsewhere: {others}.", width=width, hanging=4)
    if cast := cast_lines(stand):
        lines += [heading("CAST"), *(line for said in cast for line in wrap(said, width=width, hanging=2))]
    if changes := _last_changes(stand):
        lines.append(heading("LAST CHANGES" if len(changes) > 1 else "LAST CHANGE"))
        lines += [line for row in change_rows(changes, inquiry.dates, width=width) for line in row]
    return lines


def _overview(stands: Sequence[Standing], inquiry: Inquiry) -> list[str]:
    """Several titles, a line each."""
    if not stands:
        return ["No title is watched.  See: watcher config init"]
    rows = [(stand.name, *in_brief(stand)) for stand in stands]
    muted = [alarm(line) for line in _muted(stands, inquiry)]
    one = quiet(f"One of them:  watcher status {stands[0].title.id}")
    return [*columns(rows, width=inquiry.width, indent=0), *muted, one, ""]


def _muted(stands: Sequence[Standing], inquiry: Inquiry) -> list[str]:
    """Which of these titles alert nobody now, until when, and how they speak again."""
    return [
        line
        for stand in stands
        if stand.muted_until is not None
        for line in wrap(
            f"{stand.name} is muted {until_in_words(stand.muted_until, inquiry.now, inquiry.dates)}. "
            f"To hear of it again: watcher mute {stand.title.id} --off",
            width=inquiry.width,
        )
    ]


def _as_of(stands: Sequence[Standing], inquiry: Inquiry) -> str:
    """Which day is shown; and where it lies before our first record, since when we keep any."""
    kept = min(filter(None, (inquiry.kept_since(stand.title) for stand in stands)), default=None)
    words = f"As it was held on {inquiry.dates.day(inquiry.today)}."
    if kept is None or kept <= inquiry.now:
        return words
    since = inquiry.dates.day(kept.astimezone(inquiry.zone).date())
    return f"{words} That is before the first record, of {since}; what the news told by then: watcher history"


def _last_changes(stand: Standing) -> list[Change]:
    """The last changes that matter to this user, newest first: not what merely became surer, nor other countries' dates."""
    ours = [
        change
        for change in stand.changes
        if change.kind is not ChangeKind.CONFIRMED and (isinstance(change.key, CreditKey) or change.key.region in stand.chain)
    ]
    return ours[::-1][:_CHANGES_SHOWN]


def _plain_lines(stands: Sequence[Standing], service: Service | None, inquiry: Inquiry) -> list[str]:
    """One fact a line, for ears and for `grep`: what it is, a colon, and the words."""
    lines = []
    for stand in stands:
        lines.append(f"{stand.name}: {', '.join(filter(None, first_words(stand)))}. {second_words(stand)}".rstrip())
        lines += [line.strip() for line in _muted([stand], inquiry)]
        lines += [f"Date: {', '.join(filter(None, row))}." for row in date_rows(stand)]
        lines += [f"Elsewhere: {elsewhere(stand)}."] if elsewhere(stand) else []
        lines += [f"People: {said}" for said in cast_lines(stand)]
        lines += [f"Change: {change_in_words(change, inquiry.dates)}." for change in _last_changes(stand)]
    if service is not None and inquiry.db is not None:
        lines += [f"Service: {text}" for text, _ in remarks(service, inquiry)]
    elif service is not None:
        lines.append("Nothing stored yet. Start with: watcher run")
    return lines


def _object(stands: Sequence[Standing], service: Service | None, inquiry: Inquiry) -> Object:
    return {
        "version": VERSION,
        "at": time_text(inquiry.now),
        "stored": inquiry.db is not None,
        "titles": [title_object(stand) for stand in stands],
        **(service_object(service) if service is not None else {}),
    }
