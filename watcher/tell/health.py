"""What is told of feeds that fail or fall silent, of targets out of reach, and of those that are well again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from watcher.tell.blocks import Block, Passage, Piece, Row
from watcher.tell.dates_in_words import Dates
from watcher.tell.lists import names_in_words
from watcher.tell.message import inert, inert_name, quoted

_REASON_LIMIT = 300

#: What a feed or a target has, by `decide.health.How`: for a title, one and several; and what to do. The worst first.
_WORDS = {
    "given-up": (
        "refuses an alert",
        "refuse alerts",
        "It was tried again and again, while others got through. To have it sent once more: watcher notify list",
    ),
    "unreached": (
        "has taken no alert since {since}",
        "have taken no alert for an hour",
        "What waits for it is kept and sent once it answers. What that is: watcher notify list",
    ),
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


#: The verbs for several, of one.
_OF_ONE = {"refuse": "refuses", "have": "has", "were": "was"}

#: What is no feed, but a target.
_TARGETS = ("given-up", "unreached")


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """A feed (by its outlet) or a target of which something is told.

    `how` is failing, gone, silent, unreached or given-up, `since` is UTC; `over` says that it is well again. `about` is the
    title of the alert that was given up.
    """

    name: str
    how: str
    since: datetime | None
    reason: str = ""
    over: bool = False
    about: str = ""

    @property
    def rank(self) -> tuple[bool, int]:
        """Sorts troubles, the worst first and what is over last."""
        return self.over, list(_WORDS).index(self.how)

    @property
    def shown(self) -> str:
        """The name as it stands in a text: that of a target is a word of the user's own."""
        return quoted(inert_name(self.name)) if self.how in _TARGETS else inert_name(self.name)


def health(troubles: Sequence[Trouble], *, dates: Dates) -> Piece:
    """Everything that came together: what is worst first, then what works again."""
    ordered = sorted(troubles, key=lambda one: one.rank)
    command = "watcher notify list" if ordered[0].how in _TARGETS else "watcher feeds"
    return Piece(
        name="watcher itself",
        title=_title(ordered, dates),
        blocks=tuple(_block(one, dates) for one in ordered),
        count=len(ordered),
        kind="success" if all(one.over for one in troubles) else "warning",
        ask=("What waits and why" if command.endswith("list") else "All feeds", command),
    )


def _title(troubles: Sequence[Trouble], dates: Dates) -> str:
    """The title: of one kind if all are alike, else of the worst."""
    bad = [one for one in troubles if not one.over]
    alike = [one for one in troubles if (one.over, one.how) == (troubles[0].over, troubles[0].how)]
    names = _names(alike if bad else troubles)
    topic = "Alerts" if troubles[0].how in _TARGETS else "Feeds"
    if not bad:
        return f"{topic}: {names} {'works' if _is_one(troubles) else 'work'} again"
    one, several, _ = _WORDS[alike[0].how]
    what = one.format(since=_day(alike[0].since, dates)) if len(alike) == 1 else several
    if len(alike) > 1 and _is_one(alike):
        verb, rest = what.split(" ", 1)
        what = f"{_OF_ONE[verb]} {rest}"
    more = len(bad) - len(alike)
    return f"{topic}: {names} {what}" + (f", and {more} more in trouble" if more else "")


def _is_one(troubles: Sequence[Trouble]) -> bool:
    """Whether all is of one name: several feeds of an outlet, several alerts of a target."""
    return len({one.shown for one in troubles}) == 1


def _names(troubles: Sequence[Trouble]) -> str:
    names = list(dict.fromkeys(one.shown for one in troubles))
    return names_in_words(names) if len(names) <= 3 else f"{len(names)} {'targets' if troubles[0].how in _TARGETS else 'outlets'}"


def _block(one: Trouble, dates: Dates) -> Block:
    words, _, advice = _WORDS[one.how]
    since = _day(one.since, dates)
    name = one.shown
    if one.over:
        return _told(f"{name} works again", f"{name} {_past(words.format(since=since))}; it is well again.")
    reason = inert(one.reason, limit=_REASON_LIMIT)
    beginning, has_day, _ = words.partition(" {since}")
    rows = (Row(text=since),) if has_day else ()
    about = quoted(inert(one.about, limit=_REASON_LIMIT)) if one.about else ""
    return _told(f"{name} {beginning}", about, f"{name}: {reason.rstrip('.')}." if reason else "", advice, rows=rows)


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
