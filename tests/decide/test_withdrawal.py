"""Edits: what an article adds is said when it was edited, and what it no longer says is taken back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from builders import NOW, TITLE, credit, feed_state, item, moved, release, sentence, world

from watcher.decide.intents import Plan
from watcher.learn import take
from watcher.model import Change, Claim, Evidence, Feed, Item, Status, Target
from watcher.store import ask
from watcher.store.outbox import Outbox
from watcher.store.store import Store

FEED = Feed(url="https://example.org/feed", outlet="Morning Reel")
OTHER = Feed(url="https://example.org/other", outlet="Reel Talk")
LEDGER = Feed(url="https://example.org/ledger", outlet="The Ledger")
OLD = "The film opens on June 5, 2026."
DAY = timedelta(days=1)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A store that has long known the title and the feeds."""
    with Store(tmp_path / "watcher.db") as made:
        made.configure([TITLE], [], NOW, [])
        states = tuple(feed_state(feed.url, polled=NOW - DAY) for feed in (FEED, OTHER, LEDGER))
        made.apply(Plan(at=NOW - DAY, feeds=states, learned=(TITLE.id,)))
        yield made


def article(text: str, *, on: timedelta = timedelta(0)) -> Item:
    """The article of these tests with this text, published so long from now."""
    return item("a", text, on=NOW + on, digest=f"{hash(text):x}")


def take_in(
    store: Store,
    one: Item,
    *said: Evidence,
    feed: Feed = FEED,
    at: timedelta = timedelta(0),
    targets: Sequence[Target] = (Target(name="phone"),),
) -> None:
    """An item comes in, in which a reader finds this; each claim stands in the item's own sentence unless it has one."""
    claims: list[Claim] = [e.claim for e in said]
    now = NOW + at
    state = feed_state(feed.url, polled=now)
    take(store, world({one.guid: claims}, targets=targets), feed, [one], after=state, now=now)


def worded(said: Evidence, text: str) -> Evidence:
    """The claim in a sentence of this text."""
    return replace(said, claim=replace(said.claim, sentence=sentence(text)))


def changes(store: Store) -> list[Change]:
    """All changes so far."""
    return ask.changes(store.connection)


def told(store: Store, target: str = "phone", *, at: timedelta) -> list[tuple[str, str]]:
    """What a target is told by then: kind and new value of each change."""
    outbox, found = Outbox(store), []
    while (delivery := outbox.claim(Target(name=target), NOW + at)) is not None:
        found += [(str(c.kind), str(c.new)) for c in delivery.changes]
        outbox.sent(delivery, "", NOW + at)
    return found


def test_claim_that_vanishes_is_taken_back(store: Store) -> None:
    """An article whose only date is edited away leaves nothing held, and who was told of the date is told of that."""
    take_in(store, article(OLD), worded(release("2026-06-05"), OLD))
    assert told(store, at=DAY) == [("set", "2026-06-05")]
    take_in(store, article("The film opens some day."), at=2 * DAY)
    assert ask.facts(store.connection) == []
    assert told(store, at=3 * DAY) == [("corrected", "nothing")]
    last = changes(store)[-1]
    assert (str(last.old), last.outlet, last.at) == ("2026-06-05", "Morning Reel", NOW + 2 * DAY)


def test_what_nobody_was_told_is_taken_back_in_silence(store: Store) -> None:
    """A target that heard nothing of a date hears nothing of its end, and the change says why."""
    certain = Target(name="phone", regions=("GB",))
    take_in(store, article(OLD), worded(release("2026-06-05"), OLD), targets=[replace(certain, on=("casting",))])
    take_in(store, article("The film opens some day."), at=DAY)
    assert told(store, at=2 * DAY) == []
    assert changes(store)[-1].silent == "takes back what nobody was told"


def test_fact_stands_on_what_others_still_say(store: Store) -> None:
    """Where another outlet says the same, an edit takes nothing back and nobody is told."""
    take_in(store, article(OLD), worded(release("2026-06-05"), OLD))
    take_in(store, item("b", "It opens on June 5.", on=NOW), release("2026-06-05"), feed=OTHER)
    told(store, at=DAY)
    take_in(store, article("The film opens some day."), at=2 * DAY)
    (fact,) = ask.facts(store.connection)
    assert (str(fact.value), str(fact.confidence), fact.outlets) == ("2026-06-05", "reported", ("Reel Talk",))
    assert told(store, at=3 * DAY) == []


def test_move_that_is_taken_back_restores_the_date_before_it(store: Store) -> None:
    """Edited away, a move ends in the date that the others say, as a correction with their sentence."""
    take_in(store, item("b", OLD, on=NOW), worded(release("2026-06-05"), OLD), feed=LEDGER)
    moves = "It has moved to June 4, 2027."
    take_in(store, article(moves), worded(moved("2027-06-04", "2026-06-05"), moves), at=DAY)
    assert told(store, at=2 * DAY) == [("set", "2026-06-05"), ("moved", "2027-06-04")]
    take_in(store, article("We had a wrong date here. We regret the mistake."), at=3 * DAY)
    assert told(store, at=4 * DAY) == [("corrected", "2026-06-05")]
    assert changes(store)[-1].sentence == OLD


def test_edit_around_a_claim_changes_nothing(store: Store) -> None:
    """An edit that leaves the sentence with the date alone makes no change, however often it comes."""
    take_in(store, article(OLD), worded(release("2026-06-05"), OLD))
    for number in range(3):
        take_in(store, article(f"{OLD} Update {number}."), worded(release("2026-06-05"), OLD), at=number * DAY)
    assert [str(c.kind) for c in changes(store)] == ["set"]


def test_news_written_into_an_old_article_is_news(store: Store) -> None:
    """A move that is written into an article of last year is said when it was written in, and told as a move."""
    take_in(store, article(OLD, on=-300 * DAY), worded(release("2026-06-05"), OLD))
    take_in(store, item("b", OLD, on=NOW), worded(release("2026-06-05"), OLD), feed=LEDGER)
    told(store, at=DAY)
    moves = "Update: it has moved to June 4, 2027."
    said = worded(moved("2027-06-04", "2026-06-05"), moves)
    take_in(store, article(f"{OLD} {moves}", on=-300 * DAY), said, at=2 * DAY)
    assert told(store, at=3 * DAY) == [("moved", "2027-06-04")]
    assert changes(store)[-1].at == NOW + 2 * DAY


def test_old_sentence_of_an_edited_article_is_no_news(store: Store) -> None:
    """What stood in an old article before its edit stays as old as it was, though nobody read it then."""
    old = "It has moved to June 4, 2027."
    take_in(store, item("b", OLD, on=NOW), worded(release("2026-06-05"), OLD), feed=LEDGER)
    take_in(store, article(old, on=-300 * DAY))
    told(store, at=DAY)
    said = worded(moved("2027-06-04", "2026-06-05"), old)
    take_in(store, article(f"{old} A new picture.", on=-300 * DAY), said, at=2 * DAY)
    assert told(store, at=3 * DAY) == []
    (silent,) = [c.silent for c in changes(store) if c.silent]
    assert silent.startswith("old news")


def test_edit_keeps_the_time_of_the_edit_before_it(store: Store) -> None:
    """What the first edit added is not said anew by the second."""
    moves = "Update: it has moved to June 4, 2027."
    take_in(store, article(OLD, on=-300 * DAY))
    for number, text in enumerate((f"{OLD} {moves}", f"{OLD} {moves} And a picture."), start=1):
        take_in(store, article(text, on=-300 * DAY), worded(moved("2027-06-04", None), moves), at=number * DAY)
    (evidence,) = ask.evidence(store.connection, moved("2027-06-04", None).key)
    assert evidence.said_at == NOW + DAY


def test_person_that_vanishes_from_an_article_is_taken_back(store: Store) -> None:
    """A casting that is edited away is taken back from whoever was told."""
    joins = "Ada Quill joins the film."
    take_in(store, article(joins), worded(credit(Status.JOINS), joins))
    assert told(store, at=DAY) == [("joined", "joins")]
    take_in(store, article("Nobody joins the film."), at=2 * DAY)
    assert told(store, at=3 * DAY) == [("corrected", "nothing")]
    assert ask.facts(store.connection) == []


def test_date_that_comes_back_after_it_was_taken_back_is_told(store: Store) -> None:
    """A date taken back and then reported by another outlet is a first date again."""
    take_in(store, article(OLD), worded(release("2026-06-05"), OLD))
    take_in(store, article("The film opens some day."), at=DAY)
    told(store, at=2 * DAY)
    take_in(store, item("b", OLD, on=NOW + 3 * DAY), worded(release("2026-06-05"), OLD), feed=LEDGER, at=3 * DAY)
    assert told(store, at=4 * DAY) == [("set", "2026-06-05")]
    assert changes(store)[-1].old is None
