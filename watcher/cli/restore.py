"""`watcher restore`: puts a backup in the place of the store, so that nothing is told twice; the daemon must be stopped.

``--json`` prints one object: what `watcher backup` says of the file, and ``held`` (how many alerts that waited in it are held)
and ``aside``, where the store lies that was there before (null: there was none).
"""

from __future__ import annotations

from pathlib import Path

import click

from watcher.board.words import count_in_words, moment_in_words
from watcher.clean import plain
from watcher.cli import common
from watcher.cli.backup import held_in_words, saved_object
from watcher.cli.layout import bold, show, show_json, wrap
from watcher.cli.living import start_command
from watcher.cli.permits import who_may_read
from watcher.cli.writing import Desk, desk
from watcher.errors import NotReadable, StoreError, UsageError
from watcher.lock import StateLock
from watcher.restoring import Restored, restore


@click.command("restore")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--tell", is_flag=True, help="Tell what came since the backup was taken, though it may have been told before.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
@common.config_option
def command(file: Path, *, tell: bool, as_json: bool, config_path: str | None) -> None:
    """Go back to a backup. What came since it was taken is learned in silence, and the store that is there now is kept."""
    here = desk(config_path)
    if not common.is_file(file):
        raise UsageError(f"{file}: no such file; name one that watcher backup made")
    with StateLock(common.make_state(here.config)):
        try:
            done = restore(common.database(here.config), file, here.world, here.now, tell=tell)
        except NotReadable as error:
            raise StoreError(f"{error}; {who_may_read(file)}") from error
    if as_json:
        aside = None if done.aside is None else str(done.aside)
        show_json({**saved_object(done.backup), "held": done.held, "aside": aside})
    else:
        show(_lines(done, here, tell=tell))


def _lines(done: Restored, here: Desk, *, tell: bool) -> list[str]:
    taken = moment_in_words(done.backup.taken_at, here.now, here.dates)
    told = "is told, though it may have been told before" if tell else "is learned in silence when the feeds are read next"
    words = [f"Taken {taken}: {held_in_words(done.backup)}. What came since {told}."]
    if done.held:
        waited = count_in_words(done.held, "alert")
        words.append(f"{waited.capitalize()} that waited then {'is' if done.held == 1 else 'are'} held: watcher notify list")
    if done.aside is not None:
        words.append(f"What was there before is kept as {plain(str(done.aside))}")
    lines = [line for one in words for line in wrap(one, width=80)]
    return [
        bold(f"Restored from {plain(str(done.backup.path))}"),
        *lines,
        "",
        f"Start it again:  {start_command(common.state(here.config))}",
    ]
