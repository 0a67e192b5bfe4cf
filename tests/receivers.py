"""Receivers of alerts on 127.0.0.1: a real SMTP server and an HTTP webhook. They keep what came, and can misbehave."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from types import TracebackType
from typing import Any, Self

from aiosmtpd.smtp import SMTP, Envelope, Session

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Receiver:
    """A TCP server on a free port of 127.0.0.1 for the length of an ``async with``. Nobody's connection outlives it."""

    def __init__(self, talk: Talk) -> None:
        self._talk = talk
        self._talks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self.port = 0
        #: Set when somebody has connected (and, for a webhook, when a whole request is in).
        self.reached = asyncio.Event()

    async def __aenter__(self) -> Self:
        self._server = await self._listen()
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        assert self._server is not None
        self._server.close()
        for talk in self._talks:
            talk.cancel()
        await asyncio.gather(*self._talks, return_exceptions=True)

    async def _listen(self) -> asyncio.Server:
        return await asyncio.start_server(self._accept, "127.0.0.1", 0)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._talks.add(task)
        try:
            await self._talk(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()


@dataclass
class Post:
    """One request as it came; header names in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Webhook:
    """How a webhook answers: a status and headers, or (`hangs`) never. `body` is what it says."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b"ok"
    hangs: bool = False
    drops: bool = False


class WebhookReceiver(Receiver):
    """Takes POSTs and keeps them in `posts`; answers as `manner` says, which a test may change between requests."""

    def __init__(self, manner: Webhook | None = None) -> None:
        super().__init__(self._serve)
        self.manner = manner or Webhook()
        self.posts: list[Post] = []

    def url(self, rest: str = "") -> str:
        """The Apprise URL of this webhook, for JSON."""
        return f"json://127.0.0.1:{self.port}/{rest}"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        method, path, _ = head[0].split(" ")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        self.posts.append(Post(method=method, path=path, headers=headers, body=body))
        self.reached.set()
        if self.manner.hangs:
            await asyncio.Event().wait()
        if self.manner.drops:
            return
        answer = {"Content-Length": str(len(self.manner.body)), "Connection": "close"} | self.manner.headers
        lines = [f"HTTP/1.1 {self.manner.status} As It Is", *(f"{name}: {value}" for name, value in answer.items()), "", ""]
        writer.write("\r\n".join(lines).encode() + self.manner.body)
        await writer.drain()


class MailReceiver(Receiver):
    """A real SMTP server (aiosmtpd). Keeps the mails it took in `mails`.

    `rcpt` and `data` are its replies to a recipient and to a whole message ("451 later"); `drops` cuts the line
    after the message.
    """

    def __init__(self, *, rcpt: str = "250 OK", data: str = "250 OK", drops: bool = False) -> None:
        super().__init__(self._unused)
        self.rcpt, self.data, self.drops = rcpt, data, drops
        self.mails: list[EmailMessage] = []
        self.envelopes: list[Envelope] = []

    def url(self, rest: str = "") -> str:
        """The Apprise URL of a mailbox here."""
        return f"mailto://127.0.0.1:{self.port}/?from=watcher@example.org&to=ann@example.org{rest}"

    async def _unused(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        raise NotImplementedError

    async def _listen(self) -> asyncio.Server:
        loop = asyncio.get_running_loop()
        return await loop.create_server(lambda: SMTP(self, hostname="localhost", loop=loop), "127.0.0.1", 0)

    async def handle_RCPT(  # noqa: N802 - aiosmtpd finds its hooks by these names
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """The reply to a recipient."""
        if self.rcpt.startswith("2"):
            envelope.rcpt_tos.append(address)
        return self.rcpt

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - as above
        """The reply to a message."""
        self.reached.set()
        if self.drops:
            transport: Any = server.transport
            transport.abort()
        if self.data.startswith("2"):
            assert isinstance(envelope.content, bytes)
            self.envelopes.append(envelope)
            self.mails.append(message_from_bytes(envelope.content, _class=EmailMessage, policy=policy.default))
        return self.data


def silent() -> Receiver:
    """A server that takes the connection and never says a word."""

    async def talk(_reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        receiver.reached.set()
        await asyncio.Event().wait()

    receiver = Receiver(talk)
    return receiver


def dripping() -> Receiver:
    """A web server whose answer never ends: one more header byte every tenth of a second."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        receiver.reached.set()
        writer.write(b"HTTP/1.1 200 OK\r\nX-Drip: ")
        while True:
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.1)

    receiver = Receiver(talk)
    return receiver
