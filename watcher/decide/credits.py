"""How a claim about a person acts on the credit held: progress, support, exit, denial, death, conflict."""

from __future__ import annotations

from collections.abc import Sequence

from watcher.decide.fold import Checkpoint, Held
from watcher.decide.policy import Judge
from watcher.model import ChangeKind, Confidence, CreditClaim, Evidence, Modality, Status, Value

_OPEN = (Status.RUMOURED, Status.IN_TALKS)
_KINDS = {Status.JOINS: ChangeKind.JOINED, Status.EXITS: ChangeKind.LEFT}


def fold_credit(checkpoint: Checkpoint, evidence: Sequence[Evidence], judge: Judge) -> Held:
    """What the claims of one credit key make of a fact, in the order they were said; its steps tell how."""
    held = Held.at(checkpoint, judge)
    for said in sorted(checkpoint.open, key=lambda e: e.order):
        _hear(held, said)
    for said in sorted(evidence, key=lambda e: e.order):
        if checkpoint.floor is None or said.at >= checkpoint.floor:
            _hear(held, said)
        elif isinstance(said.claim, CreditClaim) and held.value and _supports(_status(said.claim), held.value.status):
            held.support(said)
    return held


def _hear(held: Held, said: Evidence) -> None:
    if isinstance(said.claim, CreditClaim):
        _weigh(held, said, said.claim, _status(said.claim))


def _status(claim: CreditClaim) -> Status:
    """The status a claim stands for: denied whatever was denied, and a mere rumour of joining is a rumour."""
    if claim.modality is Modality.DENIED:
        return Status.DENIED
    if claim.modality is Modality.RUMOURED and claim.status.seated:
        return Status.RUMOURED
    return claim.status


def _supports(said: Status, held: Status | None) -> bool:
    return said is held or (held is not None and said.seated and held.seated)


def _weigh(held: Held, said: Evidence, claim: CreditClaim, status: Status) -> None:
    """One claim against what is held."""
    current = held.value.status if held.value else None
    new = Value(status=status, role=claim.role or (held.value.role if held.value else None), person=_name(held, claim))
    if current is None:
        held.take(_KINDS.get(status, ChangeKind.STATUS), new, said)
    elif held.is_set_by_hand(said, new):
        _set_by_hand(held, said, new)
    elif _supports(status, current) and (status is current or held.judge.is_user(said)):
        held.support(said)
    elif held.judge.is_user(said) or (status is Status.DIED and not held.pinned):
        held.take(_KINDS.get(status, ChangeKind.STATUS), new, said)
    elif held.pinned:
        held.contend(status, said)
    elif current in _OPEN:
        _progress(held, said, new)
    elif current.seated:
        _seated(held, said, new)
    else:
        _return(held, said, new)


def _set_by_hand(held: Held, said: Evidence, new: Value) -> None:
    """What the user says of a person counts to the letter: another role too, and the same again where it is pinned or freed."""
    if held.value == new:
        held.take(ChangeKind.CONFIRMED, new, said, held.backers)
    elif held.value is not None and held.value.status is new.status:
        held.take(ChangeKind.STATUS, new, said, held.backers)
    elif new.status is not None:
        held.take(_KINDS.get(new.status, ChangeKind.STATUS), new, said)


def _name(held: Held, claim: CreditClaim) -> str:
    """The fullest spelling of the person's name so far."""
    before = held.value.person if held.value else None
    return before if before and len(before) >= len(claim.person) else claim.person


def _progress(held: Held, said: Evidence, new: Value) -> None:
    """From rumour to talks to joining, never back; a list that names them as cast needs a second voice."""
    status = new.status
    if status in (Status.JOINS, Status.EXITS, Status.DENIED) or (status is Status.IN_TALKS and held.judge.may_move(said)):
        assert status is not None
        held.take(ChangeKind.CORRECTED if status is Status.DENIED else _KINDS.get(status, ChangeKind.STATUS), new, said)
    elif status is Status.LISTED:
        listed = held.contend(status, said)
        if listed.confidence is Confidence.CONFIRMED:
            held.take(ChangeKind.JOINED, Value(status=Status.JOINS, role=new.role, person=new.person), said, listed)


def _seated(held: Held, said: Evidence, new: Value) -> None:
    """Somebody who is in: joining is told once, leaving needs its verb and a firm voice, a denial needs company."""
    status = new.status
    if status is Status.JOINS and _is_news(held, said):
        held.take(ChangeKind.JOINED, new, said, held.backers)
    elif status is not None and status.seated:
        held.support(said)
    elif status is Status.EXITS and held.judge.may_move(said):
        held.take(ChangeKind.LEFT, new, said)
    elif status is Status.DENIED:
        rivals = held.contend(status, said)
        if rivals.confidence.rank >= held.confidence.rank:
            held.take(ChangeKind.CORRECTED, new, said, rivals)


def _is_news(held: Held, said: Evidence) -> bool:
    """Whether joining is news of somebody who was only listed so far: said within days, or by the first voice to be believed."""
    soon = held.since is None or said.at - held.since <= held.judge.policy.fresh_for
    surest = held.judge.confidence([held.judge.voice(said)])
    return soon or (surest is Confidence.CONFIRMED and held.confidence is not Confidence.CONFIRMED)


def _return(held: Held, said: Evidence, new: Value) -> None:
    """Somebody who left, was denied or died: only a claim of joining that is believed by itself brings them (back)."""
    if new.status is Status.JOINS and held.value is not None and held.value.status is not Status.DIED:
        rivals = held.contend(Status.JOINS, said)
        if rivals.confidence is Confidence.CONFIRMED:
            held.take(ChangeKind.JOINED, new, said, rivals)
