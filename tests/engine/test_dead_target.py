"""Three days of a dead target, on the test's own clock: what it gets when it is well again, and what the others get meanwhile.

Engine, sender, store and receivers are real; the engine is opened anew on the same store every twelve hours. Five films, of
which some move twice, cast and ring while the one target is dead.
"""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from builders import NOW, credit, feed_state, item, moved, release, world
from engines import FEED, no_network, silent
from receivers import MailReceiver, Post, Webhook, WebhookReceiver

from watcher.decide.intents import Plan
from watcher.engine import Engine
from watcher.model import Claim, Evidence, Feed, FeedState, Item, Outlet, Reading, Status, Target, Title, Verdict
from watcher.send import Sender

HOUR, STEP = timedelta(hours=1), timedelta(minutes=10)
WAIT = timedelta(minutes=10)
BEGIN, END, CLOSE = 2 * HOUR, 74 * HOUR, 78 * HOUR
RESTART = 12 * HOUR
FILMS = ("Harbor Lights", "Salt Road", "Paper Moons", "The Ninth Kiln", "Lantern Works")
HARBOR, SALT, MOONS, KILN, LANTERN = FILMS


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """A piece of news: hours after the beginning, of which film, and what is said."""

    at: timedelta
    film: str
    said: Evidence


def _news(hours: float, film: str, said: Evidence) -> News:
    return News(at=hours * HOUR, film=film, said=said)


NEWS = (
    _news(0, HARBOR, release("2026-06-05")),
    _news(0.5, SALT, release("2026-09-04")),
    _news(1, MOONS, release("2025-03-11")),
    _news(1.5, KILN, release("2025-03-09")),
    _news(3, HARBOR, moved("2026-07-10", "2026-06-05")),
    # While this waits for company the target is tried with what it supersedes, and with nothing else.
    _news(4, HARBOR, moved("2027-06-04", "2026-07-10")),
    _news(10, SALT, moved("2026-10-02", "2026-09-04")),
    _news(20, LANTERN, credit(Status.JOINS, "Ada Quill")),
    _news(27, KILN, moved("2025-08-01", "2025-03-09")),
    _news(40, LANTERN, credit(Status.JOINS, "Bo Tarn")),
    _news(41, SALT, moved("2026-09-04", "2026-10-02")),
    _news(50, MOONS, credit(Status.JOINS, "Ilse Varghold")),
)
#: What never holds at the end of the three days, or holds as it did before them.
SUPERSEDED = [news.said for news in (NEWS[4], NEWS[6], NEWS[10])]
#: At nine in the morning, seven days before each: one before its film moves away from that date, one that holds.
RINGS = ((21 * HOUR, KILN), (69 * HOUR, MOONS))
#: When who is well hears of which film.
ON_TIME = sorted([(news.at + WAIT, news.film) for news in NEWS] + list(RINGS))


def title_id(film: str) -> str:
    """The id of a film's title."""
    return film.lower().replace(" ", "-")


class Told:
    """A reader that finds in an item what `NEWS` has under its number."""

    def read(self, item: Item, outlet: Outlet | None = None) -> tuple[Reading, ...]:
        """One reading of the film that the item is about."""
        del outlet
        news = NEWS[int(item.guid)]
        claims: tuple[Claim, ...] = (replace(news.said.claim, title=title_id(news.film)),)
        return (Reading(title=title_id(news.film), reader="told", verdict=Verdict.ABOUT, claims=claims),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What came to a receiver, and when by the clock of the test."""

    at: timedelta
    id: str
    text: str

    @property
    def film(self) -> str:
        """The one film that it is about; empty where it tells of the service."""
        found = [film for film in FILMS if film in self.text]
        assert len(found) <= 1
        return "".join(found)


class Breakable(WebhookReceiver):
    """A webhook that breaks down: its port `closes`, or its server answers 503."""

    def __init__(self, *, closes: bool = False) -> None:
        super().__init__()
        self._closes = closes
        self._well, self._again = 0, 0
        self._held = socket.socket()

    def break_down(self) -> None:
        """From now on nobody gets through."""
        self._well = len(self.posts)
        if self._closes:
            assert self._server is not None
            self._server.close()
            # Bound and never listened to, so that nobody else gets the port meanwhile.
            self._held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self._held.bind(("127.0.0.1", self.port))
        else:
            self.manner = Webhook(status=503)

    async def mend(self) -> None:
        """From now on it takes what comes."""
        self._again = len(self.posts)
        if self._closes:
            self._held.close()
            self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.port)
        self.manner = Webhook()

    async def __aexit__(self, *error: Any) -> None:
        self._held.close()
        await super().__aexit__(*error)

    @property
    def taken(self) -> list[Post]:
        """What it took."""
        broken = range(self._well, len(self.posts) if self.manner.status == 503 else self._again)
        return [post for number, post in enumerate(self.posts) if number not in broken]

    @property
    def refused(self) -> int | None:
        """How many requests it refused; None where none can have come."""
        return None if self._closes else self._again - self._well


@dataclass(slots=True)
class Seen:
    """What happened: the messages of each target, and when the dead one was tried in vain."""

    messages: dict[str, list[Message]] = field(default_factory=lambda: {"dead": [], "hook": [], "mail": []})
    tries: list[timedelta] = field(default_factory=list)

    def note(self, target: str, at: timedelta, came: Sequence[tuple[str, str]]) -> None:
        """Whatever came to a target since the last time."""
        known = self.messages[target]
        known.extend(Message(at=at, id=name, text=text) for name, text in came[len(known) :])


def posted(hook: Breakable) -> list[tuple[str, str]]:
    """Id and text of all that a webhook took."""
    posts = [(post.headers["x-watcher-id"], json.loads(post.body)) for post in hook.taken]
    return [(name, f"{said['title']}\n{said['message']}") for name, said in posts]


def mailed(mail: MailReceiver) -> list[tuple[str, str]]:
    """Id and text of all that a mailbox took."""
    found = []
    for one in mail.mails:
        body = one.get_body(("plain", "html"))
        assert body is not None
        found.append((one["X-Watcher-Id"], f"{one['Subject']}\n{body.get_content()}"))
    return found


@asynccontextmanager
async def opened(path: Path, targets: Sequence[Target], now: datetime) -> AsyncIterator[Engine]:
    """An engine and a sender on the store in this directory."""
    titles = [Title(id=title_id(film), name=film) for film in FILMS]
    there = replace(world(targets=targets, titles=titles, group_wait=WAIT), readers=(Told(),))
    async with (
        Sender(timeout=20, terminal=silent) as sender,
        await Engine.open(path / "watcher.db", there, sender=sender, make_fetcher=no_network, now=now) as engine,
    ):
        yield engine


async def play(path: Path, dead: Breakable, hook: Breakable, mail: MailReceiver) -> Seen:
    """All that happens, from the first news to some hours after the end."""
    seen, at = Seen(), timedelta(0)
    targets = [Target(name="dead", url=dead.url()), Target(name="hook", url=hook.url()), Target(name="mail", url=mail.url())]
    while at < CLOSE:
        async with opened(path, targets, NOW + at) as engine:
            if at == timedelta(0):
                learned = Plan(at=NOW, feeds=(polled(NOW - HOUR),), learned=tuple(map(title_id, FILMS)))
                await engine.in_store(partial(engine.store.apply, learned))
            for _ in range(RESTART // STEP):
                await step(engine, at, seen, dead)
                for name, came in (("dead", posted(dead)), ("hook", posted(hook)), ("mail", mailed(mail))):
                    seen.note(name, at, came)
                at += STEP
    return seen


def polled(at: datetime) -> FeedState:
    """The state of the one feed, polled then; news comes from it without a network, so it is never due."""
    return replace(feed_state(FEED.url, polled=at), next_poll_at=NOW + 2 * CLOSE)


async def step(engine: Engine, at: timedelta, seen: Seen, dead: Breakable) -> None:
    """Ten minutes: the target breaks or is mended, news comes in, and the engine does what is due."""
    if at == BEGIN:
        dead.break_down()
    if at == END:
        await dead.mend()
    for number, news in enumerate(NEWS):
        if news.at == at:
            feed = Feed(url=FEED.url, outlet="The Ledger")
            await engine.learn(feed, [item(str(number), on=NOW + at)], polled(NOW + at), NOW + at)
    tick = await engine.tick(NOW + at)
    seen.tries += [at for sent in tick.sent if sent.receipt.outcome != "sent"]
    assert all(sent.target == "dead" for sent in tick.sent if sent.receipt.outcome != "sent")


def dated(at: timedelta) -> str:
    """The day of a piece of news, as alerts write it."""
    day = NOW + at
    return f"{day:%B} {day.day}, {day.year}"


@pytest.mark.parametrize("closes", [True, False], ids=("port closed", "answers 503"))
async def test_target_dead_for_three_days_gets_all_that_holds_and_troubles_nobody(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, closes: bool
) -> None:
    """What still holds comes late, in order, grouped and with its date; the dead are tried hourly, the others hear on time."""
    async with Breakable(closes=closes) as dead, Breakable() as hook, MailReceiver() as mail:
        seen = await play(tmp_path, dead, hook, mail)
    for name in ("hook", "mail"):
        came = seen.messages[name]
        assert sorted((message.at, message.film) for message in came if message.film) == ON_TIME, name
        told = [(message.at - BEGIN, message.text.splitlines()[0]) for message in came if not message.film]
        assert [words for _, words in told] == [
            "Alerts: “dead” has taken no alert since Saturday, March 1, 2025",
            "Alerts: “dead” works again",
        ]
        assert HOUR <= told[0][0] <= 12 * HOUR
    for name, messages in seen.messages.items():
        assert len({message.id for message in messages}) == len(messages), name
    check_tries(seen.tries, dead)
    check_late([message for message in seen.messages["dead"] if message.at > BEGIN])
    assert [record.getMessage() for record in caplog.records if record.levelname == "ERROR"] == []


def check_tries(tries: Sequence[timedelta], dead: Breakable) -> None:
    """The rests after a failure grow to an hour, and start anew neither at a restart nor with other news."""
    assert dead.refused in (None, len(tries))
    gaps = [after - before for before, after in pairwise(tries)]
    assert max(gaps) <= HOUR + STEP
    assert min(gaps[8:]) >= HOUR - STEP
    assert END - HOUR - STEP <= tries[-1] < END


def check_late(messages: Sequence[Message]) -> None:
    """Of each film what holds now, since when it is known, and nothing of what was superseded."""
    assert all(END <= message.at <= END + HOUR + STEP for message in messages)
    held = [news for news in NEWS if BEGIN < news.at < END]
    assert 0 < len(messages) < len(held)
    texts = {film: "\n".join(message.text for message in messages if film in message.text) for film in FILMS}
    assert all("Told late: each piece of news has its day beside it." in message.text for message in messages)
    assert texts[SALT] == ""
    assert "June 4, 2027" in texts[HARBOR]
    assert "was June 5, 2026" in texts[HARBOR]
    assert "July 10" not in texts[HARBOR]
    assert "August 1, 2025" in texts[KILN]
    assert f"{KILN} opens in 7 days" not in texts[KILN]
    assert f"{MOONS} opens in 7 days" in texts[MOONS]
    assert "Ilse Varghold" in texts[MOONS]
    assert 0 <= texts[LANTERN].find("Ada Quill") < texts[LANTERN].find("Bo Tarn")
    for news in held:
        if news.said not in SUPERSEDED:
            assert dated(news.at) in texts[news.film], news
