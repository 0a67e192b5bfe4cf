"""`watcher status`: how long to wait, what is believed of the dates and the people, what changed last, how the service fares.

One title is shown in full. Several are a slate, a line each, the soonest first; ``--all`` shows each of them in full, in that
order. Dates are those of the user's countries, others in a sentence; ``--regions all`` makes rows of them too.
``--plain`` is one fact a line (`spoken`), ``--watch`` the screen refreshed in place (`watching`).

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
               keeps it from its passes, such as a full disk), publish_trouble and publish_trouble_since (why the published files
               are not current), reload_at and reload_problems (why the configuration is not taken)
    feeds      url (without user, password and query), outlet, last_ok_at, next_poll_at, failures, status, error, items
    targets    name, waiting, dead, failures, error, failing_since, next_try_at, last_ok_at

Dates are EDTF, times are UTC. With ``--as-of`` there are no daemon, feeds and targets: nobody remembers how they were.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

import click

from watcher.board.objects import VERSION, Object, time_text
from watcher.board.standing import Standing, over_words, soonest_first
from watcher.board.titles import title_object
from watcher.cli import common, completions
from watcher.cli.condition import TO_LOOK_AT, Service, remarks, service_lines, service_object
from watcher.cli.condition import look as look_at_service
from watcher.cli.inquiry import Inquiry, as_of_option, inquire, titles_asked
from watcher.cli.layout import quiet, show, show_json, wrap
from watcher.cli.screen import Frame, frame_of, screen, slate
from watcher.errors import UsageError

#: How often `--watch` looks again, in seconds.
_EVERY = 5


@click.command("status")
@click.argument("title", required=False, shell_complete=completions.titles)
@click.option("--all", "in_full", is_flag=True, help="Every title in full, the soonest first.")
@click.option("--regions", metavar="CODES", help="Show these countries' dates too: all, or codes such as DE,FR.")
@click.option("--watch", "watched", is_flag=True, help="Keep it on the screen, refreshed, until Ctrl-C.")
@click.option("--every", type=click.IntRange(1, 86_400), metavar="SECONDS", help="How often --watch looks again (5).")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
@click.option("--plain", "as_plain", is_flag=True, help="One fact a line, without columns.")
@as_of_option
@common.config_option
def command(  # noqa: PLR0917 - click passes all of them by name
    title: str | None,
    in_full: bool,
    regions: str | None,
    watched: bool,
    every: int | None,
    as_json: bool,
    as_plain: bool,
    as_of: str | None,
    config_path: str | None,
) -> None:
    """Tell how long to wait for TITLE (or for all), what is believed, and how the service fares."""
    countries = _countries(regions)

    def look() -> tuple[list[str], str]:
        """The screen, and the time of it on the user's clock."""
        with inquire(config_path, as_of) as inquiry:
            stands = _stands(inquiry, title, brief=not in_full)
            lines = _lines(stands, inquiry, frame_of(inquiry, countries), in_full=in_full)
            return lines, f"{inquiry.now.astimezone(inquiry.zone):%H:%M:%S}"

    if every is not None and not watched:
        raise UsageError("--every is how often --watch looks again; write both, or none")
    if watched:
        if as_json or as_plain or as_of:
            other = "--json" if as_json else "--plain" if as_plain else "--as-of"
            raise UsageError(f"--watch keeps a screen fresh, which {other} is not; leave one of the two out")
        from watcher.cli.watching import watch  # noqa: PLC0415 - only where somebody watches

        watch(look, every=every or _EVERY)
    elif as_json or as_plain:
        with inquire(config_path, as_of) as inquiry:
            stands = _stands(inquiry, title)
            if as_json:
                show_json(_object(stands, _service(inquiry), inquiry))
            else:
                show(_plain_lines(stands, inquiry, countries))
    else:
        show(look()[0])


def _stands(inquiry: Inquiry, title: str | None, *, brief: bool = False) -> list[Standing]:
    """The titles that are asked about, the soonest first; several of them in `brief` where that is enough."""
    asked = titles_asked(inquiry, title)
    return sorted((inquiry.standing(one, brief=brief and len(asked) > 1) for one in asked), key=soonest_first)


def _service(inquiry: Inquiry) -> Service | None:
    """The service as it is now; how it was in the past nobody remembers."""
    return look_at_service(inquiry) if inquiry.as_of is None else None


def _countries(regions: str | None) -> tuple[str, ...] | None:
    """The countries that were asked for besides the user's own; None for all.

    Raises:
        UsageError: one of them is no country.
    """
    if regions is None:
        return ()
    from watcher.config.countries import COUNTRIES  # noqa: PLC0415 - only where some are named

    codes = [code.strip().upper() for code in regions.split(",")]
    if codes == ["ALL"]:
        return None
    if unknown := next((code for code in codes if code not in COUNTRIES), None):
        raise UsageError(f"--regions: {unknown!r} is no country; write all, or codes such as DE,FR (ISO 3166-1)")
    return tuple(codes)


def _lines(stands: Sequence[Standing], inquiry: Inquiry, frame: Frame, *, in_full: bool) -> list[str]:
    if not stands:
        return ["No title is watched.  See: watcher config init"]
    service = _service(inquiry)
    if len(stands) == 1:
        said = None if service is None or inquiry.db is None else partial(service_lines, service, inquiry)
        return [*screen(stands[0], inquiry, frame, service=said), *_end(stands, inquiry, frame)]
    lines = list(_each(stands, inquiry, frame)) if in_full else slate(stands, inquiry, frame)
    if service is not None and inquiry.db is not None:
        lines += ["", *service_lines(service, inquiry, frame.width)]
    return [*lines, *_end(stands, inquiry, frame)]


def _each(stands: Sequence[Standing], inquiry: Inquiry, frame: Frame) -> Iterator[str]:
    """Every title in full, with a blank line between two."""
    for number, stand in enumerate(stands):
        if number:
            yield ""
        yield from screen(stand, inquiry, frame)
        if over := over_words(stand, inquiry.today):
            yield quiet(over)


def _end(stands: Sequence[Standing], inquiry: Inquiry, frame: Frame) -> list[str]:
    """What stands below all of it: which day is shown, or what to do next."""
    if inquiry.as_of is not None:
        return ["", *wrap(_as_of(stands, inquiry), width=frame.width, indent=0)]
    if inquiry.db is None:
        said = "Nothing stored yet: so much is known beforehand. Start with: watcher run"
        return ["", *wrap(said, width=frame.width, indent=0)]
    over = over_words(stands[0], inquiry.today) if len(stands) == 1 else ""
    return ["", *map(quiet, wrap(f'{over} Another film: watcher add "NAME"', width=frame.width, indent=0))] if over else []


def _as_of(stands: Sequence[Standing], inquiry: Inquiry) -> str:
    """Which day is shown; and where it lies before our first record, since when we keep any."""
    kept = min(filter(None, (inquiry.kept_since(stand.title) for stand in stands)), default=None)
    words = f"As it was held on {inquiry.dates.day(inquiry.today)}."
    if kept is None or kept <= inquiry.now:
        return words
    since = inquiry.dates.day(kept.astimezone(inquiry.zone).date())
    return f"{words} That is before the first record, of {since}; what the news told by then: watcher history"


def _plain_lines(stands: Sequence[Standing], inquiry: Inquiry, regions: tuple[str, ...] | None) -> list[str]:
    from watcher.cli.spoken import spoken  # noqa: PLC0415 - only for who listens

    lines, service = spoken(stands, inquiry, regions), _service(inquiry)
    if service is None:
        return [*lines, _as_of(stands, inquiry)]
    if inquiry.db is None:
        return [*lines, "Nothing stored yet. Start with: watcher run"]
    return [*lines, *(f"{TO_LOOK_AT if is_bad else 'Service'}: {text}" for text, is_bad in remarks(service, inquiry))]


def _object(stands: Sequence[Standing], service: Service | None, inquiry: Inquiry) -> Object:
    return {
        "version": VERSION,
        "at": time_text(inquiry.now),
        "stored": inquiry.db is not None,
        "titles": [title_object(stand) for stand in stands],
        **(service_object(service) if service is not None else {}),
    }
