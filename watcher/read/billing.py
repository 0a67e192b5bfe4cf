"""Whose credit it is: the film that a cue speaks of."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from watcher.model import Status
from watcher.read.films import Mark
from watcher.read.frame import NEWS, Frame
from watcher.read.grammar import BLANK, CreditCue, Grammar, either, ends_with, maybe, starts_with
from watcher.read.phrases import Hit
from watcher.read.scene import Scene
from watcher.read.text import Line, Span

#: Farthest, in characters, that a verb's own film stands behind it.
_AT_ONCE = 6
#: What may stand between a film and a word of its cast.
_APPOSED = re.compile(r"[\"']?(?:,[\"']?| \()? ?")


class Billing:
    """Finds the films that the cues of one language speak of."""

    def __init__(self, grammar: Grammar) -> None:
        self._turn = re.compile(rf"[\"']?(?:{either(grammar.credit['turns_away'])})(?!\w)", re.IGNORECASE)
        self._makers = ends_with(grammar.credit["makers"], r"\s+")
        self._in = ends_with(grammar.credit["within"], BLANK + grammar.the)
        self._direct = re.compile(rf"{BLANK}{grammar.the}[\"']?", re.IGNORECASE)
        self._ends_in = ends_with(grammar.credit["within"], "")
        film = rf"{BLANK}{grammar.the}[\"']?"
        self._recalled = ends_with(grammar.credit["recalled"], film)
        self._jobs_of = ends_with(grammar.credit["jobs_of"], film)
        self._derived = ends_with(grammar.credit["derived_of"], film)
        self._derived_after = starts_with(grammar.credit["derived_films"], r"[\"']?'s\s+")
        self._in_film = ends_with(grammar.credit["film_after"], film)
        some = maybe([*grammar.text["articles"], *grammar.mentions["determiners"]])
        roles = [r for r in grammar.credit["roles"] if r.endswith(tuple(grammar.credit["film_after"]))]
        self._role_of = ends_with([*roles, *grammar.credit["belongs_to"]], BLANK + grammar.the)
        self._listed = re.compile(rf",?\s(?:(?:{either(grammar.credit['list_words'])})\s)?")
        within = maybe([*grammar.credit["within"], *grammar.credit["film_after"]])
        self._and = re.compile(rf"[\"']?,?[\"']?\s(?:(?:{either(grammar.credit['list_words'])})\s)?{within}{grammar.the}[\"']?")
        self._series = starts_with(grammar.credit["series_nouns"], r"[\"']?\s")
        self._which = re.compile(rf",?[\"']?\s(?:{either(grammar.credit['which'])})\s")
        self._sequel = starts_with(grammar.credit["derived_films"])
        one = either(grammar.mentions["another"] + grammar.text["articles"])
        derived = either(grammar.credit["derived_films"])
        self._goes_on = starts_with(grammar.credit["goes_on"], r"[\"']?\s")
        self._goes_on = re.compile(rf"{self._goes_on.pattern}\s(?:{one})\s(?:[\w-]+\s){{0,2}}(?:{derived})(?!\w)", re.IGNORECASE)
        owner = r"(?:[A-Z][\w.'-]*\s){0,3}"
        self._from = ends_with(grammar.credit["comes_from"], rf"{BLANK}{grammar.the}{owner}[\"']?")
        self._plays = grammar.plays
        self._as_role = tuple(f" {word}" for word in grammar.credit["as"])
        self._at_role = tuple(f" {word}" for word in grammar.credit["role_verbs"])
        self._part = starts_with(grammar.credit["as"], BLANK)
        self._aims = tuple(grammar.credit["aims"])
        aim = rf"(?:{BLANK}(?:{either(word.strip() for word in self._aims)}))?"
        #: The same for verbs that end with "to" or "for": "attached to a new".
        self._direct_to = re.compile(rf"{aim}{BLANK}{some}(?:[a-zß-ÿ-]+\s){{0,2}}[\"']?")

    def film(self, frame: Frame, cue: Hit[CreditCue]) -> str | None:
        """Whose credit it is: "ours", the words of another work, or None. "Opposite Ann" is in the film of the verb before."""
        clause = frame.clause(cue.start)
        if cue.what.closes and frame.film and frame.film[0] == clause:
            return frame.film[1]
        film = (self._earlier(frame, cue, clause) if cue.what.closes else None) or self._film_of(frame, cue, clause)
        frame.film = (clause, film)
        return film

    def _film_of(self, frame: Frame, cue: Hit[CreditCue], clause: Span) -> str | None:
        seen = frame.marks_at(cue.start)
        if cue.what.apposed and not self._names_part(frame, cue):
            return "ours" if any(self._is_apposed(frame, m) and 0 < cue.start - m.end < 3 for m in seen) else None
        if cue.what.left is Status.EXITS:
            seen = [m for m in seen if not cue.start < m.start < cue.end or m.kind == "ours"]  # "moves on to another film"
        marks = [m for m in seen if self._can_own(frame, cue, m)]
        right = [m for m in marks if cue.start <= m.start < clause.end]
        other = self._beside(frame, cue, clause, right[:1]) or (None if right else self._before(frame, cue, clause))
        if other or (cue.what.direct and not (right and right[0].start - cue.end < 7)):
            return other
        left = [m for m in marks if clause.start <= m.start and m.end <= cue.start and not m.beside]
        if frame.shot.cast_topic and _is_spoken_of(cue, right):
            return "ours" if frame.shot.cast_topic == "ours" else None
        mark = next((m for m in (*right, *reversed(left), *marks) if m.kind != "it"), None)
        if mark:
            ours = mark.kind == "ours" or self._is_of_both(frame, right)
            return "ours" if ours else frame.text[mark.start : mark.end]
        ours = frame.shot.cast_topic == "ours" or self._is_our_cast(frame, clause) or _is_told_of_known(frame, cue, clause)
        return "ours" if ours else None

    def _before(self, frame: Frame, cue: Hit[CreditCue], clause: Span) -> str | None:
        """Another film of which a verb speaks that has no film behind it."""
        if self._is_of_sequel(frame, cue, clause):
            return "a sequel"
        return self._subject(frame, cue, clause) or self._antecedent(frame, cue, clause)

    def _is_of_both(self, frame: Frame, right: Sequence[Mark]) -> bool:
        """Whether the films behind a verb are several in one list, with ours: "has been cast in A and in NAME"."""
        films = [m for m in right if m.kind != "it"]
        for before, after in pairwise(films):
            if not self._and.fullmatch(frame.text, before.end, after.start):
                return False
            if after.kind == "ours":
                return True
        return False

    def _antecedent(self, frame: Frame, cue: Hit[CreditCue], clause: Span) -> str | None:
        """The film that a relative clause speaks of: "in Paper Tigers, which Ann Lee is in talks to direct"."""
        lead = self._which.search(frame.text, clause.start, cue.start)
        run = (
            next(iter(frame.scene.people.runs_in(max(clause.start, lead.start() - 40), lead.start())[-1:]), None)
            if lead
            else None
        )
        if run is None or lead is None or run.end != lead.start() or frame.scene.people.is_context(run):
            return None
        return frame.text[run.start : run.end]

    def _subject(self, frame: Frame, cue: Hit[CreditCue], clause: Span) -> str | None:
        """A name of one word that hires and is nobody's that is known: "Paperhouse has added Ann Lee"."""
        if cue.what.left or cue.what.right not in NEWS or frame.shot.line.headline:
            return None
        run = next((r for r in frame.scene.people.runs_in(clause.start, cue.start) if r.end == cue.start - 1), None)
        name = frame.text[run.start : run.end] if run else ""
        if run is None or run.start > clause.start + 1 or " " in name or any(name in term for term in frame.scene.title.context):
            return None
        return None if any(p.start == run.start for p in frame.people) else name

    def _is_of_sequel(self, frame: Frame, cue: Hit[CreditCue], clause: Span) -> bool:
        """Whether a headline's verb has a bare "sequel" behind it, where we are named before: "NAME adds A, B joins sequel"."""
        ours = any(m.kind == "ours" and not (clause.start <= m.start < clause.end) for m in frame.shot.marks)
        return ours and frame.shot.capitals and self._sequel.match(frame.text, cue.end) is not None

    def _names_part(self, frame: Frame, cue: Hit[CreditCue]) -> bool:
        """Whether the part follows at once: "with Ann Lee as Joan"."""
        first = next((p for p in frame.people if p.start == cue.end + 1), None)
        return first is not None and self._part.match(frame.text, first.end) is not None

    @staticmethod
    def _is_apposed(frame: Frame, mark: Mark) -> bool:
        """Whether "with Ann Lee" behind a film's name is of ours: the name is, or "the film, with" where ours is spoken of."""
        return mark.kind == "ours" or (mark.kind == "it" and frame.shot.cast_topic == "ours" and frame.text[mark.end] == ",")

    def _can_own(self, frame: Frame, cue: Hit[CreditCue], mark: Mark) -> bool:
        """Whether a film may be that of a cue: no other that stands beside it, and not ours where a later verb recalls it."""
        if mark.kind != "ours":
            part = mark.start - cue.end < 6 and self._plays.search(frame.text, cue.start, mark.start)
            return not mark.beside and not (part and mark.start >= cue.end)
        if cue.what.left is Status.JOINS and self._from.search(frame.text, max(cue.end, mark.start - 40), mark.start):
            return False  # "Ann Lee returns from NAME" is in a film after it
        return mark.start < cue.end + 4 or not self.is_recalled(frame.text, cue.end, mark)

    def _beside(self, frame: Frame, cue: Hit[CreditCue], clause: Span, right: Sequence[Mark]) -> str | None:
        """The film right beside a cue: before it, or behind it without a mark, or a sequel of the one that is named there."""
        series = next((m for m in frame.marks_at(cue.start) if 0 <= m.start - cue.end < _AT_ONCE and m.kind == "work"), None)
        if series and self._series.match(frame.text, series.end):
            return frame.text[series.start : series.end]
        own = self._apposed(frame, cue) if cue.what.right is Status.LISTED and not (cue.what.object or cue.what.of_part) else None
        if own:
            return own
        after = (m for m in frame.marks_at(cue.start) if cue.start <= m.start < clause.end and self._is_derived(frame, m))
        derived = next(after, None)
        if derived and (not right or derived.start <= right[0].start):
            return f"what follows {frame.text[derived.start : derived.end]}"
        return self._unmarked(frame, cue, right[0].start if right else clause.end)

    @staticmethod
    def _is_our_cast(frame: Frame, clause: Span) -> bool:
        """Whether a clause without a film lists several people, one of whom the title knows."""
        people = [p for p in frame.people if clause.start <= p.start < clause.end]
        known = sum(frame.scene.people.knows(p.name) for p in people)
        return frame.cast.ours and known > 0 and (len(people) > 2 or known == len(people) > 1)

    def tells_sequel(self, text: str, marks: Sequence[Mark], names: frozenset[str]) -> bool:
        """Whether a sentence tells that ours goes on, and who is in that: "a sequel to NAME", "NAME gets a sequel"."""
        return any(
            self._goes_on.match(text, m.end) or (m.beside and self._derived.search(text, max(0, m.start - 30), m.start))
            for m in marks
            if m.kind != "it" and text[m.start : m.end].casefold() in names
        )

    def turns_away(self, text: str, line: Line) -> bool:
        """Whether a sentence opens with what leads to other news: "Elsewhere, Ann Lee has signed on for the next Tin Crown"."""
        return self._turn.match(text, line.start, line.end) is not None

    def marks(self, scene: Scene, marks: Sequence[Mark]) -> Sequence[Mark]:
        """The films of a sentence, as credits see them: "director of NAME" is of our film, though NAME only stands beside."""
        if any(m.kind == "ours" and self._goes_on.match(scene.text, m.end) for m in marks):
            marks = [replace(m, kind="work") if self._goes_on.match(scene.text, m.end) else m for m in marks]
        if not any(m.kind == "work" and m.beside for m in marks):
            return marks
        return [
            replace(m, kind="ours", beside=False)
            if m.kind == "work"
            and m.beside
            and scene.text[m.start : m.end].casefold() in scene.names
            and self._has_job(scene.text, m)
            else m
            for m in marks
        ]

    def _has_job(self, text: str, mark: Mark) -> bool:
        return self._jobs_of.search(text, max(0, mark.start - 24), mark.start) is not None

    def is_recalled(self, text: str, start: int, mark: Mark) -> bool:
        """Whether a film is only recalled: "Ann Lee, who had a scene in NAME, is joining the cast"."""
        return self._recalled.search(text, max(start, mark.start - 40), mark.start) is not None

    def _is_derived(self, frame: Frame, mark: Mark) -> bool:
        """Whether a film only says of which other film it is the first: "a sequel to NAME", "NAME's sequel"."""
        if mark.kind == "it":
            return False
        before = self._derived.search(frame.text, max(0, mark.start - 30), mark.start)
        return bool(before or self._derived_after.match(frame.text, mark.end))

    def _apposed(self, frame: Frame, cue: Hit[CreditCue]) -> str | None:
        """The film that a cue stands right behind: "NAME, starring Ann Lee"; a name after "from" or "by" is a person's."""
        before = [
            m
            for m in frame.marks_at(cue.start)
            if m.end <= cue.start and m.kind != "it" and _APPOSED.fullmatch(frame.text, m.end, cue.start)
        ]
        if before:
            return "ours" if before[0].kind == "ours" else frame.text[before[0].start : before[0].end]
        people = frame.scene.people
        for run in people.runs_in(max(frame.shot.line.start, cue.start - 60), cue.start):
            name = frame.text[run.start : run.end]
            apposed = _APPOSED.fullmatch(frame.text, run.end, cue.start) and frame.text[run.end : cue.start].strip()
            made = self._makers.search(frame.text, max(frame.shot.line.start, run.start - 24), run.start)
            if apposed and not made and not people.is_context(run) and not people.knows(name):
                return name
        return None

    def _earlier(self, frame: Frame, cue: Hit[CreditCue], clause: Span) -> str | None:
        """A film named before "opposite" that is not ours."""
        for run in frame.scene.people.runs_in(clause.start, cue.start):
            name = frame.text[run.start : run.end]
            known = frame.scene.people.is_context(run) or frame.scene.people.knows(name)
            if not known and self._in.search(frame.text, max(clause.start, run.start - 8), run.start):
                return name
        return None

    def _unmarked(self, frame: Frame, cue: Hit[CreditCue], end: int) -> str | None:
        """A capitalised name that is not ours where the cue's film stands: "set to star in Some Other Film", "joins It"."""
        people, text = frame.scene.people, frame.text
        takes = bool((cue.what.right or cue.what.either) and not cue.what.object)  # the first name is whom the cue is about
        begin = cue.start if self._ends_in.search(text, cue.start, cue.end) and not takes else cue.end
        last = end >= frame.clause(cue.start).end
        runs = people.runs_in(cue.end, min(end, cue.end + 60))
        pattern = self._direct_to if self._aims and text[cue.start : cue.end].lower().endswith(self._aims) else self._direct
        for index, run in enumerate(runs):
            name = text[run.start : run.end]
            gap = text[begin : run.start]
            known = people.is_context(run) or people.knows(name)
            if self._role_of.search(text, max(cue.start, run.start - 20), run.start):
                begin = run.end
                continue
            leaves = cue.what.object and cue.what.left is Status.EXITS
            owns = cue.what.left in NEWS or (
                cue.what.left and cue.what.job and text[frame.clause(cue.start).start : cue.start].strip()
            )
            first = not index and owns and (cue.what.right is None or cue.what.object) and pattern.fullmatch(gap)
            several = cue.what.object and not leaves and runs[1:2] and self._listed.fullmatch(text, run.end, runs[1].start)
            verb = text[cue.start : cue.end].lower()
            plays = verb.endswith(self._as_role) or (f" {verb}".endswith(self._at_role) and not gap.strip())
            direct = first and (last or leaves) and not several and not plays
            if not known and (direct or self._in_film.search(gap)) and (len(gap) < 12 if index else not takes):
                return name
            begin = run.end
        return None


def _is_told_of_known(frame: Frame, cue: Hit[CreditCue], clause: Span) -> bool:
    """Whether a cue without a film only tells again of people whom the title knows, in an item that begins with ours alone."""
    again = {cue.what.left, cue.what.right, cue.what.either} <= {Status.LISTED, None} and cue.what.acts
    if not again or frame.shot.marks or not frame.scene.ours_alone:
        return False
    people = [p for p in frame.people if clause.start <= p.start < clause.end]
    return bool(people) and all(frame.scene.people.knows(p.name) for p in people)


def _is_spoken_of(cue: Span, right: Sequence[Mark]) -> bool:
    """Whether the film right behind a verb is "the film", and no name follows it: "are directing the film; he left another"."""
    if not right or right[0].kind != "it" or right[0].start - cue.end >= _AT_ONCE:
        return False
    return len(right) < 2 or right[1].start - right[0].end > _AT_ONCE
