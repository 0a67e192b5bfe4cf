"""`watcher ignore`: the user discards an item, or takes back a word of their own; nothing it says counts any more.

``--json`` prints one object: ``version`` (1), ``undone`` (whether it counts again), and ``items``, of each ``item``,
``headline``, ``outlet``, ``link``, ``was_so`` (true: nothing was to be done), and ``changes``, shaped as in `status`, each with
``told``: the targets that hear of it.
"""

from __future__ import annotations

import re

import click

from watcher.board.objects import VERSION, Object, change_object
from watcher.board.words import capital, step_in_words, subject
from watcher.clean import plain
from watcher.cli import common
from watcher.cli.deputy import Deputed
from watcher.cli.layout import bold, quiet, show, show_json, wrap
from watcher.cli.layout import screen_width as width
from watcher.cli.writing import desk
from watcher.errors import UsageError
from watcher.model import Change
from watcher.store import ask, byhand
from watcher.store.store import Store
from watcher.tell.dates_in_words import Dates
from watcher.tell.lists import names_in_words
from watcher.userword import Discarded, discard, take_back

_ID = re.compile(r"[0-9a-f]{12}")


@click.command("ignore", cls=Deputed)
@click.argument("item", metavar="ITEM-ID|LINK")
@click.option("--undo", is_flag=True, help="Let it count again, as it is read today.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
@common.config_option
def command(item: str, undo: bool, as_json: bool, config_path: str | None) -> None:
    """Discard an item (by its id in `watcher why`, or its link): it is wrong, a joke, or about something else.

    What rests on it alone is corrected, and whoever was alerted of that hears so.
    """
    here = desk(config_path)
    path = common.database(here.config)
    ask.open_reader(path).close()  # without a store there is nothing to discard, and none is made
    world = here.world
    with here.store() as store:
        done = [(take_back if undo else discard)(store, world, one, here.now) for one in _items(store, item)]
    if as_json:
        show_json({"version": VERSION, "undone": undo, "items": [_object(one) for one in done]})
    else:
        show(line for one in done for line in _lines(one, item, here.dates, undo=undo))


def _items(store: Store, name: str) -> list[str]:
    """The ids that are meant: the same article may have come with several feeds."""
    db = store.connection
    wanted = name.strip()
    if _ID.fullmatch(wanted.casefold()):
        wanted = wanted.casefold()
        if byhand.is_item(db, wanted) or byhand.word_by_hand(db, wanted) is not None:
            return [wanted]
    elif found := byhand.items_at(db, wanted):
        return found
    raise UsageError(f"{plain(name)}: no item of that id or link is stored; ids stand in: watcher why TITLE --json")


def _lines(done: Discarded, name: str, dates: Dates, *, undo: bool) -> list[str]:
    wide = width()
    source = done.source
    headline = plain(source.title) if source and source.title else "your word" if source else plain(name)
    outlet = f" ({plain(source.outlet)}, {dates.short(dates.day_of(source.order[0]))})" if source and source.outlet else ""
    state = (
        ("Counts again" if undo else "Discarded")
        if not done.was_so
        else ("Was not discarded" if undo else "Was discarded before")
    )
    lines = [bold(line) for line in wrap(f"{state}: {headline}{outlet}", width=wide, indent=0, hanging=2)]
    if done.was_so:
        return lines
    for change in done.changes:
        lines += wrap(_change(change, done.told.get(change.id, ()), dates), width=wide, hanging=4)
    if not done.changes:
        lines += wrap("Nothing that is held changes by that.", width=wide)
    again = name if undo else f"{source.item if source else name} --undo"
    return [*lines, quiet(f"Take it back: watcher ignore {plain(again)}")]


def _change(change: Change, told: tuple[str, ...], dates: Dates) -> str:
    who = f"told to {names_in_words([plain(name) for name in told])}" if told else f"told nobody: {plain(change.silent or '')}"
    return f"{capital(subject(change.key, change.new))}: {step_in_words(change, dates)} ({who})"


def _object(done: Discarded) -> Object:
    source = done.source
    return {
        "item": None if source is None else source.item,
        "headline": None if source is None else source.title or None,
        "outlet": None if source is None else source.outlet,
        "link": None if source is None else source.link,
        "was_so": done.was_so,
        "changes": [{**change_object(one), "told": list(done.told.get(one.id, ()))} for one in done.changes],
    }
