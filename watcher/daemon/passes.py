"""The work of one configuration: APScheduler sets off the engine's tick every few seconds, until this is to end.

Due times live in the store; the scheduler only asks what is due. A pass that ends feeds the service manager's watchdog, and no
timer does: a daemon that hangs must look hung.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from apscheduler.job import Job
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger

from watcher import __version__
from watcher.daemon.headline import headline
from watcher.daemon.logbook import report
from watcher.daemon.manager import tell_manager
from watcher.daemon.memory import give_back
from watcher.engine import Engine
from watcher.errors import StoreBusy, StoreError, StoreFull
from watcher.ping import Ping
from watcher.publishing import Publisher
from watcher.store.rows import stamp

log = logging.getLogger("watcher")

#: Between two questions what is due.
TICK = timedelta(seconds=5)

#: How long a tick waits for what it began: what is slower goes on beside the next one.
PATIENCE = timedelta(seconds=4)

#: The clock was set, and did not merely run, when it is this far off.
_JUMP = timedelta(seconds=30)

#: How long a stop waits for what is being sent; systemd's TimeoutStopSec must be longer.
BUDGET = timedelta(seconds=20)

#: How long a reload lets feeds and pages that are being asked come to their end: nobody is to be asked twice for it.
_GRACE = timedelta(seconds=10)

#: How long what is cut short may take to note how it ended.
_LAST_WORDS = timedelta(seconds=5)

#: How often the daemon notes that it is alive, for `status`: each note is a commit.
_NOTE = timedelta(minutes=1)

#: How often memory that nobody needs is given back.
_TIDY = timedelta(days=1)

#: Between two passes while the store takes nothing: twice as long each time, up to this.
_LONGEST_REST = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """Why no pass comes to its end at present, and since when (UTC)."""

    words: str
    since: datetime
    times: int = 1

    @property
    def rest(self) -> timedelta:
        """How long to wait before the next pass."""
        return min(TICK * (1 << min(self.times - 1, 10)), _LONGEST_REST)


class Passes:
    """Passes over one engine, from `run` until `end` is called or its store cannot be used any more."""

    def __init__(
        self,
        engine: Engine,
        *,
        ping: Ping | None,
        publisher: Publisher | None,
        now: Callable[[], datetime],
        shown: Callable[[], None],
    ) -> None:
        """`shown` is called whenever the headline or the trouble may have become another."""
        self._engine, self._ping, self._now, self._shown = engine, ping, now, shown
        self.publisher = publisher
        self._over = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._noted: datetime | None = None
        self._tidied: datetime | None = None
        self._rests_until: float = 0
        self._grace = timedelta(0)
        self._failure: StoreError | None = None
        #: When the last pass ended without failure (UTC).
        self.pass_at: datetime | None = None
        self.trouble: Trouble | None = None
        self.headline = ""

    async def run(self, ready: Callable[[], None]) -> None:
        """Pass after pass; `ready` is called when the first one is about to begin.

        Raises:
            StoreError: the store can no longer be used.
        """
        await self._begin()
        scheduler = AsyncIOScheduler(timezone="UTC")
        # No tick may be dropped for being late, and none may run beside another: the scheduler's own defaults do both.
        job = scheduler.add_job(
            self._pass, _Steady(), coalesce=True, max_instances=1, misfire_grace_time=None, next_run_time=self._now()
        )
        scheduler.start()
        clock_watch = asyncio.ensure_future(self._watch_clock(job))
        ready()
        await self._over.wait()
        clock_watch.cancel()
        # A shutdown of the scheduler cancels what runs, so it is paused and the tick gets its time first.
        scheduler.pause()
        await self._wind_up()
        scheduler.shutdown(wait=False)
        # Cancelled work still notes how it ended; the store must stay open until it has.
        await asyncio.wait_for(self._idle.wait(), _LAST_WORDS.total_seconds())
        if self._failure is not None:
            raise self._failure

    def end(self, *, gently: bool = False) -> None:
        """Begin no other pass; `gently` lets feeds that are being asked come to their end first."""
        self._grace = _GRACE if gently else timedelta(0)
        self._over.set()

    async def note(self, **facts: str) -> None:
        """Note something of the daemon itself, for `status`."""
        await self._engine.in_store(lambda: self._engine.store.note(**facts))

    async def _begin(self) -> None:
        repeated = await self._engine.recover()
        if repeated:
            log.warning("%d alerts may have gone out just before the last stop; they are sent again and marked", repeated)
        for target, count in self._engine.strangers.items():
            log.warning("%d alerts waited for %s, which is not configured any more; nobody gets them now", count, target)
        await self.note(pid=str(os.getpid()), version=__version__)
        await self._look()

    async def _wind_up(self) -> None:
        if self._ping is not None:
            await self._ping.aclose()
        if self.publisher is not None:
            await self.publisher.aclose()
        if not await self._engine.stop(BUDGET.total_seconds(), polls=self._grace.total_seconds()):
            log.warning("stopped with work under way; what was being sent will be sent again and marked")
        with suppress(TimeoutError):
            await asyncio.wait_for(self._idle.wait(), _LAST_WORDS.total_seconds())

    async def _watch_clock(self, job: Job) -> None:
        """Set off a tick when the clock on the wall jumped: the scheduler waits for a moment that may be days away now."""
        loop = asyncio.get_running_loop()
        wall, steady = self._now(), loop.time()
        while True:
            await asyncio.sleep(TICK.total_seconds())
            elapsed = timedelta(seconds=loop.time() - steady)
            jump = self._now() - wall - elapsed
            wall, steady = self._now(), loop.time()
            if abs(jump) >= _JUMP:
                log.warning("the clock was set %s by %s", "forward" if jump > timedelta(0) else "back", abs(jump))
                job.modify(next_run_time=self._now())

    async def _pass(self) -> None:
        if asyncio.get_running_loop().time() < self._rests_until:
            return
        self._idle.clear()
        try:
            await self._once()
            self._well()
        except (StoreBusy, StoreFull) as error:
            self._troubled(error)
        except StoreError as error:
            self._failure = error
            self._over.set()
        except Exception:
            # One of the two loops that must survive whatever a day brings. The watchdog is not fed: if it goes on, we are ended.
            log.exception("a pass failed; the next one begins in %d seconds", TICK.total_seconds())
        finally:
            self._idle.set()

    async def _once(self) -> None:
        now = self._now()
        report(await self._engine.tick(now, patience=PATIENCE.total_seconds()))
        if self._noted is None or abs(now - self._noted) >= _NOTE:
            await self.note(pass_at=stamp(now))
            await self._look()
            await self._tidy(now)
            self._noted = now
        if self.publisher is not None:
            await self.publisher.refresh(now)
        if self._ping is not None:
            await self._ping.passed(self._engine, now)

    async def _tidy(self, now: datetime) -> None:
        """Give back what work has left behind in the caches of SQLite and of malloc, which only grow by themselves."""
        if self._tidied is None or abs(now - self._tidied) >= _TIDY:
            self._tidied = now
            await self._engine.in_store(self._engine.store.shrink)
            give_back()

    async def _look(self) -> None:
        engine = self._engine
        self.headline = await engine.in_store(lambda: headline(engine.store, engine.world, self._now()))

    def _well(self) -> None:
        self.pass_at = self._now()
        if self.trouble is not None:
            log.warning("the store takes everything again")
            self.trouble = None
        tell_manager("WATCHDOG=1")
        self._shown()

    def _troubled(self, error: StoreBusy | StoreFull) -> None:
        """It may pass, and nothing was lost: look again, less and less often. A restart would not help, so none is asked for."""
        before = self.trouble
        if before is None or before.words != str(error):
            log.error("%s", error)
        since, times = (self._now(), 1) if before is None else (before.since, before.times + 1)
        self.trouble = Trouble(words=str(error), since=since, times=times)
        self._rests_until = asyncio.get_running_loop().time() + self.trouble.rest.total_seconds()
        tell_manager("WATCHDOG=1")
        self._shown()


class _Steady(BaseTrigger):  # type: ignore[misc]  # APScheduler has no types
    """Fires every so often, and once after a jump of the clock: the scheduler's own interval lists every moment it missed."""

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime:
        """The next moment; APScheduler asks with the last one and the time."""
        return now if previous_fire_time is None else max(previous_fire_time, now) + TICK
