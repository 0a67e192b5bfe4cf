"""Facts, changes and times in the words of a screen or a page: shorter than in an alert, since they stand in columns."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from watcher.clean import plain
from watcher.decide.rules import FOREVER
from watcher.edtf import Edtf
from watcher.model import (
    Action,
    Change,
    ChangeKind,
    Confidence,
    CreditKey,
    Evidence,
    Fact,
    Key,
    Modality,
    ReleaseClaim,
    ReleaseKey,
    Status,
    Value,
)
from watcher.tell.dates_in_words import Dates
from watcher.tell.lists import names_in_words
from watcher.tell.places import place_in_words

#: Where a credit stands, in a column. Who is told of as known is named; no more is said.
STATUS = {
    Status.JOINS: "joins",
    Status.LISTED: "named",
    Status.IN_TALKS: "in talks",
    Status.RUMOURED: "rumoured",
    Status.EXITS: "leaves",
    Status.DENIED: "denied",
    Status.DIED: "has died",
}

#: What a text does with a date.
_DATED = {
    Action.STATES: "{}",
    Action.SETS: "set for {}",
    Action.MOVES: "moves to {}",
    Action.CONFIRMS: "confirmed for {}",
    Action.UNSETS: "taken off the calendar",
}

_NAMES_SHOWN = 3
#: The stages of the line that end an item.
_STAGE = re.compile(r"^(?:read|decided|learned in silence): ")
_ISO_DAY = re.compile(r"\b\d{4}-\d\d-\d\d\b", re.ASCII)


def capital(text: str) -> str:
    """The text with a capital at its head."""
    return text[:1].upper() + text[1:]


def date_in_short(when: Edtf, dates: Dates) -> str:
    """A date for a column, as precise as it is."""
    return dates.short(when.earliest) if when.is_day else dates.in_words(when)


def date_in_column(when: Edtf, dates: Dates) -> str:
    """The same with the days below each other: "Jun  6, 2025" and "Jun 16, 2025"."""
    return day_in_column(when.earliest, dates) if when.is_day else date_in_short(when, dates)


def day_in_column(day: date, dates: Dates) -> str:
    """A day as wide as any other of its month."""
    short = dates.short(day)
    return short.replace(str(day.day), f" {day.day}", 1) if day.day < 10 else short


def weekday(when: Edtf, dates: Dates) -> str:
    """The weekday of a day in three letters; empty for what is no day."""
    return dates.in_words(when, weekday=True)[:3] if when.is_day else ""


def span_in_words(days: Sequence[Edtf], dates: Dates) -> str:
    """From the first of some dates to the last, the year once where it is the same: "June 4 to August 22, 2025"."""
    first, last = min(days), max(days, key=lambda d: d.latest)
    if first == last:
        return dates.in_words(first)
    start = dates.in_words(first)
    if first.is_day and last.is_day and first.year == last.year:
        start = start.removesuffix(f" {first.year}").removesuffix(",")
    return f"{start} to {dates.in_words(last)}"


def moment_in_words(moment: datetime, now: datetime, dates: Dates) -> str:
    """A moment on the user's clock as one would say it now: "14:28", "tomorrow 09:00", "Sunday 18:05", "Nov 3, 2025, 18:05"."""
    there, here = moment.astimezone(dates.zone), now.astimezone(dates.zone)
    days = (there.date() - here.date()).days
    clock = f"{there:%H:%M}"
    if days == 0:
        return clock
    if abs(days) == 1:
        return f"{'tomorrow' if days > 0 else 'yesterday'} {clock}"
    if abs(days) < 7:
        return f"{dates.day(there.date(), weekday=True).partition(',')[0]} {clock}"
    return f"{dates.short(there.date())}, {clock}"


def soon(moment: datetime, now: datetime, dates: Dates) -> str:
    """A moment that is ahead, or has come: "14:28", "now"."""
    return "now" if moment <= now else moment_in_words(moment, now, dates)


def until_in_words(until: datetime, now: datetime, dates: Dates) -> str:
    """How long a title is muted: "until March 8, 2025", "until tomorrow 14:28", "until you say otherwise"."""
    if until >= FOREVER:
        return "until you say otherwise"
    there = until.astimezone(dates.zone)
    midnight = (there.hour, there.minute) == (0, 0)
    return f"until {dates.day(there.date()) if midnight else moment_in_words(until, now, dates)}"


def person(key: CreditKey, value: Value) -> str:
    """The person's name as it was written, or what the slug shows of it."""
    return plain(value.person or key.person.replace("-", " ").title())


def subject(key: Key, value: Value) -> str:
    """What a fact is about: "US cinemas", "Ian McShane", "Len Wiseman, director"."""
    if isinstance(key, ReleaseKey):
        return place_in_words(key)
    name = person(key, value)
    return name if key.job == "actor" else f"{name}, {plain(key.job)}"


def value_in_words(value: Value, dates: Dates, *, short: bool = False) -> str:
    """What a fact holds: "June 6, 2025", "in talks", "joins as Winston"; what was taken back holds nothing."""
    if not value.known:
        return "nothing known"
    if value.date is not None:
        return date_in_short(value.date, dates) if short else dates.in_words(value.date)
    role = f" as {plain(value.role)}" if value.role else ""
    return STATUS[value.status or Status.LISTED] + role


def step_in_words(change: Change, dates: Dates, *, short: bool = False) -> str:
    """From old to new: "June 7, 2024 -> June 6, 2025", "in talks -> joins as John Wick"; the new alone where it is the first."""
    new = value_in_words(change.new, dates, short=short)
    if change.old is None:
        return new
    if change.old == change.new:
        if change.kind is not ChangeKind.CONFIRMED:
            return f"{new}, less sure than before"
        return f"{new}, now {'reported' if change.confidence is Confidence.REPORTED else 'confirmed'}"
    if change.old.role == change.new.role:
        new = value_in_words(replace(change.new, role=None), dates, short=short)
    return f"{value_in_words(replace(change.old, role=None), dates, short=short)} -> {new}"


def spoken_step(change: Change, dates: Dates) -> str:
    """The same for ears: "from June 7, 2024 to June 6, 2025", "from in talks to joins as John Wick"."""
    old, arrow, new = step_in_words(change, dates).partition(" -> ")
    return f"from {old} to {new}" if arrow else old


def claim_in_words(evidence: Evidence, dates: Dates) -> str:
    """What a claim says in a few words, and that it is a rumour or denied: "US cinemas: moves to June 6, 2025"."""
    claim = evidence.claim
    doubt = f" ({claim.modality})" if claim.modality in (Modality.RUMOURED, Modality.DENIED) else ""
    if isinstance(claim, ReleaseClaim):
        said = _DATED[claim.action].format(dates.in_words(claim.date))
        return f"{capital(subject(evidence.key, Value(date=claim.date)))}: {said}{doubt}"
    value = Value(status=claim.status, role=claim.role, person=claim.person)
    return f"{subject(evidence.key, value)}: {value_in_words(value, dates)}{doubt}"


def change_in_words(change: Change, dates: Dates) -> str:
    """A change in one line without columns: "Feb 21, 2024, US cinemas: June 7, 2024 -> June 6, 2025 (Deadline)"."""
    day, what, step, who = change_parts(change, dates, short=False)
    return f"{day}, {what}: {step}" + (f" ({who})" if who else "")


def change_parts(change: Change, dates: Dates, *, short: bool) -> tuple[str, str, str, str]:
    """When the news came, what it is about, from old to new, and who said it, how sure unless confirmed."""
    outlet = plain(change.outlet) if change.outlet else ""
    doubt = "" if change.confidence is Confidence.CONFIRMED else str(change.confidence)
    who = ", ".join(filter(None, (outlet, doubt)))
    return dates.short(dates.day_of(change.at)), subject(change.key, change.new), step_in_words(change, dates, short=short), who


def reason_in_short(reason: str) -> str:
    """Why a change told nobody, without what is of one item alone ("old news, published 2025-01-01")."""
    return plain(reason).partition(", published")[0]


def outcome_in_words(outcome: str, dates: Dates) -> str:
    """Why an item told nobody, for a sentence: the reason without its stage, and days in it as the reader writes them."""

    def in_words(day: re.Match[str]) -> str:
        try:
            return dates.day(date.fromisoformat(day.group()))
        except ValueError:
            return day.group()

    return _ISO_DAY.sub(in_words, _STAGE.sub("", reason_in_short(outcome)))


def who_in_words(names: Sequence[str]) -> str:
    """Outlets by name, the first few of them: "Deadline, Variety, Collider and 4 others"."""
    shown = [plain(name) for name in names[:_NAMES_SHOWN]]
    rest = len(names) - len(shown)
    return names_in_words([*shown, *([f"{rest} other{'' if rest == 1 else 's'}"] if rest else [])])


def sure_in_words(fact: Fact, outlets: Sequence[str], *, past: bool) -> str:
    """How sure, and by whom: "Confirmed by Deadline and Variety."; a fact that no outlet is named for is on record."""
    if not outlets:
        return "On record."
    doubt = "" if past or fact.confidence is Confidence.CONFIRMED else "; not confirmed yet"
    return f"{capital(str(fact.confidence))} by {who_in_words(outlets)}{doubt}."


def count_in_words(number: int, noun: str) -> str:
    """A number with its noun: "1 feed", "3 feeds", "no feeds"."""
    return f"{number or 'no'} {noun}{'' if number == 1 else 's'}"
