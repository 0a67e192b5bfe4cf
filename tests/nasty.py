"""Strings that mean harm to whoever shows them: what is published, printed or sent must carry each of them inert.

`TEXTS` may stand wherever a feed or a user writes text, `LINKS` wherever an address stands; `spoilt` puts them there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any

from watcher.board.grounds import Rival, Voice
from watcher.board.standing import Standing
from watcher.model import Change, CreditClaim, Fact, Feed, FeedState, ReleaseClaim, Sentence, Source, Title, Value

TEXTS = {
    "script": "<script>alert(1)</script>",
    "script, ended early": "</title></script><script>alert(1)</script>",
    "image": "<img src=x onerror=alert(1)>",
    "svg": "<svg/onload=alert(1)><text>x</text></svg>",
    "attribute": '" onmouseover="alert(1)" x=\'',
    "attribute, single": "' autofocus onfocus='alert(1)",
    "comment": "--><!-- <b>",
    "cdata": "]]><script>alert(1)</script><![CDATA[",
    "entity": "&lt;script&gt;&#x1b;&#0;&amp;amp; &nosuch; &",
    "doctype": '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>&e;',
    "style": "</style><style>*{display:none}",
    "colours": "\x1b[31mred\x1b[0m\x1b[2J\x1b[H",
    "terminal's title": "\x1b]0;owned\x07",
    "terminal's link": "\x1b]8;;https://evil.example/\x1b\\click\x1b]8;;\x1b\\",
    "csi in one byte": "\x9b31m\x9d0;owned\x9c\x85next",
    "carriage return": "shown\rhidden\x08\x08\x7f",
    "bidi": "\u202egnp.exe\u202c \u2066x\u2069\u200f\u061c",
    "unseen": "a\u200bb\u2060c\ufeffd\u00ade\u200d",
    "nul": "before\x00after\x01\x02",
    "attendee": "Glass\r\nATTENDEE:mailto:evil@evil.example\r\nBEGIN:VALARM",
    "line feed alone": "Glass\nEND:VEVENT\nBEGIN:VEVENT\nUID:stolen",
    "folded": "Glass\r\n X-EVIL:1\r\n\tX-EVIL:2",
    "escapes": "a,b;c:d\\e\\nf\\,g\\;h\"i^n^'",
    "parameter": "x;VALUE=URI:https://evil.example",
    "mail header": "x\r\nBcc: evil@evil.example\r\n\r\nbody",
    "separators": "one\u2028two\u2029three\u0085four\x0bfive\x0csix",
    "no characters": "\ufffe\uffff\ufdd0x\U0001fffe",
    "private": "\ue000x\U000f0000",
    "half a pair": "half \ud800 and \udfff",
    "long word": "W" * 10_000,
    "many words": "word " * 2_000,
    "long address": "https://example.org/" + "a" * 400,
    "right to left": "\u202eright to left\u202c \u0634\u0627\u0631\u0639 \u05d4\u05e8\u05d7\u05d5\u05d1 42",
    "wide": "\ufdfd\ufdfd\ufdfd \u0488\u0489",
    "marks": "Z" + "\u0301\u0316" * 500,
    "template": "{{7*7}} {% for x in () %} {{ config }} {#",
    "format": "{0} {name} %s %(x)s ${HOME} $(id) `id`",
    "markdown": "[x](javascript:alert(1)) ![y](https://evil.example/z.png) <https://evil.example|x>",
    "mention": "@everyone <!channel> <@U1>",
    "nothing": "\u200b\x00",
    "emoji": "👩\u200d🚀 🏴\U000e0067\U000e0062\U000e007f é 語",
}

LINKS = {
    "javascript": "javascript:alert(1)",
    "javascript, spelt oddly": " \x01JaVa\tScRiPt\n:alert(1)",
    "data": "data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==",
    "vbscript": "vbscript:msgbox(1)",
    "file": "file:///etc/passwd",
    "no scheme": "//evil.example/x",
    "user": "https://user:secret@evil.example/",
    "attendee": "https://evil.example/x\r\nATTENDEE:mailto:evil@evil.example",
    "attribute": 'https://evil.example/" onclick="alert(1)" x=\'',
    "tag": "https://evil.example/><script>alert(1)</script>",
    "cdata": "https://evil.example/]]><x>",
    "terminal": "https://evil.example/\x1b]8;;https://other.example\x07",
    "bidi": "https://evil.example/\u202egnp.exe",
    "nul": "https://evil.example/\x00x",
    "half a pair": "https://evil.example/\ud800",
    "not ascii": "https://зло.example/é?ü#ß",
    "endless": "https://evil.example/" + "x" * 10_000,
    "broken": "https://[::1/x",
}

#: Where other people's text stands on a board. Keys and ids are ours.
TEXT_FIELDS: dict[type, tuple[str, ...]] = {
    Title: ("name",),
    Value: ("person", "role"),
    Fact: ("outlets",),
    Change: ("sentence", "outlet", "credits"),
    Source: ("outlet", "title", "copies"),
    Sentence: ("text",),
    ReleaseClaim: ("credits",),
    CreditClaim: ("person", "role", "credits"),
    Feed: ("outlet",),
    FeedState: ("error", "title"),
    Standing: ("outlets",),
    Voice: ("outlets", "crediting"),
    Rival: ("outlets",),
}
LINK_FIELDS: dict[type, tuple[str, ...]] = {Change: ("link",), Source: ("link",)}


def spoilt(value: Any, where: Mapping[type, tuple[str, ...]], text: str) -> Any:
    """The same with a raw string in every field where other people's text stands."""
    if isinstance(value, tuple):
        return tuple(spoilt(one, where, text) for one in value)
    if isinstance(value, dict):
        return {key: spoilt(one, where, text) for key, one in value.items()}
    if not is_dataclass(value) or isinstance(value, type):
        return value
    names = where.get(type(value), ())
    if isinstance(value, Value) and value.status is None:
        names = ()
    found = {}
    for one in fields(value):
        if one.name in names:
            found[one.name] = (text,) if one.name == "outlets" else text
        elif one.init:
            found[one.name] = spoilt(getattr(value, one.name), where, text)
    return replace(value, **found)
