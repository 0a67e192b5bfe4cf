"""What suits each channel: fields and a link to tap where there are any, whole lines where room is short, and text verbatim."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from email.message import EmailMessage
from html import unescape
from typing import Any
from urllib.parse import parse_qs
from xml.etree import ElementTree as ET

import apprise
import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st
from receivers import MailReceiver, NtfyReceiver, Post, WebhookReceiver
from requests.adapters import HTTPAdapter
from sends import MESSAGE, part, sent, to_end

from watcher.edtf import Edtf
from watcher.model import Change, ChangeKind, Confidence, ReleaseKey, ReleaseType, Target, Value
from watcher.send_child import channel
from watcher.tell.dates_in_words import AMERICAN
from watcher.tell.layout import message_of
from watcher.tell.message import Message
from watcher.tell.words import Told, alert

#: What a reader of Markdown or HTML would take for orders.
DRAWN = (
    "*Harbor* _Lights_ ~x~ `c` ||s|| [a] <put> &amp; \\\n"
    "# not a head\n---\n> not a quote\n- no list\n1. none\nhttps://example.org/a_b_c?x=*1*"
)


async def posted(rest: str, message: Message = MESSAGE) -> Post:
    """What a receiver on this machine gets at an address of which ``{}`` is the host and port."""
    async with WebhookReceiver() as hook:
        assert (await sent(rest.format(f"127.0.0.1:{hook.port}"), message)).outcome == "sent"
        return hook.posts[-1]


def test_a_webhook_has_the_id_and_the_link_as_fields() -> None:
    """JSON, XML and form carry the stable id and the link as fields of their own, and the id in a header too."""
    posts = [to_end(posted(url)) for url in ("json://{}/", "xml://{}/", "form://{}/")]
    assert {post.headers["x-watcher-id"] for post in posts} == {MESSAGE.id}
    as_json, form = json.loads(posts[0].body), parse_qs(posts[2].body.decode())
    xml = {one.tag.rpartition("}")[2]: one.text for one in ET.fromstring(posts[1].body).iter()}
    assert (as_json["id"], as_json["link"]) == (xml["id"], xml["link"]) == (form["id"][0], form["link"][0])
    assert (as_json["id"], as_json["link"]) == (MESSAGE.id, MESSAGE.link)
    assert (as_json["title"], as_json["message"]) == (MESSAGE.title, MESSAGE.body)


def test_the_fields_that_the_user_named_stay_his() -> None:
    """A field that the target's address sets, renames or leaves out is as it says, whatever we would have put there."""
    said = json.loads(to_end(posted("json://{}/?:id=mine&:title=link&:version=")).body)
    assert (said["id"], said["link"]) == ("mine", MESSAGE.title)
    form = parse_qs(to_end(posted("form://{}/?:message=id")).body.decode())
    assert form["id"] == [MESSAGE.body]


def test_a_message_without_a_link_has_no_field_for_it() -> None:
    """Where there is no article, no field and no tap pretends that there is."""
    message = replace(MESSAGE, link=None)
    assert "link" not in json.loads(to_end(posted("json://{}/", message)).body)
    assert "x-click" not in to_end(posted("ntfy://{}/tide", message)).headers


def test_a_tap_opens_the_article() -> None:
    """A phone gets the link as what a tap opens, as it stands; a click that the target's address sets is kept."""
    link = "https://example.org/%40tide/a%20b?x=1&y=%C3%A9#z"

    async def go() -> list[dict[str, object]]:
        async with NtfyReceiver("tide") as ntfy:
            for url in (ntfy.topic("tide"), ntfy.topic("tide") + "?click=https://example.org/mine"):
                assert (await sent(url, replace(MESSAGE, link=link))).outcome == "sent"
            return ntfy.published("tide")

    ours, theirs = to_end(go())
    assert (ours["title"], ours["message"], ours["click"]) == (MESSAGE.title, MESSAGE.body, link)
    assert theirs["click"] == "https://example.org/mine"
    assert json.loads(to_end(posted("bark://{}/key")).body)["url"] == MESSAGE.link


def test_a_link_that_is_too_long_to_tap_does_not_cost_the_message() -> None:
    """A link longer than the shortest limit of a service stays in the text alone."""
    message = replace(MESSAGE, link="https://example.org/" + "a" * 600)
    assert "x-click" not in to_end(posted("ntfy://{}/tide", message)).headers


def test_only_the_articles_own_address_reaches_a_phone() -> None:
    """What a push service is sent names no address but the article's: no icon of a third party is fetched."""
    post = to_end(posted("ntfy://{}/topic"))
    assert f"{post.headers} {post.body!r}".replace(str(MESSAGE.link), "").count("http") == 0


BODY = (
    "Friday, May 7, 2027, US cinemas. 364 days later.\nReported by The Reel.\n"
    "The Reel: https://example.org/tide\nSent to the phone in the hall."
)
LINK = "https://example.org/tide"
CUT = "… (cut to fit)"


@pytest.mark.parametrize(
    ("longest", "has_title", "title", "body"),
    [
        pytest.param(400, False, "The title", BODY, id="all of it"),
        pytest.param(121, True, "The title", "\n".join((*BODY.splitlines()[:3], CUT)), id="whole lines, the link among them"),
        pytest.param(
            115, True, "The title", f"{BODY.splitlines()[0]}\nReported by The Reel.\n{LINK}\n{CUT}", id="lines and the link"
        ),
        pytest.param(60, False, "The title", LINK, id="title and link"),
        pytest.param(30, False, "", "The title", id="the title alone"),
        pytest.param(20, True, "The title", BODY, id="the service cuts"),
    ],
)
def test_a_short_channel_gets_whole_lines_and_the_link(longest: int, has_title: bool, title: str, body: str) -> None:
    """What is too long for a service is left out line by line from the end, which is said; the link is the last to go."""
    assert channel.fit("The title", BODY, LINK, longest=longest, has_title=has_title) == (title, body)


@given(st.text(max_size=120), st.text(min_size=1, max_size=600), st.integers(1, 700), st.booleans(), st.booleans())
def test_what_fits_is_never_too_long(title: str, body: str, longest: int, has_title: bool, has_link: bool) -> None:
    """The text for a short channel fits it, or is a title or a body that no line of fits, left for the service to cut."""
    shown, kept = channel.fit(title, body, LINK if has_link else None, longest=longest, has_title=has_title)
    used = len(kept) + (len(shown) + 2 if shown and not has_title else 0)
    assert used <= longest or (shown, kept) in (("", title), (title, body))


@pytest.mark.parametrize(
    "url",
    [
        "discord://123456789012345678/" + "a" * 68,
        "mmost://127.0.0.1/" + "a" * 24,
        "guilded://123456789012345678/" + "a" * 68,
        "nctalk://u:p@127.0.0.1/room",
    ],
)
def test_text_for_channels_that_draw_markdown_is_disarmed(url: str) -> None:
    """Discord and its like get a backslash before all that they would draw, and none inside a link."""
    plugin = apprise.Apprise.instantiate(url)
    said = channel.parts(plugin, {"title": "*Tide*", "body": DRAWN, "html": None, "letter": None, "link": None})
    assert said["title"] == r"\*Tide\*"
    assert said["body"].splitlines() == [
        r"\*Harbor\* \_Lights\_ \~x\~ \`c\` \|\|s\|\| \[a\] \<put> \&amp; \\",
        r"\# not a head",
        r"\---",
        r"\> not a quote",
        r"\- no list",
        r"1\. none",
        "https://example.org/a_b_c?x=*1*",
    ]


READ_BACK = [
    pytest.param("slack://T0/B0/" + "a" * 24 + "/#general", lambda s: unescape(s["attachments"][0]["text"]), id="slack"),
    pytest.param(
        "tgram://123456789:abcdefg_hijklmnop/12315544/", lambda s: unescape(re.sub("<[^>]*>", "", s["text"])), id="tgram"
    ),
    pytest.param("matrix://u:p@localhost/%23room", lambda s: s["body"], id="matrix"),
    pytest.param("discord://123456789012345678/" + "a" * 68, lambda s: unmarked(s["content"]), id="discord"),
    pytest.param(
        "discord://123456789012345678/" + "a" * 68 + "?format=markdown",
        lambda s: unmarked(s["embeds"][0]["description"]),
        id="embed",
    ),
    pytest.param("gchat://workspace/key/token", lambda s: unlinked(unmarked(unescape(s["text"]))), id="gchat"),
    pytest.param("wxteams://" + "a" * 80, lambda s: unmarked(s["markdown"]), id="wxteams"),
    pytest.param(
        "workflows://host:443/WFID/SIGNATURE/",
        lambda s: unmarked(s["attachments"][0]["content"]["body"][1]["text"]),
        id="workflows",
    ),
    pytest.param("revolt://bot_token/channel", lambda s: unmarked(s["embeds"][0]["description"]), id="revolt"),
]


#: A name whose letters take more room as bytes, in JSON, in HTML and in Markdown, with a link that does, too.
COSTLY = "Жю“Йэ” & <Со_*> 🎬 {number} plays a part: https://example.org/a_b?x=1&y={number}"


@pytest.mark.parametrize(
    ("url", "field", "longest"),
    [
        pytest.param("tgram://123456789:abcdefg_hijklmnop/12315544/", "text", 4096, id="tgram"),
        pytest.param("discord://123456789012345678/" + "a" * 68, "content", 2000, id="discord"),
        pytest.param("gchat://workspace/key/token", "text", 4000, id="gchat"),
        pytest.param("ntfy://127.0.0.1/tide", "message", 4096, id="ntfy"),
        pytest.param("mmost://127.0.0.1/" + "a" * 24, "text", 4000, id="mattermost"),
    ],
)
def test_what_a_service_would_cut_ends_in_a_whole_line_that_says_so(
    url: str, field: str, longest: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bundle that is too long arrives within the service's own limit, and its last lines are whole and say that it is cut."""
    seen = wired_to(monkeypatch)
    service = channel.service(url)
    lines = [COSTLY.format(number=number) for number in range(200)]
    message = {"title": "The Tall Tide & <more>", "body": "\n".join(lines), "html": None, "letter": None, "link": lines[0][-28:]}
    service.notify(**channel.parts(service[0], message))
    text = json.loads(seen[-1].body or b"")[field]
    shown = unmarked(unescape(re.sub("<[^>]*>", "", text) if field == "text" else text))
    assert shown.rstrip().endswith(CUT)
    assert len(shown.encode("utf-16-le")) // 2 <= longest
    assert len(shown.encode()) <= longest or "ntfy" not in url
    assert shown.count("plays a part") * 60 > longest / 4


def unmarked(text: str) -> str:
    """What a reader of Markdown shows of links, line ends and backslashes."""
    shown = re.sub(r"(?<!\\)\[((?:[^\]\\]|\\.)*)\]\((\S+?)\)", r"\1", text).replace("  \n", "\n")
    return re.sub(r"\\([^0-9A-Za-z\s])", r"\1", shown)


def unlinked(text: str) -> str:
    """What Google Chat shows of its own form of links."""
    return re.sub(r"<(https?:[^|>]*)\|([^>]*)>", r"\2", text)


@pytest.mark.parametrize(("url", "shown"), READ_BACK)
def test_a_channel_shows_what_was_written(url: str, shown: Callable[[Any], str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Read as the service reads it, whether HTML, Markdown or text, the payload is our text, and every link in it is whole."""
    seen = wired_to(monkeypatch)
    service = channel.service(url)
    message = {"title": "The Tall Tide", "body": DRAWN, "html": None, "letter": None, "link": None}
    service.notify(**channel.parts(service[0], message))
    text = shown(json.loads(seen[-1].body or b"")).replace("\r\n", "\n")
    assert text.endswith(DRAWN)
    if "](" in str(seen[-1].body):
        assert "(https://example.org/a_b_c?x=*1*)" in str(seen[-1].body)


def wired_to(monkeypatch: pytest.MonkeyPatch) -> list[requests.PreparedRequest]:
    """Have all web requests answered well without sending any. Returns the list that they are put into."""
    seen: list[requests.PreparedRequest] = []

    def wired(_adapter: HTTPAdapter, request: requests.PreparedRequest, **_options: object) -> requests.Response:
        seen.append(request)
        answer = requests.Response()
        answer.status_code, answer.url = 200, str(request.url)
        answer._content = (
            b'{"ok":true,"result":{"message_id":1},"room_id":"!a:b","user_id":"@a:b","access_token":"t","home_server":"b"}'
        )
        return answer

    monkeypatch.setattr(HTTPAdapter, "send", wired)
    return seen


def test_text_for_channels_that_draw_nothing_stays_as_it_is() -> None:
    """A channel that shows text as text gets it letter for letter, markup or not."""
    message = replace(MESSAGE, body=DRAWN)
    assert json.loads(to_end(posted("ntfy://{}/tide", message)).body)["message"] == DRAWN
    assert json.loads(to_end(posted("gotify://{}/token123456789", message)).body)["message"] == DRAWN


def test_a_title_that_a_channel_would_cut_is_in_the_body_too() -> None:
    """Where a service's titles are shorter than ours, the body begins with the whole title."""
    plugin = apprise.Apprise.instantiate("zulip://bot@org/" + "a" * 32)
    request = {"title": "T" * 90, "body": "Text.", "html": None, "letter": None, "link": None}
    assert channel.parts(plugin, request)["body"] == "T" * 90 + "\nText."


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
        async with WebhookReceiver() as hook, MailReceiver() as post:
            assert (await sent(hook.url(), message)).outcome == "sent"
            assert (await sent(post.url(), message)).outcome == "sent"
            return hook.posts[0].body, post.mails[0]

    body, mail = to_end(go())
    said = json.loads(body)
    for text in (said["title"], said["message"], part(mail, "plain"), mail["Subject"]):
        assert not any(bad in text for bad in ("@everyone", "<!channel", "](", "<script", "\x1b", "\u202e"))
    assert "<script" not in part(mail, "html")
    assert mail["Bcc"] is None
