"""Judges a simulated year by what came to the targets and what the papers were asked for: every fault in words.

It has no table of the daemon's but for the state of its store in the end: whole, and with nothing left undelivered.
"""

from __future__ import annotations

import re
import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median

from soaking.expected import Due, dues, overlapping
from soaking.play import Arrival, Pass, Played, Sample
from soaking.press import Line
from soaking.script import DAY, HOUR, ZONE, Film, Paper
from soaking.words import in_words

#: By so much may the daemon's memory differ at the end from that after the first week.
_MEMORY = 0.10
#: A few files and threads come and go with what is under way.
_SPARE = 4
#: A pass may cost so much more at the end than in the beginning: by then more is held, and every minute's headline counts it.
_SLOWER = 2.0

#: A feed that fails for so long is told.
_LONG = 45 * HOUR

#: How the text of a summary ends.
_END_OF_SUMMARY = "From here on"
_HEALTH = re.compile(
    r"^(?:Feeds: |Alerts: )?([^:]+) "
    r"(has failed since|was taken away|has brought nothing since|works again|has taken no alert since|refuses an alert)"
)


@dataclass(slots=True, kw_only=True)
class Row:
    """What became of the alerts for one target."""

    target: str
    expected: int = 0
    arrived: int = 0
    lost: int = 0
    extra: int = 0
    twice: int = 0
    late: int = 0
    repeats: int = 0
    worst: timedelta = timedelta(0)


@dataclass(slots=True, kw_only=True)
class Verdict:
    """The table, the state of the store, and every fault."""

    rows: list[Row]
    faults: list[str]
    integrity: str = ""
    undelivered: int = 0
    dead: int = 0
    tables: dict[str, int] = field(default_factory=dict)
    size: int = 0


def judge(played: Played) -> Verdict:
    """The verdict on a whole year."""
    verdict = Verdict(rows=[], faults=list(played.complaints))
    due = dues(played)
    for target in played.weather.targets:
        row = Row(target=target.name)
        mine = [one for one in due if one.target == target.name]
        came = [arrival for arrival in played.arrivals if arrival.target == target.name]
        verdict.faults += [f"{target.name}: {fault}" for fault in _at(row, mine, came, played)]
        verdict.rows.append(row)
    verdict.faults += _troubles(played)
    jumps = [at for spell, _ in played.weather.offsets for at in (spell.begin, spell.end)]
    for paper in played.script.papers:
        verdict.faults += _manners(paper, played.log, jumps)
    verdict.faults += growth(played.samples, played.passes)
    _look_at_store(verdict, played)
    return verdict


# ---- what came to a target


def _at(row: Row, due: Sequence[Due], arrivals: Sequence[Arrival], played: Played) -> Iterator[str]:
    told: dict[Due, list[Arrival]] = defaultdict(list)
    for arrival in arrivals:
        if not arrival.taken:
            continue
        if not arrival.id:
            yield f"no id: {arrival.title!r}"
        if row.target == "night" and _is_night(arrival):
            yield f"told at night, {arrival.at:%Y-%m-%d %H:%M}: {arrival.title!r}"
        for line in headlines(arrival, played.script.films):
            found = _matching(line, due, arrival, told)
            if found is not None:
                told[found].append(arrival)
            elif not (_HEALTH.match(line) and _is_true(line, arrival, played)):
                row.extra += 1
                yield f"nobody was to be told this, {arrival.at:%Y-%m-%d %H:%M}: {line!r}"
    for one in due:
        row.expected += one.must
        row.arrived += one.must and one in told
        yield from _of_due(row, one, told[one], played)


def _of_due(row: Row, due: Due, came: Sequence[Arrival], played: Played) -> Iterator[str]:
    """The faults in how often and when one alert came."""
    if not came:
        if due.must:
            row.lost += 1
            yield f"never told: {due.headline} (due {due.earliest:%Y-%m-%d %H:%M}, until {due.latest:%Y-%m-%d %H:%M})"
        return
    if came[0].at < due.earliest:
        yield f"told before it was known: {due.headline}, {came[0].at:%Y-%m-%d %H:%M}"
    late = came[0].at - due.latest
    row.worst = max(row.worst, came[0].at - due.earliest)
    if late > timedelta(0):
        row.late += 1
        yield f"told {late} too late, {came[0].at:%Y-%m-%d %H:%M}: {due.headline}"
    for before, again in pairwise(came):
        killed = any(before.at <= kill <= again.at for kill in played.kills)
        row.repeats += 1
        if before.id != again.id or not again.is_marked or not killed:
            row.twice += 1
            yield f"told twice, {before.at:%Y-%m-%d %H:%M} and {again.at:%Y-%m-%d %H:%M}: {due.headline}"


def _matching(line: str, due: Sequence[Due], arrival: Arrival, told: dict[Due, list[Arrival]]) -> Due | None:
    """What this line of an alert tells: of several milestones of one day the last whose time had come."""
    found = [one for one in due if (one.headline == line if one.day is None else _is_milestone(line, one))]
    begun = [one for one in found if one.earliest <= arrival.at]
    if not begun:
        return found[0] if found else None
    last = max(one.earliest for one in begun)
    best = [one for one in begun if one.earliest == last]
    return min(best, key=lambda one: len(told[one]))


def _is_milestone(line: str, due: Due) -> bool:
    assert due.day is not None
    counts = any(line.startswith(f"{due.film} {verb} ") for verb in ("opens", "is out", "opened"))
    return counts and in_words(due.day) in line


def headlines(arrival: Arrival, films: Sequence[Film]) -> list[str]:
    """What an alert tells, a line for each change, milestone, summary or trouble."""
    names = [film.name for film in films]
    found, heading = [], ""
    for line in arrival.text.splitlines():
        heading = next((name for name in names if line == name.upper()), heading)
        if line == _END_OF_SUMMARY:
            own = next((name for name in names if arrival.title.startswith(f"Watching {name}: ")), "")
            found.append(f"Watching {heading or own}")
        elif _is_headline(line, names) or _HEALTH.match(line):
            found.append(line)
    return found or [arrival.title]


def _is_headline(line: str, names: Sequence[str]) -> bool:
    verbs = (": ", " moves to ", " is off the calendar", " opens ", " opened ", " is out ")
    return any(line.startswith(f"{name}{verb}") for name in names for verb in verbs)


def _is_night(arrival: Arrival) -> bool:
    """Whether the machine's clock showed an hour at which this target sleeps."""
    hour = (arrival.at + arrival.offset).astimezone(ZONE).hour
    return hour >= 22 or hour < 8


def _is_true(line: str, arrival: Arrival, played: Played) -> bool:
    """Whether what is told of a feed or a target was so."""
    found = _HEALTH.match(line)
    assert found is not None
    name, what, at = found[1].strip("“”"), found[2], arrival.at
    paper = next((p for p in played.script.papers if p.outlet == name), None)
    if paper is None:
        return name in played.weather.outages and bool(overlapping(played.weather.outages[name], at - 8 * DAY, at))
    if what == "was taken away":
        return paper.gone is not None and paper.gone <= at
    if what == "has brought nothing since":
        return paper.a_day <= 1
    if what == "works again" and paper.a_day <= 1:
        return True
    return any(spell.length > 5 * HOUR for spell in overlapping(played.weather.feeds[paper.number], at - 12 * DAY, at))


def _troubles(played: Played) -> Iterator[str]:
    """Feeds that failed for long, or were taken away, and of which whoever asks for that did not hear once."""
    told: list[tuple[datetime, str]] = []
    for arrival in played.arrivals:
        if arrival.target == "hook" and arrival.taken:
            told += [(arrival.at, line) for line in headlines(arrival, played.script.films) if _HEALTH.match(line)]
    blocked = [*played.weather.outages["hook"], *played.weather.asleep, *(spell for spell, _ in played.weather.offsets)]
    for paper in played.script.papers:
        for spell in played.weather.feeds[paper.number]:
            is_long = spell.kind not in ("slow", "away") and spell.length >= _LONG and paper.moved is None
            if is_long and paper.is_read(spell.end) and not overlapping(blocked, spell.begin, spell.end + DAY):
                count = sum(spell.begin <= at <= spell.end + DAY and f"{paper.outlet} has failed since" in t for at, t in told)
                if count != 1 and paper.since < spell.begin:
                    yield f"told {count} times that {paper.outlet} has failed since {spell.begin:%Y-%m-%d %H:%M} ({spell.kind})"
        if paper.gone is not None and sum(f"{paper.outlet} was taken away" in line for _, line in told) != 1:
            yield f"not told once that {paper.outlet} was taken away"


# ---- how the papers were asked


def _manners(paper: Paper, log: Sequence[Line], jumps: Sequence[datetime]) -> Iterator[str]:
    """Requests that came too early, or without the validators that had been given."""
    before: Line | None = None
    held: str | None = None
    for line in (line for line in log if line.path == f"/feed{paper.number}"):
        where = f"{line.path} at {line.at:%Y-%m-%d %H:%M}"
        jumped = before is not None and any(before.at <= at <= line.at for at in jumps)
        if before is not None and not jumped and (least := _least(paper, before)) > line.at - before.at:
            yield f"{where}: asked {least - (line.at - before.at)} too early, after status {before.status}"
        if before is not None and before.status == 410:
            yield f"{where}: asked again though it is gone"
        if line.sent != held and before is not None and not line.doubtful and not before.doubtful:
            yield f"{where}: sent the validator {line.sent}, and had been given {held}"
        if line.status in (200, 304):
            held = line.given
        elif line.status in (301, 302):
            held = None
        before = line


def _least(paper: Paper, before: Line) -> timedelta:
    """How long a paper must be left alone after an answer."""
    every = timedelta(hours=int(paper.every.rstrip("h")))
    if before.doubtful:
        return timedelta(0)
    if before.wish is not None:
        return timedelta(seconds=before.wish)
    if before.status == 0:
        return timedelta(minutes=1)
    return max(every, 4 * HOUR) if before.status == 403 else every - timedelta(minutes=1)


# ---- what the daemon costs


def growth(samples: Sequence[Sample], passes: Sequence[Pass]) -> Iterator[str]:
    """What grew though it should not: memory, open files, threads, the time for a pass."""
    if not samples:
        return
    begin, end = samples[0].at, samples[-1].at
    if end - begin < 20 * DAY:
        return
    first, last = week(samples, begin + 5 * DAY, begin + 7 * DAY), week(samples, end - 2 * DAY, end)
    was, now = median(s.alone for s in first), median(s.alone for s in last)
    if now > was * (1 + _MEMORY):
        yield f"memory grew from {was / 1e6:.1f} to {now / 1e6:.1f} MB"
    for name in ("files", "threads"):
        before, after = (max(getattr(s, name) for s in several) for several in (first, last))
        if after > before + _SPARE:
            yield f"{name} grew from {before} to {after}"
    cheap, dear = (median(p.cpu for p in several) for several in months(passes))
    if dear > cheap * _SLOWER:
        yield f"a pass costs {dear:.1f} ms of processor in the last month, and cost {cheap:.1f} in the first"


def week(samples: Sequence[Sample], begin: datetime, end: datetime) -> list[Sample]:
    """The samples of a time; the nearest, where there are none."""
    return [s for s in samples if begin <= s.at <= end] or [min(samples, key=lambda s: abs(s.at - begin))]


def months(passes: Sequence[Pass]) -> tuple[list[Pass], list[Pass]]:
    """The passes of the first month, without its first days, and of the last."""
    begin, end = passes[0].at, passes[-1].at
    month = min(30 * DAY, (end - begin) / 3)
    return [p for p in passes if begin + DAY < p.at < begin + month], [p for p in passes if p.at > end - month]


def _look_at_store(verdict: Verdict, played: Played) -> None:
    """Whether the store is whole, and whether anything is left in the outbox."""
    uri = f"{played.database.absolute().as_uri()}?mode=ro"
    with closing(sqlite3.connect(uri, uri=True)) as db:
        verdict.integrity = str(db.execute("PRAGMA integrity_check(1)").fetchone()[0])
        broken = db.execute("PRAGMA foreign_key_check").fetchall()
        tables = [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
        verdict.tables = {t: db.execute(f'SELECT count(*) FROM "{t}"').fetchone()[0] for t in tables}
        verdict.undelivered = db.execute("SELECT count(*) FROM outbox WHERE delivery IS NULL AND dropped IS NULL").fetchone()[0]
        verdict.dead = db.execute("SELECT count(*) FROM delivery WHERE state = 'dead'").fetchone()[0]
    verdict.size = played.database.stat().st_size
    if verdict.integrity != "ok" or broken:
        verdict.faults.append(f"the store is damaged: {verdict.integrity}, {len(broken)} rows that refer to nothing")
    if verdict.undelivered:
        verdict.faults.append(f"{verdict.undelivered} rows of the outbox wait for ever")
    if verdict.dead:
        verdict.faults.append(f"{verdict.dead} deliveries were given up")
