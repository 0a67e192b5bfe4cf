"""`watcher mute`: nobody is alerted of a title for a while; it is read and remembered as ever.

``--json`` prints one object: ``version`` (1), ``title`` (its id), ``muted_until`` (null: it speaks; the last day of the year
9999: until you say otherwise), ``was_until``, and ``dropped``: how many alerts waited that nobody gets now.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import click

from watcher.board.objects import VERSION, time_text
from watcher.board.words import count_in_words, until_in_words
from watcher.clean import plain
from watcher.cli import common, completions
from watcher.cli.deputy import Deputed
from watcher.cli.layout import bold, show, show_json, wrap
from watcher.cli.layout import screen_width as width
from watcher.cli.writing import Desk, checked, desk, title_named
from watcher.config import values
from watcher.decide.rules import FOREVER
from watcher.errors import UsageError
from watcher.model import Title
from watcher.userword import mute


@click.command("mute", cls=Deputed)
@click.argument("title", shell_complete=completions.titles)
@click.option("--until", metavar="DAY", help="To the start of that day on your calendar, or to a moment (2025-06-06T14:05).")
@click.option("--for", "span", metavar="TIME", help="For so long: 12h, 3d, 2w.")
@click.option("--off", is_flag=True, help="Let it speak again.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
@common.config_option
def command(title: str, *, until: str | None, span: str | None, off: bool, as_json: bool, config_path: str | None) -> None:
    """Alert nobody of TITLE until a DAY, for some TIME, or until you say otherwise; what waits to be sent is dropped."""
    if sum((until is not None, span is not None, off)) > 1:
        raise UsageError("--until, --for and --off go one at a time")
    here = desk(config_path)
    found = title_named(here, title)
    end = None if off else _end(here, until, span)
    world = here.world
    with here.store() as store:
        was, dropped = mute(store, world, found, end, here.now)
    if as_json:
        show_json(
            {
                "version": VERSION,
                "title": found.id,
                "muted_until": time_text(end),
                "was_until": time_text(was),
                "dropped": dropped,
            }
        )
    else:
        show(_lines(here, found, end, was, dropped))


def _end(here: Desk, until: str | None, span: str | None) -> datetime:
    if span is not None:
        seconds: int = checked("--for", values.seconds("1m", "520w"), span)
        return here.now + timedelta(seconds=seconds)
    if until is None:
        return FOREVER
    end = _moment(here, until)
    if end <= here.now:
        raise UsageError(f"--until {plain(until)} is past; write a day that lies ahead")
    return end


def _moment(here: Desk, text: str) -> datetime:
    """The start of a day, or a moment, on the user's own clock where the text names no other."""
    try:
        there = datetime.combine(date.fromisoformat(text), time()) if len(text) == 10 else datetime.fromisoformat(text)
        return (there if there.tzinfo else there.replace(tzinfo=here.zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise UsageError(f"--until {plain(text)!r}: is no day; write 2025-06-06 or 2025-06-06T14:05") from None


def _lines(here: Desk, title: Title, end: datetime | None, was: datetime | None, dropped: int) -> list[str]:
    name, wide = plain(title.name), width()
    if end is None:
        said = f"{name} speaks again." if was else f"{name} was not muted."
        more = f"What changed meanwhile is not told now; it stands in: watcher history {title.id}" if was else ""
        return [bold(said), *wrap(more, width=wide, indent=0)]
    waited = f"{count_in_words(dropped, 'alert')} that waited will not be sent. " if dropped else ""
    kept = f"It is read and remembered as ever: watcher status {title.id}."
    again = f"{waited}{kept} To hear of it again: watcher mute {title.id} --off"
    return [bold(f"{name} is muted {until_in_words(end, here.now, here.dates)}."), *wrap(again, width=wide, indent=0)]
