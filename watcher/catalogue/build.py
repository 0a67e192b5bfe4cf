"""From a table of TOML to a Title: one shape for the titles that ship with `watcher` and for the user's own."""

from __future__ import annotations

import re
import unicodedata
import zlib
from collections.abc import Mapping
from datetime import date
from typing import Any

from watcher.edtf import Edtf
from watcher.model import Known, ReleaseType, Status, Title

#: Letters that are one letter of ASCII to an English reader, though Unicode does not take them apart; and apostrophes.
_LETTERS = str.maketrans({"ø": "o", "đ": "d", "ð": "d", "ł": "l", "æ": "ae", "œ": "oe", "þ": "th", "ı": "i", "'": "", "’": ""})


def slug(name: str) -> str:
    """The name in lower-case ASCII letters, digits and hyphens: "Amélie's 2nd" is `amelies-2nd`. Never empty.

    Letters that ASCII cannot tell leave a checksum behind, so that two names in another script stay two.
    """
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", name).casefold().translate(_LETTERS))
    plain = "".join(char for char in folded if not unicodedata.combining(char))
    words = re.findall(r"[a-z0-9]+", plain)
    if not words or any(char.isalnum() and not char.isascii() for char in plain):
        words.append(f"{zlib.crc32(folded.encode('utf-8', 'surrogatepass')):08x}")
    return "-".join(words)


def tag_slug(name: str) -> str | None:
    """The name as WordPress writes it in the address of a tag; None where that would not be in plain letters.

    Dots, slashes, dashes and blanks part words there, other marks are left out: "3:10 to a Place" is `310-to-a-place`.
    """
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", name).casefold().translate(_LETTERS))
    plain = "".join(char for char in folded if not unicodedata.combining(char))
    if any(char.isalnum() and not char.isascii() for char in plain):
        return None
    parted = re.sub(r"[\s./_‐-―-]+", "-", plain)
    return "-".join(part for part in re.sub(r"[^a-z0-9-]", "", parted).split("-") if part) or None


def title_from(table: Mapping[str, Any], *, builtin: bool = False) -> Title:
    """The title that a valid table describes.

    Raises:
        KeyError, ValueError: the table was not checked before.
    """
    return Title(
        id=table.get("id") or slug(table["name"]),
        name=table["name"],
        aliases=tuple(table.get("aliases", ())),
        context=tuple(table.get("context", ())),
        exclusions=tuple(table.get("not", ())),
        origin=table.get("origin", "US"),
        known=tuple(_known(entry) for entry in table.get("known", ())),
        builtin=builtin,
    )


def _known(entry: Mapping[str, Any]) -> Known:
    return Known(
        on=date.fromisoformat(str(entry["on"])),
        release=Edtf(str(entry["release"])) if "release" in entry else None,
        type=ReleaseType(entry.get("type", ReleaseType.THEATRICAL)),
        region=entry.get("region"),
        person=entry.get("person"),
        job=entry.get("job", "actor"),
        role=entry.get("role"),
        status=Status(entry.get("status", Status.JOINS)),
        outlet=entry.get("outlet"),
        url=entry.get("url"),
        pin=entry.get("pin", False),
    )
