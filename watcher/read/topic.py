"""Whether a text speaks of releases or of casts at all: a look that costs little, before anything is read closely."""

from __future__ import annotations

from watcher.read.grammar import grammar
from watcher.read.languages import language_of
from watcher.read.text import flat

#: Kinds of release cues that speak of a release, and not of filming or of another day of the film's life.
_RELEASE = frozenset({"release", "old", "none", "unset"})


def tells_news(text: str, hint: str | None = None) -> bool:
    """Whether a text has a phrase of release or of credits in it. `hint` is the language that it says it is in."""
    text = flat(text)
    words = grammar(language_of(text, hint))
    if any(hit.what.kind in _RELEASE and not hit.what.near for hit in words.release_cues.find(text, 0, len(text))):
        return True
    return any(not hit.what.is_empty for hit in words.credit_cues.find(text, 0, len(text)))
