"""The daemon's socket: it answers at once, hostile clients keep nobody waiting, and a dead daemon's socket is replaced."""

from __future__ import annotations

import asyncio
import errno
import json
import os
import shutil
import signal
import socket
import sqlite3
import stat
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager, closing, suppress
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic

import pytest
from asked import ready
from feedserver import Answer, Entry, FeedServer, rss
from processes import Home, one_feed

from watcher.cli.asking import ask, holder
from watcher.control import LONGEST, Control, bind
from watcher.errors import DaemonSilent

#: What no answer may take, though clients do their worst: far less than the daemon's patience with one of them.
_SOON_S = 4.0


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """Somebody who waits for one film; the feed cannot be reached."""
    return Home(tmp_path, one_feed("http://127.0.0.1:9/feed"))


@asynccontextmanager
async def watching(home: Home) -> AsyncIterator[tuple[Process, Path]]:
    """The daemon past its first pass, and its socket; killed at the end."""
    daemon = await home.start("run")
    try:
        found = await ready(home.path / "state")
        assert found.pid == daemon.pid
        assert found.socket is not None
        yield daemon, found.socket
    finally:
        if daemon.returncode is None:
            daemon.kill()
        await daemon.communicate()


def connected(path: Path) -> socket.socket:
    """A client that has said nothing yet."""
    client = socket.socket(socket.AF_UNIX)
    client.connect(str(path))
    client.settimeout(10)
    return client


def files_of(pid: int) -> int:
    """How many files a process has open."""
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


def raw(path: Path, said: bytes) -> bytes:
    """What the daemon answers to these bytes."""
    with closing(connected(path)) as client:
        client.sendall(said)
        client.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: client.recv(1 << 16), b""))


async def test_daemon_says_how_it_is(home: Home) -> None:
    """The state that it keeps, its process and its last pass are said at once, to its owner and group alone."""
    async with watching(home) as (daemon, path):
        said = await asyncio.to_thread(ask, path, "state")
        assert said["state"] == str(home.path / "state")
        assert said["pid"] == daemon.pid
        assert said["trouble"] is None
        assert said["pass_at"]
        assert stat.S_IMODE(path.stat().st_mode) == 0o660


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        (b"\n", "no JSON"),
        (b"\xff\xfe{\n", "no JSON"),
        (b"[" * 15_000 + b"\n", "no JSON"),
        (b"7\n", "cannot be asked that"),
        (b'{"ask": ["state"]}\n', "cannot be asked that"),
        (b'{"ask": "shutdown"}\n', "it knows state, reload, verb, poll"),
        (b'{"ask": "verb"}\n', "a list of words"),
        (b'{"ask": "verb", "words": ["run"]}\n', "does not do that"),
        (b'{"ask": "verb", "words": ["notify", "test"]}\n', "does not do that"),
        (b'{"ask": "verb", "words": ["fix", "--config=/etc/shadow"]}\n', "configuration of its own"),
        (b'{"ask": "verb", "words": ["fix", "--config", "/etc/shadow"]}\n', "configuration of its own"),
        (b'{"ask": "verb", "words": ["fix", "a\\u0000b"]}\n', "too long"),
        (b'{"ask": "verb", "words": ["fix", "\\ud800"]}\n', "words in UTF-8"),
        (b'{"ask": "verb", "words": ["fix", "' + b"x" * 200_000 + b'"]}\n', "too long"),
        (b'{"ask": "verb", "words": ["learn", "-"], "files": {"-": "?"}}\n', "no base64"),
        (b'{"ask": "poll", "feed": "nowhere"}\n', "no feed to poll"),
        (b'{"ask": "state"', ""),
        (b"", ""),
    ],
)
async def test_what_is_no_request_is_refused(home: Home, said: bytes, answer: str) -> None:
    """Bytes that are no request, and requests for what nobody may ask, get one line of error and change nothing."""
    async with watching(home) as (_, path):
        reply = await asyncio.to_thread(raw, path, said)
        if answer:
            assert answer in json.loads(reply)["error"]
        else:
            assert reply == b""
        assert (await asyncio.to_thread(ask, path, "state"))["trouble"] is None


async def test_files_are_not_read_with_the_rights_of_the_daemon(home: Home) -> None:
    """A file that a request names, and does not bring, is not opened."""
    secret = home.path / "secret.txt"
    secret.write_text("Harbor Lights opens on June 5, 2031, says the secret.", encoding="utf-8")
    async with watching(home) as (_, path):
        done = await asyncio.to_thread(ask, path, "verb", 60, words=["learn", str(secret)])
    assert done["status"] == 2
    assert "was not handed to the daemon" in done["err"]
    assert "opens" not in done["out"] + done["err"]


async def test_clients_that_hang_or_flood_keep_nobody_waiting(home: Home) -> None:
    """Beside hundreds that say nothing, drip, or send without end, whoever asks is answered at once; few are kept."""
    async with watching(home) as (daemon, path):
        with ExitStack() as stack:
            silent = [stack.enter_context(closing(connected(path))) for _ in range(300)]
            await asyncio.to_thread(ask, path, "state", _SOON_S)
            assert files_of(daemon.pid) < 100
            for client in silent[::2]:
                client.setblocking(False)
                with suppress(OSError):
                    client.send(b'{"ask": "sta')
            endless = stack.enter_context(closing(connected(path)))
            endless.setblocking(False)
            before = monotonic()
            for _ in range(20):
                with suppress(OSError):
                    endless.send(b"x" * 65536)
                assert (await asyncio.to_thread(ask, path, "state", _SOON_S))["trouble"] is None
            assert monotonic() - before < 20 * _SOON_S
            last = (await asyncio.to_thread(ask, path, "state"))["pass_at"]
            async with asyncio.timeout(30):
                while (await asyncio.to_thread(ask, path, "state"))["pass_at"] == last:
                    pass


async def test_request_has_its_limit(tmp_path: Path) -> None:
    """A request that is longer than any may be is refused without being kept."""

    async def never(_: dict[str, object]) -> dict[str, object]:
        raise AssertionError

    async with Control(tmp_path / "control", {"state": never}):
        reply = await asyncio.to_thread(raw_or_reset, tmp_path / "control", b" " * (LONGEST + 70_000) + b"\n")
    assert reply == b"" or "8 MiB at most" in json.loads(reply)["error"]


def raw_or_reset(path: Path, said: bytes) -> bytes:
    """The same, where the daemon may not even listen to the end."""
    try:
        return raw(path, said)
    except (BrokenPipeError, ConnectionResetError):
        return b""


async def test_more_at_a_time_than_can_be_done_are_told_to_come_back(tmp_path: Path) -> None:
    """So many requests are under way at once; one more is told so at once, and the others come to their end."""
    go = asyncio.Event()

    async def slow(_: dict[str, object]) -> dict[str, object]:
        await go.wait()
        return {"done": True}

    async with Control(tmp_path / "control", {"slow": slow}):
        clients = [await asyncio.open_unix_connection(tmp_path / "control") for _ in range(9)]
        for _, writer in clients:
            writer.write(b'{"ask": "slow"}\n')
        replies = [asyncio.create_task(reader.readline()) for reader, _ in clients]
        done, waiting = await asyncio.wait(replies, return_when=asyncio.FIRST_COMPLETED)
        assert [json.loads(one.result())["error"] for one in done] == ["too much is being asked of the daemon at once; try again"]
        go.set()
        assert [json.loads(await one) for one in waiting] == [{"done": True}] * 8
        for _, writer in clients:
            writer.close()


async def test_how_it_is_can_be_asked_while_all_hands_are_full(tmp_path: Path) -> None:
    """With as much under way as may be, what is quiet is answered all the same: it takes no work."""
    begun, go = asyncio.Semaphore(0), asyncio.Event()

    async def slow(_: dict[str, object]) -> dict[str, object]:
        begun.release()
        await go.wait()
        return {}

    async def state(_: dict[str, object]) -> dict[str, object]:
        return {"well": True}

    async with Control(tmp_path / "control", {"slow": slow, "state": state}, quiet=("state",)):
        clients = [await asyncio.open_unix_connection(tmp_path / "control") for _ in range(8)]
        for _, writer in clients:
            writer.write(b'{"ask": "slow"}\n')
        async with asyncio.timeout(30):
            for _ in clients:
                await begun.acquire()
        assert await asyncio.to_thread(ask, tmp_path / "control", "state", 30) == {"well": True}
        go.set()
        for reader, writer in clients:
            await reader.readline()
            writer.close()


@pytest.mark.parametrize("length", range(210_000, 300_000, 15_000))
async def test_replies_of_any_length_arrive_whole(tmp_path: Path, length: int) -> None:
    """A reply that does not fit into the system's buffer at once is sent to its last byte."""

    async def long(_: dict[str, object]) -> dict[str, object]:
        return {"out": "x" * length}

    async with Control(tmp_path / "control", {"long": long}):
        assert len((await asyncio.to_thread(ask, tmp_path / "control", "long", 30))["out"]) == length


async def test_request_of_countless_parts_is_not_unfolded(tmp_path: Path) -> None:
    """A request that would take a hundred times its length in memory is refused before it is read."""

    async def never(_: dict[str, object]) -> dict[str, object]:
        raise AssertionError

    async with Control(tmp_path / "control", {"state": never}):
        for part in (b"[],", b"{},", b"1.5,"):
            said = b'{"ask": "state", "more": [' + part * 100_000 + b"0]}\n"
            assert "too many parts" in json.loads(await asyncio.to_thread(raw, tmp_path / "control", said))["error"]


async def test_what_the_system_refuses_is_told(tmp_path: Path) -> None:
    """Where the system has no room or no process for what was asked, whoever asked hears that, and may try again."""

    async def full(_: dict[str, object]) -> dict[str, object]:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    async with Control(tmp_path / "control", {"full": full}):
        said = (await asyncio.to_thread(ask, tmp_path / "control", "full", 30))["error"]
    assert said == "the daemon cannot do that now (No space left on device); try again"


async def test_who_goes_away_takes_what_was_asked_for_along(tmp_path: Path) -> None:
    """When a client closes its side, what is done for it is given up."""
    begun, ended = asyncio.Event(), asyncio.Event()

    async def slow(_: dict[str, object]) -> dict[str, object]:
        begun.set()
        try:
            await asyncio.sleep(60)
        finally:
            ended.set()
        return {}

    async with Control(tmp_path / "control", {"slow": slow}):
        client = await asyncio.to_thread(connected, tmp_path / "control")
        client.sendall(b'{"ask": "slow"}\n')
        await asyncio.wait_for(begun.wait(), 10)
        client.close()
        await asyncio.wait_for(ended.wait(), 10)


async def test_path_may_be_longer_than_an_address_of_a_socket(tmp_path: Path) -> None:
    """A state directory deep down has its socket too, and is asked there."""

    async def state(_: dict[str, object]) -> dict[str, object]:
        return {"well": True}

    path = tmp_path / ("d" * 100) / ("e" * 100) / "control"
    async with Control(path, {"state": state}):
        assert await asyncio.to_thread(ask, path, "state") == {"well": True}
    assert not path.exists()


async def test_dead_daemons_socket_is_replaced(home: Home) -> None:
    """A daemon that was killed leaves its socket; nobody takes it for alive, and the next one answers in its place."""
    async with watching(home) as (daemon, path):
        daemon.kill()
        await daemon.communicate()
        assert path.is_socket()
        assert holder(home.path / "state") is None
        with pytest.raises(DaemonSilent, match="cannot be asked"):
            ask(path, "state")
        status = await home.run("status")
        assert "not running; last pass" in " ".join(status.out.split())
    async with watching(home) as (daemon, again):
        assert again == path
        assert (await asyncio.to_thread(ask, again, "state"))["pid"] == daemon.pid


async def test_socket_goes_with_its_daemon(home: Home) -> None:
    """A daemon that is stopped takes its socket with it."""
    async with watching(home) as (daemon, path):
        daemon.send_signal(signal.SIGTERM)
        assert (await daemon.wait(), path.exists()) == (0, False)


async def test_daemon_without_a_place_for_its_socket_watches_all_the_same(home: Home) -> None:
    """Where no socket can be made the daemon says so, and works; verbs write beside it as far as they may."""
    (home.path / "state").mkdir()
    (home.path / "state" / "control").mkdir()
    daemon = await home.start("run")
    try:
        async with asyncio.timeout(60):
            while "Running since" not in (await home.run("status")).out:
                pass
        assert (await home.run("mute", "harbor-lights")).status == 0
    finally:
        daemon.kill()
        _, err = await daemon.communicate()
    assert b"no socket can be made there" in err


async def test_socket_that_was_taken_away_is_made_again(tmp_path: Path) -> None:
    """When the directory goes, as a session's does at its end, the daemon listens there again once it can, and logs it once."""

    async def state(_: dict[str, object]) -> dict[str, object]:
        return {"well": True}

    path = tmp_path / "session" / "watcher" / "control"
    async with Control(path, {"state": state}) as control:
        await control.renew()
        shutil.rmtree(tmp_path / "session")
        (tmp_path / "session").touch()
        await control.renew()
        assert not path.exists()
        (tmp_path / "session").unlink()
        await control.renew()
        assert await asyncio.to_thread(ask, path, "state", 30) == {"well": True}
        await control.renew()
    assert not path.exists()


async def test_daemon_can_be_asked_again_after_its_socket_was_removed(home: Home) -> None:
    """A daemon whose socket somebody deleted is not shown for long as one that does not answer."""
    async with watching(home) as (_, path):
        path.unlink()
        async with asyncio.timeout(60):
            while json.loads((await home.run("status", "--json")).out)["daemon"]["answers"] is not True:
                pass


@pytest.mark.parametrize("through", [True, False])
async def test_terminal_that_lacks_letters_shows_the_others(home: Home, through: bool) -> None:
    """Where a name cannot be written in the terminal's own letters it is shown with question marks, and no verb fails of it."""
    environment = home.environ() | {"PYTHONIOENCODING": "latin-1"}

    async def ended(*words: str) -> tuple[int | None, bytes]:
        process = await asyncio.create_subprocess_exec(
            *home.command(*words), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL, env=environment
        )
        out, _ = await asyncio.wait_for(process.communicate(), 60)
        return process.returncode, out

    words = ("fix", "harbor-lights", "Zoë Müller", "joins", "--role", "Łucja")
    if through:
        async with watching(home):
            status, out = await ended(*words)
    else:
        status, out = await ended(*words)
    assert (status, b"?ucja" in out) == (0, True), out
    status, out = await ended("status")
    assert (status, b"?ucja" in out) == (0, True), out


async def test_two_daemons_of_one_session_have_a_socket_each(tmp_path: Path) -> None:
    """Daemons with states of their own in one session's runtime directory do not take each other's socket away."""
    paths = [tmp_path / "one", tmp_path / "two"]
    os.environ.pop("XDG_RUNTIME_DIR", None)
    homes = []
    for path in paths:
        path.mkdir()
        homes.append(Home(path, one_feed("http://127.0.0.1:9/feed")))
    session = tmp_path / "session"
    session.mkdir(mode=0o700)
    daemons = [
        await asyncio.create_subprocess_exec(
            *home.command("run"), stderr=asyncio.subprocess.DEVNULL, env=home.environ() | {"XDG_RUNTIME_DIR": str(session)}
        )
        for home in homes
    ]
    try:
        found = [await ready(home.path / "state") for home in homes]
        assert [one.pid for one in found] == [daemon.pid for daemon in daemons]
        assert len({one.socket for one in found}) == 2
        assert {one.socket.parent for one in found if one.socket} == {session / "watcher"}
        # Whoever asks has no session of the daemon's: the lock says where it answers.
        for home in homes:
            assert json.loads((await home.run("status", "--json")).out)["daemon"]["answers"] is True
    finally:
        for daemon in daemons:
            daemon.kill()
            await daemon.wait()


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
async def test_alert_of_a_pass_that_was_asked_for_is_sent_to_its_end(tmp_path: Path, name: str) -> None:
    """A stop or a reload while `poll` has the daemon send lets the send come to its end: it is not sent again."""
    with FeedServer() as server:
        server.answer("/feed", Answer(rss()))
        target = f'[[notify]]\nname = "phone"\nurl = "{server.url("/hook").replace("http", "json", 1)}"\n'
        home = Home(tmp_path, one_feed(server.url("/feed")).replace('"1s"', '"1d"') + target)
        server.answer("/hook", Answer(b"ok"))
        async with watching(home) as (daemon, path):
            server.answer("/hook", Answer(b"ok", pause=3))
            year = datetime.now(UTC).year + 1
            news = Entry(guid="one", title="Harbor Lights is dated", body=f"Harbor Lights opens on June 5, {year}.")
            server.answer("/feed", Answer(rss(news)))
            before = len(server.asked("/hook"))
            asking = asyncio.create_task(asyncio.to_thread(ask, path, "poll", 60))
            async with asyncio.timeout(60):
                while len(await asyncio.to_thread(server.asked, "/hook")) == before:
                    pass
            daemon.send_signal(signal.Signals[name])
            with suppress(DaemonSilent):
                await asking
            if name == "SIGHUP":
                async with asyncio.timeout(60):
                    while (await asyncio.to_thread(ask, path, "state"))["reload_at"] is None:
                        pass
                daemon.terminate()
            assert await asyncio.wait_for(daemon.wait(), 60) == 0
        with closing(sqlite3.connect(home.database)) as db:
            assert db.execute("SELECT DISTINCT state FROM delivery").fetchall() == [("sent",)]


async def test_stopped_daemon_holds_up_nobody(home: Home) -> None:
    """A daemon that is stopped by a signal is told of within seconds by all that ask, and what can be done without it is done."""
    async with watching(home) as (daemon, _):
        daemon.send_signal(signal.SIGSTOP)
        try:
            for words in (("status",), ("notify", "list"), ("feeds",), ("why", "harbor-lights"), ("history",)):
                assert (await home.run(*words, seconds=20)).status == 0
            status = await home.run("status")
            assert "but it does not answer; last pass" in " ".join(status.out.split())
            assert json.loads((await home.run("status", "--json")).out)["daemon"]["answers"] is False
            assert "is muted" in (await home.run("mute", "harbor-lights", seconds=30)).out
            polled = await home.run("poll", seconds=30)
            assert (polled.status, "another watcher" in polled.err) == (75, True)
        finally:
            daemon.send_signal(signal.SIGCONT)


def test_socket_is_bound_where_it_belongs(tmp_path: Path) -> None:
    """The long way round through the directory makes the socket at the path itself."""
    with closing(socket.socket(socket.AF_UNIX)) as server:
        bind(server, tmp_path / "control")
        assert (tmp_path / "control").is_socket()
