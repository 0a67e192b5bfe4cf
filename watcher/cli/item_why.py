"""The fate of one item: what was read in it, and whom it told or why nobody."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from watcher.board.objects import Object, claim_object, time_text
from watcher.board.words import capital, claim_in_words, moment_in_words, outcome_in_words, step_in_words, subject
from watcher.clean import plain
from watcher.cli.inquiry import Inquiry
from watcher.cli.layout import bold, heading, quiet, wrap
from watcher.model import DeliveryState, Evidence, Modality, ReleaseClaim, Title, Verdict
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
    came = f"{outlet}{published}; came in {moment_in_words(source.first_seen, inquiry.now, inquiry.dates)}"
    lines += wrap(came, width=width, indent=0, hanging=2)
    lines += [quiet(plain(source.link))] if source.link else []
    lines += ["", heading("READ AS"), *wrap(f"About {_about(fate, title)}.", width=width)]
    for evidence in _claims(fate, db):
        lines += wrap(_whole_claim(evidence, inquiry.dates), width=width, hanging=4)
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


def _whole_claim(evidence: Evidence, dates: Dates) -> str:
    """What it says, of which date before, how firmly, and on whose word."""
    claim = evidence.claim
    was = f", from {dates.in_words(claim.from_date)}" if isinstance(claim, ReleaseClaim) and claim.from_date else ""
    firmly = "" if claim.modality in (Modality.RUMOURED, Modality.DENIED) else f"; {claim.modality}"
    credited = f", crediting {plain(claim.credits)}" if claim.credits else ""
    return f"{claim_in_words(evidence, dates)}{was}{firmly}{credited}"


def _about(fate: Outcome, title: Title) -> str:
    """What the item is about, as it was read."""
    return _VERDICTS.get(Verdict(fate.verdict), "{}").format(plain(title.name))


def _changes(fate: Outcome) -> Sequence[str]:
    """The changes that an outcome names as told."""
    return fate.outcome.removeprefix("told: ").split(", ") if fate.outcome.startswith("told: ") else ()


def _outcome(fate: Outcome, inquiry: Inquiry, db: sqlite3.Connection) -> list[str]:
    if not _changes(fate):
        return wrap(f"Told nobody: {outcome_in_words(fate.outcome, inquiry.dates)}.", width=inquiry.width)
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
