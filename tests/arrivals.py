"""Three receivers that note every alert the moment it is there whole: an SMTP server, a JSON webhook and one like ntfy's.

They take a little time to answer, as real ones do, and may refuse a few: so the sender can be killed while nobody knows
whether its alert was taken. What they note is all that an umpire needs.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd.smtp import SMTP, Envelope, Session
from receivers import MailReceiver, Receiver

#: How a message's id ends where only its text carries it.
_ID = re.compile(r"(?<!\S)[\w-]+-[0-9a-f]{10}(?!\S)")


@dataclass(slots=True)
class Arrival:
    """One alert as it came: its stable id, title and text, by the monotonic clock when, and when it was answered.

    `taken` says whether the receiver took it or refused it; what was not answered yet is taken, as far as anybody knows.
    """

    target: str
    id: str
    title: str
    text: str
    at: float
    answered: float | None = None
    taken: bool = True

    @property
    def is_marked(self) -> bool:
        """Whether it says that it may have come before."""
        return "may be a repeat" in " ".join(f"{self.title} {self.text}".split())


@dataclass(slots=True)
class Inbox:
    """What came to one target, which sets `came` each time.

    It takes up to `slow` seconds for an answer; the requests numbered in `refuses` are refused.
    """

    target: str
    chance: random.Random
    slow: float
    came: asyncio.Event
    refuses: frozenset[int] = frozenset()
    arrivals: list[Arrival] = field(default_factory=list)
    #: How many requests are being held: they are there, and not answered.
    holds: int = 0

    async def take(self, name: str, title: str, text: str) -> bool:
        """Note an alert, think for a while, and say whether it is taken."""
        arrival = Arrival(target=self.target, id=name, title=title, text=text, at=time.monotonic())
        arrival.taken = len(self.arrivals) not in self.refuses
        self.arrivals.append(arrival)
        self.came.set()
        self.holds += 1
        try:
            await asyncio.sleep(self.chance.uniform(0, self.slow))
        finally:
            self.holds -= 1
        arrival.answered = time.monotonic()
        return arrival.taken


Reading = Callable[[Mapping[str, str], Mapping[str, str]], tuple[str, str, str]]


def as_webhook(headers: Mapping[str, str], post: Mapping[str, str]) -> tuple[str, str, str]:
    """Id, title and text of what Apprise posts to a webhook."""
    return headers.get("x-watcher-id", ""), post["title"], post["message"]


def as_ntfy(headers: Mapping[str, str], post: Mapping[str, str]) -> tuple[str, str, str]:
    """Id, title and text of what is published on an ntfy server of one's own; nothing but the text carries the id there."""
    del headers
    found = _ID.findall(post["message"])
    return found[-1] if found else "", post["title"], post["message"]


class Posts(Receiver):
    """A web server that takes JSON."""

    def __init__(self, inbox: Inbox, read: Reading) -> None:
        super().__init__(self._serve)
        self._inbox, self._read = inbox, read

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)}
        post = json.loads(await reader.readexactly(int(headers["content-length"])))
        taken = await self._inbox.take(*self._read(headers, post))
        status = "200 OK" if taken else "503 Service Unavailable"
        writer.write(f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{{}}".encode())
        await writer.drain()


class Mails(MailReceiver):
    """An SMTP server."""

    def __init__(self, inbox: Inbox) -> None:
        super().__init__()
        self._inbox = inbox

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        """The reply to a message."""
        del server
        assert isinstance(envelope.content, bytes)
        mail = message_from_bytes(envelope.content, _class=EmailMessage, policy=policy.default)
        body = mail.get_body(("plain", "html"))
        assert body is not None
        taken = await self._inbox.take(mail["X-Watcher-Id"] or "", mail["Subject"] or "", body.get_content())
        return "250 OK" if taken else "451 Try again later"


@asynccontextmanager
async def three(
    chance: random.Random, came: asyncio.Event, *, slow: float, refusals: int = 0
) -> AsyncIterator[dict[str, tuple[Inbox, str]]]:
    """The receivers: for each target's name its inbox, and the Apprise URL. Each refuses so many of its first 300 requests."""
    inboxes = {
        name: Inbox(target=name, chance=chance, slow=slow, came=came, refuses=frozenset(chance.sample(range(300), refusals)))
        for name in ("mail", "hook", "ntfy")
    }
    async with AsyncExitStack() as stack:
        mail = await stack.enter_async_context(Mails(inboxes["mail"]))
        hook = await stack.enter_async_context(Posts(inboxes["hook"], as_webhook))
        ntfy = await stack.enter_async_context(Posts(inboxes["ntfy"], as_ntfy))
        yield {
            "mail": (inboxes["mail"], mail.url()),
            "hook": (inboxes["hook"], f"json://127.0.0.1:{hook.port}/"),
            "ntfy": (inboxes["ntfy"], f"ntfy://127.0.0.1:{ntfy.port}/films"),
        }
