"""Films of a series that a sentence tells without a name: "the second", "the eighth film", "a sequel due next year"."""

from __future__ import annotations

import re
from collections.abc import Iterator

from watcher.read.grammar import BLANK, Grammar, either
from watcher.read.index import Anchored
from watcher.read.text import CAPITAL, Span, longest_words

#: Words of "the second", which needs a verb behind it to mean a film.
_BARE = 2


class PartFinder:
    """Finds them in texts of one language. A stretch without one of `words` has none, one without `sequel_words` no sequel."""

    def __init__(self, grammar: Grammar) -> None:
        table = grammar.mentions
        self.counts: dict[str, int] = {word: n for key in ("ordinals", "numerals") for word, n in table[key].items()}
        self.words = longest_words([*table["parts_told"], *table["ordinals"]])
        self.sequel_words = longest_words(table["sequels"])
        the = rf"(?:{either(grammar.text['definite'])}){BLANK}"
        helpers = either(helper for helper in grammar.works["helpers"] if helper not in grammar.works["infinitive"])
        verbs = rf"(?:{helpers}|{either(grammar.works['verbs'])})"
        bare = either(phrase for phrase in table["parts_told"] if len(phrase.split()) == _BARE)
        whole = either(phrase for phrase in table["parts_told"] if len(phrase.split()) > _BARE)
        counted = rf"{the}(?:{either(table['ordinals'])})"
        part = rf"{counted}\s+(?:{either(table['part_nouns'])})"
        months = either(name for names in grammar.dates["months"] for name in names)
        on = rf"(?= (?:(?:{either(grammar.dates['on'])})\s)?(?:\d|(?:{months})(?!\w)|{the}))"
        which = rf"(?=,? (?:{verbs}|{either(grammar.release['relative'])})\b)"
        told = re.compile(rf"(?<!\w)(?:(?:{whole}|{part})(?!\w)|(?:{bare}|{counted})(?= {verbs}\b))", re.IGNORECASE)
        self._told = Anchored(told, [*table["parts_told"], *grammar.text["definite"]])
        self._next = re.compile(rf"(?<!\w)(?:{bare}|{counted})(?:{on}|{which})", re.IGNORECASE)
        sequel = rf"(?:{either(table['sequels'])})(?!\w)"
        a = either(article for article in grammar.text["articles"] if article not in grammar.text["definite"])
        owner = either([*table["determiners"], *grammar.text["definite"]])
        name = rf"{CAPITAL}[^,.;:!?\n]{{2,50}}"
        self._sequel = re.compile(
            rf"(?<!\w)(?:(?i:{a}){BLANK}(?i:{sequel})|(?i:{owner}){BLANK}(?i:{sequel})(?=, [\"']?(?P<name>{name}),))"
        )

    def told(self, text: str, start: int, end: int) -> Iterator[tuple[Span, int | None]]:
        """Parts told by their number, each with it. Behind one such part another needs no verb: "the first … and the second"."""
        found = list(self._told.finditer(text, start, end))
        behind = self._next.finditer(text, found[0].end(), end) if found else ()
        for match in (*found, *behind):
            number = next((self.counts[word] for word in match.group().lower().split() if word in self.counts), None)
            yield Span(start=match.start(), end=match.end()), number

    def sequels(self, text: str, start: int, end: int) -> Iterator[tuple[Span, Span | None]]:
        """A sequel of something, "a sequel" or "the sequel, Another Name,": with the name, where there is one."""
        for match in self._sequel.finditer(text, start, end):
            name = Span(start=match.start("name"), end=match.end("name")) if match.group("name") else None
            yield Span(start=match.start(), end=match.end()), name
