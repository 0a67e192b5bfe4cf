"""The value that `watcher fix` sets, from the words of the command line: every part checked before anything is opened."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from difflib import get_close_matches
from typing import Any

from watcher.clean import plain
from watcher.cli.writing import checked
from watcher.config import Config, values
from watcher.decide.keys import person_slug, same_person
from watcher.edtf import Edtf
from watcher.errors import DateError, UsageError
from watcher.model import CreditKey, Fact, Known, ReleaseType, Status

#: What the word is about, where it is no person.
RELEASE = "release"

_NAMELESS = "unnamed"
_LONGEST = 200
_OF_RELEASE, _OF_PERSON = ("type", "region"), ("job", "role")


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """The options as they were typed; None where one was left out."""

    type: str | None = None
    region: str | None = None
    job: str | None = None
    role: str | None = None
    on: str | None = None
    outlet: str | None = None
    url: str | None = None
    pin: bool = False


def known_of(config: Config, what: str, value: str, given: Given, today: date) -> Known:
    """The word as a known value; `today` is the user's own day.

    Raises:
        UsageError: a part of it cannot be; the text says what to write instead.
    """
    is_release = what.strip().casefold() == RELEASE
    _refuse_strangers(given, is_release=is_release)
    known = Known(
        on=_day(given.on, today),
        outlet=None if given.outlet is None else config.outlets.outlet(_text("--outlet", given.outlet)).name,
        url=None if given.url is None else checked("--url", values.web_address, given.url),
        pin=given.pin,
    )
    return _release(known, value, given) if is_release else _credit(known, what, value, given)


def with_job(known: Known, facts: Sequence[Fact]) -> Known:
    """The same word about the job that the person is known for, where there is just one."""
    slug = person_slug(known.person or "")
    jobs = {fact.key.job for fact in facts if isinstance(fact.key, CreditKey) and same_person(fact.key.person, slug)}
    return replace(known, job=jobs.pop()) if len(jobs) == 1 else known


def _refuse_strangers(given: Given, *, is_release: bool) -> None:
    """Refuse options that belong to the other kind of word."""
    for name in _OF_PERSON if is_release else _OF_RELEASE:
        if getattr(given, name) is not None:
            where = "PERSON STATUS" if is_release else "release DATE"
            of = "a person" if is_release else "a release"
            raise UsageError(f"--{name} is of {of}; write: watcher fix TITLE {where} --{name} …")


def _release(known: Known, value: str, given: Given) -> Known:
    try:
        day = Edtf(value.strip().casefold())
    except DateError as error:
        raise UsageError(plain(str(error))) from None
    kind = ReleaseType.THEATRICAL if given.type is None else checked("--type", values.member(ReleaseType), given.type)
    region = None if given.region is None else checked("--region", values.region, given.region)
    return replace(known, release=day, type=ReleaseType(kind), region=region)


def _credit(known: Known, person: str, value: str, given: Given) -> Known:
    name = _text("PERSON", person)
    if person_slug(name) == _NAMELESS:
        raise UsageError(f"{plain(person)!r} is nobody's name; write a person's name, or: watcher fix TITLE release DATE")
    role = None if given.role is None else _text("--role", given.role)
    known = replace(known, person=name, status=_status(value), role=role)
    return known if given.job is None else replace(known, job=_text("--job", given.job).casefold())


def _status(value: str) -> Status:
    word = value.strip().casefold().replace(" ", "_").replace("-", "_")
    if word in list(Status):
        return Status(word)
    near = get_close_matches(word, list(Status), n=1)
    hint = f"did you mean {near[0]}?" if near else f"write one of {', '.join(Status)}"
    raise UsageError(f"{plain(value)!r} is no status of a person; {hint}")


def _text(what: str, value: str) -> str:
    """A name that can stand in a key: one line, not endless, and no slash."""
    check: Callable[[Any], Any] = values.text
    found = str(checked(what, check, value))
    if len(found) > _LONGEST or "/" in found:
        raise UsageError(f"{what}: write a name without a slash, of at most {_LONGEST} characters")
    return found


def _day(given: str | None, today: date) -> date:
    if given is None:
        return today
    day: date = checked("--on", values.day, given)
    if day > today:
        raise UsageError(f"--on {day.isoformat()} lies ahead; write the day on which it became known")
    return day
