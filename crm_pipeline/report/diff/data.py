"""A plan's diff as one object for programs: what `plan show --format json` prints."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from crm_pipeline.report import mask
from crm_pipeline.report import plan as plans
from crm_pipeline.report.diff.content import Content


def data(content: Content, *, in_full: bool) -> dict[str, Any]:
    """The plan's row, its counts, guards, operations, conflicts and what waits. Values are masked unless `in_full`."""
    sent = [change for group in content.groups for change in group.changes]
    refused = [change for _, changes in content.refused for change in changes]
    return {
        **dataclasses.asdict(content.plan),
        "counts": [
            {
                "system": group.system,
                "object": group.object,
                "operation": group.operation,
                "field": group.field.name if group.field else "*",
                "number": len(group.changes),
            }
            for group in content.groups
        ],
        "calls": dict(content.calls),
        "guards": [dataclasses.asdict(guard) for guard in content.guards],
        "operations": [_operation(change, content, in_full) for change in (*sent, *refused)],
        "waiting_records": [{"reason": reason, "records": list(keys)} for reason, keys in content.waiting],
        "disagreements": [
            {
                **dataclasses.asdict(conflict),
                "field": conflict.field.name,
                "salesforce": _parts(conflict.salesforce, in_full),
                "hubspot": _parts(conflict.hubspot, in_full),
            }
            for conflict in content.conflicts
        ],
        "left_out": [{"field": name, "why": why} for name, why in content.left_out],
    }


def _operation(change: plans.Change, content: Content, in_full: bool) -> dict[str, Any]:
    return {
        **dataclasses.asdict(change),
        "old": _values(change.old, in_full),
        "new": _values(change.new, in_full),
        "target_page": content.link(change.target),
        "source_page": content.link(change.source) if change.source else None,
    }


def _values(values: Mapping[str, Any], in_full: bool) -> dict[str, Any]:
    return {name: value if in_full else mask.masked(value) for name, value in values.items()}


def _parts(parts: Any, in_full: bool) -> list[Any] | None:
    return None if parts is None else [value if in_full else mask.masked(value) for value in parts]
