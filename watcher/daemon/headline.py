"""How things stand, in one line for whoever looks at the service: the countdown, then whether feeds answer and alerts wait."""

from __future__ import annotations

from datetime import date, datetime

from watcher.learn import World
from watcher.model import Title
from watcher.store import ask
from watcher.store.store import Store
from watcher.tell.countdown import Countdown, countdown
from watcher.tell.dates_in_words import Dates
from watcher.tell.places import place_in_words


def headline(store: Store, world: World, now: datetime) -> str:
    """The soonest title's countdown, on the user's calendar; feeds that answered last time; alerts that wait."""
    parts = [_titles(store, world, now), _feeds(store, world), _waiting(store, world)]
    return " ".join(filter(None, parts))


def _titles(store: Store, world: World, now: datetime) -> str:
    today = now.astimezone(world.audience.zone).date()
    counts = [(title, _count(store, world, title, today)) for title in world.titles]
    if not counts:
        return "No title is watched."
    title, count = min(counts, key=lambda one: _soonest_first(one[1]))
    more = len(counts) - 1
    others = f" And {more} more title{'' if more == 1 else 's'}." if more else ""
    return f"{title.name}: {_in_words(count, world.audience.dates)}.{others}"


def _count(store: Store, world: World, title: Title, today: date) -> Countdown:
    facts = ask.facts(store.connection, title=title.id)
    return countdown(facts, regions=world.audience.regions, origin=title.origin, today=today)


def _soonest_first(count: Countdown) -> tuple[int, int]:
    """What is ahead, the nearest first; then what has no date; then what is out."""
    if count.days is None:
        return 1, 0
    return (0, count.days[1]) if count.days[1] >= 0 else (2, -count.days[1])


def _in_words(count: Countdown, dates: Dates) -> str:
    main = count.released or count.next
    if main is None:
        return count.words
    how_far = f"released {count.released_words}" if count.released else count.words
    return f"{how_far} ({dates.in_words(main.date)}, {place_in_words(main.key)})"


def _feeds(store: Store, world: World) -> str:
    urls = {feed.url for feed in world.feeds}
    asked = [state for state in ask.feeds(store.connection) if state.url in urls and state.last_poll_at is not None]
    if not asked:
        return "No feed was asked yet." if urls else "No feed is read."
    well = sum(not state.failures and state.gone_at is None for state in asked)
    return f"{well} of {len(urls)} feeds answer."


def _waiting(store: Store, world: World) -> str:
    waiting = sum(ask.waiting(store.connection, target.name)[0] for target in world.targets)
    return f"{waiting} alert{'' if waiting == 1 else 's'} to be sent." if waiting else ""
