"""Duplicates inside one CRM, proposed for merging there by a person: who stays, and what the merged record would hold.

Nothing is merged by us (spec sync-rules.md). The record that stays is the primary of its side, else the most complete,
else the oldest, else the one with the smallest id. Of each field it keeps its own value; where that is blank, the first
value of the others, in the same order.

Belongs here: this rule and the rows of plan.proposal. Not here: the words of the command (report/proposals.py).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from crm_pipeline.canonical import is_blank
from crm_pipeline.config.field import FieldMapping
from crm_pipeline.config.kind import KindMapping
from crm_pipeline.config.settings import Settings
from crm_pipeline.model import MATCHED, System, Value
from crm_pipeline.warehouse import Connection
from crm_pipeline.warehouse.bulk import Row, insert


@dataclass(frozen=True)
class Duplicate:
    """One of several live records of an object in one golden record."""

    key: str
    primary: bool
    created: datetime
    fields: Mapping[str, Value]


@dataclass(frozen=True)
class Proposal:
    """Two records of which one would stay. `fields`: mapped field -> (winner's, loser's, kept) parts."""

    winner_key: str
    loser_key: str
    fields: Mapping[str, tuple[tuple[Value, ...], tuple[Value, ...], tuple[Value, ...]]]
    reason: str


def proposed(mapping: KindMapping, object_: str, records: Sequence[Duplicate]) -> list[Proposal]:
    """One proposal for each record but the one that would stay. `records`: at least two, of one golden record."""
    fields = [f for f in mapping.fields if f.has(object_) and not f.read_only(object_) and f.refers_to is None]
    said = {r.key: {f.name: _parts(f, object_, r) for f in fields} for r in records}
    filled = {key: {name for name, parts in held.items() if not _blank(parts)} for key, held in said.items()}
    ordered = sorted(records, key=lambda r: (not r.primary, -len(filled[r.key]), r.created, r.key))
    winner = ordered[0]
    kept = {
        name: next((said[r.key][name] for r in ordered if name in filled[r.key]), parts)
        for name, parts in said[winner.key].items()
    }
    if winner.primary:
        reason = "it is the record that speaks for this customer in its CRM"
    elif len(filled[winner.key]) > len(filled[ordered[1].key]):
        reason = "it is the most complete"
    else:
        reason = "it is the oldest"
    return [
        Proposal(
            winner.key,
            loser.key,
            {name: (parts, said[loser.key][name], kept[name]) for name, parts in said[winner.key].items()},
            reason,
        )
        for loser in ordered[1:]
    ]


def _parts(field: FieldMapping, object_: str, record: Duplicate) -> tuple[Value, ...]:
    return tuple(record.fields.get(name) for name in field.names(object_))


def _blank(parts: tuple[Value, ...]) -> bool:
    return is_blank(tuple("" if part is None else str(part).strip() for part in parts))


def write(connection: Connection, settings: Settings, plan_id: int) -> int:
    """Propose the duplicates as they are now, in place of those of earlier plans. Returns how many there are."""
    connection.execute("delete from plan.proposal")
    rows = [row for kind in MATCHED for row in _rows(connection, settings.mapping.of(kind), plan_id)]
    insert(connection, "plan.proposal", rows)
    return len(rows)


def _rows(connection: Connection, mapping: KindMapping, plan_id: int) -> Iterator[Row]:
    found = connection.execute(
        """
        with several as (
            select golden_id, system, object from golden.link
            where kind = ? and retired is null group by all having count(*) > 1
        )
        select l.golden_id, l.system, l.object, l.record_key, l.is_primary, r.created_at, r.fields
        from golden.link l semi join several using (golden_id, system, object)
        join raw.record r on r.record_key = l.record_key and r.kind = l.kind and r.retired is null
        where l.retired is null
        order by l.golden_id, l.system, l.object, l.record_key
        """,
        [mapping.kind],
    ).fetchall()
    for (golden_id, system, object_), group in groupby(found, key=lambda row: row[:3]):
        records = [Duplicate(key, primary, created, json.loads(fields)) for *_, key, primary, created, fields in group]
        for one in proposed(mapping, object_, records) if len(records) > 1 else ():
            yield {
                "plan_id": plan_id,
                "golden_id": golden_id,
                "system": System(system),
                "object": object_,
                "winner_key": one.winner_key,
                "loser_key": one.loser_key,
                "fields": {
                    name: {"winner": list(mine), "loser": list(theirs), "kept": list(kept)}
                    for name, (mine, theirs, kept) in one.fields.items()
                },
                "reason": one.reason,
            }
