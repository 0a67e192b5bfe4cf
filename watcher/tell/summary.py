"""The summary after a title's silent start: what is believed, how sure, and from whom."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from watcher.model import Confidence, CreditKey, Fact, ReleaseType, Status
from watcher.tell.blocks import Block, Passage, Piece, Row
from watcher.tell.countdown import Countdown, Dated, countdown, dated_releases
from watcher.tell.dates_in_words import Dates, from_today_in_words, preposition
from watcher.tell.lists import names_in_words, some_in_words
from watcher.tell.message import inert_name
from watcher.tell.passages import all_evidence, opens
from watcher.tell.people import CREW
from watcher.tell.places import place_in_words

_CAST_SHOWN = 12
_SAYS = {
    Confidence.CONFIRMED: "Confirmed by {outlets}.",
    Confidence.REPORTED: "Reported by {outlets}; not confirmed yet.",
    Confidence.RUMOURED: "A rumour from {outlets}; unconfirmed.",
}
_ABSENT = (Status.EXITS, Status.DENIED)
_REMARKS = {Status.IN_TALKS: " (in talks)", Status.RUMOURED: " (rumoured)"}


def summary(title_name: str, facts: Sequence[Fact], *, today: date, regions: Sequence[str], origin: str, dates: Dates) -> Piece:
    """All that is believed of a title: "Watching Ballerina: opens June 6, 2025".

    `regions` is the user's chain and `origin` the title's country, as for the countdown.
    """
    name = inert_name(title_name)
    count = countdown(facts, regions=regions, origin=origin, today=today)
    releases = dated_releases(facts, regions=regions, origin=origin)
    main = count.released or count.next
    others = [release for release in releases if release != main]
    blocks = (
        _opening(name, count, today, dates),
        *([_others(others, dates)] if others else []),
        *([Block(headline="The people", lines=people)] if (people := _people(facts)) else []),
        Block(headline="From here on", lines=("You hear of every change to this, and who says so.",)),
    )
    return Piece(
        name=name,
        title=f"Watching {name}: {_in_short(count, dates)}",
        blocks=blocks,
        kind="info",
        ask=all_evidence(facts[0].key.title) if facts else None,
    )


def _opening(name: str, count: Countdown, today: date, dates: Dates) -> Block:
    """The release that is waited for, or that has been, and what is counted to after it."""
    main = count.released or count.next
    following = _countdown_line(count)
    if main is None:
        return Block(headline="No release date is known yet.")
    return Block(
        headline=_where_it_stands(count),
        lines=tuple(filter(None, (following, release_line(main, dates)))),
        passage=Passage(
            opening=opens(name, main.key, main.date, manner="did" if count.released else "does"),
            rows=(Row(text=dates.in_words(main.date, weekday=True), beside=from_today_in_words(main.date, today)),),
            paragraphs=tuple(filter(None, (release_says(main), following))),
        ),
    )


def _others(releases: Sequence[Dated], dates: Dates) -> Block:
    """The other releases, a row each."""
    rows = []
    for one in releases:
        place = place_in_words(one.key)
        beside = f"{place[0].upper()}{place[1:]}. {release_says(one)}"
        rows.append(Row(text=dates.in_words(one.date, weekday=True), beside=beside))
    return Block(
        headline="Other dates",
        lines=tuple(release_line(one, dates) for one in releases),
        passage=Passage(opening="Other dates", rows=tuple(rows), is_list=True),
    )


def _in_short(count: Countdown, dates: Dates) -> str:
    """The title's half after the colon: the opening, past or to come."""
    if count.next is None:
        return "no date known yet"
    opening = count.released or count.next
    words = dates.in_words(opening.date)
    if count.released is not None:
        return f"released {words}"
    if opening.key.type is not ReleaseType.THEATRICAL:
        return f"{place_in_words(opening.key)}, {words}"
    return f"opens {words}" if opening.date.is_day else f"opens {preposition(opening.date)} {words}"


def _where_it_stands(count: Countdown) -> str:
    """The first line: how far off, or how long ago."""
    assert count.next is not None
    if count.released is None:
        return f"{'Opens' if count.next.key.type is ReleaseType.THEATRICAL else 'Out'} {count.words}."
    return f"Released {count.released_words}."


def _countdown_line(count: Countdown) -> str:
    """What the countdown goes to after the opening, and whose date it takes."""
    following = ""
    if count.next is not None and count.released is not None and count.next != count.released:
        following = f"Next: {place_in_words(count.next.key)}, {count.words}."
    return " ".join(filter(None, (following, f"{count.note}." if count.note else "")))


def release_line(release: Dated, dates: Dates) -> str:
    """A release in full: its date with the weekday, where, and who says so."""
    words = dates.in_words(release.date, weekday=True)
    return f"{words[0].upper()}{words[1:]}, {place_in_words(release.key)}. {release_says(release)}"


def release_says(release: Dated) -> str:
    """How sure a date is, and who says so."""
    names = [inert_name(outlet) for outlet in release.fact.outlets]
    return _SAYS[release.fact.confidence].format(outlets=some_in_words(names)) if names else "On record."


def _people(facts: Sequence[Fact]) -> tuple[str, ...]:
    """The cast in one line, then each job behind the camera in one."""
    cast = _named(facts, "actor")
    shown = [*cast[:_CAST_SHOWN], *([f"{len(cast) - _CAST_SHOWN} more"] if len(cast) > _CAST_SHOWN else [])]
    lines = [f"With {names_in_words(shown)}."] if shown else []
    for job, said in CREW:
        if names := _named(facts, job):
            lines.append(f"{said} {names_in_words(names)}.")
    return tuple(lines)


def _named(facts: Sequence[Fact], job: str) -> list[str]:
    """Who has this job, with a word on those for whom it is not settled."""
    return [
        inert_name(fact.value.person or fact.key.person.replace("-", " ").title()) + _REMARKS.get(fact.value.status, "")
        for fact in facts
        if isinstance(fact.key, CreditKey)
        and fact.key.job == job
        and fact.value.status is not None
        and fact.value.status not in _ABSENT
    ]
