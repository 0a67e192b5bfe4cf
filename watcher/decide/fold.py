"""Claims about one fact, folded in the order they were published into the steps that the fact took. No clock, no store.

`fold` starts at a checkpoint, the fact as it stood before everything that is still news, and returns each step since. The
rules are those of the design's section "Deciding"; `releases` and `credits` hold them, one function a rule.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from watcher.decide.policy import Chorus, Judge
from watcher.edtf import Edtf
from watcher.model import ChangeKind, Confidence, Evidence, Fact, Value

#: The rule of a claim that the user pinned: what it says is moved by the user's own later word alone.
PINNED = "pinned"
#: The rule of a claim that the user made by hand: it counts to the letter, where a configured value only supports a finer one.
FIXED = "fixed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """A fact as it stood before what is folded, with the claims that supported it then. `fact` is None where none was held."""

    fact: Fact | None = None
    backers: tuple[Evidence, ...] = ()


def since_checkpoint(fact: Fact | None, said: Sequence[Evidence]) -> tuple[Checkpoint, tuple[Evidence, ...]]:
    """The checkpoint at a fact, and which of the claims about it are still to be folded.

    Those are what was published after the fact's own evidence, and what is older but came in after the fact was recorded.
    """
    if fact is None:
        return Checkpoint(), tuple(said)
    backers = tuple(e for e in said if e.id in fact.evidence)
    later = tuple(
        e for e in said if e.id not in fact.evidence and (e.order[0] > fact.since or e.source.first_seen > fact.recorded_at)
    )
    return Checkpoint(fact=fact, backers=backers), later


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
