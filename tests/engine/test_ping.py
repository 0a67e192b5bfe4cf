"""The dead man's ping: called after whole passes alone, seldom, beside everything else, and its address is told to nobody."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from builders import NOW, TITLE, feed_state, item, release, world
from engines import FEED, opened
from feedserver import Answer, Entry, FeedServer, redirect, rss
from processes import Home, one_feed
from receivers import WebhookReceiver

from watcher import __version__
from watcher.cli import compose
from watcher.config import Config
from watcher.decide.intents import Plan
from watcher.engine import Engine
from watcher.learn import World
from watcher.model import Target
from watcher.ping import Ping

OK = Answer(b"OK", content_type="text/plain")
MINUTE = timedelta(minutes=1)
CHECK = "/check/hunter2"


@pytest.fixture
def checker() -> Iterator[FeedServer]:
    """A service that wants to be called."""
    with FeedServer() as server:
        server.answer(CHECK, OK)
        yield server


@asynccontextmanager
async def pinging(server: FeedServer, path: str = CHECK) -> AsyncIterator[Ping]:
    """A ping as the configuration makes it."""
    ping = compose.ping(Config(ping=server.url(path), contact="ann@example.org"))
    assert ping is not None
    try:
        yield ping
    finally:
        await ping.aclose()


async def passes(ping: Ping, engine: Engine, *moments: datetime) -> None:
    """Passes that end at these moments; each waits for the call that it may have begun."""
    for now in moments:
        await ping.passed(engine, now)
        if ping._call is not None:
            await asyncio.gather(ping._call, return_exceptions=True)


def whole(*targets: Target) -> World:
    """A world of one feed, which its engine knows to be well."""
    return world(targets=targets or (Target(name="phone"),), feeds=[FEED])


async def keep(engine: Engine, **changes: object) -> None:
    """The feed's state, with changes."""
    state = replace(feed_state(FEED.url, polled=NOW), **changes)  # type: ignore[arg-type]
    await engine.in_store(lambda: engine.store.apply(Plan(at=NOW, feeds=(state,))))


async def test_whole_pass_is_told_every_five_minutes_at_most(tmp_path: Path, checker: FeedServer) -> None:
    """A pass that was whole is told by a GET under our own name, and the next one five minutes later."""
    async with opened(tmp_path, whole()) as engine, pinging(checker) as ping:
        await passes(ping, engine, NOW, NOW + MINUTE, NOW + 5 * MINUTE - timedelta(seconds=1))
        (asked,) = checker.asked(CHECK)
        assert (asked.method, asked.body) == ("GET", b"")
        assert asked.headers["user-agent"] == f"watcher/{__version__} (+ann@example.org)"
        await passes(ping, engine, NOW + 5 * MINUTE)
        assert len(checker.asked(CHECK)) == 2


async def test_clock_that_is_set_back_stops_no_ping(tmp_path: Path, checker: FeedServer) -> None:
    """After a clock was set back by years the next whole pass is told, and after that one no other for five minutes."""
    async with opened(tmp_path, whole()) as engine, pinging(checker) as ping:
        await keep(engine, next_poll_at=NOW + timedelta(days=4000))
        await passes(ping, engine, NOW + timedelta(days=3000), NOW, NOW + MINUTE)
    assert len(checker.asked(CHECK)) == 2


@pytest.mark.parametrize(
    ("changes", "is_told"),
    [
        ({}, True),
        ({"failures": 1, "error": "no answer"}, False),
        ({"last_poll_at": None}, False),
        ({"next_poll_at": NOW - timedelta(hours=2)}, False),
        ({"next_poll_at": NOW - timedelta(minutes=2)}, True),
        ({"failures": 1, "gone_at": NOW}, True),
    ],
)
async def test_pass_without_a_feed_that_answers_is_not_whole(
    tmp_path: Path, checker: FeedServer, changes: dict[str, object], is_told: bool
) -> None:
    """Nothing is told while every feed fails, was never asked, or one is long overdue; a feed that is gone does not count."""
    async with opened(tmp_path, whole()) as engine, pinging(checker) as ping:
        await keep(engine, **changes)
        await passes(ping, engine, NOW)
    assert bool(checker.asked(CHECK)) is is_told


async def test_one_feed_that_answers_is_enough(tmp_path: Path, checker: FeedServer) -> None:
    """A feed that fails does not stop the calls as long as another one answers."""
    other = replace(FEED, url="https://example.com/feed")
    async with opened(tmp_path, world(feeds=[FEED, other])) as engine, pinging(checker) as ping:
        await keep(engine, url=other.url, failures=3, error="no answer")
        await passes(ping, engine, NOW)
    assert len(checker.asked(CHECK)) == 1


async def test_target_that_fails_stops_the_calls_until_it_takes_alerts_again(tmp_path: Path, checker: FeedServer) -> None:
    """While an alert cannot be delivered nothing is told; once it got through the calls go on."""
    async with WebhookReceiver() as hook:
        hook.manner.status = 503
        target = Target(name="hook", url=hook.url())
        news = release("2026-06-05", "The Ledger").claim
        there = replace(world({"a": [news]}, targets=[target], feeds=[FEED]), every=86400)
        async with opened(tmp_path, there) as engine, pinging(checker) as ping:
            await engine.learn(FEED, [item("a")], feed_state(FEED.url, polled=NOW), NOW)
            await keep(engine, next_poll_at=NOW + timedelta(days=1))
            failed = await engine.deliver(NOW + 10 * MINUTE)
            assert [sent.receipt.outcome for sent in failed] == ["failed"]
            await passes(ping, engine, NOW + 11 * MINUTE)
            assert checker.asked(CHECK) == []
            hook.manner.status = 200
            taken = await engine.deliver(NOW + timedelta(hours=2))
            assert [sent.receipt.outcome for sent in taken] == ["sent"]
            await passes(ping, engine, NOW + timedelta(hours=2))
            assert len(checker.asked(CHECK)) == 1


@pytest.mark.parametrize(
    ("row", "hold", "is_told"),
    [
        (("pending", 1), False, False),
        (("pending", 0), False, True),
        (("unknown", 1), False, False),
        (("unknown", 1), True, True),
        (("sending", 0), False, False),
        (("sent", 1), False, True),
        (("dead", 1), False, True),
    ],
)
async def test_only_what_waits_for_a_failing_target_counts(
    tmp_path: Path, checker: FeedServer, row: tuple[str, int], hold: bool, is_told: bool
) -> None:
    """What is held on the user's wish, was sent or was given up stops no call; what is stuck or to be sent again does."""
    (state, failures), target = row, Target(name="phone", hold_unknown=hold)
    async with opened(tmp_path, whole(target)) as engine, pinging(checker) as ping:

        def wait() -> None:
            db = engine.store.connection
            at = (NOW - timedelta(hours=2)).isoformat(timespec="microseconds")
            db.execute("INSERT INTO target (name, failures) VALUES ('phone', ?)", [failures])
            db.execute(
                "INSERT INTO delivery (id, target, title, kind, state, created_at, claimed_at, attempts, may_repeat) "
                "VALUES ('d', 'phone', ?, 'change', ?, ?, ?, 1, 1)",
                [TITLE.id, state, at, at],
            )
            db.commit()

        await engine.in_store(wait)
        await passes(ping, engine, NOW)
    assert bool(checker.asked(CHECK)) is is_told


async def test_hanging_service_delays_nothing(tmp_path: Path, checker: FeedServer) -> None:
    """While a call hangs passes go on at once and begin no other, and a stop gives it up."""
    checker.answer(CHECK, replace(OK, pause=600))
    loop = asyncio.get_running_loop()
    async with opened(tmp_path, whole()) as engine, pinging(checker) as ping:
        async with asyncio.timeout(5):
            await ping.passed(engine, NOW)
            await loop.run_in_executor(None, wait_for, lambda: len(checker.asked(CHECK)) == 1)
            call = ping._call
            await ping.passed(engine, NOW + 6 * MINUTE)
            await ping.aclose()
        await ping.passed(engine, NOW + 12 * MINUTE)
        assert ping._call is call
        assert call is not None
        assert call.cancelled()


def wait_for(true: Callable[[], bool]) -> None:
    """Wait until something is so, for as long as the test may take."""
    pause = asyncio.new_event_loop()
    while not true():
        pause.run_until_complete(asyncio.sleep(0.01))
    pause.close()


async def test_endless_answer_is_not_read_on(tmp_path: Path, checker: FeedServer) -> None:
    """An answer without end is read no further than a few kilobytes, and counts."""
    checker.answer(CHECK, replace(OK, body=b"x" * 1000, endless=True))
    async with opened(tmp_path, whole()) as engine, pinging(checker) as ping:
        await passes(ping, engine, NOW)
        assert ping._call is not None
        assert ping._call.exception() is None


async def test_log_tells_of_failures_once_and_never_the_address(
    tmp_path: Path, checker: FeedServer, caplog: pytest.LogCaptureFixture
) -> None:
    """The log says when calls begin to fail, why, and when they work again; nothing in it names the address."""
    caplog.set_level(logging.DEBUG, logger="watcher")
    away = checker.answer("/login/hunter2", OK)
    checker.answer(CHECK, replace(OK, status=404), redirect(away), Answer(close=True), replace(OK, status=500), OK, OK)
    async with opened(tmp_path, whole()) as engine, pinging(checker) as ping:
        await passes(ping, engine, *[NOW + n * 6 * MINUTE for n in range(6)])
    told = [record.getMessage() for record in caplog.records if "ping" in record.getMessage()]
    assert told == [
        "the ping is not taken (404 Not Found: there is nothing at this address); it is tried again every 5 minutes",
        "the ping is taken again",
    ]
    assert "hunter2" not in caplog.text
    assert str(checker.port) not in caplog.text
    assert checker.asked("/login/hunter2") == []


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (redirect("/elsewhere/hunter2"), "sends us to another address; if it is right, write that one"),
        (Answer(close=True), "broke off, or does not speak HTTP"),
        (None, "nobody answers there (connection refused)"),
    ],
)
async def test_reason_names_no_address(
    tmp_path: Path, checker: FeedServer, caplog: pytest.LogCaptureFixture, answer: Answer | None, reason: str
) -> None:
    """Whatever goes wrong with a call, the log says what in words of ours and not where."""
    caplog.set_level(logging.DEBUG, logger="watcher")
    url = checker.answer(CHECK, answer or OK)
    with FeedServer() as closed:
        gone = closed.url(CHECK)
    ping = compose.ping(Config(ping=url if answer else gone))
    assert ping is not None
    async with opened(tmp_path, whole()) as engine:
        await passes(ping, engine, NOW)
    await ping.aclose()
    assert f"the ping is not taken ({reason})" in caplog.text
    assert "hunter2" not in caplog.text
    assert "127.0.0.1" not in caplog.text


async def test_daemon_pings_once_feeds_answer_and_keeps_the_address_to_itself(tmp_path: Path, checker: FeedServer) -> None:
    """The real daemon calls the address after its first whole pass; neither its log nor its database ever holds it."""
    checker.answer(CHECK, replace(OK, status=503), OK)
    feed = checker.answer("/feed", Answer(status=500), Answer(rss(Entry("Story", guid="a"))))
    home = Home(tmp_path, f'ping = "{checker.url(CHECK)}"\n{one_feed(feed)}')
    daemon = await home.start("run")
    try:
        async with asyncio.timeout(60):
            assert daemon.stderr is not None
            read = b""
            while b"the ping is" not in read:
                read += await daemon.stderr.readline()
    finally:
        daemon.send_signal(signal.SIGTERM)
        out, err = await daemon.communicate()
    paths = [asked.path for asked in checker.asked()]
    assert paths.index(CHECK) > [number for number, path in enumerate(paths) if path == "/feed"][1]
    stored = b"".join(file.read_bytes() for file in (tmp_path / "state").iterdir())
    assert daemon.returncode == 0
    assert b"the ping is not taken (503" in read
    assert b"hunter2" not in out + read + err + stored


async def test_poll_by_hand_pings_nobody(tmp_path: Path, checker: FeedServer) -> None:
    """`watcher poll` calls no address: it would hide that the daemon is dead."""
    feed = checker.answer("/feed", Answer(rss(Entry("Story", guid="a"))))
    home = Home(tmp_path, f'ping = "{checker.url(CHECK)}"\n{one_feed(feed)}')
    ended = await home.run("poll")
    assert ended.status == 0, ended.err
    assert checker.asked("/feed")
    assert checker.asked(CHECK) == []
