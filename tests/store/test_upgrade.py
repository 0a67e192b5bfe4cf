"""Stores of every older schema, made by the code that had it, are taken over: nothing is lost, and nothing is told again."""

from __future__ import annotations

import re
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from builders import NOW, credit, feed_state, item, moved, release, world
from engines import no_network, silent

from watcher.engine import Engine
from watcher.learn import World, take
from watcher.model import Feed, Status, Target
from watcher.send import Sender
from watcher.store import ask, schema
from watcher.store.outbox import Outbox
from watcher.store.store import Store

FIXTURES = Path(__file__).parent / "fixtures"
OLD = sorted(int(found.stem.rpartition("-")[2]) for found in FIXTURES.glob("schema-*.sql"))
STATES = ("sent", "pending", "sending", "unknown", "dead", "waiting")
FEED = Feed(url="https://example.org/feed", outlet="Morning Reel")
LATER = NOW + timedelta(hours=5)


def there(**said: object) -> World:
    """The world that the fixtures were made in, and items that say these things."""
    targets = tuple(Target(name=name) for name in STATES)
    return world({guid: [one.claim] for guid, one in said.items()}, targets=targets)  # type: ignore[attr-defined]


def old_store(path: Path, version: int) -> Path:
    """The store of an older watcher."""
    with closing(sqlite3.connect(path)) as db:
        db.executescript((FIXTURES / f"schema-{version}.sql").read_text(encoding="utf-8"))
    return path


def rows(path: Path) -> dict[str, list[dict[str, object]]]:
    """All rows by table, each column by its name."""
    with closing(sqlite3.connect(path)) as db:
        db.row_factory = sqlite3.Row
        asked = "SELECT name FROM sqlite_master WHERE type = 'table' AND instr(name, '_sqlite') = 0"
        names = [row["name"] for row in db.execute(asked)]
        return {name: sorted((dict(row) for row in db.execute(f"SELECT * FROM {name}")), key=repr) for name in names}


def test_every_older_schema_has_its_fixture() -> None:
    """No schema is left behind without a store of it to try."""
    assert list(range(1, ask.SCHEMA_VERSION)) == OLD


@pytest.mark.parametrize("version", OLD)
def test_fixture_has_rows_in_every_state(tmp_path: Path, version: int) -> None:
    """A fixture says what it is for: every state of a delivery, an open row, what was read, and pages where there are any."""
    held = rows(old_store(tmp_path / "watcher.db", version))
    assert {row["state"] for row in held["delivery"]} == {"sent", "pending", "sending", "unknown", "dead"}
    assert any(row["delivery"] is None and row["dropped"] is None for row in held["outbox"])
    assert all(held[table] for table in ("item", "item_version", "source", "reading", "claim", "revision", "change"))
    assert {row["state"] for row in held.get("page", ())} == (set() if version == 1 else {"due", "read", "given_up"})


@pytest.mark.parametrize("version", OLD)
def test_nothing_is_lost(tmp_path: Path, version: int) -> None:
    """Each row of an older store is there afterwards with all that it held, and every reference and page is whole."""
    path = old_store(tmp_path / "watcher.db", version)
    before = rows(path)
    Store(path).close()
    after = rows(path)
    for table, held in before.items():
        columns = held[0].keys() if held else ()
        assert sorted(({name: row[name] for name in columns} for row in after[table]), key=repr) == held, table
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        assert db.execute("PRAGMA foreign_key_check").fetchall() == []
        assert db.execute("PRAGMA user_version").fetchone()[0] == ask.SCHEMA_VERSION


@pytest.mark.parametrize("version", OLD)
async def test_what_was_told_is_not_told_again_and_what_waited_is(tmp_path: Path, version: int) -> None:
    """The engine sends what waited, each alert once to each target, marks what may have gone out, and repeats nothing else."""
    path = old_store(tmp_path / "watcher.db", version)
    held = {row["target"]: row["id"] for row in rows(path)["delivery"]}
    async with (
        Sender(terminal=silent) as sender,
        await Engine.open(path, there(), sender=sender, make_fetcher=no_network, now=LATER) as engine,
    ):
        assert await engine.recover() == 1
        sent = await engine.deliver(LATER)
        again = await engine.deliver(LATER + timedelta(days=1))
    told = {name: [one for one in sent if one.target == name] for name in STATES}
    assert again == ()
    first = {name for name, several in told.items() if held.get(name) in {one.message.id for one in several}}
    assert first == {"pending", "sending", "unknown"}
    assert all("repeat" in told[name][0].message.body for name in ("sending", "unknown"))
    changes = {name: [change.id for one in several for change in one.changes] for name, several in told.items()}
    second, joined = "harbor/credit/actor/bo-reed/r1", "harbor/credit/actor/ada-quill/r1"
    assert all(changes[name].count(id) == 1 for name in STATES for id in (second, joined)), changes  # noqa: A001
    assert all(set(ids) <= {second, joined, "harbor/release/US/theatrical/r1"} for ids in changes.values())


@pytest.mark.parametrize("version", OLD)
def test_items_that_are_known_stay_known(tmp_path: Path, version: int) -> None:
    """The first poll after the upgrade brings the items that are stored, and none of them is new."""
    said = {
        "a": release("2026-06-05", "The Ledger"),
        "b": credit(Status.JOINS),
        "c": credit(Status.JOINS, "Bo Reed"),
        "d": release("2026-06-05", "Third Voice"),
    }
    hours = {"a": 0, "b": 2, "c": 2, "d": 3}
    with Store(old_store(tmp_path / "watcher.db", version)) as store:
        items = [item(guid, f"What {guid} says.", on=NOW + timedelta(hours=hours[guid])) for guid in said]
        learned = take(store, there(**said), FEED, items, after=feed_state(FEED.url, polled=LATER), now=LATER)
        assert (learned.new, learned.told) == (0, 0)
        moved_on = {"e": moved("2026-08-07", "2026-06-05")}
        took = take(store, there(**moved_on), FEED, [item("e", on=LATER)], after=feed_state(FEED.url, polled=LATER), now=LATER)
        assert (took.new, took.told) == (1, 1)
        assert Outbox(store).claim(Target(name="waiting"), LATER + timedelta(hours=1)) is not None


KILLED = """
import os, signal, sys
from pathlib import Path
from watcher.store import schema
real = schema._statements
def half(script):
    found = real(script)
    for number, statement in enumerate(found):
        if script == getattr(schema, sys.argv[2]) and number == len(found) - 1:
            os.kill(os.getpid(), signal.SIGKILL)
        yield statement
schema._statements = half
schema.open_writer(Path(sys.argv[1]))
"""
SCRIPTS = re.findall(r"_statements\((_[A-Z_]+)\)", Path(schema.__file__).read_text(encoding="utf-8"))


@pytest.mark.parametrize("script", SCRIPTS[1:])
def test_killed_migration_is_completed_by_the_next_start(tmp_path: Path, script: str) -> None:
    """A watcher killed in a migration leaves the older schema whole, and the next one takes everything over."""
    path = old_store(tmp_path / "watcher.db", 1)
    before = rows(path)
    ended = subprocess.run([sys.executable, "-c", KILLED, path, script], check=False, capture_output=True)
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    reached = SCRIPTS.index(script)
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("PRAGMA user_version").fetchone()[0] == reached
        assert db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    Store(path).close()
    after = rows(path)
    assert {table: len(held) for table, held in before.items()} == {table: len(after[table]) for table in before}
