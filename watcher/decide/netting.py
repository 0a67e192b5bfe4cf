"""What is left to say when a delivery goes out later than its changes were made: only what still holds, once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from watcher.model import Change, ChangeKind, Fact, Key, Value


def net(changes: Sequence[Change], facts: Mapping[Key, Fact]) -> tuple[Change, ...]:
    """Changes of one delivery as they should be told now.

    Several steps of one fact become one, from the first old value to what holds now; a step whose end no longer holds, or
    that led back to where it began, is left out. `facts` are the facts as they stand. Order is by when the news was published.
    """
    by_key: dict[Key, list[Change]] = {}
    for change in sorted(changes, key=_revision):
        by_key.setdefault(change.key, []).append(change)
    told = [_one(steps, facts.get(key)) for key, steps in by_key.items()]
    return tuple(sorted((c for c in told if c is not None), key=lambda c: (c.at, c.id)))


def _revision(change: Change) -> int:
    return int(change.id.rsplit("/r", 1)[1])


def _still_true(change: Change, fact: Fact) -> bool:
    """Whether a change still holds: its value, or a finer date inside it that was too small a step to be told by itself."""
    if change.new.date is not None and fact.value.date is not None:
        return change.new.date.holds(fact.value.date)
    return change.new.date == fact.value.date and change.new.status == fact.value.status


def _one(steps: Sequence[Change], fact: Fact | None) -> Change | None:
    first, last = steps[0], steps[-1]
    if fact is None or not _still_true(last, fact) or (first.old is None and not last.new.known):
        return None
    surer = replace(last, new=fact.value, confidence=fact.confidence, old=first.old)
    if len(steps) == 1:
        return surer
    if first.old == last.new and last.kind is not ChangeKind.CONFIRMED:
        return None
    if first.old is None and last.kind in (ChangeKind.MOVED, ChangeKind.REFINED, ChangeKind.CORRECTED):
        return replace(surer, kind=ChangeKind.SET)
    if last.kind is ChangeKind.CONFIRMED:
        return replace(surer, kind=next((c.kind for c in reversed(steps) if c.kind is not ChangeKind.CONFIRMED), last.kind))
    return surer


def as_heard(change: Change, *, told: bool, last: Value | None) -> Change | None:
    """A change as it is news to one target; None where it is none.

    `told` says whether anything of the fact has left for it before, and `last` what the last alert of it said. A correction is
    for whoever got what was wrong: to others it is a move from what they heard, or the first they hear at all.
    """
    if change.kind is ChangeKind.CONFIRMED:
        return change
    if last == change.new:
        return None
    if change.kind is not ChangeKind.CORRECTED or not change.new.known:
        return replace(change, old=last) if last is not None and _strayed(change, last) else change
    if not told:
        return replace(change, kind=ChangeKind.SET, old=None)
    if last is not None and change.old is not None and not _same(last, change.old):
        return replace(change, kind=ChangeKind.MOVED, old=last) if last.known else replace(change, kind=ChangeKind.SET, old=None)
    return change


def _strayed(change: Change, last: Value) -> bool:
    """Whether a date that a target never heard stands between what it heard last and this change: nobody tells it "was" that."""
    old = None if change.old is None else change.old.date
    return old is not None and last.date is not None and change.new.date is not None and not last.date.holds(old)


def _same(one: Value, other: Value) -> bool:
    """Whether two values say the same of a release, or of where a person stands."""
    return (one.known, one.date, one.status) == (other.known, other.date, other.status)
