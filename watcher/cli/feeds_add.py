"""`watcher feeds add`: from addresses to feeds that are read. Each is asked once and shown before it is written.

``--json`` prints one object::

    version  1; raised when a key changes its meaning or goes
    config   the file; written: whether it was changed
    feeds    of each address: asked; url (null where none was settled on), outlet, result (added, taken back, already, failed,
             several), error, page (that led to it), format, title, items, newest, claims (a known outlet whose name it bears
             without being at its address), choices (url and title of each, where there are several)
    next     what to do next, null where nothing was written
"""

from __future__ import annotations

import asyncio
import shlex
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from watcher.board.objects import Object, time_text
from watcher.board.words import count_in_words, moment_in_words
from watcher.clean import canonical_link, plain
from watcher.cli import common
from watcher.cli.audience import audience
from watcher.cli.feeds_ask import Asker, Examined
from watcher.cli.feeds_find import Found, find
from watcher.cli.feeds_pick import address, outlet_name, shown, spelled
from watcher.cli.feeds_write import Book, is_builtin
from watcher.cli.layout import alarm, wrap
from watcher.cli.upcoming import config_option
from watcher.config.edit_feeds import NewFeed


class Result(StrEnum):
    """What became of an address."""

    ADDED = "added"
    BACK = "taken back"
    ALREADY = "already"
    FAILED = "failed"
    SEVERAL = "several"


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What was said of the feeds beside their addresses; `anyway` is to write also what fails."""

    outlet: str | None = None
    trust: str | None = None
    every: str | None = None
    anyway: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether nothing was said that belongs into the configuration."""
        return not (self.outlet or self.trust or self.every)


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """One address: what became of it, the feed to write (where there is one to write), and what was found."""

    asked: str
    result: Result
    url: str | None = None
    outlet: str | None = None
    new: NewFeed | None = None
    found: Found | None = None
    claims: str | None = None

    @property
    def examined(self) -> Examined | None:
        """The answer that counts."""
        return None if self.found is None else self.found.examined


def look(book: Book, texts: Sequence[str], options: Options) -> list[Added]:
    """Ask all addresses, with a line on standard error for each.

    Raises:
        UsageError: one of them is no address; nothing was asked then.
    """
    urls = list(dict.fromkeys(_known_spelling(book, address(text)) for text in texts))
    return asyncio.run(_look(book, urls, options))


def _known_spelling(book: Book, url: str) -> str:
    """The address as the configuration has it among those it refuses."""
    same = (other for other in book.config.refused if canonical_link(other) == canonical_link(url))
    return next(same, url)


async def _look(book: Book, urls: Sequence[str], options: Options) -> list[Added]:
    async with Asker(book.config) as asker:
        return await _look_up(book, asker, urls, options)


async def _look_up(book: Book, asker: Asker, urls: Sequence[str], options: Options) -> list[Added]:
    done: list[Added] = []
    for url in urls:
        if (feed := book.held.at(url)) is not None:
            done.append(Added(asked=url, result=Result.ALREADY, url=feed.url, outlet=feed.outlet))
            continue
        common.tell(f"Asking {shown(url)} …")
        one = settled(book, await find(asker, url), options)
        if one.url is not None and any(one.url == other.url for other in done):
            one = replace(one, result=Result.ALREADY, new=None)
        done.append(one)
    return done


def settled(book: Book, found: Found, options: Options, *, title: str = "") -> Added:
    """What becomes of an address, now that it was asked; `title` is what somebody else calls the feed."""
    examined = found.examined
    if found.candidates:
        return Added(asked=found.asked, result=Result.SEVERAL, found=found)
    if not examined.is_feed and not options.anyway:
        return Added(asked=found.asked, result=Result.FAILED, found=found)
    moved = examined.response.permanent_url if examined.response and examined.is_feed else None
    url = spelled(moved or (examined.url if examined.is_feed else found.asked))
    if (feed := book.held.at(url)) is not None:
        return Added(asked=found.asked, result=Result.ALREADY, url=feed.url, outlet=feed.outlet, found=found)
    name = outlet_name(book.config, url, title or (examined.parsed.title if examined.parsed else ""))
    is_back = url in book.config.refused and is_builtin(book.config, url) and options.is_empty
    outlet = options.outlet or name.name
    new = NewFeed(url=url) if is_back else NewFeed(url=url, outlet=outlet, trust=options.trust, every=options.every)
    return Added(
        asked=found.asked,
        result=Result.BACK if is_back else Result.ADDED,
        url=url,
        outlet=outlet,
        new=new,
        found=found,
        claims=None if options.outlet else name.claims,
    )


# ---- words


def added_lines(book: Book, added: Added, config_path: str | None, *, dry_run: bool, width: int) -> list[str]:
    """What became of one address."""
    asked = shown(added.asked)
    if added.result is Result.SEVERAL:
        return _choices(added, config_path, width=width)
    if added.result is Result.FAILED:
        said = f"{asked}: {_error(added)}. Not added; to add it all the same, say --anyway."
        return [alarm(line) for line in wrap(said, width=width, indent=0, hanging=2)]
    name, url = plain(added.outlet or ""), shown(added.url or added.asked)
    if added.result is Result.ALREADY:
        return wrap(f"{name} is read already: {url}", width=width, indent=0, hanging=2)
    would = "would be" if dry_run else "is"
    file = f"added to {book.path}" if added.result is Result.ADDED else f"{book.path} refuses it no longer"
    lines = wrap(f"{name} {would} read{'' if added.result is Result.ADDED else ' again'}: {file}.", width=width, indent=0)
    via = f", found on {shown(added.found.page)}" if added.found and added.found.page else ""
    lines += wrap(f"{url}{via}", width=width, hanging=4)
    examined = added.examined
    if examined is not None and examined.is_feed:
        lines += wrap(feed_in_words(examined, book), width=width, hanging=4)
    elif examined is not None:
        lines += [alarm(line) for line in wrap(f"Added though it fails: {_error(added)}.", width=width, hanging=4)]
    if added.claims:
        option = f"--outlet {shlex.quote(plain(added.claims))}"
        doubt = f"It calls itself {plain(added.claims)}, but is not at an address of theirs. If it is theirs: {option}"
        lines += [alarm(line) for line in wrap(doubt, width=width, hanging=4)]
    return lines


def feed_in_words(examined: Examined, book: Book) -> str:
    """What a feed is and holds: "RSS 2.0, “Harbor News”: 10 items, the newest of 14:02."."""
    parsed = examined.parsed
    assert parsed is not None
    kind = examined.survey.kind if examined.survey else "a feed"
    title = f", “{plain(parsed.title)}”" if parsed.title else ""
    times = [item.published for item in parsed.items if item.published is not None]
    newest = f", the newest of {moment_in_words(max(times), common.now(), audience(book.config).dates)}" if times else ""
    undated = ", none with a date" if parsed.items and not times else ""
    return f"{kind}{title}: {count_in_words(len(parsed.items), 'item')}{newest}{undated}."


def _choices(added: Added, config_path: str | None, *, width: int) -> list[str]:
    assert added.found is not None
    choices = added.found.candidates
    said = f"{shown(added.asked)} links to {len(choices)} feeds. Which of them do you mean?"
    lines = [alarm(line) for line in wrap(said, width=width, indent=0, hanging=2)]
    for feed in choices:
        lines += wrap(plain(feed.title) or "without a title", width=width, hanging=4)
        lines.append(f"    watcher {config_option(config_path)}feeds add {shlex.quote(feed.url)}")
    return lines


def _error(added: Added) -> str:
    return plain((added.examined.error if added.examined else None) or "no answer").rstrip(".")


def added_object(added: Added) -> Object:
    """The same for ``--json``."""
    examined = added.examined
    parsed = examined.parsed if examined else None
    times = [item.published for item in parsed.items if item.published is not None] if parsed else []
    return {
        "asked": shown(added.asked),
        "url": added.url and shown(added.url),
        "outlet": added.outlet,
        "result": str(added.result),
        "error": None if examined is None or examined.is_feed or added.result is Result.SEVERAL else _error(added),
        "page": shown(added.found.page) if added.found and added.found.page else None,
        "format": examined.survey.kind if examined and examined.survey else None,
        "title": parsed.title if parsed else None,
        "items": len(parsed.items) if parsed else None,
        "newest": time_text(max(times)) if times else None,
        "claims": added.claims,
        "choices": [{"url": feed.url, "title": feed.title} for feed in added.found.candidates] if added.found else [],
    }
