"""Alerts against what truly happened: each is right, false or neither by a rule that a person can follow."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from builders import TITLE, item
from hypothesis import given
from hypothesis import strategies as st

from watcher.cli.against import Figures, Result, compare, delay
from watcher.cli.given import Given
from watcher.cli.mentions import mention, spoken_of
from watcher.cli.truth import CastEvent, DateEvent, Story
from watcher.decide.keys import person_slug
from watcher.edtf import Edtf
from watcher.model import Change, ChangeKind, Confidence, CreditKey, ReleaseKey, ReleaseType, Status, Value

KINDS = ReleaseType


def told(
    date: str,
    on: str,
    *,
    region: str = "US",
    type: ReleaseType = KINDS.THEATRICAL,  # noqa: A002 - the model's own word
    kind: ChangeKind = ChangeKind.SET,
) -> Change:
    """A date that was told on a day."""
    at = datetime.fromisoformat(on).replace(tzinfo=UTC)
    key = ReleaseKey(title=TITLE.id, region=region, type=type)
    new = Value(date=Edtf(date))
    sure = Confidence.CONFIRMED
    return Change(id=f"{key}/{date}/{on}", key=key, kind=kind, old=None, new=new, confidence=sure, at=at, recorded_at=at)


def said(person: str, status: Status, on: str) -> Change:
    """A person's status that was told on a day."""
    at = datetime.fromisoformat(on).replace(tzinfo=UTC)
    key = CreditKey(title=TITLE.id, job="actor", person=person_slug(person))
    new = Value(status=status, person=person)
    sure = Confidence.CONFIRMED
    return Change(id=f"{key}/{on}", key=key, kind=ChangeKind.JOINED, old=None, new=new, confidence=sure, at=at, recorded_at=at)


def dated(
    new: str,
    reported: str,
    region: str | None = "US",
    *,
    type: ReleaseType = KINDS.THEATRICAL,  # noqa: A002 - the model's own word
    also: tuple[str, ...] = (),
) -> DateEvent:
    """A date as it was reported."""
    return DateEvent(reported=Edtf(reported), type=type, new=Edtf(new), region=region, also=also)


def held_against(story: Story, *changes: Change, items: tuple[str, ...] = ("item",)) -> Result:
    """The result where every event is spoken of in these items."""
    return compare(TITLE, story, changes, lambda _: items)


def counts(figures: Figures) -> tuple[int, int, int]:
    """Right, false and missed."""
    return figures.right, len(figures.false), len(figures.missed)


JUNE, LATER = dated("2025-06-06", "2025-01-10"), dated("2025-09-12", "2025-03-01")


@pytest.mark.parametrize(
    ("events", "changes", "expected"),
    [
        ([JUNE], [told("2025-06-06", "2025-01-10")], (1, 0, 0)),
        ([JUNE], [], (0, 0, 1)),
        ([JUNE], [told("2025-06-07", "2025-01-10")], (0, 1, 1)),
        # the same date twice
        ([JUNE], [told("2025-06-06", "2025-01-10"), told("2025-06-06", "2025-02-10")], (1, 1, 0)),
        # another country, the whole world, a truth without a country
        ([JUNE], [told("2025-06-06", "2025-01-10", region="GB")], (0, 1, 1)),
        ([JUNE], [told("2025-06-06", "2025-01-10", region="001")], (1, 0, 0)),
        ([dated("2025-06-06", "2025-01-10", None)], [told("2025-06-06", "2025-01-10", region="GB")], (1, 0, 0)),
        # kinds of release that are one to the truth, and kinds that are not
        ([JUNE], [told("2025-06-06", "2025-01-10", type=KINDS.LIMITED)], (1, 0, 0)),
        ([JUNE], [told("2025-06-06", "2025-01-10", type=KINDS.PREMIERE)], (0, 1, 1)),
        (
            [dated("2025-07-01", "2025-06-20", type=KINDS.DIGITAL)],
            [told("2025-07-01", "2025-06-20", type=KINDS.STREAMING)],
            (1, 0, 0),
        ),
        # within an event that is only a year, and wider than an event that is a day
        ([dated("2025", "2025-01-10")], [told("2025-22", "2025-01-10")], (1, 0, 0)),
        ([JUNE], [told("2025-06", "2025-01-02"), told("2025-06-06", "2025-01-10")], (1, 0, 0)),
        ([JUNE], [told("2025-06", "2025-01-02"), told("2025-06", "2025-01-03")], (0, 1, 1)),
        ([JUNE], [told("2025-06-06", "2025-01-10"), told("2025-06", "2025-01-12")], (1, 1, 0)),
        # a date whose place another had taken
        ([JUNE, LATER], [told("2025-06-06", "2025-02-01"), told("2025-09-12", "2025-03-01")], (2, 0, 0)),
        ([JUNE, LATER], [told("2025-06-06", "2025-03-02")], (0, 1, 2)),
        ([JUNE, dated("2025-09-12", "2025-03-01", "GB")], [told("2025-06-06", "2025-03-02")], (1, 0, 1)),
        # what only confirms is not compared
        ([JUNE], [told("2025-06-07", "2025-01-10", kind=ChangeKind.CONFIRMED)], (0, 0, 1)),
        # off the calendar
        ([dated("unset", "2025-02-01")], [told("unset", "2025-02-01", kind=ChangeKind.UNSET)], (1, 0, 0)),
    ],
)
def test_date_is_right_once_for_its_release(
    events: list[DateEvent], changes: list[Change], expected: tuple[int, int, int]
) -> None:
    """Right, false and missed dates are counted by the rules that the module states."""
    assert counts(held_against(Story(dates=tuple(events)), *changes).dates) == expected


def test_same_day_in_another_country_of_an_event_is_neither() -> None:
    """An event that holds for several countries is met once; the others may be told, each once."""
    story = Story(dates=(dated("2025-06-05", "2025-01-10", "AU", also=("DE", "IT")),))
    days = [told("2025-06-05", f"2025-02-0{number}", region=region) for number, region in enumerate(("DE", "AU", "IT", "IT"), 1)]
    assert counts(held_against(story, *days[:3]).dates) == (1, 0, 0)
    (doubt,) = held_against(story, *days).dates.false
    assert doubt.why == "told again"


@pytest.mark.parametrize(
    ("changes", "expected", "apart"),
    [
        ([said("Ada Quill", Status.JOINS, "2025-01-10")], (1, 0, 1), 0),
        ([said("Quill", Status.JOINS, "2025-01-10")], (1, 0, 1), 0),
        ([said("Ada Quill", Status.EXITS, "2025-01-10")], (0, 1, 2), 0),
        ([said("Ada Quill", Status.JOINS, "2025-01-10"), said("Ada Quill", Status.JOINS, "2025-01-11")], (1, 1, 1), 0),
        ([said("Bo Tarn", Status.IN_TALKS, "2025-01-10")], (1, 0, 1), 0),
        ([said("Di Vane", Status.JOINS, "2025-01-10")], (0, 0, 2), 1),
    ],
)
def test_person_is_right_once_for_each_step(changes: list[Change], expected: tuple[int, int, int], apart: int) -> None:
    """A person's step is right once; whom the truth does not name is neither right nor false, and a rumour is never missed."""
    events = (
        CastEvent(reported=Edtf("2025-01-10"), person="Ada Quill", status=Status.JOINS),
        CastEvent(reported=Edtf("2025-01-10"), person="Bo Tarn", status=Status.IN_TALKS),
        CastEvent(reported=Edtf("2025-01-10"), person="Cy Dorn", status=Status.RUMOURED),
    )
    people = held_against(Story(people=events), *changes).people
    assert (counts(people), len(people.apart)) == (expected, apart)


def test_second_return_of_a_person_is_right_again() -> None:
    """Who joins, leaves and joins again is right three times, for the truth has three events."""
    steps = (Status.JOINS, Status.EXITS, Status.JOINS)
    events = tuple(CastEvent(reported=Edtf(f"2025-0{n}"), person="Ada Quill", status=step) for n, step in enumerate(steps, 1))
    changes = [said("Ada Quill", step, f"2025-0{n}-05") for n, step in enumerate(steps, 1)]
    assert counts(held_against(Story(people=events), *changes).people) == (3, 0, 0)


def test_event_that_no_item_speaks_of_is_not_missed() -> None:
    """What stands in no item is counted by itself and costs no recall."""
    dates = held_against(Story(dates=(JUNE, LATER)), told("2025-06-06", "2025-01-10"), items=()).dates
    assert (dates.recall, dates.missed, dates.unsaid) == (1.0, [], [LATER])


@pytest.mark.parametrize(
    ("reported", "day", "days"),
    [
        ("2025-01-10", "2025-01-10", 0),
        ("2025-01-10", "2025-01-12", 2),
        ("2025-01-10", "2025-01-09", -1),
        ("2025-01", "2025-01-20", 0),
        ("2025-01", "2025-02-03", 3),
        ("2025-01", "2024-12-31", -1),
    ],
)
def test_delay_counts_from_what_is_known_of_the_report(reported: str, day: str, days: int) -> None:
    """Days are counted from the day of the report; within a month that is all we know there is no delay."""
    assert delay(dated("2025-06-06", reported), datetime.fromisoformat(day).date()) == days


def test_figures_add_up_and_divide_by_nothing() -> None:
    """Together the figures are those of all; without an alert there is no precision, without an event no recall."""
    one = held_against(Story(dates=(JUNE,)), told("2025-06-06", "2025-01-13")).dates
    other = held_against(Story(dates=(LATER,)), told("2025-09-13", "2025-03-01")).dates
    both = one + other
    assert (both.precision, both.recall, both.delay) == (0.5, 0.5, (3, 3))
    assert (Figures().precision, Figures().recall, Figures().delay) == (None, None, None)


_DAYS = st.sampled_from(["2024", "2025", "2025-06", "2025-06-06", "2025-09-12", "unset"])
_WHEN = st.sampled_from(["2024-05-01", "2025-01-10", "2025-03-01", "2025-05"])
_PLACES = st.sampled_from(["US", "GB"])


@given(
    st.lists(st.builds(dated, _DAYS, _WHEN, _PLACES), max_size=6),
    st.lists(st.builds(told, _DAYS, _WHEN.filter(lambda day: len(day) == 10), region=_PLACES), max_size=8),
)
def test_every_event_is_counted_exactly_once(events: list[DateEvent], changes: list[Change]) -> None:
    """Whatever is told, each different event is right, missed or unsaid, and no alert is both right and false."""
    dates = held_against(Story(dates=tuple(events)), *changes).dates
    missed = {one.event for one in dates.missed}
    assert dates.right + len(missed) == len(set(events))
    assert dates.right + len(dates.false) <= len(changes)


# ---- which items speak of an event


def test_date_is_spoken_of_in_any_words_and_a_person_by_the_surname() -> None:
    """An item speaks of an event by the date it means, however written and whatever the reader makes of it, or by a surname."""
    items = {
        "a": item("a", "Nothing will open this Friday.", on="2025-06-04"),
        "b": item("b", "Der Film soll am 6. Juni 2025 in die Kinos kommen, heißt es, und das ist nicht sicher.", on="2025-01-04"),
        "c": item("c", "A long talk with Zoë Quíll about hats.", on="2025-01-04"),
    }
    mentions = [mention(name, Given(item=one, outlet="")) for name, one in items.items()]
    assert spoken_of(JUNE, mentions) == ("a", "b")
    assert spoken_of(dated("2025-06", "2025-01-01"), mentions) == ("a", "b")
    assert spoken_of(dated("2025-06-07", "2025-01-01"), mentions) == ()
    assert spoken_of(CastEvent(reported=Edtf("2025"), person="Ada Quill", status=Status.JOINS), mentions) == ("c",)
    assert spoken_of(CastEvent(reported=Edtf("2025"), person="Ada Hats-Moor", status=Status.JOINS), mentions) == ()
