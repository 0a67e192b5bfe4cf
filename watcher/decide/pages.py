"""Which items deserve that the article behind them is read, when it is asked for, and how the two are read as one text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from watcher.clean import without_url
from watcher.decide.arrivals import Arrival
from watcher.decide.intents import LinkedPage
from watcher.decide.keys import key_of
from watcher.decide.outcomes import DECIDED
from watcher.errors import FetchError, WatcherError
from watcher.model import Claim, CreditClaim, CreditKey, Item, Key, PageState, Reading, ReleaseClaim, Status, Title, Verdict
from watcher.read.best import best
from watcher.read.topic import tells_news

if TYPE_CHECKING:
    from watcher.parse.page import Page

#: How often one page is asked for: when it fails, and over all edits of its item.
TRIES, VISITS = 3, 3
#: Between the first and the second try, the second and the third.
_REST = (timedelta(minutes=2), timedelta(minutes=15))
#: For how long a page that is being asked for belongs to whoever asks: a crash must not ask again at once.
LEASE = timedelta(minutes=5)
#: Pages asked for in a day: of one host, and of all.
HOST_A_DAY, ALL_A_DAY = 50, 400
_DAY = timedelta(days=1)
#: Statuses (RFC 9110, section 15.5) after which another try may help.
_PASSING = frozenset({408, 425, 429})
_MEANT = (Verdict.ABOUT, Verdict.LIKELY, Verdict.NAMED)


def wanted(
    arrival: Arrival, titles: Mapping[str, Title], now: datetime, *, known: LinkedPage | None, same_story: bool
) -> LinkedPage | None:
    """The page behind an item that has just come in, due now; None where it is not to be read.

    It is where the item is still news and is about a title and speaks of release or credits, or has the title in its
    headline. `known` is the page as it stands where the item was here before; `same_story` says that the same address came
    with another item. In a feed's first poll, which is silent, an item without a date may be of any age.
    """
    source, version = arrival.source, arrival.version
    if version is None or source.link is None or same_story or not source.fresh:
        return None
    if arrival.silence is not None and source.published is None:
        return None
    if known is not None and (known.state is PageState.DUE or known.visits >= VISITS):
        return None
    if not any(_deserves(read.reading, version.content, titles[read.reading.title]) for read in arrival.reads):
        return None
    host = urlsplit(source.link).hostname
    if host is None:
        return None
    return LinkedPage(
        item=source.item,
        url=source.link,
        host=host,
        story=source.story,
        due_at=now,
        wanted_at=now,
        visits=known.visits if known else 0,
        asked_at=known.asked_at if known else None,
        silence=arrival.silence,
        late=arrival.late,
    )


def _deserves(reading: Reading, item: Item, title: Title) -> bool:
    if reading.verdict not in _MEANT:
        return False
    headline = item.title.casefold()
    if any(name.casefold() in headline for name in (title.name, *title.aliases)):
        return True
    return reading.verdict is not Verdict.NAMED and (bool(reading.claims) or tells_news(item.text, item.language))


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """How many pages were asked for in the last day, of each host."""

    by_host: Mapping[str, int]

    @property
    def total(self) -> int:
        """How many altogether."""
        return sum(self.by_host.values())


def choose(due: Iterable[LinkedPage], asked: Asked) -> tuple[LinkedPage, ...]:
    """Which of the pages that are due are asked for now: one of a host, so that no host is asked twice at once."""
    chosen: dict[str, LinkedPage] = {}
    for page in due:
        room = asked.by_host.get(page.host, 0) < HOST_A_DAY and asked.total + len(chosen) < ALL_A_DAY
        if room and page.host not in chosen:
            chosen[page.host] = page
    return tuple(chosen.values())


def day_before(now: datetime) -> datetime:
    """Since when requests count for the bounds of a day."""
    return now - _DAY


def claimed(page: LinkedPage, now: datetime) -> LinkedPage:
    """The page as it is noted before it is asked for: one try more, and not due again before the lease is over."""
    return replace(page, tries=page.tries + 1, visits=page.visits + (page.tries == 0), asked_at=now, due_at=now + LEASE)


def failed(page: LinkedPage, error: WatcherError, now: datetime) -> LinkedPage:
    """The page after a try that failed: due again later, or given up for the reason that is kept."""
    status = error.status if isinstance(error, FetchError) else None
    refused = status is not None and 400 <= status < 500 and status not in _PASSING
    reason = without_url(str(error), page.url)
    lasting = not isinstance(error, FetchError) or error.lasting or refused
    if lasting or page.tries >= TRIES:
        return replace(page, state=PageState.GIVEN_UP, outcome=reason)
    asked_to_wait = timedelta(seconds=error.retry_after or 0) if isinstance(error, FetchError) else timedelta(0)
    rest = max(_REST[min(page.tries, len(_REST)) - 1], min(asked_to_wait, _DAY))
    return replace(page, due_at=now + rest, outcome=reason)


def stale(page: LinkedPage, now: datetime, fresh_for: timedelta) -> LinkedPage | None:
    """The page given up because it is no news any more, or None while it is."""
    if now - page.wanted_at <= fresh_for:
        return None
    return replace(page, state=PageState.GIVEN_UP, outcome=page.outcome or "no longer news when its turn came")


def as_one(item: Item, page: Page, now: datetime) -> tuple[Item, Item]:
    """The page as a version of its item, alone and followed by what only the feed said.

    The feed's time wins over the page's: it says when this was news. Spans of the first text hold in the second.
    """
    published, precision = item.published, item.precision
    if published is None and page.published is not None and page.published <= now:
        published, precision = page.published, page.precision
    alone = replace(
        item,
        title=page.title or item.title,
        body=page.text,
        published=published,
        precision=precision,
        language=item.language or page.language,
    )
    more = rest_of(item, alone)
    return alone, replace(alone, body="\n".join((page.text, *more) if page.text else more))


def rest_of(item: Item, page: Item) -> list[str]:
    """The lines of an item that its page does not have."""
    held = " ".join(page.text.split()).casefold()
    return [line for line in (item.title, *item.body.split("\n")) if line and line.rstrip(" .…[]").casefold() not in held]


def reconciled(
    alone: Sequence[Reading], whole: Sequence[Reading], *, cut: int, headline: int, titles: Mapping[str, Title]
) -> tuple[Reading, ...]:
    """The readings of page and item together: where they disagree the page's word counts, else each adds to the other.

    `alone` were made of the page, `whole` of both, the page's headline ending at `headline`, the item's part beginning at
    `cut`. Where the page shows that another work is meant, nothing of the item counts either.
    """
    pages = {(reading.title, reading.reader): reading for reading in alone}
    return tuple(
        _reconciled(pages.get((reading.title, reading.reader)), reading, titles[reading.title], cut=cut, headline=headline)
        for reading in whole
        if reading.title in titles
    )


def _reconciled(page: Reading | None, whole: Reading, title: Title, *, cut: int, headline: int) -> Reading:
    if page is not None and page.verdict is Verdict.OTHER:
        return page
    sure = page is not None and page.verdict is Verdict.ABOUT
    base = page if page is not None and sure else whole
    own = [claim for claim in base.claims if claim.sentence.start < cut]
    said: dict[Key, list[Claim]] = {}
    for claim in own:
        said.setdefault(key_of(claim, title), []).append(claim)
    people = [key.person for key in said if isinstance(key, CreditKey)]
    rest = [
        claim
        for claim in whole.claims
        if claim.sentence.start >= cut and not _gainsays(said.get(key_of(claim, title, people), ()), claim)
    ]
    return replace(base, claims=best((*own, *rest), headline) if rest else tuple(own))


def _gainsays(page: Sequence[Claim], item: Claim) -> bool:
    """Whether what a page says of a fact cannot be true together with what its item says.

    A wider date, or one without a verb, leaves the item's standing, and so does a list that has a person in it.
    """
    if isinstance(item, ReleaseClaim):
        dates = [claim.date for claim in page if isinstance(claim, ReleaseClaim)]
        return bool(dates) and not any(date.agrees(item.date) for date in dates)
    statuses = {claim.status for claim in page if isinstance(claim, CreditClaim)} - {Status.LISTED}
    return bool(statuses) and item.status not in (*statuses, Status.LISTED)


def joined_outcome(before: str, after: str) -> str:
    """What became of an item once its page was read too: what was told already stays told."""
    told = "told: "
    if before.startswith(told) and after.startswith(told):
        changes = dict.fromkeys((*before.removeprefix(told).split(", "), *after.removeprefix(told).split(", ")))
        return told + ", ".join(changes)
    if after.startswith(told) or not before:
        return after
    nothing_new = after.startswith(DECIDED)
    return before if before.startswith(told) or (nothing_new and not before.startswith("read: ")) else after
