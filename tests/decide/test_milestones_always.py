"""Whatever happens to a date, to the machine and to its clock: each milestone rings once, at its hour, and says what is so."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import available_timezones

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule
from rings import ABROAD, DIGITAL, HOME, PHONE, Clock, Sent

from watcher.edtf import UNSET, Edtf
from watcher.model import NOTHING, ReleaseKey, Value

#: A zone, and a moment near which something happens to its clocks; Apia had no December 30, 2011.
ODD = [
    ("Australia/Lord_Howe", datetime(2026, 4, 1, tzinfo=UTC)),
    ("Pacific/Apia", datetime(2011, 12, 25, tzinfo=UTC)),
    ("Asia/Kathmandu", datetime(2026, 1, 1, tzinfo=UTC)),
    ("Africa/Casablanca", datetime(2026, 2, 10, tzinfo=UTC)),
    ("America/Havana", datetime(2026, 3, 1, tzinfo=UTC)),
    ("Pacific/Kiritimati", datetime(2026, 5, 30, tzinfo=UTC)),
    ("Pacific/Pago_Pago", datetime(2026, 5, 30, tzinfo=UTC)),
    ("Europe/London", datetime(2026, 3, 26, tzinfo=UTC)),
]
THERE = st.sampled_from(ODD) | st.tuples(
    st.sampled_from(sorted(available_timezones())), st.just(datetime(2026, 10, 20, tzinfo=UTC))
)
KEYS = (ABROAD, HOME, DIGITAL)
NINE = time(9)
#: How long after an hour the machine looks.
AFTER = st.sampled_from(
    [timedelta(seconds=20), timedelta(seconds=21), timedelta(hours=15), timedelta(hours=25), timedelta(hours=71)]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A fact's new revision, and when it was truly made."""

    at: datetime
    key: ReleaseKey
    value: Value


def rung(sent: Sent) -> tuple[ReleaseKey, date, int]:
    """The release, the date and the days before it that an alert was made for."""
    parts = sent.subject.split("/")
    (key,) = (key for key in KEYS if str(key) == "/".join(parts[1:5]))
    return key, date.fromisoformat(parts[5]), int(parts[7])


def said(headline: str) -> int:
    """How many days a headline says are left; negative for a release that is past."""
    for words, days in (("today", 0), ("tomorrow", 1), ("yesterday", -1)):
        if words in headline:
            return days
    found = re.search(r"(in )?(\d+) days", headline)
    assert found is not None
    return int(found[2]) * (1 if found[1] else -1)


def counted(facts: dict[ReleaseKey, Edtf], on: date) -> ReleaseKey | None:
    """Which release somebody in Britain counts to on a day: a second, shorter way to say it."""
    cinemas = HOME if HOME in facts else ABROAD
    if cinemas not in facts:
        return DIGITAL if DIGITAL in facts else None
    wants_digital = facts[cinemas].latest < on and DIGITAL in facts and facts[DIGITAL].latest >= on
    return DIGITAL if wants_digital else cinemas


class Clockwork(RuleBasedStateMachine):
    """Dates that move, a machine that sleeps; the clock is right."""

    def __init__(self) -> None:
        super().__init__()
        self.directory = TemporaryDirectory()
        self.off = timedelta(0)
        self.steps: list[Step] = []
        self.sent: list[Sent] = []

    @initialize(there=THERE, milestones=st.sampled_from([(30, 7, 1, 0), (7, 1), (0,), (5, 4, 3, 2, 1, 0)]))
    def begin(self, there: tuple[str, datetime], milestones: tuple[int, ...]) -> None:
        """Somewhere, some day."""
        self.true_time, self.milestones = there[1], milestones
        phone = replace(PHONE, milestones=milestones)
        self.clock = Clock(Path(self.directory.name), targets=[phone], zone=there[0])
        self.zone = self.clock.world.audience.zone

    @property
    def now(self) -> datetime:
        """What the machine's clock shows."""
        return self.true_time + self.off

    @property
    def today(self) -> date:
        """The local day, by the machine's clock."""
        return self.now.astimezone(self.zone).date()

    @rule(key=st.sampled_from(KEYS), days=st.sampled_from([-1, 0, 1, 2, 3, 4, 7, 8, 30, 31]))
    def news_of_a_day(self, key: ReleaseKey, days: int) -> None:
        """A release gets a day, its first one or another; perhaps one that it had before."""
        self._revise(key, Value(date=Edtf.of(self.today + timedelta(days=days))))

    @rule(key=st.sampled_from(KEYS), what=st.sampled_from(["month", "year", "unset", "nothing", "again", "back"]))
    def other_news(self, key: ReleaseKey, what: str) -> None:
        """A date becomes wide, is taken off the calendar or back, is told again, or is the one before."""
        before = [step.value for step in self.steps if step.key == key]
        values = {
            "month": Value(date=Edtf(f"{self.today:%Y-%m}")),
            "year": Value(date=Edtf(f"{self.today:%Y}")),
            "unset": Value(date=UNSET),
            "nothing": NOTHING,
            "again": before[-1] if before else NOTHING,
            "back": before[-2] if len(before) > 1 else NOTHING,
        }
        self._revise(key, values[what])

    @rule(minutes=st.sampled_from([1, 9, 61, 13 * 60, 24 * 60, 3 * 24 * 60 - 1, 5 * 24 * 60]))
    def sleep(self, minutes: int) -> None:
        """The machine sleeps, or is off."""
        self.true_time += timedelta(minutes=minutes)

    @rule(hours=st.sampled_from([2, 9, 15, 25, 80]))
    def work(self, hours: int) -> None:
        """The machine is awake, and looks every hour or so."""
        for _ in range(hours):
            self.true_time += timedelta(minutes=57, seconds=hours % 7)
            self.look()

    @rule(after=AFTER)
    def hour_comes(self, after: timedelta) -> None:
        """The machine sleeps until just before the next milestone of any release, and looks then and just or long after it."""
        days = [when.earliest - timedelta(days=d) for when in self._held(lambda _: True).values() for d in self.milestones]
        hours = [datetime.combine(day, NINE, self.zone).astimezone(UTC) - self.off for day in days]
        hour = min((hour for hour in hours if hour > self.true_time), default=self.true_time)
        for at in (hour - timedelta(seconds=20), hour + after):
            self.true_time = max(self.true_time, at)
            self.look()

    @rule(after=AFTER)
    def another_hour_comes(self, after: timedelta) -> None:
        """The same: it is what this is about."""
        self.hour_comes(after)

    @rule(after=AFTER)
    def and_another(self, after: timedelta) -> None:
        """The same."""
        self.hour_comes(after)

    @rule()
    def look(self) -> None:
        """One pass: ring, and deliver what is due."""
        self.clock.ring(self.now)
        for sent in self.clock.deliver(self.now):
            self.arrives(sent)
        self.nothing_is_missing()

    @rule()
    def restart(self) -> None:
        """The process begins anew."""
        self.clock.restart()

    def arrives(self, sent: Sent) -> None:
        """What must be so of every alert at the moment it leaves."""
        key, day, days = rung(sent)
        local = sent.at.astimezone(self.zone)
        assert sent.subject not in [other.subject for other in self.sent]
        assert (local.date(), local.time()) >= (day - timedelta(days=days), NINE), "before its hour"
        held = self._held(lambda _: True)
        assert held.get(key) == Edtf.of(day), "of a date that is not held"
        assert not (key == ABROAD and HOME in held), "another region's, though the own one has a date"
        assert said(sent.headline) == (day - local.date()).days
        same = [other for other in self.sent if rung(other)[:2] == (key, day) and other.at <= sent.at]
        assert local.date() not in [other.at.astimezone(self.zone).date() for other in same], "twice on one day"
        self.may_ring(sent)
        self.sent.append(sent)

    def may_ring(self, sent: Sent) -> None:
        """Nothing rings but what has to."""
        key, day, days = rung(sent)
        assert self._rings().get(key) == (day, days)

    def nothing_is_missing(self) -> None:
        """After a look, every milestone that could ring by now has rung."""
        for key, (day, days) in self._rings().items():
            assert (key, day, days) in [rung(sent) for sent in self.sent if sent.at >= self._since(key)]

    def _rings(self) -> dict[ReleaseKey, tuple[date, int]]:
        """What a look at this moment must find rung, now or before: for each release the date and the days before it."""
        held, found = self._held(lambda _: True), {}
        for key, when in held.items():
            begun = [days for days in self.milestones if when.is_day and (when.earliest - self.today).days <= days]
            if not begun:
                continue
            moment = datetime.combine(when.earliest - timedelta(days=min(begun)), NINE, self.zone).astimezone(UTC)
            on = moment.astimezone(self.zone).date()
            then = self._held(lambda step, moment=moment: step.at <= moment)  # type: ignore[misc]
            has_come = self._since(key) <= moment <= self.now and self.now - moment <= timedelta(days=3)
            if has_come and counted(then, on) == key == counted(held, on) and then[key] == when:
                found[key] = (when.earliest, min(begun))
        return found

    def _revise(self, key: ReleaseKey, value: Value) -> None:
        self.true_time += timedelta(seconds=7)  # no two revisions have one stamp
        self.clock.hold(value, self.now, key=key)
        self.steps.append(Step(at=self.true_time, key=key, value=value))

    def _held(self, counts: Callable[[Step], bool]) -> dict[ReleaseKey, Edtf]:
        """The dates held, of all steps that count."""
        last = {step.key: step.value.date for step in self.steps if counts(step)}
        return {key: when for key, when in last.items() if when is not None and not when.is_unset}

    def _since(self, key: ReleaseKey) -> datetime:
        """Since when the date of a release is held without a break."""
        mine = [step for step in self.steps if step.key == key]
        since = mine[-1].at
        for step in reversed(mine):
            if step.value != mine[-1].value:
                break
            since = step.at
        return since

    def teardown(self) -> None:
        """Nothing is left open."""
        self.clock.store.close()
        self.directory.cleanup()


class WrongClock(Clockwork):
    """The same with a clock that is set to anything and back: nothing rings twice, early, or for a date that is not held."""

    @rule(off=st.sampled_from([60, -60, 1, -1, 7 * 24, -30 * 24, 24 * 365 * 12, -24 * 365 * 56]))
    def set_clock(self, off: int) -> None:
        """The clock is wrong by so many hours, 2038 and 1970 among them."""
        self.off = timedelta(hours=off, seconds=13)

    @precondition(lambda self: bool(self.off))
    @rule()
    def right_clock(self) -> None:
        """Somebody sets it right."""
        self.off = timedelta(0)

    def may_ring(self, sent: Sent) -> None:
        """What was held at an hour is not known for sure any more."""

    def nothing_is_missing(self) -> None:
        """What a wrong clock did, it did: no more is promised than that nothing rings twice or untrue."""


Clockwork.TestCase.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)
WrongClock.TestCase.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)
TestClockwork = Clockwork.TestCase
TestWrongClock = WrongClock.TestCase
