"""Credits: who joins, talks, leaves or is only named again, by cues with people on their left or right."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from watcher.model import Claim, CreditClaim, Modality, Status
from watcher.read.billing import Billing
from watcher.read.bygone import Bygone
from watcher.read.entries import heads, is_entry, lists_ours
from watcher.read.films import Mark
from watcher.read.frame import NEWS, Cast, Frame, asides
from watcher.read.grammar import CreditCue, Grammar, either, ends_with
from watcher.read.hedges import doubts
from watcher.read.objections import Objections
from watcher.read.parts import Part, PartFinder
from watcher.read.phrases import Hit
from watcher.read.roles import Roles
from watcher.read.scene import Notes, Scene, Shot, leads_with_ours, next_cast_topic
from watcher.read.shown import Shown
from watcher.read.text import Line, Span, is_title_case, words

_YEAR = re.compile(r"(?<!\()\b((?:19|20)\d\d)\b(?!'|\))")
#: Farthest, in characters, that the film a sentence speaks of begins behind its start.
_SUBJECT = 12
#: "as the river's own king": a comparison and no part.
_COMPARISON = re.compile(r"\sas\s[^,.;:]{0,60}?(?:'s|s')(?=\s)")


class CreditReader:
    """Reads credit claims from sentences of one language."""

    def __init__(self, grammar: Grammar) -> None:
        self._grammar = grammar
        self._parts = PartFinder(grammar)
        self._shown = Shown(grammar, self._parts)
        self._billing = Billing(grammar)
        self._bygone = Bygone(grammar)
        self._objections = Objections(grammar)
        self._roles = Roles(grammar)
        table = grammar.credit
        self._negations = frozenset(table["negations"])
        self._lapsed = ends_with(table["lapsed"], r"\s+(?:\w+\s+){0,2}")
        self._relatives = re.compile(rf"(?<!\w)(?:{either(table['relatives'])})(?!\w)", re.IGNORECASE)
        self._not_left = re.compile(
            rf"(?:(?<!\w)(?:{either(table['negations'])})|n't)\s(?:\w+ly\s|(?:{either(table['not_left'])})\s){{0,2}}$",
            re.IGNORECASE,
        )
        self._not_behind = re.compile(
            rf"(?<!\w)(?:{either(table['negations_behind'])})(?!\s(?:{either(table['not_only'])})\b|\w)"
        )
        self._only_would = ends_with(table["would"], r"\s+(?:\w+ly\s+)?")
        self._open = grammar.open_questions

    def begin(self, scene: Scene) -> Cast:
        """What the first sentence of an item shows of all."""
        first = next(iter(scene.lines), None)
        ours = first is not None and any(m.kind == "ours" for m in scene.films.in_line(first))
        entries = lists_ours(scene, self._grammar)
        return Cast(entries=entries, ours=ours, news=self._tells_cast(scene), again=self._tells_again(scene))

    def _tells_cast(self, scene: Scene) -> bool:
        """Whether the item's headline (or, without one, its first sentence) tells of a new cast, and is no explainer."""
        first = next(iter(scene.lines), None)
        if first is None or (scene.item.title and not first.headline):
            return False
        span = (scene.text, first.start, first.end)
        if self._grammar.explainers.find(*span):
            return False
        plain = not is_title_case(scene.text[first.start : first.end])
        return bool(self._grammar.cast_news.find(*span) or (plain and self._grammar.cast_news_plain.find(*span)))

    def _tells_again(self, scene: Scene) -> bool:
        """Whether the item's headline says that it explains or lists what was: nobody joins or leaves in such an item."""
        first = next(iter(scene.lines), None)
        return first is not None and first.headline and bool(self._grammar.recaps.find(scene.text, first.start, first.end))

    def may_tell(self, scene: Scene, line: Line) -> bool:
        """Whether it is worth it to read a sentence: it names people, or has words that may mean some and what they do."""
        if scene.people.within(line.start, line.end):
            return True
        return not self._parts.means_nobody(scene.text, line) and bool(
            self._grammar.credit_cues.find(scene.text, line.start, line.end)
        )

    def read(self, scene: Scene, shot: Shot, cast: Cast, notes: Notes) -> list[CreditClaim]:
        """The credit claims of one sentence."""
        line = shot.line
        shot = self._as_credits_see(scene, shot)
        cues = [
            c for c in self._grammar.credit_cues.find(scene.text, line.start, line.end) if not _inside(scene.text, c, shot.marks)
        ]
        names = not shot.capitals and not self._grammar.text["noun_capitals"] and not _is_short_headline(scene.text, line)
        if names:
            cues = [c for c in cues if not _is_in_name(scene.text, line, c)]
        people = self._parts.people(scene, shot, cues)
        brackets = asides(scene.text, line)
        shown = frozenset(p.start for p in people if self._shown.is_actor(scene.text, p, people))
        frame = Frame(scene=scene, shot=shot, people=people, asides=brackets, shown=shown, cast=cast, notes=notes)
        frame.leaving = [c for c in cues if c.what.right is Status.EXITS]
        claims: list[CreditClaim] = []
        cast.away = False
        subject: tuple[str, ...] = ()
        for cue in cues:
            if cue.what.is_empty:
                frame.blocked = cue.end
            frame.aside = None
            parts = self._parts.find(frame, cue)
            frame.succeeds = any(not set(cast.star).isdisjoint(part.people) for part in parts)
            for part in parts:
                subject = subject or (part.people if cue.what.left else ())
                made = [] if shot.asks(cue.start) else self._claims(frame, cue, part)
                claims.extend(made)
                frame.told.update(c.person for c in made)
                if made and part.status in NEWS:
                    cast.star = part.people
                if made and (part.status is not Status.LISTED or cue.what.closes):
                    frame.taken.extend(part.spans)
        for cue, part in self._shown.find(frame):
            claims.extend(self._claims(frame, cue, part))
        cast.subject = subject or tuple(p.name for p in people[:1]) or cast.subject
        return claims

    def _as_credits_see(self, scene: Scene, shot: Shot) -> Shot:
        """A sentence with the films that its credits speak of, and whose cast it means."""
        line = shot.line
        marks = self._billing.marks(scene, shot.marks)
        shot = shot if marks is shot.marks else replace(shot, marks=marks)
        if self._billing.tells_sequel(scene.text, shot.marks, scene.names):
            shot = replace(shot, cast_topic="work")
        if not shot.names_ours and is_entry(scene, line):
            shot = replace(shot, cast_topic="work")  # an entry of a list speaks of its own film
        if not line.headline and self._billing.turns_away(scene.text, line):
            shot = replace(shot, cast_topic="work")
        return shot

    def topic(
        self, scene: Scene, line: Line, marks: Sequence[Mark], topic: str | None, claims: Sequence[Claim], *, cast: Cast
    ) -> str | None:
        """Whose cast the next sentence means: ours where this one told of it, unless it only recalled our film.

        In a list of films it is the entry's that the sentence heads. A film in brackets, or one only recalled, changes nothing.
        """
        if elsewhere := self._elsewhere(scene, line, marks, claims, cast):
            return elsewhere
        if scene.others_alone and not line.headline and not leads_with_ours(line, marks):
            return "work"  # ours is only met by the way: whoever comes next is of the film that the headline names
        if not marks and not claims:
            return topic
        hidden = asides(scene.text, line)
        named = [m for m in marks if not any(h.holds(m) for h in hidden)]
        if topic == "ours" and named and named[0].kind == "it":
            return topic  # "The film …": what it says of another film besides is by the way
        recalled = [m for m in named if m.kind == "ours" and self._billing.is_recalled(scene.text, line.start, m)]
        if not recalled and any(isinstance(c, CreditClaim) for c in claims):
            return "ours"
        if topic == "ours" and scene.ours_alone:  # another film must lead its sentence to become what is spoken of
            named = [m for m in named if m.kind != "work" or m.start - line.start <= _SUBJECT]
        return next_cast_topic([m for m in named if m not in recalled], topic)

    def _elsewhere(self, scene: Scene, line: Line, marks: Sequence[Mark], claims: Sequence[Claim], cast: Cast) -> str | None:
        """Whose cast follows where the sentence heads an entry of a list, tells a sequel, or leads away from our film."""
        if cast.entries and not line.headline and (entry := heads(scene, line, marks, self._grammar)):
            return entry
        ours = any(m.kind == "ours" for m in marks)
        if not line.headline and not ours and self._billing.turns_away(scene.text, line):
            return "work"
        news = cast.away and any(isinstance(c, CreditClaim) and c.status is not Status.LISTED for c in claims)
        away = self._billing.tells_sequel(scene.text, marks, scene.names) or (cast.away and not news)
        cast.away = False  # the next sentence may tell of nobody, and is not read
        return "work" if away else None

    # --- from people to claims ---

    def _claims(self, frame: Frame, cue: Hit[CreditCue], part: Part) -> list[CreditClaim]:
        role = self._roles.role(frame, cue, part.spans)
        if cue.what.role and role is None:
            return []
        status = self._status(frame, cue, part)
        if status is None:
            return []
        job = cue.what.job or self._roles.job(frame, cue)
        if job == "actor" and (role or cue.what.acts or self._shows_acting(frame, cue)):
            frame.cast.actors.update(name.casefold() for name in part.people)
        spans = (*part.spans, *[None] * len(part.people)) if part.spans else [None] * len(part.people)
        return [
            CreditClaim(
                title=frame.scene.title.id,
                person=_as_written(frame.scene, name, span),
                status=status,
                sentence=frame.scene.sentence(frame.shot.line),
                rule=f"credit.{cue.what.name}",
                job=job,
                role=role if len(part.people) == 1 else None,
                modality=self._modality(frame, cue, status),
                credits=frame.shot.credits,
            )
            for name, span in zip(part.people, spans, strict=False)
        ]

    def _shows_acting(self, frame: Frame, cue: Hit[CreditCue]) -> bool:
        """Whether the words of a cue, or those after it, are of acting: "cast in", "joins … in the role of"."""
        end = min(frame.clause(cue.start).end, cue.end + 60)
        return bool(self._grammar.acting.find(frame.text, cue.start, end))

    def _status(self, frame: Frame, cue: Hit[CreditCue], part: Part) -> Status | None:
        """The status after all that may stand against it; None where it is no claim about our title."""
        if part.status is Status.DENIED and cue.what.absent and self._objections.had_part(frame):
            part = replace(part, status=Status.EXITS)
        status = part.status
        denied = self._objections.denies(frame, cue) or (cue.what.absent and self._objections.answers(frame))
        if status in NEWS and denied and self._other_film(frame, cue) is None:
            # Of a replacement that is denied, whoever was to leave stays; the other was never in the film.
            return None if cue.what.swap and status is Status.JOINS else Status.DENIED
        reason = self._why_not(frame, cue, part)
        known = any(frame.scene.people.knows(name) for name in part.people)
        if reason is None and status is Status.LISTED and self._is_open(frame, cue):
            return Status.RUMOURED
        if reason is None and cue.what.promote and status is Status.LISTED and self._is_first_told(frame) and not known:
            status = Status.JOINS
        if status is Status.JOINS and cue.what.promote and self._only_would.search(frame.text, frame.shot.line.start, cue.start):
            reason = "told of what only would be"
        past = reason is None and status in NEWS and self._bygone.holds(frame, cue, status)
        if reason or past:
            frame.notes.say(f"{', '.join(part.people)}: {reason or 'told of a time long past'}")
            return Status.LISTED if past and status is Status.JOINS else None
        return self._coming(frame, cue, part) if status is Status.JOINS else status

    def _is_first_told(self, frame: Frame) -> bool:
        """Whether those of whom a sentence speaks are new: the headline tells a new cast, or the sentence what is revealed."""
        line = frame.shot.line
        return frame.cast.news or bool(self._grammar.reveals.find(frame.text, line.start, line.end))

    def _is_open(self, frame: Frame, cue: Hit[CreditCue]) -> bool:
        """Whether a sentence leaves it open whether somebody is in the film: "no word on whether she appears"."""
        line = frame.shot.line
        return self._is_conditional(frame, cue) and bool(self._open.find(frame.text, line.start, line.end))

    def _coming(self, frame: Frame, cue: Hit[CreditCue], part: Part) -> Status:
        """Whether a joining is one, or only told again, or only a rumour."""
        if frame.cast.again or (cue.what.backdrop and self._is_backdrop(frame, part)):
            return Status.LISTED
        doubted = self._is_conditional(frame, cue) or self._objections.is_only_rumour(frame, cue)
        return Status.RUMOURED if doubted else Status.JOINS

    @staticmethod
    def _is_backdrop(frame: Frame, part: Part) -> bool:
        """Whether the headline tells of others, and these are people that whoever watches the title knows of."""
        names = {name.casefold() for name in part.people}
        others = frame.cast.newcomers and names.isdisjoint(frame.cast.newcomers)
        return bool(others) and all(frame.scene.people.knows(name) for name in part.people)

    def _why_not(self, frame: Frame, cue: Hit[CreditCue], part: Part) -> str | None:
        """Why a cue makes no claim about our title; None where it makes one."""
        status = part.status
        if status is Status.DIED:
            frame.aside = None  # what an aside says of the dead is why they matter
            return self._old_death(frame, cue, part)
        if status in (Status.JOINS, Status.LISTED, Status.IN_TALKS, Status.DENIED) and self._is_negated(frame, cue, status):
            return "said not to be so"
        if status is Status.EXITS and self._not_left.search(frame.text, max(frame.shot.line.start, cue.start - 24), cue.start):
            return "said not to have left"
        if status in NEWS and self._lapsed.search(frame.text, max(frame.shot.line.start, cue.start - 34), cue.start):
            return "told of a plan that was given up"
        reason = self._not_here(frame, cue, part) or self._objections.to(frame, cue, part)
        other = None if reason else self._other_film(frame, cue)
        named = other is not None and frame.film is not None and frame.film[1] is not None
        frame.cast.away = frame.cast.away or (named and part.status in (Status.JOINS, Status.EXITS))
        return reason or other

    def _not_here(self, frame: Frame, cue: Hit[CreditCue], part: Part) -> str | None:
        """Why a cue means nothing in this place, whatever its film."""
        if cue.what.swap and not frame.succeeds and not _is_swap(frame, cue):
            return "in no part and no film that changes hands"
        if part.status is Status.EXITS and frame.cast.again:
            return "told again by an explainer"
        if part.status is Status.LISTED and frame.shot.capitals and not self._is_in_body(frame, part):
            return "only in a headline of capitals"
        return None

    def _other_film(self, frame: Frame, cue: Hit[CreditCue]) -> str | None:
        """Whose credit it is, where it is not ours."""
        film = self._billing.film(frame, cue)
        if film == "ours":
            return None
        return f"of {film}" if film else "of no film that the text names"

    @staticmethod
    def _is_in_body(frame: Frame, part: Part) -> bool:
        """Whether the item names the people below its headline too, or the title knows them."""
        people, text = frame.scene.people, frame.text
        return all(people.knows(name) or text.find(name, frame.shot.line.end) >= 0 for name in part.people)

    def _is_negated(self, frame: Frame, cue: Hit[CreditCue], status: Status) -> bool:
        start = max(frame.clause(cue.start).start, cue.start - 24)
        start = max(start, frame.text.rfind(". ", start, cue.start))
        before = [w.group().lower() for w in words(frame.text, start, cue.start)][-3:]
        if status is Status.JOINS:
            before += [w.group().lower() for w in words(frame.text, cue.start, cue.end)]
        end = frame.clause(cue.start).end
        comma = frame.text.find(",", cue.end, end)
        if self._not_behind.search(frame.text, cue.end, comma if comma >= 0 else end):
            return True
        return any(w in self._negations or w.endswith("n't") for w in before)

    def _is_conditional(self, frame: Frame, cue: Hit[CreditCue]) -> bool:
        """Whether an "if" or "whether" stands close before the cue."""
        start = max(frame.clause(cue.start).start, cue.start - 40)
        before = frame.aside.start if frame.aside else start
        hedges = self._grammar.hedges
        hits = (
            *hedges.find(frame.text, max(frame.shot.line.start, before - 60), before),
            *hedges.find(frame.text, start, cue.start),
        )
        return any(h.what == "conditional" for h in hits)

    def _modality(self, frame: Frame, cue: Hit[CreditCue], status: Status) -> Modality:
        """How firm it is; the status of talks already carries their doubt."""
        if status in (Status.DENIED, Status.RUMOURED):
            return Modality.DENIED if status is Status.DENIED else Modality.RUMOURED
        clause = frame.clause(cue.start)
        hedged = doubts(self._grammar, frame.scene, clause.start, min(clause.end, cue.end + 25))
        return Modality.RUMOURED if hedged and status is not Status.IN_TALKS else frame.shot.modality

    def _has_work(self, frame: Frame, cue: Hit[CreditCue], part: Part) -> bool:
        """Whether a verb or noun of acting or making stands between the dead and our film."""
        start = max((s.end for s in part.spans if s.end <= cue.start), default=frame.shot.line.start)
        found = self._grammar.credit_cues.find(frame.text, start, frame.shot.line.end)
        return any(c.what.left is not Status.DIED for c in found)

    def _old_death(self, frame: Frame, cue: Hit[CreditCue], part: Part) -> str | None:
        """Why a death is none of ours. Of whom the title does not know, the rest of the item must show that they are in it."""
        line, day = frame.shot.line, frame.scene.anchor.day
        years = [int(m.group(1)) for m in _YEAR.finditer(frame.text, line.start, line.end)]
        if day and years and min(years) < day.year - 2:
            return "an old death"
        first = min((s.start for s in part.spans), default=cue.start)
        if self._relatives.search(frame.text, line.start, first):
            return "the death of a relative"
        told = frame.shot.names_ours and self._billing.film(frame, cue) == "ours" and self._has_work(frame, cue, part)
        if not told and not any(frame.scene.people.knows(name) for name in part.people):
            frame.cast.strangers.update(name.casefold() for name in part.people)
        return None


def _is_swap(frame: Frame, cue: Hit[CreditCue]) -> bool:
    """Whether one replaces another in the film: it stands in the clause, and no comparison ("as the river's own king")."""
    clause = frame.clause(cue.start)
    if not any(clause.start <= m.start and m.end <= clause.end and m.kind in ("ours", "it") for m in frame.shot.marks):
        return False
    like = _COMPARISON.search(frame.text, cue.end, clause.end)
    return like is None or any(m.kind == "ours" and m.end == like.end() - 2 for m in frame.shot.marks)


def _as_written(scene: Scene, name: str, span: Span | None) -> str:
    """The name with the very characters of the item where it stands there in full."""
    return scene.item.text[span.start : span.end] if span and scene.text[span.start : span.end] == name else name


def _is_short_headline(text: str, line: Line) -> bool:
    """Whether a headline of few words writes them all with a capital."""
    if not line.headline:
        return False
    long = [w.group() for w in words(text, line.start, line.end) if len(w.group()) > 3]
    return len(long) > 1 and all(w[0].isupper() for w in long)


def _is_in_name(text: str, line: Line, cue: Hit[CreditCue]) -> bool:
    """Whether a cue with a capital is part of a name ("Star Wars"), and not the first word of a sentence or a label."""
    before = text[max(line.start, cue.start - 2) : cue.start]
    return text[cue.start].isupper() and before.endswith(" ") and before[0] not in ".:!?\"'"


def _inside(text: str, span: Span, marks: Sequence[Mark]) -> bool:
    return any(m.kind != "it" and (m.holds(span) or _crosses(text, span, m)) for m in marks)


def _crosses(text: str, span: Span, mark: Mark) -> bool:
    """Whether a cue takes more than one word of a film's name: "in the running" within "joins in The Running Tide"."""
    return span.start < mark.start < span.end < mark.end and " " in text[mark.start : span.end].strip()
