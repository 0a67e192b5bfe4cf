"""The daemon of a simulated year: the real one in a process of its own, but for its clock, which comes through a pipe.

Each line of standard input is an order, each of standard output an answer, both JSON: a tick at a moment; the configuration once
more; how large a file may become (a full disk); the end. It is killed for real, and what it holds in memory is its own.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import resource
import sys
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from watcher.cli import common, compose
from watcher.config import Config
from watcher.daemon.memory import give_back
from watcher.daemon.passes import Passes
from watcher.engine import Engine
from watcher.errors import ConfigError, StoreError
from watcher.send import Sender
from watcher.store.rows import moment, stamp

#: When the daemon will next have something to do, by what is stored.
_NEXT = """
SELECT min(at) FROM (
  SELECT next_poll_at AS at FROM feed WHERE gone_at IS NULL AND url IN (SELECT value FROM json_each(:urls))
  UNION ALL SELECT not_before FROM outbox WHERE delivery IS NULL AND dropped IS NULL AND not_before > :now
  UNION ALL SELECT not_before FROM delivery WHERE state IN ('pending', 'unknown') AND not_before > :now
  UNION ALL SELECT not_before FROM target WHERE not_before > :now
  UNION ALL SELECT due_at FROM page WHERE state = 'due'
)
"""


@dataclass(slots=True)
class Clock:
    """What the machine believes that time it is."""

    now: datetime


class Life:
    """One daemon, which gets a new engine with each configuration."""

    def __init__(self, config: Path, clock: Clock) -> None:
        self._path, self._clock = config, clock
        self._sender = Sender(terminal=compose.to_stderr)
        self._engine: Engine | None = None
        self._passes: Passes | None = None

    async def open(self) -> None:
        """Begin with the configuration as it is.

        Raises:
            ConfigError: it is a bad one; what runs goes on.
            StoreError: the store cannot be used.
        """
        config = common.load(str(self._path))
        await self.close(gently=True)
        self._sender = Sender(terminal=compose.to_stderr)
        self._engine = await self._opened(config)
        self._passes = Passes(self._engine, ping=None, publisher=None, now=lambda: self._clock.now, shown=lambda: None)
        await self._passes._begin()

    async def _opened(self, config: Config) -> Engine:
        return await Engine.open(
            common.database(config),
            compose.world(config),
            sender=self._sender,
            make_fetcher=compose.fetcher(config),
            pages=compose.pages(config),
            now=self._clock.now,
        )

    async def close(self, *, gently: bool = False) -> None:
        """End the engine and its sender, as a stop or a reload does."""
        if self._engine is not None and self._passes is not None:
            self._passes.end(gently=gently)
            await self._passes._wind_up()
            await self._engine.aclose()
            self._engine = self._passes = None
        await self._sender.aclose()
        give_back()

    async def tick(self) -> dict[str, Any]:
        """One pass of the daemon, and when the next has something to do."""
        passes = self._passes
        assert passes is not None
        # It rests by the machine's steady clock, which does not run here.
        passes._rests_until = 0
        began, spent = time.perf_counter(), time.process_time()
        await passes._pass()
        # On a busy machine something may still be under way: it must not end hours later, by this clock.
        engine = self._engine
        assert engine is not None
        await engine._wait_for(engine._polls, engine._follows, engine._deliveries, seconds=60)
        took, cpu = time.perf_counter() - began, time.process_time() - spent
        if passes._failure is not None:
            return {"failed": str(passes._failure)}
        if passes.trouble is not None:
            return {"trouble": passes.trouble.words}
        return {"next": await self._next(), "ms": took * 1000, "cpu": cpu * 1000}

    async def _next(self) -> str | None:
        engine = self._engine
        assert engine is not None
        given = {"urls": json.dumps([feed.url for feed in engine.world.feeds]), "now": stamp(self._clock.now)}
        return await engine.in_store(lambda: engine.store.connection.execute(_NEXT, given).fetchone()[0])


async def obey(config: Path) -> None:
    """Do as told until told to stop; a store that cannot be used ends it, as it ends the daemon."""
    loop = asyncio.get_running_loop()
    clock = Clock(moment("2000-01-01T00:00:00+00:00"))
    life = Life(config, clock)
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        order = json.loads(line)
        if "now" in order:
            clock.now = datetime.fromisoformat(order["now"])
        answer: dict[str, Any] = {}
        try:
            match order["do"]:
                case "open":
                    await life.open()
                case "tick":
                    answer = await life.tick()
                case "limit":
                    hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
                    resource.setrlimit(resource.RLIMIT_FSIZE, (order["bytes"] or hard, hard))
                case "stop":
                    await life.close()
        except ConfigError as error:
            answer = {"refused": str(error)}
        except StoreError as error:
            answer = {"failed": str(error)}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()
        if order["do"] == "stop" or "failed" in answer:
            os._exit(0)


def main() -> None:
    """Set up as `watcher run` does, and obey."""
    compose.spare_collector()
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(levelname)s %(message)s"))
    logging.getLogger().addHandler(handler)
    logging.getLogger("watcher").setLevel(logging.INFO)
    asyncio.run(obey(Path(sys.argv[1])))


if __name__ == "__main__":
    main()
