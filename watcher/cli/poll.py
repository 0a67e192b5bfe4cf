"""`watcher poll`: one pass now, whatever the schedule says, and then whatever is to be told."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from watcher.cli import common, compose
from watcher.cli.rehearsal import Rehearsal
from watcher.config import Config
from watcher.engine import Engine
from watcher.errors import UsageError
from watcher.follow import Followed, waits
from watcher.hosts import one_of_each_host
from watcher.lock import StateLock
from watcher.model import Feed
from watcher.polling import Polled
from watcher.send import Sender
from watcher.sending import Sent
from watcher.store import ask
from watcher.store.schema import copy_store

#: Between two requests to one host, in seconds; and how often there is a next page: what is left then, the next poll reads.
_SPACING_S, _ROUNDS = 1.0, 60


@click.command("poll")
@click.argument("feed", required=False)
@click.option("--dry-run", is_flag=True, help="Commit nothing and send nothing; show what would be told.")
@click.option("--force", is_flag=True, help="Ask also servers that told us to wait.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
@common.config_option
def command(feed: str | None, dry_run: bool, force: bool, as_json: bool, config_path: str | None) -> None:
    """Poll FEED (an address or an outlet), or every feed, now; then send what is to be told, without waiting for company."""
    config = common.load(config_path)
    feeds = _pick(config, feed)
    compose.check_targets(config.targets)
    compose.spare_collector()
    # Standard output is for the data that was asked for; alerts to the terminal go beside it then.
    terminal = compose.to_stderr if as_json else compose.to_terminal
    if dry_run:
        with TemporaryDirectory(prefix="watcher-dry-run-") as scratch:
            copy = Path(scratch) / "watcher.db"
            if common.database(config).exists():
                copy_store(common.database(config), copy)
            polled, followed, sent = asyncio.run(_poll(config, feeds, copy, Rehearsal(), force=force))
    else:
        with StateLock(common.make_state(config)):
            sender = Sender(terminal=terminal)
            polled, followed, sent = asyncio.run(_poll(config, feeds, common.database(config), sender, force=force))
    if as_json:
        json.dump(_as_json(polled, followed, sent), sys.stdout, indent=2, ensure_ascii=False)
        print()
    else:
        _report(config, polled, followed, sent, dry_run=dry_run)
    failed = bool(polled) and all(p.error for p in polled)
    sys.exit(1 if failed or any(s.receipt.outcome != "sent" for s in sent) else 0)


def _pick(config: Config, wanted: str | None) -> list[Feed]:
    found = [f for f in config.feeds if wanted is None or wanted == f.url or wanted.casefold() == f.outlet.casefold()]
    if not found:
        known = "none configured" if not config.feeds else ", ".join(sorted({f.outlet for f in config.feeds}))
        raise UsageError(f"no feed to poll{f' is called {wanted!r}' if wanted else ''}; feeds: {known}")
    return found


async def _poll(
    config: Config, feeds: list[Feed], store: Path, sender: Sender | Rehearsal, *, force: bool
) -> tuple[tuple[Polled, ...], tuple[Followed, ...], tuple[Sent, ...]]:
    made = compose.fetcher(config)
    try:
        async with await Engine.open(
            store, compose.world(config), sender=sender, make_fetcher=made, pages=compose.pages(config), now=common.now()
        ) as engine:
            polled = await _ask(engine, feeds, force=force)
            followed = await _follow(engine)
            await engine.finish_learning(common.now())
            return polled, followed, await engine.deliver(common.now(), at_once=True)
    finally:
        await sender.aclose()


async def _ask(engine: Engine, feeds: list[Feed], *, force: bool) -> tuple[Polled, ...]:
    """Poll the feeds, of each host one after the other with some time between."""
    polled: list[Polled] = []
    waiting = list(feeds)
    asks = await engine.in_store(lambda: {state.url: state.asked for state in ask.feeds(engine.store.connection)})
    while True:
        turn = one_of_each_host(waiting, [asks.get(feed.url, feed.url) for feed in waiting], engine.world.allow)
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


def _report(
    config: Config, polled: tuple[Polled, ...], followed: tuple[Followed, ...], sent: tuple[Sent, ...], *, dry_run: bool
) -> None:
    good = [p for p in polled if p.error is None]
    names = ", ".join(t.name for t in config.titles[:3]) + (" and others" if len(config.titles) > 3 else "")
    new, named = sum(p.learned.new for p in good), sum(p.learned.named for p in good)
    about = f"{named} named {names}" if named else f"none named {names}"
    unchanged = sum(p.unchanged for p in good)
    print(
        f"{_count(len(good), 'feed')} answered"
        + (f" ({unchanged} unchanged)" if unchanged else "")
        + f": {_count(new, 'new item')}"
        + (f", {about}." if new else ".")
    )
    for failed in (p for p in polled if p.error):
        print(f"  {failed.feed.outlet}: {failed.error}")
    if followed:
        print(f"{_count(sum(f.error is None for f in followed), 'page')} read behind {_count(len(followed), 'item')}.")
    went = {
        "sent": "would be sent" if dry_run else "sent",
        "failed": "not sent, will be tried again",
        "unknown": "may not have arrived, will be tried again",
    }
    for one in sent:
        why = f" ({one.receipt.detail})" if one.receipt.detail and not dry_run else ""
        print(f"{one.target}: {went[one.receipt.outcome]}{why}: {one.message.title}")
    if dry_run:
        print("A dry run: nothing was stored or sent.")
    elif not sent:
        print("Nothing to tell.  What is believed: watcher status")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _as_json(polled: tuple[Polled, ...], followed: tuple[Followed, ...], sent: tuple[Sent, ...]) -> dict[str, object]:
    return {
        "feeds": [
            {
                "url": p.feed.url,
                "outlet": p.feed.outlet,
                "error": p.error,
                "unchanged": p.unchanged,
                "items": p.learned.items,
                "new": p.learned.new,
                "named": p.learned.named,
                "changes": p.learned.changes,
            }
            for p in polled
        ],
        "pages": [{"item": f.page.item, "url": f.page.url, "error": f.error} for f in followed],
        "sent": [
            {
                "target": s.target,
                "id": s.message.id,
                "title": s.message.title,
                "outcome": s.receipt.outcome,
                "detail": s.receipt.detail,
            }
            for s in sent
        ],
    }
