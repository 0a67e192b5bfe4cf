"""What is known of a send: the server's answer in words for a person, and whether trying again makes sense."""

from __future__ import annotations

import asyncio
import shutil
import ssl
import subprocess
from collections.abc import Iterator

import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from receivers import MailReceiver, MailTalker, NtfyReceiver, Post, Webhook, WebhookReceiver, answering, silent
from requests.adapters import HTTPAdapter
from sends import MESSAGE, nowhere, sender, sent, target, to_end

from watcher.send import Receipt, Sender
from watcher.send_child.answers import judge
from watcher.send_child.wire import Wire

SECRETS = ("p4ssw0rd", "t0ken", "ann@", "127.0.0.1", "localhost")

#: A status of HTTP, what the person reads, and whether it is this message that is refused.
STATUSES = [
    (302, "the server answered 302: it sends us elsewhere, which is not followed; write the final address", False),
    (400, "the server answered 400: it does not take this message; ", True),
    (401, "the server answered 401: it does not let us in; ", False),
    (403, "the server answered 403: it does not let us in; ", False),
    (404, "the server answered 404: it knows no such address; check the topic, the path or the token in the URL", False),
    (410, "the server answered 410: this address is gone for good; ", False),
    (413, "the server answered 413: the message is too large for it", True),
    (418, "the server answered 418: it does not take the message", False),
    (422, "the server answered 422: it understands this message and does not take it", True),
    (429, "the server answered 429: it asks us to slow down", False),
    (500, "the server answered 500: it has trouble of its own", False),
    (503, "the server answered 503: it has trouble of its own", False),
    (799, "the server answered 799: nobody knows what that means", False),
]

#: What a mail server replies at a stage, what the person reads of it, and whether it is this message that is refused.
REPLIES = [
    ("connect", b"421 too busy", "421: it asks to try later", False),
    ("connect", b"554 not you", "554: it does not take mail from us", False),
    ("auth", b"454 later", "454: it cannot check the login just now", False),
    ("auth", b"535 wrong", "535: it refuses the login; ", False),
    ("mail", b"530 who are you", "530: it wants a login; ", False),
    ("mail", b"451 later", "451: it asks to try later", False),
    ("mail", b"553 not from there", "553: it does not take mail from this sender; ", False),
    ("rcpt", b"450 greylisted", "450: it asks to try later", False),
    ("rcpt", b"452 full", "452: it asks to try later", False),
    ("rcpt", b"550 no such user", "550: it does not take mail for this recipient; ", False),
    ("rcpt", b"551 gone", "551: it does not take mail for this recipient; ", False),
    ("data", b"451 later", "451: it asks to try later", False),
    ("data", b"554 no", "554: it does not take mail from us", False),
    ("message", b"421 shutting down", "421: it asks to try later", False),
    ("message", b"452 full", "452: it asks to try later", False),
    ("message", b"552 too large", "552: it does not take this message", True),
    ("message", b"554 spam", "554: it does not take this message", True),
]


@pytest.mark.parametrize(("status", "words", "refuses"), STATUSES)
def test_a_status_is_told_in_words(status: int, words: str, refuses: bool) -> None:
    """What a web server answers is told with its number and what to do; it was tried once, and no redirect was followed."""

    async def go() -> tuple[Receipt, list[str]]:
        manner = Webhook(status=status, headers={"Location": "/elsewhere"}, body=b"t0ken \x1b[31m" * 1000)
        async with WebhookReceiver(manner) as hook:
            receipt = await sent(hook.url("?redirect=yes&retry=3&optional=yes"))
            return receipt, [post.method for post in hook.posts]

    receipt, methods = to_end(go())
    assert (receipt.outcome, receipt.status, receipt.refuses) == ("failed", status, refuses)
    assert receipt.detail.startswith(words)
    assert receipt.detail.isprintable()
    assert methods == ["POST"]


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "90"}, 90),
        ({"Retry-After": "Wed, 03 Mar 2027 10:02:00 GMT", "Date": "Wed, 03 Mar 2027 10:00:00 GMT"}, 120),
        ({"Retry-After": "Wed, 03 Mar 2027 09:00:00 GMT", "Date": "Wed, 03 Mar 2027 10:00:00 GMT"}, 0),
        ({"Retry-After": "99999999999999999999"}, 86_400),
        ({"Retry-After": "Fri, 01 Jan 2100 00:00:00 GMT", "Date": "Wed, 03 Mar 2027 10:00:00 GMT"}, 86_400),
        ({"Retry-After": "-5"}, None),
        ({"Retry-After": "soon \x7f"}, None),
        ({}, None),
    ],
)
def test_a_server_that_wants_to_be_left_alone_says_for_how_long(headers: dict[str, str], seconds: float | None) -> None:
    """Retry-After is known in seconds from either of its forms, within a day; what cannot be read asks for nothing."""

    async def go() -> Receipt:
        async with WebhookReceiver(Webhook(status=429, headers=headers)) as hook:
            return await sent(hook.url())

    assert to_end(go()).retry_after == seconds


def test_what_cannot_be_sent_is_no_fault_of_the_server() -> None:
    """A header in the URL that no request can have is told as what it is, and the server is not even asked."""

    async def go() -> tuple[Receipt, list[Post]]:
        async with WebhookReceiver() as hook:
            return await sent(f"ntfy://127.0.0.1:{hook.port}/tide?tags=☃"), hook.posts

    receipt, posts = to_end(go())
    assert (receipt.outcome, receipt.refuses, posts) == ("failed", False, [])
    assert "the URL wants a header that cannot be sent" in receipt.detail


class Chat(WebhookReceiver):
    """A chat into which one logs in, says something and logs out again, which always go well but for the saying."""

    def answer(self, post: Post) -> Webhook:
        """As `manner` says for what is said."""
        if post.path.endswith("postMessage"):
            return self.manner
        return Webhook(body=b'{"status":"success","data":{"authToken":"t0ken","userId":"ann"}}')


@pytest.mark.parametrize(
    ("manner", "outcome", "status", "refuses", "retry_after"),
    [
        (Webhook(drops=True), "unknown", None, False, None),
        (Webhook(status=413), "failed", 413, True, None),
        (Webhook(status=429, headers={"Retry-After": "90"}), "failed", 429, False, 90),
        (Webhook(body=b'{"success":true}'), "sent", 200, False, None),
    ],
)
def test_the_answer_to_a_logout_is_not_taken_for_that_to_the_message(
    manner: Webhook, outcome: str, status: int | None, refuses: bool, retry_after: float | None
) -> None:
    """Where a service is asked several things, what became of the message counts, though what comes after it goes well."""

    async def go() -> tuple[Receipt, list[str]]:
        async with Chat(manner) as chat:
            receipt = await sent(f"rocket://ann:p4ssw0rd@127.0.0.1:{chat.port}/%23room?mode=basic")
            return receipt, [post.path.rpartition("/")[2] for post in chat.posts]

    receipt, asked = to_end(go())
    assert asked == ["login", "chat.postMessage", "logout"]
    assert (receipt.outcome, receipt.status, receipt.refuses, receipt.retry_after) == (outcome, status, refuses, retry_after)


@pytest.mark.parametrize(("stage", "reply", "words", "refuses"), REPLIES)
def test_a_reply_of_a_mail_server_is_told_in_words(stage: str, reply: bytes, words: str, refuses: bool) -> None:
    """What a mail server replies at any stage is told with its code and its meaning, is a failure, and nothing has arrived."""

    async def go() -> tuple[Receipt, list[bytes]]:
        async with MailTalker(**{stage: reply + b" t0ken \x1b[31m\r\n"}) as post:
            return await sent(post.url(login="ann:p4ssw0rd@")), post.mails

    receipt, mails = to_end(go())
    assert (receipt.outcome, receipt.status, receipt.refuses) == ("failed", int(reply[:3]), refuses)
    assert receipt.detail.startswith(f"the mail server answered {words}")
    assert not any(secret in receipt.detail for secret in SECRETS)
    assert mails == []


@pytest.mark.parametrize(
    ("scheme", "words"),
    [
        ("json://127.0.0.1:{port}/", "the server: nobody listens there; "),
        ("mailto://127.0.0.1:{port}/?from=a@example.org&to=b@example.org", "the mail server: nobody listens there; "),
        ("json://no-such-host.invalid:{port}/", "the server: the name of its host is not known; "),
        ("mailto://no-such-host.invalid:{port}/?from=a@example.org&to=b@example.org", "the mail server: the name of its host "),
        ("jsons://127.0.0.1:{chat}/", "the server: no encrypted connection came about; "),
        ("mailto://127.0.0.1:{mail}/?from=a@example.org&to=b@example.org&mode=starttls", "the mail server: it does not encrypt "),
        ("mailto://u:p@127.0.0.1:{mail}/?from=a@example.org&to=b@example.org", "the mail server: it offers no login; "),
        ("mailto://127.0.0.1:{mute}/?from=a@example.org&to=b@example.org", "the mail server: it does not answer"),
        (
            "mailto://127.0.0.1:{chat}/?from=a@example.org&to=b@example.org",
            "the mail server: what answers there is no mail server",
        ),
    ],
)
def test_what_kept_a_message_from_leaving_is_told_apart(scheme: str, words: str) -> None:
    """No listener, no such name, no TLS, no login and silence each have their own words, and nothing can have arrived."""

    async def go() -> Receipt:
        async with WebhookReceiver() as gone:
            port = gone.port
        async with (
            MailReceiver() as post,
            silent() as mute,
            MailTalker(connect=b"hello there\r\n") as chat,
            sender(6) as out,
        ):
            ports = {"port": port, "mail": post.port, "mute": mute.port, "chat": chat.port}
            return await out.send(target(scheme.format(**ports)), MESSAGE)

    receipt = to_end(go())
    assert (receipt.outcome, receipt.status) == ("failed", None)
    assert receipt.detail.startswith(words)


@pytest.fixture(scope="module")
def untrusted(tmp_path_factory: pytest.TempPathFactory) -> ssl.SSLContext:
    """TLS with a certificate that signs itself."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not installed")
    place = tmp_path_factory.mktemp("tls")
    key, certificate = place / "key.pem", place / "certificate.pem"
    kind = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
    name = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run([openssl, *kind, *name, "-keyout", str(key), "-out", str(certificate)], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context


def test_a_certificate_that_nobody_vouches_for_is_told(untrusted: ssl.SSLContext) -> None:
    """A server whose certificate is not valid gets nothing, and the receipt names the reason."""

    async def go() -> tuple[Receipt, int]:
        async with WebhookReceiver(tls=untrusted) as hook:
            return await sent(f"jsons://127.0.0.1:{hook.port}/"), len(hook.posts)

    assert to_end(go()) == (
        Receipt(outcome="failed", detail="the server: its certificate is not valid", service="JSON"),
        0,
    )


def test_a_line_cut_after_the_message_is_unknown() -> None:
    """When the message was handed over and no answer, or none that can be read, came to it, it may have arrived."""

    async def go() -> list[Receipt]:
        async with (
            WebhookReceiver(Webhook(drops=True)) as hook,
            MailReceiver(drops=True) as post,
            MailTalker(message=b"") as cut,
            MailTalker(message=b"well, hello\r\n") as garbled,
        ):
            return [await sent(one.url()) for one in (hook, post, cut, garbled)]

    words = "the message left, but no answer came; it may have arrived"
    assert [(receipt.outcome, receipt.detail) for receipt in to_end(go())] == [("unknown", words)] * 4


def test_a_line_cut_before_the_message_is_failed() -> None:
    """When a mail server hangs up before it was handed the message, nothing can have arrived."""

    async def go() -> list[Receipt]:
        receipts = []
        for stage in ("connect", "mail", "rcpt", "data"):
            async with MailTalker(**{stage: b""}) as post:
                receipts.append(await sent(post.url()))
        return receipts

    words = "the mail server: it cut the connection before it had the message"
    assert [(receipt.outcome, receipt.detail) for receipt in to_end(go())] == [("failed", words)] * 4


def test_a_mail_that_broke_off_on_its_way_is_unknown() -> None:
    """When a mail server has asked for the message and nothing more was heard of it, nobody can say what it has."""
    wire = Wire()
    wire.begin(patience=1)
    wire._stage = "data"
    wire._reply(354)
    assert judge(wire.last, succeeded=False)["outcome"] == "unknown"


def test_a_mail_server_may_think_about_a_message() -> None:
    """Where a server takes its time after the message, for longer than it would be given before, its answer is awaited."""

    async def go() -> tuple[Receipt, Receipt]:
        async with MailReceiver() as quick, MailTalker(thinks=4) as slow, sender(7) as out:
            return await out.send(target(quick.url()), MESSAGE), await out.send(target(slow.url()), MESSAGE)

    assert [receipt.outcome for receipt in to_end(go())] == ["sent", "sent"]


def test_a_reply_without_end_is_cut_short() -> None:
    """A mail server whose greeting goes on and on is given up as soon as that is plain, and nothing has left."""

    async def go() -> Receipt:
        async with MailTalker(connect=b"220-and another thing\r\n" * 10_000) as post:
            return await sent(post.url())

    receipt = to_end(go())
    assert (receipt.outcome, receipt.detail) == ("failed", "the mail server: it cut the connection before it had the message")


def test_what_a_proxy_was_told_is_not_the_message(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy that does not let us through has got no message, though it was spoken to."""

    async def go() -> Receipt:
        async with answering(b"HTTP/1.1 407 Who are you\r\nContent-Length: 0\r\n\r\n") as proxy:
            monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")
            monkeypatch.delenv("NO_PROXY", raising=False)
            monkeypatch.delenv("no_proxy", raising=False)
            return await sent("jsons://example.org/")

    words = "the server: the proxy on the way does not let us through"
    assert to_end(go()) == Receipt(outcome="failed", detail=words, service="JSON")


def test_a_request_that_ends_in_nothing_known_may_have_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever ends a request, the memory's end included, what had left by then may have arrived."""
    wire = Wire()

    def broken(*_: object, **__: object) -> requests.Response:
        wire._hook("http.client.send", (None, b"POST / HTTP/1.1"))
        raise MemoryError

    monkeypatch.setattr(HTTPAdapter, "send", broken)
    wire._watch_http()
    wire.begin(patience=1)
    with pytest.raises(MemoryError):
        requests.post("http://127.0.0.1/", timeout=1)
    assert judge(wire.last, succeeded=False)["outcome"] == "unknown"


def test_a_service_says_what_it_is_called_and_what_it_answered() -> None:
    """A receipt names the service as its makers do, with the last code that came from it, for web and mail."""

    async def go() -> list[Receipt]:
        async with NtfyReceiver("tide") as ntfy, MailReceiver() as post:
            return [await sent(url) for url in (ntfy.topic("tide"), ntfy.topic("other"), post.url())]

    receipts = to_end(go())
    assert [(one.outcome, one.service, one.status) for one in receipts] == [
        ("sent", "ntfy", 200),
        ("failed", "ntfy", 403),
        ("sent", "E-Mail", 250),
    ]


def test_what_is_not_seen_is_not_made_up() -> None:
    """Where a service goes a way that we do not watch, the receipt says that nothing is known of the reason."""

    async def go() -> Receipt:
        async with silent() as gone:
            port = gone.port
        return await sent(f"irc://127.0.0.1:{port}/%23tide")

    words = "Apprise could not send it; why, this kind of service does not let us see"
    assert to_end(go()) == Receipt(outcome="failed", detail=words, service="IRC")


HTTP_BYTES = st.one_of(
    st.binary(max_size=200),
    st.builds(
        lambda status, lines, body: b"HTTP/1.1 " + status + b"\r\n" + b"\r\n".join([*lines, b"", body]),
        st.sampled_from([b"200 t0ken", b"500 t0ken", b"999 \x1b[31m", b"0 x", b"100 Continue", b"302 x", b"429"]),
        st.lists(
            st.sampled_from(
                [
                    b"Retry-After: t0ken\xff",
                    b"Date: \xff\x00",
                    b"Content-Encoding: gzip",
                    b"Content-Length: -1",
                    b"Transfer-Encoding: chunked",
                    b"Location: http://\xff",
                    b": x",
                    b"nonsense t0ken",
                ]
            ),
            max_size=4,
        ),
        st.binary(max_size=100),
    ),
)
SMTP_BYTES = st.one_of(
    st.binary(max_size=100).map(lambda said: said + b"\r\n"),
    st.builds(
        lambda code, mark, rest: code + mark + rest.replace(b"\n", b"") + b" t0ken p4ssw0rd\r\n",
        st.sampled_from([b"220", b"250", b"354", b"421", b"550", b"099", b"-12", b"999", b"2\xb20"]),
        st.sampled_from([b" ", b"-", b"", b"\x00"]),
        st.binary(max_size=50),
    ),
)


@pytest.fixture(scope="module")
def runner() -> Iterator[tuple[asyncio.Runner, Sender]]:
    """One sender for many examples, so that they need not each start a child, and the loop that it lives in."""
    with asyncio.Runner() as loop:
        out = Sender(timeout=3, terminal=nowhere)
        yield loop, out
        loop.run(out.aclose())


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(web=HTTP_BYTES, stage=st.sampled_from(["connect", "ehlo", "auth", "mail", "rcpt", "data", "message"]), reply=SMTP_BYTES)
def test_any_answer_gives_a_receipt_without_secrets(
    runner: tuple[asyncio.Runner, Sender], web: bytes, stage: str, reply: bytes
) -> None:
    """Whatever bytes a server answers, a receipt comes of it, of printable words in which no secret and no address stands."""
    loop, out = runner

    async def go() -> list[Receipt]:
        async with answering(web) as hook, MailTalker(**{stage: reply}) as post:
            urls = (f"json://ann:p4ssw0rd@127.0.0.1:{hook.port}/t0ken", post.url(login="ann:p4ssw0rd@"))
            return [await out.send(target(url), MESSAGE) for url in urls]

    for receipt in loop.run(go()):
        assert receipt.outcome in ("sent", "failed", "unknown")
        assert receipt.detail.isprintable()
        assert not any(secret in receipt.detail for secret in SECRETS)
        assert receipt.retry_after is None or 0 <= receipt.retry_after <= 86_400
        assert (receipt.detail == "") == (receipt.outcome == "sent")
