"""The films that a sentence speaks of: ours, other works, and "the film"."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import attrgetter

from watcher.model import Title
from watcher.read.filmwords import FilmWords
from watcher.read.index import index_of
from watcher.read.series import is_ours
from watcher.read.text import Line, Mask, Row, Span, Standing, flat, lowered, words
from watcher.read.titles import Finding, Mention, TitleFinder, is_title_like, quoted

#: Both begin with a plain set, to which a search leaps.
_COLON = re.compile(r":(?<=\w:) +(?=[A-Z])")
_SEQUEL = re.compile(
    r"[A-Z](?<!\w.)[\w'&-]{0,40} +(?:[A-Z][\w'&-]{0,40} +){0,3}"
    r"(?:\d{1,2}(?![\d:,.]\d|\w)|II|III|IV|VI|VII|Part (?:One|Two|Three|II|III|IV|\d))(?!\w)"
)
_NUMBER_OF_SEQUEL = re.compile(r"(?::| -| –)? (?:\d{1,2}|I{1,3}|IV|VI{0,3}|Part [\w]+|Chapter [\w]+|Volume [\w]+)$")
#: "2013's NAME" and "NAME (2013)" recall another film in passing.
_DATED = re.compile(r"\d{4}'s\s+[\"']?$")
_YEAR_IN_BRACKETS = re.compile(r"[\"']?\s*\(\d{4}\)")
#: "Name 7 and 8".
_SEVERAL = re.compile(r"(?P<base>\S.*?)\s(?P<numbers>\d{1,2}(?:,? (?:\w{1,3} |& )?\d{1,2})+)")
_NUMBER = re.compile(r"\d+")
#: Between a film that is described and its name.
_APPOSED = re.compile(r"[,:]\s[\"']?")
#: A quotation of no more words may be a title, whatever it begins with.
_SHORT_TITLE = 3
_QUOTES = frozenset("\"'")
_LINE_END = re.compile("\n")
_START = attrgetter("start")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark(Span):
    """A film in a sentence. `kind` is ours, work (another) or it; `beside` marks what cannot own the sentence's verb."""

    kind: str
    beside: bool = False


class Films:
    """The films of one item, sentence by sentence, seen from one title."""

    def __init__(self, text: str, finder: TitleFinder, finding: Finding, outlets: frozenset[str], known: FilmWords) -> None:
        self._text = text
        self._title = title = finder.title
        self._ours = finding.mentions
        self._others = finding.others
        self._outlets = outlets
        self._known = known
        self._context = frozenset(
            word.group().lower() for term in (title.name, *title.aliases, *title.context) for word in words(flat(term))
        )
        self._series = finder.series
        terms = (title.name, *title.aliases, *title.context, *(k.person for k in title.known if k.person))
        self._makers = frozenset(_makers(title, known))
        self._names = tuple(f" {_folded(term)} " for term in terms)
        self.works: Sequence[Span] = self._other_works()
        self._works_in, self._ours_in = Row(self.works), Row(self._ours)
        self._marks: dict[int, Sequence[Mark]] = {}

    @property
    def begins(self) -> int:
        """Where the text first names our title."""
        return min((m.start for m in self._ours), default=0)

    def _other_works(self) -> list[Span]:
        """Other works: titles in quotes, "Name: Sub", "Name 4", "Name opens June 6"; the longest where they overlap."""
        taken = Mask(len(self._text))
        for mention in self._ours:
            taken.add(mention)
        inner = list(self._quoted())
        names = [self._text[s.start : s.end].strip(" ,.;!?") for s in inner if not self._work_mark(s).beside]
        unquoted = self._known.finder.find(self._text, taken, self.is_ours, names)
        found = [*self._others, *self._firsts(), *inner, *self._with_subtitle(), *self._numbered(), *unquoted]
        kept: list[Span] = []
        for span in sorted(found, key=lambda s: (s.start - s.end, s.start)):
            if not taken.meets(span):
                kept.append(span)
                taken.add(span)
        return sorted(kept, key=lambda s: s.start)

    def is_ours(self, name: str) -> bool:
        """Whether a name is an outlet's, or of the title's own words or people: a part of one is enough."""
        folded = f" {_folded(name)} "
        known = {name.lower(), name.lower().removeprefix("the ")}
        return any(folded in term for term in self._names) or not known.isdisjoint(self._outlets)

    def _firsts(self) -> Iterator[Span]:
        """The first film where ours is its sequel and it is called the original: "the original NAME"."""
        for name in (self._title.name, *self._title.aliases):
            base = _NUMBER_OF_SEQUEL.sub("", flat(name))
            if base and base != flat(name):
                for match in re.finditer(rf"(?<!\w)(?i:{self._known.firsts}) [\"']?({re.escape(base)})(?!\w)", self._text):
                    yield Span(start=match.start(1), end=match.end(1))

    def _quoted(self) -> Iterator[Span]:
        for span in quoted(self._text):
            inner = self._text[span.start : span.end]
            if inner.lower() in self._outlets:
                continue
            said = self._is_speech(span) or self._begins_as_speech(inner)
            if is_title_like(inner) and any(c.isalpha() for c in inner) and not said:
                yield span

    def _begins_as_speech(self, inner: str) -> bool:
        """Whether quoted words begin as people speak: "He's a Hunter, Not a Hero"."""
        said = inner.lower().split()
        return len(said) > _SHORT_TITLE and said[0] in self._known.speech

    def _is_speech(self, span: Span) -> bool:
        """Whether our title stands in the same line in other quotation marks: these then hold words that were said."""
        marks = self._quotes.get(bisect_left(self._breaks, span.start), set())
        return not marks.isdisjoint(_QUOTES - {self._text[span.start - 1]})

    @cached_property
    def _breaks(self) -> list[int]:
        """Where the lines of the text end."""
        return [match.start() for match in _LINE_END.finditer(self._text)]

    @cached_property
    def _quotes(self) -> Mapping[int, set[str]]:
        """What stands before our title in each line, by the number of the line."""
        found: dict[int, set[str]] = {}
        for mention in self._ours:
            if mention.start:
                found.setdefault(bisect_left(self._breaks, mention.start), set()).add(self._text[mention.start - 1])
        return found

    def _with_subtitle(self) -> Iterator[Span]:
        known, standing = self._known, Standing(self._text)
        for colon in _COLON.finditer(self._text):
            left = known.run_back(self._text, colon.start())
            right = known.run_on(self._text, colon.end())
            label = self._text[left : colon.start()].lower()
            plain = all(w.group().isdigit() or known.grammar.is_plain(w.group()) for w in words(label))
            shout = label.upper() == self._text[left : colon.start()] and " " not in label and len(label) > _SHORT_TITLE
            if shout and not self._text[colon.end() : right].isupper():
                continue  # "SPOILERS: Whoever saw it"
            ours = next((m.start for m in self._ours if colon.end() < m.start < right), right)
            right = known.run_on(self._text[:ours], colon.end()) if ours < right else right  # "Name: Sub 7 and NAME 8"
            if left == colon.start() or right == colon.end() or label in known.labels:
                continue
            quotes = self._text[right : right + 2].strip() in _QUOTES
            if quotes and self._text[colon.end() : right].rpartition(" ")[2].lower() in known.determiners:
                continue  # "SHOW: Studio Unveils Its 'NAME'"
            if standing.alone(self._text[colon.end() : right]):
                continue  # "a director for NAME: Ann Lee", who stands elsewhere too
            dated = plain and any(w.group() in known.months for w in words(label))  # "June 6: Paper Tigers"
            if dated or not plain:
                yield Span(start=colon.end() if dated else left, end=right)

    def _numbered(self) -> Iterator[Span]:
        for match in _SEQUEL.finditer(self._text):
            parts = match.group().lower().replace(".", "").split()
            if parts[0] in self._known.openers and self._known.in_month.match(self._text, match.end()):
                continue  # "Am 6. Juni", "El 6 de junio"
            if all(part in self._known.openers for part in parts[:-1]):
                continue  # "With 90 minutes shot"
            ruler = self._known.ruler.search(self._text, max(0, match.start() - 24), match.start())
            if not ruler and parts[0] not in self._known.months and parts[-2] not in self._known.months:
                yield Span(start=match.start(), end=match.end())

    def in_line(self, line: Line) -> Sequence[Mark]:
        """The films of a sentence, left to right; some sentences are asked about more than once."""
        marks = self._marks.get(line.start)
        if marks is None:
            marks = self._marks[line.start] = self._marks_of(line)
        return marks

    def _marks_of(self, line: Line) -> list[Mark]:
        marks = [self._ours_mark(m) for m in self._ours_in.within(line.start, line.end)]
        marks += [self._work_mark(span) for span in self._works_in.within(line.start, line.end)]
        known = self._known
        said = index_of(self._text).said(known.words, line.start, line.end)
        if not said:
            return sorted(marks, key=_START) if len(marks) > 1 else marks
        described = not known.described_words.isdisjoint(said)
        if described and not any(m.kind == "ours" for m in marks):
            others = (Span(start=m.start(), end=m.end()) for m in known.another.finditer(self._text, line.start, line.end))
            marks.extend(Mark(start=s.start, end=s.end, kind="work") for s in others if not any(s.meets(m) for m in marks))
        if not known.parts.sequel_words.isdisjoint(said):
            marks.extend(self._sequels(line, marks))
        for match in known.described.finditer(self._text, line.start, line.end) if described else ():
            span = Span(start=match.start(), end=match.end())
            if not any(span.meets(m) for m in marks):
                marks.append(self._described_mark(line, match, span, marks))
        if not known.pronoun_words.isdisjoint(said):
            found = known.pronoun.finditer(self._text, line.start, line.end)
            marks.extend(Mark(start=match.start(), end=match.end(), kind="it") for match in found)
        if not known.two_words.isdisjoint(said):
            marks.extend(self._one_of_two(line, marks))
        if not known.parts.words.isdisjoint(said):
            marks.extend(self._second_of_two(line, marks))
        return sorted(marks, key=_START)

    def _sequels(self, line: Line, marks: Sequence[Mark]) -> Iterator[Mark]:
        """A sequel that is not ours: "a sequel due next January", "the sequel, Another Name, follows"."""
        for span, name in self._known.parts.sequels(self._text, line.start, line.end):
            same = self._known.same.search(self._text, max(line.start, span.start - 9), span.start)
            ours = name is not None and any(m.kind == "ours" and m.meets(name) for m in marks)
            if not same and not ours and not any(span.meets(m) for m in marks):
                yield Mark(start=span.start, end=span.end, kind="work")

    def _second_of_two(self, line: Line, marks: Sequence[Mark]) -> Iterator[Mark]:
        """A part told by its number ("the second opens a year later"): another film unless ours is that part."""
        for span, number in self._known.parts.told(self._text, line.start, line.end):
            if not any(span.meets(m) for m in marks):
                yield Mark(start=span.start, end=span.end, kind=self._kind_of_part(number))

    def _kind_of_part(self, number: int | None) -> str:
        """Which film a part told by its number is: ours for sure only where the text names other parts of the series."""
        placed = None if number is None else is_ours(self._parts_named, number, from_first=self._tells_first)
        if placed is None:
            return "it" if number in self._series.numbers else "work"
        return "ours" if placed else "work"

    @cached_property
    def _parts_named(self) -> tuple[tuple[int, frozenset[int]], ...]:
        """The numbers of the series that the text names."""
        return self._series.named(self._text)

    @cached_property
    def _tells_first(self) -> bool:
        """Whether the text tells of a first part."""
        return any(number == 1 for _, number in self._known.parts.told(self._text, 0, len(self._text)))

    def _one_of_two(self, line: Line, marks: Sequence[Mark]) -> list[Mark]:
        """What "the former" and "the latter" mean; the latter is another work where only ours was recognised."""
        found: list[Mark] = []
        named = sorted((m for m in marks if m.kind != "it"), key=lambda m: m.start)
        for match in self._known.former_latter.finditer(self._text, line.start, line.end):
            before = [m for m in named if m.end <= match.start()]
            last = match.group("latter") is not None
            chosen = before[-1:] if last and len(before) > 1 else before[:1]
            kind = "work" if not chosen or (last and len(before) < 2) else chosen[0].kind
            found.append(Mark(start=match.start(), end=match.end(), kind=kind))
        return found

    def _described_mark(self, line: Line, match: re.Match[str], span: Span, named: Sequence[Mark]) -> Mark:
        """Whether "the … film" is the film spoken of or another one, such as "the sequel to NAME"."""
        near = [m for m in named if m.beside and 0 < m.start - span.end < 12]
        if any(not self._known.modified.match(self._text, m.end) for m in near):
            return Mark(start=span.start, end=span.end, kind="work")
        if self._known.others_behind.match(self._text, span.end):
            return Mark(start=span.start, end=span.end, kind="work")
        same = self._known.same.search(self._text, max(line.start, span.start - 9), span.start)
        counted = None if same else self._kind_by_number(match, span)
        if counted:
            return Mark(start=span.start, end=span.end, kind=counted)
        apposed = any(
            m.kind == "ours" and _APPOSED.fullmatch(self._text, span.end, m.start) for m in named
        )  # "her next film, NAME"
        if apposed or (self._is_by_ours(match) and not any(0 <= m.start - span.end < 4 for m in named)):
            return Mark(start=span.start, end=span.end, kind="ours")
        if same or not any(self._is_other(word) for word in match.group("middle").split()):
            return Mark(start=span.start, end=span.end, kind="it")
        return self._work_mark(span)

    def _kind_by_number(self, match: re.Match[str], span: Span) -> str | None:
        """Which film "the third film" is, or "the untitled sequel"; None for what has other words before its noun."""
        middle = [word.lower() for word in match.group("middle").split()]
        if len(middle) == 1 and middle[0] in self._known.parts.counts and not match.group("owner"):
            return self._kind_of_part(self._known.parts.counts[middle[0]])
        if self._series.is_sequel and middle and self._known.untitled.issuperset(middle):
            return "ours" if self.begins < span.start else "it"
        return None

    def _is_by_ours(self, match: re.Match[str]) -> bool:
        """Whether a film is told by who makes it, and that is one of ours: "Quill's film", "the Marta Quill drama"."""
        middle = [_led(w.lower().removesuffix("'s")) for w in match.group("middle").split()]
        if not self._known.others.isdisjoint(middle):
            return False
        return not self._makers.isdisjoint([(match.group("owner") or "").lower(), *middle])

    def _is_other(self, word: str) -> bool:
        """Whether a word before "film" says that it is another: an ordinal, "next", a name that is none of ours."""
        lower = _led(word.lower().removesuffix("'s"))
        if lower.isdecimal() and len(lower) == 4:
            return True  # "the 1931 film"
        ordinal = self._known.grammar.mentions["ordinals"].get(lower)
        if ordinal is not None:
            return ordinal not in self._series.numbers
        plain = lower in self._context or lower in self._known.companies or self._known.grammar.is_plain(lower)
        return lower in self._known.others or (word[0].isupper() and not plain)

    def _ours_mark(self, mention: Mention) -> Mark:
        """Our title; "the sequel to NAME" is another work, "NAME star Ann Lee" only stands beside a person."""
        if self._known.derived.search(self._text, max(0, mention.start - 30), mention.start):
            return Mark(start=mention.start, end=mention.end, kind="work", beside=True)
        if self._known.offspring.match(self._text, mention.end) and not mention.sure:
            return Mark(start=mention.start, end=mention.end, kind="work")
        if self._is_another_part(mention):
            return Mark(start=mention.start, end=mention.end, kind="work")
        beside = bool(self._known.derived_after.match(self._text, mention.end))
        return Mark(start=mention.start, end=mention.end, kind="ours", beside=beside)

    def _is_another_part(self, mention: Mention) -> bool:
        """Whether our name with its number is that of a series: "the third NAME film"."""
        if not self._known.film_behind.match(self._text, mention.end):
            return False
        before = self._known.counted.search(self._text, max(0, mention.start - 20), mention.start)
        return before is not None and self._known.parts.counts[lowered(before.group("count"))] not in self._series.numbers

    def _counts_ours(self, name: str) -> bool:
        """Whether a name counts several films of a series, ours among them: "Name 7 and 8"."""
        match = _SEVERAL.fullmatch(name)
        numbers = _NUMBER.findall(match.group("numbers")) if match else ()
        return any(f" {_folded(match.group('base'))} {n} " in self._names for n in numbers) if match else False

    def _work_mark(self, span: Span) -> Mark:
        known, text = self._known, self._text
        if known.offspring.match(text, span.end):
            return Mark(start=span.start, end=span.end, kind="work")
        if self._counts_ours(text[span.start : span.end]):
            return Mark(start=span.start, end=span.end, kind="ours")
        beside = (
            known.beside.search(text, max(0, span.start - 30), span.start)
            or known.modified.match(text, span.end)
            or known.recalled.search(text, max(0, span.start - 60), span.start)
            or _DATED.search(text, max(0, span.start - 9), span.start)
            or _YEAR_IN_BRACKETS.match(text, span.end)
        )
        return Mark(start=span.start, end=span.end, kind="work", beside=bool(beside))


def _led(word: str) -> str:
    """A name of "the Ann Lee-led drama" alone, for what stands behind the hyphen only says what she does in it."""
    name, _, verb = word.rpartition("-")
    return name if name and verb.endswith("ed") else word


def _folded(name: str) -> str:
    """A name in lower case without its article, a hyphen as a blank: as it is compared."""
    return flat(name).lower().removeprefix("the ").replace("-", " ")


def _makers(title: Title, known: FilmWords) -> Iterator[str]:
    """The names in lower case, first names apart, of the people of a title's context."""
    names = " ".join(flat(n) for n in (title.name, *title.aliases)).lower()
    for term in (*title.context, *(k.person for k in title.known if k.person)):
        parts = flat(term).lower().split()
        plain = any(p in known.companies or p in known.grammar.firms or p in known.grammar.breakers for p in parts)
        if len(parts) > 1 and " ".join(parts) not in names and not plain:
            yield parts[-1]
