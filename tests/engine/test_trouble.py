"""What the engine does when something goes wrong half-way: a target that hangs, a store that is held, a stop, a bug."""

from __future__ import annotations

import asyncio
import gc
import sqlite3
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from builders import NOW, TITLE, world
from engines import FEED, opened
from feedserver import Entry, rss

from watcher import sending
from watcher.cli import pass_now as by_hand
from watcher.decide.arrivals import item_id
from watcher.decide.intents import LinkedPage, Notice, Plan
from watcher.errors import StoreBusy
from watcher.fetch import Request, Response
from watcher.learn import Taking, take_all
from watcher.model import Feed, FeedState, Item, Outlet, Reading, Target
from watcher.parse import parse_feed
from watcher.send import Receipt
from watcher.store import ask
from watcher.store.store import Store
from watcher.tell.message import Message
from watcher.underway import Underway

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
START = NOW + MINUTE


class Quick:
    """A fetcher that answers at once with a feed of one item, and counts."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def make(self) -> Quick:
        """The same for every worker."""
        return self

    async def fetch(self, request: Request) -> Response:
        """One feed."""
        self.asked.append(request.url)
        return Response(status=200, url=request.url, body=rss(Entry(f"Story of {request.url}", guid=request.url)))

    async def aclose(self) -> None:
        """Nothing is open."""


class Slow:
    """A sender whose sends to `hangs` wait until they are let go; `sent` are the messages, `begun` how many were begun."""

    def __init__(self, *hangs: str, outcomes: Sequence[str] = ()) -> None:
        self.hangs, self.go = hangs, asyncio.Event()
        self.outcomes = list(outcomes)
        self.begun = 0
        self.sent: list[Message] = []

    async def send(self, target: Target, message: Message) -> Receipt:
        """One send."""
        self.begun += 1
        self.sent.append(message)
        if target.name in self.hangs:
            await self.go.wait()
        return Receipt(outcome=self.outcomes.pop(0) if self.outcomes else "sent", detail="")  # type: ignore[arg-type]


def feeds(count: int) -> list[Feed]:
    """Feeds, each on a host of its own."""
    return [Feed(url=f"https://paper{n}.example/{n}", outlet="Morning Reel") for n in range(count)]


def waiting(*targets: str) -> Plan:
    """A plan with an alert for each target: the summary of a title."""
    return Plan(
        at=NOW,
        notices=tuple(
            Notice(target=name, title=TITLE.id, subject=f"summary/{TITLE.id}", kind="summary", not_before=NOW) for name in targets
        ),
    )


async def test_target_that_hangs_costs_nothing_meanwhile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While one target hangs the others are asked for what is due once, not over and over."""
    there = world(targets=[Target(name="hangs"), Target(name="quick")])
    async with opened(tmp_path, there) as engine:
        sender = engine._sending.sender = Slow("hangs")
        await engine.in_store(lambda: engine.store.apply(waiting("hangs", "quick")))
        claims: list[str] = []
        claim = engine._sending.outbox.claim
        monkeypatch.setattr(
            engine._sending.outbox, "claim", lambda target, *a, **k: (claims.append(target.name), claim(target, *a, **k))[1]
        )
        for minutes in range(3):
            await engine.tick(START + minutes * MINUTE, patience=0.5)
        assert (sender.begun, claims.count("hangs")) == (2, 1)
        assert claims.count("quick") <= 2 * 3
        sender.go.set()
        await engine.tick(START + 3 * MINUTE)
        assert claims.count("hangs") >= 2


async def test_what_is_being_claimed_is_no_leftover(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A delivery between its claim and its send is not taken for one that a dead process left behind."""
    there = world(targets=[Target(name="phone")])
    async with opened(tmp_path, there) as engine:
        engine._sending.sender = Slow()
        await engine.in_store(lambda: engine.store.apply(waiting("phone")))
        render, found = sending.render, []

        def rendering(*given: Any, **named: Any) -> Any:
            found.append(engine._sending.outbox.recover(engine._sending._under_way))
            return render(*given, **named)

        monkeypatch.setattr(sending, "render", rendering)
        await engine.tick(START)
        assert found == [0]


async def test_nothing_begins_after_a_stop(tmp_path: Path) -> None:
    """A tick that was under way when the stop came begins no send, page or poll any more."""

    class Hangs(Quick):
        async def fetch(self, request: Request) -> Response:
            self.asked.append(request.url)
            await asyncio.Event().wait()
            raise AssertionError

    there = world(targets=[Target(name="phone")], feeds=feeds(1))
    async with opened(tmp_path, there, make_fetcher=Hangs().make) as engine:  # type: ignore[arg-type]
        sender = engine._sending.sender = Slow("phone")
        await engine.in_store(lambda: engine.store.apply(waiting("phone")))
        ticking = asyncio.ensure_future(engine.tick(START, patience=1))
        await asyncio.sleep(0.3)
        assert await engine.stop(5)
        await ticking
        assert sender.begun == 0
        await engine.tick(START, patience=1)
        assert (sender.begun, len(engine._polls)) == (0, 0)


async def test_errors_that_nobody_asks_for_are_bugs_or_forgotten(caplog: pytest.LogCaptureFixture) -> None:
    """What failed just before a stop is written down where it is a bug, and not where the store was only held."""

    async def fails(error: Exception) -> int:
        raise error

    work = Underway[int](lambda: None)
    for name, error in (("held", StoreBusy("held")), ("bug", ZeroDivisionError("a bug"))):
        work.start(name, fails(error))
    await asyncio.sleep(0)
    await work.cancel()
    work.forget()
    del work
    gc.collect()
    assert [record.exc_info[1].args for record in caplog.records if record.exc_info and record.exc_info[1]] == [("a bug",)]


async def test_every_error_is_taken_and_no_outcome_lost() -> None:
    """Of several pieces that end together the first error is raised, none is left untaken, and what went well is told after."""
    complaints: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context))

    async def fail() -> int:
        raise StoreBusy("held by a test")

    async def succeed() -> int:
        return 1

    work = Underway[int](lambda: None)
    for name, piece in (("a", fail()), ("b", succeed()), ("c", fail())):
        work.start(name, piece)
    await asyncio.sleep(0.01)
    with pytest.raises(StoreBusy):
        work.ended()
    assert work.ended() == [1]
    gc.collect()
    assert complaints == []


async def test_held_store_hurries_no_poll(tmp_path: Path) -> None:
    """While another process holds the store no server is asked again and again for what cannot be kept."""
    quick = Quick()
    several = feeds(3)
    async with opened(tmp_path, world(feeds=several), make_fetcher=quick.make) as engine:  # type: ignore[arg-type]
        await engine.in_store(lambda: engine.store.connection.execute("PRAGMA busy_timeout = 50").fetchall())
        other = sqlite3.connect(tmp_path / "watcher.db")
        other.execute("BEGIN IMMEDIATE")
        for seconds in range(0, 60, 5):
            with suppress(StoreBusy):
                await engine.tick(START + timedelta(seconds=seconds), patience=2)
        other.rollback()
        other.close()
        assert max(map(quick.asked.count, quick.asked), default=0) <= 1
        for minutes in range(60):
            await engine.tick(START + minutes * MINUTE, patience=2)
        assert {feed.url for feed in several} == set(quick.asked)


class HeldPages:
    """Linked pages that never come."""

    async def fetch(self, url: str, now: datetime) -> Response:
        """Nothing."""
        del url, now
        await asyncio.Event().wait()
        raise AssertionError

    def delay(self, url: str) -> timedelta:
        """Nobody asks us to wait."""
        del url
        return timedelta(0)


async def test_feed_waits_for_a_page_of_its_host(tmp_path: Path) -> None:
    """While a page of a host is being fetched its feed is not asked, and once that has ended it is."""
    quick = Quick()
    (feed,) = feeds(1)
    async with opened(tmp_path, world(feeds=[feed]), make_fetcher=quick.make) as engine:  # type: ignore[arg-type]
        engine._pages = HeldPages()
        later = FeedState(url=feed.url, next_poll_at=START + 10 * MINUTE, last_poll_at=NOW)
        item = parse_feed(rss(Entry("A story", guid="a")), content_type=None, url=feed.url, now=NOW).items[0]
        await engine.learn(feed, [item], later, NOW)
        page = LinkedPage(
            item=item_id(feed.url, "a"),
            url="https://paper0.example/story",
            host="paper0.example",
            story="s",
            due_at=NOW,
            wanted_at=START,
        )
        await engine.in_store(lambda: engine.store.apply(Plan(at=NOW, pages=(page,))))
        await engine.tick(START, patience=0.2)
        assert len(engine._follows) == 1
        await engine.tick(START + 10 * MINUTE, patience=0.2)
        assert quick.asked == []
        await engine._follows.cancel()
        await engine.tick(START + 11 * MINUTE, patience=0.5)
        assert quick.asked == [feed.url]


async def test_feed_that_brings_news_is_asked_soon_again(tmp_path: Path) -> None:
    """After weeks in which nobody polled, the poll that brings news is followed by one in the feed's usual time."""
    (feed,) = feeds(1)
    async with opened(tmp_path, world(feeds=[feed]), make_fetcher=Quick().make) as engine:  # type: ignore[arg-type]
        past = FeedState(url=feed.url, next_poll_at=NOW, last_poll_at=NOW - 20 * DAY, changed_at=NOW - 20 * DAY)
        await engine.in_store(lambda: engine.store.apply(Plan(at=NOW, feeds=(past,))))
        await engine.tick(START)
        state = await engine.in_store(lambda: ask.feed(engine.store.connection, feed.url))
        assert state is not None
        assert (state.changed_at, state.next_poll_at) == (START, START + 30 * MINUTE)


async def test_feeds_that_moved_to_one_host_are_polled_by_hand_one_by_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whose turn it is goes by the address that is asked, also for `watcher poll`."""
    monkeypatch.setattr(by_hand, "_SPACING_S", 0)
    several = feeds(2)
    async with opened(tmp_path, world(feeds=several), make_fetcher=Quick().make) as engine:  # type: ignore[arg-type]
        moved = [FeedState(url=f.url, next_poll_at=NOW, address=f"https://new.example/{n}") for n, f in enumerate(several)]
        await engine.in_store(lambda: engine.store.apply(Plan(at=NOW, feeds=tuple(moved))))
        turns: list[int] = []
        poll_all = engine.poll_all

        async def counted(turn: Sequence[Feed], *given: Any, **named: Any) -> Any:
            turns.append(len(turn))
            return await poll_all(turn, *given, **named)

        monkeypatch.setattr(engine, "poll_all", counted)
        await by_hand._ask(engine, several, force=False)
        assert turns == [1, 1]


class Trips:
    """A reader with a bug that shows with the items of one feed."""

    def read(self, item: Item, outlet: Outlet | None = None) -> tuple[Reading, ...]:
        """Nothing, or the bug."""
        del outlet
        if "paper1." in item.title:
            raise IndexError("a bug")
        return ()


async def test_bug_with_one_feed_harms_no_other_and_hurries_nobody(tmp_path: Path) -> None:
    """A feed that we cannot take in for a bug of ours leaves the others alone, and is not asked at every tick."""
    quick = Quick()
    several = feeds(40)
    there = world(feeds=several)
    there = replace(there, readers=(Trips(),))
    async with opened(tmp_path, there, make_fetcher=quick.make) as engine:  # type: ignore[arg-type]
        for seconds in range(0, 120, 5):
            with suppress(IndexError):
                await engine.tick(START + 5 * MINUTE + timedelta(seconds=seconds), patience=2)
        states = await engine.in_store(lambda: ask.feeds(engine.store.connection))
        assert [state.url for state in states if state.last_poll_at is None and state.url != FEED.url] == [several[1].url]
        assert max(map(quick.asked.count, quick.asked)) == 1


def test_locked_store_is_waited_for_once(tmp_path: Path) -> None:
    """Many polls that are ready while another process holds the store wait for it once, not once each."""
    several = feeds(20)
    with Store(tmp_path / "watcher.db", busy_timeout=0.2) as store:
        store.configure([TITLE], several, NOW, [NOW] * len(several))
        other = sqlite3.connect(tmp_path / "watcher.db")
        other.execute("BEGIN IMMEDIATE")
        begun = time.monotonic()
        states = [FeedState(url=feed.url, next_poll_at=NOW) for feed in several]
        polls = [Taking(feed=f, items=(), before=s, after=s, now=NOW) for f, s in zip(several, states, strict=True)]
        assert [type(one) for one in take_all(store, world(feeds=several), polls)] == [StoreBusy] * len(several)
        assert time.monotonic() - begun < 2
        other.close()
