"""Where a title stands: its countdown, dates and people, gathered once for every way of showing them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from watcher.board.book import Book
from watcher.board.words import capital, date_in_column, date_in_short, person, span_in_words, sure_in_words, weekday
from watcher.clean import plain
from watcher.decide.policy import Judge
from watcher.decide.rules import FIXED, PINNED
from watcher.decide.telling import Audience
from watcher.edtf import Edtf
from watcher.model import (
    UNKNOWN_REGION,
    Change,
    ChangeKind,
    Confidence,
    CreditKey,
    Fact,
    Key,
    ReleaseKey,
    ReleaseType,
    Status,
    Title,
)
from watcher.tell.countdown import TYPE_ORDER, Countdown, Dated, countdown, region_chain
from watcher.tell.dates_in_words import Dates, preposition
from watcher.tell.lists import names_in_words
from watcher.tell.people import CREW
from watcher.tell.places import WORLD, kind_in_words, place_in_words, region_in_words

_CAST_SHOWN = 12
_CINEMAS = (ReleaseType.THEATRICAL, ReleaseType.LIMITED)
_STANDINGS = (
    ("", (Status.JOINS, Status.LISTED, Status.DIED)),
    ("In talks", (Status.IN_TALKS,)),
    ("Rumoured", (Status.RUMOURED,)),
    ("Left", (Status.EXITS,)),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A title as of one day. `chain` are the regions that count, `outlets` who say what the main release holds.

    `dates` is how the user writes dates. `muted_until` (UTC) is set while nobody is alerted of it; `by_hand` are the releases
    that the user set.
    """

    title: Title
    facts: tuple[Fact, ...]
    changes: tuple[Change, ...]
    count: Countdown
    chain: tuple[str, ...]
    outlets: tuple[str, ...]
    dates: Dates
    muted_until: datetime | None = None
    by_hand: frozenset[Key] = frozenset()

    @property
    def main(self) -> Dated | None:
        """The release that is waited for, or that is past."""
        return self.count.released or self.count.next

    @property
    def name(self) -> str:
        """The title's name, clean."""
        return plain(self.title.name)


def standing(book: Book, audience: Audience, judge: Judge, now: datetime, *, brief: bool = False) -> Standing:
    """Where the title of a book stands at a moment (UTC), for this audience.

    A `brief` one has no `outlets`: to find them, every claim of the main release is read, which a line among others never shows.
    """
    title, facts, today = book.title, book.facts(), now.astimezone(audience.zone).date()
    count = countdown(facts, regions=audience.regions, origin=title.origin, today=today)
    main = count.released or count.next
    return Standing(
        title=title,
        facts=tuple(facts),
        changes=tuple(book.changes()),
        count=count,
        chain=region_chain(audience.regions, title.origin),
        outlets=() if main is None or brief else _outlets(book, judge, main.fact),
        dates=audience.dates,
        muted_until=book.muted_until(now),
        by_hand=frozenset(fact.key for fact in facts if isinstance(fact.key, ReleaseKey) and _is_by_hand(book, fact)),
    )


def _is_by_hand(book: Book, fact: Fact) -> bool:
    """Whether a fact that no outlet is named for is the user's own word, and not what comes with watcher or its settings."""
    if fact.outlets:
        return False
    return any(e.claim.rule in (FIXED, PINNED) for e in book.evidence(fact.key) if e.id in fact.evidence)


def _outlets(book: Book, judge: Judge, fact: Fact) -> tuple[str, ...]:
    """The outlets that say what a fact holds, one for each independent voice: those who decided it, then who agreed."""
    said = [e for e in book.evidence(fact.key) if e.id in fact.evidence or judge.agrees(e, fact.value)]
    firsts = sorted(judge.first_of_each(said), key=lambda e: e.id not in fact.evidence)
    names = [e.source.outlet for e in firsts if e.source.outlet is not None]
    return tuple(dict.fromkeys(names)) or fact.outlets


def first_words(stand: Standing) -> tuple[str, str]:
    """The answer: what the film does and when, and how far off that is."""
    main = stand.main
    if main is None:
        if (off := gone(stand)) is not None:
            return f"Off the calendar, since {stand.dates.said(off.since)}", ""
        return f"No release date is known {'here ' if elsewhere(stand) else ''}yet", ""
    when = stand.dates.in_words(main.date, weekday=True)
    when = when if main.date.is_day else f"{preposition(main.date)} {when}"
    place = place_in_words(main.key)
    if main.key.type in _CINEMAS:
        verb = "Released" if stand.count.released else "May open" if main.fact.confidence is Confidence.RUMOURED else "Opens"
        return f"{verb} {when}, {'in ' if main.date.is_day else ''}{place}", stand.count.released_words or stand.count.words
    return f"{capital(place)}: {when}", stand.count.released_words or stand.count.words


def gone(stand: Standing) -> Fact | None:
    """The release that was taken off the calendar of the user's own regions; None where none was."""
    return next((fact for fact in releases(stand) if fact.value.date is not None and fact.value.date.is_unset), None)


def in_brief(stand: Standing) -> tuple[str, str, str]:
    """The same for a row among other titles: the day in short, where, how far off."""
    main = stand.main
    if main is None:
        return first_words(stand)[0].partition(",")[0], "", ""
    when = ", ".join(filter(None, (weekday(main.date, stand.dates), date_in_short(main.date, stand.dates))))
    return when, place_in_words(main.key), stand.count.released_words or stand.count.words


def second_words(stand: Standing) -> str:
    """What belongs to the answer: who says so, how often it moved, whose date it is, and what comes after."""
    return " ".join(second_sentences(stand))


def second_sentences(stand: Standing, *, distance: bool = True) -> list[str]:
    """The same, a sentence each; without `distance` what comes after has its day alone, for what is read on a later day."""
    main, count = stand.main, stand.count
    if main is None:
        return []
    sure = sure_in_words(main.fact, stand.outlets, past=count.released is not None) if stand.outlets else own(main.key, stand)
    parts = [sure, moves(stand, main.key, shown=2)]
    if count.released is not None and count.next is not None and count.next != count.released:
        far = f", {count.words}" if distance else ""
        parts.append(f"Next: {place_in_words(count.next.key)}, {stand.dates.in_words(count.next.date)}{far}.")
    if count.note:
        parts.append(f"{count.note}.")
    return list(filter(None, parts))


def moves(stand: Standing, key: ReleaseKey, *, shown: int | None = None) -> str:
    """How often a release moved, and from where, the last `shown` times: "Moved once: it was June 7, 2024."."""
    moved = [c.old.date for c in stand.changes if c.key == key and c.kind is ChangeKind.MOVED and c.old and c.old.date]
    if not moved:
        return ""
    times = {1: "once", 2: "twice"}.get(len(moved), f"{len(moved)} times")
    before = ", then ".join(stand.dates.in_words(day) for day in (moved if shown is None else moved[-shown:]))
    return f"Moved {times}: it was {before}."


def release_rows(stand: Standing, regions: Sequence[str] | None = ()) -> list[tuple[str, str, str, str, str, str]]:
    """The dated releases, a row each: country, kind, weekday, day, how sure, from whom and when."""
    return [_release_row(fact, stand) for fact in releases(stand, regions)]


def releases(stand: Standing, regions: Sequence[str] | None = ()) -> list[Fact]:
    """The dated releases in the order in which they are shown.

    Those of the user's chain come first, country by country; then those of `regions`, or of all countries for None.
    """
    ours = [fact for fact in stand.facts if isinstance(fact.key, ReleaseKey) and fact.key.region in stand.chain]
    rest = [
        fact
        for fact in stand.facts
        if isinstance(fact.key, ReleaseKey)
        and fact.key.region not in stand.chain
        and (fact.key.region in regions if regions is not None else True)
    ]
    return [*sorted(ours, key=lambda fact: _by_region(fact, stand.chain)), *sorted(rest, key=_by_day)]


def _by_region(fact: Fact, chain: Sequence[str]) -> tuple[int, Edtf, int]:
    assert isinstance(fact.key, ReleaseKey)
    assert fact.value.date is not None
    return (chain.index(fact.key.region), fact.value.date, TYPE_ORDER.index(fact.key.type))


def _by_day(fact: Fact) -> tuple[Edtf, int, str]:
    assert isinstance(fact.key, ReleaseKey)
    assert fact.value.date is not None
    return (fact.value.date, TYPE_ORDER.index(fact.key.type), fact.key.region)


def _release_row(fact: Fact, stand: Standing) -> tuple[str, str, str, str, str, str]:
    assert isinstance(fact.key, ReleaseKey)
    assert fact.value.date is not None
    country = "world" if fact.key.region == WORLD else region_in_words(fact.key.region)
    return (
        country,
        kind_in_words(fact.key.type),
        weekday(fact.value.date, stand.dates),
        date_in_column(fact.value.date, stand.dates),
        how_sure(fact, stand),
        " ".join(said_by(fact, stand, short=True)),
    )


def how_sure(fact: Fact, stand: Standing) -> str:
    """How sure a fact is, in a word or two: "confirmed"; "on record" or "your word" where no outlet says it."""
    return str(fact.confidence) if fact.outlets else own_word(fact.key, stand)


def own_word(key: Key, stand: Standing) -> str:
    """How sure is what no outlet is named for: it comes with watcher, or from the user."""
    return "on record" if _is_on_record(key, stand) else "your word"


def own(key: Key, stand: Standing) -> str:
    """The same as a sentence."""
    return "On record." if _is_on_record(key, stand) else "Your own word."


def _is_on_record(key: Key, stand: Standing) -> bool:
    return stand.title.builtin and key not in stand.by_hand


def said_by(fact: Fact, stand: Standing, *, short: bool) -> tuple[str, ...]:
    """Who said first what a fact holds, and when: ("Deadline,", "Feb 21, 2024"), in full ("Deadline", "on February 21, 2024")."""
    if not fact.outlets:
        return ()
    step = last_step(fact, stand)
    day = stand.dates.day_of(step.at if step else fact.since)
    outlet = plain(fact.outlets[0])
    return (f"{outlet},", stand.dates.short(day)) if short else (outlet, f"on {stand.dates.day(day)}")


def last_step(fact: Fact, stand: Standing) -> Change | None:
    """The change that brought what a fact holds, however often it was confirmed later; None where there was none."""
    return next((c for c in reversed(stand.changes) if c.key == fact.key and c.kind is not ChangeKind.CONFIRMED), None)


def is_over(stand: Standing, today: date) -> bool:
    """Whether nothing is left to wait for: the film is out, and no date in any country is still ahead."""
    days = [f.value.date for f in stand.facts if isinstance(f.key, ReleaseKey) and f.value.date and not f.value.date.is_unset]
    return stand.count.released is not None and all(day.latest < today for day in days)


def over_words(stand: Standing, today: date) -> str:
    """That nothing is left to wait for, in one line; empty where something is."""
    return "Nothing left to wait for here." if is_over(stand, today) else ""


def elsewhere(stand: Standing) -> str:
    """All other countries' dates in one sentence: "cinemas in 14 countries, June 4 to August 22, 2025"; empty without any."""
    groups: dict[tuple[ReleaseType, bool], list[tuple[ReleaseKey, Edtf]]] = {}
    nowhere = (*stand.chain, UNKNOWN_REGION)  # a date of which nobody said where helps nobody
    for fact in stand.facts:
        if isinstance(fact.key, ReleaseKey) and fact.key.region not in nowhere and fact.value.date is not None:
            # What went off the calendar is no end of a span of days.
            groups.setdefault((fact.key.type, fact.value.date.is_unset), []).append((fact.key, fact.value.date))
    parts = []
    for kind, is_unset in sorted(groups, key=lambda one: (TYPE_ORDER.index(one[0]), one[1])):
        keys, days = zip(*groups[kind, is_unset], strict=True)
        place = place_in_words(keys[0])
        if len(keys) > 1:
            # Any country's phrase serves all: what it says of the kind stays, the country becomes their number.
            place = place_in_words(ReleaseKey(title=stand.title.id, region="", type=kind)).rstrip(" ,")
            place = f"{place} {len(keys)} countries" if place.endswith(" in") else f"{place}, {len(keys)} countries"
        parts.append(f"{place}, {span_in_words(days, stand.dates)}")
    return "; ".join(parts)


def cast_lines(stand: Standing) -> list[str]:
    """The cast, by where each stands, then who directs and writes; a sentence each."""
    lines = []
    for label, names in standings(stand):
        shown = [*names[:_CAST_SHOWN], *([f"{len(names) - _CAST_SHOWN} more"] if len(names) > _CAST_SHOWN else [])]
        lines.append(f"{label}: {names_in_words(shown)}." if label else f"{names_in_words(shown)}.")
    return [*lines, *(f"{said} {names_in_words(names)}." for said, names in crew(stand))]


def standings(stand: Standing) -> list[tuple[str, list[str]]]:
    """The actors by where they stand: "" for who is in it, "In talks", "Rumoured", "Left"; none of them is empty."""
    found = [(label, _people(stand.facts, statuses, "actor")) for label, statuses in _STANDINGS]
    return [(label, names) for label, names in found if names]


def crew(stand: Standing) -> list[tuple[str, list[str]]]:
    """Who else makes it: ("Directed by", names), ("Written by", names)."""
    found = [(said, _people(stand.facts, (Status.JOINS, Status.LISTED, Status.DIED), job)) for job, said in CREW]
    return [(said, names) for said, names in found if names]


def _people(facts: Sequence[Fact], statuses: Sequence[Status], job: str) -> list[str]:
    """Their names, and of who has died in which year."""
    return [
        person(key, fact.value) + (f" (died {fact.since.year})" if fact.value.status is Status.DIED else "")
        for key, fact in credited(facts, statuses, job)
    ]


def credited(facts: Sequence[Fact], statuses: Sequence[Status], job: str) -> list[tuple[CreditKey, Fact]]:
    """Who has this job and stands so, those who came first first."""
    return [
        (fact.key, fact)
        for fact in sorted(facts, key=lambda fact: fact.since)
        if isinstance(fact.key, CreditKey) and fact.key.job == job and fact.value.status in statuses
    ]


def soonest_first(stand: Standing) -> tuple[int, date]:
    """Sorts titles: what is ahead by its day, then what has no date, then what is out, the latest first."""
    main = stand.main
    if main is None:
        return (1, date.max)
    if stand.count.released is None:
        return (0, main.date.earliest)
    return (2, date.fromordinal(date.max.toordinal() - main.date.earliest.toordinal()))
