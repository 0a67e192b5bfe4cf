"""Changes put into the words of an alert: what happened first, then how sure, from whom, and what is still in doubt.

Nothing here asks the clock: `today` is the day in the user's time zone, and days to go are counted from it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from watcher.edtf import Edtf
from watcher.model import Change, ChangeKind, Confidence, ReleaseKey, ReleaseType, Status, Value
from watcher.tell.dates_in_words import date_in_words, day_in_words, move_in_words, to_go_in_words
from watcher.tell.layout import Block, compose
from watcher.tell.message import (
    REPEAT,
    SENTENCE_LIMIT,
    TITLE_LIMIT,
    Message,
    Told,
    inert,
    inert_name,
    names_in_words,
    safe_link,
    sent_to,
)
from watcher.tell.phrases import after_name, headline, importance, mood
from watcher.tell.places import WORLD, place_in_words, region_in_words
from watcher.tell.summary import render_summary

__all__ = ["Message", "Told", "block_of", "render_alert", "render_summary", "render_test"]

_TEST = "This is a test from watcher: the film and its dates are invented. A real alert looks like this."

#: How sure we are, by confidence: when others agree, when one outlet stands alone, when it passes on another's report.
_SURE = {
    Confidence.CONFIRMED: (
        "Confirmed: {first} first, then {others}.",
        "Confirmed: {first}.",
        "Confirmed: {first}, crediting {credits}.",
    ),
    Confidence.REPORTED: (
        "Reported by {first}, then {others}; not confirmed yet.",
        "Reported by {first} alone; unconfirmed.",
        "Reported by {first}, crediting {credits}; unconfirmed.",
    ),
    Confidence.RUMOURED: (
        "A rumour: {first}, then {others}; unconfirmed.",
        "A rumour: {first} alone; unconfirmed.",
        "A rumour: {first}, crediting {credits}; unconfirmed.",
    ),
}


def render_alert(
    told: Sequence[Told],
    *,
    title_name: str,
    message_id: str,
    target: str,
    today: date,
    home_regions: Sequence[str],
    may_repeat: bool = False,
    late: bool = False,
) -> Message:
    """One message for one or several changes of one title, the most important first.

    `home_regions` is the user's chain: dates of its first region are told without naming it. `late` says that the news had
    to wait for us, `may_repeat` that the same message may have arrived before.

    Raises:
        ValueError: there is nothing to tell.
    """
    if not told:
        raise ValueError("an alert needs at least one change")
    ordered = sorted(told, key=lambda one: importance(one.change, home_regions=home_regions))
    changes = [one.change for one in ordered]
    name = inert_name(title_name)
    remarks = (REPEAT if may_repeat else "", _late(changes) if late else "")
    return compose(
        _title(name, changes, home_regions),
        [block_of(one, name=name, today=today, home_regions=home_regions) for one in ordered],
        message_id=message_id,
        footer=sent_to(target, message_id),
        kind=mood(changes[0]),
        before=tuple(filter(None, remarks)),
    )


def render_test(*, message_id: str, target: str, today: date) -> Message:
    """What `notify test` sends: looks like a real alert, is about a film that there is not, and says so first."""
    told = Told(change=_invented(today), agree=("The Made-Up Herald",))
    name = "The Paper Lighthouse"
    alert = compose(
        f"Test: {_title(name, [told.change], ('US',))}",
        [block_of(told, name=name, today=today, home_regions=("US",))],
        message_id=message_id,
        footer=sent_to(target, message_id),
        kind="info",
        before=(_TEST,),
    )
    return replace(alert, link=None)


def _title(name: str, changes: Sequence[Change], home_regions: Sequence[str]) -> str:
    """As many headlines as a lock screen shows, then "and 2 more"."""
    heads = [headline(change, home_regions=home_regions, with_role=len(changes) == 1) for change in changes]
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


def block_of(one: Told, *, name: str, today: date, home_regions: Sequence[str]) -> Block:
    """What an alert says of one change; `name` is the title's, `today` the user's day."""
    change = one.change
    link = safe_link(change.link)
    outlet = inert_name(change.outlet) if change.outlet else ""
    return Block(
        headline=after_name(name, change, headline(change, home_regions=home_regions)),
        lines=tuple(filter(None, (_what(change, today), _support(one)))),
        quote=inert(change.sentence, limit=SENTENCE_LIMIT),
        source=f"{outlet}, {day_in_words(change.at.date())}" if outlet else "",
        link=link,
        doubts=tuple(_doubts(change)),
    )


def _what(change: Change, today: date) -> str:
    """The date in full with its place, direction and size of the move, and the days to go; empty for a credit."""
    new = change.new.date
    if not change.new.known:
        return "Nobody says so any more."
    if not isinstance(change.key, ReleaseKey) or new is None:
        return ""
    place = place_in_words(change.key)
    if new.is_unset:
        return f"No date any more: {place}."
    words = date_in_words(new, weekday=True)
    old = change.old.date if change.old else None
    counted = "; ".join(filter(None, (move_in_words(old, new) if old else "", to_go_in_words(new, today))))
    return f"{words[0].upper()}{words[1:]}, {place}. {counted[0].upper()}{counted[1:]}."


def _support(one: Told) -> str:
    """Who said it first and who agrees, in the words of how sure that makes us."""
    change = one.change
    if not change.outlet:
        return "Your own word."
    first = inert_name(change.outlet)
    if not change.new.known:
        return f"It rested on the word of {first}, which no longer stands."
    others = [inert_name(outlet) for outlet in one.agree]
    credited = inert_name(change.credits) if change.credits else ""
    together, alone, crediting = _SURE[change.confidence]
    pattern = together if others else crediting if credited and credited != first else alone
    if others and credited and credited != first:
        first = f"{first} (crediting {credited})"
    return pattern.format(first=first, others=names_in_words(others), credits=credited)


def _doubts(change: Change) -> list[str]:
    """What the change leaves open, each as one short sentence."""
    doubts = []
    new = change.new.date
    if change.kind is ChangeKind.CORRECTED:
        doubts.append("An earlier alert told you otherwise.")
    if new is not None and not new.is_unset and not new.is_day:
        doubts.append("No day is named yet.")
    if isinstance(change.key, ReleaseKey) and change.key.region != WORLD and change.kind in (ChangeKind.MOVED, ChangeKind.UNSET):
        doubts.append(f"This is the {region_in_words(change.key.region)} date; other countries may keep theirs.")
    if change.new.status is Status.IN_TALKS:
        doubts.append("Talks are not a deal yet.")
    return doubts


def _late(changes: Sequence[Change]) -> str:
    """Says that the news is older than the message."""
    if len(changes) > 1:
        return "While we were away:"
    return f"Told late: this is news of {day_in_words(changes[0].at.date())}."


def _invented(today: date) -> Change:
    """A move of a film that there is not, as an outlet that there is not would report it."""
    old, new = today + timedelta(days=100), today + timedelta(days=464)
    noon = datetime.combine(today, time(12), tzinfo=UTC)
    return Change(
        id="test",
        key=ReleaseKey(title="the-paper-lighthouse", region="US", type=ReleaseType.THEATRICAL),
        kind=ChangeKind.MOVED,
        old=Value(date=Edtf.of(old)),
        new=Value(date=Edtf.of(new)),
        confidence=Confidence.CONFIRMED,
        at=noon,
        recorded_at=noon,
        sentence=f"The Paper Lighthouse leaves {day_in_words(old)} and will now open on {day_in_words(new)}.",
        outlet="The Invented Reporter",
        link="https://example.org/the-paper-lighthouse",
    )
