"""`watcher run`: the daemon, in the foreground, as a service manager wants it."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from pathlib import Path

import click

from watcher.cli import common, compose
from watcher.cli.serving import Desk, serving
from watcher.config import Config
from watcher.daemon import Daemon
from watcher.engine import Engine
from watcher.errors import WatcherError
from watcher.lock import StateLock
from watcher.send import Sender

#: What journald makes of a line on standard error that begins so (sd-daemon(3)).
_PRIORITIES = {logging.DEBUG: "<7>", logging.INFO: "<6>", logging.WARNING: "<4>", logging.ERROR: "<3>", logging.CRITICAL: "<2>"}


@click.command("run")
@common.config_option
def command(config_path: str | None) -> None:
    """Watch: poll the feeds when they are due, and send alerts when a date or the cast changes, until told to stop."""
    config = common.load(config_path)
    compose.check_targets(config.targets)
    compose.spare_collector()
    set_up_logging()
    with StateLock(common.make_state(config)) as lock:
        titles = ", ".join(t.name for t in config.titles) or "no title"
        targets = ", ".join(t.name for t in config.targets)
        logging.getLogger("watcher").info("watching %s in %d feeds, telling %s", titles, len(config.feeds), targets)
        runner = asyncio.Runner()
        status = 0
        try:
            runner.run(_serve(config, lock, common.config_file(config_path)))
        except WatcherError as error:
            # The text is for a person and says what to do; a traceback would say less.
            logging.getLogger("watcher").critical("%s", error)
            status = error.exit_status
        logging.shutdown()
        sys.stdout.flush()
        # Everything is committed and closed. A thread that waits for a name server cannot be cancelled and would hold us here.
        os._exit(status)


async def _serve(config: Config, lock: StateLock, path: Path | None) -> None:
    desk = Desk(state=common.state(config), config=path)
    async with serving(lock, desk):
        await _run(config)


async def _run(config: Config) -> None:
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
            await Daemon(engine, ping=compose.ping(config)).run()
    finally:
        await sender.aclose()


def set_up_logging() -> None:
    """Lines on standard error: with journald's priorities under systemd, with the time of day elsewhere."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        _Journal("%(message)s") if os.environ.get("JOURNAL_STREAM") else logging.Formatter("%(asctime)s %(message)s", "%H:%M:%S")
    )
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    logging.getLogger("watcher").setLevel(logging.INFO)


class _Journal(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        """The message on one line behind its priority."""
        return _PRIORITIES.get(record.levelno, "<6>") + super().format(record).replace("\n", " | ")
