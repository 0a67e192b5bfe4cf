"""SIGKILL at every step of the line, exactly there: after a restart everything is told, twice only where nobody could know.

What must hold is seen at the receiver. `tests/bench/crash.py` does the same at random moments, in numbers.
"""

from __future__ import annotations

import shutil
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from daemons import QUIET, TAKEN, YEAR, feed, hook, news, one_value, running, settings, told, wait_until, written
from feedserver import Answer, Asked, Entry, FeedServer
from invariants import asked, check, check_store
from pages import page
from processes import Home
from stopped import Step, quick

_STORE = "watcher.store.store:Store"
_OUTBOX = "watcher.store.outbox:Outbox"
_SENDING = "watcher.sending:Sending"
_FETCH = "watcher.fetch.client:Fetcher.fetch"
_STATEMENT = "sqlite_utils:Database.execute"
_NOTICE = f"{_STORE}._write_notice"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A step; what is `kept` of the article when the process dies there, how often the alert had `left`, and how it comes then.

    `marked` says whether the alert after the restart warns of a repeat.
    """

    name: str
    step: Step
    kept: bool = False
    left: int = 0
    again: int = 1
    marked: bool = False


CASES = (
    Case(name="before the fetch", step=Step(at=_FETCH, when="before")),
    Case(name="after the fetch", step=Step(at=_FETCH, when="after")),
    Case(name="before the parse", step=Step(at="watcher.parsing:Parser.feed", when="before")),
    Case(name="after the parse", step=Step(at="watcher.parsing:Parser.feed", when="after")),
    Case(name="read, before BEGIN", step=Step(at="watcher.learn:_read_new", when="after", brings=True)),
    Case(name="after BEGIN", step=Step(at=_STATEMENT, when="after", last="BEGIN IMMEDIATE", armed="watcher.learn:_read_new")),
    Case(name="the feed's validators are in", step=Step(at="watcher.store.manyrows:upsert", when="after")),
    Case(name="items are in", step=Step(at=f"{_STORE}._write_versions", when="after")),
    Case(name="readings are in", step=Step(at=f"{_STORE}._write_reading", when="after")),
    Case(name="facts are in", step=Step(at=f"{_STORE}._write_marks", when="before")),
    Case(name="changes are in, the outbox is not", step=Step(at=_NOTICE, when="before")),
    Case(name="the outbox is in", step=Step(at=_NOTICE, when="after")),
    Case(name="before COMMIT", step=Step(at=_STATEMENT, when="before", last="COMMIT", armed=_NOTICE)),
    Case(name="after COMMIT", step=Step(at=_STATEMENT, when="after", last="COMMIT", armed=_NOTICE), kept=True),
    Case(name="within the claim", step=Step(at=f"{_OUTBOX}._delivery", when="after"), kept=True),
    Case(name="after the claim", step=Step(at=f"{_OUTBOX}.claim", when="after", brings=True), kept=True, marked=True),
    Case(name="before the send", step=Step(at="watcher.send:Sender.send", when="before"), kept=True, marked=True),
    Case(name="after the send", step=Step(at="watcher.send:Sender.send", when="after"), kept=True, left=1, marked=True),
    Case(name="recorded, before COMMIT", step=Step(at=f"{_OUTBOX}.sent", when="after"), kept=True, left=1, marked=True),
    Case(name="after the record", step=Step(at=f"{_SENDING}._record", when="after"), kept=True, left=1, again=0),
)

PAGES = (
    Case(name="after the page is claimed", step=Step(at="watcher.follow:claim", when="after", brings=True), kept=True),
    Case(name="after the page came", step=Step(at="watcher.fetch.pages:PageFetcher.fetch", when="after"), kept=True),
    Case(name="before the page is kept", step=Step(at="watcher.follow:take_page", when="before"), kept=True),
    Case(name="its alert is in, before COMMIT", step=Step(at=_STATEMENT, when="before", last="COMMIT", armed=_NOTICE), kept=True),
    Case(name="after the page is kept", step=Step(at="watcher.follow:take_page", when="after"), kept=True),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A server, and a home whose watcher has finished its silent first pass."""

    server: FeedServer
    home: Home


@pytest.fixture(scope="module")
def learned(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """One place for all: its state is copied, never used."""
    with FeedServer() as server:
        url = server.answer("/feed", QUIET)
        server.answer("/hook", TAKEN)
        home = Home(tmp_path_factory.mktemp("learned"), settings(url, more=hook(server), pages=True))
        assert asked(home, "poll").returncode == 0
        yield Place(server=server, home=home)


@pytest.fixture
def place(learned: Place, tmp_path: Path) -> Place:
    """A copy of the learned state, for one death."""
    home = Home(tmp_path)
    home.config.write_text(
        learned.home.config.read_text(encoding="utf-8").replace(str(learned.home.path), str(tmp_path)), "utf-8"
    )
    shutil.copytree(learned.home.path / "state", tmp_path / "state")
    learned.server.answer("/feed", QUIET)
    return Place(server=learned.server, home=home)


def posts(place: Place, since: int) -> list[Asked]:
    """What came to the webhook since."""
    return place.server.asked("/hook")[since:]


def words(place: Place) -> list[str]:
    """What `watcher` is called with."""
    return ["--config", str(place.home.config), "run"]


def die(place: Place, step: Step) -> None:
    """Run the daemon until it dies at this step."""
    with running(place.home, command=step.command(words(place))) as daemon:
        assert daemon.process.wait(60) == -signal.SIGKILL, daemon.said
    check_store(place.home.database)


def live_on(place: Place, *, since: int, count: int) -> str:
    """Run the daemon until so many alerts have come and it has asked its feed twice more; returns its log."""
    with running(place.home, command=quick(words(place))) as daemon:
        wait_until(lambda: len(posts(place, since)) >= count, "the alert")
        polled = len(place.server.asked("/feed"))
        wait_until(lambda: len(place.server.asked("/feed")) >= polled + 2, "two polls more")
        wait_until(lambda: one_value(place.home, "SELECT count(*) FROM delivery WHERE state <> 'sent'") == 0, "the record")
        assert daemon.stop() == 0
        return daemon.said


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_killed_at_a_step_of_the_line_it_tells_the_news_all_the_same(place: Place, case: Case) -> None:
    """Wherever a poll or a send is cut off, nothing is half stored and the alert comes; again, marked, only if it had left."""
    since = len(place.server.asked("/hook"))
    place.server.answer("/feed", feed(news()))
    die(place, case.step)
    assert one_value(place.home, "SELECT count(*) FROM item") == int(case.kept)
    assert one_value(place.home, "SELECT count(*) FROM outbox") == int(case.kept)
    assert one_value(place.home, "SELECT etag FROM feed") == ('"one"' if case.kept else '"quiet"')
    assert len(posts(place, since)) == case.left
    polled = len(place.server.asked("/feed"))
    log = live_on(place, since=since, count=case.left + case.again)
    # What was not kept is asked for with the validators of what was.
    assert place.server.asked("/feed")[polled].headers["if-none-match"] == ('"one"' if case.kept else '"quiet"')
    alerts = told(posts(place, since))
    assert len(alerts) == case.left + case.again
    assert len({alert.id for alert in alerts}) == 1
    assert [alert.is_marked for alert in alerts] == [False] * case.left + [case.marked] * case.again
    assert all(f"May 14, {YEAR}" in f"{alert.title} {alert.text}" for alert in alerts)
    assert [(target["name"], target["waiting"]) for target in check(place.home, log)["targets"]] == [("hook", 0)]


@pytest.mark.parametrize("case", PAGES, ids=lambda case: case.name)
def test_killed_while_it_follows_a_link_it_reads_the_page_all_the_same(place: Place, case: Case) -> None:
    """Wherever the way to a linked page is cut off, the page is read when its lease is over, and its date is told once."""
    since = len(place.server.asked("/hook"))
    link = place.server.url("/article")
    text = f"Northwind Pictures said that Harbor Lights opens in theaters on May 14, {YEAR}, after a year of waiting."
    place.server.answer("/article", Answer(page("Harbor Lights is dated", [text]).encode(), content_type="text/html"))
    teaser = news(link=link)
    place.server.answer("/feed", feed(Entry("Harbor Lights gets a release date", "Read on.", "one", link, teaser.published)))
    die(place, case.step)
    assert one_value(place.home, "SELECT count(*) FROM item") == 1
    assert posts(place, since) == []
    # As if a quarter of an hour had passed: the lease of a page that nobody reads any more is over.
    written(place.home, f"UPDATE page SET due_at = '{time.strftime('%Y-%m-%d')}' WHERE state = 'due'")
    log = live_on(place, since=since, count=1)
    (alert,) = told(posts(place, since))
    assert (alert.is_marked, f"May 14, {YEAR}" in f"{alert.title} {alert.text}") == (False, True)
    check(place.home, log)


def test_killed_again_while_it_starts_it_forgets_nothing(place: Place) -> None:
    """Killed after a claim, and again while the next start marks what was left behind, it tells the alert once, marked."""
    since = len(place.server.asked("/hook"))
    place.server.answer("/feed", feed(news()))
    die(place, Step(at=f"{_OUTBOX}.claim", when="after", brings=True))
    die(place, Step(at=_STATEMENT, when="before", last="COMMIT", armed="watcher.engine:Engine._configure"))
    die(place, Step(at=f"{_OUTBOX}.recover", when="after", brings=True))
    log = live_on(place, since=since, count=1)
    assert [alert.is_marked for alert in told(posts(place, since))] == [True]
    check(place.home, log)
