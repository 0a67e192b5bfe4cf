"""Makes the checks beside each other, each within its time: what hangs, or fails itself, is a verdict and stops nothing."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeVar

from watcher.cli.checkup.verdict import Matter, Verdict
from watcher.errors import WatcherError

T = TypeVar("T")

#: For a check that only looks at this machine.
SHORT = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing to look at, and how long that may take, in seconds."""

    matter: Matter
    make: Callable[[], Awaitable[Iterable[Verdict]]]
    seconds: float = SHORT


async def in_thread(work: Callable[[], T]) -> T:
    """Do work that may hang (a network's disk, a name server, a program) where it keeps nobody from ending."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[T] = loop.create_future()

    def settle(give: Callable[[], None]) -> None:
        if not done.done():
            give()

    def run() -> None:
        try:
            result = work()
        except BaseException as error:  # noqa: BLE001 - handed on to whoever waits, who sees it raised
            failure = error
            with suppress(RuntimeError):  # the loop may be gone by now, and with it whoever asked
                loop.call_soon_threadsafe(settle, lambda: done.set_exception(failure))
            return
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(settle, lambda: done.set_result(result))

    threading.Thread(target=run, name="checkup", daemon=True).start()
    return await done


async def make(checks: Sequence[Check]) -> AsyncIterator[tuple[Check, list[Verdict]]]:
    """All checks at once; each with its verdicts in the order that was given, as soon as it and those before it are made."""
    tasks = [asyncio.create_task(_within(check)) for check in checks]
    try:
        for check, task in zip(checks, tasks, strict=True):
            await asyncio.wait([task])
            yield check, task.result() if (error := task.exception()) is None else [_failed(check, error)]
    finally:
        for task in tasks:
            task.cancel()


async def _within(check: Check) -> list[Verdict]:
    try:
        async with asyncio.timeout(check.seconds):
            return list(await check.make())
    except TimeoutError:
        return [check.matter.unseen(f"This took longer than {check.seconds:g} seconds and was given up.")]


def _failed(check: Check, error: BaseException) -> Verdict:
    """A check that failed itself. An error of ours is text for a person; of any other only the kind is safe to show."""
    said = str(error).partition("\n")[0] if isinstance(error, WatcherError | OSError) else type(error).__name__
    return check.matter.unseen(f"The check itself failed ({said.rstrip('.')}).")
