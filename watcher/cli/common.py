"""What the verbs share: finding and reading the configuration, the state, the zone, and the clock."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import click

from watcher.config import Config, default_config
from watcher.errors import ConfigError, StoreError, UsageError
from watcher.model import Title
from watcher.paths import config_candidates, state_dir

#: The tables whose secrets nobody needs who only asks what is held; who fetches needs the addresses of feeds and the proxy.
ASKING = ("watcher", "fetch", "feed", "notify")
FETCHING = ("watcher", "notify")

F = TypeVar("F", bound=Callable[..., Any])


def config_option(function: F) -> F:
    """``--config`` after the verb as well as before it."""
    option = click.option(
        "--config",
        "config_path",
        type=click.Path(readable=False),
        metavar="FILE",
        expose_value=True,
        help="The configuration file to use.",
    )
    return option(function)


def now() -> datetime:
    """The time, aware and in UTC."""
    return datetime.now(UTC)


def config_file(given: str | None) -> Path | None:
    """The configuration file in use; None where there is none. One that was named must exist.

    Raises:
        ConfigError: the file that was named is not there.
    """
    context = click.get_current_context(silent=True)
    named = given or (context.find_root().obj if context else None) or os.environ.get("WATCHER_CONFIG")
    if named:
        path = Path(named)
        if not is_file(path):
            raise ConfigError([f"{path}: no such file; write one with: watcher config init"])
        return path
    return next((path for path in config_candidates(os.environ) if is_file(path)), None)


def is_file(path: Path) -> bool:
    """Whether a file is there. Where nobody may look there may be one: to pass it over would be to ask another watcher."""
    try:
        return path.is_file()
    except OSError:
        return True


def load(given: str | None, *, spare: Collection[str] = ()) -> Config:
    """The settings in force; the secrets of the tables in `spare` may be out of reach.

    Raises:
        ConfigError: the file cannot be read or has problems, all of which are named.
    """
    path = config_file(given)
    if path is None:
        return default_config()
    return settings(read_config(path), path, spare=spare)


def settings(text: str, path: Path, *, spare: Collection[str] = ()) -> Config:
    """The settings that a file at this path has, or would have with this text.

    Raises:
        ConfigError: it has problems, all of which are named.
    """
    from watcher.config.load import parse_config  # noqa: PLC0415 - 4 ms that nobody needs who has no file

    config = parse_config(text, path=str(path), environ=os.environ, read_secret=read_secret, spare=spare)
    return config if config.state else replace(config, state=state_dir(os.environ, path.absolute()))


def read_config(path: Path) -> str:
    """The text of a configuration file.

    Raises:
        ConfigError: it cannot be read, or is not in UTF-8.
    """
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise ConfigError([f"{path}: is not in UTF-8 (byte {error.start}); save it as UTF-8"]) from error
    except PermissionError as error:
        from watcher.cli.permits import who_may_read  # noqa: PLC0415 - only where it is needed

        raise ConfigError([f"{path}: cannot be read by you; {who_may_read(path)}"]) from error
    except OSError as error:
        raise ConfigError([f"{path}: cannot be read: {error.strerror}"]) from error


def read_secret(path: Path) -> str:
    """The text of a file that holds a secret; raises `OSError` or `UnicodeDecodeError` as the file system does."""
    return path.read_text(encoding="utf-8").strip()


def zone(config: Config) -> ZoneInfo:
    """The user's zone: the configured one, else the system's, else UTC."""
    if config.timezone:
        return ZoneInfo(config.timezone)
    from tzlocal import get_localzone_name  # noqa: PLC0415 - 5 ms that a configured zone saves

    try:
        return ZoneInfo(get_localzone_name() or "UTC")
    except (LookupError, ValueError):
        return ZoneInfo("UTC")


def state(config: Config) -> Path:
    """The state directory; not made here."""
    return config.state or state_dir(os.environ)


def database(config: Config) -> Path:
    """The store's file."""
    return state(config) / "watcher.db"


def make_state(config: Config) -> Path:
    """The state directory, made where it was missing, for its owner and group only.

    Raises:
        StoreError: it cannot be made.
    """
    path = state(config)
    try:
        path.mkdir(mode=0o750, parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"{path}: cannot be made ({error.strerror}); set state in the configuration") from error
    return path


def pick_title(config: Config, name: str | None) -> Title | None:
    """The title that the user names, the only one where none is named, else None: all of them.

    Raises:
        UsageError: no title has that name.
    """
    if name is None:
        return config.titles[0] if len(config.titles) == 1 else None
    title = config.title(name)
    if title is None:
        watched = ", ".join(t.id for t in config.titles) or "none"
        raise UsageError(f"{name!r} is not watched; watched: {watched}")
    return title


def tell(text: str) -> None:
    """A line for the person, on standard error: data alone goes to standard output."""
    print(text, file=sys.stderr)
