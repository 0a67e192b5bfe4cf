"""What holds after every fault: the store is whole, nothing that is printed carries a secret or a control byte, `status` answers.

Whether an alert was lost or came twice is seen at its receiver alone, and asked there by each test.
"""

from __future__ import annotations

import json
import sqlite3
import subprocess
import unicodedata
from contextlib import closing
from pathlib import Path
from typing import Any

from processes import Home

#: What may stand in a text for a terminal besides what is printable.
_PLAIN = "\n\t"


def check_store(database: Path) -> None:
    """No page of the store is damaged, no row points to nothing, and no item came without what it was read from."""
    with closing(sqlite3.connect(database)) as db:
        assert [row[0] for row in db.execute("PRAGMA integrity_check")] == ["ok"]
        assert db.execute("PRAGMA foreign_key_check").fetchall() == []
        half = "SELECT id FROM item WHERE id NOT IN (SELECT item FROM item_version)"
        assert db.execute(half).fetchall() == []
        unread = "SELECT id FROM change WHERE (key, revision) NOT IN (SELECT key, revision FROM revision)"
        assert db.execute(unread).fetchall() == []


def check_text(text: str, *secrets: str) -> None:
    """Nothing here steers a terminal, gives a secret away, or is a traceback."""
    assert [char for char in text if char not in _PLAIN and unicodedata.category(char) in {"Cc", "Cf", "Cs", "Co"}] == []
    assert [secret for secret in secrets if secret in text] == []
    assert "Traceback" not in text, text


def asked(home: Home, *words: str) -> subprocess.CompletedProcess[str]:
    """A verb run to its end; what it prints is looked at, whatever it is."""
    ended = subprocess.run(home.command(*words), env=home.environ(), capture_output=True, text=True, timeout=60, check=False)
    check_text(ended.stdout + ended.stderr)
    return ended


def status(home: Home) -> dict[str, Any]:
    """What `status` says, once as a screen, which is looked at, and as values."""
    assert asked(home, "status").returncode == 0
    told: dict[str, Any] = json.loads(asked(home, "status", "--json").stdout)
    return told


def check(home: Home, log: str, *secrets: str) -> dict[str, Any]:
    """All of it, and what `status` says."""
    check_store(home.database)
    check_text(log, *secrets)
    return status(home)
