"""References between records: from an id in one CRM over the golden record to an id in the other.

Belongs here: which record of the other CRM it becomes, sets of references one
by one, and what waits for a record that is only being created. Pure. Not here: reading them (referring.py), the
decision, which is that of any other field (decision/).
"""

from __future__ import annotations

from collections import abc
from collections.abc import Iterator, Sequence
from dataclasses import replace

from crm_pipeline.config import Mapping
from crm_pipeline.config.field import FieldMapping
from crm_pipeline.config.relation import is_relation, leads_to, shared
from crm_pipeline.extract.relations.relations import KEY_PREFIXES
from crm_pipeline.model import Act, Kind, System, Value, may_hold
from crm_pipeline.plan.decision.state import FieldState
from crm_pipeline.plan.fit.compatibility import Schemas
from crm_pipeline.plan.fit.translate import blank_of
from crm_pipeline.plan.member import Member, Ruled, golden_ids
from crm_pipeline.plan.operation import Operation

#: Parents before children (spec sync-rules.md): a record may be created with references to earlier kinds only.
ORDER: abc.Mapping[Kind, int] = {
    Kind.COMPANY: 0,
    Kind.PERSON: 1,
    Kind.DEAL: 2,
    Kind.TICKET: 2,
    Kind.TASK: 3,
    Kind.ACTIVITY: 3,
}

#: Salesforce look-ups that lead to several objects; a describe names the first one only.
_POLYMORPHIC = frozenset({"WhoId", "WhatId"})
#: Whom a Salesforce activity is with.
WHO = "WhoId"


def ids_in(value: Value) -> list[str]:
    """The record ids in a raw value; a relation to several records gives them with `;` between."""
    return [] if value is None else [one for one in str(value).split(";") if one]


def kind_of(golden_id: str) -> Kind:
    """`person-12` -> person."""
    return Kind(golden_id.rpartition("-")[0])


def one_by_one(ruled: Ruled, members: Sequence[Member]) -> Iterator[tuple[Ruled, Sequence[Member]]]:
    """A field that leads to many records as one field for each of them, `people/person-7`: it holds that record's id or
    is blank. While a record's relations are unknown nothing is decided. Any other field as it is, with one id a record.
    """
    mapped = ruled.mapped
    if not mapped.many:
        yield ruled, members if mapped.refers_to is None else single(mapped, members)
        return
    names = _names(mapped, members)
    if any(names[m.key] not in m.fields for m in members if m.key in names):
        return
    prefix = f"{mapped.name}/"
    held = {m.key: _by_golden_id(mapped, m, names[m.key]) for m in members if m.key in names}
    based = {
        name.removeprefix(prefix)
        for m in members
        for name, base in m.bases.items()
        if name.startswith(prefix) and any(base.value)
    }
    for golden_id in sorted({g for found in held.values() for g in found} | based):
        one = replace(ruled, mapped=mapped.model_copy(update={"name": prefix + golden_id}))

        def seen(member: Member, one: FieldMapping = one.mapped, golden_id: str = golden_id) -> Member:
            if member.key not in names:
                return member
            name = names[member.key]
            return _unproved(
                one, replace(member, fields={**member.fields, name: held[member.key].get(golden_id)}), name
            )

        yield one, [seen(member) for member in members]


def single(mapped: FieldMapping, members: Sequence[Member]) -> list[Member]:
    """The members with one id each. Of several that a relation leads to it is one that the other side has as well, else
    the one before, else the first. A look-up that leads to another kind of record now says nothing about this one."""
    names = _names(mapped, members)
    held = {m.key: _by_golden_id(mapped, m, names[m.key]) for m in members if names.get(m.key) in m.fields}

    def one(member: Member) -> Member:
        name = names.get(member.key, "")
        if name not in member.fields:
            return member
        raw = member.fields[name]
        if shared(name) and raw and object_of(str(raw)) not in {o for _, o in may_hold(_kind(mapped))}:
            return replace(member, fields={n: v for n, v in member.fields.items() if n != name})
        if not is_relation(name):
            return _unproved(mapped, member, name)
        there = {g for m in members if m.system is not member.system for g in held.get(m.key, ())}
        ids = ids_in(raw)
        common = [i for g, i in held[member.key].items() if g in there]
        base = member.bases.get(mapped.name)
        chosen = next((i for i in (*common, base.value[0] if base else None, *ids) if i in ids), None)
        return _unproved(mapped, replace(member, fields={**member.fields, name: chosen}), name)

    return [one(member) for member in members]


def _unproved(mapped: FieldMapping, member: Member, name: str) -> Member:
    """The member without the base of a reference that went with the record it led to: nobody took it away, and a
    deletion in one CRM leaves the other's records as they are (on_record_delete: unlink)."""
    base = member.bases.get(mapped.name)
    if member.fields[name] or base is None or not base.value[0]:
        return member
    led = member.refers.get((_kind(mapped), str(base.value[0])))
    if led is None or not led.deleted:
        return member
    return replace(member, bases={n: b for n, b in member.bases.items() if n != mapped.name})


def object_of(record_id: str) -> str:
    """The object of a Salesforce record; empty for one that is not read."""
    return KEY_PREFIXES.get(record_id[:3], "")


def _kind(mapped: FieldMapping) -> Kind:
    assert mapped.refers_to is not None
    return mapped.refers_to


def _names(mapped: FieldMapping, members: Sequence[Member]) -> dict[str, str]:
    return {m.key: mapped.names(m.object)[0] for m in members if mapped.has(m.object)}


def _by_golden_id(mapped: FieldMapping, member: Member, name: str) -> dict[str, str]:
    """Golden id -> the first id of it that the record is related to."""
    found: dict[str, str] = {}
    for raw in ids_in(member.fields[name]):
        (golden_id,) = golden_ids(mapped, member, (raw,))
        found.setdefault(golden_id, raw)
    return found


def pointed(
    planned: Operation,
    mapped: FieldMapping,
    source: FieldState,
    holder: Member,
    schemas: Schemas,
    target: Member | None = None,
) -> Operation:
    """The operation with the id to write, or with what it `needs` where the other CRM has no such record yet.

    `planned` says where: in `target`, or in a new record; `source` is the value of `holder`. The operation is refused
    where it cannot be.
    """
    (name,) = mapped.names(planned.object)
    golden_id, raw = source.value[0], source.raw[0]
    relation = is_relation(name)
    if not golden_id:
        if not relation and not schemas[planned.system, planned.object][name].nillable:
            return planned.refused(f"{name} cannot be cleared")
        return replace(planned, new={name: blank_of(planned.system)})
    if relation:
        planned = replace(planned, operation=Act.ASSOCIATE)
    if shared(name) and target is not None and is_lead(target.fields.get(WHO)):
        why = f"blocked: {target.key} is with a lead, and Salesforce lets it be about nothing else; convert the lead"
        return planned.refused(why, "blocked")
    assert mapped.refers_to
    found = holder.refers.get((mapped.refers_to, str(raw)))
    if found is None:
        why = f"blocked: {holder.key} refers to {holder.system.label} {mapped.refers_to} {raw}, which is not read"
        return planned.refused(f"{why}: let it be read, or choose another one there", "blocked")
    allowed = leading_to(planned.system, planned.object, name, mapped.refers_to, schemas)
    there = [record_id for system, object_, record_id in found.records if (system, object_) in allowed]
    return replace(planned, new={name: there[0]}) if there else replace(planned, needs={name: golden_id})


def once(operations: Sequence[Operation], others: Sequence[Operation]) -> list[Operation]:
    """The operations, less those that would write a look-up which one of the `others` gives another record."""
    taken = {(o.record_key, n): o.field for o in others if not o.problem for n in (*o.new, *o.needs) if shared(n)}

    def free(operation: Operation) -> Operation:
        for name in (*operation.new, *operation.needs):
            field = taken.get((operation.record_key, name))
            if field is not None:
                return operation.refused(f"blocked: {name} leads to one record, and {field} gives it one", "blocked")
        return operation

    return [free(operation) for operation in operations]


def leading_to(system: System, object_: str, name: str, kind: Kind, schemas: Schemas) -> frozenset[tuple[System, str]]:
    """The objects that a reference may lead to in its CRM."""
    if is_relation(name):
        return frozenset({(system, leads_to(name))})
    every = frozenset(at for at in may_hold(kind) if at[0] is system)
    schema = schemas.get((system, object_), {}).get(name)
    if system is System.HUBSPOT or name in _POLYMORPHIC or schema is None or not schema.references:
        return every
    return every & {(system, schema.references)}


def waits(operation: Operation) -> bool:
    """Whether a reference can only be sent after all creates: a relation, or to a record that is created no earlier."""
    if any(is_relation(name) for name in (*operation.new, *operation.needs)):
        return True
    return any(ORDER[kind_of(g)] >= ORDER[operation.kind] for g in operation.needs.values())


def follows(operation: Operation) -> bool:
    """Whether an operation is sent after all creates."""
    return operation.operation is not Act.CREATE and (operation.record_id is None or waits(operation))


def in_order(operations: Sequence[Operation]) -> list[Operation]:
    """Parents first, as they come; what follows all creates by object and relation."""

    def place(o: Operation) -> tuple[bool, str, str, str, str]:
        return any(is_relation(n) for n in (*o.new, *o.needs)), o.system, o.object, o.field.partition("/")[0], o.op_id

    first = [o for o in operations if not follows(o)]
    return [*sorted(first, key=lambda o: ORDER[o.kind]), *sorted((o for o in operations if follows(o)), key=place)]


def resolved(operations: Sequence[Operation], schemas: Schemas) -> list[Operation]:
    """The operations in sending order, those `blocked` that need a record which this plan does not create either.

    A new record goes without a reference that it can do without, unless the other record's create was refused: then it
    waits with it. Twice gives the same as once.
    """
    created: dict[tuple[str, System], Operation] = {}
    found = []
    for operation in in_order(operations):
        operation = _checked(operation, created, schemas)
        if operation.operation is Act.CREATE:
            created[operation.golden_id, operation.system] = operation
        found.append(operation)
    return found


def _of_a_lead(operation: Operation, created: abc.Mapping[tuple[str, System], Operation]) -> bool:
    """Whether a new activity is with a lead: Salesforce lets it be about nothing else then."""
    person = created.get((operation.needs.get(WHO, ""), operation.system))
    return is_lead(operation.new.get(WHO)) or (person is not None and person.object == "Lead")


def is_lead(record_id: Value) -> bool:
    return object_of(str(record_id or "")) == "Lead"


def _checked(operation: Operation, created: abc.Mapping[tuple[str, System], Operation], schemas: Schemas) -> Operation:
    if operation.problem:
        return operation
    label = operation.system.label
    if operation.operation is Act.CREATE and _of_a_lead(operation, created):
        new = {n: v for n, v in operation.new.items() if not shared(n)}
        operation = replace(operation, new=new, needs={n: g for n, g in operation.needs.items() if not shared(n)})
    if operation.record_id is None and operation.operation is not Act.CREATE:
        own = created.get((operation.golden_id, operation.system))
        if own is None or own.problem:
            why = f": {own.problem}" if own else ""
            return operation.refused(f"blocked: waits for its {label} record, which is not created{why}", "blocked")
    for name, golden_id in operation.needs.items():
        parent = created.get((golden_id, operation.system))
        allowed = leading_to(operation.system, operation.object, name, kind_of(golden_id), schemas)
        fits = parent is not None and (parent.system, parent.object) in allowed
        if parent is not None and fits and not parent.problem:
            continue
        schema = schemas.get((operation.system, operation.object), {}).get(name)
        required = schema is not None and schema.required_on_create
        if operation.operation is Act.CREATE and not required and not (parent and fits):
            operation = replace(operation, needs={n: g for n, g in operation.needs.items() if n != name})
            continue
        objects = " or ".join(sorted(object_ for _, object_ in allowed))
        why = f": {parent.problem}" if parent and fits else ", and none is being created"
        return operation.refused(f"blocked: waits for {golden_id}: {label} has no {objects} of it{why}", "blocked")
    return operation


def left_blank(before: Sequence[Operation], after: Sequence[Operation], mapping: Mapping) -> set[tuple[str, str]]:
    """(golden id, field) of references that new records go without: their decisions are not completed by the create."""

    def named(operations: Sequence[Operation]) -> set[tuple[str, str]]:
        return {
            (o.golden_id, field.name)
            for o in operations
            if o.operation is Act.CREATE
            for field in mapping.of(o.kind).fields
            if field.refers_to and field.has(o.object) and field.names(o.object)[0] in {*o.new, *o.needs}
        }

    return named(before) - named(after)
