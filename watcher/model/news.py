"""What comes in and what is read in it: items, sources, claims, and the keys of the facts they speak of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from watcher.edtf import Edtf
from watcher.model.words import Action, Modality, Precision, ReleaseType, SourceKind, Status, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One entry of a feed, cleaned: no tags, no control or bidi characters, one space between words.

    `guid` is its identity within its feed (guid, else link, else a hash); `digest` changes when the text does.
    `published` is UTC and clamped; `precision` says how much of it the source gave.
    """

    guid: str
    title: str
    body: str
    link: str | None = None
    published: datetime | None = None
    precision: Precision = Precision.TIME
    author: str | None = None
    language: str | None = None
    digest: str = ""

    @property
    def text(self) -> str:
        """Title and body as one text: what spans of claims count in."""
        return f"{self.title}\n\n{self.body}" if self.title and self.body else self.title or self.body


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """A film as a page's own data describes it; `date` is a whole day or None."""

    name: str
    date: Edtf | None = None
    actors: tuple[str, ...] = ()
    directors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where claims come from: one version of an item, its page, or the user's word.

    `id` names this very version; `item` the thing that was versioned, so that a newer version takes the place of an older
    one. `story` is shared by copies and rewrites of one report, and `copies` is the outlet that gave the report where
    another did. `fresh` is False for what was already old news when first seen: it is learned in silence.
    """

    id: str
    item: str
    kind: SourceKind = SourceKind.ITEM
    outlet: str | None = None
    link: str | None = None
    title: str = ""
    published: datetime | None = None
    first_seen: datetime
    story: str = ""
    fresh: bool = True
    copies: str | None = None

    @property
    def order(self) -> tuple[datetime, datetime, str]:
        """The order in which claims are folded: when published, when first seen, id."""
        return (self.published or self.first_seen, self.first_seen, self.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """The words that say it: `text` is `item.text[start:end]`."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseClaim:
    """What one text says of one title's release. `region` is None where the text names none."""

    title: str
    type: ReleaseType
    date: Edtf
    action: Action
    sentence: Sentence
    rule: str
    from_date: Edtf | None = None
    region: str | None = None
    modality: Modality = Modality.REPORTED
    credits: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditClaim:
    """What one text says of one person's part in one title. `job` is TMDB's word in lower case: actor, director, writer."""

    title: str
    person: str
    status: Status
    sentence: Sentence
    rule: str
    job: str = "actor"
    role: str | None = None
    modality: Modality = Modality.REPORTED
    credits: str | None = None


Claim = ReleaseClaim | CreditClaim


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a reader made of one source for one title.

    `about` its claims count; `likely` they count as rumours, whatever their words; `named` the name stands there but nothing
    shows that it is this title; `other` it is another work; `absent` it is not named at all (such readings are not kept).
    """

    title: str
    reader: str
    verdict: Verdict
    reasons: tuple[str, ...] = ()
    claims: tuple[Claim, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseKey:
    """The key of a release fact.

    `region` is ISO 3166-1 alpha-2, an area of UN M49 (001 the world, 150 Europe), or ZZ where nobody said which (UTS #35).
    """

    title: str
    region: str
    type: ReleaseType

    def __str__(self) -> str:
        return f"{self.title}/release/{self.region}/{self.type}"


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditKey:
    """The key of a credit fact. `person` is a slug, so that accents and capitals make no second person."""

    title: str
    job: str
    person: str

    def __str__(self) -> str:
        return f"{self.title}/credit/{self.job}/{self.person}"


Key = ReleaseKey | CreditKey


def parse_key(text: str) -> Key:
    """The key that `str(key)` wrote.

    Raises:
        ValueError: the text was not written by `str(key)`.
    """
    title, kind, first, second = text.split("/")
    if kind == "release":
        return ReleaseKey(title=title, region=first, type=ReleaseType(second))
    if kind == "credit":
        return CreditKey(title=title, job=first, person=second)
    raise ValueError(f"{text!r} is no key of a fact")


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A claim with the source that makes it and the fact it speaks of; `id` names the claim in the store.

    `said_at` (UTC) is when the source came to say it, where that is later than the source itself: an article was edited.
    """

    id: str
    key: Key
    claim: Claim
    source: Source
    said_at: datetime | None = None

    @property
    def at(self) -> datetime:
        """When it was said (UTC)."""
        return self.said_at or self.source.order[0]

    @property
    def order(self) -> tuple[datetime, datetime, str, str]:
        """The order in which claims are folded: when said, when first seen, id."""
        return (self.at, self.source.first_seen, self.source.id, self.id)
