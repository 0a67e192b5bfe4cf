"""How sure a change is and who says so, and what it leaves open: briefly for a phone, at length for a letter."""

from __future__ import annotations

from collections.abc import Iterator

from watcher.model import Change, ChangeKind, Confidence, ReleaseKey, Status
from watcher.tell.lists import some_in_words
from watcher.tell.message import House, Told, inert_name
from watcher.tell.places import WORLD, in_region

#: For each confidence: when others agree, when one outlet stands alone, when it passes on another's report.
_SHORT = {
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
_LONG = {
    Confidence.CONFIRMED: (
        "{first} reported it first, then {others}.",
        "{first} reported it.",
        "{first} reported it, crediting {credits}.",
    ),
    Confidence.REPORTED: (
        "{first} reported it first, then {others}.",
        "{first} alone reports it.",
        "{first} reports it, crediting {credits}.",
    ),
    Confidence.RUMOURED: (
        "{first} told it first, then {others}; nobody says it firmly.",
        "{first} alone tells it, and not firmly.",
        "{first} tells it, crediting {credits}, and not firmly.",
    ),
}
_YOURS = "Your own word."
#: How sure that makes us, in a letter.
_SURE = {
    Confidence.CONFIRMED: "Confirmed.",
    Confidence.REPORTED: "Not confirmed yet.",
    Confidence.RUMOURED: "A rumour.",
}


def support(one: Told) -> str:
    """Who said it first and who agrees, in the words of how sure that makes us."""
    return _support(one, _SHORT)


def support_at_length(one: Told) -> tuple[str, str]:
    """The same for a letter: how sure, then who says so and why some of them count for nothing more."""
    if not one.change.outlet:
        return _YOURS, ""
    if not one.change.new.known:
        return "", _support(one, _LONG)
    return _SURE[one.change.confidence], " ".join((_support(one, _LONG), *_uncounted(one)))


def doubts(change: Change) -> list[str]:
    """What the change leaves open, each as one short sentence."""
    found = []
    new = change.new.date
    if change.kind is ChangeKind.CORRECTED:
        found.append("An earlier alert told you otherwise.")
    if _is_wide(change):
        found.append("No day is named yet.")
    if isinstance(change.key, ReleaseKey) and new is not None and _may_differ_abroad(change):
        about = "is about" if new.is_unset else "is"
        found.append(f"This {about} the date {in_region(change.key.region)}; other countries may keep theirs.")
    if change.new.status is Status.IN_TALKS:
        found.append("Talks are not a deal yet.")
    return found


def unknown(change: Change) -> tuple[str, ...]:
    """What nobody has said yet, each as one noun after "Not known yet"."""
    found = []
    if _is_wide(change):
        found.append("the day")
    if isinstance(change.key, ReleaseKey) and _may_differ_abroad(change):
        found.append(f"dates {in_region(change.key.region).replace('in ', 'outside ', 1)}")
    if change.new.status is Status.IN_TALKS:
        found.append("whether the talks come to a deal")
    return tuple(found)


def _support(one: Told, patterns: dict[Confidence, tuple[str, str, str]]) -> str:
    change = one.change
    if not change.outlet:
        return _YOURS
    first = inert_name(change.outlet)
    if not change.new.known:
        return f"It rested on the word of {first}, which no longer stands."
    others = [inert_name(outlet) for outlet in one.agree]
    credited = inert_name(change.credits) if change.credits else ""
    together, alone, crediting = patterns[change.confidence]
    if one.houses or one.repeats:  # others say it too, though they count for nothing more
        alone = alone.replace(" alone", "")
    pattern = together if others else crediting if credited and credited != first else alone
    if others and credited and credited != first:
        first = f"{first} (crediting {credited})"
    return pattern.format(first=first, others=some_in_words(others), credits=credited)


def _uncounted(one: Told) -> Iterator[str]:
    """Why several who say it are one voice."""
    yield from (_house(house) for house in one.houses)
    if one.repeats:
        said = "rests on the same report and counts" if len(one.repeats) == 1 else "rest on the same report and count"
        yield f"{some_in_words([inert_name(outlet) for outlet in one.repeats])} {said} for nothing more."


def _house(house: House) -> str:
    names = [inert_name(outlet) for outlet in house.outlets]
    owner = inert_name(house.owner)
    belong = [name for name in names if name != owner]
    return f"{some_in_words(belong)} belong{'' if len(belong) > 1 else 's'} to {owner}, so they count as one voice."


def _is_wide(change: Change) -> bool:
    """Whether the date that is told names no day."""
    new = change.new.date
    return new is not None and not new.is_unset and not new.is_day


def _may_differ_abroad(change: Change) -> bool:
    """Whether a date went elsewhere, and those of other countries may or may not have gone with it."""
    moved = change.kind in (ChangeKind.MOVED, ChangeKind.UNSET)
    return moved and isinstance(change.key, ReleaseKey) and change.key.region != WORLD
