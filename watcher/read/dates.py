"""Dates in running text: what is written, and which day, month or year it means.

Two steps: `find` sees the expressions in a sentence, `resolve` says what one means, given the day the item was published
and the date named before it. Nothing is read from a clock, and nothing invents a day: what cannot be known stays wide, or
is None.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any

from watcher.edtf import Edtf
from watcher.errors import DateError
from watcher.model import Precision
from watcher.read.text import Span

#: A day without a year may lie so many days before the publication and still be meant: news of an opening comes late.
GRACE = 21


@dataclass(frozen=True, slots=True, kw_only=True)
class When(Span):
    """A date expression, not yet resolved.

    `part` is a season (21 to 24) or quarter (33 to 36) of EDTF; `relative` says what the year or day counts from; `holiday` is
    a rule of the lexicon; `steps` counts units of `unit` days for "two years from today". `lead` is False where the words are a
    date only in the right place (a bare year or weekday).
    """

    year: int | None = None
    month: int | None = None
    day: int | None = None
    part: int | None = None
    weekday: int | None = None
    relative: str | None = None
    holiday: Mapping[str, Any] | None = None
    steps: int = 0
    unit: int = 0
    lead: bool = True

    @property
    def is_bare_year(self) -> bool:
        """Whether it is only a number of four digits."""
        return self.year is not None and not (self.month or self.part or self.holiday or self.relative)

    @property
    def is_near(self) -> bool:
        """Whether it is a day told by the week ("on Friday", "yesterday"), as the day of news is told."""
        return self.month is None and (self.weekday is not None or self.relative in ("today", "tomorrow", "yesterday"))

    @property
    def is_lately(self) -> bool:
        """Whether it is a time that news looks back on ("last month", "this week")."""
        bare = not (self.month or self.day or self.part or self.holiday or self.weekday is not None)
        return bare and self.relative in ("last", "last month", "last week", "this week")


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """The day an item was published, as far as it is known; relative dates count from here."""

    day: date | None
    precision: Precision = Precision.DAY

    @property
    def knows_day(self) -> bool:
        """Whether "tomorrow" has a meaning."""
        return self.day is not None and self.precision in (Precision.TIME, Precision.DAY)

    @property
    def knows_month(self) -> bool:
        """Whether "June 6" without a year has a meaning."""
        return self.day is not None and self.precision is not Precision.YEAR


#: What parts two words: blanks, or nothing behind an elision ("l'été").
_BLANK = r"(?:\s+|(?<='))"


def _either(terms: Mapping[str, Any] | list[str]) -> str:
    return "|".join(re.escape(term) for term in sorted(terms, key=len, reverse=True)) or "(?!)"


def _maybe(terms: list[str]) -> str:
    return rf"(?:(?:{_either(terms)}){_BLANK})?"


class DateFinder:
    """The date expressions of one language."""

    def __init__(self, table: Mapping[str, Any]) -> None:
        self._table = table
        self._months = {name: number for number, names in enumerate(table["months"], 1) for name in names}
        self._weekdays = {name: number for number, names in enumerate(table["weekdays"]) for name in names}
        self._short_weekdays = {name: number for number, names in enumerate(table["short_weekdays"]) for name in names}

    @cached_property
    def _patterns(self) -> list[tuple[str, re.Pattern[str]]]:
        """Patterns by the name of their builder; every repetition in them is bounded."""
        t = self._table
        month = rf"(?P<month>{_either(self._months)})\b\.?"
        weekday = rf"(?:{_either(self._weekdays)})\b\.?"
        the, of, day_of = _maybe(t["the"]), _maybe(t["of"]), _maybe(t["day_of"])
        day = rf"(?P<day>\d{{1,2}})(?:{_either(t['ordinal'])})?(?![\w%]|:\d|,\d{{3}})"
        year = r"(?P<year>(?:19|20)\d\d(?!\w)|'\d\d(?!\w))"
        lead = rf"(?:{weekday},?\s+)?{the}" if t["month_first"] else rf"(?:{weekday},?\s+{the})?"
        rel = (
            rf"{day_of}(?:(?P<this>{_either(t['this'])})|(?P<next>{_either(t['next'])})|(?P<last>{_either(t['last'])})|"
            rf"(?P<following>{_either(t['following'])}))"
        )
        behind = (
            rf"(?:(?P<this_>{_either(t['this_after'])})|(?P<next_>{_either(t['next_after'])})|"
            rf"(?P<last_>{_either(t['last_after'])})|(?P<following_>{_either(t['following_after'])}))"
        )
        plain = rf"{rel}{_BLANK}"
        years = rf"(?:{_either(t['year'])})\b"
        rel_year = rf"(?:{plain}{years}|{of}{the}{years}\s+{behind})"
        tail = rf"(?:,?\s+{of}{year}|,?\s+{rel_year})"
        season = rf"(?P<season>{_either(t['seasons'])})\b"
        quarter = rf"(?:Q(?P<q>[1-4])|(?P<quarter>{_either(t['quarters'])})\s+(?:{_either(t['quarter'])}))"
        part = rf"(?P<part>{_either(t['parts'])})(?:\s+(?:{_either(t['part_of'])}))?(?:[-\s]+|(?<='))"
        wd = rf"(?P<weekday>{_either(self._weekdays)})\b"
        any_wd = rf"(?P<weekday>{_either([*self._weekdays, *self._short_weekdays])})\b"
        unit = rf"(?P<unit>{_either(t['units'])})"
        number = rf"(?P<number>\d{{1,2}}|{_either(t['numbers'])})"
        forms = {
            "iso": r"(?P<year>(?:19|20)\d\d)-(?P<month>\d\d)-(?P<day>\d\d)(?![\w-])",
            "dotted": rf"(?P<day>\d\d?)(?P<sep>{_either(t['separators'])})(?P<month>\d\d?)(?P=sep)"
            r"(?P<year>(?:19|20)?\d\d)(?!\w)",
            "dotted_": rf"(?P<day>\d\d?)(?P<sep>{_either(t['short_separators'])})(?P<month>\d\d?)(?P=sep)(?!\d)",
            "month_day": rf"(?:{weekday},?\s+)?{the}{month}\s+{the}{day}(?:\s?[-–]\s?\d{{1,2}}(?!\d))?{tail}?",
            "day_month": rf"{lead}{day}\s+{day_of}{month}{tail}?",
            "holiday": rf"(?P<holiday>{_either(t['holidays'])})(?P<weekend>\s+(?:{_either(t['weekend'])}))?(?!\w){tail}?",
            "month_year": rf"(?:(?:{_either(t['month_parts'])})[- ]+)?{month}{tail}",
            "seasons_year": rf"['\"]?{season}\s+(?:{_either(t['or'])})\s+(?:{_either(t['seasons'])})\b['\"]?,?\s+"
            rf"(?:\w+\s+)?{of}{year}",
            "season_year": rf"{season}(?:\s+(?:{_either(t['season_nouns'])}))?,?\s+{of}{the}(?:{year}|{rel_year})",
            "quarter_year": rf"{quarter}\s+{of}{year}",
            "part_year": rf"{part}(?:{year}|(?:{rel}|{_either(t['the'])}){_BLANK}{years}|{the}{years}\s+{behind})",
            "rel_season": rf"{plain}{season}",
            "rel_season_": rf"{season}\s+{behind}",
            "rel_month": rf"{plain}{month}(?!\s+\d)",
            "rel_month_": rf"{month}\s+{behind}",
            "rel_weekday": rf"(?:{rel}|(?P<on>{_either(t['on'])})){_BLANK}{any_wd}(?!,?\s+(?:{_either(self._months)})\b)",
            "rel_weekday_": rf"{wd}\s+{behind}",
            "rel_year": rf"{rel_year}(?!'s)",
            "rel_unit": rf"{plain}(?:{_either(t['month'])})\b",
            "rel_unit_": rf"(?:{_either(t['month'])})\s+{behind}",
            "from_now": rf"{number}\s+{unit}\s+(?:{_either(t['from_now'])})\b",
            "from_now_": rf"(?:{_either(t['ahead'])})\s+{number}\s+{unit}\b",
            "later": rf"{number}\s+{unit}\s+(?:{_either(t['later'])})\b",
            "word": rf"(?:(?P<today>{_either(t['today'])})|(?P<tomorrow>{_either(t['tomorrow'])})|"
            rf"(?P<yesterday>{_either(t['yesterday'])}))\b",
            "month": rf"(?P<lead>{_either(t['month_after'])}){_BLANK}{month}(?!\s+\d)",
            "season": rf"(?P<lead>{_either(t['season_after'])}){_BLANK}{season}(?!\s+\d)",
            "year": r"(?P<year>(?:19|20)\d\d)(?!\w|'|-\d|,\d)",
            "weekday": rf"{wd}",
        }
        if not t["month_first"]:
            del forms["month_day"]
        before = r"[\w$£€.]" if t["elides"] else r"[\w'$£€.]"
        return [(name.rstrip("_"), re.compile(rf"(?<!{before})(?:{form})", re.IGNORECASE)) for name, form in forms.items()]

    def find(self, text: str, start: int, end: int) -> list[When]:
        """The date expressions in a stretch of flat text, left to right; of two that overlap the longer stays."""
        found: list[When] = []
        for name, pattern in self._patterns:
            for match in pattern.finditer(text, start, end):
                when = self._build(name, match)
                if when and not any(when.meets(other) for other in found):
                    found.append(when)
        return sorted(found, key=lambda w: w.start)

    def _build(self, form: str, match: re.Match[str]) -> When | None:
        """A `When` from a match; None where the words are no date after all."""
        groups = {key.rstrip("_"): value for key, value in match.groupdict().items() if value}
        month = self._month(groups, form)
        starts = {"month": "month", "season": "season"}.get(form) or ("weekday" if groups.get("on") else 0)
        start = match.start(starts)
        if self._table["capitals"]:
            if form in ("month", "rel_month", "month_year", "month_day", "day_month") and not match.group("month")[0].isupper():
                return None  # "may" and "march" are verbs
            if form == "weekday" and not match.group()[0].isupper():
                return None
        year = _year(groups.get("year"))
        part = self._part(groups)
        number = groups.get("number", "").lower()
        if form == "seasons_year":
            part = None
        if form == "part_year" and year is None and not any(groups.get(k) for k in ("next", "this", "last", "following")):
            groups["this"] = "this"
        holiday = self._holiday(groups)
        return When(
            start=start,
            end=match.end(),
            year=year,
            month=month,
            day=int(groups["day"]) if "day" in groups else None,
            part=part,
            weekday=(self._weekdays | self._short_weekdays).get(groups.get("weekday", "").lower()),
            relative=_relative(form, groups),
            holiday=holiday,
            steps=int(number) if number.isdigit() else self._table["numbers"].get(number, 0),
            unit=self._table["units"].get(groups.get("unit", "").lower(), 0),
            lead=form not in ("year", "weekday"),
        )

    def _month(self, groups: Mapping[str, str], form: str) -> int | None:
        name = groups.get("month")
        if name is None:
            return None
        return int(name) if form in ("iso", "dotted") else self._months[name.lower()]

    def _part(self, groups: Mapping[str, str]) -> int | None:
        if "season" in groups:
            return int(self._table["seasons"][groups["season"].lower()])
        if "q" in groups:
            return 32 + int(groups["q"])
        if "quarter" in groups:
            return int(self._table["quarters"][groups["quarter"].lower()])
        if "part" in groups:
            return int(self._table["parts"][groups["part"].lower()]) or None
        return None

    def _holiday(self, groups: Mapping[str, str]) -> Mapping[str, Any] | None:
        if "holiday" not in groups:
            return None
        rule: Mapping[str, Any] = self._table["holidays"][groups["holiday"].lower()]
        return {"month": rule["month"]} if "weekend" in groups else rule


def _year(text: str | None) -> int | None:
    if text is None:
        return None
    digits = text.lstrip("'")
    return int(digits) if len(digits) == 4 else 2000 + int(digits)


def _relative(form: str, groups: Mapping[str, str]) -> str | None:
    """What a relative expression counts from."""
    for word in ("this", "next", "last", "following", "today", "tomorrow", "yesterday"):
        if word in groups:
            suffix = {"rel_unit": "month", "rel_weekday": "weekday"}.get(form)
            return f"{word} {suffix}" if suffix else word
    if form in ("weekday", "rel_weekday"):
        return "this weekday"
    return {"from_now": "from_now", "later": "later"}.get(form)


def resolve(when: When, anchor: Anchor, previous: Edtf | None, *, past: bool = False) -> Edtf | None:
    """What a date expression means.

    Args:
        when: the expression.
        anchor: the day the item was published.
        previous: the date named before it, for "the following year" and "a year later".
        past: whether the verb tells of what was; a missing year is then the last that fits, else the next.

    Returns:
        The date, as wide as it must be, or None where it cannot be known or is on no calendar.
    """
    try:
        return _resolve(when, anchor, previous, past=past)
    except (DateError, ValueError, OverflowError):
        return None


def _resolve(when: When, anchor: Anchor, previous: Edtf | None, *, past: bool) -> Edtf | None:
    if when.relative in ("today", "tomorrow", "yesterday", "from_now") or (when.relative or "").endswith("weekday"):
        return _by_day(when, anchor, past=past)
    if when.relative == "later":
        return _later(when, previous)
    if (when.relative or "").endswith("month"):
        return _month_step(when, anchor)
    year = when.year or _relative_year(when, anchor, previous)
    if year is None and when.relative:
        return None
    return _dated(when, year or _missing_year(when, anchor, past=past))


def _relative_year(when: When, anchor: Anchor, previous: Edtf | None) -> int | None:
    if when.relative == "following":
        return previous.year + 1 if previous and not previous.is_unset else None
    if anchor.day is None or when.relative is None:
        return None
    return anchor.day.year + {"this": 0, "next": 1, "last": -1}.get(when.relative, 0)


def _dated(when: When, year: int | None) -> Edtf | None:
    """The expression in a year."""
    if year is None:
        return None
    if when.holiday:
        return _feast(when.holiday, year)
    if when.month and when.day:
        return Edtf(f"{year:04}-{when.month:02}-{when.day:02}")
    if when.month or when.part:
        return Edtf(f"{year:04}-{when.month or when.part:02}")
    return Edtf(f"{year:04}")


def _feast(rule: Mapping[str, Any], year: int) -> Edtf:
    """A holiday's day, or its month where a film "at Christmas" may open on any day near it."""
    month = rule["month"]
    if "day" in rule:
        return Edtf.of(date(year, month, rule["day"]))
    if "weekday" not in rule:
        return Edtf(f"{year:04}-{month:02}")
    days = [d for d in _days_of(year, month) if d.weekday() == rule["weekday"]]
    return Edtf.of(days[rule["nth"] - 1 if rule["nth"] > 0 else rule["nth"]])


def _days_of(year: int, month: int) -> Iterator[date]:
    day = date(year, month, 1)
    while day.month == month:
        yield day
        day += timedelta(days=1)


def _missing_year(when: When, anchor: Anchor, *, past: bool) -> int | None:
    """The year that a date without one means: the next time it comes round, or the last for what is told as past."""
    if not anchor.knows_month or anchor.day is None:
        return None
    for year in (anchor.day.year, anchor.day.year + (-1 if past else 1)):
        found = _dated(when, year)
        if found is None:
            return None
        if past and found.earliest <= anchor.day:
            return year
        if not past and found.latest >= anchor.day - timedelta(days=GRACE):
            return year
    return None


def _by_day(when: When, anchor: Anchor, *, past: bool) -> Edtf | None:
    """Expressions that mean a day counted from the publication."""
    if not anchor.knows_day or anchor.day is None:
        return None
    if when.relative == "from_now":
        return _from_now(when, anchor.day)
    if when.weekday is None:
        return Edtf.of(anchor.day + timedelta(days={"today": 0, "tomorrow": 1, "yesterday": -1}[when.relative or "today"]))
    return Edtf.of(anchor.day + timedelta(days=_to_weekday(when.weekday, anchor.day.weekday(), when.relative, past=past)))


def _from_now(when: When, today: date) -> Edtf | None:
    """So many days, weeks or years from today; a month has no length, so months from now are no day."""
    if when.unit == 365:
        return Edtf.of(today.replace(year=today.year + when.steps))
    return Edtf.of(today + timedelta(days=when.steps * when.unit)) if when.unit in (1, 7) else None


def _to_weekday(weekday: int, today: int, relative: str | None, *, past: bool) -> int:
    """Days from today to a weekday; "next Friday" is that of the week after this one, as most people mean it."""
    if relative == "next weekday":
        return 7 - today + weekday
    back = (today - weekday) % 7
    if relative == "last weekday":
        return -(back or 7)
    return -back if past else (weekday - today) % 7


def _later(when: When, previous: Edtf | None) -> Edtf | None:
    """A number of years later: only a year, for nobody says that it is the same day."""
    if previous is None or previous.is_unset or when.unit != 365:
        return None
    return Edtf(f"{previous.year + when.steps:04}")


def _month_step(when: When, anchor: Anchor) -> Edtf | None:
    if not anchor.knows_month or anchor.day is None:
        return None
    step = {"this month": 0, "next month": 1, "last month": -1}.get(when.relative or "")
    if step is None:
        return None
    months = anchor.day.year * 12 + anchor.day.month - 1 + step
    return Edtf(f"{months // 12:04}-{months % 12 + 1:02}")
