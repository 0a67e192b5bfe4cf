"""Cleans what comes from outside, once, at the door: text, HTML and links. Feed text is hostile until it has passed here.

All of it is pure and takes time linear in its input, whatever the input is.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, urlencode, urljoin, urlsplit, urlunsplit

LINK_LIMIT = 2000

#: No line of a terminal or a page needs more.
_LINE_LIMIT = 2000

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
_SIMPLE_TAG = re.compile(r"""</?([a-zA-Z][a-zA-Z0-9]*+)(?=[\s/>])(?:[^<>=]++|=\s*+(?:"[^"<>]*+"|'[^'<>]*+')|=(?!\s*["']))*+>""")
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
#: What normalizing may change. Latin letters, dashes, quotes, currencies and Chinese characters stay what they are.
_MAY_COMBINE = re.compile("[^\x00-\u02ff\u2010-\u2027\u2030-\u205e\u20a0-\u20bf\u4e00-\u9fff]")
_LOOKS_LIKE_TAG = re.compile(r"<(?=[a-zA-Z/!?])")

_HOST = re.compile(r"[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?\.?|\[[0-9a-f:.]+\]")
#: A link that is clean as it stands, as most are: its host, path and query. What an empty part or a ";" does to it is not here.
PLAIN_LINK = re.compile(
    r"https?://([a-z0-9_][a-z0-9_.-]*+(?<![.-]))((?:/[\w.~!$%&'()*+,:@=-]*+)*+)(\?[\w.~!$%&'()*+,/:@=-]++)?+(?:#[\w.~!$%&'()*+,/:@=-]++)?+",
    re.ASCII,
)
_TRACKING = frozenset({"fbclid", "gclid", "dclid", "msclkid", "mc_cid", "mc_eid", "igshid", "ncid", "cmpid", "fr", "guccounter"})
_TRACKING_VALUES = frozenset({("src", "rss"), ("ref", "rss"), ("source", "rss"), ("from", "rss")})


def clean_text(text: str, *, limit: int) -> str:
    """One line of plain text in NFC: one space between words, nothing that is not seen, at most `limit` characters.

    Control, format (bidi, zero-width, BOM, soft hyphen), surrogate, private and unassigned characters are dropped. A run of
    white space of any kind, line separators too, becomes one space. A cut is made between words where there is room to.
    """
    line = " ".join(text.split())
    if not line.isprintable():
        line = " ".join("".join(c for c in line if c.isprintable() or c.isspace()).split())
    if not line.isascii():
        line = _normal(line)
    return line if len(line) <= limit else cut_text(line, limit)


def plain(text: str) -> str:
    """Text of whatever origin as one line without a control character, for whatever shows it."""
    return clean_text(text, limit=_LINE_LIMIT)


def clean_line(text: str, *, limit: int) -> str:
    """`clean_text` for text that markup was taken out of already: nothing in it reads as a tag."""
    return _LOOKS_LIKE_TAG.sub("< ", clean_text(text, limit=limit))


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
                lines.append(_LOOKS_LIKE_TAG.sub("< ", cleaned) if "<" in cleaned else cleaned)
                length += len(lines[-1]) + 1
        if length > limit:
            break
    return cut_text("\n".join(lines), limit)


def clean_link(link: str, *, base: str | None = None) -> str | None:
    """A link that is safe to print and to offer, or None: http or https, no credentials, ASCII, at most 2,000 characters.

    Relative links are resolved against `base`, whose credentials they do not take along. A host that is not ASCII is written
    in punycode (UTS #46), everything else that is not ASCII is percent-encoded (RFC 3987, section 3.1).
    """
    link = link.strip()
    if not link.isprintable():
        link = "".join(c for c in link if c.isprintable())
    if len(link) > LINK_LIMIT:
        return None
    if PLAIN_LINK.fullmatch(link):
        return link
    try:
        parts = urlsplit(urljoin(_without_user(base), link) if base else link)
        port = parts.port
    except ValueError:
        return None
    host = _ascii_host(parts.hostname or "")
    if parts.scheme not in {"http", "https"} or host is None or "@" in parts.netloc:
        return None
    netloc = host if port is None else f"{host}:{port}"
    path, query, fragment = (quote(part, safe="!$%&'()*+,/:;=?@[]~") for part in (parts.path, parts.query, parts.fragment))
    cleaned = urlunsplit((parts.scheme, netloc, path, query, fragment))
    return cleaned if len(cleaned) <= LINK_LIMIT else None


def _without_user(url: str) -> str:
    if "@" not in url:
        return url
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def canonical_link(link: str) -> str:
    """What two links to the same page have in common, for telling stories apart; not meant to be opened.

    Without scheme, ``www.``, fragment, closing slash and the parameters that only say how the reader came there.
    """
    if (plain := PLAIN_LINK.fullmatch(link)) is not None and plain[3] is None:
        return plain[1].removeprefix("www.") + plain[2].rstrip("/")
    try:
        parts = urlsplit(link)
        fields = parse_qsl(parts.query, keep_blank_values=True, max_num_fields=100)
    except ValueError:
        return link
    kept = [(name, value) for name, value in fields if not _is_tracking(name.lower(), value.lower())]
    host = parts.netloc.lower().removeprefix("www.").removesuffix(":80" if parts.scheme == "http" else ":443")
    return urlunsplit(("", host, parts.path.rstrip("/"), urlencode(kept), "")).removeprefix("//")


def safe_url(url: str) -> str:
    """A URL as it may stand in a log or an error: without user, password, query and fragment, which may be secrets."""
    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port is not None else ""
    except ValueError:
        return "an address that is none"
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname or ""
    return clean_text(urlunsplit((parts.scheme, host + port, parts.path, "", "")), limit=200)


def without_url(sentence: str, url: str) -> str:
    """A sentence without the URL that it begins with, for where that is named beside it; what it redirects to stays."""
    return sentence.removeprefix(safe_url(url)).lstrip(": ")


def _normal(text: str) -> str:
    """The text in NFC, with at most 30 combining marks in a row (UAX #15, section 13, "Stream-Safe Text Format").

    Without that bound NFC takes time quadratic in the length of the run, and no language stacks more than a few. Marks are
    counted as they are once taken apart, for some characters that claim to be no mark (U+0F73) are two.
    """
    if _MAY_COMBINE.search(text) is None:
        return text
    # One character at a time, since in a whole text the marks would be sorted too, which is what takes so long.
    apart = {character: unicodedata.normalize("NFD", character) for character in set(text)}
    if any(unicodedata.combining(parts[0]) for parts in apart.values()):
        text = "".join(_stream_safe("".join(map(apart.__getitem__, text))))
    return unicodedata.normalize("NFC", text)


def _stream_safe(decomposed: str) -> Iterator[str]:
    run = 0
    for character in decomposed:
        run = run + 1 if unicodedata.combining(character) else 0
        if run <= 30:
            yield character


def _unescape(text: str) -> str:
    return html.unescape(_ENDLESS_NUMBER.sub("", text))


def cut_text(text: str, limit: int) -> str:
    """At most `limit` characters, ending with a whole word unless that would cost more than half of them."""
    if len(text) <= limit:
        return text
    kept = text[:limit]
    if not text[limit].isspace():
        space = max(kept.rfind(" "), kept.rfind("\n"))
        kept = kept[:space] if space > limit // 2 else kept
    return kept.rstrip()


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


def _ascii_host(host: str) -> str | None:
    """A host name in ASCII, or None where it is none. IPv6 addresses get their brackets back."""
    if not host.isascii():
        # Few hosts need it, and its tables take longer to load than the rest of a quick command.
        import idna  # noqa: PLC0415

        try:
            host = idna.encode(host, uts46=True).decode("ascii")
        except idna.IDNAError:
            return None
    host = f"[{host}]" if ":" in host else host.lower()
    return host if _HOST.fullmatch(host) else None


def _is_tracking(name: str, value: str) -> bool:
    return name.startswith("utm_") or name in _TRACKING or (name, value) in _TRACKING_VALUES
