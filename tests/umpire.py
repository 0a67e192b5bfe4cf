"""Judges what came to the receivers while the daemon was killed over and over: what was lost, and what came twice.

An alert may come twice through one window only, which nobody can close: the daemon dies after the receiver has the alert and
before it could write that down. Then nothing else came to this target before that death, and what came again says that it may
be a repeat. Whatever came twice otherwise is a fault, like whatever never came.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from arrivals import Arrival
from crashing import Alert, Life, Played


@dataclass(slots=True, kw_only=True)
class Row:
    """What became of the alerts for one target. `gaps` are seconds from a first copy's answer to the kill, None: no answer."""

    target: str
    expected: int
    arrived: int = 0
    lost: int = 0
    repeated: int = 0
    unmarked: int = 0
    refused: int = 0
    marked_first: int = 0
    in_window: int = 0
    gaps: list[float | None] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The table, and every fault in words."""

    rows: tuple[Row, ...]
    faults: tuple[str, ...]


def judge(played: Played) -> Verdict:
    """The verdict on a whole play."""
    faults, rows = list(_afterwards(played)), []
    for inbox in played.inboxes:
        row = Row(target=inbox.target, expected=len(played.alerts))
        faults += [f"{inbox.target}: {fault}" for fault in _at(row, played.alerts, inbox.arrivals, played.lives)]
        rows.append(row)
    return Verdict(rows=tuple(rows), faults=tuple(faults))


def _at(row: Row, alerts: Sequence[Alert], arrivals: Sequence[Arrival], lives: Sequence[Life]) -> Iterator[str]:
    """The faults at one target."""
    row.refused = sum(not arrival.taken for arrival in arrivals)
    copies: dict[str, list[int]] = defaultdict(list)
    for number, arrival in enumerate(arrivals):
        about = [alert for alert in alerts if alert.name in arrival.title]
        if len(about) != 1 or about[0].words not in f"{arrival.title} {arrival.text}":
            yield f"nobody was to be told this: {arrival.title!r}"
        elif not arrival.id:
            yield f"no id in what was told of {about[0].name}"
        elif arrival.taken:
            copies[about[0].name].append(number)
    names = Counter(name for found in copies.values() for name in {arrivals[number].id for number in found})
    yield from (f"{name} stands in alerts about several films" for name, times in names.items() if times > 1)
    for alert in alerts:
        found = copies.get(alert.name, [])
        row.arrived += bool(found)
        row.lost += not found
        if not found:
            yield f"never told: {alert.name}"
            continue
        row.marked_first += arrivals[found[0]].is_marked
        yield from _repeats(row, alert, found, arrivals, lives)


def _repeats(row: Row, alert: Alert, found: Sequence[int], arrivals: Sequence[Arrival], lives: Sequence[Life]) -> Iterator[str]:
    """The faults in how often one alert came to one target; `found` are the numbers of its copies, in order."""
    row.repeated += len(found) > 1
    unmarked = sum(not arrivals[number].is_marked for number in found)
    if len({arrivals[number].id for number in found}) > 1:
        yield f"told under several ids: {alert.name}"
    if unmarked > 1:
        row.unmarked += unmarked - 1
        yield f"told {len(found)} times, {unmarked} of them without a mark: {alert.name}"
    for first in found[:-1]:
        life = _life(arrivals[first], lives)
        if life.killed is None or _life(arrivals[first + 1], lives) is life:
            yield f"told again though the daemon lived to note the first time: {alert.name}"
            continue
        row.in_window += 1
        answered = arrivals[first].answered
        row.gaps.append(life.killed - answered if answered is not None and answered <= life.killed else None)


def _life(arrival: Arrival, lives: Sequence[Life]) -> Life:
    """The life in which something was sent: what comes after a kill, before the next daemon is ready, is the dead one's."""
    ready = [life for life in lives if life.ready is not None]
    return ready[max(bisect_right([life.ready or 0 for life in ready], arrival.at) - 1, 0)]


def _afterwards(played: Played) -> Iterator[str]:
    """What is wrong when all is over."""
    if played.integrity != "ok":
        yield f"the store is damaged: {played.integrity}"
    if played.undelivered:
        yield f"{played.undelivered} rows of the outbox are neither sent nor dropped"
    if played.orphans:
        yield f"{len(played.orphans)} children live on without the daemon"
    if played.status != 0:
        yield f"the last daemon ended with status {played.status}"
