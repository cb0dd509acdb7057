"""Which object types the emulated portal has, and what HubSpot calls their parts.

Belongs here: names, type ids, and the properties a read returns without being asked. Not here: property definitions,
records. Source: HubSpot documentation, "understanding the CRM" (type ids) and the example answers of each object's
guide (default properties).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from crm_pipeline.emulator.hubspot.elsewhere.empty_types import EMPTY, EMPTY_TYPES
from crm_pipeline.emulator.hubspot.errors import HubSpotError


@dataclass(frozen=True)
class ObjectType:
    """An object type.

    `created_property` and `modified_property` hold its times; `defaults` are what a read returns when asked for
    nothing; `required` must have a value when a record is created (through the API).
    """

    name: str
    singular: str
    type_id: str
    created_property: str
    modified_property: str
    defaults: tuple[str, ...]
    required: tuple[str, ...] = ()

    @cached_property
    def always(self) -> tuple[str, ...]:
        """Properties that every answer about a record carries."""
        return (self.created_property, "hs_object_id", self.modified_property)

    @property
    def is_activity(self) -> bool:
        """Whether it is one of calls, emails, meetings, notes and tasks."""
        return self.created_property == "hs_createdate" and not self.is_empty

    @cached_property
    def is_empty(self) -> bool:
        """Whether the portal has no records of it and never will."""
        return self.name in EMPTY


def _activity(name: str, type_id: str) -> ObjectType:
    defaults = ("hs_createdate", "hs_lastmodifieddate", "hs_object_id")
    return ObjectType(name, name[:-1], type_id, "hs_createdate", "hs_lastmodifieddate", defaults, ("hs_timestamp",))


OBJECT_TYPES = (
    ObjectType(
        "contacts",
        "contact",
        "0-1",
        "createdate",
        "lastmodifieddate",
        ("createdate", "email", "firstname", "hs_object_id", "lastmodifieddate", "lastname"),
    ),
    ObjectType(
        "companies",
        "company",
        "0-2",
        "createdate",
        "hs_lastmodifieddate",
        ("createdate", "domain", "hs_lastmodifieddate", "hs_object_id", "name"),
    ),
    ObjectType(
        "deals",
        "deal",
        "0-3",
        "createdate",
        "hs_lastmodifieddate",
        (
            "amount",
            "closedate",
            "createdate",
            "dealname",
            "dealstage",
            "hs_lastmodifieddate",
            "hs_object_id",
            "pipeline",
        ),
    ),
    ObjectType(
        "tickets",
        "ticket",
        "0-5",
        "createdate",
        "hs_lastmodifieddate",
        (
            "content",
            "createdate",
            "hs_lastmodifieddate",
            "hs_object_id",
            "hs_pipeline",
            "hs_pipeline_stage",
            "hs_ticket_category",
            "hs_ticket_priority",
            "subject",
        ),
        ("hs_pipeline_stage",),
    ),
    _activity("tasks", "0-27"),
    _activity("notes", "0-46"),
    _activity("meetings", "0-47"),
    _activity("calls", "0-48"),
    _activity("emails", "0-49"),
)


def _empty(name: str, singular: str, type_id: str) -> ObjectType:
    defaults = ("hs_createdate", "hs_lastmodifieddate", "hs_object_id")
    return ObjectType(name, singular, type_id, "hs_createdate", "hs_lastmodifieddate", defaults)


#: With those that can only be read, and are empty.
ALL_TYPES = (*OBJECT_TYPES, *(_empty(one.name, one.singular, one.type_id) for one in EMPTY_TYPES))

_BY_NAME = {name: kind for kind in ALL_TYPES for name in (kind.name, kind.singular, kind.type_id)}
_BY_NAME |= {one.other_name: _BY_NAME[one.name] for one in EMPTY_TYPES if one.other_name}


def object_type(name: str) -> ObjectType:
    """The object type of a path or call: plural, singular or type id, in any capitalisation.

    Raises HubSpotError 400 for one that HubSpot does not have.
    """
    kind = _BY_NAME.get(name.lower())
    if kind is None:
        raise HubSpotError(400, f"Unable to infer object type from: {name}")  # real answers have no category
    return kind
