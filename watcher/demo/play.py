"""Moves the clock through a story and lets the engine do what it always does; says what each moment brought."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from watcher.demo.server import Alert, Newsroom
from watcher.engine import Engine, Tick
from watcher.model import Verdict
from watcher.polling import Polled
from watcher.store import ask
from watcher.store.ask import Outcome

#: Between the polls that we look at: the default interval of a feed, so that every feed is due at every look.
_EVERY = timedelta(minutes=30)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What has been done so far.

    `unchanged` are the polls that a feed answered with "not modified"; of the items, `about` are about the film, and
    `namesakes` about something else of its name.
    """

    polls: int = 0
    unchanged: int = 0
    items: int = 0
    about: int = 0
    namesakes: int = 0
    alerts: int = 0

    def plus(self, polled: Sequence[Polled], outcomes: Sequence[Outcome], alerts: int) -> Tally:
        """This and one look more."""
        about = sum(outcome.verdict == Verdict.ABOUT for outcome in outcomes)
        return Tally(
            polls=self.polls + len(polled),
            unchanged=self.unchanged + sum(one.unchanged for one in polled),
            items=self.items + sum(one.learned.new for one in polled),
            about=self.about + about,
            namesakes=self.namesakes + len(outcomes) - about,
            alerts=self.alerts + alerts,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What one look at the feeds brought: the alerts that arrived, and the items that told nobody, with the reason.

    `at` is simulated (UTC). `troubles` are one line each for whatever did not work, empty on a good day.
    """

    at: datetime
    tally: Tally
    alerts: tuple[Alert, ...] = ()
    untold: tuple[Outcome, ...] = ()
    troubles: tuple[str, ...] = ()


async def play(engine: Engine, newsroom: Newsroom) -> AsyncGenerator[Scene, None]:
    """Play the newsroom's story to its end, one scene for each look at the feeds."""
    looks = list(moments([article.at for article in newsroom.story.articles]))
    tally = Tally()
    for at in (newsroom.story.begins + _EVERY, *looks, newsroom.story.ends):
        newsroom.now = at
        # Alerts wait for others who say the same; no feed is due again by then.
        ticks = [await engine.tick(at), await engine.tick(at + engine.world.audience.policy.group_wait)]
        alerts, outcomes = newsroom.taken(), await _outcomes(engine, at)
        tally = tally.plus([one for tick in ticks for one in tick.polled], outcomes, len(alerts))
        untold = tuple(one for one in outcomes if not one.outcome.startswith("told: "))
        yield Scene(at=at, tally=tally, alerts=alerts, untold=untold, troubles=tuple(_troubles(ticks, len(alerts))))


def moments(times: Sequence[datetime]) -> Iterator[datetime]:
    """When to look: at the half hours that follow the times, each once, in order."""
    last = None
    for time in sorted(times):
        at = _EPOCH - (_EPOCH - time) // _EVERY * _EVERY
        if at != last:
            yield at
        last = at


async def unfinished(engine: Engine, newsroom: Newsroom) -> tuple[str, ...]:
    """What should have happened by the end and did not, one line each."""

    def look() -> Iterator[str]:
        stored = ask.items_count(engine.store.connection)
        if stored != (written := len(newsroom.story.articles)):
            yield f"{stored} of {written} articles were stored"
        for target in engine.world.targets:
            if waiting := ask.waiting(engine.store.connection, target.name)[0]:
                yield f"{waiting} alerts still wait for {target.name}"

    return await engine.in_store(lambda: tuple(look()))


async def _outcomes(engine: Engine, at: datetime) -> tuple[Outcome, ...]:
    """What became of the items of one look that named the film, in the order in which they were published."""
    outcomes = await engine.in_store(lambda: ask.outcomes(engine.store.connection))
    return tuple(sorted((one for one in outcomes if one.source.first_seen == at), key=lambda one: one.source.order))


def _troubles(ticks: Sequence[Tick], arrived: int) -> Iterator[str]:
    """What went wrong in these ticks, of which so many alerts arrived."""
    for tick in ticks:
        yield from (f"{polled.feed.outlet}: {polled.error}" for polled in tick.polled if polled.error)
        yield from (f"not sent ({one.receipt.detail}): {one.message.title}" for one in tick.sent if one.receipt.outcome != "sent")
    if (sent := sum(len(tick.sent) for tick in ticks)) != arrived:
        yield f"{sent} alerts were sent, {arrived} arrived"
