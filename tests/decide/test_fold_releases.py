"""Release dates: support, refinement, move, conflict, stale restatement, unset, and the same end in every order."""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import pairwise

import pytest
from builders import JUDGE, day, moved, release
from hypothesis import given
from hypothesis import strategies as st

from watcher.decide.fold import Checkpoint, Step
from watcher.decide.marks import fold
from watcher.edtf import Edtf
from watcher.model import Action, ChangeKind, Confidence, Evidence, Fact, Modality, Value

FIRST, SECOND = "2026-06-05", "2027-06-04"


def steps(*said: Evidence, checkpoint: Checkpoint = Checkpoint()) -> list[Step]:  # noqa: B008 - frozen
    """The steps that these claims make."""
    return list(fold(said[0].key, checkpoint, said, JUDGE))


def told(*said: Evidence) -> list[tuple[str, str]]:
    """Kind and new date of each step that changes the date."""
    return [(str(s.kind), str(s.new.date)) for s in steps(*said) if s.kind is not ChangeKind.CONFIRMED]


def test_first_date_is_set_with_the_confidence_of_its_voice() -> None:
    """The first date is set: reported from press, confirmed from a trade paper, rumoured from a rumour."""
    assert steps(release(FIRST))[0].confidence is Confidence.REPORTED
    assert steps(release(FIRST, "The Ledger"))[0].confidence is Confidence.CONFIRMED
    assert steps(release(FIRST, modality=Modality.RUMOURED))[0].confidence is Confidence.RUMOURED


def test_second_origin_confirms() -> None:
    """A second independent origin confirms what one outlet reported, and the date does not change."""
    first, second = steps(release(FIRST), release(FIRST, "Reel Talk", "2025-01-02"))
    assert (first.kind, second.kind) == (ChangeKind.SET, ChangeKind.CONFIRMED)
    assert second.confidence is Confidence.CONFIRMED


@pytest.mark.parametrize(
    "echo",
    [
        release(FIRST, "Morning Reel", "2025-01-05"),
        release(FIRST, "Reel Talk", "2025-01-05", credits="Morning Reel"),
        release(FIRST, "Copycat", "2025-01-05"),
    ],
    ids=["the same outlet", "one that credits it", "an aggregator"],
)
def test_echo_is_no_second_origin(echo: Evidence) -> None:
    """The same outlet again, an outlet that credits it, and an aggregator do not confirm anything."""
    assert [s.confidence for s in steps(release(FIRST), echo)] == [Confidence.REPORTED]


def test_outlets_of_one_owner_count_once() -> None:
    """Two outlets of one owner speak with one voice."""
    assert len(steps(release(FIRST, "Ledger Weekly"), release(FIRST, "Ledger Weekly", "2025-01-03"))) == 1


def test_credited_trade_paper_only_reports_until_read_itself() -> None:
    """Crediting a trade paper makes a value reported, not confirmed; the paper's own text then confirms it."""
    quoted = release(FIRST, credits="The Ledger")
    read = release(FIRST, "The Ledger", "2025-01-02")
    assert [s.confidence for s in steps(quoted, read)] == [Confidence.REPORTED, Confidence.CONFIRMED]


def test_trade_paper_that_names_the_studio_confirms() -> None:
    """A trade paper's report of what the studio says is confirmed; press that says so of the studio only reports."""
    trade = release(FIRST, "The Ledger", credits="Solis Pictures")
    press = release(FIRST, "Reel Talk", credits="Solis Pictures")
    assert [steps(said)[0].confidence for said in (trade, press)] == [Confidence.CONFIRMED, Confidence.REPORTED]


def test_finer_date_refines_and_wider_supports() -> None:
    """A day inside the season refines it; the season told again afterwards only supports the day."""
    said = release("2026-22"), release(FIRST, "Reel Talk", "2025-01-02"), release("2026", "Third Voice", "2025-01-03")
    assert told(*said) == [("set", "2026-22"), ("refined", FIRST)]


def test_verb_of_moving_moves() -> None:
    """A report that the date moved, from press or better, moves it at once."""
    assert told(release(FIRST, "The Ledger"), moved(SECOND, FIRST)) == [("set", FIRST), ("moved", SECOND)]


def test_aggregator_and_rumour_move_nothing() -> None:
    """An aggregator's word or a rumour of a move leaves the date where it is."""
    rumour = release(SECOND, on="2025-02-02", action=Action.MOVES, was=FIRST, modality=Modality.RUMOURED)
    assert told(release(FIRST), moved(SECOND, FIRST, "Copycat"), rumour) == [("set", FIRST)]


def test_other_date_without_a_verb_waits_for_company() -> None:
    """Another date without a verb of moving is a conflict: one outlet does not move a confirmed date, two origins do."""
    held = release(FIRST, "The Ledger")
    one, two = release(SECOND, "Morning Reel", "2025-02-01"), release(SECOND, "Reel Talk", "2025-02-02")
    assert told(held, one) == [("set", FIRST)]
    assert told(held, one, two) == [("set", FIRST), ("moved", SECOND)]


def test_rivals_of_one_sense_stand_together() -> None:
    """Who says the month and who says the day of it contradict a lone date together, and the day is taken."""
    held = release("2026-33")
    month, on = release("2026-06", "Reel Talk", "2025-02-01"), release(FIRST, "Third Voice", "2025-02-02")
    other = release("2026-09-04", "Ledger Weekly", "2025-02-03")
    assert told(held, month, other) == [("set", "2026-33")]
    assert told(held, month, on) == told(held, on, month) == [("set", "2026-33"), ("corrected", FIRST)]


def test_wide_word_confirms_nothing_finer() -> None:
    """Who says only "next year" neither contradicts nor confirms a day; who names its month does."""
    year, month = release("2026", "Reel Talk", "2025-02-01"), release("2026-06", "Reel Talk", "2025-02-01")
    assert [s.confidence for s in steps(release(FIRST), year)] == [Confidence.REPORTED]
    assert [s.confidence for s in steps(release(FIRST), month)] == [Confidence.REPORTED, Confidence.CONFIRMED]


def test_date_in_a_window_that_was_refined_is_no_old_story() -> None:
    """After a year was refined to a day, a move to another day of that year is a move."""
    said = release("2026"), release(FIRST, "Reel Talk", "2025-01-05"), moved("2026-09-04", None)
    assert told(*said) == [("set", "2026"), ("refined", FIRST), ("moved", "2026-09-04")]


def test_lone_wrong_date_is_corrected_by_a_trade_paper() -> None:
    """What one outlet alone reported is corrected when a trade paper gives another date."""
    assert told(release("2025-03-23"), release(FIRST, "The Ledger", "2025-01-09")) == [
        ("set", "2025-03-23"),
        ("corrected", FIRST),
    ]


@pytest.mark.parametrize(
    "stale",
    [
        release(FIRST, "Reel Talk", "2025-03-01"),
        release(FIRST, "The Ledger", "2025-03-01"),
        moved(FIRST, None, "Reel Talk", "2025-03-01"),
        moved(FIRST, "2025-11-07", "Reel Talk", "2025-03-01"),
    ],
    ids=["a press page", "a trade page", "an old move told again", "an older move told again"],
)
def test_superseded_date_told_again_never_moves_back(stale: Evidence) -> None:
    """Telling a superseded date again, with or without a verb of moving, does not bring it back."""
    said = release("2025-11-07", on="2024-12-01"), moved(FIRST, "2025-11-07", on="2024-12-20"), moved(SECOND, FIRST)
    assert told(*said, stale)[-1] == ("moved", SECOND)


def test_move_there_and_back_is_two_moves() -> None:
    """A to B and then from B back to A is a second real move."""
    said = release(FIRST, "The Ledger"), moved(SECOND, FIRST), moved(FIRST, SECOND, "Reel Talk", "2025-02-20")
    assert told(*said) == [("set", FIRST), ("moved", SECOND), ("moved", FIRST)]


def test_unset_and_dated_again() -> None:
    """A film can be taken off the calendar and dated again; its old date told again does not date it."""
    gone = release("unset", on="2025-02-01", action=Action.UNSETS)
    stale = release(FIRST, "Reel Talk", "2025-02-10")
    again = release("2027-03-05", "Reel Talk", "2025-02-20", action=Action.SETS)
    assert told(release(FIRST, "The Ledger"), gone, stale, again) == [("set", FIRST), ("unset", "unset"), ("set", "2027-03-05")]


def test_only_the_day_held_can_be_given_up() -> None:
    """Who says which day a film gives up takes that day alone off the calendar; of another the film had left it before."""
    old, current = (release("unset", on="2025-02-01", action=Action.UNSETS, was=date) for date in (FIRST, SECOND))
    held = release(SECOND, "The Ledger")
    assert told(held, old) == [("set", SECOND)]
    assert told(held, current) == [("set", SECOND), ("unset", "unset")]


def test_released_film_does_not_move() -> None:
    """After its day has come, a move of nobody knows what does not move the date; one away from that very date does."""
    held, on = release("2025-06-06", "The Ledger"), "2025-09-01"
    assert told(held, moved("2026-01-09", None, on=on)) == [("set", "2025-06-06")]
    assert told(held, moved("2026-01-09", "2025-06-06", on=on))[-1] == ("moved", "2026-01-09")


def test_older_claims_support_a_checkpoint_and_never_move_it() -> None:
    """What was published before the checkpoint's own evidence confirms its value at most."""
    first = release(SECOND, on="2025-02-01")
    fact = Fact(
        key=first.key,
        revision=1,
        value=Value(date=Edtf(SECOND)),
        confidence=Confidence.REPORTED,
        evidence=(first.id,),
        outlets=("Morning Reel",),
        since=day("2025-02-01"),
        recorded_at=day("2025-02-01"),
    )
    held = Checkpoint(fact=fact, backers=(first,), floor=fact.since)
    assert steps(moved(FIRST, SECOND, "Reel Talk", "2025-01-15"), checkpoint=held) == []
    (step,) = steps(release("2027-06", "Reel Talk", "2025-01-15"), checkpoint=held)
    assert (step.kind, step.confidence) == (ChangeKind.CONFIRMED, Confidence.CONFIRMED)


DATES = st.sampled_from(["2024-06-07", "2025-06-06", "2025-06", "2025-22", "2025", "2026-01-09", "unset"])
OUTLET_NAMES = st.sampled_from(
    ["The Ledger", "Ledger Weekly", "Morning Reel", "Reel Talk", "Third Voice", "Copycat", "Solis Pictures"]
)


@st.composite
def claims(draw: st.DrawFn) -> Sequence[Evidence]:
    """Up to eight claims about one date, published on different days."""
    on = draw(st.lists(st.integers(1, 28), min_size=1, max_size=8, unique=True))
    return [
        release(
            draw(DATES),
            draw(OUTLET_NAMES),
            f"2024-02-{number:02d}",
            action=draw(st.sampled_from(list(Action))),
            was=draw(st.none() | DATES),
            modality=draw(st.sampled_from(list(Modality))),
            credits=draw(st.none() | OUTLET_NAMES),
        )
        for number in on
    ]


@given(claims(), st.randoms(use_true_random=False))
def test_order_of_arrival_does_not_matter(said: Sequence[Evidence], chance: random.Random) -> None:
    """The same claims end in the same steps whatever order they are given in."""
    shuffled = list(said)
    chance.shuffle(shuffled)
    assert steps(*said) == steps(*shuffled)


@given(claims())
def test_steps_form_a_chain(said: Sequence[Evidence]) -> None:
    """Each step begins where the one before it ended, unless that was nothing, and only a confirmation keeps the value."""
    made = steps(*said)
    for before, after in pairwise(made):
        assert after.old == before.new or not before.new.known
        assert (after.new == after.old) == (after.kind is ChangeKind.CONFIRMED)


@given(claims())
def test_every_held_date_was_said(said: Sequence[Evidence]) -> None:
    """Every held date was said by somebody: nothing invents a day."""
    spoken = {str(e.claim.date) for e in said if hasattr(e.claim, "date")}
    spoken |= {"None"}  # a denial can leave nothing held
    spoken |= {str(e.claim.from_date) for e in said if hasattr(e.claim, "from_date")}
    assert {str(s.new.date) for s in steps(*said)} <= spoken


def denied(date: str, outlet: str = "Morning Reel", on: str = "2025-02-05") -> Evidence:
    """One outlet's word that a date is wrong."""
    return release(date, outlet, on, modality=Modality.DENIED)


def test_denied_move_brings_the_date_before_it_back() -> None:
    """Who denies a move, as believed as who told it, corrects it to the date that was held before."""
    said = release(FIRST, "The Ledger"), moved(SECOND, FIRST, "Reel Talk"), denied(SECOND, "Morning Reel")
    assert told(*said) == [("set", FIRST), ("moved", SECOND), ("corrected", FIRST)]


def test_denied_first_date_leaves_nothing_and_is_not_told_again() -> None:
    """A denied date of which there was none before leaves nothing held; told once more it stays away, set anew it is news."""
    said = [release(FIRST), denied(FIRST, "Solis Pictures"), release(FIRST, "Reel Talk", "2025-02-07")]
    assert [str(step.new) for step in steps(*said)] == [FIRST, "nothing"]
    again = release(FIRST, "The Ledger", "2025-02-09", action=Action.SETS)
    assert [(str(s.kind), s.old, str(s.new)) for s in steps(*said, again)][2:] == [("set", None, FIRST)]


@pytest.mark.parametrize(
    "denial",
    [
        denied(FIRST, "Morning Reel"),
        denied(FIRST, "Copycat"),
        denied(SECOND, "Solis Pictures"),
        denied(FIRST, "Solis Pictures", "2024-12-30"),
    ],
    ids=["less believed than the date", "an aggregator", "of another date", "said before the date was"],
)
def test_denial_that_does_not_weigh_enough_changes_nothing(denial: Evidence) -> None:
    """A confirmed date stands against a denial from press, of another date, or older than itself."""
    assert told(release(FIRST, "The Ledger"), denial) == [("set", FIRST)]


def test_step_made_before_needs_company_within_days() -> None:
    """There, back, and there again is real where two voices say so within days; one alone, or the second weeks later, retells."""
    before = (
        release(FIRST, "The Ledger"),
        moved(SECOND, FIRST, "The Ledger", "2025-01-10"),
        moved(FIRST, SECOND, "The Ledger", "2025-02-01"),
    )
    back = [("set", FIRST), ("moved", SECOND), ("moved", FIRST)]
    retold = moved(SECOND, FIRST, "Reel Talk", "2025-02-10")
    assert told(*before, retold) == back
    assert told(*before, retold, moved(SECOND, FIRST, "Third Voice", "2025-03-10")) == back
    assert told(*before, retold, moved(SECOND, FIRST, "Third Voice", "2025-02-11")) == [*back, ("moved", SECOND)]


def test_date_that_is_denied_twice_is_not_what_was_before_it() -> None:
    """A date that was denied, set anew and denied again leaves nothing: what was before a date is another one."""
    said = (
        release(FIRST, "The Ledger", "2025-01-01"),
        denied(FIRST, "The Ledger", "2025-01-02"),
        release(FIRST, "The Ledger", "2025-01-03", action=Action.SETS),
        denied(FIRST, "The Ledger", "2025-01-04"),
    )
    assert [str(step.new) for step in steps(*said)] == [FIRST, "nothing", FIRST, "nothing"]
