"""What is left to say when several steps go out at once: only what holds now, from where the listener last stood."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from builders import NOW, moved, release
from hypothesis import given
from hypothesis import strategies as st

from watcher.decide.netting import as_heard, net
from watcher.edtf import Edtf
from watcher.model import Cause, Change, ChangeKind, Confidence, Fact, Value

KEY = release("2026-06-05").key


def change(number: int, kind: ChangeKind, old: str | None, new: str) -> Change:
    """Revision `number` of one release fact."""
    return Change(
        id=f"{KEY}/r{number}",
        key=KEY,
        kind=kind,
        old=None if old is None else Value(date=Edtf(old)),
        new=Value(date=Edtf(new)),
        confidence=Confidence.REPORTED,
        at=NOW + timedelta(hours=number),
        recorded_at=NOW,
    )


def fact(date: str, confidence: Confidence = Confidence.CONFIRMED) -> Fact:
    """The fact as it stands."""
    return Fact(
        key=KEY,
        revision=9,
        value=Value(date=Edtf(date)),
        confidence=confidence,
        evidence=(),
        outlets=(),
        since=NOW,
        recorded_at=NOW,
        cause=Cause.NEWS,
    )


A, B, C = "2026-06-05", "2027-06-04", "2028-06-02"


def test_one_change_is_told_as_surely_as_it_holds_now() -> None:
    """A change that still holds is told with the confidence that its fact has reached."""
    (told,) = net([change(1, ChangeKind.SET, None, A)], {KEY: fact(A)})
    assert (told.kind, told.confidence) == (ChangeKind.SET, Confidence.CONFIRMED)


def test_two_moves_are_one_from_the_first_old_to_the_last_new() -> None:
    """A to B and B to C is told as A to C."""
    (told,) = net([change(2, ChangeKind.MOVED, A, B), change(3, ChangeKind.MOVED, B, C)], {KEY: fact(C)})
    assert (told.kind, str(told.old), str(told.new)) == (ChangeKind.MOVED, A, C)


def test_there_and_back_is_nothing() -> None:
    """What moved and moved back before anybody was told is not told."""
    assert net([change(2, ChangeKind.MOVED, A, B), change(3, ChangeKind.MOVED, B, A)], {KEY: fact(A)}) == ()


def test_superseded_value_is_not_told() -> None:
    """A change whose value no longer holds is left out."""
    assert net([change(1, ChangeKind.SET, None, A)], {KEY: fact(B)}) == ()
    assert net([change(1, ChangeKind.SET, None, A)], {}) == ()


def test_first_date_that_moved_at_once_is_a_first_date() -> None:
    """Who never heard the first date hears the second as the first."""
    (told,) = net([change(1, ChangeKind.SET, None, A), change(2, ChangeKind.MOVED, A, B)], {KEY: fact(B)})
    assert (told.kind, told.old, str(told.new)) == (ChangeKind.SET, None, B)


def test_silent_refinement_is_told_with_the_wider_date() -> None:
    """A date that was refined meanwhile, too little to be told by itself, is told as fine as it is now."""
    (told,) = net([change(1, ChangeKind.SET, None, "2026")], {KEY: fact("2026-22")})
    assert str(told.new) == "2026-22"


@given(st.lists(st.sampled_from([A, B, C]), min_size=1, max_size=6), st.permutations(range(6)))
def test_netting_depends_on_no_order_and_tells_only_what_holds(dates: list[str], order: list[int]) -> None:
    """Whatever the steps and the order of the rows, at most one change is told, and it ends at what holds now."""
    olds = [None, *dates]
    steps = [
        change(n, ChangeKind.MOVED if n else ChangeKind.SET, olds[n], date) for n, date in enumerate(dates) if olds[n] != date
    ]
    shuffled = [steps[n] for n in order if n < len(steps)]
    now = {KEY: fact(dates[-1])}
    assert net(shuffled, now) == net(steps, now)
    assert all(str(told.new) == dates[-1] for told in net(steps, now))
    assert len(net(steps, now)) <= 1


def test_other_facts_are_told_beside_it_in_the_order_of_the_news() -> None:
    """Changes of different facts stand side by side, the earlier news first."""
    other = moved(B, A)
    key = replace(KEY, region="GB")
    mine = change(5, ChangeKind.MOVED, A, B)
    theirs = replace(change(1, ChangeKind.SET, None, A), id=f"{key}/r1", key=key)
    told = net([mine, theirs], {KEY: fact(B), key: replace(fact(A), key=key)})
    assert [t.key for t in told] == [key, other.key]


def test_move_is_told_from_what_the_target_heard_last() -> None:
    """Who never heard of B, because C came before it was sent, hears of a move from A to C; a finer A than was told is kept."""
    move = change(3, ChangeKind.MOVED, B, C)
    assert as_heard(move, told=True, last=Value(date=Edtf(A))) == replace(move, old=Value(date=Edtf(A)))
    assert as_heard(move, told=True, last=Value(date=Edtf("2027"))) == move
    assert as_heard(move, told=True, last=Value(date=Edtf(C))) is None
    assert as_heard(move, told=False, last=None) == move
