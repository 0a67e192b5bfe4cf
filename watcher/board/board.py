"""The whole board: every title with what each of its dates rests on, and the feeds; what is published is made of it alone."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from watcher.board.book import Book, open_book
from watcher.board.feeds import with_states
from watcher.board.grounds import Grounds, grounds
from watcher.board.standing import Standing, soonest_first, standing
from watcher.decide.policy import Judge
from watcher.decide.telling import Audience
from watcher.model import Fact, Feed, FeedState, ReleaseKey, Title
from watcher.tell.dates_in_words import Dates


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """All that is shown of one title.

    `revisions` are those of every release that was ever held, oldest first, also of one that nobody holds any more (its last
    value holds nothing); `grounds` are of those that are held now.
    """

    stand: Standing
    revisions: Mapping[ReleaseKey, tuple[Fact, ...]]
    grounds: Mapping[ReleaseKey, Grounds]


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """What is held at a moment (`at`, UTC), the soonest title first, and the feeds in the order of the configuration.

    `dates` is how the user writes dates, `today` the day on their calendar.
    """

    at: datetime
    today: date
    dates: Dates
    sheets: tuple[Sheet, ...]
    feeds: tuple[tuple[Feed, FeedState | None], ...]


def board(
    db: sqlite3.Connection | None,
    titles: Sequence[Title],
    feeds: Sequence[Feed],
    *,
    judge: Judge,
    audience: Audience,
    now: datetime,
) -> Board:
    """The board of a store at this moment; without a store, of what is known beforehand."""
    books = [open_book(title, db, judge, audience, now=_taken_in(now)) for title in titles]
    sheets = [_sheet(book, judge, audience, now) for book in books]
    return Board(
        at=now,
        today=now.astimezone(audience.zone).date(),
        dates=audience.dates,
        sheets=tuple(sorted(sheets, key=lambda sheet: soonest_first(sheet.stand))),
        feeds=with_states(db, feeds),
    )


def _taken_in(now: datetime) -> datetime:
    """When what is known beforehand counts as recorded before a first run has done so: the day's beginning (UTC).

    So a board of the same day is the same. A second after it, since the values of one day follow each other by a microsecond.
    """
    return min(now, now.astimezone(UTC).replace(hour=0, minute=0, second=1, microsecond=0))


def _sheet(book: Book, judge: Judge, audience: Audience, now: datetime) -> Sheet:
    stand = standing(book, audience, judge, now)
    revisions = book.releases()
    held = {fact.key: fact for fact in stand.facts if isinstance(fact.key, ReleaseKey)}
    rest = {key: grounds(fact, revisions[key], book.evidence(key), judge) for key, fact in held.items()}
    return Sheet(stand=stand, revisions=revisions, grounds=rest)
