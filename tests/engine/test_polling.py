"""Polling as the engine does it: slow servers hold up nobody, hosts are spared, commits are shared, and health is told."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path

import pytest
from builders import NOW, TITLE, release, world
from engines import opened, silent
from feedserver import Answer, Entry, FeedServer, redirect, rss
from hypothesis import given
from hypothesis import strategies as st
from receivers import WebhookReceiver

from watcher import polling
from watcher.decide.intents import Plan
from watcher.engine import Engine
from watcher.errors import StoreBusy, WatcherError
from watcher.fetch import Fetcher, Request, Response
from watcher.hosts import host_to_spare, one_of_each_host
from watcher.learn import Taking, take_all
from watcher.model import Feed, FeedState, Target
from watcher.parse import parse_feed
from watcher.send import Sender
from watcher.store import ask
from watcher.store.store import Store
from watcher.underway import Underway

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
#: Feeds that were never polled are first due one after the other.
START = NOW + timedelta(minutes=1)
LOOPBACK = ip_network("127.0.0.0/8")
BODY = rss(Entry("Harbor Lights sets sail", guid="a"))


def loopback() -> Fetcher:
    """A fetcher that may ask this machine."""
    return Fetcher(user_agent="test", allow=[LOOPBACK])


class Held:
    """A fetcher whose answers wait until a test lets them go; `asked` are the URLs in order, `most` how many at once."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.go: dict[str, asyncio.Event] = {}
        self.now = self.most = 0

    def make(self) -> Held:
        """The same for every worker."""
        return self

    async def fetch(self, request: Request) -> Response:
        """A feed of one item, once it is let go."""
        self.asked.append(request.url)
        self.now += 1
        self.most = max(self.most, self.now)
        try:
            await self.go.setdefault(request.url, asyncio.Event()).wait()
        finally:
            self.now -= 1
        return Response(status=200, url=request.url, body=BODY)

    async def aclose(self) -> None:
        """Nothing is open."""

    def let_go(self, *urls: str) -> None:
        """These answer from now on."""
        for url in urls:
            self.go.setdefault(url, asyncio.Event()).set()


def feeds(count: int, *, host: str = "paper{}.example") -> list[Feed]:
    """Feeds, each on a host of its own."""
    return [Feed(url=f"https://{host.format(n)}/{n}", outlet="Morning Reel") for n in range(count)]


async def test_tick_leaves_slow_feed_under_way_and_later_tells_what_came(tmp_path: Path) -> None:
    """A feed that takes longer than a tick has patience is not asked twice, and the tick in which it ends tells of it."""
    slow, quick = feeds(2)
    held = Held()
    held.let_go(quick.url)
    async with opened(tmp_path, world(feeds=[slow, quick]), make_fetcher=held.make) as engine:
        first = await engine.tick(START, patience=0.2)
        second = await engine.tick(START + timedelta(seconds=5), patience=0.1)
        assert [p.feed for p in first.polled] == [quick]
        assert second.polled == ()
        held.let_go(slow.url)
        third = await engine.tick(START + timedelta(seconds=10))
        assert [(p.feed, p.learned.new) for p in third.polled] == [(slow, 1)]
        assert held.asked.count(slow.url) == 1


async def test_slow_feeds_give_their_turn_to_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many feeds hang, those behind them in the queue are asked after a moment, and no more at once than may be."""
    monkeypatch.setattr(polling, "_SLOW_S", 0.05)
    several = feeds(12)
    held = Held()
    held.let_go(*(feed.url for feed in several[10:]))
    async with opened(tmp_path, world(feeds=several), make_fetcher=held.make) as engine:
        engine._polling._workers = 2
        engine._polling._turns = asyncio.Semaphore(2)
        states = {f.url: FeedState(url=f.url, next_poll_at=NOW) for f in several}
        tasks = [asyncio.create_task(engine._polling.poll(f, states[f.url], NOW)) for f in several]
        await asyncio.wait(tasks[10:], timeout=10)
        assert [task.done() for task in tasks] == [False] * 10 + [True] * 2
        held.let_go(*(feed.url for feed in several))
        await asyncio.gather(*tasks)
        assert held.most <= 12


async def test_stop_gives_up_what_is_fetched(tmp_path: Path) -> None:
    """A server that drips does not hold up the end, and its feed is due as before."""
    (slow,) = feeds(1)
    held = Held()
    async with opened(tmp_path, world(feeds=[slow]), make_fetcher=held.make) as engine:
        await engine.tick(START, patience=0.1)
        async with asyncio.timeout(5):
            assert await engine.stop(20)
        state = await engine.in_store(lambda: ask.feed(engine.store.connection, slow.url))
        assert state is not None
        assert (state.next_poll_at, state.last_poll_at) == (NOW, None)


async def test_commit_wakes_delivery_before_slow_feed_ends(tmp_path: Path) -> None:
    """What one feed brought is on its way while another still hangs."""
    hangs, news = feeds(2)
    held = Held()
    held.let_go(news.url)
    async with WebhookReceiver() as hook:
        there = world(
            {"a": [release("2026-06-05").claim]},
            feeds=[hangs, news],
            targets=[Target(name="hook", url=hook.url())],
            group_wait=timedelta(0),
        )
        async with opened(tmp_path, there, make_fetcher=held.make) as engine:
            past = [FeedState(url=f.url, next_poll_at=NOW, first_ok_at=NOW - DAY, last_ok_at=NOW - DAY) for f in (hangs, news)]
            await engine.in_store(lambda: [_put(engine.store, state) for state in past])
            ticking = asyncio.create_task(engine.tick(START))
            async with asyncio.timeout(20):
                await hook.reached.wait()
            assert not ticking.done()
            held.let_go(hangs.url)
            sent = (await ticking).sent
            assert [one.receipt.outcome for one in sent] == ["sent"]


def _put(store: Store, state: FeedState) -> None:
    store.apply(Plan(at=NOW, feeds=(state,)))


async def test_host_is_asked_for_one_thing_at_a_time(tmp_path: Path) -> None:
    """Of several feeds of one host a tick asks one, and the next only in a later tick, when that one has ended."""
    several = feeds(3, host="paper.example")
    held = Held()
    async with opened(tmp_path, world(feeds=several), make_fetcher=held.make) as engine:
        for seconds in (0, 5, 10):
            await engine.tick(START + timedelta(seconds=seconds), patience=0.05)
            assert len(held.asked) == 1
        held.let_go(*(feed.url for feed in several))
        for seconds in (15, 20, 25):
            await engine.tick(START + timedelta(seconds=seconds))
        assert sorted(held.asked) == sorted(feed.url for feed in several)
        assert held.most == 1


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://paper.example/feed", "paper.example"),
        ("https://paper.example:8443/feed", "paper.example"),
        ("http://127.0.0.1:8000/feed", None),
        ("http://localhost/feed", None),
        ("http://[::1]/feed", None),
        ("http://192.168.7.9/feed", None),
        ("http://192.168.8.9/feed", "192.168.8.9"),
    ],
)
def test_own_addresses_need_not_be_spared(url: str, host: str | None) -> None:
    """Every host is spared but this machine and the addresses that the configuration allows."""
    assert host_to_spare(url, [ip_network("192.168.7.0/24")]) == host


@given(st.lists(st.integers(0, 5), max_size=30), st.sets(st.integers(0, 5)))
def test_each_host_has_one_turn(hosts: list[int], busy: set[int]) -> None:
    """Of any feeds each host is asked once, no busy one at all, and the first of each host comes first."""
    given_feeds = [Feed(url=f"https://h{h}.example/{n}", outlet="x") for n, h in enumerate(hosts)]
    chosen = one_of_each_host(given_feeds, [f.url for f in given_feeds], [], busy={f"h{h}.example" for h in busy})
    assert [f.url.split("/")[2] for f in chosen] == [f"h{h}.example" for h in dict.fromkeys(hosts) if h not in busy]


def taking(feed: Feed, *guids: str) -> Taking:
    """A poll that brought items of these guids."""
    body = rss(*(Entry(f"Story {guid}", guid=guid) for guid in guids))
    items = parse_feed(body, content_type=None, url=feed.url, now=NOW).items
    state = FeedState(url=feed.url, next_poll_at=NOW)
    return Taking(feed=feed, items=items, before=state, after=FeedState(url=feed.url, next_poll_at=NOW + HOUR), now=NOW)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A store that knows three feeds."""
    made = Store(tmp_path / "watcher.db")
    made.configure([TITLE], feeds(3), NOW, [NOW] * 3)
    return made


def commits(store: Store, work: Callable[[], object]) -> int:
    """How often work commits."""
    statements: list[str] = []
    store.connection.set_trace_callback(statements.append)
    work()
    store.connection.set_trace_callback(None)
    return statements.count("COMMIT")


def test_polls_that_are_ready_together_share_a_commit(store: Store) -> None:
    """Several polls are kept by one transaction, each with its items and its feed's state."""
    polls = [taking(feed, "a", "b") for feed in feeds(3)]
    there = world(feeds=feeds(3))
    assert commits(store, lambda: take_all(store, there, polls)) == 1
    assert ask.items_count(store.connection) == 6
    assert {state.next_poll_at for state in ask.feeds(store.connection)} == {NOW + HOUR}


def test_poll_that_cannot_be_kept_harms_no_other(store: Store) -> None:
    """Where one of several polls fails in the store, nothing of it is kept and all of the others is."""
    first, broken, last = (taking(feed, "a") for feed in feeds(3))
    store.connection.execute(
        f"CREATE TRIGGER t BEFORE INSERT ON item WHEN NEW.feed = '{broken.feed.url}' BEGIN SELECT RAISE(ABORT, 'no'); END"
    )
    outcomes = take_all(store, world(feeds=feeds(3)), [first, broken, last])
    assert [isinstance(one, WatcherError) for one in outcomes] == [False, True, False]
    assert ask.items_count(store.connection) == 2
    due = {state.url: state.next_poll_at for state in ask.feeds(store.connection)}
    assert due == {first.feed.url: NOW + HOUR, broken.feed.url: NOW, last.feed.url: NOW + HOUR}


def test_locked_store_keeps_none_of_several_polls(tmp_path: Path) -> None:
    """While another process holds the store each poll fails by itself, and afterwards all are kept."""
    there, polls = world(feeds=feeds(3)), [taking(feed, "a") for feed in feeds(3)]
    with Store(tmp_path / "watcher.db", busy_timeout=0.05) as store:
        store.configure([TITLE], feeds(3), NOW, [NOW] * 3)
        other = sqlite3.connect(tmp_path / "watcher.db")
        other.execute("BEGIN IMMEDIATE")
        assert [type(one) for one in take_all(store, there, polls)] == [StoreBusy] * 3
        other.rollback()
        other.close()
        assert ask.items_count(store.connection) == 0
        take_all(store, there, polls)
        assert ask.items_count(store.connection) == 3


def test_transaction_inside_another_is_undone_alone(store: Store) -> None:
    """An error in an inner transaction undoes that one; the outer one goes on and is kept."""

    def inner() -> None:
        with store.transaction():
            store.note(inner="1")
            raise ValueError("no")

    with store.transaction():
        store.note(outer="1")
        with pytest.raises(ValueError, match="no"):
            inner()
    assert ask.meta(store.connection) == {"outer": "1"}


async def test_gone_feed_is_not_asked_again_but_by_hand(tmp_path: Path) -> None:
    """After a 410 no tick asks the feed, also after a restart; a person may, and a feed that answers then is polled as before."""
    with FeedServer() as server:
        feed = Feed(url=server.answer("/feed", Answer(b"", status=410), Answer(BODY)), outlet="Morning Reel")
        there = world(feeds=[feed])
        async with opened(tmp_path, there, make_fetcher=loopback) as engine:
            (polled,) = (await engine.tick(START)).polled
            assert "410" in (polled.error or "")
            assert (await engine.tick(START + 400 * DAY)).polled == ()
        async with opened(tmp_path, there, make_fetcher=loopback) as engine:
            assert (await engine.tick(START + 400 * DAY)).polled == ()
            (polled,) = await engine.poll_all([feed], NOW + 400 * DAY)
            assert polled.error is None
            assert len((await engine.tick(START + 402 * DAY)).polled) == 1
        assert len(server.asked()) == 3


async def test_moved_feed_is_asked_at_its_new_address_with_its_validators(tmp_path: Path) -> None:
    """Once a permanent move is proven the old address is left alone, and not a single full answer is asked for anew."""
    with FeedServer() as server:
        new = server.answer("/new", Answer(BODY, etag='"1"'))
        feed = Feed(url=server.answer("/feed", redirect(new, 301)), outlet="Morning Reel")
        async with opened(tmp_path, world(feeds=[feed]), make_fetcher=loopback) as engine:
            moved = []
            for days in range(6):
                moved += [polled.moved_to for polled in (await engine.tick(START + days * DAY)).polled]
        assert moved == [None, None, new, None, None, None]
        assert len(server.asked("/feed")) == 3
        assert [asked.headers.get("if-none-match") for asked in server.asked("/new")] == [None, *['"1"'] * 5]


async def test_clock_set_back_stops_no_poll_and_hurries_none(tmp_path: Path) -> None:
    """After the clock went back three days a feed is polled within its interval, and not before."""
    with FeedServer() as server:
        feed = Feed(url=server.answer("/feed", Answer(BODY, etag='"1"')), outlet="Morning Reel")
        async with opened(tmp_path, world(feeds=[feed]), make_fetcher=loopback) as engine:
            await engine.tick(START)
            back = START - 3 * DAY
            assert (await engine.tick(back)).polled == ()
            assert (await engine.tick(back + timedelta(minutes=29))).polled == ()
            assert len((await engine.tick(back + timedelta(minutes=31))).polled) == 1


async def test_clock_set_forward_makes_one_pass(tmp_path: Path) -> None:
    """After the clock went forward ten years every feed is polled once."""
    with FeedServer() as server:
        feed = Feed(url=server.answer("/feed", Answer(BODY, etag='"1"')), outlet="Morning Reel")
        async with opened(tmp_path, world(feeds=[feed]), make_fetcher=loopback) as engine:
            await engine.tick(START)
            late = START + 3650 * DAY
            assert len((await engine.tick(late)).polled) == 1
            assert (await engine.tick(late + timedelta(seconds=5))).polled == ()


async def test_health_alert_reaches_who_asked_for_it(tmp_path: Path) -> None:
    """A feed that fails for a day makes one alert with its cause for the target that asks for health, and one when it is over."""
    async with WebhookReceiver() as phone, WebhookReceiver() as ops:
        targets = [Target(name="phone", url=phone.url()), Target(name="ops", url=ops.url(), on=("health",))]
        with FeedServer() as server:
            feed = Feed(url=server.answer("/feed", Answer(b"", status=503)), outlet="Morning Reel")
            async with opened(tmp_path, world(feeds=[feed], targets=targets), make_fetcher=loopback) as engine:
                sent = []
                for hours in range(0, 60, 2):
                    sent += (await engine.tick(START + hours * HOUR)).sent
                server.answer("/feed", Answer(BODY))
                for hours in range(60, 120, 2):
                    sent += (await engine.tick(START + hours * HOUR)).sent
        begun, over = (one.message for one in sent)
        assert begun.title == "Feeds: Morning Reel has failed since Saturday, March 1, 2025"
        assert "503 Service Unavailable" in begun.body
        assert over.title == "Feeds: Morning Reel works again"
        assert (len(phone.posts), len(ops.posts)) == (0, 2)


async def test_failures_of_one_hour_are_one_alert(tmp_path: Path) -> None:
    """A network that is down for days is one alert, not one for each feed, and its end is one too."""
    async with WebhookReceiver() as ops:
        with FeedServer() as server:
            several = [Feed(url=server.answer(f"/{n}", Answer(close=True)), outlet=f"Paper {n}") for n in range(7)]
            there = world(feeds=several, targets=[Target(name="ops", url=ops.url(), on=("health",))])
            async with opened(tmp_path, there, make_fetcher=loopback) as engine:
                titles = []
                for half in range(200):
                    if half == 120:
                        for n in range(7):
                            server.answer(f"/{n}", Answer(BODY))
                    titles += [one.message.title for one in (await engine.tick(START + half * HOUR / 2)).sent]
        assert titles == ["Feeds: 7 outlets have failed for a day", "Feeds: 7 outlets work again"]


async def test_work_under_way_tells_its_errors_and_can_be_given_up() -> None:
    """An error of a piece of work is raised where its outcome is asked for, once; what is given up has no outcome."""
    ends: list[int] = []

    async def fail() -> int:
        raise StoreBusy("held by a test")

    async def hang() -> int:
        await asyncio.Event().wait()
        return 1

    work = Underway[int](lambda: ends.append(1))
    work.start("fails", fail())
    work.start("hangs", hang())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert ("fails" in work, "hangs" in work, len(work)) == (False, True, 1)
    with pytest.raises(StoreBusy):
        work.ended()
    assert work.ended() == []
    await work.cancel()
    assert (work.ended(), len(work), len(ends)) == ([], 0, 2)


async def test_tick_polls_nothing_of_a_title_that_is_not_there(tmp_path: Path) -> None:
    """Feeds that the configuration no longer names are not polled, whatever the store remembers of them."""
    held = Held()
    first, second = feeds(2)
    held.let_go(first.url, second.url)
    async with opened(tmp_path, world(feeds=[first, second]), make_fetcher=held.make) as engine:
        await engine.tick(START)
    held.asked.clear()
    async with (
        Sender(timeout=5, terminal=silent) as sender,
        await Engine.open(
            tmp_path / "watcher.db", world(feeds=[second]), sender=sender, make_fetcher=held.make, now=NOW + DAY
        ) as engine,
    ):
        await engine.tick(START + DAY)
    assert held.asked == [second.url]
