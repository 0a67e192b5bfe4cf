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
    ],
)
def test_a_date_means_what_a_reader_of_that_day_would_take(written: str, edtf: str) -> None:
    """Every common way to write a date is read, and a relative one counts from the day of publication."""
    assert meant(f"on {written}.")[0] == edtf


@pytest.mark.parametrize("written", ["this Friday", "tomorrow", "next year", "June 6th", "next summer", "Christmas Day"])
def test_without_a_day_of_publication_relative_dates_mean_nothing(written: str) -> None:
    """A date that counts from the publication is nothing when nobody knows when the item was published."""
    assert meant(f"on {written}.", day=None) == [None]


def test_a_publication_known_to_the_month_carries_no_weekday() -> None:
    """An item dated to a month can say "next year" and "June 6th", but not "tomorrow" or "this Friday"."""
    assert meant("tomorrow, this Friday", precision=Precision.MONTH) == [None, None]
    assert meant("next year or June 6th", precision=Precision.MONTH) == ["2027", "2026-06-06"]
    assert meant("next year or June 6th", precision=Precision.YEAR) == ["2027", None]


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
