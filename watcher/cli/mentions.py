"""Which items of a file speak of an event at all: by the bare date or surname in their text, whatever the reader made of it.

Recall is only fair where the news is in the file, and only honest where our own reading does not decide that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from watcher.cli.given import Given
from watcher.cli.truth import CastEvent, DateEvent
from watcher.decide.keys import person_slug
from watcher.edtf import Edtf
from watcher.read.dates import Anchor, DateFinder
from watcher.read.grammar import lexicon
from watcher.read.languages import language_of
from watcher.read.meaning import resolve
from watcher.read.text import flat


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """An item with every date in it, and its words as slugs have them."""

    item: str
    dates: frozenset[Edtf]
    words: frozenset[str]


def mention(item: str, given: Given) -> Mention:
    """What an item speaks of; `item` is its id."""
    text = flat(given.item.text)
    day = given.item.published.date() if given.item.published else None
    anchor = Anchor(day=day, precision=given.item.precision)
    found = _finder(language_of(text, given.item.language)).find(text, 0, len(text))
    dates = (resolve(when, anchor) for when in found)
    return Mention(item=item, dates=frozenset(filter(None, dates)), words=frozenset(person_slug(text).split("-")))


def spoken_of(event: DateEvent | CastEvent, mentions: Sequence[Mention]) -> tuple[str, ...]:
    """The items that hold an event's date, or one within it where it is no day; or the surname of its person."""
    if isinstance(event, CastEvent):
        surname = event.slug.rpartition("-")[2]
        return tuple(one.item for one in mentions if surname in one.words)
    return tuple(one.item for one in mentions if any(_names(day, event.new) for day in one.dates))


def _names(said: Edtf, new: Edtf) -> bool:
    return said == new or (not new.is_day and new.holds(said))


@cache
def _finder(language: str) -> DateFinder:
    return DateFinder(lexicon(language)["dates"])
