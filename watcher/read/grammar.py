"""A language's lexicon, loaded: what `lexicon/<language>.toml` says, compiled once."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from watcher.model import Action, ReleaseType, Status
from watcher.read.patterns import alternatives
from watcher.read.phrases import Phrases, all_words

Table = Mapping[str, Any]

#: The language whose lexicon is complete, and that of a text that shows none.
ENGLISH = "en"


#: What parts two words: blanks, or nothing behind an elision ("l'été").
BLANK = r"(?:\s+|(?<='))"


def either(phrases: Iterable[str]) -> str:
    """The phrases as alternatives of a regular expression, the longest first; what nothing matches where there are none."""
    return alternatives(phrases)


def maybe(phrases: Iterable[str]) -> str:
    """The expression of one of the phrases and what parts it from the next word, or of nothing."""
    return rf"(?:(?:{either(phrases)}){BLANK})?"


def ends_with(phrases: Iterable[str], after: str = BLANK) -> re.Pattern[str]:
    """Finds one of the phrases right before a place: search it in a window that ends there."""
    return re.compile(rf"(?<!\w)(?:{either(phrases)}){after}$", re.IGNORECASE)


def starts_with(phrases: Iterable[str], before: str = r"\s+") -> re.Pattern[str]:
    """Finds one of the phrases right after a place: match it there."""
    return re.compile(rf"{before}(?:{either(phrases)})(?!\w)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseCue:
    """What a phrase says of the date it governs.

    `kind` is release, old (the date was so once), other (a date of something else), none (there is no date), unset, or apart
    (no cue at all). `past` marks verbs that tell of a release that was. `near` cues count only right before the date. `subject`
    marks nouns (a trailer) that take the date from the film when they stand as the subject, and what stands for its film ("a
    new date will be set"). What `needs` a type is a release only of it. A `heads` cue rules the cues in a row behind it, as one
    of an old or no date does ("filming is set to start"). Right behind a `leaves` cue stands the date that is given up. An
    `earns` cue tells what the film made, so it was out. The film of a `named` cue stands in its sentence: of "another takes its
    June 7 slot" the one that the text is about does not take it. A `last` cue governs only where no verb of release does. What a
    `lost` cue governs is a date that the film gives up, whether or not it has another.
    """

    name: str
    kind: str
    past: bool = False
    action: Action = Action.STATES
    near: bool = False
    subject: bool = False
    needs: ReleaseType | None = None
    heads: bool = False
    leaves: bool = False
    earns: bool = False
    named: bool = False
    last: bool = False
    lost: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditCue:
    """What a phrase says of the people on its left and right; `either` holds for the right if a name stands there at once.

    `role` cues need a role after them, a `bare` one at once; `promote` cues mean a joining where the item as a whole tells a
    new cast. Whom a `closes` cue names is spoken for: no later verb of the sentence has them as its subject. The film of a
    `direct` cue follows it at once. An `acts` cue is of actors only; a `swap` cue needs the film in its clause. An `object` cue
    is a verb whose object, if it has one, must be a film or a cast; an `apposed` cue must stand right behind our film, and whom
    an `as_role` cue names right before the part ("has Ann Lee as Joan"). A `backdrop` cue tells again where the headline names
    other newcomers ("Ann Lee will star"). Whom a `wish` cue names, somebody wants for a part; before a `plural` verb stand
    several. An `absent` cue only says that somebody is not in the film. `owned` is what a noun says of its owner ("Ann Lee's
    casting"). An `of_part` cue stands behind a part and no film. A cue without any status only keeps others from being
    read there.
    """

    name: str
    left: Status | None = None
    right: Status | None = None
    either: Status | None = None
    job: str | None = None
    role: bool = False
    bare: bool = False
    promote: bool = False
    closes: bool = False
    direct: bool = False
    acts: bool = False
    swap: bool = False
    object: bool = False
    apposed: bool = False
    backdrop: bool = False
    as_role: bool = False
    wish: bool = False
    absent: bool = False
    plural: bool = False
    owned: Status | None = None
    of_part: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether it only keeps others from being read."""
        return not (self.left or self.right or self.either or self.owned)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grammar:
    """Everything the engine knows of one language."""

    language: str
    spoken_in: frozenset[str]
    text: Table
    mentions: Table
    works: Table
    dates: Table
    credit: Table
    release_cues: Phrases[ReleaseCue]
    unset_cues: Phrases[ReleaseCue]
    release_types: Phrases[ReleaseType | None]
    release_nouns: Phrases[bool]
    inverse: Phrases[bool]
    retold: Phrases[bool]
    release: Table
    breaks: Phrases[bool]
    hedges: Phrases[str]
    denials: Phrases[bool]
    retractions: Phrases[bool]
    official: Phrases[bool]
    official_nouns: tuple[str, ...]
    attribution: Phrases[str]
    attribution_item: Phrases[bool]
    credit_cues: Phrases[CreditCue]
    jobs: Phrases[str]
    acting: Phrases[bool]
    cast_news: Phrases[bool]
    cast_news_plain: Phrases[bool]
    explainers: Phrases[bool]
    elsewhere: Phrases[bool]
    other_media: Phrases[bool]
    in_story: Phrases[bool]
    denies: Phrases[bool]
    wished: Phrases[bool]
    only_rumour: Phrases[bool]
    long_ago: Phrases[bool]
    open_questions: Phrases[bool]
    reveals: Phrases[bool]
    collapsed: Phrases[bool]
    recaps: Phrases[bool]
    regions: re.Pattern[str]
    region_codes: Mapping[str, str]
    region_names: tuple[str, ...]
    nationalities: tuple[str, ...]
    local: Phrases[bool]
    breakers: frozenset[str]
    given: frozenset[str]
    surnames: frozenset[str]
    no_names: frozenset[str]
    lead_parts: re.Pattern[str]
    ranks: frozenset[str]
    not_people: frozenset[str]
    places: frozenset[str]
    one_name: re.Pattern[str]
    firms: frozenset[str]
    the: str
    noun_endings: tuple[str, ...]
    plays: re.Pattern[str]
    companies: frozenset[str]

    def is_plain(self, word: str) -> bool:
        """Whether a lower-case word is no part of a name, though a text gives it a capital."""
        bare = word.rpartition("'")[2] if self.dates["elides"] else word
        return bare in self.breakers or word.endswith(self.noun_endings)


def _status(value: object) -> Status | None:
    return Status(str(value)) if value else None


def _type(name: str) -> ReleaseType | None:
    """A release type; None for what is shown and is no release."""
    return None if name == "none" else ReleaseType(name)


def _release_cues(table: Table) -> list[tuple[str, ReleaseCue]]:
    entries: list[tuple[str, ReleaseCue]] = []
    for cue in table["cue"]:
        what = ReleaseCue(
            name=cue["name"],
            kind=cue["kind"],
            past=cue.get("tense") == "past",
            action=Action(cue.get("action", "states")),
            near=cue.get("near", False),
            subject=cue.get("subject", False),
            needs=ReleaseType(cue["needs"]) if "needs" in cue else None,
            heads=cue.get("heads", False),
            leaves=cue.get("leaves", False),
            earns=cue.get("earns", False),
            named=cue.get("named", False),
            last=cue.get("last", False),
            lost=cue.get("lost", False),
        )
        entries.extend((phrase, what) for phrase in cue["phrases"])
    return entries


def _credit_cues(table: Table, groups: Mapping[str, Sequence[str]]) -> Phrases[CreditCue]:
    entries: list[tuple[str, CreditCue]] = []
    for cue in table["cue"]:
        what = CreditCue(
            name=cue["name"],
            left=_status(cue.get("left")),
            right=_status(cue.get("right")),
            either=_status(cue.get("either")),
            job=cue.get("job"),
            role=cue.get("role", False),
            bare=cue.get("bare", False),
            promote=cue.get("promote", False),
            closes=cue.get("closes", False),
            direct=cue.get("direct", False),
            acts=cue.get("acts", False),
            swap=cue.get("swap", False),
            object=cue.get("object", False),
            apposed=cue.get("apposed", False),
            backdrop=cue.get("backdrop", False),
            as_role=cue.get("as_role", False),
            wish=cue.get("wish", False),
            absent=cue.get("absent", False),
            plural=cue.get("plural", False),
            owned=_status(cue.get("owned")),
            of_part=cue.get("of_part", False),
        )
        entries.extend((phrase, what) for phrase in cue["phrases"])
    return Phrases(entries, groups)


def _regions(table: Table, the: str) -> tuple[re.Pattern[str], dict[str, str]]:
    """One pattern for all regions: a name after a preposition or before its verb, an adjective before a noun of release."""
    codes: dict[str, str] = {}
    tables = [table["names"], table["adjectives"], table.get("adverbs", {"001": table["names"].get("001", [])})]
    for kind in tables:
        for code, terms in kind.items():
            codes.update((term, code) for term in terms)

    names, adjectives, adverbs = ([term for terms in kind.values() for term in terms] for kind in tables)
    gets = rf"\s(?:{either(table.get('subject_before', ()))})(?!\w)"
    pattern = (
        rf"(?<!\w)(?i:{either(table.get('outside', ()))})\s(?i:{the})(?P<outside>{either(names)})(?!\w)"
        rf"|\b(?i:{either(table['after'])})\s?(?i:{the})(?P<name>{either(names)})(?!\w|{gets})"
        rf"|(?<!\w)(?P<subject>{either(names)})(?={gets})"
        rf"|(?<!\w)(?P<adverb>{either(adverbs)})(?!\w)"
        rf"|(?<!\w)(?P<adjective>{either(adjectives)})[- ](?=(?:{either(table['before'])})\b)"
        rf"|(?<!\w)(?:{either(table['behind'])})\s(?P<behind>{either(adjectives)})(?!\w)"
    )
    return re.compile(pattern), codes


def such_as(table: Table) -> str:
    """Fails behind "such as", where "as" names no part."""
    return "".join(rf"(?<!\b{re.escape(f'{word} {as_}')})" for word in table["as_of"] for as_ in table["as"])


def _plays(table: Table, articles: Sequence[str]) -> re.Pattern[str]:
    """Finds a word of acting right before the name of a part; "such as Ann Lee" names no part."""
    return re.compile(rf"(?<!\w)(?:{either(table['plays'])}){such_as(table)}{BLANK}{maybe(articles)}[\"']?$", re.IGNORECASE)


def _flags(phrases: Iterable[str], groups: Mapping[str, Sequence[str]]) -> Phrases[bool]:
    return Phrases(((phrase, True) for phrase in phrases), groups)


#: Particles of surnames in lower case, in any language.
PARTICLES = frozenset(
    (
        *("de", "da", "di", "del", "della", "du", "van", "von", "der", "den", "la", "le", "las", "los", "bin", "al", "el"),
        *("ten", "ter", "dos", "das", "do", "y", "af", "av", "zu"),
    )
)


def _breakers(data: Table, groups: Mapping[str, Sequence[str]]) -> frozenset[str]:
    """Words that are no part of a name though a headline capitalises them: all that the lexicon itself is made of.

    Small words too ("While Ann Lee joins"), but what stands within surnames, and the articles of English titles in any language.
    """
    table = data["text"]
    small = {*table["starters"], *table["breaks"], *table["stop_words"], *lexicon(ENGLISH)["text"]["articles"]} - PARTICLES
    found = {*table["common"], *data["credit"]["epithets"], *(word for word in small if len(word) > 1)}
    for cue in [*data["credit"]["cue"], *data["release"]["cue"]]:
        for phrase in cue["phrases"]:
            found |= all_words(phrase, groups)
    return frozenset(found)


def _no_names(data: Table) -> frozenset[str]:
    """Words of no person's name that stand right before one: where somebody is from, and whose relative somebody is."""
    adjectives = (word.lower() for terms in data["region"]["adjectives"].values() for term in terms for word in term.split())
    return frozenset((*data["credit"]["demonyms"], *adjectives, *(phrase.split()[0] for phrase in data["credit"]["relatives"])))


@cache
def lexicon(language: str) -> Table:
    """What a language's file says; what it leaves out of a table that English has is empty."""
    file = resources.files("watcher.read").joinpath("lexicon").joinpath(f"{language}.toml")
    data = tomllib.loads(file.read_text(encoding="utf-8"))
    if language != ENGLISH:
        for name, table in lexicon(ENGLISH).items():
            if isinstance(table, dict):
                data[name] = {key: type(value)() for key, value in table.items()} | data[name]
    return data


@cache
def languages() -> tuple[str, ...]:
    """The languages that have a lexicon, by their ISO 639-1 codes."""
    folder = resources.files("watcher.read").joinpath("lexicon")
    return tuple(sorted(file.name.removesuffix(".toml") for file in folder.iterdir() if file.name.endswith(".toml")))


@cache
def grammar(language: str = ENGLISH) -> Grammar:
    """The grammar of a language that has a lexicon."""
    data = lexicon(language)
    groups: dict[str, Sequence[str]] = data["words"]
    release, credit, hedges = data["release"], data["credit"], data["hedges"]
    the = maybe(data["text"]["definite"])
    regions, codes = _regions(data["region"], the)
    return Grammar(
        language=data["language"],
        spoken_in=frozenset(data["spoken_in"]),
        text=data["text"],
        mentions=data["mentions"],
        works=data["works"],
        dates=data["dates"],
        credit=credit,
        release_cues=Phrases(_release_cues(release), groups),
        unset_cues=Phrases(((p, cue) for p, cue in _release_cues(release) if cue.kind == "unset"), groups),
        release_types=Phrases(((p, _type(t["type"])) for t in release["type"] for p in t["phrases"]), groups),
        release_nouns=Phrases(
            [*((p, True) for p in release["nouns"]), *((p, False) for p in release["other_nouns"])],
            groups,
        ),
        inverse=_flags(release["inverse"], groups),
        retold=_flags(release["retold"], groups),
        release=release,
        breaks=Phrases([(p, bool(sign)) for sign, key in enumerate(("not_breaks", "breaks")) for p in data["text"][key]], groups),
        hedges=Phrases(((p, kind) for kind in ("rumoured", "conditional") for p in hedges[kind]), groups),
        denials=_flags(hedges["denied"], groups),
        retractions=_flags(hedges["retracted"], groups),
        official=_flags(hedges["official_verbs"], groups),
        official_nouns=tuple(hedges["official_nouns"]),
        attribution=Phrases(((p, a["side"]) for a in data["attribution"] for p in a["phrases"]), groups),
        attribution_item=_flags(data["attribution_item"]["phrases"], groups),
        credit_cues=_credit_cues(credit, groups),
        jobs=Phrases(((p, job) for job, phrases in credit["jobs"].items() for p in phrases), groups),
        acting=_flags(credit["acting"], groups),
        cast_news_plain=_flags(credit["cast_news_plain"], groups),
        cast_news=_flags(credit["cast_news"], groups),
        recaps=_flags(credit["recaps"], groups),
        explainers=_flags(credit["explainers"], groups),
        elsewhere=_flags(credit["elsewhere"], groups),
        in_story=_flags(credit["in_story"], groups),
        other_media=_flags(credit["other_media"], groups),
        denies=_flags(credit["denies"], groups),
        wished=_flags(credit["wished"], groups),
        only_rumour=_flags(credit["only_rumour"], groups),
        reveals=_flags(credit["reveals"], groups),
        open_questions=_flags(credit["open_questions"], groups),
        collapsed=_flags(credit["collapsed"], groups),
        long_ago=_flags(credit["long_ago"], groups),
        regions=regions,
        region_codes=codes,
        region_names=tuple(term for terms in data["region"]["names"].values() for term in terms),
        nationalities=tuple(term for terms in data["region"]["adjectives"].values() for term in terms),
        local=_flags(data["region"]["local"], groups),
        breakers=_breakers(data, groups),
        given=frozenset(data["text"]["given"]),
        ranks=frozenset(credit["ranks"]),
        one_name=ends_with(credit["one_name"], r"\s"),
        places=frozenset((*credit["places"], *lexicon(ENGLISH)["credit"]["places"])),
        not_people=frozenset((*credit["not_people"], *data["works"]["company_words"])),
        surnames=frozenset(credit["surnames"]),
        no_names=_no_names(data),
        lead_parts=ends_with(credit["lead_parts"], r"\s"),
        firms=frozenset(data["works"]["company_words"]),
        the=the,
        noun_endings=tuple(data["text"]["noun_endings"]),
        plays=_plays(credit, data["text"]["articles"]),
        companies=frozenset(
            name.lower() for name in [*lexicon(ENGLISH)["mentions"]["companies"], *data["mentions"]["companies"]]
        ),
    )
