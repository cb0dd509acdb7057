"""An operation of a plan: one field (or group) of one record, or one new record, and its fingerprints."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from crm_pipeline.model import Act, Kind, System, Value, record_key


@dataclass(frozen=True)
class Operation:
    """What push sends, one row of plan.change. `old` and `new`: CRM field -> value; `old` has the whole group.

    `needs`: CRM field -> golden id of a record that is created before this is sent: its id there is filled in then.
    """

    kind: Kind
    system: System
    object: str
    operation: Act
    field: str
    old: Mapping[str, Value]
    new: Mapping[str, Value]
    golden_id: str
    rule: str
    reason: str
    record_id: str | None = None
    create_key: str | None = None
    source_key: str | None = None
    source_value: Mapping[str, Value] | None = None
    fingerprint: str = ""
    problem: str | None = None
    problem_state: str | None = None
    needs: Mapping[str, str] = dataclasses.field(default_factory=dict)

    @property
    def record_key(self) -> str | None:
        """Of the record that is written; None for a create, and for what follows one."""
        return record_key(self.system, self.object, self.record_id) if self.record_id else None

    @property
    def op_id(self) -> str:
        """The same operation has the same id in every plan: a replay is told from a new wish."""
        record = [self.system, self.object, self.record_id, self.create_key]
        said = [*record, self.operation, self.field, self.old, self.new]
        return _digest([*said, dict(self.needs)] if self.needs else said)

    def refused(self, why: str, state: str = "invalid") -> Operation:
        """The same operation, not to be sent."""
        return replace(self, problem=why, problem_state=state)


def plan_hash(operations: Iterable[Operation], mapping_hash: str, schema_hash: str) -> str:
    """What a person approves: everything that would be sent, under this mapping and these schemas. Order-free."""
    return _digest([sorted(o.op_id for o in operations if o.problem is None), mapping_hash, schema_hash])


def quarantine_fingerprint(
    operation: Operation, record: Mapping[str, Value], mapping_hash: str, schema_hash: str
) -> str:
    """Equal while record, mapping and schema are: a refused write is not sent again until one of them changes."""
    return _digest([operation.op_id, dict(record), mapping_hash, schema_hash])


def _digest(content: object) -> str:
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
