"""Why a record is where it is, and why a field holds what it holds: read from the published copy.

Belongs here: one record or customer, with its fields. Not here: the sentences themselves (publish/marts/sync_status.sql
and the view publish.why_value).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from crm_pipeline.errors import ConfigError, NotFoundError
from crm_pipeline.report import mask
from crm_pipeline.warehouse import Connection


@dataclass(frozen=True)
class Record:
    """Where a source record stands."""

    record_key: str
    golden_id: str | None
    state: str
    sentence: str
    sentence_ja: str


@dataclass(frozen=True)
class FieldReason:
    """What keeps a field of a record as it is, or made it so."""

    record_key: str
    field: str
    why: str
    sentence: str
    sentence_ja: str


@dataclass(frozen=True)
class Write:
    """A write of ours. `old` and `new`: CRM field -> value."""

    written_at: datetime
    run_id: int
    record_key: str
    field: str
    old: Mapping[str, Any]
    new: Mapping[str, Any]
    rule: str
    reason: str
    state: str | None


@dataclass(frozen=True)
class Difference:
    """Two linked records that differ in a field."""

    field: str
    hubspot_key: str
    salesforce_key: str
    sentence: str
    sentence_ja: str


@dataclass(frozen=True)
class Why:
    """All that is known. `writes` are asked for with a field only."""

    records: tuple[Record, ...]
    fields: tuple[FieldReason, ...]
    differences: tuple[Difference, ...]
    writes: tuple[Write, ...]


def why(connection: Connection, subject: str, field: str | None = None) -> Why:
    """`subject`: a record key or a golden id. Raises NotFoundError for one that was never read,
    ConfigError for a blank."""
    if not subject.strip():
        raise ConfigError("the name is blank; write a record, system/object/id, or a golden record, such as person-12")
    records = _records(connection, subject)
    if not records:
        raise NotFoundError(
            f"{subject} is not known: name a record as system/object/id, or a golden record as person-1; "
            "what was read since the last run was published is not in the copy yet"
        )
    keys = [record.record_key for record in records]
    golden_ids = sorted({record.golden_id for record in records if record.golden_id})
    reasons = connection.execute(
        "select record_key, field, why, sentence, sentence_ja from publish.why_value "
        "where list_contains($keys, record_key) and ($field is null or split_part(field, '/', 1) = $field) "
        "order by all",
        {"keys": keys, "field": field},
    ).fetchall()
    differences = connection.execute(
        "select field, hubspot_key, salesforce_key, sentence, sentence_ja from drift "
        "where list_contains($golden, golden_id) and ($field is null or field = $field) "
        "and (list_contains($keys, hubspot_key) or list_contains($keys, salesforce_key)) order by all",
        {"golden": golden_ids, "field": field, "keys": keys},
    ).fetchall()
    writes = tuple(_writes(connection, keys, field)) if field else ()
    if field and not (reasons or differences or any(write.field != "*" for write in writes)):
        raise NotFoundError(f"nothing was ever decided about {field} of {subject}; is it a field of your mapping?")
    return Why(
        records,
        tuple(FieldReason(*row) for row in reasons),
        tuple(Difference(*row) for row in differences),
        writes,
    )


def _records(connection: Connection, subject: str) -> tuple[Record, ...]:
    which = (
        "record_key = $it"
        if "/" in subject
        else ("golden_id = coalesce((select survivor_id from golden.redirect where golden_id = $it), $it)")
    )
    rows = connection.execute(
        f"select record_key, golden_id, state, sentence, sentence_ja from sync_status where {which} "
        "order by record_key",
        {"it": subject},
    ).fetchall()
    return tuple(Record(*row) for row in rows)


def _writes(connection: Connection, keys: list[str], field: str) -> Iterator[Write]:
    rows = connection.execute(
        "select written_at, run_id, concat_ws('/', system, object, record_id) as record_key, field, rule, reason, "
        "state, old, new from audit where list_contains($keys, concat_ws('/', system, object, record_id)) "
        "and (split_part(field, '/', 1) = $field or field = '*') order by written_at",
        {"keys": keys, "field": field},
    ).fetchall()
    for written_at, run_id, key, name, rule, reason, state, old, new in rows:
        yield Write(written_at, run_id, key, name, json.loads(old), json.loads(new), rule, reason, state)


def words(found: Why, *, in_full: bool) -> Iterator[str]:
    """Lines for a terminal, English first. Values are masked unless `in_full`."""
    for record in found.records:
        of = f" ({record.golden_id})" if record.golden_id else ""
        yield f"{record.record_key}{of}: {record.state.replace('_', ' ')}"
        yield f"  {record.sentence}"
        yield f"  {record.sentence_ja}"
        for reason in found.fields:
            if reason.record_key == record.record_key:
                yield f"    {reason.field}: {reason.sentence}"
                yield f"    {' ' * len(reason.field)}  {reason.sentence_ja}"
    for one in found.differences:
        yield f"{one.field} differs between {one.hubspot_key} and {one.salesforce_key}: {one.sentence}"
        yield f"  {one.sentence_ja}"
    for write in found.writes:
        before, after = (mask.parts(values, in_full=in_full) for values in (write.old, write.new))
        yield (
            f"{write.written_at:%Y-%m-%d %H:%M} run {write.run_id} {write.record_key} {write.field}: "
            f"{before} -> {after} ({write.rule}: {write.reason}) {write.state or ''}".rstrip()
        )
