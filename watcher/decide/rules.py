"""The names of what the user's own word may do, for whoever decides by them and whoever only shows them."""

from __future__ import annotations

from datetime import UTC, datetime

#: The rule of a claim that the user pinned: what it says is moved by the user's own later word alone.
PINNED = "pinned"
#: The rule of a claim that the user made by hand: it counts to the letter, where a configured value only supports a finer one.
FIXED = "fixed"

#: A title that is muted until the user says otherwise is muted until then.
FOREVER = datetime(9999, 12, 31, tzinfo=UTC)
