"""Many phrases as one regular expression that leaves a place where none of them stands after a few steps."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import groupby, takewhile


def alternatives(phrases: Iterable[str]) -> str:
    """The phrases as alternatives, the longest first; what nothing matches where there are none.

    What begins alike is written once: "jan|january|june" is "j(?:an(?:uary|)|une)". Of phrases that match in one place each
    begins the next longer one, so the order is that of a plain list from long to short.
    """
    return _branches(sorted({*phrases})) or "(?!)"


def _branches(phrases: Sequence[str]) -> str:
    """Sorted phrases as alternatives, a branch for each first character; the empty phrase last."""
    found = [_branch(list(group)) for start, group in groupby(phrases, key=lambda phrase: phrase[:1]) if start]
    return "|".join([*found, *([""] if found and not phrases[0] else [])])


def _branch(group: Sequence[str]) -> str:
    """Sorted phrases that begin with the same character."""
    alike = takewhile(lambda pair: pair[0] == pair[1], zip(group[0], group[-1], strict=False))
    shared = "".join(first for first, _ in alike)
    rests = _branches([phrase[len(shared) :] for phrase in group]) if len(group) > 1 else ""
    return re.escape(shared) + (f"(?:{rests})" if rests else "")
