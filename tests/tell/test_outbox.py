"""The outbox: created once, claimed before it leaves, recorded after; nothing is lost, and only the one window can double."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from builders import NOW, TITLE, feed_state, item, moved, release, world
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from watcher.decide.intents import Notice, Plan
from watcher.learn import take
from watcher.model import Claim, Confidence, Feed, Target
from watcher.store import ask, undelivered
from watcher.store.outbox import GIVEN_UP_AFTER, Delivery, Outbox
from watcher.store.ringing import forget_early
from watcher.store.store import Store
from watcher.store.undelivered import Undelivered
from watcher.store.wholeness import is_whole

FEED = Feed(url="https://example.org/feed", outlet="Morning Reel")
PHONE, MAIL = Target(name="phone"), Target(name="mail")
SOON = NOW + timedelta(minutes=10)


class Box:
    """A store with an outbox, and a way to let news arrive."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.open()
        self.store.configure([TITLE], [FEED], NOW, [NOW])
        self.store.apply(Plan(at=NOW, feeds=(feed_state(FEED.url, polled=NOW),), learned=(TITLE.id,)))

    def open(self) -> None:
        """Open the store, as a process that starts does."""
        self.store = Store(self.path)
        self.outbox = Outbox(self.store)

    def news(
        self, claim: Claim, now: datetime = NOW, *, outlet: str = "Morning Reel", targets: tuple[Target, ...] = (PHONE,)
    ) -> None:
        """One item that makes one claim."""
        guid = f"g{self.store.connection.execute('SELECT count(*) FROM item').fetchone()[0]}"
        feed = replace(FEED, outlet=outlet)
        take(
            self.store,
            world({guid: [claim]}, targets=targets),
            feed,
            [item(guid, on=now)],
            after=feed_state(FEED.url, polled=now),
            now=now,
        )


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Box]:
    """An outbox on an empty store."""
    made = Box(tmp_path / "watcher.db")
    yield made
    made.store.close()


def told(delivery: Delivery | None) -> list[str]:
    """The new dates that a delivery tells."""
    assert delivery is not None
    return [str(change.new.date) for change in delivery.changes]


def test_row_waits_for_company_and_is_claimed_once(box: Box) -> None:
    """A row is not claimed before its time, then once, and never again after it was sent."""
    box.news(release("2026-06-05").claim)
    assert box.outbox.claim(PHONE, NOW) is None
    delivery = box.outbox.claim(PHONE, SOON)
    assert delivery is not None
    assert told(delivery) == ["2026-06-05"]
    assert box.outbox.claim(PHONE, SOON) is None
    box.outbox.sent(delivery, "subject", SOON)
    assert box.outbox.claim(PHONE, SOON + timedelta(days=1)) is None


def test_changes_of_one_title_go_out_together(box: Box) -> None:
    """Everything due for one target and title is one delivery."""
    box.news(release("2026-06-05").claim)
    box.news(moved("2027-06-04", "2026-06-05").claim, NOW + timedelta(minutes=5))
    assert told(box.outbox.claim(PHONE, NOW + timedelta(minutes=15))) == ["2026-06-05", "2027-06-04"]


def test_targets_do_not_share_their_fate(box: Box) -> None:
    """A target that fails does not hold another one back, and the other does not hear twice."""
    box.news(release("2026-06-05").claim, targets=(PHONE, MAIL))
    failing, good = box.outbox.claim(PHONE, SOON), box.outbox.claim(MAIL, SOON)
    assert failing is not None
    assert good is not None
    assert failing.id != good.id
    box.outbox.failed(failing, "refused", SOON, timedelta(hours=1))
    box.outbox.sent(good, "subject", SOON)
    assert box.outbox.claim(MAIL, SOON) is None
    assert box.outbox.claim(PHONE, SOON + timedelta(minutes=59)) is None
    again = box.outbox.claim(PHONE, SOON + timedelta(hours=1))
    assert again is not None
    assert (again.id, again.attempts, again.may_repeat) == (failing.id, 2, False)


def test_failed_delivery_takes_later_news_along(box: Box) -> None:
    """What became due while a target was down goes out with what failed, in order, under the first one's id."""
    box.news(release("2026-06-05").claim)
    first = box.outbox.claim(PHONE, SOON)
    assert first is not None
    box.outbox.failed(first, "refused", SOON, timedelta(hours=1))
    box.news(moved("2027-06-04", "2026-06-05").claim, SOON)
    again = box.outbox.claim(PHONE, SOON + timedelta(hours=2))
    assert again is not None
    assert (again.id, told(again)) == (first.id, ["2026-06-05", "2027-06-04"])


def test_killed_while_sending_is_sent_again_and_marked(box: Box) -> None:
    """A delivery that was being sent when the process died is claimed again under the same id, marked as a possible repeat."""
    box.news(release("2026-06-05").claim)
    lost = box.outbox.claim(PHONE, SOON)
    assert lost is not None
    box.open()
    assert box.outbox.claim(PHONE, SOON) is None
    assert box.outbox.recover() == 1
    again = box.outbox.claim(PHONE, SOON)
    assert again is not None
    assert (again.id, again.may_repeat) == (lost.id, True)


def test_unknown_is_held_where_the_target_asks(box: Box) -> None:
    """Where a target holds unknown deliveries, they are not sent again, and later news is not held up by them."""
    careful = Target(name="phone", hold_unknown=True)
    box.news(release("2026-06-05").claim)
    lost = box.outbox.claim(careful, SOON)
    assert lost is not None
    box.outbox.failed(lost, "no answer", SOON, timedelta(0), unknown=True)
    assert box.outbox.claim(careful, SOON) is None
    box.news(moved("2027-06-04", "2026-06-05").claim, SOON)
    assert told(box.outbox.claim(careful, SOON + timedelta(minutes=10))) == ["2027-06-04"]


def test_nothing_joins_what_may_have_gone_out(box: Box) -> None:
    """A possible repeat goes out with exactly what it held; later news follows by itself."""
    box.news(release("2026-06-05").claim)
    lost = box.outbox.claim(PHONE, SOON)
    assert lost is not None
    box.outbox.failed(lost, "no answer", SOON, timedelta(0), unknown=True)
    box.news(moved("2027-06-04", "2026-06-05").claim, SOON)
    later = SOON + timedelta(hours=1)
    again = box.outbox.claim(PHONE, later)
    assert told(again) == ["2026-06-05"]
    assert again is not None
    box.outbox.sent(again, "subject", later)
    assert told(box.outbox.claim(PHONE, later)) == ["2027-06-04"]


def waiting(title: str, at: datetime, *, kind: str = "summary", subject: str | None = None) -> Notice:
    """A row for the phone that is due at a moment."""
    return Notice(target="phone", title=title, subject=subject or f"{kind}/{title}", kind=kind, not_before=at)


def test_bundle_named_after_a_younger_row_can_fall_apart(box: Box) -> None:
    """What leaves a refused bundle makes a delivery of its own, though an older row joined the bundle after it was named."""
    box.store.apply(Plan(at=NOW, notices=(waiting("tide", NOW + timedelta(hours=2)), waiting("harbor", NOW))))
    first = box.outbox.claim(PHONE, NOW)
    assert first is not None
    box.outbox.failed(first, "busy", NOW, timedelta(hours=1))
    late = NOW + timedelta(hours=4)
    bundle = box.outbox.claim(PHONE, late)
    assert bundle is not None
    assert [part.title for part in bundle.parts] == ["tide", "harbor"]
    box.outbox.refused(bundle, "subject", "too large", late, timedelta(hours=1))
    free, resting = box.outbox.claim(PHONE, late), box.outbox.claim(PHONE, late + timedelta(hours=2))
    assert free is not None
    assert resting is not None
    assert [part.title for part in (*free.parts, *resting.parts)] == ["tide", "harbor"]
    assert resting.id == first.id != free.id


def test_milestone_of_a_wrong_clock_leaves_its_company_behind(box: Box) -> None:
    """A milestone that a clock ahead of ours put into a bundle is forgotten, to ring again; the rest of the bundle waits."""
    ahead = NOW + timedelta(days=1)
    rung = waiting("tide", ahead, kind="milestone", subject="milestone/tide/release/US/theatrical/2026-06-05/20250101T000000/7")
    box.store.apply(Plan(at=ahead, notices=(rung, waiting("harbor", ahead))))
    bundle = box.outbox.claim(PHONE, ahead + timedelta(hours=2))
    assert bundle is not None
    assert len(bundle.parts) == 2
    box.outbox.failed(bundle, "busy", ahead + timedelta(hours=2), timedelta(minutes=1))
    assert forget_early(box.store, NOW) == 1
    again = box.outbox.claim(PHONE, NOW)
    assert again is not None
    assert [part.title for part in again.parts] == ["harbor"]
    box.outbox.sent(again, "subject", NOW)
    box.store.apply(Plan(at=NOW, notices=(replace(rung, not_before=NOW),)))
    assert [part.title for part in getattr(box.outbox.claim(PHONE, NOW), "parts", ())] == ["tide"]


def test_change_below_a_targets_confidence_waits_for_it(box: Box) -> None:
    """A target that wants confirmed news gets a reported change once a second origin confirms it."""
    strict = Target(name="phone", min_confidence=Confidence.CONFIRMED)
    box.news(release("2026-06-05").claim, targets=(strict,))
    assert box.outbox.claim(strict, SOON) is None
    box.news(release("2026-06-05").claim, SOON, outlet="Reel Talk", targets=(strict,))
    assert told(box.outbox.claim(strict, SOON + timedelta(hours=1))) == ["2026-06-05"]


def test_quiet_hours_hold_even_for_the_impatient(box: Box) -> None:
    """`early` passes over the wait for company, not over quiet hours."""
    night = replace(PHONE, quiet_hours=(22 * 60, 8 * 60))
    late = NOW.replace(hour=23)
    box.news(release("2026-06-05").claim, late, targets=(night,))
    early = timedelta(minutes=10)
    assert box.outbox.claim(night, late, early=early) is None
    assert box.outbox.claim(night, late + timedelta(hours=9), early=early) is not None


@pytest.mark.parametrize("what", ["claim", "recover", "whole", "last told"])
def test_pass_costs_no_more_after_years_of_alerts(tmp_path: Path, what: str) -> None:
    """SQLite takes as many steps to ask what is to be sent where thousands were sent before as where a few were."""
    steps: list[int] = []
    for count in (20, 4000):
        with Store(tmp_path / f"{count}.db") as store:
            rows = tuple(waiting(f"t{number}", NOW) for number in range(count))
            store.apply(Plan(at=NOW, notices=rows))
            store.db.execute(
                "INSERT INTO delivery (id, target, title, kind, state, created_at) "
                "SELECT title, target, title, kind, 'sent', created_at FROM outbox"
            )
            store.db.execute("UPDATE outbox SET delivery = title")
            outbox = Outbox(store)
            ticks: list[int] = []
            store.connection.set_progress_handler(lambda ticks=ticks: ticks.append(1) or 0, 10)
            if what == "claim":
                assert outbox.claim(PHONE, NOW) is None
            elif what == "recover":
                assert outbox.recover() == 0
            elif what == "whole":
                assert is_whole(store.connection, [], [PHONE], NOW)
            else:
                assert ask.last_told(store.connection, "phone", release("2026-06-05").key, but="") is None
            store.connection.set_progress_handler(None, 0)
            steps.append(len(ticks))
    assert steps[1] <= 2 * steps[0] + 10


class OutboxMachine(RuleBasedStateMachine):
    """News, sends, refusals, failures and kills in any order: nothing is lost, and what goes out twice is marked."""

    def __init__(self) -> None:
        super().__init__()
        self.directory = TemporaryDirectory()
        self.box = Box(Path(self.directory.name) / "watcher.db")
        self.now = NOW
        self.year = 2030
        self.made: list[str] = []
        self.arrived: list[str] = []
        self.marked: set[str] = set()
        self.open_delivery: Delivery | None = None
        self.passed = False

    @rule()
    def news(self) -> None:
        """A new date is reported, away from the one before."""
        was = f"{self.year}-01-01" if self.made else None
        self.year += 1
        self.now += timedelta(minutes=1)  # two claims of one moment have no order
        date = f"{self.year}-01-01"
        self.box.news(moved(date, was).claim if was else release(date).claim, self.now)
        self.made.append(date)

    @rule(minutes=st.sampled_from([1, 11, 120]))
    def time_passes(self, minutes: int) -> None:
        """The clock goes on."""
        self.now += timedelta(minutes=minutes)

    @precondition(lambda self: self.open_delivery is None)
    @rule()
    def claim(self) -> None:
        """The daemon takes what is due."""
        self.open_delivery = self.box.outbox.claim(PHONE, self.now)

    @precondition(lambda self: self.open_delivery is not None)
    @rule(outcome=st.sampled_from(["sent", "failed", "refused", "unknown but arrived", "unknown and lost"]))
    def answer(self, outcome: str) -> None:
        """The target takes it, refuses it, or leaves us in the dark."""
        delivery = self.open_delivery
        assert delivery is not None
        if outcome in ("sent", "unknown but arrived"):
            self._arrive(delivery)
        if outcome == "sent":
            self.box.outbox.sent(delivery, "subject", self.now)
        elif outcome == "refused":
            self._refuse(delivery)
        else:
            self.box.outbox.failed(delivery, outcome, self.now, timedelta(minutes=5), unknown=outcome != "failed")
        self.open_delivery = None

    @precondition(lambda self: self.open_delivery is None)
    @rule()
    def refuse_until_given_up(self) -> None:
        """The target refuses a message as often as it takes."""
        for _ in range(GIVEN_UP_AFTER):
            self.now += timedelta(minutes=10)
            delivery = self.box.outbox.claim(PHONE, self.now)
            if delivery is not None:
                self._refuse(delivery)

    def _refuse(self, delivery: Delivery) -> None:
        self.passed = True
        self.box.outbox.refused(delivery, "subject", "too large", self.now, timedelta(minutes=1))

    @rule()
    def retry(self) -> None:
        """Somebody has everything tried again that was given up."""
        undelivered.retry(self.box.store, [one.id for one in self._dead() if one.id])

    @rule(arrived=st.booleans())
    def kill(self, arrived: bool) -> None:
        """The process dies, perhaps just after the target took a delivery, and a new one starts."""
        if self.open_delivery is not None and arrived:
            self._arrive(self.open_delivery)
        self.box.store.close()
        self.box.open()
        self.box.outbox.recover()
        self.open_delivery = None

    def _arrive(self, delivery: Delivery) -> None:
        dates = told(delivery)
        if delivery.may_repeat:
            self.marked.update(dates)
        self.arrived.extend(dates)

    @invariant()
    def repeats_are_marked(self) -> None:
        """Whatever arrived twice was marked the second time."""
        assert {d for d in self.arrived if self.arrived.count(d) > 1} <= self.marked

    @invariant()
    def nothing_is_lost(self) -> None:
        """Every change that was made has arrived or still waits."""
        waiting, dead = ask.waiting(self.box.store.connection, "phone")
        assert len(set(self.made) - set(self.arrived)) <= waiting + self._rows_of_dead()
        assert bool(dead) == bool(self._dead())

    def _dead(self) -> list[Undelivered]:
        return [one for one in undelivered.undelivered(self.box.store.connection, "phone") if one.state == "dead"]

    def _rows_of_dead(self) -> int:
        return sum(len(one.changes) for one in self._dead())

    def teardown(self) -> None:
        """When all is quiet and the target well, everything has arrived, in order where nothing was refused by itself."""
        try:
            self._drain()
        finally:
            self.box.store.close()
            self.directory.cleanup()

    def _drain(self) -> None:
        self.kill(arrived=False)
        self.now += timedelta(days=1)
        undelivered.retry(self.box.store, [one.id for one in self._dead() if one.id])
        while (delivery := self.box.outbox.claim(PHONE, self.now)) is not None:
            self._arrive(delivery)
            self.box.outbox.sent(delivery, "subject", self.now)
        assert set(self.arrived) == set(self.made)
        first_seen = list(dict.fromkeys(self.arrived))
        assert self.passed or first_seen == sorted(first_seen)


OutboxMachine.TestCase.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)
TestOutboxMachine = OutboxMachine.TestCase
