"""Claims and changes as the JSON objects that `read --json` and `replay --json` print, one a line. The shape is fixed."""

from __future__ import annotations

from watcher.model import Change, Claim, CreditKey, ReleaseClaim, ReleaseKey


def claim_object(claim: Claim, title: str) -> dict[str, object]:
    """A claim; `title` is the configured name. Dates are EDTF."""
    common = {
        "title": title,
        "modality": str(claim.modality),
        "sentence": claim.sentence.text,
        "credits": claim.credits,
        "rule": claim.rule,
    }
    if isinstance(claim, ReleaseClaim):
        return {
            "kind": "release",
            "release_type": str(claim.type),
            "date": str(claim.date),
            "from_date": None if claim.from_date is None else str(claim.from_date),
            "region": claim.region,
            "action": str(claim.action),
            **common,
        }
    return {"kind": "credit", "person": claim.person, "job": claim.job, "role": claim.role, "status": str(claim.status), **common}


def alert_object(change: Change, title: str, sources: list[str]) -> dict[str, object]:
    """A change as it was told; `at` is when we came to hold it (UTC), `sources` are guids of the items behind it."""
    common: dict[str, object] = {
        "at": change.recorded_at.date().isoformat(),
        "title": title,
        "change": str(change.kind),
        "confidence": str(change.confidence),
        "sources": sources,
    }
    if isinstance(change.key, ReleaseKey):
        old = change.old.date if change.old else None
        return common | {
            "kind": "release",
            "release_type": str(change.key.type),
            "region": change.key.region,
            "old": None if old is None else str(old),
            "new": str(change.new.date),
        }
    assert isinstance(change.key, CreditKey)
    return common | {
        "kind": "credit",
        "person": change.new.person,
        "job": change.key.job,
        "role": change.new.role,
        "status": str(change.new.status),
    }
