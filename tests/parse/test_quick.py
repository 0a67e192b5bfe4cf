"""The quick way of reading feeds gives what feedparser's way gives or nothing, and no document can hold it up."""

from __future__ import annotations

import json
import sys
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import product

import pytest
from constructs import (
    CHANNEL,
    CHANNELS,
    ITEMS,
    KINDS,
    LEAVES,
    ODD_SPACES,
    PIECES,
    PLAIN_SPACES,
    TEXTS,
    document,
)
from hostile import FEED, NUMBERED, numbered
from hypothesis import given
from hypothesis import strategies as st

from watcher.errors import ParseError
from watcher.parse import ParsedFeed, parse_feed, parse_quickly, parse_thoroughly
from watcher.parse.feed import QUICK_LIMIT
from watcher.parse.quick import read_quickly
from watcher.parse.raw import ENTRY_LIMIT
from watcher.parse.tree import DEPTH_LIMIT, NotPlain, read_tree
from watcher.parse.xmlfeed import read_xml

NOW = datetime(2025, 3, 3, 12, tzinfo=UTC)
URL = "https://paper.example/film/feed/"


def quickly(body: bytes | str, content_type: str | None = None) -> ParsedFeed | None:
    """What the quick way makes of a body."""
    return parse_quickly(body.encode() if isinstance(body, str) else body, content_type=content_type, url=URL, now=NOW)


def thoroughly(body: bytes | str, content_type: str | None = None) -> ParsedFeed | None:
    """What feedparser's way makes of a body, None where it is no feed."""
    try:
        return parse_thoroughly(body.encode() if isinstance(body, str) else body, content_type=content_type, url=URL, now=NOW)
    except ParseError:
        return None


def agrees(body: bytes | str, content_type: str | None = None) -> bool:
    """Whether the quick way gives nothing, or just what feedparser's way gives."""
    quick = quickly(body, content_type)
    return quick is None or quick == thoroughly(body, content_type)


# Ordinary feeds

ITEM = (
    "<title>The Tall Tide moves to May</title><link>https://paper.example/tide</link>"
    "<dc:creator><![CDATA[Ava Marlowe]]></dc:creator><pubDate>Sun, 02 Mar 2025 10:00:00 +0000</pubDate>"
    "<category><![CDATA[Film]]></category><guid isPermaLink='false'>https://paper.example/?p=1</guid>"
    "<description><![CDATA[<p>It moves. [&#8230;]</p>]]></description>"
    "<content:encoded><![CDATA[<p>It <b>moves</b>.</p><p>To May.</p>]]></content:encoded><slash:comments>0</slash:comments>"
)
ENTRY = (
    "<author><name>Ava Marlowe</name><uri>/ava</uri></author>"
    "<title type='html'><![CDATA[It&#8217;s <i>Tall</i>]]></title>"
    "<link rel='alternate' type='text/html' href='https://paper.example/tide'/><link rel='replies' href='https://paper.example/tide#c'/>"
    "<id>tag:paper.example,2025:1</id><updated>2025-03-02T10:00:00Z</updated><published>2025-03-02T09:00:00Z</published>"
    "<category scheme='https://paper.example' term='Film'/><summary type='html'><![CDATA[<p>It moves.</p>]]></summary>"
    "<content type='html' xml:base='https://paper.example/tide'><![CDATA[<p>It <b>moves</b>.</p>]]></content>"
    "<thr:total>0</thr:total>"
)
VIDEO = (
    "<id>v:1</id><title>The Tall Tide | Trailer</title><link rel='alternate' href='https://paper.example/v'/>"
    "<author><name>The Studio</name></author><published>2025-03-02T09:00:00+00:00</published><media:group>"
    "<media:title>The Tall Tide | Trailer</media:title><media:content url='https://paper.example/v/1' width='640'/>"
    "<media:thumbnail url='x'/><media:description>In cinemas in May.</media:description>"
    "<media:community><media:starRating count='1'/><media:statistics views='2'/></media:community></media:group>"
)
PICTURES = (
    "<title>The Tall Tide</title><description>&lt;p&gt;It moves&lt;/p&gt;</description><link>https://paper.example/tide</link>"
    "<guid>https://paper.example/tide</guid><media:content width='140'><media:credit scheme='urn:ebu'>Jon Ferro</media:credit>"
    "</media:content><dc:creator>Ava Marlowe</dc:creator><dc:date>2025-03-02T09:00:00Z</dc:date>"
)
HEAD = (
    "<title>The Paper</title><atom:link href='https://paper.example/feed/' rel='self' type='application/rss+xml'/>"
    "<link>https://paper.example</link><description>Films &amp; more</description><language>en-GB</language>"
    "<lastBuildDate>Sun, 02 Mar 2025 10:00:00 +0000</lastBuildDate><sy:updatePeriod>hourly</sy:updatePeriod>"
    "<sy:updateFrequency>2</sy:updateFrequency><generator>https://paper.example/?v=6</generator><ttl>30</ttl>"
    "<skipHours><hour>3</hour></skipHours><image><url>x</url><title>No title</title><link>https://paper.example</link></image>"
)
ORDINARY = {
    "rss": document("rss", HEAD, [("", ITEM), ("", PICTURES)]),
    "atom": document(
        "atom", "<title type='text'>The Paper</title><id>x</id><updated>2025-03-02T10:00:00Z</updated>", [("", ENTRY)]
    ),
    "atom with a language": document("atom", "<title>P</title>", [("", ENTRY)], root=f"{PLAIN_SPACES} xml:lang='en-US'"),
    "videos": document("atom", "<title>The Studio</title><author><name>The Studio</name></author>", [("", VIDEO)]),
    "rdf": document(
        "rdf",
        "<title>P</title><dc:language>en-gb</dc:language><dc:date>2025-03-02</dc:date>"
        "<items><rdf:Seq><rdf:li rdf:resource='tide-1'/></rdf:Seq></items>",
        [
            (
                " rdf:about='tide-1'",
                "<title>Tide</title><link>https://paper.example/tide</link><dc:date>2025-03-02T09:00Z</dc:date>",
            )
        ],
        after="<image rdf:about='x'><title>No title</title><url>x</url></image>",
    ),
    "rss 0.91": "<rss version='0.91'><channel><title>P</title><item><title>Tide</title><link>/t</link></item></channel></rss>",
    "atom 0.3": "<feed version='0.3' xmlns='http://purl.org/atom/ns#' xml:lang='en'><title>P</title><entry>"
    "<title>Tide</title><id>1</id><issued>2025-03-02T09:00:00Z</issued>"
    "<content type='text/html' mode='escaped'>It &lt;b&gt;moves&lt;/b&gt;</content></entry></feed>",
    "other prefixes": "<a:feed xmlns:a='http://www.w3.org/2005/Atom' xmlns:d='http://purl.org/dc/elements/1.1/'>"
    "<a:title>P</a:title><a:entry><a:title>Tide</a:title><a:id>1</a:id><d:creator>Ava Marlowe</d:creator></a:entry></a:feed>",
    "json": json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "P", "items": [{"id": 1, "title": "Tide"}]}),
    "empty": document("rss", "", []),
}


@pytest.mark.parametrize("body", ORDINARY.values(), ids=ORDINARY)
def test_ordinary_feeds_are_read_the_quick_way(body: str) -> None:
    """What outlets publish day by day is read without feedparser, to the same feed."""
    quick = quickly(body)
    assert quick is not None
    assert quick == thoroughly(body)
    assert len(quick.items) == body.count("<item>") + body.count("<item ") + body.count("entry>") // 2 + body.count('"id"')


def test_what_is_read_is_what_stands_there() -> None:
    """The two ways are not equal in being wrong: an item's every field is what its feed says."""
    feed = quickly(ORDINARY["rss"])
    assert feed is not None
    assert (feed.title, feed.hints.ttl_s, feed.hints.update_s, feed.hints.skip_hours) == ("The Paper", 1800, 1800, (3,))
    first = feed.items[0]
    assert (first.title, first.body) == ("The Tall Tide moves to May", "It moves.\nTo May.")
    assert (first.guid, first.link) == ("https://paper.example/?p=1", "https://paper.example/tide")
    assert (first.author, first.language) == ("Ava Marlowe", "en-GB")
    assert first.published == datetime(2025, 3, 2, 10, tzinfo=UTC)


# Everything else

LEFT = {
    "a document type": '<!DOCTYPE rss SYSTEM "x">' + ORDINARY["rss 0.91"],
    "an entity": ORDINARY["rss"].replace("It moves", "It&nbsp;moves").replace("<![CDATA[<p>", "").replace("</p>]]>", ""),
    "an end that is missing": ORDINARY["rss"][:-6],
    "a stray ampersand": ORDINARY["rss"].replace("Films &amp; more", "Films & more"),
    "markup in a content": document(
        "atom", "", [("", "<title>t</title><content type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'>It</div></content>")]
    ),
    "a namespace under another's name": ORDINARY["rss"].replace("http://purl.org/dc/elements/1.1/", "https://paper.example/dc"),
    "a place": document("rss", "", [("", "<title>t</title><georss:point>1 2</georss:point>")]),
    "too much": document("rss", "", [("", "<title>t</title>")]) + " " * QUICK_LIMIT,
}


@pytest.mark.parametrize("body", LEFT.values(), ids=LEFT)
def test_what_is_not_plain_is_left_to_feedparser(body: str) -> None:
    """A document that is not plainly well-formed, or that feedparser alone understands, is read all the same, by feedparser."""
    assert quickly(body) is None
    assert parse_feed(body.encode(), content_type=None, url=URL, now=NOW) == thoroughly(body)


@pytest.mark.parametrize(
    "body", [b"", b"<html><body>Hi</body></html>", b"{}", b"<urlset><url/></urlset>", b"\x00\xff", b"{" * 5000]
)
def test_what_is_no_feed_is_nothing(body: bytes) -> None:
    """The quick way never says that something is no feed: it says nothing."""
    assert quickly(body) is None


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("piece", [*LEAVES, *(f"<description>{text}</description>" for text in TEXTS)])
def test_each_construct_is_read_alike(kind: str, piece: str) -> None:
    """Every construct before, between and after the ordinary parts of an item leaves the two ways equal."""
    title, body = "<title>Tide</title>", "<summary>It moves.</summary>"
    for inner in (piece + title + body, title + piece + body, title + body + piece, piece + piece, piece):
        assert agrees(document(kind, "<title>P</title>", [("", inner), ("", title)]))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("piece", CHANNEL)
def test_each_construct_of_a_feed_is_read_alike(kind: str, piece: str) -> None:
    """Every construct of the feed itself, before and after its title and its items, leaves the two ways equal."""
    items = [("", "<title>Tide</title>")]
    for channel, after in ((piece + "<title>P</title>", ""), ("<title>P</title>" + piece, ""), ("<title>P</title>", piece)):
        assert agrees(document(kind, channel, items, after=after))


TOLD = (
    *("<description>one</description>", "<content:encoded>two</content:encoded>", "<summary>three</summary>", "<title/>"),
    *("<title>four</title>", "<media:title>five</media:title>", "<source url='x'>six</source>", "<image/>"),
    "<media:group><media:title>seven</media:title><media:description>eight</media:description></media:group>",
)
CREDITED = (
    *("<dc:creator>Ava Marlowe</dc:creator>", "<author>jon@paper.example (Jon Ferro)</author>", "<author/>"),
    *("<author><name>Mia Sund</name></author>", "<author><email>mia@paper.example</email></author>"),
    *("<author><uri>x</uri></author>", "<author><name>Mia Sund</name><email>mia@paper.example</email></author>"),
)
LED = (
    *(
        "<link>https://paper.example/1</link>",
        "<link href='https://paper.example/2'/>",
        "<link/>",
        "<guid>https://paper.example/3</guid>",
    ),
    *("<guid isPermaLink='false'>4</guid>", "<id>5</id>", "<feedburner:origLink>https://paper.example/6</feedburner:origLink>"),
    *("<pubDate>2025-03-01</pubDate>", "<published>2025-03-02</published>", "<dc:date>2025-02-01</dc:date>"),
)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("pieces", [TOLD, CREDITED, LED])
def test_what_comes_several_times_is_read_alike(pieces: tuple[str, ...], kind: str) -> None:
    """Of texts, authors, links and times in any order of three, the first or the last counts just as with feedparser."""
    items = [("", "".join(chosen)) for chosen in product(pieces, repeat=3)]
    channel = "<title>P</title><dc:creator>desk@paper.example</dc:creator>"
    for start in range(0, len(items), ENTRY_LIMIT):
        text = document(kind, channel, items[start : start + ENTRY_LIMIT])
        raw = read_quickly(text)
        assert raw is not None
        assert raw == read_xml(text)


@given(st.sampled_from(KINDS), CHANNELS, st.lists(ITEMS, max_size=3), CHANNELS)
def test_whatever_is_combined_is_read_alike(kind: str, channel: str, items: list[tuple[str, str]], after: str) -> None:
    """Whenever the quick way gives a feed, feedparser's way gives the same, field by field."""
    assert agrees(document(kind, channel, items, after=after))


@given(
    st.sampled_from(KINDS), CHANNELS, st.lists(ITEMS, max_size=2), st.lists(st.sampled_from(ODD_SPACES), max_size=5, unique=True)
)
def test_whatever_the_namespaces_are_it_is_read_alike(
    kind: str, channel: str, items: list[tuple[str, str]], spaces: list[str]
) -> None:
    """Prefixes of the feed's own, of others, missing or changed leave the two ways equal."""
    assert agrees(document(kind, channel, items, root=" ".join(spaces)))


def is_plain(piece: str) -> bool:
    """Whether a piece of an item is read the quick way where it stands alone."""
    return quickly(document("rss", "", [("", piece)])) is not None


@given(st.sampled_from(KINDS), st.lists(st.lists(PIECES.filter(is_plain), max_size=12), min_size=1, max_size=3))
def test_whatever_is_plain_is_combined_and_read_alike(kind: str, items: list[list[str]]) -> None:
    """Pieces of which each is read the quick way by itself are read alike together, in any order and number."""
    assert agrees(document(kind, "<title>P</title>", [("", "".join(pieces)) for pieces in items]))


@pytest.mark.parametrize("declared", ["utf-8", "iso-8859-1", "windows-1252", "utf-16", "nonsense"])
@pytest.mark.parametrize("written", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-32"])
def test_charsets_are_read_alike(written: str, declared: str) -> None:
    """Whatever a document is written in and calls itself, it is read the quick way, and alike."""
    text = document("rss", "<title>Zo\u00eb\u2019s</title>", [])
    body = f'<?xml version="1.0" encoding="{declared}"?>\n{text}'.encode(written)
    for content_type in (None, "text/xml; charset=iso-8859-1"):
        quick = quickly(body, content_type)
        assert quick is not None
        assert quick == thoroughly(body, content_type)
        assert quick.title == "Zo\u00eb\u2019s"


@pytest.mark.parametrize(
    "prolog",
    [
        "<?xml version='1.0'?>",
        "<?xml version='1.1'?>",
        "\ufeff \n<?xml version='1.0' standalone='yes'?>",
        "<?xml-stylesheet href='a>b'?>",
        "<?xml version='1.0'?><?xml-stylesheet href='a>b'?>",
        "<!-- <rss> -->",
        "<!-- <!ENTITY x 'y'> -->",
        "<?xml version='1.0' encoding='utf-8' >",
    ],
)
def test_what_stands_before_the_feed_is_read_alike(prolog: str) -> None:
    """Declarations, style sheets and comments before the first element leave the two ways equal."""
    assert agrees(prolog + ORDINARY["rss"])


# Safe whatever it is given


def work(body: bytes) -> int:
    """How many calls of functions, of ours and of Python's, the quick way takes for a body."""
    count = 0

    def tally(*_: object) -> None:
        nonlocal count
        count += 1

    sys.setprofile(tally)
    try:
        quickly(body)
    finally:
        sys.setprofile(None)
    return count


def peak(body: bytes) -> int:
    """How many bytes of memory the quick way holds at once, expat's own included."""
    tracemalloc.start()
    try:
        quickly(body)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def inside(inner: str) -> bytes:
    """A feed with something in its one item."""
    return document("rss", "", [("", inner)]).encode("latin-1", "replace")


HOSTILE: dict[str, Callable[[int], bytes]] = {
    "nested": lambda size: b"<a>" * (size // 3),
    "nested in an item": lambda size: inside("<own:a>" * (size // 16) + "</own:a>" * (size // 16)),
    "attributes": lambda size: inside(f"<own:a {numbered('a{}=' + chr(39) * 2 + ' ', size)}/>"),
    "attributes of namespaces": lambda size: inside(f"<own:a {numbered('own:a{}=' + chr(39) * 2 + ' ', size)}/>"),
    "namespaces": lambda size: inside(f"<own:a {numbered('xmlns:a{}=' + chr(39) + 'u' + chr(39) + ' ', size)}/>"),
    "namespaces one by one": lambda size: inside(numbered("<a{0}:b xmlns:a{0}='u{0}'/>", size)),
    "names": lambda size: inside(numbered("<own:a{}/>", size)),
    "a long name": lambda size: inside(f"<{'a' * size}/>"),
    "a long attribute": lambda size: inside(f"<own:a b='{'c' * size}'/>"),
    "a long comment": lambda size: inside(f"<!--{'c' * size}-->"),
    "a long text": lambda size: inside(f"<title>{'c ' * (size // 2)}</title>"),
    "described tags": lambda size: inside(f"<description><![CDATA[{numbered('<b{}>', size)}]]></description>"),
    "references": lambda size: inside(f"<title>{'&amp;' * (size // 5)}</title>"),
    "an address": lambda size: inside(f"<author>{'a' * size}@</author>"),
    "a link of references": lambda size: inside(f"<link>{'&amp;a' * (size // 6)}</link>"),
    "a document type": lambda size: b"<!DOCTYPE a [" + b"<!ENTITY b 'c'>" * (size // 15),
    "lists": lambda size: b"{" + b'"a":[' * (size // 5),
    "objects": lambda size: b'{"version":"https://jsonfeed.org/version/1","items":[' + b"{}," * (size // 3) + b"{}]}",
    **{f"described {piece}": lambda size, piece=piece: inside(f"<description>{piece * (size // len(piece))}") for piece in FEED},  # type: ignore[misc]
    **{piece: lambda size, piece=piece: inside(numbered(piece, size)) for piece in NUMBERED},  # type: ignore[misc]
}


@pytest.mark.parametrize("make", HOSTILE.values(), ids=HOSTILE)
def test_work_grows_no_faster_than_the_document(make: Callable[[int], bytes]) -> None:
    """Four times as much of anything is at most about four times the work."""
    assert work(make(100_000)) <= 4.4 * work(make(25_000)) + 1000


@pytest.mark.parametrize("size", [200_000, 700_000])
@pytest.mark.parametrize("make", HOSTILE.values(), ids=HOSTILE)
def test_memory_is_bounded(make: Callable[[int], bytes], size: int) -> None:
    """A body that is not too large to be tried takes at most forty megabytes while it is read, whatever it holds."""
    body = make(size)
    assert len(body) <= QUICK_LIMIT
    assert peak(body) < 40_000_000


def test_depth_is_bounded() -> None:
    """Elements in elements are read to a depth that no feed needs, and not deeper."""
    assert read_tree("<a>" * DEPTH_LIMIT + "</a>" * DEPTH_LIMIT).root.name == "a"
    with pytest.raises(NotPlain):
        read_tree("<a>" * (DEPTH_LIMIT + 1) + "</a>" * (DEPTH_LIMIT + 1))


@pytest.mark.parametrize("text", ["word " * 50_000, f"<![CDATA[{'<p>word</p>' * 20_000}]]>", "Tide &amp; Time " * 10_000])
def test_a_long_text_is_read_the_quick_way(text: str) -> None:
    """A text longer than what is read at once is no reason to leave a feed to feedparser."""
    body = document("rss", "<title>P</title>", [("", f"<title>t</title><description>{text}</description>")])
    assert quickly(body) is not None
    assert agrees(body)


def test_a_tag_or_comment_without_an_end_is_left() -> None:
    """A tag or comment that goes on for long, which would be begun anew with each piece, ends the quick way."""
    for piece in (f"<!--{'x' * 200_000}-->", f"<own:a b='{'x' * 200_000}'/>"):
        assert quickly(document("rss", "", [("", f"<title>t</title>{piece}")])) is None
