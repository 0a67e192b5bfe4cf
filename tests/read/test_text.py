"""Sentences and phrases."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watcher.read.grammar import grammar
from watcher.read.index import Index
from watcher.read.phrases import Phrases
from watcher.read.text import Stops, flat, lines, words

WORDS = (
    *("The Glass Meridian", "Nocturne", "Ann Lee", "Iris Valdane", "Paper Tigers 2", "the film", "it", "according to Deadline"),
    *("opens", "joins", "is in talks", "June 6, 2027", "from", "to", "next year", "Q3 2027", "0"),
    *("“", "”", "’s", "(", ")", ". ", ", ", ": ", " – ", "; ", "? ", "\n\n", "\u202e", "é", "𝔘", "İ", "ß"),
)
PIECES = st.sampled_from(WORDS)
ANY = st.one_of(st.text(max_size=200), st.lists(PIECES, max_size=40).map(" ".join), st.lists(PIECES, max_size=40).map("".join))


def sentences(text: str) -> list[str]:
    """The sentences of a text."""
    found = lines(text, headline=0, stops=Stops.of(grammar().text))
    return [text[line.start : line.end] for line in found]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("One. Two. Three.", 3),
        ("It opens Jan. 12 in the U.S. and Dec. 3 elsewhere.", 1),
        ("Warner Bros. Pictures has it. Mr. Lee and J. R. Roe agree.", 2),
        ("10. The Glass Meridian. Release date: June 6.", 2),
        ("He said “Leap! is done.” She left.", 2),
        ("One\n\nTwo", 2),
        ("a seed of doubt.Next sentence", 2),
        ("", 0),
    ],
)
def test_sentences_end_where_a_reader_would_stop(text: str, count: int) -> None:
    """Abbreviations, initials and list numbers end no sentence; line breaks and full stops do."""
    assert len(sentences(flat(text))) == count


@given(ANY)
def test_flat_text_keeps_its_length(text: str) -> None:
    """Plain characters stand one for one, so that spans hold in the text as it came."""
    assert len(flat(text)) == len(text)


def test_a_phrase_is_words_with_choices_and_gaps() -> None:
    """The lexicon's small language: alternatives, words that may be missing, groups, gaps and names."""
    phrases = Phrases(
        [
            ("set|sets a? date", "set"),
            ("taken ... calendar", "off"),
            ("<be> out", "out"),
            ("finds <Name> at last", "found"),
            ("co-star", "co"),
        ],
        {"be": ["is", "was"]},
    )
    text = "It sets date, was out, taken off the old calendar, finds Ann at last, finds it at last, co star, costar, set."
    assert [hit.what for hit in phrases.find(text, 0, len(text))] == ["set", "out", "off", "found", "co", "co"]


def test_every_phrase_of_the_lexicon_compiles() -> None:
    """The lexicon loads as a whole: no phrase is malformed and no group is missing."""
    assert grammar().language == "en"


def test_word_holds_its_letters_whatever_stands_alone_beside_it() -> None:
    """A word of several is all of them in letters, where one that is no letter ("²") makes up a word elsewhere, too."""
    for text in ("co-star² and star²", "star² and co-star²"):
        index = Index(text)
        assert sorted(index.letters(index.words.index("co-star²"))) == ["co", "star²"]


@pytest.mark.parametrize("text", ["the actors' strike", "pre- and post-production", "co-star-' x"])
def test_word_ends_with_a_letter_or_a_digit(text: str) -> None:
    """An apostrophe or a hyphen behind a word belongs to no word."""
    assert all(word.group()[-1].isalnum() for word in words(text))
