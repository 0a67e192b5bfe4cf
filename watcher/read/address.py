"""What an item's address says of it: most end with the words of the headline, which some items come without.

RSS asks for a title or a description, not for both, and notes and pictures are posted without a title. The words lent by the
address name what the item is about; no claim is read from them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from urllib.parse import unquote, urlsplit

from watcher.model import Claim, Item, Sentence
from watcher.read.names import name_pattern

#: Fewer words in an address than this are a section's name or a code.
_FEWEST = 3
_WORD = re.compile(r"[^\W\d_]+")
_ENDING = re.compile(r"\.\w{2,5}$")
#: Between the words of an address.
_BETWEEN = re.compile(r"[-_+ ]+")


def titled(item: Item, names: Iterable[str]) -> Item:
    """The item under the words of its address, where it has a text and no headline; else the item as it is.

    Args:
        item: the item.
        names: what watched films are called; an address has no capitals, but these are written as here.
    """
    said = _words(item.link) if item.link and item.body and not item.title else ""
    for name in names:
        said = re.sub(rf"(?<!\w){name_pattern(name)}(?!\w)", name.replace("\\", r"\\"), said, flags=re.IGNORECASE)
    return replace(item, title=said) if said else item


def _words(link: str) -> str:
    """The words of an address: those between strokes in that part of its path (RFC 3986, section 3.3) which has the most."""
    try:
        parts = [unquote(part) for part in urlsplit(link).path.split("/")]
    except ValueError:
        return ""
    told = [[w for w in _BETWEEN.split(_ENDING.sub("", part)) if _WORD.fullmatch(w)] for part in parts]
    longest = max(told, key=len, default=[])
    return " ".join(longest).lower() if len(longest) >= _FEWEST else ""


def own(claims: Iterable[Claim], before: int) -> tuple[Claim, ...]:
    """Claims of the item under those words, their sentences placed in the item's own text `before` characters earlier."""
    return tuple(replace(claim, sentence=_moved(claim.sentence, before)) for claim in claims)


def _moved(sentence: Sentence, before: int) -> Sentence:
    return replace(sentence, start=sentence.start - before, end=sentence.end - before)
