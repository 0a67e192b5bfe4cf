"""What `decide` asks the store to do: values only, which the store writes in one transaction or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from watcher.model import Change, Confidence, Evidence, Fact, FeedState, Item, Key, PageState, Reading, Source, SourceKind

if TYPE_CHECKING:
    from watcher.decide.fold import Start


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemVersion:
    """One text of one item. `id` names the version, `item` what it is a version of; `seen_at` is when we first saw this text.

    `kind` is ITEM for what stood in the feed, PAGE for what stands behind its link.
    """

    id: str
    item: str
    feed: str
    content: Item
    seen_at: datetime
    kind: SourceKind = SourceKind.ITEM


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkedPage:
    """The page behind an item and where it stands; times are UTC. `wanted_at` is when the item came in.

    `tries` count since it became due, `visits` how often it became due and was asked for. `silence` and `late` are those of
    the item's arrival. `outcome` is the last error, or why it was given up; never a word of the server's.
    """

    item: str
    url: str
    host: str
    story: str
    due_at: datetime
    wanted_at: datetime
    state: PageState = PageState.DUE
    tries: int = 0
    visits: int = 0
    asked_at: datetime | None = None
    silence: str | None = None
    late: bool = False
    outcome: str = ""


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

    `subject` is unique for each target: the change's id, or what else is told once (``summary/ballerina``). `dropped` says why
    it is not sent though its time has come: it counts as told.
    """

    target: str
    title: str
    subject: str
    kind: str
    not_before: datetime
    change: str | None = None
    needs: Confidence = Confidence.RUMOURED
    dropped: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """All that one decision changes. `based_on` names the last revision of every key it was made from (0: none yet).

    `pages` are linked pages as they stand from now on; the other pages of a host in `hosts_rest` wait until that moment.
    `marks` says from where facts are folded the next time, None where no mark holds any more. `merged` names stories that
    turned out to be others. `known` maps the titles whose known values were taken in to the digest of those values; `learned`
    are the titles whose first, silent pass is over. `discarded` maps items to since when the user discards them, None for not
    any more. `listed` maps feeds whose documents were read to the items in them.
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
    pages: tuple[LinkedPage, ...] = ()
    hosts_rest: Mapping[str, datetime] = field(default_factory=dict)
    marks: Mapping[Key, Start | None] = field(default_factory=dict)
    merged: Mapping[str, str] = field(default_factory=dict)
    known: Mapping[str, str] = field(default_factory=dict)
    learned: tuple[str, ...] = ()
    discarded: Mapping[str, datetime | None] = field(default_factory=dict)
    listed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
