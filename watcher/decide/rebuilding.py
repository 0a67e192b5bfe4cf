"""What today's readings make of everything that is stored: all facts folded from nothing, and what differs written down."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from watcher.decide.arrivals import Arrival
from watcher.decide.fold import Checkpoint
from watcher.decide.intents import Plan, Read
from watcher.decide.marks import fold
from watcher.decide.pages import joined_outcome
from watcher.decide.plan import Before, by_key, make_plan
from watcher.decide.policy import Judge
from watcher.decide.telling import Audience
from watcher.model import Cause, Claim, Evidence, Fact, Key, ReleaseClaim, Source, Title, Verdict

#: Why a rebuild tells nobody.
IN_SILENCE = "a rebuild alerts nobody"


@dataclass(frozen=True, slots=True, kw_only=True)
class Again:
    """A reading that is another than before: what was read in a source for a title (`was`), and what is read now.

    `replaces` names the reading whose place it takes, None where the title was not named before. `outcome` is that reading's.
    """

    source: Source
    read: Read
    replaces: str | None = None
    verdict: Verdict | None = None
    was: tuple[Evidence, ...] = ()
    outcome: str = ""

    @property
    def gone(self) -> tuple[Evidence, ...]:
        """What it does not say any more."""
        now = {gist(e) for e in self.read.evidence}
        return tuple(e for e in self.was if gist(e) not in now)

    @property
    def come(self) -> tuple[Evidence, ...]:
        """What it says now and did not say."""
        before = {gist(e) for e in self.was}
        return tuple(e for e in self.read.evidence if gist(e) not in before)

    @property
    def says_else(self) -> bool:
        """Whether it says something else, not the same by another rule or for another reason."""
        counted = self.verdict is not None and self.verdict.counts
        return bool(self.gone or self.come) or counted != self.read.reading.verdict.counts


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """All that the facts are folded from: what is held, what the kept readings say, and whether a claim still counts."""

    facts: Mapping[Key, Fact] = field(default_factory=dict)
    backing: Mapping[Key, tuple[Evidence, ...]] = field(default_factory=dict)
    kept: Mapping[Key, tuple[Evidence, ...]] = field(default_factory=dict)


def gist(evidence: Evidence) -> tuple[object, ...]:
    """What a claim says, whatever the words, the place and the rule."""
    claim: Claim = evidence.claim
    if isinstance(claim, ReleaseClaim):
        said: tuple[object, ...] = (claim.date, claim.action, claim.from_date)
    else:
        said = (claim.status, claim.role)
    return (evidence.key, *said, claim.modality, claim.credits)


def rebuild_plan(
    again: Sequence[Again], ground: Ground, *, titles: Mapping[str, Title], judge: Judge, audience: Audience, now: datetime
) -> Plan:
    """The plan that keeps these readings, with every fact folded from nothing; it tells nobody.

    A fact that stays what it was and rests on claims that were read anew gets a revision which names those.
    """
    arrivals = [Arrival(source=one.source, reads=(one.read,)) for one in again]
    came = {e.key for arrival in arrivals for e in arrival.evidence}
    # A fact that holds nothing and of which nothing is said stays so.
    said = {key for key, fact in ground.facts.items() if fact.value.known} | set(ground.kept) | came
    keys = sorted((key for key in said if key.title in titles), key=str)
    before = Before(facts=ground.facts, evidence=ground.kept, whole=frozenset(keys), backing=ground.backing)
    plan = make_plan(
        arrivals,
        before,
        keys=keys,
        titles=titles,
        judge=judge,
        audience=audience,
        now=now,
        cause=Cause.REBUILD,
        silence=IN_SILENCE,
    )
    outcomes = {one.read.id: one.outcome for one in again}
    facts = (*plan.facts, *_regrounded(plan, before, arrivals, judge, now))
    moved = came | {e.key for one in again for e in one.was} | {fact.key for fact in facts}
    return replace(
        plan,
        sources=(),
        facts=facts,
        marks={key: start for key, start in plan.marks.items() if key in moved},
        readings=tuple(replace(read, outcome=joined_outcome(outcomes[read.id], read.outcome)) for read in plan.readings),
    )


def _regrounded(plan: Plan, before: Before, arrivals: Sequence[Arrival], judge: Judge, now: datetime) -> list[Fact]:
    """The facts that stay what they were, on new ground."""
    changed = {fact.key for fact in plan.facts}
    mine = by_key(arrivals)
    found = []
    for key in plan.based_on:
        held = before.facts.get(key)
        if held is None or key in changed:
            continue
        said = [*before.evidence.get(key, ()), *mine.get(key, ())]
        if set(held.evidence) <= {e.id for e in said}:
            continue
        steps = fold(key, Checkpoint(), said, judge)
        if steps:
            backers = tuple(e.id for e in steps[-1].backers)
            found.append(replace(held, revision=held.revision + 1, evidence=backers, recorded_at=now, cause=Cause.REBUILD))
    return found
