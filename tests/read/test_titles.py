"""Which title a text is about, and why."""

from __future__ import annotations

import pytest
from readings import MERIDIAN, NOCTURNE, OUTLETS, item, readings

from watcher.model import Modality, ReleaseClaim, Title, Verdict
from watcher.read import READER, Reader


def verdict(body: str, *, title: str = "") -> Verdict:
    """The verdict on Nocturne, a name that many things bear."""
    found = [r for r in readings(item(body, title=title)) if r.title == NOCTURNE.id]
    return found[0].verdict if found else Verdict.ABSENT


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Iris Valdane stars in Nocturne.", Verdict.ABOUT),
        ("“Nocturne,” from Harrow Pictures, is shooting.", Verdict.ABOUT),
        ("NOCTURNE, with Iris Valdane, is shooting.", Verdict.ABOUT),
        ("Nocturne is a lovely word.", Verdict.NAMED),
        ("Iris Valdane plays a nocturne.", Verdict.ABSENT),
        ("Iris Valdane stars in Nocturne 2.", Verdict.OTHER),
        ("Iris Valdane likes Nocturne (2011).", Verdict.OTHER),
        ("Iris Valdane loved 2011's Nocturne.", Verdict.OTHER),
        ("Iris Valdane stars in “The Last Nocturne Waltz”.", Verdict.OTHER),
        ("Iris Valdane met Nocturne Vane.", Verdict.OTHER),
        ("Iris Valdane stars in Nocturne: The Reckoning.", Verdict.OTHER),
        ("Chopin's Nocturne was played for Iris Valdane.", Verdict.OTHER),
        ("Valdane is here.", Verdict.ABSENT),
    ],
)
def test_an_ambiguous_name_needs_more_than_itself(text: str, expected: Verdict) -> None:
    """A one-word name counts as a title with context; older films, sequels, longer names and exclusions are other works."""
    assert verdict(text) is expected


def test_a_distinctive_name_is_enough() -> None:
    """Several words, in any case and with curly quotes, need no context."""
    (reading,) = readings(item("“the glass meridian” is shooting."))
    assert (reading.title, reading.verdict, reading.reader) == (MERIDIAN.id, Verdict.ABOUT, READER)


def test_an_alias_alone_counts() -> None:
    """An item that never uses the title's own name but an alias is about it too."""
    title = Title(id="x", name="Nocturne", aliases=("Nocturne: The Last Watch",))
    (reading,) = Reader([title], OUTLETS).read(item("Nocturne: The Last Watch opens June 6, 2027."))
    assert reading.verdict is Verdict.ABOUT
    assert len(reading.claims) == 1


def test_only_what_a_text_is_about_makes_claims() -> None:
    """A name without context, or of another work, gives a verdict with reasons and no claim."""
    for text in ("Nocturne is out on June 6, 2027.", "Iris Valdane is here. Nocturne 2 opens June 6, 2027."):
        (reading,) = readings(item(text))
        assert reading.claims == ()
        assert reading.reasons


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("In cinemas this week: Nocturne, Paper Tigers, Low Tide.", Verdict.LIKELY),
        ("JUNE 6: NOCTURNE. JUNE 13: PAPER TIGERS opens wide.", Verdict.LIKELY),
        ("Low Tide, originally titled Nocturne, is a film that opens June 6, 2027.", Verdict.NAMED),
        ("Low Tide (Nocturne) opens in cinemas on June 6, 2027.", Verdict.NAMED),
        ("Nocturne is a Norwegian thriller that opens in cinemas on June 6, 2027.", Verdict.NAMED),
        ("The movie Nocturne, from director Bo Larsen, opens June 6, 2027.", Verdict.NAMED),
        ("Nocturne, a language for music, has its June 6, 2027 release.", Verdict.NAMED),
    ],
)
def test_an_ambiguous_name_alone_is_likely_ours_unless_the_text_speaks_against_it(text: str, verdict: Verdict) -> None:
    """A bare name in film news is likely ours; another name, nation or maker, or no film at all, keeps it from being so."""
    (reading,) = readings(item(text))
    assert reading.verdict is verdict
    assert all(claim.modality is Modality.RUMOURED for claim in reading.claims)


def test_each_title_of_an_item_has_its_own_reading() -> None:
    """Two watched titles in one sentence keep their own dates."""
    found = readings(item("The Glass Meridian opens June 6, 2027, while Iris Valdane's Nocturne opens July 9, 2027."))
    assert {r.title: [str(c.date) for c in r.claims if hasattr(c, "date")] for r in found} == {
        MERIDIAN.id: ["2027-06-06"],
        NOCTURNE.id: ["2027-07-09"],
    }


def test_nothing_named_is_nothing_read() -> None:
    """An item that names no watched title gives no reading."""
    assert readings(item("Paper Tigers opens June 6, 2027.")) == ()


@pytest.mark.parametrize(
    "text",
    [
        "The Glass Meridian has been retitled Low Sun. Low Sun opens June 6, 2027.",
        'The Glass Meridian is now called "Low Sun". "Low Sun" opens June 6, 2027.',
        "Low Sun, formerly titled The Glass Meridian, opens June 6, 2027.",
        "Low Sun (formerly known as The Glass Meridian) is ready. Low Sun opens June 6, 2027.",
    ],
)
def test_a_new_name_counts_where_the_text_says_so(text: str) -> None:
    """What our title is called now is ours in the text that tells of the new name, and the reading says so."""
    (reading,) = readings(item(text))
    assert [str(c.date) for c in reading.claims if isinstance(c, ReleaseClaim)] == ["2027-06-06"]
    assert "it says that The Glass Meridian is now called Low Sun" in reading.reasons


def test_the_new_name_of_a_sequel_is_not_ours() -> None:
    """A sequel to our film that gets a name takes its date with it."""
    (reading,) = readings(item("The sequel to The Glass Meridian is now called Low Sun. Low Sun opens June 6, 2029."))
    assert reading.claims == ()
