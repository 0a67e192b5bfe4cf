"""What comes from outside is clean once it has passed `watcher.clean`, whatever it was."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hostile import HTML, MARKS, Hostile
from hypothesis import given
from hypothesis import strategies as st

from watcher.clean import canonical_link, clean_link, clean_text, safe_url
from watcher.untag import strip_tags

#: Pieces that hostile or clumsy markup is made of.
MARKUP = st.lists(
    st.sampled_from(
        [
            "<",
            ">",
            "<p>",
            "</p>",
            "<br/>",
            "<!--",
            "-->",
            "<script>",
            "</script>",
            "<a href='",
            "'",
            '"',
            "=",
            "&",
            "&lt;",
            "&gt;",
            "&amp;",
            "&#60;",
            "#",
            "&#x3c;",
            ";",
            "lt;",
            "\u200b",
            "\x1b[31m",
            "\n\n",
            " ",
            "word",
            "̸",
            "\u202e",
            "&shy;",
        ]
    )
    | st.text(max_size=5),
    max_size=30,
).map("".join)


@given(st.text(st.characters(), max_size=200), st.integers(1, 60))
def test_clean_text_is_one_printable_line(text: str, limit: int) -> None:
    """Cleaned text is printable, in NFC, within its limit, one space between words; cleaning again changes nothing."""
    cleaned = clean_text(text, limit=limit)
    assert cleaned.isprintable()
    assert len(cleaned) <= limit
    assert cleaned == " ".join(cleaned.split(" ")).strip()
    assert "  " not in cleaned
    assert unicodedata.is_normalized("NFC", cleaned)
    assert clean_text(cleaned, limit=limit) == cleaned


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("Zoë\u0301  \t Kravitz", "Zoë\u0301 Kravitz"),
        ("Ame\u0301lie", "Amélie"),
        ("one\u2028two\x85three\u00a0four\u3000five", "one two three four five"),
        ("Ball\u200ber\u00adina\ufeff", "Ballerina"),
        ("\x1b[31mred\x00\x9b", "[31mred"),
        ("\u202etxet\u202c \u2066x\u2069", "txet x"),
        ("\ud800lone \ue000private", "lone private"),
        ("a \u200b b", "a b"),
    ],
)
def test_what_is_not_seen_is_dropped(text: str, cleaned: str) -> None:
    """Control, bidi, zero-width, surrogate and private characters go; composed letters and spaces are made uniform."""
    assert clean_text(text, limit=100) == cleaned


def test_a_cut_is_made_between_words() -> None:
    """A text over its limit ends with a whole word, unless there is hardly a space to cut at."""
    assert clean_text("The Glass Orchard opens", limit=19) == "The Glass Orchard"
    assert clean_text("The Glass Orchard opens", limit=17) == "The Glass Orchard"
    assert clean_text("a " + "b" * 50, limit=20) == "a " + "b" * 18


@given(MARKUP, st.integers(1, 100))
def test_nothing_that_reads_as_a_tag_comes_out(html: str, limit: int) -> None:
    """The text of any markup is made of clean lines, within the limit, in which no tag, comment or script begins."""
    text = strip_tags(html, limit=limit)
    assert len(text) <= limit
    assert text == text.strip()
    for line in text.split("\n") if text else []:
        assert line
        assert clean_text(line, limit=200) == line
    assert re.search("<[a-zA-Z/!?]", text) is None


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>One <b>wo</b>rd.</p><p>Two<br>three</p>", "One word.\nTwo\nthree"),
        ("AT&amp;T", "AT&T"),
        ("AT&amp;amp;T &amp;#8217;", "AT&T ’"),
        ("&lt;p&gt;Sophie N&amp;eacute;lisse&lt;/p&gt;&lt;p&gt;Two&lt;/p&gt;", "Sophie Nélisse\nTwo"),
        ("I <3 it, 5 < 6 > 4 & so on", "I <3 it, 5 < 6 > 4 & so on"),
        ('<a title="a > b" href=x>link</a>', "link"),
        ("<p title=it's>Hi</p>", "Hi"),
        ("a<script>alert('<p>')</SCRIPT >b<style>p{}</style>c<!-- <p> -->d", "abcd"),
        ("Plain text.\n\nA second\nparagraph.", "Plain text.\nA second paragraph."),
        ("<p>Broken\n\nlines</p>", "Broken lines"),
        ("<ul><li>May 7<li>May 8</ul>", "May 7\nMay 8"),
        ("It ends <a href='http://", "It ends"),
        ("It ends <!-- and nobody", "It ends"),
        ("<td>May 7</td><td>US</td>", "May 7\nUS"),
        ("&#999999999999;&#" + "9" * 5000 + ";x", "x"),
    ],
)
def test_html_becomes_the_text_a_reader_sees(html: str, text: str) -> None:
    """Blocks become lines, inline tags vanish, what was escaped twice is decoded twice, and plain text stays what it is."""
    assert strip_tags(html, limit=1000) == text


@pytest.mark.parametrize("hostile", HTML, ids=repr)
def test_hostile_markup_becomes_what_a_reader_sees_of_it(hostile: Hostile) -> None:
    """Of fifty kilobytes of each construct that trips parsers comes its text and no tag, up to the limit."""
    text = strip_tags(hostile.text(50_000), limit=20_000)
    assert text == (hostile.seen * hostile.times(50_000))[:20_000].strip()
    assert len(clean_text(hostile.text(50_000), limit=20_000)) <= 20_000


@pytest.mark.parametrize("start", ["", "a", "\u01df"])
@pytest.mark.parametrize("marks", MARKS, ids=ascii)
def test_thirty_combining_marks_are_enough(start: str, marks: str) -> None:
    """Of an endless run of combining marks the first thirty stay, counted one by one, and cleaning again takes no more."""
    # One by one, for in a whole text they would be sorted before they are counted.
    decomposed = "".join(unicodedata.normalize("NFD", character) for character in start + marks * 30)
    kept = unicodedata.normalize("NFC", decomposed[: len(start[:1]) + 30])
    for clean in (clean_text, strip_tags):
        assert clean(start + marks * 25_000, limit=20_000) == kept
        assert clean(kept, limit=20_000) == kept


@pytest.mark.parametrize(
    ("link", "cleaned"),
    [
        ("https://example.org/a?b=c&d=e#f", "https://example.org/a?b=c&d=e#f"),
        (" HTTP://EXAMPLE.org/A\n ", "http://example.org/A"),
        ("/2025/x/", "https://base.example/2025/x/"),
        ("//example.org/", "https://example.org/"),
        ("https://exämple.org/ä b?q=ö", "https://xn--exmple-cua.org/%C3%A4%20b?q=%C3%B6"),
        ("https://example.org/%20%zz", "https://example.org/%20%zz"),
        ("http://[::1]:8080/", "http://[::1]:8080/"),
        ("javascript:alert(1)", None),
        ("data:text/html,x", None),
        ("file:///etc/passwd", None),
        ("https://user@example.org/", None),
        ("https://example.org\\@evil.example/", None),
        ("https://example.org:99999/", None),
        ("https://[::1/", None),
        ("https://a b/", None),
        ("http://", None),
        ("https://example.org/" + "x" * 2000, None),
        ("https://example.org/" + "ä" * 500, None),
    ],
)
def test_only_safe_links_pass(link: str, cleaned: str | None) -> None:
    """Links come out absolute, ASCII and of the web, and not at all where they hold credentials, are too long or malformed."""
    assert clean_link(link, base="https://base.example/feed/") == cleaned


@pytest.mark.parametrize("link", ["/2025/x", "x", "//example.org/2025/x"])
def test_a_base_keeps_its_credentials(link: str) -> None:
    """A relative link in what came from an address with a password is whole, and holds no password."""
    assert clean_link(link, base="https://me:s3cret@example.org/2025/") == "https://example.org/2025/x"


@given(st.text(max_size=60) | st.text("htps:/@[].?#%\\ ä\x1b\n", max_size=30).map("http://".__add__))
def test_any_link_is_safe_or_none(link: str) -> None:
    """Whatever a feed calls a link, what comes out is printable ASCII that starts like a web address, and stays as it is."""
    cleaned = clean_link(link)
    assert cleaned is None or (cleaned.isascii() and cleaned.isprintable() and " " not in cleaned)
    assert cleaned is None or cleaned.startswith(("http://", "https://"))
    assert cleaned is None or clean_link(cleaned) == cleaned
    assert safe_url(link).isprintable()
    assert isinstance(canonical_link(link), str)


def test_links_to_one_page_are_one() -> None:
    """Scheme, www, case of the host, fragment, closing slash and tracking make no other page; a real parameter does."""
    one = canonical_link("https://example.org/2025/story?id=7")
    assert (
        canonical_link("http://www.Example.org/2025/story/?utm_source=x&id=7&UTM_medium=rss&fr=yset&src=rss&ref=rss#top") == one
    )
    assert canonical_link("https://example.org/2025/story?id=8") != one
    assert canonical_link("https://example.org/2025/story?id=7&src=newsletter") != one


def test_a_url_in_an_error_has_no_secrets() -> None:
    """User, password, query and fragment are left out; host, port and path stay."""
    assert safe_url("https://me:pw@example.org:8443/feed/?key=1#x") == "https://example.org:8443/feed/"
    assert safe_url("http://[::1]:80/x") == "http://[::1]:80/x"
