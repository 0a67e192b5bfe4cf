"""Which pages are wanted, and how a page and its item are read as one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from builders import NOW, TITLE, credit, feed_state, item, moved, release, sentence

from watcher.decide.arrivals import Arrival, arrive, version_of
from watcher.decide.intents import LinkedPage
from watcher.decide.pages import ALL_A_DAY, HOST_A_DAY, VISITS, Asked, as_one, choose, joined_outcome, reconciled, wanted
from watcher.model import Claim, Item, PageState, Reading, Status, Verdict
from watcher.parse import Page

NEWS = "Harbor Lights will be released in theaters next summer."
CHAT = "Somebody whistled a tune from Harbor Lights on the bus."


def arrival(
    one: Item, *, verdict: Verdict = Verdict.ABOUT, claims: tuple[Claim, ...] = (), first: bool = False, named: bool = True
) -> Arrival:
    """An item that comes in, with one reading."""
    reading = Reading(title=TITLE.id, reader="script", verdict=verdict, claims=claims)
    return arrive(
        version_of("https://example.org/feed", one, NOW),
        [reading] if named else [],
        feed=feed_state(polled=None if first else NOW - timedelta(hours=1)),
        outlet="Morning Reel",
        titles={TITLE.id: TITLE},
        people={},
        fresh_for=timedelta(days=3),
    )


def want(came: Arrival, known: LinkedPage | None = None, *, same_story: bool = False) -> LinkedPage | None:
    """The page that an arrival makes due."""
    return wanted(came, {TITLE.id: TITLE}, NOW, known=known, same_story=same_story)


@pytest.mark.parametrize(
    ("title", "text", "verdict", "deserves"),
    [
        ("Harbor Lights on the horizon", "", Verdict.ABOUT, True),
        ("Harbor Lights on the horizon", "", Verdict.NAMED, True),
        ("Harbor Lights on the horizon", "", Verdict.LIKELY, True),
        ("Harbor Lights on the horizon", "", Verdict.OTHER, False),
        ("News of the day", NEWS, Verdict.ABOUT, True),
        ("News of the day", NEWS, Verdict.NAMED, False),
        ("News of the day", "Ada Quill joins the cast of Harbor Lights.", Verdict.ABOUT, True),
        ("News of the day", CHAT, Verdict.ABOUT, False),
    ],
)
def test_page_is_wanted_where_the_item_is_about_the_title_and_speaks_of_it(
    title: str, text: str, verdict: Verdict, deserves: bool
) -> None:
    """The title in the headline is enough, else the item must be about it and speak of release or credits."""
    page = want(arrival(item("a", text, title=title), verdict=verdict))
    assert (page is not None) == deserves
    if page is not None:
        assert (page.url, page.host, page.state, page.due_at) == ("https://example.org/a", "example.org", PageState.DUE, NOW)


def test_only_what_is_news_has_its_page_read() -> None:
    """Old items never, undated ones not in a feed's first poll, items without a link or a title not at all."""
    fresh = item("a", title="Harbor Lights on the horizon")
    assert want(arrival(fresh, first=True)) is not None
    assert want(arrival(replace(fresh, published=NOW - timedelta(days=4)))) is None
    assert want(arrival(replace(fresh, published=None))) is not None
    assert want(arrival(replace(fresh, published=None), first=True)) is None
    assert want(arrival(replace(fresh, link=None))) is None
    assert want(arrival(fresh, named=False)) is None
    assert want(arrival(fresh), same_story=True) is None


def test_page_is_wanted_again_after_an_edit_some_times() -> None:
    """An edited item makes its page due again until it was visited three times; one that is due stays as it is."""
    came = arrival(item("a", title="Harbor Lights on the horizon"))
    first = want(came)
    assert first is not None
    assert want(came, first) is None
    again = want(came, replace(first, state=PageState.READ, visits=1))
    assert again is not None
    assert again.visits == 1
    assert want(came, replace(first, state=PageState.READ, visits=VISITS)) is None


def test_hosts_take_turns_within_the_bounds_of_a_day() -> None:
    """One page of a host at a time, so many of a host and so many of all in a day."""
    one = want(arrival(item("a", title="Harbor Lights on the horizon")))
    assert one is not None
    pages = [replace(one, item=str(n), host=f"{n % 3}.example.org") for n in range(9)]
    assert [page.item for page in choose(pages, Asked(by_host={}))] == ["0", "1", "2"]
    assert [page.item for page in choose(pages, Asked(by_host={"1.example.org": HOST_A_DAY}))] == ["0", "2"]
    assert [page.item for page in choose(pages, Asked(by_host={"x": ALL_A_DAY - 1}))] == ["0"]


def as_page(text: str, *, title: str = "The headline of the page") -> Page:
    """A page with this text."""
    return Page(url="https://example.org/a", title=title, text=text)


def test_text_of_the_feed_follows_where_the_page_lacks_it() -> None:
    """What only the feed said stands behind the page's text, what both say once; spans of the page alone still hold."""
    one = item("a", "It opens in May. […]\nOnly the feed says this.", title="A feed's headline")
    alone, whole = as_one(one, as_page("It opens in May. Or so they say.\nAnd that is all."), NOW)
    assert whole.body.split("\n") == [
        "It opens in May. Or so they say.",
        "And that is all.",
        "A feed's headline",
        "Only the feed says this.",
    ]
    assert whole.text.startswith(alone.text)
    assert (whole.guid, whole.link, whole.published) == (one.guid, one.link, one.published)


def test_page_dates_an_item_that_has_no_date() -> None:
    """The feed's time wins; where it gives none the page's counts, unless that lies in the future."""
    page = replace(as_page("x"), published=NOW - timedelta(days=1))
    undated = replace(item("a"), published=None)
    assert as_one(undated, page, NOW)[1].published == page.published
    assert as_one(undated, replace(page, published=NOW + timedelta(days=1)), NOW)[1].published is None
    assert as_one(item("a"), page, NOW)[1].published == NOW


def reading(*claims: Claim, verdict: Verdict = Verdict.ABOUT) -> Reading:
    """A reading of the title."""
    return Reading(title=TITLE.id, reader="script", verdict=verdict, claims=claims)


def at(claim: Claim, start: int) -> Claim:
    """The claim, said at a place of the text."""
    return replace(claim, sentence=replace(sentence(), start=start, end=start + 5))


def together(page: Sequence[Claim], both: Sequence[Claim]) -> tuple[Claim, ...]:
    """The claims that count of a page and of it with its item, whose part begins at 100."""
    (found,) = reconciled([reading(*page)], [reading(*both)], cut=100, headline=5, titles={TITLE.id: TITLE})
    return found.claims


def test_page_wins_and_what_it_leaves_unsaid_is_the_items() -> None:
    """Of two days for one release the page's counts alone; the item's word on another release is kept."""
    june, july = at(release("2026-06-05").claim, 10), at(release("2026-07-03").claim, 200)
    british = at(release("2026-06-12", region="GB").claim, 210)
    assert together([june], [june, july, british]) == (june, british)


def test_page_that_says_less_takes_nothing_away() -> None:
    """A month beside the item's day, a date without the item's verb, a list beside the item's news: the item's word stands."""
    month, day = at(release("2026-06").claim, 10), at(release("2026-06-05").claim, 200)
    assert together([month], [day]) == (day,)
    states, moves = at(release("2026-06-05").claim, 10), at(moved("2026-06-05", "2025-06-06").claim, 200)
    assert together([states], [moves]) == (moves,)
    listed, joins = at(credit(Status.LISTED).claim, 10), at(credit(Status.JOINS).claim, 200)
    assert together([listed], [joins]) == (joins,)


def test_page_says_what_became_of_a_person() -> None:
    """Who joins by the item's word and is only in talks by the page's is in talks, however the two write the name."""
    talks, joins = at(credit(Status.IN_TALKS, "Ada Quill").claim, 10), at(credit(Status.JOINS, "Quill").claim, 200)
    assert together([talks], [talks, joins]) == (talks,)


def test_page_of_another_work_silences_the_item() -> None:
    """Where the page is about another work nothing of the item counts; where it names no title the item's claims do."""
    july = at(release("2026-07-03").claim, 200)
    other = reading(verdict=Verdict.OTHER)
    titles = {TITLE.id: TITLE}
    assert reconciled([other], [reading(july)], cut=100, headline=5, titles=titles) == (other,)
    assert reconciled([], [reading(july)], cut=100, headline=5, titles=titles) == (reading(july),)


@pytest.mark.parametrize(
    ("before", "after", "both"),
    [
        ("told: a", "told: b", "told: a, b"),
        ("told: a", "decided: nothing new", "told: a"),
        ("told: a", "read: another work", "told: a"),
        ("learned in silence: x", "decided: nothing new", "learned in silence: x"),
        ("read: says nothing", "decided: nothing new", "decided: nothing new"),
        ("read: says nothing", "told: b", "told: b"),
        ("", "read: says nothing", "read: says nothing"),
        ("decided: nothing new", "read: another work", "read: another work"),
    ],
)
def test_outcome_of_an_item_is_that_of_both_its_texts(before: str, after: str, both: str) -> None:
    """What was told stays told, and a page that adds nothing does not hide what became of its item."""
    assert joined_outcome(before, after) == both
