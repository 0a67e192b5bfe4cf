"""The ledger of one title as of one moment, from the store or, before the first run, from what is known beforehand."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from watcher.decide.policy import Judge
from watcher.decide.telling import Audience
from watcher.model import Change, Evidence, Fact, Key, ReleaseKey, Title
from watcher.store import ask, views

if TYPE_CHECKING:
    from watcher.decide.known import Ledger


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """The ledger of one title as of one moment, from the store or from memory."""

    title: Title
    db: sqlite3.Connection | None = None
    as_of: datetime | None = None
    ledger: Ledger | None = None

    def facts(self) -> list[Fact]:
        """What is held true."""
        if self.db is not None:
            return ask.facts(self.db, title=self.title.id, as_of=self.as_of)
        return list({fact.key: fact for fact in self.ledger.facts}.values()) if self.ledger else []

    def changes(self) -> list[Change]:
        """All changes in the order of the news, newest last."""
        if self.db is not None:
            return ask.changes(self.db, title=self.title.id, as_of=self.as_of)
        return sorted(self.ledger.changes, key=lambda c: c.at) if self.ledger else []

    def revisions(self, key: Key) -> list[Fact]:
        """All revisions of one fact, oldest first."""
        found = ask.revisions(self.db, key) if self.db is not None else self.ledger.facts if self.ledger else ()
        return [fact for fact in found if fact.key == key and (self.as_of is None or fact.recorded_at <= self.as_of)]

    def releases(self) -> dict[ReleaseKey, tuple[Fact, ...]]:
        """All revisions of every release that was ever held, oldest first; the keys in an order that stays."""
        found = views.revisions(self.db, self.title.id) if self.db is not None else self.ledger.facts if self.ledger else ()
        releases: dict[ReleaseKey, list[Fact]] = {}
        for fact in sorted(found, key=lambda fact: (str(fact.key), fact.revision)):
            if isinstance(fact.key, ReleaseKey) and (self.as_of is None or fact.recorded_at <= self.as_of):
                releases.setdefault(fact.key, []).append(fact)
        return {key: tuple(revisions) for key, revisions in releases.items()}

    def evidence(self, key: Key) -> list[Evidence]:
        """All claims about one fact, in the order they are weighed."""
        if self.db is not None and self.as_of is not None:
            return views.evidence_then(self.db, key, self.as_of)
        found = ask.evidence(self.db, key) if self.db is not None else self.ledger.evidence if self.ledger else ()
        known = [e for e in found if e.key == key and (self.as_of is None or e.source.first_seen <= self.as_of)]
        return sorted(known, key=lambda e: e.order)

    def muted_until(self, now: datetime) -> datetime | None:
        """Until when nobody is alerted of it (UTC); None where it speaks, or where the past is asked about."""
        state = None if self.db is None or self.as_of is not None else ask.titles(self.db)[self.title.id]
        until = None if state is None else state.muted_until
        return until if until is not None and until > now else None

    def outcomes(self) -> list[ask.Outcome]:
        """What became of the items that named the title, newest first."""
        found = [] if self.db is None else ask.outcomes(self.db, title=self.title.id)
        return [one for one in found if self.as_of is None or one.source.first_seen <= self.as_of]


def open_book(
    title: Title, db: sqlite3.Connection | None, judge: Judge, audience: Audience, *, now: datetime, as_of: datetime | None = None
) -> Book:
    """What is held of a title: stored, or what its known values make of it before the first run has taken them in.

    `as_of` is the moment in the past that is asked about (UTC), None for now.
    """
    if db is not None and title.id in ask.titles(db):
        return Book(title=title, db=db, as_of=as_of)
    # Only before the first run are these needed, and every later question would pay 10 ms for them.
    from watcher.decide.known import Ledger, known_plans  # noqa: PLC0415

    if as_of is not None and as_of < now:
        return Book(title=title, ledger=Ledger())
    return Book(title=title, ledger=known_plans(title, judge, audience, now))
