"""Dates that no verb of release governs, and that are release dates all the same.

Since when a film has been at home ("on VOD since March 31"), on which day people came to its premiere ("was cheered on Monday at
the premiere of NAME"), and the next place of a row of premieres ("in Rome, followed by Paris on Feb. 2").
"""

from __future__ import annotations

import re
from datetime import timedelta

from watcher.model import ReleaseType
from watcher.read.dated import Bound, Frame
from watcher.read.dates import When
from watcher.read.grammar import BLANK, Grammar, ReleaseCue, either, ends_with
from watcher.read.meaning import Around, resolve
from watcher.read.phrases import Hit
from watcher.read.places import is_place
from watcher.read.text import CAPITAL, Span

SINCE = "release.since"
ATTENDED = "release.attended"
SEEN_AHEAD = "release.attendance"
#: The rules of dates that are past.
PAST = frozenset((SINCE, ATTENDED))
#: Those of premieres.
PREMIERES = frozenset((ATTENDED, SEEN_AHEAD))

#: Longer ago than this, in days, nobody tells who came to a premiere as news.
_LATELY = 10
#: Most words between "premiere" and the film's name.
_NEAR = 3
#: Farthest, in characters, that a premiere may stand behind a bare weekday.
_SOON = 40
OURS = "ours"
_AT_HOME = frozenset((ReleaseType.DIGITAL, ReleaseType.STREAMING, ReleaseType.PHYSICAL))


class Points:
    """Finds such dates in sentences of one language."""

    def __init__(self, grammar: Grammar) -> None:
        self._grammar = grammar
        self._since = ends_with(grammar.dates["since"], BLANK + grammar.the)
        self._to_come = re.compile(rf"(?<!\w)(?:{either(grammar.release['to_come'])})(?!\w)", re.IGNORECASE)
        self._apart = re.compile(rf"(?<!\w)(?:{either(grammar.dates['reference'])})(?!\w)", re.IGNORECASE)
        events = rf"(?:{either(grammar.release['events'])})(?!\w)"
        self._event = re.compile(rf"(?<!\w){events}", re.IGNORECASE)
        count = rf"(?:\d{{1,3}}|{either(grammar.dates['numbers'])})\s+(?:{either(grammar.dates['units'])})"
        since, ago = either(grammar.dates["ago_before"]), either(grammar.dates["ago"])
        self._ago = re.compile(
            rf"(?<!\w)(?:(?:{since})\s+{count}|{count}\s+(?:{ago})),?{BLANK}(?:[a-z]{{1,2}}\s+)?$", re.IGNORECASE
        )
        self._eve = re.compile(
            rf"(?:\s(?:{either(grammar.release['evenings'])}))?'s\s(?:[\w.-]+\s){{0,3}}{events}", re.IGNORECASE
        )
        self._soon = re.compile(rf"[^.;:!?\n]{{1,{_SOON}}}?(?<!\w){events}", re.IGNORECASE)
        self._of = ends_with(grammar.release["made_of"])
        joined = either([*grammar.dates["joined"], *grammar.credit["list_words"]])
        place = rf"(?P<place>{CAPITAL}[\w.-]*(?: {CAPITAL}[\w.-]*)?)"
        lead = rf"(?:{either([*grammar.dates['on'], *grammar.dates['to'], *grammar.release['at']])})"
        self._next = re.compile(
            rf"(?:,|(?<!\w)(?:{joined}))\s(?:{lead}\s)?(?i:{grammar.the}){place}(?:,?\s{lead})?\s(?i:{grammar.the})$"
        )

    def since(self, frame: Frame, when: When) -> Bound | None:
        """Since when our film has been at home: a word of such a release stands in a clause that speaks of a film."""
        clause = frame.shot.clause(when.start)
        if not self._since.search(frame.text, max(clause.start, when.start - 16), when.start) or when.is_bare_year:
            return None
        home = any(hit.what in _AT_HOME for hit in self._grammar.release_types.find(frame.text, clause.start, clause.end))
        film = any(clause.holds(mark) for mark in frame.shot.marks)
        return Bound(when=when, role="new", rule=SINCE) if home and film else None

    def premiere(self, frame: Frame, when: When, cue: Hit[ReleaseCue] | None) -> Bound | None:
        """A date on which people came to a premiere; one of another film's is none of ours."""
        if (cue is None or cue.what.past or cue.what.needs) and self._premiere(frame, when, frame.shot.line.end) == "work":
            return Bound(when=when, role="of the premiere of another film")
        return self._attended(frame, when, cue) if cue is None or cue.what.needs else None

    def _attended(self, frame: Frame, when: When, cue: Hit[ReleaseCue] | None) -> Bound | None:
        """The day of our film's premiere, told by who came: "arrived on Monday at the premiere of NAME"."""
        if not (when.day or when.weekday is not None or when.relative == "yesterday") or when.is_day_alone:
            return None
        start, end = frame.shot.clause(when.start).start, frame.shot.line.end
        if not (self._premiere(frame, when, end) == OURS or (cue is not None and self._is_headed(frame))):
            return None
        to_come = bool(self._to_come.search(frame.text, start, end))
        date = resolve(when, frame.scene.anchor, Around(past=not to_come))
        day = frame.scene.anchor.earliest
        if date is None or day is None or not date.is_day:
            return None
        late = not to_come and not day - timedelta(days=_LATELY) <= date.earliest <= day
        return None if late else Bound(when=when, role="new", cue=cue, ours=True, rule=SEEN_AHEAD if to_come else ATTENDED)

    def _premiere(self, frame: Frame, when: When, end: int) -> str | None:
        """Whose premiere stands behind a date ("the premiere of NAME", "NAME's premiere"), where nothing tells the two apart."""
        for match in self._event.finditer(frame.text, when.end, end):
            event = Span(start=match.start(), end=match.end())
            if not self._apart.search(frame.text, when.end, event.start):
                films = (m for m in frame.shot.marks if m.kind != "it" and m.start >= when.end)
                return next((mark.kind for mark in films if self._is_premiere_of(frame, event, mark)), None)
        return None

    def _is_premiere_of(self, frame: Frame, event: Span, mark: Span) -> bool:
        if mark.end <= event.start:
            return len(frame.text[mark.end : event.start].strip(" \"'-").split()) < _NEAR
        gap = frame.text[event.end : mark.start].rstrip("\"' ")
        return len(gap.split()) <= _NEAR and bool(self._of.search(f" {gap.strip()} "))

    def _is_headed(self, frame: Frame) -> bool:
        """Whether the headline tells of our film's premiere."""
        heads = [line for line in frame.scene.lines if line.headline]
        return frame.scene.ours_alone and any(self._event.search(frame.text, line.start, line.end) for line in heads)

    def is_eve(self, text: str, when: When) -> bool:
        """Whether a bare weekday is that of a premiere: "Monday night's London premiere", "came Monday to the premiere"."""
        if not when.is_near:
            return False
        return bool(self._eve.match(text, when.end) or self._soon.match(text, when.end))

    def ago(self, frame: Frame, when: When) -> Bound | None:
        """A time that only rounds off how long ago something was: "two years ago this month"."""
        this = when.year is None and (when.relative or "").split(" ")[0] in ("this", "today")
        long_past = this and self._ago.search(frame.text, max(0, when.start - 40), when.start)
        return Bound(when=when, role="of a time long past") if long_past else None

    def follows(self, frame: Frame, start: int, end: int) -> bool:
        """Whether a date is that of the next place in a row: "in Rome, followed by Paris on"."""
        match = self._next.search(frame.text, start, end)
        return match is not None and (is_place(match.group("place")) or match.group("place") in self._grammar.region_codes)
