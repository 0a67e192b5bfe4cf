"""Linked pages: which are asked for now, and what becomes of one that came or failed.

A page goes down the same line as a feed: it is read as another version of its item's text, decided on, and committed.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol

from watcher.decide.arrivals import arrive_page, page_version
from watcher.decide.byhand import DISCARDED
from watcher.decide.intents import LinkedPage, Plan, Read
from watcher.decide.pages import as_one, choose, claimed, day_before, failed, joined_outcome, reconciled, stale
from watcher.errors import FeedError, WatcherError
from watcher.fetch import Response
from watcher.hosts import host_to_spare
from watcher.learn import Learned, World, commit, learned_from
from watcher.model import Item, PageState, Reading, Verdict, Work
from watcher.parse import Page
from watcher.parsing import Parses
from watcher.read.structured import data_claims
from watcher.store import ask, texts
from watcher.store.byhand import discarded
from watcher.store.linked import asked_since, due_pages, item_behind, outcomes_of
from watcher.store.store import Store
from watcher.underway import Aside


class Follows(Protocol):
    """What the engine needs to fetch linked pages."""

    async def fetch(self, url: str, now: datetime) -> Response:
        """One page, or `FetchError`."""
        ...

    def delay(self, url: str) -> timedelta:
        """How long its owner wants us to wait before we ask again."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """What came of one linked page; `error` is None when it went well. After it the page is due again or was given up."""

    page: LinkedPage
    learned: Learned = field(default_factory=Learned)
    error: str | None = None


def waits(store: Store, now: datetime) -> bool:
    """Whether a page would be asked for now."""
    due = due_pages(store.connection, now)
    return bool(due) and bool(choose(due, asked_since(store.connection, day_before(now))))


def claim(store: Store, world: World, now: datetime, *, spared: Collection[str] = ()) -> tuple[LinkedPage, ...]:
    """The pages to ask for now, at most one of each host, none of those that are `spared`; noted as asked for before they are."""
    due = [page for page in due_pages(store.connection, now) if host_to_spare(page.url, world.allow) not in spared]
    if not due:
        return ()
    fresh_for = world.audience.policy.fresh_for
    old = [given_up for page in due if (given_up := stale(page, now, fresh_for)) is not None]
    gone = {page.item for page in old}
    asked = asked_since(store.connection, day_before(now))
    chosen = tuple(claimed(page, now) for page in choose((p for p in due if p.item not in gone), asked))
    store.apply(Plan(at=now, pages=(*old, *chosen)))
    return chosen


async def follow(
    page: LinkedPage, *, pages: Follows, parser: Parses, store: Store, world: World, in_store: Aside, now: datetime
) -> Followed:
    """One page down the line. One that fails is tried again some times; its item stays as it was read."""
    try:
        response = await pages.fetch(page.url, now)
        found = await parser.page(response.body or b"", content_type=response.content_type, url=response.url)
    except FeedError as error:
        reason, rest = error, pages.delay(page.url)
        after = await in_store(lambda: give_up(store, page, reason, now, rest=rest))
        return Followed(page=after, error=after.outcome)
    rest = pages.delay(page.url)
    return Followed(page=page, learned=await in_store(lambda: take_page(store, world, page, found, now, rest=rest)))


def give_up(store: Store, page: LinkedPage, error: WatcherError, now: datetime, *, rest: timedelta) -> LinkedPage:
    """Note a try that failed; due again later, or given up with the reason."""
    after = failed(page, error, now)
    store.apply(Plan(at=now, pages=(after,), hosts_rest=_rest(page, now, rest)))
    return after


def take_page(store: Store, world: World, page: LinkedPage, found: Page, now: datetime, *, rest: timedelta) -> Learned:
    """Read a page together with its item, decide, and commit it with the page's new state.

    `rest` is for how long its host wants not to be asked again.

    Raises:
        StoreError: nothing was committed; the page is due again when its lease is over.
    """
    after = replace(page, state=PageState.READ, outcome="")
    behind = item_behind(store.connection, page.item)
    given_up = "its item is gone" if behind is None else DISCARDED if discarded(store.connection, [page.item]) else None
    if behind is None or given_up is not None:
        store.apply(Plan(at=now, pages=(replace(after, state=PageState.GIVEN_UP, outcome=given_up or ""),)))
        return Learned()
    before, source = behind
    outcomes = outcomes_of(store.connection, page.item)
    alone, whole = as_one(before.content, found, now)
    outlet = source.outlet or ""
    readings = [
        with_data(reading, found.works, world)
        for reading in reconciled(
            _read(world, alone, outlet),
            _read(world, whole, outlet),
            cut=len(alone.text),
            headline=len(alone.title),
            titles=world.by_id,
        )
        if reading.title in outcomes
    ]
    arrival = arrive_page(
        page,
        source,
        page_version(before, whole, now),
        readings,
        titles=world.by_id,
        people={title.id: ask.people(store.connection, title.id) for title in world.titles},
        fresh_for=world.audience.policy.fresh_for,
        earlier=texts.earlier(store.connection, page.item) if page.visits > 1 else None,
    )

    def finish(plan: Plan) -> Plan:
        kept = tuple(_with_history(read, outcomes) for read in plan.readings)
        return replace(plan, readings=kept, pages=(after,), hosts_rest=_rest(page, now, rest))

    return learned_from(commit(store, world, [arrival], now, finish), [arrival], items=1)


def _read(world: World, item: Item, outlet: str) -> list[Reading]:
    return [reading for reader in world.readers for reading in reader.read(item, world.catalogue.outlet(outlet))]


def with_data(reading: Reading, works: Sequence[Work], world: World) -> Reading:
    """The reading with what its page's own data says of films, where the page is about the title."""
    if reading.verdict is not Verdict.ABOUT:
        return reading
    more = data_claims(works, world.by_id[reading.title], reading.claims)
    return replace(reading, claims=(*reading.claims, *more))


def _with_history(read: Read, outcomes: dict[str, str]) -> Read:
    return replace(read, outcome=joined_outcome(outcomes.get(read.reading.title, ""), read.outcome))


def _rest(page: LinkedPage, now: datetime, rest: timedelta) -> dict[str, datetime]:
    return {page.host: now + rest} if rest else {}
