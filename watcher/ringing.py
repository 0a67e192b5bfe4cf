"""The countdown's clockwork, on the store's own thread: puts the milestones that are due into the outbox, each of them once.

What a wrong clock rang and sent cannot be taken back, and does not ring again at its true hour; the milestones after it do.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, timedelta

from watcher.decide.milestones import next_milestone, plan_milestones
from watcher.learn import World, hushed
from watcher.store.ringing import forget_early, ledger_mark, ledgers, titles_since
from watcher.store.store import Store

#: A release that is out for longer than this has nothing to ring any more.
_PAST = timedelta(days=7)
_NEVER = datetime.max.replace(tzinfo=UTC)


class Ringing:
    """Rings for one store. It looks at a title only when a fact of it has changed, or its next hour comes."""

    def __init__(self, store: Store, world: World) -> None:
        self._store, self._world = store, world
        self._looked: datetime | None = None
        self._next: dict[str, datetime] = {}
        self._mark = 0

    def ring(self, now: datetime) -> None:
        """Put what is due into the outbox.

        Raises:
            StoreError: the next call looks at everything again.
        """
        mark, looked = ledger_mark(self._store.connection), self._looked
        self._looked = None
        if looked is None or now < looked:
            forget_early(self._store, now)
            titles = {title.id for title in self._world.titles}
        else:
            titles = {title for title, moment in self._next.items() if moment <= now}
            titles |= titles_since(self._store.connection, self._mark) if mark != self._mark else set()
        if titles:
            self._next |= ring(self._store, self._world, now, titles)
        self._looked, self._mark = now, mark


def ring(store: Store, world: World, now: datetime, titles: Collection[str]) -> dict[str, datetime]:
    """Put the milestones of these titles that are due into the outbox; each is told once.

    Returns for each title that is watched when the next may be due as things stand, which may be never.
    """
    found = ledgers(store.connection, titles, now.date() - _PAST)
    following = {}
    for title in world.titles:
        if title.id not in titles:
            continue
        ledger = found.get(title.id, {})
        plan = plan_milestones(title, ledger, world.audience, now)
        if plan is not None and not store.has_told(plan.notices):
            store.apply(hushed(store, world, plan))
        following[title.id] = next_milestone(title, ledger, world.audience, now) or _NEVER
    return following
