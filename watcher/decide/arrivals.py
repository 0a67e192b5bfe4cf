"""What has just come in, under names of its own: item versions, sources, and the claims read in them, each with its key.

Identities are digests of what they name, so the same news gets the same ids on every machine and in every order of arrival.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta

from watcher.clean import canonical_link
from watcher.decide.edits import Earlier, said_at
from watcher.decide.intents import ItemVersion, LinkedPage, Read
from watcher.decide.keys import key_of
from watcher.decide.rules import PINNED
from watcher.edtf import UNSET
from watcher.model import (
    Action,
    Claim,
    CreditClaim,
    CreditKey,
    Evidence,
    FeedState,
    Item,
    Key,
    Known,
    Reading,
    ReleaseClaim,
    Sentence,
    Source,
    SourceKind,
    Status,
    Title,
    Verdict,
)

#: Why what came after a backup was taken tells nobody once that backup was put back.
RESTORED = "learned after a backup was put back; it may have been told before"

#: Why an item tells nobody that was stored once and comes back.
_FORGOTTEN = "old news, it was in the feed before"


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """One source that came in, with its readings. `silence` says why it tells nobody, whatever it changes.

    Of an edit, `stale` says so for what it said before. `waited_since` is when its news first came in, where that was
    earlier: a page is the second half of its item.
    """

    source: Source
    version: ItemVersion | None = None
    reads: tuple[Read, ...] = ()
    silence: str | None = None
    stale: str | None = None
    late: bool = False
    waited_since: datetime | None = None

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """All claims of all its readings."""
        return tuple(e for read in self.reads for e in read.evidence)


def with_story(arrival: Arrival, story: str) -> Arrival:
    """The arrival as a part of a story."""
    if story == arrival.source.story:
        return arrival
    source = replace(arrival.source, story=story)
    reads = (replace(read, evidence=tuple(replace(e, source=source) for e in read.evidence)) for read in arrival.reads)
    return replace(arrival, source=source, reads=tuple(reads))


def digest(*parts: str) -> str:
    """Twelve hexadecimal digits that name the parts."""
    return hashlib.blake2s("\0".join(parts).encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()


def item_id(feed: str, guid: str) -> str:
    """The id of an item: what a user types after `watcher why`."""
    return digest(feed, guid)


def version_of(feed: str, item: Item, now: datetime) -> ItemVersion:
    """The version of an item that has this very text."""
    whole = item_id(feed, item.guid)
    return ItemVersion(id=f"{whole}.{item.digest[:8]}", item=whole, feed=feed, content=item, seen_at=now)


def arrive(
    version: ItemVersion,
    readings: Sequence[Reading],
    *,
    feed: FeedState,
    outlet: str,
    titles: Mapping[str, Title],
    people: Mapping[str, Sequence[str]],
    fresh_for: timedelta,
    earlier: Earlier | None = None,
    forgotten: bool = False,
) -> Arrival:
    """An item version as it arrives from a feed, with what was read in it.

    `feed` is the feed's state before this poll. Silent is what comes with the first poll of a feed, or with the first one after
    a backup was put back and was published before that, and what was published
    longer than `fresh_for` ago, unless it appeared since the feed's last good poll: that is late, and told as late. An item
    that was here with an `earlier` text is an edit, and no older than that; one that was here and is `forgotten` since is old
    news, whatever day it bears now.
    """
    item, now = version.content, version.seen_at
    published = item.published
    aged = published is not None and published < now - fresh_for
    old = aged and earlier is None
    missed = old and published is not None and feed.last_ok_at is not None and published > feed.last_ok_at
    source = Source(
        id=version.id,
        item=version.item,
        outlet=outlet,
        link=item.link,
        title=item.title,
        published=published,
        first_seen=now,
        story=digest(canonical_link(item.link) if item.link else item.guid),
        fresh=(not old or missed) and not forgotten,
    )
    return Arrival(
        source=source,
        version=version,
        reads=tuple(_read(source, reading, titles[reading.title], people, earlier) for reading in readings),
        silence=_FORGOTTEN if forgotten else _silence(feed, source, published),
        stale=_old_news(published) if aged and earlier is not None else None,
        late=missed,
    )


def arrive_page(
    page: LinkedPage,
    source: Source,
    version: ItemVersion,
    readings: Sequence[Reading],
    *,
    titles: Mapping[str, Title],
    people: Mapping[str, Sequence[str]],
    fresh_for: timedelta,
    earlier: Earlier | None = None,
) -> Arrival:
    """The page behind an item as it arrives, with what was read in both: another version of that item's text.

    `source` is the item's own. Origin and story are the item's, so that the two count once, and so are silence and lateness,
    unless the page is the first to say how old its news is. `earlier` is what the two said before this version; where no
    page was read before, what the page adds to its item is as old as the article.
    """
    item, now = version.content, version.seen_at
    old = source.published is None and item.published is not None and item.published < now - fresh_for
    mine = Source(
        id=version.id,
        item=source.item,
        kind=SourceKind.PAGE,
        outlet=source.outlet,
        link=source.link,
        title=item.title,
        published=item.published,
        first_seen=now,
        story=source.story,
        fresh=source.fresh and not old,
    )
    told_old = _old_news(item.published) if old else None
    return Arrival(
        source=mine,
        version=version,
        reads=tuple(_read(mine, reading, titles[reading.title], people, earlier) for reading in readings),
        silence=page.silence or told_old,
        late=page.late,
        waited_since=page.wanted_at,
    )


def page_version(of: ItemVersion, item: Item, now: datetime) -> ItemVersion:
    """The version of an item that its page makes of it."""
    mark = digest("page", item.title, item.body)
    content = replace(item, digest=f"page-{mark}")
    return ItemVersion(
        id=f"{of.item}.p{mark[:8]}", item=of.item, feed=of.feed, content=content, seen_at=now, kind=SourceKind.PAGE
    )


def _silence(feed: FeedState, source: Source, published: datetime | None) -> str | None:
    # Texts bear hours ahead of our clock too: of such a one nobody knows when it came.
    back = feed.restored_at
    if back is not None and (published is None or published <= back or published > source.first_seen):
        return RESTORED
    if feed.first_ok_at is None:
        return "the first poll of a feed learns in silence"
    if not source.fresh and published is not None:
        return _old_news(published)
    return None


def _old_news(published: datetime | None) -> str | None:
    return None if published is None else f"old news, published {published.date().isoformat()}"


def _read(
    source: Source, reading: Reading, title: Title, people: Mapping[str, Sequence[str]], earlier: Earlier | None = None
) -> Read:
    name = f"{source.id}:{reading.title}:{reading.reader}"
    return kept_as(name, source, reading, title, people.get(reading.title, ()), at=source.first_seen, earlier=earlier)


def kept_as(
    name: str,
    source: Source,
    reading: Reading,
    title: Title,
    people: Sequence[str],
    *,
    at: datetime,
    earlier: Earlier | None = None,
    same: Mapping[tuple[str, str], Key] | None = None,
) -> Read:
    """A reading as it is kept under a name, made at a moment (UTC), each claim with the fact that it speaks of.

    `people` are the slugs of persons known for the title; whom the reading names is known to its later claims. `same` holds
    the keys of persons, by job and name, of whom the source spoke before.
    """
    met = list(people)
    evidence = []
    for number, claim in enumerate(reading.claims):
        key = key_of(claim, title, met)
        if isinstance(claim, CreditClaim) and same:
            key = same.get((claim.job, claim.person), key)
        if isinstance(key, CreditKey) and key.person not in met:
            met.append(key.person)
        since = said_at(claim, earlier, at)
        evidence.append(Evidence(id=f"{name}:{number}", key=key, claim=claim, source=source, said_at=since))
    return Read(id=name, source=source.id, reading=reading, evidence=tuple(evidence), read_at=at)


def known_digest(title: Title) -> str:
    """Names the known values of a title as configured, so that only changed ones are taken in again."""
    return digest(json.dumps([str(k) for k in title.known], ensure_ascii=False))


def known_arrivals(title: Title, now: datetime) -> tuple[Arrival, ...]:
    """The known values of a title as sources of their own, silent: the user told us, so nobody needs to be told."""
    arrivals = []
    met: dict[str, list[str]] = {title.id: []}
    for number, known in enumerate(sorted(title.known, key=lambda k: k.on)):
        claim = _known_claim(title, known)
        name = digest("known", title.id, str(known))
        # Those of one day keep the order of the configuration, also when they are folded anew.
        day = datetime.combine(known.on, time(), UTC) + timedelta(microseconds=number)
        source = Source(
            id=name,
            item=name,
            kind=SourceKind.USER,
            outlet=known.outlet,
            link=known.url,
            published=min(day, now),
            first_seen=now,
            story=digest(known.url or name),
        )
        reading = Reading(title=title.id, reader="known", verdict=Verdict.ABOUT, claims=(claim,))
        read = _read(source, reading, title, met)
        met[title.id].extend(e.key.person for e in read.evidence if isinstance(e.key, CreditKey))
        arrivals.append(Arrival(source=source, reads=(read,), silence="known from the configuration"))
    return tuple(arrivals)


def _known_claim(title: Title, known: Known) -> Claim:
    silent = Sentence(text="", start=0, end=0)
    rule = PINNED if known.pin else "known"
    if known.release is not None:
        action = Action.UNSETS if known.release == UNSET else Action.SETS
        return ReleaseClaim(
            title=title.id,
            type=known.type,
            date=known.release,
            action=action,
            sentence=silent,
            rule=rule,
            region=known.region,
        )
    return CreditClaim(
        title=title.id,
        person=known.person or "",
        status=Status(known.status),
        sentence=silent,
        rule=rule,
        job=known.job,
        role=known.role,
    )


def touched(arrivals: Sequence[Arrival]) -> frozenset[Key]:
    """The keys of the facts that these arrivals speak of."""
    return frozenset(e.key for arrival in arrivals for e in arrival.evidence)
