"""The child that holds Apprise: reads one request for each line of its standard input, and answers each with one line.

Run as ``python -m watcher.send_child`` by `watcher.send`, and by nobody else. A request is JSON: ``url id title body html kind
timeout``. An answer is JSON too: ``{"outcome": …, "detail": …}``; the first line is ``{"outcome": "ready"}``. With the argument
``check`` the whole input is one URL and the answer says whether Apprise can use it. A detail is made of our own words and of
numbers only, so that no secret of a URL and no text of a server can be in it.

Apprise can neither be stopped nor does it let its process end (its workers are no daemon threads), so it lives where it can be
killed. The child ends when its input does, whatever Apprise is doing then.
"""

from __future__ import annotations

import json
import logging
import os
import queue
import re
import sys
import threading
from collections.abc import Callable
from typing import Any, BinaryIO

import apprise
from apprise.plugins.custom_form import NotifyForm
from apprise.plugins.custom_json import NotifyJSON
from apprise.plugins.custom_xml import NotifyXML
from apprise.plugins.email.base import NotifyEmail
from apprise.result import AppriseResult, AppriseResultStatus

_ID_HEADER = "X-Watcher-Id"

#: How Apprise words the two things that only its log tells: the status of an HTTP answer, and that none came.
_STATUS = re.compile(r"\berror=(\d{3})\b")
_NO_ANSWER = re.compile(r"connection error|raised an exception", re.IGNORECASE)

Answer = dict[str, str]


class Departure:
    """Whether a message has left this process, as Python's own audit events tell it (PEP 578).

    ``http.client.send`` is raised before each write of a request, when there is a connection already. ``smtplib.send`` is raised
    before each line to a mail server, and the message follows ``data``; if the server refuses it then, smtplib says ``rset``.
    """

    def __init__(self) -> None:
        self.requested = False
        self.mailed = False
        self._data_said = False

    def reset(self) -> None:
        """Before a send: nothing has left."""
        self.requested = self.mailed = self._data_said = False

    def hook(self, event: str, args: tuple[Any, ...]) -> None:
        """Sees every audit event of the process, so it does as little as it can."""
        if event == "http.client.send":
            self.requested = True
        elif event == "smtplib.send":
            line = args[1]
            self.mailed = self._data_said or (self.mailed and line != b"rset\r\n")
            self._data_said = line == b"data\r\n"


def check(url: str) -> Answer:
    """Whether Apprise can use a URL. Does not try whether anybody answers there."""
    plugins = list(_service(url))
    if not plugins:
        return _answer("failed", "Apprise does not know this kind of address, or a part of it is missing or misspelt")
    if (recipients := sum(len(plugin) for plugin in plugins)) > 1:
        # Apprise gives one result for all of them: a retry would go again to those who have it already.
        return _answer("failed", f"it names {recipients} recipients; write one [[notify]] for each")
    return _answer("sent")


def send(request: dict[str, Any], departure: Departure) -> Answer:
    """Send one message to one URL, once."""
    service = _service(request["url"])
    if len(service) != 1:
        return _answer("failed", "Apprise cannot use this address; `watcher config check` says more")
    plugin = service[0]
    _settle(plugin, message_id=request["id"], timeout=request["timeout"])
    html = apprise.NotifyFormat.HTML
    as_html = isinstance(plugin, NotifyEmail) and request["html"] and plugin.resolve_format(html) is html
    departure.reset()
    result = service.notify(
        title=request["title"],
        body=request["html"] if as_html else request["body"],
        body_format=html if as_html else apprise.NotifyFormat.TEXT,
        notify_type=apprise.NotifyType(request["kind"]),
    )
    return judge(result, departure)


def judge(result: AppriseResult, departure: Departure) -> Answer:
    """What a result means, given how far the message had come when Apprise gave up."""
    if result.status is AppriseResultStatus.SUCCESS:
        return _answer("sent")
    said = " ".join(entry.message for service in result for entry in service.logs())
    unanswered = departure.requested and _NO_ANSWER.search(said)
    if departure.mailed or unanswered or result.status is AppriseResultStatus.TIMEOUT:
        return _answer("unknown", "the message left, but no answer came; it may have arrived")
    if (status := _STATUS.search(said)) is not None:
        return _answer("failed", f"the server answered {status[1]}")
    return _answer("failed", "the server refused it" if departure.requested else "no connection, or the server refused it")


def main() -> None:
    """Answer requests until the input ends."""
    answers = os.fdopen(os.dup(1), "wb", buffering=0)
    # Whatever a plugin prints must not pass for an answer.
    os.dup2(2, 1)
    for name in ("apprise", "urllib3", "requests"):
        logging.getLogger(name).setLevel(logging.WARNING)
        logging.getLogger(name).addHandler(logging.NullHandler())
        logging.getLogger(name).propagate = False
    if sys.argv[1:] == ["check"]:
        answers.write(_line(check(sys.stdin.read())))
        os._exit(0)
    # A worker that died must not leave the parent waiting for its answer.
    threading.excepthook = lambda _: os._exit(os.EX_SOFTWARE)
    departure = Departure()
    sys.addaudithook(departure.hook)
    requests: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_serve, args=(requests.get, answers, departure), daemon=True).start()
    for line in sys.stdin.buffer:
        requests.put(line)
    os._exit(0)


def _serve(next_request: Callable[[], bytes], answers: BinaryIO, departure: Departure) -> None:
    """Do one request after the other, beside the thread that watches the input: a send must not hide that it ended."""
    answers.write(_line(_answer("ready")))
    while True:
        answers.write(_line(send(json.loads(next_request()), departure)))


def _service(url: str) -> apprise.Apprise:
    """Apprise with the service behind a URL in it; empty where it finds none, or cannot use all that the text names."""
    asset = apprise.AppriseAsset(
        app_id="watcher",
        app_desc="watcher",
        app_url="",
        # Else each phone fetches Apprise's own icon from a third party.
        image_url_mask="",
        image_url_logo="",
        http_redirects=False,
        storage_mode="memory",
        service_timeout=0,
    )
    service = apprise.Apprise(asset=asset)
    return service if service.add(url) else apprise.Apprise(asset=asset)


def _settle(plugin: apprise.NotifyBase, *, message_id: str, timeout: float) -> None:
    """Fix what a URL's own parameters could set otherwise: one try, no redirect, a cut rather than several posts.

    A redirected POST arrives as a GET without its body, and Apprise calls that success. `optional` calls every failure success.
    How long to wait for an answer is the parent's to say: it alone knows afterwards that the message may have arrived.
    """
    plugin.redirects = False
    plugin.retry = 0
    plugin.optional = False
    plugin.overflow_mode = apprise.OverflowMode.TRUNCATE
    plugin.socket_read_timeout = timeout
    if isinstance(plugin, NotifyEmail | NotifyJSON | NotifyXML | NotifyForm):
        plugin.headers[_ID_HEADER] = message_id


def _answer(outcome: str, detail: str = "") -> Answer:
    return {"outcome": outcome, "detail": detail}


def _line(answer: Answer) -> bytes:
    return json.dumps(answer).encode() + b"\n"


if __name__ == "__main__":
    main()
