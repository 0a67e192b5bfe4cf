"""`releases.ics`, read back by a calendar's own library over a year of news, and by hand where that forgives too much."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from boards import GLASS, OTHER, STORY, Newsroom, Told
from builders import day
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar, Event

from watcher.board.board import Board
from watcher.edtf import UNSET, Edtf
from watcher.model import NOTHING, Cause, Confidence, Fact, ReleaseKey, ReleaseType, Value
from watcher.publish.calendar import CANCELLED_FOR, calendar

CINEMAS = ReleaseKey(title=GLASS.id, region="US", type=ReleaseType.THEATRICAL)

#: A film that is announced for a season, gets a day, moves, is taken off the calendar, comes back and moves back.
YEAR = (
    Told(on="2025-01-07", outlet="The Ledger", head="Glass Orchard aims for summer 2026",
         text="Marrow Pictures will release Glass Orchard in summer 2026."),
    Told(on="2025-02-03", outlet="Morning Reel", head="Glass Orchard finds its day",
         text="Marrow Pictures' Glass Orchard will open in US theaters on July 10, 2026."),
    Told(on="2025-02-20", outlet="The Ledger", head="Glass Orchard dated",
         text="Marrow Pictures has dated Glass Orchard for July 10, 2026, in US theaters."),
    Told(on="2025-03-02", outlet="Reel Talk", head="Glass Orchard opens July 10",
         text="Marrow Pictures' Glass Orchard opens in US theaters on July 10, 2026."),
    Told(on="2025-04-14", outlet="The Ledger", head="Glass Orchard moves",
         text="Marrow Pictures has delayed Glass Orchard from July 10, 2026 to October 2, 2026."),
    Told(on="2025-06-09", outlet="The Ledger", head="Glass Orchard off the calendar",
         text="Marrow Pictures has removed Glass Orchard from its release calendar."),
    Told(on="2025-09-15", outlet="The Ledger", head="Glass Orchard has a date again",
         text="Marrow Pictures has set Glass Orchard for February 12, 2027, in US theaters."),
    Told(on="2025-11-03", outlet="The Ledger", head="Glass Orchard returns to October 2, 2026",
         text="Marrow Pictures has moved Glass Orchard up from February 12, 2027 to October 2, 2026."),
)  # fmt: skip


def events(document: bytes) -> list[Event]:
    """The events of a calendar, as a program reads them."""
    return [part for part in Calendar.from_ical(document).walk("VEVENT") if isinstance(part, Event)]


def only(document: bytes) -> Event:
    """Its one event."""
    (event,) = events(document)
    return event


def days(event: Event) -> tuple[date, date]:
    """First day and the day after the last."""
    return event["DTSTART"].dt, event["DTEND"].dt


def lines(document: bytes) -> list[str]:
    """The content lines, unfolded by hand (RFC 5545, section 3.1)."""
    return document.decode().replace("\r\n ", "").removesuffix("\r\n").split("\r\n")


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> list[Event]:
    """The event as it stood after each piece of news of a year."""
    room = Newsroom(path=tmp_path_factory.mktemp("year"))
    shown = []
    for told in YEAR:
        room.take(told)
        shown.append(only(calendar(room.board(told.on))))
    return shown


def test_event_keeps_its_uid_through_a_year_of_moves(year: Sequence[Event]) -> None:
    """A release is one event for ever, whatever becomes of its date."""
    assert {str(event["UID"]) for event in year} == {"glass-orchard.us.theatrical@film-watcher"}


def test_event_shows_each_date_as_it_was_told(year: Sequence[Event]) -> None:
    """A season is one span, a day is one day with its end after it, and what is taken off keeps the last day it had."""
    july, october, february = date(2026, 7, 10), date(2026, 10, 2), date(2027, 2, 12)
    one = timedelta(days=1)
    assert [days(event) for event in year] == [
        (date(2026, 5, 1), date(2026, 9, 23)),
        (july, july + one),
        (july, july + one),
        (july, july + one),
        (october, october + one),
        (october, october + one),
        (february, february + one),
        (october, october + one),
    ]


def test_status_says_how_sure_the_date_is(year: Sequence[Event]) -> None:
    """A date below confirmed is tentative, and one that is taken off the calendar is cancelled until it comes back."""
    assert [str(event["STATUS"]) for event in year] == [
        "CONFIRMED",
        "TENTATIVE",
        "CONFIRMED",
        "CONFIRMED",
        "CONFIRMED",
        "CANCELLED",
        "CONFIRMED",
        "CONFIRMED",
    ]


def test_sequence_rises_exactly_when_a_subscriber_must_look_again(year: Sequence[Event]) -> None:
    """SEQUENCE rises by one with each other day or status, also on the way back, and never for anything else."""
    assert [int(event["SEQUENCE"]) for event in year] == [0, 1, 2, 2, 3, 4, 5, 6]


def test_stamps_never_go_back(year: Sequence[Event]) -> None:
    """DTSTAMP and LAST-MODIFIED are when the release was last recorded, later with each revision; CREATED stays."""
    stamps = [event["DTSTAMP"].dt for event in year]
    assert stamps == sorted(stamps)
    assert len(set(stamps)) == 7  # one outlet more that says the same is no revision
    assert stamps == [event["LAST-MODIFIED"].dt for event in year]
    assert {event["CREATED"].dt for event in year} == {stamps[0]}


def test_summary_is_read_in_a_box_of_a_month(year: Sequence[Event]) -> None:
    """The summary names film and place, and says what must not be taken for more than it is."""
    assert [str(event["SUMMARY"]) for event in year] == [
        "Glass Orchard, US cinemas: summer 2026, day not known",
        "Glass Orchard, US cinemas (reported)",
        "Glass Orchard, US cinemas",
        "Glass Orchard, US cinemas",
        "Glass Orchard, US cinemas",
        "Glass Orchard, US cinemas: off the calendar",
        "Glass Orchard, US cinemas",
        "Glass Orchard, US cinemas",
    ]


def test_description_holds_the_evidence(year: Sequence[Event]) -> None:
    """The description says how sure, who said it, in which words and where, what it was before, and how to ask for more."""
    assert str(year[4]["DESCRIPTION"]).split("\n") == [
        "Confirmed by The Ledger.",
        "“Marrow Pictures has delayed Glass Orchard from July 10, 2026 to October 2, 2026.”",
        "The Ledger, April 14, 2025",
        "https://the-ledger.example/n5",
        "Moved once: it was July 10, 2026.",
        "All evidence: watcher why glass-orchard release",
    ]
    assert year[4]["URL"] == "https://the-ledger.example/n5"
    assert str(year[0]["DESCRIPTION"]).startswith("Some day in summer 2026; nobody has named it yet.\nConfirmed by The Ledger.")
    assert str(year[5]["DESCRIPTION"]).startswith(
        "It was Friday, October 2, 2026. After 30 days this entry goes.\nConfirmed by The Ledger."
    )


def test_bytes_are_the_same_at_every_hour_of_a_day(tmp_path: Path) -> None:
    """No moment of ours is in the file: it is only another when something else is held."""
    room = Newsroom(path=tmp_path)
    room.take(*STORY)
    morning, night = datetime(2026, 6, 1, tzinfo=UTC), datetime(2026, 6, 1, 23, 59, 59, tzinfo=UTC)
    assert calendar(room.board(morning)) == calendar(room.board(night))
    assert calendar(room.board(morning)) == calendar(room.board(morning + timedelta(days=700)))


def test_cancelled_event_stays_for_its_time_and_goes(tmp_path: Path) -> None:
    """What was taken off is shown as cancelled for thirty days of the user's, then no more; coming back it is the same event."""
    room = Newsroom(path=tmp_path)
    room.take(*YEAR[:6])
    last = day("2025-06-09") + CANCELLED_FOR
    assert only(calendar(room.board(last)))["STATUS"] == "CANCELLED"
    assert events(calendar(room.board(last + timedelta(days=1)))) == []
    room.take(YEAR[6])
    back = only(calendar(room.board("2025-09-15")))
    assert (str(back["STATUS"]), int(back["SEQUENCE"])) == ("CONFIRMED", 5)


def test_only_the_users_countries_are_in_it(tmp_path: Path) -> None:
    """The calendar has the regions of the user's chain and no other country's dates, an event for each type."""
    home, abroad = tmp_path / "home", tmp_path / "abroad"
    for path, regions in ((home, ("US",)), (abroad, ("GB", "US"))):
        path.mkdir()
        room = Newsroom(path=path, regions=regions)
        room.take(*STORY)
        uids = [str(event["UID"]).partition("@")[0] for event in events(calendar(room.board("2026-06-01")))]
        british = ["glass-orchard.gb.theatrical"] if "GB" in regions else []
        assert uids == [*british, "glass-orchard.us.digital", "glass-orchard.us.theatrical"]


def test_released_film_stays_where_it_was(tmp_path: Path) -> None:
    """A release that is past stays in the calendar, as what was done stays in a diary."""
    room = Newsroom(path=tmp_path)
    room.take(*STORY)
    past = {str(event["UID"]): str(event["STATUS"]) for event in events(calendar(room.board("2029-01-01")))}
    assert past["glass-orchard.us.theatrical@film-watcher"] == "CONFIRMED"


def test_name_is_no_part_of_an_events_identity(tmp_path: Path) -> None:
    """A title that is renamed and another that is added leave every UID and SEQUENCE as it was."""
    room = Newsroom(path=tmp_path)
    room.take(*STORY)
    before = {str(event["UID"]): int(event["SEQUENCE"]) for event in events(calendar(room.board("2026-06-01")))}
    board = room.board("2026-06-01")
    renamed = replace(board, sheets=tuple(_renamed(sheet) for sheet in board.sheets))
    after = events(calendar(renamed))
    assert {str(event["UID"]): int(event["SEQUENCE"]) for event in after} == before
    assert {str(event["SUMMARY"]).partition(",")[0] for event in after} == {"The Orchard of Glass"}


def _renamed(sheet: Any) -> Any:
    return replace(sheet, stand=replace(sheet.stand, title=replace(sheet.stand.title, name="The Orchard of Glass")))


def test_every_property_stands_once(tmp_path: Path) -> None:
    """What RFC 5545 requires is there once, nothing is there twice, and nothing asks to be answered or rings."""
    room = Newsroom(path=tmp_path, regions=("GB", "US"))
    room.take(*STORY)
    document = calendar(room.board("2026-06-01"))
    names = [line.partition(":")[0].partition(";")[0] for line in lines(document)]
    head = names[: names.index("BEGIN", 1)]
    assert sorted(head) == sorted(set(head))
    assert {"VERSION", "PRODID", "NAME", "X-WR-CALNAME", "REFRESH-INTERVAL", "X-PUBLISHED-TTL"} < set(head)
    assert not {"METHOD", "ATTENDEE", "ORGANIZER"} & set(names)
    assert "REFRESH-INTERVAL;VALUE=DURATION:PT6H" in lines(document)
    assert "X-PUBLISHED-TTL:PT6H" in lines(document)
    body = document.decode().split("BEGIN:VEVENT")[1:]
    assert len(body) == 3
    for event in body:
        found = [line.partition(":")[0].partition(";")[0] for line in lines(f"BEGIN:VEVENT{event}".encode())]
        found = found[1 : found.index("END")]
        assert sorted(found) == sorted(set(found))
        assert {"UID", "DTSTAMP", "DTSTART", "DTEND", "SEQUENCE", "STATUS", "TRANSP", "SUMMARY"} < set(found)
        assert "BEGIN" not in found
    assert document.count(b"DTSTART;VALUE=DATE:") == document.count(b"DTEND;VALUE=DATE:") == 3


def test_lines_are_folded_between_characters(tmp_path: Path) -> None:
    """No line is longer than 75 octets, each is text by itself, and what was folded comes back whole."""
    room = Newsroom(path=tmp_path)
    said = f"Marrow Pictures' Glass Orchard opens in US theaters on July 10, 2026, as “{'果樹園' * 20}” and “{'Öß' * 30}”."
    room.take(Told(on="2025-02-03", outlet="The Ledger", head="Glass Orchard finds its day", text=said))
    document = calendar(room.board("2025-02-03"))
    parts = document.split(b"\r\n")
    assert max(len(part) for part in parts) <= 75
    assert any(len(part) > 70 and not part.isascii() for part in parts)
    assert b"\n" not in b"".join(parts)
    assert all(part.decode() is not None for part in parts)
    assert f"as ‘{'果樹園' * 20}’ and ‘{'Öß' * 30}’.”" in str(only(document)["DESCRIPTION"])


def _empty(path: Path) -> Board:
    room = Newsroom(path=path, titles=(OTHER,))
    room.open(day("2025-01-01")).close()
    return room.board("2025-01-01")


def test_no_title_makes_an_empty_calendar(tmp_path: Path) -> None:
    """A board without a date is a calendar without an event, which a subscriber may hold all the same."""
    document = calendar(_empty(tmp_path))
    assert events(document) == []
    assert lines(document)[:3] == ["BEGIN:VCALENDAR", "VERSION:2.0", lines(document)[2]]
    assert lines(document)[-1] == "END:VCALENDAR"


def test_what_nobody_holds_any_more_is_cancelled(story: Board) -> None:
    """A release whose only report was taken back is cancelled on the day it had, and says that nobody says so."""
    board = held(story, Value(date=Edtf("2026-05-01")), NOTHING)
    event = only(calendar(board))
    assert (str(event["STATUS"]), days(event)[0]) == ("CANCELLED", date(2026, 5, 1))
    assert event["SUMMARY"] == "Glass Orchard, US cinemas: no date any more"
    assert "Nobody says so any more." in event["DESCRIPTION"]


def test_release_that_never_had_a_date_is_no_event(story: Board) -> None:
    """What was only ever taken off, or taken back, is not in the calendar: there is no day to show it on."""
    assert events(calendar(held(story, Value(date=UNSET)))) == []
    assert events(calendar(held(story, NOTHING))) == []


def _dates() -> st.SearchStrategy[Edtf]:
    """Every date that the notation has, the first and the last of the calendar too."""
    return st.one_of(
        st.dates().map(Edtf.of),
        st.builds(
            "{:04}-{:02}".format, st.integers(1, 9999), st.sampled_from([*range(1, 13), *range(21, 25), *range(33, 37)])
        ).map(Edtf),
        st.integers(1, 9999).map("{:04}".format).map(Edtf),
        st.sampled_from([Edtf("9999-12-31"), Edtf("9999"), Edtf("9999-12"), Edtf("0001"), Edtf("0001-01-01")]),
    )


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Board:
    """A board with one title, to be given other dates."""
    room = Newsroom(path=tmp_path_factory.mktemp("story"))
    room.take(STORY[0])
    return room.board("2025-03-01")


@given(held_dates=st.lists(_dates(), min_size=1, max_size=4))
def test_no_date_is_ever_invented(story: Board, held_dates: list[Edtf]) -> None:
    """An event begins on the first day a date can mean and ends after its last, and is a single day only where that is known."""
    board = held(story, *(Value(date=when) for when in held_dates))
    event, when = only(calendar(board)), held_dates[-1]
    start = event["DTSTART"].dt
    end = event["DTEND"].dt if "DTEND" in event else start + timedelta(days=1) if start < date.max else None
    assert start == when.earliest
    assert type(start) is date
    if when.latest < date.max:
        assert end == when.latest + timedelta(days=1)
    if when.is_day:
        assert end is None or (end - start).days == 1
    else:
        assert end is not None
        assert (end - start).days > 1
        assert "day not known" in event["SUMMARY"]
    assert int(event["SEQUENCE"]) <= len(held_dates) - 1


def held(board: Board, *values: Value) -> Board:
    """The board with one US opening that held these values, one after the other."""
    (sheet,) = board.sheets
    revisions = tuple(
        Fact(
            key=CINEMAS,
            revision=number,
            value=value,
            confidence=Confidence.CONFIRMED,
            evidence=(),
            outlets=(),
            since=day("2025-02-01"),
            recorded_at=day("2025-02-01") + timedelta(hours=number),
            cause=Cause.NEWS,
        )
        for number, value in enumerate(values, start=1)
    )
    stand = replace(sheet.stand, facts=revisions[-1:], changes=())
    return replace(board, sheets=(replace(sheet, stand=stand, revisions={CINEMAS: revisions}, grounds={}),))
