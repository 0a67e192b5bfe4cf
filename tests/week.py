"""A week of polling on a simulated clock: the real engine and fetcher, a server that keeps a log, and an umpire who reads it.

Twenty-five feeds: busy and slow ones, some with wishes of every kind (max-age, Expires, ttl, the syndication module, hours and
days to skip), some that refuse, ask to wait, break, move, are gone or answer with a page; and a machine that is restarted twice
a day. The umpire knows only what the server was asked and what it answered: none of our tables.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from ipaddress import ip_network
from itertools import pairwise
from pathlib import Path

from builders import world
from feedserver import Answer, Asked, Entry, FeedServer, as_answered, redirect, rss

from watcher.engine import Engine
from watcher.fetch import Fetcher
from watcher.model import Feed
from watcher.send import Sender
from watcher.tell.message import Message

MONDAY = datetime(2025, 3, 3, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
EVERY = HOUR
AGENT = "watcher/test (+mailto:ann@example.org)"
_ACCEPTED = ("application/rss+xml", "application/atom+xml", "application/feed+json")
#: A tick is as late as the daemon's may be.
_TICK = timedelta(seconds=5)


@dataclass(slots=True)
class Clock:
    """The time that it is for everybody."""

    now: datetime = MONDAY

    @property
    def hours(self) -> float:
        """Hours since the beginning."""
        return (self.now - MONDAY) / HOUR


Behaviour = Callable[[Clock, Asked], Answer]


@dataclass(frozen=True, slots=True)
class Paper:
    """A feed of the week: what it answers, the hours (GMT) and weekdays at which it must not be asked, and how often it may."""

    path: str
    behaviour: Behaviour
    skip_hours: tuple[int, ...] = ()
    skip_days: tuple[int, ...] = ()
    least: timedelta = EVERY


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the log: when what was asked, and what was answered."""

    at: datetime
    asked: Asked
    answer: Answer


def news(clock: Clock, *, each: float = 3, channel: str = "", **fields: object) -> Answer:
    """A feed that brings an item every so many hours, with validators that follow its content."""
    newest = int(clock.hours // each)
    entries = [
        Entry(f"Story {n}", guid=f"g{n}", published=format_datetime(MONDAY + n * each * HOUR))
        for n in range(newest, newest - 10, -1)
    ]
    changed = format_datetime(MONDAY + newest * each * HOUR, usegmt=True)
    answer = Answer(rss(*entries, channel=channel), etag=f'W/"{newest}"', last_modified=changed, date=_http(clock.now))
    return replace(answer, **fields)  # type: ignore[arg-type]


def _http(at: datetime) -> str:
    return format_datetime(at, usegmt=True)


def _plain(each: float) -> Behaviour:
    return lambda clock, _: news(clock, each=each)


def _with_headers(headers: Callable[[Clock], dict[str, str]]) -> Behaviour:
    return lambda clock, _: news(clock, headers=headers(clock))


def _with_channel(channel: str) -> Behaviour:
    # Twenty days of items: no wish to be read daily loses any of them.
    return lambda clock, _: news(clock, each=48, channel=channel)


def _now_and_then(trouble: Callable[[Clock], Answer], begin: float, end: float) -> Behaviour:
    """A feed that is in trouble between these hours of every second day."""
    return lambda clock, _: trouble(clock) if begin <= clock.hours % 48 < end else news(clock)


def _moved(status: int, to: str) -> Behaviour:
    return lambda clock, _: redirect(to, status) if clock.hours >= 20 else news(clock)


SKIPPED_HOURS = tuple(range(7))
_SY = "http://purl.org/rss/1.0/modules/syndication/"


def papers() -> list[Paper]:
    """The feeds, and those that others move to."""
    skip_hours = "".join(f"<hour>{hour}</hour>" for hour in SKIPPED_HOURS)
    plain = [Paper(f"/plain{n}", _plain(each)) for n, each in enumerate((0.5, 1, 2, 3, 5, 8, 24, 30 * 24))]
    return [
        *plain,
        Paper("/max-age", _with_headers(lambda _: {"Cache-Control": "public, max-age=7200"}), least=2 * HOUR),
        Paper("/expires", _with_headers(lambda clock: {"Expires": _http(clock.now + 3 * HOUR)}), least=3 * HOUR),
        Paper("/ttl", _with_channel("<ttl>240</ttl>"), least=4 * HOUR),
        Paper(
            "/sy",
            _with_channel(f'<p xmlns="{_SY}">daily</p>'.replace("<p ", "<updatePeriod ").replace("</p>", "</updatePeriod>")),
            least=DAY,
        ),
        Paper("/skip-hours", _with_channel(f"<skipHours>{skip_hours}</skipHours>"), skip_hours=SKIPPED_HOURS),
        Paper("/skip-days", _with_channel("<skipDays><day>Wednesday</day></skipDays>"), skip_days=(2,)),
        Paper("/429", _now_and_then(lambda _: Answer(status=429, headers={"Retry-After": "10000"}), 9, 15)),
        Paper(
            "/503",
            _now_and_then(
                lambda clock: Answer(
                    status=503, date=_http(clock.now), headers={"Retry-After": _http(clock.now + timedelta(hours=2.5))}
                ),
                11,
                20,
            ),
        ),
        Paper("/403", _now_and_then(lambda _: Answer(status=403), 5, 30)),
        Paper("/500", _now_and_then(lambda _: Answer(status=500), 3, 14)),
        Paper("/hangs-up", _now_and_then(lambda _: Answer(close=True), 8, 12)),
        Paper("/page", _now_and_then(lambda _: Answer(b"<html><title>Sign in</title></html>", content_type="text/html"), 4, 9)),
        Paper("/gone", lambda clock, _: Answer(status=410) if clock.hours >= 30 else news(clock)),
        Paper("/moved", _moved(301, "/moved-new")),
        Paper("/moved-new", _plain(3)),
        Paper("/away", _moved(302, "/away-new")),
        Paper("/away-new", _plain(3)),
        Paper("/no-validators", lambda clock, _: news(clock, etag=None, last_modified=None)),
        Paper("/new-etag", lambda clock, _: news(clock, etag=f'"{clock.hours}"', last_modified=None)),
    ]


def polled(all_papers: Sequence[Paper]) -> list[Paper]:
    """The feeds of the configuration."""
    return [paper for paper in all_papers if not paper.path.endswith("-new")]


async def play(server: FeedServer, scratch: Path, *, days: float) -> list[Line]:
    """The days, poll after poll; returns the log."""
    clock, log = Clock(), list[Line]()
    all_papers = papers()
    for paper in all_papers:
        server.answer(paper.path, _kept(paper, clock, log))
    there = world({}, feeds=[Feed(url=server.url(paper.path), outlet=paper.path) for paper in polled(all_papers)])
    there = replace(there, every=int(EVERY.total_seconds()))
    end, restart = MONDAY + days * DAY, DAY / 2
    while clock.now < end:
        until = min(clock.now + restart, end)
        async with (
            Sender(terminal=_unheard) as sender,
            await Engine.open(scratch / "watcher.db", there, sender=sender, make_fetcher=_fetcher, now=clock.now) as engine,
        ):
            while clock.now < until:
                await engine.tick(clock.now)
                due = await engine.in_store(lambda engine=engine: _next_due(engine))  # type: ignore[misc]
                clock.now = min(max(due, clock.now) + _TICK, until)
    return log


def _kept(paper: Paper, clock: Clock, log: list[Line]) -> Callable[[Asked], Answer]:
    def answer(asked: Asked) -> Answer:
        given = as_answered(paper.behaviour(clock, asked), asked)
        log.append(Line(clock.now, asked, given))
        return given

    return answer


def _next_due(engine: Engine) -> datetime:
    row = engine.store.connection.execute("SELECT min(next_poll_at) FROM feed WHERE gone_at IS NULL").fetchone()
    return datetime.fromisoformat(row[0])


def _fetcher() -> Fetcher:
    return Fetcher(user_agent=AGENT, allow=[ip_network("127.0.0.0/8")])


def _unheard(message: Message) -> None:
    raise AssertionError(f"nothing is told here: {message.title}")


def faults(log: Sequence[Line]) -> Iterator[str]:
    """What the umpire finds fault with."""
    for paper in papers():
        mine = [line for line in log if line.asked.path == paper.path]
        before: Line | None = None
        held: tuple[str | None, str | None] = (None, None)
        for line in mine:
            where = f"{paper.path} at {line.at:%a %H:%M:%S}"
            yield from (f"{where}: {what}" for what in _unidentified(line.asked))
            if before is not None and (early := _early(paper, before, line)):
                yield f"{where}: {early}"
            sent = (line.asked.headers.get("if-none-match"), line.asked.headers.get("if-modified-since"))
            if sent != held:
                yield f"{where}: sent the validators {sent}, and had been given {held}"
            if line.at.hour in paper.skip_hours and before is not None:
                yield f"{where}: asked in an hour to be skipped"
            if line.at.weekday() in paper.skip_days and before is not None:
                yield f"{where}: asked on a day to be skipped"
            held = _held(line, held)
            before = line


def _held(line: Line, held: tuple[str | None, str | None]) -> tuple[str | None, str | None]:
    """The validators that a client holds for an address after its answer: a failure changes none.

    After a redirect it holds those of the answer that it was led to, and none for the address that redirects.
    """
    if line.answer.status in (301, 302):
        return None, None
    if line.answer.status not in (200, 304) or line.answer.close or line.answer.content_type == "text/html":
        return held
    return line.answer.etag, line.answer.last_modified


def _unidentified(asked: Asked) -> Iterator[str]:
    if asked.headers.get("user-agent") != AGENT:
        yield "did not say who asks"
    if not all(kind in asked.headers.get("accept", "") for kind in _ACCEPTED):
        yield "did not say that it reads feeds"
    if asked.headers.get("accept-encoding") != "gzip":
        yield "did not ask for gzip"
    yield from (f"brought a {name}" for name in ("cookie", "referer") if name in asked.headers)
    if asked.target != asked.path:
        yield "added parameters"


def _early(paper: Paper, before: Line, line: Line) -> str:
    """Why a request came too early, after the answer to the one before; empty where it did not."""
    waited, answer = line.at - before.at, before.answer
    if answer.status == 410:
        return "asked again though it is gone"
    if answer.close:
        least = timedelta(minutes=2)
    elif answer.status == 403:
        least = 4 * HOUR
    elif wish := answer.headers.get("Retry-After"):
        least = timedelta(seconds=int(wish)) if wish.isdigit() else timedelta(hours=2.5)
    else:
        least = paper.least if answer.status in (200, 304) and answer.content_type != "text/html" else EVERY
    return f"asked {least - waited} too early" if waited < least else ""


def table(log: Sequence[Line]) -> Iterator[str]:
    """A line for each feed: how often it was asked, how it answered, and the least and the most time between two requests."""
    for paper in papers():
        mine = [line for line in log if line.asked.path == paper.path]
        gaps = [(b.at - a.at) / HOUR for a, b in pairwise(mine)]
        unconditional = sum("if-none-match" not in m.asked.headers and "if-modified-since" not in m.asked.headers for m in mine)
        answers = Counter("hung up" if m.answer.close else str(m.answer.status) for m in mine)
        said = ", ".join(f"{count} × {status}" for status, count in sorted(answers.items()))
        spans = f"{min(gaps):5.2f} to {max(gaps):5.2f} h" if gaps else ""
        yield f"{paper.path:15} {len(mine):4} requests, {unconditional:3} unconditional   {spans:18}  {said}"
