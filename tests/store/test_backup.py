"""Backups: taken while others write, checked before they bear their name, and put back so that nothing is told twice."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import threading
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from builders import NOW, TITLE, feed_state, item, moved, release, world

from watcher.decide.arrivals import RESTORED, item_id
from watcher.decide.intents import LinkedPage, Plan
from watcher.errors import StoreError, StoreUnusable
from watcher.learn import World, take
from watcher.model import Evidence, Feed, Item, Key, Target
from watcher.restoring import Restored, restore
from watcher.store import ask, backup, linked, putback, schema, undelivered, views
from watcher.store.outbox import Outbox
from watcher.store.store import Store

FEED = Feed(url="https://example.org/feed", outlet="Morning Reel")
PHONE = Target(name="phone")
HOUR = timedelta(hours=1)
LATER = NOW + timedelta(days=7)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A store that knows one title and one feed, and holds one date that was told."""
    state = tmp_path / "state"
    state.mkdir()
    with Store(state / "watcher.db") as store:
        store.configure([TITLE], [FEED], NOW, [NOW])
        store.apply(Plan(at=NOW, feeds=(feed_state(FEED.url, polled=NOW - HOUR),), learned=(TITLE.id,)))
        poll(store, NOW, a=release("2026-06-05"))
        send(store, NOW + HOUR)
    return state / "watcher.db"


def poll(store: Store, now: datetime, **said: Evidence) -> int:
    """Let items arrive that say these things, each published when it arrives; returns how many changes are told."""
    return poll_items(store, now, *(item(guid, on=now) for guid in said), **said)


def poll_items(store: Store, now: datetime, *items: Item, **said: Evidence) -> int:
    """Let these items arrive in a poll."""
    before = ask.feed(store.connection, FEED.url)
    assert before is not None
    after = replace(before, last_ok_at=now, last_poll_at=now, restored_at=None)
    return take(store, world({guid: [e.claim] for guid, e in said.items()}), FEED, items, after=after, now=now).told


def confirm(store: Store, now: datetime, *, on: datetime) -> None:
    """Let the studio itself say the second date, in an item published then."""
    before = ask.feed(store.connection, FEED.url)
    assert before is not None
    after = replace(before, last_ok_at=now, last_poll_at=now, restored_at=None)
    there, official = world({"o": [release("2026-07-10").claim]}), replace(FEED, outlet="Solis Pictures")
    take(store, there, official, [item("o", on=on)], after=after, now=now)


def send(store: Store, now: datetime) -> list[str]:
    """Send all that is due; the ids of the deliveries."""
    sent = []
    while (delivery := Outbox(store).claim(PHONE, now)) is not None:
        Outbox(store).sent(delivery, "a subject", now)
        sent.append(delivery.id)
    return sent


def put_back(path: Path, copy: Path, *, tell: bool = False, there: World | None = None) -> Restored:
    """Put a backup back a week later."""
    return restore(path, copy, there or world(), LATER, tell=tell)


def rows(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """All that a database holds, but for what is noted of the daemon."""
    db = sqlite3.connect(path)
    tables = [row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name <> 'meta'")]
    held = {table: sorted(db.execute(f"SELECT * FROM {table}").fetchall(), key=repr) for table in tables}
    db.close()
    return held


# ---- taking


def test_backup_holds_all_and_needs_no_other_file(path: Path, tmp_path: Path) -> None:
    """A backup has every row of the store, stands alone, is for its owner and group only, and leaves nothing beside it."""
    path.chmod(0o644)
    there = tmp_path / "there"
    there.mkdir()
    saved = backup.back_up(path, there / "copy.db", LATER)
    assert rows(there / "copy.db") == rows(path)
    assert [one.name for one in there.iterdir()] == ["copy.db"]
    assert (saved.items, saved.facts, saved.changes, saved.taken_at, saved.schema) == (1, 1, 1, LATER, ask.SCHEMA_VERSION)
    assert saved.path.stat().st_mode & 0o777 == 0o640
    lone = sqlite3.connect(f"{saved.path.as_uri()}?immutable=1", uri=True)
    assert lone.execute("PRAGMA journal_mode").fetchone()[0] == "delete"
    lone.close()


def test_backup_is_one_moment_of_a_store_that_is_written_to(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What another connection commits while a backup is copied is not in it, and does not make it begin again or wait."""
    monkeypatch.setattr(backup, "_PAGES", 1)
    before, steps = rows(path), []
    with Store(path) as store:

        def meanwhile(done: int, of: int) -> None:
            steps.append((done, of))
            assert len(steps) <= of, "it begins again each time somebody writes"
            store.note(step=str(len(steps)))
            store.db.execute("INSERT INTO feed (url, next_poll_at) VALUES (?, '')", [f"https://example.org/{len(steps)}"])
            store.connection.commit()

        backup.back_up(path, tmp_path / "copy.db", LATER, progress=meanwhile)
    assert rows(tmp_path / "copy.db") == before
    assert [done for done, _ in steps] == list(range(1, len(steps) + 1))


def test_backup_goes_on_while_another_process_writes(path: Path, tmp_path: Path) -> None:
    """A writer that holds the store keeps nobody from taking a backup of what was committed."""
    writer = sqlite3.connect(path, isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    writer.execute("DELETE FROM outbox")
    assert backup.back_up(path, tmp_path / "copy.db", LATER).changes == 1
    writer.execute("ROLLBACK")
    writer.close()


def test_backup_writes_over_nothing_unasked(path: Path, tmp_path: Path) -> None:
    """A file that is there stays what it is unless it is to be replaced, and the store itself is never written over."""
    copy = tmp_path / "copy.db"
    copy.write_text("mine")
    with pytest.raises(StoreError, match="--replace"):
        backup.back_up(path, copy, LATER)
    assert copy.read_text() == "mine"
    backup.back_up(path, copy, LATER, replace=True)
    assert backup.checked(copy).items == 1
    with pytest.raises(StoreError, match="the store itself"):
        backup.back_up(path, path, LATER, replace=True)


def test_backup_takes_no_device_for_a_file(path: Path, tmp_path: Path) -> None:
    """A device, or a pipe, is not replaced by a file though that is asked for: root would take /dev/null from the machine."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(StoreError, match="no file"):
        backup.back_up(path, pipe, LATER, replace=True)
    assert pipe.is_fifo()


def torn(path: Path) -> None:
    """Make a page in the middle of a database unreadable."""
    with sqlite3.connect(path) as db:
        page, size = db.execute("SELECT rootpage, (SELECT page_size FROM pragma_page_size) FROM sqlite_master "
                                "WHERE name = 'claim'").fetchone()  # fmt: skip
    db.close()
    body = bytearray(path.read_bytes())
    body[(page - 1) * size : page * size] = b"\xff" * size
    path.write_bytes(body)


def test_backup_of_a_damaged_store_is_none(path: Path, tmp_path: Path) -> None:
    """A damaged store makes no backup, and the older backup of that name stays."""
    copy = tmp_path / "copy.db"
    backup.back_up(path, copy, LATER)
    good = copy.read_bytes()
    torn(path)
    with pytest.raises(StoreUnusable, match="damaged"):
        backup.back_up(path, copy, LATER, replace=True)
    assert copy.read_bytes() == good
    assert sorted(one.name for one in tmp_path.iterdir()) == ["copy.db", "state"]


def test_backup_keeps_the_newest(path: Path, tmp_path: Path) -> None:
    """Of dated backups the oldest go, and no other file of the directory does."""
    (tmp_path / "watcher-mine.db").write_text("mine")
    for hours in range(4):
        last = backup.back_up(path, backup.dated(tmp_path, NOW + hours * HOUR), NOW).path
    assert len(backup.prune(tmp_path, 2, last)) == 2
    assert sorted(one.name for one in tmp_path.glob("*.db")) == [
        "watcher-2025-03-01T140000Z.db",
        "watcher-2025-03-01T150000Z.db",
        "watcher-mine.db",
    ]


@pytest.mark.parametrize("keep", [1, 2])
def test_backup_just_made_stays_though_others_bear_later_names(path: Path, tmp_path: Path, keep: int) -> None:
    """A clock that was ahead for some backups, or is behind now, does not have the next backup removed once it is made."""
    for year in (2036, 2037):
        (tmp_path / f"watcher-{year}-01-01T000000Z.db").write_bytes(b"")
    made = backup.back_up(path, backup.dated(tmp_path, NOW), NOW).path
    backup.prune(tmp_path, keep, made)
    assert made.exists()


KILLED = """
import os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from watcher.store import backup
backup._PAGES = 1
def half(done, of):
    if done >= of // 2:
        os.kill(os.getpid(), signal.SIGKILL)
backup.back_up(Path(sys.argv[1]), Path(sys.argv[2]), datetime.now(UTC), replace=True, progress=half)
"""


def test_killed_backup_leaves_the_older_one_and_is_cleaned_up(path: Path, tmp_path: Path) -> None:
    """A backup that is killed half way changes neither the store nor the older backup; the next one removes what it left."""
    there = tmp_path / "there"
    there.mkdir()
    backup.back_up(path, there / "copy.db", NOW)
    good, held = (there / "copy.db").read_bytes(), rows(path)
    ended = subprocess.run([sys.executable, "-c", KILLED, path, there / "copy.db"], check=False)
    assert ended.returncode == -signal.SIGKILL
    assert (there / "copy.db").read_bytes() == good
    assert len(list(there.iterdir())) > 1
    assert rows(path) == held
    backup.back_up(path, there / "copy.db", LATER, replace=True)
    assert [one.name for one in there.iterdir()] == ["copy.db"]


def test_two_backups_at_once_leave_each_other_alone(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A backup does not take for a leftover what another process is writing."""
    monkeypatch.setattr(backup, "_PAGES", 1)
    begun, go = threading.Event(), threading.Event()

    def slowly(done: int, of: int) -> None:
        del of
        begun.set()
        if done == 1:
            go.wait(30)

    made: list[backup.Saved] = []
    one = threading.Thread(target=lambda: made.append(backup.back_up(path, tmp_path / "one.db", NOW, progress=slowly)))
    one.start()
    assert begun.wait(30)
    backup.clear(tmp_path)
    go.set()
    one.join(30)
    assert [saved.path.name for saved in made] == ["one.db"]


# ---- putting back


def test_restored_store_tells_nothing_that_came_since(path: Path, tmp_path: Path) -> None:
    """A week-old backup is put back: what was published meanwhile is learned in silence, and what comes after it is told."""
    backup.back_up(path, tmp_path / "copy.db", NOW + HOUR)
    with Store(path) as store:
        assert poll(store, NOW + 2 * HOUR, b=moved("2026-07-10", "2026-06-05")) == 1
        assert len(send(store, NOW + 3 * HOUR)) == 1
    done = put_back(path, tmp_path / "copy.db")
    assert done.aside is not None
    with Store(path) as store:
        again = item("b", on=NOW + 2 * HOUR)
        undated = replace(item("u"), published=None)
        assert (
            poll_items(store, LATER + HOUR, again, undated, b=moved("2026-07-10", "2026-06-05"), u=moved("2026-07-10", None)) == 0
        )
        assert send(store, LATER + 2 * HOUR) == []
        (fact,) = ask.facts(store.connection)
        assert str(fact.value.date) == "2026-07-10"
        assert "put back" in (ask.changes(store.connection)[-1].silent or "")
        assert poll(store, LATER + 3 * HOUR, c=moved("2026-08-07", "2026-07-10", on=LATER)) == 1
        assert len(send(store, LATER + 4 * HOUR)) == 1


def test_what_comes_after_a_restore_is_told_by_the_first_poll(path: Path, tmp_path: Path) -> None:
    """News that is published after a backup was put back is told, though it comes with the first poll after it."""
    backup.back_up(path, tmp_path / "copy.db", NOW + HOUR)
    put_back(path, tmp_path / "copy.db")
    with Store(path) as store:
        assert poll(store, LATER + HOUR, c=moved("2026-08-07", "2026-06-05")) == 1


def test_text_that_bears_a_later_hour_than_ours_is_not_told_again(path: Path, tmp_path: Path) -> None:
    """An item dated hours ahead, by a server in another zone, was told before the backup was put back, and is not again."""
    ahead, says = item("b", on=LATER + 5 * HOUR), moved("2026-07-10", "2026-06-05")
    backup.back_up(path, tmp_path / "copy.db", NOW + HOUR)
    with Store(path) as store:
        assert poll_items(store, LATER - HOUR, ahead, b=says) == 1
    put_back(path, tmp_path / "copy.db")
    with Store(path) as store:
        assert poll_items(store, LATER + HOUR, ahead, b=says) == 0
        assert str(ask.facts(store.connection)[0].value.date) == "2026-07-10"


def test_feed_that_fails_first_still_catches_up_in_silence(path: Path, tmp_path: Path) -> None:
    """A feed that does not answer after a restore learns in silence when it does; one that answered is done with it."""
    backup.back_up(path, tmp_path / "copy.db", NOW + HOUR)
    put_back(path, tmp_path / "copy.db")
    with Store(path) as store:
        before = ask.feed(store.connection, FEED.url)
        assert before is not None
        store.apply(Plan(at=LATER, feeds=(replace(before, failures=3),)))
        assert poll_items(store, LATER + HOUR, item("b", on=NOW + HOUR), b=moved("2026-07-10", "2026-06-05")) == 0
        after = ask.feed(store.connection, FEED.url)
        assert after is not None
        assert after.restored_at is None


def test_correction_that_was_told_is_not_told_again(path: Path, tmp_path: Path) -> None:
    """An article that was edited since the backup, and whose correction was told, tells it to nobody once more."""
    backup.back_up(path, tmp_path / "copy.db", NOW + HOUR)
    put_back(path, tmp_path / "copy.db")
    with Store(path) as store:
        edited = item("a", on=NOW, digest="an edit")
        assert poll_items(store, LATER + HOUR, edited, a=release("2026-07-03")) == 0
        assert send(store, LATER + 2 * HOUR) == []
        assert str(ask.facts(store.connection)[0].value.date) == "2026-07-03"


@pytest.mark.parametrize("state", ["waiting", "pending", "sending", "unknown"])
def test_what_waited_in_a_backup_is_held(path: Path, tmp_path: Path, state: str) -> None:
    """An alert that waited when the backup was taken is neither sent again nor lost: a person may send it, marked."""
    with Store(path) as store:
        poll(store, NOW + 2 * HOUR, b=moved("2026-07-10", "2026-06-05"))
        outbox = Outbox(store)
        if state != "waiting":
            delivery = outbox.claim(PHONE, NOW + 3 * HOUR)
            assert delivery is not None
            if state != "sending":
                outbox.failed(delivery, "no answer", NOW + 3 * HOUR, timedelta(0), unknown=state == "unknown")
        backup.back_up(path, tmp_path / "copy.db", NOW + 3 * HOUR)
    assert put_back(path, tmp_path / "copy.db").held == 1
    with Store(path) as store:
        assert Outbox(store).recover() == 0
        assert send(store, LATER) == []
        (held,) = undelivered.undelivered(store.connection, "phone")
        assert (held.state, held.may_repeat, len(held.changes)) == ("dead", True, 1)
        assert held.id is not None
        undelivered.retry(store, [held.id])
        delivery = Outbox(store).claim(PHONE, LATER)
        assert delivery is not None
        assert delivery.may_repeat


def test_tell_sends_what_waited_and_marks_it(path: Path, tmp_path: Path) -> None:
    """With --tell what came since is told, and what waited goes out marked as a possible repeat."""
    with Store(path) as store:
        poll(store, NOW + 2 * HOUR, b=moved("2026-07-10", "2026-06-05"))
        delivery = Outbox(store).claim(PHONE, NOW + 3 * HOUR)
        assert delivery is not None
        Outbox(store).failed(delivery, "no answer", NOW + 3 * HOUR, timedelta(0))
        backup.back_up(path, tmp_path / "copy.db", NOW + 3 * HOUR)
    put_back(path, tmp_path / "copy.db", tell=True)
    with Store(path) as store:
        again = Outbox(store).claim(PHONE, LATER)
        assert again is not None
        assert (again.id, again.may_repeat) == (delivery.id, True)
        missed = item("c", on=NOW + 4 * HOUR)
        assert poll_items(store, LATER + HOUR, missed, c=moved("2026-08-07", "2026-07-10")) == 1


@pytest.mark.parametrize("before", [True, False], ids=["before the restore", "after it"])
def test_what_became_sure_since_is_not_told_again(path: Path, tmp_path: Path, *, before: bool) -> None:
    """A report waits in a backup to be confirmed: by what was published before the restore nobody is told, else they are."""
    with Store(path) as store:
        assert poll(store, NOW + 2 * HOUR, b=moved("2026-07-10", "2026-06-05")) == 1
        store.db.execute("UPDATE outbox SET needs = 'confirmed' WHERE delivery IS NULL")
        store.connection.commit()
        assert send(store, NOW + 3 * HOUR) == []
        backup.back_up(path, tmp_path / "copy.db", NOW + 3 * HOUR)
    assert put_back(path, tmp_path / "copy.db").held == 0
    with Store(path) as store:
        confirm(store, LATER + 2 * HOUR, on=LATER - HOUR if before else LATER + HOUR)
        assert str(ask.facts(store.connection)[0].confidence) == "confirmed"
        assert len(send(store, LATER + 3 * HOUR)) == (0 if before else 1)


def test_tell_marks_what_had_not_been_tried(path: Path, tmp_path: Path) -> None:
    """With --tell an alert that waited for others when the backup was taken goes out once, marked as a possible repeat."""
    with Store(path) as store:
        poll(store, NOW + 2 * HOUR, b=moved("2026-07-10", "2026-06-05"))
        backup.back_up(path, tmp_path / "copy.db", NOW + 2 * HOUR)
        sent = send(store, NOW + 3 * HOUR)
    put_back(path, tmp_path / "copy.db", tell=True)
    with Store(path) as store:
        again = Outbox(store).claim(PHONE, LATER)
        assert again is not None
        assert (again.id, again.may_repeat) == (sent[0], True)
        Outbox(store).sent(again, "a subject", LATER)
        assert send(store, LATER) == []


def test_milestones_that_rang_since_do_not_ring_again(path: Path, tmp_path: Path) -> None:
    """What the countdown is due to say when a backup is put back counts as said."""
    with Store(path) as store:
        poll(store, NOW + 2 * HOUR, b=moved("2025-03-14", "2026-06-05"))
        send(store, NOW + 3 * HOUR)
        backup.back_up(path, tmp_path / "copy.db", NOW + 3 * HOUR)
    put_back(path, tmp_path / "copy.db")
    with Store(path) as store:
        row = store.connection.execute("SELECT dropped FROM outbox WHERE kind = 'milestone'").fetchone()
        assert row["dropped"] == putback.OVER
        assert send(store, LATER) == []


def test_title_that_is_new_to_a_backup_tells_no_summary(path: Path, tmp_path: Path) -> None:
    """A title that was added after the backup was taken has had its summary."""
    backup.back_up(path, tmp_path / "copy.db", NOW)
    newer = replace(TITLE, id="second", name="Second Harbor")
    put_back(path, tmp_path / "copy.db", there=world(titles=(TITLE, newer)))
    with Store(path) as store:
        assert {state.id for state in ask.titles(store.connection).values() if state.learned_at} == {"harbor", "second"}


def test_store_that_was_there_is_kept_whole(path: Path, tmp_path: Path) -> None:
    """The store that a backup takes the place of is kept under a name of its own, with what was still in its log."""
    backup.back_up(path, tmp_path / "copy.db", NOW)
    holder = Store(path)
    poll(holder, NOW + 2 * HOUR, b=moved("2026-07-10", "2026-06-05"))
    before = rows(path)
    holder.close()
    done = put_back(path, tmp_path / "copy.db")
    assert done.aside is not None
    assert rows(done.aside) == before
    assert not list(path.parent.glob("*-wal")) + list(path.parent.glob(".*"))


def test_damaged_store_is_replaced_and_its_log_is_not_taken_for_ours(path: Path, tmp_path: Path) -> None:
    """A backup takes the place of a store that cannot be opened, and of the log beside it."""
    backup.back_up(path, tmp_path / "copy.db", NOW)
    path.write_bytes(b"\xff" * 20000)
    path.with_name("watcher.db-wal").write_bytes(b"\x37\x7f\x06\x82" + bytes(5000))
    done = put_back(path, tmp_path / "copy.db")
    with Store(path) as store:
        assert len(ask.facts(store.connection)) == 1
    assert done.aside is not None
    assert done.aside.read_bytes() == b"\xff" * 20000
    assert done.aside.with_name(done.aside.name + "-wal").exists()


def test_damaged_backup_is_refused_and_nothing_changes(path: Path, tmp_path: Path) -> None:
    """A backup that is damaged, or none, is refused; the store stays as it was, and nothing lies beside it."""
    copy = tmp_path / "copy.db"
    backup.back_up(path, copy, NOW)
    torn(copy)
    before, names = rows(path), sorted(path.parent.iterdir())
    with pytest.raises(StoreUnusable, match="not used"):
        put_back(path, copy)
    copy.write_text("a letter to somebody")
    with pytest.raises(StoreUnusable, match="no store of watcher"):
        put_back(path, copy)
    assert (rows(path), sorted(path.parent.iterdir())) == (before, names)


def test_evidence_of_a_restored_store_is_whole(path: Path, tmp_path: Path) -> None:
    """Why and as-of answer from a restored store as they did when the backup was taken."""
    key: Key = release("2026-06-05").key
    backup.back_up(path, tmp_path / "copy.db", NOW + HOUR)
    with Store(path) as store:
        before = views.evidence_then(store.connection, key, NOW + HOUR), ask.facts(store.connection, as_of=NOW + HOUR)
    put_back(path, tmp_path / "copy.db")
    with Store(path) as store:
        assert (views.evidence_then(store.connection, key, NOW + HOUR), ask.facts(store.connection, as_of=NOW + HOUR)) == before
        assert store.connection.execute("PRAGMA application_id").fetchone()[0] == schema.APPLICATION_ID


def test_page_that_was_due_is_read_in_silence(path: Path, tmp_path: Path) -> None:
    """An article that was to be read when the backup was taken was read since: what it says is told to nobody again."""
    due = LinkedPage(
        item=item_id(FEED.url, "a"), url="https://example.org/a", host="example.org", story="s", due_at=NOW, wanted_at=NOW
    )
    with Store(path) as store:
        store.apply(Plan(at=NOW, pages=(due,)))
    backup.back_up(path, tmp_path / "copy.db", NOW + HOUR)
    put_back(path, tmp_path / "copy.db")
    with Store(path) as store:
        page = linked.linked_page(store.connection, due.item)
    assert page is not None
    assert page.silence == RESTORED
