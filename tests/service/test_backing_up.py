"""Backups by members of the group, and by those who may not: what was committed is in them, whatever became of the daemon."""

from __future__ import annotations

import json
from collections.abc import Iterator

import others
import pytest
from asked import ready
from others import MEMBER, OWNER, SharedHome, house
from processes import one_feed

pytestmark = pytest.mark.skipif(others.why_not() is not None, reason=others.why_not() or "")


@pytest.fixture
def home() -> Iterator[SharedHome]:
    """A state that is one user's and open to their group, and a directory where everybody may write."""
    with house() as path:
        (path / "out").mkdir()
        (path / "out").chmod(0o777)
        yield SharedHome(path, one_feed("http://127.0.0.1:9/feed"))


async def test_backup_by_a_member_has_what_a_killed_daemon_left_in_its_log(home: SharedHome) -> None:
    """A member who may not write beside the store backs up all that was committed, though it is in the log and has no index."""
    daemon = await home.start_as(OWNER, "run")
    try:
        await ready(home.path / "state")
        assert (await home.run_as(OWNER, "fix", "Harbor Lights", "release", "2031-05-09")).status == 0
    finally:
        daemon.kill()
        await daemon.communicate()
    assert home.database.with_name("watcher.db-wal").stat().st_size
    home.database.with_name("watcher.db-shm").unlink()
    ended = await home.run_as(MEMBER, "backup", "--json", str(home.path / "out"))
    assert (ended.status, ended.err) == (0, "")
    assert json.loads(ended.out)["facts"] == 1


@pytest.mark.parametrize("closed", ["the state", "the store", "the directory for it"])
async def test_backup_where_nobody_may_look_says_so_in_a_line(home: SharedHome, closed: str) -> None:
    """Whoever may not read the store, or enter the directory of the backup, is told which of them, in one line."""
    await home.run_as(OWNER, "fix", "Harbor Lights", "release", "2031-05-09")
    shut = {"the state": home.path / "state", "the store": home.database, "the directory for it": home.path / "out"}[closed]
    shut.chmod(0o600)
    ended = await home.run_as(MEMBER, "backup", str(home.path / "out" / "copy.db"))
    assert (ended.status, ended.out) == (1, "")
    (line,) = ended.err.splitlines()
    where = home.path / "out" / "copy.db" if shut.name == "out" else home.database
    assert line.startswith(f"watcher: {where}")
    assert "cannot be" in line


async def test_restore_by_root_leaves_nothing_that_the_daemon_cannot_take(home: SharedHome) -> None:
    """Root puts a backup into a state where nothing was before; the daemon of its owner starts with it."""
    await home.run_as(OWNER, "fix", "Harbor Lights", "release", "2031-05-09")
    assert (await home.run_as(OWNER, "backup", str(home.path / "out" / "copy.db"))).status == 0
    for one in (home.path / "state").iterdir():
        one.unlink()
    assert (await home.run_as(None, "restore", str(home.path / "out" / "copy.db"))).status == 0
    assert {(one.stat().st_uid, one.stat().st_gid) for one in (home.path / "state").iterdir()} == {(OWNER.uid, OWNER.gid)}
    daemon = await home.start_as(OWNER, "run")
    try:
        await ready(home.path / "state")
    finally:
        daemon.kill()
        await daemon.communicate()


async def test_restore_from_where_nobody_may_look_says_so_in_a_line(home: SharedHome) -> None:
    """A backup that whoever restores may not read is not called damaged: it is said who may."""
    (home.path / "out").chmod(0o700)
    ended = await home.run_as(OWNER, "restore", str(home.path / "out" / "copy.db"))
    (line,) = ended.err.splitlines()
    assert line.startswith(f"watcher: {home.path / 'out' / 'copy.db'} cannot be read by you; ")
