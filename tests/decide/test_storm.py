"""Forty outlets retell one move for fifteen months: it is told once, and every true move once."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from builders import feed_state
from storm import AGAIN, AWAY, BACK, CATALOGUE, FIRST, OUTLETS, SECOND, TITLE, Move, Told, copies, storm

from watcher.cli.rehearsal import Rehearsal
from watcher.config import Policy
from watcher.decide.intents import Plan
from watcher.decide.policy import Judge
from watcher.decide.telling import Audience
from watcher.engine import Engine
from watcher.learn import World
from watcher.model import Change, Feed, FeedState, Target
from watcher.polling import Fetches
from watcher.read import Reader

_HOUR = timedelta(hours=1)


def _no_network() -> Fetches:
    raise AssertionError("a storm has no feeds to fetch")


def _world() -> World:
    policy = Policy()
    return World(
        titles=(TITLE,),
        feeds=(),
        readers=(Reader((TITLE,), OUTLETS),),
        catalogue=CATALOGUE,
        judge=Judge(catalogue=CATALOGUE, policy=policy),
        audience=Audience(targets=(Target(name="phone"),), regions=("US",), zone=ZoneInfo("UTC"), policy=policy),
        every=1800,
    )


async def play(path: Path, told: Sequence[Told], *, restarts: int, seed: int) -> list[Change]:
    """Let a storm pass through the real engine, with restarts at random places; returns the changes that were sent."""
    world, sent = _world(), list[Change]()
    cuts = sorted(random.Random(seed).sample(range(1, len(told)), k=restarts))
    for begin, end in zip([0, *cuts], [*cuts, len(told)], strict=True):
        now = told[begin].arrives - _HOUR
        async with await Engine.open(path, world, sender=Rehearsal(), make_fetcher=_no_network, now=now) as engine:
            await engine.in_store(lambda at=now, it=engine: it.store.apply(Plan(at=at, learned=(TITLE.id,))))  # type: ignore[misc]
            for one in told[begin:end]:
                sent += await _deliver(engine, one)
                await _arrive(engine, one)
            for wait in (_HOUR, 3 * _HOUR):
                sent += [c for s in await engine.deliver(told[end - 1].arrives + wait) for c in s.changes]
    return sent


async def _deliver(engine: Engine, one: Told) -> list[Change]:
    return [change for sent in await engine.deliver(one.arrives) for change in sent.changes]


async def _arrive(engine: Engine, one: Told) -> None:
    """The article comes in with a poll of its outlet's feed, which was polled some minutes before."""
    feed = Feed(url=f"https://feeds.example/{one.outlet}", outlet=one.outlet)
    before: FeedState = feed_state(feed.url, polled=one.arrives - timedelta(minutes=30))
    await engine.in_store(lambda: engine.store.apply(Plan(at=one.arrives, feeds=(before,))))
    await engine.learn(feed, [one.item], replace(before, last_ok_at=one.arrives), one.arrives)


def dates(changes: Sequence[Change]) -> list[tuple[str, str, str]]:
    """The cinema dates that were told: how, from, to."""
    releases = [c for c in changes if c.new.date is not None]
    return [(str(c.kind), str(c.old.date) if c.old else "", str(c.new.date)) for c in releases]


def expected(moves: Sequence[Move]) -> list[tuple[str, str, str]]:
    """One alert for each true move."""
    return [("moved", move.old.isoformat(), move.new.isoformat()) for move in moves]


@pytest.mark.parametrize("seed", range(10))
async def test_one_move_in_a_storm_is_one_alert(tmp_path: Path, seed: int) -> None:
    """A move that forty outlets tell and retell in two hundred items is told exactly once, over two restarts."""
    told = sorted(copies(storm(seed, [AWAY]), seed), key=lambda one: one.arrives)
    assert dates(await play(tmp_path / "watcher.db", told, restarts=2, seed=seed)) == expected([AWAY])


@pytest.mark.parametrize("seed", range(10))
async def test_there_and_back_and_there_again_are_three_alerts(tmp_path: Path, seed: int) -> None:
    """A date that truly moves away, back, and away again is told three times, whatever is retold meanwhile."""
    moves = [AWAY, BACK, AGAIN]
    told = sorted(copies(storm(seed, moves), seed), key=lambda one: one.arrives)
    assert dates(await play(tmp_path / "watcher.db", told, restarts=2, seed=seed)) == expected(moves)


def test_storm_is_what_it_says() -> None:
    """The storm has two hundred items of forty outlets over fifteen months, tells stale dates too, and comes in out of order."""
    told = storm(3, [AWAY])
    assert len(told) == 200
    assert len({outlet.name for outlet in OUTLETS}) == 40
    span = max(t.arrives for t in told) - min(t.arrives for t in told)
    assert span > timedelta(days=14 * 30)
    published = [t.item.published for t in told]
    assert published != sorted(published, key=lambda p: p or AWAY.at)
    assert FIRST < SECOND
    assert sum("June 7, 2024" in t.item.body and "June 6, 2025" not in t.item.body for t in told) > 20
