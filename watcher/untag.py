"""Takes the text out of HTML, as hostile as it comes: the part of `clean` that only whoever takes feeds and pages in needs.

All of it is pure and takes time linear in its input, whatever the input is.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from watcher.clean import LOOKS_LIKE_TAG, clean_text, cut_text

#: Elements that a reader sees as lines of their own (HTML, section 15.3 "Flow content" of the rendering rules).
_BLOCKS = frozenset(
    {"address", "article", "aside", "blockquote", "br", "center", "dd", "details", "dialog", "div", "dl", "dt", "fieldset"}
    | {"figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "legend", "li", "main"}
    | {"nav", "ol", "option", "p", "pre", "section", "summary", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul"}
)
#: Elements whose content is not written for people.
_UNSEEN = frozenset({"iframe", "noframes", "noscript", "object", "script", "style", "svg", "template", "textarea"})
_END_OF_UNSEEN = {name: re.compile(rf"</{name}(?![a-z0-9-])", re.IGNORECASE) for name in _UNSEEN}

_TAG_START = re.compile(r"</?([a-zA-Z][^\s/>]*)|<[!?/]")
_TAG_STOP = re.compile(r"""=\s*(["'])|>""")
#: A tag with neither "<" nor ">" in its attributes. It is looked for no further than to the next of them, so in linear time.
_SIMPLE_TAG = re.compile(
    r"""</?([a-zA-Z][a-zA-Z0-9]*+)(?=[\s/>])(?>(?:[^<>=]++|=\s*+(?:"[^"<>]*+"|'[^'<>]*+')|=(?!\s*["']))*)>"""
)
#: Where a line ends, in markup that has no such character.
_BREAK = "\0"
_BLANK_LINE = re.compile(r"\n[ \t\r]*\n")
#: What is left of markup that was escaped twice, once decoded: a common tag or a character reference.
_ESCAPED = re.compile(
    r"</?(?:a|b|br|div|em|figure|h[1-6]|i|img|li|ol|p|script|span|strong|style|u|ul)(?=[\s/>])|<!--"
    r"|&(?:amp|apos|gt|hellip|l[ds]quo|lt|[mn]dash|nbsp|quot|r[ds]quo|[A-Za-z](?:acute|cedil|circ|grave|tilde|uml)"
    r"|#\d{1,7}|#[xX][0-9a-fA-F]{1,6});",
    re.IGNORECASE,
)
#: No character has so long a number, and `html.unescape` fails on numbers of thousands of digits.
_ENDLESS_NUMBER = re.compile(r"&#[xX]?[0-9a-fA-F]{9,};?")


def strip_tags(html_text: str, *, limit: int) -> str:
    r"""The text of HTML, cleaned: a line (``\n``) for each paragraph, at most `limit` characters, nothing that reads as a tag.

    Comments, scripts and styles are dropped. Markup that was escaped once too often is decoded once more. A tag or a comment
    that never ends takes the rest with it, as in a browser (HTML, section 13.2.5). In text without a tag a blank line ends a
    paragraph.
    """
    if "<" not in html_text and "&" not in html_text and "\n" not in html_text:
        return clean_text(html_text, limit=limit)
    lines: list[str] = []
    length = 0
    for paragraph in _paragraphs(html_text):
        marked = "<" in paragraph or "&" in paragraph
        for line in _paragraphs(paragraph) if marked and _ESCAPED.search(paragraph) else (paragraph,):
            cleaned = clean_text(line, limit=limit)
            if cleaned:
                lines.append(LOOKS_LIKE_TAG.sub("< ", cleaned) if "<" in cleaned else cleaned)
                length += len(lines[-1]) + 1
        if length > limit:
            break
    return cut_text("\n".join(lines), limit)


def _unescape(text: str) -> str:
    return html.unescape(_ENDLESS_NUMBER.sub("", text))


def _paragraphs(html_text: str) -> Iterable[str]:
    """The paragraphs of HTML, tags taken out and entities decoded once; not cleaned, and blank ones may be missing."""
    if not _TAG_START.search(html_text):
        return map(_unescape, _BLANK_LINE.split(html_text))
    simple = _simple_paragraphs(html_text)
    if simple is None:
        return map(_unescape, _any_paragraphs(html_text))
    return [_unescape(text) if "&" in text else text for text in simple if text and not text.isspace()]


def _any_paragraphs(html_text: str) -> Iterator[str]:
    """The paragraphs of any markup."""
    pieces: list[str] = []
    for text, block in _pieces(html_text):
        pieces.append(text)
        if block:
            yield "".join(pieces)
            pieces.clear()
    yield "".join(pieces)


def _simple_paragraphs(html_text: str) -> list[str] | None:
    """The paragraphs of markup in which all tags are plain and hide nothing, as in most; None for any other."""
    parts = _SIMPLE_TAG.split(html_text)
    names = {name: name.lower() for name in parts[1::2]}
    breaks = {name: _BREAK if lower in _BLOCKS else "" for name, lower in names.items()}
    parts[1::2] = map(breaks.__getitem__, parts[1::2])
    text = "".join(parts)
    if _BREAK in html_text or not _UNSEEN.isdisjoint(names.values()) or ("<" in text and _TAG_START.search(text)):
        return None
    return text.split(_BREAK)


def _pieces(html_text: str) -> Iterator[tuple[str, bool]]:
    """The text between tags, each with whether the tag after it ends a line."""
    at, hidden = 0, False
    for tag in html_tags(html_text):
        yield "" if hidden else html_text[at : tag.start], tag.name in _BLOCKS
        at, hidden = tag.end, tag.hides
    yield "" if hidden else html_text[at:], False


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag, comment or declaration and where it stands; `name` is in lower case, empty for comments and declarations.

    What follows a tag that `hides` is not written for people, up to the next tag.
    """

    start: int
    end: int
    name: str
    hides: bool


def html_tags(html_text: str) -> Iterator[Tag]:
    """The tags of HTML in their order; what looks like a tag inside a script is none. Reads forwards only: linear time."""
    at = 0
    while (found := _TAG_START.search(html_text, at)) is not None:
        name = (found[1] or "").lower()
        end = _after_tag(html_text, found)
        hides = name in _UNSEEN and html_text[found.start() + 1] != "/" and not html_text.endswith("/>", found.start(), end)
        yield Tag(found.start(), end, name, hides)
        closing = _END_OF_UNSEEN[name].search(html_text, end) if hides else None
        at = closing.start() if closing else len(html_text) if hides else end


def _after_tag(html_text: str, tag: re.Match[str]) -> int:
    """Where a tag, comment or declaration ends; the end of the text if it never does."""
    at = tag.end()
    if tag[1] is None:
        comment = html_text.startswith("<!--", tag.start())
        end = html_text.find("-->" if comment else ">", tag.start() + 4 if comment else at)
        return len(html_text) if end < 0 else end + (3 if comment else 1)
    while (stop := _TAG_STOP.search(html_text, at)) is not None and stop[1] is not None:
        closing = html_text.find(stop[1], stop.end())
        if closing < 0:
            return len(html_text)
        at = closing + 1
    return len(html_text) if stop is None else stop.end()
