"""Sending through Apprise to real receivers: what arrives, and what is known when it does not."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any, TypeVar

import processes
import pytest
from processes import gone
from receivers import MailReceiver, Webhook, WebhookReceiver, dripping, silent

from watcher.edtf import Edtf
from watcher.model import Change, ChangeKind, Confidence, ReleaseKey, ReleaseType, Target, Value
from watcher.send import Receipt, Sender, check_target
from watcher.tell.dates_in_words import AMERICAN
from watcher.tell.layout import message_of
from watcher.tell.message import Message
from watcher.tell.words import Told, alert

T = TypeVar("T")

MESSAGE = Message(
    id="the-tall-tide/US/cinemas/r2",
    title="The Tall Tide moves to May 7, 2027 (was May 8, 2026)",
    body='Friday, May 7, 2027, US cinemas.\n“It moves & stays <put>.”\n\nSent to "phone".  the-tall-tide/US/cinemas/r2',
    html="<!doctype html>\n<html><body><p>Friday, May 7, 2027</p>\n<p>“It moves &amp; stays &lt;put&gt;.”</p></body></html>",
    kind="warning",
    link="https://example.org/tide",
)


def target(url: str | None, name: str = "phone") -> Target:
    """A target with this address."""
    return Target(name=name, url=url)


def nowhere(_message: Message) -> None:
    """A terminal that nothing should reach."""
    raise AssertionError("nothing goes to the terminal here")


@asynccontextmanager
async def sender(limit: float = 20) -> AsyncIterator[Sender]:
    """A sender with this timeout in seconds, closed at the end."""
    async with Sender(timeout=limit, terminal=nowhere) as one:
        yield one


def to_end(test: Coroutine[Any, Any, T]) -> T:
    """Run a test to its end; one that hangs fails."""

    async def guarded() -> T:
        async with asyncio.timeout(30):
            return await test

    return asyncio.run(guarded())


def children(of: int | None = None) -> list[int]:
    """The living children of a process (ours by default) that hold Apprise."""
    return processes.children("watcher.send_child", of)


def shown(pid: int) -> bytes:
    """What everybody on the machine may see of a process: its command line and, for its user, its environment."""
    return Path(f"/proc/{pid}/cmdline").read_bytes() + Path(f"/proc/{pid}/environ").read_bytes()


def part(mail: EmailMessage, subtype: str) -> str:
    """One alternative of a mail, "plain" or "html"."""
    body = mail.get_body((subtype,))
    assert body is not None
    return str(body.get_content())


def test_a_webhook_gets_title_body_kind_and_the_stable_id_in_a_header() -> None:
    """What a webhook receives is the message as rendered, with its id in a header, and the receipt says sent."""

    async def go() -> tuple[Receipt, WebhookReceiver]:
        async with WebhookReceiver() as hook, sender() as out:
            return await out.send(target(hook.url("path")), MESSAGE), hook

    receipt, hook = to_end(go())
    (post,) = hook.posts
    said = json.loads(post.body)
    assert receipt == Receipt(outcome="sent")
    assert (said["title"], said["message"], said["type"]) == (MESSAGE.title, MESSAGE.body, "warning")
    assert post.headers["x-watcher-id"] == MESSAGE.id
    assert "attachments" not in said or said["attachments"] == []


def test_a_mail_has_subject_plain_part_html_part_and_the_stable_id() -> None:
    """A mail arrives as multipart/alternative with our HTML unchanged, a readable plain part, and the id in a header."""

    async def go() -> tuple[Receipt, MailReceiver]:
        async with MailReceiver() as post, sender() as out:
            return await out.send(target(post.url()), MESSAGE), post

    receipt, post = to_end(go())
    (mail,) = post.mails
    assert receipt.outcome == "sent"
    assert mail["Subject"] == MESSAGE.title
    assert mail["X-Watcher-Id"] == MESSAGE.id
    assert mail["To"] == "ann@example.org"
    assert mail.get_content_type() == "multipart/alternative"
    assert part(mail, "html").replace("\r\n", "\n").strip() == (MESSAGE.html or "").strip()
    assert part(mail, "plain").split() == ["Friday,", "May", "7,", "2027", "“It", "moves", "&", "stays", "<put>.”"]


def test_a_mail_in_text_format_has_the_plain_body_alone() -> None:
    """Whoever asks for text with `format=text` gets the plain body letter for letter and no HTML."""

    async def go() -> MailReceiver:
        async with MailReceiver() as post, sender() as out:
            await out.send(target(post.url("&format=text")), MESSAGE)
            return post

    (mail,) = to_end(go()).mails
    assert mail.get_content_type() == "text/plain"
    assert str(mail.get_content()).replace("\r\n", "\n").strip() == MESSAGE.body


@pytest.mark.parametrize(
    "manner",
    [
        pytest.param(Webhook(status=302, headers={"Location": "/elsewhere"}), id="redirect"),
        pytest.param(Webhook(status=429, headers={"Retry-After": "9"}), id="too many"),
        pytest.param(Webhook(status=500, body=b"sekr3t \x1b[31m" * 1000), id="server error"),
    ],
)
def test_an_http_refusal_is_failed_with_its_status(manner: Webhook) -> None:
    """A redirect, a 429 and a 500 are failures that name the status, are tried once, and no redirect is followed."""

    async def go() -> tuple[Receipt, WebhookReceiver]:
        async with WebhookReceiver(manner) as hook, sender() as out:
            return await out.send(target(hook.url("?redirect=yes&retry=3&optional=yes")), MESSAGE), hook

    receipt, hook = to_end(go())
    assert receipt == Receipt(outcome="failed", detail=f"the server answered {manner.status}")
    assert [post.method for post in hook.posts] == ["POST"]


def test_a_refused_connection_is_failed() -> None:
    """Where nobody listens nothing can have arrived, by HTTP and by SMTP."""

    async def go() -> list[Receipt]:
        async with WebhookReceiver() as hook, MailReceiver() as post:
            urls = [hook.url(), post.url()]
        async with sender() as out:
            return [await out.send(target(url), MESSAGE) for url in urls]

    receipts = to_end(go())
    assert [receipt.outcome for receipt in receipts] == ["failed", "failed"]
    assert all("no connection" in receipt.detail for receipt in receipts)


def test_a_mail_server_that_refuses_is_failed_and_takes_nothing() -> None:
    """A recipient or a message refused with 4xx or 5xx is a failure and not unknown."""

    async def go() -> list[tuple[Receipt, int]]:
        found = []
        async with sender() as out:
            for rcpt, data in (
                ("550 no such user", "250 OK"),
                ("451 later", "250 OK"),
                ("250 OK", "554 no"),
                ("250 OK", "452 full"),
            ):
                async with MailReceiver(rcpt=rcpt, data=data) as post:
                    found.append((await out.send(target(post.url()), MESSAGE), len(post.mails)))
        return found

    assert [(receipt.outcome, mails) for receipt, mails in to_end(go())] == [("failed", 0)] * 4


def test_a_line_cut_after_the_message_is_unknown() -> None:
    """When the message was handed over and the line was cut before the answer, it may have arrived, and the receipt says so."""

    async def go() -> list[Receipt]:
        async with WebhookReceiver(Webhook(drops=True)) as hook, MailReceiver(drops=True) as post, sender() as out:
            return [await out.send(target(url), MESSAGE) for url in (hook.url(), post.url())]

    assert [receipt.outcome for receipt in to_end(go())] == ["unknown", "unknown"]


def test_a_target_that_never_answers_is_unknown_and_its_child_is_gone() -> None:
    """Targets that hang, drip or keep silent end at the timeout: unknown, the child dead, and the next send works."""

    async def go() -> tuple[list[Receipt], Receipt]:
        async with (
            WebhookReceiver(Webhook(hangs=True)) as hanging,
            dripping() as drip,
            silent() as mute,
            WebhookReceiver() as well,
            sender(3) as out,
        ):
            stuck = (hanging.url(), f"json://127.0.0.1:{drip.port}/", f"mailto://127.0.0.1:{mute.port}/?from=a@b.org&to=c@d.org")
            sends = [asyncio.create_task(out.send(target(url), MESSAGE)) for url in stuck]
            await asyncio.gather(hanging.reached.wait(), drip.reached.wait(), mute.reached.wait())
            pids = children()
            receipts = await asyncio.gather(*sends)
            assert len(pids) == 3
            assert all(gone(pid, within=0) for pid in pids)
            return receipts, await out.send(target(well.url()), MESSAGE)

    bad, good = to_end(go())
    assert bad == [Receipt(outcome="unknown", detail="no answer within 3 seconds; it may have arrived")] * 3
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


def test_hostile_feed_text_arrives_inert() -> None:
    """What a feed wrote reaches a webhook without a mention or a link's hinge, and a mail without a tag or a header."""
    sentence = "@everyone <!channel> [free](javascript:alert(1)) <script>alert(1)</script>\r\nBcc: eve@example.org \x1b[31m\u202e"
    at = datetime(2026, 3, 1, tzinfo=UTC)
    change = Change(
        id="the-tall-tide/release/US/theatrical/1",
        key=ReleaseKey(title="the-tall-tide", region="US", type=ReleaseType.THEATRICAL),
        kind=ChangeKind.SET,
        old=None,
        new=Value(date=Edtf("2027")),
        confidence=Confidence.REPORTED,
        at=at,
        recorded_at=at,
        sentence=sentence,
        outlet=sentence,
    )
    piece = alert([Told(change=change)], title_name=sentence, today=at.date(), home_regions=("US",), dates=AMERICAN)
    message = message_of([piece], message_id="x/1", target=Target(name="phone"))

    async def go() -> tuple[bytes, EmailMessage]:
        async with WebhookReceiver() as hook, MailReceiver() as post, sender() as out:
            assert (await out.send(target(hook.url()), message)).outcome == "sent"
            assert (await out.send(target(post.url()), message)).outcome == "sent"
            return hook.posts[0].body, post.mails[0]

    body, mail = to_end(go())
    said = json.loads(body)
    for text in (said["title"], said["message"], part(mail, "plain"), mail["Subject"]):
        assert not any(bad in text for bad in ("@everyone", "<!channel", "](", "<script", "\x1b", "\u202e"))
    assert "<script" not in part(mail, "html")
    assert mail["Bcc"] is None


def test_a_phone_is_sent_to_no_third_party_for_an_icon() -> None:
    """What a push service is sent names no address but the article's."""

    async def go() -> str:
        async with WebhookReceiver() as hook, sender() as out:
            assert (await out.send(target(f"ntfy://127.0.0.1:{hook.port}/topic"), MESSAGE)).outcome == "sent"
            return f"{hook.posts[0].headers} {hook.posts[0].body!r}"

    assert "http" not in to_end(go())


def test_a_title_cannot_add_a_header_to_a_mail() -> None:
    """Line breaks in a title or an id end in no header of their own."""
    message = Message(id="x/1", title="One\r\nBcc: eve@example.org", body="Text.\r\n.\r\nRCPT TO:<eve@example.org>")

    async def go() -> MailReceiver:
        async with MailReceiver() as post, sender() as out:
            await out.send(target(post.url()), message)
            return post

    post = to_end(go())
    assert [envelope.rcpt_tos for envelope in post.envelopes] == [["ann@example.org"]]
    assert post.mails[0]["Bcc"] is None


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
    """Two recipients in one address are refused, since a retry would go to both; one recipient and the terminal are fine."""
    both = check_target(target("mailto://127.0.0.1/?from=a@example.org&to=b@example.org,c@example.org"))
    assert both
    assert "2 recipients" in both
    assert check_target(target("mailto://127.0.0.1/?from=a@example.org&to=b@example.org")) is None
    assert check_target(target(None)) is None
