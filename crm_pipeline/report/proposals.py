"""Proposed merges inside a CRM, as a person reads them: lines, and rows of a table.

Belongs here: reading plan.proposal, and words. Not here: who stays and why (plan/records/proposals.py).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from crm_pipeline.config.settings import Settings
from crm_pipeline.model import MATCHED, Kind, System
from crm_pipeline.report import mask
from crm_pipeline.warehouse import Connection

#: Of the table; a row is a field of a pair.
COLUMNS = (
    "golden_id",
    "system",
    "object",
    "keep",
    "merge",
    "why",
    "field",
    "label",
    "ラベル",
    "kept",
    "winner",
    "loser",
)


@dataclass(frozen=True)
class Proposal:
    """A row of plan.proposal. `fields`: mapped field -> {"winner", "loser", "kept"}, each the parts of the field;
    `labels`: mapped field -> (English, Japanese)."""

    golden_id: str
    system: System
    object: str
    winner_key: str
    loser_key: str
    reason: str
    fields: Mapping[str, Mapping[str, Sequence[Any]]]
    labels: Mapping[str, tuple[str, str]]


def proposals(connection: Connection, settings: Settings) -> list[Proposal]:
    """All proposals of the newest plan."""
    rows = connection.execute(
        "select golden_id, system, object, winner_key, loser_key, reason, fields from plan.proposal "
        "order by golden_id, winner_key, loser_key"
    ).fetchall()
    labels = {
        kind: {field.name: (field.label.en, field.label.ja) for field in settings.mapping.of(kind).fields}
        for kind in MATCHED
    }
    return [
        Proposal(
            golden_id,
            System(system),
            object_,
            winner_key,
            loser_key,
            reason,
            json.loads(fields),
            labels[Kind(golden_id.rpartition("-")[0])],
        )
        for golden_id, system, object_, winner_key, loser_key, reason, fields in rows
    ]


def words(one: Proposal, *, in_full: bool) -> Iterator[str]:
    """The pair, and the fields in which the two differ with what would be kept; values masked unless `in_full`."""
    yield f"{one.golden_id}  {one.system.label} {one.object}"
    yield f"    keep  {one.winner_key}: {one.reason}"
    yield f"    merge {one.loser_key} into it"
    for name, held in one.fields.items():
        if held["winner"] != held["loser"]:
            mine, theirs, kept = (_text(held[which], in_full=in_full) for which in ("winner", "loser", "kept"))
            yield f"    {name:<14} {mine} | {theirs} -> {kept}"


def rows(one: Proposal) -> Iterator[dict[str, str]]:
    """A row a field, in full. No cell begins with a sign that a spreadsheet takes for a formula."""
    for name, held in one.fields.items():
        english, japanese = one.labels.get(name, (name, name))
        row = {
            "golden_id": one.golden_id,
            "system": one.system.value,
            "object": one.object,
            "keep": one.winner_key,
            "merge": one.loser_key,
            "why": one.reason,
            "field": name,
            "label": english,
            "ラベル": japanese,
            **{which: _text(held[which], in_full=True, blank="") for which in ("kept", "winner", "loser")},
        }
        yield {column: f"'{text}" if text[:1] in tuple("=+-@\t\r") else text for column, text in row.items()}


def _text(parts: Sequence[Any], *, in_full: bool, blank: str = mask.BLANK) -> str:
    text = mask.parts({str(n): part for n, part in enumerate(parts)}, in_full=in_full)
    return blank if text == mask.BLANK else text
