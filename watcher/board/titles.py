"""A title as a JSON object: for `status --json` and for what is published. Dates are EDTF, times are UTC (RFC 3339)."""

from __future__ import annotations

from watcher.board.objects import Object, change_object, fact_object, time_text
from watcher.board.standing import Standing
from watcher.model import CreditKey, ReleaseKey
from watcher.tell.countdown import Dated

_CHANGES = 10


def title_object(stand: Standing) -> Object:
    """A title with its countdown, all that is held of it, and its last changes, newest last."""
    count = stand.count
    return {
        "id": stand.title.id,
        "name": stand.title.name,
        "muted_until": time_text(stand.muted_until),
        "countdown": {
            "words": count.words,
            "days": None if count.days is None else list(count.days),
            **_counted_object(count.next, stand),
            "note": count.note,
            "released": None if count.released is None else _dated_object(count.released),
            "released_words": count.released_words,
        },
        "releases": [fact_object(fact) for fact in stand.facts if isinstance(fact.key, ReleaseKey)],
        "credits": [fact_object(fact) for fact in stand.facts if isinstance(fact.key, CreditKey)],
        "changes": [change_object(change) for change in stand.changes[-_CHANGES:]],
    }


def _counted_object(dated: Dated | None, stand: Standing) -> Object:
    """The release that is counted to; `day` is null for what is no day, so that no program takes a summer for its first day."""
    if dated is None:
        return dict.fromkeys(("date", "region", "type", "day", "date_words", "confidence"))
    return {
        **_dated_object(dated),
        "day": str(dated.date) if dated.date.is_day else None,
        "date_words": stand.dates.in_words(dated.date),
        "confidence": str(dated.fact.confidence),
    }


def _dated_object(dated: Dated) -> Object:
    return {"date": str(dated.date), "region": dated.key.region, "type": str(dated.key.type)}
