"""One claim for each fact of an item: of all sentences that say it, the one that says it best."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta

from watcher.model import UNKNOWN_REGION, Action, Claim, CreditClaim, Modality, ReleaseClaim, ReleaseType, Status
from watcher.read.counts import COUNTED
from watcher.read.dated import HOLIDAY, NOW

#: Regions of claims that name no country.
_NOWHERE = frozenset((None, UNKNOWN_REGION))
#: Nearer than this, in days, to a holiday a film opens for it.
_ABOUT = 4
_ACTS = (Action.STATES, Action.CONFIRMS, Action.SETS, Action.MOVES, Action.UNSETS)
#: What these rules read as a joining ("is set to star", "plays") is none where the same text tells of talks.
_SOFT_RULES = frozenset(f"credit.{name}" for name in ("stars_in", "plays", "plays_role", "is_role", "is_part", "has_as"))
#: Which of these a text stands by for one person, first to last; talks and rumours outweigh a joining that is not firm.
_FIRM = (Status.JOINS, Status.IN_TALKS, Status.RUMOURED, Status.LISTED)
_SOFT = (Status.IN_TALKS, Status.RUMOURED, Status.JOINS, Status.LISTED)
_ENDS = (Status.EXITS, Status.DENIED, Status.DIED)


def best(claims: Iterable[Claim], headline: int) -> tuple[Claim, ...]:
    """The claims of an item without repetition, releases first, else in the order of the text.

    Args:
        claims: all claims of all sentences about one title.
        headline: where the item's title ends; what starts before it stands in the headline.
    """
    releases: dict[tuple[str, str | None, str], list[ReleaseClaim]] = {}
    people: dict[tuple[str, str], list[CreditClaim]] = {}
    for claim in claims:
        if isinstance(claim, ReleaseClaim):
            releases.setdefault((claim.type, claim.region, claim.date.text), []).append(claim)
        else:
            people.setdefault((claim.person.casefold(), claim.job), []).append(claim)
    dates = [_release(group, headline) for group in releases.values()]
    return (
        *(
            c
            for c in dates
            if not any(
                _refines(other, c)
                or _dates_again(other, c)
                or _outdoes(other, c)
                or _is_placed(other, c)
                or _is_about(other, c)
                or _is_outdated(c, other, headline)
                for other in dates
            )
        ),
        *(c for group in people.values() for c in _credits(group, headline)),
    )


def _release(group: Sequence[ReleaseClaim], headline: int) -> ReleaseClaim:
    """One claim of one date; what a lesser sentence adds (the old date, the credited outlet) is kept."""
    if len(group) == 1:
        return group[0]

    def weight(claim: ReleaseClaim) -> tuple[int, bool, bool, bool]:
        firm = claim.modality is not Modality.RUMOURED
        return (_ACTS.index(claim.action), firm, claim.sentence.start >= headline, claim.credits is not None)

    chosen = max(group, key=weight)
    return replace(
        chosen,
        from_date=chosen.from_date or next((c.from_date for c in group if c.from_date), None),
        credits=chosen.credits or next((c.credits for c in group if c.credits), None),
    )


def _outdoes(fine: ReleaseClaim, wide: ReleaseClaim) -> bool:
    """Whether a day replaces a month of another year, where the sentence of the month does not say the year."""
    guessed = not wide.date.is_unset and str(wide.date.year) not in wide.sentence.text
    same = fine.type is wide.type and fine.date.is_day and len(wide.date.text) == 7 and fine.date.text[5:7] == wide.date.text[5:]
    return guessed and same


def _is_placed(held: ReleaseClaim, bare: ReleaseClaim) -> bool:
    """Whether a premiere that one sentence tells without its country is the one that another places."""
    same = held.type is bare.type is ReleaseType.PREMIERE and held.date == bare.date
    return same and bare.region in _NOWHERE and held.region not in _NOWHERE


def _is_about(told: ReleaseClaim, feast: ReleaseClaim) -> bool:
    """Whether a day told by its holiday is only about the day that another sentence tells by its date."""
    same = told.type is feast.type and feast.rule == HOLIDAY != told.rule and told.date.is_day and feast.date.is_day
    return same and abs(told.date.earliest - feast.date.earliest) <= timedelta(days=_ABOUT)


def _is_outdated(old: ReleaseClaim, new: ReleaseClaim, headline: int) -> bool:
    """Whether a later sentence says what holds now: "… was delayed to June. It will now be released in May."."""
    same = (old.type, old.region) == (new.type, new.region) and old.action is new.action is Action.MOVES
    later = headline <= old.sentence.start < new.sentence.start and old.date != new.date
    return same and later and new.rule == NOW != old.rule and new.modality is not Modality.RUMOURED


def _dates_again(dated: ReleaseClaim, unset: ReleaseClaim) -> bool:
    """Whether a film taken off the calendar has a day again in the same item: then the taking off is history.

    Who only gives up a day may have any other time instead.
    """
    return (
        unset.date.is_unset
        and (dated.date.is_day or _only_gives_up(dated, unset))
        and dated.type is unset.type
        and dated.modality is not Modality.RUMOURED
    )


def _only_gives_up(dated: ReleaseClaim, unset: ReleaseClaim) -> bool:
    """Whether a claim tells of a day given up, and another of any date."""
    return unset.from_date is not None and not dated.date.is_unset


def _refines(fine: ReleaseClaim, wide: ReleaseClaim) -> bool:
    """Whether one claim says the same more exactly: a day for a month or year, a month for a year.

    Types of one kind count as one where a day stands in the other's month ("home in May", "on Blu-ray on May 14"). A day that
    was only counted from another gives way to one that another sentence tells.
    """
    if fine.region != wide.region and _NOWHERE.isdisjoint((fine.region, wide.region)):
        return False
    if wide.rule == COUNTED != fine.rule:
        return fine.type is wide.type and fine.date != wide.date and fine.date.is_day and fine.sentence != wide.sentence
    season = fine.date.text[5:] > "12" and fine.sentence == wide.sentence  # one sentence may tell of two windows
    exact = fine.date.is_day or (len(wide.date.text) == 4 and not season)
    month = fine.date.is_day and fine.date.text[:7] == wide.date.text and _place(fine.type) == _place(wide.type)
    return fine.date != wide.date and wide.date.holds(fine.date) and ((fine.type is wide.type and exact) or month)


def _place(kind: ReleaseType) -> int:
    """Types of one kind have one number: in cinemas, at home, a premiere."""
    return {ReleaseType.THEATRICAL: 0, ReleaseType.LIMITED: 0, ReleaseType.PREMIERE: 1}.get(kind, 2)


def _credits(group: Sequence[CreditClaim], headline: int) -> list[CreditClaim]:
    """What the item stands by for one person in one job.

    Talks in the body outweigh a headline that oversells, a joining that is only hearsay, and one that the verb does not close.
    """
    statuses = {c.status for c in group}
    talks = Status.IN_TALKS in statuses
    firm = any(_is_firm(c, headline) and not (talks and c.rule in _SOFT_RULES) for c in group)
    ends = [s for s in _ENDS if s in statuses]
    standing = next((s for s in (_FIRM if firm else _SOFT) if s in statuses), None)
    kept = [standing] if standing and not (ends and standing is Status.LISTED) else []
    return [_credit([c for c in group if c.status is status], headline) for status in (*kept, *ends)]


def _is_firm(claim: CreditClaim, headline: int) -> bool:
    """Whether a claim of the body tells of a joining that is more than hearsay."""
    return claim.status is Status.JOINS and claim.modality is not Modality.RUMOURED and claim.sentence.start >= headline


def _credit(group: Sequence[CreditClaim], headline: int) -> CreditClaim:
    """One claim of one status; the role and the credited outlet may come from another sentence."""
    if len(group) == 1:
        return group[0]

    def weight(claim: CreditClaim) -> tuple[bool, bool, bool, bool]:
        firm = claim.modality is not Modality.RUMOURED
        return (firm, claim.sentence.start >= headline, claim.credits is not None, claim.role is not None)

    chosen = max(group, key=weight)
    return replace(
        chosen,
        role=chosen.role or next((c.role for c in group if c.role), None),
        credits=chosen.credits or next((c.credits for c in group if c.credits), None),
    )
