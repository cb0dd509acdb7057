"""Search filters on associations: the pseudo-properties `associations.contact`, `associations.company` and so on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crm_pipeline.emulator.hubspot.errors import HubSpotError, invalid
from crm_pipeline.emulator.hubspot.object_types import ObjectType, object_type
from crm_pipeline.emulator.hubspot.portal import Portal
from crm_pipeline.emulator.hubspot.search.filters import Filter, asked_value, asked_values, named, unknown_property

PREFIX = "associations."


def association_filter(portal: Portal, kind: ObjectType, given: Mapping[str, Any]) -> Filter:
    """A filter of records of `kind` by the ids of records they are associated with. Raises HubSpotError 400."""
    name, operator = named(given)
    try:
        end = object_type(name.removeprefix(PREFIX))
    except HubSpotError:
        raise unknown_property(name) from None
    links = portal.associations
    if operator in ("HAS_PROPERTY", "NOT_HAS_PROPERTY"):
        wanted = operator == "HAS_PROPERTY"
        return Filter(
            name,
            operator,
            None,
            lambda properties: (links.count(kind.name, properties["hs_object_id"], end.name) > 0) is wanted,
        )
    if operator not in ("EQ", "IN"):
        raise invalid(f"operator {operator} is not supported for {name}")
    ids = [asked_value(given, operator)] if operator == "EQ" else asked_values(given, operator)
    ends = [record for record_id in ids if (record := portal.table(end.name).find(record_id)) is not None]
    numbers = frozenset(int(one) for record in ends for one in links.of(end.name, record.id, kind.name))
    return Filter(name, operator, None, lambda properties: int(properties["hs_object_id"]) in numbers, numbers=numbers)
