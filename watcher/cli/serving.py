"""What a running daemon answers on its socket: how it is, a reload, and the verbs that only it may do for others."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from watcher import __version__
from watcher.control import Control, Handler, Object
from watcher.lock import StateLock
from watcher.paths import socket_path


class Answers(Protocol):
    """A daemon, as far as it is asked."""

    def state(self) -> dict[str, Any]:
        """How it is, at once and from memory."""

    async def reload(self) -> list[str]:
        """Take the configuration over; what is wrong with it, nothing where it was taken."""


@dataclass(slots=True)
class Desk:
    """Whom requests are for: the daemon that is at work now, which another takes the place of when it reloads."""

    state: Path
    config: Path | None = None
    daemon: Answers | None = None

    def handlers(self) -> dict[str, Handler]:
        """What can be asked, by its name."""
        return {"state": self._state, "reload": self._reload}

    async def _state(self, request: Object) -> Object:  # noqa: ARG002 - the shape of a handler
        said = {} if self.daemon is None else self.daemon.state()
        return {**said, "state": str(self.state.absolute()), "pid": os.getpid(), "version": __version__}

    async def _reload(self, request: Object) -> Object:  # noqa: ARG002 - the shape of a handler
        return {"problems": ["it is starting or stopping; try again"] if self.daemon is None else await self.daemon.reload()}


@asynccontextmanager
async def serving(lock: StateLock, desk: Desk) -> AsyncIterator[None]:
    """Answer on the socket for as long as the block takes; the lock tells where it is."""
    async with Control(socket_path(os.environ, desk.state), desk.handlers()) as control:
        lock.answers_at(control.path if control.listens else None)
        try:
            yield
        finally:
            lock.answers_at(None)
