"""What may follow on the command line, for the shell: titles, targets and feeds of the configuration. Nothing is asked or opened.

A name with a blank or a colon in it would be torn apart by shells, so each is offered by a form of it that has none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import click

from watcher.catalogue import host_of
from watcher.cli import common
from watcher.config import Config, default_config
from watcher.errors import WatcherError

_SHELL_SAFE = re.compile(r"[\w.+@-]+")


def titles(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:  # noqa: ARG001 - click's signature
    """The ids of the titles that are watched."""
    return _beginning([title.id for title in _config(ctx).titles], incomplete)


def targets(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:  # noqa: ARG001 - click's signature
    """The names of the targets of alerts."""
    return _beginning([target.name for target in _config(ctx).targets], incomplete)


def feeds(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:  # noqa: ARG001 - click's signature
    """The outlets that are read, or their hosts: a part of an address will do where a feed is to be named."""
    config = _config(ctx)
    names = [(feed.outlet, host_of(feed.url) or "") for feed in config.feeds]
    return _beginning([outlet if _SHELL_SAFE.fullmatch(outlet) else host for outlet, host in names], incomplete)


def _beginning(names: Iterable[str], incomplete: str) -> list[str]:
    found = dict.fromkeys(name for name in names if _SHELL_SAFE.fullmatch(name))
    return [name for name in found if name.casefold().startswith(incomplete.casefold())]


def _config(ctx: click.Context) -> Config:
    """The settings, or the built-in ones: a shell that waits for names has no use for an error."""
    named = ctx.params.get("config_path") or ctx.find_root().params.get("config_path")
    try:
        return common.load(named, spare=common.ASKING)
    except WatcherError:
        return default_config()
