"""From arrivals to a `Plan`: folds what they touch, and writes down every step, who is told of it, and why nobody is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from watcher.decide.arrivals import RESTORED, Arrival
from watcher.decide.fold import Checkpoint, Start, Step
from watcher.decide.intents import Notice, Plan
from watcher.decide.marks import fold, mark
from watcher.decide.outcomes import Ended, with_outcome
from watcher.decide.policy import Judge
from watcher.decide.telling import Audience, due, follows, notices, quiet_by_nature, takes_back, unwanted
from watcher.decide.withdrawal import Anew, refolded
from watcher.model import Cause, Change, ChangeKind, Evidence, Fact, FeedState, Key, SourceKind, Title


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """What the store knew when the plan was made: for each key the last fact, its checkpoint, and the claims since.

    The claims are those still current: neither of an older version of an item, nor of a superseded reading, nor of an item
    that arrives again now. `learning` are the titles whose first pass is not finished. `backing` are the claims behind a fact
    that this arrival replaces; the facts in `whole` are folded from nothing: they have no checkpoint, and all their claims are
    here. `told` are the targets that were told of a fact before.
    """

    facts: Mapping[Key, Fact] = field(default_factory=dict)
    checkpoints: Mapping[Key, Checkpoint] = field(default_factory=dict)
    evidence: Mapping[Key, tuple[Evidence, ...]] = field(default_factory=dict)
    learning: frozenset[str] = frozenset()
    backing: Mapping[Key, tuple[Evidence, ...]] = field(default_factory=dict)
    whole: frozenset[Key] = frozenset()
    told: Mapping[Key, frozenset[str]] = field(default_factory=dict)


def make_plan(
    arrivals: Sequence[Arrival],
    before: Before,
    *,
    keys: Sequence[Key],
    titles: Mapping[str, Title],
    judge: Judge,
    audience: Audience,
    now: datetime,
    feeds: Sequence[FeedState] = (),
    cause: Cause = Cause.NEWS,
    silence: str | None = None,
) -> Plan:
    """All that follows from these arrivals, for the keys they touch or touched before they were edited.

    `silence` says why nothing of it is told to anybody; without it that is asked of each change.
    """
    facts: list[Fact] = []
    changes: list[Change] = []
    rows: list[Notice] = []
    came = {arrival.source.id: arrival for arrival in arrivals}
    come = by_key(arrivals)
    for key in keys:
        mine = come.get(key, [])
        for step in _steps(key, mine, before, judge, now):
            last = facts[-1] if facts and facts[-1].key == key else before.facts.get(key)
            fact = _fact(key, step, last, now, Cause.EDIT if key in before.whole and not cause.anew else cause)
            source = came.get(step.trigger.source.id)
            late = source is not None and source.late
            change = _change(fact, step, last, silence=silence or _silence(step, mine, came, before), late=late)
            since = source.waited_since if source is not None else None
            calm = _flaps(fact, last, audience.policy.fresh_for)
            title = titles[key.title]
            offered = _offered(change, before, title, audience, now, since=since, calm=calm) if change.silent is None else ()
            if change.silent is None and not offered:
                change = replace(change, silent=_unheard(change, before, title, audience))
            facts.append(fact)
            changes.append(change)
            rows.extend(offered)
    ended = Ended(
        facts={**before.facts, **{fact.key: fact for fact in facts}},
        changes=tuple(changes),
        offered=frozenset(row.change for row in rows if row.change),
    )
    return Plan(
        at=now,
        feeds=tuple(feeds),
        versions=tuple(a.version for a in arrivals if a.version is not None),
        sources=tuple((a.source, a.version.id if a.version else None) for a in arrivals),
        readings=tuple(with_outcome(read, arrival, ended, judge) for arrival in arrivals for read in arrival.reads),
        based_on={key: before.facts[key].revision if key in before.facts else 0 for key in keys},
        facts=tuple(facts),
        changes=tuple(changes),
        notices=tuple(rows),
        marks=_marks(come, before, keys, judge, horizon=now - audience.policy.fresh_for, now=now),
    )


def by_key(arrivals: Sequence[Arrival]) -> dict[Key, list[Evidence]]:
    """All that arrivals say, by the fact that it speaks of."""
    said: dict[Key, list[Evidence]] = {}
    for evidence in (e for arrival in arrivals for e in arrival.evidence):
        said.setdefault(evidence.key, []).append(evidence)
    return said


def _marks(
    come: Mapping[Key, Sequence[Evidence]], before: Before, keys: Sequence[Key], judge: Judge, *, horizon: datetime, now: datetime
) -> dict[Key, Start | None]:
    """Where folding goes on from the next time; a fact that was folded anew has no mark any more."""
    marks: dict[Key, Start | None] = dict.fromkeys(before.whole)
    for key in keys:
        if key not in before.whole:
            said = [*before.evidence.get(key, ()), *come.get(key, ())]
            made = mark(key, before.checkpoints.get(key, Checkpoint()), said, judge, horizon=horizon, now=now)
            if made is not None:
                marks[key] = made
    return marks


def _steps(key: Key, mine: Sequence[Evidence], before: Before, judge: Judge, now: datetime) -> Sequence[Step]:
    """The steps of one fact that the ledger does not have yet."""
    checkpoint, held = before.checkpoints.get(key, Checkpoint()), before.facts.get(key)
    steps = fold(key, checkpoint, [*before.evidence.get(key, ()), *mine], judge)
    if key in before.whole and held is not None:
        return refolded(steps, held, Anew(gone=before.backing.get(key, ()), mine=tuple(mine), at=now))
    return _news(steps, held, checkpoint.fact)


def _flaps(fact: Fact, last: Fact | None, within: timedelta) -> bool:
    """Whether an edit changes what another edit changed days ago: some servers give the old text and the new by turns."""
    edited = fact.cause is Cause.EDIT and last is not None and last.cause is Cause.EDIT
    return edited and last is not None and fact.recorded_at - last.recorded_at < within


def _offered(
    change: Change, before: Before, title: Title, audience: Audience, now: datetime, *, since: datetime | None, calm: bool
) -> tuple[Notice, ...]:
    """The outbox rows of a change; what only takes something back is for those who were told it."""
    rows = notices(change, title, audience, now, since=since, calm=calm)
    told = before.told.get(change.key, frozenset())
    return tuple(row for row in rows if row.target in told) if takes_back(change) else rows


def _unheard(change: Change, before: Before, title: Title, audience: Audience) -> str:
    """Why a change that is worth telling has no row in the outbox."""
    if takes_back(change) and not before.told.get(change.key):
        return "takes back what nobody was told"
    return unwanted(change, title, audience)


def _news(steps: Sequence[Step], current: Fact | None, checkpoint: Fact | None) -> Sequence[Step]:
    """The steps that the ledger does not have yet.

    Late claims can rewrite the way to the fact; then the ledger gets one step from what it held to what holds now, so that
    nobody is told a value that is already superseded.
    """
    if current is None or (checkpoint is not None and _state(current) == _state(checkpoint)):
        return steps
    for number in range(len(steps) - 1, -1, -1):
        step = steps[number]
        if (step.new, step.confidence, step.pinned) == (current.value, current.confidence, current.pinned):
            return steps[number + 1 :]
    return (_shortcut(steps, current),) if steps else ()


def _state(fact: Fact) -> tuple[object, ...]:
    return (fact.value, fact.confidence, fact.since, fact.superseded)


def _shortcut(steps: Sequence[Step], current: Fact) -> Step:
    """The one step from what the ledger holds to where the steps end."""
    last = steps[-1]
    if not current.value.known:
        return replace(last, old=None)
    if last.new == current.value:
        surer = last.confidence.rank > current.confidence.rank
        return replace(last, kind=ChangeKind.CONFIRMED if surer else ChangeKind.STATUS, old=current.value)
    kind = next((step.kind for step in reversed(steps) if step.kind is not ChangeKind.CONFIRMED), last.kind)
    if kind is ChangeKind.SET:
        held, now = current.value.date, last.new.date
        finer = held is not None and now is not None and held.holds(now)
        kind = ChangeKind.REFINED if finer else ChangeKind.CORRECTED
    return replace(last, kind=kind, old=current.value)


def _fact(key: Key, step: Step, last: Fact | None, now: datetime, cause: Cause) -> Fact:
    return Fact(
        key=key,
        revision=last.revision + 1 if last else 1,
        value=step.new,
        confidence=step.confidence,
        evidence=tuple(e.id for e in step.backers),
        outlets=tuple(dict.fromkeys(e.source.outlet for e in step.backers if e.source.outlet)),
        since=step.since,
        recorded_at=now,
        cause=Cause.USER if step.trigger.source.kind is SourceKind.USER and not cause.anew else cause,
        superseded=step.superseded,
        pinned=step.pinned,
    )


def _change(fact: Fact, step: Step, last: Fact | None, *, silence: str | None, late: bool) -> Change:
    said = step.trigger
    change = Change(
        id=f"{fact.key}/r{fact.revision}",
        key=fact.key,
        kind=step.kind,
        old=step.old,
        new=step.new,
        confidence=step.confidence,
        at=said.at,
        recorded_at=fact.recorded_at,
        sentence=said.claim.sentence.text,
        outlet=said.source.outlet,
        credits=said.claim.credits,
        link=said.source.link,
        sources=tuple(dict.fromkeys(e.source.item for e in (said, *step.backers))),
        late=late,
    )
    return replace(change, silent=silence or quiet_by_nature(change, last.confidence if last else None))


def _silence(step: Step, mine: Sequence[Evidence], came: Mapping[str, Arrival], before: Before) -> str | None:
    """Why this step tells nobody, whatever its kind: how its source came in, or that the title is still being learned."""
    taken_back = step.trigger.key in before.whole and step.kind is ChangeKind.CORRECTED
    cause = came.get(step.trigger.source.id) or next((came[e.source.id] for e in mine), None)
    if cause is not None and (not taken_back or cause.silence == RESTORED):
        said_before = step.trigger.said_at is None
        if (silence := cause.silence or (cause.stale if said_before else None)) is not None:
            return silence
    if step.trigger.key.title in before.learning:
        return "the first pass for a title learns in silence"
    return None


def plan_summary(title: Title, facts: Sequence[Fact], audience: Audience, now: datetime) -> Plan:
    """The end of a title's first pass: from now on its changes are told; one summary goes out if anything is believed."""
    rows = tuple(
        Notice(
            target=target.name,
            title=title.id,
            subject=f"summary/{title.id}",
            kind="summary",
            not_before=due(target, audience, now),
        )
        for target in audience.targets
        if facts and follows(target, title)
    )
    return Plan(at=now, notices=rows, learned=(title.id,))
