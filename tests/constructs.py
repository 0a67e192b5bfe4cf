"""What feeds are made of, ordinary and odd, for holding two ways of reading them equal. All films and people are invented."""

from __future__ import annotations

from hypothesis import strategies as st

SPACES = {
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcterms": "http://purl.org/dc/terms/",
    "media": "http://search.yahoo.com/mrss/",
    "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
    "sy": "http://purl.org/rss/1.0/modules/syndication/",
    "feedburner": "http://rssnamespace.org/feedburner/ext/1.0",
    "slash": "http://purl.org/rss/1.0/modules/slash/",
    "thr": "http://purl.org/syndication/thread/1.0",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "georss": "http://www.georss.org/georss",
    "own": "https://paper.example/ns",
}
ATOM = "http://www.w3.org/2005/Atom"
#: The same namespaces under names of a feed's own, and names that belong to others.
ODD_SPACES = (
    *(f'xmlns:{prefix}="{uri}"' for prefix, uri in SPACES.items()),
    *('xmlns:d="http://purl.org/dc/elements/1.1/"', 'xmlns:DC="http://purl.org/dc/elements/1.1/"'),
    *(
        'xmlns:dc="https://paper.example/other"',
        'xmlns:media="http://search.yahoo.com/mrss"',
        'xmlns:e="https://paper.example/ns"',
    ),
    *('xmlns:atom="http://www.w3.org/2005/Atom"', 'xmlns:x="http://purl.org/rss/1.0/"', 'xmlns="https://paper.example/ns"'),
    *('xmlns:geo="https://paper.example/geo"', 'xmlns:xlink="http://www.w3.org/1999/xlink"', 'xmlns=""'),
    *('xmlns:content="HTTP://PURL.ORG/RSS/1.0/MODULES/CONTENT/"', 'xmlns:u="http://backend.userland.com/rss2"'),
)

#: Ordinary attributes of the first element.
PLAIN_SPACES = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in SPACES.items()) + f' xmlns:atom="{ATOM}"'

#: Texts as they stand in elements of well-formed documents.
TEXTS = (
    *(
        "",
        " ",
        "The Tall Tide opens in May",
        "\n  The Tall Tide\n\topens  ",
        "Zo\u00eb Marlowe\u2019s \u201cTide\u201d",
        "\u6620\u753b",
    ),
    *(
        "Tide &amp; Time",
        "Tide &amp;amp; Time &amp;#8217;25",
        "&#8220;Tide&#8221; &#x1F3AC;",
        "&lt;p&gt;It &lt;b&gt;moves&lt;/b&gt;.&lt;/p&gt;",
    ),
    *("<![CDATA[<p>It <b>moves</b>.</p><p>To May &amp; on.</p>]]>", "Tide <!-- no --> Time", "Tide <?x y?>Time", "<![CDATA[]]>"),
    # UTF-8 and Windows-1252 that somebody took for Latin-1.
    *(
        "Zo\u00c3\u00ab",
        "\u0091Tide\u0092 &#150; &#146;",
        "caf\u00e9",
        "\u00a0Tide\u00a0",
        "\u200bTide",
        "<![CDATA[&#1;&#xFFFE;&#128;&#9999999999;]]>",
    ),
    *("one<![CDATA[ two ]]>three", "]] &gt;", "a\r\nb\rc", "<![CDATA[<!DOCTYPE html>]]>", "&nbsp;Tide"),
)
LINKS = (
    *(
        "https://paper.example/tide",
        "/tide?a=1&amp;b=2",
        "tide.html",
        "",
        " https://paper.example/x\n",
        "http:///paper.example/tide",
    ),
    *(
        "https://paper.example/a/../b",
        "https://paper.example/?",
        "https://paper.example/x?a&amp;copy;=1&amp;amp;b=2",
        "tag:paper.example,2025:1",
    ),
    *(
        "javascript:alert(1)",
        "HTTPS://PAPER.example/Tide",
        "https://paper.example/\u00e9",
        "http://[",
        "//paper.example/tide",
        "tide-1",
    ),
)
TIMES = (
    *("Sun, 02 Mar 2025 10:00:00 +0100", "2025-03-02T09:00:00Z", "2025-03-01", "yesterday", "", " 2025-02-28T09:00Z "),
    *("1630929600", "Mon, 31 Feb 2025 10:00:00 GMT"),
)
PEOPLE = (
    *(
        "Ava Marlowe",
        "ava@paper.example (Ava Marlowe)",
        "ava@paper.example",
        "Ava Marlowe &lt;ava@paper.example&gt;",
        "",
        "(Ava)",
    ),
    *(
        "ava@paper.example?subject=tide Ava",
        "@ava",
        "Zo\u00c3\u00ab Marlowe",
        "<![CDATA[Ava &amp; Jon]]>",
        "&lt;b&gt;Ava&lt;/b&gt;",
    ),
)
PARTS = (
    "<name>Ava Marlowe</name>",
    "<name>Jon Ferro</name>",
    "<name/>",
    "<email>ava@paper.example</email>",
    "<uri>https://paper.example/ava</uri>",
    "<url>/ava</url>",
    "<own:image src='x'/>",
    "<own:age>forty</own:age>",
    "some text",
)

TITLES = ("title", "dc:title", "media:title")
BODIES = ("description", "summary", "content", "content:encoded", "dc:description", "itunes:summary", "media:description")
DATES = (
    *("pubDate", "published", "updated", "modified", "created", "issued", "dc:date", "dcterms:created", "dcterms:issued"),
    *("dcterms:modified", "lastBuildDate", "date"),
)
AUTHORS = ("author", "dc:creator", "itunes:author", "managingEditor", "dc:author", "contributor", "dc:contributor")
LEAVES = (
    "<category>Film</category>",
    "<category term='Film' scheme='x'/>",
    "<comments>https://paper.example/tide#c</comments>",
    "<slash:comments>3</slash:comments>",
    "<enclosure url='https://paper.example/x.mp3' length='1' type='audio/mpeg'/>",
    "<media:thumbnail url='https://paper.example/x.jpg'/>",
    "<media:content url='https://paper.example/x.jpg' medium='image'/>",
    "<media:content url='x'><media:title>A still</media:title><media:credit>Jon Ferro</media:credit></media:content>",
    "<media:group><media:title>A clip</media:title><media:description>Of the tide.</media:description></media:group>",
    "<media:group><media:content><media:title xml:lang='de'>Tief</media:title></media:content></media:group>",
    "<media:group><title>Tall</title></media:group>",
    "<media:keywords>tide, film</media:keywords>",
    "<source url='https://other.example/feed'>The Other Paper</source>",
    "<source><title>The Other Paper</title><id>o</id><updated>2020-01-01</updated><link href='https://other.example'/></source>",
    "<source><title/><author><name>Jon Ferro</name></author></source>",
    "<image>https://paper.example/x.jpg</image>",
    "<image><url>x</url><title>A picture</title><link>https://paper.example/p</link></image>",
    "<own:note>Well</own:note>",
    "<own:note a='b'>Well</own:note>",
    "<own:box><own:note>Well</own:note><own:note a='b'/></own:box>",
    "<own:box><title>Well</title></own:box>",
    "<own:title>Well</own:title>",
    "<note>Well</note>",
    "<note a='b'><inner/>Well</note>",
    "<TITLE>Loud</TITLE>",
    "<thr:total>0</thr:total>",
    "<dc:language>de</dc:language>",
    "<language>fr</language>",
    "<guidislink>x</guidislink>",
    "<title_detail>x</title_detail>",
    "<links>x</links>",
    "<authors>x</authors>",
    "<contributor><name>Jon Ferro</name></contributor>",
    "<georss:point>1 2</georss:point>",
    "<feedburner:origLink>https://paper.example/behind</feedburner:origLink>",
    "<feedburner:origLink a='b'>https://paper.example/behind</feedburner:origLink>",
    "<title xmlns='http://www.w3.org/1999/xhtml'>Page</title>",
    "<own:x xmlns:own='https://paper.example/ns2'>x</own:x>",
    "<svg xmlns='http://www.w3.org/2000/svg'><title>Drawn</title></svg>",
    "stray text",
)
#: Of the feed itself.
CHANNEL = (
    "<title>The Paper</title>",
    "<title type='html'>The &lt;i&gt;Paper&lt;/i&gt;</title>",
    "<media:title>The Paper's own</media:title>",
    "<link>https://paper.example</link>",
    "<atom:link href='https://paper.example/feed' rel='self' type='application/rss+xml'/>",
    "<description>News of films</description>",
    "<itunes:summary>News of films</itunes:summary>",
    "<itunes:owner><itunes:name>Jon Ferro</itunes:name></itunes:owner>",
    "<language>en-GB</language>",
    "<dc:language>de_DE</dc:language>",
    "<ttl>60</ttl>",
    "<ttl a='b'>60</ttl>",
    "<ttl/>",
    "<sy:updatePeriod> hourly </sy:updatePeriod>",
    "<sy:updateFrequency>2</sy:updateFrequency>",
    "<skipHours><hour>1</hour><hour>2</hour></skipHours>",
    "<skipDays><day>Monday</day></skipDays>",
    "<image><url>x</url><title>A picture</title><link>https://paper.example/</link><width>1</width></image>",
    "<image><url>x</url><foo/><title>A picture</title></image>",
    "<textInput><title>Search</title><description>It</description><name>q</name><link>x</link></textInput>",
    "<textinput><title>Search</title><foo/><title>Again</title></textinput>",
    "<managingEditor>desk@paper.example (The Desk)</managingEditor>",
    "<webMaster>web@paper.example</webMaster>",
    "<author><name>The Desk</name></author>",
    "<category>Film</category>",
    "<cloud domain='x' port='80'/>",
    "<generator uri='x' version='1'>Press</generator>",
    "<id>https://paper.example/</id>",
    "<updated>2025-03-02T09:00:00Z</updated>",
    "<subtitle type='html'>Films</subtitle>",
    "<rights>All</rights>",
    "<lastBuildDate>Sun, 02 Mar 2025 10:00:00 +0100</lastBuildDate>",
    "<own:box><own:note>Well</own:note></own:box>",
    "<items><rdf:Seq><rdf:li rdf:resource='x'/></rdf:Seq></items>",
    "<!-- a comment -->",
    "<?x a processing instruction?>",
)
TYPES = (
    *(
        "",
        "",
        " type='text'",
        " type='html'",
        " type='HTML'",
        " type='text/html'",
        " type='text/plain'",
        " type='xhtml'",
        " type=''",
    ),
    *(
        " type='image/png'",
        " mode='escaped'",
        " mode='base64'",
        " xml:lang='de_AT'",
        " xml:lang=''",
        " xml:base='https://b.example/x/'",
    ),
    *(" lang='fr'", " own:type='html'", " xml:base='/y/'", " TYPE='html'", " src='x'"),
)
LINK_ATTRIBUTES = (
    *("", " rel='alternate'", " rel='self'", " rel='Alternate' type='text/html'", " rel='alternate' type='application/json'"),
    *(" type='xhtml'", " url='https://paper.example/u'", " rel='enclosure' type='audio/mpeg'", " hreflang='en'", " own:href='x'"),
)
GUID_ATTRIBUTES = ("", " isPermaLink='true'", " isPermaLink='false'", " isPermaLink='True'", " ispermalink='false'")


def element(name: str, attributes: str, inner: str) -> str:
    """An element."""
    return f"<{name}{attributes}>{inner}</{name}>"


def _elements(names: tuple[str, ...], attributes: tuple[str, ...], inners: tuple[str, ...]) -> st.SearchStrategy[str]:
    return st.builds(element, st.sampled_from(names), st.sampled_from(attributes), st.sampled_from(inners))


_PERSONS = st.builds(
    element, st.sampled_from(AUTHORS), st.just(""), st.lists(st.sampled_from(PARTS), min_size=1, max_size=4).map("".join)
)
#: Anything in an item, ordinary or odd.
PIECES = (
    _elements(TITLES, TYPES, TEXTS)
    | _elements(BODIES, TYPES, TEXTS)
    | _elements(("link", "atom:link"), LINK_ATTRIBUTES, LINKS)
    | st.sampled_from(LINKS).map(lambda link: f"<link href='{link}'/>")
    | _elements(("guid", "id"), GUID_ATTRIBUTES, LINKS)
    | _elements(DATES, ("",), TIMES)
    | _elements(AUTHORS, ("",), PEOPLE)
    | _PERSONS
    | st.sampled_from(LEAVES)
)
ITEM_ATTRIBUTES = (
    "",
    "",
    " rdf:about='tide-1'",
    " xml:lang='de'",
    " own:tag='x'",
    " lastmod='2025'",
    " xml:base='https://b.example/'",
)
ITEMS = st.builds(
    lambda attributes, pieces: (attributes, "".join(pieces)), st.sampled_from(ITEM_ATTRIBUTES), st.lists(PIECES, max_size=7)
)
CHANNELS = st.lists(st.sampled_from(CHANNEL), max_size=6).map("".join)
KINDS = ("rss", "rdf", "atom")


def document(kind: str, channel: str, items: list[tuple[str, str]], *, root: str = PLAIN_SPACES, after: str = "") -> str:
    """A whole document: what stands in the feed, its items, and what comes behind them."""
    name = "entry" if kind == "atom" else "item"
    inner = "\n".join(f"<{name}{attributes}>{pieces}</{name}>" for attributes, pieces in items)
    if kind == "atom":
        return f"<feed xmlns='{ATOM}' {root}>{channel}{inner}{after}</feed>"
    if kind == "rdf":
        return (
            f"<rdf:RDF xmlns='http://purl.org/rss/1.0/' {root}><channel rdf:about='x'>{channel}</channel>{inner}{after}</rdf:RDF>"
        )
    return f"<rss version='2.0' {root}><channel>{channel}{inner}{after}</channel></rss>"
