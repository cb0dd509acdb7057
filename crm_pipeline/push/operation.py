"""Planned operations as push handles them: read from the plan, grouped into one write a record."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from itertools import groupby
from typing import Any

from crm_pipeline.config.relation import is_relation
from crm_pipeline.model import Act, System, Value, record_key
from crm_pipeline.warehouse import Connection


class Way(StrEnum):
    """How an operation reaches the CRM: what travels in one request, or must not."""

    CREATE = "create"
    UPDATE = "update"
    ARCHIVE = "archive"
    ASSOCIATE = "associate"


_WAYS = {Act.CREATE: Way.CREATE, Act.ARCHIVE: Way.ARCHIVE}


@dataclass(frozen=True)
class Op:
    """One row of plan.change that is to be sent. `needs`: CRM field -> golden id of the record whose id goes there."""

    op_id: str
    system: System
    object: str
    record_id: str | None
    create_key: str | None
    operation: Act
    field: str
    old: Mapping[str, Value]
    new: Mapping[str, Value]
    golden_id: str
    rule: str
    reason: str
    source_key: str | None
    source_value: Mapping[str, Value]
    needs: Mapping[str, str] = dataclasses.field(default_factory=dict)

    @classmethod
    def of(cls, op_id: str, system: str, *columns: Any) -> Op:
        """From the columns of a row, in the order of the fields; `old`, `new` and `source_value` are JSON texts."""
        object_, record_id, create_key, operation, field, old, new, golden_id, *why, source_key, source_value = columns
        rule, reason = why
        return cls(
            op_id,
            System(system),
            object_,
            record_id,
            create_key,
            Act(operation),
            field,
            json.loads(old),
            json.loads(new),
            golden_id,
            rule,
            reason,
            source_key,
            json.loads(source_value) if source_value else {},
        )

    @property
    def record_key(self) -> str:
        """Of the record that is written; a create has none yet, and neither has what follows it."""
        return record_key(self.system, self.object, self.record_id or "")

    @property
    def way(self) -> Way:
        return Way.ASSOCIATE if self.relation else _WAYS.get(self.operation, Way.UPDATE)

    @cached_property
    def relation(self) -> str:
        """The relation to another record that is written, which is no field of the record; empty for a field."""
        return next((name for name in (*self.new, *self.needs) if is_relation(name)), "")


@dataclass(frozen=True)
class Group:
    """All operations on one record: they travel in one request. A create is a group of one, and so is a relation."""

    ops: tuple[Op, ...]

    @property
    def first(self) -> Op:
        return self.ops[0]

    @property
    def way(self) -> Way:
        return self.first.way

    @cached_property
    def token(self) -> str:
        """What ties reads and answers to the group: the record that is written, or the key of a create."""
        if self.first.relation:
            return f"{self.first.create_key or self.first.record_key} {self.first.field}"
        return self.first.create_key or self.first.record_key

    @property
    def fields(self) -> dict[str, Value]:
        return {name: value for op in self.ops for name, value in op.new.items()}

    def less(self, ops: Collection[Op]) -> Group | None:
        """The group without some of its operations; None if nothing is left."""
        left = tuple(op for op in self.ops if op not in ops)
        return Group(left) if left else None


def unsent(connection: Connection, plan_id: int) -> list[Op]:
    """Operations of a plan that have no end state yet, in sending order. After a crash these are the rest."""
    rows = connection.execute(
        """
        select c.op_id, c.system, c.object, c.record_id, c.create_key, c.operation, c.field, c.old, c.new, c.golden_id,
               c.rule, c.reason, c.source_key, c.source_value, c.needs
        from plan.change c
        where c.plan_id = ? and c.problem is null
          and not exists (from push.outbox o where o.plan_id = c.plan_id and o.op_id = c.op_id)
        order by c.seq
        """,
        [plan_id],
    ).fetchall()
    return [replace(Op.of(*row), needs=json.loads(needs) if needs else {}) for *row, needs in rows]


def grouped(ops: Iterable[Op]) -> list[Group]:
    """Groups in the order of their first operation; `ops` holds a record's operations side by side."""

    def together(op: Op) -> tuple[str, Way, str]:
        return op.create_key or op.record_key, op.way, op.op_id if op.relation else ""

    return [Group(tuple(group)) for _, group in groupby(ops, key=together)]
