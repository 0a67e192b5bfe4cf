"""Which fact a user means after `watcher why TITLE`: a country, a kind of release, or a person, however spelled."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

from watcher.board.standing import Standing
from watcher.board.words import person
from watcher.clean import plain
from watcher.decide.keys import person_slug, same_person
from watcher.errors import UsageError
from watcher.model import CreditKey, Fact, ReleaseKey, ReleaseType
from watcher.tell.countdown import TYPE_ORDER
from watcher.tell.places import place_in_words, region_in_words

#: What people call a kind of release beside its own name.
_KINDS = {kind.value: kind for kind in ReleaseType} | {
    "cinema": ReleaseType.THEATRICAL,
    "cinemas": ReleaseType.THEATRICAL,
    "disc": ReleaseType.PHYSICAL,
}
#: What people call a country beside its code and its everyday name.
_COUNTRIES = {
    "US": ("USA", "United States", "America", "domestic"),
    "GB": ("United Kingdom", "Great Britain", "Britain"),
    "001": ("world", "worldwide", "everywhere"),
}


def find(what: Sequence[str], stand: Standing) -> list[Fact]:
    """The facts that are meant: without words the main release; none only where that is not known.

    Raises:
        UsageError: nothing is held of what was asked for; the text lists what can be asked.
    """
    words = [word for one in what for word in one.replace("/", " ").split() if word.casefold() != "release"]
    if not words:
        if stand.main is not None:
            return [stand.main.fact]
        return _releases(stand)[:1]
    found = _by_place(person_slug(" ".join(words)), stand) or _by_person(" ".join(words), stand)
    if not found:
        raise UsageError(_unknown(" ".join(what), stand))
    return found


def askable(facts: Sequence[Fact]) -> tuple[list[str], list[str]]:
    """What can be asked of these facts: dates ("US digital"), in the order of countries and kinds, and people."""
    releases = sorted((f.key for f in facts if isinstance(f.key, ReleaseKey)), key=lambda k: (k.region, TYPE_ORDER.index(k.type)))
    people = [person(f.key, f.value) for f in sorted(facts, key=lambda f: f.since) if isinstance(f.key, CreditKey)]
    return [_name(key) for key in releases], list(dict.fromkeys(people))


def _name(key: ReleaseKey) -> str:
    return key.region if key.type is ReleaseType.THEATRICAL else f"{key.region} {key.type}"


def _releases(stand: Standing) -> list[Fact]:
    """The release facts, the user's own countries and what is waited for most first."""

    def order(fact: Fact) -> tuple[int, int]:
        assert isinstance(fact.key, ReleaseKey)
        near = stand.chain.index(fact.key.region) if fact.key.region in stand.chain else len(stand.chain)
        return near, TYPE_ORDER.index(fact.key.type)

    return sorted((fact for fact in stand.facts if isinstance(fact.key, ReleaseKey)), key=order)


def _by_place(wanted: str, stand: Standing) -> list[Fact]:
    """The first release whose country, kind, both in any order, or place as it is printed, are the words of a slug."""
    for fact in _releases(stand):
        assert isinstance(fact.key, ReleaseKey)
        kinds = {name for name, kind in _KINDS.items() if kind is fact.key.type}
        regions = {fact.key.region, region_in_words(fact.key.region), *_COUNTRIES.get(fact.key.region, ())}
        both = {f"{a} {b}" for kind in kinds for region in regions for a, b in ((kind, region), (region, kind))}
        if wanted in map(person_slug, (*kinds, *regions, *both, place_in_words(fact.key))):
            return [fact]
    return []


def _by_person(wanted: str, stand: Standing) -> list[Fact]:
    """All parts of a person: by the exact name, else by one that means the same person, else by any of their names."""
    slug = person_slug(wanted)
    cast = [(fact.key.person, fact) for fact in stand.facts if isinstance(fact.key, CreditKey)]
    for means in (str.__eq__, same_person, lambda known, asked: set(asked.split("-")) <= set(known.split("-"))):
        if found := [fact for known, fact in cast if means(known, slug)]:
            return found
    return []


def _unknown(wanted: str, stand: Standing) -> str:
    """That it is not held, what comes near it, and what is held, in lines."""
    dates, people = askable(stand.facts)
    near = get_close_matches(person_slug(wanted), words := {w: name for name in people for w in _names(name)}, n=1, cutoff=0.75)
    meant = f"; did you mean {words[near[0]]}?" if near else ""
    held = [f"{label}: {', '.join(names)}" for label, names in (("dates", dates), ("people", people)) if names]
    return "\n".join((f"nothing is held of {plain(wanted)!r} for {stand.name}{meant}", *(held or ["nothing is held of it yet"])))


def _names(name: str) -> tuple[str, ...]:
    """A name and what people write of it, as slugs: "ana-de-armas", "de-armas", "armas", "ana"."""
    parts = person_slug(name).split("-")
    return (*("-".join(parts[n:]) for n in range(len(parts))), parts[0])
