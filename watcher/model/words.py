"""The words of the project: what each may be said of, as enumerations whose values are what is stored and printed."""

from __future__ import annotations

from enum import StrEnum

#: Unicode's code for a country that is not known (UTS #35, "Unknown or Invalid Territory").
UNKNOWN_REGION = "ZZ"


class Trust(StrEnum):
    """How near an outlet is to the film's makers, nearest first."""

    OFFICIAL = "official"
    TRADE = "trade"
    PRESS = "press"
    AGGREGATOR = "aggregator"


class ReleaseType(StrEnum):
    """Release types of TMDB; `tv` is a broadcast."""

    PREMIERE = "premiere"
    LIMITED = "limited"
    THEATRICAL = "theatrical"
    DIGITAL = "digital"
    STREAMING = "streaming"
    PHYSICAL = "physical"
    TV = "tv"


class Action(StrEnum):
    """What a text does with a date: states it, sets it anew, moves it, confirms it, or takes it off the calendar."""

    STATES = "states"
    SETS = "sets"
    MOVES = "moves"
    CONFIRMS = "confirms"
    UNSETS = "unsets"


class Status(StrEnum):
    """Where a credit stands. `listed` is told again as known and never news."""

    JOINS = "joins"
    IN_TALKS = "in_talks"
    RUMOURED = "rumoured"
    EXITS = "exits"
    DENIED = "denied"
    DIED = "died"
    LISTED = "listed"

    @property
    def seated(self) -> bool:
        """Whether somebody with this status is in: has joined, or is told of as known."""
        return self in (Status.JOINS, Status.LISTED)


class Modality(StrEnum):
    """How firmly a text says what it says. `official`: the studio's or a filmmaker's own words."""

    OFFICIAL = "official"
    REPORTED = "reported"
    RUMOURED = "rumoured"
    DENIED = "denied"


class Confidence(StrEnum):
    """How sure we are of a fact."""

    RUMOURED = "rumoured"
    REPORTED = "reported"
    CONFIRMED = "confirmed"

    @property
    def rank(self) -> int:
        """0 for rumoured to 2 for confirmed: strings do not compare as we mean it."""
        return list(Confidence).index(self)


class ChangeKind(StrEnum):
    """A fact's step from old to new."""

    SET = "set"
    MOVED = "moved"
    REFINED = "refined"
    UNSET = "unset"
    CONFIRMED = "confirmed"
    CORRECTED = "corrected"
    RELEASED = "released"
    JOINED = "joined"
    LEFT = "left"
    RECAST = "recast"
    STATUS = "status"


class Precision(StrEnum):
    """How much of an item's publication time is known; relative dates resolve against a day or nothing."""

    TIME = "time"
    DAY = "day"
    MONTH = "month"
    YEAR = "year"


class SourceKind(StrEnum):
    """Where a claim comes from."""

    ITEM = "item"
    PAGE = "page"
    USER = "user"
    WITNESS = "witness"

    @property
    def replaces(self) -> frozenset[SourceKind]:
        """The kinds of sources of the same item whose place it takes: a page has the feed's text in it too."""
        return frozenset({SourceKind.ITEM, SourceKind.PAGE}) if self is SourceKind.PAGE else frozenset({self})


class Verdict(StrEnum):
    """Whether a text is about a title. `likely`: an ambiguous name in film news, and nothing speaks of another work."""

    ABOUT = "about"
    LIKELY = "likely"
    NAMED = "named"
    OTHER = "other"
    ABSENT = "absent"

    @property
    def counts(self) -> bool:
        """Whether what the text says is taken for news of the title."""
        return self in (Verdict.ABOUT, Verdict.LIKELY)


class Cause(StrEnum):
    """Why a revision was written. `edit`: a text no longer says what the fact rested on."""

    NEWS = "news"
    USER = "user"
    EDIT = "edit"
    REBUILD = "rebuild"

    @property
    def anew(self) -> bool:
        """Whether the fact was folded from nothing: what it was before is no ground to go on from."""
        return self in (Cause.EDIT, Cause.REBUILD)


class PageState(StrEnum):
    """Where the page behind an item stands."""

    DUE = "due"
    READ = "read"
    GIVEN_UP = "given_up"


class DeliveryState(StrEnum):
    """Where a delivery stands. `unknown`: it may have gone out before we were killed."""

    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    UNKNOWN = "unknown"
    DEAD = "dead"
