"""Which object types the emulated portal has, and what HubSpot calls their parts."""

from __future__ import annotations

from dataclasses import dataclass

from crm_pipeline.emulator.hubspot.errors import HubSpotError


@dataclass(frozen=True)
class ObjectType:
    """An object type; `modified_property` is its change time, `defaults` what a read returns when asked for nothing."""

    name: str
    singular: str
    type_id: str
    modified_property: str
    defaults: tuple[str, ...]

    @property
    def always(self) -> tuple[str, ...]:
        """Properties that every answer about a record carries."""
        return ("createdate", "hs_object_id", self.modified_property)


OBJECT_TYPES = (
    ObjectType(
        "contacts",
        "contact",
        "0-1",
        "lastmodifieddate",
        ("createdate", "email", "firstname", "hs_object_id", "lastmodifieddate", "lastname"),
    ),
    ObjectType(
        "companies",
        "company",
        "0-2",
        "hs_lastmodifieddate",
        ("createdate", "domain", "hs_lastmodifieddate", "hs_object_id", "name"),
    ),
)

_BY_NAME = {name: kind for kind in OBJECT_TYPES for name in (kind.name, kind.singular, kind.type_id)}


def object_type(name: str) -> ObjectType:
    """The object type of a path or call: plural, singular or type id, in any capitalisation.

    Raises HubSpotError 400 for a type that this portal does not have.
    """
    kind = _BY_NAME.get(name.lower())
    if kind is None:
        raise HubSpotError(400, f"Unable to infer object type from: {name}", "VALIDATION_ERROR")
    return kind
