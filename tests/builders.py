"""Short ways to make values for tests; what a test does not name has a dull default."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from zoneinfo import ZoneInfo

from watcher.catalogue import Catalogue
from watcher.config import Policy
from watcher.decide.keys import key_of
from watcher.decide.policy import Judge
from watcher.decide.telling import Audience
from watcher.edtf import Edtf
from watcher.learn import World
from watcher.model import (
    Action,
    Claim,
    CreditClaim,
    Evidence,
    Feed,
    FeedState,
    Item,
    Modality,
    Outlet,
    Reading,
    ReleaseClaim,
    ReleaseType,
    Sentence,
    Source,
    SourceKind,
    Status,
    Target,
    Title,
    Trust,
    Verdict,
)

NOW = datetime(2025, 3, 1, 12, tzinfo=UTC)
TITLE = Title(id="harbor", name="Harbor Lights", context=("Mira Solis",))
OUTLETS = Catalogue(
    outlets=(
        Outlet(name="The Ledger", owner="Ledger Media", trust=Trust.TRADE),
        Outlet(name="Ledger Weekly", owner="Ledger Media", trust=Trust.PRESS),
        Outlet(name="Morning Reel", owner="Morning Reel", trust=Trust.PRESS),
        Outlet(name="Reel Talk", owner="Reel Talk", trust=Trust.PRESS),
        Outlet(name="Third Voice", owner="Third Voice", trust=Trust.PRESS),
        Outlet(name="Copycat", owner="Copycat", trust=Trust.AGGREGATOR),
        Outlet(name="Solis Pictures", owner="Solis Pictures", trust=Trust.OFFICIAL),
    )
)
JUDGE = Judge(catalogue=OUTLETS, policy=Policy())
_numbers = count(1)


def day(text: str) -> datetime:
    """Noon of a day, in UTC."""
    return datetime.fromisoformat(text).replace(hour=12, tzinfo=UTC)


def source(outlet: str | None = "Morning Reel", on: str | datetime = "2025-01-01", *, name: str | None = None) -> Source:
    """A source published and first seen on a day."""
    at = day(on) if isinstance(on, str) else on
    name = name or f"s{next(_numbers):04d}"
    kind = SourceKind.USER if outlet is None else SourceKind.ITEM
    return Source(id=name, item=name, kind=kind, outlet=outlet, published=at, first_seen=at, link=f"https://example.org/{name}")


def sentence(text: str = "It says so.") -> Sentence:
    """A sentence at the start of its text."""
    return Sentence(text=text, start=0, end=len(text))


def release(
    date: str,
    outlet: str | None = "Morning Reel",
    on: str | datetime = "2025-01-01",
    *,
    action: Action = Action.STATES,
    was: str | None = None,
    region: str | None = None,
    type: ReleaseType = ReleaseType.THEATRICAL,  # noqa: A002 - the model's own word
    modality: Modality = Modality.REPORTED,
    credits: str | None = None,  # noqa: A002 - the model's own word
    name: str | None = None,
) -> Evidence:
    """One outlet's word on a release date."""
    claim = ReleaseClaim(
        title=TITLE.id,
        type=type,
        date=Edtf(date),
        action=action,
        sentence=sentence(),
        rule="test",
        from_date=None if was is None else Edtf(was),
        region=region,
        modality=modality,
        credits=credits,
    )
    return evidence(claim, source(outlet, on, name=name))


def moved(date: str, was: str | None, outlet: str = "Morning Reel", on: str | datetime = "2025-02-01") -> Evidence:
    """One outlet's word that a date moved."""
    return release(date, outlet, on, action=Action.MOVES, was=was)


def credit(
    status: Status,
    person: str = "Ada Quill",
    outlet: str | None = "Morning Reel",
    on: str | datetime = "2025-01-01",
    *,
    job: str = "actor",
    modality: Modality = Modality.REPORTED,
    credits: str | None = None,  # noqa: A002 - the model's own word
) -> Evidence:
    """One outlet's word on a person."""
    claim = CreditClaim(
        title=TITLE.id,
        person=person,
        status=status,
        sentence=sentence(),
        rule="test",
        job=job,
        modality=modality,
        credits=credits,
    )
    return evidence(claim, source(outlet, on))


def evidence(claim: Claim, said_in: Source, number: int = 0) -> Evidence:
    """A claim with its source, under the key it speaks of."""
    return Evidence(id=f"{said_in.id}:{number}", key=key_of(claim, TITLE), claim=claim, source=said_in)


def item(guid: str, text: str = "", *, title: str = "A headline", on: str | datetime = NOW, digest: str | None = None) -> Item:
    """An item published on a day."""
    at = day(on) if isinstance(on, str) else on
    return Item(
        guid=guid, title=title, body=text, link=f"https://example.org/{guid}", published=at, digest=digest or f"d-{title}-{text}"
    )


class Script:
    """A reader that finds in an item what a test wrote there: for each guid, the claims."""

    def __init__(self, claims: dict[str, Sequence[Claim]]) -> None:
        self.claims = claims

    def read(self, item: Item, outlet: Outlet | None = None) -> tuple[Reading, ...]:
        """The claims written for the item's guid and digest, or for its guid."""
        del outlet
        found = self.claims.get(f"{item.guid}#{item.digest}", self.claims.get(item.guid))
        if found is None:
            return ()
        return (Reading(title=TITLE.id, reader="script", verdict=Verdict.ABOUT, claims=tuple(found)),)


def world(
    claims: dict[str, Sequence[Claim]] | None = None,
    *,
    targets: Sequence[Target] = (Target(name="phone"),),
    titles: Sequence[Title] = (TITLE,),
    feeds: Sequence[Feed] = (),
    group_wait: timedelta = timedelta(minutes=10),
) -> World:
    """A small world: one title, a scripted reader, one target."""
    policy = Policy(group_wait=group_wait)
    return World(
        titles=tuple(titles),
        feeds=tuple(feeds),
        readers=(Script(claims or {}),),
        catalogue=OUTLETS,
        judge=Judge(catalogue=OUTLETS, policy=policy),
        audience=Audience(targets=tuple(targets), regions=("US",), zone=ZoneInfo("UTC"), policy=policy),
        every=1800,
    )


def feed_state(url: str = "https://example.org/feed", *, polled: datetime | None = None) -> FeedState:
    """A feed's state; `polled` is its last good poll, None for a feed that was never polled."""
    return FeedState(url=url, next_poll_at=NOW, first_ok_at=polled, last_ok_at=polled, last_poll_at=polled)
