"""The digest over the two nights in which clocks are set, in three zones: each day's news comes once, at the hour that was asked.

Engine, store, sender and receiver are real; the clock is the test's, and goes a quarter of an hour at a time.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from builders import TITLE, feed_state, item, moved, release, world
from engines import FEED, no_network, silent
from receivers import WebhookReceiver

from watcher.decide.intents import Plan
from watcher.engine import Engine
from watcher.model import Target
from watcher.send import Sender

STEP, DAY = timedelta(minutes=15), timedelta(days=1)
BERLIN, NEW_YORK, KATHMANDU = "Europe/Berlin", "America/New_York", "Asia/Kathmandu"
#: The Sunday on which the clock is set, there; Nepal never sets its own.
NIGHTS = {
    BERLIN: (date(2025, 3, 30), date(2025, 10, 26)),
    NEW_YORK: (date(2025, 3, 9), date(2025, 11, 2)),
    KATHMANDU: (date(2025, 3, 30), date(2025, 10, 26)),
}
#: Half past two does not exist on the one night, and comes twice on the other; in New York it is half past one that comes twice.
HOURS = (time(2, 30), time(1, 30), time(9))


@pytest.mark.parametrize("hour", HOURS, ids=lambda hour: f"{hour:%H:%M}")
@pytest.mark.parametrize(("zone", "night"), [(zone, night) for zone, nights in NIGHTS.items() for night in nights], ids=str)
async def test_digest_comes_once_a_day_when_clocks_are_set(tmp_path: Path, zone: str, night: date, hour: time) -> None:
    """Over four days around a change of the clocks each digest goes out exactly once, at its hour, with the news of its day."""
    here = ZoneInfo(zone)
    begin = datetime.combine(night - 2 * DAY, time(12), here).astimezone(UTC)
    days = [begin + number * DAY for number in range(4)]
    dates = [f"2026-0{5 + number}-05" for number in range(4)]
    said = {
        str(number): [(moved(dates[number], dates[number - 1], on=at) if number else release(dates[0], on=at)).claim]
        for number, at in enumerate(days)
    }
    async with WebhookReceiver() as hook:
        target = Target(name="phone", url=hook.url(), digest=hour.hour * 60 + hour.minute)
        there = world(said, targets=[target])
        there = replace(there, audience=replace(there.audience, zone=here))
        came: list[datetime] = []
        async with (
            Sender(timeout=20, terminal=silent) as sender,
            await Engine.open(tmp_path / "watcher.db", there, sender=sender, make_fetcher=no_network, now=begin) as engine,
        ):
            learned = Plan(at=begin, feeds=(feed_state(FEED.url, polled=begin - DAY),), learned=(TITLE.id,))
            await engine.in_store(lambda: engine.store.apply(learned))
            now = begin
            while now < begin + 4 * DAY:
                if now in days:
                    number = days.index(now)
                    await engine.learn(FEED, [item(str(number), on=now)], feed_state(FEED.url, polled=now), now)
                before = len(hook.posts)
                await engine.tick(now)
                came += [now] * (len(hook.posts) - before)
                now += STEP
    local = [at.astimezone(here) for at in came]
    # The wall clock's own hour, or the moment that follows where it has none.
    expected = [datetime.combine(night - DAY + number * DAY, hour, here).astimezone(UTC).astimezone(here) for number in range(4)]
    assert local == expected
    texts = [json.loads(post.body)["message"] for post in hook.posts]
    assert len(texts) == 4
    for text, day in zip(texts, dates, strict=True):
        assert f"{date.fromisoformat(day):%B} 5, 2026" in text
