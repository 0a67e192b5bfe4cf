"""`watcher replay`: a file's items through the daemon's own engine, on a clock that moves with them, in a scratch store.

Each item is news on the day it was published. Nothing is fetched or sent; what would have gone out is printed.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from watcher.cli import common, compose
from watcher.cli.contract import alert_object
from watcher.cli.items import Given, Missing, given_items
from watcher.cli.rehearsal import Rehearsal
from watcher.config import Config
from watcher.decide.arrivals import digest
from watcher.decide.intents import Plan
from watcher.decide.telling import EVERYWHERE
from watcher.engine import Engine, Fetches, Sent
from watcher.learn import World
from watcher.model import Feed, FeedState, Target
from watcher.store import ask

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@click.command("replay")
@click.argument("file", type=click.Path(allow_dash=True))
@click.option("--outlet", default="", help="Whose words they are, where the file does not say.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line: an alert.")
@common.config_option
def command(file: str, outlet: str, as_json: bool, config_path: str | None) -> None:
    """Play the items in FILE through everything and print the alerts that would have gone out, in order."""
    config = common.load(config_path)
    now = common.now()
    given = given_items(file, now=now, missing=Missing(outlet=outlet or "unknown"))
    if len(given) == 1 and given[0].item.published is None:
        given = [replace(given[0], item=replace(given[0].item, published=now))]  # a text that somebody just found
    given = [g for g in given if g.item.published is not None]
    given.sort(key=lambda g: g.item.published or _EPOCH)
    names = {title.id: title.name for title in config.titles}
    for sent, sources in asyncio.run(_replay(config, given)):
        if as_json:
            for change, behind in zip(sent.changes, sources, strict=True):
                json.dump(alert_object(change, names[change.key.title], behind), sys.stdout, ensure_ascii=False)
                print()
        else:
            print(f"{sent.changes[0].recorded_at.date().isoformat()}  {sent.message.title}")


def scratch_world(config: Config) -> World:
    """The world of a replay: the titles without their known values, no feeds, one target that wants everything."""
    target = Target(name="replay", regions=(EVERYWHERE,))
    whole = compose.without_network(config, target)
    return replace(whole, titles=tuple(replace(title, known=()) for title in whole.titles))


async def _replay(config: Config, given: Sequence[Given]) -> list[tuple[Sent, list[list[str]]]]:
    world = scratch_world(config)
    told: list[tuple[Sent, list[list[str]]]] = []
    if not given:
        return told
    with TemporaryDirectory(prefix="watcher-replay-") as scratch:
        start = given[0].item.published or _EPOCH
        async with await Engine.open(
            Path(scratch) / "replay.db", world, sender=Rehearsal(), make_fetcher=_no_network, now=start
        ) as engine:
            await engine.in_store(lambda: engine.store.apply(Plan(at=start, learned=tuple(world.by_id))))
            for one in given:
                now = one.item.published or start
                told += await _with_sources(engine, await engine.deliver(now))
                await _learn(engine, one, now)
            told += await _with_sources(engine, await engine.deliver(now, at_once=True))
    return told


async def _learn(engine: Engine, given: Given, now: datetime) -> None:
    """One item as if its outlet's feed had just brought it, a feed that we have always read."""
    feed = Feed(url=f"replay:{given.outlet}", outlet=given.outlet)
    state = FeedState(url=feed.url, next_poll_at=now, first_ok_at=_EPOCH, last_ok_at=_EPOCH)
    await engine.in_store(lambda: engine.store.apply(Plan(at=now, feeds=(state,))))
    item = given.item
    if not item.digest:
        item = replace(item, digest=digest(item.title, item.body, item.link or ""))
    await engine.learn(feed, [item], state, now)


async def _with_sources(engine: Engine, sent: Sequence[Sent]) -> list[tuple[Sent, list[list[str]]]]:
    """What was sent, with the guids of the items behind each change."""

    def guids() -> list[list[list[str]]]:
        return [[ask.guids(engine.store.connection, change.sources) for change in one.changes] for one in sent]

    return list(zip(sent, await engine.in_store(guids), strict=True))


def _no_network() -> Fetches:
    raise AssertionError("a replay has no feeds to fetch")
