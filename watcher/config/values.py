"""One value of the configuration at a time: what may stand there, and what to write instead.

Each check takes what TOML gave and returns what `watcher` works with, or raises `Invalid` with a text for the user. No text
here repeats a URL: it may be a secret.
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
import zoneinfo
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, TypeGuard
from urllib.parse import urlsplit

from watcher.config.countries import COUNTRIES
from watcher.edtf import Edtf
from watcher.errors import DateError

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_DURATION = re.compile(r"(?:\d{1,9}[smhdw])+", re.ASCII)
_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)", re.ASCII)
#: How to say in words what TOML calls by the names of Python.
_KINDS = {bool: "true or false", int: "a number", float: "a number", str: "a text", list: "a list", dict: "a table"}

#: The Englishes that are known, as BCP 47 writes them; they differ in how they write a date.
LANGUAGES = ("en", "en-US", "en-CA", "en-GB", "en-AU", "en-IE", "en-IN", "en-NZ", "en-ZA")

Check = Callable[[Any], Any]
#: The way to a value in the file: names of keys and numbers of array elements, from the top.
Trail = tuple[str | int, ...]


class Invalid(Exception):
    """A value that cannot stand where it does; the text says why, and what to write."""


def kind_of(value: object) -> str:
    """What a value is, in words."""
    return _KINDS.get(type(value), "a date or time")


def text(value: object) -> str:
    """A text that says something and holds no control character, without blanks around it."""
    if not isinstance(value, str):
        raise Invalid(f'is {kind_of(value)}; write a text in quotes, "…"')
    if not value.strip():
        raise Invalid("is empty; write something or leave the line out")
    if any(unicodedata.category(char) in {"Cc", "Cs", "Zl", "Zp"} for char in value):
        raise Invalid("holds a control character or a line break; write it on one line")
    return value.strip()


def flag(value: object) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise Invalid(f"is {kind_of(value)}; write true or false")
    return value


def number(low: int, high: int) -> Check:
    """A check for a whole number in these bounds."""

    def check(value: object) -> int:
        if not isinstance(value, int) or isinstance(value, bool):
            raise Invalid(f"is {kind_of(value)}; write a whole number from {low} to {high}")
        if not low <= value <= high:
            raise Invalid(f"{value} is out of bounds; write a whole number from {low} to {high}")
        return value

    return check


def seconds(low: str, high: str, *, advice: str | None = None) -> Check:
    """A check for a duration such as "30m" or "1d12h" in these bounds; gives seconds. `advice` is told in the place of `low`."""

    def check(value: object) -> int:
        if not isinstance(value, str):
            raise Invalid(f'is {kind_of(value)}; write a duration in quotes, such as "30m", "12h" or "3d"')
        if not _DURATION.fullmatch(value):
            raise Invalid(f'{quoted(value)} is no duration; write a number and a unit, such as "30m", "12h" or "3d"')
        length = length_of(value)
        if length < length_of(low):
            raise Invalid(f'{quoted(value)} is too short; write at least "{advice or low}"')
        if length > length_of(high):
            raise Invalid(f'{quoted(value)} is too long; write at most "{high}"')
        return length

    return check


def length_of(duration: str) -> int:
    """The seconds of a well-formed duration."""
    return sum(int(count) * _UNITS[unit] for count, unit in re.findall(r"(\d+)([smhdw])", duration))


def span(low: str, high: str) -> Check:
    """The same as a timedelta."""
    check = seconds(low, high)
    return lambda value: timedelta(seconds=check(value))


def member(kind: type[StrEnum]) -> Check:
    """A check for one of the words of an enumeration."""
    return choice([str(word) for word in kind])


def nearest(word: str, known: Iterable[str]) -> list[str]:
    """The known word that is spelled most alike, alone in a list; an empty one where none is like it."""
    from difflib import get_close_matches  # noqa: PLC0415 - only for what is wrong

    return get_close_matches(word, list(known), n=1)


def choice(words: Iterable[str]) -> Check:
    """A check for one of these words."""
    known = list(words)

    def check(value: object) -> str:
        word = text(value)
        if word not in known:
            near = nearest(word.casefold(), known)
            hint = f'did you mean "{near[0]}"' if near else "write one of " + ", ".join(f'"{one}"' for one in known)
            raise Invalid(f"{quoted(word)} is not known; {hint}")
        return word

    return check


def country(value: object) -> str:
    """A code of ISO 3166-1 alpha-2."""
    return _code(value, COUNTRIES)


def region(value: object) -> str:
    """A code of ISO 3166-1 alpha-2, or 001 for the world (UN M49)."""
    return _code(value, COUNTRIES | {"001"})


def _code(value: object, known: frozenset[str]) -> str:
    code = text(value)
    if code in known:
        return code
    better = {"UK": "GB", "EN": "GB", "USA": "US", "WORLD": "001"}.get(code.upper(), code.upper())
    hint = f'write "{better}"' if better in known else 'write two capital letters, such as "US", "GB" or "DE" (ISO 3166-1)'
    raise Invalid(f"{quoted(code)} is no country code; {hint}")


def timezone(value: object) -> str:
    """The name of a zone of the IANA database, such as Europe/London."""
    name = text(value)
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):  # ValueError: a path; OSError: a folder such as "Europe"
        near = nearest(name, sorted(zoneinfo.available_timezones()))
        hint = f'did you mean "{near[0]}"' if near else 'write a name such as "Europe/London"'
        raise Invalid(f"{quoted(name)} is no timezone; {hint}") from None
    return name


def language(value: object) -> str:
    """An English that is known, by its tag; capitals do not matter in one (RFC 5646, section 2.1.1)."""
    tag = text(value)
    known = {name.casefold(): name for name in LANGUAGES}
    found = known.get(tag.casefold())
    if found is None:
        better = known.get(tag.replace("_", "-").partition(".")[0].casefold())
        hint = f'write "{better}"' if better else 'write "en" for June 6, 2025, or "en-GB" for 6 June 2025'
        raise Invalid(f"{quoted(tag)} is no English that watcher writes; {hint}")
    return found


def edtf(value: object) -> str:
    """A date as precise as it is known, in EDTF; a date of TOML without quotes will do."""
    try:
        return str(Edtf.of(value) if _is_day(value) else Edtf(text(value)))
    except DateError as error:
        raise Invalid(str(error)) from None


def day(value: object) -> date:
    """A single day, with or without quotes."""
    if _is_day(value):
        return value
    try:
        return date.fromisoformat(text(value))
    except ValueError:
        raise Invalid(f'{quoted(value)} is no day; write it as "2025-03-01"') from None


def _is_day(value: object) -> TypeGuard[date]:
    return isinstance(value, date) and not isinstance(value, datetime)


def web_address(value: object) -> str:
    """An address of the web. Its errors do not repeat it: it may hold a password."""
    address = text(value)
    try:
        parts = urlsplit(address)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:  # a bracket that never closes, a port that is no number
        usable = False
    if not usable or " " in address or len(address) > 2000:
        raise Invalid('is no web address; write "https://…"')
    return address


def proxy(value: object) -> str:
    """An address of an HTTP proxy. Its error does not repeat it: it may hold a password."""
    try:
        return web_address(value)
    except Invalid:
        raise Invalid('is no address of an HTTP proxy; write "http://host:port"') from None


def network(value: object) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    """An address or a range of addresses in CIDR notation."""
    try:
        return ipaddress.ip_network(text(value))
    except ValueError:
        pass
    try:
        hint = f'write "{ipaddress.ip_network(text(value), strict=False)}"'
    except ValueError:
        hint = 'write a range such as "192.168.1.0/24"'
    raise Invalid(f"{quoted(value)} is no range of addresses; {hint}")


def clock(value: object) -> int:
    """A time of day; gives minutes after midnight."""
    found = _CLOCK.fullmatch(value) if isinstance(value, str) else None
    if not found:
        raise Invalid(f'{quoted(value)} is no time of day; write it as "09:00"')
    return int(found[1]) * 60 + int(found[2])


def quiet_hours(value: object) -> tuple[int, int]:
    """From one time of day to another; gives both in minutes after midnight."""
    start, dash, end = value.partition("-") if isinstance(value, str) else ("", "", "")
    if not dash or not _CLOCK.fullmatch(start.strip()) or not _CLOCK.fullmatch(end.strip()):
        raise Invalid(f'{quoted(value)} are no hours; write them as "22:00-08:00"')
    if clock(start.strip()) == clock(end.strip()):
        raise Invalid(f'{quoted(value)} begin and end at once; write them as "22:00-08:00"')
    return clock(start.strip()), clock(end.strip())


def quoted(value: object) -> str:
    """A value in a message: in double quotes, cut short, with nothing in it that a terminal would obey."""
    if not isinstance(value, str):
        return kind_of(value)
    return f'"{printable(value if len(value) <= 60 else value[:59] + "…")}"'


def printable(value: str) -> str:
    """A text of the file with nothing in it that a terminal would obey."""
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in value)
