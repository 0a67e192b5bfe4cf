"""A verdict: what one check found, how that is, and the one thing to do where it is not well."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class How(StrEnum):
    """How a matter is, the worst first; `unseen` where it could not be looked at."""

    BROKEN = "broken"
    LOOK = "look"
    WELL = "well"
    UNSEEN = "unseen"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a check found. `section` and `check` name it, `do` is a command or a sentence that says what to do."""

    section: str
    check: str
    how: How
    words: str
    do: str | None = None


@dataclass(frozen=True, slots=True)
class Matter:
    """One thing that is looked at, and the verdicts on it."""

    section: str
    check: str

    def well(self, words: str) -> Verdict:
        """As it should be."""
        return Verdict(section=self.section, check=self.check, how=How.WELL, words=words)

    def look(self, words: str, do: str) -> Verdict:
        """It works, and somebody should look at it."""
        return Verdict(section=self.section, check=self.check, how=How.LOOK, words=words, do=do)

    def broken(self, words: str, do: str) -> Verdict:
        """It does not work."""
        return Verdict(section=self.section, check=self.check, how=How.BROKEN, words=words, do=do)

    def unseen(self, words: str, do: str | None = None) -> Verdict:
        """It could not be looked at."""
        return Verdict(section=self.section, check=self.check, how=How.UNSEEN, words=words, do=do)
