"""What becomes of a fact when a text that it rests on does not say so any more: edited, discarded, or read better.

Absence withdraws nothing: feeds empty out and items vanish. Only an item that comes again, and says something else or
nothing, takes back what it said. The fact is then folded from nothing, out of what is still said.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from watcher.decide.fold import Step
from watcher.model import NOTHING, ChangeKind, Claim, Evidence, Fact, Key, ReleaseClaim, Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Anew:
    """Why a fact is folded from nothing: claims that it rests on are `gone` as of `at` (UTC), while `mine` have come."""

    gone: tuple[Evidence, ...]
    mine: tuple[Evidence, ...]
    at: datetime


def taken_back(backing: Mapping[Key, Sequence[Evidence]], come: Sequence[Evidence]) -> frozenset[Key]:
    """The facts that lose a claim they rest on.

    `backing` are the claims behind each fact whose sources are replaced now; `come` is all that the new sources say.
    """
    said = {(e.source.item, e.key, _content(e.claim)) for e in come}
    return frozenset(
        key for key, claims in backing.items() if any((e.source.item, key, _content(e.claim)) not in said for e in claims)
    )


def _content(claim: Claim) -> tuple[object, ...]:
    """What a claim says, without the words in which it does."""
    if isinstance(claim, ReleaseClaim):
        return (claim.date, claim.modality, claim.credits)
    return (claim.status, claim.modality, claim.credits)


def refolded(steps: Sequence[Step], held: Fact, anew: Anew) -> tuple[Step, ...]:
    """The one step from what is held to where all that is still said leads, as a correction; none where that is the same.

    Where the new text itself tells the step, such as a move that was written into an old article, it is that step.
    """
    if not steps and not held.value.known:
        return ()
    end = steps[-1] if steps else _nothing(held, anew)
    if _alike(end.new, held.value):
        if end.confidence is held.confidence:
            return ()
        surer = end.confidence.rank > held.confidence.rank
        return (replace(end, kind=ChangeKind.CONFIRMED if surer else ChangeKind.STATUS, old=held.value),)
    mine = {e.id for e in anew.mine}
    told = next((s for s in reversed(steps) if s.trigger.id in mine and s.old == held.value and s.new == end.new), None)
    if told is not None:
        return (replace(end, kind=told.kind, old=held.value, trigger=told.trigger),)
    if not held.value.known:
        return (replace(end, old=None),)
    trigger = end.trigger if end.trigger.id in mine else replace(end.trigger, said_at=max(anew.at, end.trigger.at))
    finer = held.value.date is not None and end.new.date is not None and held.value.date.holds(end.new.date)
    return (replace(end, kind=ChangeKind.REFINED if finer else ChangeKind.CORRECTED, old=held.value, trigger=trigger),)


def _alike(one: Value, other: Value) -> bool:
    """The same date, or a seat in the same cast, whoever tells it as news."""
    if one.status is None or other.status is None:
        return one.status is other.status and one.date == other.date
    return one.status is other.status or (one.status.seated and other.status.seated)


def _nothing(held: Fact, anew: Anew) -> Step:
    """Nobody says anything any more: what was said last is taken back."""
    last = max(anew.gone, key=lambda e: e.order)
    return Step(
        kind=ChangeKind.CORRECTED,
        old=held.value,
        new=NOTHING,
        confidence=held.confidence,
        trigger=replace(last, said_at=max(anew.at, last.at)),
        since=anew.at,
        backers=(),
    )
