"""What a claimed delivery says: composed from the ledger as it stands when it leaves, not as it stood when it was made.

Runs on the store's own thread, like everything that asks the store for the engine.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from watcher.decide import health
from watcher.decide.milestones import chain_of, is_overtaken, rung_of
from watcher.decide.netting import net
from watcher.decide.stories import with_originals
from watcher.decide.telling import takes_back
from watcher.learn import World
from watcher.model import Change, Evidence, Target
from watcher.store import ask
from watcher.store.outbox import Delivery
from watcher.store.ringing import other_rungs
from watcher.store.store import Store
from watcher.tell.countdown import releases_in, whose
from watcher.tell.health import FeedTold, render_health
from watcher.tell.message import Message, Told
from watcher.tell.milestones import render_milestone
from watcher.tell.summary import render_summary
from watcher.tell.words import render_alert


def render(
    store: Store, world: World, target: Target, delivery: Delivery, *, now: datetime
) -> tuple[Message | None, tuple[Change, ...]]:
    """The message of a delivery and the changes it tells; no message where nothing of it holds any more."""
    today = now.astimezone(world.audience.zone).date()
    if delivery.kind == "summary":
        return _summary(store, world, target, delivery, today), ()
    if delivery.kind == health.KIND:
        return _health(store, world, target, delivery, now), ()
    if delivery.kind == "milestone":
        return _milestone(store, world, target, delivery, now), ()
    return _alert(store, world, target, delivery, today)


def _summary(store: Store, world: World, target: Target, delivery: Delivery, today: date) -> Message:
    """What is believed at the end of a title's first pass."""
    title = world.by_id.get(delivery.title)
    return render_summary(
        title.name if title else delivery.title,
        ask.facts(store.connection, title=delivery.title),
        message_id=delivery.id,
        target=target.name,
        today=today,
        regions=world.audience.regions,
        origin=title.origin if title else "US",
    )


def _health(store: Store, world: World, target: Target, delivery: Delivery, now: datetime) -> Message | None:
    """How feeds are that were in trouble or are well again; what ended before it was told is not told at all."""
    feeds = {health.mark_of(feed.url): feed for feed in world.feeds}
    told = []
    for subject in delivery.subjects:
        said = health.said(subject)
        feed = feeds.get(said.feed)
        state = None if feed is None else ask.feed(store.connection, feed.url)
        if feed is None or state is None:
            continue
        if ask.was_sent(store.connection, target.name, said.begun) if said.over else health.is_still(state, said, now):
            since = said.since
            told.append(FeedTold(outlet=feed.outlet, how=said.how, since=since, reason=state.error or "", over=said.over))
    if not told:
        return None
    return render_health(
        told, message_id=delivery.id, target=target.name, zone=world.audience.zone, may_repeat=delivery.may_repeat
    )


def _milestone(store: Store, world: World, target: Target, delivery: Delivery, now: datetime) -> Message | None:
    """How far off a release is today; nothing where its date has moved since, another region's counts, or it was said already."""
    title = world.by_id.get(delivery.title)
    if title is None:
        return None
    (subject,) = delivery.subjects
    rung, zone = rung_of(subject), world.audience.zone
    chain = chain_of(target, title, world.audience)
    releases = releases_in(ask.facts(store.connection, title=title.id), chain)
    same_day = [release for release in releases if release.date.is_day and release.date.earliest == rung.date]
    release = next((release for release in same_day if release.key == rung.key), None)
    if release is None or is_overtaken(rung, other_rungs(store.connection, target.name, subject), now, zone):
        return None
    return render_milestone(
        title.name,
        release,
        message_id=delivery.id,
        target=target.name,
        today=now.astimezone(zone).date(),
        also=[other for other in same_day if other is not release],
        note=whose(release.key, chain),
        may_repeat=delivery.may_repeat,
    )


def _alert(
    store: Store, world: World, target: Target, delivery: Delivery, today: date
) -> tuple[Message | None, tuple[Change, ...]]:
    """The changes of a delivery, those that still hold and that somebody still says; what was taken back, to who was told."""
    facts = {c.key: fact for c in delivery.changes if (fact := ask.fact(store.connection, c.key)) is not None}
    said = [c for c in delivery.changes if not c.new.known or ask.is_said(store.connection, c.key)]
    changes = tuple(c for c in net(said, facts) if not takes_back(c) or target.name in _told_before(store, c, delivery))
    if not changes:
        return None, ()
    title = world.by_id.get(delivery.title)
    message = render_alert(
        [told(store, world, change) for change in changes],
        title_name=title.name if title else delivery.title,
        message_id=delivery.id,
        target=target.name,
        today=today,
        home_regions=home_regions(world, delivery.title),
        may_repeat=delivery.may_repeat,
        late=any(change.late for change in changes),
    )
    return message, changes


def _told_before(store: Store, change: Change, delivery: Delivery) -> frozenset[str]:
    """The targets that a delivery about this fact left for before this one."""
    return ask.told(store.connection, change.key, but=delivery.id)


def home_regions(world: World, title: str) -> tuple[str, ...]:
    """The regions whose dates count for the user, and the title's own."""
    known = world.by_id.get(title)
    return (*world.audience.regions, *([known.origin] if known else ()))


def told(store: Store, world: World, change: Change) -> Told:
    """A change with those who say it: first who published it first, though another feed may have been read before theirs."""
    voices = world.judge.first_of_each(agreeing(store, world, change))
    first = next((e for e in voices if world.judge.says(e, change)), None)
    if first is not None:
        change = replace(
            change,
            outlet=first.source.outlet,
            credits=first.claim.credits,
            sentence=first.claim.sentence.text,
            link=first.source.link,
        )
    others = [e.source.outlet for e in voices if e.source.outlet and e.source.outlet != change.outlet]
    return Told(change=change, agree=tuple(dict.fromkeys(others)))


def agreeing(store: Store, world: World, change: Change) -> list[Evidence]:
    """All claims that say what a change says, of its own days or since."""
    since = change.at - world.audience.policy.fresh_for
    said = with_originals(ask.evidence(store.connection, change.key), world.judge)
    return [e for e in said if e.at >= since and world.judge.agrees(e, change.new)]
