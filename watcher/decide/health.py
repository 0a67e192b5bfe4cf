"""How feeds and targets are, and whom to tell when one is not well: one notice for each failure, and one when it is over."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from watcher.model import FeedState, Target, TargetState
from watcher.tell.hours import ready_at

if TYPE_CHECKING:
    from watcher.decide.intents import Notice
    from watcher.decide.telling import Audience

#: The kind of such a row in the outbox.
KIND = "health"

#: A failure is only told once it has lasted so long: servers are repaired at night, and nobody can help before the morning.
FAILING_FOR = timedelta(days=1)

#: A target is out of reach once it has taken nothing for so long; alerts for it wait meanwhile, so that is told soon.
UNREACHED_FOR = timedelta(hours=1)

#: A feed that answers is silent once nothing came for so many times its rhythm, and for so long at least.
_SILENT_RHYTHMS, _SILENT_FOR = 10, timedelta(days=7)

#: Fewer dates show no rhythm.
_RHYTHM_OF = 3

#: A notice waits so long for those of other feeds: what breaks a whole network breaks them within the hour.
_GATHER = timedelta(hours=1)

_STAMP = "%Y%m%dT%H%M%S"


class How(StrEnum):
    """How a feed is, the worst first; or a target that is out of reach, or an alert that was given up."""

    GONE = "gone"
    FAILING = "failing"
    WAITING = "waiting"
    SILENT = "silent"
    NEW = "new"
    MOVED = "moved"
    WELL = "well"
    UNREACHED = "unreached"
    GIVEN_UP = "given-up"


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """How a feed is and since when (UTC): gone, failing or waiting since the first failure, silent since its last news."""

    how: How
    since: datetime | None = None

    @property
    def is_bad(self) -> bool:
        """Whether a person should know."""
        return self.how in (How.GONE, How.FAILING, How.WAITING, How.SILENT)


def condition(state: FeedState, now: datetime) -> Condition:
    """How a feed is, by what is remembered of it."""
    if state.gone_at is not None:
        return Condition(how=How.GONE, since=state.gone_at)
    if state.failures:
        waits = state.not_before is not None and state.not_before > now
        return Condition(how=How.WAITING if waits else How.FAILING, since=state.failing_since)
    if state.last_ok_at is None:
        return Condition(how=How.NEW)
    if (since := _silent_since(state, now)) is not None:
        return Condition(how=How.SILENT, since=since)
    return Condition(how=How.WELL if state.address is None else How.MOVED)


def trouble(state: FeedState, now: datetime) -> Condition | None:
    """The condition, where it is one that is told; whoever asks us to wait is failing too, once that lasts."""
    found = condition(state, now)
    if found.how in (How.FAILING, How.WAITING):
        lasts = found.since is not None and now - found.since >= FAILING_FOR
        return Condition(how=How.FAILING, since=found.since) if lasts else None
    return found if found.how in (How.GONE, How.SILENT) else None


def health_notices(before: FeedState, after: FeedState, audience: Audience, now: datetime) -> tuple[Notice, ...]:
    """The outbox rows of one poll. A row that is there already is not made twice, so what lasts is told once."""
    is_now = trouble(after, now)
    over = [was for was in _troubles(before) if is_now is None or was.how != is_now.how] if after.failures == 0 else []
    subjects = [_subject(after.url, was, over=True) for was in over]
    if is_now is not None:
        subjects.insert(0, _subject(after.url, is_now, over=False))
    return tuple(
        _notice(target, subject, audience, now + _GATHER)
        for subject in subjects
        for target in audience.targets
        if KIND in target.on
    )


def target_notices(before: TargetState, after: TargetState, audience: Audience, now: datetime) -> tuple[Notice, ...]:
    """The outbox rows of one send: a target that stays out of reach is told to the others, and that it is back."""
    if after.failures and _is_unreached(after, now):
        return _to_others(before.name, _text(mark_of(before.name), How.UNREACHED, after.error_since, over=False), audience, now)
    if not after.failures and before.failures and _is_unreached(before, now):
        return _to_others(before.name, _text(mark_of(before.name), How.UNREACHED, before.error_since, over=True), audience, now)
    return ()


def given_up_notices(delivery: str, subjects: Collection[str], audience: Audience, now: datetime) -> tuple[Notice, ...]:
    """The outbox rows of a delivery that was given up: for the others, and for the target itself, which takes what it can.

    None where its `subjects` only say that another was given up: who refuses that too would set off one notice after another.
    """
    if all(subject.startswith(f"{KIND}/") and said(subject).how is How.GIVEN_UP for subject in subjects):
        return ()
    return _to_others(None, _text(mark_of(delivery), How.GIVEN_UP, now, over=False), audience, now)


def is_still_unreached(state: TargetState, told: Said) -> bool:
    """Whether a target is still out of reach, as was to be told."""
    return state.failures > 0 and _text(mark_of(state.name), How.UNREACHED, state.error_since, over=False) == told.begun


def _is_unreached(state: TargetState, now: datetime) -> bool:
    return state.error_since is not None and now - state.error_since >= UNREACHED_FOR


def _to_others(but: str | None, subject: str, audience: Audience, now: datetime) -> tuple[Notice, ...]:
    """For the other targets that ask for health; for all others where none does, since alerts that do not arrive concern all."""
    others = [target for target in audience.targets if target.name != but]
    return tuple(_notice(target, subject, audience, now) for target in [t for t in others if KIND in t.on] or others)


def _notice(target: Target, subject: str, audience: Audience, ready: datetime) -> Notice:
    # Who only asks how a feed is needs none of what plans are made of.
    from watcher.decide.intents import Notice  # noqa: PLC0415

    return Notice(
        target=target.name,
        title="",
        subject=subject,
        kind=KIND,
        not_before=ready_at(ready, quiet=target.quiet_hours, digest=target.digest, zone=audience.zone),
    )


def _troubles(state: FeedState) -> list[Condition]:
    """All that a feed had after its last poll, a silence too that a failure hides; what nobody was told has no end to tell."""
    if state.last_poll_at is None:
        return []
    silent = _silent_since(state, state.last_poll_at)
    hidden = [] if silent is None else [Condition(how=How.SILENT, since=silent)]
    seen = trouble(state, state.last_poll_at)
    return hidden if seen is None or seen in hidden else [seen, *hidden]


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a row of the outbox speaks of, and what it has or had, since when.

    `mark` is a feed's, of its address; a target's, of its name; or a delivery's, of its id.
    """

    mark: str
    how: How
    since: datetime | None
    over: bool

    @property
    def begun(self) -> str:
        """The subject of the row that told the beginning."""
        return _text(self.mark, self.how, self.since, over=False)


def said(subject: str) -> Said:
    """What a subject that was made here says."""
    _, mark, how, since, which = subject.split("/")
    at = datetime.strptime(since, _STAMP).replace(tzinfo=UTC) if since else None
    return Said(mark=mark, how=How(how), since=at, over=which == "over")


def mark_of(name: str) -> str:
    """What names a feed or a target in a subject: an address may hold a secret, and any name slashes."""
    from hashlib import blake2s  # noqa: PLC0415 - 2 ms that only whoever tells of health needs

    return blake2s(name.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def is_still(state: FeedState, told: Said, now: datetime) -> bool:
    """Whether a feed still has what was to be told."""
    found = trouble(state, now)
    return found is not None and _subject(state.url, found, over=False) == told.begun


def _subject(url: str, found: Condition, *, over: bool) -> str:
    return _text(mark_of(url), found.how, found.since, over=over)


def _text(mark: str, how: How, since: datetime | None, *, over: bool) -> str:
    at = "" if since is None else since.astimezone(UTC).strftime(_STAMP)
    return "/".join((KIND, mark, how, at, "over" if over else "begun"))


def _silent_since(state: FeedState, now: datetime) -> datetime | None:
    """The last news of a feed that has been silent for far longer than it uses to be; None where it has not."""
    last = max((at for at in (state.newest_at, state.changed_at) if at is not None), default=None)
    if last is None or (state.items and (state.dated < _RHYTHM_OF or not state.rhythm)):
        return None
    usual = state.rhythm or timedelta(0)
    return last if now - last > max(_SILENT_FOR, _SILENT_RHYTHMS * usual) else None
