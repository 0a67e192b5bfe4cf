"""Asking as an ordinary user: members of the group may, with the daemon up, down or killed; others hear why not."""

from __future__ import annotations

import json
import signal
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import others
import pytest
from others import MEMBER, OWNER, STRANGER, SharedHome, Who, house
from processes import one_feed

pytestmark = pytest.mark.skipif(others.why_not() is not None, reason=others.why_not() or "")

#: Targets whose addresses only the daemon has.
_SECRETS = """[[notify]]
name = "phone"
url_file = "$CREDENTIALS_DIRECTORY/phone"
[[notify]]
name = "mail"
url = "${HARBOR_MAIL}"
"""


@pytest.fixture
def home() -> Iterator[SharedHome]:
    """A state that is one user's and open to their group. The feed cannot be reached: nobody looks at it here."""
    with house() as path:
        yield SharedHome(path, one_feed("http://127.0.0.1:9/feed") + _SECRETS)


@asynccontextmanager
async def watching(home: SharedHome) -> AsyncIterator[Process]:
    """The daemon as the owner of the state, with its secrets, past its first pass; killed at the end."""
    secrets = home.path / "credentials"
    secrets.mkdir(exist_ok=True)
    (secrets / "phone").write_text("json://127.0.0.1:9/phone", encoding="utf-8")
    given = {"CREDENTIALS_DIRECTORY": str(secrets), "HARBOR_MAIL": "json://127.0.0.1:9/mail"}
    async with others.watching(home, env=given) as daemon:
        yield daemon


async def fixed(home: SharedHome) -> None:
    """Let something be held that can be asked for, in the log of the store and not yet in its file."""
    assert (await home.run_as(OWNER, "fix", "Harbor Lights", "release", "2031-05-09")).status == 0


@pytest.mark.parametrize("how", ["up", "stopped", "killed", "killed, without the index of the log"])
async def test_members_of_the_group_ask_whatever_became_of_the_daemon(home: SharedHome, how: str) -> None:
    """A member is told all that was committed, without the daemon's secrets, and whether it is still kept current."""
    async with watching(home) as daemon:
        await fixed(home)
        if how == "stopped":
            daemon.send_signal(signal.SIGTERM)
            await daemon.communicate()
        elif how.startswith("killed"):
            daemon.kill()
            await daemon.communicate()
            assert (home.path / "state" / "watcher.db-wal").stat().st_size
            if "index" in how:
                (home.path / "state" / "watcher.db-shm").unlink()
        for words in (("status",), ("why", "Harbor Lights"), ("history",), ("status", "--as-of", "2100-01-01")):
            ended = await home.run_as(MEMBER, *words)
            assert (ended.status, "Traceback" in ended.err) == (0, False), ended.err
            assert "May 9, 2031" in ended.out
        asked = await home.run_as(MEMBER, "status", "--json")
        service = json.loads(asked.out)["daemon"]
        assert (service["running"], service["answers"]) == ((True, True) if how == "up" else (False, None))
        assert (service["stopped_at"] is not None) == (how == "stopped")
        warned = "What is held may be old. Not running" in " ".join((await home.run_as(MEMBER, "history")).err.split())
        assert warned == (how != "up")
        for target in ("phone", "mail"):
            assert target in asked.out
        assert (await home.run_as(MEMBER, "notify", "list")).status == 0


@pytest.mark.parametrize("who", ["stranger", "member of nothing"])
async def test_others_hear_who_may_and_what_to_enter(home: SharedHome, who: str) -> None:
    """Who is not of the group gets one line that names the group and the command that makes them a member, and nothing held."""
    async with watching(home):
        await fixed(home)
        user = STRANGER if who == "stranger" else Who(uid=MEMBER.uid, gid=MEMBER.gid)
        advice = f"members of the group {OWNER.gid} may; to be one: sudo usermod -aG {OWNER.gid} {user.uid}, then log in again"
        for words in (("status",), ("why", "harbor-lights"), ("history",), ("fix", "harbor-lights", "release", "2031")):
            ended = await home.run_as(user, *words)
            assert ended.status == 78
            assert ended.err == f"watcher: {home.config}: cannot be read by you; {advice}\n"
        # With a configuration that they can read it is the state that is closed.
        home.config.chmod(0o644)
        ended = await home.run_as(user, "status")
        assert (ended.status, ended.out) == (1, "")
        assert ended.err == f"watcher: {home.database} cannot be read by you; {advice}\n"


async def test_private_state_is_asked_as_its_owner(home: SharedHome) -> None:
    """Where the group may not look either, the word is whose it is, and how to be them."""
    async with watching(home):
        home.config.chmod(0o644)
        (home.path / "state").chmod(0o700)
        ended = await home.run_as(MEMBER, "status")
    assert ended.status == 1
    assert ended.err.endswith(f"ask as {OWNER.uid}: sudo -u '#{OWNER.uid}' watcher …\n")


async def test_nothing_is_left_by_those_who_ask(home: SharedHome) -> None:
    """Asking makes no file in the state directory, and none that stays elsewhere, even where a copy had to be read."""
    async with watching(home) as daemon:
        await fixed(home)
        daemon.kill()
        await daemon.communicate()
    state, scratch = home.path / "state", home.path / "scratch"
    (state / "watcher.db-shm").unlink()
    scratch.mkdir(mode=0o777)
    scratch.chmod(0o777)
    before = {path.name: path.stat().st_mtime_ns for path in state.iterdir()}
    assert "May 9, 2031" in (await home.run_as(MEMBER, "status", env={"TMPDIR": str(scratch)})).out
    assert {path.name: path.stat().st_mtime_ns for path in state.iterdir()} == before
    assert list(scratch.iterdir()) == []


async def test_daemon_still_needs_its_secrets(home: SharedHome) -> None:
    """What whoever asks may lack is an error of the configuration for who sends, in one line for each."""
    for verb in ("run", "poll"):
        ended = await home.run_as(OWNER, verb)
        assert ended.status == 78
        assert "$CREDENTIALS_DIRECTORY is not set" in ended.err
        assert "${HARBOR_MAIL} is not set" in ended.err
