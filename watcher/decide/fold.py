"""Claims about one fact, folded in the order they were published into the steps that the fact took. No clock, no store.

`fold` starts at a checkpoint, the fact as it stood before everything that is still news, and returns each step since. The
rules are those of the design's section "Deciding"; `releases` and `credits` hold them, one function a rule.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from watcher.decide.policy import Chorus, Judge
from watcher.decide.rules import FIXED, PINNED
from watcher.edtf import Edtf
from watcher.model import ChangeKind, Confidence, Evidence, Fact, Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """Where folding goes on from: a revision of the fact, or a mark that was made since.

    What was said until `at` and had come in by `made_at` (UTC both) is in it; `backers` are the claims that support the
    value then, `open` those that say otherwise and were not believed yet.
    """

    fact: Fact
    at: datetime
    made_at: datetime
    backers: tuple[str, ...]
    open: tuple[str, ...] = ()

    @classmethod
    def of(cls, fact: Fact) -> Start:
        """A revision as a start: nobody contradicts what has only just been taken."""
        return cls(fact=fact, at=fact.since, made_at=fact.recorded_at, backers=fact.evidence)

    def leaves(self, evidence: Evidence) -> bool:
        """Whether a claim is still to be folded."""
        return evidence.at > self.at or evidence.source.first_seen > self.made_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """A fact as it stood before what is folded. `fact` is None where none was held.

    `backers` supported it then, `open` said otherwise. What was said before `floor` may support it and never moves it.
    """

    fact: Fact | None = None
    backers: tuple[Evidence, ...] = ()
    open: tuple[Evidence, ...] = ()
    floor: datetime | None = None


def since_checkpoint(start: Start | None, said: Sequence[Evidence]) -> tuple[Checkpoint, tuple[Evidence, ...]]:
    """The checkpoint at a start, and which of the claims about the fact are still to be folded."""
    if start is None:
        return Checkpoint(), tuple(said)
    at_start = {*start.backers, *start.open}
    checkpoint = Checkpoint(
        fact=start.fact,
        backers=tuple(e for e in said if e.id in start.backers),
        open=tuple(e for e in said if e.id in start.open),
        floor=start.at,
    )
    return checkpoint, tuple(e for e in said if e.id not in at_start and start.leaves(e))


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of a fact: from `old` to `new`, made by `trigger`, now supported by `backers` (one for each origin).

    `since` is when the text that brought `new` was published: a confirmation does not make a value younger.
    """

    kind: ChangeKind
    old: Value | None
    new: Value
    confidence: Confidence
    trigger: Evidence
    since: datetime
    backers: tuple[Evidence, ...]
    superseded: tuple[Edtf, ...] = ()
    pinned: bool = False


@dataclass(slots=True, kw_only=True)
class Held:
    """What is held while folding: the value, who supports it, what it was before, who says otherwise, who denies it."""

    judge: Judge
    value: Value | None = None
    since: datetime | None = None
    confidence: Confidence = Confidence.RUMOURED
    backers: Chorus = field(init=False)
    deniers: Chorus = field(init=False)
    superseded: list[Edtf] = field(default_factory=list)
    contenders: dict[str, Chorus] = field(default_factory=dict)
    repeated: list[Evidence] = field(default_factory=list)
    pinned: bool = False
    steps: list[Step] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.backers, self.deniers = Chorus(self.judge), Chorus(self.judge)

    @classmethod
    def at(cls, checkpoint: Checkpoint, judge: Judge) -> Held:
        """What was held at a checkpoint."""
        fact = checkpoint.fact
        if fact is None:
            return cls(judge=judge)
        held = cls(
            judge=judge,
            value=fact.value,
            since=fact.since,
            confidence=fact.confidence,
            superseded=list(fact.superseded),
            pinned=fact.pinned,
        )
        held.backers = Chorus(judge, checkpoint.backers)
        return held

    @property
    def open(self) -> tuple[Evidence, ...]:
        """All who say otherwise and are not believed yet, each voice once."""
        choruses = (*self.contenders.values(), self.deniers)
        said = {e.id: e for e in (*(e for chorus in choruses for e in chorus.said), *self.repeated)}
        return tuple(said.values())

    def support(self, evidence: Evidence) -> None:
        """Count one more claim for the value held; a step only when it makes us surer."""
        if not self.backers.add(evidence) or self.value is None:
            return
        surer = self.backers.confidence
        if surer.rank > self.confidence.rank:
            self.confidence = surer
            self._record(ChangeKind.CONFIRMED, self.value, evidence)

    def take(self, kind: ChangeKind, new: Value, evidence: Evidence, backers: Chorus | None = None) -> None:
        """Hold a new value from this claim on, supported by it and by those who said so before."""
        old = self.value if self.value is not None and self.value.known else None
        if old is not None and old.date is not None and new.date is not None and not old.date.holds(new.date):
            self.superseded.append(old.date)
        self.value, self.since = new, evidence.at
        self.pinned = evidence.claim.rule == PINNED
        self.backers = (backers or Chorus(self.judge)).joined(evidence)
        self.contenders.clear()
        self.repeated.clear()
        self.deniers = Chorus(self.judge)
        self.confidence = self.backers.confidence
        self._record(kind, old, evidence)

    def is_set_by_hand(self, evidence: Evidence, new: Value) -> bool:
        """Whether the user sets this value by hand, or pins or frees it, and it is not held just so already."""
        if evidence.claim.rule not in (FIXED, PINNED) or not self.judge.is_user(evidence):
            return False
        return self.value != new or self.pinned != (evidence.claim.rule == PINNED)

    def contend(self, name: str, evidence: Evidence) -> Chorus:
        """Note that a claim says otherwise; returns all who say that same other thing."""
        said = self.contenders.setdefault(name, Chorus(self.judge))
        said.add(evidence)
        return said

    def lately(self, evidence: Evidence) -> Chorus:
        """Note that a claim tells an old step anew; returns all who did so within `fresh_for`."""
        since = evidence.at - self.judge.policy.fresh_for
        self.repeated = [*(e for e in self.repeated if e.at >= since), evidence]
        return Chorus(self.judge, self.repeated)

    def _record(self, kind: ChangeKind, old: Value | None, evidence: Evidence) -> None:
        assert self.value is not None
        self.steps.append(
            Step(
                kind=kind,
                old=old,
                new=self.value,
                confidence=self.confidence,
                trigger=evidence,
                since=self.since or evidence.at,
                backers=self.backers.firsts(),
                superseded=tuple(self.superseded),
                pinned=self.pinned,
            )
        )
