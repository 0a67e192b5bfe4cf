"""Bytes to text, whatever charset was declared, lied about or forgotten. Never fails."""

from __future__ import annotations

import codecs
import re

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
#: How a document in UTF-16 begins when nobody says so (XML 1.0, appendix F; RFC 8259 for JSON is alike).
_SILENT_UTF16 = ((re.compile(rb"[<{]\x00\S\x00"), "utf-16-le"), (re.compile(rb"\x00[<{]\x00\S"), "utf-16-be"))
_HEADER_CHARSET = re.compile(r"""charset\s*=\s*["']?([\w.:-]{1,40})""", re.IGNORECASE)
_XML_CHARSET = re.compile(rb"""\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w.:-]{1,40})["']""")

#: The charsets of feeds (WHATWG Encoding Standard, without those a byte below 128 of which may mean something else than
#: ASCII, but for Japanese mail's). Python knows more codecs, some of which (unicode_escape, utf-7, punycode) are for nobody's
#: feed and expensive or surprising.
_CHARSETS = frozenset(
    {"ascii", "utf-8", "big5", "big5hkscs", "cp866", "cp874", "euc_jp", "euc_kr", "gb2312", "gbk", "gb18030", "iso2022_jp"}
    | {"koi8-r", "koi8-u", "mac-roman", "mac-cyrillic", "shift_jis", "cp932", "cp949", "tis-620"}
    | {f"cp125{n}" for n in range(9)}
    | {f"iso8859-{n}" for n in range(1, 17) if n != 12}
)
#: What is written in these is also valid UTF-8, so their declaration has to be believed first.
_SEVEN_BIT = frozenset({"iso2022_jp"})
#: After so many stray bytes the rest is Windows-1252 altogether; reading on by pieces would take too long.
_MANY = 200


def decode(body: bytes, content_type: str | None) -> str:
    """The text of a document. `content_type` is the header as it came.

    In this order: a byte order mark; UTF-8 where the bytes are such, for hardly anything else ever is; the header's charset;
    the XML declaration's; and at last UTF-8 in which stray bytes are Windows-1252. An end in the middle of a character is no
    reason to doubt the rest.
    """
    for mark, charset in _BOMS:
        if body.startswith(mark):
            return body[len(mark) :].decode(charset, "replace")
    for start, charset in _SILENT_UTF16:
        if start.match(body):
            return body.decode(charset, "replace")
    declared = _declared(body, content_type)
    seven_bit = [charset for charset in declared if charset in _SEVEN_BIT]
    for charset in (*seven_bit, "utf-8", *declared):
        try:
            return codecs.getincrementaldecoder(charset)("strict").decode(body)
        except UnicodeDecodeError:
            continue
    return _mixed(body)


def charset_trouble(body: bytes, content_type: str | None) -> str | None:
    """What is wrong with what a document says of its charset, in words that go on after "it"; None where all is well."""
    if any(body.startswith(mark) for mark, _ in _BOMS) or any(start.match(body) for start, _ in _SILENT_UTF16):
        return None
    declared = _declared(body, content_type)
    charset = declared[0] if declared else "utf-8"
    try:
        body.decode(charset)
    except UnicodeDecodeError as error:
        said = "says" if declared else "says nothing of its charset, which means"
        return f"{said} {charset}, but is not (byte {error.start})"
    if len(set(declared)) > 1 and not body.isascii():
        return f"is sent as {declared[0]}, but calls itself {declared[1]}"
    if charset != "utf-8" and not body.isascii() and _is_utf8(body):
        return f"says {charset}, but is utf-8"
    return None


def _is_utf8(body: bytes) -> bool:
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _declared(body: bytes, content_type: str | None) -> list[str]:
    """Charsets that the header and the document claim, under Python's names, as far as they are a feed's."""
    header = _HEADER_CHARSET.search(content_type or "")
    prolog = _XML_CHARSET.match(body)
    names = [header[1]] if header else []
    names += [prolog[1].decode("ascii", "replace")] if prolog else []
    found = []
    for name in names:
        try:
            codec = codecs.lookup(name).name
        except (LookupError, ValueError):
            continue
        # What says Latin-1 is Windows-1252 in practice, and browsers read it so (WHATWG Encoding Standard, section 4.2).
        codec = "cp1252" if codec in {"iso8859-1", "ascii"} else codec
        if codec in _CHARSETS:
            found.append(codec)
    return found


def _mixed(body: bytes) -> str:
    """UTF-8 whose invalid bytes are taken for Windows-1252: what becomes of texts pasted together."""
    kept: list[str] = []
    rest = memoryview(body)
    for _ in range(_MANY):
        try:
            return "".join((*kept, str(rest, "utf-8")))
        except UnicodeDecodeError as error:
            kept += str(rest[: error.start], "utf-8"), str(rest[error.start : error.end], "cp1252", "replace")
            rest = rest[error.end :]
    return "".join((*kept, str(rest, "cp1252", "replace")))
