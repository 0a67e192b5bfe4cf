"""Items in which something stands close to the title that is not said of it; each once misled the reader."""

from __future__ import annotations

import pytest
from readings import cast, credits_of, dates, releases

T = "The Glass Meridian"


def test_whose_part_is_no_person() -> None:
    """A character in a relative clause is not the one who is in talks; the actor before it is."""
    assert cast(f"Tomas Beld, whose Captain Rook opened the first film, is in talks to return in {T}.") == {
        "Tomas Beld": "in_talks"
    }


@pytest.mark.parametrize(
    ("title", "text"),
    [
        (f"{T} Finds Its Director In Ola Brandt", "The film has its filmmaker."),
        (f"Ola Brandt Tapped For {T}", f"Harrow Pictures has picked Ola Brandt to direct {T}."),
    ],
)
def test_director_is_no_actor(title: str, text: str) -> None:
    """Whoever an item calls the director has that one job, whatever verb the headline uses."""
    assert {(c.person, c.job) for c in credits_of(text, title=title)} == {("Ola Brandt", "director")}


def test_day_of_saying_is_no_release_date() -> None:
    """The day on which a studio said something is not a day on which a film opens."""
    assert dates(f"{T} will open in theaters on June 4, 2027, Harrow Pictures said on Tuesday.") == ["2027-06-04"]


def test_other_film_keeps_its_date_and_its_people() -> None:
    """A film that takes the old date, and who is in it, are not ours."""
    text = f"{T} has moved from June 4, 2027 to July 9, 2027. The Gull, with Bill Hart, will now open on June 4, 2027."
    assert [(str(c.date), str(c.from_date)) for c in releases(text)] == [("2027-07-09", "2027-06-04")]
    assert cast(text) == {}


def test_somebodys_film_is_another_film() -> None:
    """A possessive name before a title makes the subject another film, though ours stands in the sentence before."""
    assert dates(f"Harrow Pictures has high hopes for {T}. Jane Doe's Starman opens in theaters on July 11, 2027.") == []


def test_headline_and_body_do_not_run_together() -> None:
    """A name at the end of a headline is no part of the title that begins the body."""
    text = f"{T} has been pushed from June 4, 2027 to July 9, 2027."
    assert dates(text, title="A Delay That Is Good News For Harrow Pictures") == ["2027-07-09"]


def test_death_of_a_member_of_the_cast_is_read() -> None:
    """A death counts where the item says that the person is in the film."""
    text = f"Tomas Beld, who played Captain Rook in every film of the saga, has died. He will be seen in {T} next year."
    assert cast(text, title="Tomas Beld, actor, dies")["Tomas Beld"] == "died"


def test_part_called_the_director_directs_nothing() -> None:
    """A character by the name of a job gives the actor no such job."""
    text = f"Ann Moor has joined the cast of {T}. She will reprise her role as The Director, the head of the house."
    assert {(c.person, c.job) for c in credits_of(text)} == {("Ann Moor", "actor")}


@pytest.mark.parametrize(
    "after",
    [
        "Another Harrow Pictures release, The Gull, takes over its June 4, 2027 slot.",
        "One of the studio's own dramas takes its June 4, 2027 slot.",
        "A rival of the studio inherits that June 4, 2027 slot.",
    ],
)
def test_slot_that_somebody_takes_is_not_ours(after: str) -> None:
    """Who takes a slot stands in the sentence; the film that the text is about does not take its own."""
    assert dates(f"{T} has moved to July 9, 2027. {after}") == ["2027-07-09"]


def test_slot_that_our_film_takes_is_ours() -> None:
    """A film that is said to take another's slot has that date."""
    text = f"The Gull has moved to July 9, 2027. {T} takes its June 4, 2027 slot."
    assert dates(text) == ["2027-06-04"]
