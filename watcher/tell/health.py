"""What is told of feeds that fail or fall silent, and of those that are well again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from watcher.model import Target
from watcher.tell.blocks import Block, Passage, Row
from watcher.tell.dates_in_words import Dates
from watcher.tell.layout import compose
from watcher.tell.message import REPEAT, Message, inert, inert_name, names_in_words

_REASON_LIMIT = 300

#: What a feed has, by `decide.health.How`: for a title, one feed and several; for its own block; and what to do.
_WORDS = {
    "failing": (
        "has failed since {since}",
        "have failed for a day",
        "watcher tries again by itself, at longer and longer intervals.",
    ),
    "gone": ("was taken away", "were taken away", "It is not asked any more. Look for its new address: watcher feeds add SITE"),
    "silent": (
        "has brought nothing since {since}",
        "have brought nothing for long",
        "It answers, but it may have been left behind. See what it holds: watcher feeds check",
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedTold:
    """A feed of which something is told. `how` is failing, gone or silent, `since` is UTC; `over` says that it is well again."""

    outlet: str
    how: str
    since: datetime | None
    reason: str = ""
    over: bool = False


def render_health(
    feeds: Sequence[FeedTold], *, message_id: str, target: Target, dates: Dates, may_repeat: bool = False
) -> Message:
    """One message of everything that came together: what fails first, then what works again."""
    ordered = sorted(feeds, key=lambda feed: feed.over)
    return compose(
        _title(ordered, dates),
        [_block(feed, dates) for feed in ordered],
        message_id=message_id,
        target=target,
        kind="success" if all(feed.over for feed in feeds) else "warning",
        before=(REPEAT,) if may_repeat else (),
        ask=("All feeds", "watcher feeds"),
    )


def _title(feeds: Sequence[FeedTold], dates: Dates) -> str:
    """The title: of one kind if all are alike, else of the worst."""
    bad = [feed for feed in feeds if not feed.over]
    alike = [feed for feed in feeds if (feed.over, feed.how) == (feeds[0].over, feeds[0].how)]
    names = _names([feed.outlet for feed in (alike if bad else feeds)])
    if not bad:
        return f"Feeds: {names} {'works' if len(feeds) == 1 else 'work'} again"
    one, several, _ = _WORDS[alike[0].how]
    what = one.format(since=_day(alike[0].since, dates)) if len(alike) == 1 else several
    more = len(bad) - len(alike)
    return f"Feeds: {names} {what}" + (f", and {more} more in trouble" if more else "")


def _names(outlets: Sequence[str]) -> str:
    names = list(dict.fromkeys(inert_name(outlet) for outlet in outlets))
    return names_in_words(names) if len(names) <= 3 else f"{len(names)} outlets"


def _block(feed: FeedTold, dates: Dates) -> Block:
    one, _, advice = _WORDS[feed.how]
    since = _day(feed.since, dates)
    name = inert_name(feed.outlet)
    if feed.over:
        return _told(f"{name} works again", f"{name} {_past(one.format(since=since))}; it is well again.")
    reason = inert(feed.reason, limit=_REASON_LIMIT)
    beginning, has_day, _ = one.partition(" {since}")
    rows = (Row(text=since),) if has_day else ()
    return _told(f"{name} {beginning}", f"{name}: {reason}." if reason else "", advice, rows=rows)


def _told(opening: str, *lines: str, rows: tuple[Row, ...] = ()) -> Block:
    """An opening that its row ends, if there is one, and what is to be said of it."""
    said = tuple(filter(None, lines))
    headline = " ".join((opening, *(row.text for row in rows)))
    return Block(headline=headline, lines=said, passage=Passage(opening=opening, rows=rows, paragraphs=said))


def _past(what: str) -> str:
    """What was so until now: "had failed since …"."""
    return what.replace("has ", "had ", 1)


def _day(moment: datetime | None, dates: Dates) -> str:
    return "its first day" if moment is None else dates.said(moment, weekday=True)
