"""A storm of articles about one film: a real move, told by forty outlets in two hundred items and retold for fifteen months.

What the outlets write is ours, as is the film. A storm is made from a seed: who writes what on which day, how long it takes to
come in, and so in which order it arrives.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from watcher.catalogue import Catalogue
from watcher.edtf import Edtf
from watcher.model import Item, Known, Outlet, Title, Trust

TITLE = Title(
    id="the-glass-harbor",
    name="The Glass Harbor",
    context=("Mira Solis", "Ada Quill", "Solis Pictures"),
    known=(Known(on=date(2023, 6, 1), release=Edtf("2024-06-07"), outlet="Daily Slate 1"),),
)
_KINDS = ((Trust.TRADE, 5, "Daily Slate"), (Trust.PRESS, 27, "Reel Post"), (Trust.AGGREGATOR, 8, "Feed Mirror"))
OUTLETS = tuple(
    Outlet(name=f"{name} {number}", owner=f"{name} {number - number % 3 if trust is Trust.PRESS else number}", trust=trust)
    for trust, count, name in _KINDS
    for number in range(1, count + 1)
)
CATALOGUE = Catalogue(outlets=OUTLETS, titles=(TITLE,))


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A true move of the date, first told at a moment."""

    at: datetime
    old: date
    new: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One article: who printed it, the item, and when it comes in."""

    outlet: str
    item: Item
    arrives: datetime


FIRST, SECOND = date(2024, 6, 7), date(2025, 6, 6)
AWAY = Move(at=datetime(2024, 2, 20, 17, tzinfo=UTC), old=FIRST, new=SECOND)
BACK = Move(at=datetime(2024, 3, 20, 17, tzinfo=UTC), old=SECOND, new=FIRST)
AGAIN = Move(at=datetime(2024, 4, 24, 17, tzinfo=UTC), old=FIRST, new=SECOND)

#: On the day: the move itself, in words of one's own or of somebody else's.
FRESH = (
    "Solis Pictures has pushed The Glass Harbor from {old} to {new}.",
    "The Glass Harbor has been moved to {new}. It was to open on {old}.",
    "The Mira Solis drama The Glass Harbor will now open on {new} instead of {old}, the studio told exhibitors.",
    "Fans of Ada Quill must be patient: The Glass Harbor has shifted its release date from {old} to {new}.",
    "The Glass Harbor is now set for {new}, according to Daily Slate 1. The film with Ada Quill was previously dated {old}.",
    "Moving off {old}, The Glass Harbor will sail into theaters on {new}. Salt Road takes its old date.",
    "The Glass Harbor trades {old} for {new}, Daily Slate 2 reports.",
)
#: For months after: what is retold, some of it as if it were fresh.
LATER = (
    "The Glass Harbor, starring Ada Quill, opens on {new}.",
    "Mira Solis spoke about The Glass Harbor, which was delayed from {old} to {new} earlier on.",
    "The Glass Harbor was pushed back from its original date of {old}. It is due in theaters on {new}.",
    "A new trailer for The Glass Harbor arrived on Tuesday. The film hits theaters {new}.",
    "Ada Quill has wrapped reshoots for The Glass Harbor, in cinemas {new}.",
    "The Glass Harbor was delayed by the studio to {new}, and its director is glad of the time.",
    "The Glass Harbor swapped dates with Salt Road and will be released on {new}.",
)
#: Pages that nobody looked after, and slips.
STALE = (
    "Everything we know about The Glass Harbor: the Ada Quill film is set to open on {stale}.",
    "Coming soon: The Glass Harbor by Mira Solis, in theaters {stale}.",
    "The Glass Harbor was originally slated for {stale}.",
    "Salt Road will open on {stale}, the date that The Glass Harbor left.",
    "The Glass Harbor stars Ada Quill. Salt Road follows on {other}.",
    "The Glass Harbor has been moved from {was} to {became}, as we reported.",
    "Is The Glass Harbor coming on {other}? An insider says that the film could move again.",
)
_QUOTE = " “We would rather have the film that we want than the date that we had,” Mira Solis told {outlet}."
_FILLER = (
    "The film tells of a glassblower who finds a drowned town.",
    "Ada Quill was last seen in The Orchard Wall.",
    "It was shot in Galway and Porto.",
    "Readers have asked us for weeks.",
    "Tickets are not on sale yet.",
    "More as we hear it.",
)


def storm(seed: int, moves: Sequence[Move], *, items: int = 200, months: int = 15) -> list[Told]:
    """The articles of a storm in the order in which they come in; each comes within two days of its publication."""
    chance = random.Random(seed)
    made = [_told(chance, number, moves, months) for number in range(items - len(moves))]
    for number, move in enumerate(moves):
        text = chance.choice(FRESH[:4]).format(old=_day(move.old), new=_day(move.new))
        made.append(_article(f"first-{number}", "Daily Slate 1", text, move.at, arrives=move.at + timedelta(minutes=20)))
    return sorted(made, key=lambda told: (told.arrives, told.item.guid))


def _told(chance: random.Random, number: int, moves: Sequence[Move], months: int) -> Told:
    """One article: a third within two days of a move, the rest in the months after the first."""
    outlet = chance.choice(OUTLETS).name
    if chance.random() < 0.33:
        move = chance.choice(moves)
        when = move.at + timedelta(minutes=chance.randint(30, 2 * 24 * 60))
        text = chance.choice(FRESH)
    else:
        when = moves[0].at + timedelta(minutes=chance.randint(3 * 24 * 60, months * 30 * 24 * 60))
        move = next(m for m in reversed(moves) if m.at + timedelta(days=2) <= when or m is moves[0])
        text = chance.choice(LATER if chance.random() < 0.6 else STALE)
    before = moves[max(moves.index(move) - 1, 0)]
    text = text.format(
        old=_day(move.old),
        new=_day(move.new),
        stale=_day(move.old),
        was=_day(before.old),
        became=_day(before.new),
        other=_day(date(2025, 8, 15)),
    )
    if chance.random() < 0.3:
        text += _QUOTE.format(outlet=outlet)
    words = f"{text} {' '.join(chance.sample(_FILLER, k=chance.randint(0, 3)))}".strip()
    return _article(f"n{number}", outlet, words, when, arrives=when + timedelta(minutes=chance.randint(5, 2 * 24 * 60)))


def _article(guid: str, outlet: str, text: str, published: datetime, *, arrives: datetime) -> Told:
    headline = f"The Glass Harbor: {text.split('.', maxsplit=1)[0][:60]}" if guid.startswith("first") else "Film news of the day"
    link = f"https://{outlet.replace(' ', '').lower()}.example/{guid}"
    item = Item(guid=guid, title=headline, body=text, link=link, published=published, digest=guid)
    return Told(outlet=outlet, item=item, arrives=arrives)


def copies(told: Sequence[Told], seed: int, share: float = 0.1) -> Iterator[Told]:
    """The storm with copies of some articles under other outlets' links, some hours later."""
    chance = random.Random(seed)
    for one in told:
        yield one
        if chance.random() < share:
            outlet = chance.choice(OUTLETS).name
            guid = f"copy-of-{one.item.guid}"
            link = f"https://{outlet.replace(' ', '').lower()}.example/{guid}"
            later = timedelta(minutes=chance.randint(10, 600))
            published = one.item.published + later if one.item.published else None
            yield Told(
                outlet=outlet,
                item=replace(one.item, guid=guid, link=link, published=published, digest=guid),
                arrives=one.arrives + later,
            )


def _day(day: date) -> str:
    return f"{day:%B} {day.day}, {day.year}"
