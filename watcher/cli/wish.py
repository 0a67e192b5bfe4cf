"""What somebody wants to be watched, from the options of `watcher add`: each checked as the configuration would be."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from watcher.config import values
from watcher.config.edit import Wanted
from watcher.edtf import Edtf
from watcher.errors import UsageError
from watcher.model import Known, ReleaseType


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """The options as they were written; what was not said is None or empty."""

    name: str
    aliases: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    exclusions: tuple[str, ...] = ()
    origin: str | None = None
    date: str | None = None
    kind: str | None = None
    region: str | None = None
    on: str | None = None
    outlet: str | None = None
    url: str | None = None


def wanted(said: Said, *, today: date) -> Wanted:
    """What is wanted; a date that is said without its day is known from today on.

    Raises:
        UsageError: an option says what no configuration may hold, or needs another one.
    """
    return Wanted(
        name=_checked("NAME", values.text, said.name),
        aliases=tuple(_checked("--alias", values.text, one) for one in said.aliases),
        context=tuple(_checked("--people", values.text, one) for one in said.people),
        exclusions=tuple(_checked("--not", values.text, one) for one in said.exclusions),
        origin=None if said.origin is None else _checked("--origin", values.country, said.origin),
        known=_known(said, today),
    )


def _known(said: Said, today: date) -> tuple[Known, ...]:
    if said.date is None:
        lost = {"--type": said.kind, "--region": said.region, "--on": said.on, "--outlet": said.outlet, "--url": said.url}
        if given := [option for option, value in lost.items() if value is not None]:
            raise UsageError(f"{given[0]} belongs to a release; write --date too")
        return ()
    return (
        Known(
            on=today if said.on is None else _checked("--on", values.day, said.on),
            release=Edtf(_checked("--date", values.edtf, said.date)),
            type=ReleaseType(said.kind or ReleaseType.THEATRICAL),
            region=None if said.region is None else _checked("--region", values.region, said.region),
            outlet=None if said.outlet is None else _checked("--outlet", values.text, said.outlet),
            url=None if said.url is None else _checked("--url", values.web_address, said.url),
        ),
    )


def _checked(option: str, check: Any, value: str) -> Any:  # noqa: ANN401 - each check gives what it makes
    try:
        return check(value)
    except values.Invalid as error:
        raise UsageError(f"{option}: {error}") from error
