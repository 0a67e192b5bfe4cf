"""What the verbs of the user's word share: the settings, the title, and the store to write to, beside a daemon or without one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

from watcher.cli import common
from watcher.cli.audience import audience
from watcher.config import Config
from watcher.config.values import Invalid
from watcher.errors import UsageError
from watcher.learn import World
from watcher.model import Title
from watcher.store.store import Store
from watcher.tell.dates_in_words import Dates

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The settings, the moment (UTC), and how the user writes dates, by their own clock."""

    config: Config
    now: datetime
    dates: Dates

    @property
    def zone(self) -> ZoneInfo:
        """The user's time zone."""
        return self.dates.zone

    @property
    def world(self) -> World:
        """Everything that deciding needs; the readers are made when they are needed."""
        # What reads and fetches is not loaded before the words of the command line are known to be good.
        from watcher.cli import compose  # noqa: PLC0415

        return compose.world(self.config)

    @contextmanager
    def store(self) -> Iterator[Store]:
        """The store, made where there is none; open for as long as the block takes.

        Raises:
            StoreError: it cannot be used.
        """
        common.make_state(self.config)
        with Store(common.database(self.config)) as store:
            yield store


def desk(config_path: str | None) -> Desk:
    """The settings and the time.

    Raises:
        ConfigError: the configuration cannot be used.
    """
    config = common.load(config_path, spare=common.ASKING)
    return Desk(config=config, now=common.now(), dates=audience(config).dates)


def title_named(desk: Desk, name: str) -> Title:
    """The title of that name.

    Raises:
        UsageError: it is not watched.
    """
    title = common.pick_title(desk.config, name)
    assert title is not None
    return title


def checked(what: str, check: Callable[[object], T], value: str) -> T:
    """A value of the command line as the configuration would take it.

    Raises:
        UsageError: it cannot stand there; the text names `what` and says what to write.
    """
    try:
        return check(value)
    except Invalid as error:
        raise UsageError(f"{what}: {error}") from None
