"""The fate of one item: what was read in it, and whom it told or why nobody."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from watcher.board.objects import Object, claim_object, time_text
from watcher.board.words import capital, moment_in_words, step_in_words, subject, value_in_words
from watcher.clean import plain
from watcher.cli.inquiry import Inquiry
from watcher.cli.layout import bold, heading, quiet, wrap
from watcher.model import DeliveryState, Evidence, ReleaseClaim, Title, Value, Verdict
from watcher.store import ask, views
from watcher.store.ask import Outcome
from watcher.store.views import Told
from watcher.tell.dates_in_words import Dates
from watcher.tell.message import quoted

_VERDICTS = {
    Verdict.ABOUT: "{} itself",
    Verdict.LIKELY: "most likely {}",
    Verdict.NAMED: "{} by name, though nothing shows that it is this one",
    Verdict.OTHER: "another work than {}",
}
#: The stages of the line that end an item without a word of their own.
_STAGES = ("read: ", "decided: ")
_STATES = {
    None: "waits for {target}, {at} at the earliest",
    DeliveryState.PENDING: "tried, and tried again: {target}",
    DeliveryState.SENDING: "being sent to {target}",
    DeliveryState.SENT: "sent to {target}, {at}",
    DeliveryState.UNKNOWN: "may have reached {target}; nobody can know",
    DeliveryState.DEAD: "given up: {target}",
}


def item_lines(fate: Outcome, title: Title, inquiry: Inquiry, db: sqlite3.Connection) -> list[str]:
    """The item, its claims with their sentences, and what became of them."""
    width, source = inquiry.width, fate.source
    published = inquiry.dates.said(source.published) if source.published else "no date"
    lines = [bold(line) for line in wrap(plain(source.title) or fate.item, width=width, indent=0, hanging=2)]
    outlet = f"{plain(source.outlet)}, " if source.outlet else ""
    lines += [f"{outlet}{published}, seen {moment_in_words(source.first_seen, inquiry.now, inquiry.dates)}"]
    lines += [quiet(plain(source.link))] if source.link else []
    lines += ["", heading("READ AS"), *wrap(f"About {_about(fate, title)}.", width=width)]
    for evidence in _claims(fate, db):
        lines += wrap(_claim_in_words(evidence, inquiry.dates), width=width, hanging=4)
        if sentence := plain(evidence.claim.sentence.text):
            lines += [quiet(line) for line in wrap(quoted(sentence), width=width, indent=6, hanging=6)]
    return [*lines, heading("OUTCOME"), *_outcome(fate, inquiry, db)]


def item_object(fate: Outcome, db: sqlite3.Connection) -> Object:
    """The same for ``--json``."""
    return {
        "item": fate.item,
        "headline": fate.source.title,
        "outlet": fate.source.outlet,
        "link": fate.source.link,
        "published": time_text(fate.source.published),
        "first_seen": time_text(fate.source.first_seen),
        "verdict": fate.verdict,
        "outcome": fate.outcome,
        "claims": [claim_object(evidence) for evidence in _claims(fate, db)],
        "told": [
            {
                "change": one.change,
                "target": one.target,
                "state": None if one.state is None else str(one.state),
                "at": time_text(one.at),
                "dropped": one.dropped,
            }
            for one in views.told(db, _changes(fate))
        ],
    }


def _claims(fate: Outcome, db: sqlite3.Connection) -> list[Evidence]:
    """The item's claims about this title."""
    found = ask.evidence_by_id(db, views.claims_of_item(db, fate.item))
    return [evidence for evidence in found if evidence.claim.title == fate.title]


def _claim_in_words(evidence: Evidence, dates: Dates) -> str:
    claim = evidence.claim
    credited = f", crediting {plain(claim.credits)}" if claim.credits else ""
    if isinstance(claim, ReleaseClaim):
        was = f" (was {dates.in_words(claim.from_date)})" if claim.from_date else ""
        what = subject(evidence.key, Value(date=claim.date))
        return f"{capital(what)}: {claim.action} {dates.in_words(claim.date)}{was}, {claim.modality}{credited}"
    value = Value(status=claim.status, role=claim.role, person=claim.person)
    return f"{subject(evidence.key, value)}: {value_in_words(value, dates)}, {claim.modality}{credited}"


def _about(fate: Outcome, title: Title) -> str:
    """What the item is about, as it was read."""
    return _VERDICTS.get(Verdict(fate.verdict), "{}").format(plain(title.name))


def _changes(fate: Outcome) -> Sequence[str]:
    """The changes that an outcome names as told."""
    return fate.outcome.removeprefix("told: ").split(", ") if fate.outcome.startswith("told: ") else ()


def _outcome(fate: Outcome, inquiry: Inquiry, db: sqlite3.Connection) -> list[str]:
    if not _changes(fate):
        reason = plain(fate.outcome)
        for stage in _STAGES:
            reason = reason.removeprefix(stage)
        return wrap(f"Told nobody. {capital(reason)}.", width=inquiry.width)
    made = {change.id: change for change in ask.changes_by_id(db, _changes(fate))}
    lines = []
    for one in views.told(db, _changes(fate)):
        change = made[one.change]
        what = f"{capital(subject(change.key, change.new))}, {step_in_words(change, inquiry.dates)}"
        lines += wrap(f"{what}: {_delivery(one, inquiry)}.", width=inquiry.width, hanging=4)
    return lines


def _delivery(one: Told, inquiry: Inquiry) -> str:
    if one.dropped:
        return f"not told to {plain(one.target)}: {plain(one.dropped)}"
    at = moment_in_words(one.at, inquiry.now, inquiry.dates)
    return _STATES[one.state].format(target=plain(one.target), at=at)
