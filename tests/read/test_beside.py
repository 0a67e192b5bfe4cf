"""Who stands beside a name: which names are not enough, and who in the texts shows which film is meant."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watcher.model import Item, Title
from watcher.read import Reader
from watcher.read.beside import bare_names, needed_words, proposals

DRIFT = Title(id="drift", name="Drift", aliases=("The Drift", "Harbor Drift"))
TEXTS = (
    "Orla Finch has joined the cast of Drift, the thriller that Mara Quill directs for Harrow Pictures.",
    "Drift, which Mara Quill directs, stars Orla Finch and Tomas Beld.",
    "The Korean film Drift with Jun Hae-won opened in Seoul.",
    "Drift Brothers sing. Nobody of them was ever in a film.",
)


def beside(text: str, title: Title = DRIFT) -> tuple[str, ...]:
    """The names beside a title in a text."""
    reader = Reader((title,), ())
    return next((names for _, names in reader.beside(Item(guid="1", title="Film news", body=text))), ())


def test_names_that_are_not_enough_are_known() -> None:
    """A name of one word of weight may mean anything until something is known of the film; a longer one never does."""
    assert bare_names(DRIFT) == ("Drift", "The Drift")
    assert bare_names(Title(id="x", name="Harbor Drift")) == ()
    assert bare_names(Title(id="x", name="Drift", context=("Orla Finch",))) == ()


def test_every_text_that_names_a_title_has_a_needed_word() -> None:
    """The words by which stored texts are found stand in each way to write the name; a mere number has none."""
    words = needed_words(Title(id="x", name="Harbor Lights: Part Two"))
    assert words
    assert all(any(word in text for word in words) for text in ("harbor lights 2", "harbor lights – part ii"))
    assert needed_words(Title(id="x", name="2")) == frozenset()


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (TEXTS[0], {"Orla Finch", "Mara Quill", "Harrow Pictures"}),
        (TEXTS[1], {"Mara Quill", "Orla Finch", "Tomas Beld"}),
        (TEXTS[2], {"Jun Hae-won"}),
        (TEXTS[3], set()),
        ("Ann Far walks. A dog barks. It rains. Rain falls. Drift is a film.", set()),
    ],
)
def test_people_and_studios_near_the_name_are_found(text: str, names: set[str]) -> None:
    """Those of the sentences with the name and beside them are found, others are not, nor what has the name in its own."""
    assert set(beside(text)) == names


def test_each_film_of_a_name_has_its_own_proposal() -> None:
    """Names that share a text go together, the most common first; those of another film of that name stand apart."""
    groups = proposals([beside(text) for text in TEXTS])
    assert groups[0][:2] == ("Mara Quill", "Orla Finch")
    assert groups[1] == ("Jun Hae-won",)
    assert len(groups) == 2


@given(st.lists(st.lists(st.sampled_from("ABCDEFGH"), max_size=6).map(tuple), max_size=12))
def test_proposals_are_of_the_texts_and_short(texts: list[tuple[str, ...]]) -> None:
    """Whatever stands in the texts, no proposal is empty, long or made up, and each text that has a name adds to one."""
    groups = proposals(texts)
    assert all(0 < len(group) <= 4 for group in groups)
    proposed = {name for group in groups for name in group}
    assert proposed <= {name for text in texts for name in text}
    assert all(proposed & set(text) for text in texts if text)
