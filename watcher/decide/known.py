"""What a title's known values alone make of it: the ledger that a first run will write, made in memory for who asks before it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from watcher.decide.arrivals import Arrival, known_arrivals, touched
from watcher.decide.fold import Checkpoint, Start, since_checkpoint
from watcher.decide.plan import Before, make_plan
from watcher.decide.policy import Judge
from watcher.decide.telling import Audience
from watcher.model import Change, Evidence, Fact, Key, Title


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """A title's ledger as values: all revisions of its facts, the changes that made them, and the claims behind them."""

    facts: tuple[Fact, ...] = ()
    changes: tuple[Change, ...] = ()
    evidence: tuple[Evidence, ...] = ()


def known_plans(title: Title, judge: Judge, audience: Audience, now: datetime) -> Ledger:
    """The ledger of a title of which nothing is stored yet, as of `now` (UTC).

    The values arrive one by one, oldest first and in the order of the configuration within a day, as they do in a store.
    """
    ledger = Ledger()
    for arrival in known_arrivals(title, now):
        plan = make_plan(
            [arrival],
            _before(arrival, ledger, now - audience.policy.fresh_for),
            keys=sorted(touched([arrival]), key=str),
            titles={title.id: title},
            judge=judge,
            audience=audience,
            now=now,
        )
        ledger = Ledger(
            facts=ledger.facts + plan.facts,
            changes=ledger.changes + plan.changes,
            evidence=ledger.evidence + arrival.evidence,
        )
    return ledger


def _before(arrival: Arrival, ledger: Ledger, horizon: datetime) -> Before:
    """What a store with this ledger would answer: for each key the last fact, the checkpoint, and the claims after it."""
    facts: dict[Key, Fact] = {}
    checkpoints: dict[Key, Checkpoint] = {}
    evidence: dict[Key, tuple[Evidence, ...]] = {}
    for key in touched([arrival]):
        revisions = [fact for fact in ledger.facts if fact.key == key]
        said = [e for e in ledger.evidence if e.key == key]
        if revisions:
            facts[key] = revisions[-1]
        last = next((fact for fact in reversed(revisions) if fact.since <= horizon), None)
        checkpoints[key], evidence[key] = since_checkpoint(Start.of(last) if last else None, said)
    return Before(facts=facts, checkpoints=checkpoints, evidence=evidence)
