"""What only the whole item can settle of its credits: in which job somebody is meant, and whose death matters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from watcher.model import Claim, CreditClaim, Status, Title
from watcher.read.frame import Cast

#: The rules of what says that somebody is not in the film, in words of its own.
_DENIED = frozenset(("credit.denied", "credit.not_in"))


def settle(found: Sequence[Sequence[Claim]], cast: Cast, title: Title) -> list[tuple[Claim, ...]]:
    """The claims of each sentence, in the light of all.

    Whom the item calls a director, and never shows to act, joins as director also where a sentence says only "joins". The
    death of one whom nothing shows to be in the film is no claim, nor that somebody is not in it of whom it tells that they left.

    Args:
        found: the claims of each sentence.
        cast: what the sentences left behind.
        title: the title; the jobs of its known people count as said.
    """
    said = [claim for claims in found for claim in claims if isinstance(claim, CreditClaim)]
    jobs = {k.person.casefold(): k.job for k in title.known if k.person}
    for claim in said:
        if claim.job != "actor":
            jobs.setdefault(claim.person.casefold(), claim.job)
    alive = {c.person.casefold() for c in said if c.status is not Status.DIED}
    strangers = cast.strangers - alive
    gone = {c.person.casefold() for c in said if c.status is Status.EXITS}
    found = [tuple(claim for claim in claims if not _says_less(claim, gone)) for claims in found]
    return [
        tuple(_settled(claim, jobs, cast.actors) for claim in claims if not _is_strange(claim, strangers)) for claims in found
    ]


def _says_less(claim: Claim, gone: set[str]) -> bool:
    """Whether a claim only says that somebody is not in the film, of whom the item tells that they left it."""
    denied = isinstance(claim, CreditClaim) and claim.status is Status.DENIED and claim.rule in _DENIED
    return denied and isinstance(claim, CreditClaim) and claim.person.casefold() in gone


def _is_strange(claim: Claim, strangers: set[str]) -> bool:
    return isinstance(claim, CreditClaim) and claim.status is Status.DIED and claim.person.casefold() in strangers


def _settled(claim: Claim, jobs: dict[str, str], actors: set[str]) -> Claim:
    """The claim with the job that the item gives its person, unless the item shows acting."""
    if not isinstance(claim, CreditClaim) or claim.job != "actor":
        return claim
    name = claim.person.casefold()
    return claim if name in actors else replace(claim, job=jobs.get(name, claim.job))
