"""The real daemon under a clock that is set: an hour back, days and years forward, and a machine that slept."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import pytest
from daemons import QUIET, TAKEN, YEAR, Running, feed, hook, news, one_value, running, settings, told, wait_until
from feedserver import Answer, FeedServer
from invariants import asked, check
from movedclock import clock_that_moves, moved
from processes import Home
from stopped import quick


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A feed that is asked each second and one that is asked each hour, and whose clock they all follow."""

    server: FeedServer
    home: Home
    clock: Path

    def set(self, off: str) -> None:
        """Set the clock so far off."""
        self.clock.write_text(off, encoding="ascii")

    def polls(self, path: str) -> int:
        """How often a feed was asked."""
        return len(self.server.asked(path))


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """A watcher that has learned, and whose alerts are refused at first."""
    clock = clock_that_moves(tmp_path / "clock")
    with FeedServer() as server:
        quick, slow = server.answer("/quick", QUIET), server.answer("/slow", QUIET)
        server.answer("/hook", Answer(status=503, headers={"Retry-After": "3600"}))
        home = Home(
            tmp_path, settings(quick, slow, more=hook(server)).replace('every = "1s"', 'every = "1h"').replace("1h", "1s", 1)
        )
        assert asked(home, "poll").returncode == 0
        yield Place(server=server, home=home, clock=clock)


def lively(place: Place) -> AbstractContextManager[Running]:
    """The daemon, under this clock, and looking often."""
    command = quick(["--config", str(place.home.config), "run"])
    # The file is looked at once a second: each time that somebody asks for the time would keep the processor busy.
    seldom = {"FAKETIME_NO_CACHE": "0", "FAKETIME_CACHE_DURATION": "1"}
    return running(place.home, command=command, environ=moved(place.clock) | seldom)


def go_on(place: Place) -> None:
    """Wait until the quick feed was asked some times more, and see that it was not asked in a burst."""
    polled, began = place.polls("/quick"), time.monotonic()
    wait_until(lambda: place.polls("/quick") >= polled + 3, "polls after the clock was set")
    # Once a second, and once more for the clock that was set; a burst would be a poll for each second of a day.
    assert place.polls("/quick") - polled <= 2 * (time.monotonic() - began) + 5


def refused(place: Place, tries: int) -> None:
    """Wait until the target has refused so many tries and the last is on record: by its moment the next one is due."""
    wait_until(lambda: place.polls("/hook") >= tries, "the try")
    wait_until(lambda: one_value(place.home, "SELECT count(*) FROM delivery WHERE state = 'pending'") == 1, "its record")


@pytest.mark.parametrize(
    ("off", "there", "back"), [("-1h", (0, 0), (1, 0)), ("+3d", (1, 1), (1, 2)), ("+3650d", (1, 1), (1, 2))], ids=str
)
def test_clock_that_is_set_stops_nothing_and_hurries_nothing(
    place: Place, off: str, there: tuple[int, int], back: tuple[int, int]
) -> None:
    """Set back an hour or forward by days and years, and right again, what is due by the new clock is done once and no more."""
    # Of the feed that is asked each hour, and of the target that asked for an hour of rest: a rest of days nobody asked for.
    with lively(place) as daemon:
        place.server.answer("/quick", feed(news()))
        refused(place, 1)
        slow, tried = place.polls("/slow"), place.polls("/hook")
        for clock, due in ((off, there), ("+0", back)):
            place.set(clock)
            wait_until(lambda due=due: place.polls("/slow") >= slow + due[0], "the feed that is due")
            refused(place, tried + due[1])
            go_on(place)
            assert (place.polls("/slow") - slow, place.polls("/hook") - tried) == due
        assert daemon.stop() == 0
        assert check(place.home, daemon.said)["daemon"]["running"] is False


def test_machine_that_slept_for_a_night_makes_one_pass(place: Place) -> None:
    """After eight hours of sleep each feed is asked once, what waited for a target leaves once, and all goes on as before."""
    with lively(place) as daemon:
        place.server.answer("/quick", feed(news()))
        refused(place, 1)
        slow, tried = place.polls("/slow"), place.polls("/hook")
        daemon.process.send_signal(signal.SIGSTOP)
        place.set("+8h")
        place.server.answer("/hook", TAKEN)
        # What sleeps has no time: a moment of it is as good as a night.
        time.sleep(1)
        daemon.process.send_signal(signal.SIGCONT)
        wait_until(lambda: place.polls("/slow") > slow, "the feed that is due")
        wait_until(lambda: one_value(place.home, "SELECT count(*) FROM delivery WHERE state = 'sent'") == 1, "the alert")
        go_on(place)
        assert (place.polls("/slow") - slow, place.polls("/hook") - tried) == (1, 1)
        assert daemon.stop() == 0
        check(place.home, daemon.said)
    (alert,) = told(place.server.asked("/hook")[tried:])
    assert f"May 14, {YEAR}" in alert.title
