"""The words and patterns of one language for what films are called and for what stands around their names."""

from __future__ import annotations

import re

from watcher.read.grammar import BLANK, Grammar, either, ends_with, maybe, starts_with
from watcher.read.index import Anchored
from watcher.read.tellings import PartFinder
from watcher.read.text import CAPITAL, longest_words
from watcher.read.works import WorkFinder

_TOKEN = re.compile(r"[^\W\d_][\w'-]*\.?|\d+|&")
_CAPITAL = re.compile(CAPITAL)


class FilmWords:
    """The patterns of one language for what films are called and what stands around them."""

    def __init__(self, grammar: Grammar) -> None:
        table = grammar.mentions
        quote = rf"{BLANK}{grammar.the}[\"']?"
        self.grammar = grammar
        self.finder = WorkFinder(grammar)
        self.speech = frozenset(table["speech"])
        self.small = frozenset(table["small"])
        self.determiners = frozenset(table["determiners"])
        self.firsts = either(table["firsts"])
        self.ruler = ends_with(grammar.credit["ranks"], r"\s")  # "the emperor Orrin IV" is no sequel
        self.months = frozenset(name for names in grammar.dates["months"] for name in names)
        self.openers = frozenset(grammar.text["stop_words"])
        self.in_month = re.compile(rf"[.º°]?\s+{maybe(grammar.dates['day_of'])}(?:{either(self.months)})(?!\w)", re.IGNORECASE)
        self.labels = frozenset(table["labels"])
        self.others = frozenset(table["others"])
        self.untitled = frozenset(table["untitled"])
        self.companies = frozenset(word for name in grammar.companies for word in name.split())
        self.described = re.compile(
            rf"(?<!\w)(?:(?i:{either(table['determiners'])})|(?P<owner>[\w.-]+?)(?:'s|(?<=s)')){BLANK}"
            rf"(?P<middle>(?:(?!(?i:{either(table['determiners'])})\s)[\w'.&-]{{1,30}}\s+){{0,4}}?)"
            rf"(?i:{either(table['nouns'])})(?![\w']|\s+(?i:{either(table['not_films'])})\b)"
        )
        self.another = re.compile(
            rf"(?<!\w)(?i:{either(table['another'])}){BLANK}(?:[\w'.&-]{{1,30}}\s+){{0,4}}?(?i:{either(table['nouns'])})(?![\w'])"
        )
        self.others_behind = starts_with(table["others_behind"])
        self.described_words = longest_words(table["nouns"])
        former, latter = either(table["former"]), either(table["latter"])
        self.former_latter = re.compile(rf"(?<!\w)(?:(?P<former>{former})|(?P<latter>{latter}))(?!\w)", re.IGNORECASE)
        self.parts = PartFinder(grammar)
        self.two_words = longest_words([*table["former"], *table["latter"]])
        self.pronoun_words = longest_words(table["pronouns"])
        pronoun = re.compile(rf"(?<![\w'])(?:{either(table['pronouns'])})(?!\w)", re.IGNORECASE)
        self.pronoun = Anchored(pronoun, table["pronouns"])
        #: Words without one of which a sentence has none of these.
        self.words = self.described_words | self.two_words | self.pronoun_words | self.parts.words | self.parts.sequel_words
        self.same = re.compile(rf"(?:\b(?:{either(table['is'])})|[\w\"'],)\s$")
        self.counted = re.compile(rf"(?<!\w)(?P<count>{either(table['ordinals'])})\s[\"']?$", re.IGNORECASE)
        self.film_behind = starts_with([*table["nouns"], *table["parts_of_series"]], r"[\"']?\s")
        self.beside = ends_with(table["beside"], quote)
        self.derived = ends_with(table["derived_before"], quote)
        self.modified = starts_with(table["modified"], r"[\"']?(?:'s)?(?:\s+|-)")
        self.derived_after = starts_with(table["derived_after"], r"[\"']?(?:'s)?\s+")
        self.offspring = starts_with(table["offspring"], r"[\"']?\s+")
        self.recalled = re.compile(
            rf"\b(?:{either(table['past_verbs'])})\b[^.;,:]{{0,40}}\b(?:{either(table['past_in'])}){quote}$", re.IGNORECASE
        )

    def run_back(self, text: str, end: int) -> int:
        """Where a run of capitalised words that ends here begins; `end` where there is none."""
        start = end
        for match in reversed(list(_TOKEN.finditer(text, max(0, end - 60), end))):
            token = match.group()
            if text[match.end() : start].strip(" ") or (token.endswith(".") and match.end() != end):
                break
            if _CAPITAL.match(token) or token.isdigit():
                start = match.start()
            elif token not in self.small:
                break
        return start

    def run_on(self, text: str, start: int) -> int:
        """Where a run of capitalised words that starts here ends; a small word at its end is left out."""
        end = last = start
        for match in _TOKEN.finditer(text, start, min(len(text), start + 70)):
            token = match.group()
            capital = bool(_CAPITAL.match(token)) or token.isdigit()
            dated = token.lower().rstrip(".") in self.months and text[match.end() : match.end() + 2].strip(" ").isdigit()
            if text[end : match.start()].strip(" ") or dated or not (capital or token in self.small):
                break
            end = match.end()
            if capital:
                last = end - token.endswith(".")
            if token.endswith("."):
                break
        return last
