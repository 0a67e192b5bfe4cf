"""`watcher rebuild`: reads all that is stored again, folds the facts anew, and shows what would differ; it alerts nobody.

``--json`` prints one object: ``version`` (1), ``committed``, ``texts`` (how many were read), ``facts``, of each ``title``,
``key``, ``kind``, ``old``, ``new`` (null for nothing), ``confidence``, ``sentence``, ``outlet`` and ``link`` as in `status`, and
``readings``, of each ``item``, ``title``, ``headline``, ``outlet``, ``link``, ``was_verdict`` (null: not named), ``verdict``,
``gone`` and ``come``: the claims that it does not make any more, and those that it makes now.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from watcher.board.objects import VERSION
from watcher.cli import common
from watcher.cli.deputy import Deputed
from watcher.cli.differences import all_readings, difference_lines, fact_object
from watcher.cli.layout import screen_width, show, show_json
from watcher.cli.writing import Desk, desk, title_named
from watcher.rebuild import rebuild
from watcher.store import ask
from watcher.store.schema import copy_store
from watcher.store.store import Store
from watcher.userword import known_to


class Progress:
    """How far the reading is, in one line of a terminal that is wiped at the end; nothing where nobody watches."""

    def __init__(self, *, live: bool) -> None:
        self._live = live

    def __call__(self, done: int, of: int) -> None:
        """So many of so many texts are read."""
        if self._live:
            print(f"\r\x1b[K{done:,} of {of:,} texts read", end="", file=sys.stderr, flush=True)

    def end(self) -> None:
        """Wipe the line."""
        if self._live:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)


@click.command("rebuild", cls=Deputed, writes=lambda given: bool(given["keep"]))
@click.option("--title", metavar="TITLE", help="One title alone.")
@click.option("--commit", "keep", is_flag=True, help="Keep what differs; nobody is alerted of it.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
@common.config_option
def command(title: str | None, *, keep: bool, as_json: bool, config_path: str | None) -> None:
    """Read all stored items again as they are read today, and show what would differ; without --commit nothing is written."""
    here = desk(config_path)
    titles = here.config.titles if title is None else (title_named(here, title),)
    ask.open_reader(common.database(here.config)).close()  # without a store there is nothing to read, and none is made
    world = here.world
    progress = Progress(live=sys.stderr.isatty() and not as_json)
    with _opened(here, keep=keep) as store:
        for one in titles:
            known_to(store, world, one, here.now)
        try:
            done = rebuild(store, world, here.now, titles=titles, keep=keep, progress=progress)
        finally:
            progress.end()
    if as_json:
        facts = [fact_object(change) for change in done.plan.changes]
        readings = all_readings(done.again)
        show_json({"version": VERSION, "committed": keep, "texts": done.texts, "facts": facts, "readings": readings})
    else:
        show(difference_lines(done, titles, here.dates, kept=keep, width=screen_width()))


@contextmanager
def _opened(here: Desk, *, keep: bool) -> Iterator[Store]:
    """The store itself where what differs is kept, else a copy of it, so that not even a moment of it can be seen."""
    if keep:
        with here.store() as store:
            yield store
        return
    with TemporaryDirectory(prefix="watcher-rebuild-") as scratch:
        copy = Path(scratch) / "watcher.db"
        copy_store(common.database(here.config), copy)
        with Store(copy) as store:
            yield store
