"""Which release a date is of: its type, its countries, and the days that are counted from it."""

from __future__ import annotations

import pytest
from readings import dates, releases

from watcher.model import Modality, Outlet

T = "The Glass Meridian"
HERE = Outlet(name="The Outback Post", owner="Post", country="AU")


def told(text: str, *, title: str = "", outlet: Outlet | None = None) -> set[tuple[str, str, str | None]]:
    """The dates of a text with type and region."""
    return {(c.date.text, c.type.value, c.region) for c in releases(text, title=title, outlet=outlet)}


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (f"{T} will be on premium video on demand on June 2.", "digital"),
        (f"Harrow has set the home release of {T} for June 2.", "digital"),
        (f"Harrow brings {T} home on June 2.", "digital"),
        (f"{T} makes its streaming debut on June 2.", "streaming"),
        (f"The linear premiere of {T} is on June 2.", "tv"),
        (f"{T} arrives in stores on June 2.", "physical"),
        (f"{T} premieres June 2 at the Venice Film Festival out of competition.", "premiere"),
        (f"The world premiere of {T} is set for June 2.", "premiere"),
        (f"{T} was released in theaters on March 20 and comes to digital on June 2.", "digital"),
        (f"After its theatrical run, {T} will be on digital on June 2.", "digital"),
    ],
)
def test_the_type_is_that_of_the_words_beside_the_date(text: str, kind: str) -> None:
    """A date has the type of its own words, and not that of words which another date or clause goes with."""
    assert ("2026-06-02", kind) in {claim[:2] for claim in told(text)}


@pytest.mark.parametrize(
    "text",
    [
        f"{T} will be back in theaters on June 5 for its tenth anniversary.",
        f"An IMAX re-release of {T} arrives on June 5.",
        f"Fan screenings of {T} are set for June 5.",
        f"Sneak previews of {T} will be in cinemas on June 5.",
    ],
)
def test_a_showing_that_is_no_release_gives_no_date(text: str) -> None:
    """Re-releases, fan screenings and previews are not the film's release."""
    assert told(text) == set()


def test_a_preview_beside_a_release_leaves_the_release() -> None:
    """A preview in the same sentence takes nothing from the date of the release."""
    assert told(f"{T} opens June 5, with early access screenings on June 3.") == {("2026-06-05", "theatrical", None)}


def test_a_verb_of_any_release_means_what_was_spoken_of() -> None:
    """Where a sentence names no type, one about a release at home carries on; a verb of cinemas does not."""
    assert told(f"{T} is coming to Hulu. It arrives on June 21.") == {("2026-06-21", "streaming", None)}
    assert told(f"{T} is no film for Hulu. It opens on June 21.") == {("2026-06-21", "theatrical", None)}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"{T} opens on June 5 in the UK, in the US on June 12.", {("2026-06-05", "GB"), ("2026-06-12", "US")}),
        (f"{T} opens in the UK and Ireland on June 12.", {("2026-06-12", "GB"), ("2026-06-12", "IE")}),
        (f"Australian fans get {T} on June 11.", {("2026-06-11", "AU")}),
        (f"{T} opens everywhere but Japan on June 5.", {("2026-06-05", "001")}),
        (f"{T} opens outside Japan on June 5.", {("2026-06-05", "001")}),
        (f"{T} opens across Europe on June 3 and in North America on June 5.", {("2026-06-03", "150"), ("2026-06-05", "US")}),
        (f"{T} will open stateside on June 5.", {("2026-06-05", "US")}),
        (f"{T} opens on June 5. Japan follows on June 12.", {("2026-06-05", None), ("2026-06-12", "JP")}),
        (f"{T} will hit local theaters on June 5, Harrow Korea said.", {("2026-06-05", "AU")}),
        (f"{T} opens in theaters on June 12. UK cinemas get it the same day.", {("2026-06-12", None), ("2026-06-12", "GB")}),
        (f"On Monday Marta Quill told the press of {T}, which opens in Spain on June 5.", {("2026-06-05", "ES")}),
        (f"{T} will premiere in London on June 5.", {("2026-06-05", "GB")}),
    ],
)
def test_a_date_has_the_countries_of_its_own_words(text: str, found: set[tuple[str, str | None]]) -> None:
    """Each date takes the countries on its own side; a company's country and a city are none."""
    assert {(day, region) for day, _, region in told(text, outlet=HERE)} == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            f"{T} opens in China on June 8, a week before it opens in North America.",
            {("2026-06-08", "theatrical", "CN"), ("2026-06-15", "theatrical", "US")},
        ),
        (
            f"{T} has landed a June 8 release in China, three days after the film starts in Japan.",
            {("2026-06-08", "theatrical", "CN"), ("2026-06-05", "theatrical", "JP")},
        ),
        (
            f"{T} opens here on June 4, a day ahead of the US.",
            {("2026-06-04", "theatrical", "AU"), ("2026-06-05", "theatrical", "US")},
        ),
        (
            f"{T} will be on digital on May 19, just 18 days after it hit the big screen.",
            {("2026-05-19", "digital", None), ("2026-05-01", "theatrical", None)},
        ),
        (
            f"{T} opens in France on June 12 and two days later in Spain.",
            {("2026-06-12", "theatrical", "FR"), ("2026-06-14", "theatrical", "ES")},
        ),
        (
            f"{T} opens on June 12. In Japan it is a day later.",
            {("2026-06-12", "theatrical", None), ("2026-06-13", "theatrical", "JP")},
        ),
    ],
)
def test_days_counted_from_a_release_are_dates_too(text: str, found: set[tuple[str, str, str | None]]) -> None:
    """What lies exact days before or after a date of ours is told by it, with its own type and country."""
    assert told(text, outlet=HERE) == found


@pytest.mark.parametrize(
    "text",
    [
        f"{T} opens June 12, a week later than planned.",
        f"{T} moves to June 12, a week later.",
        f"{T} will open a week later than planned, on June 12.",
        f"{T} opens June 12, about two weeks before it opens in Japan.",
        f"{T} opens June 12, two weeks before filming on the sequel begins.",
        f"{T} opens June 12, two weeks before Paper Tigers opens.",
        f"{T} opens June 12, a month after it opened in Japan.",
        f"{T} opens June 12, a week after its trailer.",
    ],
)
def test_a_distance_is_no_date(text: str) -> None:
    """How far a film moved, a rough or open distance, and the distance to something else give no second day."""
    assert dates(text) == ["2026-06-12"]


def test_a_counted_day_gives_way_to_a_told_one() -> None:
    """Where another sentence names the day, one that was only counted is left out."""
    body = f"{T} opens in China on June 8, a week before it opens in Japan. It opens in Japan on June 14."
    assert told(body) == {("2026-06-08", "theatrical", "CN"), ("2026-06-14", "theatrical", "JP")}


def test_a_day_beats_its_month_across_releases_at_home() -> None:
    """A headline's month is not told beside the day that the text gives, whatever disc or file it is."""
    found = told(f"{T} arrives on Blu-ray on June 16 and on digital on May 12.", title=f"{T} Comes Home In June")
    assert found == {("2026-06-16", "physical", None), ("2026-05-12", "digital", None)}


def test_a_hedge_counts_for_its_own_clause() -> None:
    """A doubt makes a rumour of the date in its clause alone."""
    found = {c.date.text: c.modality for c in releases(f"{T} opens on June 5; it may stream on July 7.")}
    assert found == {"2026-06-05": Modality.REPORTED, "2026-07-07": Modality.RUMOURED}


@pytest.mark.parametrize(
    "text",
    [
        f"„{T}“ feiert am 10. April 2027 in Berlin Premiere.",
        f"Der Film „{T}“ wird am 10. April 2027 in Berlin international vorgestellt.",
    ],
)
def test_city_of_a_premiere_counts_in_german_too(text: str) -> None:
    """A noun behind the city makes no name of it where every noun has a capital, nor does "international" hide the country."""
    assert [(str(c.date), c.region, str(c.type)) for c in releases(text)] == [("2027-04-10", "DE", "premiere")]
