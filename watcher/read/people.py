"""The people of an item: full names as it writes them, and whom a surname means."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from watcher.model import Title
from watcher.read.grammar import PARTICLES, Grammar, grammar
from watcher.read.patterns import alternatives
from watcher.read.shapes import is_thing
from watcher.read.text import CAPITAL, Mask, Row, Span, flat

_SUFFIXES = frozenset(("jr", "sr", "ii", "iii"))
_TOKEN = re.compile(r"[^\W\d_][\w'-]*\.?|\d+|&")
#: The same in a group, or in none of them as many small words as follow each other.
_TOKENS = re.compile(
    rf"(?>(?:(?!(?:{alternatives(PARTICLES)})(?![\w'.-]))[a-z](?!')[\w'-]*+\.?+[^\w&]*+)+)|([^\W\d_][\w'-]*\.?|\d+|&)"
)
_CAPITAL = re.compile(rf"(?:[dl]')?{CAPITAL}")

#: Most words of a name; what is longer is a row of capitals and not a name.
LONGEST_NAME = 5
#: The same in a headline where every word has a capital, and a row of them is seldom a name.
LONGEST_IN_HEADLINE = 3
#: A single name of no more letters may be anything.
LONGEST_INITIALS = 3
#: An article with a capital that begins no sentence.
_ARTICLES = (" The ", " A ", " An ")
_ARTICLE = re.compile(r"[\w,] (?:The|A|An) $")
#: Somebody's age behind the name.
_AGE = re.compile(r", [1-9]\d?,")
#: What may follow a part: the end of a phrase, and no verb ("as Ann Lee said").
_PART_ENDS = re.compile(r"[\"']?(?:[,.;:)!?]|$|\n|\s(?:and|in|opposite|alongside|with|while|but|or|for)\b)")
#: What parts the names of a list.
_IN_LIST = re.compile(r", |,? (?:and|&) ")
_OF = re.compile(r" of (?:the )?[A-Z]")
_SENTENCE_END = re.compile(r"[.!?\n]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Person(Span):
    """A person in a sentence; `name` is the fullest form that the text or the title's context gives."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Bearer:
    """Who bears a surname, and where the full name stands; -1 for a name of the title's context."""

    at: int
    name: str


class People:
    """The people of one item, seen from one title.

    `masked` are names of films, `outlets` names of outlets in lower case, `capitals` is where a headline ends that writes every
    word with a capital, else 0: a name there must be a short one.
    """

    def __init__(
        self, text: str, title: Title, masked: Sequence[Span], grammar: Grammar, *, outlets: frozenset[str], capitals: int
    ) -> None:
        self._text = text
        self._grammar = grammar
        self._capitals = capitals
        self._companies = grammar.companies | outlets
        self._mask = Mask(len(text))
        for span in masked:
            self._mask.add(span)
        names = " ".join(flat(n) for n in (title.name, *title.aliases)).lower()
        self._title = f" {names} "
        terms = [flat(term) for term in (*title.context, *(k.person for k in title.known if k.person))]
        heads = {n.partition(":")[0].strip().lower() for n in (title.name, *title.aliases) if ":" in n}
        self._heroes = frozenset(word for word in heads if " " not in word)
        self._works = frozenset(term.lower() for term in terms if term.lower() in names)
        self._known = {_fold(term): term for term in terms if self._is_person(term)}
        self._named, lower = self._where_known()
        self._runs = [
            run
            for run in _with_spans(self._all_runs(), lower)
            if not (self._is_company(text[run.start : run.end].lower()) or self._is_place(run) or is_thing(text, run))
        ]
        self._row = Row(self._runs)
        self._persons: dict[int, Person | None] = {}
        self._bearers, self._full_names = self._register()
        self._characters = self._parts_played()
        self._mononyms = self._alone_in_lists()

    def within(self, start: int, end: int) -> list[Person]:
        """The people of a stretch, left to right."""
        return [person for run in self.runs_in(start, end) if (person := self._met(run))]

    def _met(self, run: Span) -> Person | None:
        """Who a run means; each is asked about more than once."""
        if run.start not in self._persons:
            self._persons[run.start] = self._person(run)
        return self._persons[run.start]

    def knows(self, name: str) -> bool:
        """Whether this is a person of the title's context, by full name or surname."""
        return _fold(name) in self._known or any(b.at < 0 for b in self._bearers.get(name.lower(), ()))

    def runs_in(self, start: int, end: int) -> list[Span]:
        """Runs of capitalised words of a stretch, people or not."""
        return self._row.within(start, end)

    def is_context(self, run: Span) -> bool:
        """Whether a run is the name of the title's franchise."""
        return _clean(self._text[run.start : run.end]).lower() in self._works

    def _is_person(self, term: str) -> bool:
        """Whether a word of the context is a person's name and not a franchise's or a company's."""
        parts = term.lower().split()
        english = grammar()  # in any language: "grande" is a plain word of some and ends names in all
        plain = self._grammar.is_plain(parts[0]) and parts[0] not in self._grammar.given
        plain = plain or any(english.is_plain(p) and p not in english.given for p in parts)
        firm = self._is_company(term.lower()) or parts[-1] in self._grammar.firms
        alone = len(parts) == 1 and not (term.istitle() and term.isalpha() and len(term) > 3)
        return not alone and term.lower() not in self._works and not firm and not plain

    def _where_known(self) -> tuple[Mask, list[Span]]:
        """Where full names of the title's context stand, and which of them have a word in lower case.

        Of these every word is a part of a name, be it a plain word of the language.
        """
        found, lower = Mask(len(self._text)), []
        for name in (term for term in self._known.values() if " " in term):
            small = any(part.islower() and part not in PARTICLES for part in name.split())
            at = self._text.find(name)
            while at >= 0:
                span = Span(start=at, end=at + len(name))
                found.add(span)
                lower += [span] if small else []
                at = self._text.find(name, span.end)
        return found, lower

    def _is_company(self, lower: str) -> bool:
        return lower in self._companies or lower.removesuffix("'s").rstrip(".") in self._companies

    def _is_place(self, run: Span) -> bool:
        """Whether a name has a word that no person's has: "Harrow Street", "Nine Points News", "Fort Harrow"."""
        follower = _TOKEN.match(self._text, run.end + 1) if self._text[run.end : run.end + 1] == " " else None
        last = self._text[run.start : run.end].rpartition(" ")[2].lower()
        after = (
            follower is not None
            and _CAPITAL.match(follower.group())
            and follower.group().lower().rstrip("'") in self._grammar.not_people
        )
        first = self._text[run.start : run.end].partition(" ")[0].lower()
        return (bool(after) and run.start >= self._capitals) or last in self._grammar.not_people or first in self._grammar.places

    def _is_titled(self, run: Span) -> bool:
        """Whether an English article with a capital stands before a name within a sentence: "in The Lost Winter"."""
        if run.start < self._capitals or not self._text.endswith(_ARTICLES, 0, run.start):
            return False
        return _ARTICLE.search(self._text, max(0, run.start - 8), run.start) is not None

    def _all_runs(self) -> list[Span]:
        """Runs of capitalised words that can be names; a particle may stand within one."""
        runs: list[Span] = []
        current: list[re.Match[str]] = []
        pending: list[re.Match[str]] = []
        particles = PARTICLES - set(self._grammar.credit["list_words"])  # "y" joins the names of a list in Spanish
        for match in _TOKENS.finditer(self._text):
            token = match.group(1)
            if token is None:
                continue  # what follows is not joined to what stood before
            last = (pending or current)[-1] if current else None
            joined = last is not None and _goes_on(last.group(), self._text[last.end() : match.start()])
            if joined and token in particles:
                pending.append(match)
                continue
            capital = self._is_part(match) or (joined and self._ends_name(match))
            if capital and joined:
                current += [*pending, match]
            else:
                runs += [_span(current)] if current else []
                current = [match] if capital else []
            pending = []
        return [*runs, _span(current)] if current else runs

    def _is_part(self, match: re.Match[str]) -> bool:
        """Whether a token can be a part of a person's name."""
        token = match.group()
        if not _CAPITAL.match(token) or self._mask.any_in(*match.span()):
            return False
        if self._named.any_in(*match.span()):
            return True
        lower = token.lower().removesuffix("'s").rstrip(".'")
        if len(lower) == 1:
            return token.endswith(".") or self._text[match.end() : match.end() + 2].strip()[:1].isupper()
        if lower in self._grammar.given and self._is_given(match):
            return True
        nobody = self._grammar.is_plain(lower) or lower in self._grammar.no_names
        return not nobody and lower not in self._grammar.companies

    def _ends_name(self, match: re.Match[str]) -> bool:
        """Whether a word that alone is no name ends one: "Ann Young"."""
        token = match.group()
        plain = token.lower().removesuffix("'s").rstrip(".") in self._grammar.surnames
        return plain and match.start() >= self._capitals and bool(_CAPITAL.match(token))

    def _is_given(self, match: re.Match[str]) -> bool:
        """Whether "Will" or "May" is a first name here: before a name, in no question, in no headline of capitals."""
        follower = _TOKEN.match(self._text, match.end() + 1) if self._text[match.end() : match.end() + 1] == " " else None
        if follower is None or not _CAPITAL.match(follower.group()):
            return False
        if match.start() < self._capitals:  # there only where the text below names the same person
            return self._text.find(self._text[match.start() : follower.end()], self._capitals) >= 0
        end = _SENTENCE_END.search(self._text, follower.end() - 1, follower.end() + 200)
        return follower.group().lower() not in self._grammar.breakers and (end is None or end.group() != "?")

    def _alone_in_lists(self) -> frozenset[int]:
        """Where people stand who have one name only: known by the full names beside them in a list."""
        found: set[int] = set(self._by_trade())
        for before, run, after in zip(self._runs, self._runs[1:], self._runs[2:], strict=False):
            name = self._text[run.start : run.end]
            if not self._is_one_name(name):
                continue
            joined = _IN_LIST.fullmatch(self._text, before.end, run.start)
            goes_on = _IN_LIST.fullmatch(self._text, run.end, after.start) or (joined and len(joined.group()) > 2)
            if joined and goes_on and (before.start in found or self._is_somebody(before)):
                found.add(run.start)
        return frozenset(found)

    def _by_trade(self) -> Iterator[int]:
        """Where one stands who has one name, shown once by the trade ("singer Marisol") or the age ("Marisol, 42,")."""
        alone = [run for run in self._runs if self._is_one_name(self._text[run.start : run.end])]
        shown = {self._text[run.start : run.end] for run in alone if self._is_shown(run)}
        yield from (run.start for run in alone if self._text[run.start : run.end] in shown)

    def _is_one_name(self, name: str) -> bool:
        """Whether a run can be the only name that somebody has."""
        return name.istitle() and name.isalpha() and len(name) > LONGEST_INITIALS and name.lower() not in self._bearers

    def _is_shown(self, run: Span) -> bool:
        """Whether the words beside a single name show that it is somebody's."""
        trade = self._grammar.one_name.search(self._text, max(0, run.start - 16), run.start)
        return trade is not None or _AGE.match(self._text, run.end) is not None

    def _is_somebody(self, run: Span) -> bool:
        """Whether a run is a full name, or a known surname."""
        name = _clean(self._text[run.start : run.end])
        return (" " in name or name.lower() in self._bearers) and name not in self._characters and name.lower() not in self._works

    def _parts_played(self) -> frozenset[str]:
        """Full names that the text gives to parts ("as Ann Lee", "Bo Larsen is Ann Lee") and not to people."""
        found: set[str] = set()
        for before, run in pairwise((None, *self._runs)):
            if run is None:
                continue
            name = _clean(self._text[run.start : run.end])
            if len(name.split()) < 2 or _fold(name) in self._known or not _PART_ENDS.match(self._text, run.end):
                continue
            played = self._grammar.plays.search(self._text, max(0, run.start - 34), run.start)
            if played and self._grammar.lead_parts.search(self._text, max(0, played.start() - 20), played.start()):
                continue  # "Die Hauptrolle spielt Ann Lee": the part stands before the verb
            is_part = before is not None and self._text[before.end : run.start] in (" is ", " as ", " plays ")
            if played or (is_part and before is not None and " " in self._text[before.start : before.end]):
                found.add(name)
        return frozenset(found)

    def _register(self) -> tuple[dict[str, list[_Bearer]], frozenset[str]]:
        """The bearers of each surname in the order of the text, and all full names."""
        bearers = [_Bearer(at=-1, name=name) for name in self._known.values()]
        for run in self._runs:
            name = _clean(self._text[run.start : run.end])
            long = run.start < self._capitals and len(name.split()) > LONGEST_IN_HEADLINE
            if len(name.split()) > 1 and not _is_surname(name) and not long:
                bearers.append(_Bearer(at=run.start, name=name))
        found: dict[str, list[_Bearer]] = {}
        for bearer in bearers:
            for key in _surnames(bearer.name):
                found.setdefault(key, []).append(bearer)
        return found, frozenset(b.name for b in bearers)

    def _person(self, run: Span) -> Person | None:
        name = _clean(self._text[run.start : run.end])
        lower = name.lower()
        if (
            lower.split()[0].rstrip(".") in self._grammar.ranks
            or lower in self._works
            or (f" {lower} " in self._title and _fold(name) not in self._known)
            or any(lower.startswith(f"{work} ") for work in self._works)
            or (lower.split()[0] in self._heroes and _fold(name) not in self._known)  # "Vesper Hale" of "Vesper: Name"
            or name in self._characters
            or self._is_titled(run)
        ):
            return None
        if len(name.split()) > 1 and not _is_surname(name):
            short = self._cut(name)
            if run.start < self._capitals and len(short.split()) > LONGEST_IN_HEADLINE and _fold(short) not in self._known:
                return None
            return Person(start=run.start, end=run.start + len(short), name=self._known.get(_fold(short), short))
        if run.start in self._mononyms or lower in self._known:
            return Person(start=run.start, end=run.end, name=name)
        if _OF.match(self._text, run.end):
            return None  # "King of Night" is no surname
        full = self._full(lower, run.start)
        return Person(start=run.start, end=run.end, name=full) if full else None

    def _cut(self, name: str) -> str:
        """A run without what follows a name known from elsewhere ("Ann Lee Catwoman" where "Ann Lee" is known)."""
        parts = name.split()
        for size in range(len(parts) - 1, 1, -1):
            if " ".join(parts[:size]) in self._full_names:
                return " ".join(parts[:size])
        return " ".join(parts[:LONGEST_NAME])

    def _full(self, surname: str, at: int) -> str | None:
        """Whom a surname means here: the last bearer named before it, else the first after it, else one of the context."""
        bearers = self._bearers.get(surname)
        if not bearers:
            return None
        index = bisect_left(bearers, at, key=lambda b: b.at)
        if index and bearers[index - 1].at >= 0:
            return bearers[index - 1].name
        return bearers[index].name if index < len(bearers) else bearers[-1].name


def _goes_on(token: str, gap: str) -> bool:
    """Whether a name may go on after a token and what parts it from the next: a blank, or nothing behind an initial ("J.R.")."""
    return (gap == " " and not _closes(token)) or (not gap and len(token) == 2 and token.endswith("."))


def _closes(token: str) -> bool:
    """Whether a name cannot go on after this token: a possessive, or a full stop that is no initial's."""
    return token.endswith(("'s", "'")) or (token.endswith(".") and len(token) > 2 and token.lower() not in ("jr.", "sr.", "st."))


def _span(tokens: Sequence[re.Match[str]]) -> Span:
    """The stretch of a run, without a possessive or a sentence's full stop at its end."""
    last = tokens[-1].group()
    extra = 2 if last.endswith("'s") else int(last.endswith("'") or (last.endswith(".") and _closes(last)))
    elided = 2 * tokens[0].group().startswith(("d'", "l'"))  # "d'Ann Lee"
    return Span(start=tokens[0].start() + elided, end=tokens[-1].end() - extra)


def _with_spans(runs: list[Span], others: Sequence[Span]) -> list[Span]:
    """Runs with others that take the place of those they meet."""
    if not others:
        return runs
    kept = [run for run in runs if not any(run.meets(span) for span in others)]
    return sorted((*kept, *others), key=lambda span: span.start)


def _clean(name: str) -> str:
    return " ".join(name.split())


def _fold(name: str) -> str:
    return name.casefold().replace("-", " ")


def _is_surname(name: str) -> bool:
    """Whether a run begins with a particle ("De Marna" at the head of a sentence)."""
    head = name.split(maxsplit=1)[0].lower()
    return head in PARTICLES and head not in ("el", "al", "la")


def _surnames(name: str) -> set[str]:
    """Lower-case surnames by which a full name may be called."""
    parts = [p for p in name.lower().split() if p.rstrip(".") not in _SUFFIXES]
    return {" ".join(parts[-size:]) for size in range(1, min(4, len(parts)))}
