"""Alerts, summaries and the test message: what they say, and that nothing a feed wrote acts where they arrive."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from messages import AT, BRITISH, HOSTILE, LONG, PHONE, TODAY, Tags, alert, credit, fact, release

from watcher.edtf import Edtf
from watcher.model import Change, ChangeKind, Confidence, CreditKey, Fact, ReleaseKey, ReleaseType, Status, Value
from watcher.tell.dates_in_words import AMERICAN, Dates
from watcher.tell.health import Trouble, health
from watcher.tell.layout import message_of
from watcher.tell.message import Message, Told, quoted
from watcher.tell.summary import summary as believed
from watcher.tell.words import render_test


def test_a_move_says_everything_in_the_hand_we_want() -> None:
    """A moved date is told whole: title, day, place, size, days to go, who said it first and who agrees, sentence, link, id."""
    message = alert(Told(change=release("moved", "2024-06-07", "2025-06-06"), agree=("Variety", "Collider")))
    assert message.title == "The Tall Tide moves to June 6, 2025 (was June 7, 2024)"
    assert message.body.splitlines() == [
        "Friday, June 6, 2025, US cinemas. 364 days later; 471 days to go.",
        "Confirmed: The Ledger first, then Variety and Collider.",
        "“The Tall Tide will now reach cinemas a year later.”",
        "The Ledger, February 21, 2024: https://example.org/tide",
        "This is the date in the US; other countries may keep theirs.",
        "",
        'Sent to "phone".  tide/US/cinemas/r2',
    ]
    assert (message.id, message.kind, message.link) == ("tide/US/cinemas/r2", "warning", "https://example.org/tide")


@pytest.mark.parametrize(
    ("change", "title"),
    [
        (release("set", None, "2027-03-23"), "The Tall Tide: opens March 23, 2027"),
        (release("set", None, "2025-22"), "The Tall Tide: opens in summer 2025"),
        (release("set", None, "2026-34"), "The Tall Tide: opens in the second quarter of 2026"),
        (release("set", None, "2027-03-23", confidence=Confidence.RUMOURED), "The Tall Tide: may open March 23, 2027"),
        (release("set", None, "2025-06-11", region="DE"), "The Tall Tide: opens June 11, 2025 in Germany"),
        (release("set", None, "2025-06-11", region="001"), "The Tall Tide: opens June 11, 2025"),
        (release("set", None, "2025-05-22", region="GB", type="premiere"), "The Tall Tide: premieres May 22, 2025 in the UK"),
        (release("moved", "2025", "2026", type="digital"), "The Tall Tide: digital release moves to 2026 (was 2025)"),
        (release("refined", "2025-22", "2025-06-06"), "The Tall Tide: opens June 6, 2025 (was summer 2025)"),
        (release("unset", "2025-06-06", "unset"), "The Tall Tide is off the calendar (was June 6, 2025)"),
        (release("confirmed", "2025-06-06", "2025-06-06"), "The Tall Tide: June 6, 2025 is confirmed"),
        (
            release("confirmed", "2025-06-06", "2025-06-06", type="streaming"),
            "The Tall Tide: streaming release June 6, 2025 is confirmed",
        ),
        (
            release("confirmed", "2025-06-06", "2025-06-06", confidence=Confidence.REPORTED),
            "The Tall Tide: June 6, 2025 is no longer just a rumour",
        ),
        (release("corrected", "2023-03-23", "2024-06-07"), "The Tall Tide: correction: opens June 7, 2024, not March 23, 2023"),
        (release("corrected", "2023-03-23", "unset"), "The Tall Tide: correction: no date after all, not March 23, 2023"),
        (release("released", "2024-02-21", "2024-02-21"), "The Tall Tide: out now (US cinemas)"),
        (credit("joined", "Mara Oyelaran", "joins"), "The Tall Tide: Mara Oyelaran joins"),
        (credit("joined", "Mara Oyelaran", "joins", role="the Keeper"), "The Tall Tide: Mara Oyelaran joins as the Keeper"),
        (credit("status", "Mara Oyelaran", "in_talks"), "The Tall Tide: Mara Oyelaran in talks"),
        (credit("left", "Mara Oyelaran", "exits"), "The Tall Tide: Mara Oyelaran leaves"),
        (credit("left", "Mara Oyelaran", "died"), "The Tall Tide: Mara Oyelaran has died"),
        (credit("joined", "Iñaki Ruiz", "joins", job="director"), "The Tall Tide: Iñaki Ruiz directs"),
        (credit("joined", "Iñaki Ruiz", "joins", job="editor"), "The Tall Tide: Iñaki Ruiz joins as editor"),
        (
            credit("recast", "Mara Oyelaran", "joins", role="the Keeper", old=Value(status=Status.JOINS, person="Ida Lund")),
            "The Tall Tide: Mara Oyelaran replaces Ida Lund as the Keeper",
        ),
    ],
)
def test_the_title_alone_says_what_happened(change: Change, title: str) -> None:
    """Each kind of step has a headline that needs no body."""
    assert alert(change).title == title


def test_every_step_of_every_release_and_credit_has_words() -> None:
    """No combination of kind, type, confidence, job and status is without words or leaves a template showing."""
    for kind in ChangeKind:
        for confidence in Confidence:
            changes = [
                release(kind, old, new, type=type_, region=region, confidence=confidence)
                for type_ in ReleaseType
                for old in (None, "2025-06-06", "unset")
                for new in ("2025", "unset")
                for region in ("US", "FR", "001")
            ]
            changes += [
                credit(kind, "Mara Oyelaran", status, job=job, confidence=confidence)
                for status in Status
                for job in ("actor", "director", "gaffer")
            ]
            for change in changes:
                message = alert(change)
                assert message.title.startswith("The Tall Tide")
                assert len(message.title) > len("The Tall Tide: ")
                assert not set("{}") & set(message.title + message.body)
                assert "  " not in message.title


@pytest.mark.parametrize(
    ("confidence", "agree", "credits", "line"),
    [
        ("rumoured", (), None, "A rumour: Reel Talk alone; unconfirmed."),
        ("reported", (), None, "Reported by Reel Talk alone; unconfirmed."),
        ("reported", (), "Variety", "Reported by Reel Talk, crediting Variety; unconfirmed."),
        ("reported", ("Collider",), None, "Reported by Reel Talk, then Collider; not confirmed yet."),
        ("confirmed", (), None, "Confirmed: Reel Talk."),
        ("confirmed", ("Collider",), "Variety", "Confirmed: Reel Talk (crediting Variety) first, then Collider."),
    ],
)
def test_the_body_says_how_sure_and_from_whom(confidence: str, agree: tuple[str, ...], credits: str | None, line: str) -> None:  # noqa: A002 - the model's word
    """The second line names who said it, whom they credit, who agrees, and how sure that makes us."""
    change = release("set", None, "2025", outlet="Reel Talk", credits=credits, confidence=Confidence(confidence))
    assert line in alert(Told(change=change, agree=agree)).body.splitlines()


def test_of_many_who_agree_the_first_are_named() -> None:
    """A piece of news that all repeat names three of them and counts the rest."""
    many = tuple(f"Paper {number}" for number in range(20))
    message = alert(Told(change=release("set", None, "2025-06-06"), agree=many))
    assert "Confirmed: The Ledger first, then Paper 0, Paper 1, Paper 2 and 17 others." in message.body.splitlines()
    few = alert(Told(change=release("set", None, "2025-06-06"), agree=many[:4]))
    assert "Confirmed: The Ledger first, then Paper 0, Paper 1, Paper 2 and Paper 3." in few.body.splitlines()


def test_the_users_own_word_is_called_so() -> None:
    """A change without an outlet is the user's own, and no empty name stands in its place."""
    body = alert(release("set", None, "2025", outlet=None, link=None, sentence="")).body
    assert "Your own word." in body
    assert "None" not in body


def test_several_changes_come_most_important_first() -> None:
    """The cinema date leads, then discs, then people; the title holds what fits and counts the rest."""
    changes = (
        credit("status", "Ludo Fenn", "in_talks", role="Gull"),
        release("set", None, "2025-10-01", type="physical"),
        credit("joined", "Mara Oyelaran", "joins"),
        release("moved", "2024-06-07", "2025-06-06"),
    )
    message = alert(*changes)
    assert message.title == "The Tall Tide moves to June 6, 2025 (was June 7, 2024); comes to disc October 1, 2025; and 2 more"
    positions = [
        message.body.index(word) for word in ("moves to", "comes to disc", "Oyelaran joins", "Fenn in talks to play Gull")
    ]
    assert positions == sorted(positions)
    assert alert(*changes[::2]).title == "The Tall Tide: Mara Oyelaran joins; Ludo Fenn in talks"


def test_another_regions_date_names_its_region() -> None:
    """For a reader in Britain a US date says that it is the US one."""
    assert alert(release("set", None, "2025-06-06"), home=("GB", "US")).title == "The Tall Tide: opens June 6, 2025 in the US"


def test_a_partial_date_invents_no_day() -> None:
    """A summer is told as a summer, with a range of days to go and the doubt spelt out."""
    body = alert(release("moved", "2024-06-07", "2025-22")).body
    assert "Summer 2025, US cinemas. 328 to 472 days later; 435 to 579 days to go." in body
    assert "No day is named yet." in body


def test_repeats_and_late_news_say_so_first() -> None:
    """A possible repeat and news that had to wait are marked before anything else."""
    change = release("set", None, "2025-06-06")
    first = alert(change, may_repeat=True, late=True).body.split("\n\n")[0]
    assert "may be a repeat" in first
    assert "Told late: this is news of February 21, 2024." in first
    assert alert(change, change, late=True).body.startswith("Told late: each piece of news has its day beside it.")


def test_nothing_to_tell_is_an_error() -> None:
    """An alert about nothing is a mistake of the caller and never a message."""
    with pytest.raises(ValueError, match="at least one change"):
        alert()


def test_what_a_feed_wrote_acts_nowhere() -> None:
    """Mentions, tags, Markdown links and control characters in any field from a feed arrive as harmless text."""
    change = credit(
        "joined", HOSTILE, "joins", role=HOSTILE, sentence=HOSTILE, outlet=HOSTILE, credits=HOSTILE, link="javascript:alert(1)"
    )
    message = alert(Told(change=change, agree=(HOSTILE,)), title_name=HOSTILE)
    for text in (message.title, message.body, message.letter or ""):
        assert not any(command in text for command in ("@everyone", "<!", "<@", "<script", "](", "`", "@b"))
        assert all(character.isprintable() or character in "\n\u200d" for character in text)
    assert "\n" not in message.title
    assert message.link is None


@pytest.mark.parametrize(
    ("link", "kept"),
    [
        ("https://example.org/a?b=1&c=2", "https://example.org/a?b=1&c=2"),
        ("https://example.org/@everyone", "https://example.org/%40everyone"),
        ("https://example.org/a](javascript:alert(1))", "https://example.org/a%5D(javascript:alert(1))"),
        ("https://ann:secret@example.org/", None),
        ("javascript:alert(1)", None),
        ("file:///etc/passwd", None),
        (None, None),
    ],
)
def test_only_web_links_without_tricks_are_passed_on(link: str | None, kept: str | None) -> None:
    """A link is http or https without credentials, or it is left out."""
    message = alert(release("set", None, "2025", link=link))
    assert message.link == kept
    hrefs = [attributes["href"] for tag, attributes in Tags(message.html or "").tags if tag == "a"]
    assert hrefs == ([kept] if kept else [])


@settings(deadline=None)
@given(st.text(max_size=300), st.text(max_size=60), st.text(max_size=60))
def test_any_text_makes_a_message(sentence: str, name: str, outlet: str) -> None:
    """Whatever a feed says, the title stays one short line, and body and letter plain."""
    message = alert(release("moved", "2024-06-07", "2025-06-06", sentence=sentence, outlet=outlet), title_name=name)
    assert len(message.title) <= 100
    assert all(character.isprintable() or character == "\u200d" for character in message.title)
    assert all(character.isprintable() or character in "\n\u200d" for character in f"{message.body}{message.letter}")
    assert message.body.splitlines()[-1] == 'Sent to "phone".  tide/US/cinemas/r2'


def test_an_alert_writes_dates_in_the_users_english() -> None:
    """Whoever writes the day before the month reads every date of an alert so, in title, body and letter."""
    message = alert(release("moved", "2024-06-07", "2025-06-06"), dates=BRITISH, may_repeat=True, late=True)
    assert message.title == "The Tall Tide moves to 6 June 2025 (was 7 June 2024)"
    assert message.body.splitlines()[3] == "Friday, 6 June 2025, US cinemas. 364 days later; 471 days to go."
    assert "Told late: this is news of 21 February 2024." in message.body
    assert "The Ledger, 21 February 2024: https://example.org/tide" in message.body
    assert not any("June 6" in text or "February 21" in text for text in (message.body, message.letter or "", message.html or ""))


@pytest.mark.parametrize(
    ("zone", "day"), [("America/Los_Angeles", "20"), ("America/New_York", "20"), ("UTC", "21"), ("Pacific/Auckland", "21")]
)
def test_the_day_something_was_said_is_the_users(zone: str, day: str) -> None:
    """An article of shortly after midnight in London is of the evening before for whoever lives west of it."""
    said = release("set", None, "2025-06-06", at=datetime(2024, 2, 21, 0, 30, tzinfo=UTC))
    message = alert(said, dates=Dates(zone=ZoneInfo(zone)), late=True)
    for text in (message.body, message.letter or "", message.html or ""):
        assert f"The Ledger, February {day}, 2024" in text
        assert f"this is news of February {day}, 2024." in text


def test_a_day_without_an_hour_is_the_same_everywhere() -> None:
    """What is only known to be of a day, kept as its midnight in UTC, is of that day in every zone."""
    said = release("set", None, "2025-06-06", at=datetime(2024, 2, 21, tzinfo=UTC))
    assert "The Ledger, February 21, 2024" in alert(said, dates=Dates(zone=ZoneInfo("America/New_York"))).body


def test_what_is_cut_says_so() -> None:
    """A name or a sentence that is too long ends in dots, between words."""
    message = alert(release("set", None, "2025", sentence="Word, " * 80), title_name=LONG)
    assert message.title.startswith("The Extraordinarily Long and Winding Tale of the Last Lighthouse Keeper of the…:")
    assert "Word, Word…”" in message.body


def test_the_test_message_looks_real_and_says_that_it_is_a_test() -> None:
    """`notify test` sends a whole alert about an invented film, marked in its title and its first line."""
    message = render_test(message_id="test/1", target=PHONE, today=TODAY, dates=AMERICAN)
    assert message.title == "Test: The Paper Lighthouse moves to May 30, 2025 (was May 31, 2024)"
    assert message.body.startswith("This is a test from watcher:")
    assert "364 days later; 464 days to go." in message.body
    assert message.body.endswith('Sent to "phone".  test/1')
    assert "This is a test from watcher" in (message.html or "")


def summary(*facts: Fact, today: date = TODAY) -> Message:
    """The summary of these facts for a reader in Britain."""
    piece = believed("The Tall Tide", facts, today=today, regions=("GB", "US"), origin="US", dates=AMERICAN)
    return message_of([piece], message_id="s/1", target=PHONE)


def test_the_summary_says_what_is_believed_how_sure_and_from_whom() -> None:
    """After the silent start one message holds the countdown, the dates with their sources, and the people."""
    message = summary(
        fact(
            ReleaseKey(title="tide", region="US", type=ReleaseType.THEATRICAL),
            Value(date=Edtf("2025-06-06")),
            "The Ledger",
            "Variety",
        ),
        fact(
            ReleaseKey(title="tide", region="US", type=ReleaseType.DIGITAL),
            Value(date=Edtf("2025")),
            "Collider",
            confidence="rumoured",
        ),
        fact(CreditKey(title="tide", job="actor", person="m"), Value(status=Status.LISTED, person="Mara Oyelaran")),
        fact(CreditKey(title="tide", job="actor", person="l"), Value(status=Status.IN_TALKS, person="Ludo Fenn")),
        fact(CreditKey(title="tide", job="actor", person="g"), Value(status=Status.EXITS, person="Gone Girlie")),
        fact(CreditKey(title="tide", job="director", person="i"), Value(status=Status.JOINS, person="Iñaki Ruiz")),
    )
    assert message.title == "Watching The Tall Tide: opens June 6, 2025"
    lines = message.body.splitlines()
    assert lines[:2] == ["Opens in 471 days.", "The date in the US; none known in the UK yet."]
    assert "Friday, June 6, 2025, US cinemas. Confirmed by The Ledger and Variety." in lines
    assert "2025, digital, US. A rumour from Collider; unconfirmed." in lines
    assert "With Mara Oyelaran and Ludo Fenn (in talks)." in lines
    assert "Directed by Iñaki Ruiz." in lines
    assert "Gone Girlie" not in message.body


def test_the_summary_of_a_film_that_is_out_says_so() -> None:
    """A past opening is told as released, and the countdown goes on to what is next."""
    message = summary(
        fact(ReleaseKey(title="tide", region="US", type=ReleaseType.THEATRICAL), Value(date=Edtf("2024-02-11"))),
        fact(ReleaseKey(title="tide", region="GB", type=ReleaseType.DIGITAL), Value(date=Edtf("2024-03-01"))),
    )
    assert message.title == "Watching The Tall Tide: released February 11, 2024"
    assert message.body.splitlines()[:2] == ["Released 10 days ago.", "Next: digital, UK, in 9 days."]
    assert "Sunday, February 11, 2024, US cinemas. On record." in message.body


def test_the_summary_without_a_date_says_so() -> None:
    """With no date known the summary invents none."""
    message = summary()
    assert message.title == "Watching The Tall Tide: no date known yet"
    assert message.body.startswith("No release date is known yet.")


def test_quotes_inside_a_quote_are_single() -> None:
    """A sentence that quotes somebody keeps its words; its own quotation marks become single ones."""
    assert quoted('"We begin," said Ann, "and \u201cend\u201d here."') == "“‘We begin,’ said Ann, ‘and ‘end’ here.’”"


def test_what_a_title_has_no_room_for_stands_in_the_body() -> None:
    """A title that had to be cut takes no news with it: the body then begins with all that it would have said."""
    message = alert(credit("joined", "Mara Oyelaran", "joins", role="Wren Calloway"), title_name=LONG)
    assert message.title.endswith("…")
    assert message.body.splitlines()[0].endswith(": Mara Oyelaran joins as Wren Calloway")


@pytest.mark.parametrize(
    ("change", "line", "doubt"),
    [
        (
            release("unset", "2025-06-06", "unset", confidence=Confidence.RUMOURED, region="NL"),
            "Perhaps no date any more: cinemas in the Netherlands.",
            "This is about the date in the Netherlands; other countries may keep theirs.",
        ),
        (
            release("unset", "2025-06-06", "unset"),
            "No date any more: US cinemas.",
            "This is about the date in the US; other countries may keep theirs.",
        ),
    ],
)
def test_a_date_that_is_gone_is_told_as_surely_as_it_is_known(change: Change, line: str, doubt: str) -> None:
    """The body of an alert says no more than its title: a rumour that a date is gone is none that it is."""
    lines = alert(change).body.splitlines()
    assert lines[0] == line
    assert doubt in lines


@pytest.mark.parametrize(
    ("how", "over", "title"),
    [
        ("given-up", False, "Alerts: “phone” refuses alerts"),
        ("unreached", False, "Alerts: “phone” has taken no alert for an hour"),
        ("failing", False, "Feeds: phone has failed for a day"),
        ("gone", False, "Feeds: phone was taken away"),
        ("silent", True, "Feeds: phone works again"),
    ],
)
def test_several_troubles_of_one_name_are_told_of_one(how: str, over: bool, title: str) -> None:
    """Two feeds of an outlet, or two alerts of a target, are one subject in the title's sentence."""
    trouble = Trouble(name="phone", how=how, since=AT, over=over)
    assert health([trouble, trouble], dates=AMERICAN).title == title
