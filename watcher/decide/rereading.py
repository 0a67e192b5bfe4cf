"""A stored text read again: its readings under names of their own, so that an older reading of the same text stays as it was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from watcher.decide.arrivals import digest, kept_as
from watcher.decide.edits import Earlier
from watcher.decide.intents import Read
from watcher.decide.pages import rest_of
from watcher.model import CreditClaim, Item, Reading, Source, Title


def apart(whole: Item, item: Item) -> Item:
    """The page alone, from a page's stored text (`whole`) and the text of the item that led to it.

    A page's text was followed by what only its feed said, the last lines of it. As many as the item explains are taken off.
    """
    lines = whole.body.split("\n")
    ours = [line for line in (item.title, *item.body.split("\n")) if line]
    best = whole
    for count in range(1, min(len(lines), len(ours)) + 1):
        if lines[-count] not in ours:
            break
        page = replace(whole, body="\n".join(lines[:-count]))
        if rest_of(item, page) == lines[-count:]:
            best = page
    return best


def reread(source: Source, reading: Reading, title: Title, people: Sequence[str], now: datetime, *, earlier: Earlier) -> Read:
    """A new reading of a source for a title, named after what it says.

    `earlier` is the source's text with what was read in it: whom that spoke of is the same person now, and a sentence keeps
    the time at which the source came to say it. `people` are the slugs of persons known for the title.
    """
    name = f"{source.id}:{reading.title}:{reading.reader}:{digest(repr(reading))}"
    same = {(e.claim.job, e.claim.person): e.key for e in earlier.said if isinstance(e.claim, CreditClaim)}
    return kept_as(name, source, reading, title, people, at=now, earlier=earlier, same=same)
