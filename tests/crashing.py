"""The real daemon killed with SIGKILL over and over, while alerts go out to three real receivers: SMTP, webhook and ntfy.

The news is a script: so many invented films, each of which gets a date once, so that each makes one alert for each target. It
comes into the feeds bit by bit, some of it before every kill, so that the daemon polls, decides and sends whenever it lives.
The receivers live in this process, so the moment of a kill and what each of them holds then are known exactly. `umpire.py`
judges by what arrived alone.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sqlite3
import time
from asyncio.subprocess import DEVNULL, Process
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime
from functools import partial
from itertools import islice, product
from pathlib import Path
from typing import BinaryIO

from arrivals import Inbox, three
from feedserver import Answer, Asked, Entry, FeedServer, rss
from processes import Home, children

_KINDS = (
    *("Amber", "Borrowed", "Cedar", "Copper", "Crooked", "Distant", "Drowned", "Eleventh", "Faded", "Gilded", "Hollow"),
    *("Idle", "Jagged", "Kindled", "Lacquered", "Marbled", "Narrow", "Ochre", "Painted", "Quilted", "Rusted", "Salted"),
    *("Tidal", "Unlit", "Velvet", "Woollen", "Yellowed", "Frozen", "Splintered", "Patient", "Wandering", "Tangled"),
)
_THINGS = (
    *("Almanac", "Beehive", "Cartographer", "Dovecote", "Estuary", "Ferry", "Gatehouse", "Harpsichord", "Inkwell", "Jetty"),
    *("Kiln", "Lantern", "Millstone", "Nettle", "Orchard", "Parapet", "Quarry", "Rookery", "Sextant", "Tollgate"),
    *("Umbrella", "Vineyard", "Windmill", "Xylophone", "Yardarm", "Zeppelin", "Overcoat", "Bellows", "Compass", "Drawbridge"),
    *("Easel", "Footbridge"),
)
_PEOPLE = ("Ada Quill", "Bo Tarn", "Ilse Varghold", "Tomas Bellwin", "Noor Dray", "Runa Kesh", "Odile Morrowin", "Hamo Ostermark")
MOST = len(_KINDS) * len(_THINGS)
_FEEDS = 4
_FIRST = date(2027, 1, 4)

#: A kill comes so many seconds after the daemon is ready, at the least.
_SOONEST = 0.05

#: A daemon that is not ready by then never will be.
_START_S = 60.0

#: Alerts that do not come for so long will not come; after a refusal it takes longer.
_PATIENCE_S, _AFTER_REFUSAL_S = 25.0, 100.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """What every target has to be told once: the date of one film."""

    name: str
    person: str
    day: date

    @property
    def words(self) -> str:
        """The date as the news writes it, and as alerts do."""
        return f"{self.day:%B} {self.day.day}, {self.day.year}"


@dataclass(slots=True, kw_only=True)
class Life:
    """One run of the daemon, by the monotonic clock: when it was ready, and when it was killed; None where it was not.

    `waiting` is how many alerts were in the feeds and not at all targets when it was killed, `phase` what went on then.
    """

    began: float
    ready: float | None = None
    killed: float | None = None
    waiting: int = 0
    phase: str = ""


@dataclass(slots=True, kw_only=True)
class Played:
    """All that happened. `came` is set whenever something arrives.

    `undelivered` and `integrity` are what the store says in the end; `orphans` are the children that outlived their daemon for
    long, and `longest_orphan` is for how many seconds any did.
    """

    alerts: Sequence[Alert]
    inboxes: Sequence[Inbox]
    came: asyncio.Event
    lives: list[Life] = field(default_factory=list)
    orphans: list[int] = field(default_factory=list)
    longest_orphan: float = 0.0
    integrity: str = ""
    undelivered: int = 0
    status: int | None = None
    seconds: float = 0.0


def script(count: int) -> list[Alert]:
    """The films and their dates."""
    names = islice(product(_THINGS, _KINDS), count)
    return [
        Alert(name=f"The {kind} {thing}", person=_PEOPLE[n % len(_PEOPLE)], day=_FIRST + timedelta(days=n % 700))
        for n, (thing, kind) in enumerate(names)
    ]


class Press:
    """The feeds, and how much of the script stands in them."""

    def __init__(self, server: FeedServer, alerts: Sequence[Alert]) -> None:
        self._alerts = alerts
        quiet = Entry("Nothing of note happened today", guid="quiet", published=_now())
        self._entries: list[tuple[Entry, ...]] = [(quiet,)] * _FEEDS
        self.urls = [server.answer(f"/feed{n}", partial(self._answer, n)) for n in range(_FEEDS)]
        self.shown = 0

    def show(self, more: int) -> None:
        """Put the next so many alerts' news into the feeds."""
        for number, alert in enumerate(self._alerts[self.shown : self.shown + more], self.shown):
            text = f"{alert.name}, the new drama with {alert.person}, opens in theaters on {alert.words}."
            news = Entry(f"{alert.name} has a date", f"<p>{text}</p>", guid=f"g{number}", published=_now())
            # Replaced, never changed: the server answers on threads of its own.
            self._entries[number % _FEEDS] = (news, *self._entries[number % _FEEDS])
            self.shown += 1

    def _answer(self, feed: int, asked: Asked) -> Answer:
        del asked
        entries = self._entries[feed]
        return Answer(rss(*entries), etag=f'"{len(entries)}"', date=_now())


def _now() -> str:
    return format_datetime(datetime.now(UTC), usegmt=True)


def settings(alerts: Sequence[Alert], feeds: Sequence[str], targets: dict[str, str]) -> str:
    """What `config.toml` says: nothing waits for company, and alerts are about release dates alone."""
    return (
        'builtin_titles = false\nbuiltin_feeds = false\n[policy]\ngroup_wait = "0s"\n'
        '[fetch]\nallow_addresses = ["127.0.0.0/8"]\narticle_pages = false\n'
        + "".join(f'[[title]]\nname = "{alert.name}"\ncontext = ["{alert.person}"]\n' for alert in alerts)
        + "".join(
            f'[[feed]]\nurl = "{url}"\noutlet = "Paper {n}"\ntrust = "trade"\nevery = "1s"\n' for n, url in enumerate(feeds)
        )
        + "".join(f'[[notify]]\nname = "{name}"\nurl = "{url}"\non = ["release"]\n' for name, url in targets.items())
    )


class _Notified(asyncio.DatagramProtocol):
    """What a daemon tells its service manager. Somebody has to listen: else the daemon waits until somebody does."""

    def __init__(self) -> None:
        self.ready = asyncio.Event()
        self.at: float | None = None

    def datagram_received(self, data: bytes, addr: object) -> None:
        """One state."""
        del addr
        if b"READY=1" in data.splitlines():
            self.at = time.monotonic()
            self.ready.set()


class Killing:
    """The play: lives of the daemon, one after the other, all but the last ended by SIGKILL at a random moment."""

    def __init__(
        self, home: Home, press: Press, played: Played, chance: random.Random, log: BinaryIO, *, longest: float, patience: float
    ) -> None:
        self._home, self._press, self._played, self._chance, self._log = home, press, played, chance, log
        self._longest, self._patience = longest, patience
        self._start_s = 1.0
        self._watching: set[asyncio.Task[None]] = set()

    async def play(self, kills: int) -> None:
        """Kill until so many kills fell while alerts were on their way, then let the daemon come to its end."""
        counted = 0
        while counted < kills and (self._press.shown < len(self._played.alerts) or self._waiting()):
            # Some news is left for kills that turn out not to count, and for the last life.
            self._press.show(max((len(self._played.alerts) - self._press.shown) // (kills - counted + 1), 1))
            life = await self._live()
            counted += life.waiting > 0
        self._press.show(len(self._played.alerts))
        await self._last_life()
        await asyncio.gather(*self._watching)

    async def _live(self) -> Life:
        """One life with a violent end."""
        async with self._daemon() as (daemon, notified, life):
            await self._moment(notified)
            held = any(inbox.holds for inbox in self._played.inboxes)
            family = children("watcher.", daemon.pid)
            daemon.kill()
            life.killed, life.ready = time.monotonic(), notified.at
            life.waiting, life.phase = self._waiting(), self._phase(life, held=held)
            self._watch(family, life.killed)
            status = await daemon.wait()
            if status != -signal.SIGKILL:
                raise RuntimeError(f"the daemon ended by itself, with status {status}")
        return life

    async def _moment(self, notified: _Notified) -> None:
        """Wait for a random moment: during the start, at any time after it, or soon after an alert has arrived."""
        how = self._chance.choices(("start", "any", "alert"), weights=(1, 4, 3))[0]
        with suppress(TimeoutError):
            await asyncio.wait_for(notified.ready.wait(), self._chance.uniform(0, self._start_s) if how == "start" else _START_S)
        if how == "start":
            return
        if notified.at is None:
            raise RuntimeError(f"the daemon was not ready within {_START_S:g} seconds")
        self._start_s = notified.at - self._played.lives[-1].began
        await asyncio.sleep(_SOONEST)
        # What comes after all that there was to tell would tell nothing: a kill never waits for longer.
        left = sum(self._press.shown - len({a.id for a in inbox.arrivals}) for inbox in self._played.inboxes)
        more = left if how == "any" else self._chance.randint(1, max(left, 1))
        with suppress(TimeoutError):
            async with asyncio.timeout(self._chance.uniform(0, self._longest - _SOONEST) if how == "any" else self._longest):
                await self._arrivals(more)
        if how == "alert":
            await asyncio.sleep(self._chance.uniform(0, 0.06))

    async def _arrivals(self, more: int) -> None:
        """Wait until so many more have come, wherever."""
        inboxes = self._played.inboxes
        until = sum(len(inbox.arrivals) for inbox in inboxes) + more
        while sum(len(inbox.arrivals) for inbox in inboxes) < until:
            self._played.came.clear()
            await self._played.came.wait()

    async def _last_life(self) -> None:
        """Let the daemon live until all is told, or nothing comes any more, and stop it politely."""
        async with self._daemon() as (daemon, notified, life):
            came, since = -1, time.monotonic()
            while self._waiting() or _undelivered(self._home.database):
                await asyncio.sleep(0.25)
                if came != (now := sum(len(inbox.arrivals) for inbox in self._played.inboxes)):
                    came, since = now, time.monotonic()
                if time.monotonic() - since > self._patience or daemon.returncode is not None:
                    break
            life.ready = notified.at
            with suppress(ProcessLookupError):
                daemon.terminate()
            self._played.status = await daemon.wait()

    @asynccontextmanager
    async def _daemon(self) -> AsyncIterator[tuple[Process, _Notified, Life]]:
        """`watcher run` in a session of its own, and what it tells of itself."""
        address = f"watcher-killed-{os.getpid()}-{id(self)}-{len(self._played.lives)}"
        channel, notified = await asyncio.get_running_loop().create_datagram_endpoint(
            _Notified, local_addr=f"\0{address}", family=1
        )
        life = Life(began=time.monotonic())
        self._played.lives.append(life)
        daemon = await asyncio.create_subprocess_exec(
            *self._home.command("run"),
            stdin=DEVNULL,
            stdout=self._log,
            stderr=self._log,
            env=self._home.environ() | {"NOTIFY_SOCKET": f"@{address}"},
            start_new_session=True,
        )
        try:
            yield daemon, notified, life
        finally:
            channel.close()
            if daemon.returncode is None:
                daemon.kill()
                await daemon.wait()

    def _waiting(self) -> int:
        """How many alerts stand in the feeds and were not taken by every target yet."""
        came = [{a.id for a in inbox.arrivals if a.taken and a.answered is not None} for inbox in self._played.inboxes]
        return self._press.shown - min(map(len, came))

    def _phase(self, life: Life, *, held: bool) -> str:
        if life.ready is None:
            return "before it was ready"
        if held:
            return "while a receiver held an alert"
        answers = [inbox.arrivals[-1].answered or 0 for inbox in self._played.inboxes if inbox.arrivals]
        assert life.killed is not None
        if life.killed - max(answers, default=0) < 0.05:
            return "less than 50 ms after an answer"
        return "at another moment"

    def _watch(self, family: list[int], since: float) -> None:
        """Note how long the children of a dead daemon live on, beside whatever happens next."""

        async def watch() -> None:
            while living := [pid for pid in family if _is_ours(pid)]:
                if time.monotonic() - since > 30:
                    self._played.orphans += living
                    return
                await asyncio.sleep(0.02)
            self._played.longest_orphan = max(self._played.longest_orphan, time.monotonic() - since)

        task = asyncio.create_task(watch())
        self._watching.add(task)
        task.add_done_callback(self._watching.discard)


def _is_ours(pid: int) -> bool:
    """Whether this process still runs one of our modules; one that has ended and not been waited for shows no command."""
    try:
        return b"watcher." in Path(f"/proc/{pid}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return False


def _undelivered(database: Path) -> int:
    """How many rows of the outbox were neither sent nor dropped."""
    statement = (
        "SELECT count(*) FROM outbox LEFT JOIN delivery ON delivery.id = outbox.delivery "
        "WHERE outbox.dropped IS NULL AND delivery.state IS NOT 'sent'"
    )
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=10)
    try:
        return int(connection.execute(statement).fetchone()[0])
    finally:
        connection.close()


def _integrity(database: Path) -> str:
    connection = sqlite3.connect(database)
    try:
        return str(connection.execute("PRAGMA integrity_check").fetchone()[0])
    finally:
        connection.close()


async def kill_over_and_over(
    path: Path, *, alerts: int, kills: int, seed: int, longest: float = 4.0, refusals: int = 0, slow: float = 0.05
) -> Played:
    """The whole play in a directory, and what came of it.

    A kill comes at most `longest` seconds after the daemon is ready. Receivers answer within `slow` seconds, and each refuses
    `refusals` alerts.

    Raises:
        RuntimeError: the daemon did not start, or ended by itself.
    """
    chance, begun = random.Random(seed), time.monotonic()
    with FeedServer() as server, (path / "log").open("ab") as log:
        async with three(chance, came := asyncio.Event(), slow=slow, refusals=refusals) as receivers:
            told = script(alerts)
            press = Press(server, told)
            home = Home(path, settings(told, press.urls, {name: url for name, (_, url) in receivers.items()}))
            played = Played(alerts=told, inboxes=[inbox for inbox, _ in receivers.values()], came=came)
            learned = await home.run("poll")
            if learned.status != 0:
                raise RuntimeError(f"the first pass failed: {learned.err}")
            patience = _AFTER_REFUSAL_S if refusals else _PATIENCE_S
            await Killing(home, press, played, chance, log, longest=longest, patience=patience).play(kills)
    played.integrity, played.undelivered = _integrity(home.database), _undelivered(home.database)
    played.seconds = time.monotonic() - begun
    return played
