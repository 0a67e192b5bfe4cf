"""A service manager that only listens: what a daemon told it (sd_notify(3)), datagram by datagram, and when to wait for it."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType


class Manager:
    """Listens on a socket in a directory from entering the block to leaving it; `environ` leads a daemon there."""

    def __init__(self, path: Path) -> None:
        self._path = path / "notify"
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._told: list[list[str]] = []
        self.environ = {"NOTIFY_SOCKET": str(self._path)}

    def __enter__(self) -> Manager:
        self._socket.bind(str(self._path))
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._socket.close()

    def told(self) -> list[list[str]]:
        """All datagrams so far, each as its lines."""
        self._socket.settimeout(0)
        while True:
            try:
                self._told.append(self._socket.recv(8192).decode().splitlines())
            except BlockingIOError:
                return list(self._told)

    def lines(self) -> list[str]:
        """All lines so far."""
        return [line for lines in self.told() for line in lines]

    @property
    def status(self) -> str:
        """The last status."""
        return next((line.removeprefix("STATUS=") for line in reversed(self.lines()) if line.startswith("STATUS=")), "")

    def wait(self, true: Callable[[Manager], bool], *, within: float = 40) -> None:
        """Wait until something is true of what was told."""
        end = time.monotonic() + within
        while not true(self):
            assert time.monotonic() < end, f"not within {within:g} seconds; told: {self._told}"
            time.sleep(0.05)

    def wait_for(self, line: str, *, times: int = 1, within: float = 40) -> None:
        """Wait until a line was told so many times."""
        self.wait(lambda manager: manager.lines().count(line) >= times, within=within)
