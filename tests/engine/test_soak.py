"""Some simulated days of the daemon's life, and an umpire who finds what is wrong with them; a year in `tests/bench/soak.py`."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from soaking.play import Arrival, Pass, Played, Sample, Year
from soaking.script import BEGIN, DAY, HOUR, write
from soaking.umpire import growth, judge
from soaking.weather import make_weather

DAYS, FEEDS = 12, 6

#: The same days each time, so that a failure can be looked into; `tests/bench/soak.py` plays any others.
SEED = 465361


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    """Twelve days with six feeds: kills, outages, wrong clocks, reloads."""
    script = write(SEED, DAYS, FEEDS)
    return asyncio.run(Year(script, make_weather(script), tmp_path_factory.mktemp("soak")).play())


# Some starts of the whole program and hundreds of passes: on a busy machine that is a minute.
@pytest.mark.timeout(300)
def test_simulated_days_tell_what_their_script_says(played: Played) -> None:
    """In twelve days of news, faults, kills and wrong clocks each target is told what happened, each thing once and in time."""
    verdict = judge(played)
    assert verdict.faults == []
    assert all(row.expected and row.arrived == row.expected for row in verdict.rows)
    assert played.kills or played.restarts > 1
    assert len(played.log) > 50 * FEEDS


def told(played: Played) -> Arrival:
    """An alert of one change, to the target without hours of its own, with nothing beside it."""
    headlines = {event.headline for event in played.script.events}
    return next(a for a in played.arrivals if a.target == "hook" and a.taken and a.title in headlines)


def with_arrivals(played: Played, change: Callable[[list[Arrival]], None]) -> Played:
    """The same days with other arrivals."""
    arrivals = list(played.arrivals)
    change(arrivals)
    return replace(played, arrivals=arrivals)


def test_umpire_misses_an_alert_that_never_came(played: Played) -> None:
    """An alert that is taken out of what came is missed, and one that was not taken too."""
    lost = told(played)
    assert any("never told" in f for f in judge(with_arrivals(played, lambda all_: all_.remove(lost))).faults)
    refused = replace(lost, taken=False)
    assert any("never told" in f for f in judge(with_arrivals(played, lambda a: a.__setitem__(a.index(lost), refused))).faults)


def test_umpire_sees_what_came_twice_or_to_nobodys_surprise(played: Played) -> None:
    """An alert that comes again without a kill, under another id, unmarked, or that the script does not know is a fault."""
    once = told(played)
    again = replace(once, at=once.at + HOUR)
    assert any("told twice" in f for f in judge(with_arrivals(played, lambda a: a.append(again))).faults)
    killed = replace(played, kills=[once.at + HOUR / 2])
    assert any("told twice" in f for f in judge(with_arrivals(killed, lambda a: a.append(again))).faults)
    marked = replace(again, text=f"This may be a repeat: we do not know.\n{again.text}")
    assert not any("told twice" in f for f in judge(with_arrivals(killed, lambda a: a.append(marked))).faults)
    other = replace(marked, id="another-0123456789")
    assert any("told twice" in f for f in judge(with_arrivals(killed, lambda a: a.append(other))).faults)
    film = played.script.films[0].name
    for title in (
        f"{film} moves to May 1, 2031 (was May 2, 2031)",
        f"{film}: correction: opens May 1, 2031",
        "A stranger's words",
    ):
        stranger = replace(once, title=title, text="", id="new-0123456789")
        assert any(title in f for f in judge(with_arrivals(played, lambda a, s=stranger: a.append(s))).faults)  # type: ignore[misc]


def test_umpire_sees_what_came_at_the_wrong_time(played: Played) -> None:
    """An alert that comes before its news was given out, long after, without an id, or in quiet hours is a fault."""
    once = told(played)

    def faults(change: Arrival) -> list[str]:
        return judge(with_arrivals(played, lambda a: a.__setitem__(a.index(once), change))).faults

    assert any("before it was known" in f for f in faults(replace(once, at=once.at - 2 * DAY)))
    assert any("too late" in f for f in faults(replace(once, at=once.at + 4 * DAY)))
    assert any("no id" in f for f in faults(replace(once, id="")))
    sleeper = next(a for a in played.arrivals if a.target == "night" and a.taken)
    midnight = replace(sleeper, at=sleeper.at.replace(hour=5), offset=timedelta(0))
    assert any("at night" in f for f in judge(with_arrivals(played, lambda a: a.append(midnight))).faults)


def test_umpire_sees_bad_manners(played: Played) -> None:
    """A feed that is asked again within minutes, or without the validator that it gave, is a fault."""
    first = next(line for line in played.log if line.path.startswith("/feed") and line.status == 304 and not line.doubtful)
    number = played.log.index(first)
    early = replace(first, at=first.at + timedelta(minutes=10))
    assert any(
        "too early" in f for f in judge(replace(played, log=[*played.log[: number + 1], early, *played.log[number + 1 :]])).faults
    )
    forgotten = replace(first, sent=None)
    assert any(
        "validator" in f for f in judge(replace(played, log=[*played.log[:number], forgotten, *played.log[number + 1 :]])).faults
    )


def test_umpire_looks_at_the_log_and_the_store(played: Played, tmp_path: Path) -> None:
    """What the daemon's own log complains of is a fault, and so is what waits in the store for ever."""
    assert any("a pass failed" in f for f in judge(replace(played, complaints=["ERROR a pass failed"])).faults)
    copy = tmp_path / "watcher.db"
    source = sqlite3.connect(played.database)
    target = sqlite3.connect(copy)
    source.backup(target)
    with target:
        target.execute(
            "INSERT INTO outbox (target, title, subject, kind, needs, not_before, created_at) "
            "VALUES ('hook', '', 'x', 'change', 'reported', '2026', '2025')"
        )
    source.close()
    target.close()
    assert any("wait for ever" in f for f in judge(replace(played, database=copy)).faults)


def samples(**last: int) -> list[Sample]:
    """A month of samples that are all alike but for the last two days."""
    usual = Sample(at=BEGIN, pid=1, family=100_000_000, alone=60_000_000, files=12, threads=5, store=1)
    at = [replace(usual, at=BEGIN + day * DAY) for day in range(31)]
    return [*at[:-3], *(replace(one, **last) for one in at[-3:])]


def passes(last: float) -> list[Pass]:
    """A month of passes."""
    return [Pass(at=BEGIN + n * DAY, ms=10, cpu=5 if n < 20 else last) for n in range(31)]


def test_umpire_sees_what_grows() -> None:
    """More memory, files, threads or time for a pass than at the beginning is a fault; a little more is none."""
    assert list(growth(samples(alone=65_000_000, files=14, threads=6), passes(6))) == []
    for last, what in (({"alone": 67_000_000}, "memory"), ({"files": 40}, "files"), ({"threads": 20}, "threads")):
        assert [what in fault for fault in growth(samples(**last), passes(5))] == [True]
    assert ["a pass costs" in fault for fault in growth(samples(), passes(12))] == [True]
