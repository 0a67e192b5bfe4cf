"""What feeds and users write arrives inert in everything that is published or printed, whether or not it was cleaned before.

Twice: on a board into which the raw string is put, since what the door cleans is no promise of what is behind it, and through
the whole line, from a document's bytes to the files.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import feedparser
import pytest
from boards import GLASS, STORY, Newsroom, feed_of
from builders import NOW, credit, day, item, release, world
from desks import CONFIG, FEED, Desk
from icalendar import Calendar
from lxml.html import document_fromstring, fragment_fromstring
from nasty import LINK_FIELDS, LINKS, TEXT_FIELDS, TEXTS, spoilt

from watcher.board.board import Board
from watcher.clean import clean_link, plain
from watcher.errors import ConfigError
from watcher.learn import take
from watcher.model import Feed, FeedState, Sentence, Status
from watcher.parse.feed import parse_feed
from watcher.publish.atom import changes
from watcher.publish.calendar import calendar
from watcher.publish.page import page
from watcher.publish.status import status_json
from watcher.tell.message import SENTENCE_LIMIT, inert, inert_name, quoted

#: A string that harms nobody, to compare with.
HARMLESS = "Harmless"
HARMLESS_LINK = "https://harmless.example/1"

CONTENT_TAGS = {"div", "p", "blockquote", "a", "code"}

texts = pytest.mark.parametrize("text", TEXTS.values(), ids=list(TEXTS))
links = pytest.mark.parametrize("link", LINKS.values(), ids=list(LINKS))


@pytest.fixture(scope="module")
def board(tmp_path_factory: pytest.TempPathFactory) -> Board:
    """A board with a story on it, and a feed that fails."""
    room = Newsroom(path=tmp_path_factory.mktemp("hostile"), regions=("GB", "US"))
    room.take(*STORY)
    found = room.board("2026-06-10")
    state = FeedState(url=FEED.url, next_poll_at=found.at, last_poll_at=found.at, failures=1, failing_since=found.at, error="x")
    return replace(found, feeds=((FEED, state),))


def properties(document: bytes) -> list[str]:
    """The names of a calendar's content lines, unfolded by hand."""
    assert b"\r" not in document.replace(b"\r\n", b"")
    assert b"\n" not in document.replace(b"\r\n", b"")
    unfolded = document.decode().replace("\r\n ", "").removesuffix("\r\n").split("\r\n")
    assert all(line.isprintable() or "\u200d" in line for line in unfolded)
    return [line.partition(":")[0].partition(";")[0] for line in unfolded]


def outline(element: Any) -> Iterator[tuple[object, ...]]:
    """The elements of a document in their order, each with the names of its attributes."""
    yield from ((part.tag, *sorted(part.attrib)) for part in element.iter())


def keys(value: Any) -> Any:
    """What a JSON document is made of, without its texts."""
    if isinstance(value, dict):
        return {name: keys(one) for name, one in value.items()}
    return [keys(one) for one in value] if isinstance(value, list) else type(value).__name__


def strings(value: Any) -> Iterator[str]:
    """All texts of a JSON document, the names of its keys too."""
    if isinstance(value, dict):
        yield from value
    if isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from strings(one)
    elif isinstance(value, str):
        yield value


@texts
def test_calendar_holds_text_as_text(board: Board, text: str) -> None:
    """No text makes a line, a property or an event of its own, and it comes back as it was meant."""
    harmless, hostile = (calendar(spoilt(board, TEXT_FIELDS, one)) for one in (HARMLESS, text))
    quotes = "DESCRIPTION"
    assert [name for name in properties(hostile) if name != quotes] == [name for name in properties(harmless) if name != quotes]
    found = Calendar.from_ical(hostile).walk("VEVENT")
    assert len(found) == 3
    for event in found:
        assert str(event["SUMMARY"]).startswith(f"{inert_name(text)}, ")
        said = inert(text, limit=SENTENCE_LIMIT)
        assert not said or quoted(said) in str(event["DESCRIPTION"]).split("\n")


@links
def test_calendar_links_only_to_the_web(board: Board, link: str) -> None:
    """An address that is none on the web is left out, and what is left of a hostile one is one value of one property."""
    document = calendar(spoilt(board, LINK_FIELDS, link))
    expected = clean_link(link)
    assert set(properties(document)) <= set(properties(calendar(board)))
    for event in Calendar.from_ical(document).walk("VEVENT"):
        assert event.get("URL") == expected
        assert (expected is None) or expected in str(event["DESCRIPTION"]).split("\n")


@texts
def test_feed_of_changes_holds_text_as_text(board: Board, text: str) -> None:
    """No text makes an element or an attribute, neither in the feed nor in the HTML of an entry, and titles come back."""
    harmless, hostile = (changes(spoilt(board, TEXT_FIELDS, one)) for one in (HARMLESS, text))
    assert feedparser.parse(hostile).bozo is False
    feed, plain_feed = ElementTree.fromstring(hostile), ElementTree.fromstring(harmless)
    assert list(outline(feed)) == list(outline(plain_feed))
    name = plain(inert_name(text))
    for entry in feed.findall("{*}entry"):
        assert plain(entry.findtext("{*}title") or "").startswith(name)
        for part in fragment_fromstring(entry.findtext("{*}content") or "").iter():
            assert part.tag in CONTENT_TAGS
            assert set(part.attrib) <= ({"href"} if part.tag == "a" else set())


@links
def test_feed_of_changes_links_only_to_the_web(board: Board, link: str) -> None:
    """An entry leads to an address on the web or to the page beside the feed, nowhere else."""
    feed = ElementTree.fromstring(changes(spoilt(board, LINK_FIELDS, link)))
    expected = clean_link(link)
    for entry in feed.findall("{*}entry"):
        (alternate,) = entry.findall("{*}link")
        assert alternate.get("href") == (expected or "index.html")
        content = fragment_fromstring(entry.findtext("{*}content") or "")
        assert set(content.xpath(".//@href")) <= {expected}


@texts
def test_json_holds_text_as_text(board: Board, text: str) -> None:
    """The document has the same keys whatever stands in it, and every text is one clean line that the strictest reader takes."""
    harmless, hostile = (json.loads(status_json(spoilt(board, TEXT_FIELDS, one)).decode()) for one in (HARMLESS, text))
    assert hostile["titles"][0]["name"] == plain(text)
    assert all(one.isprintable() for one in strings(hostile))
    if plain(text):
        assert keys(hostile) == keys(harmless)


@links
def test_json_links_only_to_the_web(board: Board, link: str) -> None:
    """Every link is one to the web, or null."""
    found = json.loads(status_json(spoilt(board, LINK_FIELDS, link)))
    assert {change["link"] for title in found["titles"] for change in title["changes"]} == {clean_link(link)}


@texts
def test_page_holds_text_as_text(board: Board, text: str) -> None:
    """No text makes an element or an attribute that the page has not got anyway, and none is taken for a template."""
    harmless, hostile = (document_fromstring(page(spoilt(board, TEXT_FIELDS, one)).decode()) for one in (HARMLESS, text))
    assert set(outline(hostile)) <= set(outline(harmless))
    for tag in ("script", "style", "meta", "link", "base", "iframe", "object", "form", "img"):
        assert len(list(hostile.iter(tag))) == len(list(harmless.iter(tag)))
    shown = hostile.text_content()
    assert not {c for c in shown if not c.isprintable() and c not in "\n\t\u200d"}
    if "7*7" in text:
        assert "{{7*7}}" in shown


@links
def test_page_links_only_to_the_web(board: Board, link: str) -> None:
    """An address on the page is on the web, or within the page and the files beside it."""
    found = document_fromstring(page(spoilt(board, LINK_FIELDS, link)).decode())
    harmless = document_fromstring(page(spoilt(board, LINK_FIELDS, HARMLESS_LINK)).decode())
    usual = set(harmless.xpath("//@href | //@src")) - {HARMLESS_LINK}
    assert set(found.xpath("//@href | //@src")) <= {*usual, clean_link(link)}


# ---- Through the line: the bytes of a feed, parsed, read, decided, stored, gathered, published.


def document(text: str) -> bytes:
    """A feed that says things of the film, with a string wherever a feed may write what it likes. JSON carries any character."""
    told = [
        {"title": f"{text} Glass Orchard opens on July 11, 2025",
         "content_text": f"{text}\n\nMarrow Pictures' Glass Orchard will open in US theaters on July 11, 2025. {text}"},
        {"title": "Bo Tarn joins Glass Orchard",
         "content_text": f"Bo Tarn has joined the cast of Glass Orchard, Marrow Pictures' thriller, as {text} Halloway."},
    ]  # fmt: skip
    items = [
        {"id": f"{number}{text}", "url": f"https://reel.example/{number}/{text}", "date_published": "2025-01-10T10:00:00Z", **one}
        for number, one in enumerate(told)
    ]
    return json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": text, "items": items}).encode()


@pytest.mark.parametrize("make", [calendar, changes, status_json, page], ids=["calendar", "feed", "json", "page"])
@texts
def test_whole_line_carries_it_inert(tmp_path: Path, text: str, make: Callable[[Board], bytes]) -> None:
    """From the bytes of a feed to each file, a hostile text is news that is read, and no file has a control character in it."""
    name = text.encode(errors="ignore").decode()[:200] or "x"
    title = replace(GLASS, name=name, aliases=("Glass Orchard",))
    room = Newsroom(path=tmp_path, titles=(title,))
    at = day("2025-01-10")
    feed = Feed(url=feed_of("The Ledger").url, outlet=name)
    state = FeedState(url=feed.url, next_poll_at=at, first_ok_at=at - timedelta(hours=9), last_ok_at=at, last_poll_at=at)
    parsed = parse_feed(document(text), content_type="application/feed+json", url=feed.url, now=at)
    with room.open(at - timedelta(days=1)) as store:
        take(store, room.world, feed, list(parsed.items), after=state, now=at)
    held = room.board("2025-01-11")
    assert any(change.outlet == name for change in held.sheets[0].stand.changes)
    written = make(held).decode()
    assert not {c for c in written if not c.isprintable() and c not in "\r\n\t\u200d"}


# ---- What is printed.


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """A store in which every string of the list was put as it is: as headline, sentence, outlet, person, role and link."""
    found = Desk(tmp_path_factory.mktemp("desk"))
    with found.store() as store:
        # SQLite stores no half a character.
        storable = [text for text in (*TEXTS.values(), *LINKS.values()) if text.isascii() or _encodes(text)]
        for number, text in enumerate(storable):
            said = [release(f"2025-06-{number % 28 + 1:02}", text), credit(Status.JOINS, f"{text} {number}", text)]
            claims = [replace(one.claim, sentence=Sentence(text=text, start=0, end=len(text)), credits=text) for one in said]
            claims[1] = replace(claims[1], role=text)  # type: ignore[call-arg]
            guid = f"hostile-{number}"
            after = FeedState(url=FEED.url, next_poll_at=NOW, first_ok_at=NOW, last_ok_at=NOW, last_poll_at=NOW, error=text)
            said_in = replace(item(guid, text, title=text, on=NOW - timedelta(minutes=number)), link=text)
            outlet = Feed(url=FEED.url, outlet=text)
            take(store, world({guid: claims}), outlet, [said_in], after=after, now=NOW)
    return found


def _encodes(text: str) -> bool:
    return text.encode(errors="ignore").decode() == text


@pytest.mark.parametrize(
    "words",
    [
        ("status",),
        ("status", "--plain"),
        ("history",),
        ("why", "harbor"),
        ("why", "harbor", "release"),
        ("why", "harbor", "release", "--all"),
        ("history", "--all"),
        ("items",),
        ("items", "--plain"),
    ],
    ids=" ".join,
)
def test_terminal_gets_no_command(desk: Desk, words: tuple[str, ...]) -> None:
    """Nothing that is printed has a control, bidi or other unseen character in it but the end of a line."""
    shown = desk.out(*words)
    assert len(shown.splitlines()) > 5
    assert not {c for c in shown if not c.isprintable() and c != "\n"}


@pytest.mark.parametrize("words", [("status",), ("history",), ("why", "harbor"), ("items",)], ids=" ".join)
def test_json_on_a_terminal_is_json(desk: Desk, words: tuple[str, ...]) -> None:
    """What a verb prints for programs is one JSON document, and no character of it commands a terminal that shows it."""
    shown = desk.run(*words, "--json").stdout
    assert json.loads(shown)
    assert not {c for c in shown if c != "\n" and (ord(c) < 0x20 or 0x7F <= ord(c) < 0xA0)}


@texts
def test_titles_name_is_printed_inert(tmp_path: Path, text: str) -> None:
    """A title that the configuration calls like that is shown, or refused in words, without a control character."""
    desk = Desk(tmp_path)
    name = "".join(f"\\U{ord(c):08x}" for c in text if not 0xD800 <= ord(c) < 0xE000)
    desk.write(CONFIG.replace('name = "Harbor"', f'name = "{name}"'))
    for words in (("status",), ("history",)):
        result = desk.run(*words)
        assert result.exception is None or isinstance(result.exception, ConfigError)
        printed = f"{result.output}{result.exception or ''}"
        assert printed
        assert not {c for c in printed if not c.isprintable() and c != "\n"}


def test_spoiling_reaches_every_field(board: Board) -> None:
    """The board of these tests has the string everywhere: as name, headline, sentence, outlet, person, role and link."""
    found = repr(spoilt(spoilt(board, TEXT_FIELDS, "SPOILT"), LINK_FIELDS, "LINKED"))
    for place in ("name='SPOILT'", "title='SPOILT'", "text='SPOILT'", "outlet='SPOILT'", "person='SPOILT'", "role='SPOILT'"):
        assert place in found
    assert "link='LINKED'" in found
    assert "example/n" not in found
    assert datetime(2026, 6, 10, 12, tzinfo=UTC) == board.at
