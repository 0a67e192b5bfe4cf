"""Waiting for a daemon by what it answers on its socket."""

from __future__ import annotations

import asyncio
from pathlib import Path

from watcher.cli.asking import Holder, ask, holder
from watcher.errors import DaemonSilent


async def ready(state: Path, *, passed: bool = True) -> Holder:
    """Whoever works in a state directory, once it answers; with `passed` once it has a whole pass behind it."""
    async with asyncio.timeout(60):
        while True:
            found = holder(state)
            if found is not None and found.socket is not None:
                try:
                    said = await asyncio.to_thread(ask, found.socket, "state")
                except DaemonSilent:
                    said = {}
                if said.get("pass_at") or (said and not passed):
                    return found
            await asyncio.sleep(0.05)
