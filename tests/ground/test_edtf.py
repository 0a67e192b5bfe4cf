"""Dates as precise as somebody said them."""

from __future__ import annotations

from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watcher.edtf import UNSET, Edtf
from watcher.errors import DateError

DAYS = st.dates(min_value=date(1900, 1, 1), max_value=date(2100, 12, 31))
PARTIAL = st.builds(
    lambda y, p: f"{y:04d}{p}",
    st.integers(1900, 2100),
    st.sampled_from(["", *[f"-{m:02d}" for m in range(1, 13)], "-21", "-22", "-23", "-24", "-33", "-34", "-35", "-36"]),
)


@given(DAYS)
def test_day_means_itself(day: date) -> None:
    """A day's earliest and latest day are the day itself, and it is written as ISO 8601 writes it."""
    edtf = Edtf.of(day)
    assert (edtf.earliest, edtf.latest, str(edtf), edtf.is_day) == (day, day, day.isoformat(), True)


@given(PARTIAL)
def test_partial_dates_span_forward(text: str) -> None:
    """A partial date begins before it ends, stays in its year, holds itself, and is no day."""
    edtf = Edtf(text)
    assert edtf.earliest < edtf.latest
    assert edtf.earliest.year == edtf.latest.year == edtf.year
    assert edtf.holds(edtf)
    assert not edtf.is_day


@given(PARTIAL, DAYS)
def test_holds_is_containment_of_days(text: str, day: date) -> None:
    """A partial date holds a day exactly when the day lies between its ends, and then the two agree both ways."""
    edtf, one = Edtf(text), Edtf.of(day)
    assert edtf.holds(one) == (edtf.earliest <= day <= edtf.latest)
    assert edtf.agrees(one) == one.agrees(edtf) == edtf.holds(one)


def test_unset_agrees_only_with_itself_and_sorts_last() -> None:
    """What was taken off the calendar is no date: it holds none, and comes after all."""
    year = Edtf("2025")
    assert UNSET.holds(UNSET)
    assert not UNSET.agrees(year)
    assert max(UNSET, year, Edtf("2099-12-31")) is UNSET


def test_order_is_by_first_day_the_wider_first() -> None:
    """Dates sort by the earliest day they can mean, and a year stands before its own first day."""
    assert sorted(map(Edtf, ["2025-01-01", "2025-22", "2024", "2025"])) == list(
        map(Edtf, ["2024", "2025", "2025-01-01", "2025-22"])
    )


@pytest.mark.parametrize(
    "text", ["", "June", "2025-13", "2025-00", "2025-02-30", "2025-22-01", "25-06-06", "2025-6-6", "2025/06", "٢٠٢٥"]
)
def test_what_is_no_date_is_refused_with_the_text(text: str) -> None:
    """Anything else is refused with an error that repeats the text."""
    with pytest.raises(DateError, match="no date"):
        Edtf(text)


@given(st.text(max_size=12))
def test_any_text_is_a_date_or_a_date_error(text: str) -> None:
    """No text makes anything but a date or a `DateError`."""
    with suppress(DateError):
        assert str(Edtf(text)) == text
