"""Feeds of every kind and condition, and what is no feed: items or a `ParseError`, never anything else."""

from __future__ import annotations

import gzip
import json
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from feedserver import Entry, rss
from hostile import FEED, numbered
from hypothesis import given
from hypothesis import strategies as st

from watcher.errors import ParseError
from watcher.model import Item, Precision
from watcher.parse import Hints, ParsedFeed, parse_feed
from watcher.parse.entry import TEXTS_LIMIT
from watcher.parse.notfeed import LinkedFeed, linked_feeds
from watcher.parse.survey import survey
from watcher.parse.when import read_time

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2025, 3, 3, 12, tzinfo=UTC)
URL = "https://paper.example/film/feed/"
ATOM = "http://www.w3.org/2005/Atom"


def parse(body: bytes | str, content_type: str | None = "application/rss+xml") -> ParsedFeed:
    """A body as if it had come from the paper."""
    return parse_feed(body.encode() if isinstance(body, str) else body, content_type=content_type, url=URL, now=NOW)


def attempt(body: bytes, content_type: str | None = None) -> ParsedFeed | ParseError:
    """What becomes of a body, the error as a value."""
    try:
        return parse(body, content_type)
    except ParseError as error:
        return error


def item(inner: str) -> Item:
    """The only item of an RSS feed, given as the XML inside its element."""
    (only,) = parse(channel(f"<item>{inner}</item>")).items
    return only


def channel(inner: str) -> str:
    """An RSS 2.0 document, given as the XML inside its channel."""
    spaces = 'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"'
    return f'<?xml version="1.0"?><rss version="2.0" {spaces}><channel><title>T</title>{inner}</channel></rss>'


# Formats

RSS_2 = channel(
    "<language>en-gb</language><item><title>The Tall Tide moves to May</title><link>/tide</link><guid>tide-1</guid>"
    "<dc:creator xmlns:dc='http://purl.org/dc/elements/1.1/'>Ava Marlowe</dc:creator>"
    "<pubDate>Sun, 02 Mar 2025 10:00:00 +0100</pubDate><description>It &lt;b&gt;moves&lt;/b&gt;.</description></item>"
)
RSS_091 = (
    '<!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN" "http://my.netscape.com/publish/formats/rss-0.91.dtd">'
    '<rss version="0.91"><channel><title>T</title><language>en-gb</language><item><title>The Tall Tide moves to May</title>'
    "<link>https://paper.example/tide</link><description>It moves.</description></item></channel></rss>"
)
RDF = (
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="x"><title>T</title>'
    '<dc:language>en-gb</dc:language></channel><item rdf:about="tide-1"><title>The Tall Tide moves to May</title><link>https://paper.example/tide</link>'
    "<dc:date>2025-03-02T09:00Z</dc:date><dc:creator>Ava Marlowe</dc:creator>"
    "<description>It moves.</description></item></rdf:RDF>"
)
ATOM_1 = (
    f'<feed xmlns="{ATOM}" xml:lang="en-gb"><title>T</title><entry><id>tide-1</id>'
    '<title type="html">The &lt;i&gt;Tall Tide&lt;/i&gt; moves to May</title><link href="/tide"/>'
    '<link rel="enclosure" href="/x.mp3"/>'
    "<author><name>Ava Marlowe</name><email>ava@paper.example</email></author><published>2025-03-02T10:00:00+01:00</published>"
    '<updated>2025-03-03T10:00:00Z</updated><content type="xhtml">'
    '<div xmlns="http://www.w3.org/1999/xhtml">It <b>moves</b>.</div></content></entry></feed>'
)
ATOM_03 = (
    '<feed version="0.3" xmlns="http://purl.org/atom/ns#" xml:lang="en-gb"><title>T</title><entry><id>tide-1</id>'
    '<title>The Tall Tide moves to May</title><link rel="alternate" type="text/html" href="https://paper.example/tide"/>'
    "<author><name>Ava Marlowe</name></author><issued>2025-03-02T09:00:00Z</issued>"
    '<content type="text/html" mode="escaped">It &lt;b&gt;moves&lt;/b&gt;.</content></entry></feed>'
)
JSON_11 = json.dumps(
    {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "T",
        "language": "en-gb",
        "items": [
            {
                "id": "tide-1",
                "url": "https://paper.example/tide",
                "title": "The Tall Tide moves to May",
                "content_html": "It <b>moves</b>.",
                "date_published": "2025-03-02T10:00:00+01:00",
                "authors": [{"name": "Ava Marlowe"}],
            }
        ],
    }
)
JSON_10 = JSON_11.replace("version/1.1", "version/1").replace(
    '"authors": [{"name": "Ava Marlowe"}]', '"author": {"name": "Ava Marlowe"}'
)


@pytest.mark.parametrize("document", [RSS_2, RDF, ATOM_1, ATOM_03, JSON_11, JSON_10])
def test_every_format_gives_the_same_item(document: str) -> None:
    """RSS 2.0, RSS 1.0, Atom 1.0 and 0.3, JSON Feed 1.0 and 1.1 are read to the same item, down to its digest."""
    feed = parse(document)
    assert (feed.title, feed.truncated) == ("T", False)
    (only,) = feed.items
    assert only.guid == "tide-1"
    assert only.title == "The Tall Tide moves to May"
    assert only.body == "It moves."
    assert only.link == "https://paper.example/tide"
    assert (only.published, only.precision) == (datetime(2025, 3, 2, 9, tzinfo=UTC), Precision.TIME)
    assert only.author == "Ava Marlowe"
    assert only.language == "en-gb"
    assert only.digest == parse(RSS_2).items[0].digest


def test_the_oldest_rss_is_read_too() -> None:
    """RSS 0.91, which knows neither guid nor date, gives an item known by its link."""
    (only,) = parse(RSS_091).items
    assert (only.guid, only.link, only.published, only.body) == (only.link, "https://paper.example/tide", None, "It moves.")


@pytest.mark.parametrize(
    "document", [channel(""), f'<feed xmlns="{ATOM}"/>', '{"version": "https://jsonfeed.org/version/1", "items": []}']
)
def test_a_feed_without_entries_is_a_feed(document: str) -> None:
    """An empty feed is no error: feeds do empty out."""
    assert parse(document).items == ()


# What is no feed

PAGE = (
    "<!DOCTYPE html><html><head><title>Film\x1b[31m &amp; more</title><link rel=stylesheet href=x.css>"
    '<link href="/rss/all.xml?a=1&amp;b=2" type="application/rss+xml" rel="home alternate"></head><body>Hi</body></html>'
)


def test_a_page_is_told_from_a_feed_and_its_feed_is_named() -> None:
    """The error for a web page names the page and the feed that it links to, as a whole address."""
    with pytest.raises(ParseError) as caught:
        parse(PAGE, "text/html")
    assert str(caught.value) == (
        "https://paper.example/film/feed/ is a web page (“Film[31m & more”), not a feed; "
        "the feed it links to is https://paper.example/rss/all.xml?a=1&b=2"
    )


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "empty"),
        (b" \r\n\t", "empty"),
        (gzip.compress(RSS_2.encode()), "compressed"),
        (b'{"error": "no"}', "JSON"),
        (b'{"version": "https://jsonfeed.org/version/1.1", "items": [{"title": "cut', "JSON"),
        (b'{"version": "https://jsonfeed.org/version/1.1"}', "JSON"),
        (b"[1, 2]", "JSON"),
        (b"[" * 100_000, "JSON"),
        (b'{"a":' * 100_000, "JSON"),
        (b"<html><body><form><input type='password'></form></body></html>", "asks for a login"),
        (b"<html><head><title>Just a moment...</title></head><body></body></html>", "Just a moment"),
        (b"<?xml version='1.0'?><!-- hello --><urlset><url/></urlset>", "<urlset>"),
        (b"<rss version='2.0'><channel><image><width><x></width></image>", "too damaged"),
        (b"User-agent: *", "no feed"),
        (b"\x00\x01\x02\xff", "no feed"),
    ],
)
def test_what_is_no_feed_is_named(body: bytes, words: str) -> None:
    """An answer that is no feed is an error, not an empty feed, and the error says what it is."""
    with pytest.raises(ParseError, match=words) as caught:
        parse(body)
    assert str(caught.value).isprintable()


def test_a_body_that_is_a_path_is_not_opened(tmp_path: Path) -> None:
    """A body that reads as the path of a feed, which feedparser would open, is no feed."""
    path = tmp_path / "feed.xml"
    path.write_bytes(RSS_2.encode())
    with pytest.raises(ParseError):
        parse(str(path))


def test_what_a_document_refers_to_is_not_read(tmp_path: Path) -> None:
    """External entities and DTDs leave nothing of a local file in an item, and entities that swell do not."""
    (tmp_path / "secret.txt").write_text("The password is Orchard.")
    secret = f'SYSTEM "{(tmp_path / "secret.txt").as_uri()}"'
    head = f"<!DOCTYPE rss {secret} [<!ENTITY x {secret}><!ENTITY % y {secret}> %y;]>"
    read = parse(RSS_2.replace('<?xml version="1.0"?>', head).replace("to May", "&x;"))
    assert "Orchard" not in repr(read)
    swell = "".join(f'<!ENTITY a{n + 1} "{f"&a{n};" * 10}">\n' for n in range(9))
    bomb = f'<!DOCTYPE rss [\n<!ENTITY a0 "xxxxxxxxxx">\n{swell}]>' + RSS_2.partition("?>")[2].replace("It &lt;", "&a9; &lt;")
    assert sum(len(one.text) for one in parse(bomb).items) < 100_000


# Cleaning


def test_double_escaped_text_is_read_as_meant() -> None:
    """A title or body that was escaped once too often is decoded once more, and holds no tag."""
    found = item(
        "<title>Tide &amp;amp;amp; Time &amp;#8217;25</title>"
        "<description>&amp;lt;p&amp;gt;Sophie N&amp;amp;eacute;lisse&amp;lt;/p&amp;gt;</description>"
    )
    assert (found.title, found.body) == ("Tide & Time ’25", "Sophie Nélisse")


def test_hostile_text_comes_out_inert() -> None:
    """Scripts, handlers, control and bidi characters and bad references are gone; bad links are none."""
    found = item(
        "<title><![CDATA[<b onclick=x>Tide</b><script>alert(1)</script>\u202e]]>&#27;[31m&#999999999;&#xD800;&#"
        + "9" * 9000
        + ";</title>"
        "<link>javascript:alert(1)</link><description>&lt;img src=x onerror=y&gt;ok\x00\x1b</description>"
        "<author>&lt;b&gt;Ava</author>"
    )
    assert (found.title, found.body, found.link, found.author) == ("Tide[31m", "ok", None, "Ava")


def test_summary_and_content_are_told_once() -> None:
    """Of two texts where one holds the other the longer stays, an excerpt's dots notwithstanding; different ones are joined."""
    content = "<content:encoded>&lt;p&gt;The tide moves to May.&lt;/p&gt;&lt;p&gt;More soon.&lt;/p&gt;</content:encoded>"
    assert item(f"<title>t</title><description>The tide moves [&amp;#8230;]</description>{content}").body == (
        "The tide moves to May.\nMore soon."
    )
    assert item(f"<title>t</title><description>In short: May.</description>{content}").body == (
        "In short: May.\nThe tide moves to May.\nMore soon."
    )


def test_everything_has_its_limit() -> None:
    """Titles end at 300 characters, bodies at 20,000, and a feed at 500 items."""
    feed = parse(rss(*(Entry("word " * 100, body="word " * 9000, guid=str(n)) for n in range(3))))
    assert all(len(one.title) <= 300 and len(one.body) <= 20_000 for one in feed.items)
    many = parse(rss(*(Entry(f"t {n}", guid=str(n)) for n in range(600))))
    assert [one.guid for one in many.items] == [str(n) for n in range(500)]


# Identity


def test_identity_is_guid_then_link_then_a_hash() -> None:
    """An item is known by its guid as it stands there, else its link, else a hash that its body does not change."""
    assert item("<title>t</title><guid>abc def</guid><link>/x</link>").guid == "abc def"
    assert item("<title>t</title><guid>abc</guid>").link is None
    assert item("<title>t</title><guid>https://paper.example/p</guid>").link == "https://paper.example/p"
    assert item("<title>t</title><link>/x</link>").guid == "https://paper.example/x"
    hashed = item("<title>t</title><description>one</description>").guid
    assert hashed == item("<title>t</title><description>two</description>").guid != item("<title>u</title>").guid
    assert item(f"<title>t</title><guid>{'x' * 600}1</guid>").guid != item(f"<title>t</title><guid>{'x' * 600}2</guid>").guid


def test_the_digest_follows_the_text_and_nothing_else() -> None:
    """An edited title, body or link is another digest; a new guid, date or tracking parameter is not."""
    base = item("<title>t</title><description>b</description><link>/x</link><guid>1</guid>").digest
    assert item("<title>t</title><description>b</description><link>/x?utm_source=rss</link><guid>2</guid>").digest == base
    dated = "<pubDate>Sun, 02 Mar 2025 10:00:00 GMT</pubDate>"
    assert item(f"<title>t</title><description>b</description><link>/x</link><guid>1</guid>{dated}").digest == base
    for other in (
        "<title>u</title><description>b</description><link>/x</link>",
        "<title>t</title><description>c</description><link>/x</link>",
    ):
        assert item(other).digest != base
    assert item("<title>t</title><description>b</description><link>/y</link>").digest != base


def test_of_one_guid_twice_the_first_wins() -> None:
    """Two entries with one guid in a document are one item, the one that stands first."""
    feed = parse(rss(Entry("new", guid="1"), Entry("old", guid="1"), Entry("other", guid="2")))
    assert [(one.guid, one.title) for one in feed.items] == [("1", "new"), ("2", "other")]


# Broken documents


def test_the_cut_end_of_a_document_is_left_out() -> None:
    """Of a document that breaks off, the entry that may be cut is dropped and the rest kept, wherever the cut is."""
    whole = rss(Entry("The first tide", guid="1"), Entry("The second tide", guid="2"), Entry("The third tide", guid="3"))
    assert not parse(whole).truncated
    for cut in range(whole.index(b"<item>") + 7, len(whole) - 6):
        feed = parse(whole[:cut])
        assert feed.truncated
        assert [one.title for one in feed.items] == ["The first tide", "The second tide", "The third tide"][: len(feed.items)]
        assert len(feed.items) <= 2


def test_an_ill_formed_document_that_is_whole_keeps_its_items() -> None:
    """An ampersand or entity that XML does not know costs nothing when the document has its end."""
    feed = parse(channel("<item><title>Tide & Time &nbsp;&bogus;</title><guid>1</guid></item>"))
    assert (feed.truncated, [one.guid for one in feed.items]) == (False, ["1"])
    assert feed.items[0].title.startswith("Tide & Time")


# Charsets

ACCENTS = '<?xml version="1.0" encoding="{}"?><rss version="2.0"><channel><title>Zoë’s “Brontë”</title></channel></rss>'


@pytest.mark.parametrize(
    ("written", "declared", "content_type"),
    [
        ("utf-8", "utf-8", "text/xml"),
        ("utf-8", "iso-8859-1", "text/xml; charset=iso-8859-1"),
        ("utf-8-sig", "utf-8", None),
        ("cp1252", "utf-8", "application/rss+xml; charset=utf-8"),
        ("cp1252", "iso-8859-1", None),
        ("cp1252", "nonsense", "text/xml; charset='windows-1252'"),
        ("utf-16", "utf-16", None),
        ("utf-16-le", "utf-16", "application/xml"),
        ("utf-16-be", "utf-16", "application/xml"),
        ("utf-32", "utf-32", None),
        ("utf-8", "unicode_escape", "text/xml; charset=utf-7"),
    ],
)
def test_every_charset_is_read_whatever_it_is_called(written: str, declared: str, content_type: str | None) -> None:
    """Text is read as it was written, with a true, lying, unknown or dangerous declaration, in header or document."""
    assert parse(ACCENTS.format(declared).encode(written), content_type).title == "Zoë’s “Brontë”"


def test_a_codec_that_is_no_charset_is_not_used() -> None:
    """A document that claims one of Python's own codecs is not run through it: a backslash stays a backslash."""
    for name in ("unicode_escape", "raw_unicode_escape", "punycode", "rot13", "zlib", "undefined"):
        document = ACCENTS.format(name).replace("Brontë", r"\u0041").encode("cp1252")
        for content_type in (None, f"text/xml; charset={name}"):
            assert parse(document, content_type).title == r"Zoë’s “\u0041”"


def test_stray_bytes_and_a_cut_character_spoil_nothing_else() -> None:
    """One byte of Windows-1252 in UTF-8 is read as such, and an end in the middle of a character changes no other."""
    document = rss(Entry("Zoë", guid="1"), Entry("Zo#", guid="2"), Entry("Brontë", guid="3"))
    assert [one.title for one in parse(document.replace(b"Zo#", b"Zo\xeb")).items] == ["Zoë", "Zoë", "Brontë"]
    cut = parse(document[: document.rindex("ë".encode()) + 1])
    assert (cut.truncated, cut.items[0].title) == (True, "Zoë")


def test_other_alphabets_are_read_as_declared() -> None:
    """Japanese, Cyrillic and Chinese charsets are known."""
    for charset, word in (
        ("shift_jis", "映画"),
        ("euc-jp", "映画"),
        ("iso-2022-jp", "映画"),
        ("koi8-r", "Кино"),
        ("gb2312", "电影"),
    ):
        document = f'<?xml version="1.0" encoding="{charset}"?><rss version="2.0"><channel><title>{word}</title></channel></rss>'
        assert parse(document.encode(charset)).title == word


# Times


@pytest.mark.parametrize(
    ("text", "iso", "precision"),
    [
        ("Sun, 02 Mar 2025 10:00:00 GMT", "2025-03-02T10:00", "time"),
        ("Sun, 2 March 2025 10:00 -0500", "2025-03-02T15:00", "time"),
        ("So, 02 Mar 2025 10:00:00 CEST", "2025-03-02T08:00", "time"),
        ("02 Mar 25 10:00:00 EST", "2025-03-02T15:00", "time"),
        ("Sun, 02 Mar 2025 10:00:00 GMT+2", "2025-03-02T08:00", "time"),
        ("Sun, 02 Mar 2025 10:00:00 +0530 (IST)", "2025-03-02T04:30", "time"),
        ("Sunday, March 2, 2025 - 10:00", None, "time"),
        ("March 2, 2025 at 1:05 PM", "2025-03-02T13:05", "time"),
        ("Mar 2, 2025 12:05 a.m. PST", "2025-03-02T08:05", "time"),
        ("Sun, 02 Mar 2025 10:00:00 QQQ", "2025-03-02T00:00", "day"),
        ("2 Mar 2025", "2025-03-02T00:00", "day"),
        ("2025-03-02", "2025-03-02T00:00", "day"),
        ("2025-03", "2025-03-01T00:00", "month"),
        ("2024", "2024-01-01T00:00", "year"),
        ("2025-03-02T10:00:00.123Z", "2025-03-02T10:00", "time"),
        ("2025-03-02 10:00:00+0100", "2025-03-02T09:00", "time"),
        ("2025-03-02T10:00", "2025-03-02T10:00", "time"),
        ("2025-03-02T23:59:60Z", "2025-03-02T23:59:59", "time"),
        ("Mon, 03 Mar 2025 20:00:00 GMT", "2025-03-03T20:00", "time"),
        ("Wed, 05 Mar 2025 20:00:00 GMT", None, "time"),
        ("1630929600", None, "time"),
        ("-2021-09-06", None, "time"),
        ("02.03.2025", None, "time"),
        ("03/02/2025", None, "time"),
        ("Sun, 31 Feb 2025 10:00:00 GMT", None, "time"),
        ("Sun, 02 Mar 2025 25:00:00 GMT", None, "time"),
        ("Sun, 02 Mar 2025 10:00:00 +9959", None, "time"),
        ("Mon, 01 Jan 0001 00:00:00 GMT", None, "time"),
        ("9999-12-31T23:59:59-12:00", None, "time"),
        ("1999-12-31", None, "day"),
        ("Sun, 02 Foo 2025 10:00:00 GMT", None, "time"),
        ("yesterday", None, "time"),
        ("", None, "time"),
    ],
)
def test_a_time_is_read_right_or_not_at_all(text: str, iso: str | None, precision: str) -> None:
    """The notations of feeds are read in any zone; what is ambiguous, impossible, too old or in the future gives no day."""
    instant, how_much = read_time(text, now=NOW)
    assert instant == (datetime.fromisoformat(iso).replace(tzinfo=UTC) if iso else None)
    assert iso is None or how_much == precision


@given(st.text(max_size=40) | st.datetimes().map(str) | st.integers().map(str))
def test_every_time_is_within_its_bounds(text: str) -> None:
    """Whatever a feed calls a date, it gives None or a time in UTC between 2000 and tomorrow."""
    instant, _ = read_time(text, now=NOW)
    assert instant is None or (datetime(2000, 1, 1, tzinfo=UTC) <= instant <= NOW + timedelta(days=1) and instant.tzinfo is UTC)


def test_an_impossible_date_gives_way_to_the_next() -> None:
    """Where an entry was published at no possible time, when it was updated counts; where neither, it has no time."""
    entry = "<entry><id>1</id><title>t</title><published>{}</published><updated>2025-03-01T00:00:00Z</updated></entry>"
    (only,) = parse(f'<feed xmlns="{ATOM}"><title>T</title>{entry.format("2031-01-01T00:00:00Z")}</feed>').items
    assert only.published == datetime(2025, 3, 1, tzinfo=UTC)


# Hints


def test_hints_are_read_and_returned() -> None:
    """ttl, update period, hours and days to skip are returned in seconds, GMT hours and Monday-first days."""
    feed = parse(
        channel(
            "<ttl>60</ttl><sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>4</sy:updateFrequency>"
            "<skipHours><hour>1</hour><hour>24</hour><hour>1</hour><hour>99</hour></skipHours>"
            "<skipDays><day>Sunday</day><day>Monday</day><day>Caturday</day></skipDays>"
        )
    )
    assert feed.hints == Hints(ttl_s=3600, update_s=21_600, skip_hours=(0, 1), skip_days=(0, 6))


@pytest.mark.parametrize(
    ("inner", "hints"),
    [
        ("", Hints()),
        ("<ttl>soon</ttl><sy:updatePeriod>often</sy:updatePeriod>", Hints()),
        ("<ttl>-5</ttl><sy:updateFrequency>0</sy:updateFrequency>", Hints()),
        ("<sy:updateFrequency>2</sy:updateFrequency>", Hints(update_s=43_200)),
        ("<sy:updatePeriod>hourly</sy:updatePeriod>", Hints(update_s=3600)),
        (f"<ttl>{'9' * 9}</ttl>", Hints(ttl_s=31_536_000)),
        (f"<ttl>{'9' * 5000}</ttl>", Hints()),
    ],
)
def test_odd_hints_are_no_hints(inner: str, hints: Hints) -> None:
    """What is no number or period is left out, the syndication module's defaults fill in, and nothing exceeds a year."""
    assert parse(channel(inner)).hints == hints


# Anything at all

PIECES = st.lists(
    st.sampled_from(
        [
            RSS_2,
            ATOM_1,
            RDF,
            "<rss version='2.0'>",
            "<channel>",
            "<item>",
            "</item>",
            "<title>",
            "</title>",
            "<link>",
            "<guid>",
            "<entry>",
            f"<feed xmlns='{ATOM}'>",
            "</feed>",
            "</rss>",
            "<content type='xhtml'>",
            "<content type='x' mode='base64'>",
            "</content>",
            "=",
            "<![CDATA[",
            "]]>",
            "<!--",
            "-->",
            "<!DOCTYPE",
            "<!ENTITY x '&x;'>",
            "[",
            "]>",
            "&#999999999;",
            "&#x;",
            "&#xfffe;",
            "&x;",
            "&",
            "<media:group>",
            "<source url='",
            "<image>",
            "<textinput>",
            "<dc:date>",
            "<georss:point>",
            "1 x",
            "<itunes:image/>",
            "<",
            ">",
            "<author>",
            "<category>",
            "<psc:chapter start='x'>",
            "<gml:pos>",
            "</",
            "/>",
            "xmlns:a='b'",
            "<a:b xml:base='http://['>",
            "\x00",
        ]
    )
    | st.text(max_size=4),
    max_size=25,
).map("".join)


@given(st.binary(max_size=300) | PIECES.map(lambda text: text.encode("utf-8", "replace")), st.none() | st.text(max_size=30))
def test_any_bytes_are_a_feed_or_a_parse_error(body: bytes, content_type: str | None) -> None:
    """Whatever arrives, under whatever name, the answer is clean items or a `ParseError` of one printable line."""
    found = attempt(body, content_type)
    if isinstance(found, ParseError):
        assert str(found).isprintable()
        return
    for one in found.items:
        assert one.title.isprintable()
        assert one.body.replace("\n", "").isprintable()
        assert one.guid.isprintable()
        assert one.guid


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=9),
    lambda inner: st.lists(inner, max_size=3),
)
FIELDS = ("id", "url", "title", "summary", "content_html", "content_text", "date_published", "authors", "author", "language")


@given(st.lists(JSON | st.dictionaries(st.sampled_from(FIELDS), JSON), max_size=4), JSON)
def test_any_json_feed_is_read(items: list[object], title: object) -> None:
    """Fields of the wrong type, lone surrogates and entries that are none are passed over, never fatal."""
    feed = parse(json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": title, "items": items}))
    for one in feed.items:
        assert f"{one.title}{one.guid}{one.author}".encode()


@pytest.mark.parametrize("piece", FEED)
def test_hostile_documents_are_refused_or_hold_no_tag(piece: str) -> None:
    """Fifty kilobytes of what trips parsers are no feed when bare, and in a description leave a feed without a tag in it."""
    text = piece * (50_000 // len(piece))
    assert isinstance(attempt(text.encode("latin-1")), ParseError)
    for end in ("", "</description></item></channel></rss>"):
        found = attempt(channel(f"<item><title>t</title><description>{text}{end}").encode("latin-1"))
        assert isinstance(found, ParsedFeed)
        assert all(re.search("<[a-zA-Z/!?]", one.text) is None for one in found.items)


def test_a_description_of_comments_is_an_empty_one() -> None:
    """Comments opened ten thousand times in one description, slow death to feedparser's sanitiser, leave an item without text."""
    feed = parse(channel(f"<item><title>t</title><description>{'&lt;!--' * 10_000}</description></item>"))
    assert (feed.items[0].title, feed.items[0].body) == ("t", "")


def test_of_endless_contents_the_first_are_read() -> None:
    """An item with thousands of contents is what its summary and the first of them say."""
    contents = numbered("<content:encoded>Text {}.</content:encoded>", 50_000)
    body = item(f"<title>t</title><description>Summary.</description>{contents}").body
    assert body.split("\n") == ["Summary.", *(f"Text {number}." for number in range(TEXTS_LIMIT - 1))]


UTF8 = '<?xml version="1.0" encoding="utf-8"?><rss version="2.0">é'


def test_all_feeds_of_a_page_are_found() -> None:
    """Every alternate link of a feed's type is found in its order, whole and once; others, scripts and bad links are not."""
    page = """<html><head>
      <LINK href='/film/feed/' rel="alternate" type="application/rss+xml" title="Film &amp; \x1bmore">
      <link rel="Alternate home" type=application/atom+xml href="https://other.example.org/atom">
      <link rel="alternate" type="application/rss+xml" href="/film/feed/" title="again">
      <link rel="alternate" type="application/rss+xml" href="javascript:alert(1)">
      <link rel="alternate" type="text/html" hreflang="de" href="/de/"><link rel="stylesheet" href="/a.css">"""
    found = linked_feeds(page, url=URL)
    assert found == (
        LinkedFeed(url="https://paper.example/film/feed/", title="Film & more"),
        LinkedFeed(url="https://other.example.org/atom", title=""),
    )
    many = "".join(f'<link rel="alternate" type="application/rss+xml" href="/{n}">' for n in range(1000))
    assert len(linked_feeds(many, url=URL)) == 50


@given(st.binary(max_size=200), st.integers(0, 300))
def test_a_survey_takes_any_bytes(junk: bytes, place: int) -> None:
    """Whatever the bytes are, a survey is counted or there is none, and it counts no more than there is."""
    whole = rss(Entry(title="a", guid="1", published="soon"), Entry(title="b"))
    body = whole[:place] + junk + whole[place:]
    found = survey(body, content_type=None, now=NOW)
    if found is not None:
        assert max(found.undated, found.unreadable, found.ahead, found.nameless, found.doubles) <= found.entries


@pytest.mark.parametrize(
    ("body", "content_type", "trouble"),
    [
        ('<?xml version="1.0" encoding="iso-8859-1"?><rss version="2.0">é'.encode("latin-1"), None, None),
        ('<?xml version="1.0" encoding="iso-8859-1"?><rss version="2.0">é'.encode(), None, "says cp1252, but is utf-8"),
        ('<rss version="2.0">é'.encode("latin-1"), None, "says nothing of its charset, which means utf-8, but is not (byte 19)"),
        ('<rss version="2.0">é'.encode("latin-1"), "text/xml; charset=utf-8", "says utf-8, but is not (byte 19)"),
        (UTF8.encode(), "text/xml; charset=koi8-r", "is sent as koi8-r, but calls itself utf-8"),
        ('<rss version="2.0">é'.encode("utf-16"), "text/xml; charset=utf-8", None),
        (b'<rss version="2.0">e', "text/xml; charset=us-ascii", None),
    ],
)  # fmt: skip
def test_trouble_with_charsets_is_told(body: bytes, content_type: str | None, trouble: str | None) -> None:
    """What a document says of its charset is held against its bytes; what can be read either way is no trouble."""
    found = survey(body + b"", content_type=content_type, now=NOW)
    assert found is not None
    assert found.charset == trouble
