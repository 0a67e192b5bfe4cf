"""What was told before anybody asked: stored items, feeds of tags and given texts, read for a title in silence.

A text found so goes down the same line as news: it is read, decided on and committed as a source like any other. Only where it
came from is new, and that it tells nobody.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby
from typing import Protocol, TypeVar
from urllib.parse import urlsplit

from watcher.catalogue import Catalogue, host_of
from watcher.clean import canonical_link, safe_url, without_url
from watcher.decide.arrivals import Arrival, arrive, arrive_page, digest, item_id, version_of
from watcher.decide.intents import LinkedPage, Plan, Read
from watcher.decide.pages import TRIES
from watcher.errors import FeedError, FetchError, ParseError
from watcher.fetch import Response
from watcher.follow import Followed, Follows, follow, with_data
from watcher.learn import World, commit, take_known
from watcher.model import Change, CreditKey, Feed, FeedState, Item, Reading, Source, SourceKind, Title, Verdict, Work
from watcher.parse.entry import text_digest
from watcher.parsing import Parses
from watcher.read.beside import needed_words
from watcher.read.topic import tells_news
from watcher.store import ask
from watcher.store.searched import Stored, links_stored, read_before, stored_text, stored_texts
from watcher.store.store import Store
from watcher.store.texts import earlier

#: Why nobody is told what is found so.
ADDED = "looked up when the title was added"
ASKED = "you asked to learn it"
#: The feed of what somebody gave by hand. It is no address, and nobody polls it.
GIVEN = "watcher:given"
#: Between two requests to one host, and the longest that its owner may want; who wants more is not asked again here.
SPACING, PATIENCE = timedelta(seconds=1), timedelta(seconds=20)
#: So many articles behind the newest items of one host's tags are read.
ARTICLES = 3
#: Statuses that say that there is no such tag (RFC 9110, section 15.5).
_MISSING = frozenset({404, 410})

T = TypeVar("T")
Pause = Callable[[float], Awaitable[None]]
#: The slugs of the persons named for each title so far.
People = dict[str, list[str]]


class Asks(Follows, Protocol):
    """What is needed to ask for addresses of which nobody knows whether they are pages or feeds."""

    async def fetch(self, url: str, now: datetime, *, feeds: bool = False) -> Response:
        """One page, or with `feeds` anything, or `FetchError`."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A text to be read. `feed` is where it lies, `works` are films in its page's data, `stored` is it where it was stored."""

    item: Item
    feed: str
    outlet: str
    works: tuple[Work, ...] = ()
    stored: Stored | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came of asking for one address: its texts, or why there are none. `missing`: the server knows no such thing."""

    url: str
    outlet: str
    texts: tuple[Text, ...] = ()
    error: str | None = None
    missing: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What came of one text: its source and readings, none where it names no title, and the changes that it made.

    `again` says that it was here before and nothing in it is read otherwise now.
    """

    text: Text
    source: Source | None = None
    reads: tuple[Read, ...] = ()
    changes: tuple[Change, ...] = ()
    again: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookup:
    """One look for what was told of the titles of a world. `silence` is why nobody hears of it, `pause` waits for seconds."""

    store: Store
    world: World
    pages: Asks
    parser: Parses
    now: datetime
    silence: str
    pause: Pause

    def enter(self) -> None:
        """Make room for the titles in the store, and take in their known values; a running watcher knows nothing of it yet."""
        self.store.configure(self.world.titles, (), self.now, ())
        take_known(self.store, self.world, self.now)

    def stored(self, title: Title) -> list[Text]:
        """The stored texts that may name a title."""
        found = stored_texts(self.store.connection, needed_words(title))
        return [Text(item=one.item, feed=one.version.feed, outlet=one.source.outlet or "", stored=one) for one in found]

    async def ask_tags(self, feeds: Sequence[Feed], heard: Callable[[Answer], None]) -> tuple[Answer, ...]:
        """Ask for the feeds of tags, of each host one after the other; what fails is an answer too. `heard` gets each at once."""
        answers: list[Answer] = []

        async def ask_host(mine: Sequence[Feed]) -> None:
            for number, feed in enumerate(mine):
                if number and not await self._rest(feed.url):
                    return
                answer = await self._ask_tag(feed)
                answers.append(answer)
                heard(answer)
                if answer.error is not None and not answer.missing:
                    return

        await _each_host(feeds, lambda feed: feed.url, ask_host)
        return tuple(answers)

    async def ask_link(self, url: str) -> Answer:
        """Ask for an article or a feed that somebody named; its outlet is its host's."""
        outlets = self.world.catalogue
        try:
            response = await self.pages.fetch(url, self.now, feeds=True)
            texts = await self._texts(response)
        except FeedError as error:
            return Answer(url=url, outlet=_outlet(url, outlets), error=without_url(str(error), url))
        return Answer(url=url, outlet=_outlet(response.url, outlets), texts=texts)

    def unknown(self, answers: Iterable[Answer]) -> list[Text]:
        """The texts of feeds of tags that did not come in before, from whichever feed, each address once."""
        found = {text.item.link or text.item.guid: text for answer in answers for text in answer.texts}
        stored = links_stored(self.store.connection, found)
        return [text for link, text in found.items() if link not in stored]

    def take(self, texts: Iterable[Text]) -> tuple[Taken, ...]:
        """Read texts, decide on all of them together, and commit them at once; what names no title is not kept.

        Raises:
            StoreError: nothing was committed.
        """
        people = {title.id: ask.people(self.store.connection, title.id) for title in self.world.titles}
        came: dict[str, Arrival] = {}
        lie: set[str] = set()
        read: list[tuple[Text, Arrival | None, bool]] = []
        for text in sorted(texts, key=self._order):
            found = self._read(text)
            stands = text.stored or self._stands(text)
            lie |= {stands.source.id} if stands else set()
            arrival = self._arrival(text, stands, found, people) if found else None
            if arrival is not None and arrival.source.id not in came:
                came[arrival.source.id] = arrival
                _meet(people, arrival)
            else:
                arrival = None
            read.append((text, arrival, bool(found)))
        plan = self._commit([*came.values()], lie)
        made: dict[str, list[Change]] = {}
        for change in plan.changes:
            made.setdefault(change.sources[0], []).append(change)
        kept: dict[str, list[Read]] = {}
        for one in plan.readings:
            kept.setdefault(one.source, []).append(one)
        return tuple(
            Taken(text=text, again=named)
            if arrival is None
            else Taken(
                text=text,
                source=arrival.source,
                reads=tuple(kept[arrival.source.id]),
                changes=tuple(made.get(arrival.source.item, ())),
            )
            for text, arrival, named in read
        )

    async def read_articles(self, taken: Iterable[Taken]) -> tuple[Followed, ...]:
        """Read the articles behind the newest items that were taken from tags and are about a title, some of each host."""
        followed: list[Followed] = []

        async def read_host(mine: Sequence[LinkedPage]) -> None:
            for page in mine[:ARTICLES]:
                if not await self._rest(page.url):
                    return
                followed.append(
                    await follow(
                        page,
                        pages=self.pages,
                        parser=self.parser,
                        store=self.store,
                        world=self.world,
                        in_store=_in_this_thread,
                        now=self.now,
                    )
                )

        about = sorted((one for one in taken if _deserves(one, self.world)), key=lambda one: self._order(one.text), reverse=True)
        await _each_host([page for one in about if (page := self._page(one)) is not None], lambda page: page.url, read_host)
        return tuple(followed)

    def _read(self, text: Text) -> list[Reading]:
        outlet = self.world.catalogue.outlet(text.outlet)
        found = (reading for reader in self.world.readers for reading in reader.read(text.item, outlet))
        return [with_data(reading, text.works, self.world) for reading in found]

    def _stands(self, text: Text) -> Stored | None:
        """A given text as it is stored, where it came in before."""
        if self.store.unseen(text.feed, [text.item]):
            return None
        return stored_text(self.store.connection, version_of(text.feed, text.item, self.now).id)

    def _arrival(self, text: Text, stands: Stored | None, found: Sequence[Reading], people: People) -> Arrival | None:
        """A text as it arrives; None where it did before, and is read as it was."""
        if stands is not None:
            readings = [renewed for reading in found if (renewed := self._renewed(stands, reading)) is not None]
            return self._arrival_again(stands, readings, people) if readings else None
        arrival = arrive(
            version_of(text.feed, text.item, self.now),
            found,
            feed=FeedState(url=text.feed, next_poll_at=self.now),
            outlet=self.world.catalogue.outlet(text.outlet).name,
            titles=self.world.by_id,
            people=people,
            fresh_for=self.world.audience.policy.fresh_for,
            earlier=earlier(self.store.connection, item_id(text.feed, text.item.guid)),
        )
        return replace(arrival, silence=self.silence)

    def _commit(self, arrivals: Sequence[Arrival], stored: Collection[str]) -> Plan:
        """Decide on arrivals and commit them; the sources that are `stored` stay as they are."""
        if not arrivals:
            return Plan(at=self.now)
        db = self.store.connection
        urls = dict.fromkeys(a.version.feed for a in arrivals if a.version is not None and a.source.id not in stored)
        # Only configured feeds are polled when they are due; one that is configured later begins like any other.
        feeds = tuple(FeedState(url=url, next_poll_at=self.now) for url in urls if ask.feed(db, url) is None)

        def finish(plan: Plan) -> Plan:
            sources = tuple((source, version) for source, version in plan.sources if source.id not in stored)
            return replace(plan, feeds=feeds, sources=sources, versions=tuple(v for v in plan.versions if v.id not in stored))

        # The first one says whose claims are read anew: a page's and its item's, where there is a page.
        pages_first = sorted(arrivals, key=lambda arrival: arrival.source.kind is not SourceKind.PAGE)
        return commit(self.store, self.world, pages_first, self.now, finish)

    def _renewed(self, stands: Stored, reading: Reading) -> Reading | None:
        """The reading of a stored text if it is to be kept: there was none, or another one by other words of the title.

        A reading is known by its text, title and reader, so one by other words is another reader's.
        """
        before = read_before(self.store.connection, stands.source.id, reading.title)
        if before is None:
            return reading
        if before is reading.verdict:
            return None
        title = self.world.by_id[reading.title]
        words = digest(*title.aliases, "", *title.context, "", *title.exclusions, "", *map(str, title.known))
        return replace(reading, reader=f"{reading.reader}.{words}")

    def _arrival_again(self, stands: Stored, readings: Sequence[Reading], people: People) -> Arrival:
        """A stored text as it would have arrived for these titles. When it came in stays as it was; it is read now."""
        version, source, fresh_for = stands.version, stands.source, self.world.audience.policy.fresh_for
        titles = self.world.by_id
        if source.kind is SourceKind.PAGE:
            page = LinkedPage(
                item=source.item,
                url=source.link or "",
                host="",
                story=source.story,
                due_at=source.first_seen,
                wanted_at=source.first_seen,
            )
            arrival = arrive_page(page, source, version, readings, titles=titles, people=people, fresh_for=fresh_for)
        else:
            state = FeedState(url=version.feed, next_poll_at=source.first_seen)
            outlet = source.outlet or ""
            arrival = arrive(version, readings, feed=state, outlet=outlet, titles=titles, people=people, fresh_for=fresh_for)
        reads = tuple(replace(read, read_at=self.now) for read in arrival.reads)
        return replace(arrival, silence=self.silence, late=False, reads=reads)

    def _order(self, text: Text) -> tuple[datetime, str]:
        seen = text.stored.source.first_seen if text.stored else self.now
        return text.item.published or seen, text.item.guid

    async def _texts(self, response: Response) -> tuple[Text, ...]:
        """What a server gave: an article, or the items of a feed."""
        body, kind, url = response.body or b"", response.content_type, response.url
        outlet = _outlet(url, self.world.catalogue)
        try:
            page = await self.parser.page(body, content_type=kind, url=url)
        except ParseError as no_page:
            try:
                parsed = await self.parser.feed(body, content_type=kind, url=url, now=self.now)
            except ParseError:
                raise no_page from None
            return tuple(given(item, outlet) for item in parsed.items)
        item = page.item()
        # What a page calls its own address is believed within its own house only.
        link = item.link if item.link and host_of(item.link) == host_of(url) else url
        in_time = item.published is not None and item.published <= self.now
        text = given(replace(item, link=link, published=item.published if in_time else None), outlet)
        return (replace(text, works=page.works),)

    async def _ask_tag(self, feed: Feed) -> Answer:
        try:
            response = await self.pages.fetch(feed.url, self.now, feeds=True)
            body, kind = response.body or b"", response.content_type
            parsed = await self.parser.feed(body, content_type=kind, url=response.url, now=self.now)
        except FeedError as error:
            missing = isinstance(error, FetchError) and error.status in _MISSING
            return Answer(url=feed.url, outlet=feed.outlet, error=without_url(str(error), feed.url), missing=missing)
        return Answer(
            url=feed.url,
            outlet=feed.outlet,
            texts=tuple(Text(item=item, feed=feed.url, outlet=feed.outlet) for item in parsed.items),
        )

    def _page(self, one: Taken) -> LinkedPage | None:
        """The page behind an item that was taken, as it is asked for."""
        source = one.source
        host = host_of(source.link) if source is not None and source.link else None
        if source is None or source.link is None or host is None:
            return None
        return LinkedPage(
            item=source.item,
            url=source.link,
            host=host,
            story=source.story,
            due_at=self.now,
            wanted_at=self.now,
            # One try: a watcher that runs does not know the title yet, and could not make it up later.
            tries=TRIES,
            visits=1,
            asked_at=self.now,
            silence=self.silence,
        )

    async def _rest(self, url: str) -> bool:
        """Wait as long as the owner of a host wants; False where that is too long for somebody who waits for an answer."""
        wanted = max(SPACING, self.pages.delay(url))
        if wanted > PATIENCE:
            return False
        await self.pause(wanted.total_seconds())
        return True


def given(item: Item, outlet: str) -> Text:
    """An item that somebody gave, under an identity of its own: names of files and numbers of lines are none."""
    mark = text_digest(item.title, item.body, canonical_link(item.link or ""))
    return Text(item=replace(item, guid=item.link or mark, digest=mark), feed=GIVEN, outlet=outlet)


def _meet(people: People, arrival: Arrival) -> None:
    """Note whom an arrival names, so that the next one names the same person by the same name."""
    for evidence in arrival.evidence:
        if isinstance(evidence.key, CreditKey) and evidence.key.person not in people[evidence.key.title]:
            people[evidence.key.title].append(evidence.key.person)


def _outlet(url: str, outlets: Catalogue) -> str:
    """The name of the outlet at an address; the host where nobody knows it."""
    known = outlets.outlet_of(url)
    return known.name if known is not None else host_of(url) or safe_url(url)


def _deserves(one: Taken, world: World) -> bool:
    """Whether the article behind an item may say more of a title than the item does."""
    item = one.text.item
    for read in one.reads:
        title, verdict = world.by_id[read.reading.title], read.reading.verdict
        headline = item.title.casefold()
        if verdict is not Verdict.OTHER and any(name.casefold() in headline for name in (title.name, *title.aliases)):
            return True
        if verdict.counts and tells_news(item.text, item.language):
            return True
    return False


async def _each_host(things: Sequence[T], url: Callable[[T], str], work: Callable[[Sequence[T]], Awaitable[None]]) -> None:
    """Do the work of every host, side by side."""

    def host(thing: T) -> str:
        return urlsplit(url(thing)).netloc

    hosts = [list(mine) for _, mine in groupby(sorted(things, key=host), key=host)]
    await asyncio.gather(*(work(mine) for mine in hosts))


async def _in_this_thread(work: Callable[[], T]) -> T:
    """Run work on the store where it was opened: a verb has no other thread for it."""
    return work()
