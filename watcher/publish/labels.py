"""Words in a picture that do not lie upon each other: each takes the first of its places that is free."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

#: A line of words at 13 units: how high it is, how far it goes below its base line, and how wide a character is at most on
#: average, in a wide font of the system's (DejaVu Sans takes 0.6 of its size for what stands here).
_HEIGHT, _BELOW, _CHARACTER = 14.0, 3.0, 8.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A rectangle, from its upper left corner."""

    x: float
    y: float
    width: float
    height: float

    @classmethod
    def around(cls, x1: float, y1: float, x2: float, y2: float, *, by: float) -> Box:
        """The rectangle of two corners, wider by so much on each side."""
        left, top = min(x1, x2) - by, min(y1, y2) - by
        return cls(x=left, y=top, width=abs(x2 - x1) + 2 * by, height=abs(y2 - y1) + 2 * by)

    def meets(self, other: Box) -> bool:
        """Whether two rectangles share anything."""
        beside = self.x + self.width <= other.x or other.x + other.width <= self.x
        return not (beside or self.y + self.height <= other.y or other.y + other.height <= self.y)

    def holds(self, other: Box) -> bool:
        """Whether another lies wholly within."""
        wide = self.x <= other.x and other.x + other.width <= self.x + self.width
        return wide and self.y <= other.y and other.y + other.height <= self.y + self.height


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """Words with the point they hang on, as SVG has it: `y` is the base line, `anchor` start, middle or end."""

    kind: str
    text: str
    x: float
    y: float
    anchor: str


@dataclass(slots=True)
class Spots:
    """The room that is left within an area."""

    area: Box
    taken: list[Box] = field(default_factory=list)

    def take(self, box: Box) -> None:
        """Keep a place free of words."""
        self.taken.append(box)

    def place(self, text: str, places: Sequence[tuple[float, float, str]]) -> tuple[float, float, str] | None:
        """The first place (x, base line, anchor) at which the words lie free within the area, from now on taken; None without."""
        for place in places:
            box = box_of(text, *place)
            if self.area.holds(box) and not any(box.meets(other) for other in self.taken):
                self.taken.append(box)
                return place
        return None


def width_of(text: str) -> float:
    """How wide words are at most."""
    return len(text) * _CHARACTER


def box_of(text: str, x: float, y: float, anchor: str) -> Box:
    """The room that words take."""
    width = width_of(text)
    left = {"start": x, "middle": x - width / 2, "end": x - width}[anchor]
    return Box(x=left, y=y - _HEIGHT + _BELOW, width=width, height=_HEIGHT)
