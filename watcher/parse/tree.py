"""A well-formed document as a small tree, under the names that feedparser gives its elements; hostile ones are not finished.

Safe in a process that has other things to do: nothing is read that a document type could declare, and depth, elements,
attributes and tags are bounded. expat is fed by pieces, so that it does not read on for long after the first thing that is too
much, and takes time linear in what it has been fed.

Names are a namespace's usual prefix and the local name in lower case, the formats' own without a prefix ("title",
"dc:creator"). An unknown namespace goes by the prefix that the document gives it. Where feedparser would be led astray by
prefixes (one for two namespaces, another's usual one), the document is not plain.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple
from xml.parsers import expat

#: Tags, those of escaped markup not counted, depth, and attributes and namespaces: more than honest feeds have.
TAGS_LIMIT, DEPTH_LIMIT, ATTRIBUTES_LIMIT, NAMESPACES_LIMIT = 60_000, 12, 30, 100
#: Bytes that expat gets at once, and the longest tag or comment, since it begins anew with one that does not end in a piece.
_PIECE = 65_536

#: What feedparser takes for the first element, and for declarations before it, be they in a comment.
_FIRST = re.compile(r"<\w", re.ASCII)
_DECLARATION = re.compile("<!(?:DOCTYPE|ENTITY)")

_XLINK = "http://www.w3.org/1999/xlink"
#: Namespaces whose elements mean something to feedparser, by the prefix that it gives them.
_KNOWN = {
    "http://purl.org/rss/1.0/": "",
    "http://my.netscape.com/rdf/simple/0.9/": "",
    "http://purl.org/rss/1.0/modules/rss091#": "",
    "http://www.w3.org/2005/atom": "",
    "http://purl.org/atom/ns#": "",
    "http://purl.org/dc/elements/1.1/": "dc",
    "http://purl.org/dc/terms/": "dcterms",
    "http://purl.org/rss/1.0/modules/content/": "content",
    "http://purl.org/rss/1.0/modules/syndication/": "sy",
    "http://rssnamespace.org/feedburner/ext/1.0": "feedburner",
    "http://search.yahoo.com/mrss": "media",
    "http://search.yahoo.com/mrss/": "media",
    "http://www.itunes.com/dtds/podcast-1.0.dtd": "itunes",
    "http://webns.net/mvcb/": "admin",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#": "rdf",
    "http://www.w3.org/xml/1998/namespace": "xml",
}
#: Prefixes that feedparser gives, with those of namespaces that are left to it altogether.
_USUAL = frozenset({*_KNOWN.values(), "cc", "creativecommons", "georss", "gml", "psc", "xhtml"})
#: Namespaces that are left to feedparser, but are declared by many feeds that do not use them.
_LEFT = {
    "http://creativecommons.org/ns#license": "cc",
    "http://web.resource.org/cc/": "cc",
    "http://cyber.law.harvard.edu/rss/creativecommonsrssmodule.html": "creativecommons",
    "http://backend.userland.com/creativecommonsrssmodule": "creativecommons",
    "http://www.georss.org/georss": "georss",
    "http://www.opengis.net/gml": "gml",
    "http://podlove.org/simple-chapters": "psc",
    "http://www.w3.org/1999/xhtml": "xhtml",
}
#: What gives a document of RSS 1.0 its version, with the prefix where it has to have one.
_VERSIONED = {"http://purl.org/rss/1.0/", "http://www.w3.org/2005/atom"}
_VERSIONED_BARE = "http://my.netscape.com/rdf/simple/0.9/"
#: Namespaces that feedparser takes for the formats' own, and a part of one that is enough for it.
_ODD = frozenset(
    {"http://blogs.law.harvard.edu/tech/rss", "http://example.com/newformat#", "http://example.com/necho"}
    | {"http://purl.org/echo/", "uri/of/echo/namespace#", "http://purl.org/pie/", "http://example.com/dtds/podcast-1.0.dtd"}
)
_ODD_PART = "backend.userland.com/rss"
#: Attributes that have another meaning for feedparser when they lose their prefix, or never had one.
_TELLING = frozenset({"href", "ispermalink", "lastmod", "mode", "rel", "type", "uri", "url", "version"})
_MISTAKEN = frozenset({"base", "lang"})


class NotPlain(Exception):
    """The document holds something that is left to feedparser."""


class Node(NamedTuple):
    """An element. It has text or children; white space beside children is left out, and there is nothing else."""

    name: str
    attributes: dict[str, str]
    text: str
    children: Sequence[Node]


#: Makes a node as `Node(...)` does, in a third of the time.
_new = tuple.__new__


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """The first element. `versioned`: a namespace of RSS 1.0 or Atom is declared. `bases` are all values of xml:base."""

    root: Node
    versioned: bool
    bases: frozenset[str]


def read_tree(text: str) -> Document:
    """The document.

    Raises:
        NotPlain: it is not well-formed, declares a document type, or has too much of anything.
    """
    first = _FIRST.search(text)
    if first is None or _DECLARATION.search(text, 0, first.start()) or text.count("<") > TAGS_LIMIT:
        raise NotPlain
    if text.startswith("<?xml") and text.find(">") != text.find("?>") + 1:
        # feedparser takes the declaration for one that ends at the first ">".
        raise NotPlain
    builder = _Builder()
    parser = builder.parser()
    try:
        body = memoryview(text.encode())
        for end in range(_PIECE, len(body) + _PIECE, _PIECE):
            parser.Parse(body[end - _PIECE : end], False)
            if min(end, len(body)) - parser.CurrentByteIndex > _PIECE:
                raise NotPlain
        parser.Parse(b"", True)
    except (expat.ExpatError, UnicodeEncodeError) as error:
        raise NotPlain from error
    if "".join(builder.between).strip():
        # Text beside elements is left to feedparser.
        raise NotPlain
    assert builder.nodes is not None, "expat finds an element in every document, or an error"
    return Document(root=builder.nodes[0], versioned=builder.versioned, bases=frozenset(builder.bases))


class _Builder:
    """Makes the tree as expat goes through the document."""

    __slots__ = ("_attributes", "_names", "_pieces", "_prefixes", "_siblings", "_uris", "bases", "between", "nodes", "versioned")

    def __init__(self) -> None:
        #: The children, so far, of the element that is open: none for most.
        self.nodes: list[Node] | None = None
        #: The texts that stand beside elements.
        self.between: list[str] = []
        self.versioned = False
        self.bases: set[str] = set()
        #: The attributes of each open element, and the list that it is to stand in.
        self._attributes: list[dict[str, str]] = []
        self._siblings: list[list[Node] | None] = []
        self._pieces: list[str] = []
        self._names: dict[str, str] = {}
        self._prefixes: dict[str | None, str] = {}
        self._uris: dict[str, str | None] = {}

    def parser(self) -> expat.XMLParserType:
        """An expat parser that works for this builder."""
        # The document's own word for its charset does not count any more: it has been decoded.
        parser = expat.ParserCreate("utf-8", " ")
        parser.namespace_prefixes = True
        parser.buffer_text = True
        parser.StartNamespaceDeclHandler = self._declare
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._pieces.append
        return parser

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        pieces, siblings = self._pieces, self._siblings
        self.between.extend(pieces)
        pieces.clear()
        if name not in self._names:
            self._names[name] = self._plain(name)
        if len(siblings) >= DEPTH_LIMIT:
            raise NotPlain
        self._attributes.append(self._named(attributes) if attributes else attributes)
        siblings.append(self.nodes)
        self.nodes = None

    def _end(self, name: str) -> None:
        pieces, children = self._pieces, self.nodes
        if children is None:
            node = _new(Node, (self._names[name], self._attributes.pop(), "".join(pieces), ()))
        else:
            self.between.extend(pieces)
            node = _new(Node, (self._names[name], self._attributes.pop(), "", children))
        pieces.clear()
        siblings = self._siblings.pop()
        if siblings is None:
            self.nodes = [node]
        else:
            siblings.append(node)
            self.nodes = siblings

    def _plain(self, name: str) -> str:
        parts = name.split(" ")
        if len(parts) == 1:
            return name.lower()
        uri = parts[0].lower()
        known = _KNOWN[uri] if uri in _KNOWN else _LEFT.get(uri) or parts[2]
        return (f"{known}:{parts[1]}" if known else parts[1]).lower()

    def _named(self, attributes: dict[str, str]) -> dict[str, str]:
        """The attributes as feedparser names them."""
        if len(attributes) > ATTRIBUTES_LIMIT:
            raise NotPlain
        found = {}
        for name, value in attributes.items():
            uri, _, rest = name.rpartition(" ")[0].partition(" ") if " " in name else ("", "", name)
            plain = rest.lower()
            if uri:
                prefix = _KNOWN.get(uri.lower())
                if not prefix and plain in _TELLING:
                    raise NotPlain
                plain = f"{prefix or uri}:{plain}"
            if plain in found or (plain.rpartition(":")[2] in _MISTAKEN and not plain.startswith("xml:")):
                raise NotPlain
            found[plain] = value.lower() if plain in {"rel", "type"} else value
        if "xml:base" in found:
            self.bases.add(found["xml:base"])
        return found

    def _declare(self, prefix: str | None, uri: str | None) -> None:
        """Take notice of a namespace; feedparser keeps one list of them for the whole document."""
        name = (uri or "").lower()
        lower = prefix.lower() if prefix else None
        if len(self._prefixes) >= NAMESPACES_LIMIT or (name == _XLINK and self._siblings) or not self._is_usual(lower, name):
            raise NotPlain
        self.versioned = self.versioned or name in _VERSIONED or (prefix is None and name == _VERSIONED_BARE)

    def _is_usual(self, prefix: str | None, uri: str) -> bool:
        """Whether a prefix stands for a namespace as it does everywhere, or for one that nobody knows and nothing else."""
        if not uri or " " in uri or uri in _ODD or _ODD_PART in uri or self._prefixes.setdefault(prefix, uri) != uri:
            return False
        usual = _KNOWN[uri] if uri in _KNOWN else _LEFT.get(uri)
        if prefix in _USUAL:
            return prefix == usual
        return usual is not None or (prefix is not None and self._uris.setdefault(uri, prefix) == prefix)
