"""What the plans of golden records add up to, kind by kind.

Pure. Belongs here: the sums, the order of operations, and what no two of them may do together. Not here: the plan of
one golden record (whole.py), writing anything down (stage.py, kept/).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from crm_pipeline.config.relation import is_relation
from crm_pipeline.model import System
from crm_pipeline.plan.context import Context
from crm_pipeline.plan.decision.decide import Conflict
from crm_pipeline.plan.entity import EntityPlan, Moved
from crm_pipeline.plan.fit.compatibility import Schemas, is_unique
from crm_pipeline.plan.kept.standing import stands
from crm_pipeline.plan.member import Member
from crm_pipeline.plan.operation import Operation


@dataclass
class Gathered:
    """Plans of golden records in one.

    `records`: those that operations are about, by key; `conflicts`: (golden id, field, conflict); `waiting`: (record
    key, golden id, reason); `ended`: (number of a hold, why it is over); `answered`: (golden id, field) whose answer is
    used up; `left_out`, `back`: keys of records that left the filter or came back; `busy`: golden ids that have to be
    looked at next time, whether something changes or not.
    """

    operations: list[Operation] = field(default_factory=list)
    records: dict[str, Member] = field(default_factory=dict)
    moves: list[Moved] = field(default_factory=list)
    conflicts: list[tuple[str, str, Conflict]] = field(default_factory=list)
    waiting: list[tuple[str, str, str]] = field(default_factory=list)
    ended: list[tuple[int, str]] = field(default_factory=list)
    answered: list[tuple[str, str]] = field(default_factory=list)
    left_out: set[str] = field(default_factory=set)
    back: set[str] = field(default_factory=set)
    busy: set[str] = field(default_factory=set)

    def add(self, golden_id: str, members: Sequence[Member], plan: EntityPlan, context: Context) -> None:
        """Add the plan of one golden record. `members`: all its live records."""
        if _needs_another_look(golden_id, members, plan, context):
            self.busy.add(golden_id)
        about = {operation.record_key or operation.source_key for operation in plan.operations}
        pinned = sorted({key for key, _ in plan.pinned})
        self.operations.extend(plan.operations)
        self.records.update((member.key, member) for member in members if member.key in about)
        self.moves.extend(plan.moves)
        self.conflicts.extend((golden_id, name, conflict) for name, conflict in plan.conflicts)
        self.waiting.extend((key, golden_id, reason) for key, reason in plan.waiting)
        self.waiting.extend((key, golden_id, "pinned") for key in pinned)
        self.ended.extend((hold.hold_id, why) for hold, why in plan.ended)
        self.answered.extend((golden_id, name) for name in plan.answered)
        self.left_out.update(plan.left_out)
        self.back.update(plan.back)

    def ordered(self, schemas: Schemas) -> list[Operation]:
        """The operations in the order of sending; of two that give one unique value away the second is invalid."""
        return _unique_once(_in_sending_order(self.operations), schemas)


def _needs_another_look(golden_id: str, members: Iterable[Member], plan: EntityPlan, context: Context) -> bool:
    if not stands(plan, context.mapping):
        return True
    return context.holds.any_of(golden_id, (member.key for member in members))


def _in_sending_order(operations: Sequence[Operation]) -> list[Operation]:
    """Creates before updates, and all fields of a record together: one request carries them."""

    def place(operation: Operation) -> tuple[str, str, bool, str, str]:
        record = operation.record_key or operation.create_key or ""
        return operation.system, operation.object, operation.record_key is not None, record, operation.field

    return sorted(operations, key=place)


def _unique_once(operations: Sequence[Operation], schemas: Schemas) -> list[Operation]:
    """Two operations of one plan must not give the same unique value to two records: the second is invalid."""
    taken: dict[tuple[System, str, str, str], str] = {}
    checked = []
    for operation in operations:
        for name, value in operation.new.items():
            if not value or operation.problem or is_relation(name):
                continue
            if not is_unique(operation.system, operation.object, schemas[operation.system, operation.object][name]):
                continue
            place = (operation.system, operation.object, name, str(value).strip().lower())
            holder = taken.setdefault(place, operation.record_key or f"the record of {operation.create_key}")
            if holder != (operation.record_key or f"the record of {operation.create_key}"):
                operation = operation.refused(f"held by {holder}")
        checked.append(operation)
    return checked
