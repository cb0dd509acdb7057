"""What this push itself changed at the source of a later write: a value over a relation, whose ends it just wrote.

The planned value would be the old one, so that the write gives way like any other; but nobody edited anything, and
people must not look for who did. Belongs here: telling our own writes from a user's edit. Not here: that the source
moved (rereading.py).
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from crm_pipeline.config.relation import look_up_of
from crm_pipeline.config.settings import Settings
from crm_pipeline.extract.relations.relations import KEY_PREFIXES
from crm_pipeline.model import SourceRecord, Value, record_key, split_record_key
from crm_pipeline.push.before.recheck import same
from crm_pipeline.push.operation import Op
from crm_pipeline.warehouse import Connection, Warehouse

#: Record key -> CRM field -> what it may hold: as sent, or as the CRM made it.
_Held = Mapping[str, Mapping[str, Sequence[Value]]]


@dataclass(frozen=True)
class OwnWrites:
    """What landed in one push so far."""

    warehouse: Warehouse
    settings: Settings
    plan_id: int

    def moved(self, ops: Sequence[Op], sources: Mapping[str, SourceRecord]) -> set[str]:
        """The operations (their ids) whose source holds just what it must hold after what this push wrote. `ops`: those
        whose source holds something else than planned."""
        there = [op for op in ops if op.source_key in sources]
        if not there:
            return set()
        keys = {op.source_key or "" for op in there}
        with self.warehouse.connect() as connection:
            landed = _landed(connection, self.plan_id, keys)
            read = _read(connection, keys)
            ends = {key: self._ends(key, [op for op in there if op.source_key == key], landed, read) for key in keys}
            others = {other for related in ends.values() for other in related.values()}
            landed = landed | _landed(connection, self.plan_id, others)
            read = read | _read(connection, others)
        return {op.op_id for op in there if self._ours(op, sources[op.source_key or ""], landed, read, ends)}

    def _ends(self, key: str, ops: Sequence[Op], landed: _Held, read: _Held) -> dict[str, str]:
        """Relation of a record -> key of the record that it leads to after our writes, as far as fields go over it."""
        system, _, _ = split_record_key(key)
        found = {}
        for relation in {name.rpartition(".")[0] for op in ops for name in op.source_value} - {""}:
            held = landed.get(key, {}).get(look_up_of(relation)) or read.get(key, {}).get(look_up_of(relation), ())
            if record_id := next((str(one) for one in held if one), ""):
                found[relation] = record_key(system, KEY_PREFIXES.get(record_id[:3], relation), record_id)
        return found

    def _ours(
        self, op: Op, source: SourceRecord, landed: _Held, read: _Held, ends: Mapping[str, Mapping[str, str]]
    ) -> bool:
        key = op.source_key or ""
        for name, planned in op.source_value.items():
            if name not in source.fields:
                return False
            now = {name: source.fields[name]}
            if same(self.settings, source.system, source.object, {name: planned}, now):
                continue
            relation, _, own = name.rpartition(".")
            other = ends[key].get(relation, "") if relation else key
            made = landed.get(other, {}).get(own, ())
            if relation and not made and look_up_of(relation) in landed.get(key, {}):
                made = read.get(other, {}).get(own, ())  # led there by this push, as it was read
            if not any(same(self.settings, source.system, source.object, {name: one}, now) for one in made):
                return False
        return True


def _landed(connection: Connection, plan_id: int, keys: Collection[str]) -> dict[str, dict[str, list[Value]]]:
    rows = connection.execute(
        "select system || '/' || object || '/' || record_id, new, observed from push.outbox "
        "where plan_id = ? and state = 'landed' and record_id is not null "
        "and system || '/' || object || '/' || record_id in (select unnest(?::varchar[]))",
        [plan_id, sorted(keys)],
    ).fetchall()
    found: dict[str, dict[str, list[Value]]] = {}
    for key, *told in rows:
        for name, value in (pair for one in told if one for pair in json.loads(one).items()):
            found.setdefault(key, {}).setdefault(name, []).append(value)
    return found


def _read(connection: Connection, keys: Collection[str]) -> dict[str, dict[str, list[Value]]]:
    rows = connection.execute(
        "select record_key, fields from raw.record where record_key in (select unnest(?::varchar[]))", [sorted(keys)]
    ).fetchall()
    return {key: {name: [value] for name, value in json.loads(fields).items()} for key, fields in rows}
