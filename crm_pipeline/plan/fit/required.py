"""Fields that a CRM requires of a new record and that the mapping never fills: a mistake of the mapping, told once an
object and before the first create.

Pure. Not here: a new record that lacks a value although its field is mapped (plan/records/create.py).
"""

from __future__ import annotations

from collections.abc import Iterator

from crm_pipeline.config.kind import KindMapping
from crm_pipeline.model import System
from crm_pipeline.plan.decision.decide import may_write
from crm_pipeline.plan.fit.compatibility import Schemas


def unfilled(mapping: KindMapping, schemas: Schemas) -> Iterator[str]:
    """A sentence for each object in which the mapping creates records and that requires what no field of it writes."""
    for system, object_ in mapping.objects:
        names = never_filled(mapping, schemas, system, object_) if _creates(mapping, system, object_) else []
        if names:
            yield lacking(system, object_, names)


def lacking(system: System, object_: str, names: list[str]) -> str:
    """What is wrong, and what to do."""
    needed = ", ".join(names)
    return f"{system.label} {object_} needs {needed}, which the mapping does not fill; add the field, or set no create"


def never_filled(mapping: KindMapping, schemas: Schemas, system: System, object_: str) -> list[str]:
    """The names of the fields that a new record needs and that no field, stopgap or constant of the mapping gives."""
    filled = {mapping.key.of(system)}
    for field in mapping.fields:
        if field.has(object_) and not field.read_only(object_) and may_write(field.rule, system):
            filled.update(field.names(object_))
        if object_ in field.default_on_create:
            filled.update(field.names(object_)[:1])
    for pair in mapping.pairs:
        if object_ == pair.salesforce:
            filled.update(pair.on_create)
    schema = schemas.get((system, object_), {}).values()
    return sorted(one.name for one in schema if one.required_on_create and one.name not in filled)


def _creates(mapping: KindMapping, system: System, object_: str) -> bool:
    if system is System.SALESFORCE:
        return mapping.switch(object_).to_salesforce == "create"
    pairs = [pair for pair in mapping.counterparts if pair.hubspot == object_]
    return any(mapping.switch(pair.salesforce).to_hubspot == "create" for pair in pairs)
