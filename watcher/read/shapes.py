"""Which runs of capitals have the form of a thing and of nobody's name."""

from __future__ import annotations

import re

from watcher.read.text import Span

#: "DVD", "HD": two or more capitals at the end of a name that is not written in capitals alone; not "Ann Lee III".
_LETTERS = re.compile(r"(?<![\w'-])(?!I+$|IV$)[A-Z]{2,}$")


def is_thing(text: str, run: Span) -> bool:
    """Whether a run of capitals is no name: it begins within a word ("4K Ultra"), or ends in bare capitals ("Ultra HD")."""
    name = text[run.start : run.end]
    if run.start and text[run.start - 1].isdigit():
        return True
    return not name.isupper() and " " in name and _LETTERS.search(name) is not None
