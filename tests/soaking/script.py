"""What truly happens in a simulated year, and who tells it: written from a seed before anything runs.

Films get dates, lose and change them, and people join and leave; each of these is news that somebody has to be told once. Around
it stands what must tell nobody: retellings, old stories, dates that a film had before, other works of the same name, and film
news about nobody at all. All films, people and outlets are invented.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from soaking.words import CHATTER, FILMS, FIRST, LAST, LATER, LATER_MOVED, NAMESAKE, NEWS, STALE, hash_of, in_words

BEGIN = datetime(2025, 10, 6, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)

#: Whose hours milestones, quiet hours and digests keep: a zone that changes its clocks twice in any year.
ZONE = ZoneInfo("America/New_York")

#: Nothing happens on the last days, so that what was on its way arrives.
CALM = 4 * DAY

#: A feed's retellings begin so long after the news that nothing can have kept the news itself away until then.
_RETOLD_AFTER = 7 * DAY


@dataclass(frozen=True, slots=True, kw_only=True)
class Film:
    """A film, and from when until when the configuration names it. `known` is the date that the configuration says it had."""

    name: str
    by: str
    known: date | None = None
    since: datetime = BEGIN
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One true step: what every target has to be told once. `kind` is one of the words of `NEWS`."""

    film: str
    kind: str
    at: datetime
    old: date | None = None
    new: date | None = None
    person: str = ""

    @property
    def headline(self) -> str:
        """The line by which an alert tells it."""
        day, was = ("" if d is None else in_words(d) for d in (self.new, self.old))
        match self.kind:
            case "set" | "set-again":
                return f"{self.film}: opens {day}"
            case "set-month":
                assert self.new is not None
                return f"{self.film}: opens in {self.new:%B %Y}"
            case "refined":
                assert self.old is not None
                return f"{self.film}: opens {day} (was {self.old:%B %Y})"
            case "moved":
                return f"{self.film} moves to {day} (was {was})"
            case "unset":
                return f"{self.film} is off the calendar (was {was})"
        said = {"joined": "joins", "talks": "in talks", "left": "leaves"}[self.kind]
        return f"{self.film}: {self.person} {said}"

    @property
    def is_release(self) -> bool:
        """Whether it is about the date."""
        return not self.person


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One item: in which feed and from when, what it says, and which events it tells while they are news.

    `page` is what its own page says, where the item says nothing. `edited` is when a line is added to it.
    """

    feed: int
    guid: str
    at: datetime
    headline: str
    text: str
    tells: Event | None = None
    page: str = ""
    edited: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """A feed: its outlet and whom it is trusted like, how many items it brings in a day, and when it is in the configuration."""

    number: int
    outlet: str
    trust: str
    a_day: float
    every: str
    validators: bool = True
    since: datetime = BEGIN
    until: datetime | None = None
    moved: datetime | None = None
    gone: datetime | None = None

    def is_read(self, at: datetime) -> bool:
        """Whether the daemon can be expected to read it then."""
        return self.since <= at and all(end is None or at < end for end in (self.until, self.gone))


@dataclass(slots=True, kw_only=True)
class Script:
    """The whole year, and its seed."""

    seed: int
    days: float
    films: Sequence[Film]
    papers: Sequence[Paper]
    events: list[Event] = field(default_factory=list)
    articles: list[Article] = field(default_factory=list)

    @property
    def end(self) -> datetime:
        """The last moment."""
        return BEGIN + self.days * DAY


def write(seed: int, days: float, feeds: int) -> Script:
    """The script of so many days with so many feeds; always the same for the same seed."""
    chance = random.Random(seed)
    script = Script(seed=seed, days=days, films=_films(chance, days), papers=_papers(chance, days, feeds))
    for film in script.films:
        begin, end = film.since + 2 * DAY, min(film.until or script.end, script.end) - CALM
        dates = list(_dates(chance, film, begin, end))
        people = list(_people(chance, film, begin, end))
        script.events += [*dates, *people]
        for event in (*dates, *people):
            script.articles += _told(chance, script, event, film)
        script.articles += _retold(chance, script, film, dates, end)
    script.events.sort(key=lambda event: (event.at, event.headline))
    script.articles += _noise(chance, script)
    script.articles.sort(key=lambda article: (article.at, article.guid))
    return script


def _films(chance: random.Random, days: float) -> list[Film]:
    """The films: some with a date from the beginning; one comes later, and one is given up."""
    films = []
    for number, (name, by) in enumerate(FILMS):
        known = (BEGIN + chance.randint(60, 250) * DAY).date() if number % 3 == 0 else None
        films.append(Film(name=name, by=by, known=known))
    if days >= 60:
        films[-1] = replace(films[-1], since=BEGIN + days * 0.3 * DAY, known=(BEGIN + (days * 0.3 + 120) * DAY).date())
        films[-2] = replace(films[-2], until=BEGIN + days * 0.6 * DAY)
    return films


def _papers(chance: random.Random, days: float, feeds: int) -> list[Paper]:
    """The feeds: trade papers are read more often, and some bring an item in a fortnight; a few come, go or move."""
    papers = []
    for number in range(feeds):
        trust = "trade" if number % 6 == 0 else "aggregator" if number % 6 == 5 else "press"
        a_day = chance.choice((0.1, 0.3, 0.6, 1, 1.5, 3)) if trust == "press" else 2
        name = (
            f"{('Daily Slate', 'Reel Post', 'Evening Projector', 'Matinee', 'Lobby Card', 'Mirror of Film')[number % 6]} {number}"
        )
        papers.append(
            Paper(
                number=number,
                outlet=name,
                trust=trust,
                a_day=a_day,
                every="4h" if trust == "trade" else "8h",
                validators=chance.random() < 0.9,
            )
        )
    if days >= 60 and feeds >= 12:
        for number, change in (
            (feeds - 1, {"since": BEGIN + days * 0.4 * DAY}),
            (feeds - 2, {"until": BEGIN + days * 0.5 * DAY}),
            (feeds - 3, {"moved": BEGIN + days * 0.25 * DAY}),
            (feeds - 4, {"gone": BEGIN + days * 0.55 * DAY}),
        ):
            papers[number] = replace(papers[number], **change)  # type: ignore[arg-type]
    return papers


def _dates(chance: random.Random, film: Film, begin: datetime, end: datetime) -> Iterator[Event]:
    """The way of a film's date: first told, made finer, moved, taken off, set again; until the film is out."""
    held, wide, unset, taken = film.known, False, False, {film.known}
    at = begin + chance.uniform(0, 12) * DAY
    while at < end:
        if held is not None and not wide and at.date() >= held - timedelta(days=3):
            return
        old, was_wide = held, wide
        held = _another(chance, at, taken)
        if old is None:
            wide = chance.random() < 0.3
            kind = "set-again" if unset else "set-month" if wide else "set"
            wide = wide and not unset
            held = held.replace(day=1) if wide else held
        elif was_wide:
            kind, wide = "refined", False
            held = old.replace(day=chance.randint(2, 28))
        elif chance.random() < 0.12:
            kind = "unset"
        else:
            kind = "moved"
        unset = kind == "unset"
        taken.add(held)
        held = None if unset else held
        yield Event(film=film.name, kind=kind, at=at, old=None if kind == "set-again" else old, new=held)
        at += chance.uniform(10, 40) * DAY


def _another(chance: random.Random, at: datetime, taken: set[date | None]) -> date:
    """A date to come that the film never had, nor one in the same month."""
    months = {(day.year, day.month) for day in taken if day is not None}
    while True:
        day = (at + chance.randint(40, 400) * DAY).date()
        if (day.year, day.month) not in months:
            return day


def _people(chance: random.Random, film: Film, begin: datetime, end: datetime) -> Iterator[Event]:
    """Who comes and goes."""
    people = [f"{first} {last}" for first in FIRST for last in LAST]
    mine = people[sum(map(ord, film.name)) % 12 :: 12]
    for person in chance.sample(mine, 4):
        at = begin + chance.uniform(0, (end - begin) / DAY) * DAY
        for kind in ("talks", "joined", "left") if chance.random() < 0.5 else ("joined",):
            if at < end:
                yield Event(film=film.name, kind=kind, at=at, person=person)
            at += chance.uniform(12, 60) * DAY


def _told(chance: random.Random, script: Script, event: Event, film: Film) -> Iterator[Article]:
    """The articles that bring one event: the first, and others within two days."""
    sound = [p for p in script.papers if p.is_read(event.at) and p.is_read(event.at + 8 * DAY) and p.trust != "aggregator"]
    sound = [p for p in sound if p.since == BEGIN or p.since + 5 * DAY < event.at]
    chosen = chance.sample(sound, min(chance.randint(1, 6), len(sound)))
    for number, paper in enumerate(chosen):
        at = event.at + (chance.uniform(0.3, 48) * HOUR if number else timedelta(0))
        text = chance.choice(NEWS[event.kind]).format(**_words(event, film))
        name = f"e{abs(hash_of(event.headline + str(event.at)))}-{number}"
        edited = at + chance.uniform(2, 60) * HOUR if chance.random() < 0.1 else None
        on_page = chance.random() < 0.15
        yield Article(
            feed=paper.number,
            guid=name,
            at=at,
            headline=f"{film.name} by {film.by} has release and casting news" if on_page else "Film news of the day",
            text=f"There is news of {film.name}." if on_page else text,
            page=text if on_page else "",
            tells=event,
            edited=None if on_page else edited,
        )


def _words(event: Event, film: Film) -> dict[str, str]:
    month = event.kind == "set-month" and event.new is not None
    new = "" if event.new is None else f"{event.new:%B %Y}" if month else in_words(event.new)
    old = "" if event.old is None else in_words(event.old)
    return {"film": film.name, "by": film.by, "new": new, "old": old, "person": event.person}


def _retold(chance: random.Random, script: Script, film: Film, dates: Sequence[Event], end: datetime) -> Iterator[Article]:
    """What is said of a film between the news: nothing of it is new, and much of it is not true any more."""
    at = film.since + 3 * DAY
    number = 0
    while (at := at + chance.expovariate(1 / 4) * DAY) < end:
        readers = [p for p in script.papers if p.is_read(at) and (p.since == BEGIN or p.since + 5 * DAY < at)]
        paper, number = chance.choice(readers), number + 1
        name = f"r{abs(hash_of(film.name))}-{number}"
        text = _old_story(chance, film, dates, at)
        yield Article(feed=paper.number, guid=name, at=at, headline="Films that we wait for", text=text)


def _old_story(chance: random.Random, film: Film, dates: Sequence[Event], at: datetime) -> str:
    """One such text, by what the film's dates had been a week before."""
    told = [event for event in dates if event.at <= at - _RETOLD_AFTER]
    coming = any(at - _RETOLD_AFTER < event.at <= at for event in dates)
    now = told[-1].new if told else film.known
    wide = bool(told) and told[-1].kind == "set-month"
    had = [event.old for event in told if event.old is not None and event.kind == "moved"]
    other = in_words((at + chance.randint(20, 300) * DAY).date())
    words = {"film": film.name, "by": film.by, "other": other, "new": in_words(now) if now else "", "old": ""}
    choices = [*CHATTER, *NAMESAKE]
    if now is not None and not wide and now > at.date() and not coming:
        choices += LATER * 2
        if had:
            choices += LATER_MOVED
    if had and (now is None or now > at.date()):
        choices += STALE
    text = chance.choice(choices)
    if had:
        words["old"] = in_words(had[-1] if text in LATER_MOVED else chance.choice(had))
    return text.format(**words)


def _noise(chance: random.Random, script: Script) -> Iterator[Article]:
    """Film news that is about nobody who is watched, at the rhythm of each feed."""
    for paper in script.papers:
        at, number = BEGIN - 20 / paper.a_day * DAY, 0
        while (at := at + chance.expovariate(paper.a_day) * DAY) < script.end:
            number += 1
            yield Article(feed=paper.number, guid=f"n{paper.number}-{number}", at=at, headline="", text="")
