"""Items without a headline, read under the words of their address."""

from __future__ import annotations

from dataclasses import replace

import pytest
from readings import NOCTURNE, READER, item, readings

from watcher.model import Item, Reading, ReleaseClaim, Verdict

TOLD = "https://paper.example/2026/05/nocturne-harrow-pictures-release-date-77120.html"


def bare(body: str, link: str = TOLD, *, title: str = "") -> Item:
    """An item with an address, and no headline unless one is given."""
    return replace(item(body, title=title), link=link)


def of_nocturne(one: Item) -> list[Reading]:
    """The readings of Nocturne, whose name stands in none of the texts."""
    return [reading for reading in readings(one) if reading.title == NOCTURNE.id]


def test_the_address_names_the_film_of_a_text_without_headline() -> None:
    """A text that says "the film" and has no headline is about what its address names, and the reasons say so."""
    one = bare("The film opens in theaters on June 4, 2027. Nothing else is known.")
    (reading,) = of_nocturne(one)
    (claim,) = reading.claims
    assert isinstance(claim, ReleaseClaim)
    assert (reading.verdict, claim.date.text) == (Verdict.ABOUT, "2027-06-04")
    assert claim.sentence.text == one.text[claim.sentence.start : claim.sentence.end]
    assert any("address" in reason for reason in reading.reasons)


def test_no_claim_is_read_from_an_address() -> None:
    """What only the address says is not said: it is made of a headline nobody can quote."""
    one = bare("Nothing else is known.", "https://paper.example/nocturne-iris-valdane-joins-cast-opens-june-4-2027")
    assert [reading.claims for reading in of_nocturne(one)] == [()]


def test_every_sentence_shown_is_the_items_own() -> None:
    """Explaining shows the sentences of the text, placed in it, and none of the address."""
    one = bare("The film opens in theaters on June 4, 2027. Nothing else is known.")
    shown = [note.sentence for note in READER.explain(one) if note.title == NOCTURNE.id]
    assert [one.text[s.start : s.end].strip() for s in shown] == [s.text.strip() for s in shown]
    assert shown[0].start == 0


@pytest.mark.parametrize(
    "link",
    [
        "https://paper.example/nocturne",
        "https://paper.example/tag/nocturne/",
        "https://paper.example/?p=nocturne-harrow-pictures-release",
        "https://nocturne-harrow-pictures-release.example/12345",
        "https://paper.example/2026/the-glass-harbour-harrow-pictures-date",
        "https://[nocturne-harrow-pictures/",
    ],
)
def test_an_address_that_tells_nothing_lends_nothing(link: str) -> None:
    """A section, a host, a query, another film's words and a broken address name no film."""
    assert of_nocturne(bare("The film opens in theaters on June 4, 2027.", link)) == []


def test_a_headline_is_enough_of_itself() -> None:
    """An item with a headline is not about what its address names: an old address stays when the headline is changed."""
    assert of_nocturne(bare("The film opens in theaters on June 4, 2027.", title="Five films for the summer")) == []
