"""A mail as it arrives: both of its parts, its headers, and an id by which a repeat can be known."""

from __future__ import annotations

import re
from dataclasses import replace
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st
from receivers import MailReceiver
from sends import MESSAGE, part, sent, to_end

from watcher.send_child.mail import message_id
from watcher.tell.message import Message


async def mailed(rest: str = "", *messages: Message) -> list[EmailMessage]:
    """The mails that come of these messages, ours where none is given, to an address with these parameters."""
    async with MailReceiver() as post:
        for message in messages or (MESSAGE,):
            assert (await sent(post.url(rest), message)).outcome == "sent"
        return post.mails


def test_a_mail_has_subject_both_parts_and_the_stable_id() -> None:
    """A mail arrives as multipart/alternative with our HTML and our letter unchanged, and says that no person wrote it."""
    (mail,) = to_end(mailed())
    assert mail["Subject"] == MESSAGE.title
    assert mail["X-Watcher-Id"] == MESSAGE.id
    assert mail["To"] == "ann@example.org"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail.get_content_type() == "multipart/alternative"
    assert [one.get_content_type() for one in mail.iter_parts()] == ["text/plain", "text/html"]
    assert part(mail, "html") == MESSAGE.html
    assert part(mail, "plain") == MESSAGE.letter


def test_a_mail_without_a_letter_has_the_body_as_its_plain_part() -> None:
    """Where a message has no letter of its own, the plain part is the body, line for line."""
    (mail,) = to_end(mailed("", replace(MESSAGE, letter=None)))
    assert part(mail, "plain") == MESSAGE.body


def test_a_mail_in_text_format_has_the_letter_alone() -> None:
    """Whoever asks for text with `format=text` gets the letter as it is, or else the body, and no HTML."""
    letter, body = to_end(mailed("&format=text", MESSAGE, replace(MESSAGE, letter=None)))
    assert letter.get_content_type() == body.get_content_type() == "text/plain"
    assert part(letter, "plain") == MESSAGE.letter
    assert part(body, "plain") == MESSAGE.body


def test_a_long_mail_is_not_cut() -> None:
    """A digest of many changes arrives whole, in both of its parts."""
    long = replace(MESSAGE, letter="\n".join(["A line of the letter."] * 4000), html="<p>A line of it.</p>\n" * 8000)
    (mail,) = to_end(mailed("", long))
    assert part(mail, "plain") == long.letter
    assert part(mail, "html") == str(long.html).strip()


@pytest.mark.parametrize(
    "title", ["Маяк и прилив " * 7, "🎬" * 100, "The tide & the lighthouse, " * 4], ids=["cyrillic", "emoji", "ascii"]
)
def test_a_long_title_is_no_long_line(title: str) -> None:
    """A subject of any letters arrives as it is, in encoded words and lines of the length that RFC 2047 allows."""

    async def go() -> tuple[EmailMessage, bytes]:
        async with MailReceiver() as post:
            await sent(post.url(), replace(MESSAGE, title=title.strip()))
            assert isinstance(post.envelopes[0].content, bytes)
            return post.mails[0], post.envelopes[0].content

    mail, raw = to_end(go())
    assert mail["Subject"] == title.strip()
    subject = re.search(rb"^Subject:.*(?:\r\n[ \t].*)*", raw, re.MULTILINE)
    assert subject is not None
    assert max(len(line) for line in subject.group().split(b"\r\n")) <= 78


def test_the_next_mail_has_nothing_of_the_last() -> None:
    """A child that sends several mails gives each its own id and its own letter."""
    other = replace(MESSAGE, id="harbor-lights-1a2b3c", letter="Another letter.")
    first, second = to_end(mailed("", MESSAGE, other))
    assert first["Message-ID"] != second["Message-ID"]
    assert part(second, "plain") == "Another letter."


def test_a_repeat_has_the_same_message_id() -> None:
    """The Message-ID is made of the stable id and the sender's domain, once, and is the same at every try."""
    message = replace(MESSAGE, id="harbor-lights-1a2b3c")
    first, second = to_end(mailed("", message, message))
    assert first.get_all("Message-ID") == second.get_all("Message-ID") == ["<harbor-lights-1a2b3c.watcher@example.org>"]


@given(st.text(max_size=200), st.text(max_size=200), st.text(max_size=60))
def test_a_message_id_is_one_token_and_its_deliverys_own(one: str, other: str, sender: str) -> None:
    """From any id and sender comes a Message-ID of plain characters, without a break, and two deliveries never share one."""
    first = message_id(one, sender)
    assert first.isascii()
    assert first.isprintable()
    assert first.startswith("<")
    assert first.endswith(">")
    assert not set(first[1:-1]) & set('<> \t"(),:;[]\\')
    assert first.count("@") == 1
    assert ".." not in first.partition("@")[0]
    assert (first == message_id(other, sender)) == (one == other)


def test_the_users_own_header_wins() -> None:
    """A header that the address of the target sets is not set twice."""
    (mail,) = to_end(mailed("&+auto-submitted=no"))
    assert mail.get_all("Auto-Submitted") == ["no"]


def test_a_title_cannot_add_a_header_to_a_mail() -> None:
    """Line breaks in a title or an id end in no header of their own."""
    message = Message(id="x/1", title="One\r\nBcc: eve@example.org", body="Text.\r\n.\r\nRCPT TO:<eve@example.org>")

    async def go() -> MailReceiver:
        async with MailReceiver() as post:
            await sent(post.url(), message)
            return post

    post = to_end(go())
    assert [envelope.rcpt_tos for envelope in post.envelopes] == [["ann@example.org"]]
    assert post.mails[0]["Bcc"] is None
