"""What feedparser makes of a text and of a link before it keeps them."""

from __future__ import annotations

import re
from contextlib import suppress
from urllib.parse import urljoin, urlsplit

from watcher.parse.elements import leaf
from watcher.parse.tree import Node, NotPlain

_C1 = re.compile("[\x80-\x9f]")
#: The characters that Windows-1252 has where Unicode has controls.
_CP1252 = {code: bytes([code]).decode("cp1252") for code in range(0x80, 0xA0) if code not in {0x81, 0x8D, 0x8F, 0x90, 0x9D}}
_REFERENCE_LIKE = re.compile("&([A-Za-z0-9_]+);")
_TEXT_TYPES = frozenset({"text", "plain", "text/plain", "html", "text/html"})


def text_of(node: Node) -> str:
    """The text of an element that may be of several types; markup, pictures and code are left to feedparser."""
    leaf(node)
    given = node.attributes
    if given and (given.get("type", "text") not in _TEXT_TYPES or given.get("mode") == "base64"):
        raise NotPlain
    return mended(node.text)


def mended(text: str) -> str:
    """A text without white space round it, in which UTF-8 and Windows-1252 that were taken for Latin-1 are put right."""
    text = text.strip()
    if text.isascii():
        return text
    with suppress(UnicodeError):
        text = text.encode("iso-8859-1").decode("utf-8")
    return text.translate(_CP1252) if _C1.search(text) else text


def linked(text: str) -> str:
    """The text of a link element, in which what looks like a reference was an ampersand of the query."""
    return _REFERENCE_LIKE.sub(r"&\1", text.replace("&amp;", "&")) if "&" in text else text


def resolved(link: str, *, based: bool) -> str:
    """A link as it stands; one that an xml:base might change is left to feedparser, where there is one in the document."""
    if ":///" in link or (based and not _is_whole(link)):
        raise NotPlain
    return link


def is_base(uri: str) -> bool:
    """Whether an xml:base is one against which whole links stay what they are."""
    try:
        return urlsplit(uri).scheme in {"http", "https"}
    except ValueError:
        return False


def _is_whole(link: str) -> bool:
    """Whether a link is the same whatever it is resolved against."""
    if not link.startswith(("http://", "https://", "tag:", "urn:")):
        return False
    try:
        return all(urljoin(base, link) == link for base in ("http://a.example/b", "https://a.example/b"))
    except ValueError:
        return False
