"""What the user says by hand as sources of their own: a value that is set, an item that is discarded, a title that is muted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from watcher.decide.arrivals import Arrival, digest, known_arrivals
from watcher.decide.intents import Notice, Plan, Read
from watcher.decide.keys import key_of
from watcher.decide.rules import FIXED, FOREVER
from watcher.model import Evidence, Known, Reading, Source, Title, Verdict

#: What reads for the user: the readings under this name are the user's own word, not a text's.
BY_HAND = "by hand"

#: Why nothing of an item counts, or why its page is not asked for.
DISCARDED = "you discarded it"

#: Why a word of the user's is told to nobody: who says it needs not be told.
OWN_WORD = "your own word"


def fixed_arrival(title: Title, known: Known, now: datetime, *, people: Sequence[str], dated: bool) -> Arrival:
    """A value that the user sets, silent: who sets it needs not be told.

    It counts from now on, or from the day of `known` where that was said (`dated`), so that later news than that day stands;
    what is pinned counts from now on in any case. `people` are the slugs of persons known for the title.
    """
    (arrival,) = known_arrivals(replace(title, known=(known,)), now)
    (said,) = arrival.evidence
    name = digest("fix", title.id, str(known), now.isoformat())
    source = replace(
        said.source, id=name, item=name, story=digest(known.url or name), published=said.source.published if dated else now
    )
    claim = said.claim if known.pin else replace(said.claim, rule=FIXED)
    evidence = Evidence(
        id=f"{name}:{title.id}:0",
        key=key_of(claim, title, people),
        claim=claim,
        source=source,
        said_at=now if known.pin and dated else None,
    )
    reading = Reading(title=title.id, reader=BY_HAND, verdict=Verdict.ABOUT, claims=(claim,))
    read = Read(id=f"{name}:{title.id}", source=name, reading=reading, evidence=(evidence,), read_at=now)
    return Arrival(source=source, reads=(read,), silence=OWN_WORD)


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """How a text was read for a title that it names."""

    title: str
    verdict: Verdict
    reasons: tuple[str, ...] = ()


def unread(source: Source, named: Iterable[Named], now: datetime) -> tuple[Read, ...]:
    """The readings of a source that the user discards: it says nothing any more of the titles that it named."""
    return tuple(
        Read(
            id=f"{source.id}:{one.title}:discarded",
            source=source.id,
            reading=Reading(title=one.title, reader=BY_HAND, verdict=one.verdict, reasons=one.reasons),
            evidence=(),
            read_at=now,
            outcome=DISCARDED,
        )
        for one in named
    )


def mute_reason(until: datetime, zone: ZoneInfo) -> str:
    """Why a muted title tells nobody. The day is the user's own; a mute without end names none."""
    if until >= FOREVER:
        return "you muted this title"
    there = until.astimezone(zone)
    shown = f"{there:%Y-%m-%d}" if (there.hour, there.minute) == (0, 0) else f"{there:%Y-%m-%d %H:%M}"
    return f"you muted this title until {shown}"


def hush(plan: Plan, muted: Mapping[str, datetime], zone: ZoneInfo) -> Plan:
    """The plan as it is while titles are muted: their changes are silent, and what is told once counts as told.

    So nothing is left to be told when the title speaks again.
    """
    if not muted:
        return plan
    reasons = {title: mute_reason(until, zone) for title, until in muted.items()}
    return replace(
        plan,
        changes=tuple(
            replace(c, silent=reasons[c.key.title]) if c.silent is None and c.key.title in reasons else c for c in plan.changes
        ),
        notices=tuple(
            _hushed(notice, reasons) for notice in plan.notices if notice.change is None or notice.title not in reasons
        ),
        readings=tuple(_untold(read, reasons) for read in plan.readings),
    )


def _hushed(notice: Notice, reasons: Mapping[str, str]) -> Notice:
    return replace(notice, dropped=reasons[notice.title]) if notice.title in reasons else notice


def _untold(read: Read, reasons: Mapping[str, str]) -> Read:
    """The reading of a muted title, which told nobody."""
    reason = reasons.get(read.reading.title)
    return replace(read, outcome=f"learned in silence: {reason}") if reason and read.outcome.startswith("told: ") else read
