"""What comes back from the parsing child: every honest answer whole, and nothing of any other."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from feedserver import Entry, rss
from hypothesis import given
from hypothesis import strategies as st
from pages import PARAGRAPHS, page

from watcher.clean import clean_link, clean_text
from watcher.edtf import Edtf
from watcher.errors import ParseError
from watcher.model import Item, Precision, Work
from watcher.parse import Hints, Page, ParsedFeed, parse_feed, parse_page, wire
from watcher.parse.entry import BODY_LIMIT, text_digest

NOW = datetime(2025, 3, 3, 12, tzinfo=UTC)
URL = "https://paper.example/film/feed/"

LINE = st.text(max_size=60).map(lambda text: clean_text(text, limit=60))
NAME = LINE.filter(bool)
LINK = st.sampled_from(["https://paper.example/tide", "http://[2001:db8::1]:8080/%C3%A9?q=1#x", "https://xn--zo-5ma.example/"])
LANGUAGE = st.sampled_from(["en", "pt-BR", "zh-Hant-TW"])
TIME = st.integers(946_684_800, 1_741_003_200).map(lambda second: datetime.fromtimestamp(second, UTC))

ITEM = st.builds(
    Item,
    guid=NAME,
    title=LINE,
    body=st.lists(NAME, max_size=3).map("\n".join),
    link=st.none() | LINK,
    published=st.none() | TIME,
    precision=st.sampled_from(Precision),
    author=st.none() | NAME,
    language=st.none() | LANGUAGE,
    digest=LINE.map(text_digest),
)
HINTS = st.builds(
    Hints,
    ttl_s=st.none() | st.integers(1, 31_536_000),
    update_s=st.none() | st.integers(1, 31_536_000),
    skip_hours=st.sets(st.integers(0, 23)).map(sorted).map(tuple),
    skip_days=st.sets(st.integers(0, 6)).map(sorted).map(tuple),
)
FEED = st.builds(
    ParsedFeed,
    title=LINE,
    items=st.lists(ITEM, max_size=4, unique_by=lambda item: item.guid).map(tuple),
    hints=HINTS,
    truncated=st.booleans(),
)
WORK = st.builds(
    Work,
    name=NAME,
    date=st.none() | st.dates().map(Edtf.of),
    actors=st.lists(NAME, max_size=2).map(tuple),
    directors=st.lists(NAME, max_size=2).map(tuple),
)
PAGE = st.builds(
    Page,
    url=st.just(URL),
    title=LINE,
    text=st.lists(NAME, max_size=3).map("\n".join),
    published=st.none() | TIME,
    precision=st.sampled_from(Precision),
    modified=st.none() | TIME,
    canonical=st.none() | LINK,
    language=st.none() | LANGUAGE,
    works=st.lists(WORK, max_size=2).map(tuple),
)


@given(FEED)
def test_a_feed_comes_back_as_it_was(feed: ParsedFeed) -> None:
    """Title, hints and every field of every item survive the way through the pipe."""
    assert wire.decode_feed(wire.encode_feed(feed), now=NOW) == feed


@given(PAGE)
def test_a_page_comes_back_as_it_was(found: Page) -> None:
    """Headline, text, times, address and films of a page survive the way through the pipe."""
    assert wire.decode_page(wire.encode_page(found), url=URL) == found


WILD = st.text(max_size=40) | st.sampled_from(
    ["<a<b<c", "../x?y=[é]#z", "//h:080/\\a b", "http://Ex.Org:/%zz", "\u0f73\u0301" * 20]
)


@given(WILD, WILD, WILD, WILD)
def test_whatever_a_document_says_its_honest_answer_is_taken(title: str, text: str, guid: str, link: str) -> None:
    """The bounds of the answer are never narrower than those of parsing, for feeds and for pages."""
    feed = parse_feed(rss(Entry(title, text, guid=guid, link=link)), content_type=None, url=URL, now=NOW)
    assert wire.decode_feed(wire.encode_feed(feed), now=NOW) == feed
    movie = {"@type": "Movie", "name": title, "actor": [text, guid], "datePublished": "2026-06-05"}
    document = page("Head", PARAGRAPHS, more=f"<h1>{title}</h1><p>{text}", canonical=link, data=[movie])
    # NUL makes a page something else.
    found = parse_page(document.replace("\0", "").encode("utf-8", "replace"), content_type="text/html", url=URL)
    assert wire.decode_page(wire.encode_page(found), url=URL) == found


@given(st.text(max_size=60), st.none() | st.text(max_size=20))
def test_a_clean_link_stays_as_it_is(link: str, base: str | None) -> None:
    """Cleaning a link that is clean changes nothing, so that whether it is clean can be asked."""
    cleaned = clean_link(link, base=base and f"https://paper.example/{base}")
    assert cleaned is None or clean_link(cleaned) == cleaned


def test_the_longest_texts_are_taken() -> None:
    """A feed of as many and as long items as are kept passes, one character more in one of them does not."""
    feed = parse_feed(
        rss(*(Entry("t" * 999, "\U0001f600" * 30_000 if n else "\\" * 30_000, guid=f"{n}") for n in range(120))),
        content_type=None,
        url=URL,
        now=NOW,
    )
    answer = wire.encode_feed(feed)
    assert wire.decode_feed(answer, now=NOW) == feed
    assert len(feed.items[1].body) == BODY_LIMIT
    with pytest.raises(wire.Malformed):
        wire.decode_feed(answer.replace(b"\\\\", b"\\\\\\\\", 1), now=NOW)


def test_a_refusal_is_the_childs_own_parse_error() -> None:
    """Where a document is not what it should be, the child's sentence is the parent's."""
    said = "https://paper.example is a web page (“Zoë”), not a feed; the feed it links to is https://paper.example/feed"
    for decode in (lambda answer: wire.decode_feed(answer, now=NOW), lambda answer: wire.decode_page(answer, url=URL)):
        with pytest.raises(ParseError) as caught:
            decode(wire.encode_refusal(ParseError(said)))
        assert str(caught.value) == said


@pytest.mark.parametrize("content_type", [None, "text/xml; charset=\udce9\ud800", "é"])
@pytest.mark.parametrize("now", [None, NOW])
def test_a_job_comes_to_the_child_as_it_was(content_type: str | None, now: datetime | None) -> None:
    """A job is the same on the other side, also where a header held bytes that are no text."""
    job = wire.Job(content_type=content_type, url=URL, now=now)
    assert wire.decode_job(wire.encode_job(job)) == job


ONE = Item(guid="1", title="A", body="b\nc", link="https://paper.example/", published=NOW, language="en", digest="0" * 32)
HONEST_FEED = [json.loads(line) for line in wire.encode_feed(ParsedFeed(title="T", items=(ONE,), hints=Hints())).split(b"\n")]
HONEST_PAGE = json.loads(wire.encode_page(Page(url=URL, title="A", text="b", works=(Work(name="W", date=Edtf("2026-06-05")),))))

LONG = "x" * 60_000
LATER = (NOW + timedelta(days=2)).isoformat()


def said(*lines: object) -> bytes:
    """An answer of these lines."""
    return b"\n".join(json.dumps(line).encode() for line in lines)


@pytest.mark.parametrize(
    ("name", "value"),
    [(name, value) for name in HONEST_FEED[1] for value in (7, True, [], {}, LONG, "a\x1b[31m", "\u202e", "a\u2028b", "\ud800")]
    + [("link", value) for value in ("javascript:alert(1)", "file:///etc/passwd", "https://user:key@paper.example/", "/x", "")]
    + [("link", "https://paper.example/é"), ("guid", ""), ("guid", None), ("author", ""), ("title", "a\nb"), ("title", None)]
    + [("published", value) for value in (LATER, "1999-12-31T00:00:00+00:00", "2025-03-03T12:00:00", "2025-03-03", "", "now")]
    + [("published", "2025-03-03T13:00:00+01:00"), ("precision", "second"), ("precision", None), ("language", "english")]
    + [("digest", "0" * 31), ("digest", "G" * 32), ("digest", None), ("body", None)],
)
def test_an_item_that_no_parser_gives_is_none(name: str, value: object) -> None:
    """A field of the wrong type, too long, unprintable, or no link, time, language or digest makes the answer malformed."""
    assert wire.decode_feed(said(*HONEST_FEED), now=NOW).items == (ONE,)
    with pytest.raises(wire.Malformed):
        wire.decode_feed(said(HONEST_FEED[0], HONEST_FEED[1] | {name: value}), now=NOW)


@pytest.mark.parametrize(
    ("name", "value"),
    [(name, value) for name in HONEST_FEED[0] for value in (-1, 0.5, "a\x07", LONG, {}, [[]])]
    + [(name, value) for name in ("ttl_s", "update_s") for value in (0, True, 10**9, "60", [])]
    + [(name, value) for name in ("skip_hours", "skip_days") for value in ([24], [-1], [True], [1, 1], [2, 1], [0] * 30, None)]
    + [("truncated", value) for value in (None, 1, "yes")],
)
def test_a_feed_that_no_parser_gives_is_none(name: str, value: object) -> None:
    """A title, a hint or a flag of the wrong type or out of its bounds makes the answer malformed."""
    with pytest.raises(wire.Malformed):
        wire.decode_feed(said(HONEST_FEED[0] | {name: value}), now=NOW)


@pytest.mark.parametrize(
    ("name", "value"),
    [(name, value) for name in HONEST_PAGE for value in (7, True, {}, [[]], LONG, "a\x1b[31m")]
    + [("canonical", "javascript:alert(1)"), ("published", "9999-12-31T00:00:00+00:00"), ("works", None), ("text", None)]
    + [("works", value) for value in ([["W"]], [["W", "2026", [], []]], [["W", "soon", [], []]], [["", None, [], []]])]
    + [("works", value) for value in ([["W", None, [""], []]], [["W", None, ["A"] * 31, []]], [["W", None, [], []]] * 11)],
)
def test_a_page_that_no_parser_gives_is_none(name: str, value: object) -> None:
    """A field of the wrong type or out of its bounds makes the answer malformed, films and their people included."""
    assert wire.decode_page(said(HONEST_PAGE), url=URL).works[0].name == "W"
    with pytest.raises(wire.Malformed):
        wire.decode_page(said(HONEST_PAGE | {name: value}), url=URL)


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(said(*HONEST_FEED) + b"\n", id="an empty line"),
        pytest.param(said(*HONEST_FEED, HONEST_FEED[1]), id="one guid twice"),
        pytest.param(said(HONEST_FEED[0], *(HONEST_FEED[1] | {"guid": str(n)} for n in range(501))), id="an item too many"),
        pytest.param(said(HONEST_FEED[0] | {"more": 1}), id="a field too many"),
        pytest.param(said(HONEST_FEED[0], {**HONEST_FEED[1], "autor": None}), id="another field"),
        pytest.param(said({k: v for k, v in HONEST_FEED[0].items() if k != "title"}), id="a field too few"),
        pytest.param(b"[" * 100_000, id="deep"),
        pytest.param(b"9" * 100_000, id="a long number"),
        pytest.param(b"[" + b"[]," * 600_000 + b"[]]", id="a long line"),
        pytest.param(said(HONEST_FEED[0]) + b"\n" + b" " * 17_000_000, id="a long answer"),
        pytest.param(b'{"refused":7}', id="a refusal without words"),
        pytest.param(b'{"refused":""}', id="an empty refusal"),
        pytest.param(b'{"refused":"\\u001b[31m"}', id="a refusal with an escape"),
        pytest.param(said({"refused": LONG}).replace(b" ", b""), id="an endless refusal"),
        pytest.param(b'{"refused":"a"}\n{}', id="a refusal and more"),
        pytest.param(b"\xff\xfe", id="no text"),
    ],
)
def test_an_answer_that_no_child_gives_is_none(answer: bytes) -> None:
    """Whatever is too long, too deep, too much or no JSON is malformed, for a feed and for a page."""
    with pytest.raises(wire.Malformed):
        wire.decode_feed(answer, now=NOW)
    with pytest.raises(wire.Malformed):
        wire.decode_page(answer, url=URL)


JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*HONEST_FEED[1], *HONEST_PAGE]), inner),
)
DECODES: tuple[Callable[[bytes], object], ...] = (
    lambda answer: wire.decode_feed(answer, now=NOW),
    lambda answer: wire.decode_page(answer, url=URL),
)


@given(st.binary(max_size=60) | st.lists(JSON, min_size=1, max_size=3).map(lambda lines: said(*lines)), st.sampled_from(DECODES))
def test_any_bytes_are_an_answer_or_malformed(answer: bytes, decode: Callable[[bytes], object]) -> None:
    """Bytes of any kind raise nothing but `Malformed` or a refusal."""
    try:
        decode(answer)
    except (wire.Malformed, ParseError):
        return
    raise AssertionError("no such answer is honest")
