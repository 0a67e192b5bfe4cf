"""Claims from what a page's own data says of a film (schema.org/Movie): a date that is stated, a cast that is listed.

Data has no verbs: it neither moves a date nor lets anybody join. It speaks only where the text of the page leaves room.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from watcher.model import (
    Action,
    Claim,
    CreditClaim,
    ReleaseClaim,
    ReleaseType,
    Sentence,
    Status,
    Title,
    Work,
)
from watcher.read.text import flat

RULE = "page.jsonld"
_NOWHERE = Sentence(text="", start=0, end=0)


def data_claims(works: Iterable[Work], title: Title, said: Sequence[Claim]) -> tuple[Claim, ...]:
    """What these films say of a title, beside the claims that the text of the page makes.

    A film of that name is the title only where it names somebody of the title's own people: names are shared by many.
    """
    ours = next((work for work in works if _is(work, title)), None)
    return () if ours is None else (*_release(ours, title, said), *_credits(ours, title, said))


def _is(work: Work, title: Title) -> bool:
    people = {_plain(name) for name in (*title.context, *(known.person for known in title.known if known.person))}
    return _plain(work.name) in {_plain(name) for name in (title.name, *title.aliases)} and any(
        _plain(person) in people for person in (*work.actors, *work.directors)
    )


def _release(work: Work, title: Title, said: Sequence[Claim]) -> Iterator[ReleaseClaim]:
    """The day, unless the text says something of a release in cinemas."""
    if work.date is not None and not any(isinstance(c, ReleaseClaim) and c.type is ReleaseType.THEATRICAL for c in said):
        yield ReleaseClaim(
            title=title.id,
            type=ReleaseType.THEATRICAL,
            date=work.date,
            action=Action.STATES,
            sentence=_NOWHERE,
            rule=RULE,
        )


def _credits(work: Work, title: Title, said: Sequence[Claim]) -> Iterator[CreditClaim]:
    """The people, but for those of whom the text speaks."""
    spoken = {_plain(claim.person) for claim in said if isinstance(claim, CreditClaim)}
    for job, people in (("director", work.directors), ("actor", work.actors)):
        for person in people:
            if _plain(person) not in spoken:
                yield CreditClaim(title=title.id, person=person, status=Status.LISTED, sentence=_NOWHERE, rule=RULE, job=job)


def _plain(name: str) -> str:
    return " ".join(flat(name).casefold().split())
