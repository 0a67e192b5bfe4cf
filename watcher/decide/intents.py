"""What `decide` asks the store to do: values only, which the store writes in one transaction or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from watcher.model import Change, Confidence, Evidence, Fact, FeedState, Item, Key, Reading, Source


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemVersion:
    """One text of one item. `id` names the version, `item` what it is a version of; `seen_at` is when we first saw this text."""

    id: str
    item: str
    feed: str
    content: Item
    seen_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """A reading of one source to be kept, its claims with their keys, and the stage and reason that ended it."""

    id: str
    source: str
    reading: Reading
    evidence: tuple[Evidence, ...]
    read_at: datetime
    outcome: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A row of the outbox: one subject for one target. `needs` is the confidence its fact must have before it is offered.

    `subject` is unique for each target: the change's id, or what else is told once (``summary/ballerina``).
    """

    target: str
    title: str
    subject: str
    kind: str
    not_before: datetime
    change: str | None = None
    needs: Confidence = Confidence.RUMOURED


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """All that one decision changes. `based_on` names the last revision of every key it was made from (0: none yet).

    `known` maps the titles whose known values were taken in to the digest of those values; `learned` are the titles whose
    first, silent pass is over.
    """

    at: datetime
    feeds: tuple[FeedState, ...] = ()
    versions: tuple[ItemVersion, ...] = ()
    sources: tuple[tuple[Source, str | None], ...] = ()
    readings: tuple[Read, ...] = ()
    based_on: Mapping[Key, int] = field(default_factory=dict)
    facts: tuple[Fact, ...] = ()
    changes: tuple[Change, ...] = ()
    notices: tuple[Notice, ...] = ()
    known: Mapping[str, str] = field(default_factory=dict)
    learned: tuple[str, ...] = ()
