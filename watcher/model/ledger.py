"""What is held true and how it changed. All times are aware and in UTC."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from watcher.edtf import Edtf
from watcher.model.news import Key
from watcher.model.words import Cause, ChangeKind, Confidence, Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """What a fact holds: a date for a release, a status and role for a credit. The unused half is None.

    Nothing at all, once what it held was taken back and nothing else is known: such a fact is held by nobody.
    """

    date: Edtf | None = None
    status: Status | None = None
    role: str | None = None
    person: str | None = None

    @property
    def known(self) -> bool:
        """Whether anything is held."""
        return self.date is not None or self.status is not None

    def __str__(self) -> str:
        if self.date is not None:
            return str(self.date)
        return "nothing" if self.status is None else str(self.status)


#: What is left where all that was said is withdrawn.
NOTHING = Value()


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """What is held true for a key, as of one revision. `revision` counts from 1 for each key.

    `since` is when the text that brought the value was published, `recorded_at` when we came to hold it (UTC both).
    `evidence` are ids of the claims that support the value, first said first, one for each independent voice, and `outlets`
    who published those. `superseded` are the dates it held before, oldest first.
    """

    key: Key
    revision: int
    value: Value
    confidence: Confidence
    evidence: tuple[str, ...]
    outlets: tuple[str, ...]
    since: datetime
    recorded_at: datetime
    cause: Cause = Cause.NEWS
    superseded: tuple[Edtf, ...] = ()
    pinned: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A fact's step from old to new, with a copy of the sentence that made it. `id` is the key and the new revision.

    `silent` says why nobody was told; None when it was offered to the targets. `late` marks news that had to wait for us.
    """

    id: str
    key: Key
    kind: ChangeKind
    old: Value | None
    new: Value
    confidence: Confidence
    at: datetime
    recorded_at: datetime
    sentence: str = ""
    outlet: str | None = None
    credits: str | None = None
    link: str | None = None
    sources: tuple[str, ...] = ()
    silent: str | None = None
    late: bool = False
