"""What a running daemon answers on its socket: how it is, a reload, and the verbs that only it may do for others."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from watcher import __version__
from watcher.config import Config
from watcher.control import Control, Handler, Object
from watcher.daemon.life import Made
from watcher.engine import Engine
from watcher.lock import StateLock
from watcher.paths import socket_path

Make = Callable[[Config], AbstractAsyncContextManager[Made]]


class Answers(Protocol):
    """A daemon, as far as it is asked."""

    def state(self) -> dict[str, Any]:
        """How it is, at once and from memory."""

    async def reload(self) -> list[str]:
        """Take the configuration over; what is wrong with it, nothing where it was taken."""


@dataclass(slots=True)
class Desk:
    """Whom requests are for. The engine is the one that works now: with each reload another takes its place."""

    state: Path
    config_path: Path | None
    engine: Engine | None = None
    config: Config | None = None

    def noting(self, make: Make) -> Make:
        """The same, with the engine that it makes known here for as long as it works."""

        @asynccontextmanager
        async def noted(config: Config) -> AsyncIterator[Made]:
            async with make(config) as made:
                self.engine, self.config = made.engine, config
                try:
                    yield made
                finally:
                    self.engine = self.config = None

        return noted


@asynccontextmanager
async def serving(lock: StateLock, desk: Desk, daemon: Answers) -> AsyncIterator[None]:
    """Answer on the socket for as long as the block takes; the lock tells where it is."""
    async with Control(socket_path(os.environ, desk.state), handlers(desk, daemon)) as control:
        lock.answers_at(control.path if control.listens else None)
        yield


def handlers(desk: Desk, daemon: Answers) -> dict[str, Handler]:
    """What can be asked, by its name."""

    async def state(_: Object) -> Object:
        return {**daemon.state(), "state": str(desk.state.absolute()), "pid": os.getpid(), "version": __version__}

    async def reload(_: Object) -> Object:
        # Whoever asked may go away; a reload that has begun comes to its end.
        return {"problems": await asyncio.shield(asyncio.ensure_future(daemon.reload()))}

    return {"state": state, "reload": reload}
