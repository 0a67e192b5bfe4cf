"""Everything that is stored, read again with today's readers and folded anew from nothing. It alerts nobody."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from watcher.decide.edits import Earlier
from watcher.decide.intents import Plan
from watcher.decide.keys import key_of
from watcher.decide.rebuilding import Again, Ground, rebuild_plan
from watcher.decide.rereading import reread
from watcher.learn import World, settle
from watcher.model import CreditKey, Evidence, Key, Reading, ReleaseClaim, Title, Verdict
from watcher.reread import is_page, read_page, read_text
from watcher.store import ask, stored
from watcher.store.store import Store
from watcher.store.stored import Text, Was

#: Why a reading was put in the place of one that named a title.
_NO_LONGER = "does not name it, as it is read today"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A text that is read otherwise today, for one title."""

    text: Text
    title: Title
    reading: Reading
    was: Was | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebuilt:
    """What differs: the readings, and the plan that keeps them. `texts` is how many were read."""

    texts: int
    again: tuple[Again, ...]
    plan: Plan


def rebuild(
    store: Store,
    world: World,
    now: datetime,
    *,
    titles: Sequence[Title],
    keep: bool,
    progress: Callable[[int, int], None] | None = None,
) -> Rebuilt:
    """Read all stored texts again for some titles, fold their facts from nothing, and say what differs; `keep` commits it.

    The reading takes its time and holds nothing up; what comes in meanwhile was read by whoever took it in.

    Raises:
        StoreError: nothing was kept.
    """
    found: list[Found] = []
    done, total = 0, stored.count_texts(store.connection)
    for chunk in stored.texts(store.connection):
        found += _differing(store, world, chunk, titles)
        done += len(chunk)
        if progress is not None:
            progress(done, total)
    decide = partial(_decide, store, world, found, titles, now)
    again, plan = settle(store, decide) if keep else decide()
    return Rebuilt(texts=done, again=again, plan=plan)


def _differing(store: Store, world: World, chunk: Sequence[Text], titles: Sequence[Title]) -> Iterator[Found]:
    """What is read otherwise in these texts."""
    was = stored.readings(store.connection, [text.source.id for text in chunk])
    for text in chunk:
        before = was.get(text.source.id, {})
        now = {reading.title: reading for reading in _read(world, text, before.values())}
        for title in titles:
            old, new = before.get(title.id), now.get(title.id)
            if new is None and old is not None and old.verdict is not Verdict.ABSENT:
                new = Reading(title=title.id, reader=old.reader, verdict=Verdict.ABSENT, reasons=(_NO_LONGER,))
            if new is not None and not _is_same(old, new, title):
                yield Found(text=text, title=title, reading=new, was=old)


def _read(world: World, text: Text, before: Iterable[Was]) -> list[Reading]:
    if is_page(text.source):
        return read_page(world, text.source, text.version.content, text.behind, [e for was in before for e in was.said])
    return read_text(world, text.source, text.version.content)


def _is_same(old: Was | None, new: Reading, title: Title) -> bool:
    """Whether a text is read as it was; dates belong to the country that owns them today."""
    if old is None or old.verdict is not new.verdict or {e.claim for e in old.said} != set(new.claims):
        return False
    return all(e.key == key_of(e.claim, title) for e in old.said if isinstance(e.claim, ReleaseClaim))


def _decide(
    store: Store, world: World, found: Sequence[Found], titles: Sequence[Title], now: datetime
) -> tuple[tuple[Again, ...], Plan]:
    """What the differing readings make of the facts, as the store is now."""
    db = store.connection
    watched = {title.id: title for title in titles}
    said = stored.all_said(db, watched)
    there = stored.current_sources(db, [one.text.source.id for one in found])
    # What came in again or was discarded since it was looked at is left to whoever did that.
    valid = [one for one in found if one.text.source.id in there and (one.was is None or one.was.id in said.readings)]
    left = {one.was.id for one in valid if one.was is not None}
    kept = {key: tuple(e for reading, e in told if reading not in left) for key, told in said.by_key.items()}
    kept = {key: told for key, told in kept.items() if told}
    again = tuple(_reread(valid, kept, now))
    keys = {e.key for one in again for e in one.read.evidence} | set(kept)
    keys |= {fact.key for title in titles for fact in ask.facts(db, title=title.id)}
    facts = {key: fact for key in keys if (fact := ask.fact(db, key)) is not None}
    backing = {key: tuple(ask.evidence_by_id(db, fact.evidence)) for key, fact in facts.items()}
    ground = Ground(facts=facts, backing=backing, kept=kept)
    plan = rebuild_plan(again, ground, titles=watched, judge=world.judge, audience=world.audience, now=now)
    return again, plan


def _reread(found: Sequence[Found], kept: Mapping[Key, Sequence[Evidence]], now: datetime) -> Iterator[Again]:
    """The readings as they are kept, the oldest texts first: who is named there is known to the later ones."""
    people: dict[str, list[str]] = {}
    for key in sorted((key for key in kept if isinstance(key, CreditKey)), key=str):
        people.setdefault(key.title, []).append(key.person)
    for one in sorted(found, key=lambda one: (one.text.source.order, one.title.id)):
        was, source = one.was, one.text.source
        said = was.said if was else ()
        met = people.setdefault(one.title.id, [])
        earlier = Earlier(text=one.text.version.content.text, said=said)
        read = reread(source, one.reading, one.title, met, now, earlier=earlier)
        met += [e.key.person for e in read.evidence if isinstance(e.key, CreditKey) and e.key.person not in met]
        yield Again(
            source=source,
            read=read,
            replaces=was.id if was else None,
            verdict=was.verdict if was else None,
            was=said,
            outcome=was.outcome if was else "",
        )
