"""The settings as values, with what counts where nobody says otherwise."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path

from watcher import catalogue
from watcher.catalogue import Catalogue
from watcher.model import Feed, Target, Title

#: What rings when no [[notify]] is given: the terminal that `watcher run` was started in.
TERMINAL = Target(name="terminal")


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Whom to believe and how long to wait.

    News older than `fresh_for` is learned in silence; an alert waits `group_wait` for others to say the same; what
    `confirm_origins` independent origins say is confirmed.
    """

    fresh_for: timedelta = timedelta(days=3)
    group_wait: timedelta = timedelta(minutes=10)
    confirm_origins: int = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """All settings. `every` is in seconds.

    `timezone` None is the system's; `language` is an English (BCP 47); `regions` None follows from the timezone, then from a
    title's origin. `ping` and `proxy` are URLs and secrets. `titles` and `feeds` hold the built-in ones too, unless switched
    off; `outlets` carries the user's trust. What never named a title is kept for `keep` after its feed dropped it. `refused` are
    addresses of feeds that are never asked, though they are built in.
    """

    timezone: str | None = None
    language: str = "en"
    regions: tuple[str, ...] | None = None
    contact: str | None = None
    state: Path | None = None
    keep: timedelta = timedelta(days=365)
    publish: Path | None = None
    ping: str | None = field(default=None, repr=False)
    builtin_titles: bool = True
    builtin_feeds: bool = True
    every: int = 1800
    allow_addresses: tuple[IPv4Network | IPv6Network, ...] = ()
    proxy: str | None = field(default=None, repr=False)
    article_pages: bool = True
    refused: tuple[str, ...] = ()
    policy: Policy = field(default_factory=Policy)
    titles: tuple[Title, ...] = ()
    feeds: tuple[Feed, ...] = field(default=(), repr=False)
    outlets: Catalogue = field(default_factory=Catalogue, repr=False)
    targets: tuple[Target, ...] = (TERMINAL,)

    def title(self, name: str) -> Title | None:
        """The title of that id, name or alias, in any capitals; an id wins over a name, a name over an alias."""
        wanted = name.casefold()
        for names in (lambda t: (t.id,), lambda t: (t.name,), lambda t: t.aliases):
            for title in self.titles:
                if wanted in (known.casefold() for known in names(title)):
                    return title
        return None


def default_config() -> Config:
    """The settings of somebody who wrote none: Ballerina, the built-in feeds, the terminal."""
    known = catalogue.builtin()
    return Config(titles=known.titles, feeds=known.feeds, outlets=known)
