"""Between values and rows. Times are stored as ISO 8601 text in UTC with microseconds, so that text sorts as time does."""

from __future__ import annotations

import json
import sqlite3
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from watcher.edtf import Edtf
from watcher.model import (
    Action,
    Cause,
    Change,
    ChangeKind,
    Claim,
    Confidence,
    CreditClaim,
    Evidence,
    Fact,
    Item,
    Modality,
    Precision,
    ReleaseClaim,
    ReleaseType,
    Sentence,
    Source,
    SourceKind,
    Status,
    Value,
    parse_key,
)

if TYPE_CHECKING:
    from watcher.decide.fold import Start
    from watcher.decide.intents import ItemVersion

Row = sqlite3.Row
Record = dict[str, Any]


@lru_cache(maxsize=100)
def stamp(moment: datetime) -> str:
    """The text of a moment; the same width for all, so that text sorts as time does."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def stamp_or_none(moment: datetime | None) -> str | None:
    """`stamp`, where there may be none."""
    return None if moment is None else stamp(moment)


def moment(text: str) -> datetime:
    """The moment of a text that `stamp` wrote."""
    return datetime.fromisoformat(text)


def moment_or_none(text: str | None) -> datetime | None:
    """`moment`, where there may be none."""
    return None if text is None else moment(text)


def _date(text: str | None) -> Edtf | None:
    return None if text is None else Edtf(text)


def _text(date: Edtf | None) -> str | None:
    return None if date is None else str(date)


def item_of(row: Row) -> Item:
    """The item in a row of `item_version` joined with its `item`."""
    return Item(
        guid=row["guid"],
        title=row["title"],
        body=row["body"],
        link=row["link"],
        published=moment_or_none(row["published"]),
        precision=Precision(row["precision"]),
        author=row["author"],
        language=row["language"],
        digest=row["digest"],
    )


def item_record(version: ItemVersion) -> Record:
    """The item that a version is of, as a row of `item`."""
    return {
        "id": version.item,
        "feed": version.feed,
        "guid": version.content.guid,
        "first_seen_at": stamp(version.seen_at),
        "version": version.id,
    }


def version_record(version: ItemVersion) -> Record:
    """A version as a row of `item_version`."""
    item = version.content
    return {
        "id": version.id,
        "item": version.item,
        "digest": item.digest,
        "title": item.title,
        "body": item.body,
        "link": item.link,
        "author": item.author,
        "language": item.language,
        "published": stamp_or_none(item.published),
        "precision": str(item.precision),
        "seen_at": stamp(version.seen_at),
    }


def version_of(row: Row) -> ItemVersion:
    """The version in a row of `item_version` joined with its `item` and its source (columns `s_…`)."""
    from watcher.decide.intents import ItemVersion  # noqa: PLC0415 - as for marks

    return ItemVersion(
        id=row["id"],
        item=row["item"],
        feed=row["feed"],
        content=item_of(row),
        seen_at=moment(row["seen_at"]),
        kind=SourceKind(row["s_kind"]),
    )


def source_record(source: Source, version: str | None) -> Record:
    """A source as a row of `source`; `version` is the item version it was read from, if any."""
    return {
        "id": source.id,
        "item": source.item,
        "kind": str(source.kind),
        "version": version,
        "outlet": source.outlet,
        "link": source.link,
        "title": source.title,
        "published": stamp_or_none(source.published),
        "first_seen": stamp(source.first_seen),
        "story": source.story,
        "fresh": int(source.fresh),
        "current": 1,
    }


def source_of(row: Row, prefix: str = "") -> Source:
    """The source in a row; `prefix` stands before its columns where they were joined to others."""
    return Source(
        id=row[f"{prefix}id"],
        item=row[f"{prefix}item"],
        kind=SourceKind(row[f"{prefix}kind"]),
        outlet=row[f"{prefix}outlet"],
        link=row[f"{prefix}link"],
        title=row[f"{prefix}title"],
        published=moment_or_none(row[f"{prefix}published"]),
        first_seen=moment(row[f"{prefix}first_seen"]),
        story=row[f"{prefix}story"],
        fresh=bool(row[f"{prefix}fresh"]),
    )


def claim_record(evidence: Evidence, reading: str) -> Record:
    """A claim as a row of `claim`."""
    claim = evidence.claim
    record: Record = {
        "id": evidence.id,
        "reading": reading,
        "key": str(evidence.key),
        "title": claim.title,
        "modality": str(claim.modality),
        "credits": claim.credits,
        "rule": claim.rule,
        "sentence": claim.sentence.text,
        "start": claim.sentence.start,
        "end": claim.sentence.end,
        "said_at": stamp_or_none(evidence.said_at),
        "at": stamp(evidence.at),
        "seen_at": stamp(evidence.source.first_seen),
    }
    if isinstance(claim, ReleaseClaim):
        return record | {
            "kind": "release",
            "type": str(claim.type),
            "region": claim.region,
            "date": str(claim.date),
            "from_date": _text(claim.from_date),
            "action": str(claim.action),
        }
    return record | {"kind": "credit", "person": claim.person, "job": claim.job, "role": claim.role, "status": str(claim.status)}


def claim_of(row: Row) -> Claim:
    """The claim in a row of `claim`."""
    sentence = Sentence(text=row["sentence"], start=row["start"], end=row["end"])
    modality = Modality(row["modality"])
    if row["kind"] == "release":
        return ReleaseClaim(
            title=row["title"],
            type=ReleaseType(row["type"]),
            date=Edtf(row["date"]),
            action=Action(row["action"]),
            sentence=sentence,
            rule=row["rule"],
            from_date=_date(row["from_date"]),
            region=row["region"],
            modality=modality,
            credits=row["credits"],
        )
    return CreditClaim(
        title=row["title"],
        person=row["person"],
        status=Status(row["status"]),
        sentence=sentence,
        rule=row["rule"],
        job=row["job"],
        role=row["role"],
        modality=modality,
        credits=row["credits"],
    )


def evidence_of(row: Row) -> Evidence:
    """The evidence in a row of `claim` joined with its source (columns `s_…`)."""
    return Evidence(
        id=row["id"],
        key=parse_key(row["key"]),
        claim=claim_of(row),
        source=source_of(row, "s_"),
        said_at=moment_or_none(row["said_at"]),
    )


def fact_record(fact: Fact) -> Record:
    """A revision of a fact as a row of `revision`."""
    return {
        "key": str(fact.key),
        "revision": fact.revision,
        "title": fact.key.title,
        "date": _text(fact.value.date),
        "status": None if fact.value.status is None else str(fact.value.status),
        "role": fact.value.role,
        "person": fact.value.person,
        "confidence": str(fact.confidence),
        "evidence": json.dumps(fact.evidence),
        "outlets": json.dumps(fact.outlets, ensure_ascii=False),
        "superseded": json.dumps([str(d) for d in fact.superseded]),
        "since": stamp(fact.since),
        "recorded_at": stamp(fact.recorded_at),
        "cause": str(fact.cause),
        "pinned": int(fact.pinned),
    }


def fact_of(row: Row) -> Fact:
    """The fact in a row of `revision`."""
    return Fact(
        key=parse_key(row["key"]),
        revision=row["revision"],
        value=Value(
            date=_date(row["date"]),
            status=None if row["status"] is None else Status(row["status"]),
            role=row["role"],
            person=row["person"],
        ),
        confidence=Confidence(row["confidence"]),
        evidence=tuple(json.loads(row["evidence"])),
        outlets=tuple(json.loads(row["outlets"])),
        superseded=tuple(Edtf(d) for d in json.loads(row["superseded"])),
        since=moment(row["since"]),
        recorded_at=moment(row["recorded_at"]),
        cause=Cause(row["cause"]),
        pinned=bool(row["pinned"]),
    )


def mark_record(start: Start) -> Record:
    """A mark as a row of `mark`."""
    return fact_record(start.fact) | {"at": stamp(start.at), "open": json.dumps(start.open)}


def mark_of(row: Row) -> Start:
    """The mark in a row of `mark`."""
    from watcher.decide.fold import Start  # noqa: PLC0415 - whoever only looks at facts folds nothing

    fact = fact_of(row)
    opened = tuple(json.loads(row["open"]))
    return Start(fact=fact, at=moment(row["at"]), made_at=fact.recorded_at, backers=fact.evidence, open=opened)


def _value_text(value: Value | None) -> str | None:
    if value is None:
        return None
    return json.dumps(
        {
            "date": _text(value.date),
            "status": None if value.status is None else str(value.status),
            "role": value.role,
            "person": value.person,
        },
        ensure_ascii=False,
    )


def _value_of(text: str) -> Value:
    held = json.loads(text)
    return Value(
        date=_date(held["date"]),
        status=None if held["status"] is None else Status(held["status"]),
        role=held["role"],
        person=held["person"],
    )


def change_record(change: Change, revision: int) -> Record:
    """A change as a row of `change`."""
    return {
        "id": change.id,
        "key": str(change.key),
        "revision": revision,
        "title": change.key.title,
        "kind": str(change.kind),
        "old": _value_text(change.old),
        "new": _value_text(change.new),
        "confidence": str(change.confidence),
        "at": stamp(change.at),
        "recorded_at": stamp(change.recorded_at),
        "sentence": change.sentence,
        "outlet": change.outlet,
        "credits": change.credits,
        "link": change.link,
        "sources": json.dumps(change.sources, ensure_ascii=False),
        "silent": change.silent,
        "late": int(change.late),
    }


def change_of(row: Row) -> Change:
    """The change in a row of `change`."""
    return Change(
        id=row["id"],
        key=parse_key(row["key"]),
        kind=ChangeKind(row["kind"]),
        old=None if row["old"] is None else _value_of(row["old"]),
        new=_value_of(row["new"]),
        confidence=Confidence(row["confidence"]),
        at=moment(row["at"]),
        recorded_at=moment(row["recorded_at"]),
        sentence=row["sentence"],
        outlet=row["outlet"],
        credits=row["credits"],
        link=row["link"],
        sources=tuple(json.loads(row["sources"])),
        silent=row["silent"],
        late=bool(row["late"]),
    )
