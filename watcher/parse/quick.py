"""RSS and Atom as they should be, in a twentieth of feedparser's time: the same raw feed as `xmlfeed` gives, or None.

None is no judgement. It means that a document is not plainly well-formed, or that something in it is understood by feedparser
alone: markup in a content, an element where it does not belong, a namespace under another's name. With the rest it is done as
feedparser does, oddities included; `tests/parse/test_quick.py` holds the two equal.
"""

from __future__ import annotations

from collections.abc import Iterable

from watcher.parse.elements import AUTHORS, LEAVES, is_unruled, language_of, leaf, person
from watcher.parse.fields import legal_references, to_entry, to_hints
from watcher.parse.mending import is_base, mended, text_of
from watcher.parse.people import Names
from watcher.parse.quickentry import read_entry
from watcher.parse.raw import ENTRY_LIMIT, RawFeed
from watcher.parse.tree import Document, Node, NotPlain, read_tree

_HINTS = {"ttl": "ttl", "sy:updateperiod": "sy_updateperiod", "sy:updatefrequency": "sy_updatefrequency"}
_LANGUAGES = frozenset({"language", "dc:language"})
#: Elements of a feed that say nothing of interest.
_DULL = LEAVES | {
    *("created", "dc:date", "dc:description", "dcterms:created", "dcterms:issued", "dcterms:modified", "description", "guid"),
    *("id", "issued", "lastbuilddate", "link", "modified", "pubdate", "published", "updated"),
}
#: What may stand in an image or text input; anything else ends them for feedparser.
_INSETS = {
    "image": frozenset({"title", "link", "description", "url", "width", "height"}),
    "textinput": frozenset({"title", "link", "description", "name"}),
}


def read_quickly(text: str) -> RawFeed | None:
    """The feed, or None where feedparser has to be asked."""
    legal = legal_references(text)
    try:
        feed, entries = _read(read_tree(legal))
        return RawFeed(
            title=str(feed.get("title", "")),
            entries=tuple(to_entry(entry, feed) for entry in entries[:ENTRY_LIMIT]),
            hints=to_hints(feed, legal),
        )
    except NotPlain:
        return None


def _read(document: Document) -> tuple[dict[str, object], list[dict[str, object]]]:
    """The fields of the feed and of its entries."""
    root = document.root
    if not all(map(is_base, document.bases)):
        raise NotPlain
    feed = _Feed(based=bool(document.bases))
    language = language_of(root, "")
    if root.name == "rss" and [child.name for child in root.children] == ["channel"]:
        feed.language(language)
        channel = root.children[0]
        feed.read(channel.children, language_of(channel, language), entry="item")
        _no_address(channel)
    elif root.name == "feed":
        feed.language(language)
        feed.read(root.children, language, entry="entry")
    elif root.name == "rdf:rdf" and document.versioned and root.children and root.children[0].name == "channel":
        # The language of an RDF document is that of its titles, but not the feed's.
        channel, *others = root.children
        _no_address(channel)
        feed.read(channel.children, language_of(channel, language), entry="")
        if not {other.name for other in others} <= {"item", "image", "textinput"}:
            raise NotPlain
        feed.read(others, language, entry="item")
    else:
        raise NotPlain
    return feed.whole(), feed.entries


def _no_address(node: Node) -> None:
    """Leave to feedparser what it takes for an element of another format (CDF)."""
    if not node.attributes.keys().isdisjoint({"href", "lastmod"}):
        raise NotPlain


class _Feed:
    """A feed while its children are gone through."""

    __slots__ = ("_based", "_fields", "_names", "entries")

    def __init__(self, *, based: bool) -> None:
        self.entries: list[dict[str, object]] = []
        self._based = based
        self._fields: dict[str, object] = {}
        self._names = Names()

    def whole(self) -> dict[str, object]:
        """All fields of the feed."""
        return {**self._fields, "author": self._names.text, "author_detail": self._names.detail}

    def language(self, language: str) -> None:
        """The language of the first element."""
        if language:
            self._fields["language"] = language.replace("_", "-")

    def read(self, nodes: Iterable[Node], language: str, *, entry: str) -> None:
        """Go through the children of a feed, of which those named `entry` are entries."""
        for node in nodes:
            if node.name == entry:
                _no_address(node)
                self.entries.append(read_entry(node, language, based=self._based))
            else:
                self._take(node)

    def _take(self, node: Node) -> None:
        """One element of the feed itself."""
        name = node.name
        if name in _LANGUAGES:
            leaf(node)
            self._fields["language"] = mended(node.text)
        elif name in _HINTS:
            leaf(node)
            # With attributes, feedparser keeps them and not the text.
            self._fields[_HINTS[name]] = "" if node.attributes else mended(node.text)
        elif name == "title":
            self._entitle(node)
        elif name in AUTHORS:
            self._names.add(node, mended(node.text))
        elif name in _DULL:
            leaf(node)
        elif name in _INSETS:
            _pass_inset(node)
        elif name == "contributor":
            person(node)
        else:
            _pass_over(node)

    def _entitle(self, node: Node) -> None:
        """The title. Which of several would count depends on what stands between them."""
        if "title" in self._fields:
            raise NotPlain
        self._fields["title"] = text_of(node)


def _pass_inset(node: Node) -> None:
    for child in node.children:
        if child.name not in _INSETS[node.name]:
            raise NotPlain
        leaf(child)


def _pass_over(node: Node) -> None:
    """Pass over an element that feedparser has no rule for, and all that stands in it."""
    if not is_unruled(node.name):
        raise NotPlain
    for child in node.children:
        if child.name in LEAVES:
            leaf(child)
        else:
            _pass_over(child)
