"""References in tests of the sync rules: what a field leads to has one name, in both CRMs.

Pure. Belongs here: from names to the ids that a CRM would give and back, sets one by one. Not here: values
of other fields (values.py), the records of a test (run.py).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from crm_pipeline.config import FieldMapping
from crm_pipeline.config.relation import shared
from crm_pipeline.extract.relations.relations import KEY_PREFIXES
from crm_pipeline.model import Kind, System, Value, may_hold
from crm_pipeline.plan.member import Base, Referred
from crm_pipeline.plan.operation import Operation
from crm_pipeline.plan.rules.case import Values
from crm_pipeline.plan.rules.values import BadCaseError

_Place = tuple[str | int, ...]


def named(field: FieldMapping, values: Values, loc: _Place) -> list[str]:
    """The records that a test says a reference leads to. Raises BadCaseError for what is no name, or too many."""
    held = values.get(field.name)
    if isinstance(held, dict):
        raise BadCaseError(f"'{field.name}' leads to records; write their names", (*loc, field.name))
    names = [str(one) for one in (held if isinstance(held, list) else [held]) if one not in (None, "")]
    if len(names) > 1 and not field.many:
        raise BadCaseError(f"'{field.name}' leads to one record; {len(names)} are written", (*loc, field.name))
    return names


def ids(fields: Iterable[FieldMapping], object_: str, values: Values, loc: _Place) -> dict[str, Value]:
    """CRM field -> the ids that it holds, of all references of a record. Raises BadCaseError where two share a look-up
    and both lead somewhere."""
    found: dict[str, Value] = {}
    for field in fields:
        (place,) = field.names(object_)
        held = ";".join(_id(field, place, name) for name in named(field, values, loc))
        if held and found.get(place):
            raise BadCaseError(f"{place} leads to one record, and this is the second one for it", (*loc, field.name))
        found[place] = held or found.get(place)
    return found


def bases(field: FieldMapping, object_: str, values: Values, every: Collection[str], loc: _Place) -> dict[str, Base]:
    """The bases of a reference, of a set one for each record. `every`: all that any base of the test names."""
    own = named(field, values, loc)
    if field.many:
        return {f"{field.name}/{name}": Base((name if name in own else None,)) for name in every}
    (place,) = field.names(object_)
    return {field.name: Base((_id(field, place, own[0]) if own else None,))}


def leads(fields: Iterable[FieldMapping], object_: str, held: Sequence[Values]) -> dict[tuple[Kind, str], Referred]:
    """What the ids of a record lead to."""
    found = {}
    for field in fields:
        (place,) = field.names(object_)
        for name in (name for values in held for name in named(field, values, ())):
            assert field.refers_to
            there = tuple((system, to, name) for system, to in may_hold(field.refers_to))
            found[field.refers_to, _id(field, place, name)] = Referred(name, there)
    return found


def after(field: FieldMapping, operations: Iterable[Operation], held: Sequence[str]) -> list[str] | None:
    """What a record's reference leads to once its operations have landed; None where none of them is about it."""
    names, touched = list(held), False
    for operation in operations:
        name, _, one = operation.field.partition("/")
        if name != field.name:
            continue
        touched = True
        (value,) = operation.new.values()
        if not field.many:
            names = [str(value)] if value else []
        elif value:
            names.append(str(value))
        else:
            names.remove(one)
    return sorted(names) if touched else None


def _id(field: FieldMapping, place: str, name: str) -> str:
    """As a record holds it: a look-up that several kinds share (WhatId) tells them by the first letters of the id."""
    if not shared(place):
        return name
    assert field.refers_to
    objects = [object_ for system, object_ in may_hold(field.refers_to) if system is System.SALESFORCE]
    return next(prefix for prefix, object_ in KEY_PREFIXES.items() if object_ in objects) + name
