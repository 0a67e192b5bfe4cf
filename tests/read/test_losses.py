"""A film that loses its day: given up, ruled out, or taken off the calendar, and no other day told."""

from __future__ import annotations

import pytest
from readings import releases

from watcher.model import Action, ReleaseType

T = "The Glass Meridian"


def lost(text: str) -> list[tuple[str, str | None, str | None]]:
    """What a text published on May 4, 2026 says is lost: (type, region, the day given up)."""
    gone = [c for c in releases(text) if c.action is Action.UNSETS]
    assert all(c.date.is_unset for c in gone)
    return [(c.type.value, c.region, c.from_date.text if c.from_date else None) for c in gone]


@pytest.mark.parametrize(
    "text",
    [
        f"{T} won't open on June 6, 2027 after all.",
        f"{T} is no longer opening on June 6, 2027.",
        f"{T} is no longer dated for June 6, 2027.",
        f"{T} will no longer be released on June 6, 2027, the studio says.",
        f"{T} won't be out on June 6, 2027.",
        f"{T} isn't going to hit theaters on June 6, 2027.",
        f"{T} doesn't open on June 6, 2027 any more.",
        f"{T} has left its June 6, 2027 slot.",
        f"{T} has vacated June 6, 2027.",
        f"{T} moves off its June 6, 2027 date.",
        f"{T} will miss its June 6, 2027 date.",
        f"{T} loses its June 6, 2027 slot to Paper Tigers.",
        f"{T} loses the June 6, 2027 date.",
        f"{T} won't make the June 6, 2027 date.",
        f"Harrow Pictures pulls {T} from its June 6, 2027 date.",
        f"Harrow Pictures has pulled {T} from June 6, 2027.",
        f"Harrow Pictures scraps {T}'s June 6, 2027 release.",
        f"Harrow Pictures has cancelled the June 6, 2027 release of {T}.",
        f"{T}, originally set for June 6, 2027, has been delayed.",
        f"{T} has been postponed; it was to open on June 6, 2027.",
        f"{T} delayed from June 6, 2027",
        f"{T} has been delayed. It will not open on June 6, 2027.",
    ],
)
def test_a_day_given_up_is_told_with_the_day(text: str) -> None:
    """Whoever says that a film will not come on its day takes it off, and says off which day."""
    assert lost(text) == [("theatrical", None, "2027-06-06")]


@pytest.mark.parametrize(
    "text",
    [
        f"{T} is delayed indefinitely from June 6.",
        f"Harrow has taken {T} off its calendar, where it stood for June 6.",
        f"The June 6 release of {T} has been scrapped.",
        f"The June 6 release of {T} is off.",
        f"{T}'s June 6 release has been called off.",
    ],
)
def test_a_day_to_come_does_not_make_the_loss_history(text: str) -> None:
    """The day without a year that a film is taken from lies ahead, and was not the day on which it was taken off."""
    assert [(kind, region) for kind, region, _ in lost(text)] == [("theatrical", None)]


@pytest.mark.parametrize(
    "text",
    [
        f"{T} was pulled from the calendar last October.",
        f"{T}, pulled from the schedule in October, has a director.",
        f"{T} was postponed indefinitely in November 2025.",
        f"{T} left its January 9, 2026 slot.",
    ],
)
def test_what_was_lost_long_ago_is_history(text: str) -> None:
    """A loss of months ago, and the loss of a day that is over, are told again and take nothing away."""
    assert releases(text) == []


def test_a_loss_is_of_its_type_and_country() -> None:
    """A day given up in one country or on one service leaves the others alone."""
    assert lost(f"{T} won't be released on June 6, 2027 in Japan.") == [("theatrical", "JP", "2027-06-06")]
    assert lost(f"{T} won't hit Netflix on June 6, 2027.") == [("streaming", None, "2027-06-06")]


@pytest.mark.parametrize(
    ("text", "date"),
    [
        (f"{T} won't open on June 6, 2027. It will now arrive on July 9, 2027.", "2027-07-09"),
        (f"{T} won't open on June 6, 2027 but on June 13, 2027.", "2027-06-13"),
        (f"{T} won't open on June 6, 2027 as planned; Harrow is now eyeing the summer of 2028.", "2028-22"),
        (f"{T} moves out of June 6, 2027 to July 9, 2027.", "2027-07-09"),
        (f"{T} won't just open on June 6, 2027; it opens everywhere that day.", "2027-06-06"),
        (f"{T} will now open later than planned, on June 6, 2027.", "2027-06-06"),
    ],
)
def test_another_time_told_is_no_loss(text: str, date: str) -> None:
    """Where the item says when the film comes instead, that is the news."""
    assert [(c.date.text, c.action is Action.UNSETS) for c in releases(text)] == [(date, False)]


@pytest.mark.parametrize(
    "text",
    [
        f"Paper Tigers won't open against {T} on June 6, 2027.",
        f"Paper Tigers has left its June 6, 2027 slot to {T}.",
        f"If the strike goes on, {T} won't open on June 6, 2027.",
        f"{T} may not make its June 6, 2027 date.",
        f"There is chatter that {T} won't make its June 6, 2027 date.",
        f"The studio denies that {T} won't open on June 6, 2027.",
        f"Is it true that {T} won't open on June 6, 2027?",
        f"{T} will not open on June 6, 2027, contrary to what was listed.",
        f"The trailer for {T} won't be released on June 6, 2026.",
        f"Tickets for {T} won't go on sale on June 6, 2026.",
        f"{T} misses its June 6, 2026 box office target.",
        f"{T} pulled in $20 million on May 2.",
        f"{T} leaves Netflix on June 6, 2026.",
        f"{T} loses its lead.",
    ],
)
def test_what_only_sounds_like_a_loss_is_none(text: str) -> None:
    """Another film's loss, a condition, a doubt, a denial, a question, a trailer, tickets and earnings lose no date."""
    assert lost(text) == []


def test_a_service_told_before_is_where_it_arrives_there() -> None:
    """What comes "there" comes to the service that the sentence told before, and not to cinemas."""
    for text in (
        f"{T} heads to Netflix; it lands there on June 6, 2027.",
        f"Netflix has picked up {T}, which will be available there from June 6, 2027.",
        f"Harrow's film comes to Hulu in June: the studio says {T} is there on June 6, 2027.",
    ):
        assert [(c.type, c.date.text) for c in releases(text)] == [(ReleaseType.STREAMING, "2027-06-06")]


def test_a_person_on_a_day_is_no_release() -> None:
    """A day that is over, right behind the film's name, is that of what somebody did."""
    assert releases(f"Marta Quill left {T} on May 1. Bo Lind talked about {T} on May 2.") == []


def test_the_later_of_two_days_without_a_year_is_not_over() -> None:
    """A wide release in January follows the limited one in December, also where the item is of January."""
    told = releases(f"{T} opens in New York on December 25 and wide January 8.", on="2026-01-10")
    assert [c.date.text for c in told] == ["2026-12-25", "2027-01-08"]
