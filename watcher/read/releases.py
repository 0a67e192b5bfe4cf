"""Release claims: the release dates of a sentence that are our title's, and what the sentence does with them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from watcher.edtf import UNSET, Edtf
from watcher.model import Action, Modality, ReleaseClaim, ReleaseType
from watcher.read.binding import Binder, Bound, Frame
from watcher.read.dates import When
from watcher.read.grammar import Grammar, either
from watcher.read.hedges import doubts
from watcher.read.meaning import Around, resolve
from watcher.read.owners import OURS, Owners
from watcher.read.phrases import Hit
from watcher.read.publicity import Publicity
from watcher.read.scene import Notes, Scene, Shot
from watcher.read.text import Span

#: A plan for a day longer past than this, in days, is a slip of the pen.
SLIP = 60
#: What was released longer ago than this, in days, is told as history.
HISTORY = 400
#: What a film was taken off its calendar longer ago than this, in days, is told again.
RETOLD = 30
#: Farthest, in characters, that a region may stand from its date.
REGION_REACH = 90


class ReleaseReader:
    """Reads release claims from sentences of one language."""

    def __init__(self, grammar: Grammar) -> None:
        self._grammar = grammar
        self._binder = Binder(grammar)
        self._owners = Owners(grammar)
        units, after = either(grammar.dates["units"]), either(grammar.dates["long_after"])
        self._long_after = re.compile(rf"(?<!\w)(?:{units})(?:\s+[\w-]+){{0,3}}\s+(?:{after})(?!\w)", re.IGNORECASE)
        self._publicity = Publicity(grammar)

    def read(self, scene: Scene, shot: Shot, notes: Notes) -> list[ReleaseClaim]:
        """The release claims of one sentence."""
        frame = self._binder.frame(scene, shot)
        return self._dated(frame, notes) or self._unset(frame)

    def _dated(self, frame: Frame, notes: Notes) -> list[ReleaseClaim]:
        bound = self._binder.bind(frame)
        dates = self._resolved(frame, bound)
        old = next((d for one, d in zip(bound, dates, strict=True) if one.role == "old" and d is not None), None)
        claims: list[ReleaseClaim] = []
        for one, date in zip(bound, dates, strict=True):
            reason = self._why_not(frame, one, date)
            if reason:
                notes.say(f"{frame.text[one.when.start : one.when.end]}: {reason}")
            elif date is not None and one.role == "new":
                claims.extend(self._build(frame, one, date, old))
        return claims

    @staticmethod
    def _resolved(frame: Frame, bound: Sequence[Bound]) -> list[Edtf | None]:
        """What each date means; each may count from the one before it."""
        found: list[Edtf | None] = []
        previous: Edtf | None = None
        for one in bound:
            date = resolve(
                one.when, frame.scene.anchor, Around(previous=previous, past=one.role == "new" and _is_past(frame, one))
            )
            found.append(date)
            previous = date or previous
        return found

    def _why_not(self, frame: Frame, one: Bound, date: Edtf | None) -> str | None:
        """Why a date makes no claim; None for one that does, and for the old date of a move."""
        if one.role != "new":
            return None if one.role == "old" else one.role
        if frame.shot.asks(one.when.start):
            return "only asked for"
        if date is None:
            return "cannot be known without the day of publication"
        if self._is_denied(frame, one):
            return "denied, or told by mistake"
        return self._whose(frame, one) or _slip(frame, one, date)

    def _whose(self, frame: Frame, one: Bound) -> str | None:
        """Whose date it is, or what's, where it is not ours."""
        if one.cue is not None and one.cue.what.needs not in (None, self._type(frame, one.when)):
            return f"a date of {one.cue.what.name}, not of release"
        if self._publicity.owns(frame, one):
            return "of what advertises the film, not of the film"
        owner = self._owners.owner(frame, one) or (OURS if frame.shot.topic == OURS else None)
        if owner != OURS:
            return f"belongs to {owner}" if owner else "of no film that the text names"
        return None

    def _is_denied(self, frame: Frame, one: Bound) -> bool:
        """Whether the clause says that what it tells is not so: "denied that NAME has moved to June 6"."""
        start = frame.shot.clause(one.when.start).start
        return bool(self._grammar.denials.find(frame.text, start, one.when.start))

    # --- from a date to a claim ---

    def _build(self, frame: Frame, one: Bound, date: Edtf, old: Edtf | None) -> list[ReleaseClaim]:
        action = self._action(frame, one)
        moved = old if old != date else None
        claim = ReleaseClaim(
            title=frame.scene.title.id,
            type=self._type(frame, one.when),
            date=date,
            action=Action.MOVES if moved and action is Action.SETS else action,
            sentence=frame.scene.sentence(frame.shot.line),
            rule=one.rule,
            from_date=moved,
            modality=self._modality(frame, one.when),
            credits=frame.shot.credits,
        )
        return [replace(claim, region=region) for region in self._regions(frame, one.when)] or [claim]

    def _action(self, frame: Frame, one: Bound) -> Action:
        """The strongest act of the clause that leads up to the date; what is told as already past moves nothing."""
        start = frame.shot.clause(one.when.start).start
        acts = {one.action}
        for cue in frame.cues:
            if start <= cue.start and cue.end <= one.when.start and not cue.what.near:
                retold = self._grammar.retold.find(frame.text, start, cue.start)
                if not any(cue.start - hit.end < 14 for hit in retold):
                    acts.add(cue.what.action)
        return next((a for a in (Action.MOVES, Action.CONFIRMS, Action.SETS) if a in acts), Action.STATES)

    def _type(self, frame: Frame, when: Span) -> ReleaseType:
        """The type whose word stands nearest to the date, rather before than after it."""
        clause = frame.shot.clause(when.start)
        hits = self._grammar.release_types.find(frame.text, clause.start, clause.end)

        def distance(hit: Hit[ReleaseType]) -> tuple[int, int]:
            return (hit.start - when.end + 12 if hit.start >= when.end else when.start - hit.end, hit.start)

        return min(hits, key=distance).what if hits else ReleaseType.THEATRICAL

    def _regions(self, frame: Frame, when: When) -> list[str]:
        """The countries that the clause gives the date for; none where it names none.

        Of several dates each takes the countries on its own side: those before it if the clause begins with a country ("in
        the US on A and in the UK on B"), else those after it.
        """
        clause = frame.shot.clause(when.start)
        places = list(self._grammar.regions.finditer(frame.text, clause.start, clause.end))
        dates = [d for d in frame.dates if clause.holds(d)]
        if len(dates) > 1 and places:
            leads = places[0].start() < dates[0].start
            start = max((d.end for d in dates if leads and d.end <= when.start), default=clause.start if leads else when.end)
            end = when.start if leads else min((d.start for d in dates if d.start > when.start), default=clause.end)
            places = [p for p in places if start <= p.start() < end]
        near = [p for p in places if abs(p.start() - when.start) < REGION_REACH]
        terms = [p.group(p.lastgroup or 0) for p in near]
        codes = dict.fromkeys(self._grammar.region_codes[term] for term in terms)
        outlet = frame.scene.outlet
        if not codes and outlet and outlet.country and self._grammar.local.find(frame.text, clause.start, clause.end):
            return [outlet.country]
        return list(codes)

    def _modality(self, frame: Frame, when: Span) -> Modality:
        """Rumoured where a hedge stands in the clause up to the date, or close behind it."""
        clause = frame.shot.clause(when.start)
        comma = frame.text.find(",", when.end, min(clause.end, when.end + 40))
        end = comma if comma >= 0 else min(clause.end, when.end + 40)
        hedged = any(not hit.meets(when) for hit in doubts(self._grammar, frame.scene, clause.start, end))
        return Modality.RUMOURED if hedged else frame.shot.modality

    def _is_history(self, frame: Frame, cue: Span) -> bool:
        """Whether a taking off the calendar is long past: "months after it left the calendar", "pulled last October"."""
        clause, day = frame.shot.clause(cue.start), frame.scene.anchor.day
        if self._long_after.search(frame.text, clause.start, cue.start):
            return True
        told = [resolve(d, frame.scene.anchor, Around(past=True)) for d in frame.dates if clause.holds(d) and not cue.meets(d)]
        return day is not None and any(date is not None and date.latest < day - timedelta(days=RETOLD) for date in told)

    def _unset(self, frame: Frame) -> list[ReleaseClaim]:
        """A film taken off the calendar."""
        for cue in frame.cues:
            denied = any(c.what.kind == "none" and 0 <= cue.start - c.end < 15 for c in frame.cues)
            if cue.what.kind != "unset" or denied or frame.shot.asks(cue.start) or self._is_history(frame, cue):
                continue
            place = When(start=cue.start, end=cue.end)
            named = next((m.kind for m in reversed(frame.shot.marks) if m.kind != "it"), None)
            owner = named if cue.what.subject else self._owners.owner(frame, Bound(when=place, role="new"))
            if owner == OURS or (owner is None and frame.shot.topic == OURS):
                return [
                    ReleaseClaim(
                        title=frame.scene.title.id,
                        type=self._type(frame, place),
                        date=UNSET,
                        action=Action.UNSETS,
                        sentence=frame.scene.sentence(frame.shot.line),
                        rule=f"release.{cue.what.name}",
                        modality=self._modality(frame, place),
                        credits=frame.shot.credits,
                    )
                ]
        return []


def _slip(frame: Frame, one: Bound, date: Edtf) -> str | None:
    """Why a date long past is no claim: as a plan it is a slip, as a memory it is history."""
    day, past = frame.scene.anchor.day, _is_past(frame, one)
    if day is None or date.latest >= day - timedelta(days=HISTORY if past else SLIP):
        return None
    return "told as history" if past else "a plan for what was long past is a slip"


def _is_past(frame: Frame, one: Bound) -> bool:
    """Whether the date is told as past: by its cue, or by a verb close before it ("came out in theaters on")."""
    if one.cue is None or not one.leads:
        return False
    start = frame.shot.clause(one.cue.start).start
    near = [c for c in frame.cues if c.what.past and start <= c.start and 0 <= one.cue.start - c.end < 25]
    return one.cue.what.past or bool(near)
