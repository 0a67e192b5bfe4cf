"""Sends to real receivers: a message of an invented film, a sender with a limit, and a guard against tests that hang."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from email.message import EmailMessage
from typing import Any, TypeVar

import processes

from watcher.model import Target
from watcher.send import Receipt, Sender
from watcher.tell.message import Message

T = TypeVar("T")

MESSAGE = Message(
    id="the-tall-tide/US/cinemas/r2",
    title="The Tall Tide moves to May 7, 2027 (was May 8, 2026)",
    body='Friday, May 7, 2027, US cinemas.\n“It moves & stays <put>.”\n\nSent to "phone".  the-tall-tide/US/cinemas/r2',
    html="<!doctype html>\n<html><body><p>Friday, May 7, 2027</p>\n<p>“It moves &amp; stays &lt;put&gt;.”</p></body></html>",
    letter="The Tall Tide opens in US cinemas on\n\n    Friday, May 7, 2027         471 days to go\n\n“It moves & stays <put>.”",
    kind="warning",
    link="https://example.org/tide",
)


def target(url: str | None, name: str = "phone") -> Target:
    """A target with this address."""
    return Target(name=name, url=url)


def nowhere(_message: Message) -> None:
    """A terminal that nothing should reach."""
    raise AssertionError("nothing goes to the terminal here")


@asynccontextmanager
async def sender(limit: float = 20) -> AsyncIterator[Sender]:
    """A sender with this timeout in seconds, closed at the end."""
    async with Sender(timeout=limit, terminal=nowhere) as one:
        yield one


async def sent(url: str, message: Message = MESSAGE) -> Receipt:
    """What is known of one message to this address."""
    async with sender() as out:
        return await out.send(target(url), message)


def to_end(test: Coroutine[Any, Any, T]) -> T:
    """Run a test to its end; one that hangs fails."""

    async def guarded() -> T:
        async with asyncio.timeout(60):
            return await test

    return asyncio.run(guarded())


def children(of: int | None = None) -> list[int]:
    """The living children of a process (ours by default) that hold Apprise."""
    return processes.children("watcher.send_child", of)


def part(mail: EmailMessage, subtype: str) -> str:
    """One alternative of a mail, "plain" or "html", with the line ends of a text."""
    body = mail.get_body((subtype,))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n").rstrip("\n")
