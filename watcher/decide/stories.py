"""Which articles are one report told again: the same address, the same words, or the same quotation within some days.

Headlines of one event share too few words to tell copies by them (measured: 0.12 to 0.50), and much news of one day shares
its facts. A copy shares runs of words, a rewrite at least what somebody is quoted with.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import lru_cache
from zlib import crc32

from watcher.decide.arrivals import Arrival, with_story
from watcher.decide.policy import Judge
from watcher.model import Evidence, Source, Trust

#: Runs of so many words are compared (w-shingling: Broder, "On the resemblance and containment of documents", 1997).
_RUN = 5
#: So much of the shorter text stands in the other where one is a copy, and so many runs at least: a sentence alone is none.
_CONTAINED, _RUNS = 0.5, 12
#: A quotation of so many words is no turn of phrase that two people find on their own.
_QUOTED = 8
#: So many words of a text are looked at: what tells the news stands there, and a page may be a book.
_READ = 3000
#: So many texts and their marks are kept: each new text of a title is compared with the others of its days.
_REMEMBERED = 500
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_QUOTATION = re.compile(r"[\"“„«]([^\"“”„«»]{20,600})[\"”“»]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sketch:
    """The marks of a text by which its copies are known. Each run stands once, in eight bytes; in a set it takes a hundred."""

    runs: array[int]
    quotes: frozenset[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A text that told of a title: its story, when it was published (UTC), and its marks."""

    story: str
    at: datetime
    sketch: Sketch


def _at(told: Told) -> datetime:
    return told.at


@dataclass(slots=True, kw_only=True)
class Stories:
    """The stories of some days, to which texts are added one by one; `merged` maps stories that turned out to be another's.

    `told` is kept in the order of publication, so that a text is only compared with those of its days.
    """

    within: timedelta
    told: list[Told]
    merged: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.told.sort(key=_at)

    def add(self, told: Told) -> str:
        """The story of one more text: that of all the texts it copies or is copied by, which become one story; else its own."""
        story = last_of(told.story, self.merged)
        begin, end = (told.at - self.within, told.at + self.within)
        runs = frozenset(told.sketch.runs)
        for other in self.told[bisect_left(self.told, begin, key=_at) : bisect_right(self.told, end, key=_at)]:
            if same_report(other.sketch, told.sketch, runs):
                theirs = last_of(other.story, self.merged)
                if theirs != story:
                    story, gone = min(theirs, story), max(theirs, story)
                    self.merged[gone] = story
        insort(self.told, replace(told, story=story), key=_at)
        return story


def told_by(source: Source, text: str) -> Told:
    """A source and its text, as the stories compare it."""
    return Told(story=source.story, at=source.order[0], sketch=sketch(text))


def in_story(arrival: Arrival, stories: Stories) -> Arrival:
    """The arrival in the story that it tells; the user's word has no text and is its own."""
    if arrival.version is None:
        return arrival
    return with_story(arrival, stories.add(told_by(arrival.source, arrival.version.content.text)))


def in_stories(evidence: Iterable[Evidence], merged: Mapping[str, str]) -> list[Evidence]:
    """The claims in the stories that theirs turned out to be."""
    return [_moved(e, merged) if e.source.story in merged else e for e in evidence]


def last_of(story: str, merged: Mapping[str, str]) -> str:
    """What a story is part of in the end."""
    while story in merged:
        story = merged[story]
    return story


def _moved(evidence: Evidence, merged: Mapping[str, str]) -> Evidence:
    return replace(evidence, source=replace(evidence.source, story=last_of(evidence.source.story, merged)))


@lru_cache(maxsize=_REMEMBERED)
def sketch(text: str) -> Sketch:
    """The marks of a text; nobody keeps them longer than the process lives."""
    words = _numbers(text)[:_READ]
    runs = zip(*(words[n:] for n in range(_RUN)), strict=False)
    quoted = map(_numbers, _QUOTATION.findall(text))
    return Sketch(
        runs=array("q", set(map(hash, runs))), quotes=frozenset(hash(tuple(quote)) for quote in quoted if len(quote) >= _QUOTED)
    )


def same_report(one: Sketch, other: Sketch, runs: frozenset[int] | None = None) -> bool:
    """Whether two texts are one report told twice; `runs` are those of the other, for who compares it with many."""
    if one.quotes & other.quotes:
        return True
    shared = sum(map((frozenset(other.runs) if runs is None else runs).__contains__, one.runs))
    return shared >= _RUNS and shared >= _CONTAINED * min(len(one.runs), len(other.runs))


def with_originals(evidence: Iterable[Evidence], judge: Judge) -> list[Evidence]:
    """The claims, each copy with the outlet whose report it is: of its story's the nearest to the makers, then the first."""
    said = list(evidence)
    by_story: dict[str, list[Evidence]] = {}
    for e in said:
        if e.source.outlet is not None and e.source.story:
            by_story.setdefault(e.source.story, []).append(e)
    original = {story: _original(several, judge) for story, several in by_story.items() if len(several) > 1}
    return [_as_copy(e, original.get(e.source.story), judge) for e in said]


def _original(several: Sequence[Evidence], judge: Judge) -> str:
    ranks = list(Trust)
    first = min(several, key=lambda e: (ranks.index(judge.catalogue.outlet(e.source.outlet or "").trust), e.order))
    return first.source.outlet or ""


def _as_copy(evidence: Evidence, original: str | None, judge: Judge) -> Evidence:
    outlet = evidence.source.outlet
    if original is None or outlet is None or judge.catalogue.outlet(outlet).owner == judge.catalogue.outlet(original).owner:
        return evidence
    return replace(evidence, source=replace(evidence.source, copies=original))


def _numbers(text: str) -> list[int]:
    """A number for each word; Python's own hash of text differs from one process to the next, that of numbers does not."""
    return [crc32(word.casefold().encode("utf-8", "surrogatepass")) for word in _WORD.findall(text)]
