"""Mail: the letter and the page say the same, all of it, in one hand; and the page fetches nothing and runs nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from messages import CASTING, MAIL, MOVE, Tags, alert, credit, release, samples

from watcher.model import Change, ChangeKind, Confidence, ReleaseType, Status, Target, Value
from watcher.tell.blocks import Block, Passage, Row
from watcher.tell.layout import compose
from watcher.tell.message import House, Message, Told, hears, quoted

SAMPLES = samples()

#: All that a page is made of. None of these fetches anything.
TAGS = {"html", "head", "meta", "style", "body", "div", "h1", "h2", "p", "span", "s", "strong", "blockquote", "a", "br", "code"}
ATTRIBUTES = {"lang", "charset", "name", "content", "style", "class", "href"}


def letter(message: Message) -> list[str]:
    """The lines of a letter."""
    return (message.letter or "").splitlines()


def words(text: str) -> list[str]:
    """The words of a text in order of the alphabet, without marks between them."""
    return sorted(re.findall(r"[^\s:,.…\u200d]+", text))


def test_a_move_is_a_letter_in_the_hand_we_want() -> None:
    """The date stands on a line of its own with how far off it is, what it was below it, then how sure, who says so and why."""
    assert letter(SAMPLES["move"]) == [
        "The Tall Tide now opens in US cinemas on",
        "",
        "    Friday, June 6, 2025         471 days from today",
        "    was Friday, June 7, 2024     364 days later",
        "",
        "Confirmed. The Ledger reported it first, then Reel Talk and Third Voice. The",
        "Ledger and Ledger Weekly belong to Ledger Media, so they count as one voice.",
        "Copycat, Film Echo, Now Showing and 2 others rest on the same report and",
        "count for nothing more.",
        "",
        "    “Marrow Pictures is moving The Tall Tide, its lighthouse thriller, from",
        "    June 7, 2024 to June 6, 2025, where it will have the weekend to itself.”",
        "    The Ledger, February 21, 2024: The Tall Tide leaves this summer for the",
        "    next",
        "    https://theledger.example/2024/02/marrow-pictures-shuffles-its-summer-tall-tide-leaves-for-2025-1234567/",
        "",
        "Not known yet: dates outside the US.",
        "",
        "",
        "All evidence:  watcher why tide release",
        "",
        "Sent to “mail”, which hears of release dates and casting, confirmed only.",
        "tide/US/cinemas/r2",
    ]


def test_a_casting_is_a_letter() -> None:
    """A person's step is told in a whole sentence, without a table."""
    assert letter(SAMPLES["casting"]) == [
        "Ida Marlowe joins the cast of The Tall Tide as Wren Calloway.",
        "",
        "Not confirmed yet. Reel Talk alone reports it.",
        "",
        "    “Ida Marlowe has boarded The Tall Tide as the keeper’s estranged",
        "    daughter, Wren Calloway.”",
        "    Reel Talk, February 21, 2024",
        "    https://reeltalk.example/tall-tide-cast",
        "",
        "",
        "All evidence:  watcher why tide ida-marlowe",
        "",
        "Sent to “phone”, which hears of release dates, casting and the countdown.",
        "tide/US/cinemas/r2",
    ]


@pytest.mark.parametrize(
    ("name", "head"),
    [
        (
            "move-british",
            ["The Tall Tide now opens in US cinemas on", "    Friday, 6 June 2025         471 days from today"],
        ),
        (
            "partial",
            ["The Tall Tide now opens in US cinemas in", "    summer 2025                  435 to 579 days from today"],
        ),
        ("rumour", ["The Tall Tide may open in US cinemas on", "    Friday, June 6, 2025     471 days from today"]),
        (
            "correction",
            ["Correction: The Tall Tide opens in US cinemas on", "    Friday, June 7, 2024             107 days from today"],
        ),
        ("unset", ["The Tall Tide is off the calendar (US cinemas)", "    was Friday, June 6, 2025"]),
        ("milestone", ["The Tall Tide opens in US cinemas on", "    Friday, June 6, 2025     7 days from today"]),
        ("summary", ["The Tall Tide opens in US cinemas on", "    Friday, June 6, 2025     471 days from today"]),
        ("health", ["Third Voice has failed since", "    Monday, February 19, 2024"]),
        ("digest", ["THE TALL TIDE", "The Tall Tide now opens in US cinemas on"]),
    ],
)
def test_a_letter_of_every_kind_begins_with_what_is_so(name: str, head: list[str]) -> None:
    """What happens stands in the first line and its date in the next, in milestones, summaries and corrections too."""
    assert [line for line in letter(SAMPLES[name]) if line][:2] == head


def test_what_was_corrected_is_named() -> None:
    """A correction says what the earlier alert said."""
    assert "    not Thursday, March 23, 2023     as an earlier alert said" in letter(SAMPLES["correction"])
    first = alert(release("corrected", None, "2024-06-07"))
    assert "An earlier alert told you otherwise." in (first.letter or "")


def test_several_changes_are_told_one_after_the_other() -> None:
    """Two empty lines part a change from the next, and one command shows the evidence of all."""
    text = alert(MOVE, CASTING).letter or ""
    assert "Not known yet: dates outside the US.\n\n\nIda Marlowe joins the cast of The Tall Tide as Wren Calloway.\n" in text
    assert "All evidence:  watcher why tide\n" in text


def test_a_summary_lists_the_other_dates_and_the_people() -> None:
    """After the date that is waited for come the others, aligned, and those who make the film."""
    text = SAMPLES["summary"].letter or ""
    assert "\n\n\nOther dates\n\n    2025\n        Digital, US. A rumour from Screen Gossip; unconfirmed.\n" in text
    assert "\nDirected by Odile Brandt.\n" in text


def test_remarks_stand_before_everything_else() -> None:
    """A repeat and news that had to wait say so in the first lines."""
    text = SAMPLES["late-repeat"].letter or ""
    assert text.startswith("This may be a repeat: ")
    assert text.index("Told late: this is news of February 21, 2024.") < text.index("The Tall Tide now opens")


@pytest.mark.parametrize(
    ("change", "opening"),
    [
        (release("set", None, "2025-05-22", region="GB", type="premiere"), "The Tall Tide premieres in the UK on"),
        (release("set", None, "2025-05-22", region="001", type="premiere"), "The Tall Tide premieres worldwide on"),
        (release("set", None, "2025-06", region="DE"), "The Tall Tide opens in cinemas in Germany in"),
        (release("set", None, "2025", type="limited"), "The Tall Tide opens in select US cinemas in"),
        (release("moved", "2025", "2026", type="digital"), "The Tall Tide now goes digital in the US in"),
        (release("confirmed", "2025", "2025", type="physical"), "Now confirmed: The Tall Tide comes to disc in the US in"),
        (
            release("confirmed", "2025", "2025", confidence=Confidence.REPORTED),
            "No longer just a rumour: The Tall Tide opens in US cinemas in",
        ),
        (release("corrected", "2025", "unset"), "Correction: The Tall Tide has no date after all (US cinemas)"),
        (release("released", "2024-02-21", "2024-02-21"), "The Tall Tide is out now (US cinemas)"),
        (credit("status", "Ludo Fenn", "in_talks", role="Gull"), "Ludo Fenn is in talks for The Tall Tide, to play Gull."),
        (credit("left", "Ludo Fenn", "exits"), "Ludo Fenn leaves The Tall Tide."),
        (credit("left", "Ludo Fenn", "died"), "Ludo Fenn of The Tall Tide has died."),
        (credit("status", "Ludo Fenn", "denied"), "Ludo Fenn is not joining the cast of The Tall Tide."),
        (credit("joined", "Odile Brandt", "joins", job="director"), "Odile Brandt directs The Tall Tide."),
        (credit("joined", "Odile Brandt", "joins", job="editor"), "Odile Brandt joins The Tall Tide as editor."),
        (credit("left", "Odile Brandt", "exits", job="director"), "Odile Brandt leaves The Tall Tide as director."),
        (
            credit("recast", "Ida Marlowe", "joins", role="Wren", old=Value(status=Status.JOINS, person="Ann {Larkin}")),
            "Ida Marlowe replaces Ann {Larkin} in The Tall Tide as Wren.",
        ),
        (
            credit("joined", "Ida Marlowe", "joins", confidence=Confidence.RUMOURED),
            "A rumour: Ida Marlowe joins the cast of The Tall Tide.",
        ),
        (
            credit("corrected", "Ida Marlowe", "joins", old=Value(status=Status.JOINS), new=Value()),
            "The Tall Tide: correction: “Ida Marlowe joins” was taken back",
        ),
    ],
)
def test_the_first_line_says_what_the_film_does(change: Change, opening: str) -> None:
    """Each kind of step has a sentence of its own, which a date ends where there is one."""
    assert letter(alert(change))[0] == opening


def test_every_step_has_a_letter() -> None:
    """No combination of kind, type, confidence, job and status is without words or leaves a template showing."""
    for message in _every_step():
        assert not set("{}") & set(message.letter or "")
        assert (message.letter or "").startswith(
            ("The Tall Tide", "Mara Oyelaran", "Correction: ", "Now confirmed: ", "No longer just a rumour: ", "A rumour: ")
        )
        assert not re.search(r"\S {2,}\S", (message.letter or "").split("\n")[0])


def _every_step() -> Iterator[Message]:
    for kind in ChangeKind:
        for confidence in Confidence:
            for of_type in ReleaseType:
                for old, new in (
                    (None, "2025"),
                    ("2025-06-06", "2026-22"),
                    ("unset", "2025"),
                    ("2025", "unset"),
                    (None, "unset"),
                ):
                    yield alert(release(kind, old, new, type=of_type, region="FR", confidence=confidence))
            for status in Status:
                for job in ("actor", "director", "gaffer"):
                    yield alert(credit(kind, "Mara Oyelaran", status, job=job, confidence=confidence))


@pytest.mark.parametrize(
    ("change", "command"),
    [
        (release("set", None, "2025"), "watcher why tide release"),
        (release("set", None, "2025", region="DE"), "watcher why tide DE"),
        (release("set", None, "2025", type="digital"), "watcher why tide US digital"),
        (credit("joined", "Ida Marlowe", "joins"), "watcher why tide ida-marlowe"),
        (credit("joined", "$(reboot)", "joins"), "watcher why tide"),
    ],
)
def test_the_letter_names_the_command_that_shows_the_evidence(change: Change, command: str) -> None:
    """The command asks for the very fact, and holds nothing that a shell would obey."""
    assert f"All evidence:  {command}" in letter(alert(change))


@pytest.mark.parametrize(
    ("target", "line"),
    [
        (Target(name="mail", on=("release",)), "Sent to “mail”, which hears of release dates."),
        (MAIL, "Sent to “mail”, which hears of release dates and casting, confirmed only."),
        (
            Target(name="mail", on=("casting", "health"), min_confidence=Confidence.RUMOURED),
            "Sent to “mail”, which hears of casting and trouble with feeds and alerts, rumours too.",
        ),
        (Target(name="mail", on=("release",), titles=("Tide",)), "Sent to “mail”, which hears of release dates for Tide alone."),
        (Target(name="mail", on=()), "Sent to “mail”."),
    ],
)
def test_the_foot_says_who_gets_this_and_what_they_hear_of(target: Target, line: str) -> None:
    """Who wonders why this came reads which target it went to and what that target wants."""
    assert hears(target) == line


@pytest.mark.parametrize("confidence", [Confidence.REPORTED, Confidence.RUMOURED])
def test_only_who_is_alone_is_said_to_be(confidence: Confidence) -> None:
    """An outlet whose report others repeat, or whose sister says the same, is not said to be alone, in body or letter."""
    change = release("set", None, "2025-06-06", confidence=confidence)
    house = House(owner="Ledger Media", outlets=("The Ledger", "Ledger Weekly"))
    assert "The Ledger alone" in alert(change).body
    for told in (Told(change=change, houses=(house,)), Told(change=change, repeats=("Copycat",))):
        message = alert(told)
        assert "alone" not in message.body
        assert "alone" not in (message.letter or "")


@pytest.mark.parametrize("name", SAMPLES)
def test_no_line_of_a_letter_is_wider_than_it_should_be(name: str) -> None:
    """Lines have at most 76 characters; only an address or a command, which must stay whole, is longer."""
    for line in letter(SAMPLES[name]):
        assert len(line) <= 76 or " " not in line.strip() or line.startswith("All evidence:  "), line


@pytest.mark.parametrize("name", SAMPLES)
def test_letter_and_page_say_the_same(name: str) -> None:
    """Word for word, whatever the page says stands in the letter and the other way round; the page alone cuts the address."""
    message = SAMPLES[name]
    page = Tags(message.html or "")
    shown = page.text.replace(hidden(message), "", 1)
    links = {attributes["href"] or "" for tag, attributes in page.tags if tag == "a"}
    for link in links:
        address = link.partition("//")[2].partition("?")[0]
        cut = next((piece for piece in shown.split("\n") if piece and address.startswith(piece.rstrip("…").strip())), "")
        assert cut, f"no address is shown for {link}"
        shown = shown.replace(f"\n{cut}", "\n", 1)
    plain = message.letter or ""
    for link in links:
        plain = plain.replace(link, "")
    assert words(shown.casefold()) == words(plain.casefold())


def hidden(message: Message) -> str:
    """What a list of mails shows beside the subject."""
    found = re.search(r'<div style="display:none[^"]*">(.*?)</div>', message.html or "", re.DOTALL)
    assert found is not None
    return Tags(found[1]).text


def test_the_hidden_line_goes_on_where_the_subject_ends() -> None:
    """A list of mails shows how far off the date is and how sure it is; the letter itself has all of it."""
    assert hidden(SAMPLES["move"]).startswith("471 days from today. Confirmed. The Ledger reported it first, then")


@pytest.mark.parametrize("name", SAMPLES)
def test_a_page_fetches_and_runs_nothing(name: str) -> None:
    """The page is made of our own few tags, its only addresses are its links, and its styles name none."""
    message = SAMPLES[name]
    page = Tags(message.html or "")
    assert {tag for tag, _ in page.tags} <= TAGS
    assert {attribute for _, attributes in page.tags for attribute in attributes} <= ATTRIBUTES
    assert {tag for tag, attributes in page.tags if "href" in attributes} <= {"a"}
    styles = [attributes["style"] or "" for _, attributes in page.tags if "style" in attributes]
    for sheet in (page.sheet, *styles):
        assert not re.search(r"url|@import|expression|\\|http", sheet)
    assert "@media (prefers-color-scheme:dark)" in page.sheet


def test_every_link_is_an_articles_own() -> None:
    """Of two changes each has one link, with the outlet for its text and not a bare address."""
    message = alert(MOVE, CASTING)
    links = re.findall(r'<a [^>]*href="([^"]+)"[^>]*>(.*?)</a>', message.html or "")
    assert links == [
        (MOVE.change.link, "The Ledger: The Tall Tide leaves this summer for the next"),
        (CASTING.link, "Reel Talk, February 21, 2024"),
    ]


def test_a_headline_that_is_the_sentence_is_not_told_twice() -> None:
    """Where the article's headline is what is quoted, or part of it, the link is named after the outlet alone."""
    said = release("set", None, "2025-06-06", sentence="The Tall Tide Opens June 6, 2025.")
    assert "The Ledger, February 21, 2024\n" in (
        alert(Told(change=said, article="The Tall Tide opens June 6, 2025")).letter or ""
    )


def test_the_page_shows_text_letter_for_letter() -> None:
    """What looks like HTML in a text is shown as it was written and not interpreted."""
    written = 'Fish &amp; chips &lt;b&gt; "R&D" 1 < 2'
    page = Tags(alert(release("set", None, "2025", sentence=written, link="https://example.org/?a=1&amp=2")).html or "")
    assert quoted(written) in page.text
    assert [attributes["href"] for tag, attributes in page.tags if tag == "a"] == ["https://example.org/?a=1&amp=2"]


@settings(deadline=None)
@given(st.text(max_size=300), st.text(max_size=60), st.text(max_size=60), st.text(max_size=60))
def test_no_text_makes_a_tag(sentence: str, name: str, outlet: str, article: str) -> None:
    """Whatever a feed says, the page holds our own tags and attributes only."""
    change = release("moved", "2024-06-07", "2025-06-06", sentence=sentence, outlet=outlet)
    page = Tags(alert(Told(change=change, agree=(name,), article=article), title_name=name).html or "")
    assert {tag for tag, _ in page.tags} <= TAGS
    assert {attribute for _, attributes in page.tags for attribute in attributes} <= ATTRIBUTES


def test_what_was_is_struck_through_and_called_so() -> None:
    """The old date is marked by a word and a line, so that neither colour nor a lost style can make it the new one."""
    assert 'was <s>Friday, <span style="white-space:nowrap">June 7, 2024</span></s>' in (SAMPLES["move"].html or "")


@pytest.mark.parametrize("name", SAMPLES)
def test_headings_are_headings(name: str) -> None:
    """Every message begins with a heading of the first level, and none skips one."""
    levels = [tag for tag, _ in Tags(SAMPLES[name].html or "").tags if tag in {"h1", "h2", "h3"}]
    assert levels[0] == "h1"
    assert levels.count("h1") == (3 if name == "digest" else 1)


def test_a_block_without_a_passage_is_told_as_on_a_phone() -> None:
    """Whoever composes a message of plain blocks gets a letter of them."""
    plain = Block(headline="Two things", lines=("The one.", "The other."), doubts=("Perhaps a third.",))
    message = compose("Things", [plain], message_id="t/1", target=MAIL, kind="info")
    assert (message.letter or "").startswith("Two things\n\nThe one.\n\nThe other.\n\nPerhaps a third.\n\n\nSent to “mail”")
    assert message.body.startswith("The one.\nThe other.\nPerhaps a third.\n\nSent to")


def test_rows_that_do_not_fit_beside_each_other_stand_below() -> None:
    """Where a line would be too wide, what stands beside a date goes below it."""
    row = Row(text="Wednesday, September 24, 2025", beside="a remark that is so long that no line of a letter could hold it")
    passage = Passage(opening="It opens on", rows=(row,))
    message = compose("X", [Block(headline="X", passage=passage)], message_id="t/1", target=MAIL, kind="info")
    assert letter(message)[2:4] == ["    Wednesday, September 24, 2025", f"        {row.beside}"]


def test_contrast_is_enough_in_light_and_dark() -> None:
    """Every colour of text reads on its ground at 4.5 to 1 or better (WCAG 2.2, 1.4.3)."""
    html = SAMPLES["late-repeat"].html or ""
    sheet = Tags(html).sheet
    dark = {name: re.search(rf"\.{name}{{[^}}]*?(?<!-)(?:color|background):(#\w{{6}})", sheet) for name in "gqsl"}
    found = {name: match[1] for name, match in dark.items() if match}
    ink = re.search(r"\.i{color:(#\w{6})", sheet)
    assert ink is not None
    for colour, ground in ((ink[1], found["g"]), (ink[1], found["s"]), (found["q"], found["g"]), (found["l"], found["g"])):
        assert contrast(colour, ground) >= 4.5
    body = re.search(r"background:(#\w{6});color:(#\w{6})", html)
    assert body is not None
    light = set(re.findall(r"(?<![-\w])color:(#\w{6})(?!!)", html.partition("</style>")[2]))
    assert len(light) >= 3
    assert all(contrast(colour, body[1]) >= 4.5 for colour in light)


def contrast(one: str, other: str) -> float:
    """The ratio of two colours' luminance (WCAG 2.2)."""

    def luminance(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)
