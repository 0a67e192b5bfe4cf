"""Receivers of alerts on 127.0.0.1: a real SMTP server and an HTTP webhook. They keep what came, and can misbehave."""

from __future__ import annotations

import asyncio
import json
import ssl
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

    def __init__(self, talk: Talk, tls: ssl.SSLContext | None = None) -> None:
        self._talk, self._tls = talk, tls
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
        return await asyncio.start_server(self._accept, "127.0.0.1", 0, ssl=self._tls)

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

    def __init__(self, manner: Webhook | None = None, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(self._serve, tls)
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
        manner = self.answer(self.posts[-1])
        if manner.hangs:
            await asyncio.Event().wait()
        if manner.drops:
            return
        answer = {"Content-Length": str(len(manner.body)), "Connection": "close"} | manner.headers
        lines = [f"HTTP/1.1 {manner.status} As It Is", *(f"{name}: {value}" for name, value in answer.items()), "", ""]
        writer.write("\r\n".join(lines).encode() + manner.body)
        await writer.drain()

    def answer(self, _post: Post) -> Webhook:
        """How this request is answered."""
        return self.manner


class NtfyReceiver(WebhookReceiver):
    """What a self-hosted ntfy is to those who publish to it as JSON: keeps what each topic got, and refuses as ntfy does.

    Topics that are not `open` answer 403, as ntfy does where a topic wants a login. `manner` may say otherwise for all.
    """

    def __init__(self, *topics: str) -> None:
        super().__init__()
        self._open = topics

    def topic(self, name: str) -> str:
        """The Apprise URL of a topic here."""
        return f"ntfy://127.0.0.1:{self.port}/{name}"

    def published(self, topic: str) -> list[dict[str, Any]]:
        """The messages of a topic as a phone gets them, with the link that a tap opens as `click`."""
        said = [(post, json.loads(post.body)) for post in self.posts]
        return [one | {"click": post.headers.get("x-click")} for post, one in said if one["topic"] == topic]

    def answer(self, post: Post) -> Webhook:
        """Refuses what ntfy refuses, in its words."""
        if self.manner.status != 200:
            return self.manner
        said = json.loads(post.body)
        if post.path != "/" or not said.get("topic"):
            return Webhook(status=404, body=b'{"code":40401,"http":404,"error":"page not found"}')
        if said["topic"] not in self._open:
            return Webhook(status=403, body=b'{"code":40301,"http":403,"error":"forbidden"}')
        return Webhook(headers={"Content-Type": "application/json"}, body=json.dumps(said | {"event": "message"}).encode())


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


def answering(answer: bytes, *, again: bytes = b"") -> Receiver:
    """A server that takes a web request and answers with these bytes, whatever they are; then with `again` for ever."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        receiver.reached.set()
        writer.write(answer)
        await writer.drain()
        while again:
            writer.write(again)
            await writer.drain()

    receiver = Receiver(talk)
    return receiver


#: What a mail server says when all is well, by what it was told.
_WELL = {
    "connect": b"220 here\r\n",
    "ehlo": b"250-here\r\n250 AUTH PLAIN LOGIN\r\n",
    "auth": b"235 welcome\r\n",
    "data": b"354 go on\r\n",
    "quit": b"221 bye\r\n",
}


class MailTalker(Receiver):
    """A mail server that answers a stage with any bytes at all; "message" is the stage after the end of the data.

    Keeps what it took in `mails`. It cuts the line where a reply is empty. It looks into a message for `thinks` seconds.
    """

    def __init__(self, *, thinks: float = 0, **replies: bytes) -> None:
        super().__init__(self._converse)
        self._replies, self._thinks = _WELL | replies, thinks
        self.mails: list[bytes] = []

    def url(self, rest: str = "", login: str = "") -> str:
        """The Apprise URL of a mailbox here."""
        return f"mailto://{login}127.0.0.1:{self.port}/?from=watcher@example.org&to=ann@example.org{rest}"

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        stage = "connect"
        while reply := self._replies.get(stage, b"250 OK\r\n"):
            writer.write(reply)
            await writer.drain()
            if stage == "data" and reply.startswith(b"354"):
                mail = await reader.readuntil(b"\r\n.\r\n")
                self.reached.set()
                await asyncio.sleep(self._thinks)
                stage = "message"
                if self._replies.get(stage, b"250").startswith(b"250"):
                    self.mails.append(mail)
                continue
            line = await reader.readline()
            if not line or stage == "quit":
                return
            stage = line.split(b" ")[0].strip().lower().decode("latin-1")
