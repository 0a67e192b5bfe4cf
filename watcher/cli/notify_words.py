"""What `watcher notify test` says of each target: what the service answered, what to do, and when a real alert would ring."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from watcher.clean import plain
from watcher.cli.layout import alarm, cells, columns, pad, quiet, screen_width
from watcher.model import Target
from watcher.send import Receipt
from watcher.tell.dates_in_words import AMERICAN
from watcher.tell.hours import ready_at

_MAIL = "E-Mail"

#: What Apprise calls its services in one word that says little to a person.
_SERVICES = {"JSON": "the webhook", "XML": "the webhook", "Form": "the webhook"}


def lines(receipts: Sequence[tuple[Target, Receipt]], *, now: datetime, zone: ZoneInfo) -> list[str]:
    """A line for each target, aligned, wrapped to the screen; and one more where its own hours would hold a real alert."""
    rows, styles = [], []
    for target, receipt in receipts:
        rows.append((f"{plain(target.name)}:", plain(_outcome(target, receipt))))
        styles.append(str if receipt.outcome == "sent" else alarm)
        if held := _held(target, now, zone):
            rows.append(("", held))
            styles.append(quiet)
    width = screen_width()
    room = max((cells(name) for name, _ in rows), default=0)
    return [
        style(line)
        for (name, text), style in zip(rows, styles, strict=True)
        for line in columns([(pad(name, room), text)], width=width, indent=0)
    ]


def held_until(target: Target, now: datetime, zone: ZoneInfo) -> datetime | None:
    """When a target's digest or quiet hours would let go of an alert that came now; None where they would not hold it."""
    ready = ready_at(now, quiet=target.quiet_hours, digest=target.digest, zone=zone)
    return ready if ready > now else None


def _outcome(target: Target, receipt: Receipt) -> str:
    """What came of it; a service that took a message may still lose it, so the person has to look."""
    if receipt.outcome == "sent":
        return _taken(target, receipt)
    reason = receipt.detail or "no reason was given"
    wish = f". It asks to be left alone for {_span(receipt.retry_after)}" if receipt.retry_after else ""
    return f"{'not sent' if receipt.outcome == 'failed' else 'may have arrived'}: {reason}{wish}."


def _taken(target: Target, receipt: Receipt) -> str:
    if target.url is None:
        return "shown here."
    code = f" ({receipt.status})" if receipt.status else ""
    if receipt.service == _MAIL:
        return f"the mail server took it for delivery{code}. It may still be filtered: look in the spam folder too."
    who = _SERVICES.get(receipt.service) or receipt.service or "the service"
    return f"{who} took it{code}. Look whether it has arrived."


def _held(target: Target, now: datetime, zone: ZoneInfo) -> str:
    until = held_until(target, now, zone)
    if until is None:
        return ""
    local, today = until.astimezone(zone), now.astimezone(zone).date()
    weekday = AMERICAN.day(local.date(), weekday=True).partition(",")[0]
    day = "" if local.date() == today else " tomorrow" if local.date() == today + timedelta(days=1) else f" {weekday}"
    why = "its quiet hours" if target.digest is None else "its digest"
    return f"A real alert would now wait for {why} until {local:%H:%M}{day}; a test does not."


def _span(seconds: float) -> str:
    """A time to wait, rounded up to what a person counts in."""
    for size, name in ((3600, "hour"), (60, "minute"), (1, "second")):
        if seconds >= 2 * size or size == 1:
            count = -int(-seconds // size)
            return f"{count} {name}{'' if count == 1 else 's'}"
    raise AssertionError("seconds are the last")
