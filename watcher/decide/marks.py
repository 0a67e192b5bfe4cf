"""Folding one fact, and marking how far it was folded, so that the cost of a poll does not grow with the age of the store.

A date that stands for years is told again ten thousand times. Now and then the state of its fold is written down as a mark,
no younger than `fresh_for`: what was said until then is not folded again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from watcher.decide.credits import fold_credit
from watcher.decide.fold import Checkpoint, Held, Start, Step
from watcher.decide.policy import Judge
from watcher.decide.releases import fold_release
from watcher.decide.stories import with_originals
from watcher.model import Evidence, Fact, Key, ReleaseKey

#: A mark is made once so many claims lie behind it that were folded again.
WORTH_A_MARK = 50


def fold(key: Key, checkpoint: Checkpoint, evidence: Sequence[Evidence], judge: Judge) -> tuple[Step, ...]:
    """The steps of one fact since its checkpoint. Deterministic, and the same whatever order the claims are given in."""
    return tuple(_held(key, checkpoint, evidence, judge).steps)


def mark(
    key: Key, checkpoint: Checkpoint, evidence: Sequence[Evidence], judge: Judge, *, horizon: datetime, now: datetime
) -> Start | None:
    """The fact as it stood at the horizon, to go on from there; None where that would save little, or nothing was held."""
    passed = [e for e in evidence if e.at <= horizon]
    if len(passed) < WORTH_A_MARK:
        return None
    held = _held(key, checkpoint, passed, judge)
    if held.value is None or held.since is None:
        return None
    backers = tuple(e.id for e in held.backers.said)
    fact = Fact(
        key=key,
        revision=checkpoint.fact.revision if checkpoint.fact else 0,
        value=held.value,
        confidence=held.confidence,
        evidence=backers,
        outlets=(),
        since=held.since,
        recorded_at=now,
        superseded=tuple(held.superseded),
        pinned=held.pinned,
    )
    return Start(fact=fact, at=horizon, made_at=now, backers=backers, open=tuple(e.id for e in held.open))


def _held(key: Key, checkpoint: Checkpoint, evidence: Sequence[Evidence], judge: Judge) -> Held:
    rule = fold_release if isinstance(key, ReleaseKey) else fold_credit
    known = with_originals([*checkpoint.backers, *checkpoint.open, *evidence], judge)
    backers, opened = len(checkpoint.backers), len(checkpoint.open)
    then = replace(checkpoint, backers=tuple(known[:backers]), open=tuple(known[backers : backers + opened]))
    return rule(then, known[backers + opened :], judge)
