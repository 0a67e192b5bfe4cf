"""A sentence with its dates and cues, and a date with what governs it: what the readers of releases hand to each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from watcher.model import Action
from watcher.read.counts import Count
from watcher.read.dates import When
from watcher.read.grammar import ReleaseCue
from watcher.read.phrases import Hit
from watcher.read.scene import Scene, Shot
from watcher.read.text import Span

#: The rule of a date that the text calls the one of now.
NOW = "release.now"
#: The rule of a date right behind our film's name.
BESIDE = "release.beside"
#: The rule of a day that is told by its holiday, as films are "out for Labor Day" that open on the Friday before.
HOLIDAY = "release.holiday"


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """A sentence with its cues and dates, left to right."""

    scene: Scene
    shot: Shot
    cues: Sequence[Hit[ReleaseCue]]
    dates: Sequence[When]
    counts: Sequence[Count] = ()

    @property
    def points(self) -> Sequence[Span]:
        """All that stands for a day: the dates, and what is counted from them."""
        return (*self.dates, *self.counts)

    @property
    def text(self) -> str:
        """The flat text of the whole item."""
        return self.scene.text

    def is_date(self, at: int) -> bool:
        """Whether a date begins at a place."""
        return any(when.start == at for when in self.dates)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """A date with what governs it. `role` is new or old, or else the reason why it is no release date.

    `noun` is the noun after it, `ours` is set where the form alone says whose it is ("NAME: June 6").
    """

    when: When
    role: str
    cue: Hit[ReleaseCue] | None = None
    noun: Span | None = None
    rule: str = ""
    action: Action = Action.STATES
    ours: bool = False

    @property
    def leads(self) -> bool:
        """Whether the cue stands before the date."""
        return self.cue is not None and self.cue.start < self.when.start


def rule_of(cue: Hit[ReleaseCue]) -> str:
    """The name of the rule by which a cue is read."""
    return f"release.{cue.what.name}"
