"""`watcher poll`: one pass now, whatever the schedule says, and then whatever is to be told; by the daemon where one runs."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from watcher.cli import common, completions, compose, deputy
from watcher.cli.layout import show, show_json
from watcher.cli.pass_now import Passed, feeds_meant, one_pass, pass_lines, pass_object
from watcher.cli.rehearsal import Rehearsal
from watcher.config import Config
from watcher.engine import Engine
from watcher.lock import StateLock
from watcher.model import Feed
from watcher.send import Sender
from watcher.store.schema import copy_store


@click.command("poll")
@click.argument("feed", required=False, shell_complete=completions.feeds)
@click.option("--dry-run", is_flag=True, help="Commit nothing and send nothing; show what would be told.")
@click.option("--force", is_flag=True, help="Ask also servers that told us to wait.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
@common.config_option
def command(feed: str | None, dry_run: bool, force: bool, as_json: bool, config_path: str | None) -> None:
    """Poll FEED (an address or an outlet), or every feed, now; then send what is to be told, without waiting for company.

    A daemon that runs does it, and its alerts to a terminal come in its own.
    """
    if not dry_run:
        known = common.load(config_path, spare=common.ASKING)
        done = deputy.asked(common.state(known), "poll", "watcher poll", feed=feed, force=force)
        if done is not None:
            if as_json:
                show_json(done["passed"])
            else:
                show(done["lines"])
            sys.exit(done["status"])
    # A rehearsal sends nothing, so that it needs no addresses of alerts.
    config = common.load(config_path, spare=common.FETCHING if dry_run else ())
    feeds = feeds_meant(config, feed)
    if not dry_run:
        compose.check_targets(config.targets)
        deputy.become_owner(common.state(config))
    compose.spare_collector()
    passed = _rehearsed(config, feeds, force=force) if dry_run else _done(config, feeds, force=force, as_json=as_json)
    if as_json:
        show_json(pass_object(passed))
    else:
        show(pass_lines(passed, config, dry_run=dry_run))
    sys.exit(passed.status)


def _rehearsed(config: Config, feeds: list[Feed], *, force: bool) -> Passed:
    """A pass over a copy of the store, with nothing sent."""
    with TemporaryDirectory(prefix="watcher-dry-run-") as scratch:
        copy = Path(scratch) / "watcher.db"
        if common.database(config).exists():
            copy_store(common.database(config), copy)
        return asyncio.run(_poll(config, feeds, copy, Rehearsal(), force=force))


def _done(config: Config, feeds: list[Feed], *, force: bool, as_json: bool) -> Passed:
    # Standard output is for the data that was asked for; alerts to the terminal go beside it then.
    sender = Sender(terminal=compose.to_stderr if as_json else compose.to_terminal)
    with StateLock(common.make_state(config)):
        return asyncio.run(_poll(config, feeds, common.database(config), sender, force=force))


async def _poll(config: Config, feeds: list[Feed], store: Path, sender: Sender | Rehearsal, *, force: bool) -> Passed:
    made = compose.fetcher(config)
    try:
        async with await Engine.open(
            store, compose.world(config), sender=sender, make_fetcher=made, pages=compose.pages(config), now=common.now()
        ) as engine:
            return await one_pass(engine, feeds, force=force)
    finally:
        await sender.aclose()
