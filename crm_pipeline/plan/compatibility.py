"""Does the mapping fit both live schemas? A field that does not is left out and reported; the others go on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from crm_pipeline.config.field import FieldMapping
from crm_pipeline.config.kind import KindMapping
from crm_pipeline.crm.protocol import FieldSchema
from crm_pipeline.model import Rule, System
from crm_pipeline.plan.decide import may_write

#: (system, object) -> field name -> description
Schemas = Mapping[tuple[System, str], Mapping[str, FieldSchema]]

#: Fields that a CRM keeps unique although its description may not say so (facts/hubspot.md 4: contacts by e-mail).
UNIQUE = frozenset({(System.HUBSPOT, "contacts", "email")})


@dataclass(frozen=True)
class Incompatible:
    """互換性がありません: which field, where, why, and what to do about it."""

    field: str
    system: System
    object: str
    name: str
    why: str


def incompatible(mapping: KindMapping, schemas: Schemas) -> list[Incompatible]:
    """Mapped fields that cannot do what their rule wants."""
    return [problem for field in mapping.fields for problem in _problems(mapping, field, schemas)]


def is_unique(system: System, object_: str, schema: FieldSchema) -> bool:
    """Whether two records of the CRM can never hold the same value of this field."""
    return schema.unique or (system, object_, schema.name) in UNIQUE


def _problems(mapping: KindMapping, field: FieldMapping, schemas: Schemas) -> Iterator[Incompatible]:
    if field.rule is Rule.DONT_SYNC:
        return
    for system, object_ in mapping.objects:
        if not field.has(object_) or field.read_only(object_):
            continue
        for name in field.names(object_):
            schema = schemas.get((system, object_), {}).get(name)
            where = f"{system.label} {object_}.{name}"
            if schema is None:
                why = f"{where} cannot be seen: it was removed, or this user lost the permission to read it"
            elif schema.calculated and field.rule in (Rule.TWO_WAY, Rule.MOST_COMPLETE, Rule.ASK):
                why = f"{where} is calculated: it moves no time and cannot be a source of {field.rule}; use always_*"
            elif may_write(field.rule, system) and (schema.calculated or not schema.updateable):
                why = f"{where} is read-only, and {field.rule} writes it; use always_{system}"
            else:
                continue
            yield Incompatible(field.name, system, object_, name, why)
