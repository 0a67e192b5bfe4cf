"""Marks: a fold that goes on from a mark ends as the fold of everything does, and reads only what came since."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from builders import JUDGE, NOW, TITLE, credit, feed_state, item, moved, release, world
from hypothesis import given
from hypothesis import strategies as st

from watcher.decide import marks
from watcher.decide.fold import Checkpoint, since_checkpoint
from watcher.decide.intents import Plan
from watcher.decide.marks import fold, mark
from watcher.learn import take
from watcher.model import Action, Evidence, Feed, Modality, Status
from watcher.store import ask
from watcher.store.store import Store

OUTLETS = st.sampled_from(
    ["The Ledger", "Ledger Weekly", "Morning Reel", "Reel Talk", "Third Voice", "Copycat", "Solis Pictures"]
)
DATES = st.sampled_from(["2026-06-05", "2027-06-04", "2027-06", "2027", "unset"])
MODALITIES = st.sampled_from([Modality.REPORTED, Modality.REPORTED, Modality.RUMOURED, Modality.DENIED, Modality.OFFICIAL])


@pytest.fixture(autouse=True)
def _small_marks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two claims are worth a mark here."""
    monkeypatch.setattr(marks, "WORTH_A_MARK", 2)


@st.composite
def dates(draw: st.DrawFn) -> list[Evidence]:
    """Up to ten claims of a date, an hour apart."""
    return [
        release(
            draw(DATES),
            draw(OUTLETS),
            NOW + timedelta(hours=number),
            action=draw(st.sampled_from(list(Action))),
            was=draw(st.none() | DATES.filter(lambda d: d != "unset")),
            modality=draw(MODALITIES),
        )
        for number in range(draw(st.integers(3, 10)))
    ]


@st.composite
def parts(draw: st.DrawFn) -> list[Evidence]:
    """Up to ten claims of a person, an hour apart."""
    return [
        credit(
            draw(st.sampled_from(list(Status))),
            "Ada Quill",
            draw(OUTLETS),
            NOW + timedelta(hours=number),
            modality=draw(MODALITIES),
        )
        for number in range(draw(st.integers(3, 10)))
    ]


@given(dates() | parts(), st.data())
def test_fold_from_a_mark_ends_as_the_whole_fold(said: Sequence[Evidence], data: st.DataObject) -> None:
    """Wherever a mark is made, the steps after it are those of the whole fold."""
    key, whole = said[0].key, fold(said[0].key, Checkpoint(), said, JUDGE)
    cut = data.draw(st.integers(2, len(said)))
    horizon = said[cut - 1].at
    made = mark(key, Checkpoint(), said[:cut], JUDGE, horizon=horizon, now=horizon)
    if made is None:
        assert all(step.trigger.at > horizon for step in whole)
        return
    checkpoint, rest = since_checkpoint(made, said)
    later = [step for step in whole if step.trigger.at > horizon]
    found = fold(key, checkpoint, rest, JUDGE)
    assert [(s.kind, s.old, s.new, s.confidence) for s in found] == [(s.kind, s.old, s.new, s.confidence) for s in later]


FEED = Feed(url="https://example.org/feed", outlet="The Ledger")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A store that has long known the title and the feed."""
    with Store(tmp_path / "watcher.db") as made:
        made.configure([TITLE], [], NOW, [])
        made.apply(Plan(at=NOW, feeds=(feed_state(FEED.url, polled=NOW),), learned=(TITLE.id,)))
        yield made


def day_of_news(store: Store, number: int, said: Evidence) -> None:
    """One more day, with one article."""
    now = NOW + timedelta(days=number)
    guid = f"n{number}"
    there = world({guid: [said.claim]})
    take(store, there, FEED, [item(guid, on=now)], after=feed_state(FEED.url, polled=now), now=now)


def test_marks_move_on_as_the_days_go_by(store: Store) -> None:
    """A date that is retold for a month is folded from a mark of the last days, with hardly a claim before it."""
    for number in range(30):
        day_of_news(store, number, release("2026-06-05"))
    key = release("2026-06-05").key
    start = ask.start(store.connection, key, NOW + timedelta(days=27))
    assert start is not None
    assert start.at >= NOW + timedelta(days=24)
    assert len(ask.evidence(store.connection, key, start=start)) < 10
    assert len(ask.evidence(store.connection, key)) == 30


def test_move_after_a_mark_is_told_and_a_stale_date_is_not(store: Store) -> None:
    """What was superseded before a mark is superseded after it, and a new move is new."""
    day_of_news(store, 0, release("2026-06-05"))
    day_of_news(store, 1, moved("2027-06-04", "2026-06-05"))
    for number in range(2, 20):
        day_of_news(store, number, release("2026-06-05") if number % 5 == 0 else release("2027-06-04"))
    day_of_news(store, 20, moved("2028-01-14", "2027-06-04"))
    told = [(str(c.kind), str(c.new)) for c in ask.changes(store.connection) if c.silent is None]
    assert told == [("set", "2026-06-05"), ("moved", "2027-06-04"), ("moved", "2028-01-14")]


def test_fact_that_is_taken_back_has_no_mark(store: Store) -> None:
    """An edit that takes back what a fact rested on removes its mark: everything is folded anew."""
    for number in range(6):
        day_of_news(store, number, release("2026-06-05"))
    key = release("2026-06-05").key
    assert store.connection.execute("SELECT count(*) FROM mark").fetchone()[0] == 1
    now = NOW + timedelta(days=7)
    edited = item("n0", "No date any more.", on=NOW, digest="edited")
    take(store, world({"n0": []}), FEED, [edited], after=feed_state(FEED.url, polled=now), now=now)
    assert store.connection.execute("SELECT count(*) FROM mark").fetchone()[0] == 0
    fact = ask.fact(store.connection, key)
    assert fact is not None
    assert (str(fact.value), fact.outlets) == ("2026-06-05", ("The Ledger",))
