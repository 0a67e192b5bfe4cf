"""Pages: the article and what the page says of itself, clean and bounded; whatever the bytes are, a page or one ParseError."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import time
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pages import PARAGRAPHS, page

from watcher.edtf import Edtf
from watcher.errors import ParseError
from watcher.parse import Page, parse_page
from watcher.parse.markup import LENGTH_LIMIT, TAGS_LIMIT, reduce

URL = "https://example.org/film/harbor-lights"


def read(body: bytes | str, content_type: str | None = "text/html; charset=utf-8") -> Page:
    """The page of a body."""
    return parse_page(body.encode() if isinstance(body, str) else body, content_type=content_type, url=URL)


def test_article_is_told_from_what_is_around_it() -> None:
    """The text is the article's paragraphs, a line each; menu, comments, other articles and the repeated headline are not."""
    found = read(page("Harbor Lights Sets Sail", PARAGRAPHS))
    assert found.title == "Harbor Lights Sets Sail"
    assert found.text.split("\n") == list(PARAGRAPHS)


def test_page_says_when_it_was_published_and_where_it_lives() -> None:
    """Times, address and language come from the page's own data, in UTC."""
    found = read(
        page("Harbor Lights Sets Sail", PARAGRAPHS, published="2026-03-02T22:30:00-05:00", modified="2026-03-04T08:00:00Z")
    )
    assert found.published == datetime(2026, 3, 3, 3, 30, tzinfo=UTC)
    assert found.modified == datetime(2026, 3, 4, 8, tzinfo=UTC)
    assert found.canonical == "https://example.org/harbor-lights"
    assert found.language == "en"


@pytest.mark.parametrize(
    ("head", "day"),
    [
        ('<meta property="article:published_time" content="2026-03-02T10:00:00Z">', 2),
        ('<meta itemprop="datePublished" content="2026-03-03">', 3),
        ('<script type="application/ld+json">{"@type": "WebPage", "datePublished": "2026-03-04"}</script>', 4),
        ("<script type='application/ld+json'>{broken</script><meta name=pubdate content='2026-03-05'>", 5),
    ],
)
def test_publication_time_stands_in_several_places(head: str, day: int) -> None:
    """Where the data of the article does not say it, the page's meta elements do; broken data is passed over."""
    found = read(page("Harbor Lights Sets Sail", PARAGRAPHS, head=head, data=None))
    assert found.published is not None
    assert found.published.day == day


@pytest.mark.parametrize(
    ("head", "heading", "title"),
    [
        ("<title>Harbor Lights Sets Sail - Reel Talk</title><meta property=og:site_name content='Reel Talk'>", "", True),
        ("<title>Reel Talk</title><meta property='og:title' content='Harbor Lights Sets Sail'>", "", True),
        ("<title>Reel Talk</title>", "<h1>Harbor Lights <i>Sets</i> Sail</h1>", True),
        ("<title>Harbor Lights: The Sequel</title><meta property=og:site_name content='Reel Talk'>", "", False),
    ],
)
def test_headline_has_no_name_of_the_site(head: str, heading: str, title: bool) -> None:
    """The headline is the article's, without what the site appends to each, and nothing else is cut off."""
    body = f"<html><head>{head}</head><body>{heading}<p>{PARAGRAPHS[0]}</p></body></html>"
    assert read(body).title == ("Harbor Lights Sets Sail" if title else "Harbor Lights: The Sequel")


def test_rows_and_lists_are_read_as_lines() -> None:
    """A row of a table and an entry of a list are lines without trafilatura's marks."""
    table = "<table><tr><td>UK</td><td>June 6, 2026</td></tr></table><ul><li>Two: July 1, 2026</li></ul>"
    lines = read(page("Harbor Lights Sets Sail", PARAGRAPHS, more=table)).text.split("\n")
    assert "UK: June 6, 2026" in lines
    assert "Two: July 1, 2026" in lines


def test_films_in_the_data_are_kept_with_whole_days_alone() -> None:
    """A Movie keeps its name, people and day; a year, also written as its first of January, is no day."""
    movies = [
        {"@type": "Movie", "name": "Harbor Lights", "datePublished": "2026-06-05T00:00:00", "director": {"name": "Mara Quill"}},
        {"@type": ["Movie"], "name": "Two", "datePublished": "2026-01-01", "actor": ["Orla Finch", {"name": "Tomas Beld"}]},
        {"@type": "http://schema.org/Movie", "name": "Three", "datePublished": "2027"},
    ]
    works = read(page("Harbor Lights", PARAGRAPHS, data={"@graph": [{"about": movies}]})).works
    assert [(w.name, w.date) for w in works] == [("Harbor Lights", Edtf("2026-06-05")), ("Two", None), ("Three", None)]
    assert works[0].directors == ("Mara Quill",)
    assert works[1].actors == ("Orla Finch", "Tomas Beld")


def test_page_is_as_clean_as_a_feed() -> None:
    """Control and bidi characters, tags in disguise and other schemes come neither into text nor headline nor address."""
    evil = "Harbor\x1b[31m Lights &lt;script&gt;alert(1)&lt;/script&gt; \u202eopens\u200b on June 5, 2026, says the studio here."
    found = read(page(f"A\x07B &lt;img src=x&gt; {evil}", (evil, *PARAGRAPHS), canonical="javascript:alert(1)", data=None))
    for text in (found.title, *found.text.split("\n")):
        assert text.isprintable()
        assert "<script" not in text
        assert "<img" not in text
    assert found.canonical is None


def test_charset_is_found_where_the_header_names_none() -> None:
    """A page in Windows-1252 that says so in a meta element keeps its accents; one that lies is read as what it is."""
    text = page("Chloë à la mer", PARAGRAPHS, head="<meta charset=windows-1252>", data=None)
    assert read(text.encode("cp1252"), "text/html").title == "Chloë à la mer"
    assert read(text.encode(), "text/html; charset=iso-8859-1").title == "Chloë à la mer"
    assert read(text.encode("utf-16"), "text/html").title == "Chloë à la mer"


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"", "text/html"),
        (b"%PDF-1.7 \x00\x01", None),
        (b"just words", None),
        (b'{"json": true}', None),
        (b'<?xml version="1.0"?><rss><channel><title>x</title></channel></rss>', None),
        (b"<html><body></body></html>", None),
        (b"<html><frameset><frame src=x></frameset></html>", None),
        (page("Harbor Lights", PARAGRAPHS).encode(), "application/pdf"),
        (page("Harbor Lights", PARAGRAPHS).encode(), "text/plain"),
    ],
)
def test_what_is_no_page_is_a_parse_error(body: bytes, content_type: str | None) -> None:
    """Feeds, JSON, documents, empty pages and other media types are one ParseError that names no more than the address."""
    with pytest.raises(ParseError, match=r"example\.org"):
        read(body, content_type)


@given(st.binary(max_size=300), st.booleans())
def test_any_bytes_are_a_page_or_a_parse_error(noise: bytes, framed: bool) -> None:
    """Whatever comes, alone or inside a page, nothing but a page or a ParseError comes out."""
    body = b"<html><body><p>" + noise + b"</p><script type=application/ld+json>" + noise + b"</script>" if framed else noise
    try:
        found = read(body, None)
    except ParseError:
        return
    assert all(line.isprintable() for line in (found.title, *found.text.split("\n")))


def linked(inner: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    """Data with these values in it."""
    keys = st.sampled_from(["@type", "@graph", "name", "datePublished", "actor", "director", "headline"])
    kinds = st.sampled_from(["Movie", "NewsArticle", "2026-06-05"])
    return st.lists(inner | kinds, max_size=4) | st.dictionaries(keys, inner | kinds, max_size=5)


@given(st.recursive(st.text(max_size=9) | st.integers() | st.none(), linked, max_leaves=12))
def test_any_linked_data_is_read_or_passed_over(value: object) -> None:
    """JSON-LD of any shape leaves a page."""
    assert read(page("Harbor Lights", PARAGRAPHS, data=value)).text


LINE = "<p>Harbor Lights opens on June 5, 2026, said Northwind Pictures on Monday, and nobody was surprised by that.</p>"
BOMBS = {
    "nested elements": "<div>" * 200_000 + LINE,
    "nested inline": "<b><font>" * 100_000 + LINE,
    "nested again and again": ("<div>" * 200 + LINE + "</div>" * 200) * 100,
    "many attributes": "<div " + " ".join(f"a{n}=x" for n in range(200_000)) + ">" + LINE,
    "a huge attribute": f"<div class='{'x ' * 1_000_000}'>" + LINE,
    "many elements in one": "<p>" + "<span>a b c</span>" * 200_000 + LINE,
    "links and text": "<p>" + "<a href=x>word and more</a> text " * 60_000 + LINE,
    "lists in lists": ("<ul><li>" * 100 + "x" + "</li></ul>" * 100) * 1_000 + LINE,
    "line breaks": "text here<br>" * 200_000 + LINE,
    "unclosed comments": "<!-- " * 400_000 + LINE,
    "angle brackets": "<" * 2_000_000 + LINE,
    "quotes": "<a b='" * 300_000 + LINE,
    "linked data": "<script type='application/ld+json'>" + "[" * 250_000 + "</script>" + LINE,
    "much linked data": "<script type='application/ld+json'>{\"@type\": [</script>" * 40_000 + LINE,
    "entities": "&amp;" * 500_000 + LINE,
    "combining marks": "<p>a" + "\u0301\u0316" * 300_000 + LINE,
    "more than is looked at": "x" * (LENGTH_LIMIT + 10) + LINE,
}


@pytest.mark.parametrize("name", BOMBS)
def test_hostile_pages_are_bounded(name: str) -> None:
    """What makes parsers slow takes a few seconds of processor time at most, and is a page or a ParseError."""
    body = ("<html><body>" + BOMBS[name]).encode()
    before = time.process_time()
    with contextlib.suppress(ParseError):
        assert len(read(body).text) <= 50_000
    assert time.process_time() - before < 10


def test_deep_page_still_gives_its_text() -> None:
    """Where the tree would be too deep for libxml2, the words are taken without it."""
    assert "June 5, 2026" in read("<html><body>" + "<div>" * 1000 + LINE).text


def test_reduced_page_has_bounded_tags_and_no_scripts() -> None:
    """Scripts, styles and drawings are gone, linked data is apart, and no more tags are left than are looked at."""
    found = reduce("<p>a<script>x<p></script><svg><path></svg>b<!-- c -->d" + "<i>" * 2 * TAGS_LIMIT)
    assert found.html.startswith("<p>abd<i>")
    assert found.html.count("<") == TAGS_LIMIT
    data = reduce(f'<script type="application/ld+json">{json.dumps([1])}</script>x')
    assert (data.data, data.html) == (("[1]",), "x")


def test_nothing_heavy_is_loaded_before_a_page_is_read() -> None:
    """Importing the room loads neither trafilatura nor lxml."""
    asked = "import sys, watcher.parse; print([m for m in ('trafilatura', 'lxml') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True).stdout.strip() == "[]"


def test_page_is_an_item_too() -> None:
    """As an item it has the page's address for its identity, and its text and time."""
    item = read(page("Harbor Lights Sets Sail", PARAGRAPHS, published="2026-03-02T10:00:00Z")).item()
    assert (item.guid, item.title) == ("https://example.org/harbor-lights", "Harbor Lights Sets Sail")
    assert item.published == datetime(2026, 3, 2, 10, tzinfo=UTC)
    assert len(item.digest) == 32
