"""Selective sync: which records of a golden record take part (spec sync-rules.md, Creating, deleting, merging).

Belongs here: the mapping's switches and filters applied to linked records, and the memory of who is left out. A record
that leaves keeps its link and bases, frozen; when it comes back it is NEW. Not here: the conditions (config/filter.py).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from crm_pipeline.canonical import canonical, is_blank
from crm_pipeline.config.field import FieldMapping
from crm_pipeline.config.filter import Condition
from crm_pipeline.config.kind import KindMapping, SyncSwitch
from crm_pipeline.config.mapping import Mapping
from crm_pipeline.model import System
from crm_pipeline.plan.member import Holder, Member, raw_parts
from crm_pipeline.warehouse import Connection
from crm_pipeline.warehouse.bulk import insert


@dataclass(frozen=True)
class Sorted:
    """The records of a golden record that take part, ready for planning, and the keys of those that do not.

    `left_out`: to be remembered as being outside; `back`: they were outside and take part again, as NEW. A record of
    which it cannot be told, because a field was not read, is in neither list and takes no part for now.
    """

    inside: list[Member]
    left_out: list[str]
    back: list[str]


def taking_part(mapping: KindMapping, members: Sequence[Member], outside: frozenset[str]) -> Sorted:
    """Sort a golden record's live records. `outside`: keys of those that were left out before.

    A HubSpot record takes part if any pair of objects that it is in lets it: the pairs with its golden record's
    Salesforce objects, or while there is none, those whose record would be created.
    """
    if outside.isdisjoint(m.key for m in members) and all(_unlimited(s) for s in mapping.salesforce.values()):
        return Sorted(list(members), [], [])
    objects = {m.object for m in members if m.system is System.SALESFORCE}
    objects = objects or {o for o, switch in mapping.salesforce.items() if switch.to_salesforce == "create"}
    objects = objects or set(mapping.salesforce)
    result = Sorted([], [], [])
    for member in members:
        pairs = {member.object} if member.system is System.SALESFORCE else objects
        switches = [switch for object_, switch in mapping.salesforce.items() if object_ in pairs]
        verdicts = [_lets(mapping, switch, member) for switch in switches]
        if True in verdicts:
            if member.key in outside:
                result.back.append(member.key)
                member = replace(member, bases={})
            locked = all(switch.towards(member.system) == "off" for switch in switches)
            result.inside.append(replace(member, read_only=locked) if locked else member)
        elif None not in verdicts and (member.bases or not all(_off(switch) for switch in switches)):
            result.left_out.append(member.key)
    return result


def tested(mapping: KindMapping, system: System, object_: str) -> frozenset[str]:
    """The CRM fields of an object that filters of the mapping test."""
    conditions = (c for switch in _switches(mapping, system, object_) for c in switch.filter.of(system))
    fields = (field for c in conditions if (field := mapping.field(c.field)).has(object_))
    return frozenset(name for field in fields for name in field.names(object_))


def surely_outside(mapping: KindMapping, record: Holder, objects: Collection[str]) -> bool:
    """Whether no pair of objects lets a record take part as it is now. `objects`: the Salesforce objects of its golden
    record, or that of the record that is to be made for it. False where it cannot be told."""
    found = _switches(mapping, record.system, record.object, objects)
    return bool(found) and all(_lets(mapping, switch, record) is False for switch in found)


def linked_objects(connection: Connection, mapping: Mapping, plan_id: int) -> dict[str, frozenset[str]]:
    """By golden id, the Salesforce objects of the golden records of a plan; nothing where no filter asks for them."""
    if all(_unlimited(switch) for kind in mapping.kinds for switch in kind.salesforce.values()):
        return {}
    rows = connection.execute(
        "select golden_id, list(distinct object) from golden.link where system = 'salesforce' and retired is null "
        "and golden_id in (select golden_id from plan.change where plan_id = ?) group by golden_id",
        [plan_id],
    ).fetchall()
    return {golden_id: frozenset(objects) for golden_id, objects in rows}


def _switches(mapping: KindMapping, system: System, object_: str, objects: Collection[str] = ()) -> list[SyncSwitch]:
    """The switches that a record may take part by: of a HubSpot record those of what it is linked with, or all."""
    named = {object_} if system is System.SALESFORCE else objects or set(mapping.salesforce)
    return [switch for name, switch in mapping.salesforce.items() if name in named]


def _unlimited(switch: SyncSwitch) -> bool:
    return "off" not in (switch.to_salesforce, switch.to_hubspot) and not (
        switch.filter.to_salesforce or switch.filter.to_hubspot
    )


def _off(switch: SyncSwitch) -> bool:
    return switch.to_salesforce == switch.to_hubspot == "off"


def _lets(mapping: KindMapping, switch: SyncSwitch, member: Holder) -> bool | None:
    """Whether a pair of objects lets a record take part; None when a field of the filter was not read."""
    if _off(switch):
        return False
    results = [_met(mapping.field(c.field), c, member) for c in switch.filter.of(member.system)]
    return False if False in results else None if None in results else True


def _met(field: FieldMapping, condition: Condition, member: Holder) -> bool | None:
    """Whether a record meets a condition; None when it cannot be told, because the field was not read."""
    raw = raw_parts(field, member)
    if raw is None:
        return None
    value = canonical(field, member.system, raw)
    if condition.not_blank or condition.blank:
        return is_blank(value) is condition.blank
    named = {canonical(field, member.system, (one,)) for one in condition.any_of or condition.none_of}
    return (value in named) is bool(condition.any_of)


def load(connection: Connection) -> frozenset[str]:
    """Keys of the records that were left out by the last plan that looked at them."""
    return frozenset(key for (key,) in connection.execute("select record_key from state.outside").fetchall())


def remember(connection: Connection, left_out: Collection[str], back: Collection[str], run_id: int) -> None:
    """Records left the filter, or came back; one that is back has no bases any more."""
    left_out = sorted(set(left_out) - load(connection)) if left_out else []
    insert(
        connection,
        "state.outside",
        ({"record_key": key, "since_run": run_id} for key in left_out),
    )
    if back:
        for table in ("state.outside", "state.base"):
            connection.execute(f"delete from {table} where record_key in (select unnest(?::varchar[]))", [sorted(back)])
