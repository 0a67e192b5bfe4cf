"""`watcher feeds check`: what a feed is like, asked now: its manners, its format, its items, and what is odd about it.

``--json`` prints one object::

    version  1; raised when a key changes its meaning or goes
    at       when
    feeds    of each: url, outlet, result (fine, odd, fails, not asked), error, status, seconds, moved_to, moved_for_good, format,
             title, items, dated, newest, oldest, per_day, window_s (what the items span up to now), etag, last_modified (whether
             there is one), conditional (unchanged, same, changed, failed, not asked), max_age_s, ttl_s, update_s, skip_hours,
             skip_days (Monday 0), compressed, size, odd (a list of sentences), interval_s (how long after a poll the next is)

Nothing is stored.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from watcher.board.objects import Object, time_text
from watcher.board.words import count_in_words, moment_in_words
from watcher.clean import plain
from watcher.cli.feeds_ask import Again, Asker, Examined, beside_each_other
from watcher.cli.feeds_pick import shown
from watcher.cli.feeds_words import duration_in_words, rhythm_in_words, size_in_words
from watcher.cli.layout import alarm, bold, columns, ends
from watcher.config import Config
from watcher.decide.polls import went_well
from watcher.model import Feed, FeedState, Hints
from watcher.parse.survey import Survey
from watcher.tell.dates_in_words import Dates
from watcher.tell.lists import names_in_words

#: A document larger than this is worth compressing.
_LARGE = 20_000
_DAYS = ("Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays")
_AGAIN = {
    Again.UNCHANGED: "a conditional request gets 304, nothing changed",
    Again.SAME: "a conditional request gets all of it again",
    Again.CHANGED: "a conditional request got another document",
    Again.FAILED: "a conditional request failed",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A feed as it was found at a moment (UTC). `state` is what a first poll would have made of it, None where it failed.

    `waits` says why it was not asked.
    """

    feed: Feed
    now: datetime
    examined: Examined | None = None
    state: FeedState | None = None
    waits: str | None = None

    @property
    def error(self) -> str | None:
        """Why it fails."""
        if self.waits is not None or self.examined is None:
            return self.waits
        if self.examined.parsed is not None and self.examined.parsed.truncated:
            return "breaks off before its end; nothing of it would be kept"
        return self.examined.error

    @property
    def odd(self) -> list[str]:
        """What is odd about it, in sentences."""
        return [] if self.error else list(_odd(self))

    @property
    def result(self) -> str:
        """In a word."""
        return "not asked" if self.waits else "fails" if self.error else "odd" if self.odd else "fine"

    @property
    def interval(self) -> timedelta | None:
        """How long after a poll the next one is."""
        return None if self.state is None else self.state.next_poll_at - self.now


async def check(
    config: Config, feeds: Sequence[Feed], states: dict[str, FeedState], now: datetime, *, force: bool
) -> AsyncIterator[Checked]:
    """Ask each feed where the daemon would, in this order; one that asks us to wait only with `force`."""
    waits = {feed.url: None if force else _waits(states.get(feed.url), now) for feed in feeds}
    asked = [feed for feed in feeds if waits[feed.url] is None]
    addresses = [states[feed.url].asked if feed.url in states else feed.url for feed in asked]
    async with Asker(config) as asker:
        answers = beside_each_other(addresses, asker.ask_twice)
        for feed in feeds:
            if (why := waits[feed.url]) is not None:
                yield Checked(feed=feed, now=now, waits=why)
            else:
                yield _checked(config, feed, await anext(answers), now)


def _waits(state: FeedState | None, now: datetime) -> str | None:
    if state is None or state.not_before is None or state.not_before <= now:
        return None
    minutes = duration_in_words(state.not_before - now)
    return f"asks us to wait, {minutes} more; --force asks all the same"


def _checked(config: Config, feed: Feed, examined: Examined, now: datetime) -> Checked:
    if examined.response is None or examined.parsed is None:
        return Checked(feed=feed, now=now, examined=examined)
    every = timedelta(seconds=feed.every or config.every)
    before = FeedState(url=feed.url, next_poll_at=now)
    state = went_well(before, examined.response, examined.parsed, every=every, own=feed.every is not None, now=now)
    return Checked(feed=feed, now=now, examined=examined, state=state)


def _odd(checked: Checked) -> Iterator[str]:
    """What its owner, or somebody who relies on it, would want to know."""
    examined, state = checked.examined, checked.state
    assert examined is not None
    assert examined.response is not None
    assert state is not None
    response, found = examined.response, examined.survey
    if found is not None:
        yield from _odd_entries(found)
        if found.charset:
            yield f"it {found.charset}"
        if found.broken:
            yield f"it is not well-formed: {found.broken}"
    if not state.items:
        yield "it holds no items"
    if not (response.etag or response.last_modified):
        yield "it bears neither ETag nor Last-Modified, so that every poll costs all of it"
    if examined.again is Again.SAME:
        yield "it does not know its own validators, so that every poll costs all of it"
    if examined.again is Again.FAILED:
        yield f"a conditional request fails: {plain(examined.again_error or '').rstrip('.')}"
    if not response.encoding and len(response.body or b"") > _LARGE:
        yield "it is not compressed"
    if state.window is not None and checked.interval is not None and state.items and checked.interval > state.window:
        yield f"it turns over in {duration_in_words(state.window)}, sooner than it is asked, so that items are missed"


def _odd_entries(found: Survey) -> Iterator[str]:
    """What is odd about some entries, or all."""
    counts = (
        (found.nameless, "no guid, so that one that is edited may pass for another"),
        (found.doubles, "the guid of another"),
        (found.undated, "no date"),
        (found.unreadable, "a date that cannot be read"),
        (found.ahead, "a date in the future"),
    )
    for number, what in counts:
        if number == found.entries and number:
            yield f"all entries have {what}" if number > 1 else f"its only entry has {what}"
        elif number:
            yield f"{number} of {found.entries} entries {'has' if number == 1 else 'have'} {what}"


# ---- words


def checked_lines(checked: Checked, dates: Dates, *, width: int) -> list[str]:
    """A feed on the screen: its outlet and how it is, then a line for each matter."""
    name, result = plain(checked.feed.outlet), checked.result
    head = ends(name, result, width=width) or f"{name}: {result}"
    # What is not well is coloured as a whole, since a style within the line would be counted as letters.
    lines = [bold(head) if result == "fine" else alarm(head)]
    rows = [("address", shown(checked.feed.url)), *_rows(checked, dates)]
    return [*lines, *columns([(label, said) for label, said in rows if said], width=width)]


def _rows(checked: Checked, dates: Dates) -> Iterator[tuple[str, str]]:
    examined, state = checked.examined, checked.state
    if checked.error:
        yield "error", plain(checked.error)
    if examined is None or examined.response is None:
        return
    yield "answer", _answer(examined)
    yield "moved", _moved(examined)
    if examined.parsed is None or state is None or checked.interval is None:
        return
    title = f", “{plain(examined.parsed.title)}”" if examined.parsed.title else ""
    yield "format", f"{examined.survey.kind if examined.survey else 'a feed'}{title}"
    yield "items", _items(checked, state, dates)
    yield "rhythm", _rhythm(state)
    yield "manners", _manners(examined)
    yield "wishes", _wishes(state)
    yield "interval", _interval(checked, checked.interval)
    for said in checked.odd:
        yield "odd", said


def _answer(examined: Examined) -> str:
    response = examined.response
    assert response is not None
    compressed = response.encoding or "not compressed"
    return f"{response.status} in {examined.seconds:.1f} seconds, {size_in_words(len(response.body or b''))}, {compressed}"


def _moved(examined: Examined) -> str:
    response = examined.response
    if response is None or response.url == examined.url:
        return ""
    if response.permanent_url:
        return f"for good, to {shown(response.permanent_url)}"
    return f"for now, to {shown(response.url)}"


def _items(checked: Checked, state: FeedState, dates: Dates) -> str:
    if not state.items:
        return "none"
    times = _times(checked)
    if not times:
        return f"{state.items}, none with a date"
    dated = "all with a date" if len(times) == state.items else f"{len(times)} with a date"
    newest, oldest = (moment_in_words(moment, checked.now, dates) for moment in (max(times), min(times)))
    return f"{state.items}, {dated}; the newest of {newest}, the oldest of {oldest}"


def _rhythm(state: FeedState) -> str:
    if state.window is None or not state.items:
        return ""
    return f"{rhythm_in_words(state.rhythm)}; what it holds turns over in {duration_in_words(state.window)}"


def _manners(examined: Examined) -> str:
    response = examined.response
    assert response is not None
    validators = [name for name, value in (("ETag", response.etag), ("Last-Modified", response.last_modified)) if value]
    again = _AGAIN.get(examined.again)
    return f"{names_in_words(validators)}; {again}" if validators and again else names_in_words(validators) or "no validators"


def _wishes(state: FeedState) -> str:
    """What the answer and the document ask of who polls."""
    said = (("max-age", state.max_age_s), ("ttl", state.hints.ttl_s), ("updates every", state.hints.update_s))
    parts = [f"{name} {duration_in_words(timedelta(seconds=length))}" for name, length in said if length]
    return ", ".join([*parts, *_skipped(state.hints)])


def _skipped(hints: Hints) -> list[str]:
    hours = [f"not at {', '.join(str(hour) for hour in hints.skip_hours)} o'clock GMT"] if hints.skip_hours else []
    days = [f"not on {names_in_words([_DAYS[day] for day in hints.skip_days])}"] if hints.skip_days else []
    return [*hours, *days]


def _interval(checked: Checked, interval: timedelta) -> str:
    own = " (yours)" if checked.feed.every is not None else ""
    return f"asked again after {duration_in_words(interval)}{own}"


def _times(checked: Checked) -> list[datetime]:
    parsed = checked.examined.parsed if checked.examined else None
    return [item.published for item in parsed.items if item.published is not None] if parsed else []


def summary(checked: Sequence[Checked]) -> str:
    """All in a sentence: "24 feeds: 21 fine, 2 odd, 1 fails"."""
    counts = [(word, sum(one.result == word for one in checked)) for word in ("fine", "odd", "fails", "not asked")]
    said = ", ".join(f"{number} {word if word != 'fails' or number == 1 else 'fail'}" for word, number in counts if number)
    return f"{count_in_words(len(checked), 'feed')}: {said}."


def checked_object(checked: Checked) -> Object:
    """A feed for ``--json``."""
    examined, state = checked.examined, checked.state
    response = examined.response if examined else None
    times = _times(checked)
    hints = state.hints if state else None
    return {
        "url": shown(checked.feed.url),
        "outlet": checked.feed.outlet,
        "result": checked.result,
        "error": checked.error,
        "status": examined.status if examined else None,
        "seconds": round(examined.seconds, 3) if response and examined else None,
        "moved_to": shown(response.url) if response and examined and response.url != examined.url else None,
        "moved_for_good": bool(response and response.permanent_url),
        "format": examined.survey.kind if examined and examined.survey else None,
        "title": state.title if state else None,
        "items": state.items if state else None,
        "dated": len(times) if state else None,
        "newest": time_text(max(times)) if times else None,
        "oldest": time_text(min(times)) if times else None,
        "per_day": round(timedelta(days=1) / state.rhythm, 2) if state and state.rhythm else None,
        "window_s": state.window_s if state else None,
        "etag": bool(response and response.etag),
        "last_modified": bool(response and response.last_modified),
        "conditional": str(examined.again) if examined else str(Again.NOT_ASKED),
        "max_age_s": state.max_age_s if state else None,
        "ttl_s": hints.ttl_s if hints else None,
        "update_s": hints.update_s if hints else None,
        "skip_hours": list(hints.skip_hours) if hints else [],
        "skip_days": list(hints.skip_days) if hints else [],
        "compressed": bool(response and response.encoding),
        "size": len(response.body or b"") if response else None,
        "odd": checked.odd,
        "interval_s": round(checked.interval.total_seconds()) if checked.interval is not None else None,
    }
