"""What a page's own data says of a film is stated and listed, never news, and only where it is surely the title."""

from __future__ import annotations

from dataclasses import replace

import pytest
from builders import TITLE, credit, release

from watcher.edtf import Edtf
from watcher.model import Action, CreditClaim, ReleaseClaim, Status, Work
from watcher.read.structured import RULE, data_claims
from watcher.read.topic import tells_news

FILM = Work(name="Harbor Lights", date=Edtf("2026-06-05"), actors=("Mira Solis", "Ada Quill"), directors=("Tomas Beld",))


def test_film_of_the_title_states_its_day_and_lists_its_people() -> None:
    """The day is stated without a region, the people are listed with their job."""
    claims = data_claims([replace(FILM, name="Something Else"), FILM], TITLE, ())
    (date,) = [c for c in claims if isinstance(c, ReleaseClaim)]
    assert (date.date, date.action, date.region, date.rule) == (Edtf("2026-06-05"), Action.STATES, None, RULE)
    people = [(c.person, c.job, c.status) for c in claims if isinstance(c, CreditClaim)]
    assert people == [
        ("Tomas Beld", "director", Status.LISTED),
        ("Mira Solis", "actor", Status.LISTED),
        ("Ada Quill", "actor", Status.LISTED),
    ]


@pytest.mark.parametrize(
    "film",
    [replace(FILM, actors=("Ada Quill",)), replace(FILM, actors=(), directors=()), replace(FILM, name="Harbor Lights II")],
)
def test_namesake_says_nothing(film: Work) -> None:
    """A film of the same name without any of the title's people, or of another name, is another film."""
    assert data_claims([film], TITLE, ()) == ()


def test_text_goes_before_data() -> None:
    """Where the text speaks of a release in cinemas or of a person, the data adds nothing to that."""
    claims = data_claims([FILM], TITLE, [release("2026-07-03").claim, credit(Status.EXITS, "Ada Quill").claim])
    assert [c.person for c in claims if isinstance(c, CreditClaim)] == ["Tomas Beld", "Mira Solis"]
    assert not any(isinstance(c, ReleaseClaim) for c in claims)


@pytest.mark.parametrize(
    ("text", "tells"),
    [
        ("Harbor Lights opens in theaters in May.", True),
        ("Ada Quill joins the cast of Harbor Lights.", True),
        ("Harbor Lights has no release date yet.", True),
        ("A tune from Harbor Lights was whistled on the bus.", False),
    ],
)
def test_news_of_release_or_credits_is_told_from_talk(text: str, tells: bool) -> None:
    """A text tells news when a phrase of release or credits stands in it."""
    assert tells_news(text) is tells
