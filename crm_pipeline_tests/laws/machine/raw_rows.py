"""Rows of raw.* as an extract would leave them: fields of a CRM's object, tombstones.

Belongs here: columns. Not here: which records (nights.py).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from crm_pipeline.model import System, Value
from crm_pipeline_tests.laws.machine.crm import Kept
from crm_pipeline_tests.laws.machine.ground import H, k


@dataclass
class ReadBefore:
    """What the last read brought, and `at` which time. `tracked`: Salesforce keeps a field history."""

    tracked: bool
    at: datetime | None = None
    fields: dict[str, dict[str, Value]] = field(default_factory=dict)
    changed: dict[str, dict[str, dict[str, object]]] = field(default_factory=dict)

    def row(self, system: System, key: str, record: Kept, run: int) -> dict[str, object]:
        held, entries = self.fields.get(key, {}), self.changed.setdefault(key, {})
        for name, value in record.fields.items():
            if system is H or self.tracked:
                at = record.since[name].isoformat()
                entries[name] = {"at": at, "after": at, "certain": True}
            elif name not in held:
                entries[name] = {"at": record.modified.isoformat(), "after": None, "certain": False}
            elif k(held[name]) != k(value):
                at = max(self.at or record.modified, record.modified).isoformat()
                entries[name] = {"at": at, "after": (self.at or record.modified).isoformat(), "certain": False}
        self.fields[key] = dict(record.fields)
        return {
            "record_id": record.record_id,
            "created_at": record.created,
            "modified_at": record.modified,
            "modified_by": record.modified_by,
            "fields": record.fields,
            "changed": entries,
            "retired": record.retired,
            "run_id": run,
        }


def schema_row(system: System, object_: str, name: str) -> dict[str, object]:
    return {
        "system": system,
        "object": object_,
        "name": name,
        "label": name,
        "type": "string",
        "field_type": "text",
        "length": 255,
        "nillable": name not in ("LastName", "Company", "OwnerId"),
        "createable": True,
        "updateable": True,
        "calculated": False,
        "is_unique": name in ("crm_pipeline_key", "CRM_Pipeline_Key__c"),
        "restricted": False,
        "required_on_create": name in ("LastName", "Company"),
        "refers_to": "",
        "options": [],
        "run_id": 1,
    }


def tombstone_row(system: System, record: Kept) -> dict[str, object]:
    object_, record_id = record.survivor or (None, None)
    return {
        "system": system,
        "object": record.object,
        "record_id": record.record_id,
        "reason": record.retired,
        "gone_at": record.modified,
        "survivor_object": object_,
        "survivor_id": record_id,
        "run_id": 1,
    }
