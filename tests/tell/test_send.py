"""Sending through Apprise in a child that can be killed: what the child does, and what is left of it."""

from __future__ import annotations

import asyncio
import gzip
import json
import os
import signal
import sys
from pathlib import Path

import pytest
from processes import gone
from receivers import Webhook, WebhookReceiver, answering, dripping
from sends import MESSAGE, children, sender, target, to_end

from watcher.send import Receipt, Sender, check_target
from watcher.tell.message import Message


def shown(pid: int) -> bytes:
    """What everybody on the machine may see of a process: its command line and, for its user, its environment."""
    return Path(f"/proc/{pid}/cmdline").read_bytes() + Path(f"/proc/{pid}/environ").read_bytes()


def data_limit(pid: int) -> str:
    """The most data that a process may hold, in bytes, as the system has it."""
    lines = Path(f"/proc/{pid}/limits").read_text(encoding="ascii").splitlines()
    return next(line.split()[3] for line in lines if line.startswith("Max data size"))


def memory(pid: int) -> int:
    """The most memory that a process has held, in bytes."""
    lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:"))


def test_a_webhook_gets_title_body_kind_and_the_stable_id_in_a_header() -> None:
    """What a webhook receives is the message as rendered, with its id in a header, and the receipt says sent."""

    async def go() -> tuple[Receipt, WebhookReceiver]:
        async with WebhookReceiver() as hook, sender() as out:
            return await out.send(target(hook.url("path")), MESSAGE), hook

    receipt, hook = to_end(go())
    (post,) = hook.posts
    said = json.loads(post.body)
    assert receipt == Receipt(outcome="sent", service="JSON", status=200)
    assert (said["title"], said["message"], said["type"]) == (MESSAGE.title, MESSAGE.body, "warning")
    assert post.headers["x-watcher-id"] == MESSAGE.id
    assert "attachments" not in said or said["attachments"] == []


def test_a_target_that_never_answers_is_unknown_and_its_child_is_gone() -> None:
    """Targets that hang or drip end at the timeout: unknown, the child dead, and the next send works."""

    async def go() -> tuple[list[Receipt], Receipt]:
        async with (
            WebhookReceiver(Webhook(hangs=True)) as hanging,
            dripping() as drip,
            WebhookReceiver() as well,
            sender(3) as out,
        ):
            stuck = (hanging.url(), f"json://127.0.0.1:{drip.port}/")
            sends = [asyncio.create_task(out.send(target(url), MESSAGE)) for url in stuck]
            await asyncio.gather(hanging.reached.wait(), drip.reached.wait())
            pids = children()
            receipts = await asyncio.gather(*sends)
            assert len(pids) == 2
            assert all(gone(pid, within=0) for pid in pids)
            return receipts, await out.send(target(well.url()), MESSAGE)

    bad, good = to_end(go())
    assert bad == [Receipt(outcome="unknown", detail="no answer within 3 seconds; it may have arrived")] * 2
    assert good.outcome == "sent"


def test_two_targets_do_not_wait_for_each_other() -> None:
    """While one target hangs, a message to another goes out and comes back."""

    async def go() -> tuple[Receipt, bool]:
        async with WebhookReceiver(Webhook(hangs=True)) as stuck, WebhookReceiver() as well, sender() as out:
            hanging = asyncio.create_task(out.send(target(stuck.url()), MESSAGE))
            await stuck.reached.wait()
            receipt = await out.send(target(well.url(), "other"), MESSAGE)
            was_hanging = not hanging.done()
            await out.aclose()
            assert (await hanging).outcome == "unknown"
            return receipt, was_hanging

    receipt, was_hanging = to_end(go())
    assert (receipt.outcome, was_hanging) == ("sent", True)
    assert children() == []


def test_a_child_that_did_well_is_used_again() -> None:
    """Sends one after the other share one child, and closing the sender ends it."""

    async def go() -> set[int]:
        async with WebhookReceiver() as hook, sender() as out:
            seen = set()
            for _ in range(3):
                await out.send(target(hook.url()), MESSAGE)
                seen.update(children())
            return seen

    (child,) = to_end(go())
    assert gone(child, within=0)


def test_a_child_killed_in_the_middle_is_unknown() -> None:
    """When the child dies during a send (out of memory, say), the message may have left, and the receipt says so."""

    async def go() -> Receipt:
        async with WebhookReceiver(Webhook(hangs=True)) as stuck, sender() as out:
            hanging = asyncio.create_task(out.send(target(stuck.url()), MESSAGE))
            await stuck.reached.wait()
            (child,) = children()
            os.kill(child, signal.SIGKILL)
            return await hanging

    assert to_end(go()).outcome == "unknown"


def test_a_cancelled_send_leaves_no_child() -> None:
    """Cancelling a send ends its child at once."""

    async def go() -> int:
        async with WebhookReceiver(Webhook(hangs=True)) as stuck, sender() as out:
            hanging = asyncio.create_task(out.send(target(stuck.url()), MESSAGE))
            await stuck.reached.wait()
            (child,) = children()
            hanging.cancel()
            with pytest.raises(asyncio.CancelledError):
                await hanging
            assert gone(child, within=0)
            return child

    assert to_end(go())


def test_no_child_outlives_a_killed_parent() -> None:
    """A parent killed with SIGKILL in the middle of a send leaves no orphan, though the target still hangs."""
    script = """
import asyncio, sys
from watcher.model import Target
from watcher.send import Sender
from watcher.tell.message import Message
message = Message(id="x/1", title="The Tall Tide opens", body="It opens.")
asyncio.run(Sender(timeout=60, terminal=print).send(Target(name="x", url=sys.argv[1]), message))
"""

    async def go() -> bool:
        async with WebhookReceiver(Webhook(hangs=True)) as stuck:
            parent = await asyncio.create_subprocess_exec(sys.executable, "-P", "-c", script, stuck.url())
            await stuck.reached.wait()
            (child,) = children(of=parent.pid)
            parent.kill()
            await parent.wait()
            return gone(child, within=30)

    assert to_end(go())


def test_secrets_reach_neither_receipts_nor_command_lines_nor_environments() -> None:
    """A password, a path token and a header of a URL appear in no receipt, and not in what `ps` shows of the child."""
    secrets = ("p4ssw0rd", "t0ken", "h3ader")

    async def go() -> tuple[list[Receipt], bytes]:
        found = []
        async with WebhookReceiver() as hook, sender(3) as out:
            url = f"json://ann:p4ssw0rd@127.0.0.1:{hook.port}/t0ken?+X-Key=h3ader"
            for hook.manner in (Webhook(), Webhook(status=403, body=b"p4ssw0rd t0ken h3ader"), Webhook(drops=True)):
                found.append(await out.send(target(url), MESSAGE))
            (child,) = children()
            seen = shown(child)
            found.append(await out.send(target("json://ann:p4ssw0rd@"), MESSAGE))
            assert hook.posts[0].headers["x-key"] == "h3ader"
        return found, seen

    receipts, seen = to_end(go())
    assert [receipt.outcome for receipt in receipts] == ["sent", "failed", "unknown", "failed"]
    assert not any(secret in receipt.detail or secret.encode() in seen for receipt in receipts for secret in secrets)


@pytest.mark.parametrize(
    "head",
    [
        pytest.param(b"HTTP/1.1 200 OK\r\n\r\n", id="until it closes"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 500000000\r\n\r\n", id="half a gigabyte"),
    ],
)
def test_an_answer_without_end_is_not_read_to_its_end(head: bytes) -> None:
    """A server that took the message and then never stops talking is believed, and the child does not grow by what it says."""

    async def go() -> tuple[Receipt, int]:
        async with WebhookReceiver() as calm, answering(head, again=b"x" * 65536) as endless, sender(20) as out:
            await out.send(target(calm.url()), MESSAGE)
            (child,) = children()
            before = memory(child)
            receipt = await out.send(target(f"json://127.0.0.1:{endless.port}/"), MESSAGE)
            assert children() == [child]
            return receipt, memory(child) - before

    receipt, grown = to_end(go())
    assert (receipt.outcome, receipt.status) == ("sent", 200)
    assert grown < 20_000_000


def test_an_answer_that_unpacks_to_too_much_is_not_unpacked() -> None:
    """An answer of a few kilobytes that unpacks to 200 MB costs no memory, and the child could not take much if it wanted to."""
    bomb = gzip.compress(gzip.compress(b"0" * 200_000_000, 1), 9)

    async def go() -> tuple[Receipt, int, str]:
        async with WebhookReceiver() as hook, sender() as out:
            await out.send(target(hook.url()), MESSAGE)
            (child,) = children()
            before = memory(child)
            hook.manner = Webhook(headers={"Content-Encoding": "gzip, gzip"}, body=bomb)
            receipt = await out.send(target(hook.url()), MESSAGE)
            return receipt, memory(child) - before, data_limit(child)

    receipt, grown, most = to_end(go())
    assert (receipt.outcome, receipt.status) == ("sent", 200)
    assert grown < 20_000_000
    assert int(most) <= 1 << 29


def test_a_target_without_a_url_is_the_terminal() -> None:
    """A message for the terminal is given to the caller's printer, and no child is started."""
    printed: list[Message] = []

    async def go() -> Receipt:
        async with Sender(terminal=printed.append) as out:
            receipt = await out.send(target(None), MESSAGE)
            assert children() == []
            return receipt

    assert to_end(go()) == Receipt(outcome="sent")
    assert printed == [MESSAGE]


def test_an_empty_body_is_not_sent() -> None:
    """A message without text is a failure here and reaches nobody."""

    async def go() -> Receipt:
        async with sender() as out:
            return await out.send(target("json://127.0.0.1:9"), Message(id="x", title="t", body=" \n"))

    assert to_end(go()).outcome == "failed"


@pytest.mark.parametrize("url", ["", "nope://t0ken", "json://127.0.0.1/t0ken, json://127.0.0.2/t0ken"])
def test_an_impossible_address_is_refused_without_showing_it(url: str) -> None:
    """An address that Apprise cannot use is refused before anything is sent, and the reason does not repeat it."""
    reason = check_target(target(url))
    assert reason
    assert "t0ken" not in reason


def test_one_target_is_one_recipient() -> None:
    """Two recipients in one address are refused, copies too, since a retry would go to both; one and the terminal are fine."""
    copied = check_target(target("mailto://127.0.0.1/?from=a@example.org&to=b@example.org&bcc=c@example.org"))
    assert copied
    assert "2 recipients" in copied
    both = check_target(target("mailto://127.0.0.1/?from=a@example.org&to=b@example.org,c@example.org"))
    assert both
    assert "2 recipients" in both
    assert check_target(target("mailto://127.0.0.1/?from=a@example.org&to=b@example.org&retry=3")) is None
    assert check_target(target(None)) is None
