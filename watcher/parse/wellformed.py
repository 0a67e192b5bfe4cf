"""XML by the letter, for what has to be told apart from what only looks like it: expat, and no entities of a document's own.

feedparser forgives everything, and a subscription list that was cut in two should not pass for a whole one. Entities that a
document declares are what bombs are made of, and neither feeds nor subscription lists need any.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from xml.parsers import expat

_NAMED = re.compile(r"&(?!(?:amp|lt|gt|quot|apos);)([A-Za-z][A-Za-z0-9]{1,31};)")
_BARE = re.compile(r"&(?!#?[A-Za-z0-9]{1,32};)")

Start = Callable[[str, dict[str, str]], None]


class NotWellFormedError(ValueError):
    """What is wrong, in words of expat's or ours: "line 12, mismatched tag"."""


def mended(text: str) -> str:
    """The text with the two mistakes mended that have one meaning only: HTML's names of characters, and bare ampersands."""
    return _BARE.sub("&amp;", _NAMED.sub(lambda found: html.unescape(found[0]) if _is_known(found[0]) else found[0], text))


def read(text: str, start: Start | None = None) -> None:
    """Read a document to its end and call `start` with the name and the attributes of each element.

    Raises:
        NotWellFormedError: it is not well-formed, or declares entities.
        Whatever `start` raises.
    """
    parser = expat.ParserCreate("utf-8")
    parser.StartDoctypeDeclHandler = _refuse
    if start is not None:
        parser.StartElementHandler = start
    try:
        parser.Parse(text.encode("utf-8", "replace"), True)
    except expat.ExpatError as error:
        said = (expat.ErrorString(error.code) or "something is wrong").removeprefix("not well-formed ").strip("()")
        raise NotWellFormedError(f"line {error.lineno}, {said}") from None


def _refuse(name: str, system: str | None, public: str | None, declares: int) -> None:  # noqa: ARG001 - expat's signature
    if declares:
        raise NotWellFormedError("it declares entities of its own, which is how bombs are made")


def _is_known(reference: str) -> bool:
    return html.unescape(reference) != reference
