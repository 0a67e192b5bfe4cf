"""Dates in running text: which words are one. What they mean is said in `meaning`."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from typing import Any

from watcher.model import Precision
from watcher.read.needs import Needs
from watcher.read.patterns import alternatives
from watcher.read.text import Span, lowered


@dataclass(frozen=True, slots=True, kw_only=True)
class When(Span):
    """A date expression, not yet resolved.

    `part` is a season (21 to 24) or quarter (33 to 36) of EDTF; `relative` says what the year or day counts from; `holiday` is
    a rule of the lexicon; `steps` counts units of `unit` days for "two years from today" and "a day later", below 0 for
    "earlier". `lead` is False where the words are a date only in the right place (a bare year or weekday).
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
    def is_step(self) -> bool:
        """Whether it counts from the date before it ("a day later", "the same day")."""
        return self.relative == "step"

    @property
    def is_day_alone(self) -> bool:
        """Whether it is a day of no named month ("the 14th")."""
        return self.day is not None and self.month is None

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
    def earliest(self) -> date | None:
        """The first day on which the item may have been published: of a month or a year its first."""
        if self.day is None:
            return None
        first = {Precision.MONTH: self.day.replace(day=1), Precision.YEAR: self.day.replace(month=1, day=1)}
        return first.get(self.precision, self.day)

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

#: Forms with a month by name: it has a capital, for "may" and "march" are verbs.
_NAMED_MONTHS = ("month", "rel_month", "month_year", "month_day", "day_month", "days_month", "month_part", "month_that")


_CAPITAL_BEFORE = re.compile(r"(?<![\w.])([A-Z][\w'-]*)\s$")
#: Farthest, in characters, that the day may stand behind "a week later", which then only measures.
APPOSED = 30


def _either(terms: Mapping[str, Any] | list[str]) -> str:
    return alternatives(terms)


def _maybe(terms: list[str]) -> str:
    return rf"(?:(?:{_either(terms)}){_BLANK})?"


class DateFinder:
    """The date expressions of one language."""

    def __init__(self, table: Mapping[str, Any]) -> None:
        self._table = table
        self._months = {name: number for number, names in enumerate(table["months"], 1) for name in names}
        self._weekdays = {name: number for number, names in enumerate(table["weekdays"]) for name in names}
        self._short_weekdays = {name: number for number, names in enumerate(table["short_weekdays"]) for name in names}

        words = (
            word
            for key in ("the", "of", "day_of", "on", "to", "from", "this", "next")
            for phrase in table[key]
            for word in phrase.split()
        )
        self._openers = frozenset(words)
        self._all_weekdays = self._weekdays | self._short_weekdays
        self._needs = Needs(table)
        #: What stands between a full date and the holiday or weekday that it is.
        on = rf"{_maybe(table['on'])}{_maybe(table['the'])}"
        self._apposition = re.compile(rf"(?:,| [-–(]|:)\s?{on}", re.IGNORECASE)

    @cached_property
    def _forms_of(self) -> Callable[[frozenset[str]], Sequence[tuple[str, re.Pattern[str]]]]:
        """The names and patterns of the forms that can stand in a stretch, by what it has of what they need."""

        def forms_of(met: frozenset[str]) -> Sequence[tuple[str, re.Pattern[str]]]:
            return [(name, pattern) for name, pattern in self._patterns if not any(map(met.isdisjoint, self._needs.of(name)))]

        return lru_cache(maxsize=1024)(forms_of)

    @cached_property
    def _patterns(self) -> list[tuple[str, re.Pattern[str]]]:
        """Patterns by the name of their builder, in the order in which they are tried; every repetition is bounded."""
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
            "later": rf"{number}\s+{unit}\s+(?:{_either(t['later'])})\b(?!\s+(?:{_either(t['not_later'])}))",
            "word": rf"(?:(?P<today>{_either(t['today'])})|(?P<tomorrow>{_either(t['tomorrow'])})|"
            rf"(?P<yesterday>{_either(t['yesterday'])}))\b",
            "month": rf"(?P<lead>{_either(t['month_after'])}){_BLANK}{month}(?!\s+\d)",
            "season": rf"(?P<lead>{_either(t['season_after'])}){_BLANK}{season}(?!\s+\d)",
            "year": r"(?P<year>(?:19|20)\d\d)(?!\w|'|-\d|,\d)",
            "weekday": rf"{wd}",
        }
        if not t["month_first"]:
            del forms["month_day"]
        pieces = {
            "day_of": day_of,
            "day": day,
            "month": month,
            "tail": tail,
            "rel": plain,
            "wd": wd,
            "unit": unit,
            "number": number,
        }
        forms = self._first_forms(pieces | {"quarter": quarter, "years": rf"(?:{year}|{rel_year})", "of": of, "the": the}) | forms
        before = r"[\w$£€.]" if t["elides"] else r"[\w'$£€.]"
        named = [(name.rstrip("_"), form) for name, form in forms.items()]
        return [(name, re.compile(rf"(?<!{before})(?:{form})", re.IGNORECASE)) for name, form in named]

    def _first_forms(self, p: Mapping[str, str]) -> dict[str, str]:
        """Forms that are tried before the others, whose words they share; a language without the words has no such form."""
        t = self._table

        def any_of(key: str) -> str:
            return rf"(?:{_either(t[key])})" if t.get(key) else r"(?!)"

        months, weekdays, ordinal = _either(self._months), _either(self._weekdays), any_of("ordinal")
        seasons, week, on = _either(t["seasons"]), any_of("week"), any_of("on")
        return {
            "slashed": r"(?P<year>(?:19|20)\d\d)/(?P<month>\d\d?)/(?P<day>\d\d?)(?![\w/])",
            "us_slash": r"(?P<month>\d\d?)/(?P<day>1[3-9]|2\d|3[01])/(?P<year>(?:19|20)\d\d)(?![\w/])",
            "day_slash": r"(?P<day>1[3-9]|2\d|3[01])/(?P<month>\d\d?)/(?P<year>(?:19|20)\d\d)(?![\w/])",
            "day_that": rf"{p['day']}\s+{p['day_of']}{p['month']},?\s+(?:{any_of('of')}\s+)?(?P<same>{any_of('that_year')})\b",
            "month_that": rf"{p['month']}(?:\s+(?P<day>\d{{1,2}})(?:{ordinal})?)?,?\s+(?:{any_of('of')}\s+)?"
            rf"(?P<same>{any_of('that_year')})\b",
            "days_month": rf"(?P<day>\d{{1,2}})(?:{ordinal})?\s?[-–]\s?\d{{1,2}}(?:{ordinal})?\s+{p['month']}{p['tail']}?",
            "months_year": rf"(?:{months})\b\.?\s?(?:[-–/]|{any_of('or')})\s?(?:{months})\b\.?{p['tail']}",
            "two_seasons": rf"(?:{seasons})\s?[-–/]\s?(?:{seasons}),?\s+{p['of']}{p['years']}",
            "weekday_day": rf"(?:{weekdays}),?\s+{p['the']}(?P<day>\d{{1,2}}){ordinal}"
            rf"(?!\w|\s+(?:{any_of('of')}\s+)?(?:{months})\b)",
            "rel_holiday": rf"{p['rel']}(?P<holiday>{_either(t['holidays'])})(?P<weekend>\s+{any_of('weekend')})?(?!\w)",
            "half_year": rf"{any_of('halves')}\s+{any_of('half')}\s+{any_of('of')}\s+{p['the']}{p['years']}",
            "quarter_rel": rf"{p['quarter']}\s+{any_of('of')}\s+{p['years']}",
            "month_part": rf"{any_of('part_of_month')}[-\s]+{p['month']}(?!\s+\d|,?\s+'?\d\d)",
            "within_unit": rf"{any_of('within')}\s+(?:{p['rel']}(?:{any_of('month')}))\b",
            "month_end": rf"{any_of('end_of_month')}\b",
            "week_day": rf"{p['wd']},?\s+(?:{any_of('of')}\s+)?{p['rel']}{week}\b",
            "day_of_week": rf"{p['rel']}{week},?\s+(?:{on}\s+)?{p['wd']}(?!,?\s+(?:{months})\b)",
            "from_day": rf"{p['number']}\s+{p['unit']}\s+{any_of('counted_from')}\s+"
            rf"(?:{p['wd']}|(?P<tomorrow>{any_of('tomorrow')}))",
            "same_day": rf"{any_of('same_day')}\b(?!\s+{any_of('as')}\b)",
            "day_after": rf"{any_of('following_day')}\b",
            "day_word": rf"{any_of('day_word')}\s+(?P<day>\d{{1,2}})(?:{ordinal})?(?!\w|[.,:/]\d|\s+{p['day_of']}(?:{months})\b)",
            "earlier": rf"{p['number']}\s+{p['unit']}\s+{any_of('earlier')}\b",
            "day_only": rf"{on}\s+(?P<only>{p['the']}(?P<day>\d{{1,2}}){ordinal})"
            rf"(?=\s*(?:[.,;:)!?]|$)|\s+{any_of('after_day')}\b)",
        }

    def find(self, text: str, start: int, end: int) -> list[When]:
        """The date expressions in a stretch of flat text, left to right; of two that overlap the longer stays."""
        return list(self._lately(text, start, end))

    @cached_property
    def _lately(self) -> Callable[[str, int, int], list[When]]:
        """`_search` with what it found last, for calendars look at a sentence before it is read."""
        return lru_cache(maxsize=512)(self._search)

    def _search(self, text: str, start: int, end: int) -> list[When]:
        found: list[When] = []
        for name, pattern in self._forms_of(self._needs.met(text, start, end)):
            for match in pattern.finditer(text, start, end):
                when = self._build(name, match)
                if when and not any(when.meets(other) for other in found):
                    found.append(when)
        if len(found) < 2:
            return found
        found.sort(key=lambda w: w.start)
        found = [w for w, follower in itertools.zip_longest(found, found[1:]) if not _is_apposed(w, follower)]
        full = [w for w in found if w.day and w.month]
        return [w for w in found if not ((w.holiday or w.is_near) and any(self._is_same_day(text, w, day) for day in full))]

    def _is_same_day(self, text: str, when: When, day: When) -> bool:
        """Whether a holiday or weekday only says which day a full date is: "May 29, the Memorial Day weekend"."""
        first, second = (when, day) if when.start < day.start else (day, when)
        apposed = self._apposition.fullmatch(text, first.end, max(first.end, second.start))
        return bool(apposed) and when.year in (None, day.year) and (first is when or when.holiday is not None)

    def _build(self, form: str, match: re.Match[str]) -> When | None:
        """A `When` from a match; None where the words are no date after all."""
        groups = {key.rstrip("_"): value for key, value in match.groupdict().items() if value}
        month = self._month(groups)
        starts = {"month": "month", "season": "season", "day_only": "only"}.get(form) or ("weekday" if groups.get("on") else 0)
        start = match.start(starts)
        if form.startswith("rel_"):
            start = min(
                match.start(key) for key, value in match.groupdict().items() if value and key != "on"
            )  # without "of", "on"
        if self._table["capitals"]:
            if form in _NAMED_MONTHS and not match.group("month")[0].isupper():
                return None
            if form == "weekday" and not match.group()[0].isupper():
                return None
        year = _year(groups.get("year"))
        part = self._part(groups)
        number = lowered(groups.get("number", ""))
        steps = int(number) if number.isdigit() else self._table["numbers"].get(number, 0)
        if form == "seasons_year":
            part = None
        if form == "part_year" and year is None and not any(groups.get(k) for k in ("next", "this", "last", "following")):
            groups["this"] = "this"
        holiday = self._holiday(groups)
        if holiday and (self._is_in_name(match) or (holiday.get("dated") and year is None and form == "holiday")):
            return None
        return When(
            start=start,
            end=match.end(),
            year=year,
            month=month,
            day=int(groups["day"]) if "day" in groups else None,
            part=part,
            weekday=self._all_weekdays.get(lowered(groups.get("weekday", ""))),
            relative=_relative(form, groups),
            holiday=holiday,
            steps={"earlier": -steps, "day_after": 1}.get(form, steps),
            unit=1 if form in ("same_day", "day_after") else self._table["units"].get(lowered(groups.get("unit", "")), 0),
            lead=form not in ("year", "weekday"),
        )

    def _is_in_name(self, match: re.Match[str]) -> bool:
        """Whether a holiday is the end of a name ("Operação Natal"), in languages whose headlines are no row of capitals."""
        if self._table["month_first"] or self._table["verb_last"]:
            return False
        before = _CAPITAL_BEFORE.search(match.string, max(0, match.start() - 24), match.start())
        return before is not None and before.group(1).lower() not in self._months and before.group(1).lower() not in self._openers

    def _month(self, groups: Mapping[str, str]) -> int | None:
        name = groups.get("month")
        if name is None:
            return None
        return int(name) if name.isdigit() else self._months[lowered(name)]

    def _part(self, groups: Mapping[str, str]) -> int | None:
        if "season" in groups:
            return int(self._table["seasons"][lowered(groups["season"])])
        if "q" in groups:
            return 32 + int(groups["q"])
        if "quarter" in groups:
            return int(self._table["quarters"][lowered(groups["quarter"])])
        if "part" in groups:
            return int(self._table["parts"][lowered(groups["part"])]) or None
        return None

    def _holiday(self, groups: Mapping[str, str]) -> Mapping[str, Any] | None:
        if "holiday" not in groups:
            return None
        rule: Mapping[str, Any] = self._table["holidays"][lowered(groups["holiday"])]
        return {"month": rule["month"]} if "weekend" in groups and "month" in rule else rule


def _is_apposed(when: When, follower: When | None) -> bool:
    """Whether "a week later" only says how far the day right behind it lies: "a week later than planned, on June 13"."""
    near = follower is not None and follower.day is not None and follower.start - when.end < APPOSED
    return when.is_step and near


def _year(text: str | None) -> int | None:
    if text is None:
        return None
    digits = text.lstrip("'")
    return int(digits) if len(digits) == 4 else 2000 + int(digits)


def _relative(form: str, groups: Mapping[str, str]) -> str | None:
    """What a relative expression counts from: "step" from the date before it, else from the publication."""
    if form in ("later", "earlier", "same_day", "day_after"):
        return "step"
    suffix = "weekday" if "weekday" in groups else "month" if form in ("rel_unit", "within_unit", "month_end") else ""
    for word in ("same", "this", "next", "last", "following", "today", "tomorrow", "yesterday"):
        if word in groups:
            return f"{word} {suffix}".rstrip()
    if suffix:
        return f"this {suffix}"
    return "from_now" if form == "from_now" else None
