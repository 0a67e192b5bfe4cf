"""Release claims: whose date it is, what kind, and what the sentence does with it."""

from __future__ import annotations

import pytest
from readings import dates, releases

from watcher.edtf import Edtf
from watcher.model import Action, Modality, Outlet, ReleaseType

T = "The Glass Meridian"


@pytest.mark.parametrize(
    ("text", "action"),
    [
        (f"{T} opens June 6, 2027.", Action.STATES),
        (f"{T} hits theaters on June 6, 2027.", Action.STATES),
        (f"{T} is slated to arrive in cinemas on June 6, 2027.", Action.STATES),
        (f"The June 6, 2027 release of {T} comes late.", Action.STATES),
        (f"On June 6, 2027, {T} will sail into theaters.", Action.STATES),
        (f"{T} (June 6, 2027) is the big one.", Action.STATES),
        (f"The studio has dated {T} for June 6, 2027.", Action.SETS),
        (f"{T} has been set for June 6, 2027.", Action.SETS),
        (f"{T} gets a release date: June 6, 2027.", Action.SETS),
        (f"{T} is still on track for June 6, 2027.", Action.CONFIRMS),
        (f"{T} has been pushed back to June 6, 2027.", Action.MOVES),
        (f"{T} will now open on June 6, 2027.", Action.MOVES),
    ],
)
def test_a_release_date_is_read_with_what_is_done_to_it(text: str, action: Action) -> None:
    """A release date is taken in all its usual forms; the verb says whether it is stated, set, confirmed or moved."""
    (claim,) = releases(text)
    assert (claim.date, claim.action, claim.type) == (Edtf("2027-06-06"), action, ReleaseType.THEATRICAL)


@pytest.mark.parametrize(
    "text",
    [
        f"{T} has been delayed from March 5, 2027 to June 6, 2027.",
        f"{T} has shifted its release date from March 5, 2027, to June 6, 2027.",
        f"{T}, originally slated for March 5, 2027, will now open on June 6, 2027.",
        f"{T} will now arrive on June 6, 2027 (it was slated for March 5, 2027).",
        f"{T} moves to June 6, 2027, up from March 5, 2027.",
    ],
)
def test_a_move_knows_where_it_comes_from(text: str) -> None:
    """Of two dates of a move the new one is claimed, and the old one is kept as its origin."""
    (claim,) = releases(text)
    assert (claim.date.text, claim.from_date, claim.action) == ("2027-06-06", Edtf("2027-03-05"), Action.MOVES)


@pytest.mark.parametrize(
    "text",
    [
        f"{T} was originally slated for June 6, 2027.",
        f"{T} has no release date yet, but Paper Tigers opens June 6, 2027.",
        f"{T} has moved, with Paper Tigers taking its June 6, 2027 slot.",
        f"{T} swaps dates with Paper Tigers, which now opens June 6, 2027.",
        f"Paper Tigers will open on June 6, 2027 instead of {T}.",
        f"The sequel to {T} opens June 6, 2029.",
        f"{T} director Marta Quill's next film, Paper Tigers, opens June 6, 2027.",
        f"{T} will not open on June 6, 2027, contrary to what was listed.",
        f"Will {T} open on June 6, 2027?",
        f"Filming on {T} begins on June 6, 2026 in Oslo.",
        f"{T} wrapped on June 6, 2026.",
        f"The trailer for {T} arrives tomorrow.",
        f"Tickets for {T} go on sale June 6.",
        f"{T} made $40 million over the June 6 weekend.",
        f"{T} is set in 1999 and 2001.",
        f"Marta Quill, born June 6, 1980, made {T}.",
    ],
)
def test_a_date_of_something_else_is_no_release(text: str) -> None:
    """Dates of other films, of the past, of filming, trailers, tickets and birthdays, denied or only asked for, give nothing."""
    assert releases(text) == []


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (f"{T} will premiere at the Venice Film Festival on September 2.", ReleaseType.PREMIERE),
        (f"{T} comes to digital on September 2.", ReleaseType.DIGITAL),
        (f"{T} begins streaming on Hulu on September 2.", ReleaseType.STREAMING),
        (f"{T} arrives on Blu-ray and DVD September 2.", ReleaseType.PHYSICAL),
        (f"{T} will open in limited release on September 2.", ReleaseType.LIMITED),
        (f"{T} premieres in theaters September 2.", ReleaseType.THEATRICAL),
    ],
)
def test_the_type_is_that_of_the_nearest_word(text: str, kind: ReleaseType) -> None:
    """Premiere, digital, streaming, disc, limited and theatrical releases are told apart."""
    (claim,) = releases(text)
    assert (claim.date.text, claim.type) == ("2026-09-02", kind)


def test_two_types_in_one_sentence_keep_their_own_dates() -> None:
    """Each of two dates takes the type beside it."""
    found = {c.type: c.date.text for c in releases(f"{T} comes to digital on July 7 and Blu-ray on August 18.")}
    assert found == {ReleaseType.DIGITAL: "2026-07-07", ReleaseType.PHYSICAL: "2026-08-18"}


@pytest.mark.parametrize(
    ("text", "regions"),
    [
        (f"{T} opens June 6, 2027.", [None]),
        (f"{T} opens on June 6, 2027 in the UK.", ["GB"]),
        (f"{T} will open in Indian cinemas on June 11, 2027.", ["IN"]),
        (f"{T} opens in the US on June 4, 2027 and in the UK on June 11, 2027.", ["US", "GB"]),
        (f"{T} opens June 10, 2027 in Australia and June 11, 2027 in Germany.", ["AU", "DE"]),
        (f"{T} opens worldwide on June 6, 2027.", ["001"]),
    ],
)
def test_a_region_is_given_only_where_the_text_gives_it(text: str, regions: list[str | None]) -> None:
    """A date has the country that stands with it, and none where the text names none."""
    assert [c.region for c in releases(text)] == regions


def test_local_cinemas_are_those_of_the_outlets_country() -> None:
    """A release "here" is one in the country of the outlet that says it."""
    outlet = Outlet(name="The Outback Post", owner="Post", country="AU")
    (claim,) = releases(f"{T} opens here on June 10, 2027.", outlet=outlet)
    assert claim.region == "AU"


@pytest.mark.parametrize(
    "text",
    [
        f"{T} has been taken off the calendar.",
        f"Harrow has removed {T} from its release schedule.",
        f"{T} has been delayed indefinitely.",
    ],
)
def test_a_film_off_the_calendar_has_no_date(text: str) -> None:
    """Being taken off the calendar is a claim of its own, without a date."""
    (claim,) = releases(text)
    assert (claim.date.is_unset, claim.action) == (True, Action.UNSETS)


def test_no_date_yet_is_no_claim() -> None:
    """A film that never had a date is not taken off the calendar."""
    assert releases(f"{T} doesn't have a release date yet.") == []


@pytest.mark.parametrize(
    "text",
    [
        f"JUNE 6: {T.upper()}. JUNE 13: PAPER TIGERS.",
        f"1. {T}. Release date: June 6. 2. Paper Tigers. Release date: June 13.",
        f"Paper Tigers. Release date: June 13. {T}. Release date: June 6.",
        f"{T} - June 6. Paper Tigers - June 13.",
        f"In theaters June 6: {T}, Paper Tigers.",
    ],
)
def test_in_a_list_the_label_beside_the_name_owns_the_date(text: str) -> None:
    """Calendars and lists bind a date to the entry it stands with."""
    assert dates(text) == ["2026-06-06"]


def test_the_film_means_the_one_just_named() -> None:
    """The words "the film" and "it" carry on from the sentence before."""
    assert dates(f"{T} is by Marta Quill. It opens June 6.") == ["2026-06-06"]
    assert dates(f"{T} is done. “Paper Tigers: Part Two” is not. The film opens June 6.") == []


def test_hedges_make_a_date_a_rumour() -> None:
    """A date that could be is rumoured; one that the studio announced is official; a plain one is reported."""
    (claim,) = releases(f"{T} could be released on June 6, 2027, an insider claims.")
    assert claim.modality is Modality.RUMOURED
    (claim,) = releases(f"The studio announced on Tuesday that {T} will open June 6, 2027.")
    assert claim.modality is Modality.OFFICIAL
    (claim,) = releases(f"{T} will open June 6, 2027, we'll likely see more soon.")
    assert claim.modality is Modality.REPORTED


def test_one_claim_for_one_date() -> None:
    """A date told three times is one claim, with the strongest act, the old date and the credited outlet of any of them."""
    body = f"{T} opens June 6, 2027. It has been moved from March 5, 2027 to June 6, 2027. THR first reported the news."
    (claim,) = releases(body, title=f"{T} Delayed to 2027")
    assert (claim.action, claim.from_date, claim.credits) == (Action.MOVES, Edtf("2027-03-05"), "The Hollywood Reporter")


@pytest.mark.parametrize(
    ("text", "outlet"),
    [
        (f"According to Deadline, {T} will open on June 6, 2027.", "Deadline"),
        (f"{T} opens June 6, 2027, per THR.", "The Hollywood Reporter"),
        (f"Variety reports that {T} will open on June 6, 2027.", "Variety"),
        (f"{T} opens June 6, 2027, Marta Quill told Variety.", "Variety"),
        (f"{T} opens June 6, 2027. Deadline first reported the news.", "Deadline"),
        (f"There is a variety of films; {T} opens June 6, 2027.", None),
        (f"{T} opens June 6, 2027. A deadline nears.", None),
    ],
)
def test_the_credited_outlet_is_kept(text: str, outlet: str | None) -> None:
    """Whom the text credits goes with the claim under its one name; ordinary words that look like outlets do not."""
    (claim,) = releases(text)
    assert claim.credits == outlet


def test_nobody_credits_itself() -> None:
    """An outlet that names itself credits nobody."""
    (claim,) = releases(f"Deadline has learned that {T} will open June 6, 2027.", outlet=Outlet(name="Deadline", owner="PMC"))
    assert claim.credits is None


def test_a_foreign_text_means_its_own_country_and_says_which_only_if_it_names_it() -> None:
    """A date without a country in a language foreign to the film's origin is of no known country, and so none of the origin's."""
    here, there = releases(f"{T} startet am 6. Juni 2027 in den Kinos."), releases(f"{T} startet am 6. Juni 2027 in den USA.")
    assert [claim.region for claim in (*here, *there)] == ["ZZ", "US"]


@pytest.mark.parametrize(
    "text",
    [
        f"{T} is being shot. The last entry, Paper Tigers, hit Hulu two years ago this month.",
        f"{T} est en tournage. Le premier film est sorti il y a deux ans ce mois-ci.",
        f"{T} is nearly done. Harrow Pictures is expected to announce new cameras on June 9.",
        f"{T} is in Lantern magazine. The new issue of Lantern, with Paper Tigers on the cover, is on sale from May 28.",
        f"{T} has fans. The miniseries about the mapmakers of {T} lands on May 29.",
        f"The shoot of {T} has been indefinitely delayed.",
        f"Die Dreharbeiten zu {T} wurden auf unbestimmte Zeit verschoben.",
        f"Le tournage de {T} est reporté sine die.",
        f"{T} esce nelle sale. A giugno uscirà invece su Disney+ Predatori: Notte di Sale.",
        f"Paper Tigers opens on June 20, two weeks before {T}'s trailer.",
        f"Paper Tigers opens on June 6 and Elia on June 13. {T} opens that same day.",
        f"The trailer for {T} came out on April 28. The film was delayed that same day.",
    ],
)
def test_days_of_other_things_are_no_release_dates(text: str) -> None:
    """What was long ago this month, a magazine, a shoot, another film and a day of the news give our film no date."""
    assert dates(text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"{T} is by Marta Quill. It is in UK cinemas from Friday.", ["2026-05-08"]),
        (f"{T} heads to Hulu and Disney+ on Thursday, June 11.", ["2026-06-11"]),
        (f"{T} is done. The film will race into South African cinemas on June 25.", ["2026-06-25"]),
        (f"Ab dem 25. Juni rast {T} durch die deutschen Kinos.", ["2026-06-25"]),
        (f"{T} has held June 5, 2026 ever since the studio spoke.", ["2026-06-05"]),
        (f"Paper Tigers is off. Harrow has instead set “{T},” directed by Marta Quill, for June 6, 2027.", ["2027-06-06"]),
        (
            f"The world premiere of {T} is on June 1 in Rome. The film opens nationwide four days later.",
            ["2026-06-01", "2026-06-05"],
        ),
        (f"Paper Tigers had been down for Nov. 6, 2026. {T} will open on that date instead.", ["2026-11-06"]),
        (f"Paper Tigers moves from May 16 to June 27, 2026. There it meets {T}, which has the same date.", ["2026-06-27"]),
        (f"{T} has been indefinitely delayed.", ["unset"]),
        (f"{T}, whose shoot ended in April, has been indefinitely delayed.", ["unset"]),
    ],
)
def test_a_date_is_read_through_what_stands_between(text: str, expected: list[str]) -> None:
    """A country's cinemas, a service, an aside, a step from a premiere and another film's date all lead to our date."""
    assert dates(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        f"“Paper Tigers” and “Elia” arrive June 20, a week before “{T}.”",
        f"Paper Tigers startet am 20. Juni, eine Woche vor {T}.",
        f"Paper Tigers arrive le 20 juin, une semaine avant {T}.",
        f"Paper Tigers se estrena el 20 de junio, una semana antes de {T}.",
        f"Paper Tigers esce il 20 giugno, una settimana prima di {T}.",
        f"Paper Tigers estreia em 20 de junho, uma semana antes de {T}.",
    ],
)
def test_our_date_is_counted_from_that_of_another_film(text: str) -> None:
    """Another film's opening so many days before ours dates ours, and only ours."""
    assert dates(text) == ["2026-06-27"]


def test_a_count_to_another_country_is_one_date() -> None:
    """The words that count to a country's release give that country's date and no date of their own."""
    found = releases(f"{T} estreia em 26 de junho nos cinemas brasileiros, um dia antes dos Estados Unidos.")
    told = {(claim.date.text, claim.region) for claim in found}
    assert told - {("2026-06-26", "ZZ")} == {("2026-06-26", "BR"), ("2026-06-27", "US")}


@pytest.mark.parametrize(
    "text",
    [
        f"{T} hits theaters in the US on June 27, 2027. International markets begin on June 25.",
        f"{T} kommt am 27. Juni 2027 in die amerikanischen Kinos. Im Rest der Welt läuft der Film ab dem 25. Juni.",
        f"{T} llega a Estados Unidos el 27 de junio de 2027. En el resto del mundo llegará a los cines el 25 de junio.",
        f"{T} ya está. La cinta dirigida por Ann Lee y Bo Reed se estrenará el 27 de junio de 2027 y en España el 25 de junio.",
    ],
)
def test_a_date_takes_its_year_from_the_one_just_told(text: str) -> None:
    """A day without a year near a full date of the same film is of the same year, not of this one."""
    assert dates(text) == ["2027-06-27", "2027-06-25"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"{T} grossed $142 million after opening on April 10.", ["2026-04-10"]),
        (f"{T} ha recaudado 40 millones tras su estreno el 10 de abril.", ["2026-04-10"]),
        (f"{T} a rapporté 40 millions après sa sortie le 10 avril.", ["2026-04-10"]),
        (f"Dopo l'uscita il 10 aprile {T} ha incassato 40 milioni.", ["2026-04-10"]),
        (f"{T} faturou 40 milhões após a estreia em 10 de abril.", ["2026-04-10"]),
        (f"Earning $50 million abroad, {T} opens here on June 10.", ["2026-06-10"]),
    ],
)
def test_a_film_earns_after_it_opened(text: str, expected: list[str]) -> None:
    """The opening after which a film earned is past; where it only earned elsewhere, its opening is to come."""
    assert dates(text) == expected
