"""Verbs behind the date that they govern, where a language puts them at the end of the clause."""

from __future__ import annotations

from collections.abc import Sequence

from watcher.model import Action
from watcher.read.dated import Frame
from watcher.read.dates import When
from watcher.read.grammar import ReleaseCue
from watcher.read.phrases import Hit
from watcher.read.text import Span

#: Farthest, in characters, that the next carrier may stand behind the comma of their list.
_LISTED = 2


def verb_behind(frame: Frame, when: When, before: Hit[ReleaseCue] | None, kinds: Sequence[Span]) -> Hit[ReleaseCue] | None:
    """The cue of a date: "wird am 6. Juni gedreht", "der Kinostart wurde auf den 6. Juni verschoben".

    A verb behind the date within its commas governs it where none stands before it there, or where the one before only names
    a release.

    Args:
        frame: the sentence of the date.
        when: the date.
        before: the cue before it that would govern it.
        kinds: the words of the sentence for types of release.

    Returns:
        The cue that governs it; None where there is none.
    """
    text, clause = frame.text, frame.shot.clause(when.start)
    start = max(clause.start, *(text.rfind(c, clause.start, when.start) for c in ",:"))
    ends = [e for e in (_comma(frame, kinds, when.end + 1, clause.end), text.find(":", when.end + 1, clause.end)) if e >= 0]
    end = min([clause.end, *ends, *(d.start for d in frame.dates if d.start > when.start)])
    after = next((c for c in frame.cues if when.end <= c.start and c.end <= end and not c.what.near and not c.what.subject), None)
    if after is None or after.what.kind == "old" or (before and before.start >= start and not _yields(before, after)):
        return before
    return after


def _comma(frame: Frame, kinds: Sequence[Span], start: int, end: int) -> int:
    """The first comma of a stretch that is none of a list of carriers ("auf DVD, Blu-ray und UHD im Handel"); -1 for none."""
    at = frame.text.find(",", start, end)
    while at >= 0 and any(0 < kind.start - at <= _LISTED for kind in kinds):
        at = frame.text.find(",", at + 1, end)
    return at


def _yields(before: Hit[ReleaseCue], after: Hit[ReleaseCue]) -> bool:
    """Whether a cue before a date only names a release, and the verb behind it says more."""
    if before.what.kind != "release" or before.what.action is not Action.STATES:
        return False
    return after.what.kind == "other" or after.what.action is not Action.STATES
