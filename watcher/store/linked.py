"""Questions about the pages behind items: read-only SQL, as in `ask`."""

from __future__ import annotations

import sqlite3
from datetime import datetime

from watcher.decide.intents import ItemVersion, LinkedPage
from watcher.decide.pages import Asked
from watcher.model import PageState, Source
from watcher.store import rows
from watcher.store.ask import SOURCE

#: So many due pages are looked at; of more than a host allows in a day the rest waits.
_LOOK = 500


def due_pages(db: sqlite3.Connection, now: datetime) -> list[LinkedPage]:
    """The pages that are due, the newest items first: what is asked for while it is news is worth most."""
    found = db.execute(
        "SELECT * FROM page WHERE state = 'due' AND due_at <= ? ORDER BY wanted_at DESC, item LIMIT ?", [rows.stamp(now), _LOOK]
    )
    return [page_of(row) for row in found]


def asked_since(db: sqlite3.Connection, then: datetime) -> Asked:
    """How many pages of each host were asked for since then."""
    found = db.execute("SELECT host, count(*) AS pages FROM page WHERE asked_at > ? GROUP BY host", [rows.stamp(then)])
    return Asked(by_host={row["host"]: row["pages"] for row in found})


def linked_page(db: sqlite3.Connection, item: str) -> LinkedPage | None:
    """The page behind an item, where it was ever wanted."""
    row = db.execute("SELECT * FROM page WHERE item = ?", [item]).fetchone()
    return None if row is None else page_of(row)


def is_wanted_already(db: sqlite3.Connection, story: str, item: str) -> bool:
    """Whether the same address came with another item, and is read or to be read there."""
    asked = "SELECT 1 FROM page WHERE story = ? AND item <> ? AND state <> 'given_up' LIMIT 1"
    return db.execute(asked, [story, item]).fetchone() is not None


def item_behind(db: sqlite3.Connection, item: str) -> tuple[ItemVersion, Source] | None:
    """An item as its feed has it now, and the source of what it says; None where it is stored no more."""
    row = db.execute(
        f"SELECT v.*, item.guid, item.feed, {SOURCE} FROM item JOIN item_version AS v ON v.id = item.version "
        "JOIN source ON source.id = v.id "
        "WHERE item.id = ?",
        [item],
    ).fetchone()
    if row is None:
        return None
    return rows.version_of(row), rows.source_of(row, "s_")


def outcomes_of(db: sqlite3.Connection, item: str) -> dict[str, str]:
    """What became of an item so far, for each title that it named."""
    found = db.execute(
        "SELECT reading.title, reading.outcome FROM reading JOIN source ON source.id = reading.source "
        "WHERE source.item = ? AND source.current AND reading.current ORDER BY reading.read_at",
        [item],
    )
    return {row["title"]: row["outcome"] for row in found}


def page_of(row: sqlite3.Row) -> LinkedPage:
    """The page in a row of `page`."""
    return LinkedPage(
        item=row["item"],
        url=row["url"],
        host=row["host"],
        story=row["story"],
        state=PageState(row["state"]),
        due_at=rows.moment(row["due_at"]),
        wanted_at=rows.moment(row["wanted_at"]),
        tries=row["tries"],
        visits=row["visits"],
        asked_at=rows.moment_or_none(row["asked_at"]),
        silence=row["silence"],
        late=bool(row["late"]),
        outcome=row["outcome"],
    )


def page_record(page: LinkedPage) -> rows.Record:
    """A page as a row of `page`."""
    return {
        "item": page.item,
        "url": page.url,
        "host": page.host,
        "story": page.story,
        "state": str(page.state),
        "due_at": rows.stamp(page.due_at),
        "wanted_at": rows.stamp(page.wanted_at),
        "tries": page.tries,
        "visits": page.visits,
        "asked_at": rows.stamp_or_none(page.asked_at),
        "silence": page.silence,
        "late": int(page.late),
        "outcome": page.outcome,
    }
