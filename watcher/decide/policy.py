"""Whom to believe: every claim speaks with a voice, and voices that are not independent count once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from watcher.catalogue import Catalogue
from watcher.config import Policy
from watcher.edtf import Edtf
from watcher.model import (
    Action,
    Change,
    ChangeKind,
    Confidence,
    Evidence,
    Modality,
    ReleaseClaim,
    SourceKind,
    Trust,
    Value,
)

#: The origin of what the user says without naming an outlet.
YOU = "you"


#: One day more than the longest month.
_MONTH = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """Who truly says a claim. Claims of one `origin` count once; not `direct` where the origin is only quoted."""

    origin: str
    outlet: str
    trust: Trust
    direct: bool = True
    firm: bool = True

    @property
    def moves(self) -> bool:
        """Whether this voice alone may move a fact: press or better, saying it firmly."""
        return self.firm and self.trust is not Trust.AGGREGATOR


@dataclass(frozen=True, slots=True, kw_only=True)
class Judge:
    """Weighs claims by the catalogue's outlets and the user's policy."""

    catalogue: Catalogue
    policy: Policy

    def voice(self, evidence: Evidence) -> Voice:
        """The voice of a claim: the outlet it credits or copies, else the one that published it, else the user."""
        source, claim = evidence.source, evidence.claim
        quoted = claim.credits or source.copies
        firm = claim.modality in (Modality.OFFICIAL, Modality.REPORTED, Modality.DENIED)
        if source.outlet is None:
            return Voice(origin=YOU, outlet=YOU, trust=Trust.OFFICIAL, firm=firm)
        own = self.catalogue.outlet(source.outlet)
        if claim.modality is Modality.OFFICIAL and quoted is None:
            return Voice(origin=own.owner, outlet=own.name, trust=Trust.OFFICIAL, firm=firm)
        if quoted is None or self.catalogue.outlet(quoted).owner == own.owner:
            return Voice(origin=own.owner, outlet=own.name, trust=own.trust, firm=firm)
        credited = self.catalogue.outlet(quoted)
        if credited.trust is Trust.OFFICIAL and own.trust is Trust.TRADE:
            # A trade paper that names the studio has asked the studio: that is its own report, not hearsay.
            return Voice(origin=credited.owner, outlet=own.name, trust=own.trust, firm=firm)
        return Voice(origin=credited.owner, outlet=own.name, trust=credited.trust, direct=False, firm=firm)

    def confidence(self, voices: Iterable[Voice]) -> Confidence:
        """How sure a value is that these voices support.

        Confirmed: one official voice or a trade paper read itself, or `confirm_origins` independent origins. An aggregator
        adds no origin of its own. Rumoured: nobody says it firmly.
        """
        firm = [v for v in voices if v.firm]
        if not firm:
            return Confidence.RUMOURED
        if any(v.direct and v.trust in (Trust.OFFICIAL, Trust.TRADE) for v in firm):
            return Confidence.CONFIRMED
        origins = {v.origin for v in firm if v.trust is not Trust.AGGREGATOR}
        return Confidence.CONFIRMED if len(origins) >= self.policy.confirm_origins else Confidence.REPORTED

    def may_move(self, evidence: Evidence) -> bool:
        """Whether this claim alone may move a fact."""
        return self.voice(evidence).moves

    def agrees(self, evidence: Evidence, value: Value) -> bool:
        """Whether a claim says firmly what a value holds, or as much of it as it says."""
        claim = evidence.claim
        if claim.modality is Modality.DENIED or not self.voice(evidence).firm:
            return False
        if isinstance(claim, ReleaseClaim):
            return value.date is not None and supports(claim.date, value.date)
        seated = claim.status.seated and value.status is not None and value.status.seated
        return claim.status is value.status or seated

    def says(self, evidence: Evidence, change: Change) -> bool:
        """Whether a claim by itself says all that a change says: the very date, and that it moved if it did."""
        claim = evidence.claim
        if not isinstance(claim, ReleaseClaim):
            return claim.status is change.new.status
        return claim.date == change.new.date and (change.kind is not ChangeKind.MOVED or claim.action is Action.MOVES)

    def is_user(self, evidence: Evidence) -> bool:
        """Whether this is the user's own word (a `known` value, `fix`), which needs nobody's agreement."""
        return evidence.source.kind is SourceKind.USER

    def first_of_each(self, backers: Iterable[Evidence]) -> tuple[Evidence, ...]:
        """The first claim of every independent origin, first said first."""
        firsts: dict[str, Evidence] = {}
        for evidence in sorted(backers, key=lambda e: e.order):
            firsts.setdefault(self.voice(evidence).origin, evidence)
        return tuple(firsts.values())


def supports(said: Edtf, held: Edtf) -> bool:
    """Whether a date said is support for one held: the same, or wider by no more than its month.

    Who says no more than "next year" does not contradict a day, but has not said it either.
    """
    return said == held or (said.holds(held) and (said.latest - said.earliest).days < _MONTH)


class Chorus:
    """All who say one thing, a claim kept for each distinct voice: what the hundredth retelling adds costs nothing."""

    def __init__(self, judge: Judge, said: Iterable[Evidence] = ()) -> None:
        self._judge = judge
        self._voices: dict[Voice, Evidence] = {}
        for evidence in said:
            self.add(evidence)

    def add(self, evidence: Evidence) -> bool:
        """One more claim, given in the order of publication. Returns whether its voice is new."""
        voice = self._judge.voice(evidence)
        new = voice not in self._voices
        if new:
            self._voices[voice] = evidence
        return new

    @property
    def said(self) -> tuple[Evidence, ...]:
        """The first claim of each voice."""
        return tuple(self._voices.values())

    @property
    def confidence(self) -> Confidence:
        """How sure what they say is."""
        return self._judge.confidence(self._voices)

    @property
    def movers(self) -> int:
        """How many independent origins there are that may move a fact."""
        return len({voice.origin for voice in self._voices if voice.moves})

    def joined(self, evidence: Evidence) -> Chorus:
        """They, and one more."""
        together = Chorus(self._judge, self._voices.values())
        together.add(evidence)
        return together

    def firsts(self) -> tuple[Evidence, ...]:
        """The first claim of each independent origin, first said first."""
        return self._judge.first_of_each(self._voices.values())
