"""Whom the checks look at: the settings, the state and the notes of the daemon, as far as they can be had at all."""

from __future__ import annotations

import os
import sqlite3
import tomllib
from collections.abc import Collection, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from watcher.board.words import moment_in_words
from watcher.cli import common
from watcher.cli.audience import audience
from watcher.cli.condition import Service, look
from watcher.cli.inquiry import Inquiry
from watcher.cli.layout import screen_width
from watcher.cli.living import Daemon
from watcher.cli.upcoming import config_option
from watcher.config import Config, default_config
from watcher.config.load import parse_config
from watcher.errors import ConfigError, StoreError
from watcher.paths import SYSTEM_STATE, state_dir
from watcher.store import ask

#: Stands in for the address of a target that whoever asks may not have.
HIDDEN = "unread://"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The configuration: its file (None: there is none), its tables as they stand there, and what they mean.

    `config` is None where it is broken (`problems`) or may not be read by whoever asks. `missing` are problems that come of
    secrets alone: the service may have what whoever asks has not. `hidden` are files of secrets that they may not read.
    """

    file: Path | None
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False)
    config: Config | None = None
    problems: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    hidden: frozenset[Path] = frozenset()

    @property
    def used(self) -> Config:
        """The settings in force, or the built-in ones where those cannot be had."""
        return self.config or default_config()


@dataclass(frozen=True, slots=True, kw_only=True)
class Patient:
    """All that the checks share. `now` is in UTC, `option` what to write behind `watcher` so that it finds this configuration.

    `offline` leaves out what needs the network, `asking` asks also whom the daemon has just asked.
    """

    settings: Settings
    state: Path
    now: datetime
    option: str = ""
    offline: bool = False
    asking: bool = False

    @property
    def database(self) -> Path:
        """The store's file."""
        return self.state / "watcher.db"

    @property
    def is_system(self) -> bool:
        """Whether it is the system's service that works here, and not one of a user's own."""
        return self.state == SYSTEM_STATE

    @property
    def systemctl(self) -> str:
        """How its unit is spoken to."""
        return "sudo systemctl" if self.is_system else "systemctl --user"

    def command(self, words: str) -> str:
        """A command of ours for whoever asks."""
        return f"watcher {self.option}{words}"

    def when(self, moment: datetime) -> str:
        """A moment on the user's clock."""
        return moment_in_words(moment, self.now, audience(self.settings.used).dates)


@dataclass(frozen=True, slots=True, kw_only=True)
class Notes:
    """What the store and the lock tell of the daemon, feeds and targets; `meta` is what the daemon noted of itself.

    `error` says why the store could not be asked; `service` then knows nothing but the lock.
    """

    service: Service
    meta: Mapping[str, str] = field(default_factory=dict)
    error: str | None = None

    @classmethod
    def unanswered(cls, patient: Patient, error: str) -> Notes:
        """Nothing could be had in time."""
        feeds = tuple((feed, None) for feed in patient.settings.used.feeds)
        return cls(service=Service(daemon=Daemon(running=None), feeds=feeds, targets=()), error=error)

    @property
    def daemon(self) -> Daemon:
        """The daemon."""
        return self.service.daemon


def meet(config_path: str | None, *, offline: bool, asking: bool) -> Patient:
    """The one to look at. Never fails for what the configuration is like.

    Raises:
        ConfigError: the file that was named is not there.
    """
    file = common.config_file(config_path)
    settings = Settings(file=None, config=default_config()) if file is None else read(file)
    return Patient(
        settings=settings,
        state=_state(settings),
        now=common.now(),
        option=config_option(config_path),
        offline=offline,
        asking=asking,
    )


def read(file: Path) -> Settings:
    """The settings of a file, or what keeps us from having them. A secret that we may not read is no mistake of theirs."""
    hidden: list[Path] = []

    def read_secret(path: Path) -> str:
        try:
            return common.read_secret(path)
        except PermissionError:
            hidden.append(path)
            return f"{HIDDEN}file-{len(hidden)}"

    def parse(spare: Collection[str] = ()) -> Config:
        return parse_config(text, path=str(file), environ=os.environ, read_secret=read_secret, spare=spare)

    if not os.access(file, os.R_OK):
        return Settings(file=file)
    try:
        text = common.read_config(file)
    except ConfigError as error:
        return Settings(file=file, problems=tuple(error.problems))
    raw = _tables(text)
    missing: tuple[str, ...] = ()
    try:
        config = parse()
    except ConfigError as error:
        missing = tuple(error.problems)
        try:
            config = parse(common.FETCHING)
        except ConfigError:
            return Settings(file=file, raw=raw, problems=missing, hidden=frozenset(hidden))
    return Settings(file=file, raw=raw, config=config, missing=missing, hidden=frozenset(hidden))


def look_at_notes(patient: Patient) -> Notes:
    """What is noted, or why that cannot be had."""
    config = replace(patient.settings.used, state=patient.state)

    def inquiry(db: sqlite3.Connection | None) -> Inquiry:
        return Inquiry(config=config, audience=audience(config), now=patient.now, as_of=None, db=db, width=screen_width())

    if not _is_there(patient.database):
        return Notes(service=look(inquiry(None)))
    try:
        with closing(ask.open_reader(patient.database)) as db:
            return Notes(service=look(inquiry(db)), meta=ask.meta(db))
    except sqlite3.Error as error:
        return _by_lock(look(inquiry(None)), f"{patient.database} cannot be read ({error})")
    except StoreError as error:
        return _by_lock(look(inquiry(None)), str(error))


def _by_lock(service: Service, error: str) -> Notes:
    """What the lock alone tells: that somebody is at work, and not whether it is the daemon."""
    daemon = service.daemon
    return Notes(service=replace(service, daemon=replace(daemon, running=None if daemon.pid else daemon.running)), error=error)


def _is_there(path: Path) -> bool:
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True  # and may not be looked at
    return True


def _tables(text: str) -> Mapping[str, Any]:
    try:
        return tomllib.loads(text.removeprefix("\ufeff"))
    except (ValueError, RecursionError):
        return {}


def _state(settings: Settings) -> Path:
    """The state directory; of a configuration that is broken or hidden the one that it names, or would have."""
    if settings.config is not None and settings.config.state is not None:
        return settings.config.state
    general = settings.raw.get("watcher")
    named = general.get("state") if isinstance(general, dict) else None
    if settings.config is None and isinstance(named, str) and Path(named).is_absolute():
        return Path(named)
    return state_dir(os.environ, settings.file.absolute() if settings.file else None)
