"""Lists of films in a text: which lines are nothing but the name over an entry, and whose, and which are entries by a number."""

from __future__ import annotations

import re
from collections.abc import Sequence

from watcher.read.films import Mark
from watcher.read.grammar import Grammar
from watcher.read.scene import Scene, is_heading
from watcher.read.text import Line

#: "3. Ann Lee": how an entry of a numbered list begins.
_ENTRY = re.compile(r"\d{1,2}[.)] ")
#: Farthest that a film's name begins behind the start of a line that it heads.
_MARK = 3
#: Longest line that may be nothing but a film's name with its day.
_LONGEST = 80


def heads(scene: Scene, line: Line, marks: Sequence[Mark], grammar: Grammar) -> str | None:
    """Whose entry a line heads that is nothing but a film's name: ours, another work's, or None for any other line."""
    mark = next((m for m in marks if m.kind == "ours"), None)
    bare = scene.text[mark.end : line.end].strip(" \"'.") if mark and mark.start - line.start < _MARK else "?"
    if not bare or (bare[0] == "(" and bare[-1] == ")"):
        return "ours"
    return "work" if not mark and is_heading(scene.text[line.start : line.end], grammar) else None


def lists_ours(scene: Scene, grammar: Grammar) -> bool:
    """Whether an item lists films under their names, and ours is one of them."""
    body = (line for line in scene.lines if not line.headline and line.end - line.start < _LONGEST)
    return any(heads(scene, line, scene.films.in_line(line), grammar) == "ours" for line in body)


def is_entry(scene: Scene, line: Line) -> bool:
    """Whether a sentence of the body is an entry of a numbered list."""
    return not line.headline and _ENTRY.match(scene.text, line.start, line.end) is not None
