"""The elements of feeds: which of them feedparser has rules for, and which it only puts aside."""

from __future__ import annotations

from watcher.parse.tree import Node, NotPlain

AUTHORS = frozenset({"author", "managingeditor", "dc:author", "dc:creator", "itunes:author"})
#: Elements that say nothing of interest. feedparser has a rule for them, so nothing may stand in them.
LEAVES = frozenset(
    {"category", "cloud", "copyright", "email", "enclosure", "expirationdate", "generator", "height", "homepage", "info"}
    | {"keywords", "name", "rights", "subtitle", "tagline", "uri", "url", "webmaster", "width", "admin:generatoragent"}
    | {"admin:errorreportsto", "dc:contributor", "dc:publisher", "dc:rights", "dc:subject", "dcterms:valid"}
    | {"feedburner:browserfriendly", "itunes:block", "itunes:category", "itunes:email", "itunes:explicit", "itunes:image"}
    | {"itunes:keywords", "itunes:link", "itunes:name", "itunes:subtitle", "media:category", "media:credit", "media:keywords"}
    | {"media:license", "media:player", "media:rating", "media:restriction", "media:thumbnail"}
)
#: Elements that feedparser has a rule for. Where nothing else is said of them here, they are left to it.
_RULED = frozenset(
    {"abstract", "body", "channel", "content", "contributor", "created", "dc:date", "dc:description", "dc:language", "dc:title"}
    | {"dcterms:created", "dcterms:issued", "dcterms:modified", "description", "entry", "feed", "fullitem", "geom"}
    | {"georssgeom", "guid", "id", "image", "issued", "item", "itunes:owner", "itunes:summary", "language", "lastbuilddate"}
    | {"link", "media:description", "media:title", "modified", "newlocation", "pubdate", "published", "rss", "source"}
    | {"summary", "tags", "textinput", "title", "updated", "where", "content:encoded", "feedburner:origlink", "math", "svg"}
    # No rule of its own, but the name of a field that feedparser keeps something else in.
    | {"authors", "contributors", "date", "links", "publishers", "author:detail", "title:detail"}
    | AUTHORS
    | LEAVES
)
_RULED_PREFIXES = ("cc:", "creativecommons:", "georss:", "gml:", "psc:", "xhtml:", "xml:")
_PERSON = frozenset({"name", "email", "uri", "url", "homepage"})


def language_of(node: Node, inherited: str) -> str:
    """The language of an element: its own, or that of the element that it stands in."""
    return node.attributes.get("xml:lang", inherited)


def leaf(node: Node) -> None:
    """Pass over an element in which nothing may stand."""
    if node.children:
        raise NotPlain


def is_unruled(name: str) -> bool:
    """Whether feedparser has no rule for an element, and keeps it under a name that nothing else has."""
    return name not in _RULED and not name.startswith(_RULED_PREFIXES) and (":" in name or "_" not in name)


def person(node: Node) -> None:
    """Pass over a person and the parts of one."""
    for child in node.children:
        if child.name not in _PERSON:
            raise NotPlain
        leaf(child)
