"""Takes finished polls down to the store's thread: whatever is ready by then shares one commit, and so one sync of the disk."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from watcher.learn import Learned, Taking, World, take_all
from watcher.store.store import Store
from watcher.underway import Aside

#: So many polls share a commit at most: another writer must not wait for long.
_MOST = 32


class Intake:
    """The queue in front of the store, for one event loop."""

    def __init__(self, store: Store, world: World, in_store: Aside) -> None:
        self._store, self._world, self._in_store = store, world, in_store
        self._waiting: list[tuple[Taking, asyncio.Future[Learned]]] = []
        self._draining: asyncio.Task[None] | None = None

    async def take(self, taking: Taking) -> Learned:
        """What came of a poll, once it is committed.

        Raises:
            StoreError: nothing of this poll was committed.
        """
        future: asyncio.Future[Learned] = asyncio.get_running_loop().create_future()
        self._waiting.append((taking, future))
        if self._draining is None or self._draining.done():
            self._draining = asyncio.ensure_future(self._drain())
        return await future

    async def _drain(self) -> None:
        """Commit what waits, as much at a time as may share a commit; more comes in meanwhile."""
        while self._waiting:
            batch, self._waiting = self._waiting[:_MOST], self._waiting[_MOST:]
            await self._commit(batch)

    async def _commit(self, batch: Sequence[tuple[Taking, asyncio.Future[Learned]]]) -> None:
        """Commit these together; where that meets what no poll should (a bug), each alone, so that only one bears it."""
        takings = [taking for taking, _ in batch]
        work = self._in_store(lambda: take_all(self._store, self._world, takings))
        (outcomes,) = await asyncio.gather(work, return_exceptions=True)
        if isinstance(outcomes, BaseException) and len(batch) > 1:
            for one in batch:
                await self._commit([one])
            return
        each = [outcomes] if isinstance(outcomes, BaseException) else outcomes
        for (_, future), outcome in zip(batch, each, strict=True):
            if future.done():
                continue
            if isinstance(outcome, BaseException):
                future.set_exception(outcome)
            else:
                future.set_result(outcome)
