"""Puts a backup in the place of the store, so that what was told after the backup was taken is not told again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from watcher.learn import World, take_known
from watcher.ringing import ring
from watcher.store.backup import Saved, checked
from watcher.store.putback import catch_up, forget, put_in_place, tell_again, unpack
from watcher.store.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What came of it: the backup, where the store lies that was there before (None: there was none), and how much is held.

    `held` are alerts that waited in the backup.
    """

    backup: Saved
    aside: Path | None
    held: int = 0


def restore(path: Path, backup: Path, world: World, now: datetime, *, tell: bool) -> Restored:
    """Put a backup in the place of the store at `path`; whoever calls holds the lock of the state.

    What was published by now, what waits, and the milestones that are due are not told, for they may have been told since the
    backup was taken; with `tell` they are, and what waited is marked as a possible repeat.

    Raises:
        StoreError: the store stays as it was.
    """
    saved = checked(backup)
    copy, held = unpack(backup, path.parent), 0
    try:
        with Store(copy) as store:
            if tell:
                tell_again(store)
            else:
                # A title that was added since: its first pass was told, if anything was.
                store.configure(world.titles, [], now, [])
                take_known(store, world, now)
                ring(store, world, now, [title.id for title in world.titles])
                held = catch_up(store, now)
        aside = put_in_place(copy, path, now)
    finally:
        forget(copy)
    return Restored(backup=saved, aside=aside, held=held)
