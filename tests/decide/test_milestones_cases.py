"""The countdown's corners: regions, releases of one day, the night, digests, targets that fail, and clocks that were wrong."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from builders import TITLE
from rings import ABROAD, DIGITAL, HOME, PHONE, Clock, moment

from watcher.model import NOTHING, Confidence, ReleaseType, Target
from watcher.userword import mute

FRIDAY = "2026-02-06"
Make = Callable[..., Clock]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    """Makes a countdown for some targets."""
    made: list[Clock] = []

    def clock(*targets: Target, zone: str = "Europe/London") -> Clock:
        made.append(Clock(tmp_path, targets=targets or (PHONE,), zone=zone))
        return made[-1]

    yield clock
    for one in made:
        one.store.close()


def week(clock: Clock, first: str, last: str, *hours: str, target: Target = PHONE) -> list[str]:
    """Whatever a target hears from one day to another of February 2026, looked at these hours: with the day."""
    days = range(int(first[-2:]), int(last[-2:]) + 1)
    moments = [f"2026-02-{day:02}T{hour}" for day in days for hour in hours]
    return [f"{at[8:13]} {headline}" for at in moments for headline in clock.look(at, target)]


def test_day_of_release_is_one_alert(make: Make) -> None:
    """On the day itself there is one alert, which says that it is out, and none on the days after."""
    clock = make()
    clock.hold(FRIDAY, "2026-01-01")
    told = week(clock, "2026-02-05", "2026-02-09", "00:30", "08:59", "09:00", "09:01", "21:00")
    assert told == [
        "05T09 Harbor Lights opens tomorrow, Friday, February 6, 2026",
        "06T09 Harbor Lights is out today, Friday, February 6, 2026",
    ]


def test_who_wakes_in_the_night_before_the_release_hears_it_once(make: Make) -> None:
    """A machine that slept over "tomorrow" and wakes before nine on the day does not say "today" twice."""
    clock = make()
    clock.hold(FRIDAY, "2026-01-01")
    told = week(clock, "2026-02-06", "2026-02-07", "00:30", "09:00", "10:00")
    assert told == ["06T09 Harbor Lights is out today, Friday, February 6, 2026"]


def test_day_is_told_late_once(make: Make) -> None:
    """Who slept over the day of release hears within three days that it opened, once; later than that nothing."""
    clock = make()
    clock.hold(FRIDAY, "2026-01-01")
    assert clock.look("2026-02-09T08:59") == ["Harbor Lights opened 3 days ago, on Friday, February 6, 2026"]
    assert clock.look("2026-02-09T09:01") == []
    clock.hold("2026-03-06", "2026-02-10", key=DIGITAL)
    assert clock.look("2026-03-09T09:01") == []


def test_nobody_is_told_of_a_day_that_is_not_among_the_milestones(make: Make) -> None:
    """Who left the day itself out of the milestones is not told on it."""
    phone = replace(PHONE, milestones=(1,))
    clock = make(phone)
    clock.hold(FRIDAY, "2026-01-01")
    told = week(clock, "2026-02-04", "2026-02-09", "09:00", target=phone)
    assert told == ["05T09 Harbor Lights opens tomorrow, Friday, February 6, 2026"]


@pytest.mark.parametrize("last", ["2026-03-06", NOTHING, "2026-03", "unset"])
def test_what_is_not_held_any_more_is_not_told(make: Make, last: str) -> None:
    """A milestone that waits while its date moves, widens, or is taken off or back, is not told."""
    phone = replace(PHONE, quiet_hours=(8 * 60, 12 * 60))
    clock = make(phone)
    clock.hold(FRIDAY, "2026-01-01")
    assert clock.look("2026-01-30T09:00", phone) == []
    clock.hold(last, "2026-01-30T10:00")
    assert clock.look("2026-01-30T12:00", phone) == []


def test_refined_date_has_milestones_from_then_on(make: Make) -> None:
    """A month that becomes a day rings those milestones whose hour is still to come, and being confirmed rings none again."""
    clock = make()
    clock.hold("2026-02", "2026-01-01")
    assert clock.look("2026-01-30T09:00") == []
    clock.hold(FRIDAY, "2026-01-30T10:00", confidence=Confidence.REPORTED)
    assert clock.look("2026-01-30T10:01") == []
    assert clock.look("2026-02-05T09:00") == ["Harbor Lights opens tomorrow, Friday, February 6, 2026"]
    clock.hold(FRIDAY, "2026-02-05T10:00")
    assert clock.look("2026-02-05T10:01") == []
    assert clock.store.connection.execute("SELECT count(*) FROM outbox").fetchone()[0] == 1


def test_date_that_comes_back_rings_what_is_left(make: Make) -> None:
    """A date that moves away and back rings again, but no milestone whose hour has passed before it was back."""
    clock = make()
    clock.hold(FRIDAY, "2026-01-01")
    assert len(clock.look("2026-01-30T09:00")) == 1
    clock.hold("2026-03-06", "2026-01-30T10:00")
    clock.hold(FRIDAY, "2026-01-30T11:00")
    assert clock.look("2026-01-30T11:01") == []
    assert clock.look("2026-02-05T09:00") == ["Harbor Lights opens tomorrow, Friday, February 6, 2026"]


def test_date_that_comes_back_rings_nothing_that_was_missed(make: Make) -> None:
    """A milestone that the machine slept over is not told once its date was away and is back: there is other news then."""
    clock = make()
    clock.hold(FRIDAY, "2026-01-01")
    clock.hold("2026-03-06", "2026-01-30T10:00")
    clock.hold(FRIDAY, "2026-01-30T11:00")
    assert clock.look("2026-01-30T11:01") == []


def test_own_region_takes_over(make: Make) -> None:
    """Another region's date rings, and says whose it is, until the own region has one; then it rings no more, nor what waits."""
    phone = replace(PHONE, quiet_hours=(8 * 60, 12 * 60))
    clock = make(phone)
    clock.hold(FRIDAY, "2026-01-01")
    clock.ring("2026-01-07T09:00")
    (sent,) = clock.deliver("2026-01-07T12:00", phone)
    assert sent.headline == "Harbor Lights opens in 30 days, on Friday, February 6, 2026"
    assert "The date in the US; none known in the UK yet." in sent.body
    clock.ring("2026-01-30T09:00")
    clock.hold("2026-02-20", "2026-01-30T10:00", key=HOME)
    assert clock.deliver("2026-01-30T12:00", phone) == []
    assert week(clock, "2026-02-01", "2026-02-13", "12:00", target=phone) == [
        "13T12 Harbor Lights opens in 7 days, on Friday, February 20, 2026"
    ]


def test_region_that_falls_back_repeats_nothing(make: Make) -> None:
    """When the own region loses its date, another's of the same day does not ring what was told already."""
    clock = make()
    clock.hold(FRIDAY, "2026-01-01", key=HOME)
    clock.hold(FRIDAY, "2026-01-02")
    assert len(clock.look("2026-01-30T09:00")) == 1
    clock.hold("unset", "2026-01-31T09:00", key=HOME)
    assert clock.look("2026-01-31T09:01") == []
    assert clock.look("2026-02-05T09:00") == ["Harbor Lights opens tomorrow, Friday, February 6, 2026"]


def test_target_with_regions_of_its_own_counts_to_theirs(make: Make) -> None:
    """A target that asks for other regions is told of their dates and of no others."""
    french = Target(name="claire", regions=("FR",))
    clock = make(PHONE, french)
    clock.hold(FRIDAY, "2026-01-01")
    clock.hold("2026-02-20", "2026-01-01", key=replace(HOME, region="FR"))
    assert len(clock.look("2026-01-30T09:00", PHONE)) == 1
    assert clock.look("2026-01-30T09:00", french) == []
    assert clock.look("2026-02-13T09:00", PHONE) == []
    assert clock.look("2026-02-13T09:00", french) == ["Harbor Lights opens in 7 days, on Friday, February 20, 2026"]


def test_releases_of_one_day_are_one_alert(make: Make) -> None:
    """Two kinds of release on one day are one alert that names both."""
    clock = make()
    clock.hold(FRIDAY, "2026-01-01")
    clock.hold(FRIDAY, "2026-01-01", key=replace(HOME, type=ReleaseType.STREAMING))
    clock.ring("2026-02-06T09:00")
    (sent,) = clock.deliver("2026-02-06T09:00")
    assert sent.headline == "Harbor Lights is out today, Friday, February 6, 2026"
    assert "The same day: streaming, UK." in sent.body
    assert week(clock, "2026-02-06", "2026-02-10", "10:00") == []


def test_countdown_goes_on_to_the_next_release(make: Make) -> None:
    """After the opening the next release rings, its last day too when the machine slept over it."""
    clock = make()
    clock.hold(FRIDAY, "2026-01-01")
    clock.hold("2026-02-20", "2026-01-01", key=DIGITAL)
    assert week(clock, "2026-02-06", "2026-02-13", "09:00") == [
        "06T09 Harbor Lights is out today, Friday, February 6, 2026",
        "13T09 Harbor Lights comes out in 7 days (digital, UK)",
    ]
    assert clock.look("2026-02-21T11:00") == ["Harbor Lights came out yesterday (digital, UK)"]


def test_less_sure_than_asked_for_rings_when_it_is_surer(make: Make) -> None:
    """A date that is too unsure for a target rings once it is sure enough, within its three days."""
    strict = replace(PHONE, min_confidence=Confidence.CONFIRMED)
    clock = make(strict)
    clock.hold(FRIDAY, "2026-01-01", confidence=Confidence.REPORTED)
    assert clock.look("2026-01-30T09:00", strict) == []
    clock.hold(FRIDAY, "2026-01-31T09:00")
    assert clock.look("2026-01-31T09:01", strict) == ["Harbor Lights opens in 6 days, on Friday, February 6, 2026"]


@pytest.mark.parametrize(
    ("rules", "told"),
    [
        (
            {"quiet_hours": (22 * 60, 10 * 60)},
            ["05T10 Harbor Lights opens tomorrow", "06T10 Harbor Lights is out today"],
        ),
        (
            {"digest": 8 * 60},
            ["05T08 Harbor Lights opens tomorrow", "06T08 Harbor Lights is out today"],
        ),
        (
            {"digest": 20 * 60},
            ["05T20 Harbor Lights opens tomorrow", "06T20 Harbor Lights is out today"],
        ),
        # Only between seven and eight in the morning: each a day late, and never two of them on one day.
        (
            {"quiet_hours": (8 * 60, 7 * 60)},
            ["06T07 Harbor Lights is out today"],
        ),
    ],
)
def test_held_milestone_says_what_is_so_when_it_leaves(make: Make, rules: dict[str, object], told: Sequence[str]) -> None:
    """Quiet hours and digests hold a milestone on its day if they can, and never make it say "tomorrow" a day late."""
    phone = replace(PHONE, **rules)  # type: ignore[arg-type]
    clock = make(phone)
    clock.hold(FRIDAY, "2026-01-01")
    hours = [f"{hour:02}:00" for hour in range(24)]
    found = week(clock, "2026-02-04", "2026-02-08", *hours, target=phone)
    assert [line.split(",")[0] for line in found] == told


def test_digest_that_was_missed_does_not_wait_for_the_next(make: Make) -> None:
    """A machine that slept over the digest's hour tells the milestone when it wakes, or after quiet hours."""
    phone = replace(PHONE, digest=8 * 60, quiet_hours=(12 * 60, 14 * 60))
    clock = make(phone)
    clock.hold(FRIDAY, "2026-01-01")
    assert clock.look("2026-02-06T13:00", phone) == []
    assert clock.look("2026-02-06T14:00", phone) == ["Harbor Lights is out today, Friday, February 6, 2026"]


def test_target_that_was_down_hears_the_latest_alone(make: Make) -> None:
    """When several milestones of a date wait for a target, the last one leaves, and says how it is on that day."""
    clock = make()
    clock.hold(FRIDAY, "2026-01-01")
    for at in ("2026-01-30T09:00", "2026-02-05T09:00", "2026-02-06T09:00"):
        clock.ring(at)
        assert clock.deliver(at, fails=True) == []
    (sent,) = clock.deliver("2026-02-07T12:00")
    assert sent.headline == "Harbor Lights opened yesterday, Friday, February 6, 2026"
    assert sent.subject.endswith("/0")


def test_restart_forgets_nothing_that_waits(make: Make) -> None:
    """A milestone that waits for a target that is down for days is told after a restart too, as long as its date holds."""
    clock = make()
    clock.hold(FRIDAY, "2026-01-01")
    clock.ring("2026-02-06T09:00")
    clock.deliver("2026-02-06T09:00", fails=True)
    clock.restart()
    assert clock.look("2026-02-11T12:00") == ["Harbor Lights opened 5 days ago, on Friday, February 6, 2026"]


def test_what_left_late_is_not_said_again_on_the_same_day(make: Make) -> None:
    """A milestone that gets through only on the day of release says "today", and nobody says it again at nine."""
    clock = make()
    clock.hold(FRIDAY, "2026-01-01")
    clock.ring("2026-02-05T09:00")
    clock.deliver("2026-02-05T09:00", fails=True)
    assert week(clock, "2026-02-06", "2026-02-06", "06:00", "09:00", "12:00") == [
        "06T06 Harbor Lights is out today, Friday, February 6, 2026"
    ]


def test_new_target_hears_the_latest(make: Make) -> None:
    """A target that is new hears the latest milestone of the last three days, and who had it hears it no second time."""
    clock = make()
    clock.hold(FRIDAY, "2026-01-01")
    assert len(clock.look("2026-01-30T09:00")) == 1
    mail = Target(name="mail")
    clock.world = replace(clock.world, audience=replace(clock.world.audience, targets=(PHONE, mail)))
    clock.restart()
    assert clock.look("2026-02-01T10:00", mail) == ["Harbor Lights opens in 5 days, on Friday, February 6, 2026"]
    assert clock.look("2026-02-01T10:00", PHONE) == []


def test_muted_title_is_silent_and_is_not_caught_up_with(make: Make) -> None:
    """A milestone whose hour comes while its title is muted is not told afterwards; the next one is."""
    clock = make()
    clock.store.configure([TITLE], [], moment("2026-01-01"), [])
    clock.hold(FRIDAY, "2026-01-01")
    mute(clock.store, clock.world, TITLE, moment("2026-01-31T00:00"), moment("2026-01-29T12:00"))
    assert clock.look("2026-01-30T09:00") == []
    assert clock.look("2026-01-31T09:00") == []
    assert clock.look("2026-02-05T09:00") == ["Harbor Lights opens tomorrow, Friday, February 6, 2026"]


def test_false_future_that_never_left_is_forgotten(make: Make) -> None:
    """What a clock ahead of ours rang rings at its own hour, where it had not left; what had left is not told twice."""
    phone, mail = replace(PHONE, quiet_hours=(8 * 60, 12 * 60)), Target(name="mail")
    clock = make(phone, mail)
    clock.hold(FRIDAY, "2026-01-01")
    clock.ring("2026-02-01T09:30")
    assert len(clock.deliver("2026-02-01T09:30", mail)) == 1
    assert clock.look("2026-01-03T15:00", phone) == []
    assert clock.look("2026-01-30T12:00", phone) == ["Harbor Lights opens in 7 days, on Friday, February 6, 2026"]
    assert clock.look("2026-01-30T12:00", mail) == []


def test_date_learned_by_a_wrong_clock_rings(make: Make) -> None:
    """A date that was recorded in 2038 or in 1970, by a clock that was set right since, has its milestones all the same."""
    clock = make()
    clock.hold("2026-03-06", "2026-01-01")
    clock.hold(FRIDAY, "2038-01-19")
    assert clock.look("2026-01-30T09:01") == ["Harbor Lights opens in 7 days, on Friday, February 6, 2026"]
    clock.hold("2026-02-10", "1970-01-01")
    assert clock.look("2026-02-03T09:01") == ["Harbor Lights opens in 7 days, on Tuesday, February 10, 2026"]


def test_day_that_a_zone_skipped_rings_on_the_next(make: Make) -> None:
    """Where a milestone's day never was, it rings at nine of the day after, and says what is so there."""
    clock = make(zone="Pacific/Apia")
    clock.hold("2012-01-06", "2011-11-01")
    told = [(hour, clock.look(f"2011-12-30T{hour:02}:00")) for hour in range(12, 24)]
    assert [one for one in told if one[1]] == [(19, ["Harbor Lights opens in 6 days, on Friday, January 6, 2012"])]


def test_ringing_asks_little_while_nothing_rings(make: Make) -> None:
    """As long as no fact changes and no hour comes, a look at the countdown is one question to the store."""
    clock = make()
    for title in range(20):
        clock.hold(FRIDAY, "2026-01-01", key=replace(ABROAD, title=f"film-{title}"))
    asked: list[str] = []
    clock.ring("2026-01-02T09:00")
    clock.store.connection.set_trace_callback(asked.append)
    clock.ring("2026-01-02T09:01")
    assert len(asked) == 1
    clock.hold("2026-01-09", "2026-01-02T09:02")
    clock.store.connection.set_trace_callback(None)
    assert clock.look("2026-01-08T09:00") == ["Harbor Lights opens tomorrow, Friday, January 9, 2026"]


def test_ring_that_failed_is_tried_again(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """A look that the store refused is made again at the next, and nothing of it is lost."""
    clock = make()
    clock.hold(FRIDAY, "2026-01-01")
    clock.ring("2026-01-30T08:00")

    def refuses(*_: object) -> None:
        raise sqlite3.OperationalError

    with monkeypatch.context() as broken:
        broken.setattr(clock.store, "apply", refuses)
        with pytest.raises(sqlite3.OperationalError):
            clock.ring("2026-01-30T09:00")
    assert len(clock.look("2026-01-30T09:00")) == 1
