"""One pass over an engine, now: every feed or some, the pages behind what is new, and the alerts; and how it is told."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from watcher.clean import safe_url
from watcher.cli import common
from watcher.config import Config
from watcher.engine import Engine
from watcher.errors import UsageError
from watcher.follow import Followed, waits
from watcher.hosts import one_of_each_host
from watcher.model import Feed
from watcher.polling import Polled
from watcher.sending import Sent
from watcher.store import ask, indexing

#: Between two requests to one host, in seconds; and how often there is a next page: what is left then, the next poll reads.
_SPACING_S, _ROUNDS = 1.0, 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed:
    """What a pass did."""

    polled: tuple[Polled, ...]
    followed: tuple[Followed, ...]
    sent: tuple[Sent, ...]

    @property
    def status(self) -> int:
        """The exit status: 1 where no feed answered, or an alert was not sent."""
        failed = bool(self.polled) and all(p.error for p in self.polled)
        return 1 if failed or any(s.receipt.outcome != "sent" for s in self.sent) else 0


def feeds_meant(config: Config, wanted: str | None) -> list[Feed]:
    """The feeds of that address or outlet, all where none is named.

    Raises:
        UsageError: there is none.
    """
    found = [f for f in config.feeds if wanted is None or wanted == f.url or wanted.casefold() == f.outlet.casefold()]
    if not found:
        known = "none configured" if not config.feeds else ", ".join(sorted({f.outlet for f in config.feeds}))
        raise UsageError(f"no feed to poll{f' is called {wanted!r}' if wanted else ''}; feeds: {known}")
    return found


async def one_pass(engine: Engine, feeds: list[Feed], *, force: bool) -> Passed:
    """Poll, follow, end first passes, deliver without waiting for company."""
    polled = await _ask(engine, feeds, force=force)
    followed = await _follow(engine)
    await engine.finish_learning(common.now())
    sent = await engine.deliver(common.now(), at_once=True)
    # Who polls by cron has no daemon that keeps house: what came in is found by its words all the same.
    await engine.in_store(lambda: indexing.add_texts(engine.store))
    return Passed(polled=polled, followed=followed, sent=sent)


async def _ask(engine: Engine, feeds: list[Feed], *, force: bool) -> tuple[Polled, ...]:
    """Poll the feeds, of each host one after the other with some time between."""
    polled: list[Polled] = []
    waiting = list(feeds)
    asks = await engine.in_store(lambda: {state.url: state.asked for state in ask.feeds(engine.store.connection)})
    while True:
        addresses = [asks.get(feed.url, feed.url) for feed in waiting]
        turn = one_of_each_host(waiting, addresses, engine.world.allow, busy=engine.busy)
        polled += await engine.poll_all(turn, common.now(), force=force)
        asked = {feed.url for feed in turn}
        waiting = [feed for feed in waiting if feed.url not in asked]
        if not waiting:
            return tuple(polled)
        await asyncio.sleep(_SPACING_S)


async def _follow(engine: Engine) -> tuple[Followed, ...]:
    """Read the linked pages, with some time between two of one host, as often as there are more."""
    followed: list[Followed] = []
    if await engine.in_store(lambda: waits(engine.store, common.now())):
        await asyncio.sleep(_SPACING_S)
    for _ in range(_ROUNDS):
        followed += await engine.follow(common.now())
        if not await engine.in_store(lambda: waits(engine.store, common.now())):
            break
        await asyncio.sleep(_SPACING_S)
    return tuple(followed)


def pass_lines(passed: Passed, config: Config, *, dry_run: bool) -> list[str]:
    """What it did, for the screen."""
    good = [p for p in passed.polled if p.error is None]
    names = ", ".join(t.name for t in config.titles[:3]) + (" and others" if len(config.titles) > 3 else "")
    new, named = sum(p.learned.new for p in good), sum(p.learned.named for p in good)
    about = f"{named} named {names}" if named else f"none named {names}"
    unchanged = sum(p.unchanged for p in good)
    lines = [
        f"{_count(len(good), 'feed')} answered"
        + (f" ({unchanged} unchanged)" if unchanged else "")
        + f": {_count(new, 'new item')}"
        + (f", {about}." if new else ".")
    ]
    lines += [f"  {failed.feed.outlet}: {failed.error}" for failed in passed.polled if failed.error]
    if followed := passed.followed:
        read = sum(f.error is None for f in followed)
        lines.append(f"{_count(read, 'page')} read behind {_count(len(followed), 'item')}.")
    went = {
        "sent": "would be sent" if dry_run else "sent",
        "failed": "not sent, will be tried again",
        "unknown": "may not have arrived, will be tried again",
    }
    for one in passed.sent:
        why = f" ({one.receipt.detail})" if one.receipt.detail and not dry_run else ""
        lines.append(f"{one.target}: {went[one.receipt.outcome]}{why}: {one.message.title}")
    if dry_run:
        lines.append("A dry run: nothing was stored or sent.")
    elif not passed.sent:
        lines.append("Nothing to tell.  What is believed: watcher status")
    return lines


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def pass_object(passed: Passed) -> dict[str, object]:
    """The same for ``--json``."""
    return {
        "feeds": [
            {
                "url": safe_url(p.feed.url),
                "outlet": p.feed.outlet,
                "error": p.error,
                "unchanged": p.unchanged,
                "items": p.learned.items,
                "new": p.learned.new,
                "named": p.learned.named,
                "changes": p.learned.changes,
            }
            for p in passed.polled
        ],
        "pages": [{"item": f.page.item, "url": f.page.url, "error": f.error} for f in passed.followed],
        "sent": [
            {
                "target": s.target,
                "id": s.message.id,
                "title": s.message.title,
                "outcome": s.receipt.outcome,
                "detail": s.receipt.detail,
            }
            for s in passed.sent
        ],
    }
