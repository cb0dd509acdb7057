"""Does the mapping fit both live schemas? A field that does not is left out and reported; the others go on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from crm_pipeline.config.field import FieldMapping
from crm_pipeline.config.kind import KindMapping
from crm_pipeline.crm.protocol import FieldSchema
from crm_pipeline.model import Rule, System
from crm_pipeline.plan.decision.decide import may_write
from crm_pipeline.plan.fit.types import shape, writable

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


def schema_hash(schemas: Schemas) -> str:
    """Changes when a field of either CRM does: an approval is for the schemas that it was given under."""
    text = json.dumps(
        sorted((s, o, repr(sorted(fields.items()))) for (s, o), fields in schemas.items()), ensure_ascii=False
    )
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def is_unique(system: System, object_: str, schema: FieldSchema) -> bool:
    """Whether two records of the CRM can never hold the same value of this field."""
    return schema.unique or (system, object_, schema.name) in UNIQUE


def _problems(mapping: KindMapping, field: FieldMapping, schemas: Schemas) -> Iterator[Incompatible]:
    if field.rule is Rule.DONT_SYNC:
        return
    own = list(_own_problems(mapping, field, schemas))
    yield from own
    if not own:
        yield from _type_problems(mapping, field, schemas)


def _own_problems(mapping: KindMapping, field: FieldMapping, schemas: Schemas) -> Iterator[Incompatible]:
    """What hinders each CRM field by itself."""
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


def _type_problems(mapping: KindMapping, field: FieldMapping, schemas: Schemas) -> Iterator[Incompatible]:
    """What hinders the way from one CRM to the other. A path is followed to the object that it leads to."""
    for _, object_ in mapping.objects[1:]:
        if not field.has(object_):
            continue
        for hubspot_name, name in zip(field.names(mapping.hubspot), field.names(object_), strict=True):
            relation, _, target = name.rpartition(".")
            hubspot = schemas.get((System.HUBSPOT, mapping.hubspot), {}).get(hubspot_name)
            salesforce = schemas.get((System.SALESFORCE, relation or object_), {}).get(target)
            if hubspot is None or salesforce is None:
                continue
            shapes = shape(System.HUBSPOT, hubspot), shape(System.SALESFORCE, salesforce)
            allowed = writable(*shapes, value_map=field.values is not None)
            wanted = {s for s in System if may_write(field.rule, s) and not (relation and s is System.SALESFORCE)}
            if allowed and wanted <= allowed:
                continue
            yield Incompatible(
                field.name,
                System.SALESFORCE,
                object_,
                name,
                f"HubSpot {mapping.hubspot}.{hubspot_name} ({hubspot.label}) holds {shapes[0]} ({_type(hubspot)}), "
                f"Salesforce {object_}.{name} ({salesforce.label}) {shapes[1]} ({_type(salesforce)}): "
                + _advice(field, allowed),
            )


def _advice(field: FieldMapping, allowed: frozenset[System]) -> str:
    if not allowed:
        return "they do not fit; change one of the types, or map the field to another one"
    (target,) = allowed
    return (
        f"that fits from {target.other.label} to {target.label} only, and {field.rule} writes both ways or the other "
        f"way; use always_{target.other}, or change one of the types"
    )


def _type(schema: FieldSchema) -> str:
    return f"{schema.type}, {schema.field_type}" if schema.field_type else schema.type
