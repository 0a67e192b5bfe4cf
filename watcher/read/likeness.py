"""An ambiguous name with nothing beside it that shows the film: whether it may be ours all the same.

Calendars and short notes name a film and a date and no more. Such a name may be ours if the text is film news and nothing in
it speaks of another work: no other name for it, no other country's, no director or star who is none of ours. What is read
then is a rumour, however firmly it is said: it can agree with what is known and never makes news alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from watcher.model import Title
from watcher.read.grammar import Grammar, either
from watcher.read.text import Span

_PART = r"[^\W\d_a-z](?:[\w'-]+|\.(?: ?[A-Z]\.)?)"
_FULL_NAME = rf"(?P<person>{_PART}(?: {_PART}){{1,3}})"
#: So many names besides the maker's are a crew.
_CREW = 2
_BRACKETS = re.compile(r"[A-Z][\w'!-]*(?: [\w'!-]+){0,4} \([\"']?$")


class Likeness:
    """Weighs names without context, for one title in one language."""

    def __init__(self, title: Title, grammar: Grammar, is_ours: Callable[[str], bool]) -> None:
        table = grammar.mentions
        home = grammar.region_codes
        self._is_ours = is_ours
        self._articles = frozenset(grammar.text["articles"])
        foreign = [term for term in grammar.nationalities if home[term] not in (title.origin, "001")]
        kinds = either(table["nouns"])
        self._signs = re.compile(rf"(?<!\w)(?:{either(table['film_signs'])})(?!\w)", re.IGNORECASE)
        self._foreign = re.compile(rf"(?<!\w)(?P<nation>{either(foreign)})[- ](?:[\w-]+ ){{0,2}}(?:{kinds})(?!\w)")
        self._part = re.compile(rf"(?<!\w)(?:{either(grammar.credit['roles'])})\s+[\"']?$", re.IGNORECASE)
        self._renamed = re.compile(rf"(?<!\w)(?:{either(table['renamed_from'])})(?: as)?,? [\"']?(?:the )?$", re.IGNORECASE)
        self._directs = re.compile(rf"(?<!\w){_FULL_NAME},? (?i:{either(table['directs'])})(?!\w)")
        self._directed = re.compile(rf"(?<!\w)(?i:{either(table['directed'])}) {_FULL_NAME}")
        self._owner = re.compile(rf"(?<!\w){_FULL_NAME}'s? [\"']?$")
        self._person = re.compile(rf"(?<!\w){_FULL_NAME}")
        self._makers = re.compile(rf"(?<!\w)(?i:{either(table['makers'])})(?:,|:)? {_FULL_NAME}")

    def maker(self, text: str, ours: Sequence[Span], begin: int) -> str | None:
        """Why a name is another work's, told by who makes it: "NAME, which Ann Lee is directing", "Ann Lee's NAME".

        A new director alone is news of ours; a whole crew of strangers is another film's.

        Args:
            text: the flat text, in which nobody of the title's context is named.
            ours: where the name stands.
            begin: where the headline ends, whose capitals show no names.
        """
        owners = (self._owner.search(text, max(0, mention.start - 60), mention.start) for mention in ours)
        found = (*self._directs.finditer(text), *self._directed.finditer(text), *(m for m in owners if m))
        named = {m.group("person") for m in self._person.finditer(text, begin) if self._is_somebody(m, ours)}
        return f"{found[0].group('person')} makes it, of whom the title knows nothing" if found and len(named) > _CREW else None

    def _is_somebody(self, name: re.Match[str], ours: Sequence[Span]) -> bool:
        """Whether a name may be a person's: neither a film's, which begins with an article, nor ours."""
        title = any(name.start() < mention.end and mention.start < name.end() for mention in ours)
        return not title and name.group().split()[0].lower() not in self._articles

    def why_not(self, text: str, ours: Sequence[Span]) -> str | None:
        """Why the name is not to be taken for ours; None where it may be."""
        if not self._signs.search(text):
            return "nothing shows that it is a film"
        if all(self._part.search(text, max(0, m.start - 24), m.start) for m in ours):
            return "it is the name of a part"
        for mention in ours:
            before = text[max(0, mention.start - 60) : mention.start]
            if self._renamed.search(before) or (
                _BRACKETS.search(before) and text[mention.end : mention.end + 2].lstrip("\"'")[:1] == ")"
            ):
                return "it is given as the other name of another work"
        foreign = self._foreign.search(text)
        if foreign:
            return f"a work told to be {foreign.group('nation')}"
        stranger = next((m.group("person") for m in self._makers.finditer(text) if not self._is_ours(m.group("person"))), None)
        return f"it names {stranger}, of whom the title knows nothing" if stranger else None
