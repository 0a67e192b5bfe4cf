"""Facts, changes and claims as the JSON objects of `status`, `why` and `history`. Dates are EDTF, times are UTC (RFC 3339)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from watcher.model import Change, CreditKey, Evidence, Fact, ReleaseClaim, ReleaseKey, Value

#: Raised when a key changes its meaning or goes; new keys do not raise it.
VERSION = 1

Object = dict[str, Any]


def time_text(moment: datetime | None) -> str | None:
    """A moment to the second."""
    return None if moment is None else moment.isoformat(timespec="seconds")


def fact_object(fact: Fact) -> Object:
    """A fact as it stands: a release has `region`, `type` and `date`, a credit `person`, `job`, `role` and `status`."""
    return {
        "key": str(fact.key),
        "revision": fact.revision,
        **_what(fact.key, fact.value),
        "confidence": str(fact.confidence),
        "outlets": list(fact.outlets),
        "since": time_text(fact.since),
        "recorded_at": time_text(fact.recorded_at),
        "superseded": [str(day) for day in fact.superseded],
        "pinned": fact.pinned,
    }


def change_object(change: Change) -> Object:
    """A change; `at` is when the news was published, `recorded_at` when it came to us, `silent` why nobody was told."""
    return {
        "id": change.id,
        "kind": str(change.kind),
        **_what(change.key, change.new),
        "old": None if change.old is None else str(change.old),
        "new": str(change.new),
        "confidence": str(change.confidence),
        "at": time_text(change.at),
        "recorded_at": time_text(change.recorded_at),
        "outlet": change.outlet,
        "credits": change.credits,
        "sentence": change.sentence or None,
        "link": change.link,
        "silent": change.silent,
        "late": change.late,
    }


def claim_object(evidence: Evidence) -> Object:
    """A claim with where it stood."""
    claim, source = evidence.claim, evidence.source
    said: Object = (
        {"date": str(claim.date), "action": str(claim.action), "from_date": claim.from_date and str(claim.from_date)}
        if isinstance(claim, ReleaseClaim)
        else {"person": claim.person, "status": str(claim.status), "role": claim.role}
    )
    return {
        "item": source.item,
        "key": str(evidence.key),
        **said,
        "modality": str(claim.modality),
        "outlet": source.outlet,
        "credits": claim.credits,
        "published": time_text(source.published),
        "first_seen": time_text(source.first_seen),
        "sentence": claim.sentence.text or None,
        "headline": source.title or None,
        "link": source.link,
        "rule": claim.rule,
    }


def _what(key: ReleaseKey | CreditKey, value: Value) -> Object:
    if isinstance(key, ReleaseKey):
        return {"region": key.region, "type": str(key.type), "date": None if value.date is None else str(value.date)}
    status = None if value.status is None else str(value.status)
    return {"person": value.person or key.person, "job": key.job, "role": value.role, "status": status}
