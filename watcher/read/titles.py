"""Which title a text is about: finds its name, and says whether the name means this film."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial

from watcher.model import Title, Verdict
from watcher.read.dates import Anchor
from watcher.read.grammar import ENGLISH, Grammar, either
from watcher.read.likeness import Likeness
from watcher.read.names import fixed_words, name_pattern, part_words
from watcher.read.renames import Renames
from watcher.read.series import Series
from watcher.read.text import Line, Mask, Span, Standing, around, flat, is_title_case, longest_words, words

#: A film named with a year so many years before the item's own is an older one.
OLDER = 2

#: A quotation with a full stop of no more words may be a title at the end of its sentence.
_STOPPED = 5
_OLDER = "is an older film"
#: What makes a name that of one work: a number, a subtitle.
_UNIQUE = re.compile(r"[:\d–]| [IVX]+$")
_YEAR_BEFORE = re.compile(r"(?<!\d)(\d{4})(?:'s)? +(?:[a-z]{4,16} +)?[\"']?$")
_NUMBERED = re.compile(r"[\"']? +(?:\d{1,2}(?!\d|[,:.]\d)|I{1,3}|IV|VI{0,3}|Part +\w+)(?!\w)")
_SUBTITLE = re.compile(
    r": +((?:[Tt]he |[Aa] )?[A-Z][\w-]*(?: +(?:[A-Z0-9][\w-]*|of|the|and|in)){0,4})(?=\s+[a-z(]|[\".,;!?)]|\s*$)"
)
#: Both begin with a mark, to which a search leaps.
_QUOTED = re.compile(r"\"([^\"\n]{2,80})\"|'(?<!\w')((?:[^'\n]|'(?=\w)){2,80})'(?!\w)")
_NEXT_NAME = re.compile(r" +([A-Z][\w'-]*)")
#: "NAME of the Dead", "NAME & Sons": a one-word name before these goes on.
_LONGER_NAME = re.compile(r" +(?:of(?: the)?|&|vs?\.?) +([A-Z][\w'-]*)")
_AND_NAME = re.compile(r" +([Aa]nd) +(?:[Tt]he +)?[A-Z][\w'-]*(?: +[A-Z][\w'-]*)?")
_LAST_NAME = re.compile(r"(?<![\w'])([A-Z][\w-]*) $")
#: Where a phrase that denies something ends.
_SENTENCE_END = re.compile(r"[.;,!?\n]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention(Span):
    """Where a title's name stands. `sure` where the alias alone is enough to know the film."""

    sure: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What was found of a title in a text: the verdict, why, where it is named, and where its name means another work."""

    verdict: Verdict
    reasons: tuple[str, ...] = ()
    mentions: tuple[Mention, ...] = ()
    others: tuple[Span, ...] = ()


@lru_cache(maxsize=4)
def quoted(text: str) -> tuple[Span, ...]:
    """Stretches in quotation marks, without the marks, left to right; kept for the texts asked about last."""
    groups = ((m, 1 if m.group(1) is not None else 2) for m in _QUOTED.finditer(text))
    return tuple(_trimmed(text, match.start(group), match.end(group)) for match, group in groups)


def _trimmed(text: str, start: int, end: int) -> Span:
    """A stretch without the blanks that French puts within its quotation marks."""
    while start < end and text[start] == " ":
        start += 1
    while start < end and text[end - 1] == " ":
        end -= 1
    return Span(start=start, end=end)


def is_title_like(text: str) -> bool:
    """Whether quoted words look like a title and not like speech; a full stop may end the sentence and not the title."""
    stopped = text.endswith(".") and not text.endswith("..")
    if stopped and 1 < len(text.split()) <= _STOPPED and all(w.group()[0].isupper() or len(w.group()) < 4 for w in words(text)):
        text = text[:-1]
    long = [w.group() for w in words(text) if len(w.group()) > 3]
    begins = text[:1].isupper() or text[:1].isdigit()
    capitals = sum(w[0].isupper() or w[0].isdigit() for w in long)
    return begins and not text.endswith(".") and len(text.split()) <= 9 and capitals >= 0.7 * len(long)


class TitleFinder:
    """Finds one title in texts of one language."""

    def __init__(self, title: Title, grammar: Grammar) -> None:
        self.title = title
        self._grammar = grammar
        self._articles = frozenset(grammar.text["articles"])
        months = {name for names in grammar.dates["months"] for name in names}
        self._labels = months | {label.split()[0] for label in grammar.mentions["labels"]} - self._articles
        self._beside = frozenset(grammar.text["beside"]) | grammar.breakers
        names = sorted({flat(n) for n in (title.name, *title.aliases) if n.strip()}, key=lambda n: (-len(n), n))
        self._aliases = [(self._is_distinctive(name), self._alias(name)) for name in names]
        self.series = Series(title, grammar)
        self._subtitles = [_written(part) for name in names if (part := self._subtitle(name))]
        self._words = longest_words(map(fixed_words, (*names, *self.series.bases)))
        self._names = frozenset(" ".join(name.lower().split()) for name in names)
        context = dict.fromkeys([*title.context, *(k.person for k in title.known if k.person)])
        self._context = [(term, _term(term)) for term in context if term.strip()]
        self._surnames = [(term, _term(flat(term).split()[-1])) for term in context if len(term.split()) > 1]
        self._firms = [(term, short) for term in context if (short := self._short_firm(term))]
        self._renames = Renames(grammar)
        year_of = either(grammar.mentions["year_of"])
        self._year_after = re.compile(rf"[\"']? *(?:\((\d{{4}})\)|(?<!\w),? (?:{year_of}) (\d{{4}})\b)")
        self._likeness = Likeness(title, grammar, self._is_ours)
        self._unlike = re.compile(rf"(?<!\w)(?:{either(grammar.mentions['unlike'])})(?!\w)", re.IGNORECASE)
        self._exclusions = [(term, _term(term)) for term in title.exclusions if term.strip()]

    def _is_distinctive(self, alias: str) -> bool:
        """Whether a name has two words of weight: "Paper Tigers: Dawn" has, "The Dancer" has not."""
        return len([w for w in words(alias) if w.group().lower() not in self._articles]) > 1

    def _subtitle(self, name: str) -> str | None:
        """What stands behind the colon of a name, where it is a name itself: "The Salt Road" of "Vesper: The Salt Road"."""
        part = name.rpartition(":")[2].strip()
        plain = part == name or _UNIQUE.search(part) or not self._is_distinctive(part)
        return None if plain or part.split()[0].lower() in part_words() else part

    def _alias(self, name: str) -> re.Pattern[str]:
        """A distinctive name in any case, "Name sequel" in all forms; an ambiguous one only as it is written, or in capitals."""
        *base, last = name.split()
        followers = next((kinds for kinds in self._grammar.mentions["follow_ups"] if last.lower() in kinds), None)
        if base and followers:
            return _follow_up(" ".join(base), followers, self._grammar.mentions["follows"])
        if self._is_distinctive(name):
            return _term(name)
        both = "|".join(dict.fromkeys((name_pattern(name), name_pattern(name.upper()))))
        return re.compile(rf"(?<!\w)(?:{both})(?!\w)")

    @property
    def bare(self) -> tuple[str, ...]:
        """The names that may mean anything, where nothing that would show the film is known of the title."""
        names = (self.title.name, *self.title.aliases)
        return () if self._context else tuple(name for name in names if not self._is_distinctive(flat(name)))

    @property
    def needed(self) -> frozenset[str]:
        """Words in small letters of which every text that names the title has one."""
        return self._words

    def is_named(self, text: str, lower: str) -> bool:
        """Whether any of the title's names stands in a flat text at all; `lower` is the text in lower case."""
        if not any(word in lower for word in self._words):
            return False
        return any(pattern.search(text) for _, pattern in self._aliases) or next(self.series.mentions(text), None) is not None

    def find(self, text: str, lines: Sequence[Line], anchor: Anchor) -> Finding:
        """The title in a flat text."""
        everywhere = self._everywhere(text)
        if not everywhere:
            return Finding(verdict=Verdict.ABSENT)
        quotes, standing = quoted(text), Standing(text)
        ours: list[Mention] = []
        others: list[Span] = []
        against: dict[str, None] = {}
        for mention in map(partial(self._with_subtitle, text), everywhere):
            line, quote = around(lines, mention), around(quotes, mention)
            work = self._other_work(text, mention, line, quote, anchor, standing=standing)
            reason = work or (None if mention.sure or quote else self._within_a_name(text, mention, line))
            if work:
                others.append(mention)
            if reason:
                against[reason] = None
            else:
                ours.append(mention)
        finding = replace(self._judge(text, ours, tuple(against)[:3]), others=tuple(others))
        if finding.verdict is not Verdict.ABOUT:
            return finding
        begin = max((line.end for line in lines if line.headline), default=0)
        namesake = self._namesake(text, finding.mentions, tuple(against), begin)
        return replace(finding, verdict=Verdict.NAMED, reasons=(namesake,)) if namesake else self._renamed(text, finding)

    def _renamed(self, text: str, finding: Finding) -> Finding:
        """The finding, where the text says that our title has a new name: that one counts too."""
        name = self._renames.new_name(text, finding.mentions)
        if name is None or self._is_name(name):
            return finding
        places = [Span(start=m.start(), end=m.end()) for m in _term(name).finditer(text)]
        free = [p for p in places if not any(p.meets(m) for m in finding.mentions)]
        mentions = sorted(
            (*finding.mentions, *(Mention(start=p.start, end=p.end, sure=True) for p in free)), key=lambda m: m.start
        )
        return replace(
            finding,
            mentions=tuple(mentions),
            others=tuple(o for o in finding.others if not any(o.meets(p) for p in places)),
            reasons=(*finding.reasons, f"it says that {self.title.name} is now called {name}"),
        )

    def _everywhere(self, text: str) -> list[Mention]:
        """All places of all names, the longest name first where they overlap."""
        taken = Mask(len(text))
        found: list[Mention] = []
        for sure, pattern in self._aliases:
            for match in pattern.finditer(text):
                mention = Mention(start=match.start(), end=match.end(), sure=sure)
                if not taken.meets(mention):
                    found.append(mention)
                    taken.add(mention)
        short = [m for pattern in self._subtitles if any(one.sure for one in found) for m in pattern.finditer(text)]
        for place in (*self.series.mentions(text), *(Span(start=m.start(), end=m.end()) for m in short)):
            if not taken.meets(place):
                found.append(Mention(start=place.start, end=place.end, sure=True))
                taken.add(place)
        return sorted(found, key=lambda m: m.start)

    # --- whether a name means something else ---

    def _other_work(
        self, text: str, mention: Mention, line: Line | None, quote: Span | None, anchor: Anchor, *, standing: Standing
    ) -> str | None:
        """Why the name means another work in this place; None where it can be ours."""
        name = text[mention.start : mention.end]
        year = self._named_year(text, mention)
        if year is not None and anchor.day is not None and year < anchor.day.year - OLDER:
            return f"{name} of {year} {_OLDER}"
        inner = text[quote.start : quote.end] if quote else ""
        whole = quote is not None and mention.start <= quote.start and quote.end <= mention.end
        if inner and is_title_like(inner) and not whole and not self._is_name(inner):
            return f"{name} is part of {inner!r}"
        if _NUMBERED.match(text, mention.end):
            return f"{name} is followed by a number, as a sequel is"
        capitals = line is not None and line.headline and is_title_case(text[line.start : line.end])
        subtitle = None if capitals else _SUBTITLE.match(text, mention.end)
        if subtitle and subtitle.group(1).split()[0].lower() not in self._labels and not standing.alone(subtitle.group(1)):
            return f"{name} goes on as {name}: {subtitle.group(1)}"
        if self._goes_on(text, mention, capitals=capitals):
            return f"{name} goes on as a longer name"
        longer = None if mention.sure or quote else _LONGER_NAME.match(text, mention.end, mention.end + 50)
        return f"{name} is part of the name {name}{longer.group()}" if longer and not self._is_context(longer.group(1)) else None

    def _with_subtitle(self, text: str, mention: Mention) -> Mention:
        """The mention with a subtitle that may be ours in another language: "NAME: O Fim" where ours is "NAME: The End"."""
        name = text[mention.start : mention.end].lower()
        if self._grammar.language == ENGLISH or not flat(self.title.name).lower().startswith(f"{name}:"):
            return mention
        subtitle = _SUBTITLE.match(text, mention.end)
        if subtitle is None or subtitle.group(1).split()[0].lower() in self._labels:
            return mention
        return replace(mention, end=subtitle.end(1))

    def _named_year(self, text: str, mention: Mention) -> int | None:
        """A year that the text gives the name: "Name (2016)", "2016's Name", "Name of 2016"."""
        after = self._year_after.match(text, mention.end)
        if after:
            return int(after.group(1) or after.group(2))
        before = _YEAR_BEFORE.search(text, max(0, mention.start - 20), mention.start)
        return int(before.group(1)) if before else None

    @staticmethod
    def _goes_on(text: str, mention: Mention, *, capitals: bool) -> bool:
        """Whether a name is the beginning of a longer one: "NAME And The Hunter", or "NAME and the Seven Dwarfs" said twice."""
        more = _AND_NAME.match(text, mention.end, mention.end + 60)
        if more is None or capitals:
            return False
        return more.group(1)[0].isupper() or text.count(text[mention.start : more.end()]) > 1

    def _within_a_name(self, text: str, mention: Mention, line: Line | None) -> str | None:
        """Whether a one-word name is only part of a longer proper name ("Michael Shannon")."""
        name = text[mention.start : mention.end]
        whole = not name[-1].isalnum()  # "NAME! Ann Lee plays"
        after = None if whole else _NEXT_NAME.match(text, mention.end, mention.end + 40)
        if after and not self._stands_beside(after.group(1)):
            return f"{name} is part of the name {name} {after.group(1)}"
        begin = line.start if line else 0
        before = _LAST_NAME.search(text, max(begin, mention.start - 40), mention.start)
        if before is None or before.start(1) == begin or (line and is_title_case(text[line.start : line.end])):
            return None
        word = before.group(1)
        return (
            None
            if self._is_context(word) or word.isupper() or self._stands_beside(word)
            else f"{name} is part of the name {word} {name}"
        )

    def _is_ours(self, person: str) -> bool:
        """Whether a full name is of the title's context."""
        return any(pattern.search(person) for _, pattern in self._context)

    def _short_firm(self, term: str) -> re.Pattern[str] | None:
        """A company of the context by its short name ("Harrow" of "Harrow Pictures"), as it is written."""
        *name, last = flat(term).split()
        if not name or last.lower() not in self._grammar.firms:
            return None
        return re.compile(rf"(?<!\w){re.escape(' '.join(name))}(?!\w)")

    def _is_context(self, word: str) -> bool:
        """Whether a capitalised word is a company's, or of the title's context."""
        return any(word in term for term in self.title.context) or word.lower() in self._grammar.companies

    def _stands_beside(self, word: str) -> bool:
        """Whether a capitalised word beside the name is a plain word of headlines."""
        lower = word.lower().removesuffix("'s")
        return lower in self._beside or self._grammar.is_plain(lower)

    def _is_name(self, inner: str) -> bool:
        return " ".join(inner.strip(" .,;!?").lower().removesuffix("'s").split()) in self._names

    # --- the verdict ---

    def _judge(self, text: str, ours: list[Mention], against: tuple[str, ...]) -> Finding:
        """About it if the name is enough or something else of the text shows it; exclusions weigh against."""
        if not ours:
            return Finding(verdict=Verdict.OTHER, reasons=against)
        context = self._context_in(text, ours)
        excluded = [term for term, pattern in self._exclusions if pattern.search(text)]
        if excluded and len(excluded) >= len(context):
            return Finding(verdict=Verdict.OTHER, reasons=(f"it names {excluded[0]}, which means another work",))
        mentions = tuple(ours)
        sure = next((m for m in ours if m.sure), None)
        unlike = sure is None and self._is_unlike(text, ours)
        if unlike:
            return Finding(verdict=Verdict.OTHER, reasons=("it says that it is not to be confused with another",))
        if sure or context:
            shown = text[sure.start : sure.end] if sure else f"{self.title.name} and {', '.join(context[:3])}"
            return Finding(verdict=Verdict.ABOUT, reasons=(f"it names {shown}",), mentions=mentions)
        return self._without_context(text, mentions, against)

    def _namesake(self, text: str, ours: Sequence[Mention], against: tuple[str, ...], begin: int) -> str | None:
        """Why a sure name is that of another work, where nobody of ours is named: an older film, strangers who make it.

        Only for names that a book or an old film may bear too: no part of a series and no subtitle is two works' name.
        """
        names = {" ".join(text[m.start : m.end].split()) for m in ours if m.sure}
        known = any(pattern.search(text) for _, pattern in (*self._context, *self._firms, *self._surnames))
        if not names or known or not self._surnames or any(_UNIQUE.search(name) for name in names):
            return None
        older = next((reason for reason in against if reason.endswith(_OLDER)), None)
        return older or self._likeness.maker(text, ours, begin)

    def _without_context(self, text: str, mentions: tuple[Mention, ...], against: tuple[str, ...]) -> Finding:
        """A bare ambiguous name: likely ours in film news where nothing speaks against it."""
        reason = "the name stands there, but nothing shows that it is this film"
        doubt = against[0] if len(against) >= len(mentions) else self._likeness.why_not(text, mentions)
        if doubt is None:
            reason = f"it names {self.title.name} in film news, and nothing speaks of another work"
            return Finding(verdict=Verdict.LIKELY, reasons=(reason,), mentions=mentions)
        return Finding(verdict=Verdict.NAMED, reasons=tuple(dict.fromkeys((reason, doubt, *against))), mentions=mentions)

    def _is_unlike(self, text: str, ours: Sequence[Mention]) -> bool:
        """Whether a text says that it is not about this film: all that would show it stands in the words of that denial."""
        found = self._unlike.search(text)
        if found is None:
            return False
        end = next((m.start() for m in _SENTENCE_END.finditer(text, found.end())), len(text))
        rest = text[: found.start()] + " " * (end - found.start()) + text[end:]
        return not self._context_in(rest, ours)

    def _context_in(self, text: str, ours: Sequence[Mention]) -> list[str]:
        """Context words of the text, outside the name itself; two surnames of them count as well as one full name."""
        names = Mask(len(text))
        for mention in ours:
            names.add(mention)

        def stands(pattern: re.Pattern[str]) -> bool:
            return any(not names.meets(Span(start=m.start(), end=m.end())) for m in pattern.finditer(text))

        full = [term for term, pattern in (*self._context, *self._firms) if stands(pattern)]
        short = [] if full else [term for term, pattern in self._surnames if stands(pattern)]
        return full or (short if len(short) > 1 else [])


def _written(name: str) -> re.Pattern[str]:
    """A subtitle alone, as it is written, behind no colon and no dash: it is no other film's."""
    return re.compile(rf"(?<![\w-])(?<!: )(?<!– ){name_pattern(name)}(?![\w-])")


def _term(term: str) -> re.Pattern[str]:
    """A name, context word or exclusion as a pattern, in any case."""
    return re.compile(rf"(?<!\w){name_pattern(term)}(?!\w)", re.IGNORECASE)


def _follow_up(base: str, nouns: Sequence[str], follows: Sequence[str]) -> re.Pattern[str]:
    """A film that has no name of its own yet: "the 'Name' sequel", "Name follow-up", "a sequel to Name"."""
    name, kinds = name_pattern(base), either(nouns)
    behind = rf"{name}[\"']?(?:'s)?[ -](?:{kinds})"
    return re.compile(
        rf"(?<!\w)(?:{behind}|(?:{kinds}) (?:{either(follows)}) (?:the )?(?:[\w-]+ ){{0,2}}?[\"']?{name})(?!\w)", re.IGNORECASE
    )
