"""Which targets are told how far off a release is, and when: once for each milestone of a date, again when the date moves."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from watcher.decide.intents import Notice, Plan
from watcher.decide.telling import Audience
from watcher.model import Fact, Key, Title, parse_key
from watcher.tell.countdown import Dated
from watcher.tell.hours import ready_at
from watcher.tell.milestones import due_milestone

_KIND = "milestone"


def plan_milestones(title: Title, release: Dated, history: Sequence[Fact], audience: Audience, now: datetime) -> Plan | None:
    """The milestones of a release that are due; None when there are none.

    `history` are the revisions of its fact, oldest first. Partial dates have no milestones: nothing invents a day.
    """
    if not release.date.is_day:
        return None
    held_since = _held_since(history)
    rows = []
    for target in audience.targets:
        wanted = not target.titles or {title.id, title.name} & set(target.titles)
        sure = release.fact.confidence.rank >= target.min_confidence.rank
        days = due_milestone(release.date.earliest, target.milestones, held_since=held_since, now=now, zone=audience.zone)
        if "countdown" in target.on and wanted and sure and days is not None:
            rows.append(
                Notice(
                    target=target.name,
                    title=title.id,
                    subject=f"{_KIND}/{release.key}/{release.date}/{held_since:%Y%m%dT%H%M%S}/{days}",
                    kind=_KIND,
                    not_before=ready_at(now, quiet=target.quiet_hours, digest=target.digest, zone=audience.zone),
                )
            )
    return Plan(at=now, notices=tuple(rows)) if rows else None


def told_release(subject: str) -> tuple[Key, str]:
    """The key and the date that a milestone's subject speaks of."""
    parts = subject.split("/")
    return parse_key("/".join(parts[1:5])), parts[5]


def _held_since(history: Sequence[Fact]) -> datetime:
    """Since when the last date is held without a break; being confirmed does not make it younger."""
    since = history[-1].recorded_at
    for fact in reversed(history):
        if fact.value.date != history[-1].value.date:
            break
        since = fact.recorded_at
    return since
