"""What the demo's feeds say and when, and the documents of these feeds as they stood at any moment."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from importlib.resources import files
from xml.etree.ElementTree import Element, SubElement, tostring

#: How many entries a feed holds; what is older falls out at its end, as it does in the real ones.
LENGTH = 20

_ATOM = "http://www.w3.org/2005/Atom"


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One article as a feed brings it from `at` (UTC) on."""

    at: datetime
    feed: str
    title: str
    body: str

    @property
    def id(self) -> str:
        """A name for it that stays, whatever happens to its text."""
        return f"{self.feed}-{self.at:%Y%m%dT%H%M}"

    @property
    def link(self) -> str:
        """Where it would stand. No such host exists, and none ever will (RFC 2606)."""
        return f"https://{self.feed}.example/{self.at:%Y/%m/%d}/{hashlib.blake2s(self.id.encode(), digest_size=4).hexdigest()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryFeed:
    """One feed: `format` is rss, atom or json, `outlet` who speaks there."""

    name: str
    outlet: str
    format: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A feed's answer: its bytes, their media type, and when the newest entry came (UTC), None while there is none."""

    body: bytes
    content_type: str
    modified: datetime | None

    @property
    def etag(self) -> str:
        """A strong validator (RFC 9110, section 8.8.3)."""
        return f'"{hashlib.blake2s(self.body, digest_size=8).hexdigest()}"'


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """Feeds, and the articles that they bring between two moments (UTC), in the order of time."""

    begins: datetime
    ends: datetime
    feeds: tuple[StoryFeed, ...]
    articles: tuple[Article, ...]

    def document(self, name: str, now: datetime) -> Document | None:
        """A feed as it stands at a moment, newest first; None where there is no such feed."""
        feed = next((feed for feed in self.feeds if feed.name == name), None)
        if feed is None:
            return None
        out = [article for article in self.articles if article.feed == name and article.at <= now][::-1][:LENGTH]
        write, content_type = _FORMATS[feed.format]
        return Document(body=write(feed, out), content_type=content_type, modified=out[0].at if out else None)


def load_story(text: str | None = None) -> Story:
    """The story in a text of TOML, by default the one that comes with `watcher`."""
    told = tomllib.loads(text if text is not None else (files(__package__) / "story.toml").read_text("utf-8"))
    return Story(
        begins=told["begins"].astimezone(UTC),
        ends=told["ends"].astimezone(UTC),
        feeds=tuple(StoryFeed(**feed) for feed in told["feed"]),
        articles=tuple(sorted((_article(entry) for entry in told["article"]), key=lambda article: article.at)),
    )


def _article(entry: dict[str, datetime | str]) -> Article:
    at, rest = entry["at"], {key: str(value).strip() for key, value in entry.items() if key != "at"}
    assert isinstance(at, datetime)
    return Article(at=at.astimezone(UTC), **rest)


def _rss(feed: StoryFeed, articles: Sequence[Article]) -> bytes:
    """RSS 2.0."""
    root = Element("rss", version="2.0")
    channel = SubElement(root, "channel")
    _texts(channel, title=feed.outlet, link=f"https://{feed.name}.example/", description=f"Film news from {feed.outlet}")
    for article in articles:
        item = SubElement(channel, "item")
        published = format_datetime(article.at, usegmt=True)
        _texts(item, title=article.title, link=article.link, pubDate=published, description=f"<p>{_escaped(article.body)}</p>")
        SubElement(item, "guid", isPermaLink="false").text = article.id
    return _xml(root)


def _atom(feed: StoryFeed, articles: Sequence[Article]) -> bytes:
    """Atom 1.0 (RFC 4287)."""
    root = Element("feed", xmlns=_ATOM)
    updated = articles[0].at.isoformat() if articles else "2000-01-01T00:00:00+00:00"
    _texts(root, id=f"urn:watcher:demo:{feed.name}", title=feed.outlet, updated=updated)
    for article in articles:
        entry = SubElement(root, "entry")
        at = article.at.isoformat()
        _texts(entry, id=f"urn:watcher:demo:{article.id}", title=article.title, published=at, updated=at)
        SubElement(entry, "link", href=article.link)
        SubElement(entry, "summary", type="html").text = f"<p>{_escaped(article.body)}</p>"
    return _xml(root)


def _json(feed: StoryFeed, articles: Sequence[Article]) -> bytes:
    """JSON Feed 1.1."""
    items = [
        {
            "id": article.id,
            "url": article.link,
            "title": article.title,
            "content_text": article.body,
            "date_published": article.at.isoformat(),
        }
        for article in articles
    ]
    document = {"version": "https://jsonfeed.org/version/1.1", "title": feed.outlet, "items": items}
    return json.dumps(document, ensure_ascii=False).encode()


_FORMATS: dict[str, tuple[Callable[[StoryFeed, Sequence[Article]], bytes], str]] = {
    "rss": (_rss, "application/rss+xml; charset=utf-8"),
    "atom": (_atom, "application/atom+xml; charset=utf-8"),
    "json": (_json, "application/feed+json"),
}


def _texts(parent: Element, /, **texts: str) -> None:
    for name, text in texts.items():
        SubElement(parent, name).text = text


def _xml(root: Element) -> bytes:
    document: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return document


def _escaped(text: str) -> str:
    """Text as HTML: what a feed's description holds."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
