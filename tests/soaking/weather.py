"""What goes wrong in a simulated year, and when: feeds and targets, the clock, the machine, its disk, and who stops the daemon.

Written from the seed like the news. The first week and the last third of the year run in one process each, so that what it
holds in memory can be compared.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from soaking.script import BEGIN, CALM, DAY, HOUR, Script

#: How a feed is in trouble; what each does is in `press`.
FEED_TROUBLES = ("500", "503", "429", "403", "hangs-up", "cut", "page", "slow", "away")
#: How a target is.
TARGET_TROUBLES = ("503", "busy", "drops")

#: Between two troubles of one feed there is so much time that each is told by itself.
_APART = 4 * DAY


@dataclass(frozen=True, slots=True, kw_only=True)
class Spell:
    """From when until when something is so."""

    begin: datetime
    end: datetime
    kind: str = ""

    def __contains__(self, at: datetime) -> bool:
        return self.begin <= at < self.end

    @property
    def length(self) -> timedelta:
        """How long it lasts."""
        return self.end - self.begin


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Somebody who is told: what, when, and of which films (all, where none are named)."""

    name: str
    on: tuple[str, ...]
    quiet: str = ""
    digest: str = ""
    films: tuple[str, ...] = ()
    since: datetime = BEGIN
    until: datetime | None = None

    def is_there(self, at: datetime) -> bool:
        """Whether the configuration names it then."""
        return self.since <= at and (self.until is None or at < self.until)


@dataclass(slots=True, kw_only=True)
class Weather:
    """All of it. `offsets` are spells in which the machine's clock is wrong by so much; `moments` are what is done to the daemon.

    `full` are the spells of a full disk, and `asleep` those in which the machine does not run at all.
    """

    targets: Sequence[Target]
    feeds: Mapping[int, Sequence[Spell]] = field(default_factory=dict)
    outages: Mapping[str, Sequence[Spell]] = field(default_factory=dict)
    offsets: Sequence[tuple[Spell, timedelta]] = ()
    asleep: Sequence[Spell] = ()
    full: Sequence[Spell] = ()
    moments: Sequence[tuple[datetime, str]] = ()

    def offset(self, at: datetime) -> timedelta:
        """By how much the machine's clock is wrong."""
        return next((offset for spell, offset in self.offsets if at in spell), timedelta(0))


def make_weather(script: Script) -> Weather:
    """The weather of a script; always the same for the same one."""
    chance = random.Random(script.seed + 1)
    films = [film.name for film in script.films]
    targets = [
        Target(name="hook", on=("release", "casting", "countdown", "health")),
        Target(name="night", on=("release", "casting", "countdown"), quiet="22:00-08:00"),
        Target(name="digest", on=("release", "casting"), digest="08:00"),
    ]
    if script.days >= 60:
        begin, end = BEGIN + script.days * 0.35 * DAY, BEGIN + script.days * 0.7 * DAY
        targets.append(Target(name="guest", on=("release",), films=tuple(films[:3]), since=begin, until=end))
    calm = script.end - CALM
    # Something of everything happens in a short one too.
    often = max(1, 60 / script.days)
    return Weather(
        targets=targets,
        feeds={p.number: tuple(_spells(chance, 6 * often, (1, 80), FEED_TROUBLES, calm)) for p in script.papers},
        outages={t.name: tuple(_spells(chance, 6 * often, (0.5, 50), TARGET_TROUBLES, calm)) for t in targets},
        offsets=_offsets(chance, script),
        asleep=tuple(_spells(chance, 12 * often, (1, 14), ("",), calm)),
        full=tuple(_spells(chance, 3 * often, (1, 8), ("",), calm)),
        moments=_moments(chance, script, targets),
    )


def _spells(
    chance: random.Random, a_year: float, hours: tuple[float, float], kinds: Sequence[str], end: datetime
) -> Iterator[Spell]:
    """So many a year, at random; short ones are more frequent."""
    at = BEGIN + 3 * DAY
    while (at := at + chance.expovariate(a_year / 365) * DAY) < end:
        length = hours[0] * (hours[1] / hours[0]) ** chance.random() * HOUR
        spell = Spell(begin=at, end=min(at + length, end), kind=chance.choice(kinds))
        yield spell
        at = spell.end + _APART


def _offsets(chance: random.Random, script: Script) -> tuple[tuple[Spell, timedelta], ...]:
    """Clocks that were set: by hours, a day back, and ten years ahead for a minute; spread over the year, far from its ends."""
    jumps: Sequence[timedelta] = (-DAY, 3653 * DAY, 3 * HOUR, -2 * HOUR, 26 * HOUR, -5 * HOUR, 3653 * DAY, -DAY)
    jumps = jumps if script.days >= 60 else jumps[:2]
    found = []
    first = min(8, script.days * 0.3)
    span = (script.days - CALM / DAY - 1 - first) / len(jumps)
    for number, jump in enumerate(jumps):
        begin = BEGIN + (first + span * (number + 0.6 * chance.random())) * DAY
        lasts = timedelta(minutes=2) if abs(jump) > 30 * DAY else chance.uniform(1, 8) * HOUR
        found.append((Spell(begin=begin, end=begin + lasts), jump))
    return tuple(found)


def _moments(chance: random.Random, script: Script, targets: Sequence[Target]) -> tuple[tuple[datetime, str], ...]:
    """When the daemon is killed, stopped, and told to read its configuration again, which now and then is a bad one."""
    found = [(BEGIN, "start")]
    # Those two runs of the daemon whose memory is compared are long ones.
    first, last = min(7 * DAY, script.days * 0.3 * DAY), script.days * 0.67 * DAY
    for _ in range(max(int(script.days / 365 * 48), 4)):
        at = BEGIN + chance.uniform(first / DAY, last / DAY) * DAY
        found.append((at, chance.choice(("kill", "kill", "kill", "stop"))))
    changes = [e for f in script.films for e in (f.since, f.until)] + [e for p in script.papers for e in (p.since, p.until)]
    changes += [e for t in targets for e in (t.since, t.until)]
    found += [(at, "reload") for at in sorted({at for at in changes if at is not None and at > BEGIN})]
    for _ in range(max(int(script.days / 365 * 24), 2)):
        at = BEGIN + chance.uniform(0.02, 0.98) * (script.end - BEGIN)
        found.append((at, chance.choice(("reload", "reload-bad"))))
    return tuple(sorted(found))
