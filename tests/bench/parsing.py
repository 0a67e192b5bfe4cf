"""How fast feeds are read the quick way, and how much slower feedparser's way is, in one run on one machine.

    python tests/bench/parsing.py

Bodies of thirty items and some 60 KB, as outlets send them, made here: RSS with whole articles, with short descriptions and
with scripts in the articles, Atom, RDF, JSON Feed. "raw" is the way from text to raw entries, "whole" from bytes to clean items.
Times are of the processor, the best of thirty. What the quick way leaves to feedparser has no quick time; the last column says
what it costs to find that out.
"""

from __future__ import annotations

import json
import random
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from xml.sax.saxutils import escape

sys.path.append(str(Path(__file__).parents[1]))

from constructs import document

from watcher.parse import parse_quickly, parse_thoroughly
from watcher.parse.decode import decode
from watcher.parse.jsonfeed import read_json
from watcher.parse.quick import read_quickly
from watcher.parse.xmlfeed import read_xml

NOW = datetime(2025, 3, 3, 12, tzinfo=UTC)
URL = "https://paper.example/film/feed/"
ITEMS = 30
WORDS = (
    "the a of and in to for with on at from film tide tall light harbor island storm keeper season trailer director actress "
    "studio cinema opens moves joins leaves says May June 2026 week night story novel screen premiere release date cast role"
)


def sentence(chance: random.Random) -> str:
    """A sentence of no sense, with the characters that news is written in."""
    words = " ".join(chance.choices(WORDS.split(), k=chance.randint(9, 22)))
    return f"{words.capitalize()}, \u2018The Tall Tide\u2019." if chance.random() < 0.3 else f"{words.capitalize()}."


def article(chance: random.Random, number: int) -> str:
    """Some 1,400 characters of HTML, as a content management system writes it."""
    paragraphs = "".join(
        f"<p>{sentence(chance)} <strong>{sentence(chance)}</strong> {sentence(chance)} "
        f'<a href="https://paper.example/tag/film/?utm_source=rss&amp;id={number}">{sentence(chance)}</a></p>\n'
        for _ in range(2)
    )
    return (
        f'<figure><img src="https://cdn.example/{number}.jpg?w=1024" alt="A still" width="1024" height="576" />'
        f"<figcaption>Courtesy of the studio</figcaption></figure>\n{paragraphs}<p>{sentence(chance)}</p>\n"
        f'<p>The post <a href="https://paper.example/2025/{number}/">{sentence(chance)}</a> appeared first.</p>'
    )


def entries(chance: random.Random) -> list[dict[str, str]]:
    """The fields of a feed's entries."""
    made = []
    for number in range(ITEMS):
        at = NOW - timedelta(hours=number)
        made.append(
            {
                "title": escape(sentence(chance)),
                "link": f"https://paper.example/2025/03/{number}-the-tall-tide/",
                "rfc": format_datetime(at),
                "iso": at.strftime("%Y-%m-%dT%H:%M:%SZ"),
                "short": f"<p>{sentence(chance)} [&#8230;]</p>",
                "html": article(chance, number),
            }
        )
    return made


def rss(made: list[dict[str, str]], *, content: bool = True, before: str = "") -> str:
    """RSS 2.0, with articles or without, as a common blog engine writes it."""
    items = [
        (
            "",
            f"<title>{one['title']}</title>\n<link>{one['link']}</link>\n<comments>{one['link']}#respond</comments>\n"
            f"<dc:creator><![CDATA[Ava Marlowe]]></dc:creator>\n<pubDate>{one['rfc']}</pubDate>\n"
            f"<category><![CDATA[Film]]></category>\n<category><![CDATA[News]]></category>\n"
            f"<guid isPermaLink='false'>{one['link']}?p=1</guid>\n<description><![CDATA[{one['short']}]]></description>\n"
            + (f"<content:encoded><![CDATA[{before}{one['html']}]]></content:encoded>\n" if content else "")
            + "<slash:comments>3</slash:comments>\n",
        )
        for one in made
    ]
    return document("rss", "<title>The Paper</title><language>en-GB</language><sy:updatePeriod>hourly</sy:updatePeriod>", items)


def atom(made: list[dict[str, str]], *, kind: str = "html") -> str:
    """Atom 1.0; with `kind` "xhtml", the articles are part of the document."""
    items = [
        (
            "",
            f"<author><name>Ava Marlowe</name></author>\n<title type='html'><![CDATA[{one['title']}]]></title>\n"
            f"<link rel='alternate' type='text/html' href='{one['link']}'/>\n<id>{one['link']}</id>\n"
            f"<updated>{one['iso']}</updated>\n<published>{one['iso']}</published>\n<category term='Film'/>\n"
            + (
                f"<content type='html' xml:base='{one['link']}'><![CDATA[{one['html']}]]></content>"
                if kind == "html"
                else f"<content type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'>{one['html']}</div></content>"
            ),
        )
        for one in made
    ]
    return document("atom", "<title>The Paper</title><id>x</id>", items)


def rdf(made: list[dict[str, str]]) -> str:
    """RSS 1.0."""
    items = [
        (
            f" rdf:about='{one['link']}'",
            f"<title>{one['title']}</title><link>{one['link']}</link><dc:date>{one['iso']}</dc:date>"
            f"<description>{escape(one['short'])}</description><content:encoded>{escape(one['html'])}</content:encoded>",
        )
        for one in made
    ]
    return document("rdf", "<title>The Paper</title>", items)


def jsonfeed(made: list[dict[str, str]]) -> str:
    """JSON Feed 1.1."""
    items = [
        {
            "id": one["link"],
            "url": one["link"],
            "title": one["title"],
            "summary": one["short"],
            "content_html": one["html"],
            "date_published": one["iso"],
            "authors": [{"name": "Ava Marlowe"}],
        }
        for one in made
    ]
    return json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "The Paper", "items": items}, ensure_ascii=False)


def milliseconds(work: Callable[[], object]) -> float:
    """Processor time of work, the best of thirty."""
    best = float("inf")
    for _ in range(30):
        started = time.process_time()
        work()
        best = min(best, time.process_time() - started)
    return best * 1000


def row(name: str, body: bytes) -> str:
    """What is measured of a body."""
    text = decode(body, None)
    is_json = text.startswith("{")
    quick = parse_quickly(body, content_type=None, url=URL, now=NOW)
    assert quick is None or quick == parse_thoroughly(body, content_type=None, url=URL, now=NOW)
    raw = milliseconds(lambda: (read_json if is_json else read_quickly)(text))
    slow_raw = milliseconds(lambda: (read_json if is_json else read_xml)(text))
    whole = milliseconds(lambda: parse_quickly(body, content_type=None, url=URL, now=NOW))
    slow = milliseconds(lambda: parse_thoroughly(body, content_type=None, url=URL, now=NOW))
    times = f"{name:26} {len(body) / 1000:5.0f} {slow_raw:8.2f} {slow:8.2f}"
    if quick is None:
        return f"{times} {'':8} {'':8} {'':7} {'':7} {whole:7.2f}"
    return f"{times} {raw:8.2f} {whole:8.2f} {slow_raw / raw:7.1f} {slow / whole:7.1f}"


def main() -> None:
    """Measure all bodies and print the table."""
    made = entries(random.Random(7))
    bodies = {
        "RSS, articles": rss(made),
        "RSS, descriptions": rss(made, content=False),
        "RSS, articles with scripts": rss(made, before="<script>x('<p>')</script>"),
        "Atom": atom(made),
        "Atom, markup": atom(made, kind="xhtml"),
        "RDF": rdf(made),
        "JSON Feed": jsonfeed(made),
        "RSS, ill-formed": rss(made).replace("</channel>", "<title>Tide & Time</title></channel>"),
    }
    print("                                 feedparser, ms       quick, ms        times faster   left,")
    print("body                          KB      raw    whole      raw    whole     raw   whole     ms")
    for name, text in bodies.items():
        print(row(name, text.encode()))


if __name__ == "__main__":
    main()
