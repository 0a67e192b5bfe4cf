"""The countdown: which release is counted to, how many days are left on the user's calendar, and the words for it."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from builders import NOW
from hypothesis import given
from hypothesis import strategies as st

from watcher.edtf import Edtf
from watcher.model import Confidence, Fact, ReleaseKey, ReleaseType, Value
from watcher.tell.countdown import Countdown, Dated, countdown
from watcher.tell.dates_in_words import AMERICAN
from watcher.tell.milestones import due_milestone, milestone, moment_of, next_moment

#: Where days and nights are odd: half an hour of summer time, a day that was skipped, a quarter of an hour, summer time that
#: pauses for a month, midnights that do not exist, and both ends of the date line.
ODD = (
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Asia/Kathmandu",
    "Africa/Casablanca",
    "America/Havana",
    "Pacific/Kiritimati",
    "Pacific/Pago_Pago",
    "Europe/London",
)
ZONES = st.sampled_from(ODD) | st.sampled_from(sorted(available_timezones()))
DAYS = st.dates(date(2011, 1, 1), date(2037, 12, 31))
DATES = DAYS.map(Edtf.of) | st.builds(
    lambda day, part: Edtf(f"{day.year}{part}"), DAYS, st.sampled_from(["", "-06", "-12", "-22", "-24", "-34", "-36"])
)
TYPES = st.sampled_from(list(ReleaseType))
REGIONS = st.sampled_from(["GB", "US", "FR", "001"])
FACTS = st.dictionaries(st.tuples(REGIONS, TYPES), DATES | st.just(Edtf("unset")), max_size=6)


def fact(date: Edtf | str, region: str = "US", kind: ReleaseType = ReleaseType.THEATRICAL) -> Fact:
    """A release date that is held."""
    return Fact(
        key=ReleaseKey(title="harbor", region=region, type=kind),
        revision=1,
        value=Value(date=Edtf(date) if isinstance(date, str) else date),
        confidence=Confidence.CONFIRMED,
        evidence=(),
        outlets=("The Ledger",),
        since=NOW,
        recorded_at=NOW,
    )


def count(*facts: Fact, on: str, regions: tuple[str, ...] = ("GB",)) -> Countdown:
    """The countdown of these facts on a day, for somebody in Britain who waits for an American film."""
    return countdown(facts, regions=regions, origin="US", today=date.fromisoformat(on))


@pytest.mark.parametrize(
    ("on", "words", "released"),
    [
        ("2026-05-06", "in 30 days", ""),
        ("2026-06-04", "tomorrow", ""),
        ("2026-06-05", "today", ""),
        ("2026-06-06", "in 13 days", "yesterday"),
        ("2026-06-19", "today", "14 days ago"),
        ("2026-06-20", "in 30 days", "15 days ago"),
        ("2026-07-21", "46 days ago", "46 days ago"),
    ],
)
def test_countdown_goes_on_after_the_opening(on: str, words: str, released: str) -> None:
    """Once a film is out the countdown goes to digital and then to disc, and says how long ago the film came out."""
    found = count(
        fact("2026-06-05"),
        fact("2026-06-19", kind=ReleaseType.DIGITAL),
        fact("2026-07-20", kind=ReleaseType.PHYSICAL),
        on=on,
    )
    assert (found.words, found.released_words) == (words, released)


def test_home_date_wins_as_soon_as_there_is_one() -> None:
    """Another region's date counts, and is said to be one, until the user's own region has a date, be it a wide one."""
    abroad = count(fact("2026-06-05"), on="2026-05-01")
    assert (abroad.words, abroad.note) == ("in 35 days", "The date in the US; none known in the UK yet")
    home = count(fact("2026-06-05"), fact("2026-06", region="GB"), on="2026-05-01")
    assert (home.words, home.note) == ("in 31 to 60 days", "")


@given(FACTS, DAYS)
def test_days_are_the_difference_of_dates_and_the_words_agree(held: dict[tuple[str, ReleaseType], Edtf], today: date) -> None:
    """Days are plain differences of dates on the calendar, and the words name no other numbers."""
    facts = [fact(when, region, kind) for (region, kind), when in held.items()]
    found = countdown(facts, regions=("GB",), origin="US", today=today)
    if found.next is None:
        assert (found.words, found.days) == ("no date yet", None)
        return
    low, high = ((day - today).days for day in (found.next.date.earliest, found.next.date.latest))
    assert found.days == (low, high)
    assert found.words.endswith("ago") == (high < -1 or (high < 0 and high != low))
    numbers = {int(number.replace(",", "")) for number in re.findall(r"[\d,]+", found.words)}
    assert numbers <= {abs(low), abs(high)}
    if low == high and abs(low) > 1:
        assert numbers == {abs(low)}
    if low > 0 and high != low:
        assert numbers == {low, high}


@given(FACTS, DAYS)
def test_no_date_of_a_region_that_does_not_count(held: dict[tuple[str, ReleaseType], Edtf], today: date) -> None:
    """What is counted to is a date that is held for the first region of the chain that has one."""
    facts = [fact(when, region, kind) for (region, kind), when in held.items()]
    found = countdown(facts, regions=("GB",), origin="US", today=today).next
    if found is None:
        assert all(when.is_unset or region == "FR" for (region, _), when in held.items())
        return
    dated = [region for region in ("GB", "US", "001") if not held.get((region, found.key.type), Edtf("unset")).is_unset]
    assert found.key.region == dated[0]


@given(ZONES, DAYS, st.integers(0, 400))
def test_milestone_has_one_moment_on_its_day_at_nine(zone_name: str, release: date, days: int) -> None:
    """In any zone, over every change of its clocks, a milestone rings at nine of its day, or after a day that never was."""
    zone = ZoneInfo(zone_name)
    local = moment_of(release, days, zone=zone).astimezone(zone)
    assert local.time() == time(9)
    assert (release - local.date()).days in ((days, days - 1) if zone_name in ("Pacific/Apia", "Pacific/Fakaofo") else (days,))


@given(
    ZONES,
    DAYS,
    st.lists(st.integers(0, 60), max_size=5),
    # Hypothesis wants the bounds naive.
    st.datetimes(datetime(2011, 1, 1), datetime(2037, 12, 1), timezones=st.just(UTC)),  # noqa: DTZ001
)
def test_nothing_becomes_due_between_two_moments(zone_name: str, release: date, milestones: list[int], now: datetime) -> None:
    """A milestone that is not due becomes due at the next moment named, never before it."""
    zone = ZoneInfo(zone_name)

    def due(at: datetime) -> int | None:
        return due_milestone(release, milestones, held_since=now, now=at, zone=zone)

    following = next_moment(release, milestones, now=now, zone=zone)
    if following is None:
        assert all(due(now + timedelta(days=days, hours=days % 24)) is None for days in range(1, 100))
        return
    assert due(following - timedelta(seconds=1)) is None
    assert due(following) is not None
    assert due(now + (following - now) * 0.7) is None


@pytest.mark.parametrize(
    ("kind", "on", "headline"),
    [
        (ReleaseType.THEATRICAL, "2026-05-29", "Harbor Lights opens in 7 days, on Friday, June 5, 2026"),
        (ReleaseType.THEATRICAL, "2026-06-04", "Harbor Lights opens tomorrow, Friday, June 5, 2026"),
        (ReleaseType.THEATRICAL, "2026-06-05", "Harbor Lights is out today, Friday, June 5, 2026"),
        (ReleaseType.THEATRICAL, "2026-06-06", "Harbor Lights opened yesterday, Friday, June 5, 2026"),
        (ReleaseType.THEATRICAL, "2026-06-08", "Harbor Lights opened 3 days ago, on Friday, June 5, 2026"),
        (ReleaseType.DIGITAL, "2026-05-29", "Harbor Lights comes out in 7 days (digital, US)"),
        (ReleaseType.DIGITAL, "2026-06-05", "Harbor Lights is out today (digital, US)"),
        (ReleaseType.DIGITAL, "2026-06-07", "Harbor Lights came out 2 days ago (digital, US)"),
        (ReleaseType.PREMIERE, "2026-06-04", "Harbor Lights: US premiere tomorrow, Friday, June 5, 2026"),
    ],
)
def test_milestone_says_what_is_true_on_the_day_it_leaves(kind: ReleaseType, on: str, headline: str) -> None:
    """The headline of a milestone tells the distance from the day on which it leaves, in words for this kind of release."""
    said = fact("2026-06-05", kind=kind)
    assert isinstance(said.key, ReleaseKey)
    release = Dated(fact=said, key=said.key, date=Edtf("2026-06-05"))
    told = milestone("Harbor Lights", release, today=date.fromisoformat(on), dates=AMERICAN)
    assert told.title == headline
