"""Items through the daemon's own engine, on a clock that moves with them, in a scratch store: what would have been told.

Each item is news on the day it was published. Nothing is fetched or sent.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

from watcher.cli import compose
from watcher.cli.given import Given
from watcher.cli.rehearsal import Rehearsal
from watcher.config import Config
from watcher.decide.arrivals import digest, item_id
from watcher.decide.intents import Plan
from watcher.decide.telling import EVERYWHERE
from watcher.engine import Engine
from watcher.learn import World
from watcher.model import Change, Feed, FeedState, Target
from watcher.polling import Fetches
from watcher.rendering import agreeing, home_regions, told
from watcher.sending import Sent
from watcher.store import ask
from watcher.store.ask import Outcome
from watcher.tell.blocks import Block
from watcher.tell.dates_in_words import Dates
from watcher.tell.phrases import importance
from watcher.tell.words import block_of

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One change of an alert: as it was made, in the words of the alert, and the items behind it.

    `guids` are those of the items that made the change; `items` are the ids of these and of all that say the same.
    """

    change: Change
    guids: list[str]
    block: Block
    items: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One alert that would have gone out; `pieces` in the order in which their news was published, `ranked` as it tells them."""

    headline: str
    pieces: tuple[Piece, ...]
    ranked: tuple[Piece, ...]

    @property
    def title(self) -> str:
        """The id of the title that it is about."""
        return self.pieces[0].change.key.title

    @property
    def at(self) -> datetime:
        """When we came to hold what it tells (UTC)."""
        return self.pieces[0].change.recorded_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """What came of a file: the alerts in order, all changes, and what became of each item that names a title.

    `dates` is how its reader writes dates; `items` are the file's, by the ids that the store gave them.
    """

    dates: Dates
    items: Mapping[str, Given] = field(default_factory=dict)
    alerts: tuple[Alert, ...] = ()
    changes: tuple[Change, ...] = ()
    outcomes: tuple[Outcome, ...] = ()


def scratch_world(config: Config) -> World:
    """The world of a replay: titles without their known values, no feeds, one target that wants everything.

    A day of a file is that day everywhere, so the clock is UTC's.
    """
    target = Target(name="replay", regions=(EVERYWHERE,))
    whole = compose.without_network(config, target)
    audience = replace(whole.audience, zone=ZoneInfo("UTC"))
    return replace(whole, titles=tuple(replace(title, known=()) for title in whole.titles), audience=audience)


async def play(config: Config, given: Sequence[Given], *, step: Callable[[], object] = lambda: None) -> Played:
    """Play dated items in the order of their days; `step` is called after each of them."""
    world = scratch_world(config)
    if not given:
        return Played(dates=world.audience.dates)
    with TemporaryDirectory(prefix="watcher-replay-") as scratch:
        start = given[0].item.published or _EPOCH
        async with await Engine.open(
            Path(scratch) / "replay.db", world, sender=Rehearsal(), make_fetcher=_no_network, now=start
        ) as engine:
            await engine.in_store(lambda: engine.store.apply(Plan(at=start, learned=tuple(world.by_id))))
            return await _play(engine, given, start, step)


async def _play(engine: Engine, given: Sequence[Given], start: datetime, step: Callable[[], object]) -> Played:
    alerts: list[Alert] = []
    last = start
    for one in given:
        now = one.item.published or last
        # What waits for others who say the same goes out when its time has come, not when the next item happens to appear.
        due = min(now, last + engine.world.audience.policy.group_wait)
        alerts += await _alerts(engine, await engine.deliver(due), due)
        await _learn(engine, one, now)
        last = now
        step()
    alerts += await _alerts(engine, await engine.deliver(last, at_once=True), last)
    db = engine.store.connection
    return Played(
        dates=engine.world.audience.dates,
        items={item_id(_feed(one).url, one.item.guid): one for one in given},
        alerts=tuple(alerts),
        changes=tuple(await engine.in_store(lambda: ask.changes(db))),
        outcomes=tuple(await engine.in_store(lambda: ask.outcomes(db))),
    )


def _feed(given: Given) -> Feed:
    return Feed(url=f"replay:{given.outlet}", outlet=given.outlet)


async def _learn(engine: Engine, given: Given, now: datetime) -> None:
    """One item as if its outlet's feed had just brought it, a feed that we have always read."""
    feed = _feed(given)
    state = FeedState(url=feed.url, next_poll_at=now, first_ok_at=_EPOCH, last_ok_at=_EPOCH)
    await engine.in_store(lambda: engine.store.apply(Plan(at=now, feeds=(state,))))
    item = given.item
    if not item.digest:
        item = replace(item, digest=digest(item.title, item.body, item.link or ""))
    await engine.learn(feed, [item], state, now)


async def _alerts(engine: Engine, sent: Sequence[Sent], now: datetime) -> list[Alert]:
    """What was sent, with what stands behind it in the store at that moment."""

    def look() -> list[Alert]:
        return [_alert(engine, one, now) for one in sent if one.changes]

    return await engine.in_store(look)


def _alert(engine: Engine, sent: Sent, now: datetime) -> Alert:
    regions = home_regions(engine.world, sent.changes[0].key.title)
    pieces = tuple(_piece(engine, change, regions, now) for change in sent.changes)
    ranked = sorted(pieces, key=lambda piece: importance(piece.change, home_regions=regions))
    return Alert(headline=sent.message.title, pieces=pieces, ranked=tuple(ranked))


def _piece(engine: Engine, change: Change, regions: Sequence[str], now: datetime) -> Piece:
    store, world = engine.store, engine.world
    said = [e.source.item for e in agreeing(store, world, change)]
    block = block_of(
        told(store, world, change),
        name=world.by_id[change.key.title].name,
        today=now.astimezone(world.audience.zone).date(),
        home_regions=regions,
        dates=world.audience.dates,
    )
    return Piece(
        change=change,
        guids=ask.guids(store.connection, change.sources),
        block=block,
        items=tuple(dict.fromkeys((*change.sources, *said))),
    )


def _no_network() -> Fetches:
    raise AssertionError("a replay has no feeds to fetch")
