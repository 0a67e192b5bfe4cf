"""What a server answered, in words for the person who wrote its address: what it means, and what to do about it.

All of it is ours. A server's own text may hold a secret of the address, or an order to the terminal that shows it.
"""

from __future__ import annotations

from typing import Any

from watcher.send_child.wire import Answer, Trouble

Reply = dict[str, Any]

_TOO_LARGE = "the message is too large for it"
_LOGIN = "it does not let us in; check the user, the password or the token in the URL"
_SLOWER = "it asks us to slow down"
_LATER = "it asks to try later"

#: By status of HTTP; by its first digit where there is none.
_HTTP = {
    400: "it does not take this message; if it never took one, check what the URL says of the recipient",
    401: _LOGIN,
    402: "it wants to be paid first",
    403: _LOGIN,
    404: "it knows no such address; check the topic, the path or the token in the URL",
    405: "it takes no messages at this address; check the path in the URL",
    407: "the proxy on the way wants a login",
    408: "the message took too long to arrive",
    410: "this address is gone for good; write another",
    413: _TOO_LARGE,
    414: _TOO_LARGE,
    415: "it does not take messages of this form",
    422: "it understands this message and does not take it",
    429: _SLOWER,
    431: _TOO_LARGE,
    2: "but not as its service does when it has taken a message; check whether the URL names the right kind of service",
    3: "it sends us elsewhere, which is not followed; write the final address",
    4: "it does not take the message",
    5: "it has trouble of its own",
}

#: Statuses that are about this one message: another may get through (RFC 9110, section 15.5; RFC 6585).
_ABOUT_MESSAGE = frozenset({400, 413, 414, 415, 422, 431})

#: By stage and reply code of SMTP (RFC 5321, RFC 4954); by its first digit, then for all stages, where there is none.
_SMTP = {
    ("auth", 4): "it cannot check the login just now",
    ("auth", 5): "it refuses the login; check the user and the password in the URL",
    ("mail", 5): "it does not take mail from this sender; check from= in the URL",
    ("rcpt", 5): "it does not take mail for this recipient; check the address",
    ("rcpt", 552): "the recipient's mailbox is full",
    ("starttls", 4): "it cannot encrypt just now",
    ("starttls", 5): "it does not encrypt (STARTTLS); check the port and mode= in the URL",
    ("message", 5): "it does not take this message",
    ("", 530): "it wants a login; write the user and the password into the URL",
    ("", 2): "but it was handed no message; Apprise could not make one",
    ("", 3): "but it was handed no message; Apprise could not make one",
    ("", 4): _LATER,
    ("", 5): "it does not take mail from us",
}

#: By what stood in the way of an answer.
_TROUBLE = {
    "certificate": "its certificate is not valid",
    "cut": "it cut the connection before it had the message",
    "garbled": "what answers there is no mail server; check the host and the port in the URL",
    "name": "the name of its host is not known; check it in the URL, or whether this machine has a network",
    "no login": "it offers no login; leave the user and the password out of the URL",
    "no starttls": "it does not encrypt (STARTTLS); check the port and mode= in the URL",
    "proxy": "the proxy on the way does not let us through",
    "refused": "nobody listens there; check the host and the port in the URL, or whether the service runs",
    "timeout": "it does not answer",
    "tls": "no encrypted connection came about; check the port in the URL",
    "unfit": "it was not asked, for the URL wants a header that cannot be sent; write plain letters (ASCII) there",
    "unreachable": "no way leads there; is this machine connected?",
    "odd": "the connection failed",
}

_UNANSWERED = "the message left, but no answer came; it may have arrived"
_PARTLY = "the mail server took it, but not for all its recipients"
_UNSEEN = "Apprise could not send it; why, this kind of service does not let us see"


def reply(outcome: str, detail: str = "", **more: object) -> Reply:
    """An answer to the parent."""
    return {"outcome": outcome, "detail": detail} | more


def judge(last: Answer | Trouble | None, *, succeeded: bool) -> Reply:
    """What is known of a message, from what was last heard and from whether Apprise calls it sent."""
    if succeeded:
        return reply("sent", status=last.code if isinstance(last, Answer) else None)
    if last is None:
        return reply("failed", _UNSEEN)
    if isinstance(last, Trouble):
        who = "the mail server" if last.over == "smtp" else "the server"
        return reply("unknown", _UNANSWERED) if last.left else reply("failed", f"{who}: {_TROUBLE[last.kind]}")
    return _refused_by_web(last) if last.stage == "http" else _refused_by_mail(last)


def _refused_by_web(last: Answer) -> Reply:
    words = _HTTP.get(last.code) or _HTTP.get(last.code // 100, "nobody knows what that means")
    return reply(
        "failed",
        f"the server answered {last.code}: {words}",
        status=last.code,
        refuses=last.code in _ABOUT_MESSAGE,
        wish=last.wish,
    )


def _refused_by_mail(last: Answer) -> Reply:
    if last.stage == "message" and last.code < 300:
        return reply("unknown", _PARTLY, status=last.code)
    digit = last.code // 100
    keys = ((last.stage, last.code), ("", last.code), (last.stage, digit), ("", digit))
    words = next((_SMTP[key] for key in keys if key in _SMTP), "nobody knows what that means")
    return reply(
        "failed",
        f"the mail server answered {last.code}: {words}",
        status=last.code,
        refuses=last.stage == "message" and digit == 5,
    )
