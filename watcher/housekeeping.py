"""What a store needs to grow old, a little at each tick.

The days lived are counted, what is kept no longer goes, and what came in is put into the index of words.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from watcher.store import indexing, retention
from watcher.store.store import Store

#: Between two steps through the items, and between two notes of the time lived: each is a commit.
_STEP, _NOTE = timedelta(minutes=1), timedelta(hours=1)

#: All items are looked through once in so much time.
_ROUND = timedelta(days=1)


class Housekeeping:
    """Keeps house for one store, on the store's own thread. What never named a title is kept for `keep`, at least."""

    def __init__(self, store: Store, *, keep: timedelta) -> None:
        self._store, self._keep = store, keep
        self._lived: retention.Lived | None = None
        self._seen: datetime | None = None
        self._next: datetime | None = None
        self._began: datetime | None = None
        self._rests = False

    def work(self, now: datetime) -> None:
        """Do what is due; mostly nothing is.

        Raises:
            StoreError: the next call tries again.
        """
        if self._seen is not None and self._next is not None and self._seen <= now < self._next:
            self._seen = now
            return
        lived = self._lived or retention.lived(self._store.connection)
        if lived.at is None or not lived.at <= now < lived.at + _NOTE:
            lived = lived.on(now)
            retention.note_lived(self._store, lived)
        self._lived = lived
        with indexing.mending(self._store):
            self._lived = self._step(lived, now)
            indexing.add_texts(self._store)
        self._seen, self._next = now, now + _STEP

    def _step(self, lived: retention.Lived, now: datetime) -> retention.Lived:
        """One step through the items, unless all were looked through in this round. Returns how far it came."""
        if self._began is None or not self._began <= now < self._began + _ROUND:
            self._began, self._rests = now, False
        if self._rests:
            return lived
        swept = retention.sweep(self._store, after=lived.looked, before=(lived.time - self._keep).days)
        self._rests = swept.is_end
        return replace(lived, looked=swept.looked)
