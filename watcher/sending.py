"""The end of the line: claim → render → send → record. Each delivery is claimed before it leaves and recorded after.

What a process leaves behind between the two may have gone out: it is sent again, and says so.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from watcher.decide.health import given_up_notices, target_notices
from watcher.decide.intents import Plan
from watcher.errors import WatcherError
from watcher.learn import World
from watcher.model import Change, Target
from watcher.rendering import render
from watcher.send import Receipt
from watcher.store import ask
from watcher.store.outbox import SUPERSEDED, Delivery, Outbox
from watcher.store.store import Store
from watcher.tell.message import Message
from watcher.tell.schedule import resend
from watcher.underway import Aside
from watcher.userword import drop_muted

log = logging.getLogger("watcher")
T = TypeVar("T")


class Sends(Protocol):
    """What the engine needs of a sender."""

    async def send(self, target: Target, message: Message) -> Receipt:
        """One send, with what is known of its outcome."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """One send that was tried, and its receipt. `given_up` says that it is not tried again by itself."""

    target: str
    message: Message
    changes: tuple[Change, ...]
    receipt: Receipt
    given_up: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """A claimed delivery, what it says, and the subjects of it that do not hold any more, which it leaves out."""

    delivery: Delivery
    message: Message
    changes: tuple[Change, ...]
    left_out: frozenset[str]


class Sending:
    """Sends for one engine, on its event loop. Once it is `stopping`, no target is sent another thing."""

    def __init__(self, store: Store, world: World, sender: Sends, in_store: Aside) -> None:
        self._store, self._world, self._in_store = store, world, in_store
        self.outbox, self.sender = Outbox(store), sender
        self.stopping = False
        self._under_way: set[str] = set()

    async def recover(self) -> int:
        """Deliveries that nobody is sending any more may have gone out: mark them. Returns how many there are."""
        return await self._in_store(lambda: self.outbox.recover(self._under_way))

    async def begin(self, now: datetime) -> None:
        """What is to be done before targets are asked what is due to them: leftovers are marked, what is muted is dropped."""
        await self.recover()
        await self._in_store(lambda: drop_muted(self._store, self._world, now))

    async def to(self, target: Target, now: datetime, *, early: timedelta = timedelta(0)) -> list[Sent]:
        """Send a target all that is due, or due `early` before its time; after a send that failed it rests."""
        done: list[Sent] = []
        while (ready := await self._to_its_end(lambda: self._prepare(target, now, early), undo=self._give_back)) is not None:
            try:
                sent = await self._send(target, ready, now)
            finally:
                self._under_way.discard(ready.delivery.id)
            done.append(sent)
            passes = sent.receipt.outcome == "sent" or sent.receipt.refuses
            if not passes or self.stopping:
                break
        return done

    # ---- on the store's thread: claim → render

    def _prepare(self, target: Target, now: datetime, early: timedelta) -> Ready | None:
        """Claim what is due and put it into words, on the one thread on which `recover` asks what is under way.

        What holds no more is dropped on the way, and what cannot be put into words is passed over.
        """
        zone = self._world.audience.zone
        while (delivery := self.outbox.claim(target, now, early=early, zone=zone)) is not None:
            self._under_way.add(delivery.id)
            try:
                ready = self._in_words(target, delivery, now)
            except BaseException:
                self._under_way.discard(delivery.id)
                raise
            if ready is not None:
                return ready
            self._under_way.discard(delivery.id)
        return None

    def _in_words(self, target: Target, delivery: Delivery, now: datetime) -> Ready | None:
        try:
            message, changes, left_out = render(self._store, self._world, target, delivery, now=now)
        except WatcherError:
            self.outbox.released(delivery)
            raise
        except Exception:
            # One of the two loops that must survive whatever a day brings: the other alerts of this target must not wait for it.
            log.exception("an alert for %s could not be put into words (%s)", target.name, delivery.id)
            self._refused(delivery, "", "it could not be put into words; this is a bug of watcher, its log says more", now)
            return None
        if message is None:
            self.outbox.dropped(delivery, SUPERSEDED)
            return None
        return Ready(delivery=delivery, message=message, changes=changes, left_out=left_out)

    def _give_back(self, ready: Ready | None) -> None:
        if ready is not None:
            self.outbox.released(ready.delivery)
            self._under_way.discard(ready.delivery.id)

    # ---- send → record

    async def _send(self, target: Target, ready: Ready, now: datetime) -> Sent:
        """One send, and its outcome recorded."""
        try:
            receipt = await self.sender.send(target, ready.message)
        except asyncio.CancelledError:
            lost = Receipt(outcome="unknown", detail="stopped while sending")
            await self._in_store(
                lambda: self.outbox.failed(ready.delivery, lost.detail, now, timedelta(0), unknown=True, left_out=ready.left_out)
            )
            raise
        sent = Sent(target=target.name, message=ready.message, changes=ready.changes, receipt=receipt)
        given_up = await self._to_its_end(lambda: self._record(ready, receipt, now))
        return replace(sent, given_up=given_up)

    def _record(self, ready: Ready, receipt: Receipt, now: datetime) -> bool:
        """What came of a send, and whether it is given up; in the same commit, who is to hear that a target is out of reach."""
        name = ready.delivery.target
        with self._store.transaction():
            before, given_up = ask.target(self._store.connection, name), False
            if receipt.outcome == "sent":
                self.outbox.sent(ready.delivery, ready.message.title, now, left_out=ready.left_out)
            elif receipt.outcome == "failed" and receipt.refuses:
                given_up = self._refused(ready.delivery, ready.message.title, receipt.detail, now)
            else:
                wait = resend(before.failures, receipt.retry_after)
                unknown = receipt.outcome == "unknown"
                self.outbox.failed(ready.delivery, receipt.detail, now, wait, unknown=unknown, left_out=ready.left_out)
            after = ask.target(self._store.connection, name)
            self._store.apply(Plan(at=now, notices=target_notices(before, after, self._world.audience, now)))
        return given_up

    def _refused(self, delivery: Delivery, subject: str, detail: str, now: datetime) -> bool:
        """It is this message that is not taken. Returns whether it is given up, which somebody has to hear."""
        with self._store.transaction():
            given_up = self.outbox.refused(delivery, subject, detail, now, resend(delivery.refused))
            if given_up:
                subjects = [subject for part in delivery.parts for subject in part.subjects]
                self._store.apply(Plan(at=now, notices=given_up_notices(delivery.id, subjects, self._world.audience, now)))
        return given_up

    async def _to_its_end(self, work: Callable[[], T], *, undo: Callable[[T], None] = lambda _: None) -> T:
        """Work on the store's thread that a stop does not cut off: then it is undone, or its outcome must be kept."""
        task = asyncio.ensure_future(self._in_store(work))
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            done = await task
            await self._in_store(lambda: undo(done))
            raise
