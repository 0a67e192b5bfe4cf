"""What `add` and `learn` share: a look for what was told already, with its progress shown, and how what came of it is said."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator, Sequence
from contextlib import aclosing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from watcher.board.words import count_in_words
from watcher.clean import plain, safe_url
from watcher.cli import common, compose
from watcher.cli.audience import audience
from watcher.cli.inquiry import Inquiry
from watcher.cli.layout import screen_width
from watcher.config import Config
from watcher.follow import Followed
from watcher.learn import World
from watcher.lookup import SPACING, Answer, Lookup, Taken
from watcher.model import Feed, Title
from watcher.parsing import Parser
from watcher.read import Reader
from watcher.store import ask
from watcher.store.store import Store

#: How long to wait for another writer, in seconds.
BUSY_S = 5.0
#: Between two addresses that somebody gave, in seconds.
SPACING_S = SPACING.total_seconds()
#: Feeds of tags are asked for so many of a title's names.
_NAMES_ASKED = 3
#: The files of a store, beside the database itself.
_BESIDE = ("", "-wal", "-shm")


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What a look came to: how many stored texts there were, what servers answered, and what was taken from all of it."""

    stored: int = 0
    tags: tuple[Answer, ...] = ()
    links: tuple[Answer, ...] = ()
    taken: tuple[Taken, ...] = ()
    articles: tuple[Followed, ...] = ()

    @property
    def named(self) -> tuple[Taken, ...]:
        """What names the title."""
        return tuple(one for one in self.taken if one.reads or one.again)

    @property
    def changes(self) -> int:
        """How many changes were made."""
        made = {change.id for one in self.taken for change in one.changes}
        return len(made) + sum(one.learned.changes for one in self.articles)


def world_of(config: Config, titles: Sequence[Title]) -> World:
    """The world in which only these titles are watched: what is read for them leaves the others as they are."""
    readers = (Reader(tuple(titles), config.outlets.outlets),)
    return replace(compose.world(config), titles=tuple(titles), feeds=(), readers=readers)


@contextmanager
def lookup(config: Config, world: World, database: Path, silence: str) -> Iterator[Lookup]:
    """A look in a store, which is made where there is none; whoever looks closes its parser.

    Raises:
        StoreError: it cannot be used, or is held by somebody else.
    """
    new = not database.exists()
    with Store(database, busy_timeout=BUSY_S) as store:
        if new:
            _give_to_owner(database)
        yield Lookup(
            store=store,
            world=world,
            pages=compose.pages(config),
            parser=Parser(),
            now=common.now(),
            silence=silence,
            pause=asyncio.sleep,
        )


def _give_to_owner(database: Path) -> None:
    """Where root made the store of somebody else's state directory, it is theirs: else their watcher could not write it."""
    owner = database.parent.stat()
    if os.geteuid() == 0 and owner.st_uid != 0:
        for end in _BESIDE:
            path = Path(f"{database}{end}")
            if path.exists():
                os.chown(path, owner.st_uid, owner.st_gid)


async def look_through(look: Lookup, title: Title, *, tags: Sequence[Feed], links: Sequence[str], articles: bool) -> Looked:
    """Stored items, feeds of tags and links, read for a title and taken in; then the articles behind what the tags brought."""
    async with aclosing(look.parser):
        return await _look_through(look, title, tags=tags, links=links, articles=articles)


async def _look_through(look: Lookup, title: Title, *, tags: Sequence[Feed], links: Sequence[str], articles: bool) -> Looked:
    texts = look.stored(title)
    if texts:
        common.tell(f"Looking through {count_in_words(len(texts), 'stored item')} with its words…")
    if tags:
        hosts = list(dict.fromkeys(feed.outlet for feed in tags))
        common.tell(f"Asking the tag pages of {', '.join(hosts)}…")
    answers = await look.ask_tags(tags, lambda answer: common.tell(f"  {answer_in_words(answer)}"))
    given = []
    for url in links:
        given.append(answer := await look.ask_link(url))
        common.tell(f"  {answer_in_words(answer)}")
    tagged = look.unknown(answers)
    taken = look.take([*texts, *tagged, *(text for answer in given for text in answer.texts)])
    from_tags = [one for one in taken if one.text in tagged]
    followed = await look.read_articles(from_tags) if articles and from_tags else ()
    return Looked(stored=len(texts), tags=answers, links=tuple(given), taken=taken, articles=followed)


def tag_feeds(config: Config, title: Title) -> tuple[Feed, ...]:
    """The feeds of tags that may be the title's, of the outlets that are read anyway."""
    names = (title.name, *title.aliases)[:_NAMES_ASKED]
    found = config.outlets.tag_feeds(names, {feed.outlet for feed in config.feeds})
    return tuple(feed for feed in found if feed.url not in config.refused)


def answer_in_words(answer: Answer) -> str:
    """What came of one address, for a line of progress."""
    if answer.missing:
        return f"{plain(answer.outlet)}: nothing at {plain(safe_url(answer.url))}"
    return f"{plain(answer.outlet)}: {plain(answer.error) if answer.error else count_in_words(len(answer.texts), 'item')}"


def inquiry_of(config: Config, database: Path) -> Inquiry:
    """A question to a store with these settings, whatever the configuration file says; its connection is the caller's."""
    return Inquiry(
        config=config,
        audience=audience(config),
        now=common.now(),
        as_of=None,
        db=ask.open_reader(database) if database.exists() else None,
        width=screen_width(),
    )
