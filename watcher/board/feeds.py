"""How the feeds fare, in words: how many answer, which fail and why, which have fallen silent."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import datetime

from watcher.board.words import capital, count_in_words, moment_in_words, soon, who_in_words
from watcher.clean import plain
from watcher.decide.health import How, condition
from watcher.model import Feed, FeedState
from watcher.store import ask
from watcher.tell.dates_in_words import Dates

#: Feeds in the order of the configuration, each with its state; None for one that was never stored.
Feeds = Sequence[tuple[Feed, FeedState | None]]


def with_states(db: sqlite3.Connection | None, feeds: Sequence[Feed]) -> tuple[tuple[Feed, FeedState | None], ...]:
    """Feeds with what is stored of each."""
    states = {} if db is None else {state.url: state for state in ask.feeds(db)}
    return tuple((feed, states.get(feed.url)) for feed in feeds)


def feeds_in_words(feeds: Feeds, now: datetime, dates: Dates, *, runs: bool) -> str:
    """How many answer, how many were never asked, and where a daemon runs when the next one is asked."""
    if not feeds:
        return "No feeds are configured."
    asked = [state for _, state in feeds if state is not None and state.last_poll_at is not None]
    good = sum(state.failures == 0 for state in asked)
    never = len(feeds) - len(asked)
    if not asked:
        return f"{capital(count_in_words(len(feeds), 'feed'))}, none of them asked yet."
    words = f"{good} of {count_in_words(len(feeds), 'feed')} {'answers' if good == 1 else 'answer'}"
    words += f", {never} not asked yet." if never else "."
    due = min((state.next_poll_at for state in asked if state.gone_at is None), default=None)
    return f"{words} Next poll {soon(due, now, dates)}." if runs and due is not None else words


def failing(feeds: Feeds, now: datetime, dates: Dates, *, runs: bool) -> list[str]:
    """A line for every reason for which feeds fail: a network that is down is one misfortune, not twenty."""
    reasons: dict[str, list[tuple[Feed, FeedState]]] = {}
    for feed, state in feeds:
        if state is not None and state.failures:
            reasons.setdefault(plain(state.error or "no answer"), []).append((feed, state))
    lines = []
    for reason, failing in reasons.items():
        answered = [state.last_ok_at for _, state in failing if state.last_ok_at is not None]
        since = f"; last answer {moment_in_words(max(answered), now, dates)}" if answered else "; it never answered"
        again = min((state.next_poll_at for _, state in failing if state.gone_at is None), default=None)
        then = "It is not asked any more." if again is None else f"Next try {soon(again, now, dates)}." if runs else ""
        lines.append(f"{_who(failing)}: {reason.rstrip('.')}{since}. {then}".rstrip())
    return lines


def silent(feeds: Feeds, now: datetime) -> list[str]:
    """A line for the feeds that answer and have brought nothing for far longer than they use to."""
    found = [(feed, state) for feed, state in feeds if state and condition(state, now).how is How.SILENT]
    many = len(found) > 1
    return [f"{_who(found)} {'answer' if many else 'answers'}, but nothing new comes. See: watcher feeds"] if found else []


def _who(feeds: Sequence[tuple[Feed, FeedState]]) -> str:
    return who_in_words(list(dict.fromkeys(feed.outlet for feed, _ in feeds)))
