"""What disks, other processes and people do to a database: nothing is lost, and it is told in a line that says what to do."""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from builders import NOW, TITLE, feed_state, item, release, world
from engines import FEED, opened
from feedserver import FeedServer
from processes import Ended, Home, one_feed

from watcher.decide.intents import Plan
from watcher.errors import StoreBusy, StoreFull, StoreUnusable
from watcher.learn import take
from watcher.restoring import restore
from watcher.store import ask
from watcher.store.store import Store

MEGABYTE = 2**20
IS_ROOT = os.geteuid() == 0


def made(path: Path) -> Path:
    """A store with a title, a feed that was polled before, and one date."""
    path.parent.mkdir(exist_ok=True)
    with Store(path) as store:
        store.configure([TITLE], [FEED], NOW, [NOW])
        store.apply(Plan(at=NOW, feeds=(feed_state(FEED.url, polled=NOW),), learned=(TITLE.id,)))
        learn(store, "first")
    return path


def learn(store: Store, guid: str, body: str = "", *, said: bool = True) -> int:
    """Let an item come in; returns how many changes are told."""
    texts = {guid: [release("2026-06-05" if guid == "first" else "2026-07-03", "The Ledger").claim]} if said else {}
    return take(store, world(texts), FEED, [item(guid, body, on=NOW)], after=feed_state(FEED.url, polled=NOW), now=NOW).told


def held(path: Path) -> dict[str, int]:
    """How many rows the tables have, once the file is found whole."""
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        assert db.execute("PRAGMA foreign_key_check").fetchall() == []
        return {t: db.execute(f"SELECT count(*) FROM {t}").fetchone()[0] for t in ("item", "revision", "change", "outbox")}


# ---- no room


@contextmanager
def small_disk(size: int) -> Iterator[Path]:
    """A file system of its own with little room."""
    directory = Path(tempfile.mkdtemp(prefix="watcher-disk-"))
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", directory], check=True)
    try:
        yield directory
    finally:
        subprocess.run(["umount", directory], check=True)
        directory.rmdir()


@pytest.mark.skipif(not IS_ROOT, reason="only root may mount a file system to fill it")
def test_full_disk_takes_nothing_and_recovers(tmp_path: Path) -> None:
    """On a full disk nothing of a poll is kept, neither item nor alert; with room again the same poll goes through."""
    del tmp_path
    with small_disk(2 * MEGABYTE) as disk:
        path = made(disk / "watcher.db")
        before = held(path)
        with Store(path) as store:
            filler = disk / "filler"
            filler.write_bytes(bytes(os.statvfs(disk).f_bavail * os.statvfs(disk).f_frsize))
            with pytest.raises(StoreFull, match="the disk is full; make room, nothing was lost"):
                learn(store, "second", "word " * 40_000)
            assert [state.etag for state in ask.feeds(store.connection)] == [None]
            filler.unlink()
            assert learn(store, "second", "word " * 1000) == 1
        assert held(path)["item"] == before["item"] + 1


LIMITED = """
import resource, sys
sys.path[:0] = sys.argv[2:]
from pathlib import Path
from test_faults import learn
from watcher.errors import StoreFull
from watcher.store.store import Store
with Store(Path(sys.argv[1])) as store:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (600_000, hard))
    try:
        learn(store, "second", "word " * 300_000)
    except StoreFull as error:
        print(error)
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    print(learn(store, "second", "word " * 300_000))
"""


def test_file_that_may_not_grow_takes_nothing_and_recovers(tmp_path: Path) -> None:
    """Where a file may not grow further nothing of a poll is kept, and the same poll goes through once it may."""
    path = made(tmp_path / "watcher.db")
    here = Path(__file__).parent
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, path, here, here.parent], capture_output=True, text=True, check=False, timeout=60
    )
    first, second = done.stdout.splitlines()
    assert "nothing was lost" in first, done.stderr
    assert second == "1"
    assert held(path)["item"] == 2


# ---- held by others


def test_store_that_is_held_for_a_while_is_waited_for(tmp_path: Path) -> None:
    """Another process that holds the store for a moment delays a poll, and costs nothing of it."""
    path = made(tmp_path / "watcher.db")
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    with Store(path, busy_timeout=30) as store:
        other.execute("BEGIN IMMEDIATE")
        let_go = threading.Timer(3, lambda: other.execute("ROLLBACK"))
        let_go.start()
        assert learn(store, "second") == 1
    let_go.join()
    other.close()


def test_store_that_is_held_for_long_fails_the_poll_and_keeps_its_validators(tmp_path: Path) -> None:
    """A poll that cannot be kept leaves the feed as it was: it is asked again as before."""
    path = made(tmp_path / "watcher.db")
    with Store(path, busy_timeout=0.1) as store, closing(sqlite3.connect(path, isolation_level=None)) as other:
        before = ask.feeds(store.connection)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreBusy, match="held by another process; try again"):
            learn(store, "second")
        other.execute("ROLLBACK")
        assert ask.feeds(store.connection) == before


def test_transaction_waits_before_it_reads(tmp_path: Path) -> None:
    """A decision never stands on what another writer changes before it is kept: the write begins before anything is read."""
    path = made(tmp_path / "watcher.db")
    with Store(path, busy_timeout=0.1) as store, closing(sqlite3.connect(path, isolation_level=None, timeout=0.1)) as other:
        with store.transaction():
            with pytest.raises(sqlite3.OperationalError, match="locked"):
                other.execute("BEGIN IMMEDIATE")
            assert learn(store, "second") == 1
        other.execute("BEGIN IMMEDIATE")
        other.execute("ROLLBACK")


def test_log_is_small_again_after_a_reader_that_took_long(tmp_path: Path) -> None:
    """The log grows while somebody reads for long, and is cut again once they are done."""
    path = made(tmp_path / "watcher.db")
    wal = path.with_name("watcher.db-wal")
    with Store(path) as store, closing(sqlite3.connect(path, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM item").fetchone()
        for number in range(8):
            learn(store, f"n{number}", "word " * 400_000, said=False)
        grown = wal.stat().st_size
        reader.execute("COMMIT")
        for number in range(3):
            learn(store, f"m{number}", said=False)
        assert grown > 12 * MEGABYTE
        assert wal.stat().st_size <= 8 * MEGABYTE


@pytest.mark.skipif(not IS_ROOT, reason="only root may mount a file system to fill it")
def test_restore_that_has_no_room_takes_none(tmp_path: Path) -> None:
    """A backup that does not fit beside the store leaves the store as it was, and nothing of itself on the full disk."""
    path = made(tmp_path / "watcher.db")
    with Store(path) as store:
        learn(store, "second", "word " * (MEGABYTE // 4), said=False)
    with small_disk(path.stat().st_size * 3 // 2) as disk:
        there = Path(shutil.copy(path, disk / "watcher.db"))
        before = held(there)
        with pytest.raises(StoreFull, match="the disk is full"):
            restore(there, path, world(), NOW, tell=False)
        assert [one.name for one in disk.iterdir()] == ["watcher.db"]
        assert held(there) == before


# ---- not to be written, damaged, gone, another one


#: Root may write whatever its mode says, unless that is taken from it.
ORDINARY = ["setpriv", "--bounding-set", "-dac_override,-dac_read_search"] if IS_ROOT else []


def run_ordinarily(home: Home, *words: str) -> Ended:
    """A command by somebody for whom the modes of files count."""
    command = [*ORDINARY, *home.command(*words)]
    done = subprocess.run(command, env=home.environ(), capture_output=True, text=True, check=False, timeout=60)
    return Ended(status=done.returncode, out=done.stdout, err=done.stderr)


@pytest.mark.skipif(bool(ORDINARY) and shutil.which(ORDINARY[0]) is None, reason="root needs setpriv to be an ordinary user")
@pytest.mark.parametrize("what", ["directory", "file"])
def test_store_that_may_not_be_written_ends_the_daemon_with_a_clear_line(tmp_path: Path, what: str) -> None:
    """Without the right to write the daemon ends with status 78 and says what to look at, and does not try over and over."""
    home = Home(tmp_path, one_feed("http://127.0.0.1:9/feed"))
    path = made(home.database)
    (path.parent if what == "directory" else path).chmod(0o555 if what == "directory" else 0o444)
    ended = run_ordinarily(home, "run")
    path.parent.chmod(0o755)
    assert ended.status == 78
    (line,) = [line for line in ended.err.splitlines() if "cannot be written" in line]
    assert "check owner and mode" in line
    assert "Traceback" not in ended.err


def torn(path: Path, table: str) -> None:
    """Make the first page of a table unreadable."""
    with closing(sqlite3.connect(path)) as db:
        page = db.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", [table]).fetchone()[0]
        size = db.execute("PRAGMA page_size").fetchone()[0]
    body = bytearray(path.read_bytes())
    body[(page - 1) * size : page * size] = b"\xff" * size
    path.write_bytes(body)


@pytest.mark.parametrize("how", ["torn", "cut", "no database"])
async def test_damaged_store_ends_the_daemon_and_is_never_begun_anew(tmp_path: Path, how: str) -> None:
    """A damaged store ends the daemon with status 78 and a line that says how to restore; not a byte of it changes."""
    home = Home(tmp_path, one_feed("http://127.0.0.1:9/feed"))
    path = made(home.database)
    if how == "torn":
        torn(path, "revision")
    elif how == "cut":
        path.write_bytes(path.read_bytes()[: 20 * 1024])
    else:
        path.write_text("a letter to somebody " * 1000)
    before = path.read_bytes()
    ended = await home.run("run")
    assert (ended.status, path.read_bytes()) == (78, before)
    assert "watcher restore FILE" in ended.err
    assert "Traceback" not in ended.err


@pytest.mark.parametrize(
    "verb", [["status"], ["history"], ["why", "harbor-lights"], ["feeds"], ["notify", "list"], ["items", "june"]]
)
async def test_asking_a_damaged_store_says_so(tmp_path: Path, verb: list[str]) -> None:
    """Whoever asks a store whose pages are damaged is told in one line, and no traceback."""
    home = Home(tmp_path, one_feed("http://127.0.0.1:9/feed"))
    path = made(home.database)
    body = path.read_bytes()
    path.write_bytes(body[:4096] + b"\xff" * (len(body) - 4096))
    ended = await home.run(*verb)
    assert ended.status in (1, 78)
    assert ended.err.startswith("watcher: ")
    assert "Traceback" not in ended.err


async def test_page_that_breaks_while_the_daemon_runs_ends_it(tmp_path: Path) -> None:
    """A damaged page that is met in the middle of the work is no bad pass to be tried again, but the end."""
    made(tmp_path / "watcher.db")
    async with opened(tmp_path, world(feeds=[FEED])) as engine:
        await engine.in_store(lambda: engine.store.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall())
        torn(tmp_path / "watcher.db", "feed")
        await engine.in_store(lambda: engine.store.connection.execute("PRAGMA cache_size = 0").fetchall())
        await engine.in_store(lambda: engine.store.connection.execute("PRAGMA shrink_memory").fetchall())
        with pytest.raises(StoreUnusable, match="damaged"):
            await engine.tick(NOW)
        shutil.copy(_whole(tmp_path), tmp_path / "watcher.db")


def _whole(path: Path) -> Path:
    """A store that is well, so that the engine can close."""
    return made(path / "whole" / "watcher.db")


async def test_mistake_in_our_own_words_is_not_told_as_the_disks(tmp_path: Path) -> None:
    """A statement that is wrong is a bug, and stays one."""
    async with opened(tmp_path, world()) as engine:
        with pytest.raises(sqlite3.OperationalError, match="no such table"):
            await engine.in_store(lambda: engine.store.connection.execute("SELECT * FROM no_table"))


def move_away(path: Path) -> None:
    """Move the file away."""
    path.rename(path.with_name("elsewhere.db"))


def replace_it(path: Path) -> None:
    """Put another store in its place."""
    other = made(path.parent / "other" / "watcher.db")
    other.replace(path)


@pytest.mark.parametrize(("change", "says"), [(move_away, "was removed"), (replace_it, "was replaced")])
async def test_store_that_goes_while_the_daemon_runs_ends_it(tmp_path: Path, change: Callable[[Path], None], says: str) -> None:
    """A daemon whose file is removed or replaced stops, with a status that is not started again, before it polls once more."""
    with FeedServer() as server:
        server.answer("/feed")
        home = Home(tmp_path, one_feed(server.url()))
        made(home.database)
        daemon = await home.start("run")
        await _passes(home.database)
        change(home.database)
        _, err = await asyncio.wait_for(daemon.communicate(), 60)
    assert daemon.returncode == 78
    assert says in err.decode()
    assert "Traceback" not in err.decode()


async def _passes(path: Path) -> None:
    """Wait until a daemon has noted a pass."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as db:
            if db.execute("SELECT 1 FROM meta WHERE key = 'pass_at'").fetchone():
                return
        await asyncio.sleep(0.1)
    raise AssertionError("no pass within a minute")


def test_log_without_its_store_is_no_new_store(tmp_path: Path) -> None:
    """Where the log of a store lies without it, nothing new is begun: the file was moved away while it was in use."""
    path = made(tmp_path / "watcher.db")
    store = Store(path)
    learn(store, "second")
    path.rename(tmp_path / "elsewhere.db")
    with pytest.raises(StoreUnusable, match=r"is missing, but watcher\.db-wal is there"):
        Store(path)
    assert not path.exists()
    (tmp_path / "elsewhere.db").rename(path)
    store.close()


async def test_store_that_is_begun_anew_says_so(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A new and empty store is told in the log, and that what the feeds hold by then tells nobody."""
    caplog.set_level("INFO", "watcher")
    async with opened(tmp_path, world()):
        assert "watcher.db is new and empty" in caplog.text
    caplog.clear()
    async with opened(tmp_path, world()):
        assert "new and empty" not in caplog.text


# ---- copied by hand


@pytest.mark.parametrize("beside", [(), ("-wal",), ("-wal", "-shm")], ids=["the file alone", "with its log", "with all"])
def test_copy_by_hand_opens_with_what_it_has(tmp_path: Path, beside: tuple[str, ...]) -> None:
    """A store that was copied while in use opens as of its last checkpoint, or with its log as of its last commit."""
    path = made(tmp_path / "one" / "watcher.db")
    there = tmp_path / "two"
    there.mkdir()
    with Store(path) as store:
        learn(store, "second")
        for end in ("", *beside):
            shutil.copy(path.with_name(f"watcher.db{end}"), there / f"watcher.db{end}")
    with Store(there / "watcher.db") as copy:
        assert learn(copy, "third") == int(not beside)
    assert held(there / "watcher.db")["item"] == (3 if beside else 2)


def test_log_of_another_time_leaves_a_whole_store_or_none(tmp_path: Path) -> None:
    """SQLite cannot know a log that is of an older state of its store: what opens with it is whole, or it is refused."""
    path = made(tmp_path / "one" / "watcher.db")
    with Store(path) as store:
        learn(store, "second")
        shutil.copy(path.with_name("watcher.db-wal"), tmp_path / "old-wal")
    with Store(path) as store:
        learn(store, "third", said=False)
    shutil.copy(tmp_path / "old-wal", path.with_name("watcher.db-wal"))
    try:
        Store(path).close()
    except StoreUnusable:
        return
    assert held(path)["item"] in (2, 3)
