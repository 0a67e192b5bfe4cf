"""Dates in words, sizes of moves, places, and the countdown."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watcher.config.values import LANGUAGES
from watcher.edtf import UNSET, Edtf
from watcher.model import Confidence, CreditKey, Fact, ReleaseKey, ReleaseType, Status, Value
from watcher.tell.countdown import Countdown, countdown
from watcher.tell.dates_in_words import (
    AMERICAN,
    Dates,
    days_until,
    distance_in_words,
    from_today_in_words,
    move_in_words,
    to_go_in_words,
)
from watcher.tell.places import place_in_words

AT = datetime(2024, 2, 21, tzinfo=UTC)
DAYS = st.dates(min_value=date(2000, 1, 1), max_value=date(2060, 12, 31))
PARTS = st.sampled_from(["", *(f"-{part:02}" for part in (*range(1, 13), 21, 22, 23, 24, 33, 34, 35, 36))])
EDTFS = st.one_of(DAYS.map(Edtf.of), st.builds(lambda year, part: Edtf(f"{year}{part}"), st.integers(2000, 2060), PARTS))


def dated(when: str, region: str = "US", kind: str = "theatrical") -> Fact:
    """A release fact with this date."""
    return held(ReleaseKey(title="tide", region=region, type=ReleaseType(kind)), Value(date=Edtf(when)))


def held(key: ReleaseKey | CreditKey, value: Value) -> Fact:
    """What is held true for a key."""
    return Fact(
        key=key,
        revision=1,
        value=value,
        confidence=Confidence.CONFIRMED,
        evidence=(),
        outlets=(),
        since=AT,
        recorded_at=AT,
    )


def count(*facts: Fact, today: str = "2025-01-01", regions: tuple[str, ...] = ("GB", "US"), origin: str = "US") -> Countdown:
    """The countdown for a reader in Britain."""
    return countdown(facts, regions=regions, origin=origin, today=date.fromisoformat(today))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("2025-06-06", "Friday, June 6, 2025"),
        ("2025-06", "June 2025"),
        ("2025-22", "summer 2025"),
        ("2026-34", "the second quarter of 2026"),
        ("2026", "2026"),
        ("unset", "off the calendar"),
    ],
)
def test_a_date_is_written_as_precisely_as_it_is(text: str, words: str) -> None:
    """Each notation has its English, and none says more than was known."""
    assert AMERICAN.in_words(Edtf(text), weekday=True) == words


@given(EDTFS)
def test_every_date_has_words_with_its_year(when: Edtf) -> None:
    """Every date can be written; its year is in the words, and a weekday only where there is a day."""
    words = AMERICAN.in_words(when, weekday=True)
    assert str(when.year) in words
    assert ("day, " in words) == when.is_day


@pytest.mark.parametrize(
    ("old", "new", "size"),
    [
        ("2024-06-07", "2025-06-06", "364 days later"),
        ("2025-06-06", "2025-06-05", "1 day earlier"),
        ("2024-06-07", "2025-22", "328 to 472 days later"),
        ("2025-06", "2025-04", "32 to 90 days earlier"),
        ("2025-22", "2025-06-06", ""),
        ("2025-06-06", "unset", ""),
    ],
)
def test_a_move_has_a_direction_and_a_size(old: str, new: str, size: str) -> None:
    """A move says how far and which way, as a range where either date is partial, and nothing where that is open."""
    assert move_in_words(Edtf(old), Edtf(new)) == size


@given(DAYS, DAYS)
def test_the_size_of_a_move_between_days_is_exact(old: date, new: date) -> None:
    """Between two days the number is their distance and the word its sign."""
    words = move_in_words(Edtf.of(old), Edtf.of(new))
    distance = (new - old).days
    if distance == 0:
        assert words == ""
    else:
        number, _, way = words.split()
        assert int(number.replace(",", "")) == abs(distance)
        assert way == ("later" if distance > 0 else "earlier")


@given(EDTFS, EDTFS)
def test_a_move_back_has_the_same_size(old: Edtf, new: Edtf) -> None:
    """A move and its way back differ in direction only."""
    there, back = move_in_words(old, new), move_in_words(new, old)
    assert there.replace("later", "earlier") == back.replace("later", "earlier")
    assert (there == back) == (there == "")


@given(EDTFS, EDTFS, st.data())
def test_the_size_of_a_move_holds_every_day_it_can_mean(old: Edtf, new: Edtf, data: st.DataObject) -> None:
    """Whatever days the two dates turn out to be, their distance lies in the range that was told."""
    words = move_in_words(old, new)
    first = data.draw(st.dates(old.earliest, old.latest))
    second = data.draw(st.dates(new.earliest, new.latest))
    distance = (second - first).days
    if words:
        low, high = numbers(words)
        assert low <= (distance if words.endswith("later") else -distance) <= high


@given(EDTFS, DAYS, st.data())
def test_the_distance_holds_every_day_a_date_can_mean(when: Edtf, today: date, data: st.DataObject) -> None:
    """Whatever day a date turns out to be, the words said so; "ago" is never said of what can still come."""
    words = distance_in_words(when, today)
    distance = (data.draw(st.dates(when.earliest, when.latest)) - today).days
    if words.endswith("ago"):
        low, high = numbers(words)
        assert low <= -distance <= high
    elif words.startswith("in "):
        low, high = numbers(words)
        assert low <= distance <= high
    elif words.startswith("within "):
        assert distance <= numbers(words)[1]
    else:
        assert distance == {"yesterday": -1, "today": 0, "tomorrow": 1}.get(words, min(distance, 0))


def numbers(words: str) -> tuple[int, int]:
    """The range of days in some words."""
    found = [int(word.replace(",", "")) for word in words.split() if word[0].isdigit()]
    return found[0], found[-1]


@pytest.mark.parametrize(
    ("when", "today", "words"),
    [
        ("2025-06-06", "2024-02-21", "in 471 days"),
        ("2025-06-06", "2025-06-05", "tomorrow"),
        ("2025-06-06", "2025-06-06", "today"),
        ("2025-06-06", "2025-06-07", "yesterday"),
        ("2025-06-06", "2026-11-23", "535 days ago"),
        ("2025-06", "2025-05-02", "in 30 to 59 days"),
        ("2025-06", "2025-06-10", "within 20 days"),
        ("2025-06", "2025-06-30", "today at the latest"),
        ("2025-06", "2025-07-05", "5 to 34 days ago"),
    ],
)
def test_a_distance_in_words(when: str, today: str, words: str) -> None:
    """Days ahead, the near days by name, ranges for partial dates, and days since."""
    assert distance_in_words(Edtf(when), date.fromisoformat(today)) == words


def test_a_remainder_in_words() -> None:
    """Days ahead read as days to go; what is near or past keeps its words."""
    assert to_go_in_words(Edtf("2025-06-06"), date(2024, 2, 21)) == "471 days to go"
    assert to_go_in_words(Edtf("2025-06-06"), date(2025, 6, 5)) == "tomorrow"
    assert distance_in_words(UNSET, date(2025, 6, 5)) == ""


@pytest.mark.parametrize(
    ("region", "kind", "words"),
    [
        ("US", "theatrical", "US cinemas"),
        ("DE", "theatrical", "cinemas in Germany"),
        ("NL", "theatrical", "cinemas in the Netherlands"),
        ("001", "theatrical", "cinemas worldwide"),
        ("GB", "premiere", "UK premiere"),
        ("US", "digital", "digital, US"),
        ("KR", "physical", "disc, South Korea"),
        ("US", "limited", "select US cinemas"),
        ("XX", "tv", "television, XX"),
    ],
)
def test_a_place_in_words(region: str, kind: str, words: str) -> None:
    """Region and type read as a person would say them; an unknown code stays a code."""
    assert place_in_words(ReleaseKey(title="tide", region=region, type=ReleaseType(kind))) == words


def test_without_a_date_there_is_nothing_to_count_to() -> None:
    """No facts, credits alone, unset dates and other countries' dates give no countdown."""
    lead = held(CreditKey(title="tide", job="actor", person="x"), Value(status=Status.JOINS))
    assert count() == count(lead) == count(dated("unset")) == count(dated("2025-06-06", "FR")) == Countdown()


def test_the_first_region_of_the_chain_that_has_a_date_wins() -> None:
    """A British date is taken before the American one, and needs no note; the American one says whose it is."""
    both = count(dated("2025-06-06"), dated("2025-06-04", "GB"))
    assert (both.words, both.note) == ("in 154 days", "")
    alone = count(dated("2025-06-06"))
    assert (alone.words, alone.note) == ("in 156 days", "The date in the US; none known in the UK yet")
    assert count(dated("2025-06-06", "001")).note == ""


def test_the_titles_origin_and_the_world_end_the_chain() -> None:
    """A French film counts to its French date for a German reader, and to the world's where there is no other."""
    french = count(dated("2025-03-01", "FR"), dated("2025-04-01", "001"), regions=("DE",), origin="FR")
    assert (french.words, french.note) == ("in 59 days", "The date in France; none known in Germany yet")
    assert count(dated("2025-04-01", "001"), regions=("DE",), origin="FR").words == "in 90 days"


def test_cinemas_come_before_a_premiere_and_a_disc() -> None:
    """The opening is what is counted to, though a premiere is sooner."""
    facts = (dated("2025-05-22", "GB", "premiere"), dated("2025-06-06"), dated("2025-03-01", "GB", "physical"))
    following = count(*facts).next
    assert following is not None
    assert following.key.type is ReleaseType.THEATRICAL


def test_after_the_opening_the_countdown_goes_on() -> None:
    """Once released it counts to the soonest of what is still ahead, and keeps saying how long it has been out."""
    facts = (dated("2025-06-06"), dated("2025-09-09", kind="physical"), dated("2025-07-01", kind="digital"))
    out = count(*facts, today="2025-06-16")
    assert out.next is not None
    assert out.next.key.type is ReleaseType.DIGITAL
    assert (out.words, out.days, out.released_words) == ("in 15 days", (15, 15), "10 days ago")
    day = count(*facts, today="2025-06-06")
    assert (day.words, day.released) == ("today", None)
    end = count(*facts, today="2026-11-23")
    assert (end.words, end.released_words, end.next) == ("535 days ago", "535 days ago", end.released)


@given(EDTFS, DAYS, st.integers(1, 60))
def test_the_countdown_falls_by_a_day_each_day(when: Edtf, today: date, later: int) -> None:
    """As days pass, both ends of the countdown fall by as many, and words and days agree."""
    facts = [held(ReleaseKey(title="tide", region="US", type=ReleaseType.THEATRICAL), Value(date=when))]
    now = countdown(facts, regions=("US",), origin="US", today=today)
    then = countdown(facts, regions=("US",), origin="US", today=today + timedelta(days=later))
    assert now.days == days_until(when, today)
    assert then.days == (now.days[0] - later, now.days[1] - later)
    assert (now.released is not None) == (when.latest < today)
    assert now.words == distance_in_words(when, today)


@given(
    st.permutations(
        [("US", "theatrical", "2025-06-06"), ("US", "digital", "2025-07"), ("GB", "tv", "2026"), ("US", "tv", "2025-12")]
    )
)
def test_the_order_of_facts_changes_nothing(rows: list[tuple[str, str, str]]) -> None:
    """The countdown depends on what is known and not on the order in which it is told."""
    facts = [dated(when, region, kind) for region, kind, when in rows]
    result = count(*facts, today="2025-06-10")
    assert result.next is not None
    assert (result.next.key.region, result.next.key.type, result.words) == ("US", ReleaseType.DIGITAL, "in 21 to 51 days")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_english_has_an_order_of_its_own(language: str) -> None:
    """The Englishes of North America put the month first, all others the day; the weekday leads in both."""
    words = Dates(zone=ZoneInfo("UTC"), language=language).in_words(Edtf("2025-06-06"), weekday=True)
    assert words == ("Friday, June 6, 2025" if language in {"en", "en-US", "en-CA"} else "Friday, 6 June 2025")


def test_a_date_that_names_no_day_is_the_same_in_every_english() -> None:
    """A month, a season and a year have no order."""
    for text in ("2025-06", "2025-22", "2025-34", "2025", "unset"):
        assert len({Dates(zone=ZoneInfo("UTC"), language=language).in_words(Edtf(text)) for language in LANGUAGES}) == 1


@pytest.mark.parametrize(
    ("when", "words"),
    [
        ("2025-06-08", "472 days from today"),
        ("2024-02-23", "tomorrow"),
        ("2024-02-12", "10 days ago"),
        ("2024-02", "within 7 days"),
    ],
)
def test_beside_a_date_stands_how_far_off_it_is(when: str, words: str) -> None:
    """Days are counted from today, and what is near or past is said as people say it."""
    assert from_today_in_words(Edtf(when), date(2024, 2, 22)) == words


def test_the_third_season_is_named_as_the_reader_names_it() -> None:
    """Who writes the month first calls it fall, and everybody else autumn."""
    named = {language: Dates(zone=AMERICAN.zone, language=language).in_words(Edtf("2025-23")) for language in LANGUAGES}
    assert {language for language, words in named.items() if words == "fall 2025"} == {"en", "en-US", "en-CA"}
    assert set(named.values()) == {"fall 2025", "autumn 2025"}
