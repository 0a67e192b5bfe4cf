"""What the user configures: titles, outlets, feeds and targets."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from watcher.edtf import Edtf
from watcher.model.words import Confidence, ReleaseType, Status, Trust


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A value that the user (or the built-in catalogue) says was known from `on` onwards.

    Exactly one of `release` and `person` is given. Without an outlet the word is the user's own.
    """

    on: date
    release: Edtf | None = None
    type: ReleaseType = ReleaseType.THEATRICAL
    region: str | None = None
    person: str | None = None
    job: str = "actor"
    role: str | None = None
    status: Status = Status.JOINS
    outlet: str | None = None
    url: str | None = None
    pin: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Title:
    """What is watched. `origin` is an ISO 3166-1 alpha-2 code: the country that owns dates told without a region."""

    id: str
    name: str
    aliases: tuple[str, ...] = ()
    context: tuple[str, ...] = ()
    exclusions: tuple[str, ...] = ()
    origin: str = "US"
    known: tuple[Known, ...] = ()
    builtin: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlet:
    """Who publishes. Outlets of one `owner` speak with one voice; `country` is ISO 3166-1 alpha-2, None where it has none."""

    name: str
    owner: str
    country: str | None = None
    trust: Trust = Trust.PRESS
    aliases: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A URL to poll and the outlet that speaks there. `every` is in seconds; None is the configured default."""

    url: str
    outlet: str
    every: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where alerts go. `url` is an Apprise URL and a secret; None is the terminal. `on` are the kinds it wants.

    `quiet_hours` are (start, end) and `digest` is one, in minutes after local midnight. `milestones` are days before a release.
    `priority` gives a kind of alert one of Apprise's types (info, success, warning, failure) in place of the one that fits it.
    """

    name: str
    url: str | None = field(default=None, repr=False)
    on: tuple[str, ...] = ("release", "casting", "countdown")
    titles: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    min_confidence: Confidence = Confidence.REPORTED
    quiet_hours: tuple[int, int] | None = None
    digest: int | None = None
    milestones: tuple[int, ...] = (30, 7, 1, 0)
    hold_unknown: bool = False
    priority: tuple[tuple[str, str], ...] = ()
