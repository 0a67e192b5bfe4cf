"""What stands against a credit cue: it is of no film ("exits a plane"), it is denied, or it is no more than a rumour."""

from __future__ import annotations

import re
from bisect import bisect_right

from watcher.model import Status
from watcher.read.frame import NEWS, Frame
from watcher.read.grammar import CreditCue, Grammar, either, ends_with
from watcher.read.parts import Part
from watcher.read.phrases import Hit
from watcher.read.text import words

#: How far behind a verb its object, its place and its office are looked for, in characters.
_REACH_OBJECT, _REACH_PLACE = 60, 90
#: How far a refutation may stand from what it refutes, in characters.
_REACH_REFUTED = 260
_HEAD = re.compile(r"[^,.;:!?()]*")


class Objections:
    """Finds what stands against the cues of one language."""

    def __init__(self, grammar: Grammar) -> None:
        table = grammar.credit
        self._grammar = grammar
        self._determiners = frozenset((*grammar.mentions["determiners"], *grammar.text["articles"], *table["several"]))
        self._nouns = frozenset((*table["object_nouns"], *grammar.mentions["nouns"]))
        self._stops = frozenset(table["object_ends"]) - frozenset(table["object_adverbs"])
        self._ends = frozenset(table["object_ends"])
        self._joined_in = frozenset(table["joined_in"])
        self._vague = frozenset(table["vague_nouns"])
        self._persons = frozenset(table["object_pronouns"])
        self._film = re.compile(rf"(?<!\w)(?:{either(grammar.mentions['nouns'])})(?!\w)", re.IGNORECASE)
        self._rumours = re.compile(rf"(?<!\w)(?:{either(table['rumours'])})(?!\w)", re.IGNORECASE)
        self._own_words = re.compile(rf"(?<!\w)(?:{either(table['own_words'])})(?!\w)", re.IGNORECASE)
        self._had_part = re.compile(rf"(?<!\w)(?:{either(table['had_part'])})(?!\w)", re.IGNORECASE)
        self._elsewhere = grammar.elsewhere
        self._denies = grammar.denies
        untrue, said = either(table["untrue"]), either(table["hearsay"])
        be = rf"(?:{either(table['is'])})\s+[\"']?"
        refuted = rf"(?:{either(table['refuted'])})\s+(?:{be}|[\"'])?(?:{untrue})"
        self._refutes = re.compile(rf"(?<!\w)(?:{refuted}|(?:{either(table['refutes'])}))(?!\w)", re.IGNORECASE)
        plainly = either(table["plainly_untrue"])
        self._plainly = re.compile(rf"[.!?][\"']?\s+[\"']?(?:{plainly})(?!\w)", re.IGNORECASE)
        self._is_untrue = re.compile(rf"(?<!\w){be}(?:{untrue})(?!\w)", re.IGNORECASE)
        self._hearsay = re.compile(rf"(?<!\w)(?:{said})(?!\w)", re.IGNORECASE)
        person = r"(?:[A-Z][\w'-]*\s+){0,3}"
        self._unreal = ends_with(table["unreal"], rf"\s+{person}(?:(?:{either(table['unreal_aux'])})\s+){{0,2}}")
        self._only_rumour = grammar.only_rumour

    def to(self, frame: Frame, cue: Hit[CreditCue], part: Part) -> str | None:
        """Why the cue is of no film; None where it may be."""
        if cue.what.object and not self._has_object(frame, cue):
            return "what is joined or left is no film"
        return self._against_news(frame, cue, part) if part.status in NEWS else None

    def _against_news(self, frame: Frame, cue: Hit[CreditCue], part: Part) -> str | None:
        """Why a coming or leaving is none of a film."""
        text, line = frame.text, frame.shot.line
        if part.spans and self._grammar.in_story.find(text, line.start, cue.start):
            return "told of the story, and of characters"
        return self._against_change(frame, cue, part)

    def _against_change(self, frame: Frame, cue: Hit[CreditCue], part: Part) -> str | None:
        """Why a coming or leaving is none, or is of no film."""
        text, line, clause = frame.text, frame.shot.line, frame.clause(cue.start)
        staged = self._grammar.other_media.find(text, line.start, line.end)
        if staged and not self._film.search(text, line.start, line.end):
            return "of another work of the name, on a stage or elsewhere"
        if part.status is Status.EXITS and self._unreal.search(text, max(line.start, cue.start - 40), cue.start):
            return "told of a leaving that only may be"
        if part.status is Status.IN_TALKS and self._grammar.collapsed.find(text, cue.end, clause.end):
            return "told of talks that came to nothing"
        last = max((s.end for s in part.spans), default=cue.end)
        if cue.what.wish and not self._is_for_a_part(text, last, clause.end):
            return "wished for something that is no part"
        if self._elsewhere.find(text, cue.start, min(clause.end, max(last, cue.end) + _REACH_PLACE)):
            return "at an event or in an office, and not in a film"
        return None

    def _is_for_a_part(self, text: str, last: int, end: int) -> bool:
        """Whether those who are wanted are wanted for a part: what follows says so, or nothing follows."""
        follows = text[last:end].strip(" .\"'")
        return not follows or follows[0] in ",;" or any(h.start == last + 1 for h in self._grammar.wished.find(text, last, end))

    def denies(self, frame: Frame, cue: Hit[CreditCue]) -> bool:
        """Whether the text says that what the cue tells is not so."""
        clause = frame.clause(cue.start)
        if self._denies.find(frame.text, max(clause.start, cue.start - 120), cue.start):
            return True
        if not self._hearsay.search(frame.text, clause.start, cue.start):
            return False
        if self._is_untrue.search(frame.text, cue.end, clause.end):
            return True
        lines = frame.scene.lines
        following = bisect_right(lines, frame.shot.line.start, key=lambda n: n.start)
        after = lines[following].end if following < len(lines) else frame.shot.line.end
        end = min(after, cue.end + _REACH_REFUTED)
        return bool(self._refutes.search(frame.text, cue.end, end) or self._plainly.search(frame.text, cue.end, end))

    def answers(self, frame: Frame) -> bool:
        """Whether a sentence answers a rumour, or gives somebody's own words: "“I am not in it,” she said"."""
        line = frame.shot.line
        return any(found.search(frame.text, line.start, line.end) for found in (self._rumours, self._own_words))

    def had_part(self, frame: Frame) -> bool:
        """Whether a sentence tells that somebody had a part: then "is not in the film" is a leaving."""
        return self._had_part.search(frame.text, frame.shot.line.start, frame.shot.line.end) is not None

    def is_only_rumour(self, frame: Frame, cue: Hit[CreditCue]) -> bool:
        """Whether the clause itself calls it no more than a rumour."""
        clause = frame.clause(cue.start)
        if self._rumours.search(frame.text, max(clause.start, cue.start - 60), cue.start):
            return True
        return bool(self._only_rumour.find(frame.text, cue.end, min(clause.end, cue.end + 140)))

    def _has_object(self, frame: Frame, cue: Hit[CreditCue]) -> bool:
        """Whether a verb of joining or leaving has a film or a cast for its object, or none."""
        head = _HEAD.match(frame.text, cue.end, min(frame.clause(cue.start).end, cue.end + _REACH_OBJECT))
        found = [w.group() for w in words(frame.text, cue.end, head.end() if head else cue.end)]
        if not found or any(m.start - cue.end < 3 for m in frame.shot.marks if m.start >= cue.end):
            return True
        first = found[0].lower()
        vague = not self._vague.isdisjoint(w.lower() for w in found) and self._nouns.isdisjoint(w.lower() for w in found)
        if (vague or first in self._persons) and cue.what.left is Status.JOINS:
            named = any(m.start >= cue.end and m.kind != "it" for m in frame.shot.marks)
            return named or any(w.lower() in self._joined_in for w in found)
        if first in self._ends:
            return True
        stop = next((i for i, w in enumerate(found) if i and w.lower() in self._stops), len(found))
        named = any(w[0].isupper() and w.lower() not in self._grammar.companies for w in found[:stop])
        if first in self._determiners:
            return named or any(w.lower() in self._nouns for w in found[:stop])
        return named or first[0].isdigit()
