"""Several names as English lists them."""

from __future__ import annotations

from collections.abc import Sequence


def names_in_words(names: Sequence[str]) -> str:
    """Names as English lists them: "A", "A and B", "A, B and C"."""
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))


def some_in_words(names: Sequence[str], *, shown: int = 3) -> str:
    """The first few of many names: "A, B, C and 4 others"."""
    rest = len(names) - shown
    if rest < 2:
        return names_in_words(names)
    return names_in_words([*names[:shown], f"{rest} others"])
