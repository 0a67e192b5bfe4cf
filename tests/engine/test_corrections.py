"""Corrections: whoever was told what an article no longer says hears of it, and nobody else."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from builders import NOW, credit, feed_state, item, release, world
from engines import FEED, opened
from receivers import WebhookReceiver

from watcher.engine import Engine
from watcher.model import Claim, Confidence, Evidence, Feed, Status, Target
from watcher.sending import Sent

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
DATED, EDITED = "The film opens on June 5.", "The film opens some day."


async def arrive(engine: Engine, text: str, *, at: timedelta, guid: str = "a", outlet: str = "Morning Reel") -> None:
    """An article comes in with this text."""
    now = NOW + at
    feed = Feed(url=FEED.url, outlet=outlet)
    await engine.learn(feed, [item(guid, text, on=NOW, digest=text)], feed_state(FEED.url, polled=now), now)


def titles(sent: Sequence[Sent]) -> dict[str, str]:
    """What each target was told."""
    return {one.target: one.message.title for one in sent}


def reads(said: dict[str, Sequence[Evidence]]) -> dict[str, Sequence[Claim]]:
    """What a reader finds in the article, by its text."""
    return {f"a#{text}": [e.claim for e in found] for text, found in said.items()}


async def test_date_taken_back_is_told_to_whoever_was_told_it(tmp_path: Path) -> None:
    """A target that had the date gets the correction; one that only takes what is confirmed had nothing, and gets nothing."""
    async with WebhookReceiver() as bold, WebhookReceiver() as careful:
        targets = [
            Target(name="bold", url=bold.url()),
            Target(name="careful", url=careful.url(), min_confidence=Confidence.CONFIRMED),
        ]
        there = world(reads({DATED: [release("2026-06-05")], EDITED: []}), targets=targets, feeds=[FEED])
        async with opened(tmp_path, there) as engine:
            await arrive(engine, DATED, at=timedelta(0))
            assert titles(await engine.deliver(NOW + HOUR)) == {"bold": "Harbor Lights: opens June 5, 2026"}
            await arrive(engine, EDITED, at=2 * HOUR)
            (sent,) = await engine.deliver(NOW + 3 * HOUR)
            assert (sent.target, sent.message.title) == ("bold", "Harbor Lights: correction: no date after all, not June 5, 2026")
            assert "It rested on the word of Morning Reel, which no longer stands." in sent.message.body
            assert careful.posts == []


async def test_date_taken_back_before_anybody_was_told_is_told_to_nobody(tmp_path: Path) -> None:
    """Where the article is edited within the time that an alert waits, there is no alert and no correction."""
    async with WebhookReceiver() as hook:
        targets = [Target(name="hook", url=hook.url())]
        there = world(reads({DATED: [release("2026-06-05")], EDITED: []}), targets=targets, feeds=[FEED])
        async with opened(tmp_path, there) as engine:
            await arrive(engine, DATED, at=timedelta(0))
            await arrive(engine, EDITED, at=5 * MINUTE)
            assert await engine.deliver(NOW + 3 * HOUR) == ()
            assert hook.posts == []


async def test_casting_taken_back_says_what_was_told(tmp_path: Path) -> None:
    """The correction of a casting names the person and what was said of them."""
    joins = "Ada Quill joins the film."
    async with WebhookReceiver() as hook:
        targets = [Target(name="hook", url=hook.url())]
        there = world(reads({joins: [credit(Status.JOINS)], EDITED: []}), targets=targets, feeds=[FEED])
        async with opened(tmp_path, there) as engine:
            await arrive(engine, joins, at=timedelta(0))
            assert titles(await engine.deliver(NOW + HOUR)) == {"hook": "Harbor Lights: Ada Quill joins"}
            await arrive(engine, EDITED, at=2 * HOUR)
            told = titles(await engine.deliver(NOW + 3 * HOUR))
            assert told == {"hook": "Harbor Lights: correction: “Ada Quill joins” was taken back"}


async def test_correction_survives_a_restart_between(tmp_path: Path) -> None:
    """An engine that is closed after the alert and opened after the edit still knows whom to correct."""
    async with WebhookReceiver() as hook:
        targets = [Target(name="hook", url=hook.url())]
        there = world(reads({DATED: [release("2026-06-05")], EDITED: []}), targets=targets, feeds=[FEED])
        async with opened(tmp_path, there) as engine:
            await arrive(engine, DATED, at=timedelta(0))
            await engine.deliver(NOW + HOUR)
        async with opened(tmp_path, there) as engine:
            await arrive(engine, EDITED, at=2 * HOUR)
        async with opened(tmp_path, there) as engine:
            assert len(await engine.deliver(NOW + 3 * HOUR)) == 1
            assert await engine.deliver(NOW + 4 * HOUR) == ()
