"""Credit claims: who joins, talks, leaves, or is only named again."""

from __future__ import annotations

import pytest
from readings import cast, credits_of

from watcher.model import Modality, Status

T = "The Glass Meridian"


@pytest.mark.parametrize(
    ("text", "status"),
    [
        (f"Ann Lee joins {T}.", "joins"),
        (f"Ann Lee boards {T}.", "joins"),
        (f"Oscar winner Ann Lee has joined the cast of {T}.", "joins"),
        (f"Ann Lee is set to star in {T}.", "joins"),
        (f"Ann Lee has been cast in {T}.", "joins"),
        (f"{T} adds Ann Lee.", "joins"),
        (f"Harrow Pictures has tapped Ann Lee to star in {T}.", "joins"),
        (f"Ann Lee rounds out the cast of {T}.", "joins"),
        (f"Ann Lee has closed a deal to star in {T}.", "joins"),
        (f"Ann Lee is in talks to star in {T}.", "in_talks"),
        (f"Ann Lee has entered negotiations for {T}.", "in_talks"),
        (f"Ann Lee is circling {T}.", "rumoured"),
        (f"Ann Lee is being eyed for {T}.", "rumoured"),
        (f"The studio is eyeing Ann Lee to lead {T}.", "rumoured"),
        (f"Ann Lee could return in {T}.", "rumoured"),
        (f"It is unclear if Ann Lee will appear in {T}.", "rumoured"),
        (f"Ann Lee has exited {T}.", "exits"),
        (f"Ann Lee has dropped out of {T}.", "exits"),
        (f"Ann Lee leaves {T}.", "exits"),
        (f"Ann Lee will not return for {T}.", "exits"),
        (f"Ann Lee denies that she is joining {T}.", "denied"),
        (f"Ann Lee, who stars in {T}, has died at 71.", "died"),
        (f"{T} stars Ann Lee.", "listed"),
        (f"{T}, starring Ann Lee, is shooting.", "listed"),
        (f"Here comes Ann Lee, who's set to star in {T}.", "listed"),
        (f"Ann Lee was hired for {T} in October 2019.", "listed"),
        (f"Ann Lee had joined {T}.", "listed"),
    ],
)
def test_the_verb_gives_the_status(text: str, status: str) -> None:
    """Each way to come, to talk, to leave or to be told again gives its own status."""
    assert cast(text) == {"Ann Lee": status}


@pytest.mark.parametrize(
    "text",
    [
        f"Ann Lee is set to star in Paper Tigers. {T} is still shooting.",
        f"{T} director Marta Quill has cast Ann Lee in Paper Tigers.",
        f"Will Ann Lee return for {T}?",
        f"{T} opens soon, Ann Lee said.",
        f"The casting director of {T} met Ann Lee.",
        f"Ann Lee died in 1999, long before {T}.",
        f"Ann Lee leaves Paper Tigers for a rest, and {T} is done.",
        f"{T} swaps dates with Paper Tigers.",
    ],
)
def test_what_is_said_of_others_is_no_credit(text: str) -> None:
    """Another film's cast, questions, old deaths and mere neighbours in a sentence make no claim of a change."""
    assert {p: s for p, s in cast(text).items() if s != "listed"} == {}


def test_several_people_share_one_verb() -> None:
    """A list of names is a list of people, with particles, initials and accents as written."""
    text = f"Ann Lee, Carla de la Cruz, Michael B. Stone and Zoë d'Arbois have joined “{T},” Deadline reports."
    found = credits_of(text)
    assert [c.person for c in found] == ["Ann Lee", "Carla de la Cruz", "Michael B. Stone", "Zoë d'Arbois"]
    assert {c.credits for c in found} == {"Deadline"}


def test_one_leaves_and_another_comes() -> None:
    """A replacement is two claims: one exit, one joining."""
    assert cast(f"Bo Larsen replaces Ann Lee in {T}.") == {"Ann Lee": "exits", "Bo Larsen": "joins"}
    assert cast(f"Ann Lee has been replaced by Bo Larsen in {T}.") == {"Ann Lee": "exits", "Bo Larsen": "joins"}


def test_partners_are_only_listed() -> None:
    """Who stands opposite or alongside a newcomer is told again, not new."""
    text = f"Ann Lee has been cast in {T} opposite Bo Larsen. She joins already cast Carla Voss and Dan Roe."
    assert cast(text) == {"Ann Lee": "joins", "Bo Larsen": "listed", "Carla Voss": "listed", "Dan Roe": "listed"}


def test_partners_in_another_film_are_nobody() -> None:
    """Who stands opposite somebody in another film is not even listed for ours."""
    assert cast(f"Ann Lee joins {T}. Lee will also star in The Tin Parade opposite Bo Larsen.") == {"Ann Lee": "joins"}


def test_a_surname_is_the_person_named_in_full() -> None:
    """A surname means the last person of that name in the text, else one of the title's context."""
    assert cast(f"Ann Lee likes boats. Lee joins {T}.") == {"Ann Lee": "joins"}
    assert cast(f"Quill will direct {T}.") == {"Marta Quill": "joins"}
    assert cast(f"Lee joins {T}.") == {}


def test_roles_and_jobs_are_kept() -> None:
    """A part and a job behind the camera go with the claim."""
    (actor,) = credits_of(f"Ann Lee will reprise her role as Captain Orrin in {T}.")
    assert (actor.role, actor.job) == ("Captain Orrin", "actor")
    jobs = {c.person: (c.job, c.status) for c in credits_of(f"Marta Quill will direct {T} from a script by Dan Roe.")}
    assert jobs == {"Marta Quill": ("director", Status.JOINS), "Dan Roe": ("writer", Status.LISTED)}


def test_a_hedge_on_talks_adds_no_doubt() -> None:
    """Talks are reported even if "reportedly", for the status holds the doubt; a joining by hearsay is rumoured."""
    (talks,) = credits_of(f"Ann Lee is reportedly in talks to star in {T}.")
    assert (talks.status, talks.modality) == (Status.IN_TALKS, Modality.REPORTED)
    (joins,) = credits_of(f"Ann Lee has reportedly joined {T}.")
    assert (joins.status, joins.modality) == (Status.JOINS, Modality.RUMOURED)


def test_talks_in_the_body_outweigh_the_headline() -> None:
    """A headline that oversells ("joins") gives way to the body ("in talks")."""
    assert cast(f"Ann Lee is in talks for {T}.", title=f"Ann Lee Joins {T}") == {"Ann Lee": "in_talks"}


def test_a_part_is_news_only_where_a_new_cast_is_told() -> None:
    """Who "is Clara" joins under a headline that tells a new cast, and else only known."""
    body = f"In {T}, Ann Lee is Clara Orrin and Bo Larsen is Tom Orrin."
    assert set(cast(body, title=f"{T} names its family").values()) == {"joins"}
    assert set(cast(body, title=f"{T}: everything we know").values()) == {"listed"}
