"""Texts that no one would write: the reader's own words, names, dates, quotes and brackets in any order."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime

from hypothesis import strategies as st
from readings import MERIDIAN, NOCTURNE, OUTLETS

from watcher.edtf import Edtf
from watcher.model import Claim, CreditClaim, Item, Precision, Reading
from watcher.read import Reader, SentenceNote
from watcher.read.grammar import languages, lexicon

TITLES = (MERIDIAN, NOCTURNE)
_IDS = frozenset(title.id for title in TITLES)


def _strings(value: object) -> Iterator[str]:
    """Every word and phrase of a table, keys too."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from (text for pair in value.items() for text in (*_strings(pair[0]), *_strings(pair[1])))
    elif isinstance(value, list):
        yield from (text for one in value for text in _strings(one))


#: What all lexicons are made of, phrases without their marks.
LEXICON = sorted({re.sub(r"[<>?]|\.\.\.|\|\S*", "", text) for language in languages() for text in _strings(lexicon(language))})
NAMES = (
    *("The Glass Meridian", "GLASS MERIDIAN", "The Glass Meridian 2", "Nocturne", "NOCTURNE", "Iris Valdane", "Marta Quill"),
    *(
        "Harrow Pictures",
        "Chopin",
        "Ann Lee",
        "Bo Larsen",
        "de Armas",
        "J.J. Roe",
        "Paper Tigers 2",
        "Tigers: Dusk",
        "İ",
        "ß",
        "𝔘",
    ),
    *("Deadline", "THR", "Variety’s"),
)
DATES = (
    *("June 6, 2027", "6 juin 2027", "6.6.2027", "2027-06-06", "June 31", "Feb. 29", "31.2.27", "June", "summer", "next Friday"),
    *(
        "the following year",
        "two years later",
        "Q3 2027",
        "late 2027",
        "Thanksgiving 2026",
        "yesterday",
        "'27",
        "9999",
        "0",
        "May",
    ),
    *("99 weeks from now", "a day later", "the 31st", "from June 6 to July 4", "this Friday", "early next month"),
)
MARKS = (
    *(
        "“",
        "”",
        "‘",
        "’",
        '"',
        "'",
        "(",
        ")",
        "[",
        "]",
        "’s",
        "s’",
        ".",
        ". ",
        ",",
        ";",
        ":",
        "?",
        "!",
        "…",
        " – ",
        "—",
        "-",
        "\n",
    ),
    *("\n\n", "\t", "\x00", "\u202e", "\u2028", "\ufeff", "\u0301", "\ud800", "\U0010ffff", " ", "    ", "10. ", "&", "/", "|"),
)
PIECES = st.one_of(st.sampled_from(NAMES), st.sampled_from(DATES), st.sampled_from(MARKS), st.sampled_from(LEXICON))
TEXTS = st.one_of(
    st.text(max_size=300),
    st.lists(PIECES, max_size=60).map(" ".join),
    st.lists(PIECES, max_size=60).map("".join),
    st.lists(st.one_of(PIECES, st.text(max_size=8)), max_size=40).map(" ".join),
)
_DAYS = st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31)).map(lambda day: day.replace(tzinfo=UTC))  # noqa: DTZ001 - hypothesis wants naive bounds


@st.composite
def items(draw: st.DrawFn) -> Item:
    """An item of any such text, of any day or none, in any language or a word that is none."""
    named = draw(st.sampled_from(NAMES))
    body = draw(TEXTS)
    return Item(
        guid="1",
        title=draw(st.one_of(st.just(""), TEXTS)),
        body=f"{named} {body}" if draw(st.booleans()) else body,
        published=draw(st.one_of(st.none(), st.just(datetime(2026, 5, 4, tzinfo=UTC)), _DAYS)),
        precision=draw(st.sampled_from(Precision)),
        language=draw(st.sampled_from([None, *languages(), "xx", "pt-BR", ""])),
    )


def new_reader() -> Reader:
    """A reader that has read nothing."""
    return Reader(TITLES, OUTLETS)


def faults(item: Item, readings: tuple[Reading, ...], notes: tuple[SentenceNote, ...]) -> list[str]:
    """What is wrong with a reading whatever the text: titles nobody watches, spans that do not hold, dates that are none."""
    found = [f"{r.title} is not watched" for r in readings if r.title not in _IDS]
    if len({r.title for r in readings}) != len(readings):
        found.append("a title has two readings")
    for reading in readings:
        found.extend(f"{claim} is of another title" for claim in reading.claims if claim.title != reading.title)
        found.extend(fault for claim in reading.claims for fault in _faults_of(claim))
    sentences = [claim.sentence for reading in readings for claim in reading.claims]
    sentences += [note.sentence for note in notes]
    found.extend(f"{s} is not in the text" for s in sentences if not s.text or item.text[s.start : s.end] != s.text)
    found.extend(f"{note} says nothing" for note in notes if not note.claims and not note.reason)
    return found


def _faults_of(claim: Claim) -> Iterator[str]:
    """What is wrong with one claim."""
    if not claim.rule:
        yield f"{claim} is of no rule"
    if isinstance(claim, CreditClaim):
        if not claim.person.strip() or not claim.job:
            yield f"{claim} is of nobody"
        return
    for day in filter(None, (claim.date, claim.from_date)):
        if Edtf(day.text) != day or not day.earliest <= day.latest:
            yield f"{day} is no date"
