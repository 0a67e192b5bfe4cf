"""What a claimed delivery says: composed from the ledger as it stands when it leaves, not as it stood when it was made.

Runs on the store's own thread, like everything that asks the store for the engine.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from watcher.decide import health
from watcher.decide.milestones import told_release
from watcher.decide.netting import as_heard, net
from watcher.decide.stories import with_originals
from watcher.decide.telling import takes_back
from watcher.learn import World
from watcher.model import Change, Evidence, ReleaseKey, Target
from watcher.store import ask
from watcher.store.outbox import Delivery, Part
from watcher.store.store import Store
from watcher.tell.countdown import Dated
from watcher.tell.health import FeedTold, render_health
from watcher.tell.message import House, Message, Told
from watcher.tell.milestones import render_milestone
from watcher.tell.summary import render_summary
from watcher.tell.words import render_alert


def render(
    store: Store, world: World, target: Target, delivery: Delivery, *, now: datetime
) -> tuple[Message | None, tuple[Change, ...]]:
    """The message of a delivery and the changes it tells; no message where nothing of it holds any more."""
    writer = _Writer(store=store, world=world, target=target, delivery=delivery, now=now)
    (part,) = delivery.parts
    return writer.part(part)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Writer:
    """Puts one delivery into words, for one target at one moment."""

    store: Store
    world: World
    target: Target
    delivery: Delivery
    now: datetime

    @property
    def today(self) -> date:
        """The user's day."""
        return self.now.astimezone(self.world.audience.zone).date()

    def part(self, part: Part) -> tuple[Message | None, tuple[Change, ...]]:
        """What is told of one title, or of the service."""
        if part.kind == "summary":
            return self._summary(part), ()
        if part.kind == health.KIND:
            return self._health(part), ()
        if part.kind == "milestone":
            return self._milestone(part), ()
        return self._alert(part)

    def _name(self, title: str) -> str:
        known = self.world.by_id.get(title)
        return known.name if known else title

    def _summary(self, part: Part) -> Message:
        """What is believed at the end of a title's first pass."""
        title = self.world.by_id.get(part.title)
        return render_summary(
            self._name(part.title),
            ask.facts(self.store.connection, title=part.title),
            message_id=self.delivery.id,
            target=self.target,
            dates=self.world.audience.dates,
            today=self.today,
            regions=self.world.audience.regions,
            origin=title.origin if title else "US",
        )

    def _health(self, part: Part) -> Message | None:
        """How feeds are that were in trouble or are well again; what ended before it was told is not told at all."""
        feeds = {health.mark_of(feed.url): feed for feed in self.world.feeds}
        db, told = self.store.connection, []
        for subject in part.subjects:
            said = health.said(subject)
            feed = feeds.get(said.mark)
            state = None if feed is None else ask.feed(db, feed.url)
            if feed is None or state is None:
                continue
            if ask.was_sent(db, self.target.name, said.begun) if said.over else health.is_still(state, said, self.now):
                since = said.since
                told.append(FeedTold(outlet=feed.outlet, how=said.how, since=since, reason=state.error or "", over=said.over))
        if not told:
            return None
        return render_health(
            told,
            message_id=self.delivery.id,
            target=self.target,
            dates=self.world.audience.dates,
            may_repeat=self.delivery.may_repeat,
        )

    def _milestone(self, part: Part) -> Message | None:
        """How far off a release is today; nothing where its date has moved since."""
        key, date = told_release(part.subjects[0])
        fact = ask.fact(self.store.connection, key)
        if fact is None or not isinstance(key, ReleaseKey) or fact.value.date is None or str(fact.value.date) != date:
            return None
        return render_milestone(
            self._name(part.title),
            Dated(fact=fact, key=key, date=fact.value.date),
            message_id=self.delivery.id,
            target=self.target,
            dates=self.world.audience.dates,
            today=self.today,
            may_repeat=self.delivery.may_repeat,
        )

    def _alert(self, part: Part) -> tuple[Message | None, tuple[Change, ...]]:
        """The changes of a delivery, those that still hold and that somebody still says, each as it is news to this target."""
        db = self.store.connection
        facts = {c.key: fact for c in part.changes if (fact := ask.fact(db, c.key)) is not None}
        said = [c for c in part.changes if not c.new.known or ask.is_said(db, c.key)]
        heard = (self._as_heard(change) for change in net(said, facts))
        changes = tuple(change for change in heard if change is not None)
        if not changes:
            return None, ()
        message = render_alert(
            [told(self.store, self.world, change) for change in changes],
            title_name=self._name(part.title),
            message_id=self.delivery.id,
            target=self.target,
            dates=self.world.audience.dates,
            today=self.today,
            home_regions=home_regions(self.world, part.title),
            may_repeat=self.delivery.may_repeat,
            late=any(change.late for change in changes),
        )
        return message, changes

    def _as_heard(self, change: Change) -> Change | None:
        """A change as it is news to a target, by what left for it before; what is only taken back, to who was told."""
        db, this = self.store.connection, self.delivery.id
        told = self.target.name in ask.told(db, change.key, but=this)
        if takes_back(change) and not told:
            return None
        return as_heard(change, told=told, last=ask.last_told(db, self.target.name, change.key, but=this))


def home_regions(world: World, title: str) -> tuple[str, ...]:
    """The regions whose dates count for the user, and the title's own."""
    known = world.by_id.get(title)
    return (*world.audience.regions, *([known.origin] if known else ()))


def told(store: Store, world: World, change: Change) -> Told:
    """A change with those who say it: first who published it first, though another feed may have been read before theirs."""
    said = agreeing(store, world, change)
    voices = world.judge.first_of_each(said)
    first = next((e for e in voices if world.judge.says(e, change)), None)
    if first is not None:
        change = replace(
            change,
            outlet=first.source.outlet,
            credits=first.claim.credits,
            sentence=first.claim.sentence.text,
            link=first.source.link,
        )
    others = dict.fromkeys(e.source.outlet for e in voices if e.source.outlet and e.source.outlet != change.outlet)
    houses = _houses(said, world)
    counted = {change.outlet, *others, *(outlet for house in houses for outlet in house.outlets)}
    return Told(
        change=change,
        agree=tuple(others),
        houses=houses,
        repeats=tuple(outlet for outlet in _outlets(said) if outlet not in counted),
        article=first.source.title if first is not None else "",
    )


def _houses(said: Sequence[Evidence], world: World) -> tuple[House, ...]:
    """The owners of whom several outlets say it."""
    names: dict[str, list[str]] = {}
    for outlet in _outlets(said):
        names.setdefault(world.catalogue.outlet(outlet).owner, []).append(outlet)
    return tuple(House(owner=owner, outlets=tuple(outlets)) for owner, outlets in names.items() if len(outlets) > 1)


def _outlets(said: Sequence[Evidence]) -> list[str]:
    """Who says it, each once, first said first."""
    return list(dict.fromkeys(e.source.outlet for e in sorted(said, key=lambda e: e.order) if e.source.outlet))


def agreeing(store: Store, world: World, change: Change) -> list[Evidence]:
    """All claims that say what a change says, of its own days or since."""
    since = change.at - world.audience.policy.fresh_for
    said = with_originals(ask.evidence(store.connection, change.key), world.judge)
    return [e for e in said if e.at >= since and world.judge.agrees(e, change.new)]
