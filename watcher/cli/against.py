"""Alerts held against what truly happened: which were right and how soon, which were false, and which events were missed.

Pure: changes and events in, verdicts out. The rules:

- A date is right once, for an event of its class (cinemas, premiere, at home), its region and its very date; an event as wide
  as a month or a year is met by any date within it. Too late, when a later event has taken the place, it is false.
- A date that is only wider than an event and told before it (2024, then June 7, 2024) is neither; and so is the same day told
  of another country of the same event.
- A person is right once for each event of theirs with that status. Of somebody whom the truth does not name at all it says
  nothing, so such an alert stands apart: neither right nor false.
- Only an event that some item speaks of can be missed; what stands in no item is counted by itself.
- What only confirms, says that a day has come, or takes back what was told is not compared.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from statistics import median

from watcher.cli.truth import CastEvent, DateEvent, Story
from watcher.decide.keys import WORLD, same_person
from watcher.edtf import Edtf
from watcher.model import Change, ChangeKind, CreditKey, ReleaseKey, ReleaseType, Status, Title

Event = DateEvent | CastEvent

_HOME = (ReleaseType.DIGITAL, ReleaseType.STREAMING, ReleaseType.PHYSICAL, ReleaseType.TV)
#: Kinds of release that a truth does not tell apart.
_CLASSES = {
    ReleaseType.THEATRICAL: "cinemas",
    ReleaseType.LIMITED: "cinemas",
    ReleaseType.PREMIERE: "premiere",
    **dict.fromkeys(_HOME, "home"),
}
_UNCOMPARED = (ChangeKind.CONFIRMED, ChangeKind.RELEASED)
#: What must be told of a person; the rest may be.
_NEWS = (Status.JOINS, Status.IN_TALKS, Status.EXITS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """A change that was told and is not right, or of which the truth says nothing, and why."""

    change: Change
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed:
    """An event that nobody was told of, and the items that speak of it."""

    event: Event
    items: tuple[str, ...]


@dataclass(slots=True, kw_only=True)
class Figures:
    """The account of one kind of fact. `delays` are days from the report to the alert, below 0 where the alert was first.

    `apart` are neither right nor false, `missed` could have been told, and `unsaid` are events that no item speaks of.
    """

    delays: list[int] = field(default_factory=list)
    false: list[Doubt] = field(default_factory=list)
    apart: list[Doubt] = field(default_factory=list)
    missed: list[Missed] = field(default_factory=list)
    unsaid: list[Event] = field(default_factory=list)

    @property
    def right(self) -> int:
        """How many events were told."""
        return len(self.delays)

    @property
    def precision(self) -> float | None:
        """The share of alerts that were right; None without any."""
        told = self.right + len(self.false)
        return self.right / told if told else None

    @property
    def recall(self) -> float | None:
        """The share of the events spoken of that were told; None without any."""
        due = self.right + len(self.missed)
        return self.right / due if due else None

    @property
    def delay(self) -> tuple[float, int] | None:
        """Median and worst delay in days; None where nothing was right."""
        return (median(self.delays), max(self.delays)) if self.delays else None

    def __add__(self, other: Figures) -> Figures:
        return Figures(
            delays=self.delays + other.delays,
            false=self.false + other.false,
            apart=self.apart + other.apart,
            missed=self.missed + other.missed,
            unsaid=self.unsaid + other.unsaid,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """A title's alerts held against its story."""

    title: Title
    dates: Figures
    people: Figures


def compare(title: Title, story: Story, told: Sequence[Change], spoken_of: Callable[[Event], tuple[str, ...]]) -> Result:
    """Hold what was told of a title, in order, against its story; `spoken_of` gives the items that speak of an event."""
    dates, people = _Dates(title, story.dates), _People(story.people)
    for change in (change for change in told if change.kind not in _UNCOMPARED):
        if isinstance(change.key, ReleaseKey) and change.new.date is not None:
            dates.judge(change, change.key, change.new.date)
        elif isinstance(change.key, CreditKey) and change.new.status is not None:
            people.judge(change, change.key, change.new.status)
    for figures, events, met in ((dates.figures, story.dates, dates.met), (people.figures, people.due, people.met)):
        for event in (event for event in events if event not in met):
            items = spoken_of(event)
            if items:
                figures.missed.append(Missed(event=event, items=items))
            else:
                figures.unsaid.append(event)
    return Result(title=title, dates=dates.figures, people=people.figures)


def delay(event: Event, day: date) -> int:
    """Days from a report to an alert; 0 anywhere in a month or year that is all we know of the report."""
    if day > event.reported.latest:
        return (day - event.reported.latest).days
    return min((day - event.reported.earliest).days, 0)


class _Dates:
    """Judges the dates told of one title, in order."""

    def __init__(self, title: Title, events: Sequence[DateEvent]) -> None:
        self._title, self._events = title, events
        self._wide: set[tuple[str, str]] = set()
        self._told_in: dict[DateEvent, set[str]] = {}
        self.met: set[Event] = set()
        self.figures = Figures()

    def judge(self, change: Change, key: ReleaseKey, new: Edtf) -> None:
        """One change more, to a new date."""
        kind = _CLASSES[key.type]
        of_kind = [event for event in self._events if _CLASSES[event.type] == kind]
        same = [e for e in of_kind if (new == e.new or (not e.new.is_day and e.new.holds(new))) and _is_there(e, key.region)]
        day = change.recorded_at.date()
        fresh = next((e for e in same if e not in self.met and not self._is_over(e, day)), None)
        if fresh is not None:
            self.met.add(fresh)
            self._told_in[fresh] = {key.region}
            self.figures.delays.append(delay(fresh, day))
        elif (abroad := next((e for e in same if e.also and key.region not in self._told_in.get(e, ())), None)) is not None:
            self._told_in.setdefault(abroad, set()).add(key.region)
        elif same:
            told = all(event in self.met for event in same)
            self._false(change, "told again" if told else "told when another date had taken its place")
        elif not self._is_first_word(change, kind, [e for e in of_kind if e.new != new and new.holds(e.new)]):
            self._false(change, "never was its date")

    def _is_first_word(self, change: Change, kind: str, finer: Sequence[DateEvent]) -> bool:
        """Whether a date is true and only less precise than what is still to come, and told so for the first time."""
        if not finer or any(event in self.met for event in finer) or (kind, str(change.new)) in self._wide:
            return False
        self._wide.add((kind, str(change.new)))
        return True

    def _is_over(self, event: DateEvent, day: date) -> bool:
        """Whether a later date had been reported for the same release before a day."""
        home = self._title.origin
        return any(
            _CLASSES[later.type] == _CLASSES[event.type]
            and (later.region or home) == (event.region or home)
            and later.new != event.new
            and event.reported.earliest < later.reported.earliest
            and later.reported.latest < day
            for later in self._events
        )

    def _false(self, change: Change, why: str) -> None:
        self.figures.false.append(Doubt(change=change, why=why))


def _is_there(event: DateEvent, region: str) -> bool:
    """Whether an event is of a region; one without a region is of any."""
    return event.region is None or region in (WORLD, event.region, *event.also)


class _People:
    """Judges what was told of people, in order."""

    def __init__(self, events: Sequence[CastEvent]) -> None:
        self._events = events
        self.due = [event for event in events if event.status in _NEWS]
        self.met: set[Event] = set()
        self.figures = Figures()

    def judge(self, change: Change, key: CreditKey, status: Status) -> None:
        """One change more, to a new status."""
        status = Status.JOINS if status is Status.LISTED else status
        theirs = [event for event in self._events if same_person(event.slug, key.person)]
        same = [event for event in theirs if event.status is status]
        fresh = next((event for event in same if event not in self.met), None)
        if fresh is not None:
            self.met.add(fresh)
            self.figures.delays.append(delay(fresh, change.recorded_at.date()))
        elif same:
            self.figures.false.append(Doubt(change=change, why="told again"))
        elif theirs:
            self.figures.false.append(Doubt(change=change, why="never happened to them"))
        else:
            self.figures.apart.append(Doubt(change=change, why="the truth does not name them"))
