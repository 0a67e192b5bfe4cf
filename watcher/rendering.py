"""What a claimed delivery says: composed from the ledger as it stands when it leaves, not as it stood when it was made.

Runs on the store's own thread, like everything that asks the store for the engine.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from watcher.decide import health as conditions
from watcher.decide import milestones as rungs
from watcher.decide.health import How, Said
from watcher.decide.milestones import chain_of, is_overtaken, rung_of
from watcher.decide.netting import as_heard, net
from watcher.decide.stories import with_originals
from watcher.decide.telling import takes_back
from watcher.learn import World
from watcher.model import Change, Evidence, ReleaseKey, Target
from watcher.store import ask
from watcher.store.outbox import Delivery, Part
from watcher.store.ringing import other_rungs
from watcher.store.store import Store
from watcher.store.undelivered import given_up
from watcher.tell.blocks import Piece
from watcher.tell.countdown import releases_in, whose
from watcher.tell.health import Trouble, health
from watcher.tell.layout import message_of
from watcher.tell.message import House, Message, Told
from watcher.tell.milestones import milestone
from watcher.tell.phrases import importance
from watcher.tell.summary import summary
from watcher.tell.words import alert

#: Longer than a night or a digest holds anything back: what comes later says of which day its news is.
_LATE = timedelta(hours=26)

#: Of several kinds in one message, which comes first and whose priority it has.
_KINDS = ("release", "casting", "countdown", "health")

#: Sorts a summary behind all that `importance` sorts.
_AFTER_CHANGES = (9,)


def render(
    store: Store, world: World, target: Target, delivery: Delivery, *, now: datetime
) -> tuple[Message | None, tuple[Change, ...], frozenset[str]]:
    """The message of a delivery, the changes it tells, and the subjects that it leaves out because they do not hold any more.

    There is no message where nothing of the delivery holds.
    """
    writer = _Writer(store=store, world=world, target=target, delivery=delivery, now=now)
    written = sorted((one for part in delivery.parts if (one := writer.part(part)) is not None), key=lambda one: one.rank)
    left_out = frozenset(subject for part in delivery.parts for subject in part.subjects)
    left_out -= {subject for one in written for subject in one.subjects}
    if not written:
        return None, (), left_out
    named = replace(target, titles=tuple(map(writer.name, target.titles)))
    message = message_of([one.piece for one in written], message_id=delivery.id, target=named, may_repeat=delivery.may_repeat)
    kind = dict(target.priority).get(written[0].kind)
    # The configuration knows no other words than these.
    message = message if kind is None else replace(message, kind=kind)  # type: ignore[arg-type]
    return message, tuple(change for one in written for change in one.changes), left_out


@dataclass(frozen=True, slots=True, kw_only=True)
class _Written:
    """What a part of a delivery says, of which of its subjects; `kind` as a target asks for it. `weight` sorts those of one."""

    piece: Piece
    kind: str
    subjects: tuple[str, ...]
    changes: tuple[Change, ...] = ()
    weight: tuple[int, ...] = ()

    @property
    def rank(self) -> tuple[int, tuple[int, ...]]:
        """Sorts the parts of a message."""
        return _KINDS.index(self.kind), self.weight


@dataclass(frozen=True, slots=True, kw_only=True)
class _Writer:
    """Puts the parts of one delivery into words, for one target at one moment."""

    store: Store
    world: World
    target: Target
    delivery: Delivery
    now: datetime

    @property
    def today(self) -> date:
        """The user's day."""
        return self.now.astimezone(self.world.audience.zone).date()

    def part(self, part: Part) -> _Written | None:
        """What is told of one title, or of the service; None where nothing of it holds any more."""
        if part.kind == "summary":
            return _Written(piece=self._summary(part), kind="release", subjects=part.subjects, weight=_AFTER_CHANGES)
        if part.kind == conditions.KIND:
            found = {subject: self._trouble(conditions.said(subject)) for subject in part.subjects}
            told = {subject: trouble for subject, trouble in found.items() if trouble is not None}
            piece = health(list(told.values()), dates=self.world.audience.dates) if told else None
            return None if piece is None else _Written(piece=piece, kind="health", subjects=tuple(told))
        if part.kind == rungs.KIND:
            rings = self._milestone(part)
            return None if rings is None else _Written(piece=rings, kind="countdown", subjects=part.subjects)
        return self._alert(part)

    def name(self, title: str) -> str:
        """What a title is called, by its id."""
        known = self.world.by_id.get(title)
        return known.name if known else title

    def _summary(self, part: Part) -> Piece:
        """What is believed at the end of a title's first pass."""
        title = self.world.by_id.get(part.title)
        return summary(
            self.name(part.title),
            ask.facts(self.store.connection, title=part.title),
            dates=self.world.audience.dates,
            today=self.today,
            regions=self.world.audience.regions,
            origin=title.origin if title else "US",
        )

    def _trouble(self, said: Said) -> Trouble | None:
        """How a feed or a target is that was in trouble or is well again; what ended before it was told is not told at all."""
        if said.how is How.GIVEN_UP:
            return self._given_up(said)
        if said.over and not ask.was_sent(self.store.connection, self.target.name, said.begun):
            return None
        return self._target(said) if said.how is How.UNREACHED else self._feed(said)

    def _feed(self, said: Said) -> Trouble | None:
        feed = next((feed for feed in self.world.feeds if conditions.mark_of(feed.url) == said.mark), None)
        state = None if feed is None else ask.feed(self.store.connection, feed.url)
        if feed is None or state is None or not (said.over or conditions.is_still(state, said, self.now)):
            return None
        return Trouble(name=feed.outlet, how=said.how, since=said.since, reason=state.error or "", over=said.over)

    def _target(self, said: Said) -> Trouble | None:
        names = (target.name for target in self.world.targets if conditions.mark_of(target.name) == said.mark)
        name = next(names, None)
        state = None if name is None else ask.target(self.store.connection, name)
        if name is None or state is None or not (said.over or conditions.is_still_unreached(state, said)):
            return None
        return Trouble(name=name, how=said.how, since=said.since, reason=state.error or "", over=said.over)

    def _given_up(self, said: Said) -> Trouble | None:
        found = (dead for dead in given_up(self.store.connection) if conditions.mark_of(dead.id) == said.mark)
        dead = next(found, None)
        if dead is None:
            return None
        return Trouble(name=dead.target, how=said.how, since=said.since, reason=dead.detail, about=dead.subject)

    def _milestone(self, part: Part) -> Piece | None:
        """How far off a release is today; nothing where its date has moved, another region's counts, or it was said already."""
        title = self.world.by_id.get(part.title)
        if title is None:
            return None
        (subject,) = part.subjects
        rung, db = rung_of(subject), self.store.connection
        chain = chain_of(self.target, title, self.world.audience)
        releases = releases_in(ask.facts(db, title=title.id), chain)
        same_day = [release for release in releases if release.date.is_day and release.date.earliest == rung.date]
        release = next((release for release in same_day if release.key == rung.key), None)
        others = other_rungs(db, self.target.name, subject)
        if release is None or is_overtaken(rung, others, self.now, self.world.audience.zone):
            return None
        return milestone(
            title.name,
            release,
            today=self.today,
            dates=self.world.audience.dates,
            also=[other for other in same_day if other is not release],
            note=whose(release.key, chain),
        )

    def _alert(self, part: Part) -> _Written | None:
        """The changes of a part, those that still hold and that somebody still says, each as it is news to this target."""
        db = self.store.connection
        facts = {c.key: fact for c in part.changes if (fact := ask.fact(db, c.key)) is not None}
        said = [c for c in part.changes if not c.new.known or ask.is_said(db, c.key)]
        heard = (self._as_heard(change) for change in net(said, facts))
        changes = tuple(change for change in heard if change is not None)
        if not changes:
            return None
        home = home_regions(self.world, part.title)
        piece = alert(
            [told(self.store, self.world, change) for change in changes],
            title_name=self.name(part.title),
            dates=self.world.audience.dates,
            today=self.today,
            home_regions=home,
            late=any(change.late or self.now - facts[change.key].recorded_at > _LATE for change in changes),
        )
        kind = "release" if any(isinstance(change.key, ReleaseKey) for change in changes) else "casting"
        weight = min(importance(change, home_regions=home) for change in changes)
        keys = {change.key for change in changes}
        subjects = tuple(change.id for change in part.changes if change.key in keys)
        return _Written(piece=piece, kind=kind, subjects=subjects, changes=changes, weight=weight)

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
