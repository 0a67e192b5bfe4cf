"""What the feeds of the benches hold: made-up news of films that do not exist, as RSS and as Atom.

Always the same for the same numbers, never the same for others. Every tenth of the first five hundred feeds has one entry that
names "Harbor Lights": how the cost of deciding grows with what is told of a film is the matter of `growth.py`.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from xml.sax.saxutils import escape

#: What the benches watch.
TITLE, CONTEXT = "Harbor Lights", "Mira Solis"
NEWS = "Mira Solis joins the cast of Harbor Lights, which opens in theaters on May 7, 2027."

_FIRST = ("Ada", "Bo", "Ilse", "Tomas", "Noor", "Pell", "Runa", "Casimir", "Odile", "Wendel", "Zuzka", "Hamo")
_LAST = ("Quill", "Tarn", "Varghold", "Ostermark", "Bellwin", "Ferrante-Lund", "Kesh", "Morrowin", "Dray", "Ullathorne")
_KINDS = ("Cedar", "Copper", "Hollow", "Salt", "Amber", "Tidal", "Ninth", "Paper", "Woollen", "Borrowed")
_THINGS = ("Ledger", "Ferry", "Almanac", "Kiln", "Lantern Works", "Cartographer", "Beehive", "Tollgate", "Sextant", "Overcoat")
_MONTHS = ("January", "March", "June", "July", "October", "December")
_TAGS = ("Movies", "Casting", "Box Office", "Festivals", "Streaming", "Interviews", "Reviews", "Trailers")
_SENTENCES = (
    "{who} has joined the cast of {film}, the drama that {who} directs from a script by {who}.",
    "{film} opens in theaters on {day}, a week after {film} and in the same houses.",
    "The studio has moved {film} from {day} to {day}, people close to the picture say.",
    "“Nobody told us that the ferry would sink twice,” {who} said of the {number} days on the set of {film}.",
    "{film} took ${number}.4 million over the weekend, enough to hold on to the second place for another {number} days.",
    "A first trailer of {film} shows {who} on a roof, in the rain, with a birdcage and no explanation.",
    "{who} is in talks for a part in {film}, although no offer was made before the summer.",
    "The festival opens with {film} and closes {number} films later with what {who} calls a very long goodbye.",
    "Critics were kind to {film}; the audience, which had waited since {day}, was not.",
    "Filming of {film} begins next spring in a valley that has {number} sheep for every one who lives there.",
    "{who}, who was last seen in {film}, will write the sequel with {who}, and nobody knows when it may come out.",
    "The season of {film} streams from {day}, all {number} parts at once, and the books are sold out already.",
    "Asked about {film}, {who} laughed, looked at the door and spoke for a while of the weather.",
    "It is the third picture of {who} that the house has bought since {day}, and the only one that is finished.",
    "The score is by {who}, who recorded it with {number} players in a hall without any heating.",
)


def text_of(chance: random.Random, about: int) -> str:
    """Sentences of film news, until they have so many characters."""
    told: list[str] = []
    while sum(map(len, told)) < about:
        sentence = chance.choice(_SENTENCES)
        while "{" in sentence:
            sentence = sentence.replace("{who}", f"{chance.choice(_FIRST)} {chance.choice(_LAST)}", 1)
            sentence = sentence.replace("{film}", f"“The {chance.choice(_KINDS)} {chance.choice(_THINGS)}”", 1)
            day = f"{chance.choice(_MONTHS)} {chance.randint(1, 28)}, {chance.randint(2026, 2028)}"
            sentence = sentence.replace("{day}", day, 1).replace("{number}", str(chance.randint(2, 99)), 1)
        told.append(sentence)
    return " ".join(told)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry: plain headline and summary, and the article as HTML."""

    name: str
    title: str
    summary: str
    html: str
    author: str
    tags: tuple[str, ...]
    at: datetime


def entry_of(feed: int, number: int, at: datetime) -> Entry:
    """The entry of this number in a feed; always the same for the two."""
    chance = random.Random(feed * 100_003 + number)
    name, about = f"https://paper{feed}.example/{at:%Y/%m}/story-{number}/", feed in range(0, 500, 10) and number == 0
    title = f"{TITLE} finds its keeper" if about else text_of(chance, 1).rstrip(".")[:90]
    link = f'<a href="https://paper{feed}.example/tag/{number}/?from=feed&amp;id={number}">{text_of(chance, 1)}</a>'
    paragraphs = (text_of(chance, 190), f"{text_of(chance, 190)} {link}", f"<strong>{text_of(chance, 130)}</strong>")
    picture = f'<figure><img src="https://pictures.example/{feed}/{number}.jpg?w=1024" alt="A scene" width="1024" /></figure>'
    source = f'<p>The post <a href="{name}">{escape(title)}</a> appeared first on Paper {feed}.</p>'
    return Entry(
        name=name,
        title=title,
        summary=NEWS if about else text_of(chance, 120) + " [&#8230;]",
        html="\n".join((picture, *(f"<p>{part}</p>" for part in ((NEWS,) if about else paragraphs)), source)),
        author=f"{chance.choice(_FIRST)} {chance.choice(_LAST)}",
        tags=tuple(chance.sample(_TAGS, chance.randint(1, 4))),
        at=at,
    )


def rss(feed: int, entries: Iterable[Entry]) -> str:
    """The feed as RSS 2.0, as a blog writes it."""
    items = "".join(
        f"\t<item>\n\t\t<title>{escape(e.title)}</title>\n\t\t<link>{e.name}</link>\n\t\t<comments>{e.name}#respond</comments>\n"
        f"\t\t<dc:creator><![CDATA[{e.author}]]></dc:creator>\n\t\t<pubDate>{format_datetime(e.at)}</pubDate>\n"
        + "".join(f"\t\t<category><![CDATA[{tag}]]></category>\n" for tag in e.tags)
        + f'\t\t<guid isPermaLink="false">{e.name}?p</guid>\n\t\t<description><![CDATA[<p>{e.summary}</p>]]></description>\n'
        f"\t\t<content:encoded><![CDATA[{e.html}]]></content:encoded>\n\t</item>\n"
        for e in entries
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"\n\txmlns:content="http://purl.org/rss/1.0/modules/content/"'
        '\n\txmlns:dc="http://purl.org/dc/elements/1.1/"\n\txmlns:atom="http://www.w3.org/2005/Atom">\n<channel>\n'
        f"\t<title>Paper {feed}</title>\n\t<link>https://paper{feed}.example</link>\n\t<description>News of films</description>\n"
        f"\t<language>en-US</language>\n{items}</channel>\n</rss>\n"
    )


def atom(feed: int, entries: Iterable[Entry]) -> str:
    """The feed as Atom 1.0."""
    found = "".join(
        f'<entry>\n<title type="html"><![CDATA[{e.title}]]></title>\n<link rel="alternate" type="text/html" href="{e.name}" />\n'
        f"<id>{e.name}?p</id>\n<author><name>{e.author}</name></author>\n<updated>{e.at.isoformat()}</updated>\n"
        f"<published>{e.at.isoformat()}</published>\n"
        + "".join(f'<category scheme="https://paper{feed}.example" term="{tag}" />\n' for tag in e.tags)
        + f'<summary type="html"><![CDATA[<p>{e.summary}</p>]]></summary>\n'
        f'<content type="html" xml:base="{e.name}"><![CDATA[{e.html}]]></content>\n</entry>\n'
        for e in entries
    )
    updated = datetime.now(UTC).isoformat()
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en-US">\n'
        f"<title>Paper {feed}</title>\n<updated>{updated}</updated>\n<id>https://paper{feed}.example/</id>\n{found}</feed>\n"
    )
