"""`watcher feeds list`: every feed in a line, how it is, how often it brings something; and what to do about those in trouble.

``--json`` prints one object::

    version   1; raised when a key changes its meaning or goes
    at        when
    config    the file that lists the feeds; null where there is none
    feeds     of each: url (secrets masked), outlet, trust, builtin, every_s (null: the default), how (well,
              new, moved, waiting, failing, silent, gone), since, last_poll_at, last_ok_at, changed_at, newest_at, next_poll_at,
              not_before, failures, status, error, title, items, per_day, window_s, address (asked in the place of url)
    left_out  url and outlet of the built-in feeds that the configuration refuses
"""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from watcher.board.objects import VERSION, Object, time_text
from watcher.board.words import count_in_words, moment_in_words
from watcher.clean import plain, without_url
from watcher.cli import common
from watcher.cli.condition import Service
from watcher.cli.feeds_pick import shown
from watcher.cli.feeds_words import rhythm_in_words
from watcher.cli.feeds_write import is_builtin, left_out
from watcher.cli.inquiry import Inquiry
from watcher.cli.layout import alarm, fit, heading, quiet, table, wrap
from watcher.cli.upcoming import config_option
from watcher.decide.health import Condition, How, condition
from watcher.model import Feed, FeedState
from watcher.tell.lists import names_in_words

_HEAD = ("FEED", "IS", "ANSWERED", "NEWS", "RHYTHM", "NEXT")
#: What stands before what is under these where there are no columns.
_LABELS = ("answered", "news", "brings", "next")
#: What the columns beside the name take at most.
_BESIDE, _NAME_LEAST = 54, 16
_AGES = (("d", timedelta(days=1)), ("h", timedelta(hours=1)), ("m", timedelta(minutes=1)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A feed, what is remembered of it (None before its first poll), and how it is."""

    feed: Feed
    state: FeedState | None
    condition: Condition

    @property
    def how(self) -> How:
        """In a word."""
        return self.condition.how


def lines_of(service: Service, now: datetime) -> list[Line]:
    """The feeds in the order of the configuration."""
    new = Condition(how=How.NEW)
    return [
        Line(feed=feed, state=state, condition=new if state is None else condition(state, now)) for feed, state in service.feeds
    ]


def list_lines(service: Service, inquiry: Inquiry, config_path: str | None) -> list[str]:
    """All of it for the screen."""
    found, width = lines_of(service, inquiry.now), inquiry.width
    runs = service.daemon.running is not False
    lines = [*_table(found, inquiry, runs=runs), ""] if found else []
    for line in found:
        if (trouble := _trouble(line, inquiry)) is not None:
            lines += [alarm(part) for part in wrap(trouble.words, width=width, indent=0, hanging=2)]
            lines += [f"    watcher {config_option(config_path)}feeds {command}" for command in trouble.commands]
        elif line.how is How.MOVED:
            lines += [quiet(part) for part in wrap(_moved(line), width=width, indent=0, hanging=2)]
    for said in _summary(found, inquiry, runs=runs):
        lines += wrap(said, width=width, indent=0, hanging=2)
    return lines


def _table(found: Sequence[Line], inquiry: Inquiry, *, runs: bool) -> list[str]:
    """A feed in a row; on a screen that is too narrow in a sentence."""
    names = _names(found, max(inquiry.width - _BESIDE, _NAME_LEAST))
    rows = [_row(line, name, inquiry.now, runs=runs) for line, name in zip(found, names, strict=True)]
    laid = table([_HEAD, *rows], width=inquiry.width, indent=0)
    if laid is None:
        labelled = [
            (row[0], row[1], *(f"{label} {said}" for label, said in zip(_LABELS, row[2:], strict=True) if said)) for row in rows
        ]
        laid = [[], *(wrap(f"{row[0]}: {', '.join(row[1:])}", width=inquiry.width, indent=0, hanging=2) for row in labelled)]
    head, *body = laid
    lines = [heading(text) for text in head]
    for line, texts in zip(found, body, strict=True):
        lines += [alarm(text) for text in texts] if line.condition.is_bad else texts
    return lines


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """What is wrong with a feed in words, which lead to the commands (without "watcher feeds") that may help."""

    words: str
    commands: tuple[str, ...] = ()


def _trouble(line: Line, inquiry: Inquiry) -> Trouble | None:
    """What is wrong and what to do; None where nothing is."""
    state = line.state
    if state is None or not line.condition.is_bad:
        return None
    since = "" if line.condition.since is None else moment_in_words(line.condition.since, inquiry.now, inquiry.dates)
    due = "now" if state.next_poll_at <= inquiry.now else moment_in_words(state.next_poll_at, inquiry.now, inquiry.dates)
    error = plain(without_url(state.error or "no answer", state.asked)).rstrip(".")
    url = shlex.quote(shown(line.feed.url))
    gone = "taken away for good, and not asked any more. To look for its new address, or to forget it:"
    said = {
        How.GONE: Trouble(words=gone, commands=(f"add {shlex.quote(_site(line.feed))}", f"remove {url}")),
        How.WAITING: Trouble(words=f"{error}. It is left alone until {due}."),
        How.FAILING: Trouble(words=f"{error}. Failing since {since}; next try {due}. To see more:", commands=(f"check {url}",)),
        How.SILENT: Trouble(
            words=f"nothing new since {since}, though it answers. To see what it holds:", commands=(f"check {url}",)
        ),
    }[line.how]
    return Trouble(words=f"{plain(line.feed.outlet)}: {said.words}", commands=said.commands)


def list_object(service: Service, inquiry: Inquiry, config_path: str | None) -> Object:
    """All of it for ``--json``."""
    file = common.config_file(config_path)
    return {
        "version": VERSION,
        "at": time_text(inquiry.now),
        "config": None if file is None else str(file),
        "feeds": [_object(line, inquiry) for line in lines_of(service, inquiry.now)],
        "left_out": [{"url": feed.url, "outlet": feed.outlet} for feed in left_out(inquiry.config)],
    }


def _row(line: Line, name: str, now: datetime, *, runs: bool) -> tuple[str, ...]:
    state = line.state
    if state is None or state.last_poll_at is None:
        return name, str(line.how), "", "", "", "now" if runs else ""
    news = state.newest_at or state.changed_at
    due = "" if not runs or line.how is How.GONE else _until(state.next_poll_at, now)
    answered = _ago(state.last_ok_at, now) or "never"
    return name, str(line.how), answered, _ago(news, now), rhythm_in_words(state.rhythm), due


def _names(found: Sequence[Line], room: int) -> list[str]:
    """What to call each feed in a column: its outlet, with its path where the outlet has several."""
    several = Counter(line.feed.outlet for line in found)
    whole = [
        plain(line.feed.outlet) + (f" {plain(urlsplit(line.feed.url).path)}" if several[line.feed.outlet] > 1 else "")
        for line in found
    ]
    return [fit(name, room) for name in whole]


def _ago(moment: datetime | None, now: datetime) -> str:
    return "" if moment is None else f"{_age(now - moment)} ago"


def _until(moment: datetime, now: datetime) -> str:
    return "now" if moment <= now else f"in {_age(moment - now)}"


def _age(length: timedelta) -> str:
    """A length of time for a column: "5m", "3h", "12d"."""
    unit, size = next(((unit, size) for unit, size in _AGES if length >= size), ("m", timedelta(minutes=1)))
    return f"{max(length // size, 0)}{unit}"


def _moved(line: Line) -> str:
    assert line.state is not None
    new = shown(line.state.asked)
    return f"{plain(line.feed.outlet)} has moved for good and is asked at its new address; it may be written down: {new}"


def _summary(found: Sequence[Line], inquiry: Inquiry, *, runs: bool) -> list[str]:
    counts = Counter(line.how for line in found)
    said = ", ".join(f"{counts[how]} {how}" for how in reversed(How) if counts[how])
    lines = [f"{count_in_words(len(found), 'feed').capitalize()}{f': {said}' if said else ''}."]
    if out := left_out(inquiry.config):
        names = names_in_words([plain(feed.outlet) for feed in out])
        lines.append(f"Left out, as the configuration says: {names}.")
    if not runs:
        lines.append("No watcher is running; start it with: watcher run")
    return lines


def _site(feed: Feed) -> str:
    parts = urlsplit(feed.url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}/"


def _object(line: Line, inquiry: Inquiry) -> Object:
    feed, state = line.feed, line.state
    known = {
        name: None if state is None else time_text(getattr(state, name))
        for name in ("last_poll_at", "last_ok_at", "changed_at", "newest_at", "next_poll_at", "not_before")
    }
    return {
        "url": shown(feed.url),
        "outlet": feed.outlet,
        "trust": str(inquiry.config.outlets.outlet(feed.outlet).trust),
        "builtin": is_builtin(inquiry.config, feed.url),
        "every_s": feed.every,
        "how": str(line.how),
        "since": time_text(line.condition.since),
        **known,
        "failures": 0 if state is None else state.failures,
        "status": None if state is None else state.status,
        "error": None if state is None else state.error,
        "title": None if state is None else state.title,
        "items": 0 if state is None else state.items,
        "per_day": None if state is None or not state.rhythm else round(timedelta(days=1) / state.rhythm, 2),
        "window_s": None if state is None else state.window_s,
        "address": None if state is None or state.address is None else shown(state.address),
    }
