"""What went over the wire for one message: whether it left, and what the server answered last.

Apprise tells a failure only in its log, in words meant for nobody. So the two libraries through which nearly all its services
send, requests and smtplib, are watched where the answer comes in. What goes another way (MQTT, D-Bus, a socket) is not seen.
"""

from __future__ import annotations

import errno
import smtplib
import socket
import ssl
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO, Literal, ParamSpec, TypeVar

import requests
import urllib3
from requests.adapters import HTTPAdapter

P = ParamSpec("P")
R = TypeVar("R")

#: No service says so much; what comes after is not read. Plugins that ask before they send (Matrix) need some of it.
_LONGEST_BODY = 1 << 20
_PIECE = 1024

#: An SMTP reply may have several lines, and nothing but good manners ends it.
_MOST_LINES = 100

#: The words of SMTP that speak of the connection and not of the message.
_ASIDE = frozenset({"quit", "rset", "noop"})
_STAGES = frozenset({"ehlo", "helo", "starttls", "auth", "mail", "rcpt", "data"}) | _ASIDE

#: What an exception says, the most telling first: any in its chain counts.
_KINDS: tuple[tuple[type[BaseException], str], ...] = (
    (requests.exceptions.ProxyError, "proxy"),
    (ssl.SSLCertVerificationError, "certificate"),
    (ssl.SSLError, "tls"),
    (socket.gaierror, "name"),
    (urllib3.exceptions.NameResolutionError, "name"),
    (ConnectionRefusedError, "refused"),
    (requests.Timeout, "timeout"),
    (TimeoutError, "timeout"),
    (ConnectionError, "cut"),
    (smtplib.SMTPServerDisconnected, "cut"),
    (urllib3.exceptions.ProtocolError, "cut"),
)
_NO_WAY = frozenset({errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EHOSTDOWN, errno.EADDRNOTAVAIL})


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A server's answer: a status of HTTP, or a reply code of SMTP and what it came to.

    `stage` is "http", "connect", a command of SMTP in lower case, or "message" for the end of the data. `wish` holds the
    headers Retry-After and Date, unread.
    """

    code: int
    stage: str
    wish: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """No answer came. `left` says that the message, or some of it, was on its way."""

    kind: str
    over: Literal["http", "smtp"]
    left: bool = False


class Wire:
    """Watches requests and smtplib in this whole process once it is installed; one message at a time."""

    def __init__(self) -> None:
        self._last: Answer | Trouble | None = None
        self._no: Answer | Trouble | None = None
        self._stage = ""
        self._patience = 0.0
        self._requested = self._asking = False
        self._headers: dict[str, str] = {}

    def begin(self, *, patience: float, headers: dict[str, str] | None = None) -> None:
        """Before a message: nothing has left.

        `patience` is how long a mail server may think about a message that it has, in seconds. `headers` replace those of the
        same name of a web request, where it has them.
        """
        self._last, self._no, self._stage, self._patience = None, None, "", patience
        self._requested = self._asking = False
        self._headers = headers or {}

    @property
    def told(self) -> Answer | Trouble | None:
        """What was heard of a message that did not get through; None where nothing was seen at all.

        A plugin may ask several things, and log out at the end: its message was refused where anything was refused, and may
        have arrived where anything that left had no answer.
        """
        return self.last if self._asking else self._no or self.last

    @property
    def last(self) -> Answer | Trouble | None:
        """The last that was heard, None where nothing was seen at all."""
        if self._asking:  # the request ended in something that is no error of the network
            return Trouble(kind="cut" if self._requested else "unfit", over="http", left=self._requested)
        if self._stage == "message" and isinstance(self._last, Answer) and self._last.stage == "data":
            return Trouble(kind="cut", over="smtp", left=True)
        return self._last

    def install(self) -> None:
        """Watch from now on, for as long as the process lives."""
        sys.addaudithook(self._hook)
        self._watch_http()
        self._watch_smtp()

    def _hook(self, event: str, args: tuple[Any, ...]) -> None:
        """Sees every audit event of the process (PEP 578), so it does as little as it can.

        ``http.client.send`` is raised before each write, when there is a connection already. CONNECT goes to a proxy and
        carries no message.
        """
        if event == "http.client.send" and not (isinstance(args[1], bytes) and args[1].startswith(b"CONNECT ")):
            self._requested = True

    def _watch_http(self) -> None:
        send: Callable[..., requests.Response] = HTTPAdapter.send

        def watched(
            adapter: HTTPAdapter, request: requests.PreparedRequest, *args: object, **kwargs: object
        ) -> requests.Response:
            self._requested, self._asking = False, True
            request.headers.update({name: text for name, text in self._headers.items() if name in request.headers})
            try:
                response = send(adapter, request, *args, **kwargs)
            except requests.RequestException as error:
                self._asking = False
                self._last = Trouble(kind=kind_of(error), over="http", left=self._requested)
                self._note(request)
                raise
            self._asking = False
            wish = tuple(response.headers.get(name, "")[:100] for name in ("Retry-After", "Date"))
            self._last = Answer(code=response.status_code, stage="http", wish=(wish[0], wish[1]) if wish[0] else None)
            self._note(request)
            _read(response)
            return response

        _replace(HTTPAdapter, "send", watched)

    def _note(self, request: requests.PreparedRequest) -> None:
        """Remember a request that did not do what it should; one that only asks (GET) carries no message."""
        is_lost = isinstance(self._no, Trouble) and self._no.left
        failed = self._last if isinstance(self._last, Trouble) or (self._last is not None and self._last.code >= 300) else None
        if failed is not None and request.method not in ("GET", "HEAD") and not is_lost:
            self._no = failed

    def _watch_smtp(self) -> None:
        """Watch what is said to a mail server and what it replies. No text is kept on either way: it holds secrets."""
        putcmd, getreply = smtplib.SMTP.putcmd, smtplib.SMTP.getreply

        def said(server: smtplib.SMTP, cmd: str, args: str = "") -> None:
            word = cmd.split(" ", 1)[0].lower()
            self._stage = word if word in _STAGES else self._stage
            putcmd(server, cmd, args)

        def replied(server: smtplib.SMTP) -> tuple[int, bytes]:
            self._prepare(server)
            code, text = self._noting(getreply)(server)
            self._reply(code)
            return code, text

        _replace(smtplib.SMTP, "putcmd", said)
        _replace(smtplib.SMTP, "getreply", replied)
        _replace(smtplib.SMTP, "connect", self._noting(smtplib.SMTP.connect, stage="connect"))
        _replace(smtplib.SMTP, "starttls", self._noting(smtplib.SMTP.starttls, lacks="no starttls"))
        _replace(smtplib.SMTP, "login", self._noting(smtplib.SMTP.login, lacks="no login"))

    def _prepare(self, server: smtplib.SMTP) -> None:
        """Before a reply: bound its length, and wait longer for the one that matters: a server may look into a mail first."""
        if self._stage == "message" and server.sock is not None:
            server.sock.settimeout(self._patience)
        if server.sock is not None:  # a connection that is gone has no more replies; smtplib says so
            file = server.file if isinstance(server.file, _Lines) else _Lines(server.file or server.sock.makefile("rb"))
            file.left = _MOST_LINES
            _replace(server, "file", file)

    def _reply(self, code: int) -> None:
        if self._stage in _ASIDE:
            return
        if code < 200:  # smtplib gives -1 for what is no reply
            self._last = Trouble(kind="garbled", over="smtp", left=self._stage == "message")
            return
        self._last = Answer(code=code, stage=self._stage)
        if self._stage == "data" and code == 354:
            self._stage = "message"

    def _noting(self, function: Callable[P, R], *, stage: str | None = None, lacks: str = "") -> Callable[P, R]:
        """A function of smtplib that has the trouble noted in which it ends. A refusal was noted as a reply.

        `lacks` is the trouble where the server does not offer what the function asks for.
        """

        def noting(*args: P.args, **kwargs: P.kwargs) -> R:
            self._stage = stage or self._stage
            try:
                return function(*args, **kwargs)
            except smtplib.SMTPResponseException:
                raise
            except OSError as error:  # what smtplib raises is one, too
                if self._stage not in _ASIDE:
                    kind = lacks if lacks and isinstance(error, smtplib.SMTPNotSupportedError) else kind_of(error)
                    self._last = Trouble(kind=kind, over="smtp", left=self._stage == "message")
                raise

        return noting


class _Lines:
    """The file from which smtplib reads a reply, ended after a number of lines."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.left = 0

    def readline(self, limit: int) -> bytes:
        """The next line; empty, as at the end, where it is one too many."""
        self.left -= 1
        return self._file.readline(limit) if self.left >= 0 else b""

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def _replace(owner: object, name: str, by: object) -> None:
    """Put something of ours in the place of a library's."""
    setattr(owner, name, by)


def kind_of(error: BaseException) -> str:
    """What kind of trouble an exception tells, from all that led to it."""
    chain = list(_chain(error))
    if any(isinstance(one, OSError) and one.errno in _NO_WAY for one in chain):
        return "unreachable"
    return next((kind for wanted, kind in _KINDS if any(isinstance(one, wanted) for one in chain)), "odd")


def _chain(error: BaseException) -> Iterator[BaseException]:
    """An exception and those inside it: what it came from, and what libraries put into it."""
    todo: list[object] = [error]
    seen: set[int] = set()
    while todo:
        one = todo.pop()
        if isinstance(one, BaseException) and id(one) not in seen:
            seen.add(id(one))
            yield one
            todo += [one.__cause__, one.__context__, getattr(one, "reason", None), *one.args]


def _read(response: requests.Response) -> None:
    """Read an answer's body as far as we want it, so that nothing reads the rest. One that breaks off was an answer, too."""
    body = bytearray()
    try:
        for piece in response.iter_content(_PIECE):
            body += piece
            if len(body) >= _LONGEST_BODY:
                break
    except requests.RequestException:
        pass
    response.close()
    response._content = bytes(body[:_LONGEST_BODY])  # noqa: SLF001 - where `content` keeps what it read
    response._content_consumed = True  # noqa: SLF001
