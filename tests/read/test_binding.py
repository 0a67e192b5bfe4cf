"""Whose date it is and which of several counts: sentences of invented films, most of them with something that misleads."""

from __future__ import annotations

import pytest
from readings import dates, releases

T = "The Glass Meridian"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Quill's film is in cinemas June 6, 2027.", ["2027-06-06"]),
        ("The Marta Quill drama goes from March 5, 2027, to June 6, 2027.", ["2027-06-06"]),
        ("Quill's next film, Paper Tigers, is in cinemas June 6, 2027.", []),
        (f"\"Splendid\" is what she says of '{T}'. The film comes to theaters on June 6, 2027.", ["2027-06-06"]),
        (f"The studio takes {T} off its 2027 release calendar.", ["unset"]),
        (f"{T} was taken off the schedule in January but now opens on June 6, 2027.", ["2027-06-06"]),
        (f"On Tuesday the studio redrew its release calendar around {T}.", []),
        (f"{T}, having left its November 2026 berth, opens June 6, 2027.", ["2027-06-06"]),
        (f"{T} is expected to go before cameras this summer.", []),
        (f"{T}, moved only last month to April 9, 2027, now comes out on June 6, 2027.", ["2027-06-06"]),
        (f"{T} glides to an earlier slot (June 6, 2027 to March 5, 2027).", ["2027-03-05"]),
        (f"{T} was at various times due in May 2024, March 2025 and June 2027.", []),
        (f"Advance bookings for {T} opened on Sunday.", []),
        (f"The studio is sticking to June 6, 2027 for {T}, strike or no strike.", ["2027-06-06"]),
        (f"Marta Quill came to Oslo on Sunday with pictures of {T}.", []),
        (f"She will next be seen in {T} on June 6, 2027.", ["2027-06-06"]),
        (f"{T} is done. The studio brings a new Marta Quill film to theaters on June 6, 2029.", []),
        (f"{T} ist fertig. Regulär läuft der Film ab dem 6. Juni 2027 im Kino.", ["2027-06-06"]),
        (f"{T} is sold. It beat Low Tide, which opened in theaters on May 1, 2026.", []),
        (f"{T} is done. The untitled picture that follows arrives in 2029.", []),
    ],
)
def test_a_date_goes_to_its_film_and_old_dates_to_nobody(text: str, expected: list[str]) -> None:
    """Makers stand for their film, old dates and plans of something else are left, and what is dated again is not unset."""
    assert dates(text, title=T) == expected


def test_a_calendar_names_its_year_once() -> None:
    """Entries without a year take that of the entry before them, and the next year where the months begin again."""
    text = f"Feb. 12, 2028 – Paper Tigers\nMay 5 – Low Tide\nNov. 3 – {T}\nJan. 8 – Nocturne Park"
    assert dates(text) == ["2028-11-03"]
    assert dates(f"Oct. 6, 2028 – Paper Tigers\nJan. 8 – {T}") == ["2029-01-08"]


def test_the_old_date_of_a_step_in_brackets_is_kept() -> None:
    """Of "(A to B)" the second date is claimed as a move, and the first is where it comes from."""
    (claim,) = releases(f"{T} slides (March 5, 2027 to June 6, 2027).")
    assert (str(claim.date), str(claim.from_date), str(claim.action)) == ("2027-06-06", "2027-03-05", "moves")
