"""Which changes are told, to which targets, and why the others are not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from watcher.config import Policy
from watcher.decide.keys import WORLD
from watcher.model import UNKNOWN_REGION, Change, ChangeKind, Confidence, ReleaseKey, Status, Target, Title
from watcher.tell.dates_in_words import Dates
from watcher.tell.hours import ready_at

if TYPE_CHECKING:
    from watcher.decide.intents import Notice

#: A target with this among its regions is told of every country's dates.
EVERYWHERE = "*"

#: Nine o'clock, in minutes after midnight: the hour at which milestones ring too.
_MORNING = 9 * 60

_QUIET = {
    Status.LISTED: "tells a credit as already known",
    Status.RUMOURED: "only a rumour of a credit",
    Status.DENIED: "denies what was never told",
    Status.DIED: "a death is recorded, not announced",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """Who is to be told and on which terms: the targets, the user's chain of regions, zone, policy and English (BCP 47)."""

    targets: tuple[Target, ...]
    regions: tuple[str, ...]
    zone: ZoneInfo
    policy: Policy
    language: str = "en"

    @property
    def dates(self) -> Dates:
        """How dates are written for the user."""
        return Dates(zone=self.zone, language=self.language)


def quiet_by_nature(change: Change, before: Confidence | None) -> str | None:
    """Why a change of this kind is not told by default; None when it is.

    `before` is the confidence that the fact had: being confirmed is news only where the first word of it was a rumour.
    """
    if isinstance(change.key, ReleaseKey) and change.key.region == UNKNOWN_REGION:
        return "nobody said in which country"
    if change.old == change.new and change.kind is not ChangeKind.CONFIRMED:
        return "less sure than before"
    if change.kind is ChangeKind.CONFIRMED:
        return None if before is Confidence.RUMOURED else "only confirms what was told"
    if change.kind is ChangeKind.REFINED:
        return None if change.new.date is not None and change.new.date.is_day else "finer, but no day yet"
    return None if change.new.status is None else _quiet_status(change.new.status, before)


def takes_back(change: Change) -> bool:
    """Whether a change only says that something told before is not so: no news for whoever was never told it."""
    return not change.new.known or change.new.status is Status.DENIED


def _quiet_status(status: Status, before: Confidence | None) -> str | None:
    """Why a credit's new status is not told; None for who joins, leaves or is in talks, and for denials of what was told."""
    if status is Status.DENIED and before not in (None, Confidence.RUMOURED):
        return None
    return _QUIET.get(status)


def notices(
    change: Change, title: Title, audience: Audience, now: datetime, *, since: datetime | None = None, calm: bool = False
) -> tuple[Notice, ...]:
    """The outbox rows of a change that is told: one for each target that wants to hear of it.

    A row waits `group_wait` for what belongs with it, counted from `since` where its news came in earlier than now, then for
    the end of quiet hours or the digest's hour. What is told in all `calm` waits for the morning, with all that follows it.
    """
    # Who only asks has an audience too, and need not wait for what only plans are made of.
    from watcher.decide.intents import Notice  # noqa: PLC0415

    return tuple(
        Notice(
            target=target.name,
            title=title.id,
            subject=change.id,
            kind="change",
            not_before=due(target, audience, now, since=since, calm=calm),
            change=change.id,
            needs=target.min_confidence,
        )
        for target in audience.targets
        if wants(target, change, title, audience.regions)
    )


def unwanted(change: Change, title: Title, audience: Audience) -> str:
    """Why no target at all is told of a change that is worth telling."""
    if not isinstance(change.key, ReleaseKey):
        return "no target asks for casting"
    heard = any("release" in target.on for target in audience.targets)
    home = change.key.region in (*audience.regions, title.origin, WORLD)
    return "another country's date" if heard and not home else "no target asks for it"


def due(target: Target, audience: Audience, now: datetime, *, since: datetime | None = None, calm: bool = False) -> datetime:
    """When a row made now of news that came in at `since` (None for now) may go out to a target (UTC).

    One hour of the day for all that is `calm` makes one message of it, in which what was taken back meanwhile nets out.
    """
    ready = max((since or now) + audience.policy.group_wait, now)
    digest = _MORNING if calm and target.digest is None else target.digest
    return ready_at(ready, quiet=target.quiet_hours, digest=digest, zone=audience.zone)


def follows(target: Target, title: Title) -> bool:
    """Whether a target is to hear of this title at all."""
    return not target.titles or bool({title.id, title.name} & set(target.titles))


def wants(target: Target, change: Change, title: Title, chain: Sequence[str]) -> bool:
    """Whether a target asked for this kind of change, this title and this region."""
    if not follows(target, title):
        return False
    if not isinstance(change.key, ReleaseKey):
        return "casting" in target.on
    regions = target.regions or (*chain, title.origin, WORLD)
    return "release" in target.on and (EVERYWHERE in regions or change.key.region in regions)
