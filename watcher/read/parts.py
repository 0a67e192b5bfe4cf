"""Who stands where: the people on the left and right of a cue, and who "she" is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from watcher.model import Status
from watcher.read.frame import NEWS, Frame
from watcher.read.gapped import Gapped
from watcher.read.grammar import (
    BLANK,
    ENGLISH,
    CreditCue,
    Grammar,
    either,
    ends_with,
    lexicon,
    maybe,
    starts_with,
    such_as,
)
from watcher.read.index import has_any
from watcher.read.people import Person
from watcher.read.phrases import Hit
from watcher.read.scene import Scene, Shot
from watcher.read.somebody import Somebody
from watcher.read.text import CAPITAL, Line, Span, longest_words, words

#: Farthest, in characters, that a verb may stand from its subject, and its object from it.
REACH_LEFT, REACH_RIGHT, REACH_OBJECT = 70, 45, 28
#: Farthest that a name may stand from a verb that needs it at once ("is Ann Lee", "cast Ann Lee", "director Ann Lee").
REACH_CLOSE = 4
#: Farthest that a verb may stand from its subject over an aside ("Ann Lee, who …, is in talks"), and over two words of it.
REACH_ASIDE = 220
#: Farthest that a name may stand after "joining …" from the "are" that it follows.
REACH_INVERTED = 110

_STOP = re.compile(r"[;:!?]")
_WORD_OR_COMMA = re.compile(r"[^\W_]+(?:['-][^\W_]+)*|,")
_COMMA = re.compile(r",[\"']?\s")
#: The comma that ends an aside stands close before the verb, with small words between.
_AFTER_ASIDE = re.compile(r"(?:[a-z'-]+\s){0,5}$")
_RIGHT_STOP = re.compile(r"[,.;!?()]|:\s*\S")
_APPOSITION_ENDS = re.compile(r"[,.;)]|\s\(|$")
_COLON = re.compile(r"[^,.;:!?()]{0,50}:\s(?:[a-z-]+\s){0,2}$")
#: What a verb that leads its sentence may tell.
_INVERTED = (Status.JOINS, Status.LISTED, Status.RUMOURED, Status.IN_TALKS)
_BRACKETS = re.compile(r" ?\([^()]{0,120}\)")
#: "Ann Lee's Captain Orrin" right before a verb: the verb is of Lee.
_OWN_PART = re.compile(r"'s (?:[A-Z][\w'-]+ ?){1,3}(?:[a-z]+ ){0,2}")
_LABEL = re.compile(r"(?:^|[.;|\n])\s*$")


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
        self._stops = frozenset((*table["list_stops"], *table["list_words"]))
        self._pronouns = frozenset(table["pronouns"])
        self._subject_behind = grammar.release["subject_behind"]
        self._relative = frozenset(table["relative"])
        self._starts_aside = re.compile(rf"(?:{either(table['asides'])})(?!\w)|\d[^,]*,\s*$")
        self._is_role = ends_with(
            [*table["roles_before"], *table["owned_by"]], rf"{such_as(table)}{BLANK}(?:{the}{small}?)?[\"']?"
        )
        aside = r"\s*(?:\([^)]{0,60}\)\s*|,\s\d{1,3}(?=,))?"  # "Ann Lee (Paper Tigers)", "Ann Lee, 34, and"
        another = rf"[^()]{{0,30}}\)\s*(?:,\s*(?:{listed})?|{listed})\s+[^,;()]{{1,40}}\("
        known_from = rf"(?:[\"']?(?:{CAPITAL}[\w-]*\s){{0,3}}{CAPITAL}[\w-]*'s\s)?"  # "and Paper Tigers' Bo Larsen"
        self._list = re.compile(rf"(?:{aside}(?:,\s*(?:{listed})?|{listed})\s+{small}{{0,3}}(?:[dl]')?{known_from}|{another})$")
        self._role_list = re.compile(rf"{aside}(?:{as_role})\s[^.;:!?]{{1,45}}?(?:,|\b(?:{listed})|,\s*(?:{listed}))\s+$")
        self._for_role = re.compile(rf"\s+(?:{as_role}){BLANK}{grammar.the}")
        self._gapped = Gapped(grammar)
        self._somebody = Somebody(grammar)
        self._of = re.compile(rf"[\"']?\s(?:{either(table['film_of'])}){BLANK}(?:[dl]')?")
        self._known_by = starts_with(table["actor_nouns"], r"(?:-|\s+)")
        self._the = ends_with(grammar.text["definite"])
        english = maybe([*grammar.text["definite"], *lexicon(ENGLISH)["text"]["definite"]])
        self._in = ends_with([*table["within"], *table["at"]], rf"{BLANK}{english}[\"']?")
        self._subordinators = frozenset(table["subordinators"])
        described = rf"(?:{either(table['actor_nouns'])})"
        after = r"(?:,?\s(?:[a-zß-ÿ'-]+\s){0,2})?$"
        self._actor = re.compile(rf"(?<!\w)(?i:{either(grammar.text['definite'])})\s[^,.;:!?]{{0,50}}?{described}{after}")
        self._inverted = re.compile(rf"\b(?:{either(table['inversions'])})\s+{small}{{0,2}}(?=[^\W\d_a-z])")
        self._joining = frozenset((*table["list_words"], *grammar.text["breaks"]))
        self._second_verb = re.compile(rf"\s(?:{either(table['list_words'])})\s(?:[a-zß-ÿ'-]+\s){{0,3}}")
        self._before_relative = frozenset((",", *table["before_relative"], *table["actor_nouns"]))
        self._as_part = re.compile(rf"(?:, \d+,)?\s(?:{either(table['as'])})\s")
        self._who = re.compile(rf",?\s(?:{either(table['relative'])})\s(?:\w+\s)?")
        self._which = ends_with(table["which"])
        self._told_before = re.compile(rf"(?<!\w)(?:{either(table['told_before'])})(?!\w)", re.IGNORECASE)
        self._many = frozenset(table["many"])
        self._meaning = longest_words([*self._pronouns - self._relative, *table["actor_nouns"]])
        self._participle = tuple(table["participle"])

    def means_nobody(self, text: str, line: Line) -> bool:
        """Whether a sentence has no word that may mean somebody: if it names nobody either, it tells of no credit."""
        return not has_any(self._meaning, text, line.start, line.end)

    def people(self, scene: Scene, shot: Shot, cues: Sequence[Hit[CreditCue]]) -> list[Person]:
        """The people of a sentence that can be a verb's subject or object."""
        ends = {c.end for c in cues if c.what.right or c.what.either}
        ends |= {m.end() - 1 for c in cues if self._may_invert(c, scene.text) for m in self._after(scene.text, c, shot)}
        people = [p for p in scene.people.within(shot.line.start, shot.line.end) if self._can_act(scene.text, p, ends)]
        return [p for p in people if not self._is_part_of(scene, p)]

    def _can_act(self, text: str, person: Person, ends: set[int]) -> bool:
        """Whether a name can be a verb's subject or object: not "in Lee", nor a part ("as Ann Lee")."""
        if person.start - 1 in ends:
            return True
        within = self._in.search(text, max(0, person.start - 16), person.start)
        if self._known_by.match(text, person.end) and self._the.search(text, max(0, person.start - 6), person.start):
            return False  # "the Paper Tigers star" is known by that film
        if self._somebody.means_another(text, person):
            return False
        shown = self._as_part.match(text, person.end)  # "this is Ann Lee as Joan"
        return not (within or (not shown and self._is_role.search(text, max(0, person.start - 30), person.start)))

    @staticmethod
    def _is_part_of(scene: Scene, person: Person) -> bool:
        """Whether a name is the part of the actor named right before it: "Ann Lee's Captain Orrin"."""
        actor = scene.people.within(person.start - 40, person.start - 3) if person.start > 3 else []
        return bool(actor) and scene.text[actor[-1].end : person.start] == "'s " and _owns_part(scene, actor[-1], person)

    def find(self, frame: Frame, cue: Hit[CreditCue]) -> list[Part]:
        """The people that a cue speaks of, with their status."""
        what = cue.what
        if what.owned:
            return self._owners(frame, cue, what.owned)
        parts: list[Part] = []
        right = self._right(frame, cue) if what.right or what.either else []
        if what.as_role:
            near = right and right[0].start - cue.end <= REACH_CLOSE
            right = [p for p in right if near and self._as_part.match(frame.text, p.end)]
        status = what.right or what.either
        if right and status:
            label = frame.text[cue.end : right[0].start].lstrip().startswith(":")
            label = label and bool(_LABEL.search(frame.text[max(0, cue.start - 3) : cue.start]))
            status = Status.LISTED if label and status is Status.JOINS else status
            parts.append(Part(people=names_of(right), spans=tuple(right), status=status))
        status = what.left or (None if right else what.either)
        if status:
            left = self._left_part(frame, cue, status) or self._inverted_part(frame, cue, status)
            left = left or self._behind(frame, cue, status)
            parts.extend([left] if left else [])
        return parts if len(parts) > 1 or not what.swap or self._is_swap_of_people(frame, cue, parts) else []

    @staticmethod
    def _is_swap_of_people(frame: Frame, cue: Hit[CreditCue], parts: Sequence[Part]) -> bool:
        """Whether "replaces Ann Lee" without a successor is of people: a film before it replaces films."""
        film = cue.what.left and any(0 <= cue.start - m.end < 12 for m in frame.shot.marks)
        return bool(parts) and not film and parts[0].status is cue.what.right

    @staticmethod
    def _owners(frame: Frame, cue: Hit[CreditCue], status: Status) -> list[Part]:
        """Whose a noun is: "Ann Lee's casting"."""
        found = [p for p in frame.people_at(cue.start) if frame.text[p.end : cue.start] in ("'s ", "' ")]
        return [Part(people=names_of(found), spans=tuple(found), status=status)] if found else []

    def _right(self, frame: Frame, cue: Hit[CreditCue]) -> list[Person]:
        """The list of people that begins right after a cue."""
        after = self._free(frame, cue.end, frame.clause(cue.start).end)
        if not after or self._leaves_another(frame, cue, after[0]):
            return []
        if cue.what.job and after[0].start == cue.end + 2 and frame.text[cue.end] == ",":
            return self._apposed(frame, after)
        reach = REACH_CLOSE if cue.what.job and cue.what.right is Status.LISTED else REACH_RIGHT
        gap = frame.text[cue.end : after[0].start]
        stops = not self._stops.isdisjoint(gap.lower().split())
        if cue.what.right in NEWS and _COLON.fullmatch(gap) and self._stops.isdisjoint(gap.rpartition(":")[2].lower().split()):
            return self.list_from(frame, after)  # "new names: Ann Lee and Bo Larsen", but not "all eyes: this is Ann Lee"
        if stops or len(gap) > (REACH_OBJECT if cue.what.either else reach) or _RIGHT_STOP.search(gap):
            return []
        return self.list_from(frame, after)

    @staticmethod
    def _leaves_another(frame: Frame, cue: Hit[CreditCue], first: Person) -> bool:
        """Whether those behind a verb are of another that tells who leaves: "has chosen a successor to Ann Lee"."""
        leaves = (c for c in frame.leaving if cue.end <= c.start and c.end <= first.start)
        return cue.what.right is not Status.EXITS and any(leaves)

    def _apposed(self, frame: Frame, after: Sequence[Person]) -> list[Person]:
        """Who is named behind a job and a comma: "the director, Ann Lee, said", but not "so the director, Ann Lee said"."""
        found = self.list_from(frame, after)
        return found if _APPOSITION_ENDS.match(frame.text, found[-1].end) else []

    @staticmethod
    def _free(frame: Frame, start: int, end: int) -> list[Person]:
        """The people of a stretch that own nothing: not "Lee's casting"."""
        people = [p for p in frame.people_at(start - 1) if start <= p.start and p.end <= end]
        return [p for p in people if frame.text[p.end : p.end + 2] not in ("'s", "' ")]

    def _behind(self, frame: Frame, cue: Hit[CreditCue], status: Status) -> Part | None:
        """The people right behind a verb where a language may put its subject, and nobody stands before: "Dirige Ann Lee"."""
        if not self._subject_behind or status is not Status.LISTED or cue.what.role:
            return None
        start = frame.clause(cue.start).start
        before = {w.group().lower() for w in words(frame.text, start, cue.start)}
        after = self._free(frame, cue.end + 1, frame.clause(cue.start).end)
        told = any(p.end <= cue.start and p.start >= start for p in frame.people) or not before.isdisjoint(self._pronouns)
        if told or not after or after[0].start != cue.end + 1:
            return None
        found = self.list_from(frame, after)
        return Part(people=names_of(found), spans=tuple(found), status=status)

    @staticmethod
    def _owners_of_part(frame: Frame, start: int, end: int) -> list[Person]:
        """Whose part stands right before a verb: "Ann Lee's Captain Orrin returns" is of Lee."""
        owners = [p for p in frame.people_at(end) if start <= p.start and _OWN_PART.fullmatch(frame.text, p.end, end)]
        owned = {p.start: p for p in frame.people_at(end)}
        owners = [p for p in owners if p.end + 3 not in owned or _owns_part(frame.scene, p, owned[p.end + 3])]
        return [p for p in owners if not any(m.kind != "it" and p.end < m.start < end for m in frame.shot.marks)]

    def list_from(self, frame: Frame, after: Sequence[Person]) -> list[Person]:
        """The first of some people, and all who stand in one list with him."""
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
        start = frame.clause(cue.start).start
        end, aside = self._subject_end(frame, start, cue.start)
        frame.aside = Span(start=end, end=aside)
        left, gap = self._left(frame, cue, end, aside)
        if left is None:
            return None
        if left and not (left := self._somebody.one_or_many(frame, left, status)):
            return None
        names = names_of(left)
        if not left:
            names = tuple(n for n in self._meant(frame, start, end, cue.start) if n not in frame.told)
        if not names or (cue.what.plural and len(names) < 2):
            return None
        shares = status is Status.JOINS or cue.what.promote or cue.what.acts
        after = self._free(frame, cue.end + 1, frame.clause(cue.start).end) if shares and status in _INVERTED else []
        also = self._gapped.also(frame, cue, after)
        if status is Status.JOINS and self._relative.intersection(gap[_after_comma(gap) :]):
            status = Status.LISTED
        told = left and self._which.search(frame.text, max(start, left[0].start - 8), left[0].start)
        if status is Status.JOINS and (told or self._told_before.search(frame.text, end, aside)):
            status = Status.LISTED
        return Part(people=(*names, *names_of(also)), spans=(*left, *also) if left else (), status=status)

    def _subject_end(self, frame: Frame, start: int, at: int) -> tuple[int, int]:
        """Where the subject of a verb ends, and where the words that belong to the verb begin: an aside lies between.

        "Ann Lee, who was in Paper Tigers with Bo Larsen, has joined" is of Lee.
        """
        commas = [m.end() for m in _COMMA.finditer(frame.text, max(start, at - REACH_ASIDE), at)]
        if len(commas) < 2 or not _AFTER_ASIDE.fullmatch(frame.text, commas[-1], at):
            return at, at
        first = next((c for c in commas[:-1] if self._starts_aside.match(frame.text, c, commas[-1])), None)
        return (first - 2, commas[-1]) if first is not None else (at, at)

    def _left(self, frame: Frame, cue: Hit[CreditCue], end: int, aside: int) -> tuple[list[Person] | None, list[str]]:
        """The list of people before a cue, and the words between with their commas; None where another is the subject."""
        start = frame.clause(cue.start).start
        before = self._free(frame, start, end)
        if cue.what.left not in (Status.EXITS, Status.DIED):
            before = sorted((*before, *self._owners_of_part(frame, start, end)), key=lambda p: p.start)
        before = [p for p in before if not self._is_maker(frame, p)]
        if not before or (before[-1].end < frame.blocked and "," not in frame.text[frame.blocked : cue.start]):
            return [], []
        if self._second_verb.fullmatch(frame.text, before[-1].end, end) and len(before) > 1:
            before = before[:1]  # "Ann Lee has a hit with Bo Larsen and is attached": whoever leads the clause
        last = before[-1]
        text = _BRACKETS.sub("", frame.text[last.end : end] + frame.text[aside : cue.start])
        between = _WORD_OR_COMMA.findall(text.lower())
        far = REACH_ASIDE if text.rstrip(" ").count(",") > 1 else REACH_LEFT
        reach = REACH_CLOSE if cue.what.promote and not self._who.fullmatch(text) else far
        pronouns = self._pronouns.intersection(between[_after_comma(between) :]) - self._relative
        joined = bool(between[1:2]) and between[1] in self._joining
        another = bool(pronouns) and ("," not in text[:2] or joined)
        if len(text) > reach or another or _STOP.search(text) or any(last.start == span.start for span in frame.taken):
            return [], []
        if self._is_of_another(between) or self._has_own_subject(between):
            return None, []
        found = [last]
        single = cue.what.promote and frame.text[cue.start : cue.end].lower().endswith("s")
        for person in [] if single else reversed(before[:-1]):
            if not self._list.fullmatch(frame.text[person.end : found[0].start]):
                break
            found.insert(0, person)
        return found, between

    def _is_maker(self, frame: Frame, person: Person) -> bool:
        """Whether a name only says whose film it is that the verb speaks of: "the film by Ann Lee opens"."""
        near = next((m for m in reversed(frame.shot.marks) if m.end <= person.start), None)
        return near is not None and bool(self._of.fullmatch(frame.text, near.end, person.start))

    def _is_of_another(self, between: Sequence[str]) -> bool:
        """Whether "who" means another than the person named: "Ann Lee plays a nurse who"."""
        at = max((i for i, word in enumerate(between) if word in self._relative), default=0)
        return at > 0 and between[at - 1] not in self._before_relative

    def _has_own_subject(self, between: Sequence[str]) -> bool:
        """Whether a verb stands in a clause of its own, of another: "Ann Lee stays until the crew returns"."""
        words_ = between[_after_comma(between) :]
        at = next((i for i, word in enumerate(words_) if word in self._subordinators), len(words_))
        return at + 1 < len(words_) and words_[at + 1] not in self._pronouns

    def _inverted_part(self, frame: Frame, cue: Hit[CreditCue], status: Status) -> Part | None:
        """The people after "are" where the verb leads the sentence: "Joining the cast are Ann Lee and Bo Larsen"."""
        if status not in _INVERTED or not self._may_invert(cue, frame.text):
            return None
        for match in self._after(frame.text, cue, frame.shot):
            after = self._free(frame, match.end(), frame.clause(cue.start).end)
            if after and after[0].start == match.end():
                found = self.list_from(frame, after)
                return Part(people=names_of(found), spans=tuple(found), status=status)
        return None

    def _may_invert(self, cue: Hit[CreditCue], text: str) -> bool:
        """Whether a verb is a participle, which may stand before its subject."""
        word = text[cue.start : cue.end].split(maxsplit=1)[0].lower()
        return bool(self._participle) and word.endswith(self._participle) and cue.what.left in _INVERTED

    def _after(self, text: str, cue: Hit[CreditCue], shot: Shot) -> list[re.Match[str]]:
        """The first "are" with a name after it, behind a participle."""
        match = self._inverted.search(text, cue.end, min(shot.line.end, cue.end + REACH_INVERTED))
        return [match] if match else []

    def _meant(self, frame: Frame, start: int, end: int, at: int) -> tuple[str, ...]:
        """Whom "he" or "the veteran actor" right before a place means; within a quotation it is not who speaks."""
        if frame.text.count('"', frame.shot.line.start, at) % 2:
            return ()
        before = [w.group().lower() for w in words(frame.text, max(start, end - 30), end)][-4:]
        if self._many.intersection(before[-1:]) and len(frame.cast.subject) < 2:
            return ()  # "they" are more than the one last named
        before += [w.group().lower() for w in words(frame.text, at, at + 8)][:1] if end == at else []
        if (self._pronouns - self._relative).intersection(before):
            first = next(words(frame.text, frame.shot.line.start, end), None)
            if first and frame.cast.subject and first.group().lower() in self._pronouns:
                return frame.cast.subject
            nearer = [p.name for p in frame.people_at(end) if p.end <= end]
            return tuple(nearer[-1:]) or frame.cast.subject
        described = self._actor.search(frame.text, max(start, end - 90), end)
        return (frame.cast.star or frame.cast.subject) if described else ()


def _owns_part(scene: Scene, owner: Person, owned: Person) -> bool:
    """Whether "Ann Lee's Captain Orrin" is an actor with a part, and not "Paper Tigers' Ann Lee": a work with its actor.

    A full name behind is an actor's, unless the item knows the one before it for a person, and the one behind from nowhere else.
    """
    if scene.text[owner.start - 1 : owner.start] in ("'", '"'):
        return False
    met = [scene.text.count(name.rpartition(" ")[2]) > 1 for name in (owner.name, owned.name)]
    return scene.people.knows(owner.name) or met == [True, False]


def names_of(people: Sequence[Person]) -> tuple[str, ...]:
    """The names of people."""
    return tuple(p.name for p in people)


def _after_comma(found: Sequence[str]) -> int:
    """Where the words after the last comma begin."""
    return max((i + 1 for i, word in enumerate(found) if word == ","), default=0)
