"""The order of arrival does not matter: shuffled news ends in the same facts, and nobody is told what is superseded."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from builders import NOW, TITLE, feed_state, item, release, world
from hypothesis import given, settings
from hypothesis import strategies as st

from watcher.decide.intents import Plan
from watcher.decide.netting import net
from watcher.learn import take
from watcher.model import Action, Evidence, Feed, Modality, Target
from watcher.store import ask
from watcher.store.outbox import Outbox
from watcher.store.store import Store

DATES = st.sampled_from(["2026-06-05", "2027-06-04", "2027-06", "2027", "2028-01-14", "unset"])
OUTLET_NAMES = st.sampled_from(
    ["The Ledger", "Ledger Weekly", "Morning Reel", "Reel Talk", "Third Voice", "Copycat", "Solis Pictures"]
)


#: Most texts are their author's own, some are copies of one report.
REPORT = "The drama about a lighthouse keeper and her brother was shot in Galway over eleven weeks of wind and rain last winter."
TEXTS = st.sampled_from(["", "", REPORT, f"Wire: {REPORT}"])


@st.composite
def news(draw: st.DrawFn) -> list[Evidence]:
    """Up to seven claims of the last two days, no two of one moment; the source's title is its text."""
    minutes = draw(st.lists(st.integers(1, 2800), min_size=1, max_size=7, unique=True))
    return [worded(said, draw(TEXTS)) for said in _claims(draw, minutes)]


def worded(said: Evidence, text: str) -> Evidence:
    """The claim in a text."""
    return replace(said, source=replace(said.source, title=text))


def _claims(draw: st.DrawFn, minutes: Sequence[int]) -> list[Evidence]:
    return [
        release(
            draw(DATES),
            draw(OUTLET_NAMES),
            NOW - timedelta(minutes=number),
            action=draw(st.sampled_from([Action.STATES, Action.SETS, Action.MOVES, Action.UNSETS])),
            was=draw(st.none() | DATES.filter(lambda d: d != "unset")),
            modality=draw(st.sampled_from([Modality.REPORTED, Modality.REPORTED, Modality.RUMOURED])),
            name=f"n{number}",
        )
        for number in minutes
    ]


def learned(said: Sequence[Evidence], directory: str, *, hold: bool = False) -> tuple[list[tuple[str, str, str]], list[str]]:
    """Facts in the end, and the dates told, when the claims arrive one by one in this order; `hold` tells all at the end."""
    target = Target(name="phone", regions=("*",))
    told: list[str] = []
    with Store(Path(directory) / f"{random.random()}.db") as store:
        store.configure([TITLE], [], NOW, [])
        for number, one in enumerate(said):
            now = NOW + timedelta(minutes=number)
            feed = Feed(url=f"https://example.org/{one.source.outlet}", outlet=one.source.outlet or "")
            state = feed_state(feed.url, polled=NOW - timedelta(days=1))
            if number == 0:
                store.apply(Plan(at=NOW, learned=(TITLE.id,)))
            store.apply(Plan(at=now, feeds=(state,)))
            there = world({one.source.id: [one.claim]}, targets=[target])
            take(store, there, feed, [item(one.source.id, one.source.title, on=one.at)], after=state, now=now)
            if not hold:
                told += _deliver(store, target, now + timedelta(minutes=10))
        told += _deliver(store, target, NOW + timedelta(days=1))
        return [(str(f.key), str(f.value.date), str(f.confidence)) for f in ask.facts(store.connection)], told


def _deliver(store: Store, target: Target, now: datetime) -> list[str]:
    outbox, told = Outbox(store), []
    while (delivery := outbox.claim(target, now)) is not None:
        facts = {c.key: f for c in delivery.changes if (f := ask.fact(store.connection, c.key))}
        told += [str(change.new.date) for change in net(delivery.changes, facts)]
        outbox.sent(delivery, "", now)
    return told


@settings(max_examples=60)
@given(news(), st.randoms(use_true_random=False))
def test_shuffled_arrival_ends_in_the_same_facts(said: list[Evidence], chance: random.Random) -> None:
    """Claims of one freshness window end in the same date and confidence whatever order they arrive in."""
    shuffled = list(said)
    chance.shuffle(shuffled)
    with TemporaryDirectory() as directory:
        in_order = learned(sorted(said, key=lambda e: e.order), directory)
        assert learned(shuffled, directory)[0] == in_order[0]


@settings(max_examples=60)
@given(news(), st.randoms(use_true_random=False))
def test_held_alerts_tell_only_what_holds(said: list[Evidence], chance: random.Random) -> None:
    """When everything is told at the end, at most one date is told for a fact, and it is the one held."""
    shuffled = list(said)
    chance.shuffle(shuffled)
    with TemporaryDirectory() as directory:
        facts, told = learned(shuffled, directory, hold=True)
        assert told in ([], [facts[0][1]] if facts else [])


def test_late_news_can_make_us_less_sure() -> None:
    """A move and its reversal that come in out of order end as sure as in order, and the listener hears nothing of it."""
    first = release("2026-06-05", "Morning Reel", NOW - timedelta(minutes=30), name="first")
    away = release("2027-06-04", "Third Voice", NOW - timedelta(minutes=20), action=Action.MOVES, was="2026-06-05", name="away")
    back = release("2026-06-05", "Reel Talk", NOW - timedelta(minutes=10), action=Action.MOVES, was="2027-06-04", name="back")
    with TemporaryDirectory() as directory:
        in_order, _ = learned([first, away, back], directory)
        shuffled, told = learned([first, back, away], directory, hold=True)
        assert shuffled == in_order == [("harbor/release/US/theatrical", "2026-06-05", "reported")]
        assert told == ["2026-06-05"]
