"""Did a record move since the plan read it? Compared in canonical form, field by field (law 23)."""

from __future__ import annotations

from collections.abc import Mapping

from crm_pipeline.canonical import canonical
from crm_pipeline.config.field import FieldMapping
from crm_pipeline.config.settings import Settings
from crm_pipeline.model import System, Value


def field_of(settings: Settings, object_: str, name: str) -> FieldMapping | None:
    """The mapped field that a CRM field belongs to, or None (our key field)."""
    fields = (f for kind in settings.mapping.kinds_of(object_) for f in kind.fields)
    return next((f for f in fields if f.has(object_) and name in f.names(object_)), None)


def same(
    settings: Settings, system: System, object_: str, left: Mapping[str, Value], right: Mapping[str, Value]
) -> bool:
    """Whether two records hold K-equal values in every field of `left`. A field missing from `right` is a move."""
    for name, value in left.items():
        if name not in right:
            return False
        if value == right[name]:
            continue
        field = field_of(settings, object_, name)
        if field is None:
            return False
        one, two = (
            canonical(field, system, (v,), region=settings.phone_region, zone=settings.zone)
            for v in (value, right[name])
        )
        if one != two:
            return False
    return True
