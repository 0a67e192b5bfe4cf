"""Regions and release types in words: "US cinemas", "UK premiere", "digital, Germany"."""

from __future__ import annotations

from functools import cache
from pkgutil import get_data

from watcher.model import ReleaseKey, ReleaseType

WORLD = "001"

#: Where everyday English differs from the table of countries, which writes "Britain (UK)" and "Korea (South)".
_EVERYDAY = {
    "GB": "UK",
    "US": "US",
    "AE": "UAE",
    "KR": "South Korea",
    "KP": "North Korea",
    "NZ": "New Zealand",
    "ZZ": "a country not named",
    "419": "Latin America",
}

#: Areas of many countries, by their numbers in UN M49.
_AREAS = {"150": "Europe", "142": "Asia", "002": "Africa", "419": "Latin America", "145": "Middle East"}

#: These stand before the noun as they are: "US cinemas", but "cinemas in Germany".
_ADJECTIVES = ("US", "UK")

#: For each type: with a country that is an adjective, with any other country, and for the whole world.
_KINDS = {
    ReleaseType.PREMIERE: ("{} premiere", "premiere in {}", "world premiere"),
    ReleaseType.LIMITED: ("select {} cinemas", "select cinemas in {}", "select cinemas worldwide"),
    ReleaseType.THEATRICAL: ("{} cinemas", "cinemas in {}", "cinemas worldwide"),
    ReleaseType.DIGITAL: ("digital, {}", "digital, {}", "digital, worldwide"),
    ReleaseType.STREAMING: ("streaming, {}", "streaming, {}", "streaming, worldwide"),
    ReleaseType.PHYSICAL: ("disc, {}", "disc, {}", "disc, worldwide"),
    ReleaseType.TV: ("television, {}", "television, {}", "television, worldwide"),
}

#: The same without a country, for a column.
_BARE = {
    ReleaseType.PREMIERE: "premiere",
    ReleaseType.LIMITED: "select cinemas",
    ReleaseType.THEATRICAL: "cinemas",
    ReleaseType.DIGITAL: "digital",
    ReleaseType.STREAMING: "streaming",
    ReleaseType.PHYSICAL: "disc",
    ReleaseType.TV: "television",
}


@cache
def _countries() -> dict[str, str]:
    """English names by ISO 3166-1 alpha-2 code, from the table that the time zone database carries."""
    # Not by `importlib.resources`, which costs every command 8 ms.
    table = get_data("tzdata", "zoneinfo/iso3166.tab") or b""
    rows = (line.split("\t") for line in table.decode("utf-8").splitlines() if line and not line.startswith("#"))
    return dict(rows) | _EVERYDAY | _AREAS


def region_in_words(region: str) -> str:
    """A country's everyday name ("UK", "Germany"), "the world" for 001, or the code where no country has it."""
    return "the world" if region == WORLD else _countries().get(region, region)


def in_region(region: str) -> str:
    """Where, as an adverb: "in the US", "in Germany", "worldwide"."""
    if region == WORLD:
        return "worldwide"
    name = region_in_words(region)
    return f"in the {name}" if name in _NEEDS_ARTICLE else f"in {name}"


_NEEDS_ARTICLE = ("US", "UK", "UAE", "Middle East", "Netherlands", "Philippines", "Czech Republic", "Bahamas")


def kind_in_words(kind: ReleaseType) -> str:
    """What kind of release it is, wherever: "cinemas", "digital", "premiere"."""
    return _BARE[kind]


def place_in_words(key: ReleaseKey) -> str:
    """What kind of release and where: "US cinemas", "cinemas in Germany", "UK premiere", "digital, US"."""
    adjective, country, world = _KINDS[key.type]
    if key.region == WORLD:
        return world
    name = region_in_words(key.region)
    pattern = adjective if name in _ADJECTIVES else country
    return pattern.format(f"the {name}" if pattern.endswith("in {}") and name in _NEEDS_ARTICLE else name)
