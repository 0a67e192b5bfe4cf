"""`watcher notify`: try the targets of alerts.

``test --json`` prints one object: ``version`` (1) and ``sent``, of each target ``target``, ``outcome`` (sent, failed or unknown)
and ``detail``.
"""

from __future__ import annotations

import asyncio
import sys

import click

from watcher.cli import common
from watcher.cli.audience import audience
from watcher.cli.layout import alarm, plain, show, show_json
from watcher.cli.objects import VERSION
from watcher.cli.undelivered import listing, retrying
from watcher.config import Config
from watcher.errors import UsageError
from watcher.model import Target
from watcher.send import Receipt, Sender
from watcher.tell.message import Message
from watcher.tell.words import render_test

_OUTCOMES = {
    "sent": "sent; look whether it has arrived.",
    "failed": "not sent: ",
    "unknown": "may have arrived: ",
}


@click.group("notify")
def command() -> None:
    """Try the targets of alerts, and see what has not arrived."""


command.add_command(listing)
command.add_command(retrying)


@command.command("test")
@click.argument("target", required=False)
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
@common.config_option
def test(target: str | None, as_json: bool, config_path: str | None) -> None:
    """Send a test to TARGET, or to all, and tell what the service answered; status 1 where one was not sent."""
    config = common.load(config_path)
    receipts = asyncio.run(_send(_pick(config, target), config, to_stderr=as_json))
    if as_json:
        sent = [{"target": one.name, "outcome": receipt.outcome, "detail": receipt.detail} for one, receipt in receipts]
        show_json({"version": VERSION, "sent": sent})
    else:
        show(_in_words(one, receipt) for one, receipt in receipts)
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
    dates = audience(config).dates
    today = now.astimezone(dates.zone).date()

    def on_terminal(message: Message) -> None:
        print(f"\n{message.title}\n\n{message.body}\n", file=sys.stderr if to_stderr else sys.stdout, flush=True)

    def test_for(target: Target) -> Message:
        return render_test(message_id=f"test-{now:%Y%m%dT%H%M%S}", target=target, today=today, dates=dates)

    async with Sender(terminal=on_terminal) as sender:
        return list(zip(targets, await asyncio.gather(*(sender.send(t, test_for(t)) for t in targets)), strict=True))


def _in_words(target: Target, receipt: Receipt) -> str:
    """What came of it; a service that took a message may still lose it, so the person has to look."""
    words = f"{plain(target.name)}: {_OUTCOMES[receipt.outcome]}"
    if receipt.outcome == "sent":
        return words
    return alarm(words + (plain(receipt.detail) or "no reason was given"))
