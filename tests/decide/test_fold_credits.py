"""Credits: progress, support, exit, denial, death, and what a list of names may say."""

from __future__ import annotations

from builders import JUDGE, credit
from hypothesis import given
from hypothesis import strategies as st

from watcher.decide.fold import Checkpoint
from watcher.decide.keys import person_slug, same_person
from watcher.decide.marks import fold
from watcher.model import ChangeKind, Confidence, Evidence, Modality, Status

TALKS, JOINS, LISTED, EXITS, DENIED, DIED, RUMOURED = (
    Status.IN_TALKS,
    Status.JOINS,
    Status.LISTED,
    Status.EXITS,
    Status.DENIED,
    Status.DIED,
    Status.RUMOURED,
)


def told(*said: Evidence) -> list[tuple[str, str]]:
    """Kind and status of each step that changes the status."""
    made = fold(said[0].key, Checkpoint(), said, JUDGE)
    return [(str(s.kind), str(s.new.status)) for s in made if s.kind is not ChangeKind.CONFIRMED]


def test_rumour_talks_and_joining_are_steps_and_never_go_back() -> None:
    """Progress from rumour to talks to joining is told step by step; talk of talks afterwards changes nothing."""
    said = (
        credit(RUMOURED, on="2025-01-01"),
        credit(TALKS, on="2025-01-05"),
        credit(JOINS, on="2025-01-09"),
        credit(TALKS, outlet="Reel Talk", on="2025-01-10"),
    )
    assert told(*said) == [("status", "rumoured"), ("status", "in_talks"), ("joined", "joins")]


def test_hedged_joining_is_a_rumour() -> None:
    """A text that only supposes somebody joins makes a rumour, not a member of the cast."""
    assert told(credit(JOINS, modality=Modality.RUMOURED)) == [("status", "rumoured")]


def test_joining_told_again_is_support() -> None:
    """A second outlet that says the same confirms it; nothing is told twice."""
    said = credit(JOINS), credit(JOINS, outlet="Reel Talk", on="2025-01-02")
    assert told(*said) == [("joined", "joins")]
    assert fold(said[0].key, Checkpoint(), said, JUDGE)[-1].confidence is Confidence.CONFIRMED


def test_list_builds_the_cast_without_news() -> None:
    """Being listed is kept as such; joining is news within days or from a trade paper, and months later elsewhere a retelling."""
    assert told(credit(LISTED)) == [("status", "listed")]
    assert told(credit(LISTED), credit(JOINS, outlet="Reel Talk", on="2025-01-02"))[-1] == ("joined", "joins")
    assert told(credit(LISTED), credit(JOINS, outlet="Reel Talk", on="2025-06-02")) == [("status", "listed")]
    assert told(credit(LISTED), credit(JOINS, outlet="The Ledger", on="2025-06-02"))[-1] == ("joined", "joins")


def test_list_needs_two_voices_to_end_talks() -> None:
    """One list that names somebody in talks is not enough; two independent ones mean that they joined."""
    talks, one, two = credit(TALKS), credit(LISTED, on="2025-02-01"), credit(LISTED, outlet="Reel Talk", on="2025-02-02")
    assert told(talks, one) == [("status", "in_talks")]
    assert told(talks, one, two)[-1] == ("joined", "joins")


def test_leaving_needs_a_firm_voice() -> None:
    """A rumour or an aggregator's word of leaving is not believed; a firm report from press is."""
    held = credit(JOINS)
    rumour = credit(EXITS, outlet="Reel Talk", on="2025-02-01", modality=Modality.RUMOURED)
    copied = credit(EXITS, outlet="Copycat", on="2025-02-02")
    assert told(held, rumour, copied) == [("joined", "joins")]
    assert told(held, credit(EXITS, outlet="Reel Talk", on="2025-02-03"))[-1] == ("left", "exits")


def test_death_is_no_exit() -> None:
    """A death is its own status, and lists of the cast that name the dead change nothing."""
    said = credit(JOINS), credit(DIED, on="2025-02-01"), credit(LISTED, outlet="Reel Talk", on="2025-03-01")
    assert told(*said) == [("joined", "joins"), ("status", "died")]


def test_denial_corrects_talks_and_waits_against_a_confirmed_credit() -> None:
    """A denial corrects what was only in talks; against a confirmed member of the cast one outlet is not enough."""
    assert told(credit(TALKS), credit(DENIED, on="2025-02-01"))[-1] == ("corrected", "denied")
    assert told(credit(JOINS, outlet="The Ledger"), credit(DENIED, on="2025-02-01")) == [("joined", "joins")]


def test_return_needs_to_be_believed_by_itself() -> None:
    """Who left is not brought back by one retelling of an old casting; a trade paper brings them back."""
    said = credit(JOINS), credit(EXITS, on="2025-02-01")
    assert told(*said, credit(JOINS, outlet="Reel Talk", on="2025-03-01"))[-1] == ("left", "exits")
    assert told(*said, credit(JOINS, outlet="The Ledger", on="2025-03-01"))[-1] == ("joined", "joins")


def test_one_person_in_many_spellings() -> None:
    """Accents, order, hyphens, one slip and a surname alone are one person; other first initials are not."""
    slug = person_slug
    assert slug("Ángela Dé Mórra Jr.") == "angela-de-morra"
    for other in ("Angela De Mórra", "Morra", "de Morra, Angela".replace(",", "")):
        assert same_person(slug("Ángela Dé Morra"), slug(other)), other
    assert same_person(slug("Catalina Sandino Moreno"), slug("Sandino Moreno"))
    assert same_person(slug("Gabriel Castaneda"), slug("Gabriel Castañedo"))
    assert same_person(slug("Kim Soo-hyun"), slug("Soohyun Kim"))
    assert not same_person(slug("Danny Huston"), slug("Anjelica Huston"))
    assert not same_person(slug("Ann Lee"), slug("Ann Lea"))


@given(st.text(max_size=40), st.text(max_size=40))
def test_sameness_is_mutual_and_slugs_fit_keys(one: str, other: str) -> None:
    """Whoever is the same person as somebody is so both ways, and a slug never breaks a key apart."""
    a, b = person_slug(one), person_slug(other)
    assert same_person(a, b) == same_person(b, a)
    assert "/" not in a
    assert a
