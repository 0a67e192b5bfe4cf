"""Short ways to read one sentence in tests. All films and people here are invented."""

from __future__ import annotations

from datetime import UTC, datetime

from watcher.model import Claim, CreditClaim, Item, Outlet, Precision, Reading, ReleaseClaim, Title
from watcher.read import Reader

MERIDIAN = Title(id="glass-meridian", name="The Glass Meridian", context=("Marta Quill", "Harrow Pictures"))
NOCTURNE = Title(id="nocturne", name="Nocturne", context=("Iris Valdane", "Harrow Pictures"), exclusions=("Chopin",))
OUTLETS = (
    Outlet(name="Deadline", owner="PMC"),
    Outlet(name="Variety", owner="PMC"),
    Outlet(name="The Hollywood Reporter", owner="PMC", aliases=("THR",)),
)
READER = Reader([MERIDIAN, NOCTURNE], OUTLETS)


def item(body: str, *, title: str = "", on: str | None = "2026-05-04", precision: Precision = Precision.DAY) -> Item:
    """An item published on a day, by default on Monday, May 4, 2026."""
    published = datetime.fromisoformat(on).replace(tzinfo=UTC) if on else None
    return Item(guid="1", title=title, body=body, published=published, precision=precision)


def readings(it: Item, outlet: Outlet | None = None) -> tuple[Reading, ...]:
    """What the reader makes of an item."""
    return READER.read(it, outlet)


def claims(it: Item, outlet: Outlet | None = None) -> list[Claim]:
    """All claims of an item."""
    return [claim for reading in readings(it, outlet) for claim in reading.claims]


def releases(body: str, *, title: str = "", on: str | None = "2026-05-04", outlet: Outlet | None = None) -> list[ReleaseClaim]:
    """The release claims of a text."""
    return [c for c in claims(item(body, title=title, on=on), outlet) if isinstance(c, ReleaseClaim)]


def dates(body: str, *, title: str = "", on: str | None = "2026-05-04") -> list[str]:
    """The release dates of a text in EDTF."""
    return [c.date.text for c in releases(body, title=title, on=on)]


def credits_of(body: str, *, title: str = "", on: str | None = "2026-05-04") -> list[CreditClaim]:
    """The credit claims of a text."""
    return [c for c in claims(item(body, title=title, on=on)) if isinstance(c, CreditClaim)]


def cast(body: str, *, title: str = "", on: str | None = "2026-05-04") -> dict[str, str]:
    """The status of each person of a text."""
    return {c.person: c.status.value for c in credits_of(body, title=title, on=on)}
