"""The stored items, newest first, with what was read from each and what became of it: read-only SQL, as in `ask`."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from watcher.decide.byhand import DISCARDED
from watcher.model import Evidence, Source, Verdict
from watcher.store import rows
from watcher.store.ask import EVIDENCE, SOURCE
from watcher.store.searching import Sought, note_matching


class Fate(StrEnum):
    """What became of an item for a title."""

    TOLD = "told"
    SILENT = "silent"
    NOTHING = "nothing"
    OTHER = "other"
    UNNAMED = "unnamed"
    IGNORED = "ignored"


#: Begins the outcome of what was told, and is the one of an item that is about a title and says nothing we keep.
TOLD, SAYS_NOTHING = "told: ", "read: says nothing of a release or a credit"

_READ = "SELECT source FROM reading WHERE current AND (:title IS NULL OR title = :title)"
_COUNTS = "verdict IN ('about', 'likely')"
_WITH_FATE = {
    Fate.TOLD: f"source.id IN ({_READ} AND outcome LIKE 'told: %')",
    Fate.SILENT: f"source.id IN ({_READ} AND {_COUNTS} AND NOT outcome LIKE 'told: %' "
    f"AND outcome NOT IN ('{SAYS_NOTHING}', '{DISCARDED}'))",
    Fate.NOTHING: f"source.id IN ({_READ} AND outcome = '{SAYS_NOTHING}')",
    Fate.OTHER: f"source.id IN ({_READ} AND verdict IN ('other', 'named') AND outcome <> '{DISCARDED}')",
    Fate.UNNAMED: "item.ignored_at IS NULL AND source.id NOT IN (SELECT source FROM reading WHERE current)",
    Fate.IGNORED: "item.ignored_at IS NOT NULL",
}
#: What an item is found by: a text of its that counts, the feed's own or its page's.
_FOUND = """
source.item IN (SELECT v.item FROM temp.matching CROSS JOIN item_version AS v ON v.rowid = matching.place
  JOIN item ON item.id = v.item WHERE v.id = item.version
  OR EXISTS (SELECT 1 FROM source AS s WHERE s.item = v.item AND s.version = v.id AND s.current))
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which items are asked for; all of these must hold. `feeds` are addresses, `outlet` one more way to be meant by them.

    `since` is the first moment of publication (UTC), or of coming to us where a text has no date.
    """

    words: Sought | None = None
    title: str | None = None
    fate: Fate | None = None
    feeds: tuple[str, ...] | None = None
    outlet: str = ""
    since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fated:
    """How an item was read for a title, what became of it, and the claims it made of it."""

    title: str
    verdict: Verdict
    outcome: str
    claims: tuple[Evidence, ...] = ()

    @property
    def fate(self) -> Fate:
        """The same in a word."""
        if self.outcome == DISCARDED:
            return Fate.IGNORED
        if self.outcome.startswith(TOLD):
            return Fate.TOLD
        if not self.verdict.counts:
            return Fate.OTHER
        return Fate.NOTHING if self.outcome == SAYS_NOTHING else Fate.SILENT


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """An item as it counts now. `feed` is the address it came from; `ignored` is since when the user discards it (UTC)."""

    source: Source
    feed: str
    ignored: datetime | None = None
    read: tuple[Fated, ...] = ()

    @property
    def at(self) -> datetime:
        """When it came out, or to us where it bears no date (UTC)."""
        return self.source.published or self.source.first_seen

    @property
    def fate(self) -> Fate:
        """What became of it; of several titles for the one that it did most for."""
        if self.ignored is not None:
            return Fate.IGNORED
        return min((one.fate for one in self.read), key=list(Fate).index, default=Fate.UNNAMED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The newest of what was asked for, and how many there are."""

    items: tuple[Stored, ...]
    total: int


def items(db: sqlite3.Connection, asked: Asked, *, limit: int) -> Found:
    """The newest items that are asked for, at most so many. `db` is a reader of the asker's own (see `searching`)."""
    if asked.words is not None:
        note_matching(db, asked.words)
    given = {
        "title": asked.title,
        "feeds": json.dumps(asked.feeds or ()),
        "outlet": asked.outlet,
        "since": rows.stamp_or_none(asked.since),
        # Of an item two texts may count: its own after an edit, and its page.
        "limit": 2 * limit,
    }
    where = _where(asked)
    # Dated items come by their index, newest first; those without a date are few, and sorted in.
    parts = [
        f"SELECT * FROM (SELECT item.feed, item.ignored_at, {SOURCE} {where} AND source.published IS NOT NULL "
        "ORDER BY source.published DESC, source.id LIMIT :limit)",
        f"SELECT * FROM (SELECT item.feed, item.ignored_at, {SOURCE} {where} AND source.published IS NULL "
        "ORDER BY source.first_seen DESC, source.id LIMIT :limit)",
    ]
    found: dict[str, Stored] = {}
    for row in db.execute(" UNION ALL ".join(parts), given):
        one = Stored(source=rows.source_of(row, "s_"), feed=row["feed"], ignored=rows.moment_or_none(row["ignored_at"]))
        found.setdefault(one.source.item, one)
    shown = sorted(found.values(), key=lambda one: one.at, reverse=True)[:limit]
    read = _read(db, [one.source.item for one in shown], asked.title)
    # Of each item one text counts at least: all of them are counted without looking at any.
    number = "SELECT count(*) FROM item" if asked == Asked() else f"SELECT count(DISTINCT source.item) {where}"
    total = db.execute(number, given).fetchone()[0]
    return Found(
        items=tuple(
            Stored(source=one.source, feed=one.feed, ignored=one.ignored, read=tuple(read.get(one.source.item, ())))
            for one in shown
        ),
        total=int(total),
    )


def has_outlet(db: sqlite3.Connection, name: str) -> bool:
    """Whether anything is stored of an outlet, in whatever case its name is written."""
    asked = "SELECT 1 FROM source WHERE outlet = ? COLLATE NOCASE LIMIT 1"
    return db.execute(asked, [name]).fetchone() is not None


def _where(asked: Asked) -> str:
    conditions = ["source.current", "source.kind IN ('item', 'page')"]
    if asked.words is not None:
        conditions.append(_FOUND)
    if asked.title is not None:
        conditions.append(f"source.id IN ({_READ})")
    if asked.fate is not None:
        conditions.append(_WITH_FATE[asked.fate])
    if asked.feeds is not None:
        conditions.append("(item.feed IN (SELECT value FROM json_each(:feeds)) OR source.outlet = :outlet COLLATE NOCASE)")
    if asked.since is not None:
        conditions.append("coalesce(source.published, source.first_seen) >= :since")
    return f"FROM source JOIN item ON item.id = source.item WHERE {' AND '.join(conditions)}"


def _read(db: sqlite3.Connection, names: Sequence[str], title: str | None) -> dict[str, list[Fated]]:
    """How these items were read: by item, for each title the newest reading that counts."""
    these = "source.item IN (SELECT value FROM json_each(:names)) AND source.current AND reading.current"
    given = {"names": json.dumps(names), "title": title}
    said: dict[str, list[Evidence]] = {}
    for row in db.execute(f"{EVIDENCE} WHERE {these}", given):
        said.setdefault(row["reading"], []).append(rows.evidence_of(row))
    found = db.execute(
        "SELECT reading.*, source.item FROM source JOIN reading ON reading.source = source.id "
        f"WHERE {these} AND (:title IS NULL OR reading.title = :title) ORDER BY reading.read_at DESC, reading.id",
        given,
    )
    by_item: dict[str, dict[str, Fated]] = {}
    for row in found:
        fated = Fated(
            title=row["title"],
            verdict=Verdict(row["verdict"]),
            outcome=row["outcome"],
            claims=_in_order(said.get(row["id"], ())),
        )
        by_item.setdefault(row["item"], {}).setdefault(fated.title, fated)
    return {item: list(read.values()) for item, read in by_item.items()}


def _in_order(claims: Iterable[Evidence]) -> tuple[Evidence, ...]:
    """As they stand in the text."""
    return tuple(sorted(claims, key=lambda e: (e.claim.sentence.start, e.claim.sentence.end, e.id)))
