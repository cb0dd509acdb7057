"""The outbox: operations durably `sent` before a request leaves, and what the answers change, a batch a transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from crm_pipeline.config.settings import Settings
from crm_pipeline.model import Act, OpState, Value, record_key
from crm_pipeline.push.operation import Group, Op
from crm_pipeline.push.undone import hold_undone
from crm_pipeline.warehouse import Connection
from crm_pipeline.warehouse.bulk import Row, insert, staged


def write_ahead(
    connection: Connection, plan_id: int, run_id: int, groups: Sequence[Group], read_at: Mapping[str, datetime]
) -> None:
    """Before a request leaves: each operation durably `sent`, each replaced value durably audited (law 16).

    `read_at`: by token, the record's last change as read just now.
    """
    now = datetime.now(UTC)
    ops = [(group, op) for group in groups for op in group.ops]
    insert(
        connection,
        "push.outbox",
        (
            _row(plan_id, run_id, group, op)
            | {"state": OpState.SENT, "read_modified_at": read_at.get(group.token), "sent_at": now}
            for group, op in ops
        ),
    )
    insert(
        connection,
        "push.audit",
        (
            {
                "op_id": op.op_id,
                "plan_id": plan_id,
                "run_id": run_id,
                "system": op.system,
                "object": op.object,
                "record_id": op.record_id,
                "create_key": op.create_key,
                "golden_id": op.golden_id,
                "operation": op.operation,
                "field": op.field,
                "old": dict(op.old),
                "new": dict(op.new),
                "rule": op.rule,
                "reason": op.reason,
                "written_at": now,
            }
            for _, op in ops
        ),
    )


@dataclass
class Answers:
    """What became of a batch, gathered row by row and then applied at once."""

    settings: Settings
    plan_id: int
    run_id: int
    _ends: list[Row] = field(default_factory=list)
    _bases: list[Row] = field(default_factory=list)
    _written: list[Row] = field(default_factory=list)
    _links: list[Row] = field(default_factory=list)

    def ended(self, group: Group, state: OpState, *, code: str = "", message: str = "", record_id: str = "") -> None:
        """An end state for all operations of a group, whether they were sent or left out before."""
        self._end(group, state, code, message, record_id, {})

    def landed(self, group: Group, *, record_id: str = "", observed: Mapping[str, Value] | None = None) -> None:
        """Acknowledged: end state, the record's own bases, and what it held before our write."""
        observed = observed or {}
        self._end(group, OpState.LANDED, "", "", record_id, observed)
        first = group.first
        key = record_key(first.system, first.object, first.record_id or record_id)
        for op in group.ops:
            mapping = self.settings.mapping.of_golden(op.golden_id)
            for name, value in op.new.items():
                self._written.append(
                    {
                        "record_key": key,
                        "name": name + (op.field[op.field.find("/") :] if "/" in op.field else ""),
                        "value": value,
                        "observed": observed.get(name),
                        "held_before": op.old.get(name),
                        "run_id": self.run_id,
                    }
                )
            if op.operation is Act.CREATE:
                self._links.append(
                    {"record_key": key, "golden_id": op.golden_id, "origin": "created", "run_id": self.run_id}
                )
                fields = [f for f in mapping.fields if f.has(op.object) and not f.read_only(op.object)]
            elif op.operation is Act.ARCHIVE:
                fields = []
            else:
                fields = [mapping.field(op.field)]
            for mapped in fields:
                names = mapped.names(op.object)
                held = {**op.old, **op.new}
                made = [observed.get(n, held.get(n)) for n in names] if observed else None
                # a field that a create left out has no base, unless the CRM filled it by itself (an owner, say)
                if any(n in op.new for n in names) or any(n in observed and observed[n] is not None for n in names):
                    self._base(op.golden_id, key, mapped.name, [held.get(n) for n in names], made)

    def source_seen(self, group: Group) -> None:
        """After `stale` the source's value counts as seen: the target's newer edit wins without clocks (law 22)."""
        for op in group.ops:
            if op.source_key and op.operation is not Act.CREATE:
                object_ = op.source_key.split("/", 2)[1]
                names = self.settings.mapping.of_golden(op.golden_id).field(op.field).names(object_)
                self._base(op.golden_id, op.source_key, op.field, [op.source_value[n] for n in names], None)

    def apply(self, connection: Connection) -> None:
        """Write all of it, in the transaction of the connection."""
        with staged(connection, "push.outbox", self._ends):
            connection.execute(
                """
                update push.outbox o
                set state = s.state, code = s.code, message = s.message, observed = s.observed, ended_at = s.ended_at,
                    record_id = coalesce(o.record_id, s.record_id)
                from staged s where o.plan_id = s.plan_id and o.op_id = s.op_id;
                insert into push.outbox
                select s.* from staged s anti join push.outbox o on o.plan_id = s.plan_id and o.op_id = s.op_id;
                """
            )
        _set_bases(connection, self._bases)
        with staged(connection, "state.written", self._written):
            connection.execute(
                """
                create or replace temp macro plain(v) as coalesce(nullif(v::varchar, '""'), 'null'); -- both are blank
                update staged s set held_before = w.held_before from state.written w
                where w.record_key = s.record_key and w.name = s.name
                  and (plain(s.held_before) = plain(w.value)
                       or (w.observed is not null and plain(s.held_before) = plain(w.observed)));
                delete from state.written w using staged s where w.record_key = s.record_key and w.name = s.name;
                insert into state.written from staged;
                """
            )
        insert(connection, "state.link", self._links)
        hold_undone(connection, self.settings, self.plan_id)

    def _end(
        self, group: Group, state: OpState, code: str, message: str, record_id: str, observed: Mapping[str, Value]
    ) -> None:
        for op in group.ops:
            self._ends.append(
                _row(self.plan_id, self.run_id, group, op)
                | {
                    "record_id": op.record_id or record_id or None,
                    "state": state,
                    "observed": {n: observed[n] for n in op.new if n in observed} or None,
                    "code": code,
                    "message": message,
                    "ended_at": datetime.now(UTC),
                }
            )

    def _base(
        self, golden_id: str, key: str, name: str, value: Sequence[Value], observed: Sequence[Value] | None
    ) -> None:
        self._bases.append(
            {
                "golden_id": golden_id,
                "record_key": key,
                "field": name,
                "value": list(value),
                "observed": observed,
                "run_id": self.run_id,
            }
        )


def settle(connection: Connection, plan_id: int, run_id: int) -> None:
    """Complete the decisions of a plan whose writes have all landed: agreed values and the bases of unwritten records.

    One transaction; doing it twice changes nothing. Call it when no operation of the plan is on its way any more.
    """
    values = {"plan": plan_id, "run": run_id}
    connection.execute(
        """
        create or replace temp table complete as
        select d.golden_id, d.field, d.value, d.rule, d.field_hash, $run::integer as run_id
        from plan.decision d
        left join push.outbox o on o.plan_id = d.plan_id and o.golden_id = d.golden_id and o.field in (d.field, '*')
             and o.state = 'landed'
        where d.plan_id = $plan
        group by d.golden_id, d.field, d.value, d.rule, d.field_hash, d.writes
        having count(o.op_id) >= d.writes
        """,
        values,
    )
    connection.execute(
        """
        delete from state.agreed a using complete c where a.golden_id = c.golden_id and a.field = c.field;
        insert into state.agreed from complete;
        """
    )
    connection.execute(
        """
        create or replace temp table staged as
        select b.golden_id, b.record_key, b.field, b.value, null::json as observed, $run::integer as run_id
        from plan.base b join complete c on c.golden_id = b.golden_id and c.field = b.field
        where b.plan_id = $plan
        """,
        values,
    )
    _replace_bases(connection)
    connection.execute("drop table staged; drop table complete")


def _set_bases(connection: Connection, rows: Sequence[Row]) -> None:
    newest = {(row["record_key"], row["field"]): row for row in rows}
    with staged(connection, "state.base", newest.values()):
        _replace_bases(connection)


def _replace_bases(connection: Connection) -> None:
    """A base under another golden record goes as well: a record that leaves takes none along."""
    connection.execute(
        """
        delete from state.base b using staged s where b.record_key = s.record_key and b.field = s.field;
        insert into state.base from staged;
        """
    )


def _row(plan_id: int, run_id: int, group: Group, op: Op) -> Row:
    return {
        "op_id": op.op_id,
        "plan_id": plan_id,
        "run_id": run_id,
        "request_id": group.token,
        "state": OpState.SENT,
        "system": op.system,
        "object": op.object,
        "record_id": op.record_id,
        "create_key": op.create_key,
        "golden_id": op.golden_id,
        "field": op.field,
        "operation": op.operation,
        "old": dict(op.old),
        "new": dict(op.new),
        "needs": dict(op.needs) or None,
    }
