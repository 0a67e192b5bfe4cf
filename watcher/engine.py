"""The straight line: due feeds → fetch → parse → read → decide → commit, linked pages the same, then deliveries → send → record.

Everything that time sets off goes through `Engine.tick(now)`. The daemon calls it from its scheduler; the demo, `replay` and
`poll` call the same tick with a clock of their own. The event loop waits for networks; one thread owns the store.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence, Sized
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

from watcher import follow
from watcher.decide.intents import LinkedPage, Plan
from watcher.errors import StoreBusy
from watcher.follow import Followed, Follows
from watcher.hosts import host_to_spare, one_of_each_host
from watcher.housekeeping import Housekeeping
from watcher.intake import Intake
from watcher.learn import Learned, World, finish_learning, take, take_known
from watcher.model import Feed, FeedState, Item
from watcher.parsing import Parser
from watcher.polling import Fetches, Polled, Polling, asked_to_wait
from watcher.ringing import Ringing
from watcher.sending import Sending, Sends, Sent
from watcher.store import ask
from watcher.store.store import Store
from watcher.store.undelivered import drop_strangers
from watcher.tell.schedule import first_polls, rebased
from watcher.underway import Underway, together

log = logging.getLogger("watcher")
T = TypeVar("T")

#: So many feeds are fetched at a time: most of a fetch is waiting for the other side.
WORKERS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """What one tick did."""

    polled: tuple[Polled, ...] = ()
    followed: tuple[Followed, ...] = ()
    sent: tuple[Sent, ...] = ()


class Engine:
    """Runs the line on one store. Made by `open`, closed by `aclose`; use it from one event loop."""

    def __init__(
        self,
        store: Store,
        thread: ThreadPoolExecutor,
        world: World,
        *,
        sender: Sends,
        make_fetcher: Callable[[], Fetches],
        pages: Follows | None,
        workers: int,
    ) -> None:
        self._store, self._thread = store, thread
        self.world = world
        self._sending = Sending(store, world, sender, self.in_store)
        self._parser = Parser(self.in_store)
        self._pages = pages if world.pages else None
        self._polling = Polling(
            world, Intake(store, world, self.in_store), self._parser, make_fetcher=make_fetcher, workers=workers
        )
        self._news = asyncio.Event()
        self._to_ask: set[str] = set()
        self._unkept: dict[str, datetime] = {}
        self._stopping = False
        self._polls = Underway[Polled](self._news.set)
        self._follows = Underway[Followed](self._news.set)
        self._deliveries = Underway[list[Sent]](self._news.set)
        #: What somebody asked to be sent at once, beside the ticks.
        self._asked_for: set[object] = set()
        self._busy: Counter[str] = Counter()
        self._ringing = Ringing(store, world)
        self._housekeeping = Housekeeping(store, keep=world.keep)
        #: Of targets that are not configured any more, how many alerts waited that nobody gets now.
        self.strangers: dict[str, int] = {}

    @classmethod
    async def open(
        cls,
        path: Path,
        world: World,
        *,
        sender: Sends,
        make_fetcher: Callable[[], Fetches],
        pages: Follows | None = None,
        now: datetime,
        workers: int = WORKERS,
    ) -> Engine:
        """Open the store at `path` on a thread of its own, and take in what the configuration says.

        Without `pages` no linked page is followed. `workers` feeds are fetched at a time.

        Raises:
            StoreError: the store cannot be used.
        """
        thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="store")
        try:
            store = await asyncio.get_running_loop().run_in_executor(thread, Store, path)
        except BaseException:
            thread.shutdown()
            raise
        engine = cls(
            store,
            thread,
            world,
            sender=sender,
            make_fetcher=make_fetcher,
            pages=pages,
            workers=workers,
        )
        try:
            await engine.in_store(lambda: engine._configure(now))
        except BaseException:
            await engine.aclose()
            raise
        if store.is_new:
            log.info("%s is new and empty; what the feeds hold by now is learned in silence", path)
        return engine

    async def __aenter__(self) -> Engine:
        """The engine itself, closed at the end of the block."""
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Close, whatever happened."""
        await self.aclose()

    async def aclose(self) -> None:
        """Give up what is under way, close connections and store; what was committed stays."""
        await self.stop(0)
        for work in (self._polls, self._follows, self._deliveries):
            work.forget()
        await self._polling.aclose()
        await self._parser.aclose()
        await self.in_store(self._store.close)
        self._thread.shutdown()

    async def stop(self, seconds: float, *, polls: float = 0) -> bool:
        """Give up what is being fetched after so many seconds for `polls`, and what is being sent after so many.

        What is given up is not lost: a feed is still due, and a delivery is marked as one that may have arrived. Returns whether
        all that was being sent came to its end.
        """
        self._stopping = self._sending.stopping = True
        await self._wait_for(self._polls, self._follows, seconds=polls)
        await self._polls.cancel()
        await self._follows.cancel()
        ended = await self._wait_for(self._deliveries, self._asked_for, seconds=seconds)
        await self._deliveries.cancel()
        return ended

    async def _wait_for(self, *work: Sized, seconds: float) -> bool:
        """Wait until nothing of this is under way. Returns whether that came true in time."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while any(map(len, work)):
                    self._news.clear()
                    await self._news.wait()
        return not any(map(len, work))

    async def in_store(self, work: Callable[[], T]) -> T:
        """Run work on the store's thread, one piece after the other.

        Raises:
            StoreError: the database is busy, full or damaged.
        """

        def explained() -> T:
            with self._store.explained():
                return work()

        return await asyncio.get_running_loop().run_in_executor(self._thread, explained)

    @property
    def store(self) -> Store:
        """The store; only to be used inside `in_store`."""
        return self._store

    @property
    def busy(self) -> frozenset[str]:
        """The hosts that are being asked for something."""
        return frozenset(self._busy)

    async def recover(self) -> int:
        """Deliveries that nobody is sending any more may have gone out: mark them. Returns how many there are.

        They are left behind by a process that died, or by an outcome that could not be recorded.
        """
        return await self._sending.recover()

    async def tick(self, now: datetime, *, patience: float | None = None) -> Tick:
        """Do everything that is due: poll, follow, end first passes, deliver, keep house; deliver at once what a commit brought.

        After `patience` seconds, where given, what is still under way goes on beside the following ticks; what came of it is
        told by the one in which it ends. A tick that fails leaves it under way too.
        """
        until = None if patience is None else asyncio.get_running_loop().time() + patience
        asked = await self._begin_polls(now)
        await self._see_through(self._polls, now, until)
        await self._begin_pages(now, spared=asked)
        await self._see_through(self._follows, now, until)
        await self.finish_learning(now)
        await self.in_store(lambda: self._ringing.ring(now))
        self._to_ask.update(target.name for target in self.world.targets)
        await self._see_through(self._deliveries, now, until)
        await self.in_store(lambda: self._housekeeping.work(now))
        sent = [one for several in self._deliveries.ended() for one in several]
        return Tick(polled=tuple(self._polls.ended()), followed=tuple(self._follows.ended()), sent=tuple(sent))

    async def _see_through(self, work: Underway[Any], now: datetime, until: float | None) -> None:
        """Wait for work to end, as long as there is time, and let what its commits brought be delivered meanwhile."""
        with suppress(TimeoutError):
            async with asyncio.timeout_at(until):
                while len(work) or self._to_ask:
                    self._news.clear()
                    await self._begin_deliveries(now)
                    if len(work) or self._to_ask:
                        await self._news.wait()

    async def finish_learning(self, now: datetime) -> tuple[str, ...]:
        """End the silent first pass of titles once every feed was tried, and no page waits. Returns the ids of those titles."""

        def waits() -> bool:
            return self._pages is not None and follow.waits(self._store, now)

        return await self.in_store(lambda: finish_learning(self._store, self.world, now, waits=waits))

    # ---- poll: fetch → parse → read → decide → commit

    async def poll_all(self, feeds: Sequence[Feed], now: datetime, *, force: bool = False) -> tuple[Polled, ...]:
        """Poll these feeds now, due or not, and wait for all of them.

        A server that asked us to wait (Retry-After) is not asked before its time, unless by `force`.
        """
        states = await self.in_store(lambda: {state.url: state for state in ask.feeds(self._store.connection)})

        async def poll(feed: Feed) -> Polled:
            before = states.get(feed.url) or FeedState(url=feed.url, next_poll_at=now)
            wait = None if force else asked_to_wait(before, now)
            return await self._poll(feed, before, now) if wait is None else Polled(feed=feed, error=wait)

        return tuple(await together([poll(feed) for feed in feeds]))

    async def learn(self, feed: Feed, items: Sequence[Item], after: FeedState, now: datetime) -> Learned:
        """Items down the rest of the line: read, decide, commit with the feed's new state."""
        return await self.in_store(lambda: take(self._store, self.world, feed, items, after=after, now=now))

    async def _begin_polls(self, now: datetime) -> frozenset[str]:
        """Begin to poll what is due, one feed of each host at a time. Returns the hosts that are to be spared from now on."""
        feeds = {feed.url: feed for feed in self.world.feeds}

        def due() -> list[FeedState]:
            self._store.check_place()
            later = [rebased(state, now) for state in self._store.polled_later(now)]
            if later:
                self._store.apply(Plan(at=now, feeds=tuple(later)))
            found = [state for state in self._store.due_feeds(feeds.keys(), now) if not self._rests(feeds[state.url], now)]
            if found:
                # Nobody is asked for what cannot be kept: this fails where another process holds the store.
                with self._store.transaction():
                    pass
            return found

        states = {state.url: state for state in await self.in_store(due) if state.url not in self._polls}
        if self._stopping:
            return frozenset()
        chosen = one_of_each_host(
            [feeds[url] for url in states], [state.asked for state in states.values()], self.world.allow, busy=set(self._busy)
        )
        for feed in chosen:
            self._polls.start(feed.url, self._poll(feed, states[feed.url], now))
        spared = (host_to_spare(states[feed.url].asked, self.world.allow) for feed in chosen)
        return frozenset(host for host in (*spared, *self._busy) if host)

    async def _poll(self, feed: Feed, before: FeedState, now: datetime) -> Polled:
        with self._asking(before.asked):
            try:
                polled = await self._polling.poll(feed, before, now)
            except StoreBusy:
                raise
            except BaseException:
                self._unkept[feed.url] = now
                raise
        self._tell(polled.learned)
        return polled

    @contextmanager
    def _asking(self, url: str) -> Iterator[None]:
        """While this lasts the host is busy: nothing else of it is asked for."""
        host = host_to_spare(url, self.world.allow)
        self._busy.update([host] if host else [])
        try:
            yield
        finally:
            self._busy -= Counter([host] if host else [])

    def _rests(self, feed: Feed, now: datetime) -> bool:
        """Whether a feed was asked just now, though what came could not be kept: the store knows nothing of that poll."""
        asked = self._unkept.get(feed.url)
        return asked is not None and asked <= now < asked + timedelta(seconds=feed.every or self.world.every)

    def _tell(self, learned: Learned) -> None:
        """A commit brought something to tell: wake the deliveries."""
        if learned.told:
            self._to_ask.update(target.name for target in self.world.targets)
            self._news.set()

    # ---- follow: fetch → parse → read → decide → commit, once more for the page behind an item

    async def follow(self, now: datetime) -> tuple[Followed, ...]:
        """Read the linked pages that are due, one of each host; the next one of a host has its turn at the next call."""
        return tuple(await together([self._follow(page, now) for page in await self._due_pages(now)]))

    async def _begin_pages(self, now: datetime, *, spared: Collection[str]) -> None:
        for page in await self._due_pages(now, spared=spared):
            if page.item not in self._follows and not self._stopping:
                self._follows.start(page.item, self._follow(page, now))

    async def _due_pages(self, now: datetime, *, spared: Collection[str] = ()) -> tuple[LinkedPage, ...]:
        if self._pages is None or self._stopping:
            return ()
        return await self.in_store(lambda: follow.claim(self._store, self.world, now, spared=spared))

    async def _follow(self, page: LinkedPage, now: datetime) -> Followed:
        assert self._pages is not None
        store, world, parser = self._store, self.world, self._parser
        with self._asking(page.url):
            followed = await follow.follow(
                page, pages=self._pages, parser=parser, store=store, world=world, in_store=self.in_store, now=now
            )
        self._tell(followed.learned)
        return followed

    # ---- deliver: claim → render → send → record

    async def deliver(self, now: datetime, *, at_once: bool = False) -> tuple[Sent, ...]:
        """Send what is due, each target on its own: one that hangs delays no other.

        `at_once` does not wait for others to say the same; quiet hours, digests and the rest after a failure hold.
        """
        early = self.world.audience.policy.group_wait if at_once else timedelta(0)
        await self._sending.begin(now)
        self._asked_for.add(mark := object())
        try:
            sent = await together([self._sending.to(target, now, early=early) for target in self.world.targets])
        finally:
            self._asked_for.discard(mark)
            self._news.set()
        return tuple(one for several in sent for one in several)

    async def _begin_deliveries(self, now: datetime) -> None:
        """Begin to send what is due to the targets that are to be asked; one that is still being sent to waits for its end."""
        if self._stopping:
            self._to_ask.clear()
        if all(name in self._deliveries for name in self._to_ask):
            return
        await self._sending.begin(now)
        for target in self.world.targets:
            if target.name in self._to_ask and target.name not in self._deliveries and not self._stopping:
                self._to_ask.discard(target.name)
                self._deliveries.start(target.name, self._sending.to(target, now))

    def _configure(self, now: datetime) -> None:
        urls = [feed.url for feed in self.world.feeds]
        known = {state.url for state in ask.feeds(self._store.connection)}
        new = iter(first_polls([url for url in urls if url not in known], now))
        self._store.configure(self.world.titles, self.world.feeds, now, [now if url in known else next(new) for url in urls])
        take_known(self._store, self.world, now)
        names = [target.name for target in self.world.targets]
        self.strangers = drop_strangers(self._store, names, "its target is not configured any more")
