"""What a poll makes of a feed's state: validators, moves, the end of a feed, its rhythm, and what is told of its health."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from builders import NOW, item, world
from hypothesis import given
from hypothesis import strategies as st

from watcher.decide.health import FAILING_FOR, How, condition, health_notices, is_still, said
from watcher.decide.intents import Notice
from watcher.decide.polls import MOVED_FOR, MOVED_POLLS, went_well, went_wrong, with_news
from watcher.errors import FetchError, ParseError
from watcher.fetch import Response
from watcher.model import FeedState, Hints, Item, Target
from watcher.parse import ParsedFeed

URL, NEW = "https://example.org/feed", "https://example.org/new"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
HALF = timedelta(minutes=30)
FRESH = FeedState(url=URL, next_poll_at=NOW)
AUDIENCE = world(targets=[Target(name="phone"), Target(name="ops", on=("health",))]).audience


def answer(body: bytes | None = b"x", *, url: str = URL, **fields: object) -> Response:
    """An answer of a server."""
    return Response(status=304 if body is None else 200, url=url, body=body, **fields)  # type: ignore[arg-type]


def document(*items: Item, hints: Hints | None = None) -> ParsedFeed:
    """A feed that was parsed."""
    return ParsedFeed(title="A feed", items=items, hints=hints or Hints())


def well(
    before: FeedState, said_by: Response | None = None, at: datetime = NOW, *, document: ParsedFeed | None = None
) -> FeedState:
    """The state after a good poll."""
    return went_well(before, said_by or answer(), document, every=HALF, own=False, now=at)


def wrong(before: FeedState, status: int | None = 500, at: datetime = NOW, *, retry_after: float | None = None) -> FeedState:
    """The state after a failed poll."""
    return went_wrong(before, FetchError("is broken", status=status, retry_after=retry_after), every=HALF, now=at)


def test_304_keeps_what_it_does_not_name_and_a_body_does_not() -> None:
    """A 304 refreshes the validators and the max-age that it names; a new body takes the place of all of them."""
    first = well(FRESH, answer(etag='"1"', last_modified="then", max_age=3600))
    assert (first.etag, first.last_modified, first.max_age_s) == ('"1"', "then", 3600)
    again = well(first, answer(None))
    assert (again.etag, again.last_modified, again.max_age_s, again.digest) == ('"1"', "then", 3600, first.digest)
    renewed = well(again, answer(None, etag='"2"', max_age=60))
    assert (renewed.etag, renewed.last_modified, renewed.max_age_s) == ('"2"', "then", 60)
    replaced = well(renewed, answer(b"y"))
    assert (replaced.etag, replaced.last_modified, replaced.max_age_s) == (None, None, None)


def test_wishes_of_a_document_hold_over_304s() -> None:
    """What a feed asked for in its document is remembered while it answers that nothing changed."""
    first = well(FRESH, document=document(hints=Hints(ttl_s=7200)))
    assert first.next_poll_at >= NOW + 2 * HOUR
    assert well(first, answer(None), NOW + 2 * HOUR).next_poll_at >= NOW + 4 * HOUR


def moves(before: FeedState, times: Sequence[timedelta], target: str = NEW) -> FeedState:
    """The state after good polls that were redirected for good, at these times after NOW."""
    for after in times:
        before = well(before, answer(None, url=target, permanent_url=target), NOW + after)
    return before


def test_permanent_move_is_adopted_once_proven() -> None:
    """A permanent redirect becomes the address after several good polls over days, and not by many polls in an hour."""
    days = [MOVED_FOR / (MOVED_POLLS - 1) * n for n in range(MOVED_POLLS)]
    proven = moves(FRESH, days)
    assert (proven.address, proven.asked, proven.moved_to) == (NEW, NEW, None)
    assert moves(FRESH, days[:-1]).asked == URL
    assert moves(FRESH, [timedelta(minutes=n) for n in range(50)]).asked == URL
    assert well(proven, answer(url=NEW), NOW + 9 * DAY).asked == NEW


@pytest.mark.parametrize("what", ["another target", "a temporary redirect", "a failure"])
def test_move_that_is_not_the_same_each_time_is_not_believed(what: str) -> None:
    """Whatever comes between two polls that were redirected alike, the proof begins anew."""
    half = moves(FRESH, [timedelta(0), DAY])
    at = NOW + DAY + HOUR
    between = {
        "another target": lambda: well(half, answer(None, url=URL + "2", permanent_url=URL + "2"), at),
        "a temporary redirect": lambda: well(half, answer(None, url=NEW), at),
        "a failure": lambda: wrong(half, at=at),
    }[what]()
    assert moves(between, [2 * DAY, 3 * DAY]).asked == URL
    assert moves(between, [2 * DAY, 3 * DAY, 4 * DAY]).asked == NEW


@pytest.mark.parametrize("status", [404, 410])
def test_adopted_address_that_fails_is_given_up_for_the_users_own(status: int) -> None:
    """What was adopted is forgotten when it is gone or fails several times, and the address as configured is asked again."""
    adopted = moves(FRESH, [timedelta(0), DAY, 2 * DAY])
    tries = 1 if status == 410 else 3
    for _ in range(tries):
        assert adopted.asked == NEW
        adopted = wrong(adopted, status)
    assert (adopted.asked, adopted.gone_at) == (URL, None)


def test_gone_stays_gone_until_it_answers() -> None:
    """A 410 ends the polling with the moment it was said; a good answer to whoever asks all the same begins it again."""
    gone = wrong(well(FRESH), 410)
    assert (gone.gone_at, condition(gone, NOW).how) == (NOW, How.GONE)
    assert wrong(gone, 410, NOW + DAY).gone_at == NOW
    assert well(gone, at=NOW + DAY).gone_at is None


def test_wait_that_was_asked_for_is_remembered_and_ends() -> None:
    """Retry-After forbids requests until then, with 429 and 503 alone, and a good answer ends it."""
    waits = wrong(FRESH, 429, retry_after=7200)
    assert waits.not_before is not None
    assert waits.next_poll_at >= waits.not_before >= NOW + 2 * HOUR
    assert condition(waits, NOW).how is How.WAITING
    assert condition(waits, NOW + DAY).how is How.FAILING
    assert well(waits).not_before is None
    assert wrong(FRESH, 500, retry_after=7200).not_before is None


def test_rhythm_leaves_aside_what_is_kept_for_ever() -> None:
    """Ten items a day and one that was pinned years ago are still a feed of ten items a day."""
    fresh = [item(f"n{n}", on=NOW - n * timedelta(hours=2.4)) for n in range(10)]
    pinned = item("pinned", on=NOW - 2000 * DAY)
    state = well(FRESH, document=document(*fresh, pinned))
    assert state.dated == 11
    assert state.rhythm is not None
    assert timedelta(hours=1.5) < state.rhythm < timedelta(hours=3)
    assert state.newest_at == NOW


@given(st.lists(st.timedeltas(timedelta(-1), timedelta(days=9000)), max_size=30), st.integers(0, 5))
def test_state_after_any_document_is_sound(ages: list[timedelta], undated: int) -> None:
    """Whatever dates a document bears, the window is no negative time, and the next poll lies ahead."""
    items = [item(f"i{n}", on=NOW - age) for n, age in enumerate(ages)]
    items += [replace(item(f"u{n}"), published=None) for n in range(undated)]
    state = well(FRESH, document=document(*items))
    assert (state.items, state.dated) == (len(items), len(ages))
    assert (state.window_s is None) == (not ages)
    assert state.window_s is None or state.window_s >= 0
    assert state.next_poll_at >= NOW + HALF


def test_news_ends_the_quiet_that_was_before_it() -> None:
    """A feed that brings something after weeks of nothing, or of our absence, is asked again as soon as its rhythm wants."""
    daily = document(*[item(f"n{n}", on=NOW - n * HOUR) for n in range(20)])
    quiet = replace(well(FRESH, document=daily), changed_at=NOW - 20 * DAY)
    assert well(quiet, document=daily).next_poll_at > NOW + 9 * HOUR
    brought = with_news(well(quiet, document=daily), every=HALF, own=False, now=NOW)
    assert (brought.changed_at, brought.next_poll_at) == (NOW, NOW + HALF)


def test_wait_that_was_asked_for_outlasts_a_failure_without_an_answer() -> None:
    """Who asks all the same before the time is over, and reaches nobody, has not ended the wait."""
    waits = wrong(FRESH, 429, retry_after=7200)
    forced = wrong(waits, None, NOW + timedelta(minutes=5))
    assert forced.not_before == waits.not_before
    assert forced.next_poll_at >= NOW + 2 * HOUR


def test_wait_that_is_told_is_the_one_that_was_asked_for() -> None:
    """A server that asks for a minute is not said to have asked for our own interval."""
    waits = wrong(FRESH, 503, retry_after=60)
    assert waits.next_poll_at >= NOW + HALF
    assert waits.not_before is not None
    assert NOW + timedelta(minutes=1) <= waits.not_before < NOW + timedelta(minutes=2)


def test_gone_feed_that_is_asked_while_the_network_is_down_stays_gone() -> None:
    """Only an answer can bring back a feed that was taken away."""
    gone = wrong(well(FRESH), 410)
    assert wrong(gone, None, NOW + DAY).gone_at == NOW
    assert wrong(gone, 503, NOW + DAY).gone_at is None


def test_move_back_to_the_users_own_address_is_no_move() -> None:
    """A server that redirects its new address back to the configured one leaves nothing that was adopted."""
    adopted = moves(FRESH, [timedelta(0), DAY, 2 * DAY])
    back = moves(adopted, [3 * DAY, 4 * DAY, 5 * DAY], URL)
    assert (back.address, back.asked, condition(back, NOW).how) == (None, URL, How.WELL)


def told(states: Sequence[tuple[datetime, FeedState]]) -> list[Notice]:
    """What the polls that led to these states told, each row once."""
    rows: dict[str, Notice] = {}
    before = FRESH
    for at, after in states:
        for notice in health_notices(before, after, AUDIENCE, at):
            rows.setdefault(notice.subject, notice)
        before = after
    return list(rows.values())


def failing(hours: Sequence[float], start: FeedState) -> list[tuple[datetime, FeedState]]:
    """Failed polls at these hours."""
    states, state = [], start
    for hour in hours:
        at = NOW + timedelta(hours=hour)
        state = wrong(state, 503, at)
        states.append((at, state))
    return states


def test_failure_is_told_once_when_it_lasts_and_so_is_its_end() -> None:
    """Only who asked for health hears of a feed that fails for a day, once however often it fails, and once that it is over."""
    start = well(FRESH)
    states = failing([1, 5, 24, 25.5, 30, 50], start)
    at = NOW + 55 * HOUR
    rows = told([*states, (at, well(states[-1][1], at=at)), (at + HOUR, well(states[-1][1], at=at + HOUR))][:-1])
    assert [row.target for row in rows] == ["ops", "ops"]
    begun, over = (said(row.subject) for row in rows)
    assert (begun.how, begun.since, begun.over) == (How.FAILING, NOW + HOUR, False)
    assert (over.begun, over.over) == (rows[0].subject, True)
    assert rows[0].not_before > NOW + 25 * HOUR


def test_failure_that_passes_within_a_day_is_not_told() -> None:
    """A server that is repaired over night wakes nobody."""
    start = well(FRESH)
    states = failing([1, 5, 20], start)
    at = NOW + 22 * HOUR
    assert told([*states, (at, well(states[-1][1], at=at))]) == []


def test_end_of_a_feed_is_told_at_once() -> None:
    """A 410 is the owner's own word, so it does not wait for a day."""
    (row,) = told([(NOW, wrong(well(FRESH), 410))])
    assert said(row.subject).how is How.GONE


def test_silence_beyond_its_rhythm_is_told_and_so_is_the_next_item() -> None:
    """A feed that answers but has long brought nothing, though it used to each day, is told of once; its next item ends that."""
    daily = document(*[item(f"n{n}", on=NOW - n * DAY) for n in range(20)])
    start = replace(well(FRESH, document=daily), changed_at=NOW)
    states = [(NOW, start)]
    for days in (5, 9, 10, 11, 12):
        at = NOW + days * DAY
        states.append((at, well(states[-1][1], answer(None), at)))
    assert [said(row.subject).how for row in told(states[1:])] == [How.SILENT]
    assert condition(states[2][1], NOW + 9 * DAY).how is How.WELL
    at = NOW + 13 * DAY
    more = document(item("new", on=at), *daily.items)
    rows = told([*states[1:], (at, replace(well(states[-1][1], document=more, at=at), changed_at=at))])
    assert [said(row.subject).over for row in rows] == [False, True]


def test_silence_that_a_short_failure_interrupts_is_ended_by_the_next_item() -> None:
    """Who was told that a feed fell silent hears of its next item, also where the poll before that one failed."""
    daily = document(*[item(f"n{n}", on=NOW - n * DAY) for n in range(20)])
    start = replace(well(FRESH, document=daily), changed_at=NOW)
    silent = well(start, answer(None), NOW + 12 * DAY)
    failed = wrong(silent, None, NOW + 13 * DAY)
    at = NOW + 13 * DAY + HOUR
    more = document(item("new", on=at), *daily.items)
    again = replace(well(failed, document=more, at=at), changed_at=at)
    rows = told([(NOW, start), (NOW + 12 * DAY, silent), (NOW + 13 * DAY, failed), (at, again)])
    assert [(said(row.subject).how, said(row.subject).over) for row in rows] == [(How.SILENT, False), (How.SILENT, True)]
    assert said(rows[1].subject).begun == rows[0].subject


def test_end_of_a_failure_is_told_of_a_feed_that_is_silent_too() -> None:
    """A feed that answers again after a failure that was told is said to, though it brings nothing."""
    daily = document(*[item(f"n{n}", on=NOW - n * DAY) for n in range(20)])
    start = replace(well(FRESH, document=daily), changed_at=NOW)
    states = failing([1, 30, 400], start)
    at = NOW + 410 * HOUR
    rows = told([(NOW, start), *states, (at, well(states[-1][1], answer(None), at))])
    assert [(said(row.subject).how, said(row.subject).over) for row in rows] == [
        (How.FAILING, False),
        (How.SILENT, False),
        (How.FAILING, True),
    ]


@pytest.mark.parametrize("ages", [[0], [0, 30], [0] * 20])
def test_feed_whose_dates_show_no_rhythm_is_not_called_silent(ages: list[int]) -> None:
    """One item, two, or many of one moment do not say how often a feed brings something."""
    state = well(FRESH, document=document(*[item(f"n{n}", on=NOW - age * DAY) for n, age in enumerate(ages)]))
    assert condition(replace(state, changed_at=NOW), NOW + 25 * DAY).how is How.WELL


def test_slow_feed_is_not_silent() -> None:
    """A feed of one item a month is no failure after six weeks."""
    monthly = document(*[item(f"n{n}", on=NOW - n * 30 * DAY) for n in range(10)])
    state = replace(well(FRESH, document=monthly), changed_at=NOW)
    assert condition(state, NOW + 42 * DAY).how is How.WELL
    assert condition(state, NOW + 400 * DAY).how is How.SILENT


def test_what_is_over_before_it_is_told_is_known() -> None:
    """A notice still holds while the same failure lasts, and no longer after a good poll or with a later failure."""
    states = failing([1, 30], well(FRESH))
    (row,) = told(states)
    at, last = states[-1]
    assert is_still(last, said(row.subject), at)
    mended = well(last, at=at + HOUR)
    assert not is_still(mended, said(row.subject), at + HOUR)
    later = failing([60, 90], mended)[-1]
    assert not is_still(later[1], said(row.subject), later[0])
    assert is_still(later[1], said(told(failing([60, 90], mended))[0].subject), later[0])


def test_what_is_no_feed_fails_like_any_other() -> None:
    """A page in place of the feed is a failure with its reason, and told after the same day."""
    page = ParseError("https://example.org/feed is a web page, not a feed; it links to none")
    state = went_wrong(well(FRESH), page, every=HALF, now=NOW)
    assert state.error == "https://example.org/feed is a web page, not a feed; it links to none"
    assert (state.failures, state.status, state.failing_since) == (1, None, NOW)
    assert FAILING_FOR >= DAY
