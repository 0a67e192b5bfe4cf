"""How fast items are read on one core, and what dateparser and a plain regular expression make of the same texts.

    python tests/bench/reading.py
    pip install dateparser      # only for its row; nothing else needs it

Feed items of 300 characters that name no watched title, with one, five and twenty titles watched; articles of 2 KB about one, in
which a sentence in five says something. No two texts are the same. Right and wrong are release dates of the texts in
`tests/read/sentences.toml`, each with the day it was published: right is a date of the film (for a month or year any day in
it, since the others know only days), wrong is any other. Times are of the processor, the best of three.
"""

from __future__ import annotations

import re
import sys
import time
import warnings
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from itertools import cycle, islice
from pathlib import Path

sys.path.extend((str(Path(__file__).parents[1]), str(Path(__file__).parents[1] / "read")))

from test_sentences import ENTRIES, TITLES, Entry, reader

from watcher.catalogue import builtin
from watcher.edtf import Edtf
from watcher.model import Item, Precision, ReleaseClaim, Title, Verdict
from watcher.read import Reader

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
GOALS = {"unnamed": 20_000, "about": 500}

#: What most of an article says: nothing.
DULL = (
    "Every few years a small film comes along that nobody has asked for and that everybody talks about.",
    "It is a quiet story of an island, a storm and a light that goes out at the wrong moment.",
    "“I read it in one night,” she told a friend, “and then I called my agent and woke her up.”",
    "The real house was taken down long ago, and what is left of it is a ring of stones.",
    "Tourists take pictures of each other there when the weather allows it.",
    "The designers have drawings, a few photographs and the word of an old man who says that the door was green.",
    "Whether the quiet of the book can be kept is what its readers ask themselves.",
    "They have been wrong before, and they do not mind.",
    "Critics called the author's voice exact, and a jury in the north gave her a prize of wool and salted fish.",
    "Nobody outside of her valley had heard of the choir master who writes the music.",
    "The weather had other ideas, as it often has on that coast.",
    "Those who have seen a first cut speak of a slow hour and a fast one.",
    "The studio was neither glad nor sorry about it, and its share stood where it had stood on Monday.",
    "A spokesman did not answer questions.",
)

_MONTHS = ("january", "february", "march", "april", "may", "june", "july")
_MONTHS += ("august", "september", "october", "november", "december")
_PLAIN = re.compile(rf"\b({'|'.join(m[:3] + '(?:' + m[3:] + ')?' for m in _MONTHS)})\.? (\d{{1,2}}),? (\d{{4}})\b", re.IGNORECASE)

#: A text and its day to the days that it is thought to give a release.
Finder = Callable[[Entry], set[Edtf]]


def feed_item(number: int) -> Item:
    """A feed's entry of about 300 characters that names nothing that is watched."""
    title = f"The {number} best films of the week, told again"
    body = " ".join(islice(cycle(DULL[number % len(DULL) :] + DULL), 3))
    return Item(guid=str(number), title=title, body=body[: 300 - len(title)], published=NOW)


def article(title: Title, number: int) -> Item:
    """An article of 2 KB: what the test sentences say of a title, one sentence in five, and nothing between."""
    own = [entry.text for entry in ENTRIES if entry.title == title.id]
    told = cycle(own[number % len(own) :] + own)
    parts, dull = [f"{title.name} with {title.context[0]}, story {number}."], cycle(DULL[number % len(DULL) :] + DULL)
    while sum(map(len, parts)) < 2000:
        parts += [*islice(dull, 3), next(told), *islice(dull, 3)]
    headline, *rest = parts
    return Item(guid=str(number), title=headline, body=" ".join(rest)[: 2000 - len(headline)], published=NOW)


def rate(work: Callable[[Item], object], items: Sequence[Item]) -> float:
    """Items a second of processor time, the best of three."""
    best = float("inf")
    for _ in range(3):
        started = time.process_time()
        for item in items:
            work(item)
        best = min(best, time.process_time() - started)
    return len(items) / best


def ours(entry: Entry) -> set[Edtf]:
    """What the reader takes."""
    item = Item(guid="1", title=entry.headline, body=entry.text, published=at_noon(entry.published), precision=Precision.DAY)
    claims = (claim for reading in reader(entry.title).read(item) for claim in reading.claims)
    return {claim.date for claim in claims if isinstance(claim, ReleaseClaim) and not claim.date.is_unset}


def plain(entry: Entry) -> set[Edtf]:
    """What a regular expression for "June 6, 2025" takes."""
    found = set()
    for name, day, year in _PLAIN.findall(whole(entry)):
        month = next(number for number, known in enumerate(_MONTHS, 1) if known.startswith(name.lower()))
        try:
            found.add(Edtf.of(date(int(year), month, int(day))))
        except ValueError:
            continue
    return found


def dateparser_finder() -> Finder | None:
    """What `dateparser.search.search_dates` takes, with the day of publication and the language told; None without it."""
    try:
        from dateparser.search import search_dates  # noqa: PLC0415 - only this bench knows of it
    except ImportError:
        return None

    def find(entry: Entry) -> set[Edtf]:
        settings = {"RELATIVE_BASE": at_noon(entry.published).replace(tzinfo=None), "PREFER_DATES_FROM": "future"}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = search_dates(whole(entry), languages=["en"], settings=settings) or ()
        return {Edtf.of(moment.date()) for _, moment in found}

    return find


def at_noon(day: date) -> datetime:
    """A moment of a day."""
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


def whole(entry: Entry) -> str:
    """Headline and text of an entry."""
    return f"{entry.headline}\n{entry.text}"


def answers(find: Finder) -> tuple[int, int, int, float]:
    """Right, wrong and missed dates, and texts a second."""
    right = wrong = missed = 0
    started = time.process_time()
    found = [find(entry) for entry in ENTRIES]
    took = time.process_time() - started
    for entry, given in zip(ENTRIES, found, strict=True):
        wanted = {Edtf(day) for day, *_ in entry.release if day != "unset"}
        hit = {day for day in wanted if any(day == one or day.holds(one) for one in given)}
        right, missed = right + len(hit), missed + len(wanted - hit)
        wrong += len([one for one in given if not any(day == one or day.holds(one) for day in wanted)])
    return right, wrong, missed, len(ENTRIES) / took


def main() -> None:
    """Measure and print."""
    outlets = builtin().outlets
    titles = [Title(id=f"t{n}", name=f"Paper Tigers of {n}", context=("Mira Solis",)) for n in range(20)]
    print("items a second on one core                         rate     of goal")
    items = [feed_item(number) for number in range(3000)]
    for many in (1, 5, 20):
        speed = rate(Reader(titles[:many], outlets).read, items)
        print(f"300 characters, none of {many:2} titles named      {speed:10,.0f}   {speed / GOALS['unnamed']:8.2f}")
    title = TITLES["cartographer"]
    about = [article(title, number) for number in range(200)]
    works = Reader([title], outlets)
    assert all(reading.verdict is Verdict.ABOUT for item in about for reading in works.read(item))
    assert sum(len(reading.claims) for item in about for reading in works.read(item)) > len(about)
    speed = rate(works.read, about)
    print(f"2 KB, about the one title                  {speed:10,.0f}   {speed / GOALS['about']:8.2f}")

    dated = sum(len({day for day, *_ in entry.release if day != "unset"}) for entry in ENTRIES)
    print(f"\nrelease dates in {len(ENTRIES)} texts with {dated}            right   wrong  missed   texts/s   of ours")
    for entry in ENTRIES:
        ours(entry)  # what is compiled once is no part of a text
    finders: list[tuple[str, Finder | None]] = [("watcher", ours), ("dateparser", dateparser_finder()), ("expression", plain)]
    rates = []
    for name, find in finders:
        if find is None:
            print(f"{name:36}   not here; pip install {name}")
            continue
        right, wrong, missed, speed = answers(find)
        rates.append(speed)
        print(f"{name:36}   {right:10}   {wrong:5}   {missed:5}   {speed:7,.0f}   {speed / rates[0]:7.2f}")


if __name__ == "__main__":
    main()
