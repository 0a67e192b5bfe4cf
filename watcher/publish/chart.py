"""The slip chart: across, the day a date was told; up, the release day believed then; laid out here, drawn by a template.

Slip charts come from project management (D. Lock, "Project Management", "slip chart" or "milestone trend analysis"): a level line
is a promise that holds, a step up is a delay, and where the line meets the diagonal, the day has come.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from watcher.board.words import date_in_short, who_in_words
from watcher.edtf import Edtf
from watcher.publish.axis import Axis, Tick, spread, ticks
from watcher.publish.labels import Box, Label, Spots, width_of
from watcher.publish.story import Report, Step, Story, in_sentences
from watcher.tell.dates_in_words import Dates

#: A step leaves so much room between itself and its label.
_GAP = 9.0
#: A picture of less than these many days would make a week look like a year.
_LEAST = 75
#: Reports further off than so many times the height of what was believed would flatten it: they stand at the edge.
_FAR = 1.0
#: A step's words for each so many units of width: more of them would be read by nobody.
_BEARS = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """The size of a picture and of its margins, in units of its viewBox: pixels, where it is shown at its own size."""

    name: str
    width: float
    height: float
    left: float
    right: float
    top: float = 22
    bottom: float = 26


WIDE = Shape(name="wide", width=760, height=340, left=68, right=14)
#: For a phone: as high as it is wide, so that its words need not shrink.
NARROW = Shape(name="narrow", width=340, height=300, left=60, right=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A straight line; `kind` is the class by which the style knows it."""

    kind: str
    x1: float
    y1: float
    x2: float
    y2: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """A date that could be any day between two, for as long as it was believed; `note` says which."""

    x: float
    y: float
    width: float
    height: float
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A point: a report that was not believed (`rejected`, `above` and `below` the picture), the end of a date (`ended`)."""

    kind: str
    x: float
    y: float
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A picture: all coordinates lie inside its shape. `story` says the same in sentences.

    `rows` are the marks of the upright axis with their heights, `columns` those of the level one with where the mark and where
    its words stand. `area` is what lies between the axes.
    """

    shape: Shape
    story: tuple[str, ...]
    rows: tuple[tuple[Tick, float], ...]
    columns: tuple[tuple[Tick, float, float], ...]
    bands: tuple[Band, ...]
    lines: tuple[Line, ...]
    marks: tuple[Mark, ...]
    labels: tuple[Label, ...]
    area: Box

    @property
    def kinds(self) -> frozenset[str]:
        """What is to be seen in it, for its legend."""
        marks = {"rejected" if mark.kind in ("above", "below") else mark.kind for mark in self.marks}
        return frozenset({line.kind for line in self.lines} | marks | ({"band"} if self.bands else set()))


def chart(story: Story, shape: Shape, dates: Dates) -> Chart:
    """The picture of a story that has a dated step."""
    frame = _Frame.of(story, shape)
    held = list(_held(story, frame))
    bands = [band for band in (_band(one, frame, dates) for one in held) if band]
    lines = [*_reading_aids(story, frame), *_believed(held, story, frame)]
    marks = [*_ends(held, frame, dates), *(_rejected(report, frame, dates) for report in story.rejected)]
    whiskers = [line for report in story.rejected for line in _whisker(report, frame)]
    spots = _spots(frame.area, lines, marks)
    return Chart(
        shape=shape,
        story=tuple(in_sentences(story, dates)),
        rows=tuple((tick, frame.up.at(tick.day)) for tick in ticks(frame.up, dates, room=44)),
        columns=tuple(_columns(frame, shape, dates)),
        bands=tuple(bands),
        lines=(*lines, *whiskers),
        marks=tuple(marks),
        labels=(*_today(story, frame), *_labels(held, marks, spots, frame, dates), *_before(story, spots, frame, dates)),
        area=frame.area,
    )


def _columns(frame: _Frame, shape: Shape, dates: Dates) -> Iterator[tuple[Tick, float, float]]:
    """The marks below the picture, each with where its words stand: no word leaves the picture."""
    for tick in ticks(frame.across, dates, room=64):
        x, half = frame.across.at(tick.day), width_of(tick.text) / 2
        yield tick, x, round(min(max(x, half), shape.width - half), 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Held:
    """A step with the part of the axis on which it held."""

    step: Step
    x1: float
    x2: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Frame:
    """Both axes and the area between them."""

    across: Axis
    up: Axis
    area: Box

    @classmethod
    def of(cls, story: Story, shape: Shape) -> _Frame:
        """The axes that hold all that was believed, and of what was not all that lies near."""
        told = [story.until, *(step.told for step in story.steps), *(report.told for report in story.rejected)]
        low, high = spread([day.toordinal() for day in told], least=_LEAST, pad=0.03 if story.before is None else 0.1)
        believed = [step.dated for step in story.steps if step.dated] + ([story.before] if story.before else [])
        days = [day.toordinal() for when in believed for day in (when.earliest, when.latest)]
        far = _FAR * max(max(days) - min(days), 365)
        near = [
            day.toordinal()
            for report in story.rejected
            for day in (report.value.earliest, report.value.latest)
            if min(days) - far <= day.toordinal() <= max(days) + far
        ]
        bottom, top = spread([*days, *near], least=_LEAST, pad=0.12)
        area = Box(
            x=shape.left,
            y=shape.top,
            width=shape.width - shape.left - shape.right,
            height=shape.height - shape.top - shape.bottom,
        )
        across = Axis(low=low, high=high, start=area.x, end=area.x + area.width)
        return cls(across=across, up=Axis(low=bottom, high=top, start=area.y + area.height, end=area.y), area=area)

    def height_of(self, when: Edtf) -> tuple[float, float]:
        """Where a date begins and ends, from above: the later day is the higher."""
        return self.up.at(when.latest.toordinal()), self.up.at(when.earliest.toordinal())

    def middle(self, when: Edtf) -> float:
        """The middle of a date."""
        return self.up.at((when.earliest.toordinal() + when.latest.toordinal()) / 2)


def _held(story: Story, frame: _Frame) -> Iterator[_Held]:
    """The steps, each from its day to the day of the next."""
    ends = [*(step.told for step in story.steps[1:]), story.until]
    for step, end in zip(story.steps, ends, strict=True):
        yield _Held(step=step, x1=frame.across.at(step.told.toordinal()), x2=frame.across.at(end.toordinal()))


def _reading_aids(story: Story, frame: _Frame) -> Iterator[Line]:
    """Today, and the diagonal on which the day of the telling is the day itself."""
    across, up, area = frame.across, frame.up, frame.area
    low, high = max(across.low, up.low), min(across.high, up.high)
    if low < high:
        yield Line(kind="come", x1=across.at(low), y1=up.at(low), x2=across.at(high), y2=up.at(high))
    if story.today is not None:
        x = across.at(story.today.toordinal())
        yield Line(kind="today", x1=x, y1=area.y, x2=x, y2=area.y + area.height)


def _band(held: _Held, frame: _Frame, dates: Dates) -> Band | None:
    """The bar of a date that is no day; it is seen even where the next news came at once."""
    when = held.step.dated
    if when is None or when.is_day:
        return None
    top, bottom = frame.height_of(when)
    right = min(max(held.x2, held.x1 + 2), frame.area.x + frame.area.width)
    left = min(held.x1, right - 2)
    return Band(x=left, y=top, width=round(right - left, 1), height=round(bottom - top, 1), note=_note(held.step, dates))


def _believed(held: Sequence[_Held], story: Story, frame: _Frame) -> Iterator[Line]:
    """The line of what was believed: level while it held, upright where it moved."""
    former = story.before
    if former is not None and held:
        y = frame.middle(former)
        yield Line(kind="before", x1=frame.area.x, y1=y, x2=held[0].x1, y2=y)
    for one in held:
        when = one.step.dated
        if when is not None:
            if former is not None and not former.holds(when):
                start, end = _nearest(former, when, frame), _nearest(when, former, frame)
                if abs(end - start) >= 1:  # bars that touch need no line between them
                    yield Line(kind="move", x1=one.x1, y1=start, x2=one.x1, y2=end)
            if when.is_day:
                y = frame.middle(when)
                yield Line(kind="level", x1=one.x1, y1=y, x2=one.x2, y2=y)
        former = when


def _nearest(one: Edtf, other: Edtf, frame: _Frame) -> float:
    """The end of a date that is nearest to another."""
    top, bottom = frame.height_of(one)
    return top if frame.middle(other) < frame.middle(one) else bottom


def _ends(held: Sequence[_Held], frame: _Frame, dates: Dates) -> Iterator[Mark]:
    """Where a date went off the calendar or was taken back, and where the line stands now."""
    former: Edtf | None = None
    for one in held:
        if one.step.dated is None and former is not None:
            yield Mark(kind="ended", x=one.x1, y=frame.middle(former), note=_note(one.step, dates))
        former = one.step.dated
    if former is not None and former.is_day:
        yield Mark(kind="now", x=held[-1].x2, y=frame.middle(former), note=_note(held[-1].step, dates))


def _rejected(report: Report, frame: _Frame, dates: Dates) -> Mark:
    """A report that was not believed; one that is out of the picture points to where it would be."""
    middle = (report.value.earliest.toordinal() + report.value.latest.toordinal()) / 2
    kind = "rejected" if frame.up.holds(middle) else "above" if middle > frame.up.high else "below"
    who = who_in_words(report.outlets) if report.outlets else "somebody"
    note = f"{dates.short(report.told)}: {who} told {dates.in_words(report.value)}; not believed"
    return Mark(kind=kind, x=frame.across.at(report.told.toordinal()), y=frame.up.at(middle), note=note)


def _whisker(report: Report, frame: _Frame) -> Iterator[Line]:
    """How far a rejected date reaches that is no day."""
    if not report.value.is_day:
        x, (top, bottom) = frame.across.at(report.told.toordinal()), frame.height_of(report.value)
        yield Line(kind="whisker", x1=x, y1=top, x2=x, y2=bottom)


def _note(step: Step, dates: Dates) -> str:
    """What a pointer sees over a step: "Nov 18, 2024: March 6, 2026, said The Ledger"."""
    what = "taken back" if step.value is None else dates.in_words(step.value)
    return f"{dates.short(step.told)}: {what}" + (f", said {who_in_words(step.outlets)}" if step.outlets else "")


def _spots(area: Box, lines: Sequence[Line], marks: Sequence[Mark]) -> Spots:
    """The room for words: all that no line and no mark needs."""
    spots = Spots(area)
    for line in lines:
        if line.kind in ("level", "move", "before"):
            spots.take(Box.around(line.x1, line.y1, line.x2, line.y2, by=2))
    for mark in marks:
        spots.take(Box.around(mark.x, mark.y, mark.x, mark.y, by=6))
    return spots


def _today(story: Story, frame: _Frame) -> Iterator[Label]:
    """The word over the line of today."""
    if story.today is not None:
        area, half = frame.area, width_of("today") / 2
        x = min(max(frame.across.at(story.today.toordinal()), area.x + half), area.x + area.width - half)
        yield Label(kind="now", text="today", x=round(x, 1), y=area.y - 8, anchor="middle")


def _before(story: Story, spots: Spots, frame: _Frame, dates: Dates) -> Iterator[Label]:
    """The words of the date that held before the first report."""
    if story.before is not None:
        text, y = date_in_short(story.before, dates), frame.middle(story.before)
        places = [(frame.area.x + 2, y + _GAP + 9, "start"), (frame.area.x + 2, y - _GAP, "start")]
        if found := spots.place(text, places):
            yield Label(kind="step", text=text, x=found[0], y=round(found[1], 1), anchor=found[2])


def _labels(held: Sequence[_Held], marks: Sequence[Mark], spots: Spots, frame: _Frame, dates: Dates) -> Iterator[Label]:
    """The words of the steps, as many as the picture bears and each where there is room: of the present one, then by weight."""
    ended = {mark.x: mark for mark in marks if mark.kind == "ended"}
    for one in _by_weight(held)[: int(frame.area.width // _BEARS)]:
        when, top, bottom = one.step.dated, 0.0, 0.0
        if when is not None:
            text = date_in_short(when, dates)
            top, bottom = frame.height_of(when)
            places = _around(one, top, bottom, wide=width_of(text), is_day=when.is_day)
        elif mark := ended.get(one.x1):
            text = "taken back" if one.step.value is None else "off the calendar"
            places = [(mark.x + 9, mark.y + 4, "start"), (mark.x, mark.y - 10, "middle"), (mark.x, mark.y + 19, "end")]
        else:
            continue
        if found := spots.place(text, places):
            x, y, anchor = found
            kind = "within" if top < y < bottom else "step"
            yield Label(kind=kind, text=text, x=round(x, 1), y=round(y, 1), anchor=anchor)


def _by_weight(held: Sequence[_Held]) -> list[_Held]:
    """The steps by how much they say: the present one, the first, then those that held longest."""
    between = sorted(held[1:-1], key=lambda one: one.x1 - one.x2)
    return [*held[-1:], *(held[:1] if len(held) > 1 else ()), *between]


def _around(held: _Held, top: float, bottom: float, *, wide: float, is_day: bool) -> list[tuple[float, float, str]]:
    """Where the label of a step may stand, the best place first; a bar may have room within."""
    above, below = top - _GAP, bottom + _GAP + 9
    outside = [
        (held.x1 + 3, above, "start"),
        (held.x2, above, "end"),
        (held.x1 + 3, below, "start"),
        (held.x2, below, "end"),
        (held.x2 + _GAP, (top + bottom) / 2 + 4, "start"),
        (held.x1 - _GAP, (top + bottom) / 2 + 4, "end"),
    ]
    within = [(held.x1 + _GAP, (top + bottom) / 2 + 4, "start")]
    has_room = not is_day and bottom - top >= 18 and held.x2 - held.x1 >= wide
    return [*within, *outside] if has_room else outside
