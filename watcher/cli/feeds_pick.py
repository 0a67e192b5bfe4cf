"""Which feed somebody means, how an address is written, and what an outlet is called that nobody named."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from watcher.clean import canonical_link, clean_link, clean_text, plain, safe_url
from watcher.config import Config
from watcher.config.show import masked_url
from watcher.config.values import Invalid, web_address
from watcher.errors import UsageError
from watcher.model import Feed

#: What feeds put behind the name of who publishes there: "Harbor News » Feed", "Harbor News - RSS".
_TRIMMING = re.compile(r"\s*(?:[»|·:–—-]+\s*)?\b(?:rss|atom)?\s*(?:rss|atom|feed)$", re.IGNORECASE)
_SCHEME = re.compile(r"(?:feed:(?://)?(?=https?:))|(?P<alone>feed:/*)", re.IGNORECASE)
#: Another scheme, and no host with its port.
_NO_HOST = re.compile(r"[a-z][a-z0-9+.-]*:(?!\d)", re.IGNORECASE)
_NAME_LIMIT = 60


def address(text: str) -> str:
    """An address as a configuration has it: with its scheme, and in the letters of the web.

    Raises:
        UsageError: it is none; the text does not repeat its secrets.
    """
    given = text.strip()
    if scheme := _SCHEME.match(given):
        given = ("http://" if scheme["alone"] else "") + given[scheme.end() :]
    if "://" not in given and not _NO_HOST.match(given):
        given = f"https://{given}"
    try:
        checked = str(web_address(given))
    except Invalid:
        raise UsageError(f"{plain(safe_url(given))} is no web address; write https://…") from None
    return spelled(checked)


def spelled(url: str) -> str:
    """An address as it is written into a configuration, whoever gave it: no ${NAME} in it names a secret of the user's."""
    # What has a password in it is no link to offer to anybody, but it may be a feed.
    return clean_link(url) or url.replace("{", "%7B").replace("}", "%7D")


def is_address(text: str) -> bool:
    """Whether somebody who wrote this meant an address rather than a name."""
    return "://" in text or ("/" in text and "." in text.partition("/")[0])


def shown(url: str) -> str:
    """An address as it may be printed: its secrets masked, and without a byte that a terminal would obey."""
    return plain(masked_url(url))


class Held:
    """The feeds of a configuration by their addresses, however those are written: with or without www, a closing slash, or https.

    What was printed with its secrets masked names a feed as well.
    """

    def __init__(self, config: Config) -> None:
        self._exact = {feed.url: feed for feed in config.feeds}
        self._alike: dict[str, Feed] = {}
        for feed in config.feeds:
            self._alike.setdefault(canonical_link(feed.url), feed)
            self._exact.setdefault(shown(feed.url), feed)

    def at(self, url: str) -> Feed | None:
        """The feed at an address."""
        return self._exact.get(url) or self._alike.get(canonical_link(url))


def meant(config: Config, wanted: str) -> list[Feed]:
    """The feeds that somebody means by an address, an outlet or a part of an address; none where there is none."""
    if (feed := Held(config).at(wanted)) is not None:
        return [feed]
    known = config.outlets.find(wanted)
    names = {wanted.casefold(), *([known.name.casefold()] if known else [])}
    if named := [feed for feed in config.feeds if feed.outlet.casefold() in names]:
        return named
    return [feed for feed in config.feeds if wanted.strip() and wanted.casefold() in feed.url.casefold()]


def only(config: Config, wanted: str) -> Feed:
    """The one feed that somebody means.

    Raises:
        UsageError: there is none, or there are several, which are listed.
    """
    found = meant(config, wanted)
    if len(found) == 1:
        return found[0]
    if not found:
        raise nobody(wanted)
    raise UsageError("\n".join([f"{plain(wanted)!r} may mean any of these; name one by its address:", *_named(found)]))


def nobody(wanted: str) -> UsageError:
    """The error for a name that no feed has; an address in it keeps its secrets."""
    return UsageError(
        f"no feed is called {shown(wanted) if is_address(wanted) else plain(wanted)!r}; what there is: watcher feeds"
    )


def _named(feeds: Sequence[Feed]) -> list[str]:
    return [f"  {plain(feed.outlet)}  {shown(feed.url)}" for feed in feeds]


def bare_title(title: str) -> str:
    """What a feed calls itself, clean, without what says that it is a feed."""
    return _TRIMMING.sub("", clean_text(title, limit=_NAME_LIMIT)).strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """What an outlet is to be called; `claims` is the known outlet whose name its feed bears without being at its address."""

    name: str
    claims: str | None = None


def outlet_name(config: Config, url: str, title: str) -> Name:
    """The outlet that an address belongs to, else what the feed calls itself, else the host.

    A feed that calls itself as somebody does whom the catalogue knows is not believed: a name brings trust with it.
    """
    known = config.outlets.outlet_of(url)
    if known is not None:
        return Name(name=known.name)
    host = safe_url(url).partition("://")[2].partition("/")[0]
    own = bare_title(title)
    if not own:
        return Name(name=host)
    taken = config.outlets.find(own)
    return Name(name=own) if taken is None else Name(name=host, claims=taken.name)
