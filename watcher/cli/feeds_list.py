"""`watcher feeds list`: every feed in a line, how it is, how often it brings something; and what to do about those in trouble.

``--json`` prints one object::

    version   1; raised when a key changes its meaning or goes
    at        when
    config    the file that lists the feeds; null where there is none
    feeds     of each: url (without user, password and query), outlet, trust, builtin, every_s (null: the default), how (well,
              new, moved, waiting, failing, silent, gone), since, last_poll_at, last_ok_at, changed_at, newest_at, next_poll_at,
              not_before, failures, status, error, title, items, per_day, window_s, address (asked in the place of url)
    left_out  url and outlet of the built-in feeds that the configuration refuses
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from watcher.clean import safe_url
from watcher.cli import common
from watcher.cli.feeds_words import rhythm_in_words
from watcher.cli.feeds_write import is_builtin, left_out
from watcher.cli.inquiry import Inquiry
from watcher.cli.layout import alarm, cells, columns, heading, plain, quiet, wrap
from watcher.cli.objects import VERSION, Object, time_text
from watcher.cli.service import Service
from watcher.cli.upcoming import config_option
from watcher.cli.view import count_in_words, moment_in_words
from watcher.decide.health import Condition, How, condition
from watcher.model import Feed, FeedState
from watcher.tell.message import names_in_words

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
    found = lines_of(service, inquiry.now)
    runs = service.daemon.running is not False
    shown: list[str] = []
    if found:
        names = _names(found, max(inquiry.width - _BESIDE, _NAME_LEAST))
        rows = [_row(line, name, inquiry.now, runs=runs) for line, name in zip(found, names, strict=True)]
        head, *body = columns([("FEED", "IS", "ANSWERED", "NEWS", "RHYTHM", "NEXT"), *rows], width=inquiry.width, indent=0)
        shown += [heading(head), *body, ""]
    for line in found:
        for said in trouble(line, inquiry, config_path):
            shown += [alarm(part) for part in wrap(said, width=inquiry.width, indent=0, hanging=2)]
        if line.how is How.MOVED:
            shown += [quiet(part) for part in wrap(_moved(line), width=inquiry.width, indent=0, hanging=2)]
    for said in _summary(found, inquiry, runs=runs):
        shown += wrap(said, width=inquiry.width, indent=0, hanging=2)
    return shown


def trouble(line: Line, inquiry: Inquiry, config_path: str | None) -> list[str]:
    """What is wrong with a feed in words, and what to do; nothing where nothing is."""
    state = line.state
    if state is None or not line.condition.is_bad:
        return []
    name = plain(line.feed.outlet)
    since = "" if line.condition.since is None else moment_in_words(line.condition.since, inquiry.now, inquiry.zone)
    due = "now" if state.next_poll_at <= inquiry.now else moment_in_words(state.next_poll_at, inquiry.now, inquiry.zone)
    error = plain(state.error or "no answer").rstrip(".")
    verb = f"watcher {config_option(config_path)}feeds"
    address = plain(safe_url(line.feed.url))
    words = {
        How.GONE: f"gone since {since}; it is not asked any more. Its new address, if it has one: {verb} add {_site(line.feed)}"
        f"  Away with it: {verb} remove {address}",
        How.WAITING: f"{error}; it is left alone until {due}.",
        How.FAILING: f"{error}; failing since {since}, next try {due}. To see more: {verb} check {address}",
        How.SILENT: f"nothing new since {since}, though it answers. To see what it holds: {verb} check {address}",
    }
    return [f"{name}: {words[line.how]}"]


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
    news = max((at for at in (state.newest_at, state.changed_at) if at is not None), default=None)
    due = "" if not runs or line.how is How.GONE else _until(state.next_poll_at, now)
    return name, str(line.how), _ago(state.last_ok_at, now), _ago(news, now), rhythm_in_words(state.rhythm), due


def _names(found: Sequence[Line], room: int) -> list[str]:
    """What to call each feed in a column: its outlet, with its path where the outlet has several."""
    several = Counter(line.feed.outlet for line in found)
    whole = [
        plain(line.feed.outlet) + (f" {plain(urlsplit(line.feed.url).path)}" if several[line.feed.outlet] > 1 else "")
        for line in found
    ]
    return [name if cells(name) <= room else f"{name[: room - 1]}…" for name in whole]


def _ago(moment: datetime | None, now: datetime) -> str:
    return "never" if moment is None else f"{_age(now - moment)} ago"


def _until(moment: datetime, now: datetime) -> str:
    return "now" if moment <= now else f"in {_age(moment - now)}"


def _age(length: timedelta) -> str:
    """A length of time for a column: "5m", "3h", "12d"."""
    unit, size = next(((unit, size) for unit, size in _AGES if length >= size), ("m", timedelta(minutes=1)))
    return f"{max(length // size, 0)}{unit}"


def _moved(line: Line) -> str:
    assert line.state is not None
    new = plain(safe_url(line.state.asked))
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
    return f"{parts.scheme}://{parts.hostname}/"


def _object(line: Line, inquiry: Inquiry) -> Object:
    feed, state = line.feed, line.state
    known = {
        name: None if state is None else time_text(getattr(state, name))
        for name in ("last_poll_at", "last_ok_at", "changed_at", "newest_at", "next_poll_at", "not_before")
    }
    return {
        "url": safe_url(feed.url),
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
        "address": None if state is None or state.address is None else safe_url(state.address),
    }
