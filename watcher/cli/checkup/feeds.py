"""The feeds: whether they answer and behave. Whom the daemon asked lately is not asked again; its answer is told instead."""

from __future__ import annotations

import asyncio
import shlex
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime, timedelta

from watcher.board.words import count_in_words, who_in_words
from watcher.clean import plain
from watcher.cli import common
from watcher.cli.checkup.clock import compared
from watcher.cli.checkup.patient import Notes, Patient
from watcher.cli.checkup.verdict import Matter, Verdict
from watcher.cli.feeds_check import Checked, check
from watcher.decide.health import How, condition
from watcher.model import Feed, FeedState

SECTION = "feeds"
ANSWERS = Matter(SECTION, "answers")
_MANNERS = Matter(SECTION, "manners")

#: An answer that is younger is as good as a new one, whatever the schedule says.
_FRESH = timedelta(minutes=15)

#: So long all of them together may take, in seconds; each has its own limit, and one host's are asked one after the other.
_ENOUGH_S = 90.0


async def look(patient: Patient, notes: Notes, tell: Callable[[str], None]) -> list[Verdict]:
    """Ask whom to ask, and judge by the stored answer whom not."""
    if patient.settings.config is None:
        return [ANSWERS.unseen("Which there are only the configuration says.")]
    pairs = notes.service.feeds
    if not pairs:
        return [ANSWERS.broken("None is read.", patient.command("feeds add URL"))]
    ask = [] if patient.offline else [feed for feed, state in pairs if patient.asking or not _is_known(state, patient)]
    if ask:
        tell(f"Asking {count_in_words(len(ask), 'feed')} …")
    asked = await _ask(patient, notes, ask)
    # Whoever told us to wait was not asked.
    found = [one for one, _ in asked if one.waits is None]
    done = {one.feed.url for one in found}
    stored = [(feed, state) for feed, state in pairs if feed.url not in done and state is not None and state.last_poll_at]
    unknown = len(pairs) - len(found) - len(stored)
    do = None if ask else patient.command("doctor --ask")
    times = [] if patient.offline else [compared([off for one, at in asked if (off := _off(one, at)) is not None], do)]
    return [*_verdicts(patient, found, stored, unknown), *times]


def _off(one: Checked, until: datetime) -> timedelta | None:
    """How far a server's clock is from ours: it told its time at some moment between the first question and `until`."""
    theirs = one.examined.response.told_at if one.examined and one.examined.response else None
    if theirs is None:
        return None
    return min(theirs - one.now, timedelta()) + max(theirs - until, timedelta())


def _is_known(state: FeedState | None, patient: Patient) -> bool:
    """Whether its answer is stored, and it is not its time to be asked again."""
    if state is None or state.last_poll_at is None:
        return False
    since = patient.now - state.last_poll_at
    return timedelta() <= since < _FRESH or (since >= timedelta() and state.next_poll_at > patient.now)


async def _ask(patient: Patient, notes: Notes, feeds: Sequence[Feed]) -> list[tuple[Checked, datetime]]:
    """What was found of each that came to an end in time, and when that was known."""
    states = {feed.url: state for feed, state in notes.service.feeds if state is not None}
    found: list[tuple[Checked, datetime]] = []
    with suppress(TimeoutError):
        async with asyncio.timeout(_ENOUGH_S):
            async for one in check(patient.settings.used, feeds, states, patient.now, force=False):
                found.append((one, common.now()))  # noqa: PERF401 - a comprehension would lose all where one is too late
    return found


def _verdicts(
    patient: Patient, found: Sequence[Checked], stored: Sequence[tuple[Feed, FeedState]], unknown: int
) -> Iterator[Verdict]:
    failing = [(one.feed, plain(one.error or "")) for one in found if one.result == "fails"]
    kept = [(feed, condition(state, patient.now), state) for feed, state in stored]
    failing += [(feed, _stored(patient, state)) for feed, how, state in kept if how.how in (How.FAILING, How.WAITING)]
    gone = [feed for feed, how, _ in kept if how.how is How.GONE]
    silent = [feed for feed, how, _ in kept if how.how is How.SILENT]
    total = len(found) + len(stored)
    bad = [*(why for _, why in failing), *("it is gone for good (410)" for _ in gone)]
    if bad and len(bad) == total and not unknown:
        reason = bad[0]
        yield ANSWERS.broken(
            f"{'The only feed does not answer' if total == 1 else f'None of {total} feeds answers'}: {reason.rstrip('.')}.",
            patient.command("feeds check"),
        )
    else:
        yield from _well(patient, total - len(bad), total, len(stored), unknown)
        for feed, why in failing:
            yield Matter(SECTION, feed.outlet).look(f"{why.rstrip('.')}.", _named(patient, "check", feed))
    for feed in gone:
        yield Matter(SECTION, feed.outlet).look(
            "The server says that it is gone for good (410).", _named(patient, "remove", feed)
        )
    if silent:
        yield Matter(SECTION, "silent").look(f"Nothing new comes from {_who(silent)}.", patient.command("feeds"))
    yield from _manners(patient, found)


def _well(patient: Patient, good: int, total: int, stored: int, unknown: int) -> Iterator[Verdict]:
    if good:
        how = "" if not stored else " (as of their last polls)" if stored == total else f" ({stored} as of their last polls)"
        yield ANSWERS.well(f"{good} of {count_in_words(total, 'feed')} {'answers' if good == 1 else 'answer'}{how}.")
    if unknown:
        why = "without the network" if patient.offline else "in time"
        yield ANSWERS.unseen(f"{count_in_words(unknown, 'feed')} could not be asked {why}.")


def _manners(patient: Patient, found: Iterable[Checked]) -> Iterator[Verdict]:
    """What they could do better is for their owners; that news is missed is for us."""
    answered = [one for one in found if one.result in ("fine", "odd")]
    for one in answered:
        window = one.state.window if one.state else None
        if window is not None and one.interval is not None and one.state and one.state.items and one.interval > window:
            words = "It turns over sooner than it is asked, so that news is missed."
            yield Matter(SECTION, one.feed.outlet).look(words, 'write a shorter every = "…" for it')
    odd = [one.feed for one in answered if one.result == "odd"]
    if odd:
        are = "is a little odd" if len(odd) == 1 else "are a little odd"
        yield _MANNERS.well(f"{_who(odd)} {are}; what it is: {patient.command('feeds check')}")
    elif answered:
        yield _MANNERS.well("They behave.")


def _stored(patient: Patient, state: FeedState) -> str:
    since = f", since {patient.when(state.failing_since)}" if state.failing_since else ""
    return f"{plain(state.error or 'no answer').rstrip('.')}{since}"


def _who(feeds: Sequence[Feed]) -> str:
    return who_in_words(list(dict.fromkeys(plain(feed.outlet) for feed in feeds)))


def _named(patient: Patient, verb: str, feed: Feed) -> str:
    return patient.command(f"feeds {verb} {shlex.quote(plain(feed.outlet))}")
