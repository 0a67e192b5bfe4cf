"""The engine: what it sends is what holds when it leaves, targets do not wait for each other, and every outcome is recorded."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from ipaddress import ip_network
from pathlib import Path

import pytest
from builders import NOW, feed_state, item, moved, release, world
from engines import FEED, opened
from feedserver import Answer, Entry, FeedServer, rss
from receivers import Webhook, WebhookReceiver

from watcher.engine import Engine
from watcher.errors import StoreBusy
from watcher.fetch import Fetcher
from watcher.learn import World
from watcher.model import Claim, Evidence, Feed, Target
from watcher.sending import Sent
from watcher.store import ask

LATER = NOW + timedelta(minutes=10)


def loopback() -> Fetcher:
    """A fetcher that may ask this machine."""
    return Fetcher(user_agent="test", allow=[ip_network("127.0.0.0/8")])


def scripted(claims: dict[str, Sequence[Evidence]], targets: Sequence[Target]) -> World:
    """A world whose reader finds these claims in items of these guids."""
    texts: dict[str, Sequence[Claim]] = {guid: [e.claim for e in said] for guid, said in claims.items()}
    return world(texts, targets=targets, feeds=[FEED])


async def arrive(engine: Engine, guid: str, *, outlet: str = "Morning Reel", on: datetime = NOW, now: datetime = NOW) -> None:
    """One item comes in."""
    feed = Feed(url=FEED.url, outlet=outlet)
    await engine.learn(feed, [item(guid, on=on)], feed_state(FEED.url, polled=now), now)


def outcomes(sent: Sequence[Sent]) -> dict[str, str]:
    """What became of each target's delivery."""
    return {one.target: one.receipt.outcome for one in sent}


async def test_hanging_target_delays_no_other(tmp_path: Path) -> None:
    """While one target hangs until its time is up, the other has long been served; the one that hung is unknown, and rests."""
    async with WebhookReceiver(Webhook(hangs=True)) as stuck, WebhookReceiver() as well:
        targets = [Target(name="stuck", url=stuck.url()), Target(name="well", url=well.url())]
        async with opened(tmp_path, scripted({"a": [release("2026-06-05")]}, targets), seconds=4) as engine:
            await arrive(engine, "a")
            delivering = asyncio.create_task(engine.deliver(LATER))
            await asyncio.gather(stuck.reached.wait(), well.reached.wait())
            assert not delivering.done()
            assert outcomes(await delivering) == {"stuck": "unknown", "well": "sent"}
            assert await engine.deliver(LATER) == ()
            again = await engine.deliver(LATER + timedelta(hours=1))
            assert outcomes(again) == {"stuck": "unknown"}
            assert "repeat" in again[0].message.body


async def test_message_tells_what_holds_when_it_leaves(tmp_path: Path) -> None:
    """A move that came in before the first date was told makes one message with the new date alone."""
    async with WebhookReceiver() as hook:
        claims = {"a": [release("2026-06-05")], "b": [moved("2027-06-04", "2026-06-05")]}
        async with opened(tmp_path, scripted(claims, [Target(name="hook", url=hook.url())])) as engine:
            await arrive(engine, "a")
            await arrive(engine, "b", on=NOW + timedelta(minutes=5), now=NOW + timedelta(minutes=5))
            (sent,) = await engine.deliver(NOW + timedelta(minutes=20))
            assert sent.message.title == "Harbor Lights: opens June 4, 2027"
            assert len(hook.posts) == 1


async def test_who_published_first_is_told_first(tmp_path: Path) -> None:
    """The alert names who reported first, though another outlet's feed was read before theirs."""
    async with WebhookReceiver() as hook:
        claims = {"late": [release("2026-06-05")], "early": [release("2026-06-05")]}
        async with opened(tmp_path, scripted(claims, [Target(name="hook", url=hook.url())])) as engine:
            await arrive(engine, "late", outlet="Reel Talk", on=NOW - timedelta(minutes=5))
            await arrive(engine, "early", outlet="Morning Reel", on=NOW - timedelta(minutes=50))
            await engine.deliver(LATER)
            said = json.loads(hook.posts[0].body)["message"]
            assert "Confirmed: Morning Reel first, then Reel Talk." in said


async def test_nothing_is_sent_of_what_no_longer_holds(tmp_path: Path) -> None:
    """A date that moved and moved back before anybody was told makes no message, and nothing waits."""
    async with WebhookReceiver() as hook:
        targets = [Target(name="hook", url=hook.url())]
        claims = {
            "a": [release("2026-06-05", "The Ledger")],
            "b": [moved("2027-06-04", "2026-06-05")],
            "c": [moved("2026-06-05", "2027-06-04")],
        }
        async with opened(tmp_path, scripted(claims, targets)) as engine:
            await arrive(engine, "a", outlet="The Ledger")
            await engine.deliver(LATER)
            for minutes, guid in ((20, "b"), (21, "c")):
                at = NOW + timedelta(minutes=minutes)
                await arrive(engine, guid, on=at, now=at)
            assert await engine.deliver(NOW + timedelta(hours=1)) == ()
            assert len(hook.posts) == 1
            assert await engine.in_store(lambda: ask.waiting(engine.store.connection, "hook")) == (0, 0)


async def test_outcome_that_could_not_be_recorded_is_sent_again_and_marked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the store is busy just after a send, the delivery is unknown at the next pass and goes out once more, marked."""
    async with WebhookReceiver() as hook:
        there = scripted({"a": [release("2026-06-05")]}, [Target(name="hook", url=hook.url())])
        async with opened(tmp_path, there) as engine:
            await arrive(engine, "a")

            def busy(*_: object, **__: object) -> None:
                raise StoreBusy("held by a test")

            with monkeypatch.context() as held:
                held.setattr(engine._sending.outbox, "sent", busy)
                with pytest.raises(StoreBusy):
                    await engine.deliver(LATER)
            (sent,) = await engine.deliver(LATER)
            assert sent.receipt.outcome == "sent"
            assert "repeat" in sent.message.body
            assert len({post.headers["x-watcher-id"] for post in hook.posts}) == 1


async def test_stop_in_the_middle_of_a_send_is_noted(tmp_path: Path) -> None:
    """A send that is cancelled is left as unknown, so that the next start sends it again and says so."""
    async with WebhookReceiver(Webhook(hangs=True)) as stuck:
        targets = [Target(name="stuck", url=stuck.url())]
        async with opened(tmp_path, scripted({"a": [release("2026-06-05")]}, targets)) as engine:
            await arrive(engine, "a")
            delivering = asyncio.create_task(engine.deliver(LATER))
            await stuck.reached.wait()
            delivering.cancel()
            with pytest.raises(asyncio.CancelledError):
                await delivering
            state = await engine.in_store(
                lambda: engine.store.connection.execute("SELECT state, may_repeat FROM delivery").fetchone()
            )
            assert tuple(state) == ("unknown", 1)


async def test_tick_polls_what_is_due_and_only_then(tmp_path: Path) -> None:
    """A tick asks each feed when its time has come, conditionally, and not before."""
    with FeedServer() as server:
        feed = Feed(url=server.url(), outlet="Morning Reel")
        server.answer("/feed", Answer(rss(Entry("Harbor Lights sets sail", guid="a")), etag='"1"'))
        there = world({"a": [release("2026-06-05").claim]}, feeds=[feed])
        async with opened(tmp_path, there, make_fetcher=loopback) as engine:
            first = await engine.tick(NOW)
            assert [(p.learned.new, p.error) for p in first.polled] == [(1, None)]
            assert (await engine.tick(NOW + timedelta(minutes=29))).polled == ()
            second = await engine.tick(NOW + timedelta(minutes=31))
            assert [p.unchanged for p in second.polled] == [True]
            assert [a.headers.get("if-none-match") for a in server.asked("/feed")] == [None, '"1"']


async def test_feed_that_breaks_off_is_an_error_and_leaves_nothing(tmp_path: Path) -> None:
    """Of a document that ends in the middle nothing is stored, and the feed says so until it is whole again."""
    with FeedServer() as server:
        feed = Feed(url=server.url(), outlet="Morning Reel")
        whole = rss(Entry("Harbor Lights sets sail", guid="a"), Entry("Harbor Lights delayed", guid="b"))
        server.answer("/feed", Answer(whole[:-60], etag='"1"'), Answer(whole, etag='"1"'))
        async with opened(tmp_path, world({}, feeds=[feed]), make_fetcher=loopback) as engine:
            (torn,) = (await engine.tick(NOW)).polled
            assert "breaks off" in (torn.error or "")
            assert await engine.in_store(lambda: ask.items_count(engine.store.connection)) == 0
            (mended,) = (await engine.tick(NOW + timedelta(hours=2))).polled
            assert (mended.error, mended.learned.new) == (None, 2)


async def test_failed_poll_keeps_what_was_known_of_a_feed(tmp_path: Path) -> None:
    """After an error the validators stay those of the last good answer, the error is kept, and the next good poll clears it."""
    with FeedServer() as server:
        feed = Feed(url=server.url(), outlet="Morning Reel")
        good = Answer(rss(Entry("Harbor Lights sets sail", guid="a")), etag='"1"')
        server.answer("/feed", good, Answer(b"<html>sign in</html>", content_type="text/html"), good)
        there = world({}, feeds=[feed])
        async with opened(tmp_path, there, make_fetcher=loopback) as engine:
            for hours in (0, 1, 3):
                await engine.tick(NOW + timedelta(hours=hours))
                state = await engine.in_store(lambda: ask.feed(engine.store.connection, feed.url))
                assert state is not None
                assert state.etag == '"1"'
                assert (state.error is None) == (hours != 1)
            assert [a.headers.get("if-none-match") for a in server.asked("/feed")] == [None, '"1"', '"1"']
