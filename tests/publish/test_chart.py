"""The slip chart: what of the story of a date is to be seen, where, and that nothing ever leaves the picture."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import pytest
from boards import STORY, Newsroom, Told
from builders import day
from hypothesis import given, settings
from hypothesis import strategies as st

from watcher.board.board import Sheet
from watcher.edtf import UNSET, Edtf
from watcher.model import Confidence, Fact, ReleaseKey, ReleaseType, Value
from watcher.model.ledger import NOTHING
from watcher.publish.axis import Axis, ticks
from watcher.publish.chart import NARROW, WIDE, Chart, Shape, chart
from watcher.publish.labels import box_of
from watcher.publish.page import _environment
from watcher.publish.story import Report, Step, Story, in_sentences, main_key, steps_of, story_of
from watcher.tell.dates_in_words import AMERICAN, Dates

SVG = "{http://www.w3.org/2000/svg}"
TODAY = date(2025, 11, 24)


def told(on: str, value: str | None, *outlets: str) -> Step:
    """What was believed from a day on."""
    return Step(told=date.fromisoformat(on), value=None if value is None else Edtf(value), outlets=outlets or ("The Ledger",))


def story(*steps: Step, rejected: tuple[Report, ...] = (), before: str | None = None, until: date = TODAY) -> Story:
    """A story that lasts until today."""
    former = None if before is None else Edtf(before)
    return Story(steps=steps, rejected=rejected, before=former, until=until, today=until)


def drawn(picture: Chart) -> ElementTree.Element:
    """The picture as it stands in the page, read again."""
    text = str(_environment().get_template("chart.svg.j2").make_module().draw(picture, "c", "A title"))  # type: ignore[attr-defined]
    return ElementTree.fromstring(text.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1))


def points(svg: ElementTree.Element) -> Iterator[tuple[float, float]]:
    """Every point that is given in a picture."""
    for one in svg.iter():
        kind, at = one.tag.removeprefix(SVG), {name: one.get(name, "") for name in ("x", "y", "x1", "y1", "x2", "y2")}
        if kind == "line":
            yield float(at["x1"]), float(at["y1"])
            yield float(at["x2"]), float(at["y2"])
        elif kind in ("rect", "text"):
            x, y = float(at["x"]), float(at["y"])
            yield x, y
            if kind == "rect":
                assert float(one.get("width", "")) >= 0
                assert float(one.get("height", "")) >= 0
                yield x + float(one.get("width", "")), y + float(one.get("height", ""))
        elif kind == "g" and (moved := one.get("transform")):
            left, top = moved.removeprefix("translate(").removesuffix(")").split()
            yield float(left), float(top)


def check_inside(picture: Chart) -> None:
    """Each point is a number and inside the picture, no word lies on another one or leaves it."""
    svg, shape = drawn(picture), picture.shape
    assert svg.get("viewBox") == f"0 0 {shape.width:g} {shape.height:g}"
    for x, y in points(svg):
        assert math.isfinite(x)
        assert math.isfinite(y)
        assert 0 <= x <= shape.width
        assert 0 <= y <= shape.height
    boxes = [box_of(label.text, label.x, label.y, label.anchor) for label in picture.labels]
    for number, box in enumerate(boxes):
        assert box.x >= 0
        assert box.x + box.width <= shape.width
        assert not any(box.meets(other) for other in boxes[:number])


def of(room: Newsroom, now: str) -> tuple[Sheet, Story]:
    """The story that the page of the first title tells at a moment."""
    board = room.board(now)
    sheet = board.sheets[0]
    key = main_key(sheet)
    assert key is not None
    return sheet, story_of(sheet, key, board.today, board.dates)


DAYS = st.dates(min_value=date(1, 1, 1), max_value=date(9999, 12, 31))
NEAR = st.dates(min_value=date(2023, 1, 1), max_value=date(2029, 12, 31))
YEARS = st.integers(min_value=1, max_value=9999)
EDTF = st.one_of(
    DAYS.map(Edtf.of),
    NEAR.map(Edtf.of),
    st.builds(
        lambda year, part: Edtf(f"{year:04}-{part:02}"), YEARS, st.sampled_from([1, 2, 12, 21, 22, 23, 24, 33, 34, 35, 36])
    ),
    YEARS.map(lambda year: Edtf(f"{year:04}")),
)
NAMES = st.lists(st.text(max_size=12), max_size=3).map(tuple)


@st.composite
def stories(draw: st.DrawFn) -> Story:
    """Any story that has a dated step: any dates in any order, any reports, any names."""
    days = sorted(draw(st.lists(draw(st.sampled_from([DAYS, NEAR])), min_size=1, max_size=30)))
    values = st.one_of(EDTF, EDTF, st.just(UNSET), st.none())
    steps = [Step(told=on, value=draw(values), outlets=draw(NAMES)) for on in days]
    steps[draw(st.integers(0, len(steps) - 1))] = Step(told=days[0], value=draw(EDTF), outlets=draw(NAMES))
    steps.sort(key=lambda step: step.told)
    reports = [Report(told=draw(NEAR), value=draw(EDTF), outlets=draw(NAMES)) for _ in range(draw(st.integers(0, 6)))]
    until = max([*days, *(report.told for report in reports)])
    return Story(
        steps=tuple(steps),
        rejected=tuple(reports),
        before=draw(st.one_of(st.none(), EDTF)),
        until=until,
        today=draw(st.sampled_from([None, until])),
    )


@settings(max_examples=150, deadline=None)
@given(stories(), st.sampled_from([WIDE, NARROW]))
def test_any_story_is_a_whole_picture(any_story: Story, shape: Shape) -> None:
    """Whatever was believed and told, the picture is well-formed XML, all of it lies inside, and no words lie on others."""
    check_inside(chart(any_story, shape, AMERICAN))


@settings(max_examples=200, deadline=None)
@given(st.integers(1, 3_652_000), st.integers(75, 3_652_000), st.floats(120, 800))
def test_axis_is_always_marked_and_never_crowded(low: int, span: int, length: float) -> None:
    """An axis of any days has at least one mark wherever a year or half of one fits, and never more than it has room for."""
    axis = Axis(low=low, high=min(low + span, date.max.toordinal()), start=0, end=length)
    marks = ticks(axis, AMERICAN, room=60)
    assert len(marks) <= max(length // 60, 2)
    assert marks or axis.high - axis.low < 4 * 366
    assert all(axis.low <= mark.day <= axis.high for mark in marks)


def test_story_of_the_news_has_a_step_for_each_move(tmp_path: Path) -> None:
    """The picture has a bar for the season, a level line for each day that held, an upright one for each move, the mistake."""
    room = Newsroom(path=tmp_path)
    room.take(*STORY[:-1])
    _, found = of(room, "2025-11-24")
    assert [str(step.value) for step in found.steps] == ["2025-22", "2025-07-11", "2026-03-06", "2026-05-01"]
    picture = chart(found, WIDE, AMERICAN)
    kinds = [line.kind for line in picture.lines]
    assert (len(picture.bands), kinds.count("level"), kinds.count("move")) == (1, 3, 2)
    assert [mark.kind for mark in picture.marks] == ["now", "rejected"]
    assert [mark.note for mark in picture.marks][1] == "Sep 2, 2024: Copycat told March 14, 2025; not believed"
    assert {label.text for label in picture.labels} == {"today", "summer 2025", "Jul 11, 2025", "Mar 6, 2026", "May 1, 2026"}


def test_picture_tells_its_story_in_sentences(tmp_path: Path) -> None:
    """Who cannot see the picture reads the same steps and reports, in the order of the news, in its description."""
    room = Newsroom(path=tmp_path)
    room.take(*STORY[:-1])
    _, found = of(room, "2025-11-24")
    assert in_sentences(found, AMERICAN) == [
        "On March 4, 2024 it was set for summer 2025, said The Ledger.",
        "On June 11, 2024 it was narrowed from summer 2025 to July 11, 2025, said Morning Reel.",
        "On September 2, 2024 Copycat told March 14, 2025, and was not believed.",
        "On November 18, 2024 it moved from July 11, 2025 to March 6, 2026, 238 days later, said The Ledger.",
        "On September 1, 2025 it moved from March 6, 2026 to May 1, 2026, 56 days later, said The Ledger.",
    ]
    svg = drawn(chart(found, WIDE, AMERICAN))
    assert svg.get("role") == "img"
    assert svg.findtext(f"{SVG}title") == "A title"
    assert svg.findtext(f"{SVG}desc") == " ".join(in_sentences(found, AMERICAN))
    assert svg.get("aria-labelledby") == svg.find(f"{SVG}title").get("id")  # type: ignore[union-attr]
    assert svg.get("aria-describedby") == svg.find(f"{SVG}desc").get("id")  # type: ignore[union-attr]


def test_later_lies_further_right_and_higher() -> None:
    """News of a later day stands further right, a later release higher up."""
    picture = chart(story(told("2025-01-10", "2026-02-06"), told("2025-06-10", "2026-08-07")), WIDE, AMERICAN)
    first, second = (line for line in picture.lines if line.kind == "level")
    assert first.x1 < first.x2 == second.x1 < second.x2
    assert second.y1 == second.y2 < first.y1 == first.y2


def test_a_day_lies_where_its_axis_says() -> None:
    """A release on the first of a marked month lies on that mark, told on the first of one above that."""
    picture = chart(story(told("2024-07-01", "2026-07-01"), told("2025-01-01", "2027-01-01")), WIDE, AMERICAN)
    rows = {tick.day: y for tick, y in picture.rows}
    columns = {tick.day: x for tick, x, _ in picture.columns}
    second = [line for line in picture.lines if line.kind == "level"][1]
    assert second.y1 == rows[date(2027, 1, 1).toordinal()]
    assert second.x1 == columns[date(2025, 1, 1).toordinal()]


def test_line_meets_the_diagonal_on_its_day() -> None:
    """Where a release is past, its line ends on the diagonal on which the day of the telling is the day itself."""
    released = replace(
        story(told("2024-01-10", "2025-02-07"), told("2024-09-02", "2025-06-06")), until=date(2025, 6, 6), today=None
    )
    picture = chart(released, WIDE, AMERICAN)
    (come,) = (line for line in picture.lines if line.kind == "come")
    end = [line for line in picture.lines if line.kind == "level"][-1]
    share = (end.x2 - come.x1) / (come.x2 - come.x1)
    assert come.y1 + share * (come.y2 - come.y1) == pytest.approx(end.y2, abs=0.2)


def test_story_of_a_past_release_ends_with_it(tmp_path: Path) -> None:
    """The picture of a film that is out does not go on to today, where nothing happens any more."""
    room = Newsroom(path=tmp_path)
    room.take(*STORY)
    _, found = of(room, "2027-01-01")
    assert (found.until, found.today) == (date(2026, 5, 1), None)


def test_date_off_the_calendar_ends_the_line() -> None:
    """Where a date goes off the calendar the line ends with a mark and a word, and begins anew with the next date."""
    picture = chart(
        story(told("2025-01-10", "2026-02-06"), told("2025-04-10", "unset"), told("2025-08-10", "2027-02-05")), WIDE, AMERICAN
    )
    level = [line for line in picture.lines if line.kind == "level"]
    (ended,) = (mark for mark in picture.marks if mark.kind == "ended")
    assert level[0].x2 == ended.x < level[1].x1
    assert [line for line in picture.lines if line.kind == "move"] == []
    assert "off the calendar" in {label.text for label in picture.labels}


def test_what_was_taken_back_ends_the_line_too() -> None:
    """A date that was withdrawn, with nothing known in its place, ends with a mark that says so."""
    picture = chart(story(told("2025-01-10", "2026-02-06"), told("2025-04-10", None)), WIDE, AMERICAN)
    assert [mark.note for mark in picture.marks] == ["Apr 10, 2025: taken back, said The Ledger"]
    assert "taken back" in {label.text for label in picture.labels}


def test_report_far_off_does_not_flatten_the_picture() -> None:
    """A rejected date decades away stands at the edge as an arrow, and the axis keeps to what was believed."""
    far = Report(told=date(2025, 3, 1), value=Edtf("2061-01-01"), outlets=("Copycat",))
    past = Report(told=date(2025, 4, 1), value=Edtf("1999"), outlets=("Copycat",))
    picture = chart(
        story(told("2025-01-10", "2026-02-06"), told("2025-04-10", "2026-05-01"), rejected=(far, past)), WIDE, AMERICAN
    )
    arrows = {mark.kind: mark.y for mark in picture.marks if mark.kind != "now"}
    assert arrows == {"above": WIDE.top, "below": WIDE.height - WIDE.bottom}
    assert {tick.text[-4:] for tick, _ in picture.rows if tick.strong} <= {"2025", "2026", "2027"}


@pytest.mark.parametrize("shape", [WIDE, NARROW], ids=lambda shape: shape.name)
def test_thirty_moves_keep_the_present_date_named(shape: Shape) -> None:
    """However often a date moved, the one that is held now has its words, and no words lie on others."""
    first, held = date(2022, 1, 1), date(2024, 1, 5)
    days = [held + timedelta(days=35 * n) for n in range(30)]
    steps = [Step(told=first + timedelta(days=45 * n), value=Edtf.of(one)) for n, one in enumerate(days)]
    picture = chart(story(*steps), shape, AMERICAN)
    check_inside(picture)
    assert len([line for line in picture.lines if line.kind == "move"]) == 29
    assert AMERICAN.short(days[-1]) in {label.text for label in picture.labels}


@pytest.mark.parametrize(
    "steps",
    [
        (told("2025-11-24", "2026-02-06"),),
        (told("2025-06-10", "2026"), told("2025-08-10", "2026-22"), told("2025-10-10", "2026-07")),
        (told("2025-06-10", "2026-07-03"), told("2025-06-11", "2026-07-04"), told("2025-06-12", "2026-07-03")),
        (told("1980-06-10", "1984-07-03"), told("2025-06-12", "2061-07-03")),
        (told("2025-06-10", "9999-12-31"), told("2025-07-10", "9999")),
        (told("2025-06-10", "0001-01-01"), told("2025-07-10", "0001")),
        (told("2025-06-10", "unset"), told("2025-07-10", "2026")),
    ],
    ids=["one report", "parts of years only", "moves of a day", "decades", "the last year", "the first year", "first unset"],
)
@pytest.mark.parametrize("shape", [WIDE, NARROW], ids=lambda shape: shape.name)
def test_odd_stories_are_whole_pictures(steps: tuple[Step, ...], shape: Shape) -> None:
    """One report, only parts of years, moves of a day, decades between two dates, the ends of the calendar: all are drawn."""
    picture = chart(story(*steps), shape, AMERICAN)
    check_inside(picture)
    assert picture.bands or [line for line in picture.lines if line.kind == "level"]
    assert picture.rows
    assert picture.columns


def test_revisions_that_only_became_surer_are_one_step() -> None:
    """A date that is confirmed later is one step, and no step leads back in time."""
    key = ReleaseKey(title="glass-orchard", region="US", type=ReleaseType.THEATRICAL)

    def fact(revision: int, value: Value, since: str) -> Fact:
        return Fact(
            key=key,
            revision=revision,
            value=value,
            confidence=Confidence.REPORTED,
            evidence=(),
            outlets=("The Ledger",),
            since=day(since),
            recorded_at=day(since),
        )

    facts = (
        fact(1, Value(date=Edtf("2026-02-06")), "2025-03-01"),
        fact(2, Value(date=Edtf("2026-02-06")), "2025-04-01"),
        fact(3, Value(date=Edtf("2026-05-01")), "2025-02-01"),
        fact(4, NOTHING, "2025-06-01"),
    )
    steps = steps_of(facts, TODAY, AMERICAN)
    assert [(str(step.told), step.value and str(step.value)) for step in steps] == [
        ("2025-03-01", "2026-02-06"),
        ("2025-03-01", "2026-05-01"),
        ("2025-06-01", None),
    ]


def test_first_report_of_a_move_shows_where_it_came_from(tmp_path: Path) -> None:
    """Where the first news of a film is that it moved, the picture shows the date before as one that held earlier."""
    room = Newsroom(path=tmp_path)
    room.take(STORY[5])
    _, found = of(room, "2025-01-10")
    assert str(found.before) == "2025-07-11"
    assert found.is_worth_drawing
    assert "before" in chart(found, WIDE, AMERICAN).kinds
    assert in_sentences(found, AMERICAN)[0].startswith("On November 18, 2024 it moved from July 11, 2025 to March 6, 2026")


def test_one_date_that_stood_is_no_picture(tmp_path: Path) -> None:
    """A single report that nobody contradicted is told in a sentence: there is nothing to see."""
    room = Newsroom(path=tmp_path)
    room.take(STORY[2])
    _, found = of(room, "2025-01-10")
    assert not found.is_worth_drawing


def test_title_off_the_calendar_still_has_its_story(tmp_path: Path) -> None:
    """A film whose date was taken away shows the release that it had."""
    room = Newsroom(path=tmp_path)
    off = Told(on="2025-02-01", outlet="The Ledger", head="Glass Orchard off the calendar",
               text="Marrow Pictures has taken Glass Orchard off the release calendar.")  # fmt: skip
    room.take(*STORY[:7], off)
    sheet, found = of(room, "2025-03-01")
    assert sheet.stand.main is None
    assert [str(step.value) for step in found.steps][-2:] == ["2026-03-06", "unset"]


def test_days_of_the_picture_are_the_readers() -> None:
    """Words in the picture are in the reader's own English."""
    british = Dates(zone=ZoneInfo("Europe/London"), language="en-GB")
    picture = chart(story(told("2025-01-10", "2026-02-06"), told("2025-06-10", "2026-08-07")), WIDE, british)
    assert "7 Aug 2026" in {label.text for label in picture.labels}
