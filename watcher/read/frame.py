"""A sentence while its credits are read: its people, its clauses with what brackets hide, and what is left for the next."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from watcher.model import Status
from watcher.read.films import Mark
from watcher.read.people import Person
from watcher.read.scene import Clauses, Notes, Scene, Shot
from watcher.read.text import Line, Span

#: What tells of a change, or of one that may come.
NEWS = (Status.JOINS, Status.IN_TALKS, Status.RUMOURED, Status.EXITS)

_BRACKETS = re.compile(r"[(\[][^()\[\]]{0,160}[)\]]")


@dataclass(slots=True, kw_only=True)
class Cast:
    """What one sentence leaves for the next: who "he" is, and what the item tells.

    `ours` it begins with our film, `news` it tells a new cast, `again` an old one, `entries` it lists films under their names,
    ours among them. `away` the last sentence tells who comes or goes in another film. `star` is who was last told to come, to
    talk or to be wanted. `newcomers` are whom the headline tells of, `actors` those whom the item shows to act, `strangers` the
    dead of whom nothing yet shows that they are in the film; all three in lower case.
    """

    subject: tuple[str, ...] = ()
    star: tuple[str, ...] = ()
    newcomers: set[str] = field(default_factory=set)
    entries: bool = False
    away: bool = False
    ours: bool = False
    news: bool = False
    again: bool = False
    actors: set[str] = field(default_factory=set)
    strangers: set[str] = field(default_factory=set)


@dataclass(slots=True, kw_only=True)
class Frame:
    """A sentence while its cues are read, left to right.

    `people` can be a verb's subject or object, `asides` are its brackets, `shown` is where actors stand in them behind their
    parts ("Joan (Ann Lee)"): those every verb sees. `taken` are people that a verb has already, `told` those of whom a claim
    was made. `blocked` is where the last cue ends that keeps verbs from reaching back; `aside` lies between
    the last verb and its subject, `film` is the clause and film of the last verb. `leaving` are the cues behind which stands who
    leaves; `succeeds` is set where the subject of a replacement was told to come.
    """

    scene: Scene
    shot: Shot
    people: Sequence[Person]
    asides: Sequence[Span]
    shown: frozenset[int]
    cast: Cast
    notes: Notes
    taken: list[Span] = field(default_factory=list)
    told: set[str] = field(default_factory=set)
    blocked: int = -1
    aside: Span | None = None
    film: tuple[Span, str | None] | None = None
    leaving: Sequence[Span] = ()
    succeeds: bool = False
    clauses: Clauses = field(init=False)

    def __post_init__(self) -> None:
        """Let no brackets interrupt a clause."""
        self.clauses = self.shot.clauses.without(self.asides) if self.asides else self.shot.clauses

    @property
    def text(self) -> str:
        """The flat text of the whole item."""
        return self.scene.text

    def clause(self, at: int) -> Span:
        """The clause that holds a place: brackets interrupt none, and are one of their own for what stands in them."""
        aside = self._aside(at) if self.asides else None
        if aside:
            return Span(start=aside.start + 1, end=aside.end - 1)
        return self.clauses.at(at)

    def people_at(self, at: int) -> list[Person]:
        """The people that a verb in a place can see: those of its own brackets, or of none."""
        if not self.asides:
            return list(self.people)
        aside = self._aside(at)
        return [p for p in self.people if p.start in self.shown or self._aside(p.start) == aside]

    def marks_at(self, at: int) -> list[Mark]:
        """The films that a verb in a place can see: in brackets all, outside only those of no brackets and no other aside."""
        if self._aside(at):
            return list(self.shot.marks)
        far = self.aside or Span(start=at, end=at)
        return [m for m in self.shot.marks if not self._aside(m.start) and not far.meets(m)]

    def _aside(self, at: int) -> Span | None:
        """The brackets that hold a place."""
        return next((a for a in self.asides if a.start < at < a.end), None)


def asides(text: str, line: Line) -> list[Span]:
    """The stretches of a sentence in brackets, with them."""
    return [Span(start=m.start(), end=m.end()) for m in _BRACKETS.finditer(text, line.start, line.end)]
