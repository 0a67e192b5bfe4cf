"""The country in which a premiere is held, from the city, the hall or the festival that a text names."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources

from watcher.read.patterns import alternatives
from watcher.read.text import Span

#: A place before another word with a capital is a part of a name ("Paris Vane"), but for those of festivals.
_ALONE = re.compile(r"(?! (?!(?:International|Film|Festival|Fest|Cinema|Movie|Sci-Fi|Comic)\b)[A-Z][a-z])")


@cache
def _places() -> tuple[re.Pattern[str], Mapping[str, str]]:
    """One pattern for all places, and the country of each."""
    file = resources.files("watcher.read").joinpath("places.toml")
    data: Mapping[str, Sequence[str]] = tomllib.loads(file.read_text(encoding="utf-8"))
    countries = {place: country for country, places in data.items() for place in places}
    return re.compile(rf"(?<![\w-])(?:{alternatives(countries)})(?![\w-])"), countries


def is_place(name: str) -> bool:
    """Whether a name is that of a city or a festival, and so of no film."""
    return name in _places()[1]


def country_of(text: str, stretch: Span, near: Span, names: Sequence[Span], *, nouns: bool) -> str | None:
    """The country of the place that stands nearest to a date, rather before it than behind; None where none stands there.

    Args:
        text: the flat text.
        stretch: where to look.
        near: the date.
        names: films, in whose names a place is none.
        nouns: whether every noun of the language has a capital, which then shows no name.
    """
    pattern, countries = _places()
    matches = pattern.finditer(text, stretch.start, stretch.end)
    found = [Span(start=m.start(), end=m.end()) for m in matches if nouns or _ALONE.match(text, m.end())]
    found = [place for place in found if not any(name.holds(place) for name in names)]
    nearest = min(found, key=lambda place: (place.start > near.start, abs(place.start - near.start)), default=None)
    return countries[text[nearest.start : nearest.end]] if nearest else None
