"""The bytes of a file that a person names: what is no text is refused with a word on what to do about it."""

from __future__ import annotations

import codecs

from watcher.errors import UsageError

#: How files begin that are no text, and what to say of them.
_FORMATS = (
    (b"%PDF", "is a PDF, not text; copy its text out, or save it with: pdftotext"),
    (b"PK\x03\x04", "is a zip archive, as word processors write; save it as plain text first"),
    (b"\x1f\x8b", "is compressed; unpack it first: gunzip -c"),
    (b"BZh", "is compressed; unpack it first: bunzip2 -c"),
    (b"\xfd7zXZ", "is compressed; unpack it first: xz -dc"),
    (b"\x89PNG", "is a picture, not text"),
    (b"\xff\xd8\xff", "is a picture, not text"),
    (b"GIF8", "is a picture, not text"),
    (b"SQLite format 3", "is a database; what is stored is asked for with: watcher status, why, history"),
)
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
#: So much of a file is looked through for what no text holds.
_HEAD = 4096


def refuse_binary(body: bytes, name: str) -> None:
    """Let a text pass, in whatever charset.

    Raises:
        UsageError: the file is of a kind that is no text.
    """
    for start, said in _FORMATS:
        if body.startswith(start):
            raise UsageError(f"{name}: {said}")
    wide = body.startswith((*_UTF16, b"<\0", b"\0<", b"{\0", b"\0{"))
    if not wide and b"\0" in body[:_HEAD]:
        raise UsageError(f"{name}: holds binary data (byte {body.index(0) + 1} is 0), not text; nothing can be read from it")


def utf8(body: bytes, name: str) -> str:
    """The text of a file in UTF-8, or in UTF-16 with its mark.

    Raises:
        UsageError: it is in neither; the text says in which line the first wrong byte stands.
    """
    if body.startswith(_UTF16):
        return body.decode("utf-16", "replace")
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = body.count(b"\n", 0, error.start) + 1
        raise UsageError(
            f"{name}, line {line}: is not in UTF-8 (byte 0x{body[error.start]:02x}); "
            f"convert it first, perhaps with: iconv -f WINDOWS-1252 -t UTF-8"
        ) from error
