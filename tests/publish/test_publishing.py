"""The daemon's publisher: files are made anew where something changed, and then only; what fails is told and stops nothing."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from builders import NOW, TITLE, credit, feed_state, item, release, world
from engines import FEED, opened
from publishes import names_in

from watcher.decide.intents import Plan
from watcher.engine import Engine
from watcher.errors import PublishError, StoreBusy
from watcher.learn import World
from watcher.model import Status
from watcher.publish.files import DOCUMENTS, Published
from watcher.publish.page import STALE_HOURS
from watcher.publishing import Publisher
from watcher.userword import mute

MINUTE = timedelta(minutes=1)
Step = Callable[[Engine, datetime], Awaitable[object]]


class Maker:
    """Makes nothing, and counts how often it was asked to; raises what a test says."""

    def __init__(self) -> None:
        self.times = 0
        self.error: Exception | None = None
        self.held = threading.Event()
        self.held.set()

    def __call__(self, directory: Path, database: Path, there: World, now: datetime) -> Published:
        """Published, as it were."""
        del database, there, now
        self.times += 1
        assert self.held.wait(60)
        if self.error is not None:
            raise self.error
        return Published(directory=directory, written=tuple(DOCUMENTS), stood=())


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[Engine]:
    """An engine with one title and one feed, of which two items will say something."""
    claims = {"a": [release("2026-06-06").claim], "b": [credit(Status.JOINS).claim], "again": [release("2026-06-06").claim]}
    async with opened(tmp_path, world(claims, feeds=(FEED,))) as one:
        yield one


@pytest.fixture
def maker() -> Maker:
    """What makes the files, or rather does not."""
    return Maker()


@pytest.fixture
def publisher(engine: Engine, maker: Maker, tmp_path: Path) -> Publisher:
    """A publisher that counts."""
    return Publisher(engine, tmp_path / "out", make=maker)


async def refreshed(publisher: Publisher, now: datetime) -> None:
    """Look once, and wait for what comes of it."""
    await publisher.refresh(now)
    await publisher.aclose()


async def poll(engine: Engine, now: datetime, **news: object) -> None:
    """A poll of the feed that brought nothing but a new state."""
    before = feed_state(FEED.url, polled=NOW - timedelta(hours=1))
    after = replace(before, last_poll_at=now, next_poll_at=now + timedelta(minutes=30), etag=f'"{now}"', **news)  # type: ignore[arg-type]
    await engine.in_store(lambda: engine.store.apply(Plan(at=now, feeds=(after,))))


def learns(guid: str) -> Step:
    """An item comes."""

    async def step(engine: Engine, now: datetime) -> None:
        after = feed_state(FEED.url, polled=NOW)
        await engine.learn(FEED, [item(guid, on=now - MINUTE)], after, now)

    return step


async def fails(engine: Engine, now: datetime) -> None:
    """The feed does not answer."""
    await poll(engine, now, failures=1, failing_since=now, error="HTTP 503")


async def is_gone(engine: Engine, now: datetime) -> None:
    """The feed is gone for good."""
    await poll(engine, now, gone_at=now, status=410)


async def mutes(engine: Engine, now: datetime) -> None:
    """The user mutes the title."""
    await engine.in_store(lambda: mute(engine.store, engine.world, TITLE, now + timedelta(hours=3), now))


async def test_while_nothing_changes_nothing_is_made(engine: Engine, publisher: Publisher, maker: Maker) -> None:
    """The files are made at the start; polls that bring nothing, and notes that the daemon lives, make none for an hour."""
    noon = NOW.replace(minute=0)
    for minute in range(60):
        now = noon + minute * MINUTE
        await poll(engine, now, status=304 if minute % 2 else 200)
        await engine.in_store(lambda: engine.store.note(pass_at="now"))
        await refreshed(publisher, now)
    assert maker.times == 1
    assert publisher.failure is None


@pytest.mark.parametrize(
    "step", [learns("a"), learns("b"), fails, is_gone, mutes], ids=("date", "person", "failing", "gone", "mute")
)
async def test_what_changes_is_published_once(engine: Engine, publisher: Publisher, maker: Maker, step: Step) -> None:
    """A new fact, a feed that fails or goes, and a title that is muted each make the files once more."""
    noon = NOW.replace(minute=0)
    await refreshed(publisher, noon)
    await step(engine, noon + MINUTE)
    for minute in range(2, 6):
        await refreshed(publisher, noon + minute * MINUTE)
    assert maker.times == 2


async def test_a_second_voice_for_a_fact_is_published(engine: Engine, publisher: Publisher, maker: Maker) -> None:
    """An item that only agrees with what is held makes the files anew, for they say who says so."""
    noon = NOW.replace(minute=0)
    await learns("a")(engine, noon)
    await refreshed(publisher, noon + MINUTE)
    await learns("again")(engine, noon + 2 * MINUTE)
    await refreshed(publisher, noon + 3 * MINUTE)
    assert maker.times == 2


async def test_the_end_of_a_mute_is_published(engine: Engine, publisher: Publisher, maker: Maker) -> None:
    """When a title speaks again the files say so, though nothing was written to the store."""
    noon = NOW.replace(minute=0)
    await engine.in_store(lambda: mute(engine.store, engine.world, TITLE, noon + 10 * MINUTE, noon))
    await refreshed(publisher, noon)
    await refreshed(publisher, noon + 9 * MINUTE)
    assert maker.times == 1
    await refreshed(publisher, noon + 11 * MINUTE)
    assert maker.times == 2


async def test_a_new_day_is_published(engine: Engine, tmp_path: Path, maker: Maker) -> None:
    """With the user's own midnight the files are made anew, since the countdown goes on."""
    engine.world = replace(engine.world, audience=replace(engine.world.audience, zone=ZoneInfo("Asia/Kolkata")))
    publisher = Publisher(engine, tmp_path, make=maker)
    midnight = datetime(2026, 5, 1, 18, 30, tzinfo=UTC)
    await refreshed(publisher, midnight - 2 * MINUTE)
    await refreshed(publisher, midnight - MINUTE)
    assert maker.times == 1
    await refreshed(publisher, midnight)
    assert maker.times == 2


async def test_a_change_that_comes_right_after_another_waits_a_moment(engine: Engine, publisher: Publisher, maker: Maker) -> None:
    """In a first pass over many feeds the files are not made with each of them, and yet within a minute of the last."""
    noon = NOW.replace(minute=0)
    await refreshed(publisher, noon)
    await learns("a")(engine, noon)
    await refreshed(publisher, noon + timedelta(seconds=5))
    assert maker.times == 1
    await refreshed(publisher, noon + timedelta(seconds=25))
    assert maker.times == 2


async def test_a_clock_that_is_set_back_delays_nothing(engine: Engine, publisher: Publisher, maker: Maker) -> None:
    """After a clock was set back by a year, news is published as before."""
    await refreshed(publisher, NOW)
    await learns("a")(engine, NOW)
    await refreshed(publisher, NOW - timedelta(days=365))
    assert maker.times == 2


async def test_a_failure_is_logged_once_and_tried_each_minute(
    publisher: Publisher, maker: Maker, caplog: pytest.LogCaptureFixture
) -> None:
    """As long as the reason is the same one line is logged, another reason is another, and the end of it is told too."""
    caplog.set_level(logging.WARNING, logger="watcher")
    noon = NOW.replace(minute=0)
    maker.error = PublishError("/srv/site: no space left on device; make room")
    for second in range(0, 300, 5):
        await refreshed(publisher, noon + timedelta(seconds=second))
    assert maker.times == 5
    assert publisher.failure is not None
    assert publisher.failure.since == noon
    maker.error = StoreBusy("watcher.db is held by another process; try again")
    await refreshed(publisher, noon + 5 * MINUTE)
    assert publisher.failure.since == noon
    maker.error = None
    await refreshed(publisher, noon + 6 * MINUTE)
    assert publisher.failure is None
    assert [record.getMessage().partition(";")[0] for record in caplog.records] == [
        "/srv/site: no space left on device",
        "watcher.db is held by another process",
        f"the files in {publisher.directory} are current again",
    ]


async def test_a_mistake_of_ours_ends_no_pass(publisher: Publisher, maker: Maker, caplog: pytest.LogCaptureFixture) -> None:
    """A document that cannot be made is logged once with its traceback, told as a trouble, and tried again; nothing is raised."""
    noon = NOW.replace(minute=0)
    maker.error = ValueError("a date that is none")
    for minute in range(3):
        await refreshed(publisher, noon + minute * MINUTE)
    assert maker.times == 3
    assert publisher.failure is not None
    assert "cannot be made (ValueError)" in publisher.failure.words
    (record,) = [one for one in caplog.records if one.name == "watcher"]
    assert record.exc_info is not None


async def test_nobody_waits_for_the_files_but_who_ends(engine: Engine, publisher: Publisher, maker: Maker) -> None:
    """While files are being written the passes and the store go on, no second writing begins, and an end waits for the first."""
    maker.held.clear()
    await publisher.refresh(NOW)
    await learns("a")(engine, NOW)
    for minute in range(1, 4):
        await asyncio.wait_for(publisher.refresh(NOW + minute * MINUTE), 30)
    assert maker.times == 1
    ending = asyncio.create_task(publisher.aclose())
    await asyncio.sleep(0.05)
    assert not ending.done()
    maker.held.set()
    await asyncio.wait_for(ending, 30)


async def test_files_that_failed_are_made_again_when_all_is_as_it_was(engine: Engine, publisher: Publisher, maker: Maker) -> None:
    """A feed fails, its files cannot be written, and it answers again: the files are made anew, and the failure is over."""
    noon = NOW.replace(minute=0)
    await poll(engine, noon)
    await refreshed(publisher, noon)
    await fails(engine, noon + MINUTE)
    maker.error = PublishError("/srv/site: no space left on device; make room")
    await refreshed(publisher, noon + MINUTE)
    assert publisher.failure is not None
    maker.error = None
    await poll(engine, noon + 2 * MINUTE)
    await refreshed(publisher, noon + 3 * MINUTE)
    assert maker.times == 3
    assert publisher.failure is None


async def test_files_that_take_very_long_are_told(publisher: Publisher, maker: Maker, caplog: pytest.LogCaptureFixture) -> None:
    """A disk that takes nothing and says nothing is told once after minutes as a failure, which ends when it takes them."""
    caplog.set_level(logging.WARNING, logger="watcher")
    maker.held.clear()
    for minute in range(10):
        await publisher.refresh(NOW + minute * MINUTE)
        assert (publisher.failure is not None) == (minute >= 5)
    maker.held.set()
    await publisher.aclose()
    assert publisher.failure is None
    assert maker.times == 1
    assert [record.getMessage().partition(";")[0] for record in caplog.records] == [
        f"{publisher.directory}: writing its files takes minutes already",
        f"the files in {publisher.directory} are current again",
    ]


async def test_through_a_long_day_the_page_never_calls_itself_old(engine: Engine, tmp_path: Path) -> None:
    """With no news at all, and on the day that has 25 hours, the real page is written anew before it would say it is old."""
    zone = ZoneInfo("Europe/Berlin")
    engine.world = replace(engine.world, audience=replace(engine.world.audience, zone=zone))
    publisher = Publisher(engine, tmp_path)
    begin = datetime(2026, 10, 24, 12, 0, tzinfo=zone).astimezone(UTC)
    written = set()
    for half in range(2 * 50):
        now = begin + half * 30 * MINUTE
        await refreshed(publisher, now)
        assert publisher.failure is None
        at = datetime.fromtimestamp((tmp_path / "index.html").stat().st_mtime, UTC)
        assert now - at < timedelta(hours=STALE_HOURS)
        written.add(at.astimezone(zone).isoformat())
    assert sorted(written) == ["2026-10-24T12:00:00+02:00", "2026-10-25T00:00:00+02:00", "2026-10-26T00:00:00+01:00"]


async def test_a_store_that_cannot_be_read_is_told(engine: Engine, tmp_path: Path) -> None:
    """Where there is no store to read, the publisher says so as of any other failure."""
    publisher = Publisher(engine, tmp_path)
    engine.store.path = tmp_path / "elsewhere.db"
    await refreshed(publisher, NOW)
    assert publisher.failure is not None
    assert "elsewhere.db" in publisher.failure.words


async def test_real_files_are_made_of_the_store_while_it_is_written(engine: Engine, tmp_path: Path) -> None:
    """With the real documents, all files lie there after the first look, and say what is held after the next."""
    out = tmp_path / "out"
    out.mkdir()
    publisher = Publisher(engine, out)
    await refreshed(publisher, NOW)
    assert publisher.failure is None
    assert names_in(out) == sorted(DOCUMENTS)
    assert b"2026" not in (out / "status.json").read_bytes()
    await learns("a")(engine, NOW)
    await refreshed(publisher, NOW + MINUTE)
    assert b"2026-06-06" in (out / "status.json").read_bytes()
