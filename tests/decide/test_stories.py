"""Copies and rewrites of one report are one story: the same words, the same quotation, never only the same event."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from builders import JUDGE, NOW, evidence, release, source
from hypothesis import given
from hypothesis import strategies as st

from watcher.decide.stories import Stories, Told, in_stories, last_of, same_report, sketch, with_originals
from watcher.model import Confidence, Evidence

REPORT = (
    "Harbor Lights will open on June 5, 2026, Solis Pictures said on Tuesday. The drama about a lighthouse keeper and her "
    "estranged brother was shot in Galway over eleven weeks last winter, with Mira Solis directing from her own script. "
    "“We wanted a summer date from the very first day of the shoot,” the producer Ines Vale told reporters at the harbour."
)
COPY = f"(Wire report) {REPORT} More on this story as we get it from our correspondents on the coast."
REWRITE = (
    "June it is. Mira Solis's lighthouse film arrives on June 5 of next year. Its producer is glad: “We wanted a summer date "
    "from the very first day of the shoot,” she said, and the harbour town will be happy to hear it too."
)
OWN = (
    "Solis Pictures has put its lighthouse drama on the calendar: Harbor Lights comes out on June 5, 2026. Mira Solis wrote and "
    "directed it; filming in Galway ended in February after eleven weeks, and a first trailer is expected before the autumn."
)
WITHIN = timedelta(days=3)


def test_copy_with_a_frame_around_it_is_the_same_report() -> None:
    """A text that stands in another, whatever is put before and after it, is one report told twice."""
    assert same_report(sketch(REPORT), sketch(COPY))


def test_rewrite_that_keeps_the_quotation_is_the_same_report() -> None:
    """A rewrite in other words is known by the long quotation that both have."""
    assert same_report(sketch(REPORT), sketch(REWRITE))


def test_two_reports_of_one_event_are_two() -> None:
    """Who tells the same facts in words of their own has a voice of their own."""
    assert not same_report(sketch(REPORT), sketch(OWN))


def test_shared_sentence_alone_is_no_copy() -> None:
    """One sentence in common, such as a film's official synopsis in a short text, does not make two texts one report."""
    common = "The drama about a lighthouse keeper and her brother opens soon."
    assert not same_report(sketch(f"{common} It was cheap."), sketch(f"{common} Critics have not seen it."))


def test_short_quotation_is_no_mark() -> None:
    """A few quoted words that anybody would quote do not make two texts one report."""
    one, other = "It is “a film for the whole family”, he says.", "Billed as “a film for the whole family”, it opens soon."
    assert not same_report(sketch(one), sketch(other))


def told(story: str, text: str, days: float = 0) -> Told:
    """A text of so many days later."""
    return Told(story=story, at=NOW + timedelta(days=days), sketch=sketch(text))


def test_same_words_much_later_are_another_story() -> None:
    """A text that comes again after the freshness window is a retelling of its own, not a copy of the day."""
    stories = Stories(within=WITHIN, told=[told("a", REPORT)])
    assert stories.add(told("b", COPY, days=2)) == "a"
    assert stories.add(told("c", COPY, days=9)) == "c"


def test_text_between_two_stories_makes_them_one() -> None:
    """Where a text copies two others that did not know of each other, all three are one story."""
    stories = Stories(within=WITHIN, told=[told("b", REPORT), told("c", REWRITE.replace("We wanted", "They wanted"))])
    both = REPORT + REWRITE.replace("We wanted", "They wanted")
    assert stories.add(told("a", both)) == "a"
    assert stories.merged == {"b": "a", "c": "a"}


@given(st.permutations([("a", REPORT), ("b", COPY), ("c", REWRITE), ("d", OWN)]))
def test_order_of_arrival_does_not_change_the_stories(texts: list[tuple[str, str]]) -> None:
    """Whatever comes first, the same texts end in one story."""
    stories = Stories(within=WITHIN, told=[])
    for name, text in texts:
        stories.add(told(name, text))
    ends = {name: last_of(name, stories.merged) for name, _ in texts}
    assert ends["a"] == ends["b"] == ends["c"] != ends["d"]


def in_story(outlet: str, story: str, on: str) -> Evidence:
    """A claim of a date from a text of a story."""
    return evidence(release("2026-06-05").claim, replace(source(outlet, on), story=story))


def test_copies_of_a_press_report_count_once() -> None:
    """Two papers that print one report are one voice, and do not confirm each other."""
    said = with_originals([in_story("Morning Reel", "s", "2025-01-02"), in_story("Reel Talk", "s", "2025-01-01")], JUDGE)
    assert {JUDGE.voice(e).origin for e in said} == {"Reel Talk"}
    assert JUDGE.confidence(JUDGE.voice(e) for e in said) is Confidence.REPORTED


def test_trade_paper_in_a_story_is_its_origin() -> None:
    """Of a story's outlets the one nearest to the makers is the origin, though a copy of it was dated earlier."""
    said = with_originals([in_story("Copycat", "s", "2025-01-01"), in_story("The Ledger", "s", "2025-01-02")], JUDGE)
    assert [(JUDGE.voice(e).origin, JUDGE.voice(e).direct) for e in said] == [("Ledger Media", False), ("Ledger Media", True)]


def test_outlets_that_tell_two_stories_confirm_each_other() -> None:
    """Two papers with reports of their own are two voices."""
    said = with_originals([in_story("Morning Reel", "s", "2025-01-02"), in_story("Reel Talk", "t", "2025-01-01")], JUDGE)
    assert JUDGE.confidence(JUDGE.voice(e) for e in said) is Confidence.CONFIRMED


def test_claims_follow_a_story_that_became_another() -> None:
    """Claims of a story that was merged away are claims of the story it went into, over several steps."""
    (moved,) = in_stories([in_story("Morning Reel", "c", "2025-01-02")], {"c": "b", "b": "a"})
    assert moved.source.story == "a"
