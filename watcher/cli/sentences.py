"""An item as `watcher read` shows it: what was read of each title, then the sentences, each with what was taken or left."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from watcher.board.words import STATUS, capital, count_in_words
from watcher.clean import cut_text, plain
from watcher.cli.given import Given
from watcher.cli.layout import bold, columns, ends, good, heading, quiet, wrap
from watcher.edtf import Edtf
from watcher.model import (
    Action,
    Claim,
    CreditClaim,
    Modality,
    Outlet,
    Precision,
    Reading,
    ReleaseClaim,
    ReleaseKey,
    ReleaseType,
    Title,
    Verdict,
)
from watcher.read import LONGEST_TEXT, NOTHING, SentenceNote
from watcher.tell.dates_in_words import Dates
from watcher.tell.places import place_in_words

VERDICTS = {
    Verdict.ABOUT: "ABOUT IT",
    Verdict.LIKELY: "LIKELY IT",
    Verdict.NAMED: "NOT SURELY IT",
    Verdict.OTHER: "ANOTHER WORK",
}

#: A release of no country that the text names.
_PLACES = {
    ReleaseType.THEATRICAL: "cinemas",
    ReleaseType.LIMITED: "select cinemas",
    ReleaseType.PHYSICAL: "disc",
    ReleaseType.TV: "television",
}
_ACTS = {
    Action.STATES: "{}",
    Action.SETS: "set for {}",
    Action.MOVES: "moves to {}",
    Action.CONFIRMS: "still {}",
    Action.UNSETS: "off the calendar",
}
#: Another sentence of the item says more of the same date or person.
_OUTDONE = "another sentence says more"
#: So much of an item without a headline is shown in its place.
_BEGINNING = 70
#: The columns of "taken" and "left".
_LABEL = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """An item with all that was read in it; the `outlet`'s name is empty where nobody knows it."""

    given: Given
    outlet: Outlet
    readings: Sequence[Reading]
    notes: Sequence[SentenceNote]
    titles: Sequence[Title]
    dates: Dates

    def name(self, title: str) -> str:
        """A title's name."""
        return next(plain(t.name) for t in self.titles if t.id == title)


@dataclass(slots=True, kw_only=True)
class Tally:
    """What was read in many items together."""

    items: int = 0
    unnamed: int = 0
    claims: int = 0
    about: Counter[str] = field(default_factory=Counter)

    def count(self, readings: Sequence[Reading]) -> None:
        """Add an item."""
        self.items += 1
        self.unnamed += not readings
        for reading in readings:
            self.about[reading.title] += reading.verdict is Verdict.ABOUT
            self.claims += len(reading.claims)

    def in_words(self, titles: Sequence[Title]) -> str:
        """The sum: "100 items: 3 about Ballerina, with 4 claims; 96 name no watched title."."""
        if not self.items:
            return "No items in it."
        if self.unnamed == self.items:
            return f"{count_in_words(self.items, 'item')}; none names a watched title ({names_watched(titles)})."
        found = [f"{self.about[t.id]} about {plain(t.name)}" for t in titles if self.about[t.id]]
        named = ", ".join(found) or "none about a watched title"
        said = f", with {count_in_words(self.claims, 'claim')}" if found else ""
        rest = f"; {self.unnamed} name{'s' if self.unnamed == 1 else ''} no watched title" if self.unnamed else ""
        return f"{count_in_words(self.items, 'item')}: {named}{said}{rest}."


def page_lines(page: Page, *, width: int, show_all: bool) -> list[str]:
    """An item: its headline and outlet, and for each title that it names the verdict, what was taken, and the sentences."""
    lines = head_lines(page.given, page.outlet, page.dates, width=width)
    for reading in page.readings:
        name, verdict = page.name(reading.title).upper(), VERDICTS[reading.verdict]
        lines += ["", bold(ends(name, verdict, width=width) or f"{name}: {verdict}")]
        for reason in reading.reasons:
            lines += wrap(f"{capital(plain(reason))}.", width=width)
        if reading.verdict.counts:
            notes = [note for note in page.notes if note.title == reading.title]
            lines += [
                *_taken(reading, page.dates, width=width),
                *_sentences(reading, notes, page.dates, width=width, show_all=show_all),
            ]
    return lines


def unnamed_lines(unnamed: Sequence[Given], titles: Sequence[Title], dates: Dates, *, width: int) -> list[str]:
    """Items that name no title: one as any other item, more of them as a list of headlines."""
    if len(unnamed) == 1:
        said = f"Names no watched title ({names_watched(titles)}), so nothing is read in it."
        return [*head_lines(unnamed[0], None, dates, width=width), "", *wrap(said, width=width, indent=0)]
    lines = [heading("NAMING NO WATCHED TITLE")]
    for one in unnamed:
        lines += [quiet(line) for line in wrap(_headline(one), width=width, hanging=4)]
    return lines


def names_watched(titles: Sequence[Title]) -> str:
    """Which titles are watched, in words."""
    return ", ".join(plain(title.name) for title in titles) or "none is watched"


def head_lines(given: Given, outlet: Outlet | None, dates: Dates, *, width: int) -> list[str]:
    """The headline, and whose words they are and of when."""
    item = given.item
    day = item.published.date() if item.published else None
    when = "undated; its day can be given with --published" if day is None else dates.day(day)
    if day and item.precision is Precision.YEAR:
        when = str(day.year)
    elif day and item.precision is Precision.MONTH:
        when = dates.in_words(Edtf(f"{day.year:04}-{day.month:02}"))
    who = f"{plain(outlet.name)} ({outlet.trust})" if outlet and outlet.name else plain(given.outlet)
    if len(item.text) > LONGEST_TEXT:
        when += f"; only its first {LONGEST_TEXT:,} characters of {len(item.text):,} are read"
    lines = [bold(line) for line in wrap(_headline(given), width=width, indent=0)]
    return [
        *lines,
        *(quiet(line) for line in wrap(", ".join(filter(None, (plain(item.guid), who, when))), width=width, indent=0)),
    ]


def _headline(given: Given) -> str:
    """The item's headline; without one how it begins."""
    item = given.item
    if item.title:
        return plain(item.title)
    start = plain(item.body)
    return (start if len(start) <= _BEGINNING else f"{cut_text(start, _BEGINNING)} …") or plain(item.guid)


def _taken(reading: Reading, dates: Dates, *, width: int) -> list[str]:
    """What the item says of the title, each date and person once."""
    if not reading.claims:
        return [heading("TAKEN"), "  Nothing."]
    return [heading("TAKEN"), *columns([claim_parts(claim, dates) for claim in reading.claims], width=width)]


def _sentences(reading: Reading, notes: Sequence[SentenceNote], dates: Dates, *, width: int, show_all: bool) -> list[str]:
    """The sentences that say something, each with what was made of it; of the others their number, unless all are wanted."""
    kept = {_key(claim) for claim in reading.claims}
    lines: list[str] = []
    folded = 0
    for note in notes:
        says = note.claims or note.reason != NOTHING
        text = wrap(plain(note.sentence.text), width=width)
        if says:
            lines += ["", *text, *_made_of(note, kept, dates, width=width)]
        elif show_all:
            lines += ["", *(quiet(line) for line in text)]
        else:
            folded += 1
    if folded:
        others = "other " if lines else ""
        said = f"{count_in_words(folded, f'{others}sentence')} {'says' if folded == 1 else 'say'} {NOTHING}; --all shows them"
        lines += ["", *(quiet(line) for line in wrap(said, width=width))]
    return [heading("SENTENCE BY SENTENCE"), *lines[1:]] if lines else []


def _made_of(note: SentenceNote, kept: set[tuple[str, ...]], dates: Dates, *, width: int) -> list[str]:
    """What was taken from a sentence and by which rule, and what was left and why."""
    lines: list[str] = []
    for claim in note.claims:
        what, value, doubt = claim_parts(claim, dates)
        said = ", ".join(filter(None, (f"{what}: {value}", doubt)))
        if _key(claim) in kept:
            lines += _labelled("taken", said, claim.rule, width=width)
        else:
            lines += _labelled("left", f"{said}: {_OUTDONE}", "", width=width)
    if note.reason and note.reason != NOTHING:
        for reason in note.reason.split("; "):
            lines += _labelled("left", plain(reason), "", width=width)
    return lines


def _labelled(label: str, said: str, rule: str, *, width: int) -> list[str]:
    """A line with its label before it, and the rule at the right where there is room, else below."""
    indent = 4 + _LABEL
    lines = wrap(said, width=width, indent=indent)
    style = good if label == "taken" else quiet
    beside = ends(lines[-1], rule, width=width) if rule else lines[-1]
    laid = [*lines, rule.rjust(width)] if beside is None else [*lines[:-1], beside]
    first = f"    {label.ljust(_LABEL)}{laid[0][indent:]}"
    return [style(line) for line in (first, *laid[1:])]


def claim_parts(claim: Claim, dates: Dates) -> tuple[str, str, str]:
    """A claim in three columns: what it is about, what it says, and how firmly and after whom."""
    same = isinstance(claim, CreditClaim) and str(claim.status) == str(claim.modality)
    firm = "" if claim.modality is Modality.REPORTED or same else str(claim.modality)
    credited = f"crediting {plain(claim.credits)}" if claim.credits else ""
    doubt = ", ".join(filter(None, (firm, credited)))
    if isinstance(claim, ReleaseClaim):
        was = f" (was {dates.in_words(claim.from_date)})" if claim.from_date else ""
        return _place(claim), _ACTS[claim.action].format(dates.in_words(claim.date, weekday=True)) + was, doubt
    job = "" if claim.job == "actor" else f", {claim.job}"
    role = f" as {plain(claim.role)}" if claim.role else ""
    return plain(claim.person) + job, STATUS[claim.status] + role, doubt


def _place(claim: ReleaseClaim) -> str:
    """Which release it is: "US cinemas", and "cinemas" where the text names no country."""
    if claim.region:
        return capital(place_in_words(ReleaseKey(title=claim.title, region=claim.region, type=claim.type)))
    return capital(_PLACES.get(claim.type, str(claim.type)))


def _key(claim: Claim) -> tuple[str, ...]:
    """What makes two claims of an item the same statement."""
    if isinstance(claim, ReleaseClaim):
        return (str(claim.type), claim.region or "", str(claim.date))
    return (claim.person.casefold(), claim.job, str(claim.status))
