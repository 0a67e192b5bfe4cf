"""How a claim of a release date acts on the date held: support, refinement, move, conflict, stale restatement, unset."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from watcher.decide.fold import Checkpoint, Held
from watcher.decide.policy import Chorus, Judge, supports
from watcher.edtf import Edtf
from watcher.model import NOTHING, Action, ChangeKind, Confidence, Evidence, Modality, ReleaseClaim, Value


def fold_release(checkpoint: Checkpoint, evidence: Sequence[Evidence], judge: Judge) -> Held:
    """What the claims of one release key make of a fact, in the order they were said; its steps tell how."""
    held = Held.at(checkpoint, judge)
    for said in sorted(checkpoint.open, key=lambda e: e.order):
        _hear(held, said)
    for said in sorted(evidence, key=lambda e: e.order):
        if checkpoint.floor is None or said.at >= checkpoint.floor:
            _hear(held, said)
        elif isinstance(said.claim, ReleaseClaim) and said.claim.modality is not Modality.DENIED:
            _support(held, said, said.claim)
    return held


def _hear(held: Held, said: Evidence) -> None:
    if isinstance(said.claim, ReleaseClaim):
        (_deny if said.claim.modality is Modality.DENIED else _weigh)(held, said, said.claim)


def _weigh(held: Held, said: Evidence, claim: ReleaseClaim) -> None:
    """One claim against what is held."""
    current = held.value.date if held.value else None
    new = Value(date=claim.date)
    if current is None:
        _first(held, said, claim)
    elif held.is_set_by_hand(said, new):
        held.take(_kind_by_hand(current, claim.date), new, said, held.backers if claim.date == current else None)
    elif claim.date.holds(current):
        _support(held, said, claim)
    elif held.judge.is_user(said):
        held.take(_kind_between(current, claim.date, ChangeKind.MOVED), new, said)
    elif held.pinned:
        held.contend(str(claim.date), said)
    else:
        _weigh_news(held, said, claim, current)


def _weigh_news(held: Held, said: Evidence, claim: ReleaseClaim, current: Edtf) -> None:
    """What the news says against a date that nobody pinned."""
    if claim.date.is_unset:
        # Who gives up another day than the one held tells of an old change.
        current_given_up = claim.from_date is None or claim.from_date.agrees(current)
        if claim.action is Action.UNSETS and current_given_up and held.judge.may_move(said):
            held.take(ChangeKind.UNSET, Value(date=claim.date), said)
    elif current.is_unset:
        _dated_again(held, said, claim)
    elif current.holds(claim.date):
        _refine(held, said, claim)
    else:
        _differ(held, said, claim, current)


def _support(held: Held, said: Evidence, claim: ReleaseClaim) -> None:
    """The date held, told again; what is too wide to say it is passed over."""
    if held.value is not None and held.value.date is not None and supports(claim.date, held.value.date):
        held.support(said)


def _first(held: Held, said: Evidence, claim: ReleaseClaim) -> None:
    """The first date ever heard, or heard again; told as a move where the text itself says from which date it moved."""
    if claim.date.is_unset or _is_refuted(held, claim):
        return
    other = claim.from_date is not None and not claim.from_date.holds(claim.date)
    moved = claim.action is Action.MOVES and other and held.judge.may_move(said)
    if moved:
        held.value = Value(date=claim.from_date)
    held.take(ChangeKind.MOVED if moved else ChangeKind.SET, Value(date=claim.date), said)


def _refine(held: Held, said: Evidence, claim: ReleaseClaim) -> None:
    """A finer date inside the one held; a mere rumour, or an aggregator alone, waits for company."""
    if held.judge.may_move(said):
        held.take(ChangeKind.REFINED, Value(date=claim.date), said)
    else:
        _conflict(held, said, claim, ChangeKind.REFINED)


def _dated_again(held: Held, said: Evidence, claim: ReleaseClaim) -> None:
    """A date for what had been taken off the calendar; one it had before counts only when somebody sets it anew."""
    if not _is_refuted(held, claim) and held.judge.may_move(said):
        held.take(ChangeKind.SET, Value(date=claim.date), said)


def _is_refuted(held: Held, claim: ReleaseClaim) -> bool:
    """Whether a date is only told again that was taken away before; who sets it anew has news."""
    return claim.date in held.superseded and claim.action not in (Action.MOVES, Action.SETS)


def _deny(held: Held, said: Evidence, claim: ReleaseClaim) -> None:
    """Somebody says that the date held is wrong; as believed as the date, they bring back the one before it, or none."""
    current = held.value.date if held.value else None
    later = held.since is None or said.at >= held.since
    if current is None or current.is_unset or not claim.date.holds(current) or not later:
        return
    held.deniers.add(said)
    sure = held.judge.may_move(said) and held.deniers.confidence.rank >= held.confidence.rank
    if held.judge.is_user(said) or (sure and not held.pinned):
        before = next((old for old in reversed(held.superseded) if not old.agrees(current)), None)
        if before is None and current not in held.superseded:
            held.superseded.append(current)
        held.take(ChangeKind.CORRECTED, NOTHING if before is None else Value(date=before), said, held.deniers)


def _differ(held: Held, said: Evidence, claim: ReleaseClaim, current: Edtf) -> None:
    """Another date than the one held: a move where a verb of moving says so, else a conflict that waits.

    A move away from the very date held is real even to a date it had before; one away from an older date is an old story.
    The very step that was made before, there and back again since, is news only where several say so within days.
    """
    restated = any(claim.date.holds(old) for old in held.superseded)
    if claim.action is not Action.MOVES or not held.judge.may_move(said):
        if not restated:
            _conflict(held, said, claim, _correction(held))
        return
    from_current = claim.from_date is not None and claim.from_date.agrees(current)
    from_before = claim.from_date is not None and any(claim.from_date.agrees(old) for old in held.superseded)
    if from_current and _happened_before(held, current, claim.date):
        if held.lately(said).movers >= held.judge.policy.confirm_origins:
            held.take(ChangeKind.MOVED, Value(date=claim.date), said)
    elif from_current or not (restated or from_before or _is_over(said, current)):
        held.take(ChangeKind.MOVED, Value(date=claim.date), said)


def _happened_before(held: Held, current: Edtf, date: Edtf) -> bool:
    """Whether the fact took this very step once already."""
    return any(old.agrees(current) and new.agrees(date) for old, new in pairwise([*held.superseded, current]))


def _conflict(held: Held, said: Evidence, claim: ReleaseClaim, kind: ChangeKind) -> None:
    """Wait until those who say otherwise are believed more than what is held; then take their date."""
    date, rivals = _rivals(held, said, claim)
    assert held.value is not None
    assert held.value.date is not None
    over = _is_over(said, held.value.date)
    if held.confidence is Confidence.CONFIRMED:
        ahead = claim.date.latest >= said.at.date()
        won = (ahead or not over) and rivals.movers >= held.judge.policy.confirm_origins
    else:
        won = rivals.confidence.rank > held.confidence.rank or (over and held.judge.may_move(said))
    if won:
        held.take(kind, Value(date=date), said, rivals)


def _rivals(held: Held, said: Evidence, claim: ReleaseClaim) -> tuple[Edtf, Chorus]:
    """All who say otherwise in the same sense as this claim, and the finest date that they can all mean."""
    held.contend(str(claim.date), said)
    dates = sorted((Edtf(text) for text in held.contenders), key=lambda d: (d.latest - d.earliest, d))
    date = next(d for d in dates if claim.date.holds(d))
    together = Chorus(held.judge)
    for evidence in sorted((e for d in dates if d.holds(date) for e in held.contenders[str(d)].firsts()), key=lambda e: e.order):
        together.add(evidence)
    return date, together


def _is_over(said: Evidence, current: Edtf) -> bool:
    """Whether the date held had passed when this was published: what is released moves only where a text says so outright."""
    return not current.is_unset and said.at.date() > current.latest


def _correction(held: Held) -> ChangeKind:
    """Another date without a verb of moving corrects what was never confirmed, and moves what was."""
    return ChangeKind.MOVED if held.confidence is Confidence.CONFIRMED else ChangeKind.CORRECTED


def _kind_between(old: Edtf, new: Edtf, otherwise: ChangeKind) -> ChangeKind:
    """The kind of a step between two dates that needs no verb."""
    if new.is_unset:
        return ChangeKind.UNSET
    if old.is_unset:
        return ChangeKind.SET
    return ChangeKind.REFINED if old.holds(new) else otherwise


def _kind_by_hand(old: Edtf, new: Edtf) -> ChangeKind:
    """The kind of a step that the user makes by hand: also to a wider date, or to the same one, which is pinned or freed."""
    if old == new:
        return ChangeKind.CONFIRMED
    return _kind_between(old, new, ChangeKind.CORRECTED if new.holds(old) else ChangeKind.MOVED)
