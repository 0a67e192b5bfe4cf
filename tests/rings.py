"""A countdown for tests: a real store in which facts are revised by hand, looked at and told at moments of the test's choice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from builders import TITLE, world

from watcher.decide.intents import Plan
from watcher.edtf import Edtf
from watcher.model import Confidence, Fact, ReleaseKey, ReleaseType, Target, Value
from watcher.rendering import render
from watcher.ringing import Ringing
from watcher.store import ask
from watcher.store.outbox import Outbox
from watcher.store.store import Store

HOME = ReleaseKey(title=TITLE.id, region="GB", type=ReleaseType.THEATRICAL)
ABROAD = replace(HOME, region="US")
DIGITAL = replace(HOME, type=ReleaseType.DIGITAL)
PHONE = Target(name="phone")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """An alert as it left: when by the machine's clock, its subject in the outbox, its headline and its body."""

    at: datetime
    subject: str
    headline: str
    body: str


class Clock:
    """A store at `path`, for somebody in Britain who waits for an American film."""

    def __init__(self, path: Path, *, targets: Sequence[Target] = (PHONE,), zone: str = "Europe/London") -> None:
        self.store = Store(path / "watcher.db")
        self.outbox = Outbox(self.store)
        made = world(targets=targets)
        self.world = replace(made, audience=replace(made.audience, regions=("GB",), zone=ZoneInfo(zone)))
        self.restart()

    def restart(self) -> None:
        """The process begins anew, and remembers nothing but what is stored."""
        self.ringing = Ringing(self.store, self.world)

    def hold(
        self,
        date: str | Value,
        at: datetime | str,
        *,
        key: ReleaseKey = ABROAD,
        confidence: Confidence = Confidence.CONFIRMED,
    ) -> None:
        """A release has this date from now on."""
        now = moment(at)
        fact = Fact(
            key=key,
            revision=1 + len(ask.revisions(self.store.connection, key)),
            value=Value(date=Edtf(date)) if isinstance(date, str) else date,
            confidence=confidence,
            evidence=(),
            outlets=("The Ledger",),
            since=now,
            recorded_at=now,
        )
        self.store.apply(Plan(at=now, facts=(fact,)))

    def ring(self, at: datetime | str) -> None:
        """Look what is to be rung, and deliver nothing."""
        self.ringing.ring(moment(at))

    def look(self, at: datetime | str, target: Target = PHONE) -> list[str]:
        """One pass for one target: the headlines that it gets."""
        self.ring(at)
        return [sent.headline for sent in self.deliver(at, target)]

    def deliver(self, at: datetime | str, target: Target = PHONE, *, fails: bool = False) -> list[Sent]:
        """What a target is told of what is due, or refuses."""
        now, told = moment(at), []
        while (delivery := self.outbox.claim(target, now)) is not None:
            message, _, left_out = render(self.store, self.world, target, delivery, now=now)
            if message is None:
                self.outbox.dropped(delivery, "not any more")
            elif fails:
                self.outbox.failed(delivery, "refused", now, timedelta(hours=1))
            else:
                told += [
                    Sent(at=now, subject=part.subjects[0], headline=alone.title, body=alone.body)
                    for part in delivery.parts
                    if (alone := render(self.store, self.world, target, replace(delivery, parts=(part,)), now=now)[0])
                ]
                self.outbox.sent(delivery, message.title, now, left_out=left_out)
        return told


def moment(at: datetime | str) -> datetime:
    """A moment; written without a zone it is London's in winter, which is UTC."""
    found = datetime.fromisoformat(at) if isinstance(at, str) else at
    return found.replace(tzinfo=ZoneInfo("UTC")) if found.tzinfo is None else found
