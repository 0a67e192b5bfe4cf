"""`watcher run`: the daemon, in the foreground, as a service manager wants it."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import click

from watcher.board.words import count_in_words
from watcher.cli import common, compose
from watcher.cli.logs import FORMATS, is_journal, set_up_logging
from watcher.cli.serving import Desk, serving
from watcher.config import Config
from watcher.daemon.life import Daemon, Made
from watcher.engine import Engine
from watcher.errors import ConfigError, WatcherError
from watcher.lock import StateLock
from watcher.publishing import Publisher
from watcher.send import Sender
from watcher.tell.lists import names_in_words

log = logging.getLogger("watcher")


@click.command("run")
@click.option(
    "--log-format",
    type=click.Choice(FORMATS),
    default="auto",
    help="The log as text, as a JSON object a line, or (auto) as records for journald under systemd and text elsewhere.",
)
@common.config_option
def command(log_format: str, config_path: str | None) -> None:
    """Watch: poll the feeds when they are due, and send alerts when a date or the cast changes, until told to stop.

    SIGHUP reads the configuration again; one that cannot be used leaves the old one in force.
    """
    set_up_logging(log_format)
    try:
        path = common.config_file(config_path)
        config = _load(path)
        compose.spare_collector()
        with StateLock(common.make_state(config)) as lock:
            status = _live(config, path, lock)
    except WatcherError as error:
        if log_format != "json" and not is_journal(os.environ):
            raise
        status = _said(error)
    logging.shutdown()
    sys.stdout.flush()
    # Everything is committed and closed. A thread that waits for a name server cannot be cancelled and would hold us here.
    os._exit(status)


def _live(config: Config, path: Path | None, lock: StateLock) -> int:
    """The daemon's life; returns the exit status."""
    desk = Desk(state=common.state(config), config_path=path and path.absolute())
    daemon = Daemon(load=_anew(config, path), make=desk.noting(_made))

    async def live() -> None:
        async with serving(lock, desk, daemon):
            await daemon.run(config)

    try:
        asyncio.Runner().run(live())
    except WatcherError as error:
        return _said(error)
    return 0


def _said(error: WatcherError) -> int:
    """Write an error down, a record for each of its lines; returns the exit status. A traceback would say less."""
    for line in str(error).splitlines():
        log.critical("%s", line)
    return error.exit_status


def _load(path: Path | None) -> Config:
    """The settings at this path, or in force without one.

    Raises:
        ConfigError: they cannot be used.
    """
    config = common.settings(common.read_config(path), path) if path else common.load(None)
    compose.check_targets(config.targets)
    return config


def _anew(first: Config, path: Path | None) -> Callable[[], Config]:
    """Reads the settings again, for a daemon that holds the lock of the first ones' state."""

    def load() -> Config:
        config = _load(path)
        if common.state(config) != common.state(first):
            raise ConfigError([f"[watcher], state: is {common.state(first)} while the daemon runs; restart it to move"])
        return config

    return load


@asynccontextmanager
async def _made(config: Config) -> AsyncIterator[Made]:
    """What the settings describe, open for as long as the block takes."""
    titles = names_in_words([title.name for title in config.titles]) or "no title"
    targets = names_in_words([target.name for target in config.targets])
    sender = Sender(terminal=compose.to_terminal)
    try:
        async with await Engine.open(
            common.database(config),
            compose.world(config),
            sender=sender,
            make_fetcher=compose.fetcher(config),
            pages=compose.pages(config),
            now=common.now(),
        ) as engine:
            log.info("watching %s in %s, telling %s", titles, count_in_words(len(config.feeds), "feed"), targets)
            publisher = Publisher(engine, config.publish) if config.publish else None
            yield Made(engine=engine, ping=compose.ping(config), publisher=publisher)
    finally:
        await sender.aclose()
