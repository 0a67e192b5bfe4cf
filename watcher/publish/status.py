"""`status.json`: what is held, for programs, in UTF-8 (RFC 8259).

One object::

    version    1; raised when a key changes its meaning or goes, never for a new one
    at         since when all of this is so (UTC): the latest of the midnight that began `today`, the last record of any of these
               titles, and the last time a feed's trouble began; not when the file was written
    today      the user's day, as YYYY-MM-DD: who reads another one than their own reads a file that nobody keeps current
    titles     a list, the soonest first, each as in ``watcher status --json`` (`watcher.cli.status` lists the keys)
    feeds      in the order of the configuration, each with:
        outlet     who publishes it; its address may be a secret and is not here
        state      answers; failing; gone (its server says so, it is asked no more); silent (it answers, and has brought nothing
                   for far longer than it uses to); not_asked (yet)
        since      since when it fails, is gone or is silent (UTC), else null
        error      why it fails, else null

Nothing here changes with a poll that brought nothing, and of the time only the day is in it: the file is the same as long as
nothing happens. What is private is not in it: no targets, no addresses of feeds, nothing of the daemon.

For a RESTful sensor of Home Assistant, of the film that comes first or of one by its id::

    value_template: "{{ value_json.titles[0].countdown.day }}"
    value_template: "{{ (value_json.titles | selectattr('id', 'eq', 'harbor') | first).countdown.days[0] }}"

In `countdown`, `days` are the days to the first and to the last day that the date can mean, null without a date, negative once it
is past; `day` is the date where it is a whole day and null where it is a summer, so that a sensor of the class ``date`` is never
told a day that nobody named; `words`, `date_words` and `confidence` are for people.

Every text is one clean line and every link is http or https or null, whatever a feed wrote.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, time
from typing import Any

from watcher.board.board import Board
from watcher.board.objects import VERSION, Object, time_text
from watcher.board.titles import title_object
from watcher.clean import clean_link, plain, without_url
from watcher.decide.health import How, condition
from watcher.model import Feed, FeedState

_STATES = {
    How.GONE: "gone",
    How.FAILING: "failing",
    How.WAITING: "failing",
    How.SILENT: "silent",
    How.NEW: "not_asked",
}
#: An address as it stands in a sentence, perhaps in brackets or before a colon.
_ADDRESS = re.compile(r"\bhttps?://[^\s()]*[^\s().,:;]")


def status_json(board: Board) -> bytes:
    """The document, in UTF-8."""
    document = {
        "version": VERSION,
        "at": time_text(max(_moments(board))),
        "today": board.today.isoformat(),
        "titles": [title_object(sheet.stand) for sheet in board.sheets],
        "feeds": [_feed_object(feed, state, board.at) for feed, state in board.feeds],
    }
    return json.dumps(_clean(document), indent=2, ensure_ascii=False).encode() + b"\n"


def _moments(board: Board) -> Iterator[datetime]:
    """When something here began, the day among it (UTC)."""
    yield datetime.combine(board.today, time(), board.dates.zone).astimezone(UTC)
    for sheet in board.sheets:
        yield from (fact.recorded_at for fact in sheet.stand.facts)
        yield from (change.recorded_at for change in sheet.stand.changes)
    for _, state in board.feeds:
        since = None if state is None else condition(state, board.at).since
        if since is not None:
            yield since


def _feed_object(feed: Feed, state: FeedState | None, now: datetime) -> Object:
    found = None if state is None else condition(state, now)
    named = "not_asked" if found is None else _STATES.get(found.how, "answers")
    return {
        "outlet": feed.outlet,
        "state": named,
        "since": None if found is None or not found.is_bad else time_text(found.since),
        "error": _error(state) if state is not None and named in ("failing", "gone") else None,
    }


def _error(state: FeedState) -> str | None:
    """Why a feed fails, without an address: that of a feed may be a secret."""
    if not state.error:
        return None
    return _ADDRESS.sub("another address", without_url(state.error, state.asked))


def _clean(value: Any, *, link: bool = False) -> Any:  # noqa: ANN401 - whatever JSON holds
    """The same with clean texts and links. A program hands on what it reads, and strict ones refuse half a character."""
    if isinstance(value, dict):
        return {key: _clean(one, link=key == "link") for key, one in value.items()}
    if isinstance(value, list):
        return [_clean(one) for one in value]
    if isinstance(value, str):
        return clean_link(value) if link else plain(value)
    return value
