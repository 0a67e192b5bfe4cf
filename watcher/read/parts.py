"""Who stands where: the people on the left and right of a cue, and who "she" is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from watcher.model import Status
from watcher.read.grammar import BLANK, CreditCue, Grammar, either, ends_with, such_as
from watcher.read.people import Person
from watcher.read.phrases import Hit
from watcher.read.scene import Notes, Scene, Shot
from watcher.read.text import Span, words

#: What tells of a change, or of one that may come.
NEWS = (Status.JOINS, Status.IN_TALKS, Status.RUMOURED, Status.EXITS)
#: Farthest, in characters, that a verb may stand from its subject, and its object from it.
REACH_LEFT, REACH_RIGHT, REACH_OBJECT = 70, 45, 28
#: Farthest that a name may stand from a verb that needs it at once ("is Ann Lee", "cast Ann Lee", "director Ann Lee").
REACH_CLOSE = 4
#: Farthest that a verb may stand from its subject over an aside ("Ann Lee, who …, is in talks").
REACH_ASIDE = 130

_STOP = re.compile(r"[;:!?]")
_WORD_OR_COMMA = re.compile(r"[^\W_]+(?:['-][^\W_]+)*|,")
#: An aside ends with a comma close before the verb.
_ASIDE_ENDS = re.compile(r"[^,.;:!?]{0,40},(?:\s[a-z'-]+){0,4}\s")
_RIGHT_STOP = re.compile(r"[,.;!?()]|:\s*\S")


@dataclass(slots=True, kw_only=True)
class Cast:
    """What one sentence leaves for the next: who "he" is, and whether the item tells a new cast, or an old one again.

    `actors` are those whom the item shows to act, `strangers` the dead of whom nothing yet shows that they are in the film;
    both in lower case.
    """

    subject: tuple[str, ...] = ()
    news: bool = False
    again: bool = False
    actors: set[str] = field(default_factory=set)
    strangers: set[str] = field(default_factory=set)


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


class PartFinder:
    """Finds the people that the cues of one language speak of."""

    def __init__(self, grammar: Grammar) -> None:
        self._grammar = grammar
        table = grammar.credit
        small = rf"(?:(?!(?:{either([*table['list_words'], *table['list_stops']])})\s)[a-zà-öø-ÿ-]+\s+)"
        the = rf"(?:{either(grammar.text['definite'])}){BLANK}"
        listed = either(table["list_words"])
        as_role = either(table["role_words"])
        self._stops = frozenset(table["list_stops"])
        self._pronouns = frozenset(table["pronouns"])
        self._relative = frozenset(table["relative"])
        self._is_role = ends_with(
            [*table["roles_before"], *table["owned_by"]], rf"{such_as(table)}{BLANK}(?:{the}{small}?)?[\"']?"
        )
        self._list = re.compile(rf"\s*(?:\([^)]{{0,40}}\)\s*)?(?:,\s*(?:{listed})?|{listed})\s+{small}{{0,2}}$")
        self._role_list = re.compile(rf"\s+(?:{as_role})\s[^.;:!?]{{1,45}}?(?:,|\b(?:{listed})|,\s*(?:{listed}))\s+$")
        self._for_role = re.compile(rf"\s+(?:{as_role}){BLANK}{grammar.the}")
        self._has_role = re.compile(rf"\s+(?:{as_role}){BLANK}{grammar.the}[A-Z]")
        self._in_list = re.compile(rf"(?:,|\b(?:{listed}))\s+$")
        self._in = ends_with(table["within"], BLANK + grammar.the)

    def people(self, scene: Scene, shot: Shot, cues: Sequence[Hit[CreditCue]]) -> list[Person]:
        """The people of a sentence that can be a verb's subject or object."""
        ends = {c.end for c in cues if c.what.right or c.what.either}
        people = [p for p in scene.people.within(shot.line.start, shot.line.end) if self._can_act(scene.text, p, ends)]
        return [p for p in people if not self._is_part_of(scene, p)]

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

    def find(self, frame: Frame, cue: Hit[CreditCue]) -> list[Part]:
        """The people that a cue speaks of, with their status."""
        what = cue.what
        parts: list[Part] = []
        right = self._right(frame, cue) if what.right or what.either else []
        status = what.right or what.either
        if right and status:
            label = frame.text[cue.end : right[0].start].lstrip().startswith(":")
            parts.append(
                Part(
                    people=names_of(right),
                    spans=tuple(right),
                    status=Status.LISTED if label and status is Status.JOINS else status,
                )
            )
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
        names = names_of(left)
        if not left and self._has_pronoun(frame, cue):
            nearer = [p.name for p in frame.people if p.end <= cue.start]
            names = tuple(n for n in nearer[-1:] or frame.cast.subject if n not in frame.told)
        if not names:
            return None
        also = self._also(frame, cue) if status is Status.JOINS else []
        if status is Status.JOINS and self._relative.intersection(gap[_after_comma(gap) :]):
            status = Status.LISTED
        return Part(people=(*names, *names_of(also)), spans=(*left, *also) if left else (), status=status)

    def _left(self, frame: Frame, cue: Hit[CreditCue]) -> tuple[list[Person], list[str]]:
        """The list of people that ends before a cue, and the words between with their commas."""
        start = frame.shot.clause(cue.start).start
        before = [p for p in frame.people if p.start >= start and p.end <= cue.start]
        before = self._without_aside(frame, before, cue.start)
        if not before or (before[-1].end < frame.blocked and "," not in frame.text[frame.blocked : cue.start]):
            return [], []
        last = before[-1]
        text = frame.text[last.end : cue.start]
        between = _WORD_OR_COMMA.findall(text.lower())
        reach = REACH_CLOSE if cue.what.promote else REACH_ASIDE if text.rstrip(" ").count(",") > 1 else REACH_LEFT
        another = self._pronouns.intersection(between[_after_comma(between) :]) - self._relative and "," not in text[:2]
        if len(text) > reach or another or _STOP.search(text) or any(last.start == span.start for span in frame.taken):
            return [], []
        found = [last]
        single = cue.what.promote and frame.text[cue.start : cue.end].lower().endswith("s")
        for person in [] if single else reversed(before[:-1]):
            if not self._list.fullmatch(frame.text[person.end : found[0].start]):
                break
            found.insert(0, person)
        return found, between

    def _without_aside(self, frame: Frame, before: list[Person], at: int) -> list[Person]:
        """The people before a verb without those of an aside: of "Ann Lee, known for her work with Bo Larsen, joins" only Lee."""
        for index in range(len(before) - 1, 0, -1):
            head, tail = before[index - 1], before[index]
            gap = frame.text[head.end : tail.start]
            if self._list.fullmatch(gap) or self._role_list.fullmatch(gap):
                continue
            inside = gap.startswith(", ") and frame.text[before[-1].end : at].count(",") == 1 and "," not in gap[1:]
            closed = _ASIDE_ENDS.fullmatch(frame.text, before[-1].end, at)
            return before[:index] if inside and closed else before
        return before

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


def names_of(people: Sequence[Person]) -> tuple[str, ...]:
    """The names of people."""
    return tuple(p.name for p in people)


def _after_comma(found: Sequence[str]) -> int:
    """Where the words after the last comma begin."""
    return max((i + 1 for i, word in enumerate(found) if word == ","), default=0)
