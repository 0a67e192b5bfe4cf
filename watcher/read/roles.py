"""What somebody does in a film: the part that a sentence gives, and the job."""

from __future__ import annotations

import re
from collections.abc import Sequence

from watcher.read.frame import Frame
from watcher.read.grammar import BLANK, CreditCue, Grammar, either, maybe, such_as
from watcher.read.index import Anchored
from watcher.read.phrases import Hit
from watcher.read.text import Span

_ROLE = r"((?:[A-Z][\w'.-]*)(?:\s(?:of\s|the\s|de\s|von\s)?[A-Z][\w'.-]*){0,3})"


class Roles:
    """Finds the parts and jobs of one language."""

    def __init__(self, grammar: Grammar) -> None:
        self._grammar = grammar
        table = grammar.credit
        small = rf"(?:(?!(?:{either([*table['list_words'], *table['list_stops']])})\s)[a-zà-öø-ÿ-]+\s+)"
        article = rf"(?:(?:{either(grammar.text['articles'])}){BLANK}{small}{{0,3}})?"
        the = rf"(?:{either(grammar.text['definite'])}){BLANK}"
        roles = re.compile(rf"(?<!\w)(?i:{either(table['roles'])}){such_as(table)}{BLANK}{article}{_ROLE}")
        self._roles = Anchored(roles, table["roles"])
        self._next_role = re.compile(rf"\s+{maybe(table['as'])}{article}{_ROLE}")
        whose = r"(?:[A-Z][\w.-]*\s){0,2}[A-Z][\w.-]*'s\s"
        self._bare_role = re.compile(rf"\s+(?:(?:{the}|{whose}){small}{{0,3}})?{_ROLE}")
        self._and = re.compile(rf"(?:[,;]|(?<!\w)(?:{either(table['list_words'])}))\s$")
        relative, listed = either([*table["relative"], *table["which"]]), either(table["list_words"])
        self._which_other = re.compile(rf"(?:,?\s(?:{relative})|,\s(?:{listed}))\s{_ROLE}")

    def role(self, frame: Frame, cue: Hit[CreditCue], spans: Sequence[Span]) -> str | None:
        """The part that is played, as it is written; `spans` are the people that the cue has, where they stand."""
        end = frame.clause(cue.start).end
        if cue.what.role:
            next_role = self._bare_role if cue.what.bare else self._next_role
            match = next_role.match(frame.text, cue.end, end)
        else:
            match = self._roles.search(frame.text, cue.start, end, begins=cue.end + 60)
        if match is None or self._is_anothers(frame, spans, match.start()):
            return None
        role = match.group(1).removesuffix("'s").rstrip(".'")
        span = Span(start=match.start(1), end=match.start(1) + len(role))
        words_ = role.lower().split()
        plain = words_[0] in self._grammar.breakers - self._grammar.given or role.lower() in self._grammar.companies
        inner = self._grammar.text["inner"]
        cut = next((i for i, w in enumerate(words_) if i and w in self._grammar.breakers and w not in inner), None)
        if frame.shot.capitals and cut is not None and cue.what.bare:
            span = Span(start=span.start, end=span.start + len(" ".join(role.split()[:cut])))
        elif frame.shot.capitals and cut is not None:
            return None
        title_role = frozenset(("ours",)) if cue.what.bare else frozenset()  # "Ann Lee is NAME"
        if plain or any(m.meets(span) and m.kind not in title_role for m in frame.shot.marks):
            return None
        return frame.scene.item.text[span.start : span.end]

    def _is_anothers(self, frame: Frame, spans: Sequence[Span], at: int) -> bool:
        """Whether the part given here is of the next in a list: "Ann Lee in the part of a judge, and Bo Larsen as …"."""
        next_one = next((p for p in frame.people if p.end + 1 == at), None)
        if next_one is None or not spans or any(next_one.meets(span) for span in spans):
            return False
        return self._and.search(frame.text, max(0, next_one.start - 20), next_one.start) is not None

    def job(self, frame: Frame, cue: Hit[CreditCue]) -> str:
        """The job that the words of a cue, or those after it, name; an actor's where they name none."""
        end = min(frame.clause(cue.start).end, cue.end + 70)
        hits = self._grammar.jobs.find(frame.text, cue.start, end)
        other = self._which_other.search(frame.text, cue.end, end)
        hits = [h for h in hits if other is None or h.start < other.start()]  # "joins NAME, which Bo Larsen is directing"
        # "reprise her role as The Director": a part that is called like a job.
        is_part = hits and self._grammar.acting.find(frame.text, cue.start, hits[0].start)
        return hits[0].what if hits and not is_part else "actor"
