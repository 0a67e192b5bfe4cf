"""The daemon killed with SIGKILL over and over: no alert is lost, none comes twice unsaid; large in `tests/bench/crash.py`."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from arrivals import Arrival, Inbox
from crashing import Life, Played, kill_over_and_over, script
from umpire import judge

ALERTS = script(2)
FIRST, SECOND = ALERTS
MARK = "This may be a repeat: nobody knows."


# Seven starts of the whole program: on a busy machine that is a minute.
@pytest.mark.timeout(300)
async def test_killed_daemon_loses_no_alert_and_marks_what_it_repeats(tmp_path: Path) -> None:
    """Killed at six random moments or more, the daemon tells every alert to three targets, twice only where it could not know."""
    seed = random.randrange(1_000_000)
    played = await kill_over_and_over(tmp_path, alerts=12, kills=6, seed=seed, longest=1.5)
    verdict = judge(played)
    assert verdict.faults == (), f"seed {seed}"
    assert [(row.expected, row.arrived) for row in verdict.rows] == [(12, 12)] * 3
    assert sum(life.killed is not None for life in played.lives) >= 6


def came(at: float, alert: int = 0, *, name: str | None = None, marked: bool = False, taken: bool = True) -> Arrival:
    """An alert that arrived and was answered soon after."""
    told = ALERTS[alert]
    text = f"{MARK if marked else ''}\n{told.words}, US cinemas."
    name = name or f"film-{alert}-0123456789"
    title = f"{told.name}: opens {told.words}"
    return Arrival(target="hook", id=name, title=title, text=text, at=at, answered=at + 0.01, taken=taken)


def played(*arrivals: Arrival) -> Played:
    """Two lives: one from 0 to the kill at 10, one from 20 on, and what came to the one target."""
    inbox = Inbox(target="hook", chance=random.Random(0), slow=0, came=asyncio.Event(), arrivals=list(arrivals))
    lives = [Life(began=-1, ready=0, killed=10), Life(began=11, killed=12), Life(began=19, ready=20)]
    return Played(alerts=ALERTS, inboxes=[inbox], came=inbox.came, lives=lives, integrity="ok", status=0)


@pytest.mark.parametrize(
    "arrivals",
    [
        (came(1), came(2, 1)),
        (came(1), came(9, 1), came(21, 1, marked=True)),
        (came(1), came(10.2, 1), came(21, 1, marked=True)),
        (came(1), came(9, 1, marked=True), came(21, 1)),
        (came(1, taken=False), came(2, 1), came(3)),
    ],
    ids=("all once", "repeated over the kill", "first copy just after the kill", "marked first", "refused, then taken"),
)
def test_umpire_lets_pass_what_cannot_be_helped(arrivals: Sequence[Arrival]) -> None:
    """Whatever came once, or again and marked after a kill before which nothing else came, is no fault."""
    assert judge(played(*arrivals)).faults == ()


@pytest.mark.parametrize(
    ("arrivals", "fault"),
    [
        ((came(1),), "never told"),
        ((came(1), came(2, 1, taken=False)), "never told"),
        ((came(1), came(9, 1), came(21, 1)), "2 of them without a mark"),
        ((came(1), came(9, 1), came(21, marked=True)), "lived to note the first time"),
        ((came(1), came(21, 1), came(22, 1, marked=True)), "lived to note the first time"),
        ((came(1), came(9, 1), came(21, 1, name="film-9-0123456789", marked=True)), "several ids"),
        ((came(1), came(2, 1, name="film-0-0123456789")), "several films"),
        ((came(1), replace(came(2, 1), title=SECOND.name, text="Some day.")), "nobody was to be told"),
        ((came(1), came(2, 1), replace(came(3), title="A stranger")), "nobody was to be told"),
        ((came(1), replace(came(2, 1), id="")), "no id"),
    ],
    ids=("lost", "refused", "unmarked", "noted", "no kill", "two ids", "one id for two", "other date", "stranger", "no id"),
)
def test_umpire_sees_every_fault(arrivals: Sequence[Arrival], fault: str) -> None:
    """An alert that is lost, repeated unsaid or without need, or told under another name or in other words is a fault."""
    assert any(fault in one for one in judge(played(*arrivals)).faults)


def test_umpire_looks_at_what_is_left_behind() -> None:
    """A damaged store, rows that wait for ever, children that outlive the daemon and a bad end are faults."""
    well = played(came(1), came(2, 1))
    assert judge(well).faults == ()
    for change in ({"integrity": "row missing"}, {"undelivered": 1}, {"orphans": [4]}, {"status": 1}):
        assert len(judge(replace(well, **change)).faults) == 1  # type: ignore[arg-type]
