"""Films that a text names without quotation marks: known by the verbs, dates and nouns that stand beside their names."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain

from watcher.read.grammar import Grammar, either, ends_with
from watcher.read.index import Anchored
from watcher.read.places import is_place
from watcher.read.text import CAPITAL, Mask, Span, all_of, words

#: Most names that are then looked for in the rest of a text: a text that names more is a calendar, where each has its own date.
MOST_NAMES = 60

#: A quoted name of no more letters may be any word.
_SHORT = 3
_REST = r"[\w'!*-]{0,30}"
_CAP = rf"{CAPITAL}{_REST}"
_ASIDE = r"[^,.;:!?\n]{1,90},| \([^)\n]{1,60}\)"
#: Farthest, in characters, that a film's name may begin before its verb.
_REACH = 170
#: What stands around a part of a longer name; a single word before a capital one is such a part.
_WITHIN, _GOES_ON = re.compile(r"(?<=[\w'])"), re.compile(r"\w|'s? [A-Z]")
_WORD_GOES_ON = re.compile(r"\w|'s? [A-Z]| [A-Z][a-z]")
_YEAR_ASIDE = re.compile(r"\((?:19|20)\d\d\)")


class WorkFinder:
    """Finds the names of unquoted films in texts of one language."""

    def __init__(self, grammar: Grammar) -> None:
        table = grammar.works
        the, inner = either(grammar.text["definite"]), either([*grammar.text["inner"], "&", "to"])
        name = rf"(?:(?i:{the}) )?{_CAP}(?: (?:(?:{inner}) ){{0,2}}(?:{_CAP}|\d{{1,2}}(?![\d,]))){{0,7}}"
        self._grammar = grammar
        self._films = frozenset((*grammar.mentions["nouns"], *table["nouns"], *table["stand_ins"]))
        self._leads = frozenset(table["leads"])
        self._company_words = frozenset(table["company_words"])
        months = [name for names in grammar.dates["months"] for name in names]
        days = [name for names in grammar.dates["weekdays"] for name in names]
        self._calendar = frozenset((*months, *days))
        named = [m.capitalize() for m in months] if grammar.dates["capitals"] else months
        day = rf"(?:{either(named)})\b"
        feasts = either(name.title() for name in grammar.dates["holidays"])
        when = rf"(?:{day}|\b(?:{feasts})\b|\b(?:19|20)\d\d\b|(?i:\b(?:{either(days)}|{either(table['times'])})\b))"
        after = rf"(?=(?:,? (?:(?i:{either(table['after_verb'])})\b|{day}|\(|\d)))(?=[^.;:!?\n]{{0,60}}?{when})"
        helpers = rf"(?:(?i:{either(table['helpers'])}) )"
        self._verb = Anchored(re.compile(rf"(?<!\w)(?i:{either(table['verbs'])}){after}"), table["verbs"])
        beside = either(table["asides"])
        helping = either(helper for helper in table["helpers"] if helper not in table["helpers_aside"])
        apart = rf", (?!(?:{helping}) ){_ASIDE}"
        aside = rf"(?:{apart}|, (?:{beside}) [^.;:!?\n]{{1,110}},| (?:{beside}) [^,.;:!?\n]{{1,50}})?"
        self._subject = re.compile(rf"(?<![\w'])({name}){aside},? {helpers}{{0,5}}$")
        self._beside = ends_with(table["asides"], r"\s+")
        people = rf"(?:{CAPITAL}[\w.'-]{{0,30}}[ ,]+(?:(?:{either(grammar.credit['list_words'])}) )?)"
        self._among = re.compile(rf"(?<!\w)(?:{either(set(table['asides']) - set(table['asides_of_origin']))}) {people}{{1,12}}$")
        self._origins = frozenset(table["asides_of_origin"])
        to = rf"(?:{either(table['before_date'])})"
        nouns = either(grammar.mentions["nouns"])
        #: It begins with a plain set, to which a search leaps.
        self._owned = re.compile(rf"({CAPITAL}(?<![\w'].){_REST}(?: {_CAP}){{0,2}})'s ({name})(?![\w']| (?i:{nouns})\b)")
        self._pair = re.compile(rf"{_CAP} {_CAP} (?:{either(grammar.credit['list_words'])}) {_CAP} {_CAP}")
        #: "Paper Tigers (1998)", which may bear our own name.
        self._of_year = re.compile(rf"(?<![\w'!-])({name})(?= \((?:19|20)\d\d\))")
        dated, label = rf" \((?:(?:{either(table['dated_by'])}) )?{when}", rf": (?=[^.;:\n]{{0,24}}?{when})"
        act = re.compile(rf"(?<!\w)(?:{either(table['acts'])}) ({name})(?=(?:, {_ASIDE})? {to} [^.;:!?\n]{{0,20}}?{when})")
        noun = re.compile(rf"(?<![\w-])(?:{either(table['nouns'])}) ({name})")
        self._led = (Anchored(act, table["acts"]), Anchored(noun, table["nouns"]))
        #: Patterns with the marks without which each finds nothing: to look for them costs far less.
        self._marked = (
            (
                re.compile(rf"\d(?:, and|,| and) (?:(?i:{the}) )?{CAPITAL}"),
                re.compile(rf"(?<=\d)(?:, and|,| and) ({name}) (?={to} {when})"),
            ),
            (re.compile(dated), re.compile(rf"(?<![\w'!-])({name})(?={dated})")),
            (re.compile(label), re.compile(rf"(?:^|(?<=\n)|(?<=[.;!?] ))({name}){label}")),
        )

    def find(self, text: str, ours: Mask, is_known: Callable[[str], bool], quoted: Sequence[str] = ()) -> list[Span]:
        """Every place of every such name in a flat text.

        Args:
            text: the flat text.
            ours: where our own title stands.
            is_known: whether a name is one of the title's own context, and so no other film.
            quoted: names that stand in quotation marks somewhere, and are looked for without them.
        """
        names: dict[str, None] = dict.fromkeys(name for name in quoted if len(name) > _SHORT and not is_known(name))
        dated = self._of_year.finditer(text) if _YEAR_ASIDE.search(text) else ()
        older = [Span(start=m.start(1), end=m.end(1)) for m in dated]
        found = [kept for span in older if (kept := self._name(text, span)) and not ours.meets(kept)]
        for span in (*self._evident(text), *self._owned_by_others(text, is_known)):
            kept = self._name(text, span)
            if kept and not ours.meets(kept) and not is_known(text[kept.start : kept.end]):
                names[text[kept.start : kept.end]] = None
        return [*found, *_places(text, list(names)[:MOST_NAMES])]

    def _evident(self, text: str) -> Iterator[Span]:
        """Names where something beside them shows that they are films."""
        for verb in self._verb.finditer(text):
            match = self._subject.search(text, max(0, verb.start() - _REACH), verb.start())
            if match and not self._is_person(text, match.start()):
                yield Span(start=match.start(1), end=match.end(1))
        led = (pattern.finditer(text) for pattern in self._led)
        marked = (pattern.finditer(text) for mark, pattern in self._marked if mark.search(text))
        yield from (Span(start=m.start(1), end=m.end(1)) for m in chain.from_iterable((*led, *marked)))

    def _is_person(self, text: str, start: int) -> bool:
        """Whether a name stands beside a film and not for one: "NAME from Ann Lee opens", "a drama with Ann Lee opens"."""
        if self._among.search(text, max(0, start - _REACH), start):
            return True
        beside = self._beside.search(text, max(0, start - 24), start)
        if beside is None:
            return False
        before = text[max(0, beside.start() - 30) : beside.start()].rstrip()
        last = before.rpartition(" ")[2]
        if beside.group().rstrip() not in self._origins:
            return True
        return not last or last[-1] in ",\"')" or last[:1].isupper() or last.lower() in self._films

    def _owned_by_others(self, text: str, is_known: Callable[[str], bool]) -> Iterator[Span]:
        """Names behind a maker: "Ann Lee's Tigers"; two words there, or two and two, may be people of a series."""
        for match in self._owned.finditer(text):
            maker = " " in match.group(1) or is_known(match.group(1))
            if maker and len(match.group(2).split()) != 2 and not self._pair.fullmatch(match.group(2)):
                yield Span(start=match.start(2), end=match.end(2))

    def _name(self, text: str, span: Span) -> Span | None:
        """The name without what leads up to it ("But", "Ann Lee's"); None for a company, a day, a place, or plain words."""
        start, end = span.start, span.end
        owner = text.rfind("'s ", start, end)
        if owner >= 0:
            start = owner + 3
        parts = list(words(text, start, end))
        while parts and parts[0].group().lower() in self._leads:
            parts.pop(0)
        cut = next((i for i, w in enumerate(parts) if w.group().lower() in self._calendar), len(parts))
        parts = parts[:cut]
        while parts and parts[-1].group().lower() in self._leads:
            parts.pop()
        if not parts or (self._grammar.text["noun_capitals"] and len(parts) < 2):
            return None
        lower = [w.group().lower().removesuffix("'s") for w in parts]
        found = Span(start=parts[0].start(), end=parts[-1].end())
        name = text[found.start : found.end]
        plain = all(self._grammar.is_plain(w) or w in self._grammar.companies for w in lower)
        place = (
            not {name, name.partition(" ")[2]}.isdisjoint(self._grammar.region_codes)
            or is_place(name)
            or lower[-1] in self._company_words
        )
        company = name.lower() in self._grammar.companies or " ".join(lower) in self._grammar.companies
        return None if plain or place or company or len(name) < 4 else found


def _places(text: str, names: Iterable[str]) -> Iterator[Span]:
    """Every place of some names, the longest where several begin. They are too many to make an expression for each text."""
    begun = sorted((at, -len(name)) for name in names for at in all_of(text, name))
    reach = 0
    for at, size in begun:
        end = at - size
        goes_on = _GOES_ON if " " in text[at:end] else _WORD_GOES_ON
        if at >= reach and not _WITHIN.match(text, at) and not goes_on.match(text, end):
            yield Span(start=at, end=end)
            reach = end
