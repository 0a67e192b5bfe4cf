"""A change as a letter tells it: one line of what happens, then the date on a line of its own, and what it was below."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import Literal

from watcher.edtf import Edtf
from watcher.model import Change, ChangeKind, Confidence, CreditKey, Key, ReleaseKey, ReleaseType, Status
from watcher.tell.blocks import Passage, Row
from watcher.tell.dates_in_words import Dates, from_today_in_words, move_in_words, preposition
from watcher.tell.message import Told, inert_name
from watcher.tell.phrases import CREW_WORDS, date_of, headline, person_in_words
from watcher.tell.places import in_region, place_in_words
from watcher.tell.support import support_at_length, unknown

Manner = Literal["does", "may", "did"]

#: What a film does when it comes out, may do or has done; the place follows.
_OPENS: dict[Manner, str] = {"does": "opens in {place}", "may": "open in {place}", "did": "opened in {place}"}
_DOES: dict[ReleaseType, dict[Manner, str]] = {
    ReleaseType.THEATRICAL: _OPENS,
    ReleaseType.LIMITED: _OPENS,
    ReleaseType.PREMIERE: {"does": "premieres {where}", "may": "premiere {where}", "did": "premiered {where}"},
    ReleaseType.DIGITAL: {"does": "goes digital {where}", "may": "go digital {where}", "did": "went digital {where}"},
    ReleaseType.STREAMING: {
        "does": "starts streaming {where}",
        "may": "start streaming {where}",
        "did": "started streaming {where}",
    },
    ReleaseType.PHYSICAL: {"does": "comes to disc {where}", "may": "come to disc {where}", "did": "came to disc {where}"},
    ReleaseType.TV: {"does": "airs {where}", "may": "air {where}", "did": "aired {where}"},
}

_ACTOR = {
    Status.JOINS: "{person} joins the cast of {name}{role}",
    Status.IN_TALKS: "{person} is in talks for {name}{play}",
    Status.RUMOURED: "{person} is rumoured to join the cast of {name}{role}",
    Status.EXITS: "{person} leaves {name}",
    Status.DENIED: "{person} is not joining the cast of {name}",
    Status.DIED: "{person} of {name} has died",
    Status.LISTED: "{person} is in the cast of {name}{role}",
}
_CREW = {
    Status.JOINS: "{person} {does} {name}{as_job}",
    Status.IN_TALKS: "{person} is in talks to {do} {name}{as_job}",
    Status.RUMOURED: "{person} is rumoured to {do} {name}{as_job}",
    Status.EXITS: "{person} leaves {name} as {job}",
    Status.DENIED: "{person} is not {doing} {name}{as_job}",
    Status.DIED: "{person} of {name} has died",
    Status.LISTED: "{person} {does} {name}{as_job}",
}
#: What stands before a date that is surer than it was.
_FIRMER = {Confidence.CONFIRMED: "Now confirmed: ", Confidence.REPORTED: "No longer just a rumour: "}
#: What a shell takes for one plain word.
_WORD = re.compile(r"[\w-]+")
_JOINING = ("joins", "join", "joining")


def passage_of(one: Told, *, name: str, today: date, dates: Dates) -> Passage:
    """A change of the title called `name`; `today` is the reader's day."""
    change = one.change
    rows = _rows(change, today, dates)
    sure, support = support_at_length(one)
    corrected = change.kind is ChangeKind.CORRECTED and not any(row.lead for row in rows)
    return Passage(
        opening=_opening(change, name, dates),
        rows=rows,
        sure=sure if change.new.known else "Nobody says so any more.",
        paragraphs=tuple(filter(None, (support, "An earlier alert told you otherwise." if corrected else ""))),
        unknown=unknown(change),
    )


def opens(name: str, key: ReleaseKey, when: Edtf, *, manner: Manner = "does", now: str = "") -> str:
    """What the film does, to be followed by its date: "Harbor Lights now opens in US cinemas on"."""
    does = _DOES[key.type][manner].format(place=place_in_words(key), where=in_region(key.region))
    return f"{name} {'may ' if manner == 'may' else ''}{now}{does} {preposition(when)}"


def evidence_of(key: Key, *, home_regions: Sequence[str] = ()) -> tuple[str, str]:
    """The command that shows what a fact rests on, with what it answers; the first home region's opening is "release"."""
    if isinstance(key, CreditKey):
        what = key.person if _WORD.fullmatch(key.person) else ""
    elif key.type is not ReleaseType.THEATRICAL:
        what = f"{key.region} {key.type}"
    else:
        what = "release" if key.region in home_regions[:1] else key.region
    return all_evidence(f"{key.title} {what}".rstrip())


def all_evidence(what: str) -> tuple[str, str]:
    """The same for all of a title, or for what `why` is to be asked."""
    return "All evidence", f"watcher why {what}"


def _opening(change: Change, name: str, dates: Dates) -> str:
    if isinstance(change.key, CreditKey):
        return _credit(change, change.key, name, dates)
    new, place = date_of(change), place_in_words(change.key)
    may = change.confidence is Confidence.RUMOURED
    if new is None:
        if change.kind is ChangeKind.CORRECTED:
            return f"Correction: {name} has no date after all ({place})"
        return f"{name} {'may be' if may else 'is'} off the calendar ({place})"
    if change.kind is ChangeKind.RELEASED:
        return f"{name} is out now ({place})"
    firmer = _FIRMER.get(change.confidence, "")
    first = {ChangeKind.CORRECTED: "Correction: ", ChangeKind.CONFIRMED: firmer}.get(change.kind, "")
    now = "now " if change.kind is ChangeKind.MOVED else ""
    return first + opens(name, change.key, new, manner="may" if may else "does", now=now)


def _rows(change: Change, today: date, dates: Dates) -> tuple[Row, ...]:
    """The date with how far off it is, and what was held before with direction and size of the move."""
    if not isinstance(change.key, ReleaseKey):
        return ()
    new, old = date_of(change), date_of(change, old=True)
    rows = [Row(text=dates.in_words(new, weekday=True), beside=from_today_in_words(new, today))] if new else []
    if old and old != new:
        corrected = change.kind is ChangeKind.CORRECTED
        moved = move_in_words(old, new) if new else ""
        beside = "as an earlier alert said" if corrected else moved
        rows.append(Row(text=dates.in_words(old, weekday=True), beside=beside, lead="not" if corrected else "was"))
    return tuple(rows)


def _credit(change: Change, key: CreditKey, name: str, dates: Dates) -> str:
    """A person's step as a whole sentence."""
    person = person_in_words(change, key)
    if not change.new.known:
        return f"{name}: {headline(change, home_regions=(), dates=dates)}"
    status = change.new.status or Status.LISTED
    role = f" as {inert_name(change.new.role)}" if change.new.role else ""
    job = inert_name(key.job)
    does, do, doing = CREW_WORDS.get(key.job, _JOINING)
    pattern = (_ACTOR if key.job == "actor" else _CREW)[status]
    replaced = change.old.person if change.old else None
    if change.kind is ChangeKind.RECAST and replaced and inert_name(replaced) != person:
        pattern = f"{{person}} replaces {_verbatim(inert_name(replaced))} in {{name}}{{role}}"
    sentence = pattern.format(
        person=person,
        name=name,
        role=role,
        play=role.replace(" as ", ", to play ", 1),
        job=job,
        does=does,
        do=do,
        doing=doing,
        as_job="" if key.job in CREW_WORDS else f" as {job}",
    )
    rumour = change.confidence is Confidence.RUMOURED and status is not Status.RUMOURED
    first = "Correction: " if change.kind is ChangeKind.CORRECTED else "A rumour: " if rumour else ""
    return f"{first}{sentence}."


def _verbatim(text: str) -> str:
    """Text that a pattern shows as it is."""
    return text.replace("{", "{{").replace("}", "}}")
