"""A stored item for the screen: the day, who published it, its headline and id; below, what was read and what became of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import groupby

from watcher.board.words import claim_in_words, outcome_in_words
from watcher.clean import plain
from watcher.cli.inquiry import Inquiry
from watcher.cli.layout import cells, pad, quiet, wrap
from watcher.cli.timeline import MARGIN, Timeline
from watcher.edtf import Edtf
from watcher.model import Action, CreditClaim, DeliveryState, Evidence, Key, ReleaseClaim, Status, Verdict
from watcher.store import views
from watcher.store.browsing import TOLD, Fate, Fated, Stored
from watcher.store.views import Told
from watcher.tell.dates_in_words import Dates
from watcher.tell.lists import names_in_words

_CLAIMS_SHOWN = 3
_BELOW = MARGIN + 2
_UNNAMED = "nothing that is watched"


def item_lines(items: Sequence[Stored], inquiry: Inquiry) -> Iterator[str]:
    """The items by years, newest first; a run of those that name nothing watched is dim, with that said once below."""
    line, last = Timeline(inquiry.dates), None
    runs = groupby(items, key=lambda one: (inquiry.dates.day_of(one.at).year, one.fate is Fate.UNNAMED))
    for (_, unnamed), run in runs:
        several = list(run)
        for one in several:
            day = inquiry.dates.day_of(one.at)
            lines = _head(one, inquiry.width)
            lines = list(map(quiet, lines)) if unnamed else [*lines, *_below(one, inquiry)]
            yield from line.entry(day, lines, same_day=day == last)
            last = day
        if unnamed:
            said = "Names" if len(several) == 1 else f"These {len(several)} name"
            yield from map(quiet, wrap(f"{said} {_UNNAMED}.", width=inquiry.width, indent=_BELOW, hanging=_BELOW))


def plain_line(one: Stored, inquiry: Inquiry) -> str:
    """The same in a line: "2026-05-20: The Ledger: HEADLINE. US cinemas: moves to May 1, 2026. Told. (0123456789ab)"."""
    day = inquiry.dates.short(inquiry.dates.day_of(one.at))
    said = " ".join(part for parts in _said(one, inquiry) for part in parts) or f"Names {_UNNAMED}."
    return f"{day}: {_name(one)}. {said} ({one.source.item})"


def _head(one: Stored, width: int) -> list[str]:
    """Who and what, beside the free margin, the id at the right of the first line; below, where a long word needs the room."""
    room = width - cells(one.source.item)
    first, *rest = wrap(_name(one), width=room - 2, indent=MARGIN)
    if cells(first) <= room - 2:
        return [pad(first, room) + one.source.item, *rest]
    return [first, *rest, " " * room + one.source.item]


def _name(one: Stored) -> str:
    outlet = f"{plain(one.source.outlet)}: " if one.source.outlet else ""
    return f"{outlet}{plain(one.source.title) or plain(one.source.link or '') or 'no headline'}"


def _below(one: Stored, inquiry: Inquiry) -> list[str]:
    """What was read and what became of it: in one line where that has room for both, else each in lines of its own."""
    lines = []
    for said in _said(one, inquiry):
        together = " ".join(said)
        for part in [together] if _BELOW + cells(together) <= inquiry.width else said:
            lines += wrap(part, width=inquiry.width, indent=_BELOW, hanging=_BELOW)
    return lines


def _said(one: Stored, inquiry: Inquiry) -> list[list[str]]:
    """For each title that it names what was read and what became of it, with the title's name where several are watched."""
    if one.ignored is not None:
        return [["You discarded it."]]
    names = {title.id: plain(title.name) for title in inquiry.config.titles}
    said = [list(filter(None, (_claims(fated, inquiry.dates), _ended(fated, inquiry)))) for fated in one.read]
    if len(names) == 1:
        return said
    heads = [names.get(fated.title, plain(fated.title)) for fated in one.read]
    return [[f"{head}: {first}", *rest] for head, (first, *rest) in zip(heads, said, strict=True)]


def _claims(fated: Fated, dates: Dates) -> str:
    """What it says of the title in few words, the news before what is told again as known."""
    news = [e for e in fated.claims if not (isinstance(e.claim, CreditClaim) and e.claim.status is Status.LISTED)]
    acts = {(e.key, e.claim.date) for e in news if isinstance(e.claim, ReleaseClaim) and e.claim.action is not Action.STATES}
    told = [e for e in news or fated.claims if not _states_one_of(e, acts)]
    said = list(dict.fromkeys(claim_in_words(e, dates) for e in told))
    more = [f"{len(said) - _CLAIMS_SHOWN} more"] if len(said) > _CLAIMS_SHOWN else []
    return "; ".join([*said[:_CLAIMS_SHOWN], *more]) + "." if said else ""


def _states_one_of(evidence: Evidence, dated: Collection[tuple[Key, Edtf]]) -> bool:
    """Whether it only names a day of which the same text says more."""
    claim = evidence.claim
    return isinstance(claim, ReleaseClaim) and claim.action is Action.STATES and (evidence.key, claim.date) in dated


def _ended(fated: Fated, inquiry: Inquiry) -> str:
    """What became of it."""
    reason = outcome_in_words(fated.outcome, inquiry.dates)
    match fated.fate:
        case Fate.TOLD:
            return _told(fated.outcome.removeprefix(TOLD).split(", "), inquiry)
        case Fate.IGNORED:
            return "You discarded it."
        case Fate.OTHER:
            head = "Another work" if fated.verdict is Verdict.OTHER else "By name alone"
            return f"{head}: {reason}."
        case Fate.NOTHING:
            return "Says nothing of a release or a credit."
        case _:
            return f"Told nobody: {reason}."


def _told(changes: Sequence[str], inquiry: Inquiry) -> str:
    assert inquiry.db is not None
    rows = views.told(inquiry.db, changes)
    sent = _targets(row for row in rows if row.dropped is None and row.state in (DeliveryState.SENT, DeliveryState.UNKNOWN))
    waits = _targets(row for row in rows if row.dropped is None and row.state not in (DeliveryState.SENT, DeliveryState.UNKNOWN))
    if not sent and not waits:
        dropped = next((plain(row.dropped) for row in rows if row.dropped), "")
        return f"Told nobody: {dropped}." if dropped else "Told."
    return " ".join([*([f"Sent to {sent}."] if sent else []), *([f"Waits for {waits}."] if waits else [])])


def _targets(rows: Iterable[Told]) -> str:
    return names_in_words(list(dict.fromkeys(plain(row.target) for row in rows)))
