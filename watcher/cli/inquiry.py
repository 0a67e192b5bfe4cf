"""What the verbs that ask share: the settings, the moment that is asked about, and the ledger, stored or not yet."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import click

from watcher.board.book import Book, open_book
from watcher.board.standing import Standing, standing
from watcher.cli import common
from watcher.cli.audience import audience, judge
from watcher.cli.layout import screen_width
from watcher.config import Config
from watcher.decide.policy import Judge
from watcher.decide.telling import Audience
from watcher.errors import NotReadable, StoreError, UsageError
from watcher.model import Title
from watcher.store import ask, views
from watcher.tell.dates_in_words import Dates

F = TypeVar("F", bound=Callable[..., Any])


def as_of_option(function: F) -> F:
    """``--as-of``, a day or a moment."""
    return click.option("--as-of", metavar="DATE", help="As it was held at the end of that day (or at 2025-06-06T14:05).")(
        function
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Inquiry:
    """One question to what is held. `now` is the moment that is asked about (UTC), `as_of` the same where the user named it."""

    config: Config
    audience: Audience
    now: datetime
    as_of: datetime | None
    db: sqlite3.Connection | None
    width: int

    @property
    def zone(self) -> ZoneInfo:
        """The user's time zone."""
        return self.audience.zone

    @property
    def dates(self) -> Dates:
        """How dates are written for the user."""
        return self.audience.dates

    @property
    def today(self) -> date:
        """The day that is asked about, on the user's calendar."""
        return self.now.astimezone(self.zone).date()

    @property
    def judge(self) -> Judge:
        """Whom to believe."""
        return judge(self.config)

    def book(self, title: Title) -> Book:
        """What is held of a title: stored, or what its known values make of it before the first run has taken them in."""
        return open_book(title, self.db, self.judge, self.audience, now=common.now(), as_of=self.as_of)

    def standing(self, title: Title, *, brief: bool = False) -> Standing:
        """Where a title stands at the moment that is asked about; `brief` for a line among others."""
        return standing(self.book(title), self.audience, self.judge, self.now, brief=brief)

    def kept_since(self, title: Title) -> datetime | None:
        """When the first fact of a title was recorded (UTC); None where none is stored."""
        return None if self.db is None else views.kept_since(self.db, title.id)


@contextmanager
def inquire(config_path: str | None, as_of: str | None = None, *, spare: Collection[str] = common.ASKING) -> Iterator[Inquiry]:
    """The settings and, where there is one, the store, for as long as the question takes; `spare` as for `common.load`.

    Raises:
        ConfigError: the configuration cannot be used.
        StoreError: there is a store that cannot be read.
        UsageError: `as_of` is no date.
    """
    config = common.load(config_path, spare=spare)
    whom = audience(config)
    then = None if as_of is None else _moment(as_of, whom.zone)
    db = reader(common.database(config))
    try:
        yield Inquiry(config=config, audience=whom, now=then or common.now(), as_of=then, db=db, width=screen_width())
    except sqlite3.Error as error:
        raise StoreError(f"{common.database(config)} cannot be read ({error}); try again") from error
    finally:
        if db is not None:
            db.close()


def titles_asked(inquiry: Inquiry, name: str | None) -> tuple[Title, ...]:
    """The title of that name, all titles where none is named.

    Raises:
        UsageError: it is not watched.
    """
    title = common.pick_title(inquiry.config, name)
    return inquiry.config.titles if title is None else (title,)


def reader(path: Path) -> sqlite3.Connection | None:
    """The store at a path, for asking; None where there is none.

    Raises:
        StoreError: it cannot be read; the text says who may.
    """
    try:
        return ask.open_reader(path) if _is_there(path) else None
    except NotReadable as error:
        from watcher.cli.permits import who_may_read  # noqa: PLC0415 - only where it is needed

        raise StoreError(f"{error}; {who_may_read(path)}") from error


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:
        return True  # nobody may look, and that is what to tell


def _moment(text: str, zone: ZoneInfo) -> datetime:
    """The end of a day, or a moment, on the user's own clock where the text names no other."""
    try:
        if len(text) == len("2025-06-06"):
            following = date.fromisoformat(text) + timedelta(days=1)
            return datetime.combine(following, time(), zone) - timedelta(microseconds=1)
        moment = datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        raise UsageError(f"--as-of {text!r}: is no date; write 2025-06-06 or 2025-06-06T14:05") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)
