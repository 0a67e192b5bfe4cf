"""`watcher config`: check the settings, show what is in force, or write a file to begin with."""

from __future__ import annotations

import os
from importlib.resources import files
from pathlib import Path
from tempfile import NamedTemporaryFile

import click

import watcher
from watcher.board.words import count_in_words
from watcher.clean import plain
from watcher.cli import common
from watcher.cli.layout import show
from watcher.config import Config
from watcher.config.show import show_config
from watcher.errors import UsageError, WatcherError
from watcher.paths import config_candidates
from watcher.tell.lists import names_in_words


@click.group("config")
def command() -> None:
    """Check the configuration, show what is in force, or write a file to begin with."""


@command.command("check")
@common.config_option
def check(config_path: str | None) -> None:
    """Tell every mistake at once, with its line (status 78), or that there is none."""
    config = common.load(config_path)
    # Imported here because `show` and `init` should not wait for what only a running watcher needs.
    from watcher.cli.compose import check_targets  # noqa: PLC0415

    check_targets(config.targets)
    path = common.config_file(config_path)
    show([f"{path}: ok" if path else "ok: no configuration file, the built-in settings are in force", f"  {_in_short(config)}"])
    if path is None:
        show(["  To change them:  watcher config init"])


@command.command("show")
@common.config_option
def show_settings(config_path: str | None) -> None:
    """Print the settings in force as a configuration file, without its secrets."""
    show([show_config(common.load(config_path, spare=common.ASKING)).rstrip("\n")])


@command.command("init")
@click.option("--force", is_flag=True, help="Put it in the place of a file that is there.")
@common.config_option
def init(config_path: str | None, *, force: bool) -> None:
    """Write a configuration in which every setting stands, explained and switched off."""
    path = _path(config_path)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not _write(path, example(), force=force):
            raise UsageError(f"{path} is there already; --force puts the example in its place")
    except OSError as error:
        raise WatcherError(f"{path} cannot be written: {error.strerror}") from error
    show(
        [
            f"Wrote {path}.",
            "Take the # away from what you want to change; alerts go to the terminal until there is a [[notify]].",
            f"Then:  watcher {_option(config_path, path)}config check",
        ]
    )


def example() -> str:
    """The text of ``config.example.toml``: in the package when installed, at the top of the house in a checkout."""
    shipped = files("watcher.config").joinpath("example.toml")
    source = shipped if shipped.is_file() else Path(watcher.__file__).parents[1] / "config.example.toml"
    return source.read_text(encoding="utf-8")


def _in_short(config: Config) -> str:
    titles = names_in_words([plain(title.name) for title in config.titles]) or "no title"
    targets = names_in_words([plain(target.name) for target in config.targets])
    return (
        f"{count_in_words(len(config.titles), 'title')} ({titles}), {count_in_words(len(config.feeds), 'feed')}, "
        f"{count_in_words(len(config.targets), 'target')} ({targets})"
    )


def _path(given: str | None) -> Path:
    """Where the file is to stand: where it was named, else where `watcher` looks first. A link is followed."""
    context = click.get_current_context().find_root()
    return config_candidates(os.environ, given or context.obj)[0].resolve()


def _option(given: str | None, path: Path) -> str:
    """What to write before the next verb so that it finds a file that stands elsewhere."""
    if os.environ.get("WATCHER_CONFIG") or not (given or click.get_current_context().find_root().obj):
        return ""
    return f"--config {path} "


def _write(path: Path, text: str, *, force: bool) -> bool:
    """Write a file that only its owner can read, since addresses of alerts are secrets; whole or not at all.

    False where there is one and it is not to be replaced; raises `OSError` where it cannot be written.
    """
    with NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, prefix=".watcher-", delete=False) as draft:
        try:
            draft.write(text)
            draft.flush()
            os.fsync(draft.fileno())
            if force:
                Path(draft.name).replace(path)
            else:
                # Unlike a rename, a link never takes the place of what is there.
                path.hardlink_to(draft.name)
        except FileExistsError:
            return False
        finally:
            Path(draft.name).unlink(missing_ok=True)
    return True
