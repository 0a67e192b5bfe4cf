"""`watcher notify`: try the targets of alerts.

``test --json`` prints one object: ``version`` (1) and ``sent``, of each target ``target``, ``outcome`` (sent, failed or unknown),
``detail``, ``service``, ``status`` (of HTTP, or the reply code of a mail server), ``retry_after`` in seconds, ``refuses`` (it is
this message that is not taken) and ``held_until``, when its own hours would let go of a real alert.
"""

from __future__ import annotations

import asyncio
import sys
from dataclasses import asdict

import click

from watcher.cli import common
from watcher.cli.layout import plain, show, show_json
from watcher.cli.notify_words import held_until, lines
from watcher.cli.objects import VERSION, time_text
from watcher.config import Config
from watcher.errors import UsageError
from watcher.model import Target
from watcher.send import Receipt, Sender
from watcher.tell.message import Message
from watcher.tell.words import render_test


@click.group("notify")
def command() -> None:
    """Try the targets of alerts."""


@command.command("test")
@click.argument("target", required=False)
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
@common.config_option
def test(target: str | None, as_json: bool, config_path: str | None) -> None:
    """Send a test to TARGET, or to all, and tell what the service answered; status 1 where one was not sent.

    It goes out at once, whatever the target's quiet hours and digest say.
    """
    config = common.load(config_path)
    now, zone = common.now(), common.zone(config)
    receipts = asyncio.run(_send(_pick(config, target), config, to_stderr=as_json))
    if as_json:
        sent = [_object(one, receipt) | {"held_until": time_text(held_until(one, now, zone))} for one, receipt in receipts]
        show_json({"version": VERSION, "sent": sent})
    else:
        show(lines(receipts, now=now, zone=zone))
    sys.exit(0 if all(receipt.outcome == "sent" for _, receipt in receipts) else 1)


def _pick(config: Config, name: str | None) -> tuple[Target, ...]:
    found = tuple(target for target in config.targets if name is None or target.name == name)
    if not found:
        known = ", ".join(plain(target.name) for target in config.targets)
        raise UsageError(f"no target is called {plain(name or '')!r}; targets: {known}")
    return found


async def _send(targets: tuple[Target, ...], config: Config, *, to_stderr: bool) -> list[tuple[Target, Receipt]]:
    """Send to all at once, so that one that does not answer keeps no other waiting."""
    now = common.now()
    today = now.astimezone(common.zone(config)).date()

    def on_terminal(message: Message) -> None:
        print(f"\n{message.title}\n\n{message.body}\n", file=sys.stderr if to_stderr else sys.stdout, flush=True)

    def test_for(target: Target) -> Message:
        return render_test(message_id=f"test-{now:%Y%m%dT%H%M%S}", target=target.name, today=today)

    async with Sender(terminal=on_terminal) as sender:
        return list(zip(targets, await asyncio.gather(*(sender.send(t, test_for(t)) for t in targets)), strict=True))


def _object(target: Target, receipt: Receipt) -> dict[str, object]:
    return {"target": target.name} | asdict(receipt)
