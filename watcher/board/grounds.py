"""What a fact rests on: the voices for it, what it held before, what contradicts it, and what would change it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from itertools import pairwise

from watcher.config import Policy
from watcher.decide.policy import YOU, Judge
from watcher.decide.stories import with_originals
from watcher.edtf import Edtf
from watcher.model import Confidence, Evidence, Fact, Modality, ReleaseClaim, Status, Trust, Value

#: Of voices of one moment the nearest to the makers comes first.
_RANKS = {str(trust): rank for rank, trust in enumerate(Trust)}
_SEATED = (Status.JOINS, Status.LISTED)
#: Told of somebody who is in, they are only behind the news.
_ON_THE_WAY = (Status.IN_TALKS, Status.RUMOURED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """One independent origin that says what a fact holds.

    `first` is its first claim that was read; `outlets` are all outlets of that origin that say so; `crediting` is whom `first`
    only quotes, None where the origin was read itself; `repeats` pass the same report on and are not counted again: whom they
    credit, and their names.
    """

    first: Evidence
    outlets: tuple[str, ...]
    trust: str
    crediting: str | None
    repeats: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Former:
    """A value that a fact held before, from `since` until `until` (UTC); no times where only the news of a move named it."""

    value: Value
    since: datetime | None
    until: datetime | None


class Manner(StrEnum):
    """How a claim contradicts a fact: by another value that never held, by one that was given up before, by denying it."""

    OTHER = "other"
    AGAIN = "again"
    DENIES = "denies"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rival:
    """What somebody told against a fact and was not believed: the value, who, how, and when first (UTC).

    `first` is the first claim that told it. Of a denial, `value` is what is denied.
    """

    value: Value
    outlets: tuple[str, ...]
    since: datetime
    first: Evidence
    manner: Manner = Manner.OTHER


@dataclass(frozen=True, slots=True, kw_only=True)
class Grounds:
    """All that a fact rests on and has beaten: voices first said first, former values newest first.

    `since` is when its present value was first held, however often it was confirmed later (UTC).
    """

    since: datetime
    voices: tuple[Voice, ...]
    former: tuple[Former, ...]
    rivals: tuple[Rival, ...]


def grounds(fact: Fact, revisions: Sequence[Fact], evidence: Sequence[Evidence], judge: Judge) -> Grounds:
    """The grounds of a fact, from all its revisions and all claims about its key."""
    evidence = with_originals(evidence, judge)
    former = _former(fact, revisions)
    backers = [e for e in evidence if e.id in fact.evidence or (not _denies_a_date(e) and judge.agrees(e, fact.value))]
    before = [*(revision.value for revision in revisions), *(one.value for one in former)]
    since = next((one.until for one in former if one.until), revisions[0].since if revisions else fact.since)
    against = [e for e in evidence if e.id not in fact.evidence]
    return Grounds(
        since=since,
        voices=_voices(backers, judge),
        former=former,
        rivals=_rivals(against, lambda e: _manner(e, fact, before, since)),
    )


def said(evidence: Evidence) -> Value:
    """What a claim says, as the value a fact would hold."""
    claim = evidence.claim
    if isinstance(claim, ReleaseClaim):
        return Value(date=claim.date)
    return Value(status=Status.DENIED if claim.modality is Modality.DENIED else claim.status, person=claim.person)


def _denies_a_date(evidence: Evidence) -> bool:
    """Whether a claim only says that a date is wrong: it names the date and does not mean it."""
    return isinstance(evidence.claim, ReleaseClaim) and evidence.claim.modality is Modality.DENIED


def _voices(backers: Iterable[Evidence], judge: Judge) -> tuple[Voice, ...]:
    origins: dict[str, list[Evidence]] = {}
    for e in sorted(backers, key=lambda e: e.order):
        origins.setdefault(judge.voice(e).origin, []).append(e)
    voices = [_voice(group, judge) for group in origins.values()]
    return tuple(sorted(voices, key=lambda v: (v.first.at, _RANKS.get(v.trust, 0))))


def _voice(group: Sequence[Evidence], judge: Judge) -> Voice:
    """The claims of one origin as one voice; a claim that was read at the origin itself stands before one that credits it."""
    direct = [e for e in group if judge.voice(e).direct]
    first = (direct or group)[0]
    voice = judge.voice(first)
    outlets = dict.fromkeys(judge.voice(e).outlet for e in direct or group[:1])
    repeats: dict[str, dict[str, None]] = {}
    for e in group:
        if e not in direct and judge.voice(e).outlet not in outlets:
            repeats.setdefault(e.claim.credits or e.source.copies or voice.origin, {})[judge.voice(e).outlet] = None
    return Voice(
        first=first,
        outlets=tuple(outlets),
        trust="" if voice.origin == YOU else str(voice.trust),
        crediting=None if voice.direct else first.claim.credits or first.source.copies,
        repeats=tuple((credited, tuple(names)) for credited, names in repeats.items()),
    )


def _former(fact: Fact, revisions: Sequence[Fact]) -> tuple[Former, ...]:
    """What was held before, newest first: revisions that only became surer are one."""
    steps: list[Fact] = []
    for revision in revisions:
        if not steps or _bare(revision.value) != _bare(steps[-1].value):
            steps.append(revision)
    held = [Former(value=before.value, since=before.since, until=after.since) for before, after in pairwise(steps)]
    seen = {step.value.date for step in steps}
    named = [Former(value=Value(date=day), since=None, until=None) for day in fact.superseded if day not in seen]
    return (*reversed(held), *reversed(named))


def _bare(value: Value) -> tuple[Edtf | None, Status | None]:
    return value.date, value.status


def _rivals(evidence: Iterable[Evidence], manner_of: Callable[[Evidence], Manner | None]) -> tuple[Rival, ...]:
    """What contradicts a fact, each value once for each manner, in the order in which it was first told."""
    told: dict[tuple[Manner, str], list[Evidence]] = {}
    for e in evidence:
        manner = manner_of(e)
        if manner is not None:
            told.setdefault((manner, str(said(e))), []).append(e)
    return tuple(
        Rival(
            value=said(group[0]),
            outlets=tuple(dict.fromkeys(e.source.outlet for e in group if e.source.outlet)),
            since=group[0].at,
            first=group[0],
            manner=manner,
        )
        for (manner, _), group in told.items()
    )


def _manner(e: Evidence, fact: Fact, before: Sequence[Value], since: datetime) -> Manner | None:
    """How a claim contradicts a fact; None where it does not.

    `before` are all values that the fact held, `since` is when it got its present one.
    """
    value = said(e)
    if _denies_a_date(e):
        return Manner.DENIES if fact.value.date is not None and value.date == fact.value.date else None
    if _alike(value, fact.value) or (fact.value.status in _SEATED and value.status in _ON_THE_WAY):
        return None
    if not any(_alike(value, one) for one in before):
        return Manner.OTHER
    is_late = isinstance(e.claim, ReleaseClaim) and e.at > since
    return Manner.AGAIN if is_late else None


def _alike(one: Value, other: Value) -> bool:
    if one.date is not None and other.date is not None:
        return one.date.agrees(other.date)
    if one.date is not None or other.date is not None:
        return False
    return one.status is other.status or (one.status in _SEATED and other.status in _SEATED)


def would_change(fact: Fact, today: date, policy: Policy) -> str:
    """What the policy would take to believe something else, in a sentence."""
    if fact.pinned:
        return "Only you: it is pinned in the configuration, and news may raise a doubt at most."
    if fact.value.date is not None:
        return _would_move(fact.value.date, fact.confidence, today, policy)
    return _would_recast(fact.value.status, policy)


def _would_move(held: Edtf, confidence: Confidence, today: date, policy: Policy) -> str:
    origins = _number(policy.confirm_origins)
    if held.is_unset:
        return "A new date, reported by press or better."
    if held.latest < today:
        if confidence is Confidence.CONFIRMED:
            return "Nothing: the date is past."
        return "The date is past. Press or better could still correct it, since it was never confirmed."
    finer = "" if held.is_day else "A finer date within it, from press or better. "
    rival = {
        Confidence.CONFIRMED: f"or {origins} independent outlets that name another",
        Confidence.REPORTED: f"or another one from the makers, a trade paper, or {origins} independent outlets",
        Confidence.RUMOURED: "or any firm report of another one",
    }[confidence]
    return f"{finer}A report that the date moves, from press or better; {rival}."


def _would_recast(status: Status | None, policy: Policy) -> str:
    origins = _number(policy.confirm_origins)
    confirmed = f"the makers, a trade paper, or {origins} independent outlets"
    if status in _SEATED:
        return "A report that they leave, from press or better; or a denial that is believed as much as this."
    if status in (Status.IN_TALKS, Status.RUMOURED):
        return "Any report that they join or leave, or that denies it."
    if status is Status.DIED:
        return "Nothing."
    return f"A report that they join, from {confirmed}."


def _number(count: int) -> str:
    return {1: "one", 2: "two", 3: "three", 4: "four"}.get(count, str(count))
