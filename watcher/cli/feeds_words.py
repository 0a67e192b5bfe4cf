"""How often, how long and how large, in the words of `watcher feeds`."""

from __future__ import annotations

from datetime import timedelta

from watcher.board.words import count_in_words

_UNITS = (("day", 86_400), ("hour", 3600), ("minute", 60), ("second", 1))
#: Below so many of a unit the next smaller one says more: "36 hours", not "2 days".
_FEW = 2
#: So near to one of a unit is one: an interval of an hour has some seconds to spare.
_NEAR = 0.05


def duration_in_words(length: timedelta) -> str:
    """A length of time, rounded: "45 seconds", "30 minutes", "36 hours", "12 days"."""
    seconds = max(length.total_seconds(), 0.0)
    noun, size = next((noun, size) for noun, size in _UNITS if seconds >= _FEW * size or _is_about(seconds, size) or size == 1)
    return count_in_words(round(seconds / size), noun) if seconds >= 1 else "a moment"


def _is_about(seconds: float, size: int) -> bool:
    return abs(seconds / size - 1) < _NEAR


def rhythm_in_words(rhythm: timedelta | None) -> str:
    """How many items come: "12 a day", "3 a week", "1 a month"; empty where nobody knows."""
    if rhythm is None:
        return ""
    seconds = max(rhythm.total_seconds(), 1.0)
    for noun, size in (("day", 86_400.0), ("week", 604_800.0), ("month", 2_629_800.0)):
        if size / seconds >= 1:
            return f"{round(size / seconds)} a {noun}"
    return f"1 in {duration_in_words(rhythm)}"


def size_in_words(size: int) -> str:
    """How large: "48 KB", "1.2 MB", "3.4 GB"."""
    if size < 1000:
        return f"{size} bytes"
    if size < 1_000_000:
        return f"{size / 1000:.0f} KB"
    return f"{size / 1e6:.1f} MB" if size < 1e9 else f"{size / 1e9:.1f} GB"
