"""Text as a reader sees it: flat characters, sentences, words. Spans always count in the text as it came."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Generic, TypeVar

#: Of so many names a text is asked whether they stand alone in it.
_MOST_ASKED = 60
#: Longest sentence, in characters: what is longer is no sentence but a page without full stops, and is cut at a blank.
LONGEST = 700

#: One character for one character, so that spans found in flat text hold in the text as it came.
_FLAT = {
    "‘": "'", "’": "'", "‚": "'", "‛": "'", "ʼ": "'", "`": "'", "´": "'",
    "“": '"', "”": '"', "„": '"', "‟": '"', "«": '"', "»": '"',
    "‐": "-", "‑": "-", "‒": "–", "—": "–", "―": "–", "−": "-",
    "\u00a0": " ", "\u2007": " ", "\u2009": " ", "\u200a": " ", "\u202f": " ", "\t": " ",
    "\r": "\n", "\u2028": "\n", "\u2029": "\n", "\u0085": "\n",
}  # fmt: skip
_UNEVEN = re.compile(f"[{''.join(map(re.escape, _FLAT))}]")

#: A letter that is no small one, in the Latin alphabets of Europe; for regular expressions that do not ignore case.
CAPITAL = rf"[^\W\d_a-zß-öø-ÿ{''.join(c for c in map(chr, range(0x100, 0x250)) if c.islower())}]"
#: A small one.
SMALL = r"[a-zß-öø-ÿ]"

#: A word; inner apostrophes and hyphens belong to it.
WORD = re.compile(r"[^\W_]+(?:['-][^\W_]+)*")
#: What of a word is letters.
LETTERS = re.compile(r"[^\W\d_]+")
#: What a name stands behind that is part of something else, and before.
_LED, _GOES_ON = re.compile(r"(?<=: )|(?<=\w)"), re.compile(r"\w")
#: What stands before a colon: "Paper Tigers: ".
_LED_BY = re.compile(r"(\w+)\W?: $")
#: It begins with a plain set, to which a search leaps.
_BOUNDARY = re.compile(r"[\n.!?…](?:(?<=\n)\n*|(?<=[^\n])(?:[.!?…]*[\"')\]]{0,3}\s+|(?<=[a-z0-9][.!?])[\"']?(?=[A-Z][a-z])))")
_LAST_WORD = re.compile(r"[^\s\"'(\[]{1,20}+$")
_OPENING = "\"'([¿¡"
_TAKEN_FOR = str.maketrans("ſıİ", "sii")


def flat(text: str) -> str:
    """The text with plain quotes, hyphens and blanks, of the same length."""
    return _UNEVEN.sub(lambda match: _FLAT[match.group()], text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A stretch of a text, `end` not included."""

    start: int
    end: int

    def holds(self, other: Span) -> bool:
        """Whether the other lies inside this one."""
        return self.start <= other.start and other.end <= self.end

    def meets(self, other: Span) -> bool:
        """Whether the two share a character."""
        return self.start < other.end and other.start < self.end


@dataclass(frozen=True, slots=True, kw_only=True)
class Line(Span):
    """A sentence. `headline` marks those of the item's title, `question` those that only ask."""

    headline: bool = False
    question: bool = False


def lowered(word: str) -> str:
    """A word that was found in any case as a table has it: an expression takes "ſ" for "s", "ı" and "İ" for "i"."""
    return word.translate(_TAKEN_FOR).lower()


def words(text: str, start: int = 0, end: int | None = None) -> Iterator[re.Match[str]]:
    """The words of a flat text; inner apostrophes and hyphens belong to them."""
    return WORD.finditer(text, start, len(text) if end is None else end)


def longest_words(terms: Iterable[str]) -> frozenset[str]:
    """Of each term its longest word in letters: a stretch that holds none of these holds none of the terms.

    It costs far less to ask that of a sentence than to look for the terms. Of words as long it is the last: of "A.V." not "a".
    """
    return frozenset(max(reversed(LETTERS.findall(term.lower())), key=len, default="") for term in terms)


def is_title_case(text: str) -> bool:
    """Whether most long words have a capital, as in many headlines: there capitals tell nothing about names."""
    long = [m.group() for m in words(text) if len(m.group()) > 3]
    return len(long) > 3 and sum(w[0].isupper() for w in long) >= 0.8 * len(long)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stops:
    """What a language's full stops mean.

    `abbreviations` are lower-case words that keep theirs ("jan", "bros"), `starters` begin a sentence even after one ("the",
    "it"), and before a word of `numbered` a number keeps its own ("6. Juni"). `names`, in lower case, end in such a mark
    themselves ("the salt road!"): behind one only a starter begins a sentence.
    """

    abbreviations: frozenset[str]
    starters: frozenset[str]
    numbered: frozenset[str] = frozenset()
    names: tuple[str, ...] = ()

    @classmethod
    def of(cls, table: Mapping[str, Sequence[str]], names: Iterable[str] = ()) -> Stops:
        """Those of a lexicon's table of the text, and of what films are called."""
        return cls(
            abbreviations=frozenset(table["abbreviations"]),
            starters=frozenset(table["starters"]),
            numbered=frozenset(table["numbered"]),
            names=tuple(dict.fromkeys(name for name in map(str.lower, map(flat, names)) if name[-1:] in ("!", "?", "."))),
        )

    def named(self, text: str, mark: int) -> bool:
        """Whether a mark is the last of a name."""
        return any(text[mark + 1 - len(name) : mark + 1].lower() == name for name in self.names)


def lines(text: str, *, headline: int, stops: Stops) -> list[Line]:
    """The sentences of a flat text; the first `headline` characters are the item's title.

    Args:
        text: the flat text.
        headline: length of the title.
        stops: what the full stops of its language mean.
    """
    found: list[Line] = []
    start = 0
    for match in _BOUNDARY.finditer(text):
        if match.start() < start or not _ends(text, start, match, stops):
            continue
        found.extend(_cut(text, start, match.end(), headline, stops))
        start = match.end()
    found.extend(_cut(text, start, len(text), headline, stops))
    return found


def _ends(text: str, start: int, match: re.Match[str], stops: Stops) -> bool:
    """Whether a sentence ends at this mark."""
    mark = match.group()
    after = text[match.end() : match.end() + 2].lstrip(_OPENING)[:1]
    if "\n" in mark or not after:
        return True
    if after.islower() or (stops.named(text, match.start()) and _follower(text, match.end()) not in stops.starters):
        return False
    if mark[0] != "." or mark.startswith(".."):
        return True
    last = _LAST_WORD.search(text, max(start, match.start() - 20), match.start())
    before = last.group().lower() if last else ""
    if before.isdigit():
        return not _numbers(text, start, match, before, stops)
    if before in stops.abbreviations or (len(before) == 1 and before.isalpha()) or "." in before:
        return len(before) != 1 and _follower(text, match.end()) in stops.starters
    return True


def _numbers(text: str, start: int, match: re.Match[str], number: str, stops: Stops) -> bool:
    """Whether a number with a full stop belongs to what follows: "6. Juni"; "10. Name", an entry of a list."""
    if len(number) < 3 and _follower(text, match.end()) in stops.numbered:
        return True
    return not text[start : match.start()].strip(" \"'([" + number)


def _follower(text: str, at: int) -> str:
    """The next word behind a place in lower case; empty where none is near."""
    follower = next(words(text, at, min(len(text), at + 30)), None)
    return follower.group().lower() if follower else ""


def _cut(text: str, start: int, end: int, headline: int, stops: Stops) -> list[Line]:
    """One sentence without outer blanks, or several pieces where it is far too long."""
    found: list[Line] = []
    while start < end:
        stop = end
        if end - start > LONGEST:
            blank = text.rfind(" ", start + LONGEST // 2, start + LONGEST)
            stop = blank + 1 if blank > 0 else start + LONGEST
        piece = text[start:stop]
        body = piece.strip()
        if body:
            first = start + len(piece) - len(piece.lstrip())
            bare = body.rstrip("\"')]")
            asks = bare.endswith("?") and not stops.named(body, len(bare) - 1)
            found.append(Line(start=first, end=first + len(body), headline=first < headline, question=asks))
        start = stop
    return found


class Mask:
    """Which characters of a text are spoken for; asking costs the length of the question, not the number of spans."""

    def __init__(self, length: int) -> None:
        self._taken = bytearray(length)

    def add(self, span: Span) -> None:
        """Take a stretch."""
        self._taken[span.start : span.end] = b"\1" * (span.end - span.start)

    def meets(self, span: Span) -> bool:
        """Whether any character of a stretch is taken."""
        return self.any_in(span.start, span.end)

    def any_in(self, start: int, end: int) -> bool:
        """The same of a stretch by its ends."""
        return self._taken.find(1, start, end) >= 0


S = TypeVar("S", bound=Span)
_START = attrgetter("start")


class Row(Generic[S]):
    """Spans sorted by start, to be asked for those of a stretch."""

    def __init__(self, spans: Sequence[S]) -> None:
        self._spans, self._starts = spans, [span.start for span in spans]

    def within(self, start: int, end: int) -> list[S]:
        """Those that lie in a stretch."""
        first, last = bisect_left(self._starts, start), bisect_left(self._starts, end)
        return [span for span in self._spans[first:last] if span.end <= end] if first < last else []


def around(spans: Sequence[S], inner: Span) -> S | None:
    """The last of spans sorted by start that begins no later than a stretch, if it holds it."""
    index = bisect_right(spans, inner.start, key=_START) - 1
    return spans[index] if index >= 0 and spans[index].holds(inner) else None


def all_of(text: str, name: str) -> Iterator[int]:
    """Where a name begins in a text, whatever stands around it."""
    at = text.find(name)
    while at >= 0:
        yield at
        at = text.find(name, at + 1)


class Standing:
    """Whether names stand in a text anywhere without a colon before them. It answers for so many names: its cost is bounded."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._known: dict[str, bool] = {}

    def alone(self, name: str) -> bool:
        """Whether a name of several words stands somewhere by itself: "Ann Lee" of "a part for: Ann Lee"."""
        if name not in self._known:
            asked = " " in name and len(self._known) < _MOST_ASKED
            self._known[name] = asked and self._is_free(name)
        return self._known[name]

    def _is_free(self, name: str) -> bool:
        """Whether a name stands without a colon before it, or behind two: no subtitle has two titles."""
        places = [(at, at + len(name)) for at in all_of(self._text, name)]
        if any(self._is_alone(start, end) for start, end in places):
            return True
        whole = [start for start, end in places if not _GOES_ON.match(self._text, end)]
        return len({led.group(1) for start in whole if (led := _LED_BY.search(self._text, max(0, start - 40), start))}) > 1

    def _is_alone(self, start: int, end: int) -> bool:
        """Whether what stands in a place is no part of something else."""
        return not _LED.match(self._text, start) and not _GOES_ON.match(self._text, end)
