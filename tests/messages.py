"""Messages about an invented film: short ways to make changes and alerts, and a sample of every kind of message there is."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from html.parser import HTMLParser
from typing import Any
from zoneinfo import ZoneInfo

from watcher.edtf import Edtf
from watcher.model import Change, ChangeKind, Confidence, CreditKey, Fact, ReleaseKey, ReleaseType, Status, Target, Value
from watcher.tell import words
from watcher.tell.countdown import Dated
from watcher.tell.dates_in_words import AMERICAN, Dates
from watcher.tell.health import Trouble, health
from watcher.tell.layout import message_of
from watcher.tell.message import House, Message, Told
from watcher.tell.milestones import milestone
from watcher.tell.summary import summary
from watcher.tell.words import render_test

FILM = "The Tall Tide"
PHONE = Target(name="phone")
MAIL = Target(name="mail", on=("release", "casting"), min_confidence=Confidence.CONFIRMED)
TODAY = date(2024, 2, 21)
AT = datetime(2024, 2, 21, 20, tzinfo=UTC)
BRITISH = Dates(zone=ZoneInfo("Europe/London"), language="en-GB")

#: A title longer than any, and text that means to act where it arrives.
LONG = "The Extraordinarily Long and Winding Tale of the Last Lighthouse Keeper of the Tall Tide, Part Two"
HOSTILE = "@everyone <!channel> <@U1> [free](javascript:alert(1)) `x` <script>alert(1)</script> \x1b[31m\u202e\x00\r\nBcc: a@b"
HOSTILE_PAGE = '"><img src=https://x.example/p.gif> <b onclick=go()>{x}</b> &lt;i&gt; url(https://x.example) @import "x" <!-- -->'


def release(kind: str, old: str | None, new: str, *, region: str = "US", type: str = "theatrical", **more: Any) -> Change:  # noqa: A002 - the model's word
    """A step of a release date, confirmed, first said by one outlet."""
    fields: dict[str, Any] = {
        "id": f"tide/release/{region}/{type}/2",
        "key": ReleaseKey(title="tide", region=region, type=ReleaseType(type)),
        "kind": ChangeKind(kind),
        "old": Value(date=Edtf(old)) if old else None,
        "new": Value(date=Edtf(new)),
        "confidence": Confidence.CONFIRMED,
        "at": AT,
        "recorded_at": AT,
        "sentence": "The Tall Tide will now reach cinemas a year later.",
        "outlet": "The Ledger",
        "link": "https://example.org/tide",
    }
    return Change(**(fields | more))


def credit(kind: str, person: str, status: str, *, job: str = "actor", role: str | None = None, **more: Any) -> Change:
    """A step of a credit, reported by one outlet."""
    slug = person.lower().replace(" ", "-")
    fields: dict[str, Any] = {
        "id": f"tide/credit/{job}/{slug}/1",
        "key": CreditKey(title="tide", job=job, person=slug),
        "kind": ChangeKind(kind),
        "old": None,
        "new": Value(status=Status(status), person=person, role=role),
        "confidence": Confidence.REPORTED,
        "at": AT,
        "recorded_at": AT,
        "outlet": "Reel Talk",
    }
    return Change(**(fields | more))


def alert(*changes: Change | Told, home: tuple[str, ...] = ("US",), **more: Any) -> Message:
    """The alert for these changes on one day, for a reader in the US."""
    told = [one if isinstance(one, Told) else Told(change=one) for one in changes]
    fields: dict[str, Any] = {
        "title_name": FILM,
        "message_id": "tide/US/cinemas/r2",
        "target": PHONE,
        "today": TODAY,
        "home_regions": home,
        "dates": AMERICAN,
    }
    given = fields | more
    frame = {key: given.pop(key) for key in ("message_id", "target", "may_repeat") if key in given}
    return message_of([words.alert(told, **given)], **frame)


def fact(key: ReleaseKey | CreditKey, value: Value, *outlets: str, confidence: str = "confirmed") -> Fact:
    """What is held true, published by these outlets."""
    return Fact(
        key=key,
        revision=1,
        value=value,
        confidence=Confidence(confidence),
        evidence=(),
        outlets=outlets,
        since=AT,
        recorded_at=AT,
    )


class Tags(HTMLParser):
    """The tags and the text of a page; what stands in a style sheet is no text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text, self.sheet = "", ""
        self._in_sheet = False
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keeps a tag; one that begins a line or a cell parts words."""
        self.tags.append((tag, dict(attrs)))
        self._in_sheet = tag == "style"
        self.text += "" if tag in {"a", "code", "s", "span", "strong"} else "\n"

    def handle_data(self, data: str) -> None:
        """Keeps text."""
        if self._in_sheet:
            self.sheet += data
        else:
            self.text += data

    def handle_endtag(self, tag: str) -> None:
        """Leaves a style sheet."""
        self._in_sheet = self._in_sheet and tag != "style"


MOVE = Told(
    change=release(
        "moved",
        "2024-06-07",
        "2025-06-06",
        sentence="Marrow Pictures is moving The Tall Tide, its lighthouse thriller, from June 7, 2024 to June 6, 2025, "
        "where it will have the weekend to itself.",
        link="https://theledger.example/2024/02/marrow-pictures-shuffles-its-summer-tall-tide-leaves-for-2025-1234567/",
    ),
    agree=("Reel Talk", "Third Voice"),
    houses=(House(owner="Ledger Media", outlets=("The Ledger", "Ledger Weekly")),),
    repeats=("Copycat", "Film Echo", "Now Showing", "Screen Gossip", "Daily Reel"),
    article="The Tall Tide leaves this summer for the next",
)
CASTING = credit(
    "joined",
    "Ida Marlowe",
    "joins",
    role="Wren Calloway",
    sentence="Ida Marlowe has boarded The Tall Tide as the keeper’s estranged daughter, Wren Calloway.",
    link="https://reeltalk.example/tall-tide-cast",
)


def samples() -> dict[str, Message]:
    """A message of every kind, by its name, and some that are hard to lay out."""
    slip = "The date in our spring preview was a slip of ours."
    gone = "Marrow Pictures has taken The Tall Tide off the calendar."
    return {
        "move": alert(MOVE, target=MAIL),
        "move-british": alert(MOVE, target=MAIL, dates=BRITISH, home=("GB", "US")),
        "first-date": alert(release("set", None, "2025-06-06", sentence="The Tall Tide opens June 6, 2025."), target=MAIL),
        "two": alert(MOVE, CASTING),
        "partial": alert(release("moved", "2024-06-07", "2025-22", sentence="It arrives next summer instead."), target=MAIL),
        "rumour": alert(
            release("set", None, "2025-06-06", confidence=Confidence.RUMOURED, outlet="Screen Gossip", credits="The Ledger"),
            target=replace(MAIL, min_confidence=Confidence.RUMOURED),
        ),
        "correction": alert(release("corrected", "2023-03-23", "2024-06-07", sentence=slip), target=MAIL),
        "unset": alert(release("unset", "2025-06-06", "unset", sentence=gone), target=MAIL),
        "casting": alert(CASTING),
        "milestone": _milestone(),
        "summary": _summary(),
        "health": _health(),
        "test": render_test(message_id="test-20240221T200000", target=MAIL, today=TODAY, dates=AMERICAN),
        "late-repeat": alert(MOVE, target=MAIL, may_repeat=True, late=True),
        "long": alert(replace(MOVE.change, sentence="A sentence without an end, " * 40), title_name=LONG),
        "hostile": _hostile(),
        "digest": _digest(),
    }


def place(region: str, of_type: str = "theatrical") -> ReleaseKey:
    """The key of a release of the film."""
    return ReleaseKey(title="tide", region=region, type=ReleaseType(of_type))


def part(person: str, status: str, job: str = "actor") -> Fact:
    """What is held of a person."""
    key = CreditKey(title="tide", job=job, person=person.lower().replace(" ", "-"))
    return fact(key, Value(status=Status(status), person=person))


def _milestone() -> Message:
    opening = Edtf("2025-06-06")
    release = Dated(fact=fact(place("US"), Value(date=opening), "The Ledger", "Reel Talk"), key=place("US"), date=opening)
    piece = milestone(FILM, release, today=date(2025, 5, 30), dates=AMERICAN)
    return message_of([piece], message_id="tide/milestone/7", target=PHONE)


def _summary() -> Message:
    cast = ("Mara Oyelaran", "Ludo Fenn", "Iñaki Ruiz", "Ida Marlowe", "Sun-hee Bae")
    piece = summary(
        FILM,
        [
            fact(place("US"), Value(date=Edtf("2025-06-06")), "The Ledger", "Reel Talk"),
            fact(place("GB", "premiere"), Value(date=Edtf("2025-05-22")), "Third Voice", confidence="reported"),
            fact(place("US", "digital"), Value(date=Edtf("2025")), "Screen Gossip", confidence="rumoured"),
            *(part(name, "listed") for name in cast),
            part("Ann Larkin", "in_talks"),
            part("Odile Brandt", "joins", "director"),
        ],
        today=TODAY,
        regions=("US", "GB"),
        origin="US",
        dates=AMERICAN,
    )
    return message_of([piece], message_id="tide/summary", target=PHONE)


def _health() -> Message:
    piece = health(
        [
            Trouble(name="Third Voice", how="failing", since=AT - timedelta(days=2), reason="it refuses us (403 Forbidden)"),
            Trouble(name="Reel Talk", how="silent", since=AT - timedelta(days=40), over=True),
        ],
        dates=AMERICAN,
    )
    return message_of([piece], message_id="health/20240221", target=Target(name="mail", on=("release", "health")))


def _hostile() -> Message:
    """Every field that a feed or a file fills, filled with what means to act."""
    text = HOSTILE_PAGE + HOSTILE
    change = credit("joined", text, "joins", role=text, sentence=text, outlet=text, link="https://x.example/@all?a=<b>&copy=1")
    told = Told(
        change=change,
        agree=(text,),
        houses=(House(owner=HOSTILE, outlets=(HOSTILE, text)),),
        repeats=(text,),
        article=f"{HOSTILE} {HOSTILE_PAGE}",
    )
    return alert(told, title_name=text, target=Target(name=HOSTILE, titles=(HOSTILE,)))


def _digest() -> Message:
    """A digest of two titles, a milestone and a target out of reach."""
    streams = release("set", None, "2024-11-01", type="streaming", sentence="It streams from November 1.")
    told = [MOVE, Told(change=credit("status", "Ann Larkin", "in_talks"))]
    opening = Edtf("2024-03-22")
    rings = Dated(fact=fact(place("US"), Value(date=opening), "The Ledger"), key=place("US"), date=opening)
    pieces = [
        words.alert(told, title_name=FILM, today=TODAY, home_regions=("US",), dates=AMERICAN),
        words.alert([Told(change=streams)], title_name="Paper Lanterns", today=TODAY, home_regions=("US",), dates=AMERICAN),
        milestone("Paper Lanterns", rings, today=TODAY, dates=AMERICAN),
        health([Trouble(name="phone", how="unreached", since=AT, reason="nobody listens there")], dates=AMERICAN),
    ]
    return message_of(pieces, message_id="digest/20240221", target=MAIL)
