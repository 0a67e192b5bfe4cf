"""`watcher feeds export` and `import`: subscription lists to and from other feed readers.

``import --json`` prints one object::

    version  1; raised when a key changes its meaning or goes
    config   the file; written: whether it was changed
    feeds    of each entry: url, outlet, title, result (added, taken back, already, failed, no address), error (why it failed),
             claims (a known outlet whose name it bears without being at its address)
    next     what to do next, null where nothing was written
"""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from watcher.board.objects import Object
from watcher.board.words import capital, count_in_words
from watcher.clean import plain
from watcher.cli import common
from watcher.cli.feeds_add import Added, Options, Result, settled
from watcher.cli.feeds_ask import Asker, Examined, beside_each_other
from watcher.cli.feeds_find import Found
from watcher.cli.feeds_pick import address, outlet_name, shown
from watcher.cli.feeds_write import Book, is_builtin
from watcher.cli.layout import alarm, columns, wrap
from watcher.config import Config
from watcher.config.edit_feeds import NewFeed
from watcher.config.show import masked_url
from watcher.errors import ParseError, UsageError, WatcherError
from watcher.parse.opml import SIZE_LIMIT, Outline, read_opml, write_opml

_SHOWN = 20


def exported(config: Config) -> str:
    """All feeds as OPML, with their whole addresses: without its password a feed is of no use to another reader."""
    feeds = [Outline(url=feed.url, title=plain(feed.outlet)) for feed in config.feeds]
    return write_opml(feeds, title="Feeds of watcher", created=common.now())


def secrets(config: Config) -> int:
    """How many addresses hold what looks like a password or a token."""
    return sum(masked_url(feed.url) != feed.url for feed in config.feeds)


def read_list(file: str) -> tuple[Outline, ...]:
    """The feeds in a file, or in standard input where it is called "-".

    Raises:
        UsageError: there is no such file.
        WatcherError: it holds no list, or none that can be trusted.
    """
    name = "standard input" if file == "-" else file
    try:
        if file == "-":
            body = sys.stdin.buffer.read(SIZE_LIMIT + 1)
        else:
            with Path(file).open("rb") as stream:
                body = stream.read(SIZE_LIMIT + 1)
    except OSError as error:
        raise UsageError(f"{name} cannot be read: {error.strerror}") from error
    try:
        found = read_opml(body)
    except ParseError as error:
        raise WatcherError(f"{plain(name)} {error}") from error
    if not found:
        raise WatcherError(f"{plain(name)} lists no feed")
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An entry of a list and what becomes of it; None where it has no usable address."""

    outline: Outline
    added: Added | None


def sorted_out(book: Book, outlines: Sequence[Outline], *, check: bool) -> list[Entry]:
    """What becomes of each entry; with `check` each that is new is asked once, those of different hosts beside each other."""
    urls = [_address(outline) for outline in outlines]
    new = list(dict.fromkeys(url for url in urls if url is not None and book.held.at(url) is None))
    answers: dict[str, Examined] = {}
    if check and new:
        common.tell(f"Asking {count_in_words(len(new), 'feed')} …")
        answers = asyncio.run(_ask_all(book.config, new))
    done: list[Entry] = []
    seen: set[str] = set()
    for outline, url in zip(outlines, urls, strict=True):
        done.append(Entry(outline=outline, added=None if url is None else _sort(book, outline, url, answers, seen)))
    return done


async def _ask_all(config: Config, urls: Sequence[str]) -> dict[str, Examined]:
    async with Asker(config) as asker:
        return dict(zip(urls, [one async for one in beside_each_other(urls, asker.ask)], strict=True))


def _sort(book: Book, outline: Outline, url: str, answers: dict[str, Examined], seen: set[str]) -> Added:
    feed = book.held.at(url)
    if feed is not None:
        return Added(asked=url, result=Result.ALREADY, url=feed.url, outlet=feed.outlet)
    if url in seen:
        return Added(asked=url, result=Result.ALREADY, url=url)
    seen.add(url)
    if url in answers:
        one = settled(book, Found(asked=url, examined=answers[url]), Options(), title=outline.title)
        if one.new is not None and one.new.url != url and one.new.url in seen:
            return replace(one, result=Result.ALREADY, new=None)
        seen |= {one.url} if one.url else set()
        return one
    name = outlet_name(book.config, url, outline.title)
    if url in book.config.refused and is_builtin(book.config, url):
        return Added(asked=url, result=Result.BACK, url=url, outlet=name.name, new=NewFeed(url=url))
    new = NewFeed(url=url, outlet=name.name)
    return Added(asked=url, result=Result.ADDED, url=url, outlet=name.name, new=new, claims=name.claims)


def _address(outline: Outline) -> str | None:
    try:
        return address(outline.url)
    except UsageError:
        return None


def import_lines(book: Book, entries: Sequence[Entry], *, dry_run: bool, width: int) -> list[str]:
    """What became of a list: what is new by name, then how many were there already, then what cannot be."""
    done = [entry.added for entry in entries if entry.added is not None]
    new = [added for added in done if added.new is not None]
    again = Counter(added.result for added in done)[Result.ALREADY]
    would = "would be" if dry_run else "is" if len(new) == 1 else "are"
    said = f"{capital(count_in_words(len(new), 'feed'))} {would} added to {book.path}{':' if new else '.'}"
    lines = wrap(said, width=width, indent=0)
    lines += columns([(plain(added.outlet or ""), shown(added.url or "")) for added in new[:_SHOWN]], width=width)
    lines += [f"  and {len(new) - _SHOWN} more"] if len(new) > _SHOWN else []
    if again:
        lines.append(f"{capital(count_in_words(again, 'feed'))} of the list {'is' if again == 1 else 'are'} read already.")
    for reason in _refusals(entries):
        lines += [alarm(line) for line in wrap(f"{reason}. Not added.", width=width, indent=0, hanging=2)]
    return [*lines, *_doubts(new, width=width)]


def _refusals(entries: Sequence[Entry]) -> Iterator[str]:
    """Why what is not added is not."""
    for entry in entries:
        url = shown(entry.outline.url)
        if entry.added is None:
            yield f"{plain(entry.outline.title) or 'An entry without a title'}: {url} is no web address"
        elif entry.added.result is Result.FAILED and entry.added.examined is not None:
            yield f"{url}: {plain(entry.added.examined.error or 'no answer').rstrip('.')}"


def is_left_out(entry: Entry) -> bool:
    """Whether an entry could not be added."""
    return entry.added is None or entry.added.result is Result.FAILED


def _doubts(new: Sequence[Added], *, width: int) -> list[str]:
    """Feeds that call themselves as somebody does whom the catalogue knows."""
    claims = [added for added in new if added.claims]
    if not claims:
        return []
    said = (
        "Called by their hosts, for they bear the names of known outlets without being at their addresses: "
        + ", ".join(f"{plain(added.outlet or '')} ({plain(added.claims or '')})" for added in claims[:_SHOWN])
        + ". If they are theirs, write the name into outlet = in the configuration."
    )
    return [alarm(line) for line in wrap(said, width=width, indent=0)]


def entry_object(entry: Entry) -> Object:
    """An entry for ``--json``."""
    added = entry.added
    if added is None:
        said = {"url": shown(entry.outline.url), "outlet": None, "result": "no address", "error": None, "claims": None}
        return {**said, "title": entry.outline.title}
    examined = added.examined
    return {
        "url": shown(added.url or added.asked),
        "outlet": added.outlet,
        "title": entry.outline.title,
        "result": str(added.result),
        "error": examined.error if examined else None,
        "claims": added.claims,
    }
