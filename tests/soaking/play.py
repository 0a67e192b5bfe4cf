"""Plays a simulated year: sets the clock, the feeds and the targets as the script says, and drives the daemon through it.

The clock goes from one moment at which something is due to the next, at most half an hour at a time: the idle passes between,
every few seconds in truth, would do nothing. What the daemon says of its own future is not trusted for longer than that.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from feedserver import FeedServer
from processes import Home, held
from receivers import Post, Webhook, WebhookReceiver

from soaking.press import WAIT_S, Line, Press
from soaking.script import BEGIN, DAY, ZONE, Script
from soaking.weather import Spell, Weather
from soaking.words import EXCLUDED

#: No pass comes sooner after the one before, and none later.
_SOONEST, _LATEST = timedelta(minutes=1), timedelta(minutes=30)

#: Between a daemon's end and the next start.
_AGAIN = timedelta(minutes=1)

#: As in systemd/watcher.service.
_UNIT = {"MALLOC_ARENA_MAX": "1"}

_CHILD = (sys.executable, "-P", str(Path(__file__).with_name("child.py")))


@dataclass(slots=True, kw_only=True)
class Arrival:
    """An alert as it came, at the true time: its id, title and text, and whether it was taken."""

    target: str
    at: datetime
    id: str
    title: str
    text: str
    taken: bool
    offset: timedelta = timedelta(0)

    @property
    def is_marked(self) -> bool:
        """Whether it says that it may have come before."""
        return "may be a repeat" in " ".join(self.text.split())


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What the daemon's process held at a moment: bytes with its children and alone, open files, threads; bytes of the store."""

    at: datetime
    pid: int
    family: int
    alone: int
    files: int
    threads: int
    store: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass:
    """One tick: when, how long it took and how much processor, in milliseconds."""

    at: datetime
    ms: float
    cpu: float


@dataclass(slots=True, kw_only=True)
class Played:
    """All that happened, for the umpire. `down` are spells in which no daemon worked though the machine ran."""

    script: Script
    weather: Weather
    log: list[Line] = field(default_factory=list)
    served: dict[str, datetime] = field(default_factory=dict)
    doubtful: dict[str, datetime] = field(default_factory=dict)
    arrivals: list[Arrival] = field(default_factory=list)
    samples: list[Sample] = field(default_factory=list)
    passes: list[Pass] = field(default_factory=list)
    kills: list[datetime] = field(default_factory=list)
    down: list[Spell] = field(default_factory=list)
    refused: int = 0
    restarts: int = 0
    reloads: int = 0
    complaints: list[str] = field(default_factory=list)
    database: Path = Path()


class Hook(WebhookReceiver):
    """A target's webhook, which keeps what came with the true time."""

    def __init__(self, name: str, year: Year) -> None:
        super().__init__()
        self._name, self._year = name, year

    def answer(self, post: Post) -> Webhook:
        """How this request is answered, by the weather."""
        now, told = self._year.now, json.loads(post.body)
        spell = next((s for s in self._year.weather.outages[self._name] if now in s), None)
        arrival = Arrival(
            target=self._name,
            at=now,
            id=post.headers.get("x-watcher-id", ""),
            title=told["title"],
            text=told["message"],
            taken=spell is None,
            offset=self._year.weather.offset(now),
        )
        self._year.played.arrivals.append(arrival)
        match spell.kind if spell else "":
            case "503":
                return Webhook(status=503)
            case "busy":
                return Webhook(status=503, headers={"Retry-After": str(WAIT_S)})
            case "drops":
                return Webhook(drops=True)
        return Webhook()


class Child:
    """The daemon's process."""

    def __init__(self, process: Process, complain: Callable[[str], None], log: Path) -> None:
        self.process = process
        self._log = asyncio.ensure_future(self._listen(complain, log))

    @classmethod
    async def start(cls, home: Home, complain: Callable[[str], None], log: Path) -> Child:
        """A new one, which has opened nothing yet."""
        command = [*_CHILD, str(home.config)]
        process = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE, stderr=PIPE, env=home.environ() | _UNIT)
        return cls(process, complain, log)

    async def ask(self, do: str, **more: Any) -> dict[str, Any]:
        """One order and its answer.

        Raises:
            RuntimeError: the process ended without one.
        """
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write((json.dumps({"do": do, **more}) + "\n").encode())
        line = await self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"the daemon ended while it was to {do}, with status {await self.process.wait()}")
        found: dict[str, Any] = json.loads(line)
        return found

    async def gone(self) -> None:
        """Wait for its end."""
        await self.process.wait()
        await self._log

    async def _listen(self, complain: Callable[[str], None], log: Path) -> None:
        assert self.process.stderr is not None
        with log.open("ab") as file:
            async for line in self.process.stderr:
                file.write(line)
                if line.startswith((b"ERROR", b"CRITICAL", b"Traceback")):
                    complain(line.decode(errors="replace").strip())


class Year:
    """The year: `play` it once."""

    def __init__(self, script: Script, weather: Weather, path: Path) -> None:
        self.script, self.weather = script, weather
        self.now = BEGIN
        self.played = Played(script=script, weather=weather)
        self._chance = random.Random(script.seed + 2)
        self._home = Home(path)
        self._log = path / "log"
        self._child: Child | None = None
        self._next: datetime | None = None
        self._urls: dict[str, str] = {}
        self._moments = list(weather.moments)
        self._down_since: datetime | None = None
        self._again = BEGIN
        self._is_full = self._was_full = False

    async def play(self) -> Played:
        """All days, one moment after the other."""
        self.played.database = self._home.database
        async with AsyncExitStack() as stack:
            server = stack.enter_context(FeedServer())
            self._press = Press(server, self.script, self.weather, lambda: self.now)
            self.played.log, self.played.served, self.played.doubtful = self._press.log, self._press.served, self._press.doubtful
            for target in self.weather.targets:
                self._urls[target.name] = (await stack.enter_async_context(Hook(target.name, self))).url()
            self._home.database.parent.mkdir(parents=True, exist_ok=True)
            sampled = BEGIN
            while self.now < self.script.end:
                await self._happen()
                await self._pass()
                if self.now - sampled >= DAY / 4:
                    self._sample()
                    sampled = self.now
                self._go_on()
            if self._child is not None:
                await self._child.ask("stop")
                await self._child.gone()
        return self.played

    # ---- the clock

    def _go_on(self) -> None:
        """To the next moment; a machine that sleeps wakes later."""
        due = [self.now + _LATEST, *self._ahead()]
        if self._next is not None:
            due.append(self._next)
        if self._child is None:
            due.append(self._again)
        self.now = max(min(due), self.now + _SOONEST)
        asleep = next((spell for spell in self.weather.asleep if self.now in spell), None)
        self.now = min(asleep.end if asleep else self.now, self.script.end)

    def _ahead(self) -> Iterator[datetime]:
        """The moments to come that the daemon cannot know of, and the hours that it can."""
        if self._moments:
            yield self._moments[0][0]
        for spell in (*(spell for spell, _ in self.weather.offsets), *self.weather.full):
            yield from (at for at in (spell.begin, spell.end) if at > self.now)
        local = (self.now + self.weather.offset(self.now)).astimezone(ZONE)
        nine = local.replace(hour=9, minute=0, second=0, microsecond=0)
        yield (nine if nine > local else nine + timedelta(days=1)) - self.weather.offset(self.now)

    @property
    def _shown(self) -> str:
        """What the machine's clock shows."""
        return (self.now + self.weather.offset(self.now)).isoformat()

    # ---- what happens to the daemon

    async def _happen(self) -> None:
        """Everything whose time has come."""
        while self._moments and self._moments[0][0] <= self.now:
            await self._do(self._moments.pop(0)[1])
        is_full = any(self.now in spell for spell in self.weather.full)
        if is_full != self._is_full:
            self._is_full = self._press.is_doubtful = is_full
            self._was_full = not is_full
            if self._child is not None:
                await self._child.ask("limit", bytes=int(is_full))
        if self._child is None and self.now >= self._again:
            await self._start()

    async def _do(self, what: str) -> None:
        said = settings(self.script, self.weather, self._press.urls, self._urls, self.now)
        head = f'[watcher]\nstate = "{self._home.database.parent}"\ntimezone = "{ZONE.key}"\nregions = ["US"]\n'
        self._home.config.write_text(head + said)
        if self._child is None:
            return
        match what:
            case "kill":
                await self._kill()
            case "stop":
                await self._child.ask("stop")
                await self._ended(self._chance.choice((1, 1, 5, 90)) * _AGAIN)
            case "reload":
                self.played.reloads += 1
                await self._heard(await self._child.ask("open", now=self._shown))
            case "reload-bad":
                good = self._home.config.read_text()
                self._home.config.write_text(good + '[[notify]]\nname = "nobody"\non = ["gossip"]\n')
                answer = await self._child.ask("open", now=self._shown)
                self.played.refused += "refused" in answer
                if "refused" not in answer:
                    self.played.complaints.append(f"a bad configuration was taken: {answer}")
                self._home.config.write_text(good)

    async def _start(self) -> None:
        self._child = await Child.start(self._home, self._complain, self._log)
        self.played.restarts += 1
        if self._is_full:
            await self._child.ask("limit", bytes=1)
        await self._heard(await self._child.ask("open", now=self._shown))

    def _complain(self, line: str) -> None:
        """What the daemon's log says that it should not; while the disk is full, or just was, that may be said."""
        lately = any(spell.begin <= self.now < spell.end + timedelta(hours=1) for spell in self.weather.full)
        if not (lately and "the disk" in line):
            self.played.complaints.append(f"{self.now:%Y-%m-%d %H:%M}: {line}")

    async def _kill(self) -> None:
        """SIGKILL in the middle of a pass, somewhere."""
        assert self._child is not None
        self._press.is_doubtful = True
        asked = asyncio.ensure_future(self._child.ask("tick", now=self._shown))
        await asyncio.sleep(self._chance.uniform(0, 0.03))
        self._child.process.kill()
        await asyncio.gather(asked, return_exceptions=True)
        self.played.kills.append(self.now)
        await self._ended(_AGAIN)
        self._press.is_doubtful = self._is_full

    async def _ended(self, rest: timedelta) -> None:
        """The daemon is down, and is started again after so long."""
        assert self._child is not None
        await self._child.gone()
        self._child, self._next, self._again = None, None, self.now + rest
        self._down_since = self._down_since or self.now

    async def _heard(self, answer: dict[str, Any]) -> None:
        """The answer to an order; who cannot go on has ended."""
        if "failed" in answer:
            await self._ended(_AGAIN * 5)
            if not self._is_full:
                self.played.complaints.append(f"{self.now:%Y-%m-%d %H:%M}: {answer['failed']}")
        elif "trouble" in answer and not self._is_full and not self._was_full:
            self.played.complaints.append(f"{self.now:%Y-%m-%d %H:%M}: {answer['trouble']}")
        elif "refused" in answer:
            self.played.complaints.append(f"a good configuration was refused: {answer['refused']}")
        elif self._down_since is not None:
            self.played.down.append(Spell(begin=self._down_since, end=self.now))
            self._down_since = None

    async def _pass(self) -> None:
        if self._child is None:
            return
        answer = await self._child.ask("tick", now=self._shown)
        await self._heard(answer)
        # What was begun while the disk was full may still fail in the pass after: that one, and no other.
        self._was_full = False
        if "ms" in answer:
            self.played.passes.append(Pass(at=self.now, ms=answer["ms"], cpu=answer["cpu"]))
            following = answer["next"]
            self._next = None if following is None else datetime.fromisoformat(following) - self.weather.offset(self.now)
        elif "trouble" in answer:
            self._next = self.now + _SOONEST

    def _sample(self) -> None:
        if self._child is None:
            return
        process = Path("/proc", str(self._child.process.pid))
        pages = int((process / "statm").read_text().split()[1])
        self.played.samples.append(
            Sample(
                at=self.now,
                pid=self._child.process.pid,
                family=held(self._child.process.pid),
                alone=pages * 4096,
                files=len(list((process / "fd").iterdir())),
                threads=len(list((process / "task").iterdir())),
                store=self._home.database.stat().st_size,
            )
        )


def settings(script: Script, weather: Weather, feeds: dict[int, str], targets: dict[str, str], at: datetime) -> str:
    """What `config.toml` says at a moment."""
    lines = ["builtin_titles = false", "builtin_feeds = false", "[fetch]", 'every = "8h"']
    lines.append('allow_addresses = ["127.0.0.0/8"]')
    for film in script.films:
        if film.since <= at and (film.until is None or at < film.until):
            lines += ["[[title]]", f'name = "{film.name}"', f'context = ["{film.by}"]', f'not = ["{EXCLUDED}"]']
            if film.known is not None:
                day = film.since.date().isoformat()
                lines.append(f'known = [{{ release = "{film.known}", region = "US", on = "{day}", outlet = "Daily Slate 0" }}]')
    for paper in script.papers:
        if paper.since <= at and (paper.until is None or at < paper.until):
            lines += ["[[feed]]", f'url = "{feeds[paper.number]}"', f'outlet = "{paper.outlet}"', f'trust = "{paper.trust}"']
            lines += [f'every = "{paper.every}"'] if paper.trust == "trade" else []
    for target in weather.targets:
        if target.is_there(at):
            lines += ["[[notify]]", f'name = "{target.name}"', f'url = "{targets[target.name]}"', f"on = {json.dumps(target.on)}"]
            lines += [f'quiet_hours = "{target.quiet}"'] if target.quiet else []
            lines += [f'digest = "{target.digest}"'] if target.digest else []
            lines += [f"titles = {json.dumps([f for f in target.films if _is_watched(script, f, at)])}"] if target.films else []
    return "\n".join(lines) + "\n"


def _is_watched(script: Script, name: str, at: datetime) -> bool:
    return any(f.name == name and f.since <= at and (f.until is None or at < f.until) for f in script.films)
