"""Changes put into the words of an alert: what happened first, then how sure, from whom, and what is still in doubt.

Nothing here asks the clock: `today` is the day in the user's time zone, and days to go are counted from it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from watcher.edtf import Edtf
from watcher.model import Change, ChangeKind, Confidence, ReleaseKey, ReleaseType, Target, Value
from watcher.tell.blocks import Block, Piece
from watcher.tell.dates_in_words import Dates, move_in_words, to_go_in_words
from watcher.tell.layout import LATE, compose
from watcher.tell.message import (
    HEADLINE_LIMIT,
    SENTENCE_LIMIT,
    TITLE_LIMIT,
    Message,
    Told,
    inert,
    inert_name,
    safe_link,
)
from watcher.tell.passages import all_evidence, evidence_of, passage_of
from watcher.tell.phrases import after_name, headline, importance, mood
from watcher.tell.places import place_in_words
from watcher.tell.support import doubts, support

_TEST = "This is a test from watcher: the film and its dates are invented. A real alert looks like this."


def alert(
    told: Sequence[Told], *, title_name: str, today: date, home_regions: Sequence[str], dates: Dates, late: bool = False
) -> Piece:
    """One or several changes of one title, the most important first.

    `home_regions` is the user's chain: dates of its first region are told without naming it. `late` says that the news had
    to wait for us.

    Raises:
        ValueError: there is nothing to tell.
    """
    if not told:
        raise ValueError("an alert needs at least one change")
    ordered = sorted(told, key=lambda one: importance(one.change, home_regions=home_regions))
    changes = [one.change for one in ordered]
    name = inert_name(title_name)
    blocks = tuple(block_of(one, name=name, today=today, home_regions=home_regions, dates=dates) for one in ordered)
    return Piece(
        name=name,
        title=_title(name, changes, home_regions, dates),
        lead=blocks[0].headline,
        count=len(blocks),
        blocks=blocks,
        kind=mood(changes[0]),
        remark=_late(changes, dates) if late else "",
        ask=evidence_of(changes[0].key, home_regions=home_regions) if len(changes) == 1 else all_evidence(changes[0].key.title),
    )


def render_test(*, message_id: str, target: Target, today: date, dates: Dates) -> Message:
    """What `notify test` sends: looks like a real alert, is about a film that there is not, and says so first."""
    told = Told(change=_invented(today, dates), agree=("The Made-Up Herald",))
    name = "The Paper Lighthouse"
    alert = compose(
        f"Test: {_title(name, [told.change], ('US',), dates)}",
        [block_of(told, name=name, today=today, home_regions=("US",), dates=dates)],
        message_id=message_id,
        target=target,
        kind="info",
        before=(_TEST,),
        ask=evidence_of(told.change.key, home_regions=("US",)),
    )
    return replace(alert, link=None)


def _title(name: str, changes: Sequence[Change], home_regions: Sequence[str], dates: Dates) -> str:
    """As many headlines as a lock screen shows, then "and 2 more"."""
    heads = [headline(c, home_regions=home_regions, dates=dates, with_role=len(changes) == 1) for c in changes]
    title, shown = after_name(name, changes[0], heads[0]), 1
    for head in heads[1:]:
        rest = len(heads) - shown - 1
        longer = f"{title}; {head}"
        if len(longer) + (len(_more(rest)) if rest else 0) > TITLE_LIMIT:
            break
        title, shown = longer, shown + 1
    return title + _more(len(heads) - shown) if shown < len(heads) else title


def _more(count: int) -> str:
    return f"; and {count} more"


def block_of(one: Told, *, name: str, today: date, home_regions: Sequence[str], dates: Dates) -> Block:
    """What an alert says of one change; `name` is the title's, `today` the user's day."""
    change = one.change
    outlet = inert_name(change.outlet) if change.outlet else ""
    quote = inert(change.sentence, limit=SENTENCE_LIMIT)
    return Block(
        headline=after_name(name, change, headline(change, home_regions=home_regions, dates=dates)),
        lines=tuple(filter(None, (_what(change, today, dates), support(one)))),
        quote=quote,
        outlet=outlet,
        said_on=dates.said(change.at) if outlet else "",
        article=_article(one.article, quote),
        link=safe_link(change.link),
        doubts=tuple(doubts(change)),
        passage=passage_of(one, name=name, today=today, dates=dates),
    )


def _article(article: str, quote: str) -> str:
    """The article's headline, unless the sentence that is quoted is the headline."""
    found = inert(article, limit=HEADLINE_LIMIT)
    return "" if found.casefold().rstrip(".") in quote.casefold() else found


def _what(change: Change, today: date, dates: Dates) -> str:
    """The date in full with its place, direction and size of the move, and the days to go; empty for a credit."""
    new = change.new.date
    if not change.new.known:
        return "Nobody says so any more."
    if not isinstance(change.key, ReleaseKey) or new is None:
        return ""
    place = place_in_words(change.key)
    if new.is_unset:
        return f"{'Perhaps no' if change.confidence is Confidence.RUMOURED else 'No'} date any more: {place}."
    words = dates.in_words(new, weekday=True)
    old = change.old.date if change.old else None
    counted = "; ".join(filter(None, (move_in_words(old, new) if old else "", to_go_in_words(new, today))))
    return f"{words[0].upper()}{words[1:]}, {place}. {counted[0].upper()}{counted[1:]}."


def _late(changes: Sequence[Change], dates: Dates) -> str:
    """Says that the news is older than the message."""
    if len(changes) > 1:
        return LATE
    return f"Told late: this is news of {dates.said(changes[0].at)}."


def _invented(today: date, dates: Dates) -> Change:
    """A move of a film that there is not, as an outlet that there is not would report it."""
    old, new = today + timedelta(days=100), today + timedelta(days=464)
    noon = datetime.combine(today, time(12), tzinfo=dates.zone).astimezone(UTC)
    return Change(
        id="test",
        key=ReleaseKey(title="the-paper-lighthouse", region="US", type=ReleaseType.THEATRICAL),
        kind=ChangeKind.MOVED,
        old=Value(date=Edtf.of(old)),
        new=Value(date=Edtf.of(new)),
        confidence=Confidence.CONFIRMED,
        at=noon,
        recorded_at=noon,
        sentence=f"The Paper Lighthouse leaves {dates.day(old)} and will now open on {dates.day(new)}.",
        outlet="The Invented Reporter",
        link="https://example.org/the-paper-lighthouse",
    )
