"""How far the index of the words of all texts has come, for who fills it (`indexing`) and who asks it (`searching`)."""

from __future__ import annotations

import sqlite3

#: How FTS5 tells words apart: by Unicode, whatever their accents and case; as in the schema.
TOKENS = "unicode61 remove_diacritics 2"


def place_of_last(db: sqlite3.Connection) -> int | None:
    """The place of the last text that is in the index, 0 for none; None where the texts no longer lie as it has them."""
    found = db.execute(
        "SELECT place, version IS (SELECT id FROM item_version WHERE rowid = indexed.place) AS holds FROM indexed"
    ).fetchone()
    return int(found["place"]) if found["holds"] else None
