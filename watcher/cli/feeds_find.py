"""From an address that somebody gave to the feed that is meant: the address itself, what its page links to, or a usual place."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from watcher.clean import canonical_link
from watcher.cli.feeds_ask import Asker, Examined
from watcher.cli.feeds_pick import bare_title
from watcher.fetch.robots import site_of
from watcher.parse.notfeed import LinkedFeed, linked_feeds, page_title

#: Where a site's feed lies when its page does not say; asked one after the other, and not one more than these.
PLACES = ("/feed/", "/rss", "/rss.xml", "/atom.xml", "/feed.xml", "/index.xml")
#: A feed of what readers wrote below the articles, as the addresses of WordPress and of Blogger have it.
_COMMENTS = re.compile(r"/comments?(?:/|$)")

#: What stands between a site's name and what else its title says.
_PARTS = re.compile(r"\s+[|·:»–—-]+\s+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What an address led to: the feed that is meant, or several that may be, or neither and why.

    `examined` is the last answer that counts: the feed, or what came in its place. `page` is the page that led to it.
    """

    asked: str
    examined: Examined
    candidates: tuple[LinkedFeed, ...] = ()
    page: str | None = None

    @property
    def is_feed(self) -> bool:
        """Whether it is known which feed is meant, and that it is one."""
        return self.examined.is_feed and not self.candidates


async def find(asker: Asker, url: str) -> Found:
    """Ask an address, and where it is a page, look for the feed."""
    first = await asker.ask(url)
    if first.page is None or first.response is None:
        return Found(asked=url, examined=first)
    here = first.response.url
    # Where the user's own network may be asked, it is the user who must have named the site, not some page.
    inward = site_of(here) == site_of(url)
    if (why := await asker.forbids(here, inward=inward)) is not None:
        return Found(asked=url, examined=_failed(first, f"is a web page, and {why}; give the address of its feed"))
    linked = _likely(linked_feeds(first.page, url=here))
    if urlsplit(here).path in {"", "/"}:
        linked = _main(linked, page_title(first.page))
    if len(linked) > 1:
        return Found(asked=url, examined=first, candidates=linked, page=here)
    if linked:
        feed = linked[0].url
        return Found(asked=url, examined=await asker.ask(feed, inward=site_of(feed) == site_of(url)), page=here)
    for place in PLACES:
        tried = await asker.ask_if_allowed(urljoin(here, place), inward=inward)
        if tried.is_feed:
            return Found(asked=url, examined=tried, page=here)
        if tried.is_enough:
            break
    said = "is a web page that links to no feed, and none is at the usual places; give the address of the feed"
    return Found(asked=url, examined=_failed(first, said))


def _likely(linked: tuple[LinkedFeed, ...]) -> tuple[LinkedFeed, ...]:
    """The feeds that may be meant: not those of comments, and of one feed in two formats or spellings only the first."""
    articles = [feed for feed in linked if not _COMMENTS.search(urlsplit(feed.url).path)] or list(linked)
    apart: dict[str, LinkedFeed] = {}
    for feed in articles:
        apart.setdefault(feed.title.casefold() or canonical_link(feed.url), feed)
    return tuple({canonical_link(feed.url): feed for feed in reversed(apart.values())}.values())[::-1]


def _main(linked: tuple[LinkedFeed, ...], title: str) -> tuple[LinkedFeed, ...]:
    """Of a front page's feeds the one that bears the site's own name, where that is exactly one; else all of them."""
    names = {bare_title(part).casefold() for part in (title, *_PARTS.split(title))} - {""}
    named = tuple(feed for feed in linked if bare_title(feed.title).casefold() in names)
    return named if len(named) == 1 else linked


def _failed(first: Examined, why: str) -> Examined:
    return Examined(url=first.url, seconds=first.seconds, response=first.response, status=first.status, error=why)
