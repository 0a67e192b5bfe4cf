"""The daemon's published files: kept current, on a thread of their own, and only made again where something changed.

What the documents depend on is looked at with each pass, in well under a millisecond. They are made from a connection of their
own that only reads, so that neither the event loop nor the writer waits for them. The libraries that make them (Jinja2,
icalendar) are loaded with the first of them: a daemon that publishes nothing does without.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from watcher.engine import Engine
from watcher.errors import PublishError, StoreError
from watcher.learn import World
from watcher.store import ask
from watcher.store.rows import stamp

if TYPE_CHECKING:
    from watcher.publish.files import Published

log = logging.getLogger("watcher")

#: Between two tries while they fail, and between two changes: a first pass over many feeds brings one after the other.
_AGAIN, _REST = timedelta(minutes=1), timedelta(seconds=20)

#: A disk that takes nothing and says nothing (a share whose server is gone) keeps files under way for longer than this.
_STUCK = timedelta(minutes=5)

#: For so long a stop waits for files that are being written.
_LAST_FILE_S = 5.0

#: Facts, changes and what they rest on are only added to, so that the last row of each shows what came. A feed is as good as its
#: last poll; of the time, the number and the status of its polls nothing is published.
_WHAT_THERE_IS = """
SELECT (SELECT max(rowid) FROM revision), (SELECT max(rowid) FROM change), (SELECT max(rowid) FROM claim),
  (SELECT max(rowid) FROM reading), (SELECT max(rowid) FROM source),
  (SELECT json_group_array(json_array(id, learned_at, known, CASE WHEN muted_until > :now THEN muted_until END)) FROM title),
  (SELECT json_group_array(json_array(url, failures > 0, error, gone_at, address, title, last_ok_at IS NULL)) FROM feed)
"""

Mark = tuple[object, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why the files are not current, and since when (UTC)."""

    words: str
    since: datetime


def publish_now(directory: Path, database: Path, world: World, now: datetime) -> Published:
    """Make the files of what is stored at this moment (UTC), on whatever thread this is called.

    Raises:
        PublishError: they cannot be written.
        StoreError: the store cannot be read.
    """
    from watcher.board.board import board  # noqa: PLC0415 - only who publishes needs all this
    from watcher.publish.files import publish  # noqa: PLC0415

    with closing(ask.open_reader(database)) as db:
        try:
            # One state of the store for all of it: a change and the fact that it is of.
            db.execute("BEGIN")
            held = board(db, world.titles, world.feeds, judge=world.judge, audience=world.audience, now=now)
        except sqlite3.Error as error:
            raise StoreError(f"{database} cannot be read ({error})") from error
    return publish(directory, held)


class Publisher:
    """Keeps the files of one directory current for as long as an engine works. Use it from the engine's event loop."""

    def __init__(self, engine: Engine, directory: Path, *, make: Callable[..., Published] = publish_now) -> None:
        """`make` is what makes the files (`publish_now`)."""
        self._engine, self.directory, self._make = engine, directory, make
        self._mark: Mark | None = None
        self._began: datetime
        self._rests_until: datetime | None = None
        self._work: asyncio.Task[None] | None = None
        #: Why the files are not current; None while they are.
        self.failure: Failure | None = None

    async def refresh(self, now: datetime) -> None:
        """Begin to make the files anew where something changed since the last time, and return at once.

        Raises:
            StoreError: the store cannot be asked.
        """
        if self._work is not None:
            if now - self._began >= _STUCK:
                self._failed(f"{self.directory}: writing its files takes minutes already; look at its disk")
            return
        if self._rests(now):
            return
        engine = self._engine
        mark = await engine.in_store(lambda: mark_of(engine.store.connection, engine.world, now))
        if mark != self._mark:
            self._began = now
            self._work = asyncio.create_task(self._publish(mark, now))
            self._work.add_done_callback(self._ended)

    async def aclose(self) -> None:
        """Wait for files that are being written."""
        if self._work is not None:
            await asyncio.wait([self._work], timeout=_LAST_FILE_S)

    def _rests(self, now: datetime) -> bool:
        """Whether it is too soon; a clock that was set back does not make the rest longer."""
        return self._rests_until is not None and self._rests_until - max(_AGAIN, _REST) <= now < self._rests_until

    async def _publish(self, mark: Mark, now: datetime) -> None:
        engine = self._engine
        self._rests_until = now + _AGAIN
        # Where this fails, some files may be new and some not: nothing stands for them until it has gone well.
        self._mark = None
        try:
            made = await asyncio.to_thread(self._make, self.directory, engine.store.path, engine.world, now)
        except (PublishError, StoreError) as error:
            self._failed(str(error))
            return
        self._mark, self._rests_until = mark, now + _REST
        if made.written:
            log.debug("published into %s: %s", self.directory, ", ".join(made.written))
        if self.failure is not None:
            log.warning("the files in %s are current again", self.directory)
            self.failure = None

    def _failed(self, words: str, error: BaseException | None = None) -> None:
        """To the log where that is new; whoever asks for the status hears of it as long as it lasts."""
        if self.failure is None or self.failure.words != words:
            log.error("%s", words, exc_info=error)
        self.failure = Failure(words=words, since=self.failure.since if self.failure else self._began)

    def _ended(self, work: asyncio.Task[None]) -> None:
        """Whatever went wrong, the passes go on: a page is not worth an alert."""
        self._work = None
        if not work.cancelled() and (error := work.exception()) is not None:
            self._failed(f"{self.directory}: its files cannot be made ({type(error).__name__}); please report it", error)


def mark_of(db: sqlite3.Connection, world: World, now: datetime) -> Mark:
    """What the documents depend on: two equal ones stand for the same documents.

    The hour is the user's own: with their midnight the day's count changes, and what leaves no trace in the tables that are
    looked at (an item taken back to an earlier text, a feed that falls silent) is seen within the hour.
    """
    found = db.execute(_WHAT_THERE_IS, {"now": stamp(now)}).fetchone()
    return (f"{now.astimezone(world.audience.zone):%Y-%m-%dT%H}", *found)
