"""The daemon: APScheduler sets off the engine's tick, signals end it, systemd is told how it goes.

Due times live in the store; the scheduler only asks, every few seconds, what is due. The watchdog is fed by ticks that came to
their end, never by a timer: a daemon that hangs must look hung.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from apscheduler.job import Job
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger

from watcher import __version__
from watcher.engine import Engine, Tick
from watcher.errors import StoreBusy, StoreError
from watcher.ping import Ping
from watcher.store.rows import stamp

log = logging.getLogger("watcher")

#: Between two questions what is due.
TICK = timedelta(seconds=5)

#: How long a tick waits for what it began: what is slower goes on beside the next one.
PATIENCE = timedelta(seconds=4)

#: The clock was set, and did not merely run, when it is this far off.
_JUMP = timedelta(seconds=30)

#: How long a stop waits for what is under way; systemd's TimeoutStopSec must be longer.
BUDGET = timedelta(seconds=20)

#: How often the daemon notes that it is alive, for `status`: each note is a commit.
_NOTE = timedelta(minutes=1)


def clock() -> datetime:
    """The time, aware and in UTC."""
    return datetime.now(UTC)


class Daemon:
    """Runs an engine until a signal asks it to stop."""

    def __init__(self, engine: Engine, *, ping: Ping | None = None, now: Callable[[], datetime] = clock) -> None:
        self._engine = engine
        self._ping = ping
        self._now = now
        self._stop = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._noted: datetime | None = None
        self._failure: StoreError | None = None

    async def run(self) -> None:
        """Work until SIGTERM or SIGINT, then finish what is under way or give it up within the budget.

        Raises:
            StoreError: the store can no longer be used.
        """
        loop = asyncio.get_running_loop()
        for name in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(name, self._stop.set)
        repeated = await self._engine.recover()
        if repeated:
            log.warning("%d alerts may have gone out just before the last stop; they are sent again and marked", repeated)
        for target, count in self._engine.strangers.items():
            log.warning("%d alerts waited for %s, which is not configured any more; nobody gets them now", count, target)
        await self._note(started_at=stamp(self._now()), pid=str(os.getpid()), version=__version__)
        scheduler = AsyncIOScheduler(timezone="UTC")
        # No tick may be dropped for being late, and none may run beside another: the scheduler's own defaults do both.
        job = scheduler.add_job(
            self._tick, _Steady(), coalesce=True, max_instances=1, misfire_grace_time=None, next_run_time=self._now()
        )
        scheduler.start()
        clock_watch = asyncio.ensure_future(self._watch_clock(job))
        notify("READY=1")
        await self._stop.wait()
        notify("STOPPING=1")
        clock_watch.cancel()
        if self._ping is not None:
            await self._ping.aclose()
        # A shutdown of the scheduler cancels what runs, so it is paused and the tick gets its time first.
        scheduler.pause()
        if not await self._engine.stop(BUDGET.total_seconds()):
            log.warning("stopped with work under way; what was being sent will be sent again and marked")
        with suppress(TimeoutError):
            await asyncio.wait_for(self._idle.wait(), BUDGET.total_seconds())
        scheduler.shutdown(wait=False)
        # Cancelled work still notes how it ended; the store must stay open until it has.
        await asyncio.wait_for(self._idle.wait(), BUDGET.total_seconds())
        if self._failure is not None:
            raise self._failure

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

    async def _tick(self) -> None:
        self._idle.clear()
        try:
            report(await self._engine.tick(self._now(), patience=PATIENCE.total_seconds()))
            await self._note_pass()
            if self._ping is not None:
                await self._ping.passed(self._engine, self._now())
            notify("WATCHDOG=1")
        except StoreBusy as error:
            log.warning("%s", error)
        except StoreError as error:
            self._failure = error
            self._stop.set()
        except Exception:
            # One of the two loops that must survive whatever a day brings.
            log.exception("a pass failed; the next one begins in %d seconds", TICK.total_seconds())
        finally:
            self._idle.set()

    async def _note_pass(self) -> None:
        now = self._now()
        if self._noted is None or now - self._noted >= _NOTE:
            self._noted = now
            await self._note(pass_at=stamp(now))

    async def _note(self, **facts: str) -> None:
        await self._engine.in_store(lambda: self._engine.store.note(**facts))


class _Steady(BaseTrigger):  # type: ignore[misc]  # APScheduler has no types
    """Fires every so often, and once after a jump of the clock: the scheduler's own interval lists every moment it missed."""

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime:
        """The next moment; APScheduler asks with the last one and the time."""
        return now if previous_fire_time is None else max(previous_fire_time, now) + TICK


def report(tick: Tick) -> None:
    """What a tick did, for the log. Addresses of targets never stand here, and feed text was cleaned before it was stored."""
    for polled in tick.polled:
        if polled.moved_to is not None:
            log.warning("%s: the feed has moved for good, and is asked at its new address", polled.feed.outlet)
        if polled.error is not None:
            log.warning("%s: %s", polled.feed.outlet, polled.error)
        elif polled.learned.named:
            log.info("%s: %d new items, %d about a title", polled.feed.outlet, polled.learned.new, polled.learned.named)
    for followed in tick.followed:
        if followed.error is not None:
            log.info("%s: %s", followed.page.host, followed.error)
    for sent in tick.sent:
        if sent.receipt.outcome == "sent":
            log.info("sent to %s: %s", sent.target, sent.message.title)
        elif sent.given_up:
            log.error("given up for %s (%s); see: watcher notify list: %s", sent.target, sent.receipt.detail, sent.message.title)
        else:
            log.warning("not sent to %s (%s), will be tried again: %s", sent.target, sent.receipt.detail, sent.message.title)


def notify(state: str) -> None:
    """Tell the service manager, where there is one (sd_notify(3)); a name that begins with @ is an abstract socket."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as channel:
        try:
            channel.sendto(state.encode(), "\0" + address[1:] if address.startswith("@") else address)
        except OSError as error:
            log.warning("the service manager cannot be told %s: %s", state, error.strerror)
