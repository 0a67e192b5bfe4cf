"""A title's new name: "NAME, now titled New Name", "New Name (formerly NAME)". It counts as ours in the text that says so."""

from __future__ import annotations

import re
from collections.abc import Sequence

from watcher.read.grammar import Grammar, either, ends_with
from watcher.read.text import Span

_CAP = r"[^\W\d_a-z][\w'!-]{0,30}"
#: A name in quotation marks, or capitalised words with a colon among them.
_PLAIN = rf"{_CAP}(?::? (?:(?:of|the|and|in|a) ){{0,2}}{_CAP}){{0,6}}"
_NAME = rf"(?:\"(?P<quoted>[^\"\n]{{2,60}})\"|'(?P<single>[^'\n]{{2,60}})'|(?P<plain>{_PLAIN}))"
#: Farthest, in characters, that the new name begins before the old one, or ends behind it.
_REACH = 110


class Renames:
    """Finds new names beside old ones in texts of one language."""

    def __init__(self, grammar: Grammar) -> None:
        table = grammar.mentions
        filler = rf"(?:(?:{either(table['renamed_by'])})\s+){{0,4}}"
        self._after = re.compile(rf"[\"']?(?:\s\([^)\n]{{0,40}}\))?,?\s+{filler}(?:{either(table['renamed_to'])}),?\s+{_NAME}")
        self._before = re.compile(rf"{_NAME}[\"']?,?\s+\(?(?:{either(table['renamed_from'])})(?:\s+as)?,?\s+[\"']?$")
        self._derived = ends_with(table["derived_before"], r"\s+(?:the\s+)?[\"']?")

    def new_name(self, text: str, ours: Sequence[Span]) -> str | None:
        """The name that a flat text says our title bears now; None where it says none.

        Args:
            text: the flat text.
            ours: where our title stands.
        """
        for mention in ours:
            if self._derived.search(text, max(0, mention.start - 30), mention.start):
                continue  # "the sequel to NAME is now called New Name"
            found = self._after.match(text, mention.end, mention.end + _REACH)
            found = found or self._before.search(text, max(0, mention.start - _REACH), mention.start)
            if found:
                return (found.group("quoted") or found.group("single") or found.group("plain")).rstrip(" .,;")
        return None
