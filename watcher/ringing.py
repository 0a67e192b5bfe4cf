"""The countdown's clockwork, on the store's own thread: puts the milestones that are due into the outbox, each of them once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from watcher.decide.milestones import next_milestone, plan_milestones
from watcher.learn import World, hushed
from watcher.store.ringing import forget_early, ledger_mark, ledgers
from watcher.store.store import Store

#: A release that is out for longer than this has nothing to ring any more.
_PAST = timedelta(days=7)
_NEVER = datetime.max.replace(tzinfo=UTC)


class Ringing:
    """Rings for one store. Between two moments at which something may ring, it only asks whether a fact has changed."""

    def __init__(self, store: Store, world: World) -> None:
        self._store, self._world = store, world
        self._looked: datetime | None = None
        self._next = _NEVER
        self._mark = 0

    def ring(self, now: datetime) -> None:
        """Put what is due into the outbox.

        Raises:
            StoreError: the next call looks again.
        """
        mark = ledger_mark(self._store.connection)
        if self._looked is not None and self._looked <= now < self._next and mark == self._mark:
            return
        if self._looked is None or now < self._looked:
            forget_early(self._store, now)
        self._looked = None
        following = ring(self._store, self._world, now)
        self._looked, self._next, self._mark = now, following or _NEVER, mark


def ring(store: Store, world: World, now: datetime) -> datetime | None:
    """Put the milestones that are due into the outbox; each is told once. Returns when the next may be due as things stand."""
    found = ledgers(store.connection, now.date() - _PAST)
    following: list[datetime] = []
    for title in world.titles:
        if title.id not in found:
            continue
        plan = plan_milestones(title, found[title.id], world.audience, now)
        if plan is not None and not store.has_told(plan.notices):
            store.apply(hushed(store, world, plan))
        if (moment := next_milestone(title, found[title.id], world.audience, now)) is not None:
            following.append(moment)
    return min(following, default=None)
