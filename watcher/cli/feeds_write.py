"""The list of feeds is the configuration: what is to be written into it so that a feed is read, or no longer is."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from watcher import catalogue
from watcher.cli import common, config_file
from watcher.cli.feeds_pick import Held
from watcher.cli.layout import show
from watcher.config import Config
from watcher.config.edit_feeds import NewFeed, allowed, block, feed_removed, feeds_added, refused
from watcher.config.expand import Missing, expand
from watcher.config.pieces import NoPlaceError, bare_text, data_of
from watcher.config.show import toml_value
from watcher.errors import ConfigError, UsageError, WatcherError
from watcher.model import Feed


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """The configuration as it stands: its file, the text in it (None where there is no file), and what it means."""

    path: Path
    text: str | None
    config: Config
    held: Held


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """A configuration as it is and as it is to be."""

    path: Path
    before: str | None
    after: str

    @property
    def is_needed(self) -> bool:
        """Whether there is anything to write."""
        return self.after != (self.before or "")


def open_book(config_path: str | None) -> Book:
    """The configuration to edit.

    Raises:
        ConfigError: it cannot be read, or has problems.
    """
    path = config_file.place(config_path)
    text = config_file.text_of(path)
    config = common.settings(text or "", path, spare=common.FETCHING)
    return Book(path=path, text=text, config=config, held=Held(config))


def adding(book: Book, feeds: Sequence[NewFeed]) -> Edit:
    """What has to be written so that these feeds are read. One that is built in and was refused is only taken back.

    Raises:
        UsageError: the configuration would have problems then, which are named.
        WatcherError: the file takes none of it; what to write by hand was printed.
    """
    text = book.text or ""
    back = [feed.url for feed in feeds if feed.url in book.config.refused]
    new = [feed for feed in feeds if not (is_builtin(book.config, feed.url) and feed == NewFeed(url=feed.url))]
    try:
        for url in back:
            text = allowed(text, url)
        text = feeds_added(text, new)
    except NoPlaceError as error:
        show([line for feed in new for line in block(feed).splitlines()])
        raise _no_place(book, error) from error
    return _edit(book, text)


def removing(book: Book, feeds: Sequence[Feed]) -> Edit:
    """What has to be written so that these feeds are no longer asked: one of the user's own goes, one built in is refused.

    Raises:
        WatcherError: the file takes none of it; what to write by hand was printed.
    """
    text = book.text or ""
    builtin = [feed.url for feed in feeds if is_builtin(book.config, feed.url)]
    try:
        for feed in feeds:
            if (number := _number(text, feed.url)) is not None:
                text = feed_removed(text, number)
        text = refused(text, builtin)
    except NoPlaceError as error:
        show([f"[fetch]\nnot = [{', '.join(map(toml_value, builtin))}]"] if builtin else [])
        raise _no_place(book, error) from error
    return _edit(book, text)


def write(edit: Edit, tell: Callable[[str], None]) -> None:
    """Write it, where there is anything to write.

    Raises:
        CannotWriteError: the file is as it was; what belongs into it was told.
    """
    if edit.is_needed:
        config_file.write(edit.path, edit.after, before=edit.before, tell=tell)


def is_builtin(config: Config, url: str) -> bool:
    """Whether a feed comes with watcher, and would be read if the configuration did not mention it."""
    return config.builtin_feeds and any(feed.url == url for feed in catalogue.builtin().feeds)


def left_out(config: Config) -> list[Feed]:
    """The built-in feeds that the configuration refuses."""
    return [feed for feed in catalogue.builtin().feeds if config.builtin_feeds and feed.url in config.refused]


def _number(text: str, url: str) -> int | None:
    """Which [[feed]] has an address; what it names of the environment is looked up."""
    for number, table in enumerate(data_of(bare_text(text)).get("feed", ())):
        try:
            if expand(str(table.get("url", "")).strip(), os.environ) == url:
                return number
        except Missing:
            continue
    return None


def _edit(book: Book, after: str) -> Edit:
    try:
        common.settings(after, book.path, spare=common.FETCHING)
    except ConfigError as error:
        raise UsageError(f"this cannot be written, since the configuration would be wrong then:\n{error}") from error
    return Edit(path=book.path, before=book.text, after=after)


def _no_place(book: Book, error: NoPlaceError) -> WatcherError:
    return WatcherError(
        f"{book.path}: nothing can be put into it or taken out ({error}); it is as it was. Write what was printed yourself"
    )
