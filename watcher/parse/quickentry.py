"""One item or entry of a plain feed to the fields that feedparser would give it.

What is done here is what feedparser does, its oddities too; each of them says so. What it alone understands is left to it.
"""

from __future__ import annotations

from collections.abc import Callable

from watcher.parse.elements import AUTHORS, LEAVES, is_unruled, language_of, leaf, person
from watcher.parse.mending import linked, mended, resolved, text_of
from watcher.parse.people import Names
from watcher.parse.tree import Node, NotPlain

#: Fields of which an entry's last counts, by the names of their elements.
_FIELDS = {
    **dict.fromkeys(("published", "issued", "pubdate", "dcterms:issued"), "published"),
    **dict.fromkeys(("updated", "modified", "lastbuilddate", "dc:date", "dcterms:modified"), "updated"),
    **dict.fromkeys(("created", "dcterms:created"), "created"),
}
_LINK_TYPES = frozenset({"html", "text/html", "xhtml", "application/xhtml+xml"})
_IN_SOURCE = frozenset(
    {"category", "generator", "icon", "id", "link", "logo", "published", "rights", "subtitle", "title", "updated"}
)


def read_entry(node: Node, language: str, *, based: bool) -> dict[str, object]:
    """The fields of an entry, by feedparser's names."""
    own = language_of(node, language)
    entry = _Entry(own, based=based)
    about = node.attributes.get("rdf:about")
    if about:
        entry.fields["id"] = about
    for child in node.children:
        work = _WORK.get(child.name)
        if work is not None:
            work(entry, child)
        else:
            entry.pass_over(child, 2, own)
    return entry.whole()


class _Entry:
    """An entry while its children are gone through. A depth of 1 is that of its children."""

    __slots__ = (
        *("_based", "_contents", "_has_content", "_language", "_mark", "_summary_at", "_title_at", "_title_language"),
        *("fields", "names"),
    )

    def __init__(self, language: str, *, based: bool) -> None:
        self.fields: dict[str, object] = {}
        self.names = Names()
        self._language = language
        self._based = based
        self._contents: list[str] = []
        self._has_content = False
        #: Titles at this depth and below are not taken any more; None where all are.
        self._mark: int | None = None
        self._title_at: int | None = None
        self._title_language = ""
        self._summary_at: int | None = None

    def whole(self) -> dict[str, object]:
        """All fields."""
        self.fields["title_detail"] = {"language": self._title_language}
        self.fields["content"] = [{"type": "text/html", "value": value} for value in self._contents]
        self.fields["author"], self.fields["author_detail"] = self.names.text, self.names.detail
        return self.fields

    def entitle(self, node: Node, depth: int = 1, inherited: str | None = None) -> None:
        """A title. The first at a depth wins unless it is empty; one of the media module never wins over the entry's own."""
        text = text_of(node)
        if self._mark is None or self._mark > depth:
            if self._title_at is None or depth <= self._title_at:
                self.fields["title"], self._title_at = text, depth
            self._title_language = language_of(node, self._language if inherited is None else inherited).replace("_", "-")
        if text and node.name != "media:title":
            self._mark = depth

    def describe(self, node: Node, depth: int = 1) -> None:
        """A description or summary. A second one is a content, one after a content takes the place of the first."""
        text = text_of(node)
        if "summary" in self.fields and not self._has_content:
            self._has_content = True
            self._contents.append(text)
        elif self._summary_at is None or depth <= self._summary_at:
            self.fields["summary"], self._summary_at = text, depth

    def contain(self, node: Node) -> None:
        """A content. It is the summary too where there is none before it."""
        text = text_of(node)
        self._has_content = True
        self._contents.append(text)
        self.fields.setdefault("summary", text)

    def identify(self, node: Node) -> None:
        """A guid or id. It is the link too where it does not deny it and there is none before it."""
        leaf(node)
        is_link = node.attributes.get("ispermalink", "true") == "true"
        text = node.text.strip()
        self.fields["id"] = text = mended(resolved(text, based=self._based) if is_link and text else text)
        if is_link:
            self.fields.setdefault("link", text)

    def link(self, node: Node) -> None:
        """A link, whose text or address takes the place of the one before."""
        leaf(node)
        given = node.attributes
        target = given.get("url", given.get("uri", given.get("href"))) or given.get("href")
        if target is None:
            text = node.text.strip()
            self.fields["link"] = linked(mended(resolved(text, based=self._based) if text else text))
        elif given.get("rel", "alternate") == "alternate" and given.get("type", "text/html") in _LINK_TYPES:
            self.fields["link"] = resolved(target, based=self._based)

    def keep(self, node: Node) -> None:
        """A field of which the last counts."""
        leaf(node)
        self.fields[_FIELDS[node.name]] = mended(node.text)

    def origin(self, node: Node) -> None:
        """The link behind a counting one."""
        leaf(node)
        if node.attributes:
            raise NotPlain
        self.fields["feedburner_origlink"] = mended(node.text)

    def author(self, node: Node) -> None:
        """An author."""
        self.names.add(node, mended(node.text))

    def source(self, node: Node) -> None:
        """The feed that an entry was taken from. After it, another title counts."""
        self._mark = None
        for child in node.children:
            if child.name in AUTHORS or child.name == "contributor":
                person(child)
            elif child.name in _IN_SOURCE:
                leaf(child)
            else:
                raise NotPlain
            if child.name == "title" and text_of(child):
                self._mark = 2

    def image(self, node: Node) -> None:
        """An image of the entry's own. After it, another title counts."""
        leaf(node)
        self._mark = None

    def pass_over(self, node: Node, depth: int, inherited: str) -> None:
        """An element that feedparser has no rule for; of what stands in it, titles and descriptions of media may count."""
        if node.name in LEAVES:
            leaf(node)
            return
        if not is_unruled(node.name):
            raise NotPlain
        language = language_of(node, inherited)
        for child in node.children:
            if child.name == "media:title":
                self.entitle(child, depth, language)
            elif child.name == "media:description":
                self.describe(child, depth)
            else:
                self.pass_over(child, depth + 1, language)


_WORK: dict[str, Callable[[_Entry, Node], None]] = {
    **dict.fromkeys(("title", "dc:title", "media:title"), _Entry.entitle),
    **dict.fromkeys(("description", "dc:description", "media:description", "summary", "itunes:summary"), _Entry.describe),
    **dict.fromkeys(("content", "content:encoded"), _Entry.contain),
    **dict.fromkeys(("guid", "id"), _Entry.identify),
    **dict.fromkeys(_FIELDS, _Entry.keep),
    **dict.fromkeys(AUTHORS, _Entry.author),
    **dict.fromkeys((*LEAVES, "language", "dc:language"), lambda _, node: leaf(node)),
    "contributor": lambda _, node: person(node),
    "feedburner:origlink": _Entry.origin,
    "image": _Entry.image,
    "link": _Entry.link,
    "source": _Entry.source,
}
