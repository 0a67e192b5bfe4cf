"""The end of the line: claim → render → send → record. Each delivery is claimed before it leaves and recorded after.

What a process leaves behind between the two may have gone out: it is sent again, and says so.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from watcher.learn import World
from watcher.model import Change, Target
from watcher.rendering import render
from watcher.send import Receipt
from watcher.store import ask
from watcher.store.outbox import Delivery, Outbox
from watcher.store.store import Store
from watcher.tell.message import Message
from watcher.tell.schedule import resend
from watcher.underway import Aside
from watcher.userword import drop_muted


class Sends(Protocol):
    """What the engine needs of a sender."""

    async def send(self, target: Target, message: Message) -> Receipt:
        """One send, with what is known of its outcome."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """One send that was tried, and its receipt."""

    target: str
    message: Message
    changes: tuple[Change, ...]
    receipt: Receipt


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
        while True:
            delivery = await self._in_store(lambda: self._claim(target, now, early))
            if delivery is None:
                return done
            try:
                sent = await self._send(target, delivery, now)
            finally:
                self._under_way.discard(delivery.id)
            if sent is None:
                continue
            done.append(sent)
            if sent.receipt.outcome != "sent" or self.stopping:
                return done

    def _claim(self, target: Target, now: datetime, early: timedelta) -> Delivery | None:
        """Claim what is due, and note on this same thread, on which `recover` asks, that it is under way from now on."""
        delivery = self.outbox.claim(target, now, early=early)
        if delivery is not None:
            self._under_way.add(delivery.id)
        return delivery

    async def _send(self, target: Target, delivery: Delivery, now: datetime) -> Sent | None:
        """One claimed delivery: rendered from the ledger as it stands now, sent, and its outcome recorded."""
        message, changes = await self._in_store(lambda: render(self._store, self._world, target, delivery, now=now))
        if message is None:
            await self._in_store(lambda: self.outbox.dropped(delivery, "superseded before it was told"))
            return None
        try:
            receipt = await self.sender.send(target, message)
            await self._in_store(lambda: self._record(delivery, message, receipt, now))
        except asyncio.CancelledError:
            await self._in_store(lambda: self.outbox.failed(delivery, "stopped while sending", now, timedelta(0), unknown=True))
            raise
        return Sent(target=target.name, message=message, changes=changes, receipt=receipt)

    def _record(self, delivery: Delivery, message: Message, receipt: Receipt, now: datetime) -> None:
        if receipt.outcome == "sent":
            self.outbox.sent(delivery, message.title, now)
            return
        failures = ask.target(self._store.connection, delivery.target).failures
        self.outbox.failed(delivery, receipt.detail, now, resend(failures), unknown=receipt.outcome == "unknown")
