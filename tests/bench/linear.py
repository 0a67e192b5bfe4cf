"""How time grows with hostile input: for eight times as much of it, eight times the time is linear and sixty-four quadratic.

    python tests/bench/linear.py            # everything, worst first
    python tests/bench/linear.py clean      # only clean_text and strip_tags; also: parse, read

Sizes are 50,000 and 400,000 characters for cleaning, 25,000 and 200,000 for feeds, 100,000 and 800,000 for the quick way of
reading them, and for the reader 7,500 and the 60,000 after which it stops reading. Times are of the processor, the best of
three. A small time in a line makes its ratio vague.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1]))

from hostile import FEED, HTML, MARKS, NEWS, NUMBERED, Hostile, numbered

from watcher.clean import clean_text
from watcher.errors import ParseError
from watcher.model import Item, Title
from watcher.parse import parse_feed, parse_quickly
from watcher.read import Reader
from watcher.untag import strip_tags

NOW = datetime(2025, 3, 3, 12, tzinfo=UTC)
SPACES = 'xmlns:content="http://purl.org/rss/1.0/modules/content/"'
RSS = f"<rss version='2.0' {SPACES}><channel><title>T</title><item><title>t</title>"
RSS_END = "</item></channel></rss>"
READER = Reader((Title(id="harbor", name="Harbor Lights", context=("Mira Solis",)),), ())

#: Attributes and namespaces of one tag.
TAGS = ("a{}='b' ", "xmlns:a{0}='u{0}' ", "content:a{}='b' ", "a='{}' ")

#: What is called, the piece, the call, the text of a length, and the larger length.
Case = tuple[str, str, Callable[[str], object], Callable[[int], str], int]


def texts(*more: str) -> Iterator[tuple[str, Callable[[int], str]]]:
    """A name and a text of any length for each piece, those of markup and marks always."""
    for hostile in (*HTML, *map(Hostile, (*MARKS, *more))):
        yield hostile.start + hostile.piece, hostile.text


def cleaning() -> Iterator[Case]:
    """Markup and marks through both ways of cleaning."""
    for name, text in texts():
        yield "strip_tags", name, partial(strip_tags, limit=20_000), text, 400_000
        yield "clean_text", name, partial(clean_text, limit=20_000), text, 400_000


def parsing() -> Iterator[Case]:
    """Pieces bare and in a description, and numbered elements in an item, in a well-formed feed and in another."""
    for name, text in texts(*FEED):
        yield "parse_feed, bare", name, _parse, text, 200_000
        yield "parse_feed, described", name, lambda text: _parse(f"{RSS}<description>{text}"), text, 200_000
    for name in NUMBERED:
        yield "parse_feed, strict", name, lambda text: _parse(RSS + text + RSS_END), partial(numbered, name), 200_000
        yield "parse_quickly", name, lambda text: _quickly(RSS + text + RSS_END), partial(numbered, name), 800_000
        yield "parse_feed, loose", name, lambda text: _parse(f"{RSS}&oops;{text}{RSS_END}"), partial(numbered, name), 200_000
    for name in TAGS:
        yield "parse_quickly, tag", name, lambda text: _quickly(f"{RSS}<x {text}/>{RSS_END}"), partial(numbered, name), 800_000
    for name in ("<a>", "<!--x-->", "<![CDATA[x]]>", "&amp;", "x", "<?x y?>", "<b/>"):
        yield "parse_quickly, title", name, lambda text: _quickly(f"{RSS}<title>{text}"), partial(numbered, name), 800_000
    name = "a{}='b' "
    yield "parse_feed, attributes", name, lambda text: _parse(f"{RSS}<x {text}/>{RSS_END}"), partial(numbered, name), 200_000


def reading() -> Iterator[Case]:
    """Markup that was never cleaned, and the reader's own words without an end, behind the name of a title."""
    for name, text in texts(*NEWS):
        yield "Reader.read", name, _read, text, 60_000


def _parse(document: str) -> object:
    try:
        return parse_feed(document.encode("utf-8"), content_type="application/rss+xml", url="https://paper.example/", now=NOW)
    except ParseError as error:
        return error


def _quickly(document: str) -> object:
    return parse_quickly(document.encode("utf-8"), content_type="application/rss+xml", url="https://paper.example/", now=NOW)


def _read(text: str) -> object:
    item = Item(guid="1", title="Harbor Lights with Mira Solis", body=text, link=None, published=NOW, digest="1")
    return READER.read(item)


def seconds(work: Callable[[str], object], text: str) -> float:
    """Processor time of work on a text, the best of three; one that takes long is not asked again."""
    best = float("inf")
    for _ in range(3):
        started = time.process_time()
        work(text)
        best = min(best, time.process_time() - started)
        if best > 1:
            break
    return best


def main() -> None:
    """Measure what was asked for and print it."""
    kinds = {"clean": cleaning, "parse": parsing, "read": reading}
    rows = []
    for kind in sys.argv[1:] or kinds:
        for call, name, work, text, size in kinds[kind]():
            small, large = seconds(work, text(size // 8)), seconds(work, text(size))
            rows.append((large / small, large, call, name))
    print("ratio for 8x   larger, ms   call                     piece")
    for ratio, large, call, name in sorted(rows, reverse=True):
        print(f"{ratio:12.1f}   {large * 1000:10.1f}   {call:22}   {name!a}")


if __name__ == "__main__":
    main()
