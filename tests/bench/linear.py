"""How time grows with hostile input: for eight times as much of it, eight times the time is linear and sixty-four quadratic.

    python tests/bench/linear.py            # everything, worst first
    python tests/bench/linear.py clean      # only clean_text and strip_tags; also: parse, read

Sizes are 50,000 and 400,000 characters for cleaning, 25,000 and 200,000 for feeds, and for the reader 7,500 and the 60,000
after which it stops reading. Times are of the processor, the best of three. A small time in a line makes its ratio vague.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1]))

from hostile import FEED, HTML, MARKS, NUMBERED, numbered

from watcher.clean import clean_text, strip_tags
from watcher.errors import ParseError
from watcher.model import Item, Title
from watcher.parse import parse_feed
from watcher.read import Reader

NOW = datetime(2025, 3, 3, 12, tzinfo=UTC)
SPACES = 'xmlns:content="http://purl.org/rss/1.0/modules/content/"'
RSS = f"<rss version='2.0' {SPACES}><channel><title>T</title><item><title>t</title>"
RSS_END = "</item></channel></rss>"
READER = Reader((Title(id="harbor", name="Harbor Lights", context=("Mira Solis",)),), ())

#: Words that the reader has rules for, without an end.
NEWS = (
    *("Harbor Lights ", "Harbor Lights. ", "May 7, ", "May 7, 2026 ", "from May 7, 2026 to ", "in theaters ", "next Friday "),
    *("Mira Solis joins ", "Mira Solis, ", "Ada Quill and ", "Ada de ", "“", "“Harbor Lights” ", "(", "will open on ", "is no longer "),
    *("said that ", "per Deadline, ", "A. ", "Dr. ", "x", "2026 ", "Harbor Lights opens May 7, 2026. Mira Solis joins the cast. "),
)

Case = tuple[str, str, Callable[[int], Callable[[], object]], int]


def cleaning() -> Iterator[Case]:
    """Markup and marks through both ways of cleaning."""
    texts = {(h.start + h.piece): h.text for h in HTML} | {piece: partial(_repeat, piece) for piece in MARKS}
    for name, text in texts.items():
        yield "strip_tags", name, lambda n, text=text: partial(strip_tags, text(n), limit=20_000), 400_000
        yield "clean_text", name, lambda n, text=text: partial(clean_text, text(n), limit=20_000), 400_000


def parsing() -> Iterator[Case]:
    """Pieces bare and in a description, cleaned markup in a whole feed, and numbered elements in an item, well-formed or not."""
    texts = {piece: partial(_repeat, piece) for piece in (*FEED, *MARKS)} | {h.start + h.piece: h.text for h in HTML}
    for name, text in texts.items():
        yield "parse_feed bare", name, lambda n, text=text: partial(_parse, text(n)), 200_000
        yield "parse_feed told", name, lambda n, text=text: partial(_parse, f"{RSS}<description>{text(n)}"), 200_000
    for name in NUMBERED:
        for form, start in (("well-formed", RSS), ("malformed", f"{RSS}&oops;")):
            yield (
                f"parse_feed {form}",
                name,
                lambda n, name=name, start=start: partial(_parse, start + numbered(name, n) + RSS_END),
                200_000,
            )
    yield "parse_feed attributes", "a{}='b' ", lambda n: partial(_parse, f"{RSS}<x {numbered("a{}='b' ", n)}/>{RSS_END}"), 200_000


def reading() -> Iterator[Case]:
    """Markup that was never cleaned, and the reader's own words without an end, behind the name of a title."""
    texts = {(h.start + h.piece): h.text for h in HTML} | {piece: partial(_repeat, piece) for piece in (*MARKS, *NEWS)}
    for name, text in texts.items():
        yield "Reader.read", name, lambda n, text=text: partial(_read, text(n)), 60_000


def _repeat(piece: str, length: int) -> str:
    return piece * (length // len(piece))


def _parse(document: str) -> object:
    try:
        return parse_feed(document.encode("utf-8"), content_type="application/rss+xml", url="https://paper.example/", now=NOW)
    except ParseError as error:
        return error


def _read(text: str) -> object:
    item = Item(guid="1", title="Harbor Lights with Mira Solis", body=text, link=None, published=NOW, digest="1")
    return READER.read(item)


def seconds(work: Callable[[], object]) -> float:
    """Processor time, the best of three; one that takes long is not asked again."""
    best = float("inf")
    for _ in range(3):
        started = time.process_time()
        work()
        best = min(best, time.process_time() - started)
        if best > 1:
            break
    return best


def main() -> None:
    """Measure what was asked for and print it."""
    kinds = {"clean": cleaning, "parse": parsing, "read": reading}
    rows = []
    for kind in sys.argv[1:] or kinds:
        for call, name, prepare, size in kinds[kind]():
            small, large = seconds(prepare(size // 8)), seconds(prepare(size))
            rows.append((large / small, large, call, name))
    print("ratio for 8x   larger, ms   call                     of")
    for ratio, large, call, name in sorted(rows, reverse=True):
        print(f"{ratio:12.1f}   {large * 1000:10.1f}   {call:22}   {ascii(name)}")


if __name__ == "__main__":
    main()
