"""Which fact a claim speaks of, and when two spellings are one person."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from watcher.model import Claim, CreditKey, Key, ReleaseClaim, ReleaseKey, Title

#: UN M49's code for the world. What is told of the world is told of the title's own country too.
WORLD = "001"

_SUFFIXES = frozenset({"jr", "sr", "ii", "iii", "iv"})


def key_of(claim: Claim, title: Title, people: Iterable[str] = ()) -> Key:
    """The key of the fact that a claim speaks of.

    A date told without a region, or for the whole world, belongs to the title's country of origin. `people` are the slugs
    of persons known for the title: a name that means one of them (a surname alone, a slip of one letter) takes its slug.
    """
    if isinstance(claim, ReleaseClaim):
        region = claim.region if claim.region not in (None, WORLD) else title.origin
        return ReleaseKey(title=title.id, region=region or title.origin, type=claim.type)
    slug = person_slug(claim.person)
    known = next((p for p in people if same_person(p, slug)), slug)
    return CreditKey(title=title.id, job=claim.job, person=known)


def person_slug(name: str) -> str:
    """A name in lower-case ASCII words joined by hyphens, without Jr. and the like; other scripts keep their letters."""
    plain = unicodedata.normalize("NFKD", name)
    folded = "".join(c for c in plain if not unicodedata.combining(c)).casefold().replace("/", " ")
    words = ["".join(c for c in word if c.isalnum()) for word in folded.replace("-", " ").split()]
    kept = [w for w in words if w and w not in _SUFFIXES]
    return "-".join(kept or [w for w in words if w]) or "unnamed"


def same_person(one: str, other: str) -> bool:
    """Whether two slugs are one person.

    The same words in any order and however joined (Choi Soo-young, Sooyoung Choi), or surnames at most one slip apart with
    the same first name (Bryne, Byrne), or surnames without the first name (Moreno, Sandino Moreno).
    """
    a, b = one.split("-"), other.split("-")
    if one == other or sorted(a) == sorted(b) or {"".join(a), "".join(a[1:] + a[:1])} & {"".join(b), "".join(b[1:] + b[:1])}:
        return True
    if not _alike(a[-1], b[-1]):
        return False
    short, long = sorted((a, b), key=len)
    return long[-len(short) :] == short or len(short) == 1 or _alike(a[0], b[0])


def _alike(one: str, other: str) -> bool:
    """The same word, or words of five letters and more that are one slip (a letter more, less, other or swapped) apart."""
    if one == other:
        return True
    if min(len(one), len(other)) < 5 or abs(len(one) - len(other)) > 1:
        return False
    start = 0
    while start < min(len(one), len(other)) and one[start] == other[start]:
        start += 1
    a, b = one[start:], other[start:]
    return a[1:] == b[1:] or a[1:] == b or a == b[1:] or (a[:2] == b[1::-1] and a[2:] == b[2:])
