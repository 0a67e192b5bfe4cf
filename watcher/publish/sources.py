"""Where a release date comes from: the news that brought it, and who says so."""

from __future__ import annotations

from datetime import datetime

from watcher.board.board import Sheet
from watcher.board.standing import Standing, own
from watcher.edtf import Edtf
from watcher.model import Change, Fact, ReleaseKey
from watcher.tell.countdown import Dated
from watcher.tell.summary import release_says


def brought(sheet: Sheet, key: ReleaseKey, when: Edtf | None, *, by: datetime) -> Change | None:
    """The last change up to a moment (UTC) that brought a release to a date, or to none; None where nobody told it."""
    told = (change for change in reversed(sheet.stand.changes) if change.key == key and change.old != change.new)
    return next((change for change in told if change.new.date == when and change.recorded_at <= by), None)


def says(stand: Standing, key: ReleaseKey, fact: Fact, when: Edtf) -> str:
    """How sure a release is, and who says so."""
    return release_says(Dated(fact=fact, key=key, date=when)) if fact.outlets else own(key, stand)
