"""Puts the house together from the settings: the reader, the judge, the audience, fetchers and sender."""

from __future__ import annotations

import gc
from collections.abc import Callable
from dataclasses import replace

import click

from watcher import __version__
from watcher.cli.audience import audience, judge
from watcher.config import Config
from watcher.errors import ConfigError
from watcher.fetch import Fetcher, PageFetcher
from watcher.fetch.transport import ANYWHERE
from watcher.learn import World
from watcher.model import Target
from watcher.ping import LIMITS, Ping
from watcher.read import Reader
from watcher.send import check_target
from watcher.tell.message import Message


def spare_collector() -> None:
    """Let the garbage collector look seldom: a poll makes many small values and hardly a cycle; looking took a fifth of it."""
    gc.set_threshold(50_000, 20, 20)
    gc.freeze()


def world(config: Config) -> World:
    """Everything the engine is told once."""
    return World(
        titles=config.titles,
        feeds=config.feeds,
        readers=(Reader(config.titles, config.outlets.outlets),),
        catalogue=config.outlets,
        judge=judge(config),
        audience=audience(config),
        every=config.every,
        pages=config.article_pages,
        keep=config.keep,
        allow=config.allow_addresses,
    )


def without_network(config: Config, target: Target) -> World:
    """The world of `replay`: no feeds, and one target that hears everything."""
    whole = world(config)
    return replace(whole, feeds=(), pages=False, audience=replace(whole.audience, targets=(target,)))


def fetcher(config: Config) -> Callable[[], Fetcher]:
    """Makes fetchers: polite, guarded, and each for one worker."""
    return lambda: Fetcher(user_agent=_agent(config), allow=config.allow_addresses, proxy=config.proxy)


def pages(config: Config) -> PageFetcher:
    """Fetches linked pages, as polite and as guarded."""
    own = [feed.url for feed in config.feeds]
    return PageFetcher(user_agent=_agent(config), allow=config.allow_addresses, own=own, proxy=config.proxy)


def ping(config: Config) -> Ping | None:
    """Calls the user's own address after each whole pass; None where there is none. It goes there directly, as alerts do."""
    if config.ping is None:
        return None
    return Ping(config.ping, Fetcher(user_agent=_agent(config), allow=ANYWHERE, accept="*/*", limits=LIMITS))


def _agent(config: Config) -> str:
    return f"watcher/{__version__}" + (f" (+{config.contact})" if config.contact else "")


def check_targets(targets: tuple[Target, ...]) -> None:
    """Refuse targets whose address Apprise cannot use, all at once.

    Raises:
        ConfigError: with a line for each of them that holds no secret.
    """
    found = [(target, check_target(target)) for target in targets if target.url is not None]
    problems = [f'[[notify]] "{target.name}": {problem}' for target, problem in found if problem]
    if problems:
        raise ConfigError(problems)


def to_terminal(message: Message) -> None:
    """An alert for the terminal: title and body, set off by a blank line."""
    click.echo(f"\n{click.style(message.title, bold=True)}\n\n{message.body}")


def to_stderr(message: Message) -> None:
    """The same where standard output is for data."""
    click.echo(f"\n{message.title}\n\n{message.body}", err=True)
