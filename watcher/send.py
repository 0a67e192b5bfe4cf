"""One send through Apprise, in a child process that can be killed, and a receipt that says what is known of it.

There is no retry in here: the outbox tries again. A target's URL is a secret; it goes to the child through a pipe, never on a
command line, into an environment, a log or a receipt.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import watcher
from watcher.fetch.headers import retry_after
from watcher.model import Target
from watcher.tell.message import Message

_CHILD = (sys.executable, "-P", "-m", "watcher.send_child")
_CHECK_TIMEOUT = 30.0
_FAREWELL_TIMEOUT = 2.0

#: A server that asks to be left alone for longer means something else.
_LONGEST_WISH = 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What is known of one send. `detail` is one plain line without secrets, empty when there is nothing to add.

    `sent`: the target's server took it. `failed`: it certainly did not. `unknown`: it may have. `retry_after` is how many
    seconds the server wants to be left alone (RFC 9110, section 10.2.3). `refuses` says that it is this message that the
    server does not take, now or later; another may get through. `service` is what Apprise calls the service, and `status` the
    last status of HTTP or reply code of SMTP that came from it; both are empty where they are not known.
    """

    outcome: Literal["sent", "failed", "unknown"]
    detail: str = ""
    retry_after: float | None = None
    refuses: bool = False
    service: str = ""
    status: int | None = None


class Sender:
    """Sends messages, each in a child of its own while it lasts; one child that did well is kept for the next.

    `timeout` is for one send, in seconds, the child's start included. `terminal` prints a message for targets without a URL.
    Close it with `aclose`, or use it as an asynchronous context manager.
    """

    def __init__(self, *, timeout: float = 30.0, terminal: Callable[[Message], None]) -> None:
        self._timeout = timeout
        self._terminal = terminal
        self._idle: list[_Child] = []
        self._busy: set[_Child] = set()
        self._closed = False

    async def __aenter__(self) -> Sender:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def send(self, target: Target, message: Message) -> Receipt:
        """Send one message to one target, once, and say what became of it. Never raises for what happens at the target."""
        if not message.body.strip():
            return Receipt(outcome="failed", detail="there was nothing to send")
        if target.url is None:
            return self._print(message)
        if self._closed:
            return Receipt(outcome="failed", detail="watcher is shutting down")
        try:
            child = await self._child()
        except OSError:
            return Receipt(outcome="failed", detail="the sending process could not be started")
        self._busy.add(child)
        try:
            return await self._ask(child, _request(target.url, message, self._timeout))
        finally:
            self._busy.discard(child)
            await self._put_back(child)

    async def starts(self) -> bool:
        """Whether a child can be started and gets ready to send."""
        try:
            child = await self._child()
        except OSError:
            return False
        is_ready = await child.get_ready()
        await self._put_back(child)
        return is_ready

    async def aclose(self) -> None:
        """End all children. A send that is under way is given up: its receipt is `unknown`."""
        self._closed = True
        idle, self._idle = self._idle, []
        await asyncio.gather(*(child.kill() for child in self._busy), *(child.dismiss() for child in idle))

    def _print(self, message: Message) -> Receipt:
        try:
            self._terminal(message)
        except OSError:
            return Receipt(outcome="failed", detail="the terminal is gone")
        return Receipt(outcome="sent")

    async def _child(self) -> _Child:
        while self._idle:
            child = self._idle.pop()
            if child.is_reusable:
                return child
            await child.kill()
        return await _Child.start()

    async def _put_back(self, child: _Child) -> None:
        """Keep one child for the next send; Apprise is 50 MB of memory, and rarely do two sends meet."""
        if not child.is_reusable:
            await child.kill()
        elif self._closed or self._idle:
            await child.dismiss()
        else:
            self._idle.append(child)

    async def _ask(self, child: _Child, request: bytes) -> Receipt:
        try:
            async with asyncio.timeout(self._timeout):
                answer = await child.ask(request)
        except TimeoutError:
            if not child.has_request:
                return Receipt(outcome="failed", detail=f"the sending process did not start within {self._timeout:g} seconds")
            return Receipt(outcome="unknown", detail=f"no answer within {self._timeout:g} seconds; it may have arrived")
        if answer is None:
            if not child.has_request:
                return Receipt(outcome="failed", detail="the sending process could not be started")
            return Receipt(outcome="unknown", detail="the sending process ended in the middle; it may have arrived")
        return _receipt(answer)


def check_target(target: Target) -> str | None:
    """Why Apprise cannot use a target's URL, without the URL; None if it can, and for the terminal.

    Takes about half a second, in a process of its own. Whether anybody answers there, only a message can tell.
    """
    return None if target.url is None else _asked("check", target.url).problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """What a target's URL comes to: why Apprise cannot use it, or the host and port that a message would go to.

    `server` is None too where there is none (a notification on this machine), or where the service does not tell.
    """

    problem: str | None = None
    server: tuple[str, int] | None = None


def address_of(target: Target) -> Address:
    """Where messages to a target would go, found without one leaving. Takes about half a second, in a process of its own."""
    return Address() if target.url is None else _asked("where", target.url)


def _asked(what: str, url: str) -> Address:
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter and module; the URL goes through the pipe
            [*_CHILD, what],
            input=url.encode(),
            stdout=PIPE,
            stderr=DEVNULL,
            env=_environment(),
            timeout=_CHECK_TIMEOUT,
            check=False,
        )
        answer = json.loads(done.stdout)
    except (OSError, subprocess.TimeoutExpired, ValueError):
        return Address(problem="Apprise could not be asked about this address: its process did not answer")
    server = answer.get("server")
    problem = str(answer["detail"]) if answer["outcome"] == "failed" else None
    return Address(problem=problem, server=(server[0], server[1]) if server else None)


class _Child:
    """One process with Apprise in it, and whether it can be used again."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._is_ready = False
        self.has_request = False

    @classmethod
    async def start(cls) -> _Child:
        """Start one. It has a session of its own, so that Ctrl-C in the terminal does not cut a send in half.

        Raises:
            OSError: the system gives no process.
        """
        return cls(
            await asyncio.create_subprocess_exec(
                *_CHILD, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, env=_environment(), start_new_session=True
            )
        )

    @property
    def is_reusable(self) -> bool:
        """Whether it lives and has answered everything that it was asked."""
        return self._process.returncode is None and self._is_ready and not self.has_request

    async def get_ready(self) -> bool:
        """Wait until it can be asked; False when it ended before."""
        self._is_ready = self._is_ready or await self._answer() is not None
        return self._is_ready

    async def ask(self, request: bytes) -> dict[str, Any] | None:
        """Its answer to a request; None when it ended before it gave one. `has_request` is true from the handing over on."""
        assert self._process.stdin is not None
        if not await self.get_ready():
            return None
        self.has_request = True
        with suppress(ConnectionError):  # then its output has ended too
            self._process.stdin.write(request)
            await self._process.stdin.drain()
        answer = await self._answer()
        self.has_request = answer is None
        return answer

    async def kill(self) -> None:
        """End it now, whatever it is doing."""
        with suppress(ProcessLookupError):
            self._process.kill()
        await self._end()

    async def dismiss(self) -> None:
        """Let it end by itself, which it does when its input ends."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            async with asyncio.timeout(_FAREWELL_TIMEOUT):
                await self._end()
        except TimeoutError:
            await self.kill()

    async def _answer(self) -> dict[str, Any] | None:
        assert self._process.stdout is not None
        line = await self._process.stdout.readline()
        answer: dict[str, Any] | None = json.loads(line) if line.endswith(b"\n") else None
        return answer

    async def _end(self) -> None:
        """Wait until it is gone, and close our ends of its pipes."""
        assert self._process.stdin is not None
        await self._process.wait()
        self._process.stdin.close()
        with suppress(ConnectionError):
            await self._process.stdin.wait_closed()


def _request(url: str, message: Message, timeout: float) -> bytes:
    fields = {"url": url, "timeout": timeout, "id": message.id, "title": message.title, "body": message.body}
    return (
        json.dumps(fields | {"html": message.html, "letter": message.letter, "kind": message.kind, "link": message.link}).encode()
        + b"\n"
    )


def _receipt(answer: dict[str, Any]) -> Receipt:
    """What the child's answer says."""
    wish = answer.get("wish")
    seconds = retry_after([(b"retry-after", wish[0].encode("latin-1")), (b"date", wish[1].encode("latin-1"))]) if wish else None
    return Receipt(
        outcome=answer["outcome"],
        detail=answer["detail"],
        retry_after=None if seconds is None else min(seconds, _LONGEST_WISH),
        refuses=answer.get("refuses", False),
        service=answer.get("service", ""),
        status=answer.get("status"),
    )


def _environment() -> dict[str, str]:
    """Ours, with the place where this package lies: the child must find it, but nothing in the working directory (``-P``)."""
    home = str(Path(watcher.__file__).parent.parent)
    return os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, (home, os.environ.get("PYTHONPATH"))))}
