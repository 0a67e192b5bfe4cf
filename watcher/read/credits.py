"""Credits: who joins, talks, leaves or is only named again, by cues with people on their left or right."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from watcher.model import CreditClaim, Modality, Status
from watcher.read.films import Mark
from watcher.read.grammar import CreditCue, Grammar, either, ends_with
from watcher.read.people import Person
from watcher.read.phrases import Hit
from watcher.read.scene import Notes, Scene, Shot
from watcher.read.text import Span, words

#: Farthest, in characters, that a verb may stand from its subject, and its object from it.
REACH_LEFT, REACH_RIGHT, REACH_OBJECT = 70, 45, 28
#: Farthest that a name may stand from a verb that needs it at once ("is Ann Lee", "cast Ann Lee", "director Ann Lee").
REACH_CLOSE = 4

_NEWS = (Status.JOINS, Status.IN_TALKS, Status.RUMOURED, Status.EXITS)
_ROLE = r"((?:[A-Z][\w'.-]*)(?:\s(?:of\s|the\s|de\s|von\s)?[A-Z][\w'.-]*){0,3})"
_YEAR = re.compile(r"(?<!\()\b((?:19|20)\d\d)\b(?!'|\))")
_DIRECT = re.compile(r"\s(?:[Tt]he\s)?[\"']?")
_STOP = re.compile(r"[;:!?]")
_RIGHT_STOP = re.compile(r"[,.;!?()]|:\s*\S")


@dataclass(slots=True, kw_only=True)
class Cast:
    """What one sentence leaves for the next: who "he" is, and whether the item tells a new cast."""

    subject: tuple[str, ...] = ()
    news: bool = False


@dataclass(slots=True, kw_only=True)
class Frame:
    """A sentence while its cues are read, left to right.

    `taken` are people that a verb has already, `told` those of whom a claim was made. `blocked` is where the last cue ends that
    keeps verbs from reaching back; `film` is the clause and film of the last verb.
    """

    scene: Scene
    shot: Shot
    people: Sequence[Person]
    cast: Cast
    notes: Notes
    taken: list[Span] = field(default_factory=list)
    told: set[str] = field(default_factory=set)
    blocked: int = -1
    film: tuple[Span, str | None] | None = None

    @property
    def text(self) -> str:
        """The flat text of the whole item."""
        return self.scene.text


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """People with the status that a cue gives them; `spans` are those of them that the sentence names itself."""

    people: tuple[str, ...]
    spans: tuple[Span, ...]
    status: Status


class CreditReader:
    """Reads credit claims from sentences of one language."""

    def __init__(self, grammar: Grammar) -> None:
        self._grammar = grammar
        table = grammar.credit
        small = rf"(?:(?!(?:and|or|{either(table['list_stops'])})\s)[a-z-]+\s+)"
        article = rf"(?:(?:the|a|an)\s+{small}{{0,3}})?"
        listed = either(table["list_words"])
        as_role = either(table["role_words"])
        self._stops = frozenset(table["list_stops"])
        self._pronouns = frozenset(table["pronouns"])
        self._relative = frozenset(table["relative"])
        self._negations = frozenset(table["negations"])
        self._roles = re.compile(rf"(?<!\w)(?i:{either(table['roles'])})\s+{article}{_ROLE}")
        self._next_role = re.compile(rf"\s+(?:as\s+)?{article}{_ROLE}")
        self._is_role = ends_with(table["roles_before"], rf"\s+(?:the\s+{small}?)?[\"']?")
        self._list = re.compile(rf"\s*(?:\([^)]{{0,40}}\)\s*)?(?:,\s*(?:{listed})?|{listed})\s+{small}{{0,2}}$")
        self._role_list = re.compile(rf"\s+(?:{as_role})\s[^.;:!?]{{1,45}}?(?:,|\b(?:{listed})|,\s*(?:{listed}))\s+$")
        self._for_role = re.compile(rf"\s+(?:{as_role})\s+(?:the\s)?")
        self._has_role = re.compile(rf"\s+(?:{as_role})\s+(?:the\s)?[A-Z]")
        self._in_list = re.compile(rf"(?:,|\b(?:{listed}))\s+$")
        self._in = ends_with(table["within"], r"\s+(?:the\s+)?")
        self._ends_in = ends_with(table["within"], "")
        self._in_film = ends_with(table["film_after"], r"\s+(?:the\s+)?[\"']?")
        self._had = ends_with(table["retold"], r"\s+(?:\w+ly\s+)?")

    def tells_cast(self, scene: Scene) -> bool:
        """Whether the item's headline (or, without one, its first sentence) tells of a new cast, and is no explainer."""
        first = next(iter(scene.lines), None)
        if first is None or (scene.item.title and not first.headline):
            return False
        span = (scene.text, first.start, first.end)
        return bool(self._grammar.cast_news.find(*span)) and not self._grammar.explainers.find(*span)

    def read(self, scene: Scene, shot: Shot, cast: Cast, notes: Notes) -> list[CreditClaim]:
        """The credit claims of one sentence."""
        line = shot.line
        cues = [c for c in self._grammar.credit_cues.find(scene.text, line.start, line.end) if not _inside(c, shot.marks)]
        ends = {c.end for c in cues if c.what.right or c.what.either}
        people = [p for p in scene.people.within(line.start, line.end) if self._can_act(scene.text, p, ends)]
        people = [p for p in people if not self._is_part_of(scene, p)]
        frame = Frame(scene=scene, shot=shot, people=people, cast=cast, notes=notes)
        claims: list[CreditClaim] = []
        subject: tuple[str, ...] = ()
        for cue in cues:
            if cue.what.is_empty:
                frame.blocked = cue.end
            for part in self._parts(frame, cue):
                subject = subject or part.people
                made = [] if shot.asks(cue.start) else self._claims(frame, cue, part)
                claims.extend(made)
                frame.told.update(c.person for c in made)
                if made and (part.status is not Status.LISTED or cue.what.closes):
                    frame.taken.extend(part.spans)
        cast.subject = subject or tuple(p.name for p in people[:1]) or cast.subject
        return claims

    def _can_act(self, text: str, person: Person, ends: set[int]) -> bool:
        """Whether a name can be a verb's subject or object: not "Reeves' casting", nor a part ("as Ann Lee")."""
        owns = text[person.end : person.end + 2] in ("'s", "' ")
        within = person.start - 1 not in ends and self._in.search(text, max(0, person.start - 8), person.start)
        return not (owns or within or self._is_role.search(text, max(0, person.start - 30), person.start))

    @staticmethod
    def _is_part_of(scene: Scene, person: Person) -> bool:
        """Whether a name is the part of the actor named right before it: "Ann Lee's Captain Orrin"."""
        actor = scene.people.within(person.start - 40, person.start - 3) if person.start > 3 else []
        return bool(actor) and scene.text[actor[-1].end : person.start] == "'s "

    # --- who stands where ---

    def _parts(self, frame: Frame, cue: Hit[CreditCue]) -> list[Part]:
        """The people that a cue speaks of, with their status."""
        what = cue.what
        parts: list[Part] = []
        right = self._right(frame, cue) if what.right or what.either else []
        status = what.right or what.either
        if right and status:
            label = ":" in frame.text[cue.end : right[0].start]
            parts.append(Part(people=_names(right), spans=tuple(right), status=Status.LISTED if label else status))
        status = what.left or (None if right else what.either)
        if status:
            left = self._left_part(frame, cue, status)
            parts.extend([left] if left else [])
        return parts

    def _right(self, frame: Frame, cue: Hit[CreditCue]) -> list[Person]:
        """The list of people that begins right after a cue."""
        end = frame.shot.clause(cue.start).end
        after = [p for p in frame.people if cue.end <= p.start and p.end <= end]
        if not after:
            return []
        reach = REACH_CLOSE if cue.what.job and cue.what.right is Status.LISTED else REACH_RIGHT
        gap = frame.text[cue.end : after[0].start]
        if len(gap) > (REACH_OBJECT if cue.what.either else reach) or _RIGHT_STOP.search(gap):
            return []
        if not self._stops.isdisjoint(gap.lower().split()):
            return []
        found, last = [after[0]], after[0].end
        for person in after[1:]:
            gap = frame.text[last : person.start]
            if not self._for_role.fullmatch(gap):
                if not (self._list.fullmatch(gap) or self._role_list.fullmatch(gap)):
                    break
                found.append(person)
            last = person.end
        return found

    def _left_part(self, frame: Frame, cue: Hit[CreditCue], status: Status) -> Part | None:
        """The people before a cue; in a relative clause ("who is set to star") they are only told again."""
        left, gap = self._left(frame, cue)
        names = _names(left)
        if not left and self._has_pronoun(frame, cue):
            nearer = [p.name for p in frame.people if p.end <= cue.start]
            names = tuple(n for n in nearer[-1:] or frame.cast.subject if n not in frame.told)
        if not names:
            return None
        also = self._also(frame, cue) if status is Status.JOINS else []
        if status is Status.JOINS and self._relative.intersection(gap):
            status = Status.LISTED
        return Part(people=(*names, *_names(also)), spans=(*left, *also) if left else (), status=status)

    def _left(self, frame: Frame, cue: Hit[CreditCue]) -> tuple[list[Person], list[str]]:
        """The list of people that ends before a cue, and the words between."""
        start = frame.shot.clause(cue.start).start
        before = [p for p in frame.people if p.start >= start and p.end <= cue.start]
        if not before or (before[-1].end < frame.blocked and "," not in frame.text[frame.blocked : cue.start]):
            return [], []
        last = before[-1]
        text = frame.text[last.end : cue.start]
        between = [w.group().lower() for w in words(text)]
        far = len(text) > (REACH_CLOSE if cue.what.promote else REACH_LEFT)
        another = self._pronouns.intersection(between) - self._relative and "," not in text[:2]
        if far or another or _STOP.search(text) or any(last.start == span.start for span in frame.taken):
            return [], []
        found = [last]
        single = cue.what.promote and frame.text[cue.start : cue.end].lower().endswith("s")
        for person in [] if single else reversed(before[:-1]):
            if not self._list.fullmatch(frame.text[person.end : found[0].start]):
                break
            found.insert(0, person)
        return found, between

    def _also(self, frame: Frame, cue: Hit[CreditCue]) -> list[Person]:
        """Those who share the verb: "A is cast as X and B as Y"."""
        end = frame.shot.clause(cue.start).end
        after = [p for p in frame.people if cue.end < p.start and p.end <= end]
        return [
            p
            for p in after
            if self._has_role.match(frame.text, p.end) and self._in_list.search(frame.text, max(0, p.start - 8), p.start)
        ]

    def _has_pronoun(self, frame: Frame, cue: Hit[CreditCue]) -> bool:
        """Whether "he" or "she" stands before the cue."""
        start = max(frame.shot.clause(cue.start).start, cue.start - 30)
        before = [w.group().lower() for w in words(frame.text, start, cue.start)][-3:]
        return bool((self._pronouns - self._relative).intersection(before))

    # --- from people to claims ---

    def _claims(self, frame: Frame, cue: Hit[CreditCue], part: Part) -> list[CreditClaim]:
        role = self._role(frame, cue)
        if cue.what.role and role is None:
            return []
        status = self._status(frame, cue, part)
        if status is None:
            return []
        spans = (*part.spans, *[None] * len(part.people)) if part.spans else [None] * len(part.people)
        return [
            CreditClaim(
                title=frame.scene.title.id,
                person=_as_written(frame.scene, name, span),
                status=status,
                sentence=frame.scene.sentence(frame.shot.line),
                rule=f"credit.{cue.what.name}",
                job=cue.what.job or self._job(frame, cue),
                role=role if len(part.people) == 1 else None,
                modality=self._modality(frame, cue, status),
                credits=frame.shot.credits,
            )
            for name, span in zip(part.people, spans, strict=False)
        ]

    def _status(self, frame: Frame, cue: Hit[CreditCue], part: Part) -> Status | None:
        """The status after all that may stand against it; None where it is no claim about our title."""
        names = ", ".join(part.people)
        status = part.status
        if self._is_negated(frame, cue) and status in (Status.JOINS, Status.LISTED, Status.IN_TALKS):
            frame.notes.say(f"{names}: said not to be so")
            return None
        film = self._film(frame, cue)
        if film != "ours":
            frame.notes.say(f"{names}: of {film}" if film else f"{names}: of no film that the text names")
            return None
        if status is Status.DIED and not self._is_recent_death(frame):
            frame.notes.say(f"{names}: an old death, or of nobody in this film")
            return None
        if cue.what.promote and status is Status.LISTED and frame.cast.news:
            status = Status.JOINS
        if status in _NEWS and self._is_retold(frame, cue):
            frame.notes.say(f"{names}: told of a time long past")
            return Status.LISTED if status is Status.JOINS else None
        return Status.RUMOURED if status is Status.JOINS and self._is_conditional(frame, cue) else status

    def _is_retold(self, frame: Frame, cue: Hit[CreditCue]) -> bool:
        """Whether the clause tells what was long before the item ("had joined", "was hired in October 2019")."""
        clause = frame.shot.clause(cue.start)
        if self._had.search(frame.text, max(clause.start, cue.start - 20), cue.start):
            return True
        years = [int(m.group(1)) for m in _YEAR.finditer(frame.text, clause.start, clause.end)]
        day = frame.scene.anchor.day
        return day is not None and bool(years) and max(years) < day.year

    def _is_negated(self, frame: Frame, cue: Hit[CreditCue]) -> bool:
        start = max(frame.shot.clause(cue.start).start, cue.start - 24)
        before = [w.group().lower() for w in words(frame.text, start, cue.start)][-3:]
        return any(w in self._negations or w.endswith("n't") for w in before)

    def _is_conditional(self, frame: Frame, cue: Hit[CreditCue]) -> bool:
        """Whether an "if" or "whether" stands close before the cue."""
        start = max(frame.shot.clause(cue.start).start, cue.start - 40)
        return any(h.what == "conditional" for h in self._grammar.hedges.find(frame.text, start, cue.start))

    def _film(self, frame: Frame, cue: Hit[CreditCue]) -> str | None:
        """Whose credit it is: "ours", the words of another work, or None. "Opposite Ann" is in the film of the verb before."""
        clause = frame.shot.clause(cue.start)
        if cue.what.closes and frame.film and frame.film[0] == clause:
            return frame.film[1]
        film = (self._earlier(frame, cue, clause) if cue.what.closes else None) or self._film_of(frame, cue, clause)
        frame.film = (clause, film)
        return film

    def _film_of(self, frame: Frame, cue: Hit[CreditCue], clause: Span) -> str | None:
        marks = [m for m in frame.shot.marks if m.kind == "ours" or not m.beside]
        right = [m for m in marks if cue.start <= m.start < clause.end]
        other = self._unmarked(frame, cue, right[0].start if right else clause.end)
        if other:
            return other
        if cue.what.direct and not (right and right[0].start - cue.end < 7):
            return None
        left = [m for m in marks if clause.start <= m.start and m.end <= cue.start and not m.beside]
        for mark in (*right, *reversed(left), *marks):
            if mark.kind != "it":
                return "ours" if mark.kind == "ours" else frame.text[mark.start : mark.end]
        return "ours" if frame.shot.cast_topic == "ours" else None

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
        takes = bool(cue.what.right or cue.what.either)  # the first name is whom the cue is about
        begin = cue.start if self._ends_in.search(text, cue.start, cue.end) and not takes else cue.end
        last = end >= frame.shot.clause(cue.start).end
        for index, run in enumerate(people.runs_in(cue.end, min(end, cue.end + 60))):
            name = text[run.start : run.end]
            gap = text[begin : run.start]
            known = people.is_context(run) or people.knows(name)
            direct = last and cue.what.left in _NEWS and cue.what.right is None and _DIRECT.fullmatch(gap)
            if not known and ((direct and not index) or self._in_film.search(gap)) and (len(gap) < 12 if index else not takes):
                return name
            begin = run.end
        return None

    def _role(self, frame: Frame, cue: Hit[CreditCue]) -> str | None:
        """The part that is played, as it is written."""
        end = frame.shot.clause(cue.start).end
        if cue.what.role:
            match = self._next_role.match(frame.text, cue.end, end)
        else:
            match = self._roles.search(frame.text, cue.start, min(end, cue.end + 60))
        if match is None:
            return None
        role = match.group(1).removesuffix("'s").rstrip(".'")
        span = Span(start=match.start(1), end=match.start(1) + len(role))
        plain = role.split()[0].lower() in self._grammar.breakers or role.lower() in self._grammar.companies
        if plain or any(m.meets(span) for m in frame.shot.marks):
            return None
        return frame.scene.item.text[span.start : span.end]

    def _job(self, frame: Frame, cue: Hit[CreditCue]) -> str:
        end = min(frame.shot.clause(cue.start).end, cue.end + 70)
        hits = self._grammar.jobs.find(frame.text, cue.start, end)
        return hits[0].what if hits else "actor"

    def _modality(self, frame: Frame, cue: Hit[CreditCue], status: Status) -> Modality:
        """How firm it is; the status of talks already carries their doubt."""
        if status in (Status.DENIED, Status.RUMOURED):
            return Modality.DENIED if status is Status.DENIED else Modality.RUMOURED
        clause = frame.shot.clause(cue.start)
        hedged = self._grammar.hedges.find(frame.text, clause.start, min(clause.end, cue.end + 25))
        return Modality.RUMOURED if hedged and status is not Status.IN_TALKS else frame.shot.modality

    @staticmethod
    def _is_recent_death(frame: Frame) -> bool:
        """Whether a death matters to this film: told in a sentence that names it, and not of years before."""
        line, day = frame.shot.line, frame.scene.anchor.day
        years = [int(m.group(1)) for m in _YEAR.finditer(frame.text, line.start, line.end)]
        return frame.shot.names_ours and not (day and years and min(years) < day.year - 2)


def _names(people: Sequence[Person]) -> tuple[str, ...]:
    return tuple(p.name for p in people)


def _as_written(scene: Scene, name: str, span: Span | None) -> str:
    """The name with the very characters of the item where it stands there in full."""
    return scene.item.text[span.start : span.end] if span and scene.text[span.start : span.end] == name else name


def _inside(span: Span, marks: Sequence[Mark]) -> bool:
    return any(m.kind != "it" and m.start <= span.start and span.end <= m.end for m in marks)
