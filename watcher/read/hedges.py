"""Doubt: words that make a report a rumour, as far as they speak of more than one name."""

from __future__ import annotations

import re

from watcher.read.grammar import Grammar
from watcher.read.phrases import Hit
from watcher.read.scene import Scene

#: A capital "May" in these places is a month and no doubt.
_MONTH_AFTER = re.compile(r"\s+\d|[.,;:!?)]|\s*$|'s")
_MONTH_BEFORE = re.compile(
    r"(?:\d(?:st|nd|rd|th)?|\b(?:in|on|by|of|since|until|till|from|to|for|this|next|last|late|early|mid))[\s-]$", re.IGNORECASE
)


def doubts(grammar: Grammar, scene: Scene, start: int, end: int) -> list[Hit[str]]:
    """The hedges of a stretch; "presumably Ann Lee" casts doubt on her alone, and May, a month or a name, on nothing."""
    text = scene.text
    found = [hit for hit in grammar.hedges.find(text, start, end) if not _is_month(text, hit)]
    runs = scene.people.runs_in(start, min(len(text), end + 40)) if found else []
    names = {run.start for run in runs}
    return [hit for hit in found if not _is_aside(text, hit, names) and not any(run.holds(hit) for run in runs)]


def _is_month(text: str, hit: Hit[str]) -> bool:
    if text[hit.start : hit.end] != "May":
        return False
    return bool(_MONTH_AFTER.match(text, hit.end) or _MONTH_BEFORE.search(text, max(0, hit.start - 8), hit.start))


def _is_aside(text: str, hit: Hit[str], names: set[int]) -> bool:
    """Whether a hedge stands right between "and" and a name."""
    before = text[max(0, hit.start - 5) : hit.start].lower()
    return before.endswith((" and ", "and, ", "or ", "& ")) and bool({hit.end + 1, hit.end + 2} & names)
