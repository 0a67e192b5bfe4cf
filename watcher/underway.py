"""Work that may outlast the tick which began it: one piece for each name, its outcome kept until somebody asks."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Generic, Protocol, TypeVar

from watcher.errors import WatcherError

log = logging.getLogger("watcher")
T = TypeVar("T")


class Aside(Protocol):
    """Runs a piece of work beside the event loop, on a thread of its own choice."""

    async def __call__(self, work: Callable[[], T]) -> T:
        """What the work returns."""
        ...


class Underway(Generic[T]):
    """Pieces of work by name, for one event loop. `on_end` is called whenever a piece ends, however it does."""

    def __init__(self, on_end: Callable[[], None]) -> None:
        self._on_end = on_end
        self._tasks: dict[str, asyncio.Task[T]] = {}
        self._ended: list[asyncio.Task[T]] = []

    def __contains__(self, name: str) -> bool:
        return name in self._tasks

    def __len__(self) -> int:
        return len(self._tasks)

    def start(self, name: str, work: Coroutine[Any, Any, T]) -> None:
        """Begin a piece of work; there must be none of that name."""
        assert name not in self._tasks
        task = asyncio.ensure_future(work)
        self._tasks[name] = task
        task.add_done_callback(lambda ended: self._end(name, ended))

    def ended(self) -> list[T]:
        """The outcomes since the last call, in the order in which they came.

        The first error among them is raised, once, and the others are forgotten with it; what went well is told by the next call.
        """
        ended = [task for task in self._ended if not task.cancelled()]
        errors = [error for task in ended if (error := task.exception()) is not None]
        self._ended = [task for task in ended if task.exception() is None] if errors else []
        if errors:
            raise errors[0]
        return [task.result() for task in ended]

    async def cancel(self) -> None:
        """Give up everything, and wait until it has ended."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def forget(self) -> None:
        """Let go of outcomes that nobody will ask for: a store that is held is no surprise at a stop, the rest is a bug."""
        ended, self._ended = self._ended, []
        for task in ended:
            error = None if task.cancelled() else task.exception()
            if error is not None and not isinstance(error, WatcherError):
                log.error("what was under way failed", exc_info=error)

    def _end(self, name: str, task: asyncio.Task[T]) -> None:
        del self._tasks[name]
        self._ended.append(task)
        self._on_end()


async def together(work: Sequence[Coroutine[Any, Any, T]]) -> list[T]:
    """Do several things at once; where one fails the others are given up, and its own error is raised, not a group of them."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one) for one in work]
    except BaseExceptionGroup as several:
        first: BaseException = several
        while isinstance(first, BaseExceptionGroup):
            first = first.exceptions[0]
        raise first from several
    return [task.result() for task in tasks]
