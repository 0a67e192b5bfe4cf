"""Where a message would go, found without one leaving: the service is told to send, and every way out of the process is shut.

Audit hooks (PEP 578) see each lookup of a name and each connection before it is made, and cannot be taken off again. The first
lookup names the server; after it the send fails.
"""

from __future__ import annotations

import os
import socket
import sys
from typing import Any

import apprise

from watcher.send_child import channel

#: These show or log on this very machine, by libraries of C that no hook sees.
_LOCAL = frozenset({"blink1", "dbus", "glib", "gnome", "macosx", "syslog", "windows"})

#: What leaves a process, or starts another.
_WAYS_OUT = ("socket.", "subprocess.", "os.exec", "os.fork", "os.posix_spawn", "os.system", "syslog.", "ftplib.", "smtplib.")

#: Ways to make a socket and to learn our own name: nothing leaves by them.
_HARMLESS = frozenset({"socket.__new__", "socket.gethostname", "socket.bind", "smtplib.connect"})


class _Shut:
    """Refuses all that leaves, and remembers where it was meant to go."""

    def __init__(self) -> None:
        self.servers: list[tuple[str, int]] = []

    def __call__(self, event: str, args: tuple[Any, ...]) -> None:
        if not event.startswith(_WAYS_OUT) or event in _HARMLESS:
            return
        if event == "socket.getaddrinfo" and args[0] and str(args[1] or "").isdecimal():
            host = args[0].decode("ascii", "replace") if isinstance(args[0], bytes) else str(args[0])
            self.servers.append((host, int(args[1])))
        # An error of the network, which every service expects.
        raise socket.gaierror(socket.EAI_NONAME, "no way out")


def server_of(found: apprise.Apprise) -> tuple[str, int] | None:
    """The host and port that a service would be reached at; None where it has none, or does not say.

    Nothing can leave this process afterwards.
    """
    (plugin,) = found
    if type(plugin).__module__.rpartition(".")[2] in _LOCAL:
        return None
    channel.settle(plugin, {"id": "dry", "timeout": 1.0, "link": None})
    shut = _Shut()
    sys.addaudithook(shut)
    # What services say of their failure belongs nowhere.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    found.notify(title="watcher", body="watcher")
    return shut.servers[0] if shut.servers else None
