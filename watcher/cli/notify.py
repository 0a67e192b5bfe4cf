"""`watcher notify`: try the targets of alerts; what has not arrived is in `undelivered`.

``test --json`` prints one object: ``version`` (1) and ``sent``, of each target ``target``, ``outcome`` (sent, failed or unknown),
``detail``, ``service``, ``status`` (of HTTP, or the reply code of a mail server), ``retry_after`` in seconds, ``refuses`` (it is
this message that is not taken) and ``held_until``, when its own hours would let go of a real alert.
"""

from __future__ import annotations

import asyncio
import sys
from dataclasses import asdict, replace

import click

from watcher.board.objects import VERSION, time_text
from watcher.cli import common, completions
from watcher.cli.audience import audience
from watcher.cli.layout import show, show_json
from watcher.cli.notify_words import held_until, lines
from watcher.cli.undelivered import listing, named, retrying
from watcher.config import Config
from watcher.model import Target
from watcher.send import Receipt, Sender
from watcher.tell.message import Message
from watcher.tell.words import render_test


@click.group("notify")
def command() -> None:
    """Try the targets of alerts, and see what has not arrived."""


command.add_command(listing)
command.add_command(retrying)


@command.command("test")
@click.argument("target", required=False, shell_complete=completions.targets)
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
    named(config, name)
    return tuple(target for target in config.targets if name in (None, target.name))


async def _send(targets: tuple[Target, ...], config: Config, *, to_stderr: bool) -> list[tuple[Target, Receipt]]:
    """Send to all at once, so that one that does not answer keeps no other waiting."""
    now, dates = common.now(), audience(config).dates
    today = now.astimezone(dates.zone).date()
    names = {title.id: title.name for title in config.titles}

    def on_terminal(message: Message) -> None:
        print(f"\n{message.title}\n\n{message.body}\n", file=sys.stderr if to_stderr else sys.stdout, flush=True)

    def test_for(target: Target) -> Message:
        own = f"test-{now:%Y%m%dT%H%M%S}-{targets.index(target) + 1}"
        shown = replace(target, titles=tuple(names[title] for title in target.titles))
        return render_test(message_id=own, target=shown, today=today, dates=dates)

    async with Sender(terminal=on_terminal) as sender:
        return list(zip(targets, await asyncio.gather(*(sender.send(t, test_for(t)) for t in targets)), strict=True))


def _object(target: Target, receipt: Receipt) -> dict[str, object]:
    return {"target": target.name} | asdict(receipt)
