"""Parses feeds and pages in child processes with limits, so that no document takes the daemon's time or memory, or its life.

A document that takes too long, needs too much, or ends the process that reads it is one ParseError, and costs one child; the
next document has another. There is no retry in here: the same bytes would do the same again.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TypeVar

import watcher
from watcher.errors import ParseError
from watcher.parse import Page, ParsedFeed, wire
from watcher.sandbox_child import OUT_OF_MEMORY, frame

_NOT_STARTED = "was not parsed: the parsing process could not be started"
_CLOSED = "was not parsed: watcher is shutting down"
_FAREWELL_TIMEOUT = 2.0
#: Bytes of an answer that are taken at a time; an ordinary one is no longer.
_BUFFER = 256 * 1024
_PAGE_SIZE = os.sysconf("SC_PAGE_SIZE")
#: What Python itself needs to start and to find its modules. The rest of our environment, which may hold secrets, stays here.
_ENVIRONMENT = ("LD_LIBRARY_PATH", "PYTHONHOME", "PYTHONPATH", "PYTHONUSERBASE")

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """What parsing may take.

    `cpu_s` and `wall_s` are seconds for one document, `memory_mb` is all that one child may use. `children` work at the same
    time, so that a document that takes all its seconds does not keep the others waiting. A child that had so many
    `documents`, or has grown beyond `kept_mb`, has done its work.
    """

    cpu_s: int = 10
    wall_s: float = 15
    memory_mb: int = 400
    children: int = 2
    documents: int = 1000
    kept_mb: int = 80


class Sandbox:
    """Parses documents, each in a child that has nothing else to do; one that did well is kept for the next.

    The first child is started with the first document. Close it with `aclose`, or use it as an asynchronous context manager.
    A call that is cancelled ends the child that was at work for it, and nothing else.
    """

    def __init__(self, *, bounds: Bounds | None = None) -> None:
        self._bounds = bounds or Bounds()
        self._turns = asyncio.Semaphore(self._bounds.children)
        self._waiting = 0
        self._idle: list[_Child] = []
        self._busy: set[_Child] = set()
        self._closed = False

    async def __aenter__(self) -> Sandbox:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def feed(self, body: bytes, *, content_type: str | None, url: str, now: datetime) -> ParsedFeed:
        """What `watcher.parse.parse_feed` makes of a body.

        Raises:
            ParseError: it is no feed, or could not be parsed within the bounds.
        """
        job = wire.Job(content_type=content_type, url=url, now=now)
        return await self._parse(job, body, lambda answer: wire.decode_feed(answer, now=now))

    async def page(self, body: bytes, *, content_type: str | None, url: str) -> Page:
        """What `watcher.parse.parse_page` makes of a body.

        Raises:
            ParseError: it is no page, or could not be parsed within the bounds.
        """
        job = wire.Job(content_type=content_type, url=url)
        return await self._parse(job, body, lambda answer: wire.decode_page(answer, url=url))

    async def aclose(self) -> None:
        """End all children. What is being parsed is given up with a ParseError."""
        self._closed = True
        for child in self._busy:
            child.kill()
        # Each call ends its child itself; whoever has all turns has seen them end.
        for _ in range(self._bounds.children):
            await self._turns.acquire()
        for _ in range(self._bounds.children):
            self._turns.release()
        idle, self._idle = self._idle, []
        for child in idle:
            await child.dismiss()

    async def _parse(self, job: wire.Job, body: bytes, decode: Callable[[bytes], T]) -> T:
        self._waiting += 1
        try:
            await self._turns.acquire()
        finally:
            self._waiting -= 1
        try:
            return await self._parse_now(job, body, decode)
        finally:
            self._turns.release()

    async def _parse_now(self, job: wire.Job, body: bytes, decode: Callable[[bytes], T]) -> T:
        child = await self._child()
        self._busy.add(child)
        try:
            if self._closed:  # while it was being started, when `aclose` could not see it
                child.kill()
                raise ParseError(_CLOSED)
            return decode(await self._ask(child, job, body))
        except wire.Malformed:
            child.kill()
            raise ParseError("was not parsed: the parsing process gave an answer that is none") from None
        finally:
            self._busy.discard(child)
            await self._put_back(child)

    async def _child(self) -> _Child:
        if self._closed:
            raise ParseError(_CLOSED)
        while self._idle:
            child = self._idle.pop()
            if child.is_reusable:
                return child
            await child.end()
        try:
            return await _Child.start(self._bounds)
        except OSError:
            raise ParseError(_NOT_STARTED) from None

    async def _put_back(self, child: _Child) -> None:
        """Keep one child, which is 40 MB of memory and a fifth of a second to start; more only for those who wait."""
        if not child.is_reusable:
            await child.end()
        elif self._closed or child.has_done(self._bounds) or len(self._idle) >= max(1, self._waiting):
            await child.dismiss()
        else:
            self._idle.append(child)

    async def _ask(self, child: _Child, job: wire.Job, body: bytes) -> bytes:
        try:
            async with asyncio.timeout(self._bounds.wall_s):
                is_ready = await child.get_ready()
        except TimeoutError:
            is_ready = False
        if not is_ready:
            raise ParseError(_CLOSED if self._closed else _NOT_STARTED)
        try:
            async with asyncio.timeout(self._bounds.wall_s):
                answer = await child.ask(wire.encode_job(job), body)
        except TimeoutError:
            raise ParseError(f"took longer than {self._bounds.wall_s:g} seconds to parse") from None
        if answer is None:
            raise ParseError(_CLOSED if self._closed else self._epitaph(await child.dismiss()))
        return answer

    def _epitaph(self, status: int) -> str:
        """Why a child ended in the middle of a document, by the status of its end."""
        if status == -signal.SIGXCPU:
            return f"took longer than {self._bounds.cpu_s} seconds to parse"
        if status == OUT_OF_MEMORY:
            return f"needed more than {self._bounds.memory_mb} MB of memory to parse"
        how = f"signal {-status}" if status < 0 else f"status {status}"
        return f"was not parsed: the parsing process ended in the middle ({how})"


class _Child:
    """One process that parses, and whether it can be used again."""

    def __init__(self, process: Process) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._process, self._stdin, self._stdout = process, process.stdin, process.stdout
        self._is_ready = False
        self._has_job = False
        self._is_killed = False
        self._documents = 0

    @classmethod
    async def start(cls, bounds: Bounds) -> _Child:
        """Start one, in a session of its own: Ctrl-C in the terminal is for its parent to deal with.

        Raises:
            OSError: the system gives no process.
        """
        words = (sys.executable, "-P", "-B", "-m", "watcher.sandbox_child", str(bounds.memory_mb), str(bounds.cpu_s))
        return cls(
            await asyncio.create_subprocess_exec(
                *words,
                stdin=PIPE,
                stdout=PIPE,
                stderr=DEVNULL,
                env=_environment(),
                start_new_session=True,
                limit=_BUFFER,
            )
        )

    @property
    def is_reusable(self) -> bool:
        """Whether it lives and has answered everything that it was asked."""
        return self._process.returncode is None and self._is_ready and not self._has_job and not self._is_killed

    def has_done(self, bounds: Bounds) -> bool:
        """Whether another should take its place before it grows without end."""
        try:
            pages = int(Path(f"/proc/{self._process.pid}/statm").read_text(encoding="ascii").split()[1])
        except (OSError, ValueError, IndexError):
            return True
        return self._documents >= bounds.documents or pages * _PAGE_SIZE > bounds.kept_mb * 1_000_000

    async def get_ready(self) -> bool:
        """Wait until it can be asked; False when it ended before."""
        self._is_ready = self._is_ready or await self._receive() == b""
        return self._is_ready

    async def ask(self, job: bytes, body: bytes) -> bytes | None:
        """Its answer to a job; None when it ended before it gave one.

        Raises:
            Malformed: the answer is longer than any honest one.
        """
        self._has_job = True
        self._documents += 1
        with suppress(ConnectionError):  # then its output has ended too
            self._stdin.write(frame(job))
            self._stdin.write(frame(body))
            await self._stdin.drain()
        answer = await self._receive()
        self._has_job = answer is None
        return answer

    def kill(self) -> None:
        """Let the system end it now, whatever it is doing. `end` is still to be called."""
        if self._is_killed:  # again, it would be looked for, and asyncio complain that it is gone
            return
        self._is_killed = True
        with suppress(ProcessLookupError):
            self._process.kill()

    async def end(self) -> int:
        """Kill it, wait until it is gone, and close our ends of its pipes; the status it ended with."""
        self.kill()
        return await self._farewell()

    async def dismiss(self) -> int:
        """Let it end by itself, which it does when its input ends; the status it ended with.

        A process that is ending must not be killed as well: asyncio would lose its status.
        """
        self._stdin.close()
        try:
            async with asyncio.timeout(_FAREWELL_TIMEOUT):
                return await self._farewell()
        except TimeoutError:
            return await self.end()

    async def _receive(self) -> bytes | None:
        try:
            length = int.from_bytes(await self._stdout.readexactly(4))
            if length > wire.ANSWER_LIMIT:
                raise wire.Malformed
            return await self._stdout.readexactly(length)
        except asyncio.IncompleteReadError:
            return None

    async def _farewell(self) -> int:
        # An end of output that nobody reads is none to asyncio, and it waits for that.
        while await self._stdout.read(_BUFFER):
            pass
        status = await self._process.wait()
        self._stdin.close()
        with suppress(ConnectionError):
            await self._stdin.wait_closed()
        return status


def _environment() -> dict[str, str]:
    """What Python needs of ours, with the place where this package lies: the child must find it and nothing in the directory."""
    kept = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
    home = str(Path(watcher.__file__).parent.parent)
    return kept | {"PYTHONPATH": os.pathsep.join(filter(None, (home, kept.get("PYTHONPATH")))), "LANG": "C.UTF-8"}
