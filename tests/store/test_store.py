"""The store: all of a plan or nothing, an append-only ledger, and plain words for everything SQLite can do to it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from builders import NOW, TITLE, feed_state, item, moved, release, source, world
from sqlite_utils import Database

from watcher.decide.arrivals import item_id, version_of
from watcher.decide.intents import Plan
from watcher.edtf import Edtf
from watcher.errors import Stale, StoreBusy, StoreError
from watcher.learn import finish_learning, take, take_known
from watcher.model import Action, Cause, Confidence, Evidence, Feed, Known, Modality, Target
from watcher.store import ask, indexing, putback, retention, rows, schema, undelivered
from watcher.store.outbox import Delivery, Outbox, Part
from watcher.store.store import Store

FEED = Feed(url="https://example.org/feed", outlet="Morning Reel")
POLLED = NOW - timedelta(hours=1)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty store that knows one title and one feed that was polled before, its silent start over."""
    with Store(tmp_path / "watcher.db") as made:
        made.configure([TITLE], [FEED], NOW, [NOW])
        made.apply(Plan(at=POLLED, feeds=(feed_state(FEED.url, polled=POLLED),), learned=(TITLE.id,)))
        yield made


def learn(store: Store, *said: tuple[str, object], at: timedelta = timedelta(0), digest: str | None = None) -> int:
    """Let items arrive that make these claims; returns how many changes will be told."""
    texts = {guid: [evidence.claim] for guid, evidence in said}  # type: ignore[attr-defined]
    items = [item(guid, on=NOW, digest=digest) for guid, _ in said]
    now = NOW + at
    return take(store, world(texts), FEED, items, after=feed_state(FEED.url, polled=now), now=now).told


def count(store: Store, table: str) -> int:
    """How many rows a table has."""
    return int(store.connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


def test_item_becomes_fact_change_and_outbox_row_in_one_commit(store: Store) -> None:
    """One item leaves a version, a source, a reading, a claim, a revision, a change and an outbox row, with the feed's state."""
    assert learn(store, ("a", release("2026-06-05"))) == 1
    tables = ("item", "item_version", "source", "reading", "claim", "revision", "change", "outbox")
    assert {t: count(store, t) for t in tables} == dict.fromkeys(tables, 1)
    (fact,) = ask.facts(store.connection, title=TITLE.id)
    assert (str(fact.value.date), fact.confidence, fact.outlets) == ("2026-06-05", Confidence.REPORTED, ("Morning Reel",))


def test_same_item_again_is_nothing_new(store: Store) -> None:
    """An item whose text is unchanged is not read again and tells nothing."""
    learn(store, ("a", release("2026-06-05")))
    assert learn(store, ("a", release("2026-06-05")), at=timedelta(hours=1)) == 0
    assert count(store, "reading") == 1


def test_edited_item_is_read_again_and_its_old_claims_withdrawn(store: Store) -> None:
    """A new text of an item takes the place of the old one: the fact follows, and is told as a correction."""
    learn(store, ("a", release("2026-06-05")))
    learn(store, ("a", release("2026-07-03")), at=timedelta(hours=1), digest="edited")
    (fact,) = ask.facts(store.connection)
    assert (str(fact.value.date), fact.revision) == ("2026-07-03", 2)
    last = ask.changes(store.connection)[-1]
    assert (str(last.kind), str(last.old), str(last.new)) == ("corrected", "2026-06-05", "2026-07-03")
    assert count(store, "item_version") == 2


def test_plan_that_fails_half_way_leaves_nothing(store: Store) -> None:
    """When one row of a plan cannot be written, none is: no validator without its items, no fact without its change."""
    version = version_of(FEED.url, item("a"), NOW)
    broken = Plan(
        at=NOW,
        feeds=(replace(feed_state(FEED.url, polled=NOW), etag='"new"'),),
        versions=(version,),
        sources=((source(), "no such version"),),
    )
    with pytest.raises(StoreError):
        store.apply(broken)
    state = ask.feed(store.connection, FEED.url)
    assert state is not None
    assert state.etag is None
    assert count(store, "item") == 0


def test_stale_plan_is_refused_whole(store: Store) -> None:
    """A plan made from a revision that is no longer the last is refused, and nothing of it is written."""
    learn(store, ("a", release("2026-06-05")))
    (fact,) = ask.facts(store.connection)
    again = Plan(at=NOW, based_on={fact.key: 0}, facts=(fact,), versions=(version_of(FEED.url, item("b"), NOW),))
    with pytest.raises(Stale, match="is at revision 1"):
        store.apply(again)
    assert count(store, "item") == 1


def test_ledger_is_append_only(store: Store) -> None:
    """No statement can update or delete a revision."""
    learn(store, ("a", release("2026-06-05")))
    for statement in ("UPDATE revision SET date = '2030'", "DELETE FROM revision"):
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            store.db.execute(statement)


def test_as_of_tells_what_was_believed_then(store: Store) -> None:
    """Facts asked as of a moment are those recorded by then."""
    learn(store, ("a", release("2026-06-05")))
    learn(store, ("b", moved("2027-06-04", "2026-06-05", on=NOW + timedelta(hours=2))), at=timedelta(hours=2))
    believed = [ask.facts(store.connection, as_of=NOW + timedelta(hours=h)) for h in (-1, 1, 3)]
    assert [[str(f.value.date) for f in facts] for facts in believed] == [[], ["2026-06-05"], ["2027-06-04"]]


def test_known_values_are_learned_silently_once(store: Store) -> None:
    """Known values become facts of the user's own word with their history, tell nobody, and are taken in only once."""
    known = tuple(
        Known(on=NOW.date() - timedelta(days=ago), release=Edtf(date), outlet="The Ledger")
        for ago, date in ((300, "2026-06-05"), (100, "2027-06-04"))
    )
    taught = world(titles=[replace(TITLE, known=known)])
    take_known(store, taught, NOW)
    take_known(store, taught, NOW)
    (fact,) = ask.facts(store.connection)
    assert (str(fact.value.date), fact.revision, fact.cause, fact.confidence) == (
        "2027-06-04",
        2,
        Cause.USER,
        Confidence.CONFIRMED,
    )
    assert [str(c.kind) for c in ask.changes(store.connection)] == ["set", "moved"]
    assert count(store, "outbox") == 0


def test_first_poll_learns_in_silence_and_ends_in_a_summary(tmp_path: Path) -> None:
    """What a feed's first poll brings is believed and not told; the title's first pass ends in one summary."""
    with Store(tmp_path / "watcher.db") as store:
        store.configure([TITLE], [FEED], NOW, [NOW])
        told = world({"a": [release("2026-06-05").claim]}, feeds=[FEED])
        assert finish_learning(store, told, NOW) == ()
        take(store, told, FEED, [item("a")], after=feed_state(FEED.url, polled=NOW), now=NOW)
        (change,) = ask.changes(store.connection)
        assert change.silent == "the first poll of a feed learns in silence"
        assert finish_learning(store, told, NOW) == (TITLE.id,)
        assert finish_learning(store, told, NOW) == ()
        delivery = Outbox(store).claim(Target(name="phone"), NOW + timedelta(hours=1))
        assert delivery is not None
        assert [part.kind for part in delivery.parts] == ["summary"]


def test_old_news_is_silent_and_missed_news_is_late(store: Store) -> None:
    """News older than three days is learned in silence, unless it appeared since the feed's last good poll: that is told late."""
    back = NOW + timedelta(days=10)
    ancient, missed = item("old", on=NOW - timedelta(days=30)), item("missed", on=NOW + timedelta(days=2))
    texts = {"old": [release("2026-06-05").claim], "missed": [moved("2027-06-04", "2026-06-05").claim]}
    take(store, world(texts), FEED, [ancient, missed], after=feed_state(FEED.url, polled=back), now=back)
    first, second = ask.changes(store.connection)
    assert (first.silent, second.silent, second.late) == ("old news, published 2025-01-30", None, True)


def test_every_item_that_named_a_title_keeps_its_end(store: Store) -> None:
    """Each reading keeps the stage and the reason that ended it."""
    learn(store, ("a", release("2026-06-05")))
    learn(store, ("b", release("2026-06-05")), at=timedelta(hours=1))
    ends = {o.guid: o.outcome for o in ask.outcomes(store.connection, title=TITLE.id)}
    assert ends["a"].startswith("told: harbor/release/US/theatrical/r1")
    assert ends["b"] == "decided: already known, reported since 2025-03-01"


def test_plan_and_rows_agree(store: Store) -> None:
    """What is written comes back as it was: facts, changes and evidence survive the way through the rows."""
    learn(store, ("a", moved("2027-06-04", "2026-06-05", on=NOW)))
    (fact,) = ask.facts(store.connection)
    assert rows.fact_of(_row(rows.fact_record(fact))) == fact
    (change,) = ask.changes(store.connection)
    assert rows.change_of(_row(rows.change_record(change, 1))) == change
    (said,) = ask.evidence(store.connection, fact.key)
    assert said.claim == moved("2027-06-04", "2026-06-05").claim
    assert said.source.item == item_id(FEED.url, "a")
    assert said.claim.action is Action.MOVES


def _row(record: dict[str, object]) -> sqlite3.Row:
    db = sqlite3.connect(":memory:")
    db.row_factory = sqlite3.Row
    columns = ", ".join(f'? AS "{name}"' for name in record)
    row = db.execute(f"SELECT {columns}", list(record.values())).fetchone()
    assert isinstance(row, sqlite3.Row)
    return row


# ---- what can be wrong with the file


def test_pragmas_and_marks_hold(store: Store) -> None:
    """The store is in WAL with full synchronisation and foreign keys, and says whose it is and how old."""
    ask_pragma = {
        p: store.connection.execute(f"PRAGMA {p}").fetchone()[0] for p in ("journal_mode", "synchronous", "foreign_keys")
    }
    assert ask_pragma == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
    marks = [store.connection.execute(f"PRAGMA {p}").fetchone()[0] for p in ("application_id", "user_version")]
    assert marks == [schema.APPLICATION_ID, ask.SCHEMA_VERSION]
    strict = store.connection.execute(
        "SELECT name FROM pragma_table_list WHERE type = 'table' AND NOT strict AND schema = 'main'"
    )
    assert {row[0] for row in strict} <= {"_sqlite_migrations", "sqlite_schema"}


def test_migrations_are_as_many_as_the_version_says() -> None:
    """Each migration raises the schema version by one, so that an older watcher can refuse a newer file."""
    assert len(schema.migrations.pending(Database(memory=True))) == ask.SCHEMA_VERSION


def test_failing_migration_leaves_the_file_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A migration that fails half way is rolled back whole and stays to be done."""
    monkeypatch.setattr(schema, "_GROUND", schema._GROUND + "\nCREATE TABLE feed (again INTEGER) STRICT;\n")
    with pytest.raises(StoreError):
        Store(tmp_path / "watcher.db")
    monkeypatch.undo()
    with Store(tmp_path / "watcher.db") as store:
        assert count(store, "feed") == 0


def test_newer_schema_is_refused(tmp_path: Path) -> None:
    """A file that a newer watcher wrote is neither read nor written."""
    path = tmp_path / "watcher.db"
    with Store(path) as store:
        store.db.execute("PRAGMA user_version = 99")
    for opening in (Store, ask.open_reader):
        with pytest.raises(StoreError, match="newer watcher"):
            opening(path)


@pytest.mark.parametrize(
    ("content", "says"),
    [(b"this is no database at all, it is a letter to somebody" * 40, "no database"), (None, "another program")],
    ids=["text", "somebody else's"],
)
def test_foreign_file_is_refused_untouched(tmp_path: Path, content: bytes | None, says: str) -> None:
    """A file that is not ours is refused in plain words, and not a byte of it changes."""
    path = tmp_path / "watcher.db"
    if content is None:
        with sqlite3.connect(path) as other:
            other.execute("CREATE TABLE theirs (x)")
        other.close()
    else:
        path.write_bytes(content)
    before = path.read_bytes()
    with pytest.raises(StoreError, match=says):
        Store(path)
    assert path.read_bytes() == before


def test_damaged_file_is_refused_and_kept(tmp_path: Path) -> None:
    """A damaged database is refused, told with what to do, and never replaced by an empty one."""
    path = tmp_path / "watcher.db"
    with Store(path) as store:
        store.configure([TITLE], [FEED], NOW, [NOW])
    torn = bytearray(path.read_bytes())
    torn[4096:20480] = b"\xff" * (20480 - 4096)
    path.write_bytes(torn)
    with pytest.raises(StoreError, match="damaged"):
        Store(path)
    assert path.stat().st_size == len(torn)


def test_no_store_yet_says_what_to_run(tmp_path: Path) -> None:
    """Asking a store that is not there names the command that makes it."""
    with pytest.raises(StoreError, match="watcher run"):
        ask.open_reader(tmp_path / "watcher.db")


PART = Part(title="x", kind="change", changes=(), subjects=("s",))
LEFT = Delivery(id="d", target="t", parts=(PART,), created_at=NOW, attempts=1, refused=0, may_repeat=False)
WRITES: dict[str, Callable[[Store], object]] = {
    "apply": lambda s: s.apply(Plan(at=NOW, feeds=(feed_state(FEED.url, polled=NOW),))),
    "configure": lambda s: s.configure([TITLE], [FEED], NOW, [NOW]),
    "note": lambda s: s.note(pid="1"),
    "claim": lambda s: Outbox(s).claim(Target(name="phone"), NOW),
    "recover": lambda s: Outbox(s).recover(),
    "mute": lambda s: undelivered.mute(s, "harbor", NOW, "a reason"),
    "drop strangers": lambda s: undelivered.drop_strangers(s, ["phone"], "a reason"),
    "retry": lambda s: undelivered.retry(s, ["d"]),
    "sent": lambda s: Outbox(s).sent(LEFT, "a subject", NOW),
    "failed": lambda s: Outbox(s).failed(LEFT, "a detail", NOW, timedelta(0)),
    "refused": lambda s: Outbox(s).refused(LEFT, "a subject", "a detail", NOW, timedelta(0)),
    "dropped": lambda s: Outbox(s).dropped(LEFT, "a reason"),
    "released": lambda s: Outbox(s).released(LEFT),
    "drop muted": lambda s: undelivered.drop_muted(s, {"harbor": "a reason"}),
    "catch up": lambda s: putback.catch_up(s, NOW),
    "tell again": putback.tell_again,
    "note lived": lambda s: retention.note_lived(s, retention.Lived(at=NOW)),
    "sweep": lambda s: retention.sweep(s, after=0, before=5000),
    "add texts": indexing.add_texts,
}


@pytest.mark.parametrize("write", list(WRITES))
def test_locked_store_says_so_and_changes_nothing(tmp_path: Path, write: str) -> None:
    """Every write to a store that another process holds fails with `StoreBusy`, and works once it is free."""
    path = tmp_path / "watcher.db"
    with Store(path, busy_timeout=0.05) as store:
        store.db.execute(
            "INSERT INTO delivery (id, target, title, kind, state, created_at) VALUES ('d', 't', 'x', 'change', 'sending', '')"
        )
        store.db.execute(
            "INSERT INTO outbox (target, title, subject, kind, needs, not_before, created_at) "
            "VALUES ('t', 'harbor', 's', 'change', 'rumoured', '9999', '')"
        )
        store.db.execute("INSERT INTO feed (url, next_poll_at, listed_on) VALUES ('f', '', 5000)")
        store.db.execute("INSERT INTO item (id, feed, guid, first_seen_at, version) VALUES ('i', 'f', 'g', '', 'v')")
        store.db.execute("INSERT INTO item_version VALUES ('v', 'i', '', 'a', 'b', NULL, NULL, NULL, NULL, 'time', '')")
        store.connection.commit()
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreBusy):
            WRITES[write](store)
        other.execute("ROLLBACK")
        other.close()
        WRITES[write](store)


def test_asking_works_while_another_process_writes(store: Store) -> None:
    """A reader sees the last committed state while a writer is at work."""
    learn(store, ("a", release("2026-06-05")))
    with store.transaction() as db:
        db.execute("UPDATE feed SET items = 99")
        reader = ask.open_reader(store.path)
        assert [f.items for f in ask.feeds(reader)] == [0]
        assert len(ask.facts(reader)) == 1
        reader.close()


def test_pinned_value_is_moved_by_the_user_alone(store: Store) -> None:
    """News against a pinned value changes nothing; the user's own later word does."""
    pinned = Known(on=NOW.date(), release=Edtf("2026-06-05"), pin=True)
    take_known(store, world(titles=[replace(TITLE, known=(pinned,))]), NOW)
    learn(store, ("a", moved("2027-06-04", "2026-06-05", "The Ledger", NOW + timedelta(days=1))), at=timedelta(days=1))
    assert [str(f.value.date) for f in ask.facts(store.connection)] == ["2026-06-05"]
    later = Known(on=NOW.date() + timedelta(days=2), release=Edtf("2028-06-02"))
    take_known(store, world(titles=[replace(TITLE, known=(pinned, later))]), NOW + timedelta(days=3))
    (fact,) = ask.facts(store.connection)
    assert (str(fact.value.date), fact.pinned) == ("2028-06-02", False)


def test_edit_of_an_item_about_a_title_no_longer_watched_is_harmless(store: Store) -> None:
    """An item that once spoke of a title is still learned after that title has left the configuration."""
    learn(store, ("a", release("2026-06-05")))
    other = world(titles=[replace(TITLE, id="other", name="Other")])
    told = take(store, other, FEED, [item("a", digest="edited")], after=feed_state(FEED.url, polled=NOW), now=NOW)
    assert (told.new, told.told) == (1, 0)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (release("2027-06-04", "Morning Reel"), "another date than the one held; waits for a second voice"),
        (release("2026", "Morning Reel"), "says less than is known already"),
        (
            release("2028-01-14", "Morning Reel", modality=Modality.DENIED),
            "denies what is not held, or less surely than it is held",
        ),
        (moved("2028-01-14", None, "Copycat"), "a move that nobody says firmly"),
        (release("2025-05-02", "Morning Reel"), "an old date told again"),
    ],
)
def test_item_that_changed_nothing_says_why(store: Store, said: Evidence, why: str) -> None:
    """An item whose claim changes nothing keeps the rule that it met."""
    trade = world({"a": [moved("2026-06-05", "2025-05-02").claim]})
    take(store, trade, replace(FEED, outlet="The Ledger"), [item("a", on=NOW)], after=feed_state(FEED.url, polled=NOW), now=NOW)
    feed = replace(FEED, outlet=said.source.outlet or "")
    later = NOW + timedelta(hours=1)
    take(store, world({"b": [said.claim]}), feed, [item("b", on=later)], after=feed_state(FEED.url, polled=later), now=later)
    assert {o.guid: o.outcome for o in ask.outcomes(store.connection)}["b"] == f"decided: {why}"


def schema_two(path: Path) -> None:
    """A store as a watcher of schema 2 left it: one item that says one thing."""
    db = Database(path)
    schema.migrations.apply(db, stop_before="m003_user_and_edits")
    db.execute(f"PRAGMA application_id = {schema.APPLICATION_ID}")
    for statement in (
        "INSERT INTO feed (url, next_poll_at) VALUES ('https://example.org/feed', '2025-01-01T00:00:00.000000+00:00')",
        "INSERT INTO item VALUES ('i', 'https://example.org/feed', 'g', '2025-01-02T00:00:00.000000+00:00', 'v')",
        "INSERT INTO item_version VALUES ('v', 'i', 'd', 't', 'b', NULL, NULL, NULL, NULL, 'day', "
        "'2025-01-02T00:00:00.000000+00:00')",
        "INSERT INTO source VALUES ('v', 'i', 'item', 'v', 'Morning Reel', NULL, 't', '2025-01-01T12:00:00.000000+00:00', "
        "'2025-01-02T00:00:00.000000+00:00', 's', 1, 1)",
        "INSERT INTO reading VALUES ('r', 'v', 'harbor', 'rules-1', 'about', '[]', '2025-01-02T00:00:00.000000+00:00', '', 1)",
        "INSERT INTO claim VALUES ('c', 'r', 'harbor/release/US/theatrical', 'release', 'harbor', 'theatrical', NULL, "
        "'2026-06-05', NULL, 'states', NULL, NULL, NULL, NULL, 'reported', NULL, 'test', 'It opens.', 0, 9)",
    ):
        db.execute(statement)
    db.conn.commit()
    db.close()


def test_store_of_schema_two_is_taken_over(tmp_path: Path) -> None:
    """What an older watcher stored is asked for with a plain word what to do, and taken over whole by the first writer."""
    path = tmp_path / "watcher.db"
    schema_two(path)
    with pytest.raises(StoreError, match=r"older watcher .*watcher run"):
        ask.open_reader(path)
    with Store(path) as store:
        (said,) = ask.evidence(store.connection, release("2026-06-05").key)
        assert (said.at.date().isoformat(), said.said_at) == ("2025-01-01", None)
        row = store.connection.execute("SELECT at, seen_at FROM claim").fetchone()
        assert tuple(row) == ("2025-01-01T12:00:00.000000+00:00", "2025-01-02T00:00:00.000000+00:00")
    ask.open_reader(path).close()


@pytest.mark.parametrize("what", ["unseen", "take"])
def test_poll_costs_no_more_where_its_feed_has_brought_much(tmp_path: Path, what: str) -> None:
    """SQLite takes as many steps for a poll of a feed with thousands of stored items as for one with a few."""
    steps: list[int] = []
    for count in (20, 4000):
        with Store(tmp_path / f"{count}.db") as store:
            store.configure([TITLE], [FEED], NOW, [NOW])
            old = [item(f"old{n}") for n in range(count)]
            for at in range(0, count, 500):
                take(store, world(), FEED, old[at : at + 500], after=feed_state(FEED.url, polled=NOW), now=NOW)
            ticks: list[int] = []
            store.connection.set_progress_handler(lambda ticks=ticks: ticks.append(1) or 0, 10)
            polled = [*old[:10], *(item(f"new{n}") for n in range(10))]
            if what == "unseen":
                assert len(store.unseen(FEED.url, polled)) == 10
            else:
                take(store, world(), FEED, polled, after=feed_state(FEED.url, polled=NOW), now=NOW)
            store.connection.set_progress_handler(None, 0)
            steps.append(len(ticks))
    assert steps[1] <= 2 * steps[0] + 10
