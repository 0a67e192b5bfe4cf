"""A title as the page tells it, in words and values only: how long to wait, its dates, its people, and what was said of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from watcher.board.board import Board, Sheet
from watcher.board.standing import (
    Standing,
    credited,
    elsewhere,
    first_words,
    how_sure,
    in_brief,
    over_words,
    releases,
    second_sentences,
)
from watcher.board.words import (
    STATUS,
    capital,
    date_in_short,
    person,
    until_in_words,
    weekday,
)
from watcher.clean import plain
from watcher.model import UNKNOWN_REGION, CreditKey, Fact, ReleaseKey, Status
from watcher.publish.chart import NARROW, WIDE, Chart, chart
from watcher.publish.said import Day, Doubt, Entry, Said, doubts, entry, machine, said_of
from watcher.publish.story import in_sentences, main_key, story_of
from watcher.tell.dates_in_words import distance_in_words
from watcher.tell.people import CREW
from watcher.tell.places import kind_in_words, place_in_words, region_in_words

#: How people of the cast stand, in the order of the page.
_STANDINGS = (
    ("In it", (Status.JOINS, Status.LISTED, Status.DIED)),
    ("In talks", (Status.IN_TALKS,)),
    ("Rumoured", (Status.RUMOURED,)),
    ("Left", (Status.EXITS,)),
    ("Denied", (Status.DENIED,)),
)
_CREW = {"director": "Director", "writer": "Writer", "producer": "Producer", "composer": "Composer"}
#: So many changes are open to see, and so many reports that were not believed; the rest unfolds.
_CHANGES_SHOWN = 10
_DOUBTS_SHOWN = 5
#: So many dates of other countries are open to see.
_DATES_SHOWN = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class DateRow:
    """A dated release: where and of which kind, when, how far off, how sure, who said it.

    `counts` where that can be counted on from `first` and `last`, the days between which it lies.
    """

    where: str
    when: Day
    weekday: str
    distance: str
    sure: str
    said: Said | None
    counts: bool
    first: date
    last: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Country:
    """The dates of a country that is not the user's."""

    name: str
    rows: tuple[DateRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody with their role, and a word on where they stand ("has died")."""

    name: str
    role: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """All that the page shows of a title.

    `large` are the words that stand large, `sentence` and `sure` what belongs to them; `first` and `last` are the days between
    which the date lies that is counted to, None without one. `told` is the story of the date where it is no picture's worth.
    """

    id: str
    name: str
    brief: tuple[str, str, str]
    large: str
    sentence: str
    sure: str
    remarks: tuple[str, ...]
    first: date | None
    last: date | None
    dates: tuple[DateRow, ...]
    elsewhere: str
    countries: tuple[Country, ...]
    countries_open: bool
    cast: tuple[tuple[str, tuple[Person, ...]], ...]
    crew: tuple[tuple[str, tuple[Person, ...]], ...]
    charted: str
    charts: tuple[Chart, ...]
    told: tuple[str, ...]
    recent: tuple[Entry, ...]
    earlier: tuple[Entry, ...]
    abroad: tuple[Entry, ...]
    doubts: tuple[Doubt, ...]
    earlier_doubts: tuple[Doubt, ...]


def section(sheet: Sheet, board: Board) -> Section:
    """The section of one title."""
    stand, dates = sheet.stand, board.dates
    sentence, distance = first_words(stand)
    # Without a day to count to the sentence itself stands large: "Off the calendar", and below it since when.
    large, _, rest = sentence.partition(", ") if not distance else (distance, "", sentence)
    main = stand.main
    entries = [entry(change, stand) for change in reversed(stand.changes)]
    ours = [entry for entry in entries if not entry.is_abroad]
    countries = tuple(_countries(stand, board.today))
    disbelieved = tuple(doubts(sheet, dates))
    charted, charts, told = _picture(sheet, board)
    return Section(
        id=f"film-{stand.title.id}",
        name=stand.name,
        brief=in_brief(stand),
        large=large,
        sentence=f"{capital(rest)}." if rest else "",
        sure=" ".join(second_sentences(stand, distance=False)),  # the rows count, and go on counting
        remarks=tuple(_remarks(stand, board)),
        first=main.date.earliest if main else None,
        last=main.date.latest if main else None,
        dates=tuple(_row(fact, stand, board.today) for fact in releases(stand)),
        elsewhere=elsewhere(stand),
        countries=countries,
        countries_open=sum(len(country.rows) for country in countries) <= _DATES_SHOWN,
        cast=tuple(_cast(stand.facts)),
        crew=tuple(_crew(stand.facts)),
        charted=charted,
        charts=charts,
        told=told,
        recent=tuple(ours[:_CHANGES_SHOWN]),
        earlier=tuple(ours[_CHANGES_SHOWN:]),
        abroad=tuple(entry for entry in entries if entry.is_abroad),
        doubts=disbelieved[:_DOUBTS_SHOWN],
        earlier_doubts=disbelieved[_DOUBTS_SHOWN:],
    )


def _remarks(stand: Standing, board: Board) -> Iterator[str]:
    """What else belongs to the answer: that nothing is left to wait for, that nobody is alerted."""
    if over := over_words(stand, board.today):
        yield over
    if stand.muted_until is not None:
        yield f"Nobody is alerted of it {until_in_words(stand.muted_until, board.at, board.dates)}."


def _picture(sheet: Sheet, board: Board) -> tuple[str, tuple[Chart, ...], tuple[str, ...]]:
    """The release whose story it is, its picture for a wide and for a narrow screen, or else the story in sentences."""
    key = main_key(sheet)
    if key is None:
        return "", (), ()
    story = story_of(sheet, key, board.today, board.dates)
    if not story.is_worth_drawing:
        return "", (), tuple(in_sentences(story, board.dates))
    return place_in_words(key), tuple(chart(story, shape, board.dates) for shape in (WIDE, NARROW)), ()


def _key(fact: Fact) -> ReleaseKey:
    assert isinstance(fact.key, ReleaseKey)
    return fact.key


def _countries(stand: Standing, today: date) -> Iterator[Country]:
    """The dates of all other countries, by the country's name; a date of which nobody said where helps nobody."""
    by_name: dict[str, list[DateRow]] = {}
    for fact in releases(stand, None):
        key = _key(fact)
        if key.region not in (*stand.chain, UNKNOWN_REGION):
            row = replace(_row(fact, stand, today), where=kind_in_words(key.type))
            by_name.setdefault(capital(region_in_words(key.region)), []).append(row)
    for name, rows in sorted(by_name.items()):
        yield Country(name=name, rows=tuple(rows))


def _row(fact: Fact, stand: Standing, today: date) -> DateRow:
    when = fact.value.date
    assert when is not None
    return DateRow(
        where=capital(place_in_words(_key(fact))),
        when=Day(words=date_in_short(when, stand.dates), machine=machine(when)),
        weekday=weekday(when, stand.dates),
        distance=distance_in_words(when, today),
        sure=how_sure(fact, stand),
        said=said_of(fact, stand),
        counts=not when.is_unset,
        first=when.earliest,
        last=when.latest,
    )


def _cast(facts: Sequence[Fact]) -> Iterator[tuple[str, tuple[Person, ...]]]:
    """The cast by where each stands; who came first stands first."""
    for label, statuses in _STANDINGS:
        if people := tuple(_people(facts, statuses, "actor")):
            yield label, people


def _crew(facts: Sequence[Fact]) -> Iterator[tuple[str, tuple[Person, ...]]]:
    """Who stands behind the camera; of those who may come or have left the page says so."""
    jobs = [job for job, _ in CREW]
    others = sorted({fact.key.job for fact in facts if isinstance(fact.key, CreditKey)} - {*jobs, "actor"})
    for job in (*jobs, *others):
        if people := tuple(_people(facts, tuple(Status), job)):
            yield _CREW.get(job, capital(plain(job))), people


def _people(facts: Sequence[Fact], statuses: Sequence[Status], job: str) -> Iterator[Person]:
    for key, fact in credited(facts, statuses, job):
        status = fact.value.status
        note = f"died {fact.since.year}" if status is Status.DIED else ""
        if job != "actor" and status is not None and not status.seated and not note:
            note = STATUS[status]
        yield Person(name=person(key, fact.value), role=plain(fact.value.role or ""), note=note)
