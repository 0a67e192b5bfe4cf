"""How the service fares: whether the daemon runs, which feeds answer, and what waits for which target."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime

from watcher.board.feeds import failing, feeds_in_words, silent, with_states
from watcher.board.objects import Object, time_text
from watcher.board.words import count_in_words, moment_in_words, soon
from watcher.clean import plain, safe_url
from watcher.cli import common
from watcher.cli.inquiry import Inquiry
from watcher.cli.layout import alarm, heading, wrap
from watcher.cli.living import Daemon, daemon_asked, daemon_object, daemon_remarks, lesser_troubles
from watcher.model import Feed, FeedState, TargetState
from watcher.store import ask

#: What stands before what is not well, so that nobody needs a colour to find it.
TO_LOOK_AT = "To look at"


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetView:
    """A target's state, how many alerts wait for it, and how many were given up."""

    state: TargetState
    waiting: int = 0
    dead: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """All of it, in the order of the configuration."""

    daemon: Daemon
    feeds: tuple[tuple[Feed, FeedState | None], ...]
    targets: tuple[TargetView, ...]


def look(inquiry: Inquiry) -> Service:
    """The service as it is now; of what was never stored there is no state."""
    db = inquiry.db
    names = [target.name for target in inquiry.config.targets]
    return Service(
        daemon=daemon_asked(common.state(inquiry.config), db),
        feeds=with_states(db, inquiry.config.feeds),
        targets=tuple(TargetView(state=TargetState(name=name)) if db is None else _target(db, name) for name in names),
    )


def service_lines(service: Service, inquiry: Inquiry, width: int) -> list[str]:
    """The service in at most two sections: what is well, and below it, under a head that says so, what is not."""
    said = remarks(service, inquiry)
    well = [line for text, is_bad in said if not is_bad for line in wrap(text, width=width, hanging=4)]
    bad = [alarm(line) for text, is_bad in said if is_bad for line in wrap(text, width=width, hanging=4)]
    return [*([heading("SERVICE"), *well] if well else []), *([heading(TO_LOOK_AT.upper()), *bad] if bad else [])]


def remarks(service: Service, inquiry: Inquiry) -> list[tuple[str, bool]]:
    """What is well in few words, what is not (True) with its reason, since when, and the next try."""
    runs = service.daemon.running is not False
    return [
        *(_of_the_daemon(text, is_bad) for text, is_bad in daemon_remarks(service.daemon, inquiry.now, inquiry.dates)),
        *((text, True) for text in lesser_troubles(service.daemon, inquiry.now, inquiry.dates)),
        (feeds_in_words(service.feeds, inquiry.now, inquiry.dates, runs=runs), False),
        *((text, True) for text in failing(service.feeds, inquiry.now, inquiry.dates, runs=runs)),
        *((text, True) for text in silent(service.feeds, inquiry.now)),
        *(target_words(target, inquiry) for target in service.targets),
    ]


def _of_the_daemon(text: str, is_bad: bool) -> tuple[str, bool]:
    """What is not well stands among feeds and targets, and says that it is the daemon."""
    return (f"The daemon: {text[:1].lower()}{text[1:]}" if is_bad else text), is_bad


def service_object(service: Service) -> Object:
    """The service for ``--json``: feeds without what may be secret in an address, targets by name alone."""
    return {
        "daemon": daemon_object(service.daemon),
        "feeds": [_feed_object(feed, state) for feed, state in service.feeds],
        "targets": [target_object(target) for target in service.targets],
    }


def target_object(target: TargetView) -> Object:
    """A target for ``--json``, by its name alone."""
    return {
        "name": target.state.name,
        "waiting": target.waiting,
        "dead": target.dead,
        "failures": target.state.failures,
        "error": target.state.error,
        "failing_since": time_text(target.state.error_since),
        "next_try_at": time_text(target.state.not_before),
        "last_ok_at": time_text(target.state.last_ok_at),
    }


def _target(db: sqlite3.Connection, name: str) -> TargetView:
    waiting, dead = ask.waiting(db, name)
    return TargetView(state=ask.target(db, name), waiting=waiting, dead=dead)


def _feed_object(feed: Feed, state: FeedState | None) -> Object:
    return {
        "url": safe_url(feed.url),
        "outlet": feed.outlet,
        "last_ok_at": None if state is None else time_text(state.last_ok_at),
        "next_poll_at": None if state is None else time_text(state.next_poll_at),
        "failures": 0 if state is None else state.failures,
        "status": None if state is None else state.status,
        "error": None if state is None else state.error,
        "items": 0 if state is None else state.items,
    }


def target_words(target: TargetView, inquiry: Inquiry) -> tuple[str, bool]:
    """A target in a sentence, and whether somebody should look after it."""
    state = target.state
    parts = [f"{target.waiting or 'nothing'} waiting"]
    if state.last_ok_at is not None:
        parts.append(f"last sent {_when(state.last_ok_at, inquiry)}")
    if target.dead:
        parts.append(f"{count_in_words(target.dead, 'alert')} given up (watcher notify list)")
    if state.error:
        since = f" since {_when(state.error_since, inquiry)}" if state.error_since else ""
        parts.append(f"failing{since} ({plain(state.error).rstrip('.')})")
    if state.error and state.not_before and target.waiting:
        parts.append(f"next try {soon(state.not_before, inquiry.now, inquiry.dates)}")
    return f"{plain(state.name)}: {', '.join(parts)}.", bool(state.error or target.dead)


def _when(moment: datetime | None, inquiry: Inquiry) -> str:
    return "never" if moment is None else moment_in_words(moment, inquiry.now, inquiry.dates)
