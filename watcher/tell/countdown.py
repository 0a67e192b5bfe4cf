"""The countdown: which release of a title comes next for this user, how far off it is, and what is out already."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from watcher.edtf import Edtf
from watcher.model import Fact, ReleaseKey, ReleaseType
from watcher.tell.dates_in_words import days_until, distance_in_words
from watcher.tell.places import WORLD, in_region

#: What a film is waited for, most first. A premiere comes last: hardly anybody who waits is invited.
TYPE_ORDER = (
    ReleaseType.THEATRICAL,
    ReleaseType.LIMITED,
    ReleaseType.STREAMING,
    ReleaseType.DIGITAL,
    ReleaseType.PHYSICAL,
    ReleaseType.TV,
    ReleaseType.PREMIERE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dated:
    """A release fact that has a date, taken apart: its key is a `ReleaseKey` and its date is on the calendar."""

    fact: Fact
    key: ReleaseKey
    date: Edtf


@dataclass(frozen=True, slots=True, kw_only=True)
class Countdown:
    """What a title counts to, as of one local day.

    `next` is the release that is counted to, the opening itself once nothing is ahead, None without any date; `days` are
    the days to the first and the last day it can mean, negative once past. `words` say so ("in 30 to 121 days"). `note`
    says whose date it is where it is not the user's first region's. `released` is the opening once it is past, and
    `released_words` say how long ago ("535 days ago").
    """

    next: Dated | None = None
    days: tuple[int, int] | None = None
    words: str = "no date yet"
    note: str = ""
    released: Dated | None = None
    released_words: str = ""


def region_chain(regions: Sequence[str], origin: str) -> tuple[str, ...]:
    """Whose dates count, in order: the user's regions, the title's origin, the world; each once."""
    return tuple(dict.fromkeys((*regions, origin, WORLD)))


def dated_releases(facts: Sequence[Fact], *, regions: Sequence[str], origin: str) -> tuple[Dated, ...]:
    """For each release type the date of the first region in the user's chain that has one, in the order of `TYPE_ORDER`."""
    return releases_in(facts, region_chain(regions, origin))


def releases_in(facts: Sequence[Fact], chain: Sequence[str]) -> tuple[Dated, ...]:
    """The same for a chain that is whole already: no other region's date counts."""
    found: dict[ReleaseType, Dated] = {}
    for release in sorted(_dated(facts, chain), key=lambda release: chain.index(release.key.region)):
        found.setdefault(release.key.type, release)
    return tuple(found[kind] for kind in TYPE_ORDER if kind in found)


def countdown(facts: Sequence[Fact], *, regions: Sequence[str], origin: str, today: date) -> Countdown:
    """Count to the next release that this user can go to; `counted_to` says which that is.

    `today` is the day in the user's time zone; `regions` is the user's chain.
    """
    releases = dated_releases(facts, regions=regions, origin=origin)
    following = counted_to(releases, today)
    if following is None:
        return Countdown()
    opening = releases[0]
    is_out = opening.date.latest < today
    return Countdown(
        next=following,
        days=days_until(following.date, today),
        words=distance_in_words(following.date, today),
        note=whose(following.key, regions),
        released=opening if is_out else None,
        released_words=distance_in_words(opening.date, today) if is_out else "",
    )


def counted_to(releases: Sequence[Dated], today: date) -> Dated | None:
    """Which of a title's releases (in the order of `TYPE_ORDER`) is counted to on a day; None where there is none.

    The opening, the first of them, until its last possible day is past; then the soonest of the others that is still ahead,
    and the opening again once nothing is.
    """
    if not releases or releases[0].date.latest >= today:
        return releases[0] if releases else None
    ahead = [release for release in releases if release.date.latest >= today]
    return min(ahead, key=lambda release: release.date, default=releases[0])


def _dated(facts: Sequence[Fact], chain: Sequence[str]) -> list[Dated]:
    """The facts that are a release with a date, in a region of the chain."""
    return [
        Dated(fact=fact, key=fact.key, date=fact.value.date)
        for fact in facts
        if isinstance(fact.key, ReleaseKey)
        and fact.key.region in chain
        and fact.value.date is not None
        and not fact.value.date.is_unset
    ]


def whose(key: ReleaseKey, regions: Sequence[str]) -> str:
    """Says that a date is another region's than the user's first: "The date in the US; none known in the UK yet"."""
    if not regions or key.region in (regions[0], WORLD):
        return ""
    return f"The date {in_region(key.region)}; none known {in_region(regions[0])} yet"
