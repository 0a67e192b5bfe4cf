"""The user's word: a value is set by hand, an item is discarded, a title is silenced. Each is one transaction in the same ledger.

Runs beside a daemon: a plan that was overtaken is made again, and the daemon asks the store what is muted and discarded.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from watcher.decide.arrivals import Arrival
from watcher.decide.byhand import DISCARDED, OWN_WORD, fixed_arrival, mute_reason, unread
from watcher.decide.edits import Earlier
from watcher.decide.intents import ItemVersion, LinkedPage, Plan, Read
from watcher.decide.rereading import reread
from watcher.edtf import UNSET
from watcher.errors import UsageError
from watcher.learn import World, commit, take_known
from watcher.model import NOTHING, Change, Evidence, Fact, Key, Known, PageState, ReleaseClaim, Source, Title
from watcher.reread import is_page, read_page, read_text
from watcher.store import ask, byhand, undelivered, views
from watcher.store.linked import item_behind, linked_page
from watcher.store.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Fixed:
    """What came of a value set by hand: the fact before and after, and the word itself, whose id takes it back."""

    key: Key
    word: Evidence
    before: Fact | None
    after: Fact | None

    @property
    def holds(self) -> bool:
        """Whether what the user says is what is held now, and not news of a later day."""
        claim, value = self.word.claim, self.after.value if self.after else NOTHING
        return value.date == claim.date if isinstance(claim, ReleaseClaim) else value.status is claim.status


@dataclass(frozen=True, slots=True, kw_only=True)
class Discarded:
    """What came of discarding an item or taking it back: its source, what changed, and whom each change is told."""

    source: Source | None
    changes: tuple[Change, ...] = ()
    told: Mapping[str, tuple[str, ...]]
    was_so: bool = False


def known_to(store: Store, world: World, title: Title, now: datetime) -> None:
    """Make sure that the store knows a title, with its configured values, where no daemon has run since it was added."""
    if title.id not in ask.titles(store.connection):
        store.configure([title], [], now, [])
        take_known(store, replace(world, titles=(title,)), now)


def fix(store: Store, world: World, title: Title, known: Known, now: datetime, *, dated: bool) -> Fixed:
    """Set a value by hand, silently; `dated` says that the word is as old as its day, so that later news stands against it.

    Raises:
        StoreError: nothing was changed.
        UsageError: a date is to be taken off the calendar where none is held.
    """
    known_to(store, world, title, now)
    arrival = fixed_arrival(title, known, now, people=ask.people(store.connection, title.id), dated=dated)
    (word,) = arrival.evidence
    before = ask.fact(store.connection, word.key)
    if known.release == UNSET and (before is None or not before.value.known):
        raise UsageError(f"{title.name}: no such date is held, so there is none to take away")
    commit(store, world, [arrival], now, lambda plan: plan)
    return Fixed(key=word.key, word=word, before=before, after=ask.fact(store.connection, word.key))


def mute(store: Store, world: World, title: Title, until: datetime | None, now: datetime) -> tuple[datetime | None, int]:
    """Silence a title until then, or let it speak again (None). Returns until when it was mute, and how many alerts waited.

    Raises:
        StoreError: nothing was changed.
    """
    known_to(store, world, title, now)
    was = byhand.muted(store.connection, now).get(title.id)
    reason = mute_reason(until, world.audience.zone) if until is not None else ""
    return was, undelivered.mute(store, title.id, until, reason)


def drop_muted(store: Store, world: World, now: datetime) -> int:
    """End what waits for titles that are muted by now, whoever made it. Returns how many alerts that is."""
    muted = byhand.muted(store.connection, now)
    return undelivered.drop_muted(store, {title: mute_reason(until, world.audience.zone) for title, until in muted.items()})


def discard(store: Store, world: World, item: str, now: datetime) -> Discarded:
    """Let nothing count that an item says, nor a later version of it, nor its page; whoever was told is told better.

    Raises:
        StoreError: nothing was changed.
    """
    if (word := byhand.word_by_hand(store.connection, item)) is not None:
        return _discard_word(store, world, word, now)
    texts = byhand.texts(store.connection, item)
    source = texts[0][0] if texts else None
    if byhand.discarded(store.connection, [item]):
        return Discarded(source=source, told={}, was_so=True)
    if source is None:
        store.apply(Plan(at=now, discarded={item: now}))
        return Discarded(source=None, told={})
    page = linked_page(store.connection, item)
    given_up = (replace(page, state=PageState.GIVEN_UP, outcome=DISCARDED),) if page and page.state is PageState.DUE else ()
    arrival = Arrival(source=source, reads=unread(source, byhand.named(store.connection, item), now))
    plan = commit(store, world, [arrival], now, lambda plan: replace(plan, discarded={item: now}, pages=given_up))
    return _outcome(source, plan)


def take_back(store: Store, world: World, item: str, now: datetime) -> Discarded:
    """Let an item that was discarded count again, as it is read today.

    What was told because of it before is told again, since whoever heard of it was told otherwise; the rest is silent.

    Raises:
        StoreError: nothing was changed.
    """
    if (word := byhand.word_by_hand(store.connection, item)) is not None:
        source, reads = word
        if ask.keys_of_items(store.connection, [item]):
            return Discarded(source=source, told={}, was_so=True)
        plan = commit(store, world, [Arrival(source=source, reads=reads)], now, lambda plan: plan, whole=True, silence=OWN_WORD)
        return _outcome(source, plan)
    texts = byhand.texts(store.connection, item)
    first = texts[0][0] if texts else None
    if not byhand.discarded(store.connection, [item]):
        return Discarded(source=first, told={}, was_so=True)
    silence = None if views.was_told(store.connection, item) else "you took it back"
    arrivals = [
        Arrival(source=source, version=version, reads=_read_again(store, world, source, version, now))
        for source, version in texts
    ]
    pages = _wanted_again(store, item, now)
    # From nothing: what comes back is older than what took its place, and is no latecomer.
    plan = commit(
        store, world, arrivals, now, lambda plan: replace(plan, discarded={item: None}, pages=pages), whole=True, silence=silence
    )
    return _outcome(first, plan)


def _discard_word(store: Store, world: World, word: tuple[Source, tuple[Read, ...]], now: datetime) -> Discarded:
    """Take back a value that was set by hand: news decides again."""
    source, _ = word
    if not ask.keys_of_items(store.connection, [source.item]):
        return Discarded(source=source, told={}, was_so=True)
    named = byhand.named(store.connection, source.item)
    gone = Arrival(source=source, reads=unread(source, named, now))
    return _outcome(source, commit(store, world, [gone], now, lambda plan: plan, silence=OWN_WORD))


def _read_again(store: Store, world: World, source: Source, version: ItemVersion, now: datetime) -> tuple[Read, ...]:
    """A text as today's readers read it, for the titles that are watched."""
    before = views.claims_ever(store.connection, source.id)
    if is_page(source):
        behind = item_behind(store.connection, source.item)
        readings = read_page(world, source, version.content, behind[0] if behind else None, before)
    else:
        readings = read_text(world, source, version.content)
    return tuple(
        reread(
            source,
            reading,
            world.by_id[reading.title],
            ask.people(store.connection, reading.title),
            now,
            earlier=Earlier(text=version.content.text, said=tuple(e for e in before if e.claim.title == reading.title)),
        )
        for reading in readings
    )


def _wanted_again(store: Store, item: str, now: datetime) -> tuple[LinkedPage, ...]:
    """The page that was given up because its item was discarded, due again."""
    page = linked_page(store.connection, item)
    again = page is not None and page.state is PageState.GIVEN_UP and page.outcome == DISCARDED
    return (replace(page, state=PageState.DUE, outcome="", due_at=now),) if page is not None and again else ()


def _outcome(source: Source | None, plan: Plan) -> Discarded:
    told: dict[str, list[str]] = {}
    for notice in plan.notices:
        told.setdefault(notice.change or "", []).append(notice.target)
    return Discarded(source=source, changes=plan.changes, told={change: tuple(targets) for change, targets in told.items()})
