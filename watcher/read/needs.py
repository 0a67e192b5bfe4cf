"""What the forms of dates need: words and figures without which an expression, which costs far more, finds nothing."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping
from typing import Any

from watcher.read.index import has_any, index_of
from watcher.read.patterns import alternatives
from watcher.read.text import longest_words

#: Signs that stand among the words of a stretch for what it has of figures: any, those of a year, and some with a mark between.
_ANY, _OF_YEAR, _PARTED = (frozenset((sign,)) for sign in ("0", "2000", "0.0"))
_DIGIT, _YEAR = re.compile(r"\d"), re.compile(r"[12][90]\d\d")
#: What every stretch has.
_NOTHING = frozenset(("",))


class Needs:
    """The needs of the forms of one language."""

    def __init__(self, table: Mapping[str, Any]) -> None:
        months, weekdays, short = (
            longest_words(itertools.chain.from_iterable(table[key])) for key in ("months", "weekdays", "short_weekdays")
        )
        self._first, self._second = _first(table, months, weekdays | short), _second(table, months, weekdays)
        self._leads = frozenset().union(*self._first.values())
        self._words = self._leads.union(*self._second.values())
        marks = [*table["separators"], *table["short_separators"], "-", "/"]
        self._parted = re.compile(rf"\d(?:{alternatives(marks)})\d")

    def of(self, form: str) -> tuple[frozenset[str], frozenset[str]]:
        """Two sets of signs: where a stretch has none of one of them, the form stands nowhere in it."""
        return self._first.get(form, _ANY), self._second.get(form, _NOTHING)

    def met(self, text: str, start: int, end: int) -> frozenset[str]:
        """What a stretch of flat text has."""
        digit = _DIGIT.search(text, start, end)
        if not digit and not has_any(self._leads, text, start, end):
            return _NOTHING
        said = _NOTHING.union(index_of(text).said(self._words, start, end))
        if not digit:
            return said
        year = _OF_YEAR if _YEAR.search(text, start, end) else _NOTHING
        return said.union(_ANY, year, _PARTED if self._parted.search(text, start, end) else _NOTHING)


def _first(t: Mapping[str, Any], months: frozenset[str], weekdays: frozenset[str]) -> dict[str, frozenset[str]]:
    """Words or signs of which a form needs one; the forms that are not here need a digit."""
    seasons, units, week = longest_words(t["seasons"]), longest_words(t["units"]), longest_words(t.get("week", ()))
    return {
        **dict.fromkeys(("iso", "dotted", "slashed", "us_slash", "day_slash"), _PARTED),
        "year": _OF_YEAR,
        **dict.fromkeys(("month_day", "day_month", "month_year", "rel_month", "month"), months),
        **dict.fromkeys(("months_year", "month_part", "month_that"), months),
        **dict.fromkeys(("seasons_year", "season_year", "rel_season", "season", "two_seasons"), seasons),
        **dict.fromkeys(("rel_weekday", "weekday"), weekdays),
        **dict.fromkeys(("week_day", "day_of_week"), week),
        **dict.fromkeys(("from_now", "later", "from_day", "earlier"), units),
        **dict.fromkeys(("holiday", "rel_holiday"), longest_words(t["holidays"])),
        "half_year": longest_words(t.get("half", ())),
        "quarter_rel": longest_words(t["quarter"]),
        "month_end": longest_words(t.get("end_of_month", ())),
        "same_day": longest_words(t.get("same_day", ())),
        "day_after": longest_words(t.get("following_day", ())),
        "part_year": longest_words(t["parts"]),
        "rel_year": longest_words(t["year"]),
        **dict.fromkeys(("rel_unit", "within_unit"), longest_words(t["month"])),
        "word": longest_words([*t["today"], *t["tomorrow"], *t["yesterday"]]),
    }


def _second(t: Mapping[str, Any], months: frozenset[str], weekdays: frozenset[str]) -> dict[str, frozenset[str]]:
    """Words or signs of which some forms need one more."""
    ways = ("this", "next", "last", "following")
    relative = longest_words(phrase for way in ways for phrase in (*t[way], *t[f"{way}_after"]))
    return {
        **dict.fromkeys(("month_day", "day_month"), _ANY),
        **dict.fromkeys(("rel_month", "rel_season", "rel_holiday", "rel_unit", "within_unit"), relative),
        "days_month": months,
        "month_part": longest_words(t.get("part_of_month", ())),
        **dict.fromkeys(("month_that", "day_that"), longest_words(t.get("that_year", ()))),
        "month": longest_words(t["month_after"]),
        "season": longest_words(t["season_after"]),
        "weekday_day": weekdays,
        "quarter_year": longest_words(["q", *t["quarter"]]),
        "day_only": longest_words(t["on"]),
        "day_word": longest_words(t.get("day_word", ())),
        "from_now": longest_words([*t["from_now"], *t["ahead"]]),
        "later": longest_words(t["later"]),
        "earlier": longest_words(t.get("earlier", ())),
        "from_day": longest_words(t.get("counted_from", ())),
        "same_day": longest_words(phrase.split()[-1] for phrase in t.get("same_day", ())),
    }
