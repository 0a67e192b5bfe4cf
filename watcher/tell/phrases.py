"""A change as a headline: the few words after a title's name that say what happened."""

from __future__ import annotations

from collections.abc import Sequence

from watcher.edtf import Edtf
from watcher.model import Change, ChangeKind, Confidence, CreditKey, ReleaseKey, ReleaseType, Status
from watcher.tell.blocks import MessageKind
from watcher.tell.countdown import TYPE_ORDER
from watcher.tell.dates_in_words import Dates, move_in_words, preposition
from watcher.tell.message import inert_name
from watcher.tell.places import WORLD, in_region, place_in_words

#: How each type of release is spoken of: as a noun, as what the film does, and as what it may do.
_RELEASES = {
    ReleaseType.THEATRICAL: ("", "opens", "open"),
    ReleaseType.LIMITED: ("limited release", "opens in select cinemas", "open in select cinemas"),
    ReleaseType.PREMIERE: ("premiere", "premieres", "premiere"),
    ReleaseType.DIGITAL: ("digital release", "goes digital", "go digital"),
    ReleaseType.STREAMING: ("streaming release", "starts streaming", "start streaming"),
    ReleaseType.PHYSICAL: ("disc release", "comes to disc", "come to disc"),
    ReleaseType.TV: ("broadcast", "airs", "air"),
}

#: What happened to a release: said firmly, and said as a rumour.
_STEPS = {
    ChangeKind.SET: ("{verb} {when}{where}", "may {base} {when}{where}"),
    ChangeKind.REFINED: ("{verb} {when}{where}{was}", "may {base} {when}{where}{was}"),
    ChangeKind.MOVED: ("{noun} moves to {day}{where}{was}", "{noun} may move to {day}{where}{was}"),
    ChangeKind.UNSET: ("{noun} is off the calendar{where}{was}", "{noun} may be off the calendar{where}{was}"),
    ChangeKind.CONFIRMED: ("{noun} {day}{where} is confirmed", "{noun} {day}{where}"),
    ChangeKind.RELEASED: ("out now ({place})", "out now ({place})"),
    ChangeKind.CORRECTED: ("correction: {verb} {when}{where}{instead}", "correction: may {base} {when}{where}{instead}"),
}
#: The step from a rumour to a report, which confirms nothing yet.
_FIRMER = "{noun} {day}{where} is no longer just a rumour"
_TAKEN_BACK = "correction: no date{where} after all{instead}"
_CREDIT_TAKEN_BACK = "correction: “{person} {said}” was taken back"

#: How each job is spoken of: does it, to do it, doing it. A job that is not here is joined "as" what it is called.
CREW_WORDS = {
    "director": ("directs", "direct", "directing"),
    "writer": ("writes", "write", "writing"),
    "producer": ("produces", "produce", "producing"),
    "composer": ("scores", "score", "scoring"),
}
_ACTOR = {
    Status.JOINS: "joins{role}",
    Status.IN_TALKS: "in talks{play}",
    Status.RUMOURED: "rumoured to join{role}",
    Status.EXITS: "leaves",
    Status.DENIED: "not joining",
    Status.DIED: "has died",
    Status.LISTED: "in the cast{role}",
}
_CREW = {
    Status.JOINS: "{does}",
    Status.IN_TALKS: "in talks to {do}",
    Status.RUMOURED: "rumoured to {do}",
    Status.EXITS: "leaves as {job}",
    Status.DENIED: "not {doing}",
    Status.DIED: "has died",
    Status.LISTED: "{does}",
}

_RELEASE_STEPS = (
    ChangeKind.MOVED,
    ChangeKind.UNSET,
    ChangeKind.CORRECTED,
    ChangeKind.RELEASED,
    ChangeKind.SET,
    ChangeKind.REFINED,
    ChangeKind.CONFIRMED,
)
_CREDIT_STATUSES = (
    Status.DIED,
    Status.EXITS,
    Status.JOINS,
    Status.IN_TALKS,
    Status.DENIED,
    Status.RUMOURED,
    Status.LISTED,
)


def headline(change: Change, *, home_regions: Sequence[str], dates: Dates, with_role: bool = True) -> str:
    """What happened, without the title's name: "moves to June 6, 2025 (was June 7, 2024)", "Ian McShane joins".

    A region is named unless it is the first of `home_regions` (the user's chain) or the world.
    """
    if isinstance(change.key, CreditKey):
        return _credit(change, change.key, with_role=with_role)
    return _release(change, change.key, home_regions, dates)


def after_name(name: str, change: Change, words: str) -> str:
    """The headline after the title's name: with a colon, or as one sentence where the film itself is what moves."""
    moves = change.kind in (ChangeKind.MOVED, ChangeKind.UNSET)
    is_film = isinstance(change.key, ReleaseKey) and change.key.type is ReleaseType.THEATRICAL
    return f"{name} {words}" if moves and is_film else f"{name}: {words}"


def importance(change: Change, *, home_regions: Sequence[str]) -> tuple[int, int, int, int, int]:
    """Sorts changes as a reader would, most important first: dates before people, cinemas before discs, home before abroad."""
    doubt = -change.confidence.rank
    if isinstance(change.key, ReleaseKey):
        region = list(home_regions).index(change.key.region) if change.key.region in home_regions else len(home_regions)
        step = _RELEASE_STEPS.index(change.kind) if change.kind in _RELEASE_STEPS else len(_RELEASE_STEPS)
        return (0, TYPE_ORDER.index(change.key.type), region, step, doubt)
    status = change.new.status
    return (1, _CREDIT_STATUSES.index(status) if status else len(_CREDIT_STATUSES), 0, 0, doubt)


def mood(change: Change) -> MessageKind:
    """The colour of a message: a warning for what a waiting person has to take, success for what they waited for."""
    if change.kind is ChangeKind.RELEASED:
        return "success"
    if change.kind in (ChangeKind.UNSET, ChangeKind.CORRECTED):
        return "warning"
    old, new = date_of(change, old=True), date_of(change)
    return "warning" if old and new and move_in_words(old, new).endswith("later") else "info"


def person_in_words(change: Change, key: CreditKey) -> str:
    """The person's name as it was written, or what the slug shows of it."""
    return inert_name(change.new.person or (change.old.person if change.old else None) or key.person.replace("-", " ").title())


def date_of(change: Change, *, old: bool = False) -> Edtf | None:
    """A change's new or old date, None where there is none on the calendar."""
    value = change.old if old else change.new
    return value.date if value is not None and value.date is not None and not value.date.is_unset else None


def _release(change: Change, key: ReleaseKey, home_regions: Sequence[str], dates: Dates) -> str:
    noun, verb, base = _RELEASES[key.type]
    new, old = date_of(change), date_of(change, old=True)
    at_home = key.region == WORLD or not home_regions or key.region == home_regions[0]
    day = dates.in_words(new) if new else "no date"
    firm, rumour = _STEPS.get(change.kind, _STEPS[ChangeKind.SET])
    pattern = rumour if change.confidence is Confidence.RUMOURED else firm
    if change.kind is ChangeKind.CONFIRMED and change.confidence is Confidence.REPORTED:
        pattern = _FIRMER
    if new is None and change.kind is not ChangeKind.UNSET:
        pattern = _TAKEN_BACK if change.kind is ChangeKind.CORRECTED else _STEPS[ChangeKind.UNSET][0]
    return pattern.format(
        noun=noun,
        verb=verb,
        base=base,
        day=day,
        when=day if new is None or new.is_day else f"{preposition(new)} {day}",
        where="" if at_home else f" {in_region(key.region)}",
        place=place_in_words(key),
        was=f" (was {dates.in_words(old)})" if old else "",
        instead=f", not {dates.in_words(old)}" if old else "",
    ).lstrip()


def _credit(change: Change, key: CreditKey, *, with_role: bool) -> str:
    person = person_in_words(change, key)
    if not change.new.known:
        before = change.old.status if change.old else None
        return _CREDIT_TAKEN_BACK.format(person=person, said=_said_of(key.job, before or Status.LISTED, role=""))
    status = change.new.status or Status.LISTED
    role = f" as {inert_name(change.new.role)}" if with_role and change.new.role else ""
    said = _said_of(key.job, status, role=role)
    replaced = change.old.person if change.old else None
    if change.kind is ChangeKind.RECAST and replaced and inert_name(replaced) != person:
        said = f"replaces {inert_name(replaced)}{role}"
    rumour = " (rumour)" if change.confidence is Confidence.RUMOURED and status is not Status.RUMOURED else ""
    correction = "correction: " if change.kind is ChangeKind.CORRECTED else ""
    return f"{correction}{person} {said}{rumour}"


def _said_of(job: str, status: Status, *, role: str) -> str:
    """What is said of a person with a job: "joins as Winston", "in talks to direct"."""
    if job == "actor":
        return _ACTOR[status].format(role=role, play=role.replace(" as ", " to play ", 1))
    job = inert_name(job)
    does, do, doing = CREW_WORDS.get(job, (f"joins as {job}", f"join as {job}", f"joining as {job}"))
    return _CREW[status].format(does=does, do=do, doing=doing, job=job)
