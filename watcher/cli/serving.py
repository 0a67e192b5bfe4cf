"""What a running daemon answers on its socket: how it is, a reload, and the verbs that only it may do for others."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from watcher import __version__
from watcher.cli.errand import run_verb
from watcher.cli.pass_now import feeds_meant, one_pass, pass_lines, pass_object
from watcher.config import Config
from watcher.control import Control, Handler, Object
from watcher.daemon.life import Made
from watcher.engine import Engine
from watcher.errors import WatcherError
from watcher.lock import StateLock
from watcher.model import Feed
from watcher.paths import socket_path

#: How often is looked whether the socket is still there, in seconds.
_LOOK_S = 10.0

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
    _at_work: set[asyncio.Task[Object]] = field(default_factory=set)

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
                    for work in self._at_work:
                        work.cancel()
                    # They use what is closed next.
                    await asyncio.gather(*self._at_work, return_exceptions=True)

        return noted

    async def poll(self, request: Object) -> Object:
        """One pass now, on the engine that works: of a feed or of all.

        Raises:
            UsageError: there is no such feed.
            WatcherError: the daemon is about to take in another configuration, or to end.
        """
        engine, config = self.engine, self.config
        if engine is None or config is None:
            raise WatcherError("the daemon is starting or stopping; try again")
        wanted = request.get("feed")
        feeds = feeds_meant(config, wanted if isinstance(wanted, str) else None)
        work = asyncio.ensure_future(_passed(engine, config, feeds, force=bool(request.get("force"))))
        self._at_work.add(work)
        work.add_done_callback(self._at_work.discard)
        try:
            return await work
        except asyncio.CancelledError:
            if self.engine is engine:
                work.cancel()
                raise
            raise WatcherError("the daemon takes in another configuration, or ends; what was polled is kept") from None


async def _passed(engine: Engine, config: Config, feeds: list[Feed], *, force: bool) -> Object:
    passed = await one_pass(engine, feeds, force=force)
    return {"status": passed.status, "lines": pass_lines(passed, config, dry_run=False), "passed": pass_object(passed)}


@asynccontextmanager
async def serving(lock: StateLock, desk: Desk, daemon: Answers) -> AsyncIterator[None]:
    """Answer on the socket for as long as the block takes; the lock tells where it is."""
    async with Control(socket_path(os.environ, desk.state), handlers(desk, daemon), quiet=("state",)) as control:
        lock.answers_at(control.path if control.listens else None)
        staying = asyncio.ensure_future(_stay(control))
        try:
            yield
        finally:
            staying.cancel()


async def _stay(control: Control) -> None:
    """See to it that the socket stays where the lock says."""
    while True:
        await asyncio.sleep(_LOOK_S)
        await control.renew()


def handlers(desk: Desk, daemon: Answers) -> dict[str, Handler]:
    """What can be asked, by its name."""
    place = os.path.realpath(desk.state)
    one_verb, one_pass_at_a_time = asyncio.Lock(), asyncio.Lock()

    async def verb(request: Object) -> Object:
        async with one_verb:
            return await run_verb(request, desk.config_path)

    async def poll(request: Object) -> Object:
        async with one_pass_at_a_time:
            return await desk.poll(request)

    async def state(_: Object) -> Object:
        return {**daemon.state(), "state": place, "pid": os.getpid(), "version": __version__}

    async def reload(_: Object) -> Object:
        # Whoever asked may go away; a reload that has begun comes to its end.
        return {"problems": await asyncio.shield(asyncio.ensure_future(daemon.reload()))}

    return {"state": state, "reload": reload, "verb": verb, "poll": poll}
