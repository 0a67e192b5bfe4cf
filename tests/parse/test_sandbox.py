"""Parsing in children: the values are those of our own process, and no document does harm; with real documents and signals."""

from __future__ import annotations

import asyncio
import os
import resource
import signal
import sys
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import processes
import pytest
from feedserver import Entry, rss
from pages import PARAGRAPHS, page
from processes import gone

from watcher.errors import ParseError
from watcher.parse import ParsedFeed, parse_feed, parse_page
from watcher.sandbox import Bounds, Sandbox

NOW = datetime(2025, 3, 3, 12, tzinfo=UTC)
URL = "https://paper.example/film/feed/"

FEED = rss(Entry("The Tall Tide moves to May", "It <b>moves</b>.", guid="tide-1", link="/tide", published="2 Mar 2025"))
ATOM = (
    b'<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en"><title>T</title><entry><id>1</id><title>Zo\xc3\xab</title>'
    b'<link href="/tide"/><author><name>Ava Marlowe</name></author><updated>2025-03-03T10:00:00Z</updated></entry></feed>'
)
JSON = (
    b'{"version": "https://jsonfeed.org/version/1.1", "title": "T", "items": [{"id": 1, "title": "\\ud83c\\udf0a", "url": "/t"}]}'
)
PAGE = page("Harbor Lights Sets Sail", PARAGRAPHS, published="2026-03-02T22:30:00-05:00").encode()

#: Takes feedparser half a minute, and far less memory than is allowed.
SLOW = b"<rss version='2.0'><channel><title>T</title>" + b"<a/>" * 2_000_000 + b"</channel></rss>"


def item(inner: str, *, declared: str = "") -> bytes:
    """An RSS document with one item, given as the XML inside its element."""
    return f"{declared}<rss version='2.0'><channel><title>T</title><item><title>t</title>{inner}</item></channel></rss>".encode()


def counted(piece: str, times: int) -> str:
    """A piece so many times, its `{}` counted up."""
    return "".join(piece.format(number) for number in range(times))


LAUGHS = counted("<!ENTITY a{} '", 1) + "ha'>" + "".join(f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 12))
HOSTILE = {
    "comments": item(f"<description>{'&lt;!--' * 200_000}</description>"),
    "bare comments": item(f"<description>{'<!--' * 200_000}"),
    "nested tags": item("<description>" + "<a>" * 200_000),
    "attributes": item("<description " + counted("a{}='x' ", 100_000) + ">x</description>"),
    "namespaces": item(counted("<a{0}:b xmlns:a{0}='u{0}'>", 50_000)),
    "categories": item(counted("<category>c{}</category>", 50_000)),
    "a token of 20 MB": item(f"<description a='{'x' * 20_000_000}'>x</description>"),
    "a title of 20 MB": item(f"<title>{'x' * 20_000_000}</title>"),
    "laughs": item("<description>&a11;</description>", declared=f"<!DOCTYPE rss [{LAUGHS}]>"),
    "quadratic": item(f"<description>{'&a;' * 50_000}</description>", declared=f"<!DOCTYPE rss [<!ENTITY a '{'x' * 50_000}'>]>"),
    "a file": item("<description>&a;</description>", declared="<!DOCTYPE rss [<!ENTITY a SYSTEM 'file:///etc/passwd'>]>"),
    "a path": b"/etc/passwd",
    "numbers": b'{"version": "https://jsonfeed.org/version/1", "items": [' + b"9" * 3_000_000,
    "lists in lists": b'{"version": "https://jsonfeed.org/version/1", "items": ' + b"[" * 3_000_000,
}


def children() -> list[int]:
    """Our living children that parse."""
    return processes.children("watcher.sandbox_child")


def says(pid: int, file: str) -> str:
    """What the system says of a process."""
    return Path(f"/proc/{pid}/{file}").read_text(encoding="utf-8")


def megabytes(pid: int) -> int:
    """What a process holds in memory."""
    return int(says(pid, "statm").split()[1]) * os.sysconf("SC_PAGE_SIZE") // 1_000_000


async def until_busy(of: int | None = None) -> int:
    """Wait until a child, of a parent that is not us, is well into a document: it has its allowance and used some of it."""
    while True:
        for pid in processes.children("watcher.sandbox_child", of):
            limit, used = says(pid, "limits").partition("Max cpu time")[2].split()[0], says(pid, "stat").split()[13]
            if limit != "unlimited" and int(used) / os.sysconf("SC_CLK_TCK") > 0.4:
                return pid
        await asyncio.sleep(0.02)


async def attempt(call: Awaitable[Any]) -> Any:
    """What a call gives, the error as a value."""
    try:
        return await call
    except ParseError as error:
        return error


@asynccontextmanager
async def sandbox(**bounds: Any) -> AsyncIterator[Sandbox]:
    """A sandbox with these bounds, closed at the end; nothing of it is left then, neither children nor pipes."""
    files = len(os.listdir("/proc/self/fd"))  # noqa: PTH208
    async with Sandbox(bounds=Bounds(**bounds)) as one:
        yield one
    assert children() == []
    await asyncio.sleep(0)
    assert len(os.listdir("/proc/self/fd")) == files  # noqa: PTH208


async def feed(box: Sandbox, body: bytes = FEED, content_type: str | None = None) -> ParsedFeed:
    """A feed out of the sandbox."""
    return await box.feed(body, content_type=content_type, url=URL, now=NOW)


async def works(box: Sandbox) -> bool:
    """Whether it gives what it should for an ordinary feed."""
    return await feed(box) == parse_feed(FEED, content_type=None, url=URL, now=NOW)


# The same as in our own process


@pytest.mark.parametrize("content_type", [None, "application/rss+xml; charset=iso-8859-1", "text/xml; charset=\udce9"])
async def test_a_feed_is_what_it_is_in_our_own_process(content_type: str | None) -> None:
    """RSS, Atom and JSON Feed, whole and cut off, give the same values as `parse_feed`; the first call and the later ones."""
    async with sandbox() as box:
        for body in (FEED, ATOM, JSON, FEED[:-30], FEED.replace(b"Tide", b"T\xefde")):
            assert await feed(box, body, content_type) == parse_feed(body, content_type=content_type, url=URL, now=NOW)
        assert len(children()) == 1


async def test_a_page_is_what_it_is_in_our_own_process() -> None:
    """A page gives the same value as `parse_page`, before and after a feed."""
    async with sandbox() as box:
        expected = parse_page(PAGE, content_type="text/html", url=URL)
        assert await box.page(PAGE, content_type="text/html", url=URL) == expected
        assert await works(box)
        assert await box.page(PAGE, content_type="text/html", url=URL) == expected
        assert len(children()) == 1


async def test_what_is_neither_is_the_same_error() -> None:
    """The sentence for a body that is no feed or no page is the parser's own, and costs no child."""
    async with sandbox() as box:
        assert await works(box)
        before = children()
        for body, content_type in ((PAGE, "text/html"), (b"", None), (b"<opml/>", None), (b"{}", None), (b"/dev/zero", None)):
            with pytest.raises(ParseError) as expected:
                parse_feed(body, content_type=content_type, url=URL, now=NOW)
            with pytest.raises(ParseError) as caught:
                await feed(box, body, content_type)
            assert str(caught.value) == str(expected.value)
        with pytest.raises(ParseError, match=r"is no page but application/pdf$"):
            await box.page(PAGE, content_type="application/pdf", url=URL)
        assert children() == before


# Hostile documents


@pytest.mark.parametrize("name", HOSTILE)
async def test_a_hostile_document_is_a_value_or_a_parse_error(name: str) -> None:
    """What trips parsers is a feed or a ParseError within the bounds, and the next document is parsed as ever."""
    async with sandbox(cpu_s=1) as box:
        found = await attempt(feed(box, HOSTILE[name]))
        if isinstance(found, ParsedFeed):
            assert "root:" not in "".join(one.text for one in found.items)
        else:
            assert isinstance(found, ParseError)
            assert "ended in the middle" not in str(found)
        assert await works(box)


async def test_a_document_that_takes_too_long_is_ended_by_the_kernel() -> None:
    """One that takes all its processor time is a ParseError that says so, however much its child has used before."""
    async with sandbox(cpu_s=1) as box:
        for _ in range(2):
            with pytest.raises(ParseError, match=r"^took longer than 1 seconds to parse$"):
                await feed(box, SLOW)
            assert await works(box)


async def test_processor_time_is_for_each_document() -> None:
    """A child that has used more than one document's processor time in all still parses the next."""
    body = rss(*(Entry(f"t{n}", "<p>word " * 30, guid=f"{n}") for n in range(1_000)))
    async with sandbox(cpu_s=1, kept_mb=1000) as box:
        assert await works(box)
        (pid,) = children()
        while sum(map(int, says(pid, "stat").split()[13:15])) < 2.5 * os.sysconf("SC_CLK_TCK"):
            await feed(box, body)
        assert children() == [pid]


async def test_a_document_that_needs_too_much_memory_is_refused() -> None:
    """One that would need more than the child may have is a ParseError that says so, and the next works."""
    body = b'{"version": "https://jsonfeed.org/version/1", "items": [' + b'{"a": []},' * 800_000 + b"{}]}"
    async with sandbox(memory_mb=200) as box:
        with pytest.raises(ParseError, match=r"^needed more than 200 MB of memory to parse$"):
            await feed(box, body)
        assert await works(box)


async def test_a_document_that_stands_still_is_given_up() -> None:
    """What takes longer than the wall clock allows, be the child at work or stopped, is a ParseError; the next works."""
    async with sandbox(wall_s=1.5, cpu_s=100) as box:
        assert await works(box)
        with pytest.raises(ParseError, match=r"^took longer than 1\.5 seconds to parse$"):
            await feed(box, SLOW)
        assert await works(box)
        (pid,) = children()
        os.kill(pid, signal.SIGSTOP)
        with pytest.raises(ParseError, match="took longer"):
            await feed(box)
        assert gone(pid, within=5)
        assert await works(box)


async def test_a_child_that_is_killed_costs_its_document_alone() -> None:
    """SIGKILL in the middle is a ParseError that says so; SIGKILL of an idle child costs nothing."""
    async with sandbox() as box:
        call = asyncio.create_task(feed(box, SLOW))
        os.kill(await until_busy(), signal.SIGKILL)
        with pytest.raises(ParseError, match=r"the parsing process ended in the middle \(signal 9\)$"):
            await call
        assert await works(box)
        (pid,) = children()
        os.kill(pid, signal.SIGKILL)
        assert gone(pid, within=5)
        await asyncio.sleep(0.2)
        assert await works(box)


# Children


async def test_a_cancelled_call_leaves_the_sandbox_usable() -> None:
    """Cancelling ends the child that was at work: before it is ready, in the middle, and not for one that waits its turn."""
    async with sandbox(children=1) as box:
        for delay in (0.0, 0.01, 0.05):
            early = asyncio.create_task(feed(box))
            await asyncio.sleep(delay)
            early.cancel()
            assert isinstance((await asyncio.gather(early, return_exceptions=True))[0], asyncio.CancelledError)
        busy = asyncio.create_task(feed(box, SLOW))
        pid = await until_busy()
        waiting = asyncio.create_task(feed(box))
        await asyncio.sleep(0)
        waiting.cancel()
        busy.cancel()
        ends = await asyncio.gather(waiting, busy, return_exceptions=True)
        assert all(isinstance(end, asyncio.CancelledError) for end in ends)
        assert gone(pid, within=0)
        assert await works(box)


async def test_a_slow_document_does_not_delay_the_others() -> None:
    """While one document takes all its time the others are parsed, by one child more; one is kept afterwards."""
    async with sandbox() as box:
        slow = asyncio.create_task(feed(box, SLOW))
        await until_busy()
        assert all(await asyncio.gather(*(works(box) for _ in range(20))))
        assert not slow.done()
        assert len(children()) == 2
        slow.cancel()
        await asyncio.gather(slow, return_exceptions=True)
        assert len(children()) == 1


async def test_there_are_never_more_children_than_allowed() -> None:
    """Many documents at once are parsed by two children, of which one is kept."""
    seen: list[int] = []
    async with sandbox() as box:

        async def one() -> bool:
            found = await works(box)
            seen.append(len(children()))
            return found

        assert all(await asyncio.gather(*(one() for _ in range(40))))
        assert max(seen) == 2
        await asyncio.sleep(0)
        assert len(children()) == 1


async def test_no_child_grows_old_or_fat() -> None:
    """After so many documents, and after one that made it grow, a child is replaced."""
    async with sandbox(documents=3) as box:
        pids = []
        for _ in range(7):
            assert await works(box)
            pids += children()
        assert len(set(pids)) == 3
        slim = megabytes(children()[0])
    async with sandbox(kept_mb=slim + 8) as box:
        assert await works(box)
        before = children()
        assert await works(box)
        assert children() == before
        await feed(box, rss(*(Entry(f"t{n}", guid=f"{n}") for n in range(20_000))))
        assert children() == []
        assert await works(box)


async def test_a_child_loads_only_what_its_documents_need() -> None:
    """Before the first document there is no child; feeds load no lxml, and the first page does."""
    async with sandbox() as box:
        assert children() == []
        assert await works(box)
        (pid,) = children()
        assert "lxml" not in says(pid, "maps")
        await box.page(PAGE, content_type=None, url=URL)
        assert "lxml" in says(pid, "maps")


async def test_a_child_has_limits_and_no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    """A child can write no file and start no process, is the kernel's first choice, and knows nothing of our environment."""
    monkeypatch.setenv("WATCHER_TOKEN", "sekr3t")
    async with sandbox() as box:
        assert await works(box)
        (pid,) = children()
        assert "sekr3t" not in says(pid, "environ") + says(pid, "cmdline")
        for limit in (resource.RLIMIT_FSIZE, resource.RLIMIT_CORE, resource.RLIMIT_NPROC):
            assert resource.prlimit(pid, limit) == (0, 0)
        assert resource.prlimit(pid, resource.RLIMIT_AS) == (400_000_000, 400_000_000)
        assert int(says(pid, "oom_score_adj")) == 1000
        assert os.getsid(pid) == pid


async def test_closing_ends_what_is_under_way() -> None:
    """Closing in the middle of documents gives each caller a ParseError at once, and leaves no child."""
    box = Sandbox()
    calls = [asyncio.create_task(attempt(feed(box, SLOW))) for _ in range(3)]
    await until_busy()
    async with asyncio.timeout(5):
        await box.aclose()
        ends = await asyncio.gather(*calls, attempt(feed(box)))
    assert children() == []
    assert {str(end) for end in ends} == {"was not parsed: watcher is shutting down"}


async def test_closing_does_not_wait_for_a_child_that_is_just_being_started() -> None:
    """Closed before the first child stands, the sandbox gives its document up and does not parse it to the end."""
    box = Sandbox()
    call = asyncio.create_task(attempt(feed(box, SLOW)))
    await asyncio.sleep(0)  # the start is under way now, and takes some more turns of the loop
    async with asyncio.timeout(5):
        await box.aclose()
        end = await call
    assert children() == []
    assert str(end) == "was not parsed: watcher is shutting down"


async def test_ending_a_child_is_nothing_to_complain_of(caplog: pytest.LogCaptureFixture) -> None:
    """A child that is ended in the middle of its work leaves no word of asyncio's in the log."""
    for _ in range(5):
        box = Sandbox()
        call = asyncio.create_task(attempt(feed(box, SLOW)))
        await until_busy()
        await box.aclose()
        await call
    assert caplog.records == []


ORPHAN = """
import asyncio, sys
from datetime import UTC, datetime
from pathlib import Path
from watcher.sandbox import Sandbox

async def main():
    box = Sandbox()
    body = b"<rss version='2.0'><channel><title>T</title>" + b"<a/>" * int(sys.argv[1]) + b"</channel></rss>"
    call = asyncio.create_task(box.feed(body, content_type=None, url="", now=datetime.now(UTC)))
    if sys.argv[1] == "1":
        await call
    print("ready", sorted({"feedparser", "trafilatura", "lxml"} & set(sys.modules)), flush=True)
    await asyncio.sleep(60)

asyncio.run(main())
"""


@pytest.mark.parametrize("state", ["idle", "busy", "stopped"])
async def test_a_parent_that_is_killed_leaves_no_child(state: str) -> None:
    """When the daemon is killed, its child is gone at once, be it idle, in the middle of a document, or stopped."""
    times = "1" if state == "idle" else "2000000"
    home = str(Path(sys.modules["watcher"].__file__ or "").parents[1])
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", ORPHAN, times, stdout=asyncio.subprocess.PIPE, env=os.environ | {"PYTHONPATH": home}
    )
    assert parent.stdout is not None
    # In passing: whoever parses in the sandbox does not load the parsers.
    assert await parent.stdout.readline() == b"ready []\n"
    pid = processes.children("watcher.sandbox_child", parent.pid)[0] if state == "idle" else await until_busy(parent.pid)
    if state == "stopped":
        os.kill(pid, signal.SIGSTOP)
    parent.kill()
    assert gone(pid, within=3)
    await parent.wait()


# A child that was taken over

LIAR = """#!{python}
import os, sys, time
sys.stdout.buffer.write(bytes(4))
sys.stdout.buffer.flush()
for _ in range(2):
    sys.stdin.buffer.read(int.from_bytes(sys.stdin.buffer.read(4)))
try:
    sys.stdout.buffer.write({answer})
    sys.stdout.buffer.flush()
except OSError:
    pass
time.sleep({pause})
"""
LIES = {
    "no JSON": ("(5).to_bytes(4) + b'hello'", 60),
    "another link": ('(lambda line: len(line).to_bytes(4) + line)(b\'{"link":"file:///etc/passwd"}\')', 60),
    "an endless answer": ("(2**32 - 1).to_bytes(4) + bytes(50_000_000)", 60),
    "a bit too long": ("(16_000_001).to_bytes(4) + bytes(16_000_001)", 60),
    "half an answer": ("(50).to_bytes(4) + b'{'", 0),
    "half an answer and silence": ("(50).to_bytes(4) + b'{'", 60),
    "silence": ("b''", 60),
    "an end": ("b''", 0),
}


@pytest.mark.parametrize("name", LIES)
async def test_an_answer_that_is_none_is_a_parse_error(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A child that answers with nonsense, too much, too little or nothing is replaced, and its document a ParseError."""
    answer, pause = LIES[name]
    liar = tmp_path / "python"
    liar.write_text(LIAR.format(python=sys.executable, answer=answer, pause=pause), encoding="utf-8")
    liar.chmod(0o755)
    async with sandbox(wall_s=3) as box:
        with monkeypatch.context() as patch:
            patch.setattr(sys, "executable", str(liar))
            with pytest.raises(ParseError, match=r"^(?:was not parsed: |took longer than 3 seconds)"):
                await feed(box)
        assert await works(box)


@pytest.mark.parametrize("program", ["/nonexistent", "/bin/true"])
async def test_a_child_that_cannot_be_started_is_a_parse_error(program: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is no process to be had, or it ends before it is ready, the error says that it is not the document's fault."""
    async with sandbox() as box:
        with monkeypatch.context() as patch:
            patch.setattr(sys, "executable", program)
            with pytest.raises(ParseError, match="could not be started"):
                await feed(box)
        assert await works(box)
