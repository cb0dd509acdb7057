"""Planned operations as push handles them: read from the plan, grouped into one write a record."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from crm_pipeline.model import Act, System, Value, record_key
from crm_pipeline.warehouse import Connection


@dataclass(frozen=True)
class Op:
    """One row of plan.change that is to be sent."""

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
        """Of the record that is written; a create has none yet."""
        return record_key(self.system, self.object, self.record_id or "")


@dataclass(frozen=True)
class Group:
    """All operations on one record: they travel in one request. A create is a group of one."""

    ops: tuple[Op, ...]

    @property
    def first(self) -> Op:
        return self.ops[0]

    @property
    def token(self) -> str:
        """What ties reads and answers to the group: the record that is written, or the key of a create."""
        return self.first.create_key or self.first.record_key

    @property
    def fields(self) -> dict[str, Value]:
        return {name: value for op in self.ops for name, value in op.new.items()}


def unsent(connection: Connection, plan_id: int) -> list[Op]:
    """Operations of a plan that have no end state yet, in sending order. After a crash these are the rest."""
    rows = connection.execute(
        """
        select c.op_id, c.system, c.object, c.record_id, c.create_key, c.operation, c.field, c.old, c.new, c.golden_id,
               c.rule, c.reason, c.source_key, c.source_value
        from plan.change c
        where c.plan_id = ? and c.problem is null
          and not exists (from push.outbox o where o.plan_id = c.plan_id and o.op_id = c.op_id)
        order by c.seq
        """,
        [plan_id],
    ).fetchall()
    return [Op.of(*row) for row in rows]


def grouped(ops: Iterable[Op]) -> list[Group]:
    """Groups in the order of their first operation; `ops` holds a record's operations side by side."""
    return [Group(tuple(group)) for _, group in groupby(ops, key=lambda o: o.create_key or o.record_key)]
