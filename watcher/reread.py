"""Stored texts read again with today's readers: a feed's text by itself, a page together with its item, as when they came in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from watcher.decide.intents import ItemVersion
from watcher.decide.pages import reconciled
from watcher.decide.rereading import apart
from watcher.learn import World
from watcher.model import Claim, Evidence, Item, Reading, Source, SourceKind, Verdict
from watcher.read.structured import RULE as FROM_DATA


def read_text(world: World, source: Source, item: Item) -> list[Reading]:
    """What the readers find in a feed's text."""
    outlet = world.catalogue.outlet(source.outlet or "")
    return [reading for reader in world.readers for reading in reader.read(item, outlet)]


def read_page(world: World, source: Source, whole: Item, behind: ItemVersion | None, before: Iterable[Evidence]) -> list[Reading]:
    """What the readers find in a page and the text of its feed (`behind`).

    A page speaks only of titles that its feed's text names. `before` is what was read in it: of a page its text alone is
    stored, so what its own data said is kept where the text leaves room for it.
    """
    data: dict[str, list[Claim]] = {}
    for said in before:
        data.setdefault(said.claim.title, []).append(said.claim)
    if behind is None:
        return [_with_data(reading, data) for reading in read_text(world, source, whole)]
    alone = apart(whole, behind.content)
    found = reconciled(
        read_text(world, source, alone),
        read_text(world, source, whole),
        cut=len(alone.text),
        headline=len(alone.title),
        titles=world.by_id,
    )
    named = {reading.title for reading in read_text(world, source, behind.content)} | set(data)
    return [_with_data(reading, data) for reading in found if reading.title in named]


def is_page(source: Source) -> bool:
    """Whether a source is the page behind an item."""
    return source.kind is SourceKind.PAGE


def _with_data(reading: Reading, data: Mapping[str, Sequence[Claim]]) -> Reading:
    if reading.verdict is not Verdict.ABOUT:
        return reading
    spoken = {_subject(claim) for claim in reading.claims}
    kept = dict.fromkeys(claim for claim in data.get(reading.title, ()) if claim.rule == FROM_DATA)
    more = [claim for claim in kept if _subject(claim) not in spoken]
    return replace(reading, claims=(*reading.claims, *more)) if more else reading


def _subject(claim: Claim) -> object:
    """Of what a claim speaks: a kind of release, or a person."""
    return getattr(claim, "person", None) or getattr(claim, "type", None)
