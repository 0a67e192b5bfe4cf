"""What `status` shows, for ears and for `grep`: one fact a line, each in words that need no other line.

No columns, no abbreviations, no arrows; a line begins with what it is of, and with the title's name where there are several.
The order is that of the screen and stays.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from watcher.board.standing import (
    Standing,
    crew,
    elsewhere,
    first_words,
    how_sure,
    over_words,
    releases,
    said_by,
    second_sentences,
    standings,
)
from watcher.board.words import capital, spoken_step, subject
from watcher.clean import plain
from watcher.cli.inquiry import Inquiry
from watcher.cli.screen import last_changes, muted_lines
from watcher.model import Change, Confidence, Fact, ReleaseKey
from watcher.tell.places import place_in_words

_ENDLESS = 10_000


def spoken(stands: Sequence[Standing], inquiry: Inquiry, regions: tuple[str, ...] | None) -> list[str]:
    """All lines of these titles."""
    return [line for stand in stands for line in _title(stand, inquiry, regions, several=len(stands) > 1)]


def _title(stand: Standing, inquiry: Inquiry, regions: tuple[str, ...] | None, *, several: bool) -> Iterator[str]:
    def line(what: str, words: str) -> str:
        return f"{stand.name}, {what}: {words}." if several else f"{capital(what)}: {words}."

    yield f"{stand.name}: {', '.join(filter(None, first_words(stand)))}."
    yield from (f"{stand.name}: {sentence}" for sentence in second_sentences(stand))
    if over := over_words(stand, inquiry.today):
        yield f"{stand.name}: {over}"
    yield from (text.strip() for text in muted_lines(stand, inquiry, _ENDLESS))
    for fact in releases(stand, regions):
        yield line("date", _release(fact, stand))
    if regions == () and (others := elsewhere(stand)):
        yield line("elsewhere", others)
    for change in last_changes(stand):
        yield line("change", _change(change, inquiry))
    for label, names in standings(stand):
        yield from (line("cast", ", ".join(filter(None, (name, label.lower())))) for name in names)
    for said, names in crew(stand):
        yield from (line(said.lower(), name) for name in names)


def _release(fact: Fact, stand: Standing) -> str:
    assert isinstance(fact.key, ReleaseKey)
    assert fact.value.date is not None
    day = stand.dates.in_words(fact.value.date, weekday=True)
    said = " ".join(said_by(fact, stand, short=False))
    return ", ".join(filter(None, (place_in_words(fact.key), day, how_sure(fact, stand), said)))


def _change(change: Change, inquiry: Inquiry) -> str:
    doubt = "" if change.confidence is Confidence.CONFIRMED else str(change.confidence)
    who = plain(change.outlet) if change.outlet else ""
    day = inquiry.dates.said(change.at)
    return ", ".join(filter(None, (day, subject(change.key, change.new), spoken_step(change, inquiry.dates), who, doubt)))
