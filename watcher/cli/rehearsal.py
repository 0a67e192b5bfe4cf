"""A sender for verbs that only show what would be told: `replay` and `poll --dry-run`."""

from __future__ import annotations

from watcher.model import Target
from watcher.send import Receipt
from watcher.tell.message import Message


class Rehearsal:
    """A sender that takes every message and sends none."""

    async def send(self, target: Target, message: Message) -> Receipt:  # noqa: ARG002 - the shape of a sender
        """Take it."""
        return Receipt(outcome="sent", detail="not sent, this is a dry run")

    async def aclose(self) -> None:
        """Nothing to close."""
