"""A board in which whatever came from outside says something else: names, sentences, roles, outlets, links, feeds' errors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from watcher.board.board import Board, Sheet
from watcher.board.grounds import Grounds
from watcher.model import Change, CreditKey, Evidence, Fact, FeedState, Key, ReleaseKey, Sentence, Value

#: Text that means to be more than text: markup, templates, endless words, the other direction, what cannot be seen.
NASTY = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'-alert(1)-' onmouseover=alert(1) x='",
    "</style></svg></title></desc><h1>gone</h1>",
    "{{ 7 * 7 }} {% raw %} ${x} <!-- --> ]]> &lt;b&gt; &amp;",
    "W" * 300,
    "https://example.org/" + "a" * 400,
    "\u202eright to left\u202c and \u0634\u0627\u0631\u0639 \u05d4\u05e8\u05d7\u05d5\u05d1 42",
    "\U0001f3ac\U0001f468\u200d\U0001f469\u200d\U0001f467 e\u0301\u0301\u0301\u0301 \u0488\u0489 \ufdfd\ufdfd\ufdfd",
    "bell\x07 escape\x1b[31m null\x00 tab\t line\n\u2028end",
)

LINKS = (
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)//https://example.org",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:x",
    'https://example.org/" onclick="alert(1)',
    "//example.org/x",
    "https://user:secret@example.org/",
    "\x01javascript:alert(1)",
)


def defaced(board: Board, text: str, link: str = "javascript:alert(1)") -> Board:
    """The same board with this text wherever text came from outside, and this link wherever one did."""
    return replace(
        board,
        sheets=tuple(_sheet(sheet, text, link) for sheet in board.sheets),
        feeds=tuple(
            (replace(feed, outlet=text), state and replace(state, error=text, failures=3)) for feed, state in board.feeds
        ),
    )


def _failing(state: FeedState, text: str) -> FeedState:
    return replace(state, error=text, failures=3)


def _sheet(sheet: Sheet, text: str, link: str) -> Sheet:
    stand = sheet.stand
    return Sheet(
        stand=replace(
            stand,
            title=replace(stand.title, name=text),
            facts=tuple(_fact(fact, text) for fact in stand.facts),
            changes=tuple(_change(change, text, link) for change in stand.changes),
            outlets=tuple(text for _ in stand.outlets),
        ),
        revisions={key: tuple(_fact(fact, text) for fact in facts) for key, facts in sheet.revisions.items()},
        grounds=_grounds(sheet.grounds, text, link),
    )


def _grounds(all_grounds: Mapping[ReleaseKey, Grounds], text: str, link: str) -> dict[ReleaseKey, Grounds]:
    return {
        key: replace(
            grounds,
            rivals=tuple(replace(rival, outlets=(text,), first=_evidence(rival.first, text, link)) for rival in grounds.rivals),
        )
        for key, grounds in all_grounds.items()
    }


def _evidence(evidence: Evidence, text: str, link: str) -> Evidence:
    said = Sentence(text=text, start=0, end=len(text))
    return replace(
        evidence,
        claim=replace(evidence.claim, sentence=said),
        source=replace(evidence.source, outlet=text, link=link, title=text),
    )


def _fact(fact: Fact, text: str) -> Fact:
    return replace(fact, outlets=tuple(text for _ in fact.outlets), value=_value(fact.key, fact.value, text))


def _value(key: Key, value: Value, text: str) -> Value:
    return replace(value, person=text, role=text) if isinstance(key, CreditKey) else value


def _change(change: Change, text: str, link: str) -> Change:
    old = change.old and _value(change.key, change.old, text)
    new = _value(change.key, change.new, text)
    return replace(change, old=old, new=new, sentence=text, outlet=text, credits=text, link=link)
