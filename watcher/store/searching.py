"""Which stored texts have some words in them: any text of a user's becomes a search, and none is an error.

Each word is looked for where a word begins ("delay" finds "delayed"), what stands in quotation marks as it stands, and all of
them must be in one text: the item as its feed has it, or the page behind it. Case and accents do not matter. The index cannot
tell words apart where a script puts no blanks between them: a question with such letters in it is looked for as it stands,
anywhere in the texts, ASCII letters in any case.
"""

from __future__ import annotations

import json
import re
import sqlite3
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from watcher.clean import clean_text
from watcher.store.indexed import TOKENS, place_of_last

_QUOTED = re.compile(r'"([^"]*)"')
_MARKS = str.maketrans(dict.fromkeys("“”„‟«»＂", '"'))

#: So much of what somebody wrote is looked for.
_LIMIT = 20_000
#: SQLite puts so many words into one question without a word of protest.
_TOGETHER = 100

#: Latin, Greek and Cyrillic letters: in these the index tells words apart as a reader does. It knows those of Unicode 6.1,
#: which had not all of the letters that these blocks have now.
_ALPHABETS = ((0x0000, 0x037E), (0x0380, 0x0527), (0x1E00, 0x1FFF))
_LETTERS = ("L", "N", "M")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """What a text must have: all `matches`, in the language of FTS5, or else all `pieces` as they stand."""

    matches: tuple[str, ...] = ()
    pieces: tuple[str, ...] = ()


def sought(text: str) -> Sought | None:
    """What somebody looks for; None where they wrote nothing."""
    line = clean_text(text.translate(_MARKS), limit=_LIMIT)
    phrases = [phrase for phrase in map(str.strip, _QUOTED.findall(line)) if phrase]
    words = _QUOTED.sub(" ", line).replace('"', " ").split()
    # Signs ("🎬", "-") are no words: they are looked for, as they stand, only where there is nothing else.
    if not any(map(_is_word, (*phrases, *words))):
        signs = tuple(dict.fromkeys((*phrases, *words)))
        return Sought(pieces=signs) if signs else None
    phrases, words = list(filter(_is_word, phrases)), list(filter(_is_word, words))
    if any(map(_is_foreign, (*phrases, *words))):
        return Sought(pieces=tuple(dict.fromkeys((*phrases, *words))))
    several = list(dict.fromkeys((*(f'"{phrase}"' for phrase in phrases), *(f'"{word}" *' for word in words))))
    return Sought(matches=tuple(" ".join(several[n : n + _TOGETHER]) for n in range(0, len(several), _TOGETHER)))


def note_matching(db: sqlite3.Connection, wanted: Sought) -> None:
    """Note the places of all texts that have it in ``temp.matching``, a table of this connection's own.

    `db` is a reader, as `ask.open_reader` gives it. The texts that are not in the index yet, all of them where it is of no use
    (see `indexing`), are put into an index of its own first, which is gone when it is closed.
    """
    db.execute("BEGIN")  # one state of the store for all of it
    db.execute("CREATE TEMP TABLE IF NOT EXISTS matching (place INTEGER PRIMARY KEY)")
    db.execute("DELETE FROM temp.matching")
    if wanted.matches:
        _note_indexed(db, wanted.matches)
    else:
        db.execute(_WITH_PIECES, {"pieces": json.dumps(wanted.pieces)})
    db.execute("COMMIT")


def _note_indexed(db: sqlite3.Connection, matches: Sequence[str]) -> None:
    place = place_of_last(db)
    db.execute("DROP TABLE IF EXISTS temp.fresh")
    db.execute(f"CREATE VIRTUAL TABLE temp.fresh USING fts5 (title, body, content = '', columnsize = 0, tokenize = '{TOKENS}')")
    db.execute(
        "INSERT INTO temp.fresh (rowid, title, body) SELECT rowid, title, body FROM main.item_version WHERE rowid > ?",
        [place or 0],
    )
    where = _FRESH if place is None else f"{_INDEXED} UNION {_FRESH}"
    found = " INTERSECT ".join(f"SELECT rowid FROM ({where.format(number)})" for number in range(len(matches)))
    db.execute(f"INSERT INTO temp.matching {found}", {f"m{number}": match for number, match in enumerate(matches)})


_INDEXED = "SELECT rowid FROM main.words WHERE words MATCH :m{0}"
_FRESH = "SELECT rowid FROM temp.fresh WHERE fresh MATCH :m{0}"
_WITH_PIECES = """
INSERT INTO temp.matching SELECT v.rowid FROM main.item_version AS v WHERE NOT EXISTS (SELECT 1 FROM json_each(:pieces)
  WHERE NOT (instr(lower(v.title), lower(value)) OR instr(lower(v.body), lower(value))))
"""


def _is_word(part: str) -> bool:
    """Whether it has a letter or a digit."""
    return any(map(str.isalnum, part))


def _is_foreign(part: str) -> bool:
    """Whether it has a letter of a script that is looked for as it stands."""
    return any(_is_letter(c) and not any(first <= ord(c) <= last for first, last in _ALPHABETS) for c in part)


def _is_letter(character: str) -> bool:
    return character.isalnum() or unicodedata.category(character)[0] in _LETTERS
