"""Dates in running text: what is written, and what it means on the day it was published."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from readings import READER, claims, dates, item

from watcher.edtf import Edtf
from watcher.model import Precision, ReleaseClaim
from watcher.read.dates import Anchor, DateFinder
from watcher.read.grammar import grammar
from watcher.read.meaning import Around, resolve

MONDAY = date(2026, 5, 4)
FINDER = DateFinder(grammar().dates)


def meant(text: str, day: date | None = MONDAY, precision: Precision = Precision.DAY) -> list[str | None]:
    """What the date expressions of a text mean."""
    found = FINDER.find(text, 0, len(text))
    resolved = [resolve(when, Anchor(day=day, precision=precision)) for when in found]
    return [edtf.text if edtf else None for edtf in resolved]


@pytest.mark.parametrize(
    ("written", "edtf"),
    [
        ("June 6, 2027", "2027-06-06"),
        ("Sunday, June 6, 2027", "2027-06-06"),
        ("6 June 2027", "2027-06-06"),
        ("the 6th of June, 2027", "2027-06-06"),
        ("Jun. 6, 2027", "2027-06-06"),
        ("2027-06-06", "2027-06-06"),
        ("06.06.2027", "2027-06-06"),
        ("June 6th", "2026-06-06"),
        ("March 3 of next year", "2027-03-03"),
        ("November 14 this year", "2026-11-14"),
        ("June 2027", "2027-06"),
        ("summer 2027", "2027-22"),
        ("the fall of 2027", "2027-23"),
        ("spring or summer 2027", "2027"),
        ("summer of '27", "2027-22"),
        ("next summer", "2027-22"),
        ("Q3 2027", "2027-35"),
        ("the fourth quarter of 2027", "2027-36"),
        ("early 2027", "2027-33"),
        ("late 2027", "2027-36"),
        ("mid-2027", "2027"),
        ("Thanksgiving 2027", "2027-11"),
        ("Thanksgiving Day 2027", "2027-11-25"),
        ("Christmas Day, 2026", "2026-12-25"),
        ("Labor Day weekend", "2026-09"),
        ("Memorial Day 2027", "2027-05-31"),
        ("this Friday", "2026-05-08"),
        ("next Friday", "2026-05-15"),
        ("tomorrow", "2026-05-05"),
        ("next month", "2026-06"),
        ("next year", "2027"),
        ("two years from today", "2028-05-04"),
        ("two weeks from Friday", "2026-05-22"),
        ("Friday next week", "2026-05-15"),
        ("next week on Friday", "2026-05-15"),
        ("2027/06/06", "2027-06-06"),
        ("06/16/2027", "2027-06-16"),
        ("16/06/2027", "2027-06-16"),
        ("05 Sep 2027", "2027-09-05"),
        ("Sept 5th", "2026-09-05"),
        ("the 14th of March", "2027-03-14"),
        ("the 14th", "2026-05-14"),
        ("Saturday the 30th", "2026-05-30"),
        ("June 18-20, 2027", "2027-06-18"),
        ("18-20 June 2027", "2027-06-18"),
        ("May or June 2027", "2027"),
        ("fall/winter 2027", "2027"),
        ("the autumn of this year", "2026-23"),
        ("the first quarter of next year", "2027-33"),
        ("the first half of 2027", "2027"),
        ("mid-December", "2026-12"),
        ("the end of May", "2026-05"),
        ("the end of the month", "2026-05"),
        ("Easter 2027", "2027-03"),
        ("Good Friday 2027", "2027-03-26"),
        ("Easter Monday 2026", "2026-04-06"),
        ("next Christmas", "2027-12"),
        ("last Christmas", "2025-12"),
        ("Lunar New Year 2027", "2027-33"),
        ("Presidents' Day weekend 2027", "2027-02"),
    ],
)
def test_a_date_means_what_a_reader_of_that_day_would_take(written: str, edtf: str) -> None:
    """Every common way to write a date is read, and a relative one counts from the day of publication."""
    assert meant(f"on {written}.")[0] == edtf


@pytest.mark.parametrize(
    "written",
    ["this Friday", "tomorrow", "next year", "June 6th", "next summer", "Christmas Day", "the 14th", "Friday next week"],
)
def test_without_a_day_of_publication_relative_dates_mean_nothing(written: str) -> None:
    """A date that counts from the publication is nothing when nobody knows when the item was published."""
    assert meant(f"on {written}.", day=None) == [None]


def test_a_publication_known_to_the_month_carries_no_weekday() -> None:
    """An item dated to a month can say "next year" and "June 6th", but not "tomorrow" or "this Friday"."""
    assert meant("tomorrow, this Friday", precision=Precision.MONTH) == [None, None]
    assert meant("next year or June 6th", precision=Precision.MONTH) == ["2027", "2026-06-06"]
    assert meant("next year or June 6th", precision=Precision.YEAR) == ["2027", None]


@pytest.mark.parametrize(
    "written", ["this weekend", "next week", "the Easter slot", "the 14th chapter", "06/07/2027", "a day later"]
)
def test_what_names_no_day_invents_none(written: str) -> None:
    """Weeks, weekends, a slot, a count and figures that two countries read differently give no day."""
    assert not any(edtf and len(edtf) == 10 for edtf in meant(f"on {written}."))


@pytest.mark.parametrize(
    "written", ["June 31, 2027", "the 45th of June", "He may 6 times", "2,027 people", "at 12:06 PM", "$2027"]
)
def test_what_is_on_no_calendar_is_no_date(written: str) -> None:
    """Impossible days, verbs that look like months, and plain numbers mean nothing."""
    assert set(meant(written)) <= {None}


@given(st.dates(min_value=date(1980, 1, 1), max_value=date(2090, 12, 31)))
def test_any_full_day_is_read_back_exactly(day: date) -> None:
    """Whatever day is written out in full is read as that very day, in American, British and ISO order."""
    month = f"{day:%B}"
    for written in (f"{month} {day.day}, {day.year}", f"{day.day} {month} {day.year}", day.isoformat()):
        assert meant(f"on {written}") == [day.isoformat()]


@given(st.dates(min_value=date(1990, 1, 1), max_value=date(2080, 12, 31)), st.integers(0, 300))
def test_a_day_without_a_year_is_the_next_time_it_comes(published: date, ahead: int) -> None:
    """A coming day named without its year is the first such day after the publication."""
    day = published + timedelta(days=ahead)
    if (day.month, day.day) == (2, 29):
        return
    assert meant(f"{day:%B} {day.day}", day=published) == [day.isoformat()]


def test_the_following_year_counts_from_the_date_before() -> None:
    """The words "the following year" mean the year after the date just named, whatever year it is now."""
    text = "The Glass Meridian has been moved from June 6, 2028 to March 3 the following year."
    assert dates(text) == ["2029-03-03"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("The Glass Meridian has been delayed from Nov. 3, 2026, to Sept. 6.", ["2027-09-06"]),
        ("The Glass Meridian has been moved up from Nov. 3, 2027, to Sept. 6.", ["2027-09-06"]),
        (
            "The Glass Meridian, which was going out Nov. 17, 2027, will open two weeks earlier than planned, on Nov. 3.",
            ["2027-11-03"],
        ),
        ("The Glass Meridian opens on July 9 in Korea and on July 11, 2027 in the US.", ["2027-07-09", "2027-07-11"]),
        ("The Glass Meridian, in production since June 3, 2025, opens June 26.", ["2026-06-26"]),
        ("Paper Tigers opens Feb. 5, 2027; The Glass Meridian opens June 26.", ["2026-06-26"]),
        ("The slate: Paper Tigers (Nov. 20), Long Winter (Feb. 5, 2027), The Glass Meridian (March 12).", ["2027-03-12"]),
        ("The Glass Meridian was to open in January 2027; it has slipped to October of that year.", ["2027-10"]),
        ("The Glass Meridian opens January 30, 2027 in the US and on the 28th in Korea.", ["2027-01-30", "2027-01-28"]),
    ],
)
def test_a_missing_year_is_that_of_the_date_beside(text: str, found: list[str]) -> None:
    """A date without a year takes that of the date it stands with, or the next where the film moves on; else its own next one."""
    assert dates(text) == found


def test_sentences_between_calendar_entries_lend_no_year() -> None:
    """The year of a sentence is not that of the next one."""
    assert dates("Tickets for the tour are sold until 1 June 2027. The Glass Meridian comes to cinemas in November.") == [
        "2026-11"
    ]


def test_the_following_weekday_and_month_count_from_the_date_before() -> None:
    """The words "the following Friday" and "the following night" count from the day just named."""
    text = "The Glass Meridian starts streaming on June 4 and airs on television the following night."
    assert dates(text) == ["2026-06-04", "2026-06-05"]


@given(st.integers(1900, 2100))
def test_easter_is_a_spring_sunday_and_good_friday_is_before_it(year: int) -> None:
    """Easter is a Sunday from March 22 to April 25, and Good Friday two days before it."""
    sunday, friday = meant(f"on Easter Sunday {year}"), meant(f"on Good Friday {year}")
    assert sunday[0] is not None
    assert friday[0] is not None
    day = date.fromisoformat(sunday[0])
    assert day.weekday() == 6
    assert (3, 22) <= (day.month, day.day) <= (4, 25)
    assert date.fromisoformat(friday[0]) == day - timedelta(days=2)


def test_a_release_told_as_past_lies_in_the_past() -> None:
    """A day without a year after "opened" or "came out in theaters on" is the last such day, not the next."""
    assert dates("The Glass Meridian opened on November 20 to fine reviews.") == ["2025-11-20"]
    assert dates("The Glass Meridian came out in theaters on November 20.") == ["2025-11-20"]
    assert dates("The Glass Meridian will be released on March 20.") == ["2027-03-20"]


def test_a_plan_for_what_is_long_past_is_a_slip() -> None:
    """A future verb with a day long before the publication is a misprint and no claim."""
    assert dates("The Glass Meridian is scheduled for release on June 6, 2025.") == []


@given(st.text(max_size=60))
def test_finding_dates_never_fails(text: str) -> None:
    """Any text gives expressions within it that resolve to a date or to nothing."""
    for when in FINDER.find(text, 0, len(text)):
        assert 0 <= when.start < when.end <= len(text)
        resolved = resolve(when, Anchor(day=MONDAY), Around(previous=Edtf("2027")))
        assert resolved is None or isinstance(resolved, Edtf)


def test_spans_are_those_of_the_text_as_it_came() -> None:
    """Curly quotes and hard blanks do not shift a sentence: it is the very words of the item."""
    it = item("“The Glass Meridian”\u00a0– Marta Quill’s film – opens June 6, 2027. It’s long.", title="News – ‘today’")
    (claim,) = claims(it)
    assert isinstance(claim, ReleaseClaim)
    assert it.text[claim.sentence.start : claim.sentence.end] == claim.sentence.text
    assert claim.sentence.text.startswith("“The Glass")
    assert READER.explain(it)


def test_a_weekday_behind_its_verb_is_a_date() -> None:
    """The words "landed on Friday" and "earlier this month" give the day or month that is past."""
    assert dates("The Glass Meridian, which landed on Friday, stars Ann Lee.") == ["2026-05-01"]
    assert dates("The world premiere of The Glass Meridian was held in Oslo earlier this month.") == ["2026-05"]
