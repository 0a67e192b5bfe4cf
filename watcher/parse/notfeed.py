"""Says what came instead of a feed, so that a person can mend the address; and finds the feeds that a page links to."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass

from watcher.clean import clean_link, clean_text, safe_url
from watcher.untag import strip_tags

#: The head of a page is near its start; nothing behind this is looked at.
_HEAD = 300_000
_FEED_TYPES = ("application/rss+xml", "application/atom+xml", "application/feed+json")
#: So many feeds of one page are told; a page that links more lists other people's.
_FEEDS = 50

_PAGE = re.compile(r"<!doctype\s+html|<html|<head|<body", re.IGNORECASE)
_LINK = re.compile(r"<link\s([^<>]{1,3000})>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""([a-z]{1,20})\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'<>]+))""", re.IGNORECASE)
_TITLE = re.compile(r"<title[^<>]{0,200}>([^<]{1,1000})", re.IGNORECASE)
_PASSWORD = re.compile(r"""type\s*=\s*["']?password""", re.IGNORECASE)
_ROOT = re.compile(r"<([A-Za-z_][\w.:-]{0,40})")


def explain(body: bytes, text: str, *, url: str) -> str:
    """One line for a person: what came instead of a feed, and where the feed may be. `text` is the decoded body."""
    where = safe_url(url) or "the file"
    if not text.strip():
        return f"{where} gave an empty answer, which is no feed"
    if body.startswith(b"\x1f\x8b"):
        return f"{where} gave compressed data without saying so; no feed can be read from it"
    if text[0] in "{[":
        return f"{where} gave JSON that is no JSON Feed"
    head = text[:_HEAD]
    if is_page(head):
        return f"{where} is a web page{_name(head)}, not a feed; {_advice(head, url)}"
    return f"{where} {_kind(head)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkedFeed:
    """A feed that a page links to, by its whole URL; the title may be empty."""

    url: str
    title: str


def linked_feeds(page: str, *, url: str) -> tuple[LinkedFeed, ...]:
    """The feeds that the head of a page links to (HTML, link type "alternate"), in its order, each once."""
    found: dict[str, LinkedFeed] = {}
    for link in _LINK.finditer(page[:_HEAD]):
        fields = {name.lower(): html.unescape(a or b or c) for name, a, b, c in _ATTRIBUTE.findall(link[1])}
        if "alternate" in fields.get("rel", "").lower().split() and fields.get("type", "").strip().lower() in _FEED_TYPES:
            feed = clean_link(fields.get("href", ""), base=url)
            if feed is not None and len(found) < _FEEDS:
                found.setdefault(feed, LinkedFeed(url=feed, title=clean_text(fields.get("title", ""), limit=80)))
    return tuple(found.values())


def page_title(page: str) -> str:
    """What a page calls itself; empty where it does not."""
    title = _TITLE.search(page[:_HEAD])
    return clean_text(strip_tags(title[1], limit=80), limit=80) if title else ""


def is_page(text: str) -> bool:
    """Whether a text is a web page, as far as its beginning shows."""
    return _PAGE.search(text[:5000]) is not None


def _kind(head: str) -> str:
    """What a document is that is neither empty, nor JSON, nor a page, by its first element."""
    root = _ROOT.match(_after_prolog(head))
    if root is None:
        return "gave something that is no feed"
    if root[1].lower().rpartition(":")[2] in {"rss", "rdf", "feed"}:
        return "is a feed, but too damaged to be read"
    return f"is XML, but no feed: it holds <{root[1]}>"


def _name(page: str) -> str:
    name = page_title(page)
    return f" (“{name}”)" if name else ""


def _advice(page: str, url: str) -> str:
    feeds = linked_feeds(page, url=url)
    if feeds:
        return f"the feed it links to is {feeds[0].url}"
    return "it asks for a login" if _PASSWORD.search(page) else "it links to none"


def _after_prolog(text: str) -> str:
    """The text from its first element on, behind declarations and comments."""
    at = 0
    while text.startswith(("<?", "<!"), at):
        end = text.find("-->" if text.startswith("<!--", at) else ">", at)
        if end < 0:
            return ""
        at = end + 3 if text.startswith("<!--", at) else end + 1
        at += len(text[at : at + 1000]) - len(text[at : at + 1000].lstrip())
    return text[at : at + 100]
