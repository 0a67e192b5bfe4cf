"""Who wrote it, as feedparser works it out of names, addresses and mixtures of both. Every step is as odd as the original."""

from __future__ import annotations

import re

from watcher.parse.elements import is_unruled, leaf
from watcher.parse.tree import Node, NotPlain

_ADDRESS = re.compile(
    r"(?:[a-zA-Z0-9_\-.+]+)@(?:\[[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}\.|(?:[a-zA-Z0-9\-]+\.)+)(?:[a-zA-Z]{2,4}|[0-9]{1,3})\]?"
    r"(?:\?subject=\S+)?"
)
#: Longer texts that hold an address are left to feedparser, whose expression takes time quadratic in their length.
_LONGEST = 300


class Names:
    """The author of an entry or a feed: the text of the last element, and the details that feedparser kept of them."""

    __slots__ = ("_last", "detail", "text")

    def __init__(self) -> None:
        self.text: str | None = None
        self.detail: dict[str, str] | None = None
        self._last: dict[str, str] = {}

    def add(self, node: Node, text: str) -> None:
        """Take in an element: one with a text of its own, or one whose children are the parts of a person."""
        self._last = {}
        for child in node.children:
            leaf(child)
            if child.name in {"name", "email"}:
                self._save(child.name, child.text.strip())
            elif child.name in {"uri", "url", "homepage"}:
                self._save("href", child.text.strip())
            elif child.text.strip() or not is_unruled(child.name):
                # The text of what it has no rule for may become part of the author's.
                raise NotPlain
        self.text = text
        self._agree()

    def _save(self, key: str, value: str) -> None:
        """Keep a part. Of several authors the parts are laid over each other, so that the last one's name stays."""
        if self.detail is None:
            self.detail = {}
        self.detail[key] = value
        self._agree()
        self._last[key] = value

    def _agree(self) -> None:
        """Make text and details agree: from the parts where there are some, else from what looks like an address in the text."""
        if self._last:
            name, email = self._last.get("name"), self._last.get("email")
            if name or email:
                self.text = f"{name} ({email})" if name and email else name or email
            return
        if not self.text:
            return
        author, email = _apart(self.text)
        if author or email:
            self.detail = self._last if self.detail is None else self.detail
        if author:
            self._last["name"] = author
        if email:
            self._last["email"] = email


def _apart(author: str) -> tuple[str, str | None]:
    """The name and the address in a text."""
    if "@" not in author:
        return author, None
    if len(author) > _LONGEST:
        raise NotPlain
    found = _ADDRESS.search(author)
    if found is None:
        return author, None
    for part in (found[0], "()", "<>", "&lt;&gt;"):
        author = author.replace(part, "")
    author = author.strip()
    author = author.removeprefix("(")
    return author.removesuffix(")").strip(), found[0]
