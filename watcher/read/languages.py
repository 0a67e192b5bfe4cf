"""Which language a text is in: a small vote of the little words that every text of a language is full of."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Mapping
from functools import cache

from watcher.read.grammar import ENGLISH, languages, lexicon

#: How much of a text votes, in characters.
VOTERS = 1_500
#: What the feed's own word counts, in votes: it breaks ties and speaks for texts of a few words, for many feeds are wrong.
HINT = 1

_WORD = re.compile(r"[^\W\d_]{1,60}(?:-[^\W\d_]{1,60}){0,4}")
#: The name of a group in a phrase of a lexicon.
_GROUP = re.compile(r"<\w+>")
_QUOTED = re.compile(r"\"[^\"\n]{1,80}\"")


@cache
def _voters() -> Mapping[str, tuple[str, ...]]:
    """The languages that each word votes for: the little words of a lexicon, those of its cues, months and weekdays.

    Months and weekdays vote with a capital, and in capitals, too.
    """
    found: dict[str, dict[str, None]] = {}
    for language in languages():
        data = lexicon(language)
        cues = (cue["phrases"] for cue in (*data["release"]["cue"], *data["credit"]["cue"]))
        texts = [data["text"]["stop_words"], *data["words"].values(), *data["dates"]["months"], *data["dates"]["weekdays"], *cues]
        for word in _WORD.findall(_GROUP.sub(" ", " ".join(itertools.chain.from_iterable(texts)))):
            found.setdefault(word.lower(), {})[language] = None
    calendar = {
        form: found[word] for word in _calendar() & found.keys() for form in (word.capitalize(), word.title(), word.upper())
    }
    return {word: tuple(named) for word, named in (found | calendar).items()}


def language_of(text: str, hint: str | None = None) -> str:
    """The language that most of a text's little words are of; English where nothing votes.

    What is quoted has no vote, nor has a word with a capital, but for months and weekdays: a film's name is no sign of a
    language.

    Args:
        text: the text, flat; its first characters vote.
        hint: what the feed or the page says, as a tag of BCP 47 ("pt-BR"); one vote, if there is a lexicon for it.

    Returns:
        A language that has a lexicon, by its ISO 639-1 code.
    """
    votes = dict.fromkeys(languages(), 0)
    for named, times in Counter(map(_voters().get, _WORD.findall(_QUOTED.sub(" ", text[:VOTERS])))).items():
        for language in named or ():
            votes[language] += times
    hinted = (hint or "").lower().replace("_", "-").partition("-")[0]
    if hinted in languages():
        votes[hinted] += HINT
    return max(languages(), key=lambda language: (votes[language], language == ENGLISH))


@cache
def _calendar() -> frozenset[str]:
    """The months and weekdays of all languages."""
    tables = [lexicon(language)["dates"] for language in languages()]
    return frozenset(word for table in tables for names in (*table["months"], *table["weekdays"]) for word in names)
