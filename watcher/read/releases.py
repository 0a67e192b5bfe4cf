"""Release claims: the release dates of a sentence that are our title's, and what the sentence does with them."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from watcher.edtf import UNSET, Edtf
from watcher.model import UNKNOWN_REGION, Action, Modality, ReleaseClaim, ReleaseType
from watcher.read.binding import Binder
from watcher.read.counts import COUNTED
from watcher.read.dated import BESIDE, HOLIDAY, NOW, Bound, Frame, rule_of
from watcher.read.dates import DateFinder, When
from watcher.read.grammar import BLANK, Grammar, ReleaseCue, either, ends_with
from watcher.read.kinds import Kinds
from watcher.read.meaning import Around, resolve
from watcher.read.owners import OURS, Owners
from watcher.read.phrases import Hit
from watcher.read.places import country_of
from watcher.read.points import PAST, PREMIERES
from watcher.read.publicity import Publicity
from watcher.read.reckon import Reckoner
from watcher.read.scene import Notes, Scene, Shot
from watcher.read.text import Span

#: A plan for a day longer past than this, in days, is a slip of the pen.
SLIP = 60
#: What was released longer ago than this, in days, is told as history.
HISTORY = 400
#: What a film was taken off its calendar longer ago than this, in days, is told again.
RETOLD = 30

#: Farthest, in characters, that a verb of giving up stands from the day itself.
_RIGHT_BEFORE = 3
#: Farthest, in characters, that our film may stand behind "the same day as" ("the same day as the studio's NAME").
SAME_REACH = 30

#: A line of a calendar begins with its film, up to so many characters, and says no more of it in the same breath.
_NAME_AT = 4
_NAME_ALONE = re.compile(r"[\"']?\s*(?:[(\[–:*\n]|- |$)")


class ReleaseReader:
    """Reads release claims from sentences of one language."""

    def __init__(self, grammar: Grammar) -> None:
        self._grammar = grammar
        self._binder = Binder(grammar)
        self._owners = Owners(grammar)
        self._reckoner = Reckoner(grammar, self._binder.dates)
        self._kinds = Kinds(grammar)
        units, after = either(grammar.dates["units"]), either(grammar.dates["long_after"])
        self._long_after = re.compile(rf"(?<!\w)(?:{units})(?:\s+[\w-]+){{0,3}}\s+(?:{after})(?!\w)", re.IGNORECASE)
        ago = rf"(?:{units})\s+(?:{either(grammar.dates['ago'])})"
        self._ago = re.compile(rf"(?<!\w){ago}(?!\w)", re.IGNORECASE)
        self._same_as = re.compile(rf"(?<!\w)(?:{either(grammar.dates['same_as'])})(?!\w)", re.IGNORECASE)
        self._after = ends_with(grammar.dates["reference"], BLANK + r"(?:[\w']+\s+)?")
        self._publicity = Publicity(grammar)
        self._of = re.compile(rf"\s(?:{either(grammar.release.get('of', ()))})\s[\"']?", re.IGNORECASE)

    @property
    def dates(self) -> DateFinder:
        """Finds the dates of its language."""
        return self._binder.dates

    def may_tell(self, scene: Scene, line: Span) -> bool:
        """Whether it is worth it to read a sentence: one without a date can only take the film off its calendar."""
        span = (scene.text, line.start, line.end)
        return bool(line.start in scene.heads or self.dates.find(*span) or self._grammar.unset_cues.find(*span))

    def read(self, scene: Scene, shot: Shot, notes: Notes) -> list[ReleaseClaim]:
        """The release claims of one sentence."""
        frame = self._binder.frame(scene, shot)
        head = None if frame.dates else scene.heads.get(shot.line.start)
        dated = self._headed(frame, head) if head else self._dated(frame, notes)
        ends = frame.dates[-1].end if frame.dates else 0
        off = dated and any(
            c.what.kind == "unset" and c.start > ends for c in frame.cues
        )  # "dated for A, it is off the calendar"
        return (off and self._unset(frame)) or dated or self._unset(frame)

    def _headed(self, frame: Frame, head: When) -> list[ReleaseClaim]:
        """The claim of a calendar's line that is our name, below the day that heads it."""
        line = frame.shot.line
        mark = next((m for m in frame.shot.marks if m.kind == OURS and m.start - line.start < _NAME_AT), None)
        date = resolve(head, frame.scene.anchor)
        if mark is None or date is None or not _NAME_ALONE.match(frame.text, mark.end, line.end + 1):
            return []
        when = replace(head, start=mark.end, end=mark.end)
        kind = self._kinds.type_of(frame, when)
        if kind is None or _slip(frame, date, past=False):
            return []
        return self._placed(frame, self._claim(frame, Bound(when=when, role="new", rule="release.calendar"), date, kind), when)

    def _dated(self, frame: Frame, notes: Notes) -> list[ReleaseClaim]:
        bound = self._binder.bind(frame)
        dates = self._reckoner.dates(frame, bound, lambda one: self._is_past(frame, one))
        old = next((d for one, d in zip(bound, dates, strict=True) if one.role == "old" and d is not None), None)
        claims: list[ReleaseClaim] = []
        for one, date in zip(bound, dates, strict=True):
            kind = ReleaseType.PREMIERE if one.rule in PREMIERES else self._kinds.type_of(frame, one.when, one.cue)
            reason = self._why_not(frame, one, date, kind)
            if reason:
                notes.say(f"{frame.text[one.when.start : one.when.end]}: {reason}")
            elif date is not None and kind is not None and one.role == "new":
                claims.extend(self._placed(frame, _moved(self._claim(frame, one, date, kind), old), one.when))
        told = [*claims, *self._counted(frame, bound, dates, claims), *self._same_day(frame, bound, dates, claims)]
        return told or self._given_up(frame, bound, dates)

    def _given_up(self, frame: Frame, bound: Sequence[Bound], dates: Sequence[Edtf | None]) -> list[ReleaseClaim]:
        """The loss of a day to come where no other is told: "it will not open on June 6", "it has left its June 6 slot"."""
        denied = self._grammar.denials.find(frame.text, frame.shot.line.start, frame.shot.line.end)
        if denied or any(one.role == "new" for one in bound):
            return []  # "it will not open on June 6, contrary to what was listed"; or a day that may be ours
        moving = any(c.what.action is Action.MOVES for c in frame.cues)
        for one, date in zip(bound, dates, strict=True):
            lost = one.cue is not None and (_loses(one, one.cue) or (moving and one.role == "old"))
            if one.cue is None or not lost or date is None or _is_over(frame, date):
                continue
            gone = replace(one, role="new", rule=rule_of(one.cue), action=Action.UNSETS)
            kind = self._kinds.type_of(frame, one.when, one.cue)
            if kind is None or self._why_not(frame, gone, date, kind) or self._is_history(frame, one.cue, but=one.when):
                continue
            if frame.shot.names_ours and not self._is_subject(frame, one):
                continue  # "another leaves its June 6 slot to NAME"
            claim = replace(self._claim(frame, gone, date, kind), date=UNSET, from_date=date, action=Action.UNSETS)
            return self._placed(frame, claim, one.when) if claim.modality is not Modality.RUMOURED else []
        return []

    def _is_subject(self, frame: Frame, one: Bound) -> bool:
        """Whether our film stands before a date, or owns the noun behind it: "cancelled the June 6 release of NAME"."""
        ours = [mark for mark in frame.shot.marks if mark.kind == OURS]
        end = one.noun.end if one.noun else 0
        return any(m.start < one.when.start or (end and self._of.fullmatch(frame.text, end, m.start)) for m in ours)

    def _same_day(
        self, frame: Frame, bound: Sequence[Bound], dates: Sequence[Edtf | None], claims: Sequence[ReleaseClaim]
    ) -> list[ReleaseClaim]:
        """Our film's date, where another moves to it: "moves NAME to June 6, on the same day as OURS"."""
        if claims:
            return []
        for match in self._same_as.finditer(frame.text, frame.shot.line.start, frame.shot.line.end):
            ours = any(m.kind == OURS and 0 <= m.start - match.end() < SAME_REACH for m in frame.shot.marks)
            told = [
                (one, date) for one, date in zip(bound, dates, strict=True) if one.when.end <= match.start() and one.role == "new"
            ]
            if not ours or not told or frame.shot.asks(match.start()):
                continue
            one, date = told[-1]
            if date is not None and date.is_day and not _slip(frame, date, past=self._is_past(frame, one)):
                kind = self._kinds.type_of(frame, one.when, one.cue)
                same = replace(one, rule="release.same_day", action=Action.STATES)
                return [replace(self._claim(frame, same, date, kind), action=Action.STATES)] if kind else []
        return []

    def _counted(
        self, frame: Frame, bound: Sequence[Bound], dates: Sequence[Edtf | None], claims: Sequence[ReleaseClaim]
    ) -> list[ReleaseClaim]:
        """The claims of "a week before it opens in Japan", each counted from a date that is claimed itself."""
        said = {claim.date for claim in claims} | {frame.shot.told}
        others = said | {date for one, date in zip(bound, dates, strict=True) if one.role == "new"}
        found: list[ReleaseClaim] = []
        for count in frame.counts:
            date = self._reckoner.counted(frame, count, dates, others if count.own else said)
            kind = self._kinds.type_of(frame, count)
            one = Bound(when=When(start=count.start, end=count.end), role="new", rule=COUNTED)
            if date and kind and not _slip(frame, date, past=count.days < 0):
                found.extend(self._placed(frame, self._claim(frame, one, date, kind), count))
        return found

    def _why_not(self, frame: Frame, one: Bound, date: Edtf | None, kind: ReleaseType | None) -> str | None:
        """Why a date makes no claim; None for one that does, and for the old date of a move."""
        if one.role != "new":
            return None if one.role == "old" else one.role
        if frame.shot.asks(one.when.start):
            return "only asked for"
        if date is None:
            return "cannot be known without the day of publication"
        looks_back = (one.when.relative or "").startswith("last") or (one.rule == BESIDE and _is_over(frame, date))
        if looks_back and one.noun is None and not self._is_past(frame, one):
            return "a time that is over, and no plan"
        return self._what(frame, one, kind) or self._whose(frame, one) or _slip(frame, date, past=self._is_past(frame, one))

    def _what(self, frame: Frame, one: Bound, kind: ReleaseType | None) -> str | None:
        """What a date is of, where it is of no release."""
        if kind is None:
            return "a showing that is no release"
        if one.cue is not None and one.cue.what.needs not in (None, kind):
            return f"a date of {one.cue.what.name}, not of release"
        if self._publicity.owns(frame, one):
            return "of what advertises the film, not of the film"
        return "denied, or told by mistake" if self._is_denied(frame, one) else None

    def _whose(self, frame: Frame, one: Bound) -> str | None:
        """Whose date it is, where it is not ours."""
        by_topic = OURS if frame.shot.topic == OURS and not (one.cue and one.cue.what.named) else None
        owner = self._owners.owner(frame, one) or by_topic
        if owner != OURS:
            return f"belongs to {owner}" if owner else "of no film that the text names"
        return None

    def _is_denied(self, frame: Frame, one: Bound) -> bool:
        """Whether the clause says that what it tells is not so: "denied that NAME has moved to June 6"."""
        start = frame.shot.clause(one.when.start).start
        return bool(self._grammar.denials.find(frame.text, start, one.when.start))

    # --- from a date to a claim ---

    def _claim(self, frame: Frame, one: Bound, date: Edtf, kind: ReleaseType) -> ReleaseClaim:
        return ReleaseClaim(
            title=frame.scene.title.id,
            type=kind,
            date=date,
            action=Action.STATES if one.rule == COUNTED else self._action(frame, one),
            sentence=frame.scene.sentence(frame.shot.line),
            rule=HOLIDAY if one.when.holiday and date.is_day else NOW if self._binder.is_now(frame, one) else one.rule,
            modality=self._kinds.modality_of(frame, one.when),
            credits=frame.shot.credits,
        )

    def _placed(self, frame: Frame, claim: ReleaseClaim, at: Span) -> list[ReleaseClaim]:
        """The claim once for each country that its date is given for."""
        regions: Sequence[str | None] = self._kinds.regions_of(frame, at)
        if claim.type is ReleaseType.PREMIERE and all(region == UNKNOWN_REGION for region in regions):
            names = [mark for mark in frame.shot.marks if mark.kind != "it"]
            held = country_of(frame.text, frame.shot.line, at, names, nouns=self._grammar.text["noun_capitals"])
            regions = [held] if held else regions
        return [replace(claim, region=region) for region in regions] or [claim]

    def _is_past(self, frame: Frame, one: Bound) -> bool:
        """Whether the date is told as past, as that of a film that earned since: "made $9 million after opening on June 6"."""
        if _was(frame, one):
            return True
        if one.cue is None or not one.leads or not any(cue.what.earns for cue in frame.cues):
            return False
        return bool(self._after.search(frame.text, max(frame.shot.line.start, one.cue.start - 24), one.cue.start))

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

    def _is_history(self, frame: Frame, cue: Span, *, but: Span | None = None) -> bool:
        """Whether a taking off the calendar is long past: "months after it left the calendar", "pulled a year ago".

        No sign of it is the date `but`, which it leaves.
        """
        clause, day = frame.shot.clause(cue.start), frame.scene.anchor.earliest
        if self._long_after.search(frame.text, clause.start, cue.start) or self._ago.search(frame.text, clause.start, clause.end):
            return True
        beside = [d for d in frame.dates if clause.holds(d) and not cue.meets(d) and d is not but]
        return day is not None and any(_is_bygone(frame, when, day) for when in beside)

    def _unset(self, frame: Frame) -> list[ReleaseClaim]:
        """A film taken off the calendar."""
        for cue in frame.cues:
            denied = any(c.what.kind == "none" and 0 <= cue.start - c.end < 15 for c in frame.cues)
            if cue.what.kind != "unset" or denied or frame.shot.asks(cue.start) or self._is_history(frame, cue):
                continue
            if self._publicity.halts(frame, cue):
                continue
            place = When(start=cue.start, end=cue.end)
            named = next((m.kind for m in reversed(frame.shot.marks) if m.kind != "it"), None)
            owner = named if cue.what.subject else self._owners.owner(frame, Bound(when=place, role="new"))
            if owner == OURS or (owner is None and frame.shot.topic == OURS):
                return [
                    ReleaseClaim(
                        title=frame.scene.title.id,
                        type=self._kinds.type_of(frame, place) or ReleaseType.THEATRICAL,
                        date=UNSET,
                        action=Action.UNSETS,
                        sentence=frame.scene.sentence(frame.shot.line),
                        rule=f"release.{cue.what.name}",
                        modality=self._kinds.modality_of(frame, place),
                        credits=frame.shot.credits,
                    )
                ]
        return []


def _moved(claim: ReleaseClaim, old: Edtf | None) -> ReleaseClaim:
    """The claim with the date that the film leaves."""
    if old is None or old == claim.date:
        return claim
    return replace(claim, from_date=old, action=Action.MOVES if claim.action is Action.SETS else claim.action)


def _slip(frame: Frame, date: Edtf, *, past: bool) -> str | None:
    """Why a date long past is no claim: as a plan it is a slip, as a memory it is history."""
    day = frame.scene.anchor.earliest
    if day is None or date.latest >= day - timedelta(days=HISTORY if past else SLIP):
        return None
    return "told as history" if past else "a plan for what was long past is a slip"


def _is_over(frame: Frame, date: Edtf) -> bool:
    """Whether a date lies before the item, or nobody knows."""
    day = frame.scene.anchor.earliest
    return day is None or date.latest < day


def _is_bygone(frame: Frame, when: When, day: dt.date) -> bool:
    """Whether a time was long before a day: one without a year where it was lies nearer than where it will be."""
    past = resolve(when, frame.scene.anchor, Around(past=True))
    if past is None or past.latest >= day - timedelta(days=RETOLD):
        return False
    coming = resolve(when, frame.scene.anchor)
    return coming is None or coming == past or coming.earliest - day > day - past.latest


def _loses(one: Bound, cue: Hit[ReleaseCue]) -> bool:
    """Whether a cue gives its date up: a verb with a place of the film's, or right before the day."""
    near = one.noun is not None or one.when.start - cue.end <= _RIGHT_BEFORE
    return cue.what.lost and (near or cue.what.kind == "none")


def _was(frame: Frame, one: Bound) -> bool:
    """Whether the date is told as past: by its cue, or by a verb close before it ("came out in theaters on").

    The date of a noun is past too where the sentence tells before it what the film made: "made $9 million after its June 6 bow".
    """
    earned = any(c.what.earns and c.end <= one.when.start for c in frame.cues)
    if (one.noun and earned) or one.rule in PAST:
        return True
    if one.cue is None or not one.leads:
        return one.cue is not None and one.cue.what.past
    start = frame.shot.clause(one.cue.start).start
    near = [c for c in frame.cues if c.what.past and start <= c.start and 0 <= one.cue.start - c.end < 25]
    return one.cue.what.past or bool(near)
