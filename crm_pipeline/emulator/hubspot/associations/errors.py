"""What HubSpot says when an association cannot be made; the bodies are those of real answers in public repositories."""

from __future__ import annotations

from typing import Any

from crm_pipeline.emulator.hubspot.errors import HubSpotError

_MESSAGE, _CATEGORY = "One or more associations are invalid", "VALIDATION_ERROR"


def unknown_type(category: Any, type_id: Any) -> HubSpotError:
    """400 for a type that does not exist in this direction."""
    spec = f"{category}={type_id}"
    context = {
        "associationSpec": [spec],
        "INVALID_ASSOCIATION_TYPE_ID": [f"{spec} is not a valid association definition id"],
    }
    return HubSpotError(400, _MESSAGE, _CATEGORY, context=context)


def wrong_direction(from_type_id: str, expected_type_id: str) -> HubSpotError:
    """400 for a type, in a call that creates a record, that starts at another object type."""
    message = f"invalid from object type {from_type_id} for associations to be created. expected: {expected_type_id}"
    return HubSpotError(400, message, _CATEGORY)


def unknown_name(name: str, from_object: str, to_object: str) -> HubSpotError:
    """400 of v3 for a type that does not exist in this direction."""
    return HubSpotError(
        400,
        f"{name} is not a valid association type between {from_object} and {to_object}",
        _CATEGORY,
        sub_category="crm.associations.INVALID_ASSOCIATION_TYPE",
        context={"type": [name], "fromObjectType": [from_object], "toObjectType": [to_object]},
    )


def unknown_record(singular: str, record_id: str) -> HubSpotError:
    """400 for a record that does not exist, or that cannot be associated with itself."""
    name = singular.upper()
    context = {
        "INVALID_OBJECT_IDS": [f"{name}={record_id} is not valid"],
        "objectId": [record_id],
        "objectType": [name],
    }
    return HubSpotError(400, _MESSAGE, _CATEGORY, context=context)
