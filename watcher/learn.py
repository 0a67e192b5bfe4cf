"""The middle of the line, on the store's own thread: new items → read → decide → commit, in one transaction.

Everything here is given the time, runs to its end without waiting for a network, and is called through the engine.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from ipaddress import IPv4Network, IPv6Network
from typing import Protocol, TypeVar

from watcher.catalogue import Catalogue
from watcher.decide.arrivals import Arrival, arrive, item_id, known_arrivals, known_digest, touched, version_of, with_story
from watcher.decide.byhand import hush, unread
from watcher.decide.health import health_notices
from watcher.decide.intents import LinkedPage, Plan
from watcher.decide.pages import wanted
from watcher.decide.plan import Before, make_plan, plan_summary
from watcher.decide.policy import Judge
from watcher.decide.stories import Stories, in_stories, in_story, last_of, told_by
from watcher.decide.telling import Audience
from watcher.decide.withdrawal import taken_back
from watcher.errors import Stale, StoreBusy, WatcherError
from watcher.model import Cause, Feed, FeedState, Item, Key, Outlet, Reading, SourceKind, Target, Title
from watcher.store import ask, listing, texts
from watcher.store.byhand import discarded, muted, named
from watcher.store.linked import is_wanted_already, linked_page
from watcher.store.store import Store

#: So many texts of each few days are compared with a new one, to know a copy.
_NEIGHBOURS = 300
T = TypeVar("T")

#: How often a plan is made again because somebody else wrote in between. Only another process can, so once is nearly enough.
_TRIES = 3


class Reads(Protocol):
    """A reader: what an item says of the titles it was made for. Rules today, anything that keeps this shape tomorrow."""

    def read(self, item: Item, outlet: Outlet | None = None) -> tuple[Reading, ...]:
        """One reading for each title that the item names."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What the engine is told once: titles, feeds, readers, whom to believe and whom to tell.

    `pages` says whether the articles behind items are read too, `keep` how long items stay that named no title.
    Hosts in the networks `allow` are the user's own: they need not be spared.
    """

    titles: tuple[Title, ...]
    feeds: tuple[Feed, ...]
    readers: tuple[Reads, ...]
    catalogue: Catalogue
    judge: Judge
    audience: Audience
    every: int
    pages: bool = False
    keep: timedelta = timedelta(days=365)
    allow: tuple[IPv4Network | IPv6Network, ...] = ()

    @property
    def by_id(self) -> dict[str, Title]:
        """The titles by their ids."""
        return {title.id: title for title in self.titles}

    @property
    def targets(self) -> tuple[Target, ...]:
        """Whom to tell."""
        return self.audience.targets


@dataclass(frozen=True, slots=True, kw_only=True)
class Learned:
    """What came of one poll: how many items were new, how many named a title, how many changes were made and will be told."""

    items: int = 0
    new: int = 0
    named: int = 0
    changes: int = 0
    told: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Taking:
    """A poll to be taken in: the feed's items, empty where nothing changed, and its state before and after.

    `brought` is its state after where any of the items is new to us, if that makes a difference to when it is asked next.
    """

    feed: Feed
    items: tuple[Item, ...]
    before: FeedState
    after: FeedState
    now: datetime
    brought: FeedState | None = None


def take(store: Store, world: World, feed: Feed, items: Sequence[Item], *, after: FeedState, now: datetime) -> Learned:
    """Read what is new among a feed's items, decide, and commit it with the feed's new state.

    Raises:
        StoreError: nothing was committed, the feed's validators neither.
    """
    before = ask.feed(store.connection, feed.url) or FeedState(url=feed.url, next_poll_at=now)
    taking = Taking(feed=feed, items=tuple(items), before=before, after=after, now=now)
    return _keep(store, world, taking, _read_new(store, world, taking))


def take_all(store: Store, world: World, takings: Sequence[Taking]) -> list[Learned | WatcherError]:
    """The same for several polls in one transaction; where that cannot be committed, each in one of its own.

    Each is decided on what those before it left. Returns what came of each, or why nothing did.
    """
    # The texts are read before the transaction begins, for another writer waits as long as it lasts.
    ready = [(taking, _read_new(store, world, taking)) for taking in takings]
    if len(ready) > 1:
        try:
            with store.transaction():
                return [_keep(store, world, taking, read) for taking, read in ready]
        except StoreBusy as error:
            return [error] * len(ready)  # to wait for the other writer once more for each would take minutes
        except WatcherError:
            pass  # one of them may be the reason; the others must not suffer for it
    outcomes: list[Learned | WatcherError] = []
    for taking, read in ready:
        try:
            outcomes.append(_keep(store, world, taking, read))
        except WatcherError as error:
            outcomes.append(error)
    return outcomes


def _read_new(store: Store, world: World, taking: Taking) -> list[tuple[Item, list[Reading]]]:
    """What is new among the items of a poll, read."""
    fresh = store.unseen(taking.feed.url, taking.items) if taking.items else []
    outlet = world.catalogue.outlet(taking.feed.outlet) if fresh else None
    return [(item, [reading for reader in world.readers for reading in reader.read(item, outlet)]) for item in fresh]


def _keep(store: Store, world: World, taking: Taking, read: Sequence[tuple[Item, Sequence[Reading]]]) -> Learned:
    """Decide on what a poll brought, and commit it with the feed's new state and what is told of its health."""
    now = taking.now
    after = (taking.brought or replace(taking.after, changed_at=now)) if read else taking.after
    told = health_notices(taking.before, after, world.audience, now)
    if not read:
        store.apply(Plan(at=now, feeds=(after,), notices=told, listed=_listed(taking)))
        return Learned(items=len(taking.items), told=len(told))
    arrivals, gone = _without_discarded(store, _arrivals(store, world, taking, read), now)
    pages = _pages(store, world, [a for a in arrivals if a.source.item not in gone], now) if world.pages else ()

    def finish(plan: Plan) -> Plan:
        return replace(plan, feeds=(after,), pages=pages, notices=(*plan.notices, *told), listed=_listed(taking))

    return learned_from(commit(store, world, arrivals, now, finish), arrivals, items=len(taking.items))


def _listed(taking: Taking) -> dict[str, tuple[str, ...]]:
    """What a document lists; a poll that brought none says nothing of it."""
    url = taking.feed.url
    return {url: tuple(item_id(url, item.guid) for item in taking.items)} if taking.items else {}


def _arrivals(store: Store, world: World, taking: Taking, read: Sequence[tuple[Item, Sequence[Reading]]]) -> list[Arrival]:
    """The new items of a poll as they arrive."""
    people = {title.id: ask.people(store.connection, title.id) for title in world.titles}
    versions = [version_of(taking.feed.url, item, taking.now) for item, _ in read]
    names = [version.item for version in versions]
    known, forgotten = ask.items_stored(store.connection, names), listing.forgotten(store.connection, names)
    return [
        arrive(
            version,
            readings,
            feed=taking.before,
            outlet=taking.feed.outlet,
            titles=world.by_id,
            people=people,
            fresh_for=world.audience.policy.fresh_for,
            earlier=texts.earlier(store.connection, version.item) if version.item in known else None,
            forgotten=version.item in forgotten - known,
        )
        for version, (_, readings) in zip(versions, read, strict=True)
    ]


def _without_discarded(store: Store, arrivals: Sequence[Arrival], now: datetime) -> tuple[list[Arrival], set[str]]:
    """Later versions of items that the user discards are kept unread; and which items those are."""
    gone = discarded(store.connection, [arrival.source.item for arrival in arrivals])
    kept = [
        replace(a, reads=unread(a.source, named(store.connection, a.source.item), now)) if a.source.item in gone else a
        for a in arrivals
    ]
    return kept, gone


def _pages(store: Store, world: World, arrivals: Sequence[Arrival], now: datetime) -> tuple[LinkedPage, ...]:
    """The pages behind these arrivals that deserve to be read, each address once."""
    found: dict[str, LinkedPage] = {}
    for arrival in arrivals:
        source = arrival.source
        if not arrival.reads or source.story in found:
            continue
        page = wanted(
            arrival,
            world.by_id,
            now,
            known=linked_page(store.connection, source.item),
            same_story=is_wanted_already(store.connection, source.story, source.item),
        )
        if page is not None:
            found[source.story] = page
    return tuple(found.values())


def learned_from(plan: Plan, arrivals: Sequence[Arrival], *, items: int) -> Learned:
    """What came of arrivals, by the plan that was applied; `items` is how many were looked at."""
    return Learned(
        items=items,
        new=len(arrivals),
        named=sum(bool(arrival.reads) for arrival in arrivals),
        changes=len(plan.changes),
        told=len({notice.subject for notice in plan.notices}),
    )


def take_known(store: Store, world: World, now: datetime) -> None:
    """Take in the known values of titles whose configuration is new or changed: silently, as the user's own word."""
    states = ask.titles(store.connection)
    for title in world.titles:
        mark = known_digest(title)
        if not title.known or states[title.id].known == mark:
            continue
        for arrival in known_arrivals(title, now):
            commit(store, world, [arrival], now, lambda plan: plan)
        store.apply(Plan(at=now, known={title.id: mark}))


def finish_learning(store: Store, world: World, now: datetime, *, waits: Callable[[], bool] = lambda: False) -> tuple[str, ...]:
    """End the silent first pass of titles once every feed was tried; what is believed by then goes out as one summary.

    `waits` is asked, where a title is still learned, whether anything else is to be read before.
    """
    urls = {feed.url for feed in world.feeds}
    if any(state.last_poll_at is None for state in ask.feeds(store.connection) if state.url in urls):
        return ()
    states = ask.titles(store.connection)
    waiting = [title for title in world.titles if states[title.id].learned_at is None]
    if waiting and waits():
        return ()
    for title in waiting:
        plan = plan_summary(title, ask.facts(store.connection, title=title.id), world.audience, now)
        store.apply(hushed(store, world, plan))
    return tuple(title.id for title in waiting)


def hushed(store: Store, world: World, plan: Plan) -> Plan:
    """The plan without what muted titles would tell."""
    return hush(plan, muted(store.connection, plan.at), world.audience.zone)


def commit(
    store: Store,
    world: World,
    arrivals: Sequence[Arrival],
    now: datetime,
    finish: Callable[[Plan], Plan],
    *,
    cause: Cause = Cause.NEWS,
    whole: bool = False,
    silence: str | None = None,
) -> Plan:
    """Decide on arrivals, all of one kind, and apply the plan; again from the start where the facts moved on meanwhile.

    `whole` folds every fact that they touch from nothing, and `silence` tells nobody, for the reason given.

    Raises:
        StoreError: nothing was committed.
    """
    arrivals, merged = with_stories(store, arrivals, world.audience.policy.fresh_for)

    def decide() -> tuple[None, Plan]:
        keys, before = _before(store, world, arrivals, now, merged, whole=whole)
        plan = make_plan(
            arrivals,
            before,
            keys=keys,
            titles=world.by_id,
            judge=world.judge,
            audience=world.audience,
            now=now,
            cause=cause,
            silence=silence,
        )
        return None, finish(hushed(store, world, replace(plan, merged=merged)))

    return settle(store, decide)[1]


def settle(store: Store, decide: Callable[[], tuple[T, Plan]]) -> tuple[T, Plan]:
    """Decide and apply the plan; decide again where the facts moved on meanwhile. Returns what was decided in the end.

    Raises:
        StoreError: nothing was committed.
    """
    for _ in range(_TRIES - 1):
        decided = decide()
        try:
            store.apply(decided[1])
        except Stale:
            continue
        return decided
    decided = decide()
    store.apply(decided[1])
    return decided


def _before(
    store: Store, world: World, arrivals: Sequence[Arrival], now: datetime, merged: Mapping[str, str], *, whole: bool
) -> tuple[list[Key], Before]:
    """The keys of known titles that the arrivals touch, and what is known of each; all of it where a fact lost its ground."""
    replaces = arrivals[0].source.kind.replaces if arrivals else frozenset[SourceKind]()
    items = [arrival.source.item for arrival in arrivals]
    horizon = now - world.audience.policy.fresh_for
    first = sorted(touched(arrivals), key=str)
    keys, before = store.before(first, items, horizon, replaces=replaces)
    lost = keys if whole else taken_back(before.backing, [e for arrival in arrivals for e in arrival.evidence])
    if anew := [key for key in lost if key.title in world.by_id]:
        keys, before = store.before(first, items, horizon, replaces=replaces, whole=anew)
    known = {key: tuple(in_stories(said, merged)) for key, said in before.evidence.items()} if merged else before.evidence
    return [key for key in keys if key.title in world.by_id], replace(before, evidence=known)


def with_stories(store: Store, arrivals: Sequence[Arrival], within: timedelta) -> tuple[list[Arrival], dict[str, str]]:
    """The arrivals, each in the story that it tells, and which stories of the store turned out to be others."""
    stories: dict[str, Stories] = {}
    found = []
    for arrival in arrivals:
        counts = (read.reading.title for read in arrival.reads if read.reading.verdict.counts)
        for title in sorted(set(counts)) if arrival.version is not None else ():  # the user's word has no text to compare
            if title not in stories:
                stories[title] = _stories_of(store, title, arrivals, within)
            arrival = in_story(arrival, stories[title])  # noqa: PLW2901 - a text about two titles may join stories of both
        found.append(arrival)
    merged = {gone: story for several in stories.values() for gone, story in several.merged.items()}
    return [with_story(arrival, last_of(arrival.source.story, merged)) for arrival in found], merged


def _stories_of(store: Store, title: str, arrivals: Sequence[Arrival], within: timedelta) -> Stories:
    """What was told of a title around the days of these arrivals."""
    days = [arrival.source.order[0] for arrival in arrivals]
    items = {arrival.source.item for arrival in arrivals}
    begin, end = min(days) - within, max(days) + within
    told = texts.telling(store.connection, title, begin, end, limit=_NEIGHBOURS * ((end - begin) // within))
    return Stories(within=within, told=[told_by(source, text) for source, text in told if source.item not in items])
