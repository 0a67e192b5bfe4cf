"""Who stands beside a title's name in the texts that have it: for somebody who adds a title and must say what shows it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import cache

from watcher.model import Title
from watcher.read.grammar import ENGLISH, Grammar, either, grammar
from watcher.read.people import People
from watcher.read.text import CAPITAL, Line, Span
from watcher.read.titles import TitleFinder

#: So many names are taken from one text, and so many are proposed together.
_FROM_ONE, _TOGETHER = 6, 4


def bare_names(title: Title) -> tuple[str, ...]:
    """The names of a title that may mean anything, where nothing is known that would show the film."""
    return TitleFinder(title, grammar(ENGLISH)).bare


def needed_words(title: Title) -> frozenset[str]:
    """Words in small letters of which every text that names the title has one; empty where no such words are known."""
    words = TitleFinder(title, grammar(ENGLISH)).needed
    return frozenset() if "" in words else words


def nearest(text: str, lines: Sequence[Line], mentions: Sequence[Span], people: People, words: Grammar) -> tuple[str, ...]:
    """The people and companies of the sentences that have the name and of those around them, the nearest first."""
    near: dict[str, int] = {}
    own = {text[mention.start : mention.end].casefold() for mention in mentions}
    studios = _studios(words.firms, words.companies)
    for number, line in enumerate(lines):
        around = lines[max(0, number - 1) : number + 2]
        if not any(other.meets(mention) for other in around for mention in mentions):
            continue
        found = [(person.start, person.name) for person in people.within(line.start, line.end)]
        found += [(match.start(), match.group()) for match in studios.finditer(text, line.start, line.end)]
        for at, name in found:
            if own.isdisjoint(name.casefold().split()):
                distance = min(abs(at - mention.start) for mention in mentions)
                near[name] = min(distance, near.get(name, distance))
    return tuple(sorted(near, key=lambda name: (near[name], name)))[:_FROM_ONE]


def proposals(texts: Sequence[Sequence[str]]) -> tuple[tuple[str, ...], ...]:
    """The names that stand beside a title in several texts, as groups: each most likely shows one film of that name.

    The names of a group stand together in some text. The group of most texts comes first, and in it the name of most texts.
    """
    rest = [set(names) for names in texts if names]
    groups: list[tuple[int, tuple[str, ...]]] = []
    while rest:
        counts = Counter(name for names in rest for name in names)
        first = max(counts, key=lambda name: (counts[name], name))
        mine = [names for names in rest if first in names]
        together = Counter(name for names in mine for name in names)
        chosen = sorted(together, key=lambda name: (-together[name], name))[:_TOGETHER]
        rest = [names for names in rest if names.isdisjoint(chosen)]
        groups.append((len(mine), tuple(chosen)))
    return tuple(group for _, group in sorted(groups, key=lambda found: -found[0]))


@cache
def _studios(firms: frozenset[str], companies: frozenset[str]) -> re.Pattern[str]:
    """Companies by the last word of their name, where companies that everybody knows have it too: "Harrow Pictures"."""
    last = firms & {name.rpartition(" ")[2] for name in companies if " " in name}
    words = either(word.capitalize() for word in last)
    return re.compile(rf"(?<![\w'-])(?:{CAPITAL}[\w&'-]+ ){{1,3}}(?:{words})(?!\w)")
