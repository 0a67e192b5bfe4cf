"""The straight line: due feeds → fetch → parse → read → decide → commit, linked pages the same, then deliveries → send → record.

Everything that time sets off goes through `Engine.tick(now)`. The daemon calls it from its scheduler; the demo, `replay` and
`poll` call the same tick with a clock of their own. The event loop waits for networks; one thread owns the store.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, TypeVar

from watcher import follow
from watcher.clean import safe_url
from watcher.errors import FeedError, FetchError, ParseError
from watcher.fetch import Request, Response
from watcher.follow import Followed, Follows
from watcher.learn import Learned, World, finish_learning, ring, take, take_known
from watcher.model import Change, Feed, FeedState, Item, Target
from watcher.parse import ParsedFeed, parse_feed
from watcher.rendering import render
from watcher.send import Receipt
from watcher.store import ask
from watcher.store.outbox import Delivery, Outbox
from watcher.store.store import Store
from watcher.tell.message import Message
from watcher.tell.schedule import first_polls, next_poll, resend, retry
from watcher.userword import drop_muted

T = TypeVar("T")


class Fetches(Protocol):
    """What the engine needs of a fetcher; each worker has its own."""

    async def fetch(self, request: Request) -> Response:
        """One conditional GET, or `FetchError`."""
        ...

    async def aclose(self) -> None:
        """Close its connections."""
        ...


class Sends(Protocol):
    """What the engine needs of a sender."""

    async def send(self, target: Target, message: Message) -> Receipt:
        """One send, with what is known of its outcome."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Polled:
    """What came of polling one feed; `error` is None when it went well."""

    feed: Feed
    learned: Learned = field(default_factory=Learned)
    unchanged: bool = False
    error: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """One send that was tried, and its receipt."""

    target: str
    message: Message
    changes: tuple[Change, ...]
    receipt: Receipt


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
        self._outbox = Outbox(store)
        self.world = world
        self._sender = sender
        self._make_fetcher = make_fetcher
        self._pages = pages if world.pages else None
        self._workers = workers
        self._fetchers: list[Fetches] = []
        self._under_way: set[str] = set()
        self._rung: datetime | None = None

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
        workers: int = 8,
    ) -> Engine:
        """Open the store at `path` on a thread of its own, and take in what the configuration says.

        Without `pages` no linked page is followed.

        Raises:
            StoreError: the store cannot be used.
        """
        thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="store")
        try:
            store = await asyncio.get_running_loop().run_in_executor(thread, Store, path)
        except BaseException:
            thread.shutdown()
            raise
        engine = cls(store, thread, world, sender=sender, make_fetcher=make_fetcher, pages=pages, workers=workers)
        await engine.in_store(lambda: engine._configure(now))
        return engine

    async def __aenter__(self) -> Engine:
        """The engine itself, closed at the end of the block."""
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Close, whatever happened."""
        await self.aclose()

    async def aclose(self) -> None:
        """Close connections and store; what was committed stays."""
        for fetcher in self._fetchers:
            await fetcher.aclose()
        await self.in_store(self._store.close)
        self._thread.shutdown()

    async def in_store(self, work: Callable[[], T]) -> T:
        """Run work on the store's thread, one piece after the other."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    @property
    def store(self) -> Store:
        """The store; only to be used inside `in_store`."""
        return self._store

    async def recover(self) -> int:
        """Deliveries that nobody is sending any more may have gone out: mark them. Returns how many there are.

        They are left behind by a process that died, or by an outcome that could not be recorded.
        """
        return await self.in_store(lambda: self._outbox.recover(self._under_way))

    async def tick(self, now: datetime) -> Tick:
        """Do everything that is due: poll, follow, end first passes, deliver."""
        urls = [feed.url for feed in self.world.feeds]
        due = await self.in_store(lambda: self._store.due_feeds(urls, now))
        feeds = {feed.url: feed for feed in self.world.feeds}
        polled = await self.poll_all([feeds[url] for url in due], now)
        followed = await self.follow(now)
        await self.finish_learning(now)
        await self.milestones(now)
        return Tick(polled=polled, followed=followed, sent=await self.deliver(now))

    async def milestones(self, now: datetime) -> None:
        """Let the countdown ring where it is time; looked at once a minute at most."""
        if self._rung is None or now - self._rung >= timedelta(minutes=1) or now < self._rung:
            await self.in_store(lambda: ring(self._store, self.world, now))
            self._rung = now

    async def finish_learning(self, now: datetime) -> tuple[str, ...]:
        """End the silent first pass of titles once every feed was tried, and no page waits. Returns the ids of those titles."""

        def waits() -> bool:
            return self._pages is not None and follow.waits(self._store, now)

        return await self.in_store(lambda: finish_learning(self._store, self.world, now, waits=waits))

    # ---- poll: fetch → parse → read → decide → commit

    async def poll_all(self, feeds: Sequence[Feed], now: datetime, *, force: bool = False) -> tuple[Polled, ...]:
        """Poll feeds, a few at a time; each worker has a fetcher of its own (a shared pool is slower).

        A server that asked us to wait (Retry-After) is not asked before its time, unless by `force`.
        """
        waiting = list(reversed(feeds))
        done: list[Polled] = []

        async def work(fetcher: Fetches) -> None:
            while waiting:
                done.append(await self.poll(waiting.pop(), fetcher, now, force=force))

        while len(self._fetchers) < min(self._workers, len(feeds)):
            self._fetchers.append(self._make_fetcher())
        await _together([work(fetcher) for fetcher in self._fetchers[: len(feeds)]])
        return tuple(done)

    async def poll(self, feed: Feed, fetcher: Fetches, now: datetime, *, force: bool = False) -> Polled:
        """One feed down the line. A feed that fails is an error on that feed alone; nothing of it is stored half."""
        stored = await self.in_store(lambda: ask.feed(self._store.connection, feed.url))
        before = stored or FeedState(url=feed.url, next_poll_at=now)
        if before.not_before is not None and before.not_before > now and not force:
            return Polled(feed=feed, error=f"asked us to wait until {before.not_before:%Y-%m-%d %H:%M} UTC")
        try:
            response = await fetcher.fetch(_request(before, now))
            parsed = await self._parse(response, before, feed, now)
        except FeedError as error:
            failed = _failed(before, feed, self.world.every, error, now)
            await self.in_store(lambda: take(self._store, self.world, feed, (), after=failed, now=now))
            return Polled(feed=feed, error=_reason(error, feed))
        after = _went_well(before, response, parsed, _every(feed, self.world.every), now)
        learned = await self.learn(feed, parsed.items if parsed else (), after, now)
        return Polled(feed=feed, learned=learned, unchanged=parsed is None)

    async def _parse(self, response: Response, before: FeedState, feed: Feed, now: datetime) -> ParsedFeed | None:
        """The feed in a response; None where nothing changed: a 304, or the very bytes of last time."""
        body = response.body
        if body is None or (before.digest is not None and _digest(body) == before.digest):
            return None
        parsed = await asyncio.to_thread(parse_feed, body, content_type=response.content_type, url=feed.url, now=now)
        if parsed.truncated:
            raise ParseError("breaks off before its end; nothing of it was kept")
        return parsed

    async def learn(self, feed: Feed, items: Sequence[Item], after: FeedState, now: datetime) -> Learned:
        """Items down the rest of the line: read, decide, commit with the feed's new state."""
        return await self.in_store(lambda: take(self._store, self.world, feed, items, after=after, now=now))

    # ---- follow: fetch → parse → read → decide → commit, once more for the page behind an item

    async def follow(self, now: datetime) -> tuple[Followed, ...]:
        """Read the linked pages that are due, one of each host; the next one of a host has its turn at the next call."""
        if self._pages is None:
            return ()
        pages, store, world = self._pages, self._store, self.world
        due = await self.in_store(lambda: follow.claim(store, world, now))
        return tuple(await _together([follow.follow(page, pages, store, world, self.in_store, now=now) for page in due]))

    # ---- deliver: claim → render → send → record

    async def deliver(self, now: datetime, *, at_once: bool = False) -> tuple[Sent, ...]:
        """Send what is due, each target on its own: one that hangs delays no other.

        `at_once` does not wait for others to say the same; quiet hours, digests and the rest after a failure hold.
        """
        early = self.world.audience.policy.group_wait if at_once else timedelta(0)
        await self.recover()
        await self.in_store(lambda: drop_muted(self._store, self.world, now))
        sent = await _together([self._deliver_to(target, now, early=early) for target in self.world.targets])
        return tuple(one for several in sent for one in several)

    async def _deliver_to(self, target: Target, now: datetime, *, early: timedelta) -> list[Sent]:
        done: list[Sent] = []
        while True:
            delivery = await self.in_store(lambda: self._outbox.claim(target, now, early=early))
            if delivery is None:
                return done
            sent = await self._send(target, delivery, now)
            if sent is None:
                continue
            done.append(sent)
            if sent.receipt.outcome != "sent":
                return done

    async def _send(self, target: Target, delivery: Delivery, now: datetime) -> Sent | None:
        """One claimed delivery: rendered from the ledger as it stands now, sent, and its outcome recorded."""
        message, changes = await self.in_store(lambda: render(self._store, self.world, target, delivery, now=now))
        if message is None:
            await self.in_store(lambda: self._outbox.dropped(delivery, "superseded before it was told"))
            return None
        self._under_way.add(delivery.id)
        try:
            receipt = await self._sender.send(target, message)
            await self.in_store(lambda: self._record(delivery, message, receipt, now))
        except asyncio.CancelledError:
            await self.in_store(lambda: self._outbox.failed(delivery, "stopped while sending", now, timedelta(0), unknown=True))
            raise
        finally:
            self._under_way.discard(delivery.id)
        return Sent(target=target.name, message=message, changes=changes, receipt=receipt)

    def _record(self, delivery: Delivery, message: Message, receipt: Receipt, now: datetime) -> None:
        if receipt.outcome == "sent":
            self._outbox.sent(delivery, message.title, now)
            return
        failures = ask.target(self._store.connection, delivery.target).failures
        self._outbox.failed(delivery, receipt.detail, now, resend(failures), unknown=receipt.outcome == "unknown")

    def _configure(self, now: datetime) -> None:
        urls = [feed.url for feed in self.world.feeds]
        known = {state.url for state in ask.feeds(self._store.connection)}
        new = iter(first_polls([url for url in urls if url not in known], now))
        self._store.configure(self.world.titles, self.world.feeds, now, [now if url in known else next(new) for url in urls])
        take_known(self._store, self.world, now)


async def _together(work: Sequence[Coroutine[Any, Any, T]]) -> list[T]:
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


def _request(state: FeedState, now: datetime) -> Request:
    return Request(
        url=state.url, etag=state.etag, last_modified=state.last_modified, validators_from=state.validators_from, at=now
    )


def _every(feed: Feed, default: int) -> timedelta:
    return timedelta(seconds=feed.every or default)


def _digest(body: bytes) -> str:
    return hashlib.blake2s(body, digest_size=16).hexdigest()


def _went_well(before: FeedState, response: Response, parsed: ParsedFeed | None, every: timedelta, now: datetime) -> FeedState:
    """The feed's state after a good answer; a 304 may bring fresh validators, and keeps those it does not name."""
    hints = (response.max_age, parsed.hints.ttl_s, parsed.hints.update_s) if parsed else (response.max_age,)
    fresh = response.body is not None
    return replace(
        before,
        next_poll_at=next_poll(now, every=every, hints=hints),
        etag=response.etag if fresh else response.etag or before.etag,
        last_modified=response.last_modified if fresh else response.last_modified or before.last_modified,
        validators_from=response.url,
        digest=_digest(response.body) if response.body is not None else before.digest,
        first_ok_at=before.first_ok_at or now,
        last_ok_at=now,
        last_poll_at=now,
        not_before=None,
        failures=0,
        status=response.status,
        error=None,
        items=len(parsed.items) if parsed else before.items,
    )


def _failed(before: FeedState, feed: Feed, default: int, error: FeedError, now: datetime) -> FeedState:
    """The feed's state after a failure: validators and items stay as they were, the next try comes later."""
    wanted = error.retry_after if isinstance(error, FetchError) else None
    due = retry(
        now,
        every=_every(feed, default),
        failures=before.failures + 1,
        answered=not isinstance(error, FetchError) or error.status is not None,
        retry_after=wanted,
        url=feed.url,
    )
    return replace(
        before,
        next_poll_at=due,
        last_poll_at=now,
        not_before=due if wanted else None,
        failures=before.failures + 1,
        status=error.status if isinstance(error, FetchError) else before.status,
        error=_reason(error, feed),
    )


def _reason(error: FeedError, feed: Feed) -> str:
    """Why a feed failed, without the address that stands before it: whoever shows it names the outlet."""
    return str(error).removeprefix(f"{safe_url(feed.url)}: ")
