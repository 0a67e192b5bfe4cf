"""Who said what and when, as the page tells it: the changes of a title, and what was told and not believed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from watcher.board.board import Sheet
from watcher.board.grounds import Manner, Rival
from watcher.board.standing import Standing, last_step, own_word
from watcher.board.words import capital, step_in_words, subject, value_in_words, who_in_words
from watcher.clean import clean_link, plain
from watcher.edtf import Edtf
from watcher.model import Change, Fact, ReleaseKey
from watcher.tell.dates_in_words import Dates, move_in_words
from watcher.tell.message import quoted
from watcher.tell.places import place_in_words

_MANNERS = {
    Manner.OTHER: "told, not believed",
    Manner.AGAIN: "told again after it was given up",
    Manner.DENIES: "denied",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """A day or a wider date: in words, and for programs (HTML's valid date, month or year string; empty where it is none)."""

    words: str
    machine: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """Who said something and when, with the address of the article where a person may be sent to it (http or https)."""

    who: str
    on: Day
    link: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A change in the history: what of, from `old` (may be empty) to `new`, by how much, how sure, who said it and how."""

    what: str
    old: str
    new: str
    size: str
    sure: str
    said: Said
    quote: str
    is_abroad: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """Something that was told and is not believed: of what, what, in which manner, by whom."""

    what: str
    value: str
    manner: str
    said: Said
    quote: str


def said_of(fact: Fact, stand: Standing) -> Said | None:
    """Who brought what a fact holds."""
    if not fact.outlets:
        return None
    step = last_step(fact, stand)
    since, link = (step.at, step.link) if step else (fact.since, None)
    return Said(who=plain(fact.outlets[0]), on=_moment(since, stand.dates), link=clean_link(link) if link else None)


def entry(change: Change, stand: Standing) -> Entry:
    """A change as the history tells it."""
    dates = stand.dates
    old, arrow, new = step_in_words(change, dates).partition(" -> ")
    before, after = (change.old.date if change.old else None), change.new.date
    return Entry(
        what=capital(subject(change.key, change.new)),
        old=old if arrow and change.old else "",
        new=new if arrow and change.old else f"{old}{arrow}{new}",
        size=move_in_words(before, after) if before and after else "",
        sure=str(change.confidence) if change.outlet or change.link else own_word(change.key, stand),
        said=Said(
            who=plain(change.outlet or "") + (f", crediting {plain(change.credits)}" if change.credits else ""),
            on=_moment(change.at, dates),
            link=clean_link(change.link) if change.link else None,
        ),
        quote=_quote(change.sentence),
        is_abroad=isinstance(change.key, ReleaseKey) and change.key.region not in stand.chain,
    )


def doubts(sheet: Sheet, dates: Dates) -> Iterator[Doubt]:
    """What was told against the dates that are held, the newest first."""
    told = [(rival, key) for key, grounds in sheet.grounds.items() for rival in grounds.rivals]
    for rival, key in sorted(told, key=lambda one: (one[0].since, str(one[1])), reverse=True):
        yield Doubt(
            what=capital(place_in_words(key)),
            value=value_in_words(rival.value, dates),
            manner=_MANNERS[rival.manner],
            said=_told_by(rival, dates),
            quote=_quote(rival.first.claim.sentence.text),
        )


def _told_by(rival: Rival, dates: Dates) -> Said:
    link = rival.first.source.link
    who = who_in_words(rival.outlets) if rival.outlets else ""
    return Said(who=who, on=_moment(rival.since, dates), link=clean_link(link) if link else None)


def _quote(sentence: str) -> str:
    cleaned = plain(sentence)
    return quoted(cleaned) if cleaned else ""


def machine(when: Edtf) -> str:
    """A date as HTML's `time` understands it (section 4.5.14): a day, a month or a year; a season or a quarter it knows not."""
    parts = when.text.split("-")
    is_part = len(parts) == 2 and int(parts[1]) > 12
    return "" if when.is_unset or is_part else when.text


def _moment(moment: datetime, dates: Dates) -> Day:
    day = dates.day_of(moment)
    return Day(words=dates.short(day), machine=day.isoformat())
