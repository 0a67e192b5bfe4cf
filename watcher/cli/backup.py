"""`watcher backup`: a checked copy of all that is stored, taken while the daemon runs.

``--json`` prints one object: ``version`` (1), ``file``, ``bytes``, ``taken_at``, ``schema``, ``items``, ``facts``, ``changes``
and ``removed``, the older backups that ``--keep`` took away.
"""

from __future__ import annotations

import sys
from pathlib import Path

import click

from watcher.board.objects import VERSION, time_text
from watcher.board.words import count_in_words
from watcher.clean import plain
from watcher.cli import common
from watcher.cli.feeds_words import size_in_words
from watcher.cli.layout import bold, show, show_json, wrap
from watcher.cli.permits import who_may_read
from watcher.errors import NotReadable, StoreError, UsageError
from watcher.store.backup import Saved, back_up, dated, prune


@click.command("backup")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--replace", is_flag=True, help="Write over a file that is there.")
@click.option("--keep", type=click.IntRange(min=1), metavar="N", help="FILE is a directory: keep the newest N backups in it.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
@common.config_option
def command(file: Path, *, replace: bool, keep: int | None, as_json: bool, config_path: str | None) -> None:
    """Save a checked copy of the store to FILE, or under a dated name in a directory; the daemon may run meanwhile."""
    store, now = common.database(common.load(config_path, spare=common.ASKING)), common.now()
    many = _is_directory(file)
    if keep is not None and not many:
        raise UsageError(f"--keep is for a directory, and {file} is none; make it first: mkdir {file}")
    live = sys.stderr.isatty() and not as_json
    target = dated(file, now) if many else file
    try:
        saved = back_up(store, target, now, replace=replace, progress=_line if live else None)
    except NotReadable as error:
        raise StoreError(f"{error}; {who_may_read(store)}") from error
    finally:
        if live:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)
    removed = prune(file, keep, saved.path) if keep is not None else []
    if as_json:
        show_json({**saved_object(saved), "removed": [str(path) for path in removed]})
        return
    went = [f"{count_in_words(len(removed), 'older backup').capitalize()} removed."] if removed else []
    words = f"{size_in_words(saved.size)}: {held_in_words(saved)}. Read back and checked."
    show([bold(f"Saved to {plain(str(saved.path))}"), *wrap(" ".join([words, *went]), width=80)])
    show(["", f"To go back to it:  watcher restore {plain(str(saved.path))}"])


def _is_directory(file: Path) -> bool:
    try:
        return file.is_dir()
    except OSError as error:
        raise StoreError(f"{file}: cannot be written ({error.strerror}); check who may write there") from error


def saved_object(saved: Saved) -> dict[str, object]:
    """A copy of the store for ``--json``."""
    return {
        "version": VERSION,
        "file": str(saved.path),
        "bytes": saved.size,
        "taken_at": time_text(saved.taken_at),
        "schema": saved.schema,
        "items": saved.items,
        "facts": saved.facts,
        "changes": saved.changes,
    }


def held_in_words(saved: Saved) -> str:
    """What a copy holds, in words."""
    held = ((saved.items, "item"), (saved.facts, "fact"), (saved.changes, "change"))
    return ", ".join(f"{number:,} {name}{'' if number == 1 else 's'}" for number, name in held)


def _line(done: int, of: int) -> None:
    """How far it is, in one line of a terminal."""
    print(f"\r\x1b[K{done / max(of, 1):.0%} copied", end="", file=sys.stderr, flush=True)
