"""Boards for tests: a store that the real line filled out of invented news, and what is published of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from builders import OUTLETS, day

from watcher.board.board import Board, board
from watcher.config import Policy
from watcher.decide.intents import Plan
from watcher.decide.policy import Judge
from watcher.decide.telling import Audience
from watcher.learn import World, take
from watcher.model import Feed, FeedState, Item, Title
from watcher.read import Reader
from watcher.store.store import Store

GLASS = Title(
    id="glass-orchard",
    name="Glass Orchard",
    context=("Ines Varga", "Marrow Pictures"),
)
OTHER = Title(id="north-of-salt", name="North of Salt", context=("Teodor Lund",))


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One item of news: the day it came, who printed it, its head and its text."""

    on: str
    outlet: str
    head: str
    text: str = ""

    def item(self, number: int) -> Item:
        """The same as an item of a feed."""
        at = day(self.on) + timedelta(seconds=number)
        guid = f"n{number}"
        link = f"https://{self.outlet.lower().replace(' ', '-')}.example/{guid}"
        return Item(guid=guid, title=self.head, body=self.text, link=link, published=at, digest=f"{self.head}{self.text}")


#: A film that is announced for a season, gets a day, moves twice, is seen in other countries and at home, and is cast meanwhile.
STORY = (
    Told(on="2024-03-04", outlet="The Ledger", head="Marrow Pictures sets Glass Orchard for summer 2025",
         text="Marrow Pictures will release Glass Orchard in summer 2025. Ines Varga directs."),
    Told(on="2024-05-20", outlet="The Ledger", head="Bo Tarn joins Glass Orchard",
         text="Bo Tarn has joined the cast of Glass Orchard, Marrow Pictures' thriller."),
    Told(on="2024-06-11", outlet="Morning Reel", head="Glass Orchard opens on July 11, 2025",
         text="Marrow Pictures' Glass Orchard will open in US theaters on July 11, 2025."),
    Told(on="2024-06-12", outlet="The Ledger", head="Glass Orchard dated for July 11, 2025",
         text="Marrow Pictures has dated Glass Orchard for July 11, 2025, in US theaters."),
    Told(on="2024-09-02", outlet="Copycat", head="Glass Orchard opens on March 14, 2025",
         text="The thriller Glass Orchard opens in US theaters on March 14, 2025, with Ines Varga directing."),
    Told(on="2024-11-18", outlet="The Ledger", head="Glass Orchard moves to March 6, 2026",
         text="Marrow Pictures has delayed Glass Orchard from July 11, 2025 to March 6, 2026."),
    Told(on="2024-11-18", outlet="Reel Talk", head="Glass Orchard pushed to March 6, 2026",
         text="Marrow Pictures' Glass Orchard has been pushed from July 11, 2025 to March 6, 2026, per The Ledger."),
    Told(on="2025-02-14", outlet="The Ledger", head="Ada Quill in talks for Glass Orchard",
         text="Ada Quill is in talks to star in Glass Orchard, from Marrow Pictures."),
    Told(on="2025-04-01", outlet="Morning Reel", head="Glass Orchard will open in the UK on March 20, 2026",
         text="Marrow Pictures' Glass Orchard will be released in UK cinemas on March 20, 2026."),
    Told(on="2025-09-01", outlet="The Ledger", head="Glass Orchard delayed to May 1, 2026",
         text="Marrow Pictures has delayed Glass Orchard from March 6, 2026 to May 1, 2026."),
    Told(on="2026-05-20", outlet="The Ledger", head="Glass Orchard comes home on June 16, 2026",
         text="Marrow Pictures' Glass Orchard arrives on digital on June 16, 2026 in the US."),
)  # fmt: skip


@dataclass(slots=True, kw_only=True)
class Newsroom:
    """A store that takes in news, an item at a time on the day it is printed, and the board of any moment after it."""

    path: Path
    titles: Sequence[Title] = (GLASS,)
    regions: tuple[str, ...] = ("US",)
    language: str = "en"
    zone: str = "UTC"
    taken: int = field(default=0, init=False)

    @property
    def database(self) -> Path:
        """The store's file."""
        return self.path / "watcher.db"

    @property
    def world(self) -> World:
        """Who reads, whom to believe, whom to tell: nobody."""
        policy = Policy()
        return World(
            titles=tuple(self.titles),
            feeds=tuple(feed_of(outlet.name) for outlet in OUTLETS.outlets),
            readers=(Reader(self.titles, OUTLETS.outlets),),
            catalogue=OUTLETS,
            judge=Judge(catalogue=OUTLETS, policy=policy),
            audience=Audience(targets=(), regions=self.regions, zone=ZoneInfo(self.zone), policy=policy, language=self.language),
            every=1800,
        )

    def open(self, at: datetime) -> Store:
        """The store with its titles past their silent start."""
        store, there = Store(self.database), self.world
        store.configure(list(there.titles), list(there.feeds), at, [at] * len(there.feeds))
        store.apply(Plan(at=at, feeds=(), learned=tuple(title.id for title in there.titles)))
        return store

    def take(self, *news: Told) -> None:
        """Let news come, each item on its day and from its outlet's feed."""
        there = self.world
        with self.open(day(news[0].on) - timedelta(days=1)) as store:
            for told in news:
                self.taken += 1
                item = told.item(self.taken)
                at = item.published
                assert at is not None
                feed = feed_of(told.outlet)
                before = at - timedelta(hours=1)
                state = FeedState(url=feed.url, next_poll_at=at, first_ok_at=before, last_ok_at=before, last_poll_at=before)
                store.apply(Plan(at=before, feeds=(state,)))
                take(store, there, feed, [item], after=replace(state, last_ok_at=at, last_poll_at=at), now=at)

    def board(self, now: str | datetime) -> Board:
        """What is held at a moment: of all that was taken, so it should lie after it."""
        at = day(now) if isinstance(now, str) else now.astimezone(UTC)
        there = self.world
        with Store(self.database) as store:
            return board(store.connection, there.titles, there.feeds, judge=there.judge, audience=there.audience, now=at)


def feed_of(outlet: str) -> Feed:
    """The feed of an outlet of these tests."""
    return Feed(url=f"https://{outlet.lower().replace(' ', '-')}.example/feed", outlet=outlet)
