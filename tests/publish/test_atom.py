"""`changes.atom`, read by feedparser as any reader does, and held against RFC 4287 element by element."""

from __future__ import annotations

import warnings
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import feedparser
import pytest
from boards import GLASS, OTHER, STORY, Newsroom, Told
from builders import day
from lxml.html import fragment_fromstring

from watcher import __version__
from watcher.board.board import Board
from watcher.publish.atom import ENTRIES, changes

ATOM = "{http://www.w3.org/2005/Atom}"

#: How often each element may stand in a feed and in an entry (RFC 4287, sections 4.1.1 and 4.1.2), of those that we write.
FEED_MAY = {
    "id": (1, 1),
    "title": (1, 1),
    "updated": (1, 1),
    "author": (1, 1),
    "generator": (0, 1),
    "link": (0, 9),
    "entry": (0, 100),
}
ENTRY_MAY = {"id": (1, 1), "title": (1, 1), "published": (0, 1), "updated": (1, 1), "link": (0, 1), "content": (0, 1)}


def read(document: bytes) -> Any:
    """The feed as feedparser reads it, without a complaint."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        found = feedparser.parse(document, response_headers={"content-type": "application/atom+xml"})
    assert found.bozo is False, found.get("bozo_exception")
    assert found.version == "atom10"
    return found


def titles(board: Board) -> list[str]:
    """The titles of its entries, newest first."""
    return [entry.title for entry in read(changes(board)).entries]


def ids(board: Board) -> dict[str, str]:
    """Which id each entry has, by its title."""
    return {entry.title: entry.id for entry in read(changes(board)).entries}


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Newsroom:
    """A store with the whole story, asked from two countries."""
    newsroom = Newsroom(path=tmp_path_factory.mktemp("atom"))
    newsroom.take(*STORY)
    return newsroom


def test_entries_are_the_news_in_the_words_of_alerts(room: Newsroom) -> None:
    """What changed for this user stands there newest first, with the milestones that came; what became surer does not."""
    assert titles(room.board("2026-06-17")) == [
        "Glass Orchard is out today (digital, US)",
        "Glass Orchard comes out tomorrow (digital, US)",
        "Glass Orchard comes out in 7 days (digital, US)",
        "Glass Orchard: goes digital June 16, 2026",
        "Glass Orchard is out today, Friday, May 1, 2026",
        "Glass Orchard opens tomorrow, Friday, May 1, 2026",
        "Glass Orchard opens in 7 days, on Friday, May 1, 2026",
        "Glass Orchard opens in 30 days, on Friday, May 1, 2026",
        "Glass Orchard moves to May 1, 2026 (was March 6, 2026)",
        "Glass Orchard: Ada Quill in talks",
        "Glass Orchard moves to March 6, 2026 (was July 11, 2025)",
        "Glass Orchard: opens July 11, 2025 (was summer 2025)",
        "Glass Orchard: Bo Tarn joins",
        "Glass Orchard: opens in summer 2025",
    ]


def test_entry_holds_its_evidence(room: Newsroom) -> None:
    """An entry says what is so, how sure and by whom, quotes the sentence, links the article and names the command."""
    entry = next(e for e in read(changes(room.board("2025-09-02"))).entries if "moves to May 1" in e.title)
    assert entry.link == "https://the-ledger.example/n10"
    assert entry.published == entry.updated == "2025-09-01T12:00:10Z"
    assert entry.content[0].type == "text/html"
    content = fragment_fromstring(entry.content[0].value)
    assert [part.text_content() for part in content] == [
        "Friday, May 1, 2026, US cinemas. 56 days later.",
        "Confirmed by The Ledger.",
        "“Marrow Pictures has delayed Glass Orchard from March 6, 2026 to May 1, 2026.”",
        "The Ledger, September 1, 2025",
        "All evidence: watcher why glass-orchard release",
    ]
    assert content.xpath(".//@href") == ["https://the-ledger.example/n10"]


def test_document_is_valid_atom(room: Newsroom) -> None:
    """Each element that RFC 4287 requires is there as often as it may be, and none that it does not know."""
    feed = ElementTree.fromstring(changes(room.board("2026-06-17")))
    assert feed.tag == f"{ATOM}feed"
    assert_holds(feed, FEED_MAY)
    for entry in feed.findall(f"{ATOM}entry"):
        assert_holds(entry, ENTRY_MAY)
        assert entry.findtext(f"{ATOM}content")
        assert entry.find(f"{ATOM}content").attrib == {"type": "html"}  # type: ignore[union-attr]
    for element in feed.iter():
        name = element.tag.removeprefix(ATOM)
        if name == "id":
            assert UUID((element.text or "").removeprefix("urn:uuid:")).urn == element.text
        if name in ("updated", "published"):
            # RFC 3339 with an upper-case T and Z (section 3.3).
            assert datetime.strptime(element.text or "", "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
        if name == "link":
            assert set(element.attrib) == {"rel", "type", "href"}
            assert element.get("rel") == "alternate"
    ids_found = [e.findtext(f"{ATOM}id") for e in feed.findall(f"{ATOM}entry")]
    assert len(ids_found) == len(set(ids_found))
    generator = feed.find(f"{ATOM}generator")
    assert generator is not None
    assert generator.get("version") == __version__


def assert_holds(element: Element, may: dict[str, tuple[int, int]]) -> None:
    """Whether an element's children are those that it may have, as often as it may."""
    names = [child.tag.removeprefix(ATOM) for child in element]
    assert set(names) <= set(may)
    for name, (least, most) in may.items():
        assert least <= names.count(name) <= most, name


def test_feed_is_as_new_as_its_newest_entry(room: Newsroom) -> None:
    """The feed's time is its newest entry's, and entries stand newest first."""
    found = read(changes(room.board("2026-06-17")))
    times = [entry.updated for entry in found.entries]
    assert times == sorted(times, reverse=True)
    assert found.feed.updated == times[0] == "2026-06-16T00:00:00Z"


def test_empty_feed_is_valid_too(tmp_path: Path) -> None:
    """A board on which nothing ever changed is a feed without entries, with a time that stays."""
    newsroom = Newsroom(path=tmp_path, titles=(OTHER,))
    newsroom.open(day("2025-01-01")).close()
    found = read(changes(newsroom.board("2025-01-01")))
    assert (found.entries, found.feed.updated) == ([], "1970-01-01T00:00:00Z")


def test_bytes_are_the_same_all_day(room: Newsroom) -> None:
    """The file is another only when there is other news or another day brings a milestone."""
    noon = datetime(2026, 6, 16, 12, tzinfo=UTC)
    assert changes(room.board(noon)) == changes(room.board(noon + timedelta(hours=11)))
    assert changes(room.board(noon)) == changes(room.board(noon + timedelta(days=900)))
    assert changes(room.board(noon)) != changes(room.board(noon - timedelta(days=1)))


def test_ids_stay_when_names_change_and_titles_come(tmp_path: Path, room: Newsroom) -> None:
    """Neither a title's new name nor another title beside it makes an entry unread, or the feed another feed."""
    board = room.board("2026-06-17")
    before = read(changes(board))
    (sheet,) = board.sheets
    stand = replace(sheet.stand, title=replace(sheet.stand.title, name="The Orchard of Glass"))
    renamed = read(changes(replace(board, sheets=(replace(sheet, stand=stand),))))
    assert [entry.id for entry in renamed.entries] == [entry.id for entry in before.entries]
    assert renamed.entries[0].title == "The Orchard of Glass is out today (digital, US)"
    both = Newsroom(path=tmp_path, titles=(OTHER, GLASS))
    both.take(*STORY)
    beside = read(changes(both.board("2026-06-17")))
    assert [entry.id for entry in beside.entries] == [entry.id for entry in before.entries]
    assert beside.feed.id == before.feed.id


def test_store_that_begins_again_tells_news(tmp_path: Path, room: Newsroom) -> None:
    """Revisions that count from one again in a new store are no entries that were read: their ids are others."""
    again = Newsroom(path=tmp_path)
    again.take(Told(on="2026-06-01", outlet="The Ledger", head="Bo Tarn joins Glass Orchard",
                    text="Bo Tarn has joined the cast of Glass Orchard, Marrow Pictures' thriller."))  # fmt: skip
    title = "Glass Orchard: Bo Tarn joins"
    assert ids(again.board("2026-06-02"))[title] != ids(room.board("2026-06-02"))[title]


def test_date_that_moves_keeps_its_milestones_and_brings_new_ones(tmp_path: Path) -> None:
    """What a feed said stays in it: a milestone of a date that moves later keeps its entry, and the new date has its own."""
    newsroom = Newsroom(path=tmp_path)
    newsroom.take(Told(on="2025-01-10", outlet="The Ledger", head="Glass Orchard dated",
                       text="Marrow Pictures has dated Glass Orchard for July 10, 2025, in US theaters."))  # fmt: skip
    in_june = ids(newsroom.board("2025-06-20"))
    assert list(in_june) == ["Glass Orchard opens in 30 days, on Thursday, July 10, 2025", "Glass Orchard: opens July 10, 2025"]
    newsroom.take(Told(on="2025-06-25", outlet="The Ledger", head="Glass Orchard moves",
                       text="Marrow Pictures has delayed Glass Orchard from July 10, 2025 to October 3, 2025."))  # fmt: skip
    in_october = ids(newsroom.board("2025-10-04"))
    assert in_june.items() < in_october.items()
    assert list(in_october)[:5] == [
        "Glass Orchard is out today, Friday, October 3, 2025",
        "Glass Orchard opens tomorrow, Friday, October 3, 2025",
        "Glass Orchard opens in 7 days, on Friday, October 3, 2025",
        "Glass Orchard opens in 30 days, on Friday, October 3, 2025",
        "Glass Orchard moves to October 3, 2025 (was July 10, 2025)",
    ]


def test_milestone_comes_with_the_users_day(tmp_path: Path) -> None:
    """A milestone is there from the user's own midnight on, whatever day it is in Greenwich."""
    newsroom = Newsroom(path=tmp_path, zone="Pacific/Auckland")
    newsroom.take(Told(on="2025-01-10", outlet="The Ledger", head="Glass Orchard dated",
                       text="Marrow Pictures has dated Glass Orchard for July 10, 2025, in US theaters."))  # fmt: skip
    midnight = datetime(2025, 7, 9, 12, tzinfo=UTC)
    today = "Glass Orchard is out today, Thursday, July 10, 2025"
    assert titles(newsroom.board(midnight - timedelta(seconds=1)))[0] != today
    found = read(changes(newsroom.board(midnight))).entries[0]
    assert (found.title, found.updated) == (today, "2025-07-09T12:00:00Z")


@pytest.mark.parametrize(
    ("outlet", "text"),
    [
        ("The Ledger", "Marrow Pictures will release Glass Orchard in July 2025."),
        ("Copycat", "Rumour has it that Marrow Pictures' Glass Orchard opens in US theaters on July 10, 2025."),
    ],
    ids=["a month", "a rumour"],
)
def test_no_milestone_counts_to_what_is_no_day_or_only_rumoured(tmp_path: Path, outlet: str, text: str) -> None:
    """A partial date has no milestones, since nothing invents a day, and a rumour has none."""
    newsroom = Newsroom(path=tmp_path)
    newsroom.take(Told(on="2025-01-10", outlet=outlet, head="Glass Orchard news", text=text))
    (told,) = titles(newsroom.board("2025-07-10"))
    assert "July" in told


def test_other_countries_and_what_was_listed_are_no_news(room: Newsroom, tmp_path: Path) -> None:
    """A date of a country outside the user's chain makes no entry, and neither does who was named as known."""
    assert not any("March 20" in title or "Ines Varga" in title for title in titles(room.board("2026-06-17")))
    british = Newsroom(path=tmp_path, regions=("GB", "US"))
    british.take(*STORY)
    assert "Glass Orchard: opens March 20, 2026" in titles(british.board("2026-06-17"))


def test_entries_are_bounded(room: Newsroom) -> None:
    """The newest hundred are there and no more, however much happened."""
    board = room.board("2026-06-17")
    (sheet,) = board.sheets
    last = sheet.stand.changes[-1]
    many = tuple(replace(last, id=f"{last.id}{n}", recorded_at=last.recorded_at + timedelta(days=n)) for n in range(1, 150))
    crowded = replace(board, sheets=(replace(sheet, stand=replace(sheet.stand, changes=many)),))
    found = read(changes(crowded))
    assert len(found.entries) == ENTRIES == 100
    assert found.feed.updated == f"{many[-1].recorded_at:%Y-%m-%dT%H:%M:%SZ}"


def test_entry_without_an_article_leads_to_the_page(room: Newsroom) -> None:
    """What rests on no article is linked to the page beside the feed, so that nothing in a reader leads nowhere."""
    board = room.board("2025-09-02")
    (sheet,) = board.sheets
    bare = tuple(replace(change, link=None, outlet=None) for change in sheet.stand.changes)
    entries = read(changes(replace(board, sheets=(replace(sheet, stand=replace(sheet.stand, changes=bare)),)))).entries
    assert {entry.link for entry in entries} == {"index.html"}
    assert all("Your own word." in entry.content[0].value for entry in entries)
