"""Cleans what comes from outside, once, at the door: text and links. Feed text is hostile until it has passed here.

HTML is taken apart in `untag`.

All of it is pure and takes time linear in its input, whatever the input is.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from urllib.parse import parse_qsl, quote, urlencode, urljoin, urlsplit, urlunsplit

LINK_LIMIT = 2000

#: No line of a terminal or a page needs more.
_LINE_LIMIT = 2000

#: What normalizing may change. Latin letters, dashes, quotes, currencies and Chinese characters stay what they are.
_BEYOND_LATIN = "[^\x00-\u02ff]"
_MAY_COMBINE = "[^\x00-\u02ff\u2010-\u2027\u2030-\u205e\u20a0-\u20bf\u4e00-\u9fff]"
#: What reads as the beginning of a tag.
LOOKS_LIKE_TAG = re.compile(r"<(?=[a-zA-Z/!?])")

_HOST = re.compile(r"[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?\.?|\[[0-9a-f:.]+\]")
#: A link that is clean as it stands, as most are: its host, path and query. What an empty part or a ";" does to it is not here.
PLAIN_LINK = re.compile(
    r"https?://([a-z0-9_][a-z0-9_.-]*+(?<![.-]))((?>(?:/[\w.~!$%&'()*+,:@=-]*+)*))"
    r"(?>(\?[\w.~!$%&'()*+,/:@=-]++)?)(?>(?:#[\w.~!$%&'()*+,/:@=-]++)?)",
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
    return LOOKS_LIKE_TAG.sub("< ", clean_text(text, limit=limit))


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
    # The second pattern takes 1 ms to compile, which a verb that shows "é" and no more need not wait for.
    if re.search(_BEYOND_LATIN, text) is None or re.search(_MAY_COMBINE, text) is None:
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


def cut_text(text: str, limit: int) -> str:
    """At most `limit` characters, ending with a whole word unless that would cost more than half of them."""
    if len(text) <= limit:
        return text
    kept = text[:limit]
    if not text[limit].isspace():
        space = max(kept.rfind(" "), kept.rfind("\n"))
        kept = kept[:space] if space > limit // 2 else kept
    return kept.rstrip()


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
