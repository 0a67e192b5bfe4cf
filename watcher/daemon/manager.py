"""What a service manager is told: that we are ready, reload or stop, that passes come to their end, and how things stand.

The protocol of sd_notify(3): a datagram of lines to the socket that `$NOTIFY_SOCKET` names. Without one, nobody is told.
"""

from __future__ import annotations

import logging
import os
import socket
from time import CLOCK_MONOTONIC, clock_gettime_ns

log = logging.getLogger("watcher")

#: What systemd shows of a status is one line.
_LONGEST = 300

#: A manager that does not listen must not hold us up for longer, in seconds.
_PATIENCE_S = 1.0


def tell_manager(*states: str) -> None:
    """Tell the service manager, where there is one; a name that begins with @ is an abstract socket."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    said = "\n".join(states).encode("utf-8", "replace")
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as channel:
            channel.settimeout(_PATIENCE_S)
            channel.sendto(said, "\0" + address[1:] if address.startswith("@") else address)
    except OSError as error:
        log.warning("the service manager cannot be told %s: %s", states[0].splitlines()[0], error.strerror or error)


def status(words: str) -> str:
    """The line that `systemctl status` shows."""
    return f"STATUS={' '.join(words.split())[:_LONGEST]}"


def reloading() -> str:
    """That a reload has begun, and when, in microseconds of the monotonic clock (sd_notify(3), RELOADING=1)."""
    return f"RELOADING=1\nMONOTONIC_USEC={clock_gettime_ns(CLOCK_MONOTONIC) // 1000}"
