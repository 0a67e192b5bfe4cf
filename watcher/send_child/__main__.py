"""The child's life: it reads requests, has one after the other sent, and answers, until its input ends."""

from __future__ import annotations

import json
import logging
import os
import queue
import resource
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any, BinaryIO

import apprise
from apprise.plugins.email.base import NotifyEmail
from apprise.result import AppriseResultStatus

from watcher.send_child import channel, dry, mail
from watcher.send_child.answers import Reply, judge, reply
from watcher.send_child.wire import Wire

#: More data than Apprise and any answer need; a server that finds a way to fill more ends this process and no other.
_MOST_MEMORY = 1 << 29


class Post:
    """Sends one message after the other through Apprise."""

    def __init__(self) -> None:
        self._wire, self._letterbox = Wire(), mail.Letterbox()
        self._wire.install()
        self._letterbox.install()

    def send(self, request: dict[str, Any]) -> Reply:
        """Send one message to one URL, once."""
        service = channel.service(request["url"])
        if problem := channel.problem(service):
            return reply("failed", problem)
        plugin = service[0]
        channel.settle(plugin, request)
        headers = channel.tap(plugin, request["link"])
        if isinstance(plugin, NotifyEmail):
            self._letterbox.message_id = mail.message_id(request["id"], mail.address(plugin))
            self._letterbox.letter = request["letter"] or request["body"]
        self._wire.begin(patience=request["timeout"], headers=headers)
        kind = apprise.NotifyType(request["kind"])
        result = service.notify(notify_type=kind, **channel.parts(plugin, request))
        succeeded = result.status is AppriseResultStatus.SUCCESS
        return judge(self._wire.last if succeeded else self._wire.told, succeeded=succeeded) | {
            "service": str(plugin.service_name)
        }


def check(url: str) -> Reply:
    """Whether Apprise can use a URL. Does not try whether anybody answers there."""
    problem = channel.problem(channel.service(url))
    return reply("failed", problem) if problem else reply("sent")


def where(url: str) -> Reply:
    """The same, and the `server` that a message would go to, with its port; no message leaves."""
    service = channel.service(url)
    if problem := channel.problem(service):
        return reply("failed", problem)
    return reply("sent") | {"server": dry.server_of(service)}


def main() -> None:
    """Answer requests until the input ends."""
    answers = os.fdopen(os.dup(1), "wb", buffering=0)
    # Whatever a plugin prints must not pass for an answer.
    os.dup2(2, 1)
    for name in ("apprise", "urllib3", "requests"):
        logging.getLogger(name).setLevel(logging.WARNING)
        logging.getLogger(name).addHandler(logging.NullHandler())
        logging.getLogger(name).propagate = False
    if sys.argv[1:] in (["check"], ["where"]):
        asked = check if sys.argv[1] == "check" else where
        answers.write(_line(asked(sys.stdin.read())))
        os._exit(0)
    _bound_memory()
    # A worker that died must not leave the parent waiting for its answer.
    threading.excepthook = lambda _: os._exit(os.EX_SOFTWARE)
    requests: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_serve, args=(requests.get, answers, Post()), daemon=True).start()
    for line in sys.stdin.buffer:
        requests.put(line)
    os._exit(0)


def _serve(next_request: Callable[[], bytes], answers: BinaryIO, post: Post) -> None:
    """Do one request after the other, beside the thread that watches the input: a send must not hide that it ended."""
    answers.write(_line(reply("ready")))
    while True:
        answers.write(_line(post.send(json.loads(next_request()))))


def _bound_memory() -> None:
    """A last bound, where the system lets us set one: an alert must leave in any case."""
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    most = _MOST_MEMORY if hard == resource.RLIM_INFINITY else min(hard, _MOST_MEMORY)
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_DATA, (most, most))


def _line(answer: Reply) -> bytes:
    return json.dumps(answer).encode() + b"\n"


if __name__ == "__main__":
    main()
