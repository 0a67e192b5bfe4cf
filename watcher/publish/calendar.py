"""`releases.ics`: the release dates as a calendar to subscribe to (RFC 5545, RFC 7986).

One all-day event for each release (a title, a region, a type) in the user's chain of regions. Other countries' dates stay out:
nobody wants forty openings of one film in their week, and who does adds the country to ``regions``.

What a subscriber may rely on:

- UID is ``<title id>.<region>.<type>@film-watcher``, in lower case: never made of the date or the name, so that a calendar finds
  the event again when either changes. The suffix is a word and no host name, since we have none (RFC 7986, section 5.3, asks for
  none), and does not change.
- SEQUENCE is the number of revisions that changed first day, last day or status: what RFC 5546, section 2.1.4, calls significant.
  It is counted in the ledger, where no row is ever taken away, so it never goes down.
- DTSTAMP and LAST-MODIFIED are when the last revision of the release was recorded. There is no METHOD: a file that is fetched
  is no message of iTIP (RFC 5546), some programs take one for an invitation to answer, and without it DTSTAMP means just that
  (RFC 5545, section 3.8.7.2). So the same board gives the same bytes, at whatever hour.
- STATUS is CONFIRMED or TENTATIVE (below confirmed); most programs hide it, so the summary says it too. A release that was taken
  off the calendar, or that nobody holds any more, is CANCELLED on its last known date for `CANCELLED_FOR`, then left out: a
  subscriber drops what is missing, and who took the file in once has had time to see it. Should it come back, it is the same
  event with a higher SEQUENCE. A release that is past stays, as in any diary.
- A date that is no day is one event from its first day to its last, which says so. No day is ever invented.
- No event has an alarm: a calendar that is subscribed to must not ring unasked, and `watcher` has milestones for that.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise

from icalendar import CLASS, STATUS, TRANSP, Calendar, Event, vDuration

from watcher import __version__
from watcher.board.board import Board, Sheet
from watcher.board.standing import moves
from watcher.clean import clean_link
from watcher.edtf import Edtf
from watcher.model import Change, Confidence, Fact, ReleaseKey
from watcher.publish.sources import brought, says
from watcher.tell.dates_in_words import Dates
from watcher.tell.message import SENTENCE_LIMIT, inert, inert_name, quoted
from watcher.tell.passages import evidence_of
from watcher.tell.places import place_in_words

#: How long a cancelled event stays in the file, counted in the user's days from when it was recorded.
CANCELLED_FOR = timedelta(days=30)

#: How often a program may ask for the file again: dates move a few times a year.
_REFRESH = timedelta(hours=6)

_UID = "{title}.{region}.{type}@film-watcher"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Showing:
    """An event as a subscriber is to see it: its status, and its days up to `end`, which is the first after them.

    `end` is None for a day with none after it: an all-day event without an end lasts a day (RFC 5545, section 3.6.1).
    """

    when: Edtf
    start: date
    end: date | None
    status: STATUS


def calendar(board: Board) -> bytes:
    """The document, in UTF-8."""
    document = Calendar.new(
        prodid=f"-//watcher//film-watcher {__version__}//EN",
        name="Film release dates",
        description="Release dates of the films that watcher waits for.",
    )
    # The library gives one by chance, and then no two files are the same.
    document.pop("UID")
    # RFC 7986, section 5.7, asks for the type; the older name of the same is Microsoft's and has none.
    document.add("REFRESH-INTERVAL", vDuration(_REFRESH, params={"VALUE": "DURATION"}))
    document.add("X-PUBLISHED-TTL", vDuration(_REFRESH))
    events = [event for sheet in board.sheets for event in _events(sheet, board)]
    for event in sorted(events, key=lambda event: str(event["UID"])):
        document.add_component(event)
    return bytes(document.to_ical())


def _events(sheet: Sheet, board: Board) -> Iterator[Event]:
    for key, revisions in sheet.revisions.items():
        showings = _showings(revisions)
        if key.region not in sheet.stand.chain or not showings:
            continue
        last = max(revision.recorded_at for revision in revisions)
        if showings[-1].status is STATUS.CANCELLED and board.today - _day(last, board.dates) > CANCELLED_FOR:
            continue
        yield _event(key, sheet, showings, last)


def _day(moment: datetime, dates: Dates) -> date:
    return moment.astimezone(dates.zone).date()


def _showings(revisions: Sequence[Fact]) -> list[_Showing]:
    """What a subscriber saw after each revision, from the first that had a date."""
    shown: list[_Showing] = []
    for revision in revisions:
        when = revision.value.date
        if when is not None and not when.is_unset:
            status = STATUS.CONFIRMED if revision.confidence is Confidence.CONFIRMED else STATUS.TENTATIVE
            shown.append(_Showing(when=when, start=when.earliest, end=_end(when), status=status))
        elif shown:
            before = shown[-1]
            shown.append(_Showing(when=before.when, start=before.start, end=before.end, status=STATUS.CANCELLED))
    return shown


def _end(when: Edtf) -> date | None:
    """The first day after a date; the last day there is has none after it."""
    if when.latest < date.max:
        return when.latest + timedelta(days=1)
    return None if when.is_day else date.max


def _sequence(showings: Sequence[_Showing]) -> int:
    """How often a subscriber had to look again; another name for the same days is no reason."""
    return sum((a.start, a.end, a.status) != (b.start, b.end, b.status) for a, b in pairwise(showings))


def _event(key: ReleaseKey, sheet: Sheet, showings: Sequence[_Showing], last: datetime) -> Event:
    stand, now = sheet.stand, showings[-1]
    fact = sheet.revisions[key][-1]
    step = brought(sheet, key, fact.value.date, by=last)
    link = clean_link(step.link) if step is not None and step.link else None
    return Event.new(
        uid=_UID.format(title=key.title, region=key.region, type=key.type).lower(),
        summary=_summary(inert_name(stand.title.name), key, fact, now, stand.dates),
        start=now.start,
        end=now.end,
        stamp=last,
        last_modified=last,
        created=sheet.revisions[key][0].recorded_at,
        sequence=_sequence(showings),
        status=now.status,
        # Nobody is busy all day because a film opens.
        transparency=TRANSP.TRANSPARENT,
        classification=CLASS.PUBLIC,
        categories=["Film release"],
        description="\n".join(_description(key, sheet, now, step, link)),
        url=link,
    )


def _summary(name: str, key: ReleaseKey, fact: Fact, now: _Showing, dates: Dates) -> str:
    """What stands in a day's box: "Glass Orchard, US cinemas", and what must not be taken for more than it is."""
    what = f"{name}, {place_in_words(key)}"
    if now.status is STATUS.CANCELLED:
        return f"{what}: {'off the calendar' if fact.value.known else 'no date any more'}"
    unsure = f" ({fact.confidence})" if now.status is STATUS.TENTATIVE else ""
    partial = "" if now.when.is_day else f": {dates.in_words(now.when)}, day not known"
    return f"{what}{partial}{unsure}"


def _description(key: ReleaseKey, sheet: Sheet, now: _Showing, step: Change | None, link: str | None) -> Iterator[str]:
    """What the date rests on, a line each: how sure and from whom, the sentence, where it stands, how it got here."""
    stand = sheet.stand
    fact = sheet.revisions[key][-1]
    if now.status is STATUS.CANCELLED:
        yield f"It was {stand.dates.in_words(now.when, weekday=True)}. After {CANCELLED_FOR.days} days this entry goes."
    elif not now.when.is_day:
        yield f"Some day in {stand.dates.in_words(now.when)}; nobody has named it yet."
    if not fact.value.known:
        yield "Nobody says so any more."
    else:
        yield says(stand, key, fact, now.when)
    if step is not None and step.sentence:
        yield quoted(inert(step.sentence, limit=SENTENCE_LIMIT))
    if step is not None and step.outlet:
        yield f"{inert_name(step.outlet)}, {stand.dates.said(step.at)}"
    if link is not None:
        yield link
    if moved := moves(stand, key):
        yield moved
    yield "{}: {}".format(*evidence_of(key, home_regions=stand.chain))
