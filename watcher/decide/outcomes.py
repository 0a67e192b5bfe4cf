"""The stage and the reason that ended an item, for `watcher why ITEM`: every silence has one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from watcher.decide.arrivals import Arrival
from watcher.decide.intents import Read
from watcher.decide.policy import Judge
from watcher.model import Action, Change, Evidence, Fact, Key, Modality, ReleaseClaim

#: Begins the outcome of an item that changed nothing.
DECIDED = "decided: "


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a plan ended: the facts as they stand after it, its changes, and the ids of those that somebody is told."""

    facts: Mapping[Key, Fact]
    changes: tuple[Change, ...]
    offered: frozenset[str]


def with_outcome(read: Read, arrival: Arrival, ended: Ended, judge: Judge) -> Read:
    """The reading with what became of it; one that says so itself keeps its word."""
    if read.outcome:
        return read
    if not read.reading.verdict.counts:
        return replace(read, outcome="read: " + ("; ".join(read.reading.reasons) or "not about this title"))
    if not read.evidence:
        return replace(read, outcome="read: says nothing of a release or a credit")
    keys = {e.key for e in read.evidence}
    made = [c for c in ended.changes if arrival.source.item in c.sources and c.key in keys]
    told = [c.id for c in made if c.id in ended.offered]
    if told:
        return replace(read, outcome="told: " + ", ".join(told))
    reasons = dict.fromkeys(c.silent for c in made if c.silent)
    if reasons:
        return replace(read, outcome="learned in silence: " + "; ".join(reasons))
    why = dict.fromkeys(_why_not(e, ended.facts.get(e.key), judge) for e in read.evidence)
    return replace(read, outcome=DECIDED + "; ".join(why))


def _why_not(said: Evidence, held: Fact | None, judge: Judge) -> str:
    """Why a claim changed nothing."""
    if held is None or not held.value.known:
        return "nothing is held that it could change"
    if judge.agrees(said, held.value):
        return f"already known, {held.confidence} since {held.since.date().isoformat()}"
    if held.pinned:
        return "you pinned another value"
    if said.claim.modality is Modality.DENIED:
        return "denies what is not held, or less surely than it is held"
    if isinstance(said.claim, ReleaseClaim):
        return _why_not_that_date(said.claim, held, mover=judge.may_move(said))
    return _why_not_that_part(held)


def _why_not_that_part(held: Fact) -> str:
    if held.value.status is not None and held.value.status.seated:
        return "less than is known already"
    return "not sure enough by itself to change what is held"


def _why_not_that_date(claim: ReleaseClaim, held: Fact, *, mover: bool) -> str:
    current = held.value.date
    if any(claim.date.holds(old) for old in held.superseded):
        return "an old date told again"
    if current is not None and claim.date.holds(current):
        return "says less than is known already"
    if claim.action is Action.MOVES and not mover:
        return "a move that nobody says firmly"
    return "another date than the one held; waits for a second voice"
