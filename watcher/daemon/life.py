"""The daemon's life: one engine after another, a new one for each configuration, until a signal ends it.

SIGTERM and SIGINT end it, SIGHUP reads the configuration again. One that cannot be used leaves the old one in force and says
so. The new one gets an engine of its own, by the same way as at a start: there is no second way to take settings in.
"""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Generic, TypeVar

from watcher.daemon.manager import reloading, status, tell_manager
from watcher.daemon.memory import give_back
from watcher.daemon.passes import TICK, Passes, Trouble
from watcher.engine import Engine
from watcher.errors import ConfigError, StoreBusy, StoreFull
from watcher.ping import Ping
from watcher.publishing import Publisher
from watcher.store.rows import stamp, stamp_or_none

log = logging.getLogger("watcher")
S = TypeVar("S")

#: Before this there was no watcher: a clock that shows it was never set (a machine without one of its own starts in 1970).
FIRST_DAY = datetime(2025, 1, 1, tzinfo=UTC)


def clock() -> datetime:
    """The time, aware and in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What settings are made into: an engine, whom to call after whole passes, and who keeps the published files current."""

    engine: Engine
    ping: Ping | None = None
    publisher: Publisher | None = None


class Daemon(Generic[S]):
    """Lives on settings of any kind `S`: `load` reads them, `make` opens what they describe."""

    def __init__(
        self,
        *,
        load: Callable[[], S],
        make: Callable[[S], AbstractAsyncContextManager[Made]],
        now: Callable[[], datetime] = clock,
    ) -> None:
        """`load` raises `ConfigError` for settings that cannot be used; it is called on a thread of its own."""
        self._load, self._make, self._now = load, make, now
        self._stopping = asyncio.Event()
        self._running = asyncio.Event()
        self._reload = asyncio.Lock()
        self._next: S | None = None
        self._passes: Passes | None = None
        self._waits: Trouble | None = None
        self._told = ""
        self._started_at: datetime | None = None
        self._reloaded_at: datetime | None = None
        self._problems: list[str] = []
        self._hups: set[asyncio.Task[list[str]]] = set()

    async def run(self, settings: S) -> None:
        """Work until SIGTERM or SIGINT, then finish what is under way or give it up within the budget.

        Raises:
            ConfigError: the settings describe what cannot be opened.
            StoreError: the store cannot be used.
        """
        loop = asyncio.get_running_loop()
        for name in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(name, self._stop)
        loop.add_signal_handler(signal.SIGHUP, self._hang_up)
        await self._believe_clock()
        self._started_at = self._now()
        following: S | None = settings
        while following is not None and not self._stopping.is_set():
            self._next = None
            await self._live_once_possible(following)
            self._passes = None
            give_back()
            following = self._next
        for hup in tuple(self._hups):
            hup.cancel()

    async def reload(self) -> list[str]:
        """Take in the settings as they are now. Returns what is wrong with them; then the old ones stay in force."""
        async with self._reload:
            await self._running.wait()
            tell_manager(reloading())
            try:
                settings = await asyncio.to_thread(self._load)
            except ConfigError as error:
                await self._refuse(error.problems)
                return error.problems
            if self._stopping.is_set() or self._passes is None:
                return ["the daemon is stopping"]
            self._problems, self._reloaded_at = [], self._now()
            self._running.clear()
            self._next = settings
            self._passes.end(gently=True)
            await self._running.wait()
            log.info("the new configuration is in force")
            return []

    def state(self) -> dict[str, object]:
        """How the daemon fares, for whoever asks it; times are UTC (ISO 8601), null for what never was."""
        passes = self._passes
        trouble = self._waits or (passes.trouble if passes else None)
        unpublished = passes.publisher.failure if passes and passes.publisher else None
        return {
            "started_at": stamp_or_none(self._started_at),
            "pass_at": stamp_or_none(passes.pass_at if passes else None),
            "headline": passes.headline if passes else "",
            "trouble": trouble.words if trouble else None,
            "trouble_since": stamp_or_none(trouble.since if trouble else None),
            "publish_trouble": unpublished.words if unpublished else None,
            "publish_trouble_since": stamp_or_none(unpublished.since if unpublished else None),
            "reload_at": stamp_or_none(self._reloaded_at),
            "reload_problems": self._problems,
        }

    async def _live_once_possible(self, settings: S) -> None:
        """Wait as long as somebody holds the store, or the disk is full: both pass, and a restart would only wait as well."""
        while not self._stopping.is_set():
            try:
                await self._live(settings)
                break
            except (StoreBusy, StoreFull) as error:
                self._wait_for_store(str(error))
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), TICK.total_seconds())

    def _wait_for_store(self, why: str) -> None:
        """Say what is waited for, to the log only where that is new."""
        if self._waits is None or self._waits.words != why:
            log.error("%s", why)
            self._waits = Trouble(words=why, since=self._waits.since if self._waits else self._now())
        tell_manager("WATCHDOG=1", status(f"Waiting for the store: {why}."))

    async def _live(self, settings: S) -> None:
        """One engine, from its opening to its end."""
        async with self._make(settings) as made:
            self._passes = passes = Passes(made.engine, ping=made.ping, publisher=made.publisher, now=self._now, shown=self._show)
            assert self._started_at is not None
            await passes.note(started_at=stamp(self._started_at), stopped_at="")
            if self._stopping.is_set():
                passes.end()
            await passes.run(self._ready)
            if self._next is None or self._stopping.is_set():
                # Whoever holds the store, or a full disk, keeps nobody from stopping.
                with suppress(StoreBusy, StoreFull):
                    await passes.note(stopped_at=stamp(self._now()))

    def _ready(self) -> None:
        self._waits = None
        self._running.set()
        self._show("READY=1")

    def _hang_up(self) -> None:
        hup = asyncio.ensure_future(self.reload())
        self._hups.add(hup)
        hup.add_done_callback(self._hups.discard)

    def _stop(self) -> None:
        self._stopping.set()
        tell_manager("STOPPING=1", status("Stopping: what is being sent comes to its end first."))
        if self._passes is not None:
            self._passes.end()

    async def _refuse(self, problems: list[str]) -> None:
        self._problems, self._reloaded_at = problems, self._now()
        for problem in problems:
            log.error("the new configuration cannot be used, the old one stays in force: %s", problem)
        self._show("READY=1")

    def _show(self, *states: str) -> None:
        """Tell the manager what changed: the trouble first, then what was refused, then how things stand."""
        passes = self._passes
        if passes is None or self._stopping.is_set():
            return
        many = len(self._problems)
        unpublished = passes.publisher is not None and passes.publisher.failure is not None
        parts = [
            f"In trouble: {passes.trouble.words}." if passes.trouble else "",
            "The published files are not current." if unpublished else "",
            f"The new configuration has {many} problem{'' if many == 1 else 's'}, the old one is in force." if many else "",
            passes.headline,
        ]
        words = " ".join(filter(None, parts))
        if states or words != self._told:
            self._told = words
            tell_manager(*states, status(words))

    async def _believe_clock(self) -> None:
        """Wait while the clock was clearly never set: everything that is kept has its time, and a wrong one stays for ever."""
        if self._now() >= FIRST_DAY:
            return
        log.warning("the clock says %s; waiting until it is set", f"{self._now():%Y-%m-%d}")
        self._waits = Trouble(words="the clock was never set, and nothing is kept before it is", since=self._now())
        tell_manager("READY=1", status("Waiting for the clock to be set."))
        while self._now() < FIRST_DAY and not self._stopping.is_set():
            tell_manager("WATCHDOG=1")
            await asyncio.sleep(TICK.total_seconds())
        self._waits = None
