"""Which language a text is in: a small vote of the little words that every text of a language is full of."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache

from watcher.read.grammar import ENGLISH, languages, lexicon

#: How much of a text votes, in characters.
VOTERS = 5_000
#: What the feed's own word counts, in votes: it breaks ties and speaks for texts of a few words, for many feeds are wrong.
HINT = 1

_WORD = re.compile(r"[^\W\d_]+")


@cache
def _stop_words() -> dict[str, tuple[str, ...]]:
    """The languages of each stop word."""
    found: dict[str, tuple[str, ...]] = {}
    for language in languages():
        for word in lexicon(language)["text"]["stop_words"]:
            found[word] = (*found.get(word, ()), language)
    return found


def language_of(text: str, hint: str | None = None) -> str:
    """The language that most of a text's little words are of; English where nothing votes.

    Args:
        text: the text; its first characters vote.
        hint: what the feed or the page says, as a tag of BCP 47 ("pt-BR"); one vote, if there is a lexicon for it.

    Returns:
        A language that has a lexicon, by its ISO 639-1 code.
    """
    known, votes = _stop_words(), Counter[str]()
    for word, count in Counter(_WORD.findall(text[:VOTERS].lower())).items():
        for language in known.get(word, ()):
            votes[language] += count
    hinted = (hint or "").lower().replace("_", "-").partition("-")[0]
    if hinted in languages():
        votes[hinted] += HINT
    return max(languages(), key=lambda language: (votes[language], language == ENGLISH))
